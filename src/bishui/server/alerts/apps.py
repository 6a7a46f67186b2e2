"""The app's registration."""

from django.apps import AppConfig


class AlertsConfig(AppConfig):
    """Alerts, their handling and subscriptions."""

    name = "bishui.server.alerts"
    label = "alerts"

    def ready(self) -> None:
        """Let the worker look for alerts each day and after each import."""
        from bishui.server.alerts import schedule

        schedule.register()
