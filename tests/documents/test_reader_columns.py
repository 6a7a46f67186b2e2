"""Heads are read by the sense of their words: no list names the ones used here."""

import pytest

from bishui.documents import read_plan_bytes
from bishui.documents.columns import columns_of, joined_heads, task_columns

ROWS = [["1", "园区治理", "对园区废水逐家核查排水去向，整改一家、核销一家。", "市甲局", "市乙局", "全年"]]


@pytest.mark.parametrize(
    ("header", "roles"),
    [
        (
            ["编次", "攻坚领域", "年度具体举措", "市级主责部门", "会同部门", "办结限期"],
            ["seq", "theme", "content", "lead", "cooperating", "deadline"],
        ),
        (
            ["项次", "专项行动", "推进措施与要求", "总负责单位", "联办单位", "最迟完成日期"],
            ["seq", "theme", "content", "lead", "cooperating", "deadline"],
        ),
        (
            ["序列", "工作板块", "细化要点", "属地落实县区", "支持部门", "完成年限"],
            ["seq", "theme", "content", "responsible", "cooperating", "deadline"],
        ),
        (
            ["序号", "任务内容", "工作措施", "责任主体", "协同部门", "节点"],
            ["seq", "theme", "content", "lead", "cooperating", "deadline"],
        ),
        (
            ["序号", "重点任务", "工作任务", "责任单位", "分管领导", "时限"],
            ["seq", "theme", "content", "responsible", None, "deadline"],
        ),
    ],
)
def test_heads_by_sense(header: list[str], roles: list[str | None]) -> None:
    found = task_columns(header, ROWS)
    assert found is not None
    named = {column: role for role, column in found.items()}
    assert [named.get(column) for column in range(len(header))] == roles


@pytest.mark.parametrize(
    "header",
    [
        ["序号", "项目名称", "建设内容", "责任单位", "完成时间"],
        ["序号", "报送事项", "报送单位", "报送时限"],
        ["序号", "断面名称", "整治措施", "责任单位", "完成时限"],
        ["序号", "排污口名称", "存在问题", "整治要求", "责任主体"],
        ["1", "任务", "市甲局", "全年"],
        ["名称", "数量"],
    ],
)
def test_tables_that_list_other_things_are_no_task_tables(header: list[str]) -> None:
    assert task_columns(header, [["1", "甲", "乙", "丙", "丁"]]) is None


def test_persons_and_telephones_are_no_bodies() -> None:
    found = columns_of(["责任人", "牵头领导", "配合人员", "联系电话"], "task", by_sense=True)
    assert not {"lead", "cooperating", "responsible"} & set(found)


def test_a_head_of_two_rows() -> None:
    upper = ["序号", "任务内容", "责任分工", "", "", "时限"]
    lower = ["", "", "牵头", "配合", "落实", ""]
    assert joined_heads(upper, lower) == ("序号", "任务内容", "牵头", "配合", "落实", "时限")
    assert joined_heads(upper, ["1", "内容。", "市甲局", "市乙局", "", "全年"]) is None
    assert joined_heads(["断面", "位置", "", "水质目标"], ["", "经度", "纬度", ""]) == (
        "断面",
        "经度",
        "纬度",
        "水质目标",
    )


HEAD = "序号\t任务内容\t责任单位\t完成时限"


def read(*rows: str) -> list[tuple[int | None, tuple[str, ...]]]:
    text = "\n".join(["云川市2031年度水污染防治工作计划", "", HEAD, *rows])
    return [(task.seq, task.responsible.units) for task in read_plan_bytes(text.encode(), "p.txt").tasks]


def test_a_row_with_nothing_but_bodies_belongs_to_the_task_above() -> None:
    assert read("1\t内容一。\t市甲局\t全年", "\t\t市乙局\t", "2\t内容二。\t市丙局\t全年") == [
        (1, ("市甲局", "市乙局")),
        (2, ("市丙局",)),
    ]


@pytest.mark.parametrize("written", ["3", "3.", "（3）", "03", "3、"])
def test_numbers_as_authorities_write_them(written: str) -> None:
    assert read(f"{written}\t内容。\t市甲局\t全年")[0][0] == 3
