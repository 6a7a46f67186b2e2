"""Export and template: what is written is read back the same, and no cell runs as a formula."""

from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory

import openpyxl
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bishui.errors import CallError
from bishui.observations import (
    MEASUREMENTS,
    Mark,
    Source,
    escape_formula,
    read_table,
    write_long_table,
    write_template,
)
from bishui.standards import items

SITES = ("渡口", "罗家营(老)", "=1+1", "+甲", "-乙", "@丙", "'丁", "戊,己", '庚"辛', "'=1")
MEASURED_ITEMS = tuple(key for key in items() if key != "published_class")


def _row(site: str, minutes: int, item: str, value: Decimal, mark: Mark, source: Source) -> dict[str, object]:
    raw: str | None = format(value, "f")
    kept: Decimal | None = value
    if mark is Mark.BELOW_DETECTION:
        raw, kept = (f"{value:f}L", value) if value else ("ND", None)
    elif mark is Mark.NO_READING:
        raw, kept = "--", None
    elif mark is Mark.NOT_GIVEN:
        raw, kept = "*", None
    return {
        "import_id": None,
        "row": None,
        "site": site,
        "time": datetime(2024, 1, 1) + timedelta(minutes=minutes),
        "item": item,
        "value": kept,
        "mark": mark.value,
        "unit": items()[item].unit,
        "raw": raw,
        "source": source.value,
    }


@st.composite
def tables(draw: st.DrawFn) -> pa.Table:
    rows = {}
    for _ in range(draw(st.integers(0, 6))):
        item = draw(st.sampled_from(MEASURED_ITEMS))
        digits = min(items()[item].scale, 4)
        value = draw(st.decimals(0, 14, places=digits, allow_nan=False))
        row = _row(
            draw(st.sampled_from(SITES)),
            draw(st.integers(0, 10**6)),
            item,
            value,
            draw(st.sampled_from(list(Mark))),
            draw(st.sampled_from(list(Source))),
        )
        rows[(row["site"], row["time"], item)] = row
    return pa.Table.from_pylist(list(rows.values()), schema=MEASUREMENTS)


def same(table: pa.Table, other: pa.Table) -> bool:
    names = [name for name in MEASUREMENTS.names if name not in ("import_id", "row")]
    return bool(table.select(names).equals(other.select(names)))


@settings(deadline=None, max_examples=60)
@given(tables())
@pytest.mark.parametrize("ending", ["csv", "xlsx"])
def test_export_and_read_give_the_same_table(ending: str, table: pa.Table) -> None:
    with TemporaryDirectory() as folder:
        result = read_table(write_long_table(table, Path(folder) / f"x.{ending}"))
    assert result.problems == ()
    assert same(table, result.table.combine_chunks())


def test_digits_and_the_given_unit_survive_a_workbook(tmp_path: Path) -> None:
    source = tmp_path / "in.csv"
    source.write_text(
        "断面,时间,项目,结果,单位\n甲,2024-03-05,总磷,285.0,μg/L\n甲,2024-03-05,氨氮,0.090,\n甲,2024-03-05,水质类别,劣Ⅴ,\n",
        encoding="utf-8",
    )
    first = read_table(source).table
    again = read_table(write_long_table(first, tmp_path / "out.xlsx")).table
    assert same(first, again)
    assert again["raw"].to_pylist() == ["285.0", "0.090", "劣Ⅴ"]


def test_numbers_are_numbers_in_the_workbook(tmp_path: Path) -> None:
    table = pa.Table.from_pylist(
        [_row("甲", 0, "tp", Decimal("0.250"), Mark.MEASURED, Source.MANUAL)], schema=MEASUREMENTS
    )
    cell = openpyxl.load_workbook(write_long_table(table, tmp_path / "x.xlsx")).worksheets[0]["D2"]
    assert (cell.value, cell.number_format) == (0.25, "0.000")


def test_a_value_without_its_text_is_written_in_the_given_unit(tmp_path: Path) -> None:
    row = _row("甲", 0, "tp", Decimal("0.25"), Mark.MEASURED, Source.MANUAL) | {"raw": None, "unit": "μg/L"}
    path = write_long_table(pa.Table.from_pylist([row], schema=MEASUREMENTS), tmp_path / "x.csv")
    assert read_table(path).table["value"].to_pylist() == [Decimal("0.25")]


@pytest.mark.parametrize(
    "text", ["=1+1", "=cmd|'/c calc'!A0", "+甲", "-乙", "@SUM(A1)", "\t=1", "\r=1", "--1", "'=1"]
)
def test_formulas_are_disarmed(text: str) -> None:
    assert escape_formula(text) == f"'{text}"


@pytest.mark.parametrize("text", ["-1.5", "+3", "渡口", "<0.02", "", "*", "--", "-"])
def test_numbers_and_plain_texts_stay(text: str) -> None:
    assert escape_formula(text) == text


def test_no_cell_of_an_export_is_a_formula(tmp_path: Path) -> None:
    table = pa.Table.from_pylist(
        [_row(site, 0, "tp", Decimal(1), Mark.NO_READING, Source.MANUAL) for site in SITES],
        schema=MEASUREMENTS,
    )
    book = openpyxl.load_workbook(write_long_table(table, tmp_path / "x.xlsx"))
    assert {cell.data_type for sheet in book for row in sheet.iter_rows() for cell in row} <= {"s", "n"}
    lines = write_long_table(table, tmp_path / "x.csv").read_text("utf-8-sig").splitlines()
    assert not any(
        cell.startswith(("=", "+", "-甲", "-乙", "@")) for line in lines for cell in line.split(",")
    )


def test_the_template_is_an_empty_export_with_a_help_sheet(tmp_path: Path) -> None:
    path = write_template(tmp_path / "模板.xlsx")
    assert read_table(path).table.num_rows == 0
    book = openpyxl.load_workbook(path)
    assert [cell.value for cell in book["监测数据"][1]] == [
        "断面名称",
        "监测时间",
        "项目",
        "结果",
        "单位",
        "标记",
        "来源",
        "原始文本",
    ]
    told = {str(cell.value) for row in book["说明"].iter_rows() for cell in row}
    assert {"氨氮", "ammonia nitrogen", "mg/L", "nh3n", "未检出", "below detection"} <= told


def test_site_names_replace_ids(tmp_path: Path) -> None:
    table = pa.Table.from_pylist(
        [_row("S1", 0, "tp", Decimal(1), Mark.MEASURED, Source.MANUAL)], schema=MEASUREMENTS
    )
    path = write_long_table(table, tmp_path / "x.csv", site_names={"S1": "渡口"})
    assert read_table(path).table["site"].to_pylist() == ["渡口"]


def test_other_endings_are_refused(tmp_path: Path) -> None:
    with pytest.raises(CallError, match=r"\.xlsx"):
        write_long_table(MEASUREMENTS.empty_table(), tmp_path / "x.doc")
