"""Inspections: who, when, every item; failing ones open a new round; findings become cases; the two duties."""

from datetime import date, datetime, timedelta
from decimal import Decimal
from uuid import uuid4

import pytest
from django.db.models import QuerySet
from django.test import Client
from django.urls import reverse

from bishui.errors import Conflict, DataError
from bishui.outfalls import HalfYear
from bishui.server.cases.models import Case
from bishui.server.core import clock
from bishui.server.inspections import queries, services
from bishui.server.inspections.models import Finding, Inspection
from bishui.server.outfalls import services as outfalls
from bishui.server.outfalls.models import Outfall, OutfallRound
from tests.server.conftest import CITY, COUNTY_A
from tests.server.inspections.conftest import DAY, answers, carry_out, freeze, outfall, visit

pytestmark = pytest.mark.django_db
AT = datetime(2026, 9, 10, 9)
PERIOD = HalfYear(2026, 2)


@pytest.fixture
def staff(instance, inspectors):
    return instance.users["bureau_staff@city"]


def closed(kind="hj1312-19"):
    """An outfall whose only round is signed off; how a round gets there is tested with the life cycle."""
    with clock.on(date(2026, 5, 1)):
        one = outfalls.find_outfall("雨洪口", division=COUNTY_A, actor="system", kind=kind)
    QuerySet(OutfallRound).filter(outfall=one).update(state="signed_off")
    QuerySet(Outfall).filter(pk=one.pk).update(stage="signed_off")
    return Outfall.objects.get(pk=one.pk)


def inspect(one, actor, *, inspectors=("E01", "E02"), findings=(), purpose="routine", **seen):
    with clock.on(date(2026, 9, 20)):
        return services.record_inspection(
            one,
            services.Seen(**{"answers": answers(), **seen}),
            purpose=purpose,
            made_at=AT,
            inspectors=inspectors,
            actor=actor,
            findings=findings,
        )


def test_an_inspection_answers_every_item_and_takes_two_people(instance, staff):
    one = closed()
    with pytest.raises(DataError, match="没有回答"):
        inspect(one, staff, answers=answers(sign=""))
    with pytest.raises(DataError, match="至少需要 2 名"):
        inspect(one, staff, inspectors=["E01"])
    with pytest.raises(DataError, match="样品"):
        inspect(one, staff, sample="没有这个样品")
    one.responsible_unit = "a-bureau"
    with pytest.raises(DataError, match="回避"):  # E04 works at the unit that answers for it
        inspect(one, staff, inspectors=["E01", "E04"])
    assert inspect(one, staff).passed and not Inspection.objects.get().reopened


def test_a_failed_inspection_opens_a_signed_off_outfall_again(instance, staff):
    one = closed()
    assert inspect(one, staff, answers=answers(sign="no")).passed  # a missing sign is a finding, no failure
    record = inspect(one, staff, answers=answers(channel="no"))
    latest = one.rounds.order_by("-number").first()
    assert not record.passed and record.reopened == str(latest.pk)
    assert (latest.number, latest.trigger) == (2, "borrowed_again")
    again = inspect(one, staff, answers=answers(channel="no"))
    assert not again.reopened and one.rounds.count() == 2  # it is open already


def test_dry_weather_flow_at_a_rain_outfall_fails(instance, staff):
    one = closed()
    with pytest.raises(DataError, match="雨量"):
        inspect(one, staff, purpose="storm", flowing="yes")
    assert inspect(one, staff, purpose="storm", flowing="yes", rain=Decimal("12.0")).passed
    dry = inspect(one, staff, purpose="storm", flowing="yes", rain=Decimal("0.4"))
    assert not dry.passed and one.rounds.order_by("-number").first().trigger == "dry_flow"


