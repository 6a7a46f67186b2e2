"""Data out to files: what is written is what is read again, in every format (laws by hypothesis)."""

import csv
import io
import json
import zipfile
from datetime import date, datetime
from decimal import Decimal

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pyogrio
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from bishui.errors import CallError
from bishui.i18n import use_language
from bishui.observations import escape_formula
from bishui.reports import DATA_FORMATS, data_format, flat, write_data

SCHEMA = pa.schema(
    [
        pa.field(
            "name", pa.string(), metadata={"label_zh": "名称", "label_en": "Name", "meaning_zh": "断面名称"}
        ),
        pa.field("class", pa.int64(), metadata={"label_zh": "类别", "label_en": "Class"}),
        pa.field("value", pa.decimal128(38, 10), metadata={"label_zh": "数值", "unit": "mg/L"}),
        pa.field("first_day", pa.date32()),
        pa.field("enough", pa.bool_()),
        pa.field("lon", pa.float64()),
        pa.field("lat", pa.float64()),
    ],
    metadata={"crs": "EPSG:4490"},
)
# A name is text without control characters; spreadsheets and databases cannot hold those.
TEXTS = st.text(st.characters(exclude_categories=("Cc", "Cs"), exclude_characters="\ufffe\uffff"), min_size=1)
RISKY = st.builds(lambda sign, rest: sign + rest, st.sampled_from("=+-@'"), TEXTS)
# Fifteen digits are what a floating-point number of a spreadsheet or a GeoPackage keeps.
DECIMALS = st.decimals(-99999, 99999, places=6).map(lambda value: value.quantize(Decimal("1e-10")))
ROWS = st.lists(
    st.fixed_dictionaries(
        {
            "name": st.none() | TEXTS | RISKY,
            "class": st.integers(1, 6),  # a row of nothing at all is not stored by a workbook
            "value": st.none() | DECIMALS,
            "first_day": st.none() | st.dates(date(1970, 1, 1), date(2100, 1, 1)),
            "enough": st.none() | st.booleans(),
            "lon": st.none() | st.integers(-18000, 18000).map(lambda number: number / 100),
            "lat": st.none() | st.integers(-9000, 9000).map(lambda number: number / 100),
        }
    ),
    max_size=6,
)


def table_of(rows):
    return pa.Table.from_pylist(rows, schema=SCHEMA)


def from_csv(path):
    text = path.read_bytes().decode("utf-8-sig")
    _, *records = csv.reader(io.StringIO(text, newline=""))
    kinds = [str, int, Decimal, date.fromisoformat, {"TRUE": True, "FALSE": False}.get, float, float]
    rows = []
    for record in records:
        record[0] = record[0].removeprefix("'")
        cells = [kind(cell) if cell else None for kind, cell in zip(kinds, record, strict=True)]
        rows.append(dict(zip(SCHEMA.names, cells, strict=True)))
    return table_of([row | {"value": scaled(row["value"])} for row in rows])


def scaled(value):
    return None if value is None else Decimal(str(value)).quantize(Decimal("1e-10"))


def from_workbook(path):
    _, *records = openpyxl.load_workbook(path).worksheets[0].iter_rows(values_only=True)
    rows = []
    for name, rank, value, day, enough, lon, lat in records:
        day = day.date() if isinstance(day, datetime) else day
        cells = (None if name is None else name.removeprefix("'"), rank, scaled(value), day, enough, lon, lat)
        rows.append(dict(zip(SCHEMA.names, cells, strict=True)))
    return table_of(rows)


def from_geopackage(path):
    _, found = pyogrio.read_arrow(path)
    for row in found.to_pylist():
        point = None if row["geom"] is None else shapely.from_wkb(row["geom"])
        assert (point is None) == (row["lon"] is None or row["lat"] is None)
        assert point is None or (point.x, point.y) == (row["lon"], row["lat"])
    return table_of([row | {"value": scaled(row["value"])} for row in found.to_pylist()])


