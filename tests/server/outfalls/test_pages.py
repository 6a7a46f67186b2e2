"""The pages of outfalls: found by filter and text, counted on the board, one page for each, photographs kept in."""

from datetime import date, datetime
from decimal import Decimal
from io import BytesIO

import pytest
from django.db import connection, models
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from bishui import twin
from bishui.server.core import audit
from bishui.server.outfalls import milestones, services
from bishui.server.outfalls.models import Outfall, OutfallRound
from bishui.server.outfalls.shown_stages import stages
from tests.server.conftest import CITY, COUNTY_A, COUNTY_B

pytestmark = pytest.mark.django_db
AT = datetime(2025, 5, 6, 9, 0)


def client_of(user):
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


def found(name, division=COUNTY_A, **fields):
    place = {"lon": Decimal("83.512345"), "lat": Decimal("38.912345"), "datum": "CGCS2000"}
    return services.find_outfall(name, division=division, actor="system", found_at=AT, **place, **fields)


def stand(outfall, stage):
    """Let an outfall stand at a stage, whatever way led there."""
    plain = {"outfall": models.QuerySet(Outfall), "round": models.QuerySet(OutfallRound)}
    plain["round"].filter(outfall=outfall).update(state=stage)
    plain["outfall"].filter(pk=outfall.pk).update(stage=stage)


@pytest.fixture
def staff(instance):
    return client_of(instance.users["bureau_lead@city"])


def names(response):
    return [row["cells"][0]["text"] for row in response.context["rows"]]


def test_the_list_is_narrowed_by_stage_county_abnormality_name_and_code(staff):
    one, other = found("听螺社区3#雨洪排口", abnormal="yes"), found("拂苇村排口", COUNTY_B)
    stand(one, "planned")
    address = reverse("outfalls:list")
    assert set(names(staff.get(address))) == {one.name, other.name}
    for asked in (
        {"stage": "planned"},
        {"county": COUNTY_A},
        {"abnormal": "yes"},
        {"q": "螺社区"},
        {"q": one.code.lower()[:10]},
    ):
        assert names(staff.get(address, asked)) == [one.name], asked
    assert names(staff.get(address, {"q": "没有这样的名称"})) == []


def test_a_deadline_that_has_passed_makes_it_overdue_until_it_is_signed_off(staff):
    late, done = found("甲口"), found("乙口")
    for outfall, stage in ((late, "remediating"), (done, "signed_off")):
        stand(outfall, stage)
        models.QuerySet(OutfallRound).filter(outfall=outfall).update(planned_finish=date(2020, 1, 1))
    assert names(staff.get(reverse("outfalls:list"), {"overdue": "yes"})) == [late.name]


def test_each_count_of_the_board_opens_the_list_of_just_those(staff):
    for number in range(3):
        stand(found(f"{number}#排口"), "tracing")
    found("又一个", COUNTY_B)
    board = staff.get(reverse("outfalls:board")).context
    tracing = next(stage for stage in board["stages"] if stage["id"] == "tracing")
    assert (board["total"], tracing["count"]) == (4, 3)
    assert len(names(staff.get(tracing["url"]))) == 3


def test_a_longer_list_asks_the_database_no_more_often(staff):
    def queries():
        with CaptureQueriesContext(connection) as caught:
            staff.get(reverse("outfalls:list"))
        return len(caught)

    found("第一个")
    few = queries()
    for number in range(12):
        found(f"{number}#排口")
    assert queries() == few


def test_the_page_of_an_outfall_opens_at_every_stage_and_shows_its_word(staff):
    outfall = found("沁岚村1#排口", official_code="HA-990101-0001-GY-00")
    for stage, state in stages().items():
        stand(outfall, stage)
        response = staff.get(reverse("outfalls:outfall", args=[outfall.code]))
        assert response.status_code == 200
        assert str(state.label) in response.content.decode()
    assert "83.512345, 38.912345" in response.content.decode()
    assert staff.get(reverse("outfalls:outfall", args=["L990101-99999-0"])).status_code == 404


