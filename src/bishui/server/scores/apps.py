"""The app's registration."""

from django.apps import AppConfig


class ScoresConfig(AppConfig):
    """Scores of units and divisions."""

    name = "bishui.server.scores"
    label = "scores"
