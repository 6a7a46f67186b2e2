"""Corrections, parts and several writers: nothing is lost, nothing counts twice."""

import os
import random
import signal
import subprocess
import sys
import time
from datetime import datetime
from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pytest

from bishui.observations import MEASUREMENTS, MeasurementStore, effective
from tests.observations.test_store import rows

MOMENT = datetime(2024, 2, 1, 8)


def row(value: str | None, mark: str = "measured", source: str = "manual") -> pa.Table:
    one = {"row": 2, "site": "S", "time": MOMENT, "item": "tp", "mark": mark, "source": source}
    number = None if value is None else Decimal(value)
    return pa.Table.from_pylist([one | {"value": number, "raw": value}], schema=MEASUREMENTS)


def values(store: MeasurementStore, *imports: str) -> list[Decimal | None]:
    return store.read(imports=imports)["value"].to_pylist()


def test_the_rows_of_a_later_import_take_the_place_of_earlier_ones_and_give_it_back(tmp_path: Path) -> None:
    store = MeasurementStore(tmp_path / "s")
    store.append("z", row("0.1"))
    store.append("a", row("0.2"))
    assert values(store, "a", "z") == [Decimal("0.2")]
    assert values(store, "z") == [Decimal("0.1")]
    store.compact()
    assert values(store, "a", "z") == [Decimal("0.2")]


def test_another_source_is_no_correction(tmp_path: Path) -> None:
    store = MeasurementStore(tmp_path / "s")
    store.append("a", row("0.1", source="manual"))
    store.append("b", row("0.2", source="automatic"))
    assert sorted(values(store, "a", "b")) == [Decimal("0.1"), Decimal("0.2")]


@pytest.mark.parametrize("mark", ["no_reading", "not_given", "offline"])
@pytest.mark.parametrize("order", [("number", "silence"), ("silence", "number")])
def test_a_number_is_never_displaced_by_its_absence_whichever_comes_first(
    tmp_path: Path, mark: str, order: tuple[str, str]
) -> None:
    tables = {"number": row("0.1"), "silence": row(None, mark)}
    store = MeasurementStore(tmp_path / "s")
    for name in order:
        store.append(name, tables[name])
    assert values(store, *order) == [Decimal("0.1")]


def test_what_one_import_says_twice_stays(tmp_path: Path) -> None:
    """Several verticals sampled at one time are rows of one import."""
    store = MeasurementStore(tmp_path / "s")
    store.append("a", row("0.3"))
    store.append("b", pa.concat_tables([row("0.1"), row("0.2")]))
    assert sorted(values(store, "a", "b")) == [Decimal("0.1"), Decimal("0.2")]


def test_an_empty_table_and_one_import_are_given_back_as_they_are() -> None:
    assert effective(MEASUREMENTS.empty_table(), {}).num_rows == 0
    table = pa.concat_tables([row("0.1"), row("0.2")])
    table = table.set_column(0, "import_id", pa.array(["a", "a"]))
    assert effective(table, {"a": 0}) is table


def test_the_imports_are_told_from_the_log_alone(tmp_path: Path) -> None:
    """No data file is opened for it, before a checkpoint or after."""
    store = MeasurementStore(tmp_path / "s")
    names = {f"i{number}" for number in range(5)}
    for name in sorted(names):
        store.append(name, rows(3))
    store.compact()
    store.append("after", rows(3))
    for file in (tmp_path / "s").glob("year=*/*.parquet"):
        file.write_bytes(b"")
    assert store.imports() == names | {"after"}
    assert store.select(imports=names | {"nobody"}).rank.keys() == names


WRITER = """
import sys
import pyarrow as pa
from bishui.observations import MeasurementStore
from tests.observations.test_store import rows
place = MeasurementStore(sys.argv[1], lock_timeout=60)
table = rows(2000)
for number in range(int(sys.argv[3])):
    name = f"{sys.argv[2]}-{number}"
    place.append(name, table.set_column(2, "site", pa.array([name] * 2000)))
    print(name, flush=True)
"""


@pytest.mark.slow
def test_four_importers_at_once_and_one_of_them_killed_lose_nothing_and_repeat_nothing(
    tmp_path: Path,
) -> None:
    chance, each = random.Random(4), 6

    def start(name: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [sys.executable, "-c", WRITER, str(tmp_path / "s"), name, str(each)],
            cwd=Path(__file__).resolve().parents[2],
            stdout=subprocess.PIPE,
            text=True,
        )

    writers = {name: start(name) for name in "abcd"}
    victim = writers["c"]
    assert victim.stdout is not None
    victim.stdout.readline()
    time.sleep(chance.uniform(0, 0.1))
    os.kill(victim.pid, signal.SIGKILL)
    said = {name: writer.communicate(timeout=90)[0].split() for name, writer in writers.items()}
    store = MeasurementStore(tmp_path / "s")
    acknowledged = {name for names in said.values() for name in names} | {"c-0"}
    assert acknowledged <= store.imports()
    assert start("c").communicate(timeout=90)[0].split() == [f"c-{number}" for number in range(each)]
    wanted = {f"{name}-{number}" for name in "abcd" for number in range(each)}
    assert store.imports() == wanted
    found = store.read(imports=wanted)["import_id"].value_counts().to_pylist()
    assert {(its["values"], its["counts"]) for its in found} == {(name, 2000) for name in wanted}
    assert store.check() == []
