"""The same answers inside Spark executors as in this process."""

import shutil
import sys
from datetime import datetime, timedelta

import pytest

from bishui.assessment import RESULTS, PeriodKind, assess
from bishui.assessment.spark import assess_frame
from tests.assessment.tables import measurements, reading, sites, targets

pytestmark = [pytest.mark.spark, pytest.mark.slow]


@pytest.fixture(scope="module")
def session(tmp_path_factory):
    sql = pytest.importorskip("pyspark.sql")
    if shutil.which("java") is None:
        pytest.skip("needs a Java runtime")
    patch = pytest.MonkeyPatch()
    patch.setenv("SPARK_LOCAL_IP", "127.0.0.1")
    patch.setenv("PYSPARK_PYTHON", sys.executable)
    session = (
        sql.SparkSession.builder.master("local[2]")
        .config("spark.driver.host", "127.0.0.1")
        .config("spark.driver.bindAddress", "127.0.0.1")
        .config("spark.ui.enabled", "false")
        .config("spark.sql.session.timeZone", "Asia/Shanghai")
        .config("spark.sql.shuffle.partitions", "2")
        .config("spark.sql.warehouse.dir", str(tmp_path_factory.mktemp("warehouse")))
        .getOrCreate()
    )
    yield session
    session.stop()
    patch.undo()


@pytest.mark.parametrize("kind", [PeriodKind.MONTH, PeriodKind.YEAR])
def test_spark_gives_the_answers_of_this_process(session, tmp_path, kind):
    import pyarrow.parquet as pq

    rows = [
        reading(item, value, datetime(2024, 1, 1) + timedelta(days=day, hours=4 * hour), site=site)
        for site, base in (("A", 1), ("B", 3), ("C", 9))
        for day in range(0, 90, 9)
        for hour in range(3)
        for item, value in (
            ("ph", f"7.{base}"),
            ("do", "8.1"),
            ("codmn", f"{base}.{day % 10}"),
            ("tp", "0.05"),
        )
    ]
    table = measurements(rows)
    pq.write_table(table, tmp_path / "m.parquet")
    frame = session.read.parquet(str(tmp_path / "m.parquet"))
    register = sites("A", {"id": "B", "water_type": "lake"}, {"id": "C", "water_type": None}, "silent")
    goals = targets({"site": "A", "target_class": 2}, {"site": "B", "target_class": 3})
    found = assess_frame(frame, period=kind, sites=register, targets=goals)
    expected = assess(table, register, goals, period=kind).to_table()
    by_key = sorted((tuple(row) for row in found.collect()), key=str)
    assert by_key == sorted((tuple(row.values()) for row in expected.to_pylist()), key=str)
    assert found.columns == RESULTS.names
    assert {row["reason"] for row in expected.to_pylist()} >= {"water_type_unknown", "no_data"}
