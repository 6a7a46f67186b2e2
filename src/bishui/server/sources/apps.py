"""The app's registration."""

from django.apps import AppConfig


class SourcesConfig(AppConfig):
    """Drinking-water sources, aquatic ecology, water use."""

    name = "bishui.server.sources"
    label = "sources"

    def ready(self) -> None:
        """Make the daily look at quarterly releases known."""
        from bishui.server.core import daily
        from bishui.server.sources import releases

        daily.register("sources.releases", releases.daily)
