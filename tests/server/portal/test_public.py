"""What the public sees: nothing before a person released it, and of what is released just what the law wants."""

import json
import subprocess
import sys
from datetime import date, timedelta
from pathlib import Path

import pytest
from django.core.cache import cache
from django.db.models import QuerySet
from django.test import Client
from django.urls import reverse

import bishui.server.portal as portal_room
from bishui.server.approvals.models import Application
from bishui.server.core import audit, clock
from bishui.server.inspections import drawing
from bishui.server.outfalls import services as outfalls
from bishui.server.outfalls.models import Outfall, OutfallRound
from bishui.server.portal import limits, services
from bishui.server.portal.models import LISTS, Complaint
from tests.server.conftest import CITY, COUNTY_A
from tests.server.inspections.conftest import DAY, carry_out, freeze, outfall, visit

pytestmark = pytest.mark.django_db
SCRIPT = Path(portal_room.__file__).parent / "repeat_draw.py"


@pytest.fixture(autouse=True)
def fresh_counts():
    cache.clear()


@pytest.fixture
def lead(instance):
    return instance.users["bureau_lead@city"]


def release(actor, *names, division=CITY, on=True):
    for name in names:
        services.set_release(division, name, on, actor=actor)


def get(route, *args, **query):
    return Client(headers={"accept-language": "zh-hans"}).get(reverse(f"portal:{route}", args=args), query)


def text(route, *args, **query):
    response = get(route, *args, **query)
    assert response.status_code == 200, (route, response.status_code)
    return response.content.decode()


def test_nothing_is_public_before_a_person_released_it(instance, lead):
    one = outfall(1, "hj1312-01")
    assert get("outfall", one.code).status_code == 404
    assert get("outfalls", "990000").status_code == get("city", "990000").status_code == 404
    assert "甲市" not in text("index")
    release(lead, "outfalls")
    assert one.name in text("outfall", one.code) and "甲市" in text("index")
    assert get("draws", "990000").status_code == 404  # each list for itself
    release(lead, "outfalls", on=False)
    assert get("outfall", one.code).status_code == 404


def test_what_is_said_of_a_county_counts_in_it(instance, lead):
    one = outfall(1, "hj1312-01")
    release(lead, "outfalls")
    release(lead, "outfalls", division=COUNTY_A, on=False)
    assert get("outfall", one.code).status_code == 404
    assert one.code not in text("outfalls", "990000")


def test_suspicions_and_what_is_no_outfall_never_appear(instance, lead):
    release(lead, "outfalls")
    for number, stage in enumerate(("suspected", "not_outfall"), start=1):
        hidden = outfall(number, "hj1312-01", stage)
        assert get("outfall", hidden.code).status_code == 404
        assert hidden.code not in text("outfalls", "990000")
    tracing = outfall(3, "hj1312-01", "tracing", responsible_name="嫌疑工厂")
    assert "嫌疑工厂" not in text("outfall", tracing.code) + text("outfalls", "990000")
    traced = outfall(4, "hj1312-01", "traced", responsible_name="责任工厂", note="内部备注")
    assert "责任工厂" in text("outfall", traced.code)
    assert "内部备注" not in text("outfall", traced.code)


def test_the_address_stays_when_the_official_code_arrives(instance, lead):
    release(lead, "outfalls")
    one = outfall(1, "hj1312-01")
    with audit.action("outfalls.saved", actor="system", name="x"):
        one.official_code = "HA-990101-0001-GY-00"
        one.prepare()
        one.save()
    page = text("outfall", one.code)
    assert "HA-990101-0001-GY-00" in page and one.code in page


def test_contacts_of_applications_and_reporters_are_never_shown(instance, lead):
    release(lead, *LISTS)
    one = outfall(1, "hj1312-01")
    given = {"deed": "new", "route": "approval", "kind": "hj1312-01", "applicant": "某厂", "paper": "某批1号"}
    days = {"received_on": DAY, "received_by": "经办", "decided_on": DAY}
    with audit.action("approvals.received", actor="system", name="x"):
        Application(
            division=COUNTY_A, code="SZ1", name="某口", contact="张某", phone="13800000000", rules_version="1",
            opinion_text="内部意见", **given, **days,
        ).save()  # fmt: skip
    QuerySet(Application).update(state="granted")
    services.receive(one, kind="colour", text="水是黑的", seen_on=DAY - timedelta(days=400), contact="李某")
    number = Complaint.objects.get().number
    pages = [text("settings", "990000"), text("outfall", one.code), text("reported", number)]
    assert "某批1号" in pages[0]
    for secret in ("张某", "13800000000", "内部意见", "李某", "水是黑的", "经办"):
        assert not any(secret in page for page in pages), secret


