"""The store: one import, one commit, wholly in or wholly out wherever the writer dies."""

import os
import random
import signal
import subprocess
import sys
import time
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pytest

from bishui.errors import StoreError
from bishui.observations import MEASUREMENTS, MeasurementStore, store


def rows(count: int, *, start: datetime = datetime(2023, 12, 31), sites: int = 3) -> pa.Table:
    return pa.Table.from_pylist(
        [
            {
                "row": number + 2,
                "site": f"S{number % sites}",
                "time": start + timedelta(hours=4 * number),
                "item": ("tp", "nh3n")[number % 2],
                "value": Decimal(number) / 1000,
                "mark": "measured",
                "unit": "mg/L",
                "raw": f"{number / 1000}",
                "source": "manual",
            }
            for number in range(count)
        ],
        schema=MEASUREMENTS,
    )


def ordered(table: pa.Table) -> pa.Table:
    return table.drop_columns("import_id").sort_by("row").combine_chunks()


def test_what_is_appended_is_read_back_exactly(tmp_path: Path) -> None:
    place = MeasurementStore(tmp_path / "s")
    table = rows(50)
    info = place.append("a", table)
    assert (info.created, info.rows) == (True, 50)
    found = place.read(imports={"a"})
    assert found.schema == MEASUREMENTS
    assert set(found["import_id"].to_pylist()) == {"a"}
    assert ordered(found).equals(ordered(table))


def test_an_import_is_appended_once(tmp_path: Path) -> None:
    place = MeasurementStore(tmp_path / "s")
    first = place.append("a", rows(5))
    again = MeasurementStore(tmp_path / "s").append("a", rows(5))
    assert again.created is False
    assert again.version == first.version
    assert place.read(imports={"a"}).num_rows == 5


def test_only_rows_of_active_imports_are_read(tmp_path: Path) -> None:
    place = MeasurementStore(tmp_path / "s")
    place.append("a", rows(5))
    place.append("b", rows(7))
    assert place.imports() == {"a", "b"}
    assert place.read(imports={"b"}).num_rows == 7
    assert place.read(imports=()).num_rows == 0
    assert place.read(imports={"nobody"}).num_rows == 0


def test_selections_by_site_item_and_time(tmp_path: Path) -> None:
    place = MeasurementStore(tmp_path / "s")
    table = rows(60)
    place.append("a", table)
    start, end = datetime(2024, 1, 1), datetime(2024, 1, 3, 20)
    found = place.read(imports={"a"}, sites=["S1"], items=["tp"], time_from=start, time_to=end).to_pylist()
    wanted = [
        row
        for row in table.to_pylist()
        if row["site"] == "S1" and row["item"] == "tp" and start <= row["time"] <= end
    ]
    assert [row["row"] for row in sorted(found, key=lambda row: row["row"])] == [row["row"] for row in wanted]
    assert wanted
    assert place.read(imports={"a"}, sites=[]).num_rows == 0


def test_years_outside_are_not_opened(tmp_path: Path) -> None:
    place = MeasurementStore(tmp_path / "s")
    place.append("a", rows(60))
    for file in (tmp_path / "s" / "year=2023").iterdir():
        file.write_bytes(b"")
    assert place.read(imports={"a"}, time_from=datetime(2024, 1, 1)).num_rows == 54


def test_an_empty_store_and_an_empty_import(tmp_path: Path) -> None:
    place = MeasurementStore(tmp_path / "s")
    assert place.read(imports={"a"}).num_rows == 0
    assert (place.imports(), place.has_import("a"), place.check(), place.compact()) == (set(), False, [], 0)
    place.append("a", rows(0))
    assert place.has_import("a")
    assert place.append("a", rows(0)).created is False


def test_compaction_changes_no_row_and_forgets_no_import(tmp_path: Path) -> None:
    place = MeasurementStore(tmp_path / "s")
    for number in range(6):
        place.append(f"i{number}", rows(4, start=datetime(2024, 1, 1 + number)))
    everything = {f"i{number}" for number in range(6)}
    before = place.read(imports=everything).sort_by([("import_id", "ascending"), ("row", "ascending")])
    assert place.compact() == 5
    after = place.read(imports=everything).sort_by([("import_id", "ascending"), ("row", "ascending")])
    assert after.equals(before)
    assert place.append("i3", rows(4)).created is False
    assert place.check() == []


def test_damage_is_found(tmp_path: Path) -> None:
    place = MeasurementStore(tmp_path / "s")
    place.append("a", rows(20))
    files = sorted((tmp_path / "s").glob("year=*/*.parquet"))
    content = bytearray(files[0].read_bytes())
    files[0].write_bytes(content[:-10])
    files[1].unlink()
    problems = place.check()
    assert [problem.code for problem in problems] == ["store-damaged"] * 2
    assert all("备份" in str(problem.remedy) for problem in problems)
    files[0].write_bytes(content[:20] + b"\xff" * 20 + content[40:])
    assert len(place.check()) == 2