def from_geojson(path):
    rows = []
    for found in json.loads(path.read_text(encoding="utf-8"))["features"]:
        row = found["properties"]
        placed = None not in (row["lon"], row["lat"])
        assert found["geometry"] == (
            {"type": "Point", "coordinates": [row["lon"], row["lat"]]} if placed else None
        )
        day = row["first_day"] and date.fromisoformat(row["first_day"])
        rows.append(row | {"value": scaled(row["value"]), "first_day": day})
    return table_of(rows)


READERS = {
    "csv": from_csv,
    "xlsx": from_workbook,
    "parquet": pq.read_table,
    "gpkg": from_geopackage,
    "geojson": from_geojson,
}


def test_each_format_has_its_law():
    assert set(READERS) == set(DATA_FORMATS)


@pytest.mark.parametrize("ending", ["csv", "xlsx", "parquet", "geojson", "gpkg"])
def test_what_is_written_is_read_again(ending, tmp_path):
    @settings(max_examples=15 if ending == "gpkg" else 40, database=None)
    @given(rows=ROWS)
    def law(rows):
        path = write_data(table_of(rows), tmp_path / f"table.{ending}", escape=escape_formula)
        assert READERS[ending](path).to_pylist() == table_of(rows).to_pylist()

    law()


def test_parquet_keeps_what_the_columns_mean(tmp_path):
    path = write_data(table_of([]), tmp_path / "t.parquet", escape=escape_formula)
    assert pq.read_schema(path).equals(SCHEMA, check_metadata=True)


def test_a_spreadsheet_opens_csv_as_utf8_and_reads_the_labels(tmp_path):
    path = write_data(table_of([]), tmp_path / "t.csv", escape=escape_formula)
    assert path.read_bytes().startswith(b"\xef\xbb\xbf")
    assert path.read_text("utf-8-sig").startswith("名称,类别,数值(mg/L),first_day")
    with use_language("en"):
        write_data(table_of([]), path, escape=escape_formula)
    assert path.read_text("utf-8-sig").startswith("Name,Class,")


@pytest.mark.parametrize("formula", ["=1+1", "+cmd|' /C calc'!A0", "@SUM(A1)", "-x"])
def test_no_text_becomes_a_formula(formula, tmp_path):
    table = table_of([{"name": formula}])
    written = write_data(table, tmp_path / "t.csv", escape=escape_formula).read_text("utf-8-sig")
    assert f"\n'{formula}" in written.replace("\r", "").replace('"', "")
    cell = openpyxl.load_workbook(write_data(table, tmp_path / "t.xlsx", escape=escape_formula)).worksheets[
        0
    ]["A2"]
    assert (cell.data_type, cell.value) == ("s", f"'{formula}")


def test_a_number_of_more_than_fifteen_digits_is_a_text_in_a_workbook(tmp_path):
    exact = Decimal("1234567890.1234567890")
    path = write_data(table_of([{"value": exact}]), tmp_path / "t.xlsx", escape=escape_formula)
    assert openpyxl.load_workbook(path).worksheets[0]["C2"].value == "1234567890.123456789"


def test_a_workbook_explains_its_columns_on_a_sheet_of_its_own(tmp_path):
    book = openpyxl.load_workbook(write_data(table_of([]), tmp_path / "t.xlsx", escape=escape_formula))
    assert book.sheetnames == ["结果", "字段说明"]
    said = list(book["字段说明"].iter_rows(values_only=True))
    assert said[1] == ("name", "名称", None, "断面名称")
    assert said[3][:3] == ("value", "数值", "mg/L")
    assert said[-1][:2] == ("crs", "EPSG:4490")


def test_a_table_longer_than_a_sheet_goes_on_in_the_next(tmp_path, monkeypatch):
    monkeypatch.setattr(flat, "SHEET_ROWS", 2)
    rows = [{"class": number} for number in range(1, 6)]
    book = openpyxl.load_workbook(write_data(table_of(rows), tmp_path / "t.xlsx", escape=escape_formula))
    found = [
        [row[1] for row in sheet.iter_rows(min_row=2, values_only=True)] for sheet in book.worksheets[:-1]
    ]
    assert found == [[1, 2], [3, 4], [5]]


