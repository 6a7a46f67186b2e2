"""The app's registration."""

from django.apps import AppConfig


class PlansConfig(AppConfig):
    """Plans, targets, tasks, progress."""

    name = "bishui.server.plans"
    label = "plans"

    def ready(self) -> None:
        """Make the import of plan documents and the daily work known."""
        from bishui.i18n import Text
        from bishui.server.core import daily, imports
        from bishui.server.plans import calendar, directory, duties, handing_over, linking, standings
        from bishui.server.plans.importing import PlanImport
        from bishui.server.plans.workbook_import import LedgerImport

        imports.register(PlanImport())
        imports.register(LedgerImport())
        linking.register(linking.Linkable("site", Text("断面与点位"), "sites:site", directory.site_names))
        daily.register("plans.duties", duties.daily)
        daily.register("plans.missing_reports", calendar.daily)
        daily.register("plans.standings", standings.daily)
        handing_over.register()
