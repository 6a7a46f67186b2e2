"""Files of measurements: layouts, encodings, accounts, and every kind of wrong input with its remedy."""

import gzip
from collections import Counter
from datetime import datetime
from decimal import Decimal
from pathlib import Path

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from bishui.errors import BishuiError, CallError, DataError, NotFound, UnknownLayout, UnreadableFile
from bishui.observations import MEASUREMENTS, Mark, ReadResult, Source, read_table

HEAD = "断面,时间,项目,结果,单位,标记\n"


def long_file(folder: Path, *rows: str, name: str = "数据.csv", head: str = HEAD) -> Path:
    path = folder / name
    path.write_text(head + "".join(f"{row}\n" for row in rows), encoding="utf-8")
    return path


def outcomes(result: ReadResult) -> dict[str, int]:
    return dict(Counter(result.account["outcome"].to_pylist()))


def marks(result: ReadResult) -> dict[str, int]:
    return dict(Counter(result.table["mark"].to_pylist()))


def codes(result: ReadResult) -> list[tuple[str, int | None, str | None]]:
    return [(problem.code, problem.where.row, problem.where.column) for problem in result.problems]


class TestPublishedWideLayout:
    """The published files of the national automatic stations; figures counted on the files themselves."""

    def test_guangxi(self, shared: Path) -> None:
        result = read_table(shared / "data" / "cnemc_guangxi_4h_2021-04.csv")
        assert (result.layout, result.rows_read, len(result.sites)) == ("wide", 1771, 65)
        assert outcomes(result)["repeat"] == 290
        assert result.account.num_rows == 1771
        assert [str(note) for note in result.notes] == [
            "没有年份的时间按文件名（或文件夹名）中的 2021 年计。"
        ]
        first = result.table.slice(0, 1).to_pylist()[0]
        assert first == {
            "import_id": None,
            "row": 2,
            "site": "三滩",
            "time": datetime(2021, 4, 1, 8),
            "item": "published_class",
            "value": Decimal(3),
            "mark": "measured",
            "unit": None,
            "raw": "Ⅲ",
            "source": "automatic",
        }
        assert result.table.schema == MEASUREMENTS
        hint = next(site for site in result.sites if site.name == "三滩")
        assert (hint.province, hint.basin) == ("广西壮族自治区", "珠江流域")

    def test_national(self, shared: Path) -> None:
        result = read_table(shared / "data" / "cnemc_national_4h_2021-04.csv.gz")
        assert (result.rows_read, result.account.num_rows, len(result.sites)) == (46_183, 46_183, 1_698)
        assert outcomes(result)["repeat"] == 4_272
        assert sum(result.account["results"].to_pylist()) == result.table.num_rows
        found = Counter(problem.code for problem in result.problems)
        # 182 rows have readings and "--" for a time; no reading of 404 728.30 cells per litre is rounded.
        assert found["no-time"] == 182
        assert found["too-many-digits"] == 21
        names = Counter(site.site for site in result.sites)
        assert max(names.values()) == 1
        assert len({site.name for site in result.sites}) == 1_683

    def test_contradictory_rows_name_each_other_and_neither_is_taken(self, shared: Path) -> None:
        result = read_table(shared / "data" / "cnemc_guangxi_4h_2021-04.csv")
        problem = next(problem for problem in result.problems if problem.code == "contradiction")
        assert (problem.where.row, problem.where.column) == (1066, "高锰酸盐指数(mg/L)")
        assert "第 1066 行“1.12”、第 1067 行“1.01”" in str(problem.what)
        taken = zip(result.table["row"].to_pylist(), result.table["item"].to_pylist(), strict=True)
        assert not {(1066, "codmn"), (1067, "codmn")} & set(taken)

    def test_daily_file_with_english_heads(self, shared: Path) -> None:
        result = read_table(shared / "data" / "cnemc_98sections_daily_2020-05_2021-04.csv.gz")
        assert (result.layout, result.rows_read, result.problems) == ("wide", 32_144, ())
        assert outcomes(result) == {"accepted": 32_144}
        hint = next(site for site in result.sites if site.name == "阳朔")
        assert (hint.city, hint.river) == ("桂林市", "漓江")
        assert result.table["time"].to_pylist()[0] == datetime(2020, 5, 10)
        assert max(result.table["time"].to_pylist()) < datetime(2021, 4, 6)

    def test_every_station_state_of_the_file_is_counted(self, shared: Path) -> None:
        result = read_table(shared / "data" / "cnemc_98sections_daily_2020-05_2021-04.csv.gz")
        temperature = result.table.filter(pa.compute.equal(result.table["item"], "wtemp"))
        states = Counter(temperature["mark"].to_pylist())
        assert states[Mark.OFFLINE] + states[Mark.NOT_GIVEN] + states[Mark.MEASURED] == 32_144
        # 停站 8,004 and 维护 3,627, less the rows that do not give temperature at all.
        assert states[Mark.OFFLINE] <= 8_004 + 3_627

    def test_year_is_asked_for_where_no_name_gives_it(self, tmp_path: Path) -> None:
        path = tmp_path / "读数.csv"
        path.write_text(
            "断面名称,监测时间,pH(无量纲),站点情况\n甲,04-01 08:00,7.1,正常\n", encoding="gb18030"
        )
        with pytest.raises(DataError) as error:
            read_table(path)
        assert error.value.where.row == 2
        assert "--year" in str(error.value)
        assert read_table(path, year=2023).table["time"][0].as_py() == datetime(2023, 4, 1, 8)
        named = read_table(path, name="2022-04.csv")
        assert named.table["time"][0].as_py() == datetime(2022, 4, 1, 8)

    def test_offline_values_are_kept_and_marked(self, tmp_path: Path) -> None:
        path = tmp_path / "x.csv"
        path.write_text(
            "断面名称,监测时间,pH,总磷(mg/L),站点情况\n甲,2024-04-01 08:00,7.1,*,维护\n", encoding="utf-8"
        )
        rows = read_table(path).table.to_pylist()
        assert [(row["value"], row["mark"]) for row in rows] == [
            (Decimal("7.1"), "offline"),
            (None, "not_given"),
        ]

    def test_a_reading_that_fills_a_gap_supersedes_it(self, tmp_path: Path) -> None:
        path = tmp_path / "x.csv"
        path.write_text(
            "断面名称,监测时间,pH\n甲,2024-04-01 08:00,--\n甲,2024-04-01 08:00,7.1\n", encoding="utf-8"
        )
        result = read_table(path)
        assert result.table["raw"].to_pylist() == ["7.1"]
        assert result.account.to_pylist()[0] == {
            "row": 2,
            "sheet": None,
            "outcome": "superseded",
            "detail": "结果已由第 3 行给出",
            "results": 0,
            "of_row": 3,
        }

    def test_two_sites_of_one_name_are_told_apart_by_province(self, tmp_path: Path) -> None:
        path = tmp_path / "x.csv"
        path.write_text(
            "省份,断面名称,监测时间,pH\n甲省,渡口,2024-04-01 08:00,7.1\n乙省,渡口,2024-04-01 08:00,7.9\n",
            encoding="utf-8",
        )
        result = read_table(path)
        assert result.problems == ()
        assert result.table["site"].to_pylist() == ["渡口（甲省）", "渡口（乙省）"]

    def test_a_unit_in_the_head_of_an_item_beyond_the_item_table(self, tmp_path: Path) -> None:
        path = tmp_path / "x.csv"
        path.write_text("断面名称,监测时间,氧化还原电位(mV)\n甲,2024-04-01 08:00,-120\n", encoding="utf-8")
        result = read_table(path)
        assert result.problems == ()
        assert result.table.select(["item", "value", "unit"]).to_pylist() == [
            {"item": "orp", "value": Decimal(-120), "unit": "mv"}
        ]

    def test_a_column_in_an_unknown_unit_is_a_problem_of_its_head(self, tmp_path: Path) -> None:
        path = tmp_path / "x.csv"
        path.write_text("断面名称,监测时间,pH,总磷(斤/亩)\n甲,2024-04-01 08:00,7.1,0.2\n", encoding="utf-8")
        result = read_table(path)
        assert codes(result) == [("unknown-unit", 1, "总磷(斤/亩)")]
        assert result.table.num_rows == 1


