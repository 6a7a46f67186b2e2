"""The app's registration."""

from django.apps import AppConfig


class RemindersConfig(AppConfig):
    """Reminders, escalation and their delivery."""

    name = "bishui.server.reminders"
    label = "reminders"

    def ready(self) -> None:
        """Make the daily reminders and the delivery of what waits known to the worker."""
        from bishui.server.reminders import schedule

        schedule.register()
