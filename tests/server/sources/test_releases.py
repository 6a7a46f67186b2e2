"""Quarterly releases: due by quarter, missing by itself, recorded with day, address and person."""

from datetime import date

import pytest
from django.urls import reverse

from bishui.errors import DataError
from bishui.server.sources import releases
from bishui.server.sources.models import Release
from tests.server.conftest import CITY, COUNTY_A
from tests.server.sources.conftest import client_of

pytestmark = pytest.mark.django_db
DAY = date(2025, 5, 10)


@pytest.fixture
def first(source):
    """The release of the source water's first quarter of 2025."""
    releases.renew(CITY, DAY)
    return Release.objects.get(year=2025, quarter=1, water="source")


def give(release, actor, day=date(2025, 4, 15), **texts):
    releases.advance(release, "release", actor=actor, day=DAY, texts={"day": day.isoformat(), **texts})


def test_five_quarters_of_three_waters_are_looked_after_and_made_once(first):
    assert Release.objects.filter(division=COUNTY_A).count() == 15
    assert releases.renew(CITY, DAY) == 0
    assert first.due == date(2025, 4, 30)


def test_what_is_not_released_by_its_day_is_missing_by_itself(first):
    assert releases.note_missing(CITY, first.due) == 3  # the last quarter of the year before
    assert releases.note_missing(CITY, DAY) == 3
    first.refresh_from_db()
    assert (first.state, first.missed_on) == ("missing", DAY)


def test_a_release_is_kept_with_day_address_and_person(first, instance):
    actor = instance.users["bureau_staff@a"]
    give(first, actor, url="https://water.example/q1")
    first.refresh_from_db()
    assert (first.state, first.released_on, first.released_by) == ("released", date(2025, 4, 15), str(actor))


@pytest.mark.parametrize(
    ("day", "texts", "says"),
    [
        (date(2025, 3, 31), {"url": "https://water.example"}, "应在"),
        (date(2025, 5, 11), {"url": "https://water.example"}, "应在"),
        (date(2025, 4, 15), {}, "没有填公开网址"),
        (date(2025, 4, 15), {"url": "water"}, "不是网址"),
    ],
)
def test_a_release_before_its_quarter_ended_or_without_proof_is_refused(first, instance, day, texts, says):
    with pytest.raises(DataError, match=says):
        give(first, instance.users["bureau_staff@a"], day, **texts)


def test_a_source_below_county_level_asks_for_no_release(instance):
    assert releases.divisions(CITY) == []


def test_the_list_and_the_record_open(first, instance):
    client = client_of(instance, "viewer@city")
    assert "2025 年第 1 季度水源水" in client.get(reverse("sources:releases")).content.decode()
    assert "公开期限" in client.get(reverse("sources:record", args=[first.pk])).content.decode()
