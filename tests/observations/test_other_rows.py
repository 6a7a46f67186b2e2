"""Tables as people fill them in: rows that hold no results, two columns of time, hidden sheets, limits beside."""

from datetime import datetime, time
from decimal import Decimal
from pathlib import Path

import openpyxl
import pytest

from bishui.errors import DataError, UnknownLayout, UnreadableFile
from bishui.observations import ReadResult, guess_mapping, read_sheets, read_table, read_with
from bishui.observations.laboratory_texts import moment

HEADS = ["断面名称", "采样时间", "总磷", "氨氮"]
ROWS = [["甲桥", "2025-03-01 09:00", 0.08, 0.25], ["乙桥", "2025-03-01 10:00", 0.15, 0.6]]


def book(folder: Path, rows: list[list[object]], name: str = "表.xlsx") -> Path:
    workbook = openpyxl.Workbook()
    for row in rows:
        workbook.active.append(row)
    workbook.save(folder / name)
    return folder / name


def read(folder: Path, rows: list[list[object]]) -> ReadResult:
    return read_table(book(folder, rows))


def values(result: ReadResult) -> list[tuple[str, str, Decimal | None, str]]:
    return [
        (row["site"], row["item"], row["value"] and row["value"].normalize(), row["mark"])
        for row in result.table.to_pylist()
    ]


def account(result: ReadResult) -> dict[int, tuple[str, str]]:
    return {row["row"]: (row["outcome"], row["detail"]) for row in result.account.to_pylist()}


class TestBelowTheHeads:
    def test_a_row_of_units_gives_the_columns_their_units(self, tmp_path: Path) -> None:
        result = read(tmp_path, [HEADS, [None, None, "μg/L", "mg/L"], ["甲桥", "2025-03-01", 80, 0.25]])
        assert values(result) == [
            ("甲桥", "tp", Decimal("0.08"), "measured"),
            ("甲桥", "nh3n", Decimal("0.25"), "measured"),
        ]
        assert not result.problems
        assert account(result)[2] == ("ignored", "单位行")

    @pytest.mark.parametrize("first", ["单位", "计量单位", None])
    def test_it_may_be_called_so(self, tmp_path: Path, first: str | None) -> None:
        result = read(tmp_path, [HEADS, [first, None, "mg/L", None], *ROWS])
        assert len(values(result)) == 4
        assert account(result)[2] == ("ignored", "单位行")

    def test_an_unknown_unit_refuses_the_file_and_names_the_cell(self, tmp_path: Path) -> None:
        with pytest.raises(DataError, match="“度”无法换算") as refused:
            read(tmp_path, [HEADS, [None, None, "mg/L", "度"], *ROWS])
        assert (refused.value.where.row, refused.value.where.column) == (2, "氨氮")

    def test_a_unit_against_that_of_the_head_refuses_the_file(self, tmp_path: Path) -> None:
        heads = ["断面名称", "采样时间", "总磷(mg/L)", "氨氮"]
        with pytest.raises(DataError, match="表头中的单位是“mg/L”，单位行中是“μg/L”") as refused:
            read(tmp_path, [heads, [None, None, "μg/L", "mg/L"], *ROWS])
        assert refused.value.where.column == "总磷(mg/L)"

    def test_a_row_of_detection_limits_gives_what_is_not_detected_its_limit(self, tmp_path: Path) -> None:
        rows = [
            HEADS,
            [None, None, "μg/L", "mg/L"],
            ["检出限", None, "10", "0.025"],
            ["甲桥", "2025-03-01", "未检出", "ND"],
        ]
        result = read(tmp_path, rows)
        assert values(result) == [
            ("甲桥", "tp", Decimal("0.01"), "below_detection"),
            ("甲桥", "nh3n", Decimal("0.025"), "below_detection"),
        ]
        assert account(result)[3] == ("ignored", "检出限行")

    def test_numbers_without_a_site_are_no_units(self, tmp_path: Path) -> None:
        result = read(tmp_path, [HEADS, [None, "2025-03-01", 0.08, 0.25], *ROWS])
        assert [problem.code for problem in result.problems] == ["no-site"]
        assert account(result)[2][0] == "rejected"


