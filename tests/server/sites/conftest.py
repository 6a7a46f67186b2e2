"""Four sections of a city: one fails, one attains, one has no water type, one has no data."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

import pytest

from bishui.assessment import Period
from bishui.server.accounts.models import User
from bishui.server.core import imports
from bishui.server.core.models import ImportSession
from bishui.server.plans import services as plans
from bishui.server.sites import assessed, services
from bishui.server.sites.assessed import Results
from bishui.server.sites.kinds import panel_of
from bishui.server.sites.models import Site
from tests.server.conftest import CITY, COUNTY_A, Instance
from tests.server.kept import once

APRIL = Period.month(2021, 4)
END_OF_APRIL = date(2021, 4, 30)
HEAD = "断面名称,监测时间,项目,结果,单位,标记,来源"
ROWS = (
    "甲断面,2021-04-01 08:00,氨氮,1.2,mg/L,,自动",
    "甲断面,2021-04-02 08:00,氨氮,1.0,mg/L,,自动",
    "甲断面,2021-04-02 08:00,溶解氧,7.9,mg/L,,自动",
    "乙断面,2021-04-01 08:00,氨氮,0.4,mg/L,,自动",
    "乙断面,2021-04-01 08:00,总磷,<0.02,mg/L,,自动",
    "丙断面,2021-04-01 08:00,氨氮,0.3,mg/L,,自动",
)


@dataclass(frozen=True)
class InventedCity:
    """What the reads need to know of a workspace, with a day of its own."""

    division: str
    as_of: date | None

    @property
    def today(self) -> date:
        return self.as_of or date.today()


@dataclass
class City:
    """The city with its sites by name."""

    sites: dict[str, Site]
    instance: Instance


def workspace(as_of: date | None = None) -> InventedCity:
    return InventedCity(CITY, as_of)


def csv(*rows: str) -> bytes:
    return "\n".join([HEAD, *rows]).encode()


def lead() -> User:
    return User.objects.get(username="bureau_lead@city")


def bring(content: bytes, name: str = "table.csv", division: str = CITY, **options) -> ImportSession:
    """Import a file as a person does, and return the session at its end."""
    session = imports.receive(
        "observations", [content], name, division=division, actor=lead(), options=options
    )
    imports.run_now(session, actor=lead())
    session.refresh_from_db()
    return session


def brought(content: bytes, data_dir) -> ImportSession:
    """Import a file for a fixture: as `bring` does, once for all tests that begin with the same."""
    return once(f"brought {hashlib.sha256(content).hexdigest()}", lambda: bring(content), data_dir)


def make_sections():
    """Register the sections with a published target of each."""
    sites = {
        name: services.save_site(
            code,
            name,
            kind="section",
            division=CITY,
            county=COUNTY_A,
            water_type=water_type,
            water="东河",
            control_level="national",
            lon=Decimal("109.41"),
            lat=Decimal("24.3157"),
            datum="CGCS2000",
            actor="tester",
        )
        for code, name, water_type in (
            ("S1", "甲断面", "river"),
            ("S2", "乙断面", "river"),
            ("S3", "丙断面", ""),
            ("S4", "丁断面", "river"),
        )
    }
    plans.record_published_targets(
        CITY,
        "2021年断面水质目标",
        published_by="甲市生态环境局",
        year=2021,
        file_name="targets.txt",
        actor="tester",
        section_targets=[
            {"section": name, "class": "Ⅲ", "line": number} for number, name in enumerate(sites, 1)
        ],
    )
    return sites


@pytest.fixture
def city(instance, data_dir):
    assessed.drop("")
    return City(once("four sections", make_sections, data_dir), instance)


@pytest.fixture
def at(client):
    """A client that is signed in; sign-in itself is tested elsewhere."""

    def enter(name="bureau_lead@city", language="zh-hans"):
        client.force_login(
            User.objects.get(username=name), backend="django.contrib.auth.backends.ModelBackend"
        )
        client.cookies["django_language"] = language
        return client

    return enter


@dataclass
class Place:
    """An invented city to which sites of any kind are added."""

    sites: dict[str, Site] = field(default_factory=dict)

    def add(self, name, kind, **fields):
        code = f"K{len(self.sites)}"
        self.sites[name] = services.save_site(code, name, kind=kind, division=CITY, actor="tester", **fields)
        return self.sites[name]

    def panel(self, name, period=APRIL, as_of=END_OF_APRIL):
        return panel_of(self.sites[name], Results(workspace(as_of)), period)


@pytest.fixture
def place(instance, data_dir):
    assessed.drop("")
    return Place()


def readings(name, item, values, unit="mg/L", month=4):
    return [
        f"{name},2021-{month:02}-{day:02} 08:00,{item},{value},{unit},,手工"
        for day, value in enumerate(values, 1)
    ]


def facts(panel):
    return {entry["title"]: entry["cell"] for entry in panel.facts}


def table(panel, title):
    return next(entry for entry in panel.tables if title in entry.title)
