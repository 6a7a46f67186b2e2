"""The app's registration."""

from django.apps import AppConfig


class IndicatorsConfig(AppConfig):
    """Values of targets over time."""

    name = "bishui.server.indicators"
    label = "indicators"

    def ready(self) -> None:
        """Make known what is computed after an import."""
        from bishui.server.indicators import series
        from bishui.server.sites import services

        services.warm_also(series.warm)
