"""The results of the list of sites as a file."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from bishui.server.core import guard
from bishui.server.core.middleware import not_found
from bishui.server.sites import choosing, tabled
from bishui.server.sites.assessed import Results
from bishui.server.sites.pages_overview import chosen_lines, seen_lines


@guard.requires("sites.view")
@require_safe
def export(request: HttpRequest) -> HttpResponse:
    """Download what the list of sites shows, by the same period and filters, as a table of results."""
    city = choosing.city_of(request)
    if city is None:
        raise not_found()
    results = Results(city)
    period = choosing.period_of(request, results)
    if period is None:
        raise not_found()
    shown = seen_lines(results, choosing.seen(request, city), period)
    found = [line.site for line in chosen_lines(request, shown)]
    table = tabled.result_table(found, results.attainment(period)["sections"], period)
    name = "-".join((city.name, _("评价结果"), period.label))
    return tabled.send(request, table, name, city.division)
