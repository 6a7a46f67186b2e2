"""The random draw: frozen and in the trail before the number is known, never repeated, nobody slipped off."""

from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest
from django.test import Client
from django.urls import reverse

from bishui.errors import Conflict, DataError, Forbidden
from bishui.outfalls import draw_rule
from bishui.server.core import audit, clock
from bishui.server.core.models import AuditEntry
from bishui.server.inspections import drawing, queries
from bishui.server.inspections.models import Draw, Finding, Inspector, Recusal
from bishui.server.reporting import gather_supervision, periods
from tests.server.conftest import CITY
from tests.server.inspections.conftest import DAY, NUMBER, carry_out, freeze, outfall, visit

pytestmark = pytest.mark.django_db


@pytest.fixture
def lead(instance):
    return instance.users["bureau_lead@city"]


def client_of(instance, name):
    client = Client(headers={"accept-language": "zh-hans"})
    client.force_login(instance.users[name], backend="django.contrib.auth.backends.ModelBackend")
    return client


def test_the_list_is_the_three_classes_as_they_stand_on_the_day(pool, inspectors, lead):
    for number, (kind, fields) in enumerate(
        [
            ("hj1312-04", {}),
            ("", {}),
            ("hj1312-01", {"removed_on": DAY}),
            ("hj1312-01", {"stage": "not_outfall"}),
        ]
    ):
        outfall(90 + number, kind, **fields)
    draw = freeze(lead)
    assert draw.codes == tuple(sorted(pool))
    assert (draw.count, draw.untyped) == (3, 1)
    assert draw.inspectors == ["E01", "E02", "E03", "E04"]  # E05's certificate has run out


def test_the_commitment_is_in_the_trail_before_the_number_is_known(pool, inspectors, lead):
    draw = freeze(lead)
    number, digest = queries.commitment_entry(draw)
    entry = AuditEntry.objects.get(sequence=number)
    assert entry.digest == digest and entry.params["list_hash"] == draw.list_hash
    assert not any(code in str(entry.changes) for code in draw.codes)  # the list itself stays secret
    with pytest.raises(Forbidden, match="公布"), clock.on(DAY):
        drawing.carry_out(draw, NUMBER, "某报", actor=lead)
    with pytest.raises(DataError, match="已公布"), clock.on(DAY):
        drawing.freeze(
            "990000/990102/", random_source="昨天的号码", random_at=datetime(2026, 8, 1), actor=lead
        )


def test_a_half_year_has_one_draw(pool, inspectors, lead):
    carry_out(freeze(lead), lead)
    with pytest.raises(Conflict, match="不能重来"):
        freeze(lead)
    with pytest.raises(Conflict):
        carry_out(Draw.objects.get(), lead)


def test_what_was_drawn_follows_from_list_and_number_alone(pool, inspectors, lead):
    draw = freeze(lead)
    named = carry_out(draw, lead)
    assert [one.code for one in named] == list(draw.drawing().drawn)
    assert all(len(one.inspectors) == int(draw_rule()["inspectors"]) for one in named)


def test_a_recused_inspector_is_never_sent_nor_one_of_the_responsible_unit(pool, inspectors, lead):
    with audit.action("core.register_saved", actor="system", register="x", name="x"):
        for number, code in enumerate(pool):
            Recusal(code=f"R{number}", inspector="E01", outfall=code, reason="亲属任职", division=CITY).save()
        for one in pool.values():
            one.responsible_unit = "a-bureau"
            one.save()
    named = carry_out(freeze(lead), lead)
    assert {tuple(sorted(one.inspectors)) for one in named} == {("E02", "E03")}


def test_nobody_slips_off_the_list_by_being_removed_afterwards(pool, inspectors, lead):
    draw = freeze(lead)
    gone = draw.codes[0]
    with audit.action("outfalls.found", actor="system", name="x"):
        one = pool[gone]
        one.removed_on = DAY
        one.save()
    carry_out(draw, lead)
    assert gone in draw.codes
    assert [(code, str(what)) for code, _name, what in drawing.gone_since(draw)] == [
        (gone, "已于 2026-09-01 撤销")
    ]


