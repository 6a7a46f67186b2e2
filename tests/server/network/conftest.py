"""A river with one tributary: two sections with targets, an intake, two outfalls, and the file that says so."""

import json
from datetime import date
from decimal import Decimal

import pytest

from bishui.server.accounts.models import User
from bishui.server.core import imports, register_records, registers
from bishui.server.plans import services as plans
from bishui.server.sites import services as sites
from tests.server.conftest import CITY
from tests.server.sites.conftest import at  # noqa: F401 -- a fixture of this folder too

DAY = date(2021, 4, 20)
_LATITUDE = 24.3157

#: id: downstream, river, points, m³/s, m/s
REACHES = {
    "a": ("c", "东河", [[109.40, _LATITUDE], [109.45, _LATITUDE]], 4.0, 0.5),
    "b": ("c", "北溪", [[109.45, 24.36], [109.45, _LATITUDE]], 1.0, 0.25),
    "c": (None, "东河", [[109.45, _LATITUDE], [109.50, _LATITUDE]], 0.0, 0.5),
}


def feature(name, **changes):
    """Return one reach as GeoJSON has it."""
    below, water, points, flow, velocity = REACHES[name]
    given = {
        "id": name,
        "downstream": below,
        "river": water,
        "velocity": velocity,
        "length_km": 5.0,
        "lateral_flow": flow,
        "lateral_concentrations": "cod=8;nh3n=0.2;tp=0.05;tn=1.0",
        "temperature": 20.0,
        **changes,
    }
    return {
        "type": "Feature",
        "geometry": {"type": "LineString", "coordinates": points},
        "properties": given,
    }


def geojson(**changes):
    """Return the river as a file; `changes` by reach."""
    features = [feature(name, **changes.get(name, {})) for name in REACHES]
    return json.dumps({"type": "FeatureCollection", "features": features}).encode()


def lead():
    """Return the lead of the city's bureau."""
    return User.objects.get(username="bureau_lead@city")


def bring(content, name="river.geojson", division=CITY):
    """Import a network as a person does, and return the session at its end."""
    session = imports.receive(
        "network",
        [content],
        name,
        division=division,
        actor=lead(),
        options={"cut_out": "no", "equal_shares": "no"},
    )
    imports.run_now(session, actor=lead())
    session.refresh_from_db()
    return session


def place_site(code, name, lon, kind="section", lat="24.3157", **fields):
    """Register a site."""
    return sites.save_site(
        code,
        name,
        kind=kind,
        division=CITY,
        actor="tester",
        lon=Decimal(lon),
        lat=Decimal(lat),
        datum="CGCS2000",
        **fields,
    )


def permit(code, name, lon, lat="24.3157", kind="sewage", flow="8640", others=""):
    """Register what an outfall may discharge: 8640 m³/d are 0.1 m³/s."""
    row = {
        "code": code,
        "name": name,
        "discharger": f"{name}的单位",
        "kind": kind,
        "flow": flow,
        "others": others,
    }
    limits = {"cod": "50", "nh3n": "5", "tp": "0.5"}
    register = registers.load_all()["discharges"]
    given = {**row, **limits, "lon": lon, "lat": lat, "division": "990000"}
    values, problems = register_records.parse_row(register, given)
    assert not problems
    register_records.save(register, register_records.apply(register, values), actor="tester")


@pytest.fixture
def things(instance, data_dir):
    """Sections, intake and outfalls, without a network."""
    found = {
        "up": place_site("S1", "上断面", "109.4200", water_type="river"),
        "low": place_site("S2", "下断面", "109.4800", water_type="river"),
        "intake": place_site(
            "W1", "水厂", "109.4900", "drinking_water_source", water_type="river", source_water="surface"
        ),
    }
    permit("P1", "东河口", "109.4400")
    permit("P2", "北溪口", "109.4500", "24.3400", kind="food", flow="864")
    plans.record_published_targets(
        CITY,
        "2021年断面水质目标",
        published_by="甲市生态环境局",
        year=2021,
        file_name="targets.txt",
        actor="tester",
        section_targets=[
            {"section": name, "class": "Ⅲ", "line": number}
            for number, name in enumerate(("上断面", "下断面"), 1)
        ],
    )
    return found


@pytest.fixture
def river(things):
    """All of it, with the network in force."""
    session = bring(geojson())
    assert session.state == "active", session.problems
    return things