class TestLongTable:
    def test_units_marks_and_originals(self, tmp_path: Path) -> None:
        path = long_file(
            tmp_path,
            "甲,2024-3-5 8:00,总磷,285,μg/L,",
            "甲,2024年3月5日8时,氨氮,<0.02,mg/L,",
            "甲,2024/3/5 8:00,氟化物,0.3,,未检出",
            "甲,2024-03-05 08:00,叶绿素a,12,mg/m³,正常",
            "甲,2024-03-05 08:00,CODMn,--,mg/L,",
            "甲,2024-03-05 08:00,总氮,1.5,mg/L,维护",
            "甲,2024-03-05 08:00,pH,７．１,,",
        )
        result = read_table(path)
        assert result.problems == ()
        found = [
            (row["item"], row["value"], row["mark"], row["unit"], row["raw"])
            for row in result.table.to_pylist()
        ]
        assert found == [
            ("tp", Decimal("0.285"), "measured", "μg/L", "285"),
            ("nh3n", Decimal("0.02"), "below_detection", "mg/L", "<0.02"),
            ("f", Decimal("0.3"), "below_detection", None, "0.3"),
            ("chla", Decimal("0.012"), "measured", "mg/m³", "12"),
            ("codmn", None, "no_reading", "mg/L", "--"),
            ("tn", Decimal("1.5"), "offline", "mg/L", "1.5"),
            ("ph", Decimal("7.1"), "measured", None, "７．１"),
        ]
        assert set(result.table["time"].to_pylist()) == {datetime(2024, 3, 5, 8)}

    @pytest.mark.parametrize(
        ("row", "code", "column"),
        [
            (",2024-03-05 08:00,pH,7.1,,", "no-site", "断面"),
            ("甲,2024-02-30 08:00,pH,7.1,,", "no-such-time", "时间"),
            ("甲,,pH,7.1,,", "no-time", "时间"),
            ("甲,去年,pH,7.1,,", "not-a-time", "时间"),
            ("甲,2024-03-05 08:00,酸碱味,7.1,,", "unknown-item", "项目"),
            ("甲,2024-03-05 08:00,,7.1,,", "unknown-item", "项目"),
            ("甲,2024-03-05 08:00,pH,71,,", "out-of-range", "结果"),
            ("甲,2024-03-05 08:00,总磷,-0.1,,", "out-of-range", "结果"),
            ("甲,2024-03-05 08:00,总磷,>24000,,", "bound", "结果"),
            ("甲,2024-03-05 08:00,总磷,0.2/0.3,,", "two-numbers", "结果"),
            ("甲,2024-03-05 08:00,总磷,合格,,", "no-number", "结果"),
            ("甲,2024-03-05 08:00,总磷,2024-03-05 00:00:00,,", "date", "结果"),
            ("甲,2024-03-05 08:00,总磷,0.30000000000000004,,", "too-many-digits", "结果"),
            ("甲,2024-03-05 08:00,总磷,0.0000000001,μg/L,", "too-many-digits", "结果"),
            ("甲,2024-03-05 08:00,总磷,0.2,斤,", "unknown-unit", "结果"),
            ("甲,2024-03-05 08:00,总磷,0.2,℃,", "unknown-unit", "结果"),
            ("甲,2024-03-05 08:00,总磷,0.2mg/L,μg/L,", "unknown-unit", "结果"),
            ("甲,2024-03-05 08:00,总磷,0.2,,奇怪", "unknown-qualifier", "标记"),
            ("甲,2024-03-05 08:00,总磷,0.2,,缺测", "qualifier-conflict", "结果"),
            ("甲,2024-03-05 08:00,总磷,0.2", "wrong-number-of-cells", None),
            ("甲,2024-03-05 08:00,总磷,0.2,,,,,", "wrong-number-of-cells", None),
        ],
    )
    def test_wrong_input_is_listed_with_row_column_and_remedy(
        self, tmp_path: Path, row: str, code: str, column: str | None
    ) -> None:
        path = long_file(tmp_path, "甲,2024-03-05 04:00,pH,7.0,,", row, "甲,2024-03-05 12:00,pH,7.2,,")
        result = read_table(path)
        assert codes(result) == [(code, 3, column)]
        assert str(result.problems[0].remedy)
        assert result.account["row"].to_pylist() == [2, 3, 4]
        assert result.account["outcome"].to_pylist() == ["accepted", "rejected", "accepted"]
        assert result.table["raw"].to_pylist() == ["7.0", "7.2"]

    def test_empty_rows_comments_and_repeats_are_accounted_for(self, tmp_path: Path) -> None:
        row = "甲,2024-03-05 08:00,pH,7.1,,"
        path = long_file(tmp_path, row, "", "# 备注", ",,,,,", row, "甲,2024-3-5 8:00,pH,7.10,,")
        result = read_table(path)
        account = [(its["row"], its["outcome"], its["of_row"]) for its in result.account.to_pylist()]
        assert account == [
            (2, "accepted", None),
            (3, "ignored", None),
            (4, "ignored", None),
            (5, "ignored", None),
            (6, "repeat", 2),
            (7, "superseded", 2),
        ]
        assert result.rows_read == 6

    def test_a_number_and_a_detection_limit_contradict(self, tmp_path: Path) -> None:
        path = long_file(tmp_path, "甲,2024-03-05 08:00,总磷,0.02,,", "甲,2024-03-05 08:00,总磷,0.02L,,")
        result = read_table(path)
        assert codes(result) == [("contradiction", 2, "结果"), ("contradiction", 3, "结果")]
        assert result.table.num_rows == 0

    def test_very_large_numbers_stay_exact(self, tmp_path: Path) -> None:
        path = long_file(
            tmp_path,
            "甲,2024-03-05 08:00,藻密度,123456789012345678,,",
            "甲,2024-03-05 12:00,藻密度,1.5E10,,",
            "甲,2024-03-05 16:00,藻密度,98765432101,万个/L,",
        )
        result = read_table(path)
        assert result.problems == ()
        assert result.table["value"].to_pylist() == [
            Decimal(123456789012345678),
            Decimal(15_000_000_000),
            Decimal(987654321010000),
        ]

    def test_preamble_and_notes_columns_do_not_disturb(self, tmp_path: Path) -> None:
        path = tmp_path / "x.csv"
        path.write_text(
            "某县监测结果\n\n站点,日期,监测项目,监测值,备注\n甲,2024-03-05,pH,7.1,晴\n", encoding="utf-8"
        )
        result = read_table(path)
        assert result.table["row"].to_pylist() == [4]
        assert [str(note) for note in result.notes] == ["未读取的列：备注。"]

    def test_quoted_cells_may_hold_line_breaks(self, tmp_path: Path) -> None:
        path = tmp_path / "x.csv"
        path.write_text(
            '站点,日期,项目,值,备注\n甲,2024-03-05,pH,7.1,"晴\n风"\n甲,2024-03-06,pH,77,\n', encoding="utf-8"
        )
        assert codes(read_table(path)) == [("out-of-range", 3, "值")]

    @pytest.mark.parametrize("delimiter", [",", "\t", ";"])
    @pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gbk", "gb18030", "utf-16"])
    @pytest.mark.parametrize("packed", [False, True])
    def test_encodings_and_delimiters(
        self, tmp_path: Path, delimiter: str, encoding: str, packed: bool
    ) -> None:
        text = (HEAD + "渡口,2024-03-05 08:00,氨氮,0.25,mg/L,\n").replace(",", delimiter)
        content = text.encode(encoding)
        path = tmp_path / "x.bin"
        path.write_bytes(gzip.compress(content) if packed else content)
        assert read_table(path).table["site"].to_pylist() == ["渡口"]

    def test_source_column(self, tmp_path: Path) -> None:
        path = long_file(tmp_path, "甲,2024-03-05,pH,7.1,手工", head="断面,时间,项目,结果,来源\n")
        assert read_table(path).table["source"].to_pylist() == [Source.MANUAL]

    def test_progress_ends_at_the_total(self, tmp_path: Path) -> None:
        told: list[tuple[int, int]] = []
        read_table(
            long_file(tmp_path, "甲,2024-03-05,pH,7.1,,"),
            progress=lambda done, total: told.append((done, total)),
        )
        assert told[-1][0] == told[-1][1]
        assert sorted(told) == told


