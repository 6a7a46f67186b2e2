"""What the pages of waters and of the ranking show, as files."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from bishui.assessment import Period, table_of_rows
from bishui.server.accounts.workspaces import Workspace
from bishui.server.core import guard
from bishui.server.core.middleware import not_found
from bishui.server.sites import choosing
from bishui.server.sites.tabled import places, send
from bishui.server.waters import periods, tabled, words
from bishui.server.waters.areas import areas_of
from bishui.server.waters.kept import WaterResults
from bishui.standards import rules


def _asked(request: HttpRequest) -> tuple[Workspace, WaterResults, Period]:
    city = choosing.city_of(request)
    if city is None:
        raise not_found()
    results = WaterResults(city, choosing.sites_of(request, city))
    period = periods.chosen(request, results)
    if period is None or not results.sites:
        raise not_found()
    return city, results, period


@guard.requires("sites.view")
@require_safe
def areas(request: HttpRequest) -> HttpResponse:
    """Download the status of the city, its waters, basins and counties."""
    city, results, period = _asked(request)
    inside = areas_of(results.sites, city.division)
    found, own = results.sections(period), results.override_on
    rows = tabled.area_rows(inside, words.area_names(city), found, override=own)
    name = "-".join((city.name, _("河流与区域"), period.label))
    return send(request, table_of_rows(rows), name, city.division)


@guard.requires("sites.view")
@require_safe
def ranking(request: HttpRequest) -> HttpResponse:
    """Download the indices of sections and counties with their ranks."""
    city, results, period = _asked(request)
    inside = areas_of(results.sites, city.division)
    own, found = results.override_on, results.sections(period)
    used = rules("cwqi", period.last_day, own(period.last_day))
    names = words.area_names(city)
    rows = tabled.ranking_rows(inside, results.sites, names, found, used, override=own)
    name = "-".join((city.name, _("水质排名"), period.label))
    return send(request, table_of_rows(rows, places(results.sites)), name, city.division)
