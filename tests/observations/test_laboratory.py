"""Laboratory spreadsheets: a mapping is guessed, confirmed, saved, and a file that does not fit is refused."""

from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bishui.errors import BishuiError, DataError, UnknownLayout
from bishui.observations import (
    Column,
    Guess,
    Mapping,
    MappingMismatch,
    ReadResult,
    guess_mapping,
    read_sheets,
    read_with,
)

#: A report as laboratories hand them in: title, heads of two rows, units, detection limits, notes.
WIDE = [
    ["某县地表水监测结果表"],
    ["序号", "采样断面", "采样日期", "监测项目"],
    [None, None, None, "pH值", "氨氮", "总磷", "粪大肠菌群"],
    [None, None, None, "无量纲", "mg/L", "μg/L", "MPN/L"],
    [None, "检出限", None, None, 0.025, 10, 20],
    [1, "甲断面", datetime(2024, 3, 5), 7.1, 0.12, 85, "1.2×10^3"],
    [2, "乙断面", datetime(2024, 3, 5), 7.3, "未检出", "10L", "ND"],
    [3, "丙断面", datetime(2024, 3, 6), "７．５", "<0.025", "—", "3.5E2"],
    ["平均值", "平均值", None, 7.3, 0.1, 50, 300],
    ["注：L 表示低于检出限。"],
]
ACROSS = [
    ["某县饮用水水源地检测报告", None, None, None, None, None],
    ["采样日期：2024年3月5日", None, None, None, None, None],
    ["序号", "检测项目", "单位", "检出限", "甲水库", "乙水库"],
    [1, "pH值", "无量纲", None, 7.1, 7.2],
    [2, "氨氮", "mg/L", 0.025, "0.025L", 0.31],
    [3, "总磷", "mg/L", 0.01, "ND", 0.02],
    ["注：ND 表示未检出。", None, None, None, None, None],
]


def book(
    folder: Path, *sheets: list[list[Any]], names: tuple[str, ...] = (), name: str = "报告.xlsx"
) -> Path:
    workbook = openpyxl.Workbook()
    workbook.remove(workbook.active)
    for number, rows in enumerate(sheets):
        sheet = workbook.create_sheet(names[number] if names else f"表{number + 1}")
        for row in rows:
            sheet.append(row)
    path = folder / name
    workbook.save(path)
    return path


def wide(folder: Path, *, merged: bool = True, rows: list[list[Any]] = WIDE) -> Path:
    path = book(folder, rows)
    if merged:
        workbook = openpyxl.load_workbook(path)
        for cells in ("A1:G1", "A2:A3", "B2:B3", "C2:C3", "D2:G2", "A10:G10"):
            workbook.active.merge_cells(cells)
        workbook.save(path)
    return path


def guess(path: Path) -> Guess:
    return guess_mapping(read_sheets(path), name="样例实验室", file=path.name)


def results(result: ReadResult) -> list[tuple[Any, ...]]:
    rows = result.table.to_pylist()
    return sorted(
        ((row["site"], row["item"], row["time"], row["value"], row["mark"]) for row in rows), key=str
    )


def codes(error: DataError) -> list[tuple[str, int | None, str | None]]:
    return [(its.code, its.where.row, its.where.column) for its in error.problems]


