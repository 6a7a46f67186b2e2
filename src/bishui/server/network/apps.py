"""The app's registration."""

from django.apps import AppConfig


class NetworkConfig(AppConfig):
    """The river network, traces, drills and capacity."""

    name = "bishui.server.network"
    label = "network"

    def ready(self) -> None:
        """Make the import of networks known."""
        from bishui.server.core import imports
        from bishui.server.network.importing import NetworkImport

        imports.register(NetworkImport())
