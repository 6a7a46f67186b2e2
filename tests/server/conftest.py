"""An instance with one city and two counties, its units and a user of every role."""

from __future__ import annotations

import sys
from collections import OrderedDict
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from django.db import transaction
from django.utils import translation
from pytest_django import DjangoDbBlocker

from bishui.server.accounts import services
from bishui.server.accounts.models import Unit, User
from bishui.server.core import rights
from tests.server.kept import Kept, keep

CITY = "990000/"
COUNTY_A = "990000/990101/"
COUNTY_B = "990000/990102/"
OTHER_CITY = "980000/"
PASSWORD = "long-enough-for-a-test"


@dataclass(frozen=True)
class Instance:
    """The divisions' paths, the units by code and the users by ``role@place``."""

    units: dict[str, Unit]
    users: dict[str, User]


def make_instance() -> Instance:
    """Make the divisions, units and users; each role stands once for the city and once for county A."""
    services.save_division("990000", "甲市", actor="system", level="city", fiction=True)
    services.save_division("990101", "乙县", parent="990000", actor="system", level="county")
    services.save_division("990102", "丙县", parent="990000", actor="system", level="county")
    services.save_division("980000", "丁市", actor="system", level="city")
    units = {
        "city-bureau": services.save_unit(
            "city-bureau", "市生态环境局", division=CITY, actor="system", kind="department"
        ),
        "city-housing": services.save_unit(
            "city-housing", "市住房城乡建设局", division=CITY, actor="system", kind="department"
        ),
        "a-bureau": services.save_unit(
            "a-bureau", "乙县生态环境局", division=COUNTY_A, actor="system", kind="department"
        ),
        "b-bureau": services.save_unit(
            "b-bureau", "丙县生态环境局", division=COUNTY_B, actor="system", kind="department"
        ),
    }
    users: dict[str, User] = {}
    for place, division, unit in (
        ("city", CITY, units["city-bureau"]),
        ("a", COUNTY_A, units["a-bureau"]),
        ("other", OTHER_CITY, None),
    ):
        for role in rights.roles():
            name = f"{role}@{place}"
            user = services.create_user(name, PASSWORD, actor="system", unit=unit)
            services.grant(user, role, division, actor="system", unit=unit)
            users[name] = user
    users["nobody"] = services.create_user("nobody", PASSWORD, actor="system")
    return Instance(units, users)


@pytest.fixture(autouse=True)
def chinese() -> Iterator[None]:
    """Leave no language behind that a request asked for."""
    yield
    translation.deactivate()


@pytest.fixture(autouse=True)
def started_anew() -> None:
    """Begin as a process that remembers nothing, for the records of two tests may stand just alike.

    What is remembered until something is written stands in an ordered mapping, of which the oldest go.
    """
    modules = [module for name, module in sys.modules.items() if name.startswith("bishui.server.")]
    for value in [value for module in modules for value in vars(module).values()]:
        if isinstance(value, OrderedDict):
            value.clear()


@pytest.fixture(scope="session")
def kept_instance(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Kept:
    """The rows of `make_instance`, which makes them once; the database is empty again."""
    with django_db_blocker.unblock(), transaction.atomic():
        kept = keep(make_instance)
        transaction.set_rollback(True)
    return kept


@pytest.fixture
def instance(kept_instance: Kept, db: None) -> Instance:
    """One city with two counties, and another city beside it."""
    return kept_instance.put_back()


@pytest.fixture
def data_dir(tmp_path, settings):
    """A data directory of the test's own."""
    settings.DATA_DIR = tmp_path / "data"
    settings.DATA_DIR.mkdir()
    settings.STORE_URL = str(settings.DATA_DIR / "measurements")
    return settings.DATA_DIR
