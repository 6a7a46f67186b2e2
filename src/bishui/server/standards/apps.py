"""The app's registration."""

from django.apps import AppConfig


class StandardsConfig(AppConfig):
    """Limits, settings of methods, and a bureau's own values."""

    name = "bishui.server.standards"
    label = "standards"