def test_a_replacement_is_the_next_in_order_and_the_old_entry_stays(pool, inspectors, lead):
    draw = freeze(lead)
    named = carry_out(draw, lead)
    with pytest.raises(DataError, match="理由"):
        drawing.replace(named[0], why=" ", actor=lead)
    new = drawing.replace(named[0], why="企业停产关闭", actor=lead)
    assert new.code == draw.order[3] and new.steps_in_for == named[0]
    assert named[0].gone and draw.named.count() == 4
    with pytest.raises(Conflict):
        drawing.replace(named[0], why="再来", actor=lead)


def test_the_duty_is_proved_class_by_class(pool, inspectors, lead):
    draw = freeze(lead)
    assert queries.draw_duty(draw)[0].short == 3
    named = carry_out(draw, lead)
    visit(named[0], lead)
    visit(named[1], lead, no_sample_why="")
    whole, *classes = queries.draw_duty(draw)
    assert (whole.listed, whole.wanted, whole.done) == (23, 3, 1)
    assert whole.unsampled == (named[1].code,) and whole.unvisited == (named[2].code,)
    assert [one.listed for one in classes] == [17, 4, 2]
    assert sum(one.done for one in classes) == 1


def test_the_list_is_confidential_until_the_visits_are_over(pool, inspectors, lead, instance):
    draw = freeze(lead)
    named = carry_out(draw, lead)
    url = reverse("inspections:draw", args=[draw.pk])
    assert named[0].code not in client_of(instance, "viewer@city").get(url).content.decode()
    assert named[0].code in client_of(instance, "bureau_staff@city").get(url).content.decode()
    with pytest.raises(Forbidden, match="保密"), clock.on(DAY + timedelta(days=5)):
        drawing.publish(draw, actor=lead)
    for entry in named:
        visit(entry, lead)
    with pytest.raises(Forbidden):  # releasing is not the inspector's
        drawing.publish(draw, actor=instance.users["bureau_staff@city"])
    drawing.publish(draw, actor=lead)
    assert named[0].code in client_of(instance, "viewer@city").get(url).content.decode()


def test_another_public_number_is_agreed_on_openly(pool, inspectors, lead):
    draw = freeze(lead)
    first = draw.random_source
    with clock.on(DAY):
        drawing.postpone(
            draw,
            random_source="下一期",
            random_at=draw.random_at + timedelta(days=3),
            why="当期停售",
            actor=lead,
        )
    assert queries.public_of(draw)["former_sources"][0]["source"] == first
    with pytest.raises(Forbidden):
        carry_out(draw, lead)


def test_too_few_inspectors_stop_the_draw(pool, instance, lead):
    with pytest.raises(DataError, match="检查人员只有 0 名"):
        freeze(lead)
    assert not Inspector.objects.exists() and not Draw.objects.exists()


def test_the_half_years_report_tells_each_class_as_it_stood_on_its_day(pool, inspectors, lead):
    named = carry_out(freeze(lead), lead)
    seen = visit(named[0], lead)
    with audit.action("core.register_saved", actor="system", register="x", name="x"):
        Finding(inspection=seen, division=seen.division, item="sign", text="无标识牌", deadline=DAY).save()
    scope = periods.scope_of(CITY, "outfalls_year", 2026, None, today=date(2026, 12, 25), as_of=None)
    before = replace(scope, as_of=DAY + timedelta(days=9))
    told = {one.as_of: gather_supervision.gather(one) for one in (scope, before)}
    rows = [[cell["text"] for cell in row] for row in told[scope.as_of].tables["outfall_draws"]]
    whole, *classes = rows
    assert whole[1:5] == ["合计", "23", "3", "13.0%"]
    assert whole[5:] == ["1", "1", "未完成"]
    assert [row[2] for row in classes] == ["17", "4", "2"]
    assert [sum(int(row[place]) for row in classes) for place in (3, 5, 6)] == [3, 1, 1]
    figures = told[before.as_of].figures
    counted = [figures[f"supervision.{name}"].value for name in ("drawn", "inspected", "findings")]
    assert counted == ["3", "0", "0"]
    assert "supervision.no_scale" in figures
