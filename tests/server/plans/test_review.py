"""A plan is read, corrected beside the original, and committed by a second person."""

from datetime import date

import pytest

from bishui.errors import Conflict, DataError, Forbidden, NotFound
from bishui.server.accounts import services as accounts
from bishui.server.accounts.models import Unit
from bishui.server.core import imports
from bishui.server.core.models import AuditEntry, WorkflowEvent
from bishui.server.plans import review_corrections as review
from bishui.server.plans import review_units
from bishui.server.plans.models import DraftCorrection, Plan, SectionTarget, Target, Task, TaskUnit
from tests.server.conftest import CITY
from tests.server.plans.conftest import PLAN

pytestmark = pytest.mark.django_db


@pytest.fixture
def staff(instance):
    return instance.users["bureau_staff@city"]


@pytest.fixture
def lead(instance):
    return instance.users["bureau_lead@city"]


def view(session, path):
    return review.field_at(review.draft_of(session), path)[1]


def line_of(text):
    return next(n for n, line in enumerate(PLAN.splitlines(), 1) if text in line)


# -- corrections ---------------------------------------------------------------------------------------


def test_a_corrected_field_keeps_what_was_read_who_when_and_why(read_in, staff):
    session = read_in()
    review.correct(session, "tasks/0/content", "逐家核查。", seen=0, actor=staff, reason="与原件不符")
    shown = view(session, "tasks/0/content")
    assert (shown.text, shown.as_read) == ("逐家核查。", "逐家核查涉水企业的排水去向。")
    row = DraftCorrection.objects.get()
    assert (row.by, row.reason, row.as_read) == (staff.username, "与原件不符", shown.as_read)
    entry = AuditEntry.objects.get(action="plans.draft_corrected")
    assert entry.why == "与原件不符"
    assert entry.params["before"] == shown.as_read


def test_a_corrected_deadline_is_normalised_again(read_in, staff):
    session = read_in()
    review.correct(session, "tasks/0/deadline", "9月底前", seen=0, actor=staff)
    assert view(session, "tasks/0/deadline_norm").text == "2025-09-30"
    review.correct(session, "tasks/0/deadline_norm", "2025-09-15", seen=0, actor=staff)
    record = review.entry_at(review.draft_of(session), "tasks/0").record
    assert (record["deadline"], record["deadline_norm"]) == ("9月底前", "2025-09-15")


def test_corrected_units_are_split_again(read_in, staff):
    session = read_in()
    review.correct(
        session, "tasks/1/lead", "市住房城乡建设局、市生态环境局等按职责分工负责", seen=0, actor=staff
    )
    cell = review.entry_at(review.draft_of(session), "tasks/1").record["lead"]
    assert cell["units"] == ["市住房城乡建设局", "市生态环境局"]
    assert cell["by_duty"]


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("tasks/0/content", "  "),
        ("tasks/0/seq", "一"),
        ("tasks/0/deadline_norm", "2025-13-01"),
        ("targets/0/value", "很多"),
        ("targets/0/op", "about"),
        ("doc/0/issued", "去年"),
        ("section_targets/0/lon", "东经109度"),
        ("doc/0/title", "长" * 301),
    ],
)
def test_a_value_that_the_field_cannot_hold_is_refused_with_the_way_out(read_in, staff, path, text):
    session = read_in()
    with pytest.raises(DataError) as refused:
        review.correct(session, path, text, seen=0, actor=staff)
    assert refused.value.remedy
    assert not DraftCorrection.objects.exists()


@pytest.mark.parametrize(
    "path", ["tasks/99/content", "tasks/0/nothing", "nothing/0/x", "tasks/x/content", ""]
)
def test_a_place_that_does_not_exist_is_not_found(read_in, staff, path):
    with pytest.raises(NotFound):
        review.correct(read_in(), path, "x", seen=0, actor=staff)


def test_a_reset_field_reads_as_before_and_the_trail_stays(read_in, staff):
    session = read_in()
    review.correct(session, "tasks/0/theme", "核查", seen=0, actor=staff)
    review.reset(session, "tasks/0/theme", "field", seen=1, actor=staff)
    assert not view(session, "tasks/0/theme").is_corrected
    assert view(session, "tasks/0/theme").text == "=涉水企业核查"
    assert DraftCorrection.objects.get().version == 2
    review.correct(session, "tasks/0/theme", "再核查", seen=2, actor=staff)
    review.correct(session, "tasks/0/theme", "=涉水企业核查", seen=3, actor=staff)
    assert not view(session, "tasks/0/theme").is_corrected, "what was read is no correction"


