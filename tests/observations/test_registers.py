"""Sites, targets and flags from files."""

from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from bishui.errors import DataError, UnknownLayout
from bishui.observations import FLAGS, SITES, TARGETS, read_flags, read_positions, read_sites, read_targets


def file(folder: Path, text: str) -> Path:
    path = folder / "表.csv"
    path.write_text(text, encoding="utf-8")
    return path


def test_sites(tmp_path: Path) -> None:
    path = file(
        tmp_path,
        "编号,断面名称,类型,水体类型,行政区划,启用日期,停用日期\nS1,渡口,断面,湖库,450200,2024-1-1,\n,桥头,,,,,\n",
    )
    table = read_sites(path)
    assert table.schema == SITES
    assert table.to_pylist() == [
        {
            "id": "S1",
            "name": "渡口",
            "kind": "section",
            "water_type": "lake",
            "division": "450200",
            "valid_from": date(2024, 1, 1),
            "valid_to": None,
        },
        {
            "id": "桥头",
            "name": "桥头",
            "kind": "section",
            "water_type": None,
            "division": None,
            "valid_from": None,
            "valid_to": None,
        },
    ]


def test_targets_with_classes_and_own_limits(tmp_path: Path) -> None:
    path = file(
        tmp_path,
        "断面,水质目标,单项限值,考核期起,考核期止\n渡口,Ⅲ,,2024-01-01,2024-12-31\n桥头,,总磷=0.25；氨氮=1.2,2024-1-1,2024-12-31\n",
    )
    table = read_targets(path)
    assert table.schema == TARGETS
    first, second = table.to_pylist()
    assert (first["id"], first["site"], first["target_class"], first["overrides"]) == ("2", "渡口", 3, None)
    assert second["overrides"] == [("tp", Decimal("0.25")), ("nh3n", Decimal("1.2"))]


def test_flags(tmp_path: Path) -> None:
    path = file(
        tmp_path,
        "断面,项目,开始时间,结束时间,标识,理由\n渡口,总磷,2024-03-05 08:00,2024-03-06 08:00,剔除,仪器校准\n",
    )
    table = read_flags(path)
    assert table.schema == FLAGS
    row = table.to_pylist()[0]
    assert (row["item"], row["flag"], row["time_to"]) == ("tp", "excluded", datetime(2024, 3, 6, 8))


@pytest.mark.parametrize(
    ("read", "text", "code", "column"),
    [
        (read_sites, "名称,水体类型\n渡口,沟\n", "unknown-word", "水体类型"),
        (read_sites, "名称,启用日期,停用日期\n渡口,2024-02-01,2024-01-01\n", "end-before-start", None),
        (read_sites, "名称,启用日期\n渡口,2024-02-30\n", "no-such-time", "启用日期"),
        (
            read_targets,
            "断面,目标类别,考核期起,考核期止\n渡口,劣Ⅴ,2024-01-01,2024-12-31\n",
            "not-a-class",
            "目标类别",
        ),
        (read_targets, "断面,目标类别,考核期起,考核期止\n渡口,,2024-01-01,2024-12-31\n", "no-target", None),
        (read_targets, "断面,目标类别,考核期起,考核期止\n,Ⅱ,2024-01-01,2024-12-31\n", "no-object", None),
        (read_targets, "断面,目标类别,考核期起,考核期止\n渡口,Ⅱ,,2024-12-31\n", "missing", None),
        (
            read_targets,
            "断面,单项限值,考核期起,考核期止\n渡口,总磷0.25,2024-01-01,2024-12-31\n",
            "bad-override",
            "单项限值",
        ),
        (
            read_flags,
            "断面,开始时间,结束时间,标识,理由\n渡口,2024-03-05,2024-03-06,好,x\n",
            "unknown-word",
            "标识",
        ),
    ],
)
def test_faulty_rows_are_all_listed(
    tmp_path: Path, read: object, text: str, code: str, column: str | None
) -> None:
    with pytest.raises(DataError) as error:
        read(file(tmp_path, text))  # type: ignore[operator]
    problem = error.value.problems[0]
    assert (problem.code, problem.where.row, problem.where.column) == (code, 2, column)
    assert str(problem.remedy)


def test_missing_heads_are_named(tmp_path: Path) -> None:
    with pytest.raises(UnknownLayout, match="time_from"):
        read_flags(file(tmp_path, "断面,理由\n渡口,x\n"))


def test_a_parquet_file_of_the_schema_is_taken_as_it_is(tmp_path: Path) -> None:
    table = read_targets(
        file(tmp_path, "断面,单项限值,考核期起,考核期止\n渡口,tp=0.25,2024-01-01,2024-12-31\n")
    )
    pq.write_table(table, tmp_path / "t.parquet")
    assert read_targets(tmp_path / "t.parquet").equals(table)


def test_positions_keep_their_digits(tmp_path: Path) -> None:
    path = file(
        tmp_path,
        "断面名称,经度,纬度,坐标系\n渡口,109.410,24.3,国家2000\n桥头,,,\n滩尾,109.5,24.25,\n",
    )
    assert [
        (row["id"], row["lon"], row["lat"], row["datum"]) for row in read_positions(path).to_pylist()
    ] == [
        ("渡口", "109.410", "24.3", "CGCS2000"),
        ("桥头", None, None, None),
        ("滩尾", "109.5", "24.25", None),
    ]


def test_a_register_without_coordinates_has_no_positions(tmp_path: Path) -> None:
    table = read_positions(file(tmp_path, "断面名称,水体类型\n渡口,河流\n"))
    assert table.to_pylist() == [{"id": "渡口", "name": "渡口", "lon": None, "lat": None, "datum": None}]


@pytest.mark.parametrize(
    ("cells", "code"),
    [
        ("181,24", "not-degrees"),
        ("109,91", "not-degrees"),
        ("东经109度,24", "not-degrees"),
        ("109,", "half-a-place"),
        (",24", "half-a-place"),
    ],
)
def test_a_place_that_cannot_be_is_named_with_its_row(tmp_path: Path, cells: str, code: str) -> None:
    with pytest.raises(DataError) as raised:
        read_positions(file(tmp_path, f"断面名称,经度,纬度\n渡口,{cells}\n"))
    assert [problem.code for problem in raised.value.problems] == [code]
    assert raised.value.problems[0].where.row == 2