class TestWorkbooks:
    def book(self, folder: Path, rows: list[list[object]], name: str = "x.xlsx") -> Path:
        book = openpyxl.Workbook()
        for row in [["断面", "时间", "项目", "结果"], *rows]:
            book.active.append(row)
        path = folder / name
        book.save(path)
        return path

    def test_dates_serials_and_shortest_numbers(self, tmp_path: Path) -> None:
        path = self.book(
            tmp_path,
            [
                ["甲", datetime(2024, 3, 5, 8), "总磷", 0.1],
                ["甲", 45356.5, "总磷", 7],
                ["甲", "2024-3-6 8:00", "总磷", "0.2L"],
            ],
        )
        result = read_table(path)
        assert result.problems == ()
        assert result.table["raw"].to_pylist() == ["0.1", "7", "0.2L"]
        assert result.table["time"].to_pylist()[:2] == [datetime(2024, 3, 5, 8), datetime(2024, 3, 5, 12)]

    def test_a_number_that_became_a_date_is_refused(self, tmp_path: Path) -> None:
        result = read_table(self.book(tmp_path, [["甲", "2024-03-05", "总磷", datetime(2024, 3, 5)]]))
        assert codes(result) == [("date", 2, "结果")]

    def test_merged_cells_hold_for_all_they_cover(self, tmp_path: Path) -> None:
        path = self.book(tmp_path, [["甲", "2024-03-05", "总磷", 0.1], [None, "2024-03-06", "总磷", 0.2]])
        book = openpyxl.load_workbook(path)
        book.active.merge_cells("A2:A3")
        book.save(path)
        assert read_table(path).table["site"].to_pylist() == ["甲", "甲"]

    def test_several_sheets_are_one_file(self, tmp_path: Path) -> None:
        path = self.book(tmp_path, [["甲", "2024-03-05", "pH", 7.1]])
        book = openpyxl.load_workbook(path)
        second = book.create_sheet("四月")
        second.append(["断面", "时间", "项目", "结果"])
        second.append(["甲", "2024-03-05", "pH", 7.9])
        book.create_sheet("说明").append(["请勿改动表头"])
        book.save(path)
        result = read_table(path)
        assert [(its.where.sheet, its.code) for its in result.problems] == [
            ("Sheet", "contradiction"),
            ("四月", "contradiction"),
        ]
        assert [str(note) for note in result.notes] == ["工作表“说明”不是监测数据，未读取。"]

    def test_damaged_workbook(self, tmp_path: Path) -> None:
        path = tmp_path / "x.xlsx"
        path.write_bytes(b"PK\x03\x04" + bytes(100))
        with pytest.raises(UnreadableFile, match="无法打开"):
            read_table(path)

    def test_parquet(self, tmp_path: Path) -> None:
        path = tmp_path / "x.parquet"
        table = pa.table(
            {"site": ["甲"], "time": [datetime(2024, 3, 5, 8)], "item": ["tp"], "value": [Decimal("0.250")]}
        )
        pq.write_table(table, path)
        assert read_table(path).table["value"].to_pylist() == [Decimal("0.25")]


