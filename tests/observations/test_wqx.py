"""Result files of the Water Quality Portal: which row became what, and none is lost."""

import csv
import gzip
import io
import zipfile
from collections import Counter
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bishui.errors import UnreadableFile
from bishui.observations import ReadResult, read_table
from bishui.observations.textforms import load_data
from bishui.standards import items, substances

ROW = {
    "OrganizationIdentifier": "ORG",
    "MonitoringLocationIdentifier": "ORG-1",
    "MonitoringLocationName": "Sample Lake",
    "LatitudeMeasure": "46.0001",
    "LongitudeMeasure": "-92.0001",
    "ActivityIdentifier": "A1",
    "ActivityTypeCode": "Sample-Routine",
    "ActivityMediaName": "Water",
    "ActivityStartDate": "2022-06-01",
    "ActivityStartTime/Time": "10:30:00",
    "ActivityStartTime/TimeZoneCode": "CDT",
    "CharacteristicName": "Phosphorus",
    "ResultSampleFractionText": "Total",
    "MethodSpeciationName": "as P",
    "ResultMeasureValue": "0.05",
    "ResultMeasure/MeasureUnitCode": "mg/L",
    "ResultDetectionConditionText": "",
    "DetectionQuantitationLimitMeasure/MeasureValue": "",
    "DetectionQuantitationLimitMeasure/MeasureUnitCode": "",
    "ResultStatusIdentifier": "Final",
    "MeasureQualifierCode": "",
    "ResultIdentifier": "R",
}
SHORT = {
    "name": "CharacteristicName",
    "fraction": "ResultSampleFractionText",
    "as_": "MethodSpeciationName",
    "value": "ResultMeasureValue",
    "unit": "ResultMeasure/MeasureUnitCode",
    "detection": "ResultDetectionConditionText",
    "limit": "DetectionQuantitationLimitMeasure/MeasureValue",
    "limit_unit": "DetectionQuantitationLimitMeasure/MeasureUnitCode",
    "qualifier": "MeasureQualifierCode",
    "activity": "ActivityIdentifier",
    "kind": "ActivityTypeCode",
    "media": "ActivityMediaName",
    "status": "ResultStatusIdentifier",
    "day": "ActivityStartDate",
    "clock": "ActivityStartTime/Time",
    "organisation": "OrganizationIdentifier",
    "site": "MonitoringLocationIdentifier",
    "result": "ResultIdentifier",
}


def given_row(**changes: str) -> dict[str, str]:
    return ROW | {SHORT[name]: value for name, value in changes.items()}


def text(rows: list[dict[str, str]], heads: list[str] | None = None) -> str:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(heads or list(ROW))
    writer.writerows(list(row.values()) for row in rows)
    return out.getvalue()


def read(folder: Path, *rows: dict[str, str]) -> ReadResult:
    path = folder / "results.csv"
    path.write_text(text(list(rows)), encoding="utf-8")
    return read_table(path)


def only(result: ReadResult) -> tuple[Any, ...]:
    rows = result.table.to_pylist()
    assert len(rows) == 1
    return rows[0]["item"], rows[0]["value"], rows[0]["mark"]


