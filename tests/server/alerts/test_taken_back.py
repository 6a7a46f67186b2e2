"""What becomes of an alert when its data are taken back or what was missing comes in: it says so, audited."""

from datetime import date, timedelta

import pytest
from django.urls import reverse

from bishui.server.alerts import services
from bishui.server.alerts.models import Alert
from bishui.server.core import imports
from bishui.server.core.models import AuditEntry, WorkflowEvent
from tests.server.alerts.conftest import DAY, land, look, readings
from tests.server.sites.conftest import at, city, lead  # noqa: F401 -- fixtures of this folder too

pytestmark = pytest.mark.django_db


def steps(alert):
    return list(
        WorkflowEvent.objects.filter(record_id=alert.pk, by_name="system")
        .order_by("pk")
        .values_list("transition", flat=True)
    )


@pytest.fixture
def supervised(city):  # noqa: F811
    """An alert that became a supervision notice, and the import that it stands on."""
    session = land(*readings("甲断面", ["0.4", "1.2", "1.5", "1.3"]))
    look()
    alert = Alert.objects.get(kind="exceedance", level="reading")
    services.decide(alert, "confirm", "现场核实。", actor=lead())
    services.open_case(
        alert,
        "关于甲断面超标的督办",
        "请查明原因。",
        unit=city.instance.units["city-housing"],
        deadline=date(2099, 1, 31),
        actor=lead(),
    )
    return alert, session


def test_an_alert_with_a_notice_stays_and_says_once_that_its_rows_are_gone(supervised, at):  # noqa: F811
    alert, session = supervised
    imports.take_back(session, actor=lead(), why="站房停电，数据无效")
    look()
    look()
    alert.refresh_from_db()
    assert alert.state == "confirmed"
    assert steps(alert) == ["lose_support"]
    assert AuditEntry.objects.filter(action="core.transition", params__transition="依据不再成立").count() == 1
    page = at().get(reverse("alerts:alert", args=[alert.pk])).content.decode()
    assert "这一预警的依据已不成立" in page
    assert "所依据的数据已撤回或已标记，不再参与评价。" in page


def test_its_page_says_no_more_when_the_rows_are_back(supervised, at):  # noqa: F811
    alert, session = supervised
    imports.take_back(session, actor=lead(), why="误传")
    look()
    land(*readings("甲断面", ["0.4", "1.2", "1.5", "1.3"]), name="again.csv")
    look()
    assert steps(alert) == ["lose_support", "regain_support"]
    page = at().get(reverse("alerts:alert", args=[alert.pk])).content.decode()
    assert "这一预警的依据已不成立" not in page


@pytest.fixture
def silent(city):  # noqa: F811
    """A station that has been silent for three days."""
    land(*readings("甲断面", ["0.2"] * 30, end=DAY - timedelta(days=3)))
    look()
    return Alert.objects.get(kind="missing_data", level="")


def test_a_silence_is_withdrawn_when_its_readings_come_in_later(silent):
    land(*readings("甲断面", ["0.2"] * 22), name="late.csv")
    look()
    silent.refresh_from_db()
    assert silent.state == "withdrawn"
    event = WorkflowEvent.objects.get(record_id=silent.pk)
    assert event.evidence["text"] == "缺失的数据已补报。"


def test_a_silence_stands_when_the_station_only_speaks_again(silent):
    land(*readings("甲断面", ["0.2"] * 2), name="again.csv")
    look()
    silent.refresh_from_db()
    assert silent.state == "new"


def test_a_silence_is_gone_with_all_data_of_its_station(city):  # noqa: F811
    session = land(*readings("甲断面", ["0.2"] * 30, end=DAY - timedelta(days=3)))
    look()
    imports.take_back(session, actor=lead(), why="误传")
    look()
    assert Alert.objects.get(kind="missing_data", level="").state == "withdrawn"


def sampled(month, name):
    return land(f"甲断面,2021-{month:02}-05 09:00,氨氮,0.3,mg/L,,手工", name=name)


def test_a_missing_sample_is_withdrawn_when_it_comes_in(city):  # noqa: F811
    for month in (1, 2, 3):
        sampled(month, f"{month}.csv")
    look()
    alert = Alert.objects.get(kind="missing_data", level="month")
    sampled(4, "4.csv")
    look()
    alert.refresh_from_db()
    assert alert.state == "withdrawn"
    assert WorkflowEvent.objects.get(record_id=alert.pk).evidence["text"] == "缺失的数据已补报。"
