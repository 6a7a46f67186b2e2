"""The four sections of the sites' tests, and readings of an automatic station."""

from datetime import datetime, timedelta

import pytest

from bishui.server.alerts import looking
from bishui.server.alerts.models import Alert
from tests.server.conftest import CITY
from tests.server.kept import once
from tests.server.sites.conftest import at, bring, city, csv  # noqa: F401 -- fixtures of this folder too

DAY = datetime(2021, 4, 20)


def readings(site, values, end=DAY + timedelta(hours=20), item="氨氮"):
    """Return lines of a table: a reading every four hours, the last at `end`."""
    moments = [end - timedelta(hours=4) * back for back in range(len(values))][::-1]
    return [
        f"{site},{moment:%Y-%m-%d %H:%M},{item},{value},mg/L,,自动"
        for moment, value in zip(moments, values, strict=True)
    ]


def land(*lines, name="readings.csv"):
    """Import some lines."""
    return bring(csv(*lines), name)


def look(day=DAY):
    """Look at the city on a day, as the worker does."""
    return looking.look(CITY, day.date())


def exceed():
    """Bring three readings of 甲断面 over the limit of class III, and look at them."""
    land(*readings("甲断面", ["0.4", "1.2", "1.5", "1.3"]))
    look()


@pytest.fixture
def exceeding(city, data_dir):  # noqa: F811
    """The alert of three readings over the limit."""
    once("three readings over the limit", exceed, data_dir)
    return Alert.objects.get(kind="exceedance", level="reading")
