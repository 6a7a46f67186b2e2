"""The app's registration."""

from django.apps import AppConfig


class WatersConfig(AppConfig):
    """Water quality of rivers and areas, compared."""

    name = "bishui.server.waters"
    label = "waters"

    def ready(self) -> None:
        """Make known what is computed after an import."""
        from bishui.server.sites import services
        from bishui.server.waters import warming

        services.warm_also(warming.warm)
