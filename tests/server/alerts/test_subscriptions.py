"""Subscriptions by place: who asked for one river hears of its alerts, and of no other's."""

import pytest
from django.urls import reverse

from bishui.server.alerts.models import Alert, Subscription
from bishui.server.reminders.models import Message
from bishui.server.sites.services import save_site
from tests.server.alerts.conftest import land, look, readings
from tests.server.conftest import CITY
from tests.server.sites.conftest import at, city  # noqa: F401 -- fixtures of this folder too

pytestmark = pytest.mark.django_db
_PAGE = "alerts:subscriptions"


def exceed_at(*names):
    for name in names:
        land(*readings(name, ["0.4", "1.2", "1.5", "1.3"]), name=f"{name}.csv")
    look()


@pytest.fixture
def two_rivers(city):  # noqa: F811
    """甲断面 lies at 东河, 戊断面 at 西河; two sections, so that they are no event of several stations."""
    save_site("S5", "戊断面", kind="section", division=CITY, water="西河", water_type="river", actor="tester")
    return city


def told():
    return sorted(Message.objects.filter(about="alert").values_list("subject", flat=True))


def test_who_asks_for_one_river_is_told_of_it_and_of_no_other(two_rivers, at):  # noqa: F811
    client = at("bureau_staff@city")
    answer = client.post(reverse(_PAGE), {"place": "water:西河", "kinds": ["exceedance"]})
    assert answer.status_code == 302
    exceed_at("甲断面", "戊断面")
    assert {alert.name for alert in Alert.objects.filter(level="reading")} == {"甲断面", "戊断面"}
    assert told() and all("戊断面" in subject for subject in told())
    listed = client.get(reverse("alerts:list") + "?mine=1").content.decode()
    assert "戊断面" in listed and "甲断面" not in listed


def test_several_stations_of_a_river_are_told_to_who_asked_for_it(two_rivers, at):  # noqa: F811
    at("bureau_staff@city").post(reverse(_PAGE), {"place": "water:东河", "kinds": ["several_stations"]})
    exceed_at("甲断面", "乙断面", "丁断面")
    assert len(told()) == Alert.objects.filter(kind="several_stations").count() > 0
    assert all("东河" in subject for subject in told())


def test_who_ended_a_subscription_is_told_no_more(two_rivers, at):  # noqa: F811
    client = at("bureau_staff@city")
    client.post(reverse(_PAGE), {"place": "water:西河", "kinds": ["exceedance"]})
    client.post(reverse("alerts:unsubscribe", args=[Subscription.objects.get().pk]))
    exceed_at("戊断面")
    assert told() == []
    assert "戊断面" not in client.get(reverse("alerts:list") + "?mine=1").content.decode()


def test_the_same_place_again_takes_the_new_kinds(two_rivers, at):  # noqa: F811
    client = at("bureau_staff@city")
    for kinds in (["exceedance"], ["missing_data", "sudden_change"]):
        client.post(reverse(_PAGE), {"place": "water:西河", "kinds": kinds})
    (kept,) = Subscription.objects.all()
    assert (kept.water, kept.kinds) == ("西河", ["missing_data", "sudden_change"])


@pytest.mark.parametrize(
    "asked",
    [
        {"place": "water:没有的河", "kinds": ["exceedance"]},
        {"place": "990000/990199/", "kinds": ["exceedance"]},
        {"place": "", "kinds": ["exceedance"]},
        {"place": "water:西河", "kinds": []},
        {"place": "water:西河", "kinds": ["something"]},
    ],
)
def test_what_cannot_be_asked_for_is_said_on_the_form(two_rivers, at, asked):  # noqa: F811
    answer = at("bureau_staff@city").post(reverse(_PAGE), asked)
    assert answer.status_code == 200
    assert "form-error" in answer.content.decode()
    assert not Subscription.objects.exists()


def test_a_reporter_has_no_alerts_to_subscribe_to(two_rivers, at):  # noqa: F811
    client = at("unit_reporter@city")
    assert client.get(reverse("alerts:list")).status_code == 403
    assert client.get(reverse(_PAGE)).status_code == 403
