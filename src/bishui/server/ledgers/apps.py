"""The app's registration."""

from django.apps import AppConfig


class LedgersConfig(AppConfig):
    """Standing and typed ledgers, filings."""

    name = "bishui.server.ledgers"
    label = "ledgers"

    def ready(self) -> None:
        """Make the daily look at filings known to the worker."""
        from bishui.server.core import daily
        from bishui.server.ledgers import filings

        daily.register("ledgers.filings", filings.daily)