class TestUnreadable:
    @pytest.mark.parametrize("content", [b"", b"\xef\xbb\xbf", b"\r\n\r\n", b",,,\n"])
    def test_empty(self, tmp_path: Path, content: bytes) -> None:
        (tmp_path / "x.csv").write_bytes(content)
        with pytest.raises(UnreadableFile, match="文件是空的"):
            read_table(tmp_path / "x.csv")

    def test_a_byte_that_fits_no_encoding_is_named(self, tmp_path: Path) -> None:
        good = (HEAD + "渡口,2024-03-05,pH,7.1,,\n").encode()
        (tmp_path / "x.csv").write_bytes(good + b"\xff" + good)
        with pytest.raises(UnreadableFile) as error:
            read_table(tmp_path / "x.csv")
        assert error.value.where.byte == len(good)
        gbk = (HEAD + "渡口\n").encode("gbk")
        (tmp_path / "x.csv").write_bytes(gbk + b"\xff\xff")
        with pytest.raises(UnreadableFile) as error:
            read_table(tmp_path / "x.csv")
        assert error.value.where.byte == len(gbk)

    def test_unknown_layout_names_found_and_wanted(self, tmp_path: Path) -> None:
        (tmp_path / "x.csv").write_text("姓名,年龄\n某,3\n", encoding="utf-8")
        with pytest.raises(UnknownLayout) as error:
            read_table(tmp_path / "x.csv")
        assert "姓名、年龄" in str(error.value)
        assert "断面名称、监测时间、项目、结果" in str(error.value)

    def test_two_columns_of_one_meaning(self, tmp_path: Path) -> None:
        path = long_file(tmp_path, "甲,乙,2024-03-05,pH,7.1", head="断面,站点,时间,项目,结果\n")
        with pytest.raises(DataError, match="断面、站点"):
            read_table(path)

    def test_cut_off_gzip(self, tmp_path: Path) -> None:
        (tmp_path / "x.csv.gz").write_bytes(gzip.compress(HEAD.encode() * 100)[:-12])
        with pytest.raises(UnreadableFile, match="压缩文件"):
            read_table(tmp_path / "x.csv.gz")

    def test_missing_file_folder_and_year(self, tmp_path: Path) -> None:
        with pytest.raises(NotFound):
            read_table(tmp_path / "nothing.csv")
        with pytest.raises(CallError):
            read_table(tmp_path)
        with pytest.raises(CallError):
            read_table(tmp_path, year=24)

    def test_open_quote(self, tmp_path: Path) -> None:
        path = long_file(tmp_path, '甲,2024-03-05,pH,"7.1,,', "甲,2024-03-06,pH,7.1,,")
        try:
            result = read_table(path)
        except BishuiError as error:
            assert str(error.remedy)
        else:
            assert result.problems

    def test_heads_alone_are_an_empty_table(self, tmp_path: Path) -> None:
        result = read_table(long_file(tmp_path))
        assert (result.table.num_rows, result.rows_read, result.problems) == (0, 0, ())


class TestUnitsInHeads:
    @pytest.mark.parametrize(
        "head", ["总磷(μg/L)", "总磷/μg/L", "总磷 ug/L", "总磷_μg/L", "总磷，μg/L", "TP[μg/L]"]
    )
    def test_a_unit_is_read_wherever_it_stands(self, tmp_path: Path, head: str) -> None:
        path = tmp_path / "x.csv"
        path.write_text(f"断面名称,监测时间,{head}\n甲,2024-03-05,85\n", encoding="utf-8")
        assert read_table(path).table["value"].to_pylist() == [Decimal("0.085")]

    @pytest.mark.parametrize("head", ["总磷", "TP", "总磷(mg/L)", "总磷(以P计)"])
    def test_without_another_unit_it_is_the_item_s_own(self, tmp_path: Path, head: str) -> None:
        path = tmp_path / "x.csv"
        path.write_text(f"断面名称,监测时间,{head}\n甲,2024-03-05,0.085\n", encoding="utf-8")
        assert read_table(path).table["value"].to_pylist() == [Decimal("0.085")]
