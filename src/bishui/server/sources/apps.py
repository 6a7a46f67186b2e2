"""The app's registration."""

from django.apps import AppConfig


class SourcesConfig(AppConfig):
    """Drinking-water sources, aquatic ecology, water use."""

    name = "bishui.server.sources"
    label = "sources"

    def ready(self) -> None:
        """Make the daily look at quarterly releases known, and what is computed after an import."""
        from bishui.server.core import daily
        from bishui.server.sites import services
        from bishui.server.sources import attainment, releases

        daily.register("sources.releases", releases.daily)
        services.warm_also(attainment.warm)