class TestWideReports:
    @pytest.mark.parametrize("merged", [False, True])
    def test_heads_of_two_rows_units_limits_and_notes(self, tmp_path: Path, merged: bool) -> None:
        path = wide(tmp_path, merged=merged)
        found = guess(path)
        mapping = found.mapping
        assert (mapping.kind, mapping.unit_row, mapping.limit_row) == ("wide", 1, 2)
        assert found.findings == ()
        result = read_with(mapping, path)
        assert result.problems == ()
        day, next_day = datetime(2024, 3, 5), datetime(2024, 3, 6)
        assert set(results(result)) == {
            ("甲断面", "ph", day, Decimal("7.1"), "measured"),
            ("甲断面", "nh3n", day, Decimal("0.12"), "measured"),
            ("甲断面", "tp", day, Decimal("0.085"), "measured"),
            ("甲断面", "fecal_coliform", day, Decimal(1200), "measured"),
            ("乙断面", "ph", day, Decimal("7.3"), "measured"),
            ("乙断面", "nh3n", day, Decimal("0.025"), "below_detection"),
            ("乙断面", "tp", day, Decimal("0.01"), "below_detection"),
            ("乙断面", "fecal_coliform", day, Decimal(20), "below_detection"),
            ("丙断面", "ph", next_day, Decimal("7.5"), "measured"),
            ("丙断面", "nh3n", next_day, Decimal("0.025"), "below_detection"),
            ("丙断面", "tp", next_day, None, "no_reading"),
            ("丙断面", "fecal_coliform", next_day, Decimal(350), "measured"),
        }
        assert set(result.table["source"].to_pylist()) == {"manual"}

    def test_every_row_is_accounted_for(self, tmp_path: Path) -> None:
        path = wide(tmp_path)
        account = read_with(guess(path).mapping, path).account.to_pylist()
        assert [(its["row"], its["outcome"], its["detail"], its["results"]) for its in account] == [
            (4, "ignored", "单位行", 0),
            (5, "ignored", "检出限行", 0),
            (6, "accepted", "", 4),
            (7, "accepted", "", 4),
            (8, "accepted", "", 4),
            (9, "ignored", "统计行或标准限值行", 0),
            (10, "ignored", "表外说明", 0),
        ]

    def test_units_in_the_heads(self, tmp_path: Path) -> None:
        path = book(tmp_path, [["点位", "日期", "氨氮（mg/L）", "总磷(ug/L)"], ["甲", "2024-3-5", 0.1, 85]])
        mapping = guess(path).mapping
        assert [column.unit for column in mapping.columns] == [None, None, "mg/L", "ug/L"]
        assert read_with(mapping, path).table["value"].to_pylist() == [Decimal("0.1"), Decimal("0.085")]

    def test_day_and_time_of_day_in_two_columns(self, tmp_path: Path) -> None:
        path = book(
            tmp_path,
            [["断面", "采样日期", "采样时间", "氨氮(mg/L)"], ["甲", datetime(2024, 3, 5), "09:30", 0.1]],
        )
        assert read_with(guess(path).mapping, path).table["time"].to_pylist() == [datetime(2024, 3, 5, 9, 30)]

    def test_site_as_the_name_of_the_sheet_and_day_above(self, tmp_path: Path) -> None:
        rows = [["采样日期：2024-03-05", None], ["氨氮(mg/L)", "总磷(mg/L)"], [0.1, 0.02]]
        path = book(tmp_path, rows, rows, names=("甲水库", "乙水库"))
        found = guess(path)
        assert (found.mapping.site, found.mapping.date) == ("sheet", "above")
        assert [its.code for its in found.findings] == ["no-site"]
        table = read_with(found.mapping, path).table
        assert table["site"].to_pylist() == ["甲水库", "甲水库", "乙水库", "乙水库"]
        assert set(table["time"].to_pylist()) == {datetime(2024, 3, 5)}

    def test_a_day_that_the_file_does_not_have_is_given(self, tmp_path: Path) -> None:
        path = book(tmp_path, [["断面", "氨氮(mg/L)"], ["甲", 0.1]])
        found = guess(path)
        assert [its.code for its in found.findings] == ["no-date"]
        table = read_with(found.mapping, path, day=date(2024, 3, 5)).table
        assert table["time"].to_pylist() == [datetime(2024, 3, 5)]
        refused = read_with(found.mapping, path)
        assert [its.code for its in refused.problems] == ["no-time"]

    def test_of_two_columns_of_time_with_one_head_the_first_counts(self, tmp_path: Path) -> None:
        rows = [
            ["断面", "采样时间", "采样时间", "氨氮(mg/L)"],
            ["甲", "2024-03-05 08:00", "2024-03-06 09:00", "0.12"],
        ]
        path = book(tmp_path, rows)
        result = read_with(guess(path).mapping, path)
        assert result.table["time"].to_pylist() == [datetime(2024, 3, 5, 8)]

    def test_gbk_csv_with_a_title(self, tmp_path: Path) -> None:
        path = tmp_path / "结果.csv"
        path.write_bytes(
            "某县监测结果,,,\n断面,采样日期,氨氮(mg/L),总磷(mg/L)\n甲,2024年3月5日,0.02L,0.05\n".encode("gbk")
        )
        assert len(results(read_with(guess(path).mapping, path))) == 2

    def test_a_comma_as_decimal_point_is_refused_by_cell(self, tmp_path: Path) -> None:
        path = book(tmp_path, [["断面", "日期", "氨氮(mg/L)"], ["甲", "2024-3-5", "0,12"]])
        problem = read_with(guess(path).mapping, path).problems[0]
        assert (problem.code, problem.where.sheet, problem.where.row, problem.where.column) == (
            "comma",
            "表1",
            2,
            "氨氮(mg/L)",
        )

    def test_unknown_columns_and_units_are_told(self, tmp_path: Path) -> None:
        path = book(tmp_path, [["断面", "日期", "天气", "氨氮"], ["甲", "2024-3-5", "晴", 0.1]])
        found = guess(path)
        assert [(its.code, its.where.column) for its in found.findings] == [
            ("unknown-column", "天气"),
            ("unit-assumed", "氨氮"),
        ]

    def test_what_means_nothing_is_refused(self, tmp_path: Path) -> None:
        with pytest.raises(UnknownLayout):
            guess(book(tmp_path, [["姓名", "年龄"], ["某", 3]]))


