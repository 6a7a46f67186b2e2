"""A city with a small plan and three sections: one fails, one attains, one has no data; its day is fixed."""

from __future__ import annotations

from datetime import date, datetime

import pytest

from bishui.server.accounts import services as accounts
from bishui.server.reporting import periods, services
from bishui.server.sites import assessed
from bishui.server.sites import services as sites
from tests.server.conftest import CITY, COUNTY_A, COUNTY_B
from tests.server.kept import once
from tests.server.plans.conftest import commit, governments, imported, read_in  # noqa: F401 -- fixtures
from tests.server.sites.conftest import bring, csv

TODAY = date(2025, 10, 20)
NOON = datetime(2025, 10, 20, 12)
TEXTS = {"measures": "推进管网建设。\n完成企业核查。", "problems": "甲河口超标。", "next": "年底前补办。"}


def readings(year: int, section: str, value: str) -> list[str]:
    """Readings of the first six months of a year."""
    return [f"{section},{year}-{month:02}-05 08:00,氨氮,{value},mg/L,,手工" for month in range(1, 7)]


def make_city():
    """Register the sections and bring their readings."""
    accounts.save_division("990000", "甲市", actor="system", level="city", fiction=True, as_of=TODAY)
    for code, name, county in (
        ("s1", "甲河口", COUNTY_A),
        ("s2", "乙河桥", COUNTY_B),
        ("s3", "丙断面", COUNTY_B),
    ):
        sites.save_site(
            code,
            name,
            kind="section",
            division=CITY,
            actor="system",
            water_type="river",
            water="甲河",
            county=county,
        )
    rows = [
        *readings(2025, "甲河口", "1.2"),
        *readings(2025, "乙河桥", "0.3"),
        *readings(2024, "甲河口", "0.4"),
    ]
    bring(csv(*rows))


@pytest.fixture
def city(instance, data_dir):
    """The city without a plan."""
    assessed.drop("")
    once("three sections", make_city, data_dir)
    return instance


@pytest.fixture
def planned(city, imported):  # noqa: F811 -- the fixture
    """The city with its plan in force."""
    return city


def half_year(as_of: date | None = None):
    """The first half of 2025, by default as on its last day."""
    return periods.scope_of(CITY, "half_year", 2025, None, today=TODAY, as_of=as_of)


@pytest.fixture
def report(planned):
    """A half-year summary as a draft."""
    return services.create(half_year(), actor=planned.users["bureau_staff@city"], at=NOON)


@pytest.fixture
def written(report, planned):
    """The summary with every required part written."""
    for part, text in TEXTS.items():
        services.save_text(report, part, text, based_on=0, actor=planned.users["bureau_staff@city"], at=NOON)
    return report


@pytest.fixture
def issue(planned):
    """Submit, check and issue a report by three persons; give its edition."""

    def all_three(report):
        users = planned.users
        services.advance(report, "submit", actor=users["bureau_staff@city"])
        services.advance(report, "check", actor=users["administrator@city"], texts={"text": "数字已核对"})
        services.advance(report, "issue", actor=users["bureau_lead@city"])
        return services.produce(report)

    return all_three