class TestOneRow:
    def test_a_measured_value(self, tmp_path: Path) -> None:
        result = read(tmp_path, given_row())
        assert (result.layout, result.problems) == ("wqx", ())
        assert result.table.to_pylist() == [
            {
                "import_id": None,
                "row": 2,
                "site": "ORG-1",
                "time": datetime(2022, 6, 1, 10, 30),
                "item": "tp",
                "value": Decimal("0.05"),
                "mark": "measured",
                "unit": "mg/L",
                "raw": "0.05",
                "source": "manual",
            }
        ]
        assert [(its.site, its.name) for its in result.sites] == [("ORG-1", "Sample Lake")]

    @pytest.mark.parametrize(
        ("changes", "wanted"),
        [
            ({"value": "50", "unit": "ug/L"}, ("tp", "0.05", "measured")),
            (
                {"name": "Mercury", "as_": "", "value": "3.03", "unit": "ng/L"},
                ("hg", "0.00000303", "measured"),
            ),
            (
                {"name": "Depth, Secchi disk depth", "fraction": "", "as_": "", "value": "10", "unit": "ft"},
                ("transparency", "3.048", "measured"),
            ),
            (
                {"name": "Specific conductance", "fraction": "", "as_": "", "value": "0.5", "unit": "mS/cm"},
                ("conductivity", "500", "measured"),
            ),
            (
                {"name": "Fecal Coliform", "fraction": "", "as_": "", "value": "17.6", "unit": "#/100mL"},
                ("fecal_coliform", "176", "measured"),
            ),
            (
                {"name": "Dissolved oxygen (DO)", "fraction": "", "as_": "", "value": "98", "unit": "%"},
                ("do_saturation", "98", "measured"),
            ),
            (
                {"name": "Flow", "fraction": "", "as_": "", "value": "100", "unit": "cfs"},
                ("flow", "2.831685", "measured"),
            ),
            (
                {"name": "pH", "fraction": "", "as_": "", "value": "7.5", "unit": "None"},
                ("ph", "7.5", "measured"),
            ),
        ],
    )
    def test_units(self, tmp_path: Path, changes: dict[str, str], wanted: tuple[str, str, str]) -> None:
        item, value, mark = only(read(tmp_path, given_row(**changes)))
        assert (item, value, mark) == (wanted[0], Decimal(wanted[1]), wanted[2])

    @pytest.mark.parametrize(
        ("name", "as_", "value", "wanted"),
        [
            ("Nitrate", "as NO3", "4.4268", "1.0000352816"),  # × 14.007 / 62.004
            ("Nitrate", "as N", "1", "1"),
            ("Ammonia-nitrogen", "as NH3", "0.13", "0.1069173859"),  # × 14.007 / 17.031
            ("Ammonia-nitrogen", "", "0.13", "0.13"),
            ("Phosphorus", "as PO4", "0.23", "0.0750133726"),  # × 30.974 / 94.970
        ],
    )
    def test_what_a_concentration_is_expressed_as(
        self, tmp_path: Path, name: str, as_: str, value: str, wanted: str
    ) -> None:
        result = read(tmp_path, given_row(name=name, as_=as_, value=value))
        assert only(result)[1] == Decimal(wanted)

    def test_nitrate_that_does_not_say_so_is_refused(self, tmp_path: Path) -> None:
        problem = read(tmp_path, given_row(name="Nitrate", as_="")).problems[0]
        assert (problem.code, problem.where.row, problem.where.column) == (
            "speciation",
            2,
            "CharacteristicName",
        )

    @pytest.mark.parametrize(
        ("changes", "value", "mark"),
        [
            ({"detection": "Not Detected", "limit": "0.01", "limit_unit": "mg/L"}, "0.01", "below_detection"),
            ({"detection": "Not Detected", "limit": "10", "limit_unit": "ug/L"}, "0.01", "below_detection"),
            (
                {
                    "detection": "Not Detected at Reporting Limit",
                    "limit": "10",
                    "limit_unit": "ug/L",
                    "unit": "",
                },
                "0.01",
                "below_detection",
            ),
            ({"detection": "Not Detected", "limit": ""}, None, "below_detection"),
            (
                {"detection": "Present Below Quantification Limit", "limit": "0.02", "limit_unit": "mg/L"},
                "0.02",
                "below_detection",
            ),
            (
                {
                    "detection": "Present Below Quantification Limit",
                    "limit": "0.02",
                    "limit_unit": "mg/L",
                    "value": "0.013",
                },
                "0.013",
                "measured",
            ),
            ({"detection": "Not Reported"}, None, "no_reading"),
            ({"value": "BDL", "limit": "0.01", "limit_unit": "mg/L"}, "0.01", "below_detection"),
            ({"value": "< 0.02"}, "0.02", "below_detection"),
            ({"value": "0.02", "qualifier": "U"}, "0.02", "below_detection"),
            ({"value": "0.02", "qualifier": "J"}, "0.02", "measured"),
        ],
    )
    def test_non_detects(self, tmp_path: Path, changes: dict[str, str], value: str | None, mark: str) -> None:
        row = given_row(**({"value": ""} | changes))
        wanted = None if value is None else Decimal(value)
        assert only(read(tmp_path, row)) == ("tp", wanted, mark)

    @pytest.mark.parametrize(
        ("changes", "code"),
        [
            ({"detection": "Present Above Quantification Limit", "value": "", "limit": "5"}, "bound"),
            ({"value": "mg/l"}, "no-number"),
            ({"value": "-1"}, "out-of-range"),
            ({"unit": "mg/kg"}, "unknown-unit"),
            ({"unit": ""}, "unknown-unit"),
            ({"day": "2022-02-30"}, "no-such-time"),
            ({"day": "06/01/2022"}, "short-year"),
        ],
    )
    def test_what_cannot_be_read_is_named_by_row_and_column(
        self, tmp_path: Path, changes: dict[str, str], code: str
    ) -> None:
        result = read(tmp_path, given_row(), given_row(**(changes | {"result": "S"})))
        assert [(its.code, its.where.row) for its in result.problems] == [(code, 3)]
        assert result.problems[0].where.column
        assert result.account["outcome"].to_pylist() == ["accepted", "rejected"]

    @pytest.mark.parametrize(
        ("changes", "told"),
        [
            ({"media": "Biological"}, "介质不是水：Biological"),
            ({"kind": "Quality Control Sample-Field Blank"}, "Quality Control Sample-Field Blank"),
            ({"status": "Rejected"}, "Rejected"),
            ({"name": "Wind velocity", "fraction": ""}, "不是本系统的项目：Wind velocity"),
            ({"name": "Copper", "fraction": "Dissolved"}, "不是本系统的项目：Copper, Dissolved"),
        ],
    )
    def test_what_is_not_ours_is_set_aside_by_name(
        self, tmp_path: Path, changes: dict[str, str], told: str
    ) -> None:
        result = read(tmp_path, given_row(**changes))
        account = result.account.to_pylist()[0]
        assert (account["outcome"], result.table.num_rows) == ("ignored", 0)
        assert told in account["detail"]
        assert any(told in str(note) for note in result.notes)

    def test_a_day_without_a_time_stands_at_midnight_and_zones_are_told(self, tmp_path: Path) -> None:
        result = read(tmp_path, given_row(clock=""), given_row())
        assert result.table["time"].to_pylist()[0] == datetime(2022, 6, 1)
        assert any("CDT 2" in str(note) and "1 行只有日期" in str(note) for note in result.notes)


