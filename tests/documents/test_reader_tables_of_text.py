"""CSV and Markdown: cells with line breaks and commas, titles and notes between tables, marks of the format."""

import pytest

from bishui.documents import read_plan_bytes
from bishui.documents.blocks import Blocks, Paragraph, TableRow
from bishui.documents.readers import read_blocks
from bishui.errors import UnreadableFile


def cells_of(blocks: Blocks) -> list[tuple[str, ...]]:
    return [block.cells for block in blocks.blocks if isinstance(block, TableRow)]


def test_csv_cells_may_hold_line_breaks_commas_and_quotation_marks() -> None:
    data = '云川市计划,,\n序号,任务内容,牵头单位\n1,"查清,""散乱污""\n企业",市甲局\n'.encode("gb18030")
    blocks = read_blocks(data, "p.csv")
    assert [block.text for block in blocks.blocks if isinstance(block, Paragraph)] == ["云川市计划"]
    assert cells_of(blocks)[1] == ("1", '查清,"散乱污"企业', "市甲局")
    row = blocks.blocks[-1]
    assert (row.at.first, row.at.last) == (3, 4)
    assert blocks.source_lines[3] == '企业",市甲局'


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_csv_delimiters(delimiter: str) -> None:
    rows = [["序号", "任务内容", "牵头单位"], ["1", "内容。", "市甲局"]]
    data = "\n".join(delimiter.join(row) for row in rows).encode("utf-16")
    assert cells_of(read_blocks(data, "p.csv")) == [tuple(row) for row in rows]


def test_a_quotation_mark_without_its_partner_is_named() -> None:
    data = ('序号,任务内容\n1,"没有结束\n' + "字" * 200_000).encode()
    with pytest.raises(UnreadableFile, match="双引号"):
        read_blocks(data, "p.csv")


def test_comma_rows_in_a_txt_are_read_as_csv() -> None:
    data = "计划\n序号,任务内容,牵头单位,完成时限\n1,内容。,市甲局,全年\n2,内容二。,市乙局,全年\n".encode()
    assert [task.seq for task in read_plan_bytes(data, "p.txt").tasks] == [1, 2]


def test_names_on_lines_of_their_own_are_a_list_and_broken_text_is_not() -> None:
    data = '序号,任务内容,牵头单位\n1,"建设管网\n20公里","市甲局\n市乙局"\n'.encode()
    task = read_plan_bytes(data, "p.csv").tasks[0]
    assert task.content == "建设管网20公里"
    assert task.lead.units == ("市甲局", "市乙局")


MARKDOWN = """# 云川市2031年度水污染防治工作计划

## 一、任务

正文 **加粗** 与 [链接](https://example.org) 。

| 序号 | 任务内容 | 牵头单位 |
|---:|:---|---|
| 1 | 查清甲\\|乙两类<br>企业 | 市甲局<br>市乙局 |
"""


def test_markdown_marks_are_no_part_of_the_text() -> None:
    blocks = read_blocks(MARKDOWN.encode(), "p.md")
    texts = [block.text for block in blocks.blocks if isinstance(block, Paragraph)]
    assert texts == ["云川市2031年度水污染防治工作计划", "一、任务", "正文 加粗 与 链接 。"]
    assert cells_of(blocks)[1] == ("1", "查清甲|乙两类企业", "市甲局\n市乙局")
    assert len(blocks.source_lines) == len(MARKDOWN.splitlines())


def test_a_pipe_table_in_a_txt_is_read_as_markdown() -> None:
    assert read_plan_bytes(MARKDOWN.encode(), "p.txt").tasks[0].lead.units == ("市甲局", "市乙局")
