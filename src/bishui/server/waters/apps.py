"""The app's registration."""

from django.apps import AppConfig


class WatersConfig(AppConfig):
    """Water quality of rivers and areas, compared."""

    name = "bishui.server.waters"
    label = "waters"