class TestItemsDownSitesAcross:
    def test_values_limits_and_day_above(self, tmp_path: Path) -> None:
        path = book(tmp_path, ACROSS)
        found = guess(path)
        assert (found.mapping.kind, found.mapping.date, found.findings) == ("across", "above", ())
        result = read_with(found.mapping, path)
        assert result.problems == ()
        day = datetime(2024, 3, 5)
        assert results(result) == [
            ("乙水库", "nh3n", day, Decimal("0.31"), "measured"),
            ("乙水库", "ph", day, Decimal("7.2"), "measured"),
            ("乙水库", "tp", day, Decimal("0.02"), "measured"),
            ("甲水库", "nh3n", day, Decimal("0.025"), "below_detection"),
            ("甲水库", "ph", day, Decimal("7.1"), "measured"),
            ("甲水库", "tp", day, Decimal("0.01"), "below_detection"),
        ]
        account = [(its["row"], its["outcome"], its["results"]) for its in result.account.to_pylist()]
        assert account == [(4, "accepted", 2), (5, "accepted", 2), (6, "accepted", 2), (7, "ignored", 0)]

    def test_a_row_of_days(self, tmp_path: Path) -> None:
        rows = [
            ["监测项目", "甲", "乙"],
            ["采样日期", "2024-3-5", "2024-3-6"],
            ["氨氮(mg/L)", 0.1, 0.2],
            ["总磷(μg/L)", 50, 60],
        ]
        path = book(tmp_path, rows)
        table = read_with(guess(path).mapping, path).table
        assert table["time"].to_pylist()[:2] == [datetime(2024, 3, 5), datetime(2024, 3, 6)]
        assert table["value"].to_pylist()[2:] == [Decimal("0.05"), Decimal("0.06")]

    def test_a_row_of_days_below_merged_heads(self, tmp_path: Path) -> None:
        rows = [
            ["项目", "甲", None, "乙", None],
            [None, "2024-3-5", "2024-3-20", "2024-3-5", "2024-3-20"],
            ["氨氮(mg/L)", 0.1, 0.2, "0.02L", "—"],
            ["总磷(mg/L)", 0.05, 0.06, 0.07, 0.08],
        ]
        path = book(tmp_path, rows)
        workbook = openpyxl.load_workbook(path)
        for cells in ("A1:A2", "B1:C1", "D1:E1"):
            workbook.active.merge_cells(cells)
        workbook.save(path)
        found = guess(path)
        assert (found.mapping.kind, found.mapping.date, found.findings) == ("across", "column", ())
        table = read_with(found.mapping, path).table
        assert table["site"].to_pylist()[:4] == ["甲", "甲", "乙", "乙"]
        assert [its.day for its in table["time"].to_pylist()[:4]] == [5, 20, 5, 20]

    @pytest.mark.parametrize("merged", [False, True])
    def test_sites_below_a_head_that_says_result(self, tmp_path: Path, merged: bool) -> None:
        rows = [
            ["监测项目", "单位", "检测结果", None],
            [None, None, "甲", "乙"],
            ["氨氮", "mg/L", 0.1, 0.2],
            ["总磷", "μg/L", 50, 60],
        ]
        path = book(tmp_path, [["采样日期：2024.3.5"], *rows])
        if merged:
            workbook = openpyxl.load_workbook(path)
            for cells in ("A2:A3", "B2:B3", "C2:D2"):
                workbook.active.merge_cells(cells)
            workbook.save(path)
        found = guess(path)
        assert (found.mapping.kind, found.mapping.head_rows) == ("across", 2)
        table = read_with(found.mapping, path).table
        assert table["site"].to_pylist() == ["甲", "乙", "甲", "乙"]

    def test_the_same_results_down_and_across(self, tmp_path: Path) -> None:
        turned = [
            ["断面", "采样日期", "pH值", "氨氮(mg/L)", "总磷(mg/L)"],
            ["甲水库", "2024-03-05", 7.1, "0.025L", "0.01L"],
            ["乙水库", "2024-03-05", 7.2, 0.31, 0.02],
        ]
        one, other = book(tmp_path, ACROSS), book(tmp_path, turned, name="另.xlsx")
        assert results(read_with(guess(one).mapping, one)) == results(read_with(guess(other).mapping, other))

    def test_a_changed_unit_and_a_new_item_refuse_the_file(self, tmp_path: Path) -> None:
        mapping = guess(book(tmp_path, ACROSS)).mapping
        changed = [list(row) for row in ACROSS]
        changed[4][2] = "μg/L"
        changed.insert(6, [4, "酸碱味", "mg/L", None, 1, 2])
        with pytest.raises(MappingMismatch) as error:
            read_with(mapping, book(tmp_path, changed, name="新.xlsx"))
        assert codes(error.value) == [("unit-changed", 5, "检测项目"), ("item-new", 7, "检测项目")]
        assert "由“mg/L”变为“μg/L”" in str(error.value.problems[0])


