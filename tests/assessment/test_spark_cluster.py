"""The same answers from a real cluster, over the store, by the command line."""

import json
import shutil
import sys
from datetime import datetime, timedelta
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner

from bishui.assessment import PeriodKind, assess
from bishui.cli.root import cli
from bishui.observations import MeasurementStore
from tests.assessment.tables import flags, measurements, reading, sites, targets

pytestmark = [pytest.mark.spark, pytest.mark.slow]


@pytest.fixture(scope="module")
def place(tmp_path_factory) -> Path:
    """A store of three imports; the last corrects some rows of the first and repeats others."""
    store = MeasurementStore(tmp_path_factory.mktemp("stored") / "store")

    def rows(first, last, tp):
        return [
            reading(item, value, datetime(2024, 1, 1) + timedelta(days=day, hours=4 * hour), site=site)
            for site, base in (("A", 1), ("B", 3), ("C", 9))
            for day in range(first, last)
            for hour in range(0, 6, 2)
            for item, value in (
                ("ph", f"7.{base}"),
                ("codmn", f"{base}.{day % 10}"),
                ("tp", tp if day < 3 else "0.05"),
            )
        ]

    store.append("january", measurements(rows(0, 31, "9")))
    store.append("february", measurements(rows(31, 50, "9")))
    store.append("correction", measurements(rows(0, 5, "0.1")))
    return Path(store.url)


REGISTER = sites("A", {"id": "B", "water_type": "lake"}, {"id": "C", "water_type": None}, "silent")
GOALS = {"A": 2, "B": 3, "silent": 4}
TARGETS = targets(*({"site": name, "target_class": rank} for name, rank in GOALS.items()))
FLAGS = flags(
    {"site": "A", "item": "tp", "time_from": datetime(2024, 1, 1), "time_to": datetime(2024, 1, 20)}
)


def test_a_standalone_cluster_gives_the_answers_of_this_process(place, tmp_path, monkeypatch):
    pytest.importorskip("pyspark")
    if shutil.which("java") is None:
        pytest.skip("needs a Java runtime")
    from tests.assessment.spark_cluster import cluster, defaults

    monkeypatch.setenv("SPARK_LOCAL_IP", "127.0.0.1")
    monkeypatch.setenv("SPARK_CONF_DIR", str(defaults(tmp_path / "conf")))
    monkeypatch.setenv("PYSPARK_PYTHON", sys.executable)
    store = MeasurementStore(place)
    selection = store.select(imports=store.imports())
    expected = assess(selection, REGISTER, TARGETS, FLAGS, period=PeriodKind.MONTH).to_table()
    files = {"--sites": REGISTER, "--targets": TARGETS, "--flags": FLAGS}
    arguments = ["assess", str(place), "--period", "month", "--json", "-"]
    for option, table in files.items():
        path = tmp_path / f"{option[2:]}.parquet"
        pq.write_table(table, path)
        arguments += [option, str(path)]
    with cluster(tmp_path) as address:
        answer = CliRunner().invoke(cli, [*arguments, "--engine", address], catch_exceptions=False)
    assert answer.exit_code == 0, answer.output
    found = json.loads(answer.stdout)["results"]
    assert found == expected.to_pylist()
    by_name = {(row["site"], row["period"]): row for row in found}
    assert by_name["B", "2024-01"]["total"] == 31 * 3 * 3
    assert by_name["A", "2024-01"]["entered"] < by_name["A", "2024-01"]["total"]
    assert by_name["silent", "2024-01"]["reason"] == "no_data"
    assert {row["state"] for row in found} >= {"no_target", "not_attained", "not_judged"}