class TestUnderTheTable:
    @pytest.mark.parametrize("word", ["平均值", "合计", "最大值", "标准限值"])
    def test_statistics_are_no_results(self, tmp_path: Path, word: str) -> None:
        result = read(tmp_path, [HEADS, *ROWS, [word, "2025-03-01", 0.1, 0.4]])
        assert {site.name for site in result.sites} == {"甲桥", "乙桥"}
        assert not result.problems
        assert account(result)[4] == ("ignored", "统计行或标准限值行")

    @pytest.mark.parametrize(
        "note", [["注：L 表示未检出"], ["填表人：张三", "审核人：李四"], ["监测单位：某站", "2025-04-01"]]
    )
    def test_notes_are_no_sites(self, tmp_path: Path, note: list[object]) -> None:
        result = read(tmp_path, [HEADS, *ROWS, [], note])
        assert {site.name for site in result.sites} == {"甲桥", "乙桥"}
        assert account(result)[5] == ("ignored", "表外说明")

    def test_a_note_in_a_column_before_the_sites_is_no_missing_name(self, tmp_path: Path) -> None:
        rows = [["序号", *HEADS], *([number, *row] for number, row in enumerate(ROWS, 1)), ["备注：枯水期"]]
        result = read(tmp_path, rows)
        assert not result.problems
        assert account(result)[4] == ("ignored", "表外说明")

    def test_a_site_whose_name_begins_like_a_note_keeps_its_results(self, tmp_path: Path) -> None:
        result = read(tmp_path, [HEADS, ["注溪大桥", "2025-03-01", 0.08, 0.25]])
        assert [site for site, *_ in values(result)] == ["注溪大桥"] * 2

    def test_heads_that_stand_again_on_the_next_page_are_no_record(self, tmp_path: Path) -> None:
        result = read(tmp_path, [HEADS, ROWS[0], HEADS, ROWS[1]])
        assert not result.problems
        assert account(result)[3] == ("ignored", "重复的表头")


def test_heads_below_a_merged_head_are_read(tmp_path: Path) -> None:
    workbook = openpyxl.Workbook()
    sheet = workbook.active
    for row in [["断面名称", "采样时间", "监测结果", None], [None, None, "总磷(mg/L)", "氨氮(mg/L)"], *ROWS]:
        sheet.append(row)
    for cells in ("A1:A2", "B1:B2", "C1:D1"):
        sheet.merge_cells(cells)
    workbook.save(tmp_path / "合并.xlsx")
    result = read_table(tmp_path / "合并.xlsx")
    assert [value for *_, value, _ in values(result)] == [
        Decimal(text) for text in ("0.08", "0.25", "0.15", "0.6")
    ]


class TestDayAndTimeOfDay:
    def test_two_columns_make_one_time(self, tmp_path: Path) -> None:
        rows = [
            ["断面名称", "采样日期", "采样时间", "氨氮"],
            ["甲桥", datetime(2025, 3, 1), time(9, 30), 0.25],
            ["乙桥", "2025年3月1日", "下午2:15", 0.6],
            ["丙桥", "2025/3/1", "", 0.6],
        ]
        times = read(tmp_path, rows).table["time"].to_pylist()
        assert times == [
            datetime(2025, 3, 1, 9, 30),
            datetime(2025, 3, 1, 14, 15),
            datetime(2025, 3, 1),
        ]

    def test_a_whole_time_of_another_day_is_a_problem(self, tmp_path: Path) -> None:
        rows = [
            ["断面名称", "采样日期", "采样时间", "氨氮"],
            ["甲桥", "2025/3/1", "2025/3/1 9:30", 0.25],
            ["乙桥", "2025/3/1", "2025-03-02 10:00", 0.6],
        ]
        result = read(tmp_path, rows)
        assert result.table["time"].to_pylist() == [datetime(2025, 3, 1, 9, 30)]
        assert [(problem.code, problem.where.row) for problem in result.problems] == [("not-a-time", 3)]

    @pytest.mark.parametrize(
        ("day", "clock", "whole"),
        [
            ("2025-03-01 00:00", "09:30:00", "2025-03-01 09:30:00"),
            ("2025-03-01", "1899-12-31 09:30:00", "2025-03-01 09:30:00"),
            ("", "2025年3月1日9时", "2025年3月1日9时"),
            ("03-01", "9:30", "03-01 9:30"),
        ],
    )
    def test_a_moment_is_written_from_both(self, day: str, clock: str, whole: str) -> None:
        assert moment(day, clock) == whole


