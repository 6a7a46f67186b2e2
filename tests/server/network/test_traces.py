"""From an alert to the hit rate: asked once, never changed, sent to be investigated, confirmed or refuted."""

import zipfile
from datetime import date, datetime, timedelta
from decimal import Decimal
from io import BytesIO
from xml.etree import ElementTree

import pytest
from django.urls import reverse

from bishui.errors import Conflict, DataError
from bishui.server.accounts.models import User
from bishui.server.alerts.models import Alert
from bishui.server.core import audit, imports
from bishui.server.core.advancing import advance
from bishui.server.core.models import AuditEntry
from bishui.server.network import queries, services
from bishui.server.network.models import Investigation, TraceRun
from bishui.server.network.permits import other_concentrations
from bishui.server.network.rules import pollutants, traceable
from bishui.server.network.traced import told
from bishui.standards import items
from tests.server.conftest import CITY
from tests.server.network.conftest import lead, permit
from tests.server.sites.conftest import csv, workspace

pytestmark = pytest.mark.django_db
FIRST = datetime(2021, 4, 20, 8)


def readings():
    """Return four weeks of both sections; ammonia rises at the lower one, while the upper one stays as it was."""
    for step in range(28 * 6):
        moment = FIRST - timedelta(days=26) + timedelta(hours=4 * step)
        for name in ("上断面", "下断面"):
            ammonia = 2.4 if name == "下断面" and moment >= FIRST else 0.25
            for item, value in (("氨氮", ammonia + 0.01 * (step % 5)), ("总磷", 0.06 + 0.002 * (step % 3))):
                yield f"{name},{moment:%Y-%m-%d %H:%M},{item},{value:.3f},mg/L,,自动"


@pytest.fixture
def alert(river):
    """An exceedance of ammonia at the lower section."""
    session = imports.receive("observations", [csv(*readings())], "r.csv", division=CITY, actor=lead())
    imports.run_now(session, actor=lead())
    with audit.action("alerts.found", actor="system", division=CITY, made=1, extended=0):
        found = Alert(
            division=CITY,
            key="k",
            series="s",
            kind="exceedance",
            level="reading",
            site=river["low"],
            name="下断面",
            item="nh3n",
            first=FIRST,
            last=FIRST + timedelta(days=1),
            in_a_row=6,
            value="2.44",
            against="1.0",
            text={"zh": "下断面氨氮超标", "en": "Ammonia at the lower section"},
            rows=[],
            rules="alerts",
            found_at=FIRST,
        )
        found.save()
    return found


@pytest.fixture
def run(alert):
    """The trace of it, answered."""
    made = services.ask_trace(alert, workspace(), actor=lead())
    services.run_trace(made)
    return TraceRun.objects.get(pk=made.pk)


def end_case(made):
    """Answer and accept the case of an investigation."""
    other = User.objects.get(username="bureau_staff@city")
    advance(made.case, "issue", actor=lead())
    page = (BytesIO(b"%PDF-1.4\n%%EOF\n"), "record.pdf")
    advance(made.case, "answer", actor=other, texts={"text": "已核查。"}, uploads={"file": page})
    advance(made.case, "accept", actor=lead(), texts={"text": "属实。"})
    return Investigation.objects.get(pk=made.pk)


def test_a_trace_is_asked_answered_dispatched_and_confirmed(run, instance, at):
    assert {entry["code"] for entry in run.asked["candidates"]} == {"P1", "P2"}
    assert run.asked["limits"] == {"cod": 20.0, "nh3n": 1.0, "tp": 0.2, "tn": None}
    assert {suspect["key"] for suspect in run.result["suspects"]} == {"P1", "P2"}
    page = at().get(reverse("network:trace", args=[run.pk])).content.decode()
    said = told(run)
    assert "线索，不是证据" in page
    assert said.caution in page
    assert "名单之外" in page
    assert all(suspect.name in page for suspect in said.suspects)

    with pytest.raises(Conflict), audit.action("network.traced", actor="x", division=CITY, name="x"):
        run.result = {}
        run.save()
    services.run_trace(TraceRun.objects.get(pk=run.pk))
    assert AuditEntry.objects.filter(action="network.traced").count() == 1

    fresh = TraceRun.objects.get(pk=run.pk)
    with pytest.raises(DataError):
        services.dispatch(
            fresh,
            ["P9"],
            "核查",
            "请核查。",
            unit=instance.units["a-bureau"],
            deadline=FIRST.date(),
            actor=lead(),
        )
    sent = at().post(
        reverse("network:dispatch", args=[run.pk]),
        {
            "suspects": ["P1"],
            "title": "核查",
            "text": "请核查。",
            "unit": instance.units["city-bureau"].pk,
            "deadline": "2099-01-01",
        },
    )
    made = Investigation.objects.get()
    assert sent.url == reverse("cases:case", args=[made.case_id])
    assert queries.hit_rate([fresh]).still_open == 1
    with pytest.raises(Conflict):
        services.record_found(made, "confirmed", ["P1"], "属实", actor=lead())

    ended = end_case(made)
    with pytest.raises(DataError):
        services.record_found(ended, "confirmed", [], "没有说是谁", actor=lead())
    at().post(
        reverse("network:found", args=[ended.pk]),
        {"outcome": "confirmed", "sources": ["P1"], "found": "处理设施停运。"},
    )
    rate = queries.hit_rate([fresh])
    place = next(n for n, group in enumerate(fresh.result["groups"], 1) if "P1" in group["keys"])
    assert (rate.first.hits, rate.first.of, rate.still_open) == (int(place == 1), 1, 0)
    assert (rate.first_three.hits, rate.first_three.of) == (1, 1)
    assert "处理设施停运" in at().get(reverse("network:trace", args=[run.pk])).content.decode()


