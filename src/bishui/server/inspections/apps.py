"""The app's registration."""

from django.apps import AppConfig


class InspectionsConfig(AppConfig):
    """Draws, the duties of a half-year, inspections and their findings."""

    name = "bishui.server.inspections"
    label = "inspections"