def test_a_second_writer_waits_and_is_then_refused(tmp_path: Path) -> None:
    folder = tmp_path / "s"
    code = (
        "import sys, time\nfrom bishui.observations import MeasurementStore\n"
        "with MeasurementStore(sys.argv[1])._writing():\n    print('held', flush=True)\n    time.sleep(60)\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code, str(folder)], stdout=subprocess.PIPE, text=True
    ) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        with pytest.raises(StoreError, match="另一个进程"):
            MeasurementStore(folder, lock_timeout=0.2).append("a", rows(3))
        holder.kill()
    # The lock dies with its holder.
    assert MeasurementStore(folder, lock_timeout=5).append("a", rows(3)).created


# One process imports everything once and forks a writer for each line at which one is to be killed.
KILLER = """
import os, signal, sys
from bishui.observations import MeasurementStore, store
from tests.observations.test_store import rows
table = rows(40)
def write(folder, line):
    left = line
    def kill_at_line(frame, event, argument):
        nonlocal left
        if frame.f_code.co_filename != store.__file__:
            return None
        if event == "line":
            left -= 1
            if left == 0:
                os.kill(os.getpid(), signal.SIGKILL)
        return kill_at_line
    sys.settrace(kill_at_line)
    MeasurementStore(folder).append("the import", table)
    sys.settrace(None)
    print(line - left, flush=True)
for order in sys.stdin:
    folder, line = order.split()
    child = os.fork()
    if child == 0:
        write(folder, int(line))
        os._exit(0)
    if os.WIFSIGNALED(os.waitpid(child, 0)[1]):
        print("killed", flush=True)
"""


@pytest.mark.slow
def test_killed_at_many_lines_it_is_wholly_in_or_wholly_out(tmp_path: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", KILLER],
        cwd=Path(__file__).resolve().parents[2],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        bufsize=1,
    ) as killer:
        assert killer.stdin is not None
        assert killer.stdout is not None

        def write(folder: Path, line: int) -> str:
            killer.stdin.write(f"{folder} {line}\n")
            return killer.stdout.readline().strip()

        total = int(write(tmp_path / "whole", 10**9))
        states = set()
        for line in range(1, total + 1, 2):
            folder = tmp_path / f"killed-{line}"
            assert write(folder, line) == "killed"
            states.add(_state_after_death(folder))
        killer.stdin.close()
    assert states == {0, 40}


def _state_after_death(folder: Path) -> int:
    """Return the rows that a dead writer left, after checking that they are all or none and a retry mends it."""
    place = MeasurementStore(folder)
    found = place.read(imports={"the import"})
    assert found.num_rows in (0, 40)
    assert place.has_import("the import") == (found.num_rows == 40)
    assert place.check() == []
    assert place.append("the import", rows(40)).created == (found.num_rows == 0)
    assert ordered(place.read(imports={"the import"})).equals(ordered(rows(40)))
    return int(found.num_rows)


LOOP = """
import sys
import pyarrow as pa
from bishui.observations import MeasurementStore
from tests.observations.test_store import rows
place = MeasurementStore(sys.argv[1])
table = rows(4000)
for number in range(1000):
    place.append(f"i{number}", table.set_column(2, "site", pa.array([f"S{number}"] * 4000)))
    print(number, flush=True)
"""


@pytest.mark.slow
def test_killed_at_any_moment_nothing_acknowledged_is_lost_and_nothing_doubled(tmp_path: Path) -> None:
    """The kill falls inside the engine's own writing too."""
    chance = random.Random(20_240_305)
    place = MeasurementStore(tmp_path / "s")
    acknowledged = -1
    for _ in range(3):
        with subprocess.Popen(
            [sys.executable, "-c", LOOP, str(tmp_path / "s")],
            cwd=Path(__file__).resolve().parents[2],
            stdout=subprocess.PIPE,
            text=True,
        ) as writer:
            assert writer.stdout is not None
            writer.stdout.readline()
            time.sleep(chance.uniform(0.05, 0.6))
            os.kill(writer.pid, signal.SIGKILL)
            acknowledged = max([acknowledged, *map(int, writer.stdout.read().split())])
        names = {f"i{number}" for number in range(1000)}
        found = place.read(imports=names)["import_id"].value_counts().to_pylist()
        assert {its["counts"] for its in found} == {4000}
        assert len(found) in (acknowledged + 1, acknowledged + 2)
        assert place.check() == []
    place.sweep()
    assert place.check() == []
    assert len(place.imports()) == len(found)


def test_faults_of_the_engine_become_one_sentence(tmp_path: Path) -> None:
    log = tmp_path / "s" / "_delta_log"
    log.mkdir(parents=True)
    (log / "00000000000000000000.json").write_text("not json", encoding="utf-8")
    with pytest.raises(StoreError) as error:
        MeasurementStore(tmp_path / "s").read(imports={"a"})
    assert "\n" not in str(error.value)
    assert MeasurementStore(tmp_path / "s").check()[0].code == "store-unreadable"


def test_values_are_kept_to_ten_digits(tmp_path: Path) -> None:
    table = pa.Table.from_pylist(
        [
            rows(1).to_pylist()[0] | {"value": Decimal(text)}
            for text in ("123456789012345678.0123456789", "0.0000000001")
        ],
        schema=MEASUREMENTS,
    )
    place = MeasurementStore(tmp_path / "s")
    place.append("a", table)
    assert set(place.read(imports={"a"})["value"].to_pylist()) == set(table["value"].to_pylist())


def test_the_module_says_where_it_keeps_things() -> None:
    assert store.MeasurementStore("s3://bucket/measurements").folder is None