class TestSeveralRows:
    def test_rows_that_differ_in_nothing_but_their_identifier_repeat(self, tmp_path: Path) -> None:
        result = read(tmp_path, given_row(result="1"), given_row(result="2"))
        assert [(its["outcome"], its["of_row"]) for its in result.account.to_pylist()] == [
            ("accepted", None),
            ("repeat", 2),
        ]

    def test_another_depth_is_another_result(self, tmp_path: Path) -> None:
        heads = [*ROW, "ResultDepthHeightMeasure/MeasureValue"]
        rows = [given_row(result=depth) | {"depth": depth} for depth in ("1", "2")]
        (tmp_path / "r.csv").write_text(text(rows, heads), encoding="utf-8")
        assert read_table(tmp_path / "r.csv").table.num_rows == 2

    def test_differing_results_stand_side_by_side_and_are_told(self, tmp_path: Path) -> None:
        result = read(tmp_path, given_row(), given_row(value="0.06", activity="A2"))
        assert result.table["value"].to_pylist() == [Decimal("0.05"), Decimal("0.06")]
        assert any("1 组" in str(note) for note in result.notes)

    def test_the_same_result_by_two_organisations_is_told(self, tmp_path: Path) -> None:
        result = read(tmp_path, given_row(), given_row(organisation="OTHER", site="OTHER-9"))
        assert result.table.num_rows == 2
        assert any("不同机构" in str(note) for note in result.notes)

    _ROWS = st.lists(
        st.builds(
            given_row,
            name=st.sampled_from(["Phosphorus", "pH", "Wind velocity", "Nitrate"]),
            value=st.sampled_from(["0.05", "7", "", "Y", "<1"]),
            unit=st.sampled_from(["mg/L", "ug/L", "None"]),
            detection=st.sampled_from(["", "Not Detected"]),
            media=st.sampled_from(["Water", "Water", "Air"]),
            activity=st.sampled_from(["A", "B"]),
        ),
        max_size=12,
    )

    @settings(max_examples=30)
    @given(_ROWS, st.randoms())
    def test_every_row_is_accounted_for_once_in_any_order(
        self, tmp_path_factory: pytest.TempPathFactory, rows: list[dict[str, str]], random: Any
    ) -> None:
        folder = tmp_path_factory.mktemp("wqx")
        result = read(folder, *rows)
        assert result.account["row"].to_pylist() == list(range(2, len(rows) + 2))
        assert sum(result.account["results"].to_pylist()) == result.table.num_rows
        random.shuffle(rows)
        shuffled = read(folder, *rows)
        for one in ("item", "value", "mark"):
            assert Counter(shuffled.table[one].to_pylist()) == Counter(result.table[one].to_pylist())
        told = [Counter(its.account["outcome"].to_pylist()) for its in (result, shuffled)]
        assert told[0] == told[1]