def test_of_two_people_at_one_field_the_second_is_told_and_loses_nothing(read_in, staff, lead):
    session = read_in()
    review.correct(session, "tasks/0/theme", "甲改的", seen=0, actor=staff)
    with pytest.raises(Conflict) as told:
        review.correct(session, "tasks/0/theme", "乙改的", seen=0, actor=lead)
    assert staff.username in str(told.value.what)
    assert view(session, "tasks/0/theme").text == "甲改的"
    review.correct(session, "tasks/0/theme", "乙改的", seen=1, actor=lead)
    assert view(session, "tasks/0/theme").text == "乙改的"


def test_a_record_left_out_does_not_reach_the_ledger_and_its_targets_stand_alone(read_in, staff, commit):
    session = read_in()
    tied = [
        index for index, target in enumerate(review.draft_of(session).data["targets"]) if target["task"] == 1
    ]
    assert tied
    review.leave_out(session, "tasks/1", seen=0, actor=staff)
    review.leave_out(session, "section_targets/0", seen=0, actor=staff)
    commit(session)
    assert list(Task.objects.values_list("seq", "position")) == [(1, 1), (3, 2)]
    assert [target.section for target in SectionTarget.objects.all()] == ["乙河桥"]
    assert Target.objects.get(position=tied[0] + 1).task is None


def test_a_missed_task_is_added_from_its_lines_and_stands_in_their_order(read_in, staff, commit):
    session = read_in()
    line = line_of("改造污水管网")
    texts = {"content": "核查管网。", "lead": "市生态环境局", "deadline": "6月底前", "theme": "管网"}
    path = review.add(session, "tasks", (line, line), texts, actor=staff)
    assert path == "tasks/3"
    review.correct(session, f"{path}/content", "全面核查管网。", seen=0, actor=staff)
    commit(session)
    added = Task.objects.get(position=3)
    assert (added.content, added.due, added.line_from) == ("全面核查管网。", date(2025, 6, 30), line)
    assert TaskUnit.objects.get(task=added).unit.code == "city-bureau"
    became = Plan.objects.get().document.became[line - 1]
    assert "added: tasks" in became


def test_an_added_record_can_be_dropped_again(read_in, staff):
    session = read_in()
    path = review.add(session, "tasks", (3, 3), {"content": "多余的"}, actor=staff)
    review.reset(session, path, "add", seen=1, actor=staff)
    assert [entry.path for entry in review.draft_of(session).entries("tasks")] == [
        "tasks/0",
        "tasks/1",
        "tasks/2",
    ]
    assert review.add(session, "tasks", (4, 4), {"content": "另一条"}, actor=staff) == "tasks/4"


@pytest.mark.parametrize("lines", [(0, 1), (5, 4), (1, 9999)])
def test_lines_that_the_document_has_not_are_refused(read_in, staff, lines):
    with pytest.raises(DataError):
        review.add(read_in(), "tasks", lines, {"content": "x"}, actor=staff)


def test_a_line_not_understood_can_be_checked_off(read_in, staff):
    session = read_in(PLAN + "\n没有表头的内容\n另一行没有表头\n", "odd.txt")
    open_lines = review.draft_of(session).open_lines()
    assert open_lines
    review.check_line(session, open_lines[0], seen=0, actor=staff)
    assert review.draft_of(session).open_lines() == open_lines[1:]


def test_the_head_of_the_document_can_be_corrected(read_in, staff, commit):
    session = read_in()
    review.correct(session, "doc/0/title", "甲市水污染防治工作计划（2025年）", seen=0, actor=staff)
    commit(session)
    assert Plan.objects.get().title == "甲市水污染防治工作计划（2025年）"


# -- units ---------------------------------------------------------------------------------------------


def names(session):
    return {item.written: item for item in review_units.names(session, review.draft_of(session))}


def test_an_unknown_name_is_mapped_counts_everywhere_and_is_learned_when_it_lands(
    read_in, staff, commit, instance
):
    session = read_in()
    assert names(session)["市某某局"].is_open
    unit = instance.units["city-housing"]
    review.say_units(session, "市某某局", [str(unit.pk)], seen=0, actor=staff)
    assert names(session)["市某某局"].learned
    unit.refresh_from_db()
    assert unit.aliases == "", "nothing is learned before a second person agreed"
    commit(session)
    assert TaskUnit.objects.get(written="市某某局").unit == unit
    unit.refresh_from_db()
    assert "市某某局" in unit.names()
    other = read_in(PLAN.replace("2025", "2026"), "next.txt")
    assert not names(other)["市某某局"].is_open, "the next plan knows the name"


def test_a_name_that_was_learned_by_mistake_goes_when_the_import_is_taken_back(
    read_in, staff, lead, commit, instance
):
    session = read_in()
    review.say_units(session, "市某某局", [str(instance.units["city-housing"].pk)], seen=0, actor=staff)
    commit(session)
    imports.take_back(session, actor=lead, why="有误")
    assert Unit.objects.get(code="city-housing").aliases == ""