def test_a_control_character_does_not_break_the_workbook(tmp_path):
    path = write_data(table_of([{"name": "断\x01面"}]), tmp_path / "t.xlsx", escape=escape_formula)
    assert openpyxl.load_workbook(path).worksheets[0]["A2"].value == "断\N{REPLACEMENT CHARACTER}面"


def test_a_geopackage_is_cgcs2000_and_says_what_its_points_are(tmp_path):
    path = write_data(table_of([{"lon": 109.41, "lat": 24.3}]), tmp_path / "t.gpkg", escape=escape_formula)
    about = pyogrio.read_info(path)
    assert about["crs"] == "EPSG:4490"
    assert about["geometry_type"] == "Point"
    assert about["layer_metadata"]["crs"] == "EPSG:4490"


@pytest.mark.parametrize("text", ["84.6", "33.3", "1.8133", "6.7905", "0.0000000001", "0"])
def test_a_decimal_is_the_nearest_floating_point_number_in_a_geopackage(text, tmp_path):
    path = write_data(table_of([{"value": Decimal(text)}]), tmp_path / "t.gpkg", escape=escape_formula)
    assert pyogrio.read_arrow(path)[1]["value"].to_pylist() == [float(text)]


def test_a_geopackage_is_of_a_version_that_older_programs_open(tmp_path):
    path = write_data(table_of([{"lon": 109.41, "lat": 24.3}]), tmp_path / "t.gpkg", escape=escape_formula)
    assert int.from_bytes(path.read_bytes()[60:64], "big") == 10200  # OGC 12-128r15, requirement 2


def test_geojson_is_longitude_before_latitude_and_names_its_datum(tmp_path):
    path = write_data(table_of([{"lon": 109.41, "lat": 24.3}]), tmp_path / "t.geojson", escape=escape_formula)
    found = json.loads(path.read_text(encoding="utf-8"))
    assert found["features"][0]["geometry"]["coordinates"] == [109.41, 24.3]
    assert "crs" not in found  # RFC 7946 section 4
    assert "CGCS2000" in found["about_coordinates"]["datum"]
    assert pyogrio.read_info(path)["features"] == 1


@pytest.mark.parametrize("name", ["results", "results.pdf", "results.xls", ".csv.txt"])
def test_an_unknown_ending_is_told_with_those_that_are_known(name, tmp_path):
    with pytest.raises(CallError) as raised:
        write_data(table_of([]), tmp_path / name, escape=escape_formula)
    assert all(f".{ending}" in str(raised.value.remedy) for ending in DATA_FORMATS)
    assert not list(tmp_path.iterdir())


def test_the_case_of_the_ending_does_not_matter():
    assert data_format("A.XLSX") == "xlsx"


def test_a_place_that_is_not_there_is_told(tmp_path):
    with pytest.raises(CallError, match="无法写入"):
        write_data(table_of([]), tmp_path / "no" / "t.csv", escape=escape_formula)


def test_a_write_that_fails_leaves_the_former_file(tmp_path, monkeypatch):
    path = write_data(table_of([{"class": 3}]), tmp_path / "t.csv", escape=escape_formula)
    before = path.read_bytes()

    def broken(_):
        raise OSError(28, "disk full")

    monkeypatch.setattr(flat, "heads", broken)
    with pytest.raises(CallError, match="disk full"):
        write_data(table_of([]), path, escape=escape_formula)
    assert path.read_bytes() == before
    assert [entry.name for entry in tmp_path.iterdir()] == ["t.csv"]


def test_a_workbook_is_a_zip_without_anything_that_runs(tmp_path):
    path = write_data(table_of([{"name": "=1"}]), tmp_path / "t.xlsx", escape=escape_formula)
    names = zipfile.ZipFile(path).namelist()
    assert not [name for name in names if "vba" in name.lower() or "externalLink" in name]
