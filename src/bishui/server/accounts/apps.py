"""The app's registration."""

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    """Divisions, units, users, roles."""

    name = "bishui.server.accounts"
    label = "accounts"

    def ready(self) -> None:
        """Write sign-ins into the audit trail."""
        from bishui.server.accounts import signals

        signals.connect()