def test_the_unit_asked_to_look_sees_its_case_with_the_caution_and_no_trace(run, instance, at):
    unit = instance.units["city-bureau"]
    deadline = date(2099, 1, 1)
    made = services.dispatch(run, ["P1"], "核查", "请核查。", unit=unit, deadline=deadline, actor=lead())
    advance(made.case, "issue", actor=lead())
    case, trace = reverse("cases:case", args=[made.case_id]), reverse("network:trace", args=[run.pk])
    own = at("unit_reporter@city")
    page = own.get(case).content.decode()
    assert told(run).caution in page
    assert "线索，不是证据" in page
    assert trace not in page
    assert own.get(trace).status_code == 403
    assert at("unit_reporter@a").get(case).status_code == 404
    assert trace in at().get(case).content.decode()


def test_where_an_invented_city_is_shown_nobody_of_a_real_place_is_suspected(alert, at):
    alert.division = "980000/"
    assert not queries.may_trace(alert, lead())
    with pytest.raises(Conflict):
        services.ask_trace(alert, workspace(), actor=lead())


def test_only_an_exceedance_of_an_item_that_is_computed_can_be_traced(alert, at):
    assert queries.may_trace(alert, lead())
    assert not queries.may_trace(alert, User.objects.get(username="auditor@city"))
    page = reverse("alerts:alert", args=[alert.pk])
    ask = reverse("network:trace_alert", args=[alert.pk])
    assert ask in at().get(page).content.decode()
    assert ask not in at("auditor@city").get(page).content.decode()
    assert at("auditor@city").post(ask).status_code == 403
    alert.item = "do"
    assert not queries.may_trace(alert, lead())


def test_fluoride_is_traced_to_the_one_whose_permit_names_it(alert):
    permit("P3", "氟口", "109.4600", kind="other", flow="864", others="氟化物=8；铜=0.5")
    rows = [
        f"{name},{FIRST + timedelta(hours=4 * step):%Y-%m-%d %H:%M},氟化物,{value:.2f},mg/L,,自动"
        for step in range(-60, 12)
        for name, value in (("上断面", 0.3), ("下断面", 1.9 if step >= 0 else 0.32 + 0.01 * (step % 5)))
    ]
    session = imports.receive("observations", [csv(*rows)], "f.csv", division=CITY, actor=lead())
    imports.run_now(session, actor=lead())
    alert.item = "f"
    assert queries.may_trace(alert, lead())
    made = services.ask_trace(alert, workspace(), actor=lead())
    assert [entry["item"] for entry in made.asked["pollutants"]] == ["cod", "nh3n", "tp", "tn", "f", "cu"]
    services.run_trace(made)
    answered = TraceRun.objects.get(pk=made.pk)
    assert answered.result is not None, answered.fault
    chance = {suspect["key"]: suspect["probability"] for suspect in answered.result["suspects"]}
    assert chance["P3"] > max(chance["P1"], chance["P2"])


@pytest.mark.parametrize("text", ["氟化物", "氟化物=多", "氨氮=5", "水温=20", "某物=1", "铜=-1"])
def test_a_permit_of_something_else_is_refused_with_the_place(text):
    with pytest.raises(DataError) as refused:
        other_concentrations(text)
    assert refused.value.where.field == "others"


def test_every_item_of_a_trace_is_measured_in_milligrams_and_has_its_decay_from_settings():
    assert [one.key for one in pollutants(traceable())] == list(traceable())
    assert {items()[key].unit for key in traceable()} == {"mg/L"}
    assert other_concentrations("氟化物=5；Cu＝0.5;") == {"f": Decimal(5), "cu": Decimal("0.5")}


