"""Work without signal: each form once, whatever the link does; doubts and contradictions told, nothing lost."""

from __future__ import annotations

import random
import uuid
from datetime import datetime, timedelta

import pytest

from bishui.server.core import audit
from bishui.server.core.models import AuditEntry
from bishui.server.field import deciding
from bishui.server.field.models import Submission, Upload
from bishui.server.outfalls.models import Custody, Outfall, Photo, Sample, Visit
from tests.server.conftest import COUNTY_A, COUNTY_B
from tests.server.field.devices import (
    VISIT,
    Device,
    LinkCut,
    discovery,
    jpeg,
    known_outfall,
    milliseconds,
    photograph,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def surveyor(instance, data_dir):
    return instance.users["field_surveyor@a"]


@pytest.fixture
def device(surveyor):
    return Device(surveyor, COUNTY_A)


def fates(results):
    return [result["fate"] for result in results]


def day_of_work(device, places):
    """Return forms and photographs of a day: at each place a discovery, a visit, a sample, its hand-over, a photograph."""
    forms, pictures = [], {}
    for place in range(places):
        found = discovery(device, f"疑似排口{place}", COUNTY_A, place)
        visit = device.form("visit", VISIT, discovery=found["client_id"])
        sample = device.form(
            "sample",
            {
                "number": f"S-{place:04d}",
                "purpose": "survey",
                "samplers": ["甲", "乙"],
                "bottles": [f"B{place}-1", f"B{place}-2"],
                "flow_status": "not_measured",
            },
            discovery=found["client_id"],
            visit=visit["client_id"],
        )
        handed = device.form(
            "custody",
            {"step": "received", "to_name": "丙", "from_name": "甲"},
            sample=sample["client_id"],
            at=device.now() + timedelta(seconds=5),
        )
        forms += [found, visit, sample, handed]
        content = jpeg(place, size=1500)
        picture = photograph(device, content, discovery=found["client_id"], visit=visit["client_id"])
        pictures[picture["client_id"]] = content
        forms.append(picture)
    return forms, pictures


def until_home(device, forms, pictures):
    """Send as the page does, in any order and some twice, whatever is not home yet, until all is."""
    home = set()
    for _ in range(40):
        waiting = [form for form in forms if form["client_id"] not in home]
        device.random.shuffle(waiting)
        for at in range(0, len(waiting), 25):
            part = waiting[at : at + 25]
            try:
                home |= send_once(device, part + part[:3], pictures)
            except LinkCut:
                continue
        if len(home) == len(forms):
            return
    raise AssertionError("not all came home")


def send_once(device, part, pictures):
    home = set()
    for result in device.send(*part):
        assert result["fate"] in ("done", "waiting"), result
        if result["fate"] == "done":
            home.add(result["client_id"])
        elif result["client_id"] in pictures:
            device.upload(pictures[result["client_id"]])
    return home


@pytest.mark.slow
def test_500_forms_sent_twice_out_of_order_over_a_link_that_breaks_are_500_records(surveyor):
    device = Device(surveyor, COUNTY_A, loss=0.05, seed=7)
    forms, pictures = day_of_work(device, places=100)
    assert len(forms) == 500
    until_home(device, forms, pictures)
    assert device.cuts > 20
    made = [Outfall.objects.count(), Visit.objects.count(), Sample.objects.count(), Photo.objects.count()]
    assert made == [100, 100, 100, 100]
    assert Custody.objects.exclude(client_id=None).count() == 100
    assert Submission.objects.filter(fate="done").count() == Submission.objects.count() == 500
    for photo in Photo.objects.select_related("file"):
        assert photo.file.path.read_bytes() == pictures[str(photo.client_id)]
    assert {str(photo.outfall_id) for photo in Photo.objects.all()} == {
        str(o.pk) for o in Outfall.objects.all()
    }
    assert not Upload.objects.exists()
    assert audit.verify()[1] == []


def test_a_photograph_before_its_visit_waits_and_then_follows(device):
    outfall = known_outfall(COUNTY_A)
    visit = device.form("visit", VISIT, outfall=str(outfall.pk))
    content = jpeg(1)
    picture = photograph(device, content, outfall=str(outfall.pk), visit=visit["client_id"])
    (result,) = device.send(picture)
    assert (result["fate"], result["waits_for"]) == ("waiting", visit["client_id"])
    device.upload(content)
    assert not Photo.objects.exists()
    assert fates(device.send(visit)) == ["done"]
    assert Photo.objects.get().visit == Visit.objects.get()


def test_the_same_form_again_writes_nothing_not_even_into_the_trail(device):
    visit = device.form("visit", VISIT, outfall=str(known_outfall(COUNTY_A).pk))
    assert fates(device.send(visit)) == ["done"]
    count = AuditEntry.objects.count()
    assert fates(device.send(visit, visit)) == ["done", "done"]
    assert (AuditEntry.objects.count(), Visit.objects.count()) == (count, 1)


def test_another_content_under_the_same_number_is_kept_beside_the_first(device):
    visit = device.form("visit", VISIT, outfall=str(known_outfall(COUNTY_A).pk))
    device.send(visit)
    (result,) = device.send(visit | {"fields": VISIT | {"colour": "黑"}})
    assert (result["fate"], result["other_content"]) == ("done", 1)
    assert Visit.objects.get().colour == "灰"


@pytest.mark.parametrize("ahead", [-86400 * 400, 3600])
def test_a_wrong_clock_is_told_put_right_and_its_offset_stored(surveyor, ahead):
    device = Device(surveyor, COUNTY_A, clock_ahead=ahead)
    (result,) = device.send(device.form("visit", VISIT, outfall=str(known_outfall(COUNTY_A).pk)))
    assert result["fate"] == "done"
    assert "clock" in [flag["key"] for flag in result["flags"]]
    visit, submission = Visit.objects.get(), Submission.objects.get()
    device.record.refresh_from_db()
    for offset in (visit.clock_offset, submission.clock_offset, device.record.clock_offset):
        assert abs(offset + ahead) <= 2
    assert abs(submission.made_at - device.now()) < timedelta(seconds=30)
    assert abs(submission.at - datetime.now()) < timedelta(seconds=30)


def test_times_that_cannot_be_true_are_marked_though_the_clock_is_right_now(device):
    outfall = str(known_outfall(COUNTY_A).pk)
    at = device.now() - timedelta(hours=5)
    later = milliseconds(device.now() - timedelta(hours=1))
    (result,) = device.send(device.form("visit", VISIT, outfall=outfall, at=at, contact=later, former=later))
    assert {flag["key"] for flag in result["flags"]} == {"before_contact", "out_of_order"}
    (result,) = device.send(device.form("visit", VISIT, outfall=outfall, clock_changed=7200, at=at))
    assert [flag["key"] for flag in result["flags"]] == ["clock_changed"]
    assert Submission.objects.get(client_id=result["client_id"]).at == at.replace(microsecond=0) + timedelta(
        hours=2
    )


def test_an_outfall_changed_meanwhile_is_a_conflict_that_a_person_decides(device, instance):
    outfall = known_outfall(COUNTY_A)
    seen = {"name": outfall.name, "stage": outfall.stage, "lon": "109.12000000", "lat": "24.33000000"}
    with audit.action("outfalls.saved", actor="system", name="x"):
        outfall.name = "柳埠排口（更名）"
        outfall.save()
    visit = device.form("visit", VISIT, outfall=str(outfall.pk), seen=seen)
    content = jpeg(2)
    device.upload(content)
    results = device.send(visit, photograph(device, content, visit=visit["client_id"]))
    assert fates(results) == ["conflict", "waiting"]
    (change,) = results[0]["differences"]
    assert (change["label"]["zh"], change["seen"], change["now"]) == ("名称", "柳埠排口", "柳埠排口（更名）")
    assert not Visit.objects.exists()
    submission = Submission.objects.get(kind="visit")
    deciding.decide(submission, "record", actor=instance.users["bureau_staff@a"], why="只是更名")
    assert fates(device.send(visit)) == ["done"]
    assert Visit.objects.get().outfall == Photo.objects.get().outfall == outfall


def test_what_is_set_aside_is_kept_with_its_photograph(device, instance):
    outfall = known_outfall(COUNTY_A)
    visit = device.form("visit", VISIT, outfall=str(outfall.pk), seen={"name": "旧名"})
    content = jpeg(3)
    device.upload(content)
    device.send(visit, photograph(device, content, visit=visit["client_id"]))
    submission = Submission.objects.get(kind="visit")
    deciding.decide(submission, "set_aside", actor=instance.users["bureau_staff@a"], why="走错了地方")
    kept = Submission.objects.get(kind="photograph")
    assert (kept.fate, kept.file.path.read_bytes()) == ("set_aside", content)
    assert not Visit.objects.exists()
    assert not Photo.objects.exists()


def test_a_place_found_beside_a_known_outfall_may_be_that_one(device, instance):
    outfall = known_outfall(COUNTY_A)
    found = discovery(device, "又一个", COUNTY_A)
    found["position"] |= {"lon": "109.1200500", "lat": "24.3300000"}
    visit = device.form("visit", VISIT, discovery=found["client_id"])
    assert fates(device.send(found, visit)) == ["conflict", "waiting"]
    submission = Submission.objects.get(kind="discovery")
    clerk = instance.users["bureau_staff@a"]
    deciding.decide(submission, "attach", actor=clerk, why="同一个", code=outfall.code)
    assert Visit.objects.get().outfall == outfall
    assert Outfall.objects.count() == 1


def test_a_form_that_was_refused_comes_again_corrected(device):
    visit = device.form("visit", VISIT | {"people": []}, outfall=str(known_outfall(COUNTY_A).pk))
    (result,) = device.send(visit)
    assert result["fate"] == "refused"
    assert result["reason"]["problems"][0]["where"] == {"field": "people"}
    assert fates(device.send(visit | {"fields": VISIT})) == ["done"]
    assert Submission.objects.count() == 1


def test_nobody_sends_for_a_county_that_is_not_theirs(device):
    foreign = known_outfall(COUNTY_B)
    results = device.send(
        device.form("visit", VISIT, outfall=str(foreign.pk)), discovery(device, "邻县", COUNTY_B)
    )
    assert fates(results) == ["refused", "refused"]
    assert not Visit.objects.exists()


def test_one_unreadable_form_does_not_hold_up_the_others(device):
    good = device.form("visit", VISIT, outfall=str(known_outfall(COUNTY_A).pk))
    assert fates(device.send({"kind": "visit"}, [], good)) == ["unreadable", "unreadable", "done"]


def test_pieces_that_overlap_or_come_again_make_the_photograph_and_a_wrong_one_is_thrown_away(device):
    content = random.Random(1).randbytes(5000)
    device.upload(content, piece=700)
    assert Upload.objects.get().path.read_bytes() == content
    address = f"/field/api/uploads/{'0' * 64}?size=4&offset=0"
    answer = device.call("put", address, b"abcd", "application/octet-stream")
    assert answer.status_code == 422
    assert not Upload.objects.get(sha256="0" * 64).path.exists()


def test_a_device_that_is_revoked_or_a_session_without_token_sends_nothing(device, surveyor):
    from django.test import Client

    from bishui.server.field import devices

    devices.revoke(device.record, actor=surveyor)
    assert device.call("get", "/field/api/hello").status_code == 401
    forged = Client(enforce_csrf_checks=True)
    forged.force_login(surveyor, backend="django.contrib.auth.backends.ModelBackend")
    answer = forged.post("/field/api/forms", {"now": 0, "forms": []}, content_type="application/json")
    assert answer.status_code == 403


def test_points_come_in_parts_with_a_cursor_and_only_those_of_the_county(device, monkeypatch):
    from bishui.server.field import points

    for name in "一二三":
        known_outfall(COUNTY_A, name)
    known_outfall(COUNTY_B, "他县")
    monkeypatch.setattr(points, "limit", {"points_at_once": 2, "points": 10}.__getitem__)
    names, after = [], ""
    while True:
        part = device.call("get", f"/field/api/points?division={COUNTY_A}&after={after}").json()
        names += [point["name"] for point in part["points"]]
        after = part["cursor"]
        if not after:
            break
    assert names == ["一", "二", "三"]
    assert device.call("get", f"/field/api/points?division={COUNTY_B}").json()["points"] == []


def test_an_unknown_outfall_is_refused_with_what_to_do(device):
    (result,) = device.send(device.form("visit", VISIT, outfall=str(uuid.uuid4())))
    assert result["fate"] == "refused"
    assert "更新点位" in result["reason"]["remedy"]["zh"]