def test_what_is_lacking_is_said_before_the_button_and_a_step_without_it_is_refused(instance):
    client, outfall = client_of(instance.users["field_surveyor@a"]), found("望蓼村排口")
    page = client.get(reverse("outfalls:outfall", args=[outfall.code]))
    verify = next(act for act in page.context["acts"] if act["transition"].id == "t02")
    assert "没有现场核查记录。" in [str(problem.what) for problem in verify["lacks"]]
    refused = client.post(reverse("outfalls:step", args=[outfall.code, "t02"]), {})
    assert refused.status_code == 422
    assert "没有现场核查记录" in refused.content.decode()
    assert OutfallRound.objects.get(outfall=outfall).state == "suspected"


def test_a_visit_written_on_the_page_is_recorded_with_its_people(instance):
    client, outfall = client_of(instance.users["field_surveyor@a"]), found("漱石村排口")
    address = reverse("outfalls:visit_new", args=[outfall.code])
    given = {"purpose": "survey", "made_at": "2025-05-07T10:00", "people": "甲、乙", "abnormal": "yes"}
    assert client.post(address, given).status_code == 302
    assert outfall.visits.get().people == ["甲", "乙"]


def test_a_photograph_is_shown_to_who_may_see_the_outfall_and_to_nobody_else(instance, data_dir):
    outfall = found("织雨村排口")
    photo = services.add_photo(
        outfall,
        BytesIO(twin.outfall_picture("outfall", 1)),
        "1.png",
        kind="outfall",
        made_at=AT,
        actor=instance.users["field_surveyor@a"],
    )
    address = reverse("outfalls:photo", args=[photo.pk])
    shown = client_of(instance.users["viewer@city"]).get(address)
    assert (shown.status_code, shown["Content-Type"]) == (200, "image/png")
    assert shown["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in shown["Content-Security-Policy"]
    assert client_of(instance.users["viewer@other"]).get(address).status_code == 404
    assert Client().get(address).status_code == 302
    original = reverse("outfalls:photo_original", args=[photo.pk])
    assert client_of(instance.users["viewer@city"]).get(original).status_code == 403


def test_progress_counts_the_frozen_list_and_todays_side_by_side(staff, instance):
    first, second = found("一口", abnormal="yes"), found("二口", abnormal="yes")
    stand(first, "signed_off")
    stand(second, "verified")
    goal = milestones.define(
        CITY,
        actor="system",
        name="年底前完成50%",
        due=date(2030, 12, 31),
        percent=50,
        denominator="abnormal",
        numerator="signed_off",
        source="方案一（二）",
    )
    milestones.freeze(goal, date.today(), actor="system")
    stand(found("后来查明的一口", abnormal="yes"), "verified")
    told = staff.get(reverse("outfalls:progress")).context["milestones"][0]
    assert (told["frozen"]["done"], told["frozen"]["counted"], told["frozen"]["tone"]) == (1, 2, "good")
    assert (told["today"]["done"], told["today"]["counted"], told["today"]["lacking"]) == (1, 3, 1)
    assert len(told["lacking"]) == 2


def test_the_map_gives_points_where_there_are_few_and_nothing_beside_the_window(staff):
    outfall = found("泊鹭村排口")
    address = reverse("outfalls:map_cells")
    inside = staff.get(address, {"window": "83,38,84,39"}).json()
    assert [(point["code"], point["digits"]) for point in inside["points"]] == [(outfall.code, 6)]
    assert staff.get(address, {"window": "10,10,11,11"}).json() == {"points": [], "cells": []}
    assert staff.get(address, {"window": "north"}).status_code == 422


def test_a_link_is_added_with_evidence_and_ended_with_the_reason(instance, staff):
    outfall = found("采薇村排口")
    with audit.action("outfalls.saved", actor="system", name="通道"):
        from bishui.server.outfalls.models import Channel

        Channel(code="C1", name="暗管", kind="pipe", division=COUNTY_A).save()
    given = {"upper": "channel:C1", "lower": f"outfall:{outfall.code}", "evidence": "逐井排查"}
    assert staff.post(reverse("outfalls:link_new", args=[outfall.code]), given).status_code == 302
    chain = staff.get(reverse("outfalls:outfall", args=[outfall.code])).context["chain"]
    assert [entry["upper"] for entry in chain.links] == ["暗管"]
    link = chain.links[0]["link"]
    ended = {"until": "2025-06-01", "ended_why": "封堵"}
    assert staff.post(reverse("outfalls:link_end", args=[outfall.code, link.pk]), ended).status_code == 302
    link.refresh_from_db()
    assert (link.until, link.ended_why) == (date(2025, 6, 1), "封堵")
