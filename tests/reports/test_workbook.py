"""The workbook: a sheet for each table, frozen heads, numbers as numbers, texts that nothing runs."""

import io
import zipfile
from decimal import Decimal

import openpyxl
import pytest

from bishui import reports as r
from bishui.observations import escape_formula
from tests.reports.samples import document, table


def book(given):
    return openpyxl.load_workbook(io.BytesIO(r.to_xlsx(given, escape=escape_formula)))


def test_each_table_has_its_sheet_after_the_cover_and_further_tables_follow():
    found = book(document(sheets=(table("more", 2, caption="数据来源", sheet="来源"),)))
    assert found.sheetnames == ["说明", "表1断面水质", "表2明细", "表3缺失", "来源"]
    assert found["说明"]["A1"].value == "甲市2025年上半年水污染防治工作总结"


def test_heads_are_frozen_and_numbers_can_be_calculated_with():
    sheet = book(document())["表1断面水质"]
    assert sheet.freeze_panes == "A3"
    assert [cell.value for cell in sheet[2]] == ["断面", "目标", "浓度"]
    assert sheet["C5"].value == pytest.approx(0.2)
    assert sheet["C5"].data_type == "n"
    assert sheet["A6"].value == "注：类别按标准评价。"


def test_a_sheet_prints_on_a4_across_with_its_heads_and_rows_are_as_high_as_their_text():
    rows = ((r.Cell("短"), r.Cell("长" * 200)), (r.Cell("短"), r.Cell("短")))
    given = r.Table("t", "表", (r.Column("甲", 1), r.Column("乙", 1)), rows)
    sheet = book(document(blocks=(given,), attachments=()))["表1表"]
    assert (sheet.page_setup.orientation, sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight) == (
        "landscape",
        1,
        0,
    )
    assert sheet.print_title_rows == "$1:$2"
    # 400 half-widths in a column of 62 characters: seven lines of 15 pt
    assert sheet.column_dimensions["B"].width == 62 and sheet.row_dimensions[3].height == 105
    assert sheet.row_dimensions[4].height is None


def test_a_table_without_rows_says_so():
    assert book(document())["表3缺失"]["A3"].value == "无数据"


@pytest.mark.parametrize("text", ["=1+1", "+cmd|x", "@SUM(A1)", "-2+3", "\t=1"])
def test_no_text_becomes_a_formula(text):
    rows = ((r.Cell(text), r.Cell("x"), r.Cell("1", Decimal(1))),)
    risky = r.Table("t", "表", table().columns, rows)
    cell = book(document(blocks=(risky,), attachments=()))["表1表"]["A3"]
    assert cell.data_type == "s"
    assert cell.value.startswith("'")


def test_names_that_a_workbook_does_not_allow_are_changed():
    tables = (table("a", caption="一/二*三" * 20), table("b", sheet="同"), table("c", sheet="同"))
    names = book(
        document(blocks=tables, attachments=(), sheets=(table("d", sheet="同"), table("e", sheet="同")))
    ).sheetnames
    assert len(set(names)) == len(names) == 6
    assert all(len(name) <= 31 and "/" not in name for name in names)


def test_the_same_document_gives_the_same_bytes():
    made = r.to_xlsx(document(), escape=escape_formula)
    assert made == r.to_xlsx(document(), escape=escape_formula)
    with zipfile.ZipFile(io.BytesIO(made)) as archive:
        assert b"2025-07-01T00:00:00Z" in archive.read("docProps/core.xml")