class TestHiddenSheets:
    @pytest.fixture
    def hiding(self, tmp_path: Path) -> Path:
        workbook = openpyxl.Workbook()
        workbook.active.title = "三月"
        former = workbook.create_sheet("旧数据")
        former.sheet_state = "hidden"
        for row in [HEADS, ROWS[0]]:
            workbook.active.append(row)
        for row in [HEADS, [*ROWS[0][:2], 9, 9]]:
            former.append(row)
        workbook.save(tmp_path / "隐藏.xlsx")
        return tmp_path / "隐藏.xlsx"

    def test_what_nobody_sees_is_not_read_and_is_said(self, hiding: Path) -> None:
        result = read_table(hiding)
        assert [value for _, _, value, _ in values(result)] == [Decimal("0.08"), Decimal("0.25")]
        assert [str(note) for note in result.notes] == [
            "工作表“旧数据”是隐藏的，未读取；要读取请先在表格软件中取消隐藏。"
        ]

    def test_a_laboratory_s_file_is_read_likewise(self, hiding: Path) -> None:
        guess = guess_mapping(read_sheets(hiding), name="甲化验室", file=hiding.name)
        result = read_with(guess.mapping, hiding)
        assert len(values(result)) == 2
        assert any("旧数据" in str(note) for note in result.notes)


def test_a_contradiction_between_sheets_names_both(tmp_path: Path) -> None:
    workbook = openpyxl.Workbook()
    workbook.active.title = "初稿"
    final = workbook.create_sheet("定稿")
    for sheet, value in ((workbook.active, 0.08), (final, 0.09)):
        sheet.append(HEADS)
        sheet.append(["甲桥", "2025-03-01", value, 0.25])
    workbook.save(tmp_path / "两页.xlsx")
    problem = read_table(tmp_path / "两页.xlsx").problems[0]
    assert "工作表“初稿”第 2 行“0.08”、工作表“定稿”第 2 行“0.09”" in str(problem.what)


def test_a_limit_beside_its_result_is_that_of_what_is_not_detected(tmp_path: Path) -> None:
    rows = [
        ["点位", "采样日期", "监测项目", "监测结果", "单位", "检出限"],
        ["甲桥", "2025-03-01", "氨氮", "未检出", "mg/L", "0.025"],
        ["甲桥", "2025-03-01", "总磷", "ND", "μg/L", "10"],
        ["甲桥", "2025-03-01", "化学需氧量", "15", "mg/L", "4"],
    ]
    result = read(tmp_path, rows)
    assert values(result) == [
        ("甲桥", "nh3n", Decimal("0.025"), "below_detection"),
        ("甲桥", "tp", Decimal("0.01"), "below_detection"),
        ("甲桥", "cod", Decimal(15), "measured"),
    ]
    assert not result.notes


def test_a_limit_in_a_wide_table_belongs_to_no_item_and_is_said_to_be_unread(tmp_path: Path) -> None:
    result = read(tmp_path, [[*HEADS, "检出限"], ["甲桥", "2025-03-01", "ND", "ND", "0.01"]])
    assert [value for _, _, value, _ in values(result)] == [None, None]
    assert [str(note) for note in result.notes] == ["未读取的列：检出限。"]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"<html><table><tr><td>\xe6\x96\xad\xe9\x9d\xa2</td></tr></table></html>", "网页（HTML）或 XML"),
        (b'\xef\xbb\xbf\n<?xml version="1.0"?><Workbook/>', "网页（HTML）或 XML"),
        (b"%PDF-1.7\n", "PDF"),
        ("断面名称,采样时间,氨氮\n".encode("utf-16-le"), "空字符"),
        ("断面名称,采样时间,氨氮\n甲\0桥,2025-03-01,0.2\n".encode(), "空字符"),
    ],
)
def test_what_is_called_a_table_and_is_none_is_named(tmp_path: Path, content: bytes, said: str) -> None:
    (tmp_path / "导出.xls").write_bytes(content)
    with pytest.raises(UnreadableFile, match=said) as refused:
        read_table(tmp_path / "导出.xls")
    assert refused.value.where.file == "导出.xls"
    assert "XLSX" in str(refused.value.remedy)


@pytest.mark.parametrize(
    "rows",
    [
        [["断面名称", "采样时间", "监测结果", "监测结果"], [None, None, "总磷", "氨氮"], ROWS[0]],
        [["项目", "单位", "甲桥", "乙桥"], ["氨氮", "mg/L", 0.25, 0.6]],
    ],
    ids=["heads of two rows", "sites across"],
)
def test_a_laboratory_s_layout_is_refused_with_the_way_to_read_it(
    tmp_path: Path, rows: list[list[object]]
) -> None:
    with pytest.raises((DataError, UnknownLayout)) as refused:
        read(tmp_path, rows)
    assert "化验室自己的表格" in str(refused.value.remedy)
