"""The app's registration."""

from django.apps import AppConfig


class LedgersConfig(AppConfig):
    """Standing and typed ledgers, filings."""

    name = "bishui.server.ledgers"
    label = "ledgers"

    def ready(self) -> None:
        """Make the daily look at filings known, and let progress reports point to projects."""
        from bishui.i18n import Text
        from bishui.server.core import daily
        from bishui.server.ledgers import filings, gather
        from bishui.server.plans import linking

        linking.register(
            linking.Linkable("project", Text("重点工程项目"), "ledgers:project", gather.project_names)
        )
        daily.register("ledgers.filings", filings.daily)
