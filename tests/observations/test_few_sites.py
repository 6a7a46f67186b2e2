"""A read of few sites gives what a read of all gives of them, in whatever imports, years and files they lie."""

import random
import shutil
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pytest

from bishui.errors import StoreError
from bishui.observations import MEASUREMENTS, MeasurementStore, landed
from tests.observations.test_store import rows

#: Names that a question in words could trip over.
SITES = ("S1", "S 2", "O'Brien", "''", 'say "S5"', "断面；--", "S%", "\\")
ITEMS = ("tp", "nh3n", "published_class")
ORDER = [(name, "ascending") for name in ("site", "item", "time", "import_id", "row", "mark", "source")]


def some_rows(count: int, seed: int) -> pa.Table:
    """Rows in the last days of one year and the first of the next, many of them for the same moments."""
    rng = random.Random(seed)
    return pa.Table.from_pylist(
        [
            {
                "row": number + 2,
                "site": rng.choice(SITES),
                "time": datetime(2023, 12, 30) + timedelta(hours=4 * rng.randrange(24)),
                "item": rng.choice(ITEMS),
                "value": rng.choice([None, Decimal(number) / 1000]),
                "mark": rng.choice(["measured", "below_detection", "offline", "no_reading"]),
                "unit": rng.choice([None, "mg/L"]),
                "raw": rng.choice([None, "", f"{number}"]),
                "source": rng.choice(["manual", "automatic"]),
            }
            for number in range(count)
        ],
        schema=MEASUREMENTS,
    )


def filled(folder: Path) -> MeasurementStore:
    store = MeasurementStore(folder / "s")
    for number in range(5):
        store.append(f"import-{number}", some_rows(400, number))
    return store


def ordered(table: pa.Table) -> pa.Table:
    return table.sort_by(ORDER).combine_chunks()


@pytest.mark.parametrize("joined", [False, True])
def test_it_is_the_part_of_the_whole_for_any_sites_items_times_and_imports(
    tmp_path: Path, joined: bool
) -> None:
    store, rng = filled(tmp_path), random.Random(1)
    if joined:
        store.compact()
    for _ in range(25):
        imports = rng.sample([f"import-{number}" for number in range(5)] + ["taken back"], rng.randint(1, 5))
        sites = rng.sample(SITES, rng.randint(1, len(SITES)))
        items = rng.choice([None, rng.sample(ITEMS, 2)])
        first, last = sorted(datetime(2023, 12, 29) + timedelta(hours=rng.randrange(150)) for _ in range(2))
        start, end = rng.choice([None, first]), rng.choice([None, last])
        found = store.read(imports=imports, sites=sites, items=items, time_from=start, time_to=end)
        whole = store.read(imports=imports)
        here = pc.is_in(whole["site"], value_set=pa.array(sites))
        if items:
            here = pc.and_(here, pc.is_in(whole["item"], value_set=pa.array(items)))
        if start:
            here = pc.and_(here, pc.greater_equal(whole["time"], pa.scalar(start, whole["time"].type)))
        if end:
            here = pc.and_(here, pc.less_equal(whole["time"], pa.scalar(end, whole["time"].type)))
        assert found.schema == MEASUREMENTS
        assert ordered(found).equals(ordered(whole.filter(here)))


def test_rows_come_in_the_same_order_each_time(tmp_path: Path) -> None:
    store, imports = filled(tmp_path), {f"import-{number}" for number in range(5)}
    first = store.read(imports=imports, sites=SITES)
    assert first.num_rows > 500
    assert all(store.read(imports=imports, sites=SITES).equals(first) for _ in range(5))


def test_a_span_without_end_is_every_row(tmp_path: Path) -> None:
    store = filled(tmp_path)
    first, last = datetime(1, 1, 1), datetime(9999, 12, 31, 23, 59, 59)
    found = store.read(imports={"import-1"}, sites=["S1"], time_from=first, time_to=last)
    assert ordered(found).equals(ordered(store.read(imports={"import-1"}, sites=["S1"])))
    assert found.num_rows


def test_no_site_and_no_item_are_no_rows(tmp_path: Path) -> None:
    store = filled(tmp_path)
    assert store.read(imports={"import-1"}, sites=[]).num_rows == 0
    assert store.read(imports={"import-1"}, sites=["S1"], items=[]).num_rows == 0


def test_years_outside_are_not_opened(tmp_path: Path) -> None:
    store = MeasurementStore(tmp_path / "s")
    store.append("a", rows(60))
    for file in (tmp_path / "s" / "year=2023").iterdir():
        file.write_bytes(b"")
    assert store.read(imports={"a"}, sites=["S1"], time_from=datetime(2024, 1, 1)).num_rows == 18


def test_a_damaged_file_is_said_in_words(tmp_path: Path) -> None:
    store = filled(tmp_path)
    for file in (tmp_path / "s").glob("year=*/*.parquet"):
        file.write_bytes(b"nothing")
    with pytest.raises(StoreError, match="无法读写"):
        store.read(imports={"import-1"}, sites=["S1"])


# -- the order of landing, which a process keeps until the log is another ----------------------------------


def test_the_log_is_read_anew_only_when_something_landed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store, times = filled(tmp_path), []
    read = landed._read
    monkeypatch.setattr(landed, "_read", lambda *asked: times.append(asked) or read(*asked))
    for _ in range(3):
        store.read(imports={"import-1"}, sites=["S1"])
    assert len(times) == 1
    MeasurementStore(tmp_path / "s").append("late", rows(5))
    assert store.read(imports={"late"}, sites=["S1"]).num_rows == 2
    assert len(times) == 2


def test_the_order_is_that_of_the_log_before_a_checkpoint_and_after(tmp_path: Path) -> None:
    store = MeasurementStore(tmp_path / "s")
    names = ["z", "m", "a", "q"]
    for name in names[:2]:
        store.append(name, rows(3))
    store.compact()
    for name in names[2:]:
        store.append(name, rows(3))
    found = store.select(imports={*names, "nobody"}).rank
    assert [name for name, _ in sorted(found.items(), key=lambda pair: pair[1])] == names


def test_a_store_that_was_put_back_from_a_backup_is_read_as_it_is_now(tmp_path: Path) -> None:
    """Its log has as many entries as before, and others."""
    store = MeasurementStore(tmp_path / "s")
    store.append("first", rows(6))
    shutil.copytree(tmp_path / "s", tmp_path / "backup")
    store.append("lost", rows(6))
    assert store.read(imports={"first", "lost"}, sites=["S1"]).num_rows == 2
    shutil.rmtree(tmp_path / "s")
    shutil.copytree(tmp_path / "backup", tmp_path / "s")
    MeasurementStore(tmp_path / "s").append("again", rows(9))
    assert store.imports() == {"first", "again"}
    assert store.read(imports={"again"}, sites=["S1"]).num_rows == 3
    assert store.read(imports={"lost"}, sites=["S1"]).num_rows == 0


def test_a_store_named_by_an_address_is_read_the_same(tmp_path: Path) -> None:
    store, imports = filled(tmp_path), {"import-1", "import-4"}
    by_address = MeasurementStore((tmp_path / "s").as_uri())
    assert by_address.imports() == store.imports()
    assert by_address.read(imports=imports, sites=["S1"]).equals(store.read(imports=imports, sites=["S1"]))
    assert by_address.select(imports=imports).rank == {"import-1": 0, "import-4": 1}
