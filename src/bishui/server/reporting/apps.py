"""The app's registration."""

from django.apps import AppConfig


class ReportingConfig(AppConfig):
    """Summaries and monthly sheets."""

    name = "bishui.server.reporting"
    label = "reporting"

    def ready(self) -> None:
        """Let the worker look, with each beat, for reports whose files nobody is making."""
        from bishui.server.core.jobs import at_each_beat
        from bishui.server.reporting import jobs

        at_each_beat(jobs.take_up)
