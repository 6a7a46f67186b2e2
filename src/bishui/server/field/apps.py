"""The app's registration."""

from django.apps import AppConfig


class FieldConfig(AppConfig):
    """The installable page for surveyors, and the exchange with it."""

    name = "bishui.server.field"
    label = "field"

    def ready(self) -> None:
        """Let the health check say why a phone cannot use the page."""
        from bishui.server.field import actions, phones  # noqa: F401 -- registers
