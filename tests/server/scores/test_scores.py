"""Scores from the ledger: who counts for what, what people judge, versions, releases, and who may see."""

from datetime import date, datetime
from decimal import Decimal

import pytest
from django.test import Client

from bishui.errors import Conflict, DataError
from bishui.server.accounts import workspaces
from bishui.server.accounts.models import Division
from bishui.server.core import audit
from bishui.server.plans import duties
from bishui.server.plans.models import Plan, Task, TaskUnit
from bishui.server.scores import queries, services
from bishui.server.scores.models import ReleasedScores, Scheme
from tests.server.conftest import CITY, COUNTY_A

pytestmark = pytest.mark.django_db
DAY = date(2025, 7, 10)
AT = datetime(2025, 7, 10, 9)


@pytest.fixture
def city(instance, data_dir):
    """The invented city on 10 July 2025, with a task overdue and one still to come."""
    with audit.action("plans.targets_recorded", actor="system", division=CITY, title="计划"):
        root = Division.objects.get(code="990000")
        root.as_of = DAY
        root.save()
        plan = Plan(division=CITY, title="计划", kind="annual_plan", year=2025, issued=date(2025, 3, 1))
        plan.period_from, plan.period_to = date(2025, 1, 1), date(2025, 12, 31)
        plan.save()
        for position, (due, unit) in enumerate(
            [(date(2025, 6, 30), "city-housing"), (date(2025, 12, 31), "a-bureau")], start=1
        ):
            task = Task(division=CITY, plan=plan, position=position, seq=position, content="工作。", due=due)
            task.deadline_norm = due.isoformat()
            task.save()
            bearer = instance.units[unit]
            TaskUnit(
                division=CITY, task=task, role="lead", position=0, written=bearer.name, unit=bearer
            ).save()
    duties.renew_plan(plan)
    return workspaces.of_root(root)


@pytest.fixture
def scheme(city):
    return services.install(CITY, "plan-duties", actor="system", at=AT)


def points(scheme, city):
    return {rank.subject: rank for rank in queries.standing(scheme, city).ranked}


def test_only_units_that_bear_a_duty_are_scored(scheme, city):
    assert set(points(scheme, city)) == {"city-housing", "a-bureau"}


def test_an_overdue_duty_costs_its_points_and_names_the_task(scheme, city):
    found = points(scheme, city)["city-housing"].score
    line = next(item for item in found.items if item.rule.id == "overdue")
    assert line.points == 8
    assert "任务 1" in line.facts["duties.overdue"].source


def test_a_duty_that_is_not_due_yet_costs_nothing(scheme, city):
    found = points(scheme, city)["a-bureau"].score
    assert next(item for item in found.items if item.rule.id == "done-on-time").state == "excluded"
    assert next(item for item in found.items if item.rule.id == "overdue").points == 10


def test_a_county_is_scored_for_its_units_and_a_section_for_the_county_it_lies_in(city):
    divisions = services.install(CITY, "division-year", actor="system", at=AT)
    found = points(divisions, city)
    assert set(found) == {COUNTY_A, "990000/990102/"}
    assert found[COUNTY_A].score.items[0].state == "excluded", "no section is judged, so none is missed"


def test_what_people_judge_counts_once_it_is_entered_with_its_reason(scheme, city):
    rank = points(scheme, city)["a-bureau"]
    assert set(rank.score.pending()) == {"counted.praised", "counted.criticised"}
    for fact, value in (("counted.praised", "２"), ("counted.criticised", "0")):
        services.judge(
            scheme, "a-bureau", fact, value, year=2025, reason="通报文件", version=None, actor="u", at=AT
        )
    after = points(scheme, city)["a-bureau"].score
    assert after.complete and after.points == rank.score.points + 5


@pytest.mark.parametrize(
    ("fact", "value", "reason"),
    [
        ("counted.praised", "两次", "文件"),
        ("counted.praised", "-1", "文件"),
        ("counted.praised", "0.125", "文件"),
        ("counted.praised", "NaN", "文件"),
        ("counted.praised", "1", " "),
        ("duties.overdue", "0", "文件"),
        ("judged.invented", "1", "文件"),
    ],
)
def test_an_entry_that_cannot_be_is_refused(fact, value, reason, scheme):
    with pytest.raises(DataError):
        services.judge(
            scheme, "a-bureau", fact, value, year=2025, reason=reason, version=None, actor="u", at=AT
        )


