"""The app's registration."""

from django.apps import AppConfig


class IndicatorsConfig(AppConfig):
    """Values of targets over time."""

    name = "bishui.server.indicators"
    label = "indicators"
