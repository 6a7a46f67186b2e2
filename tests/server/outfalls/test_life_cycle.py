"""The life cycle of an outfall from the bank to sign-off and back, as people do it."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from io import BytesIO
from uuid import uuid4

import pytest
from PIL import Image

from bishui.errors import Conflict, DataError, Forbidden
from bishui.server.core import clock
from bishui.server.outfalls import milestones, queries, services
from bishui.server.outfalls.models import Outfall
from tests.server.conftest import COUNTY_A
from tests.server.outfalls.life import BAD, DAY, GOOD, Life

pytestmark = pytest.mark.django_db


@pytest.fixture
def life(instance, data_dir):
    return Life(instance, COUNTY_A, discharge_standard="gb18918", discharge_grade="1A")


def lacks(error):
    return {problem.code for problem in error.value.problems}


def test_from_a_suspected_point_to_sign_off_and_back_by_a_bad_sample(life):
    life.verified().traced().planned().pending()
    with pytest.raises(DataError) as error:
        life.sign_off()
    assert lacks(error) == {"lacking-kept-in-order"}
    assert {problem.where.field for problem in error.value.problems} == {"sign", "sampling_point"}
    life.upkeep()
    closed = life.sign_off()
    assert (closed.state, life.stage()) == ("signed_off", "signed_off")
    life.now += DAY
    life.sample(BAD, purpose="supervision")
    reopened = life.round()
    assert (reopened.number, reopened.state, life.stage()) == (2, "verified", "verified")
    assert (reopened.former_id, reopened.trigger) == (closed.pk, "monitor_exceed")
    assert "化学需氧量" in reopened.trigger_text
    closed.refresh_from_db()
    assert (closed.state, closed.superseded) == ("signed_off", True)


def test_what_is_put_right_stays_found_abnormal_and_what_opens_again_is_so_anew(life):
    life.verified().traced().planned().pending()
    life.visit(abnormal="no", purpose="acceptance")
    assert Outfall.objects.get(pk=life.outfall.pk).abnormal == "yes"
    other = Life(life.instance, COUNTY_A, discharge_standard="gb18918", discharge_grade="1A", abnormal="no")
    other.visit(abnormal="no")
    assert Outfall.objects.get(pk=other.outfall.pk).abnormal == "no"
    services.reopen(_closed(life), "complaint_confirmed", record="C1", text="查实", actor="system")
    assert Outfall.objects.get(pk=life.outfall.pk).abnormal == "yes"


def _closed(life):
    life.upkeep()
    life.sign_off()
    return life.outfall


def test_the_view_of_a_photograph_is_said_afterwards_of_an_earlier_one_alone(life):
    life.verified()
    life.now += DAY
    later = life.photo("after")
    services.match_view(later, life.before, actor=life.staff)
    later.refresh_from_db()
    assert later.view_of_id == life.before.pk
    with pytest.raises(DataError, match="不早于"):
        services.match_view(life.before, later, actor=life.staff)


def test_a_hand_over_does_not_lie_in_the_future(life):
    taken = services.take_sample(
        life.outfall, "S1", purpose="survey", made_at=life.now, samplers=["甲", "乙"],
        flow_status="not_measured", actor=life.surveyor,
    )  # fmt: skip
    with pytest.raises(DataError, match="晚于现在"):
        services.hand_over(taken, "sealed", at=clock.now() + DAY, to_name="甲", actor=life.surveyor)


@pytest.mark.parametrize(("trigger", "purpose"), [("mouth_rebuilt", "dry"), ("borrowed_again", "patrol")])
def test_a_sealed_mouth_needs_two_dry_visits_fifteen_days_apart_and_reopens_itself(life, trigger, purpose):
    life.verified().traced().planned("ban").pending(sealed=True)
    life.now = life.now.replace(hour=10)
    dry = {"discharging": "no", "rain": "0.0", "purpose": "dry", "abnormal": "no"}
    life.visit(**dry)
    life.now += 13 * DAY
    life.visit(**dry)
    with pytest.raises(DataError) as error:
        life.sign_off(keep="no")
    assert lacks(error) == {"lacking-dry-visits"}
    life.visit(**dry)  # the fifteenth day
    closed = life.sign_off(keep="no", supervising_unit="")
    assert closed.outfall.removed_on == closed.finished_on
    shown = {"discharging": "yes"} if trigger == "mouth_rebuilt" else {"discharging": "no"}
    life.visit(purpose=purpose, abnormal_kinds=["borrowed_channel"], **shown)
    assert life.round().trigger == trigger
    assert life.round().outfall.removed_on is None


def test_nobody_signs_off_what_they_applied_for(life):
    life.verified().traced().planned().pending()
    life.upkeep()
    with pytest.raises(Forbidden, match="另一人"):
        life.sign_off(life.staff)
    assert life.stage() == "pending_acceptance"


def test_a_sign_off_without_any_proof_lacks_all_of_it(life):
    life.verified().traced().planned()
    life.now += DAY
    life.move("t12", started_on=life.now.date().isoformat(), progress="进场")
    with pytest.raises(DataError) as error:
        life.move("t13", finished_on=life.now.date().isoformat(), report=life.file("done"))
    assert lacks(error) == {"lacking-photo-after", "lacking-sampled-after"}
    life.sample(BAD)
    life.photo("after", lon=None, lat=None, view_of=life.before)
    life.move("t13", finished_on=life.now.date().isoformat(), report=life.file("done"))
    with pytest.raises(DataError) as error:
        life.sign_off(measures_done="no")
    assert lacks(error) == {
        "lacking-measures-done", "lacking-same-view", "lacking-passing-after", "lacking-kept-in-order",
    }  # fmt: skip


def test_the_government_answers_only_after_the_citys_analysis_failed(life):
    life.verified()
    life.sample(GOOD)
    life.move("t04", life.surveyor)
    life.move("t06", trace_methods=["desk"])
    given = {
        "trace_report": life.file("analysis"), "trace_finding": "无法确定", "responsible_kind": "government_fallback",
        "fallback_level": "county", "responsible_name": "乙县人民政府", "kind": "hj1312-16",
    }  # fmt: skip
    with pytest.raises(DataError, match="书面决定"):
        life.move("t08", analysis_result="not_found", **given)
    with pytest.raises(DataError) as error:
        life.move("t08", analysis_result="found", decision=life.file("decision"), **given)
    assert lacks(error) == {"lacking-analysis-failed"}
    traced = life.move("t08", analysis_result="not_found", decision=life.file("decision"), **given)
    assert (traced.state, traced.fallback_level) == ("traced", "county")
    assert traced.outfall.responsible_kind == "government_fallback"
    assert traced.decision is not None


def test_what_a_refused_step_had_taken_is_not_left_in_the_record(life):
    life.verified().traced().planned()
    mine, theirs = life.round(), life.round()
    given = {"started_on": "2025-04-01", "progress": "进场"}
    services.move(mine, "t12", actor=life.staff, evidence=given)
    with pytest.raises(Conflict, match="他人修改"):
        services.move(theirs, "t12", actor=life.lead, evidence=given)
    assert (theirs.state, theirs.started_on, theirs.progress) == ("planned", None, "")


def test_a_postponed_date_keeps_the_old_one_and_a_rejection_is_counted(life):
    life.verified().traced().planned()
    later = {
        "text": "汛期",
        "approver": "某局长",
        "transition_until": "2025-12-31",
        "transition_reason": "汛期",
    }
    with pytest.raises(DataError, match="相同"):
        life.move("t19", life.lead, planned_finish="2025-06-30", **later)
    life.move("t19", life.lead, planned_finish="2025-09-30", **later)
    life.pending()
    life.move("t14", life.lead, text="缺检查井", planned_finish="2025-10-31")
    found = queries.dossier(life.outfall)
    assert [(str(one.old), str(one.new), one.reason) for one in found.date_changes] == [
        ("2025-06-30", "2025-09-30", "汛期"),
        ("2025-09-30", "2025-10-31", "缺检查井"),
    ]
    assert (life.round().rejections, life.round().finished_on) == (1, None)
    assert Outfall.objects.get(pk=life.outfall.pk).due == date(2025, 10, 31)
    assert [event.transition for event in found.events] == [
        "t02", "t04", "t06", "t07", "t11", "t19", "t12", "t13", "t14",
    ]  # fmt: skip
    assert (len(found.visits), len(found.photos), len(found.samples)) == (1, 3, 2)


def test_an_outfall_leaves_the_numerator_on_the_day_it_is_opened_again(life, instance):
    with clock.on(date(2025, 4, 1)):
        life.verified().traced().planned().pending()
    life.upkeep()
    with clock.on(date(2025, 5, 10)):
        life.sign_off()
    milestone = milestones.define(
        COUNTY_A, actor=life.lead, name="30%", due=date(2025, 5, 31), percent=30, denominator="needs_remediation",
        numerator="signed_off", source="某方案一（二）",
    )  # fmt: skip
    with clock.on(date(2025, 6, 5)):
        services.reopen(
            life.outfall, "complaint_confirmed", record="C1", text="居民反映", actor=life.surveyor
        )
    milestones.freeze_due(date(2025, 5, 31))
    milestones.freeze_due(date(2025, 5, 31))
    assert [(one.codes, one.done) for one in milestone.snapshots.all()] == [
        ([life.outfall.code], [life.outfall.code])
    ]
    days = {
        day: queries.standings(COUNTY_A, day)[0]
        for day in (date(2025, 4, 1), date(2025, 5, 10), date.today())
    }
    before, closed, now = days.values()
    assert (before.needs_remediation, before.signed_off) == (True, False)
    assert (closed.needs_remediation, closed.signed_off) == (True, True)
    assert (now.needs_remediation, now.signed_off, now.traced) == (True, False, True)
    assert queries.standings(COUNTY_A, date(2025, 3, 1)) == []
    waiting = queries.open_work(life.surveyor, COUNTY_A)
    assert [one.number for one in waiting] == [2]
    assert not queries.open_work(instance.users["viewer@a"], COUNTY_A).exists()


def test_results_keep_what_the_report_says_and_how_they_were_judged(life):
    sample = life.sample({"ph": "7.2", "cod": "32 mg/L", "nh3n": "0.025L", "tp": "未检出", "tn": "<0.05"})
    held = {one.item: (one.given, one.value, one.below) for one in sample.results.all()}
    assert held["nh3n"] == ("0.025L", Decimal("0.025"), True)
    assert held["tp"] == ("未检出", None, True)
    assert held["tn"] == ("<0.05", Decimal("0.05"), True)
    assert held["cod"] == ("32 mg/L", Decimal("32"), False)
    assert sample.judged["rules"]
    assert "GB 18918" in sample.judged["edition"]
    again = {"cod": "320 mg/L"}
    with pytest.raises(DataError, match="已登记为 32"):
        services.enter_results(sample, again, laboratory="某监测站", report_number="R2", actor=life.staff)
    with pytest.raises(DataError) as error:
        services.enter_results(
            sample, {"tp": "约 3", "x": "1"}, laboratory="", report_number="", actor=life.staff
        )
    assert {problem.where.field for problem in error.value.problems} == {"tp", "results", "laboratory"}
    with pytest.raises(DataError) as error:
        services.hand_over(sample, "sealed", at=life.now + DAY, to_name="己", actor=life.staff)
    assert lacks(error) == {"custody-order"}


@pytest.mark.parametrize(("cod", "passes"), [("100 mg/L", "yes"), ("101 mg/L", "no")])
def test_limits_by_trade_follow_from_trade_and_day_of_building(instance, data_dir, cod, passes):
    """GB 8978-1996 表4: COD of other units, first grade, 100 mg/L."""
    stated = {"discharge_standard": "gb8978", "discharge_grade": "1", "trade": "other"}
    life = Life(instance, COUNTY_A, built=date(2010, 1, 1), **stated)
    assert life.sample({"cod": cod}).passes == passes


@pytest.mark.parametrize(("cod", "passes"), [("60 mg/L", "yes"), ("80 mg/L", ""), ("101 mg/L", "no")])
def test_a_limit_by_trade_is_not_guessed(instance, data_dir, cod, passes):
    """GB 8978-1996 表4: grade 1 from 1998 is 60 or 100 mg/L by the trade; only between them it is needed."""
    life = Life(instance, COUNTY_A, discharge_standard="gb8978", discharge_grade="1", built=date(2010, 1, 1))
    assert life.sample({"cod": cod}).passes == passes


def test_what_a_phone_sends_twice_is_there_once_and_its_public_copy_tells_nothing(life):
    key, made_at = uuid4(), life.now
    shot = Image.new("RGB", (40, 30), "navy")
    tags = shot.getexif()
    tags[0x010F] = "Phone"
    out = BytesIO()
    shot.save(out, "JPEG", exif=tags)
    first, second = (
        services.add_photo(
            life.outfall, out, "p.jpg", kind="outfall", made_at=made_at, actor=life.surveyor, client_id=key
        )
        for _ in range(2)
    )
    assert (first.pk, first.exif["make"]) == (second.pk, "Phone")
    with Image.open(first.public_file.path) as public, Image.open(first.file.path) as private:
        assert (dict(public.getexif()), public.info.get("exif")) == ({}, None)
        assert private.getexif()[0x010F] == "Phone"
    with pytest.raises(DataError, match="不是可用的照片"):
        services.add_photo(
            life.outfall, BytesIO(b"%PDF-1.4"), "p.jpg", kind="outfall", made_at=made_at, actor=life.surveyor
        )
