"""All routes. Each view declares the right it asks for; an undeclared one is refused."""

from django.urls import include, path

from bishui.server.api import api
from bishui.server.core.middleware import not_found, render_error
from bishui.server.features.api import features

urlpatterns = [
    path("", include("bishui.server.sites.urls")),
    path("", include("bishui.server.core.urls")),
    path("accounts/", include("bishui.server.accounts.urls")),
    path("plans/", include("bishui.server.plans.urls")),
    path("cases/", include("bishui.server.cases.urls")),
    path("indicators/", include("bishui.server.indicators.urls")),
    path("ledgers/", include("bishui.server.ledgers.urls")),
    path("reminders/", include("bishui.server.reminders.urls")),
    path("scores/", include("bishui.server.scores.urls")),
    path("reports/", include("bishui.server.reporting.urls")),
    path("sources/", include("bishui.server.sources.urls")),
    path("standards/", include("bishui.server.standards.urls")),
    path("alerts/", include("bishui.server.alerts.urls")),
    path("waters/", include("bishui.server.waters.urls")),
    path("field/", include("bishui.server.field.urls")),
    path("network/", include("bishui.server.network.urls")),
    path("outfalls/", include("bishui.server.outfalls.urls")),
    path("inspections/", include("bishui.server.inspections.urls")),
    path("approvals/", include("bishui.server.approvals.urls")),
    path("", include("bishui.server.portal.urls")),
    path("api/features/", features.urls),
    path("api/", api.urls),
    path("language/", include("django.conf.urls.i18n")),
]


def handler404(request, exception):  # type: ignore[no-untyped-def]
    """Render an unknown address in the one shape of errors."""
    return render_error(request, not_found())