def test_a_new_unit_is_registered_and_meant(read_in, lead, commit):
    session = read_in()
    review.say_new_unit(
        session, "市某某局", name="甲市某某局", division=CITY, kind="department", seen=0, actor=lead
    )
    commit(session)
    assert TaskUnit.objects.get(written="市某某局").unit.name == "甲市某某局"


def test_what_is_no_unit_gets_no_duty(read_in, staff, commit):
    session = read_in()
    review.say_units(session, "市某某局", [], no_unit=True, seen=0, actor=staff)
    assert not names(session)["市某某局"].is_open
    commit(session)
    assert not TaskUnit.objects.filter(written="市某某局").exists()


def test_a_collective_name_shows_its_units_and_can_be_corrected(read_in, staff, commit, governments):
    session = read_in()
    collective = names(session)["各县、区人民政府"]
    assert (collective.collective, collective.names) == (True, ["乙县人民政府", "丙县人民政府"])
    only = governments["a-gov"]
    review.say_units(session, "各县、区人民政府", [str(only.pk)], seen=0, actor=staff)
    assert not names(session)["各县、区人民政府"].learned
    commit(session)
    assert {row.unit for row in TaskUnit.objects.filter(written="各县、区人民政府")} == {only}


def test_near_names_are_offered(read_in, instance):
    accounts.save_unit("n", "市某某管理局", division=CITY, actor="system", kind="department")
    session = read_in()
    offered = review_units.choices(session, names(session)["市某某局"])["offered"]
    assert offered[0]["name"] == "市某某管理局"


def test_neither_no_unit_nor_an_unknown_one_can_be_named(read_in, staff):
    session = read_in()
    for units in ([], ["0198c0de-0000-7000-8000-000000000000"]):
        with pytest.raises(DataError):
            review.say_units(session, "市某某局", units, seen=0, actor=staff)


# -- four eyes -----------------------------------------------------------------------------------------


def test_the_same_person_cannot_submit_and_confirm(read_in, lead):
    session = read_in()
    imports.submit(session, actor=lead)
    with pytest.raises(Forbidden, match="另一人"):
        imports.start_commit(session, actor=lead)
    assert session.state == "submitted"
    assert not Plan.objects.exists()


def test_one_person_cannot_commit_a_plan_past_the_review(read_in, lead):
    session = read_in()
    with pytest.raises(Forbidden):
        imports.start_commit(session, actor=lead)
    with pytest.raises(Forbidden):
        imports.start_commit(session, actor=lead, alone="来不及")
    assert session.state == "previewed"


def test_a_second_person_returns_it_with_a_reason_and_it_can_be_corrected_again(read_in, staff, lead):
    session = read_in()
    imports.submit(session, actor=staff)
    with pytest.raises(DataError):
        imports.send_back(session, actor=lead, why=" ")
    imports.send_back(session, actor=lead, why="第 3 项单位有误")
    assert session.state == "previewed"
    assert WorkflowEvent.objects.get(transition="return").evidence == {"why": "第 3 项单位有误"}
    review.correct(session, "tasks/0/theme", "核查", seen=0, actor=staff)


def test_who_submitted_may_withdraw_but_not_return(read_in, staff, lead):
    session = read_in()
    imports.submit(session, actor=staff)
    with pytest.raises(Forbidden):
        imports.withdraw(session, actor=lead)
    with pytest.raises(Forbidden):
        imports.send_back(session, actor=staff, why="自己退")
    imports.withdraw(session, actor=staff)
    assert session.state == "previewed"


def test_what_is_submitted_or_landed_cannot_be_corrected(read_in, staff, commit):
    session = read_in()
    imports.submit(session, actor=staff)
    with pytest.raises(Conflict, match="不能再更正"):
        review.correct(session, "tasks/0/theme", "核查", seen=0, actor=staff)
    imports.withdraw(session, actor=staff)
    commit(session)
    with pytest.raises(Conflict):
        review.leave_out(session, "tasks/0", seen=0, actor=staff)


def test_the_console_may_commit_alone_where_the_instance_permits_and_the_trail_says_so(read_in, settings):
    console = accounts.console_user()
    session = read_in()
    settings.CONSOLE_MAY_COMMIT_ALONE = False
    with pytest.raises(Forbidden):
        imports.start_commit(session, actor=console, alone="首次建账")
    settings.CONSOLE_MAY_COMMIT_ALONE = True
    imports.start_commit(session, actor=console, alone="首次建账")
    imports.finish_commit(session)
    assert Plan.objects.exists()
    entry = AuditEntry.objects.get(params__transition="单人确认")
    assert (entry.actor_name, entry.why) == (console.username, "首次建账")


def test_an_import_from_the_console_without_the_option_waits_for_a_second_person(read_in, lead):
    session = read_in()
    imports.run_now(session, actor=accounts.console_user())
    session.refresh_from_db()
    assert session.state == "submitted"
    imports.start_commit(session, actor=lead)
    imports.finish_commit(session)
    assert Plan.objects.exists()
