"""Workbooks: values as they are shown, merged cells, hidden rows and sheets, formulas, old .xls files."""

import datetime
import io

import openpyxl
import pytest
from old_files import workbook

from bishui.documents import read_plan_bytes
from bishui.documents.blocks import Blocks, Paragraph, Skipped, TableRow
from bishui.documents.readers import read_blocks
from bishui.documents.readers.shown import shown_date, shown_number


def saved(book: openpyxl.Workbook) -> Blocks:
    packed = io.BytesIO()
    book.save(packed)
    return read_blocks(packed.getvalue(), "p.xlsx")


def rows(blocks: Blocks) -> list[TableRow]:
    return [block for block in blocks.blocks if isinstance(block, TableRow)]


@pytest.mark.parametrize(
    ("value", "code", "shown"),
    [
        (15.0, "General", "15"),
        (15, "General", "15"),
        (0.1 + 0.2, "General", "0.3"),
        (109.7094, "General", "109.7094"),
        (1e-7, "General", "0.0000001"),
        (83.12, "0.0000", "83.1200"),
        (0.857, "0.0%", "85.7%"),
        (0.9, "0%", "90%"),
        (2.5, "0_ ", "3"),
        (12345.6, "#,##0.00", "12,345.60"),
        (12, "@", "12"),
        (7, '0"座"', "7"),
    ],
)
def test_numbers_as_shown(value: float, code: str, shown: str) -> None:
    assert shown_number(value, code) == shown


@pytest.mark.parametrize(
    ("code", "shown"),
    [
        ('yyyy"年"m"月"d"日"', "2031年6月5日"),
        ('[$-804]yyyy"年"mm"月"', "2031年06月"),
        ('m"月"d"日";@', "6月5日"),
        ("yyyy\\年m\\月", "2031年6月"),
        ("mm-dd-yy", "2031-06-05"),
        ("yyyy/m/d", "2031-06-05"),
    ],
)
def test_dates_as_shown(code: str, shown: str) -> None:
    assert shown_date(datetime.datetime(2031, 6, 5), code) == shown


def test_dates_in_formats_that_chinese_programs_write_by_number() -> None:
    book = openpyxl.Workbook()
    sheet = book.worksheets[0]
    sheet.append(["甲", 48000])
    sheet["B1"].number_format = "0"
    sheet["B1"]._style.numFmtId = 57
    assert rows(saved(book))[0].cells == ("甲", "2031年6月")


def test_merged_cells_are_carried_down_and_line_breaks_closed() -> None:
    book = openpyxl.Workbook()
    sheet = book.worksheets[0]
    sheet.append(["题目\n甲", "内容一\n之后", "市甲局\n市乙局"])
    sheet.append([None, "内容二", "市甲局"])
    sheet.merge_cells("A1:A2")
    first, second = rows(saved(book))
    assert first.cells == ("题目甲", "内容一之后", "市甲局\n市乙局")
    assert (second.cells[0], second.filled()[0]) == ("", "题目甲")


def test_hidden_sheets_are_left_out_hidden_rows_read_and_both_are_told() -> None:
    book = openpyxl.Workbook()
    shown = book.worksheets[0]
    shown.append(["甲", "乙"])
    shown.append(["丙", "丁"])
    shown.row_dimensions[2].hidden = True
    hidden = book.create_sheet("字典")
    hidden.append(["选项", "值"])
    hidden.sheet_state = "veryHidden"
    blocks = saved(book)
    assert [row.cells for row in rows(blocks)] == [("甲", "乙"), ("丙", "丁")]
    assert [block.why for block in blocks.blocks if isinstance(block, Skipped)] == ["hidden sheet"]
    assert [(notice.rule, notice.lines) for notice in blocks.notices] == [
        ("hidden-rows", (2, 2)),
        ("hidden-sheet", (3, 3)),
    ]
    assert "字典" in str(blocks.notices[1].message)


def test_a_formula_without_a_stored_result_is_told() -> None:
    book = openpyxl.Workbook()
    book.worksheets[0].append(["甲", "=1+1"])
    blocks = saved(book)
    assert [notice.rule for notice in blocks.notices] == ["formula-without-result"]
    assert "1 个公式" in str(blocks.notices[0].message)


def test_places_are_sheets_and_rows() -> None:
    book = openpyxl.Workbook()
    sheet = book.worksheets[0]
    sheet.title = "附件1"
    sheet["A3"] = "题"
    sheet.append(["序号", "任务内容"])
    places = [place.as_dict() for place in saved(book).places if place]
    assert places[-1] == {"sheet": "附件1", "row": 4}


HEAD = ["序号", "主要任务", "任务内容", "牵头单位", "完成时限"]


def test_an_xls_is_read_with_its_merged_cells() -> None:
    data = workbook(
        {
            "清单": [
                ["云川市2031年度水污染防治工作计划"],
                HEAD,
                [1.0, "管好园区", "园区废水全部预处理。", "市甲局、乙局", "全年"],
                [2.0, None, "完成12家企业整治。", "市甲局", "6月底前"],
            ],
            "旧表": [["不读"]],
        },
        merged=[(2, 3, 1, 1)],
        hidden="旧表",
    )
    draft = read_plan_bytes(data, "p.xls")
    assert [(task.seq, task.theme, task.theme_in_cell) for task in draft.tasks] == [
        (1, "管好园区", True),
        (2, "管好园区", False),
    ]
    assert draft.places[2] is not None
    assert draft.places[2].as_dict() == {"sheet": "清单", "row": 3}
    assert "hidden-sheet" in [finding.rule for finding in draft.findings]


def test_a_note_right_under_a_table_is_no_task() -> None:
    book = openpyxl.Workbook()
    sheet = book.worksheets[0]
    sheet.append(["云川市2031年度水污染防治工作计划"])
    sheet.append(HEAD)
    sheet.append([1, "题", "内容。", "市甲局", "全年"])
    sheet.append(["注：年底前汇总。"])
    packed = io.BytesIO()
    book.save(packed)
    draft = read_plan_bytes(packed.getvalue(), "p.xlsx")
    assert len(draft.tasks) == 1
    assert draft.coverage[-1].became == ("note",)


def test_paragraphs_around_a_table() -> None:
    book = openpyxl.Workbook()
    sheet = book.worksheets[0]
    for row in (["题目"], ["甲", "乙"], ["丙", "丁"], [], ["附注文字"]):
        sheet.append(row)
    blocks = saved(book)
    assert [block.text for block in blocks.blocks if isinstance(block, Paragraph)] == ["题目", "附注文字"]
