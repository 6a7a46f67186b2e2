"""What the readings of a year say of a source: months attained of those judged, the missing beside."""

from datetime import date, datetime
from decimal import Decimal

import pyarrow as pa
import pytest

from bishui.assessment import Period
from bishui.observations import MEASUREMENTS
from bishui.server.accounts.workspaces import Workspace
from bishui.server.core import audit
from bishui.server.indicators import series
from bishui.server.plans.models import Plan, SourceTarget, Target
from bishui.server.sites import queries, services
from bishui.server.sites import services as sites
from bishui.server.sites.assessed import Results
from bishui.server.sources import attainment
from bishui.server.sources.queries import source_rate
from tests.server.conftest import CITY, COUNTY_A

pytestmark = pytest.mark.django_db
CITY_NOW = Workspace("990000", "甲市", CITY, True, date(2025, 4, 20), CITY)


def reading(site, month, item, value):
    row = dict.fromkeys(MEASUREMENTS.names)
    return row | {
        "site": site,
        "time": datetime(2025, month, 10, 9),
        "item": item,
        "value": Decimal(value),
        "mark": "measured",
        "source": "manual",
        "import": "00000000-0000-0000-0000-000000000001",
        "row": month,
        "raw": value,
    }


@pytest.fixture
def readings(monkeypatch):
    """Let the store hold what the test gives it."""

    def hold(rows):
        names = set(MEASUREMENTS.names)
        kept = [{name: value for name, value in row.items() if name in names} for row in rows]
        table = pa.Table.from_pylist(kept, schema=MEASUREMENTS)
        monkeypatch.setattr(queries, "measurements", lambda *given, **named: table)

    return hold


def test_a_month_without_readings_is_missing_and_never_attained(source, readings):
    readings([reading(source.id, 1, "codmn", "3.0"), reading(source.id, 3, "codmn", "9.0")])
    found = attainment.years_of(CITY_NOW, [source], 2025)[source.id]
    assert (found.attained, found.judged, found.missing) == (1, 2, 2)
    assert (found.last.period.label, found.last.rank, found.last.attained) == ("2025-03", 4, False)


def test_a_source_on_standby_is_not_asked_from_its_day_on(source, readings):
    readings([reading(source.id, 1, "codmn", "3.0")])
    sites.save_site(
        "S1",
        source.name,
        kind=source.kind,
        division=source.division,
        actor="system",
        use_state="standby",
        use_since=date(2025, 3, 1),
    )
    (now,) = queries.sites_of_kind(CITY, "drinking_water_source")
    found = attainment.years_of(CITY_NOW, [now], 2025)[now.id]
    assert (found.judged, found.missing, found.not_in_use) == (1, 1, 2)


def test_a_year_to_come_has_no_months(source, readings):
    readings([])
    assert attainment.years_of(CITY_NOW, [source], 2026)[source.id].missing == 0


@pytest.fixture
def plan_of_sources(source):
    """A plan with a target for the source and one for the rate of sources (达到或好于Ⅲ类)."""
    sites.save_site(
        "S2",
        "乙水源地",
        kind="drinking_water_source",
        division=COUNTY_A,
        actor="system",
        water_type="river",
        source_level="county",
        source_water="surface",
        use_state="in_use",
    )
    with audit.action("plans.targets_recorded", actor="system", division=CITY, title="计划"):
        plan = Plan(
            division=CITY,
            title="2025年计划",
            kind="annual",
            year=2025,
            period_from=date(2025, 1, 1),
            period_to=date(2025, 12, 31),
        )
        plan.save()
        target = Target(
            division=CITY,
            plan=plan,
            position=1,
            indicator="县级以上饮用水水源达到或好于Ⅲ类的比例",
            op="=",
            value=Decimal(100),
            value_text="100",
            unit="%",
        )
        target.save()
        SourceTarget.objects.bulk_create(
            [
                SourceTarget(
                    division=CITY,
                    plan=plan,
                    position=1,
                    source="甲水源地",
                    site=source.id,
                    target="达到或好于Ⅲ类",
                )
            ]
        )
    return target


def second():
    return next(found for found in queries.sites_of_kind(CITY, "drinking_water_source") if found.code == "S2")


def test_the_rate_of_a_plan_is_that_of_the_sources_it_names(plan_of_sources, source, readings, monkeypatch):
    rows = [reading(source.id, month, "codmn", "3.0") for month in (1, 2, 3)]
    readings(rows + [reading(second().id, month, "codmn", "9.0") for month in (1, 2, 3)])
    monkeypatch.setattr(Results, "coverage", lambda self: {"months": ["2025-03"]})
    (value,) = series.indicator(CITY_NOW, plan_of_sources).values
    assert (value.text, value.kind, value.day) == ("100.0", "computed", date(2025, 3, 31))
    assert "1 / 1 个水源地达标" in value.source
    assert value.counted == (1, 1, 0)


def test_the_rate_that_a_list_of_indicators_shows_is_reckoned_after_an_import(
    plan_of_sources, source, readings, monkeypatch
):
    readings([reading(source.id, 1, "codmn", "3.0")])
    monkeypatch.setattr(Results, "coverage", lambda self: {"months": ["2025-01"]})
    assert series.warm in services._warmed
    series.warm(CITY_NOW)
    monkeypatch.setattr(series, "source_rate", lambda *_, **__: pytest.fail("reckoned at the first view"))
    assert [value.text for value in series.indicator(CITY_NOW, plan_of_sources).values] == ["100.0"]


def test_the_rate_of_sources_by_level_counts_those_without_data_apart(plan_of_sources, source, readings):
    readings([reading(source.id, month, "codmn", "9.0") for month in (1, 2, 3)])
    period = Period.year_to_date(2025, 3)
    every = source_rate(CITY_NOW, period)
    assert (every.met, every.evaluated, every.missing) == (0, 1, 1)
    county = source_rate(CITY_NOW, period, levels=["county"])
    assert (county.evaluated, county.percent, county.missing) == (0, None, 1)


@pytest.mark.parametrize(
    ("wording", "levels"),
    [
        ("县级以上饮用水水源达到或好于Ⅲ类的比例", ("city", "county")),
        ("县级集中式饮用水水源达到或好于Ⅲ类比例", ("county",)),
        ("城市集中式饮用水水源达到或好于Ⅲ类比例", ("city",)),
        ("饮用水水源水质达标率", ()),
    ],
)
def test_the_wording_tells_the_level_of_the_sources(wording, levels):
    assert series.figure_of(wording, "")["figure"] == "sources_percent"
    assert series.source_levels_of(wording, "") == levels
