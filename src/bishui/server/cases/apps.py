"""The app's registration."""

from django.apps import AppConfig


class CasesConfig(AppConfig):
    """Supervision notices and, with a workflow file more, other kinds of case."""

    name = "bishui.server.cases"
    label = "cases"

    def ready(self) -> None:
        """Let open cases pass on when a unit is renamed or merged."""
        from bishui.i18n import Text
        from bishui.server.accounts import succession
        from bishui.server.cases import services

        succession.register(
            succession.Holding(Text("未办结的督办"), services.count_open_of, services.pass_open_on)
        )
