"""What the readings of a year say of a source: months attained of those judged, the missing beside."""

from datetime import date, datetime
from decimal import Decimal

import pyarrow as pa
import pytest

from bishui.observations import MEASUREMENTS
from bishui.server.accounts.workspaces import Workspace
from bishui.server.sites import queries
from bishui.server.sites import services as sites
from bishui.server.sources import attainment
from tests.server.conftest import CITY

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
