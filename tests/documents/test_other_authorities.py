"""Plans of ten invented authorities, each with a habit of its own: every field of every task is read."""

from collections import Counter
from typing import Any

import pytest
from other_authorities import DOCUMENTS
from unseen_plans import FIELDS, f1, score

from bishui.documents import PlanDraft, read_plan_bytes

UNITS = ("lead", "cooperating", "responsible")


def read(name: str) -> PlanDraft:
    return read_plan_bytes(DOCUMENTS[name]()[0], name)


def plain(task: dict[str, Any], wanted: dict[str, Any]) -> dict[str, Any]:
    """A task with the wanted fields alone, bodies as lists of names."""
    return {key: task[key]["units"] if key in UNITS else task[key] for key in wanted}


@pytest.mark.parametrize("name", DOCUMENTS)
def test_every_field_of_every_task(name: str) -> None:
    data, tasks = DOCUMENTS[name]()
    read = read_plan_bytes(data, name).to_json()["tasks"]
    assert [plain(got, wanted) for got, wanted in zip(read, tasks, strict=True)] == tasks


def test_task_fields_over_all_of_them() -> None:
    counts = {name: Counter[str]() for name in ("tasks", *FIELDS)}
    for name, make in DOCUMENTS.items():
        data, tasks = make()
        for part, count in score(tasks, read_plan_bytes(data, name).to_json()["tasks"]).items():
            counts[part].update(count)
    assert {name: f1(count) for name, count in counts.items() if f1(count) < 0.95} == {}


@pytest.mark.parametrize("name", DOCUMENTS)
def test_every_line_is_accounted_for_and_understood(name: str) -> None:
    draft = read(name)
    assert [entry.line for entry in draft.coverage] == list(range(1, len(draft.source_lines) + 1))
    assert [entry.line for entry in draft.coverage if "not understood" in entry.became] == []


@pytest.mark.parametrize("name", DOCUMENTS)
def test_no_false_doubts(name: str) -> None:
    assert [finding.rule for finding in read(name).findings] == []


def test_titles_regions_and_years() -> None:
    heads = {name: read(name).doc for name in DOCUMENTS}
    assert {name: (head.region, head.year) for name, head in heads.items()} == {
        "sections.docx": ("岚津市", 2031),
        "brackets.txt": ("岚津市", 2032),
        "roles.html": ("岚津市", 2031),
        "first.docx": ("岚津市", 2033),
        "levels.docx": ("岚津市津东县", 2031),
        "marks.xlsx": ("岚津市", 2031),
        "site.html": ("岚津市", 2031),
        "rotated.pdf": ("岚津市", 2031),
        "county.txt": ("津东县", 2031),
        "checklist.docx": ("岚津市", 2031),
    }


def test_text_behind_the_last_table_of_the_body_is_read() -> None:
    plan = "\n".join(
        [
            "岚津市2031年水污染防治工作方案",
            "一、任务",
            "序号\t任务内容\t责任单位\t完成时限",
            "1\t整治青芦溪。\t市水利局\t年底前",
            "注：责任单位按职责分工落实。",
            "二、水质目标",
            "2031年，全市国控断面水质优良比例达到90%以上。",
            "岚津市人民政府办公室",
            "2031年2月3日",
        ]
    )
    draft = read_plan_bytes(plan.encode(), "plan.txt")
    assert [(target.value, target.line) for target in draft.targets] == [("90", 7)]
    assert draft.doc.issuer == "岚津市人民政府办公室"
    assert draft.doc.issued == "2031-02-03"
    assert draft.tasks[0].section == ("一、任务",)


def test_a_heading_between_two_lists_belongs_to_the_second() -> None:
    plan = "\n".join(
        [
            "岚津市2031年水污染防治工作方案",
            "一、城区",
            "序号\t任务内容\t责任单位\t完成时限",
            "1\t整治青芦溪。\t市水利局\t年底前",
            "二、县域",
            "编号\t工作措施\t牵头单位\t配合单位\t时间节点",
            "1\t修复镜湖岸线。\t津东县人民政府\t市水利局\t全年",
        ]
    )
    draft = read_plan_bytes(plan.encode(), "plan.txt")
    assert [task.section for task in draft.tasks] == [("一、城区",), ("二、县域",)]


def test_blanks_in_the_names_of_bodies() -> None:
    head = "序号\t任务内容\t牵头单位\t完成时限"
    rows = ["1\t甲事。\t市 水利局\t全年", "2\t乙事。\t市生态环境局 市水利局\t全年", "3\t丙事。\t--\t全年"]
    draft = read_plan_bytes("\n".join(["岚津市2031年工作计划", head, *rows]).encode(), "plan.txt")
    assert [task.lead.units for task in draft.tasks] == [
        ("市水利局",),
        ("市生态环境局", "市水利局"),
        (),
    ]


def test_targets_of_a_column_item_stand_on_their_own_lines() -> None:
    plan = "\n".join(
        [
            "岚津市生态环境保护“十五五”规划",
            "第一章 主要目标",
            "到2030年，森林覆盖率达到50%以上。",
            "专栏1 重点任务",
            "（一）监测能力。建设内容：完善监测网络。",
            "建设规模：新建自动站12座。",
            "第二章 保障措施",
            "各单位要密切配合。",
        ]
    )
    draft = read_plan_bytes(plan.encode(), "plan.txt")
    assert [(target.value, target.line) for target in draft.targets] == [("50", 3), ("12", 6)]
