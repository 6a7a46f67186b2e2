"""The app's registration."""

from django.apps import AppConfig


class PortalConfig(AppConfig):
    """What the public sees and says."""

    name = "bishui.server.portal"
    label = "portal"
