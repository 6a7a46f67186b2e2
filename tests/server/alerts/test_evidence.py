"""What an alert stands on: the rows that say most, all of them on asking, the limit's clause and the rule."""

import re
from datetime import timedelta

import pytest
from django.urls import reverse

from bishui.server.alerts import shown
from bishui.server.alerts.models import Alert
from tests.server.alerts.conftest import DAY, land, look, readings
from tests.server.sites.conftest import at, city  # noqa: F401 -- fixtures of this folder too

pytestmark = pytest.mark.django_db


@pytest.fixture
def long_run(city):  # noqa: F811
    """Sixty readings over the limit in a row, the highest in the middle."""
    land(*readings("甲断面", [f"{1.1 + (30 - abs(30 - count)) / 100:.2f}" for count in range(60)]))
    look()
    return Alert.objects.get(kind="exceedance", level="reading")


def rows_of(page):
    section = page[page.index('id="rows"') :]
    return len(re.findall(r'<th scope="row">', section[: section.index("</table>")]))


def test_of_many_rows_the_first_the_latest_and_the_highest_come_first(long_run, at):  # noqa: F811
    found = shown.telling(long_run)
    everything = shown.newest_first(long_run)
    assert (found[0], found[-1]) == (everything[0], everything[-1])
    assert max(everything, key=lambda row: float(row["value"])) in found
    page = at().get(reverse("alerts:alert", args=[long_run.pk])).content.decode()
    assert rows_of(page) == len(found) == 10
    assert "查看全部 60 行" in page


def test_all_rows_are_there_on_asking_page_by_page(long_run, at):  # noqa: F811
    client, address = at(), reverse("alerts:alert", args=[long_run.pk])
    pages = [client.get(address, {"rows": "all", "page": page}).content.decode() for page in (1, 2)]
    assert [rows_of(page) for page in pages] == [50, 10]
    assert client.get(address, {"rows": "all", "page": "x"}).status_code == 200


def test_few_rows_are_all_of_them(exceeding, at):  # noqa: F811
    page = at().get(reverse("alerts:alert", args=[exceeding.pk])).content.decode()
    assert rows_of(page) == 3
    assert "查看全部" not in page


def test_the_page_names_the_clause_of_the_limit_its_class_and_the_rule(exceeding, at):  # noqa: F811
    page = at().get(reverse("alerts:alert", args=[exceeding.pk])).content.decode()
    assert "GB 3838-2002 表1 第7项" in page  # ammonia nitrogen; table 1 of the standard
    assert "Ⅲ" in page
    assert "连续 3 次超过限值" in page


def test_a_silence_names_the_rule_that_found_it(city, at):  # noqa: F811
    land(*readings("甲断面", ["0.2"] * 30, end=DAY - timedelta(days=3)))
    look()
    alert = Alert.objects.get(kind="missing_data", level="")
    page = at().get(reverse("alerts:alert", args=[alert.pk])).content.decode()
    assert "无读数超过 48 小时，且超过平常间隔的 6 倍" in page
    assert "最后一次有数值" in page