class TestLongReports:
    def test_items_and_units_as_the_laboratory_writes_them(self, tmp_path: Path) -> None:
        rows = [
            ["采样点位", "采样日期", "检测项目", "检测结果", "备注"],
            ["甲", "2024-3-5", "氨态氮", 120, ""],
            ["甲", "2024-3-5", "总磷", "ND", ""],
        ]
        path = book(tmp_path, rows)
        mapping = guess(path).mapping
        confirmed = Mapping(
            mapping.name,
            mapping.kind,
            mapping.columns,
            items={"氨态氮": "nh3n"},
            sites={"甲": "甲断面"},
            units={"nh3n": "μg/L"},
            limits={"tp": "0.01"},
        )
        assert results(read_with(confirmed, path)) == [
            ("甲断面", "nh3n", datetime(2024, 3, 5), Decimal("0.12"), "measured"),
            ("甲断面", "tp", datetime(2024, 3, 5), Decimal("0.01"), "below_detection"),
        ]

    def test_not_detected_has_the_limit_that_stands_beside_it(self, tmp_path: Path) -> None:
        rows = [
            ["采样点位", "采样日期", "检测项目", "检测结果", "单位", "检出限"],
            ["甲", "2024-3-5", "总磷", "未检出", "μg/L", 10],
            ["乙", "2024-3-5", "总磷", "ND", "mg/L", 0.005],
            ["丙", "2024-3-5", "总磷", "20L", "μg/L", 10],
            ["丁", "2024-3-5", "总磷", "未检出", "mg/L", None],
        ]
        path = book(tmp_path, rows)
        table = read_with(guess(path).mapping, path).table
        assert table["value"].to_pylist() == [Decimal("0.01"), Decimal("0.005"), Decimal("0.02"), None]
        assert set(table["mark"].to_pylist()) == {"below_detection"}
        assert table["raw"].to_pylist() == ["未检出", "ND", "20L", "未检出"]

    def test_a_report_of_one_site_with_the_site_above(self, tmp_path: Path) -> None:
        rows = [
            ["采样点位：甲水库"],
            ["采样日期：2024-03-05"],
            ["项目", "单位", "结果"],
            ["氨氮", "mg/L", 0.1],
        ]
        path = book(tmp_path, rows)
        found = guess(path)
        assert (found.mapping.kind, found.mapping.site, found.mapping.date) == ("long", "above", "above")
        assert results(read_with(found.mapping, path)) == [
            ("甲水库", "nh3n", datetime(2024, 3, 5), Decimal("0.1"), "measured")
        ]


