"""The two published annual plans: counted, compared with the published facts, and scored where there is a scorer."""

import json
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import pytest

from bishui.documents import PlanDraft, read_plan


@pytest.fixture(scope="module")
def liuzhou(shared: Path) -> PlanDraft:
    return read_plan(shared / "plans" / "liuzhou-2022-annual-plan.txt")


@pytest.fixture(scope="module")
def qinzhou(shared: Path) -> PlanDraft:
    return read_plan(shared / "plans" / "qinzhou-2024-annual-plan.txt")


def test_liuzhou_against_the_known_truth(liuzhou: PlanDraft, shared: Path, tmp_path: Path) -> None:
    got = tmp_path / "got.json"
    got.write_text(json.dumps(liuzhou.to_json(), ensure_ascii=False), encoding="utf-8")
    truth = shared / "reference" / "plan-truth" / "liuzhou-2022-annual-plan.json"
    command = [sys.executable, str(shared / "tools" / "score_plan.py"), str(truth), str(got), "--json"]
    score = json.loads(subprocess.run(command, capture_output=True, check=True, text=True).stdout)
    for name in ("lead", "cooperating", "responsible", "deadline", "theme"):
        assert score["fields"][f"task.{name}"]["f1"] >= 0.98
    for name in ("tables", "table.header", "table.rowcount", "table.cells", "target"):
        assert score["fields"][name]["f1"] == 1
    assert score["exact_tasks"] == {"exact": 54, "of": 54}


def test_liuzhou_coordinates_and_merged_cells(liuzhou: PlanDraft) -> None:
    sections = {each.section: each for each in liuzhou.section_targets}
    assert Counter(each.level for each in sections.values()) == {"国控": 10, "区控": 2}
    old_street = sections["象州运江老街"]
    assert (old_street.city, old_street.assessed, old_street.county) == ("来宾市", "柳州市", "")
    assert (old_street.lon, old_street.lat) == ("109.7094", "24.1743")
    assert Counter(each.level for each in liuzhou.source_targets) == {"市级": 4, "县级": 5}
    parks = liuzhou.tables[-1]
    assert parks.rows[4][:4] == ("", "", "", "")
    assert parks.rows_filled[4][3] == parks.rows[3][3]


def test_qinzhou_tasks(qinzhou: PlanDraft) -> None:
    assert [task.seq for task in qinzhou.tasks] == list(range(1, 57))
    assert Counter(task.section[0][0] for task in qinzhou.tasks) == {
        "一": 17,
        "二": 9,
        "三": 13,
        "四": 4,
        "五": 3,
        "六": 10,
    }
    assert Counter(task.deadline_norm for task in qinzhou.tasks) == {
        "all year": 41,
        "2024-12-31": 13,
        "2024-11-30": 1,
        "relative:+20 workdays": 1,
    }
    blank = [task.seq for task in qinzhou.tasks if not task.cooperating.units]
    assert blank == [8, 9, 10, 17, 19, 20, 22, 25, 28, 41, 42, 49, 52]
    assert qinzhou.tasks[13].responsible.units == ("灵山县", "浦北县", "钦南区人民政府")
    assert [task.seq for task in qinzhou.tasks if task.lead.etc or task.cooperating.etc] == [46]


def test_qinzhou_sections_and_sources(qinzhou: PlanDraft) -> None:
    assert Counter(each.level for each in qinzhou.section_targets) == {"国控": 7, "区控": 7, "市控": 4}
    classes = {each.section: each.target_class for each in qinzhou.section_targets}
    assert Counter(classes.values()) == {"III类": 15, "IV类": 2, "II类": 1}
    assert (classes["高速公路西桥"], classes["东边埇"], classes["东边塘"]) == ("IV类", "II类", "IV类")
    assert Counter(each.level for each in qinzhou.source_targets) == {"市级": 4, "县级": 5}
    assert Counter(each.status for each in qinzhou.source_targets) == {"在用": 4, "备用": 2, "规划": 3}
    assert [len(table.rows) for table in qinzhou.tables] == [18, 9, 1, 1, 20]
    assert len(qinzhou.tables[0].notes) == 1
    assert qinzhou.doc.basis_doc_nos == ("桂环发〔2024〕16号",)


