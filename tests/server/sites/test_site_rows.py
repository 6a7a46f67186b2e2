"""The rows of one section are read in parts, and never told from before: neither on its page nor in its trend."""

import re
from datetime import date, datetime

import pyarrow as pa
import pytest
from django.urls import reverse

from bishui.assessment import Period, PeriodKind, measured_series
from bishui.observations import MeasurementStore
from bishui.server.core import imports
from bishui.server.sites import assessed, queries, services
from bishui.server.sites.assessed import Results
from bishui.server.sites.models import Site
from bishui.server.waters.kept import WaterResults
from tests.server.conftest import CITY
from tests.server.sites.conftest import ROWS, bring, csv, lead, workspace

MONTHS = [f"甲断面,{year}-{month:02}-0{day} 08:00,氨氮,0.{month}{day},mg/L,,自动"
          for year in (2020, 2021) for month in range(1, 10) for day in (1, 2)]  # fmt: skip
SPANS = [Period.month(2021, 5), Period.month(2021, 4), Period.quarter(2021, 2), Period.year(2021), None]


def ordered(table: pa.Table) -> pa.Table:
    return table.sort_by(
        [("item", "ascending"), ("time", "ascending"), ("row", "ascending")]
    ).combine_chunks()


def ends(span):
    return (span.start, span.end) if span else (None, None)


@pytest.mark.parametrize("as_of", [None, date(2021, 6, 15)])
@pytest.mark.parametrize("order", [SPANS, SPANS[::-1], SPANS[2:] + SPANS[:2]])
def test_rows_read_in_parts_are_those_read_at_once(city, order, as_of):
    """A second import corrects some of them, on both sides of where the parts meet."""
    bring(csv(*MONTHS))
    bring(csv("甲断面,2021-04-01 08:00,溶解氧,7.5,mg/L,,自动", "甲断面,2021-05-01 00:00,氨氮,0.9,mg/L,,自动"))
    results, site = Results(workspace(as_of)), str(city.sites["甲断面"].pk)
    for span in order:
        found = results.site_rows(site, *ends(span))
        last = min((at for at in (ends(span)[1], queries.end_of(workspace(as_of))) if at), default=None)
        assert ordered(found).equals(ordered(queries.measurements(CITY, [site], ends(span)[0], last)))
        assert found.num_rows


def test_of_a_longer_span_only_the_earlier_part_is_read(city, monkeypatch):
    bring(csv(*MONTHS))
    asked, read = [], MeasurementStore.read
    monkeypatch.setattr(
        MeasurementStore, "read", lambda *own, **what: asked.append(what) or read(*own, **what)
    )
    results, site, may = Results(workspace()), str(city.sites["甲断面"].pk), Period.month(2021, 5)
    results.site_rows(site, may.start, may.end)
    results.site_rows(site, datetime(2020, 6, 1), may.end)
    assert [(what["time_from"], what["time_to"] < may.start) for what in asked] == [
        (may.start, False),
        (datetime(2020, 6, 1), True),
    ]


def trend(city):
    sites = Site.objects.filter(division__startswith=CITY)
    return WaterResults(workspace(), sites).trend(str(city.sites["甲断面"].pk), "nh3n")


def drawn(city, at):
    """Return the series that the page of a section draws, as it stands in the page."""
    page = at().get(reverse("sites:site", args=[city.sites["甲断面"].pk]), {"period": "2021-04"})
    return re.search(r'id="chart-data-series"[^>]*>(.*?)</script>', page.content.decode(), re.S).group(1)


def said(city, at):
    """Return what the pages say of a section now; after `drop` nothing of it is kept."""
    return trend(city), drawn(city, at)


def test_no_page_tells_an_old_figure_after_an_import_a_correction_a_flag_or_a_withdrawal(city, at):
    bring(csv(*ROWS))
    seen = [said(city, at)]

    def changed() -> None:
        now = said(city, at)
        assert all(part != before for part, before in zip(now, seen[-1], strict=True))
        assessed.drop(CITY)
        assert said(city, at) == now
        seen.append(now)

    more = bring(csv("甲断面,2021-04-03 08:00,氨氮,0.2,mg/L,,自动"), "more.csv")
    changed()
    flag = services.flag(
        city.sites["甲断面"],
        item="nh3n",
        time_from=datetime(2021, 4, 1, 8),
        time_to=datetime(2021, 4, 1, 8),
        kind="excluded",
        reason="仪器校准",
        actor=lead(),
    )
    changed()
    services.withdraw_flag(flag, why="校准记录有误", actor=lead())
    changed()
    assert seen[-1] == seen[1]
    imports.take_back(more, actor=lead(), why="误导入")
    changed()
    assert seen[-1] == seen[0]


def test_the_trend_of_a_section_does_not_follow_from_its_neighbours(city):
    """It is made with the register's row of this section alone, and is that of the whole register."""
    bring(csv(*MONTHS, *ROWS[3:]))
    site = str(city.sites["甲断面"].pk)
    given = {
        "site": site,
        "item": "nh3n",
        "sites": queries.sites_table(CITY),
        "flags": queries.flags_table(CITY),
    }
    rows = queries.measurements(CITY)
    assert trend(city)["months"] == measured_series(rows, **given).as_dict()
    assert trend(city)["years"] == measured_series(rows, step=PeriodKind.YEAR, **given).as_dict()


def test_the_table_of_sites_is_what_the_register_holds(city):
    found = {row["id"]: row for row in queries.sites_table(CITY).to_pylist()}
    for site in city.sites.values():
        site.refresh_from_db()
        row = found.pop(str(site.pk))
        assert row["water_type"] == (site.water_type or None)
        assert all(row[name] == getattr(site, name) for name in ("name", "kind", "division", "valid_from"))
    assert found == {}
    assert queries.sites_table("nowhere/").num_rows == 0