class TestFilesThatDoNotFit:
    def changed(self, folder: Path, change: dict[tuple[int, int], Any]) -> Path:
        rows = [list(row) for row in WIDE]
        for (row, column), value in change.items():
            rows[row][column] = value
        folder.mkdir(exist_ok=True)
        return wide(folder, merged=False, rows=rows)

    def mapping(self, folder: Path) -> Mapping:
        return guess(wide(folder, merged=False)).mapping

    @pytest.mark.parametrize(
        ("change", "wanted"),
        [
            ({(2, 5): "总氮"}, [("column-missing", 3, "总磷"), ("column-new", 3, "总氮")]),
            ({(2, 6): None, (3, 6): None}, [("column-missing", 3, "粪大肠菌群")]),
            ({(3, 5): "mg/L"}, [("unit-changed", 4, "总磷")]),
            ({(3, 3): 7, (3, 4): 1, (3, 5): 2, (3, 6): 3}, [("unit-row-missing", 4, None)]),
        ],
    )
    def test_each_difference_is_named(
        self, tmp_path: Path, change: dict[tuple[int, int], Any], wanted: list[tuple[str, int, str | None]]
    ) -> None:
        mapping = self.mapping(tmp_path)
        with pytest.raises(MappingMismatch) as error:
            read_with(mapping, self.changed(tmp_path / "新", change))
        assert codes(error.value) == wanted
        assert all(str(problem.remedy) for problem in error.value.problems)

    def test_another_spelling_of_the_same_unit_fits(self, tmp_path: Path) -> None:
        result = read_with(self.mapping(tmp_path), self.changed(tmp_path / "新", {(3, 5): "ug/L"}))
        assert result.problems == ()

    @pytest.mark.parametrize(("written", "refused"), [("μg/L", True), ("mg/L", False), ("毫克/升", False)])
    def test_a_unit_in_a_column_beside_the_result_must_be_that_of_the_mapping(
        self, tmp_path: Path, written: str, refused: bool
    ) -> None:
        rows = [
            ["断面名称", "采样时间", "总磷", "总磷单位"],
            ["甲断面", "2025-03-05 09:30", "0.08", "mg/L"],
            ["乙断面", "2025-03-05 10:30", "0.06", written],
        ]
        columns = (
            Column("断面名称", "site"),
            Column("采样时间", "time"),
            Column("总磷", "result", "tp", "mg/L"),
            Column("总磷单位", "ignore"),
        )
        mapping = Mapping("甲实验室", "wide", columns)
        path = book(tmp_path, rows)
        if not refused:
            assert read_with(mapping, path).table.num_rows == 2
            return
        with pytest.raises(MappingMismatch) as caught:
            read_with(mapping, path)
        (problem,) = caught.value.problems
        assert (problem.code, problem.where.row, problem.raw) == ("unit-beside", 3, written)

    def test_a_title_row_more_fits(self, tmp_path: Path) -> None:
        mapping = self.mapping(tmp_path)
        path = book(tmp_path, [["二〇二四年三月"], *WIDE], name="新.xlsx")
        assert read_with(mapping, path).table.num_rows == 12

    def test_a_sheet_of_the_mapping_that_is_missing(self, tmp_path: Path) -> None:
        mapping = self.mapping(tmp_path)
        given = Mapping.from_dict(mapping.as_dict() | {"sheets": ["三月"]})
        with pytest.raises(MappingMismatch) as error:
            read_with(given, wide(tmp_path, merged=False))
        assert [its.code for its in error.value.problems] == ["sheet-missing"]

    def test_a_file_of_something_else(self, tmp_path: Path) -> None:
        with pytest.raises(MappingMismatch) as error:
            read_with(self.mapping(tmp_path), book(tmp_path, [["姓名", "年龄"], ["某", 3]], name="人.xlsx"))
        assert {its.code for its in error.value.problems} == {"column-missing"}

    def test_a_mapping_that_names_no_site_is_refused(self, tmp_path: Path) -> None:
        mapping = Mapping("甲", "wide", (Column("氨氮", "result", "nh3n"), Column("日期", "time")))
        with pytest.raises(DataError, match="site"):
            read_with(mapping, wide(tmp_path, merged=False))

    _CELLS = st.sampled_from(
        ["", "断面", "采样日期", "采样时间", "项目", "结果", "单位", "检出限", "氨氮", "总磷(μg/L)", "mg/L", "甲", "乙",
         "2024-03-05", "08:00", "0.12", "<0.02", "ND", "—", "注：无", "平均值", "采样日期：2024-03-05", "采样点位：甲"]
    )  # fmt: skip

    @settings(max_examples=150)
    @given(st.lists(st.lists(_CELLS, min_size=1, max_size=5), min_size=1, max_size=7))
    def test_any_sheet_ends_in_results_or_in_words(
        self, tmp_path_factory: pytest.TempPathFactory, rows: list[list[str]]
    ) -> None:
        path = tmp_path_factory.mktemp("any") / "x.csv"
        path.write_text("\n".join(",".join(row) for row in rows), encoding="utf-8")
        try:
            result = read_with(guess(path).mapping, path)
        except BishuiError as error:
            assert str(error)
            assert error.remedy is not None
        else:
            assert sum(result.account["results"].to_pylist()) == result.table.num_rows
            assert len(set(result.account["row"].to_pylist())) == result.account.num_rows


