"""The same answers from a real cluster, over the store, by the command line."""

import json
import shutil
import sys
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner

from bishui.assessment import PeriodKind, assess
from bishui.cli import cli
from bishui.observations import MeasurementStore
from tests.assessment.tables import measurements, reading

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


def test_a_standalone_cluster_gives_the_answers_of_this_process(place, tmp_path, monkeypatch):
    pytest.importorskip("pyspark")
    if shutil.which("java") is None:
        pytest.skip("needs a Java runtime")
    from tests.assessment.spark_cluster import cluster

    monkeypatch.setenv("SPARK_LOCAL_IP", "127.0.0.1")
    monkeypatch.setenv("PYSPARK_PYTHON", sys.executable)
    store = MeasurementStore(place)
    expected = assess(store.select(imports=store.imports()), period=PeriodKind.MONTH).to_table()
    with cluster(tmp_path) as address:
        arguments = ["assess", str(place), "--engine", address, "--period", "month", "--json", "-"]
        answer = CliRunner().invoke(cli, arguments, catch_exceptions=False)
    assert answer.exit_code == 0, answer.output
    found = json.loads(answer.stdout)["results"]
    assert found == expected.to_pylist()
    assert {row["total"] for row in found if row["period"] == "2024-01"} == {31 * 3 * 3}
