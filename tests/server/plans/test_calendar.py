"""The report calendar: who owes what when, and that missing is an event of the day after."""

from datetime import date, datetime
from io import BytesIO

import pytest
from django.test import Client
from django.urls import reverse

from bishui.errors import Conflict, DataError
from bishui.server.accounts import services as accounts
from bishui.server.core.models import AuditEntry, WorkflowEvent
from bishui.server.plans import calendar, duty_queries
from bishui.server.plans.models import Plan, ReportDue
from tests.server.conftest import CITY, PASSWORD
from tests.server.plans.conftest import PLAN

pytestmark = pytest.mark.django_db
WITH_REPORTS = PLAN.replace(
    "3\t实施方案",
    "4\t报送总结\t2025年6月25日前报送半年工作总结，2025年12月25日前报送全年工作总结。\t市住房城乡建设局\t/\t\t全年\n3\t实施方案",
)
DUE = date(2025, 6, 25)


@pytest.fixture
def owed(read_in, commit):
    """The half-year report that the housing bureau owes."""
    commit(read_in(WITH_REPORTS))
    return ReportDue.objects.get(due=DUE)


@pytest.fixture
def housing(instance):
    """The reporter of the housing bureau."""
    user = accounts.create_user("housing", PASSWORD, actor="system", unit=instance.units["city-housing"])
    accounts.grant(user, "unit_reporter", CITY, actor="system", unit=instance.units["city-housing"])
    return user


def file():
    return (BytesIO(b"%PDF-1.4 report"), "半年总结.pdf")


def hand_in(item, user, day):
    calendar.hand_in(item, file(), actor=user, at=datetime.combine(day, datetime.min.time()))


def state_of(item):
    return ReportDue.objects.get(pk=item.pk).state


def test_the_dates_in_a_task_are_owed_by_its_units(owed):
    rows = ReportDue.objects.order_by("due").values_list("due", "unit__code", "state")
    assert list(rows) == [(DUE, "city-housing", "due"), (date(2025, 12, 25), "city-housing", "due")]


def test_missing_is_an_event_of_the_day_after(owed):
    assert calendar.record_missing(CITY, DUE) == 0
    assert calendar.record_missing(CITY, date(2025, 6, 26)) == 1
    item = ReportDue.objects.get(pk=owed.pk)
    assert (item.state, item.missed_on) == ("missing", date(2025, 6, 26))
    event = WorkflowEvent.objects.get(record_id=owed.pk)
    assert (event.transition, event.evidence["day"]) == ("miss", "2025-06-26")


def test_after_a_downtime_each_day_is_recorded_once(owed):
    for _again in range(2):
        calendar.record_missing(CITY, date(2026, 1, 5))
    assert list(ReportDue.objects.order_by("due").values_list("missed_on", flat=True)) == [
        date(2025, 6, 26),
        date(2025, 12, 26),
    ]
    entries = AuditEntry.objects.filter(action="plans.reports_missing").order_by("sequence")
    assert [entry.params["day"] for entry in entries] == ["2025-06-26", "2025-12-26"]


def test_in_time_late_and_twice(owed, housing):
    calendar.record_missing(CITY, date(2025, 7, 1))
    owed.refresh_from_db()
    hand_in(ReportDue.objects.get(pk=owed.pk), housing, date(2025, 7, 2))
    assert state_of(owed) == "late"
    with pytest.raises(Conflict):
        hand_in(ReportDue.objects.get(pk=owed.pk), housing, date(2025, 7, 3))
    other = ReportDue.objects.get(due=date(2025, 12, 25))
    hand_in(other, housing, date(2025, 12, 25))
    assert (state_of(other), other.handed_in_on) == ("handed_in", date(2025, 12, 25))


def test_a_returned_report_is_handed_in_again(owed, housing, instance):
    hand_in(owed, housing, date(2025, 6, 20))
    with pytest.raises(DataError):
        calendar.send_back(owed, "", actor=instance.users["bureau_lead@city"])
    calendar.send_back(owed, "缺附表。", actor=instance.users["bureau_lead@city"])
    hand_in(ReportDue.objects.get(pk=owed.pk), housing, date(2025, 6, 30))
    assert state_of(owed) == "handed_in"


def test_a_report_is_handed_in_on_its_page_by_its_own_unit_only(owed, housing, instance):
    clients = {}
    for name, user in (("own", housing), ("viewer", instance.users["viewer@city"])):
        clients[name] = Client(headers={"accept-language": "zh-hans"})
        clients[name].force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    address = reverse("plans:report_due", args=[owed.pk])
    assert clients["viewer"].post(address, {}).status_code == 403
    assert clients["own"].post(address, {}).status_code == 422
    content, name = file()
    content.name = name
    assert clients["own"].post(address, {"file": content}).status_code == 302
    assert b"".join(clients["own"].get(reverse("plans:report_file", args=[owed.pk])).streaming_content)


def test_the_calendar_shows_the_month_and_what_is_missing(owed, instance):
    calendar.record_missing(CITY, date(2025, 6, 26))
    client = Client(headers={"accept-language": "zh-hans"})
    client.force_login(
        instance.users["bureau_staff@city"], backend="django.contrib.auth.backends.ModelBackend"
    )
    page = client.get(reverse("plans:calendar") + "?month=2025-06").content.decode()
    assert "半年工作总结" in page
    assert "缺报" in page
    assert client.get(reverse("plans:calendar") + "?month=nonsense").status_code == 200


def test_a_plan_that_counts_no_more_is_not_missed(owed):
    plan = Plan.objects.get()
    from bishui.server.core import audit

    with audit.action("core.first_start", actor="system"):
        plan.active = False
        plan.save()
    assert calendar.record_missing(CITY, date(2026, 1, 5)) == 0
    assert not duty_queries.ReportDue.objects.filter(state="missing").exists()