def test_of_a_draw_under_way_the_commitment_alone_is_public(pool, inspectors, lead):
    release(lead, "draws")
    draw = freeze(lead)
    assert draw.list_hash in text("draw", draw.code)
    carry_out(draw, lead)
    shown = text("draw", draw.code) + text("draws", "990000") + text("draw_data", draw.code)
    assert not any(code in shown for code in draw.codes)
    assert draw.seed not in shown and "检查员" not in shown


@pytest.mark.parametrize("by_class", [False, True])
def test_the_script_of_the_page_repeats_the_draw(pool, inspectors, lead, tmp_path, by_class):
    release(lead, "draws")
    draw = freeze(lead)
    draw.by_class = by_class
    with audit.action("inspections.drawn", actor="system", code="x", number="x"):
        draw.save()
    named = carry_out(draw, lead)
    for entry in named:
        visit(entry, lead)
    with clock.on(DAY + timedelta(days=12)):
        drawing.publish(draw, actor=lead)
    page = text("draw", draw.code)
    assert "名单摘要、种子与上面一致" in page and "检查员" not in page and "证号" not in page
    data, script = tmp_path / "draw.json", tmp_path / "repeat_draw.py"
    data.write_text(text("draw_data", draw.code), encoding="utf-8")
    script.write_text(text("script"), encoding="utf-8")
    asked = subprocess.run(
        [sys.executable, "-I", str(script), str(data)], capture_output=True, text=True, check=True
    )
    assert asked.stdout.split() == [one.code for one in named]
    changed = json.loads(data.read_text(encoding="utf-8"))
    data.write_text(json.dumps(changed | {"ids": changed["ids"][1:]}), encoding="utf-8")
    refused = subprocess.run(
        [sys.executable, "-I", str(script), str(data)], capture_output=True, text=True, check=False
    )
    assert refused.returncode == 1 and "hash" in refused.stderr


def test_the_script_has_at_most_thirty_lines():
    assert len(SCRIPT.read_text(encoding="utf-8").splitlines()) <= 30


def test_a_confirmed_report_opens_a_signed_off_outfall_again(instance, lead):
    release(lead, "outfalls", "complaints")
    with clock.on(date(2026, 5, 1)):
        one = outfalls.find_outfall("某口", division=COUNTY_A, actor="system", kind="hj1312-19")
    QuerySet(OutfallRound).filter(outfall=one).update(state="signed_off")
    QuerySet(Outfall).filter(pk=one.pk).update(stage="signed_off")
    client = Client()
    form = {"kind": "dry_flow", "seen_on": "2025-01-01", "text": "晴天一直在流"}
    assert client.post(reverse("portal:report", args=[one.code]), form | {"website": "x"}).status_code == 302
    assert not Complaint.objects.exists()  # a machine filled the field that people do not see
    assert client.post(reverse("portal:report", args=[one.code]), form).status_code == 302
    record = Complaint.objects.get()
    assert one.rounds.count() == 1  # nothing happens before a person confirms it
    staff = instance.users["bureau_staff@city"]
    services.decide(record, "confirm", "现场核实属实", actor=staff)
    latest = one.rounds.order_by("-number").first()
    assert (latest.number, latest.trigger) == (2, "complaint_confirmed")
    assert record.reopened == str(latest.pk)


def test_one_address_may_not_ask_without_end(instance, lead):
    release(lead, "outfalls", "complaints")
    one = outfall(1, "hj1312-01")
    form = {"kind": "other", "seen_on": "2025-01-01", "text": "x"}
    allowed = limits.rules()["reports"]["count"]
    statuses = [
        Client().post(reverse("portal:report", args=[one.code]), form).status_code
        for _time in range(allowed + 1)
    ]
    assert statuses == [302] * allowed + [429]


def test_a_bureau_releases_list_by_list_and_prints_the_sign(instance, lead):
    one = outfall(1, "hj1312-01", responsible_name="某厂")
    client = Client(headers={"accept-language": "zh-hans"})
    client.force_login(lead, backend="django.contrib.auth.backends.ModelBackend")
    office = {"name": "市生态环境局", "hotline": "0000-12369"}
    assert client.post(reverse("portal:manage"), office).status_code == 302
    assert client.post(reverse("portal:release", args=["outfalls"]), {"on": "1"}).status_code == 302
    sign = client.get(reverse("portal:sign", args=[one.code])).content.decode()
    for part in (one.name, one.code, "某厂", "0000-12369", reverse("portal:outfall", args=[one.code])):
        assert part in sign
    assert "0000-12369" in text("outfall", one.code)
    assert client.get(reverse("portal:complaints")).status_code == 200
