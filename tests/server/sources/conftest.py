"""A river source of the city's level in county A, and an entry of any register."""

from datetime import date

import pytest
from django.test import Client

from bishui.server.core import register_records, registers
from bishui.server.sites import services as sites
from bishui.server.sites.queries import sites_of_kind
from tests.server.conftest import COUNTY_A

DAY = date(2025, 5, 10)


@pytest.fixture
def source(instance):
    """The facts of one source."""
    sites.save_site(
        "S1",
        "甲水源地",
        kind="drinking_water_source",
        division=COUNTY_A,
        actor="system",
        water_type="river",
        source_level="city",
        source_water="surface",
        use_state="in_use",
    )
    return sites_of_kind(COUNTY_A, "drinking_water_source")[0]


def enter(key, **row):
    """Save one row of a register as a form or an import would; give the record."""
    register = registers.load_all()[key]
    values, problems = register_records.parse_row(register, row)
    assert problems == []
    record = register_records.apply(register, values, register_records.find(register, row["code"]))
    register_records.save(register, record, actor="system")
    return record


def client_of(instance, name):
    client = Client()
    client.force_login(instance.users[name], backend="django.contrib.auth.backends.ModelBackend")
    return client
