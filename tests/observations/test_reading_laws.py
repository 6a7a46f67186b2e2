"""What must not matter to an import: the order of rows, parts of a file, a second import, the unit of entry."""

from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bishui.observations import ReadResult, read_table

HEAD = "断面,时间,项目,结果,单位"
UNITS = {"mg/L": 0, "μg/L": 3, "ng/L": 6}
_RESULTS = st.lists(
    st.tuples(
        st.sampled_from(["甲", "乙"]),
        st.integers(0, 20),
        st.sampled_from(["氨氮", "总磷", "总氮"]),
        st.integers(1, 9999),
    ),
    unique_by=lambda its: its[:3],
    max_size=15,
)


def line(site: str, step: int, item: str, thousandths: int, unit: str = "mg/L") -> str:
    """One result, its value in thousandths of mg/L written in `unit`."""
    moment = datetime(2024, 3, 1) + timedelta(hours=4 * step)
    value = Decimal(thousandths).scaleb(UNITS[unit] - 3)
    return f"{site},{moment:%Y-%m-%d %H:%M},{item},{value:f},{unit}"


def read(folder: Path, lines: list[str]) -> ReadResult:
    path = folder / "数据.csv"
    path.write_text("\n".join([HEAD, *lines]) + "\n", encoding="utf-8")
    return read_table(path)


def facts(*results: ReadResult) -> set[tuple[Any, ...]]:
    """Return site, time, item, value and mark of every row, without where it stood."""
    rows = [row for result in results for row in result.table.to_pylist()]
    return {(row["site"], row["time"], row["item"], row["value"], row["mark"]) for row in rows}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("laws")


@settings(max_examples=30)
@given(_RESULTS, st.randoms())
def test_the_order_of_rows(folder: Path, results: list[tuple[Any, ...]], random: Any) -> None:
    lines = [line(*its) for its in results]
    given_order = facts(read(folder, lines))
    random.shuffle(lines)
    assert facts(read(folder, lines)) == given_order


@settings(max_examples=30)
@given(_RESULTS, st.integers(0, 15))
def test_a_file_in_parts(folder: Path, results: list[tuple[Any, ...]], cut: int) -> None:
    lines = [line(*its) for its in results]
    whole = facts(read(folder, lines))
    assert facts(read(folder, lines[:cut]), read(folder, lines[cut:])) == whole


@settings(max_examples=30)
@given(_RESULTS)
def test_every_row_twice(folder: Path, results: list[tuple[Any, ...]]) -> None:
    lines = [line(*its) for its in results]
    once, twice = read(folder, lines), read(folder, lines + lines)
    assert facts(twice) == facts(once)
    assert twice.table.num_rows == once.table.num_rows
    assert twice.account["outcome"].to_pylist().count("repeat") == len(lines)


@settings(max_examples=30)
@given(_RESULTS, st.sampled_from(list(UNITS)))
def test_the_unit_of_entry(folder: Path, results: list[tuple[Any, ...]], unit: str) -> None:
    plain = facts(read(folder, [line(*its) for its in results]))
    assert facts(read(folder, [line(*its, unit) for its in results])) == plain
