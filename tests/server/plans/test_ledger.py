"""From a plan document to the ledger and back out of it."""

from datetime import date
from decimal import Decimal

import pytest

from bishui.observations.schema import TARGETS
from bishui.server.accounts import services as accounts
from bishui.server.accounts.workspaces import of_user
from bishui.server.core import imports
from bishui.server.core.models import AuditEntry
from bishui.server.plans import queries, services
from bishui.server.plans.models import Plan, PlanDocument, SectionTarget, Target, Task, TaskUnit
from bishui.server.sites.services import save_site
from tests.server.conftest import CITY
from tests.server.plans.conftest import PLAN

pytestmark = pytest.mark.django_db


def roles(position, role):
    rows = TaskUnit.objects.filter(task__position=position, role=role).order_by("position", "unit__code")
    return [(row.written, row.unit.code if row.unit else None) for row in rows.select_related("unit")]


def test_the_preview_tells_counts_units_sections_and_what_is_unknown(read_in):
    summary = (session := read_in()).summary
    assert session.state == "previewed"
    assert (summary["counts"]["tasks"], summary["counts"]["section_targets"]) == (3, 2)
    assert [unit["written"] for unit in summary["units"] if not unit["units"]] == ["市某某局"]
    assert summary["sections_known"] == 0
    codes = {problem["code"] for problem in session.problems}
    assert {"unit-unknown", "section-unknown"} <= codes
    assert not Plan.objects.exists()


def test_every_line_of_the_document_is_accounted_for(read_in):
    session = read_in()
    account = imports.account(session)
    assert account.num_rows == len(PLAN.splitlines())
    assert all(account["became"].to_pylist())


def test_tasks_keep_their_line_deadline_and_units(imported):
    first, second, third = Task.objects.order_by("position")
    assert (first.due, second.due, third.due) == (date(2025, 6, 30), date(2025, 12, 31), None)
    assert third.deadline == "印发后20个工作日内"
    assert PLAN.splitlines()[first.line_from - 1].startswith("1\t=涉水企业核查")
    assert roles(1, "lead") == [("市生态环境局", "city-bureau"), ("住房城乡建设局", "city-housing")]
    assert roles(1, "responsible") == [("各县、区人民政府", "a-gov"), ("各县、区人民政府", "b-gov")]
    assert roles(3, "cooperating") == [("市某某局", None)]


def test_targets_keep_their_digits(imported):
    assert [str(target.value.normalize()) for target in Target.objects.filter(task=None)] == ["1E+2"]
    section = SectionTarget.objects.get(section="甲河口")
    assert (section.target_class, section.lon, section.lat) == (3, "109.4250", "24.3470")
    assert PlanDocument.objects.get().lines == PLAN.splitlines()


def test_the_targets_table_names_a_site_as_soon_as_it_is_registered(imported):
    assert queries.targets_table(CITY)["site"].to_pylist() == [None, None]
    site = save_site("s1", "甲河口", division=CITY, actor="system", kind="section", water_type="river")
    table = queries.targets_table(CITY)
    assert table.schema.equals(TARGETS)
    assert table["site"].to_pylist() == [str(site.pk), None]
    assert table["target_class"].to_pylist() == [3, 2]
    assert table["period_to"].to_pylist() == [date(2025, 12, 31)] * 2
    assert PLAN.splitlines()[table["source_line"][0].as_py() - 1].startswith("1\t甲市")


def test_a_plan_that_is_taken_back_counts_no_more(imported, instance):
    lead = instance.users["bureau_lead@city"]
    workspace = of_user(lead)[0]
    assert queries.task_counts(workspace)["total"] == 3
    imports.take_back(imported, actor=lead, why="印发稿有误")
    assert queries.task_counts(workspace)["total"] == 0
    assert queries.targets_table(CITY).num_rows == 0
    assert not Plan.objects.get().active
    changes = AuditEntry.objects.get(action="core.import_taken_back").changes
    assert {"active": [True, False]} in [change["fields"] for change in changes]


def test_a_second_plan_of_the_year_is_warned_of_and_replaces_nothing(imported, commit, read_in):
    second = read_in(PLAN + "\n", "other.txt")
    assert "second-plan" in {problem["code"] for problem in second.problems}
    commit(second)
    assert Plan.objects.filter(active=True).count() == 2


def test_the_same_file_twice_changes_nothing(imported, read_in):
    assert read_in().state == "repeat"
    assert Plan.objects.count() == 1


def test_a_file_that_is_no_plan_ends_in_a_sentence(read_in):
    session = read_in("没有内容\n", "empty.txt")
    assert session.state == "unreadable"
    assert session.problems[0]["remedy"]["zh"]


def test_names_are_found_again_after_the_unit_was_registered(imported):
    plan = Plan.objects.get()
    assert services.resolve_again(plan, actor="system") == 0
    accounts.save_unit("new", "市某某局", division=CITY, actor="system", kind="department")
    assert services.resolve_again(plan, actor="system") == 1
    assert roles(3, "cooperating") == [("市某某局", "new")]


def test_a_person_may_say_which_units_a_name_means(imported, instance):
    row = TaskUnit.objects.get(written="市某某局")
    services.set_unit(row, [instance.units["b-bureau"], instance.units["a-bureau"]], actor="system")
    assert roles(3, "cooperating") == [("市某某局", "a-bureau"), ("市某某局", "b-bureau")]


def test_published_targets_of_a_real_city_have_no_tasks(instance):
    def record():
        return services.record_published_targets(
            CITY,
            "甲市2025年断面水质目标",
            published_by="甲市生态环境局网站",
            actor="system",
            year=2025,
            file_name="targets.html",
            targets=[{"indicator": "优良比例", "op": ">=", "value": "85.70", "unit": "%", "line": 3}],
            section_targets=[
                {"section": "甲河口", "class": "达到或好于Ⅲ类", "lon": "109.40", "lat": "24.30", "line": 7}
            ],
            source_targets=[{"source": "甲水厂", "target": "达到或好于Ⅲ类", "line": 9}],
        )

    plan = record()
    assert record() == plan
    assert plan.targets.get().value == Decimal("85.70")
    assert plan.section_targets.get().target_class == 3
    assert queries.targets_table(CITY)["source_line"].to_pylist() == [7]
    assert not plan.tasks.exists()
