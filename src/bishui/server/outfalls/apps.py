"""The app's registration."""

from django.apps import AppConfig


class OutfallsConfig(AppConfig):
    """Outfalls, channels, dischargers, their links and the rounds from survey to sign-off."""

    name = "bishui.server.outfalls"
    label = "outfalls"

    def ready(self) -> None:
        """Let outfalls be imported from files of points and of outside systems; freeze milestones daily."""
        from bishui.server.core import daily
        from bishui.server.outfalls.exchange.importing import register_kind
        from bishui.server.outfalls.milestones import freeze_due

        register_kind()
        daily.register("outfalls.milestones", freeze_due)
