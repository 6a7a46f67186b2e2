"""The app's registration."""

from django.apps import AppConfig


class SitesConfig(AppConfig):
    """Sites, their measurements and what these mean."""

    name = "bishui.server.sites"
    label = "sites"

    def ready(self) -> None:
        """Make the import of measurements known."""
        from bishui.server.core import imports
        from bishui.server.sites.importing import ObservationsImport

        imports.register(ObservationsImport())
