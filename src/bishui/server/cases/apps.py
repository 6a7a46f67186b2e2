"""The app's registration."""

from django.apps import AppConfig


class CasesConfig(AppConfig):
    """Supervision notices and, with a workflow file more, other kinds of case."""

    name = "bishui.server.cases"
    label = "cases"