def test_qinzhou_targets(qinzhou: PlanDraft) -> None:
    numbers = {(each.op, each.value, each.unit) for each in qinzhou.targets if not each.qualitative}
    assert {
        (">=", "85.7", "%"),
        ("=", "0", None),
        (">=", "130", "mg/L"),
        (">=", "30", "公里"),
        (">=", "3", "条"),
        (">=", "0.522", None),
        ("meets", "III类", None),
    } <= numbers
    assert not any(value in {"100", "3000", "5"} and unit != "个" for _, value, unit in numbers)
    reports = [(each.due, each.to) for each in qinzhou.report_deadlines]
    assert reports == [("2024-06-25", "市生态环境局"), ("2024-12-31", "市生态环境局")]


def test_both_annual_plans_are_understood_to_the_last_line(liuzhou: PlanDraft, qinzhou: PlanDraft) -> None:
    for draft in (liuzhou, qinzhou):
        assert "not understood" not in draft.coverage_counts()
        assert "lines-not-understood" not in [finding.rule for finding in draft.findings]


def test_liucheng_programme_in_prose(shared: Path) -> None:
    draft = read_plan(shared / "plans" / "liucheng-outfall-programme.txt")
    assert (draft.doc.issuer, draft.doc.issued, draft.doc.period) == (
        "柳城县人民政府办公室",
        "2023-11-30",
        (2023, 2025),
    )
    assert len(draft.tasks) == 15
    assert sum(len(task.cooperating.units) for task in draft.tasks) == 24
    assert [(each.op, each.value, each.deadline) for each in draft.targets] == [
        (">=", "30", "2023-12-31"),
        (">=", "70", "2024-12-31"),
    ]
    assert [each.due for each in draft.report_deadlines] == ["every year 12-25", "every year 06-25"]
    assert len(draft.milestones) == 6


def cells_and_characters(draft: PlanDraft) -> list[tuple[int, str, str]]:
    """Return for each task the characters of its cells and of its source lines, sorted."""
    ignored = {entry.line for entry in draft.coverage if entry.became[0].startswith("ignored")}
    pairs = []
    for task in draft.tasks:
        roles = (task.lead, task.cooperating, task.responsible)
        theme = task.theme if task.theme_in_cell else ""
        cells = [str(task.seq), theme, task.content, *(role.raw for role in roles), task.deadline]
        lines = [
            draft.source((line, line))
            for line in range(task.lines[0], task.lines[1] + 1)
            if line not in ignored
        ]
        pairs.append((task.seq or 0, characters("".join(cells)), characters("".join(lines))))
    return pairs


def characters(text: str) -> str:
    return "".join(sorted("".join(text.split())))


@pytest.fixture(scope="module")
def liujiang(shared: Path) -> PlanDraft:
    return read_plan(shared / "plans" / "liujiang-2024-annual-plan.txt")


