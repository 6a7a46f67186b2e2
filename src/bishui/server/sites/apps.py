"""The app's registration."""

from django.apps import AppConfig


class SitesConfig(AppConfig):
    """Sites, their measurements and what these mean."""

    name = "bishui.server.sites"
    label = "sites"

    def ready(self) -> None:
        """Make the import of measurements known, and the daily tidying of their store."""
        from bishui.server.core import daily, imports
        from bishui.server.sites import ahead, tidying
        from bishui.server.sites.importing import ObservationsImport

        imports.register(ObservationsImport())
        daily.register("sites.tidied", tidying.tidy)
        ahead.register()
