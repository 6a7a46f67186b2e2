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


@pytest.mark.parametrize("name", ["liujiang-2024-annual-plan", "liuzhou-14th-five-year-plan"])
def test_other_shapes_give_a_partial_draft_that_says_so(shared: Path, name: str) -> None:
    draft = read_plan(shared / "plans" / f"{name}.txt")
    assert draft.doc.title
    assert draft.targets
    assert "no-task-table" in [finding.rule for finding in draft.findings]
    assert len(draft.coverage) == len(draft.source_lines)


def test_a_document_takes_at_most_a_second(shared: Path) -> None:
    for path in (shared / "plans").glob("*.txt"):
        begin = time.perf_counter()
        read_plan(path)
        assert time.perf_counter() - begin <= 1