_WORDS = st.text(st.characters(blacklist_categories=["Cs"]), max_size=8)
_MAPPINGS = st.builds(
    Mapping,
    name=_WORDS,
    kind=st.sampled_from(["wide", "long", "across"]),
    columns=st.lists(
        st.one_of(
            st.builds(Column, head=_WORDS, role=st.sampled_from(["site", "time", "ignore"])),
            st.builds(
                Column,
                head=_WORDS,
                role=st.just("result"),
                item=st.sampled_from(["nh3n", "tp"]),
                unit=st.sampled_from([None, "mg/L", "μg/L"]),
                limit=st.sampled_from([None, "0.025"]),
            ),
        ),
        max_size=3,
    ).map(tuple),
    head_rows=st.integers(1, 3),
    unit_row=st.none() | st.integers(1, 2),
    sheets=st.lists(_WORDS, max_size=2).map(tuple),
    items=st.dictionaries(_WORDS, st.sampled_from(["ph", "tn"]), max_size=2),
    sites=st.dictionaries(_WORDS, _WORDS, max_size=2),
    units=st.just({"tp": "ug/L"}),
)


class TestSavedMappings:
    @given(_MAPPINGS)
    def test_json_and_toml_give_it_back(self, mapping: Mapping) -> None:
        assert Mapping.from_json(mapping.to_json()) == mapping
        assert Mapping.from_toml(mapping.to_toml()) == mapping

    @pytest.mark.parametrize(
        ("change", "told"),
        [
            ({"kind": "tall"}, "tall"),
            ({"date": "never"}, "never"),
            ({"columns": [{"head": "x", "role": "weather"}]}, "weather"),
            ({"columns": [{"head": "x", "role": "result", "item": "gold"}]}, "gold"),
            ({"columns": [{"head": "x", "role": "result", "item": "tp", "unit": "斤"}]}, "斤"),
            ({"columns": [{"head": "x"}]}, "role"),
            ({"limits": {"tp": "little"}}, "little"),
            ({"units": {"tp": "℃"}}, "℃"),
            ({"schema_version": 9}, "9"),
            ({"head_rows": 0}, "0"),
        ],
    )
    def test_what_cannot_be_is_refused_with_the_word(self, change: dict[str, Any], told: str) -> None:
        given = Mapping("甲", "wide", (Column("断面", "site"),)).as_dict() | change
        with pytest.raises(DataError, match=told):
            Mapping.from_dict(given)

    @pytest.mark.parametrize("text", ["{", "[]x"])
    def test_a_damaged_file_is_refused(self, text: str) -> None:
        with pytest.raises(DataError):
            Mapping.from_json(text)
        with pytest.raises(DataError):
            Mapping.from_toml(text)
