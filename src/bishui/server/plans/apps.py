"""The app's registration."""

from django.apps import AppConfig


class PlansConfig(AppConfig):
    """Plans, targets, tasks, progress."""

    name = "bishui.server.plans"
    label = "plans"

    def ready(self) -> None:
        """Make the import of plan documents known."""
        from bishui.server.core import imports
        from bishui.server.plans.importing import PlanImport

        imports.register(PlanImport())