class TestLiujiang:
    """Cells broken over lines, page heads inside rows."""

    def test_every_task_with_its_section_and_deadline(self, liujiang: PlanDraft) -> None:
        assert [task.seq for task in liujiang.tasks] == list(range(1, 55))
        assert Counter(task.section[0][0] for task in liujiang.tasks) == {
            "一": 15,
            "二": 10,
            "三": 13,
            "四": 5,
            "五": 1,
            "六": 10,
        }
        assert Counter(task.deadline_norm for task in liujiang.tasks) == {
            "all year": 39,
            "2024-12-31": 13,
            "2024-11-30": 1,
            "relative:+45 workdays": 1,
        }
        assert liujiang.tasks[52].section == ("六、加强组织实施", "（三）地方管理机制落实")

    def test_units_by_column(self, liujiang: PlanDraft) -> None:
        blank = [task.seq for task in liujiang.tasks if not task.cooperating.units]
        assert blank == [8, 9, 10, 17, 18, 24, 27, 34, 40, 41, 47, 50]
        assert [task.seq for task in liujiang.tasks if task.cooperating.etc] == [
            *(3, 5, 6, 12, 13, 14, 16, 22, 25, 26, 28, 31, 32, 33, 35, 36, 37, 42, 44, 45, 49, 54)
        ]
        assert not any(task.lead.etc or task.responsible.etc for task in liujiang.tasks)
        assert Counter(unit for task in liujiang.tasks for unit in task.lead.units) == {
            "柳江生态环境局": 33,
            "区水利局": 11,
            "区住房城乡建设局": 11,
            "区农业农村局": 6,
            "区工业和信息化局": 4,
            "区审批局": 1,
            "区科技局": 1,
            "区卫生健康局": 1,
            "本计划中所有牵头单位": 1,
        }
        assert sum(len(task.cooperating.units) for task in liujiang.tasks) == 124
        assert {unit for task in liujiang.tasks for unit in task.responsible.units} == {
            "各镇人民政府",
            "区开发区管委会",
        }
        assert liujiang.tasks[51].cooperating.units == ("本计划中所有牵头单位",)

    def test_themes_are_carried_down_through_blank_cells(self, liujiang: PlanDraft) -> None:
        carried = [task.seq for task in liujiang.tasks if not task.theme_in_cell]
        assert carried == [
            *(3, 4, 9, 10, 14, 17, 19, 20, 21, 29, 30, 31, 33, 34, 35, 36, 37, 40, 41, 42, 43, 49)
        ]
        assert liujiang.tasks[42].theme == "防范水污染风险"
        assert {task.theme for task in liujiang.tasks[31:37]} == {"促进再生水循环利用"}

    def test_faults_stay_as_written(self, liujiang: PlanDraft) -> None:
        assert liujiang.tasks[44].deadline == "工作计划后 45个工作日内"
        assert "31个市级水功能区" in liujiang.tasks[14].content
        assert liujiang.tasks[14].content.endswith("92%。")
        assert liujiang.tasks[22].content.endswith("土著鱼类")
        assert [(each.due, each.to) for each in liujiang.report_deadlines] == [
            ("2024-08-10", "柳江生态环境局"),
            ("2024-12-20", "柳江生态环境局"),
        ]
        assert liujiang.tasks[53].deadline == "2024年12月 31日前"

    def test_targets_stand_on_the_line_that_states_them(self, liujiang: PlanDraft) -> None:
        stated = {each.line: each.value for each in liujiang.targets if each.value in {"93.9", "0.527", "92"}}
        assert stated == {388: "93.9", 553: "92", 890: "0.527"}

    def test_heads_of_pages_whole_or_in_part_are_no_text(self, liujiang: PlanDraft) -> None:
        heads = [entry.line for entry in liujiang.coverage if entry.became == ("ignored: repeated head",)]
        whole = [
            begin + step for begin in (202, 332, 440, 605, 728) for step in (0, 2, 4, 6, 7, 9, 11, 12, 14, 16)
        ]
        assert heads == [*whole, 880, 881, 883, 885, 1106, 1181]
        assert "not understood" not in liujiang.coverage_counts()

    def test_section_target_of_the_annex(self, liujiang: PlanDraft) -> None:
        (table,) = liujiang.tables
        assert (table.annex, table.name, table.lines) == ("附件2", "国控断面水质目标表", (1464, 1464))
        assert table.rows[0][3:5] == ("柳江", "象州运江老街")
        (section,) = liujiang.section_targets
        assert (section.level, section.county, section.target_class) == ("国控", "柳江区", "Ⅱ类")
        assert (section.lon, section.lat) == ("109.7094", "24.1743")

    def test_no_character_is_lost_or_invented(self, liujiang: PlanDraft) -> None:
        for number, cells, lines in cells_and_characters(liujiang):
            assert cells == lines, number


def test_qinzhou_cells_are_those_of_the_source(qinzhou: PlanDraft) -> None:
    for task in qinzhou.tasks:
        cells = [cell.strip() for cell in qinzhou.source(task.lines).split("\t")]
        assert (str(task.seq), task.content, task.deadline) == (cells[0], cells[2], cells[6])
        assert task.theme_in_cell == bool(cells[1])
        for role, cell in ((task.lead, cells[3]), (task.cooperating, cells[4]), (task.responsible, cells[5])):
            assert "、".join(role.units) == (
                "" if cell == "/" else cell.replace("，", "、").removesuffix("等")
            )
            assert role.etc == cell.endswith("等")
            assert not role.by_duty
    assert qinzhou.tasks[3].theme == qinzhou.tasks[2].theme
    assert qinzhou.tasks[37].theme == "促进再生水循环利用"


def test_a_document_takes_at_most_a_second(shared: Path) -> None:
    for path in (shared / "plans").glob("*.txt"):
        begin = time.process_time()
        read_plan(path)
        assert time.process_time() - begin <= 1