def test_without_a_candidate_the_trace_says_what_to_do(alert):
    register = "discharges"
    from bishui.server.network.models import Discharge

    with audit.action("core.register_saved", actor="x", division=CITY, register=register, name="P"):
        Discharge.objects.all().delete()
    with pytest.raises(DataError, match="没有可作候选的排污口"):
        services.ask_trace(alert, workspace(), actor=lead())


# -- pages ---------------------------------------------------------------------------------------------

PAGES = ("map", "versions", "traces", "spill", "capacity", "snapping")


def test_every_page_is_useful_before_there_is_a_network(things, at):
    client = at()
    for name in PAGES:
        page = client.get(reverse(f"network:{name}"))
        assert page.status_code == 200
        assert "河网" in page.content.decode()
    assert "还没有河网" in client.get(reverse("network:map")).content.decode()
    assert client.get(reverse("network:side"), {"at": "c"}).status_code == 404


def test_every_page_shows_the_network_without_a_script(river, at):
    client = at()
    for name in PAGES:
        assert client.get(reverse(f"network:{name}")).status_code == 200
    side = client.get(reverse("network:map"), {"at": "c", "side": "up"}).content.decode()
    assert "上断面" in side
    assert "北溪口" in side
    told_json = client.get(reverse("network:side"), {"at": "c", "side": "up"}).json()
    assert told_json["reaches"][0] == "c"
    assert {entry["code"] for entry in told_json["there"]} == {"S1", "S2", "W1", "P1", "P2"}
    room = client.get(reverse("network:capacity"), {"item": "tp"}).content.decode()
    assert "约束断面" in room
    binding = {
        entry["id"]: entry["binding"]
        for entry in client.get(reverse("network:capacity_json"), {"item": "tp"}).json()["reaches"]
    }
    assert binding["b"] == f"site:{river['low'].pk}"


def test_what_a_section_carries_is_shown_by_source_against_what_was_measured(alert, river, at):
    page = at().get(reverse("network:balance", args=[f"site:{river['low'].pk}"]), {"item": "nh3n"})
    for words in ("北溪口", "区间来水", "没有监测结果", "受本断面约束的河段"):
        assert words in page.content.decode()
    assert at().get(reverse("network:balance", args=["site:x"])).status_code == 404


def test_the_room_at_a_place_is_told_or_what_is_wrong_with_the_place(river, at):
    for lon, lat, said in (
        ("109.43", "24.3157", "还可接纳"),
        ("100", "24", "附近没有河网中的河段"),
        ("东经", "24", "请填写十进制的经度和纬度"),
    ):
        asked = {"item": "tp", "lon": lon, "lat": lat}
        assert said in at().get(reverse("network:capacity"), asked).content.decode()


def words_of(content):
    """Return the texts of a document."""
    with zipfile.ZipFile(BytesIO(content)) as parts:
        return ElementTree.fromstring(parts.read("word/document.xml")).itertext()


def test_a_drill_says_who_to_notify_and_prints_one_river_one_plan_one_map(river, at):
    asked = {"reach": "a", "chainage": "4000", "item": "nh3n", "mass": "500", "begin": "2021-04-20T08:00"}
    page = at().get(reverse("network:spill"), asked).content.decode()
    assert "水厂" in page
    sheet = at().get(reverse("network:sheet"), asked).content.decode()
    for words in ("一河", "一策", "一图", "停止取水", "<svg"):
        assert words in sheet
    paper = at().get(reverse("network:sheet_docx"), asked)
    text = "".join(cell for cell in words_of(paper.content))
    for words in ("氨氮泄漏应急：一河一策一图", "水厂", "停止取水", "先后次序", "泄漏点以下各处的距离"):
        assert words in text
    wrong = asked | {"reach": "z", "mass": "", "limit": "-1", "flow_factor": "1000"}
    page = at().get(reverse("network:spill"), wrong).content.decode()
    for words in (
        "河网中没有编号为“z”的河段",
        "这个字段是必填项",
        "请填写大于 0 的数",
        "请填写 0.05 至 50 之间的数",
    ):
        assert words in page


def test_a_place_is_accepted_on_its_page(river, at):
    key = f"site:{river['up'].pk}"
    address = reverse("network:place", args=[key])
    assert (
        at("auditor@city").post(address, {"reach": "a", "chainage": "10", "reason": "x"}).status_code == 403
    )
    at().post(address, {"reach": "a", "chainage": "1990", "reason": "现场核对"})
    page = at().get(reverse("network:snapping")).content.decode()
    assert "人工核定" in page
    assert "1990" in page