def test_a_finding_becomes_one_case_with_its_deadline(instance, staff):
    found = services.Found("sign", "标识牌缺失", date(2026, 10, 10))
    record = inspect(closed(), staff, findings=[found])
    finding = record.findings.get()
    with clock.on(date(2026, 9, 20)):
        case = services.open_case(finding, instance.units["a-bureau"], actor=staff)
    assert (case.deadline, case.object_type) == (date(2026, 10, 10), "outfall")
    with pytest.raises(Conflict):
        services.open_case(Finding.objects.get(), instance.units["a-bureau"], actor=staff)
    assert Case.objects.count() == 1


def test_an_inspection_sent_twice_is_one(instance, staff):
    one, key = closed(), uuid4()
    for _again in range(2):
        with clock.on(date(2026, 9, 20)):
            services.record_inspection(
                one,
                services.Seen(answers()),
                purpose="routine",
                made_at=AT,
                inspectors=["E01", "E02"],
                actor=staff,
                client_id=key,
            )
    assert Inspection.objects.count() == 1


def test_a_visit_before_the_draw_or_by_others_does_not_fulfil_it(pool, staff, instance):
    lead = instance.users["bureau_lead@city"]
    (entry, *_rest) = carry_out(freeze(lead), lead)
    with pytest.raises(DataError, match="抽取之前"):
        visit(entry, staff, day=DAY + timedelta(days=1))
    entry.inspectors = ["E01", "E05"]
    with pytest.raises(DataError, match="不一致"), clock.on(DAY + timedelta(days=10)):
        services.record_inspection(
            entry.outfall,
            services.Seen(answers()),
            purpose="draw",
            made_at=datetime(2026, 9, 11),
            inspectors=["E02", "E03"],
            actor=staff,
            named=entry,
        )


def test_who_is_above_scale_is_asked_of_the_register_then_of_the_flow(instance, staff):
    said = outfall(1, "hj1312-09", above_scale="yes")
    outfall(2, "hj1312-09", above_scale="no")
    outfall(3, "hj1312-09", above_scale="yes", online_monitor="yes")
    outfall(4, "hj1312-09")
    measured = outfall(5, "hj1312-09")
    with clock.on(date(2026, 9, 20)):
        outfalls.take_sample(
            measured,
            "S-1",
            purpose="supervision",
            made_at=AT,
            samplers=["甲", "乙"],
            flow_status="measured",
            flow_given="350 m3/d",
            flow=Decimal(350),
            actor=staff,
        )
    watch = queries.monitoring_duty(CITY, PERIOD, date(2026, 9, 20))
    assert {one.code: state for one, state, _day in watch.rows} == {
        said.code: "missing",
        measured.code: "done",
    }
    assert (watch.whole.wanted, watch.whole.done, watch.unknown) == (2, 1, 1)


def test_a_rain_outfall_is_watched_until_it_was_seen_dry(instance, staff):
    one = closed()
    before = queries.storm_duty(CITY, PERIOD, date(2026, 9, 20))
    assert [state for _one, state, _day in before.rows] == ["missing"]
    inspect(one, staff, purpose="storm", flowing="no", rain=Decimal("0.0"))
    after = queries.storm_duty(CITY, PERIOD, date(2026, 9, 20))
    assert [state for _one, state, _day in after.rows] == ["dry"] and after.whole.fulfilled


def test_the_form_records_an_inspection(instance, staff):
    one = closed()
    client = Client(headers={"accept-language": "zh-hans"})
    client.force_login(staff, backend="django.contrib.auth.backends.ModelBackend")
    form = {f"item_{item}": answer for item, answer in answers().items()}
    form |= {"outfall": one.code, "purpose": "routine", "made_at": "2026-01-05T09:00"}
    form |= {"inspectors": ["E01", "E02"], "finding_1": "标识牌褪色"}
    page = client.get(reverse("inspections:new"), {"outfall": one.code})
    assert page.status_code == 200 and one.code in page.content.decode()
    response = client.post(reverse("inspections:new"), form, follow=True)
    assert "标识牌褪色" in response.content.decode()
    assert "转督办" in response.content.decode()
    assert client.get(reverse("inspections:overview")).status_code == 200
    assert client.get(reverse("inspections:storm")).status_code == 200