class TestFiles:
    def test_packed_files_and_heads_as_r_writes_them(self, tmp_path: Path) -> None:
        content = text([given_row()], [head.replace("/", ".") for head in ROW]).encode()
        (tmp_path / "r.csv.gz").write_bytes(gzip.compress(content))
        with zipfile.ZipFile(tmp_path / "r.zip", "w") as archive:
            archive.writestr("result.csv", content)
        for name in ("r.csv.gz", "r.zip"):
            assert only(read_table(tmp_path / name)) == ("tp", Decimal("0.05"), "measured")

    def test_an_archive_of_several_files_is_refused(self, tmp_path: Path) -> None:
        with zipfile.ZipFile(tmp_path / "r.zip", "w") as archive:
            archive.writestr("a.csv", "x")
            archive.writestr("b.csv", "y")
        with pytest.raises(UnreadableFile, match="2 个文件"):
            read_table(tmp_path / "r.zip")

    def test_the_table_of_characteristics_names_known_items_and_masses(self) -> None:
        data = load_data("wqx.toml")
        assert {entry["item"] for entry in data["characteristic"]} <= {*items(), *substances()}
        for entry in data["characteristic"]:
            assert {entry[name] for name in ("as", "unstated") if name in entry} <= set(data["molar_mass"])

    def test_the_extract_of_six_tribes(self, shared: Path) -> None:
        """135,932 rows, 7,348 of them repeat another in all but the identifier (counted on the file)."""
        result = read_table(shared / "data" / "wqp_6tribes_5y_long.csv.gz")
        assert (result.layout, result.rows_read, result.account.num_rows) == ("wqx", 135_932, 135_932)
        outcomes = Counter(result.account["outcome"].to_pylist())
        assert outcomes["repeat"] == 7_348
        assert sum(outcomes.values()) == 135_932
        assert outcomes["accepted"] == result.table.num_rows == sum(result.account["results"].to_pylist())
        assert outcomes["rejected"] == len(result.problems)
        reasons = set(result.account["detail"].to_pylist())
        assert "不是本系统的项目：Alkalinity, total" in reasons
        assert Counter(result.table["mark"].to_pylist())["below_detection"] > 1_000