def test_two_people_judging_at_once_do_not_overwrite_each_other(scheme):
    entry = {"year": 2025, "reason": "文件", "at": AT}
    first = services.judge(scheme, "a-bureau", "counted.praised", "1", version=None, actor="a", **entry)
    with pytest.raises(Conflict):
        services.judge(scheme, "a-bureau", "counted.praised", "0", version=None, actor="b", **entry)
    services.judge(scheme, "a-bureau", "counted.praised", "0", version=first.version, actor="b", **entry)


def test_a_changed_weight_is_a_new_version_with_a_reason_and_the_old_one_stays(scheme):
    data = {**scheme.data, "rule": [{**rule} for rule in scheme.data["rule"]]}
    data["rule"][0]["points"] = "30"
    with pytest.raises(DataError):
        services.save_version(CITY, data, seen=1, why="", actor="u", at=AT)
    newer = services.save_version(CITY, data, seen=1, why="会议决定", actor="u", at=AT)
    assert newer.number == 2 and newer.rubric.rules[0].points == 30
    assert Scheme.objects.get(number=1).rubric.rules[0].points == 40
    assert [problem.code for problem in newer.rubric.problems] == ["total-does-not-add-up"]
    with pytest.raises(Conflict):
        services.save_version(CITY, data, seen=1, why="另一人", actor="v", at=AT)


def client_of(instance, name):
    client = Client()
    client.force_login(instance.users[name], backend="django.contrib.auth.backends.ModelBackend")
    return client


def test_the_page_shows_who_moves_before_anything_is_saved(scheme, city, instance):
    client = client_of(instance, "bureau_lead@city")
    page = client.post("/scores/plan-duties/scheme/", {"overdue.points": "0", "seen": "1"})
    text = page.content.decode()
    assert page.status_code == 200 and "试算" in text and "→" in text
    assert Scheme.objects.count() == 1
    refused = client.post("/scores/plan-duties/scheme/", {"overdue.points": "零", "seen": "1", "save": "1"})
    assert refused.status_code == 422 and Scheme.objects.count() == 1


def test_released_scores_never_change(scheme, city, instance):
    client = client_of(instance, "bureau_lead@city")
    assert client.post("/scores/plan-duties/release/").status_code == 302
    record = ReleasedScores.objects.get()
    assert {entry["subject"] for entry in record.content} == {"city-housing", "a-bureau"}
    assert (
        Decimal(record.content[0]["points"])
        == points(scheme, city)[record.content[0]["subject"]].score.points
    )
    with pytest.raises(TypeError), audit.action("scores.released", actor="u", title="x"):
        record.save()
    assert client.get(f"/scores/released/{record.pk}/").status_code == 200


def test_a_unit_sees_its_own_score_and_not_its_neighbours(scheme, instance):
    client = client_of(instance, "unit_reporter@a")
    page = client.get("/scores/plan-duties/").content.decode()
    assert "乙县生态环境局" in page and "市住房城乡建设局" not in page
    assert client.get("/scores/plan-duties/subject/?id=a-bureau").status_code == 200
    assert client.get("/scores/plan-duties/subject/?id=city-housing").status_code == 404
    assert client.post("/scores/plan-duties/judge/", {"id": "a-bureau"}).status_code == 403


def test_the_workbook_runs_no_formula(scheme, city, instance):
    from io import BytesIO

    from openpyxl import load_workbook

    services.judge(
        scheme, "a-bureau", "counted.praised", "1", year=2025, reason="=1+1", version=None, actor="u", at=AT
    )
    answer = client_of(instance, "bureau_staff@city").get("/scores/plan-duties/export/")
    sheet = load_workbook(BytesIO(answer.content)).active
    assert all(cell.data_type != "f" for row in sheet.iter_rows() for cell in row)
