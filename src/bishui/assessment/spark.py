"""The same assessment inside Apache Spark executors (extra ``spark``): Arrow batches in, Arrow batches out.

A partition holds whole sites, so that every mean is made in one place by the kernels of this room.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pyarrow as pa

from bishui.assessment.assess import assess
from bishui.assessment.periods import Period, PeriodKind, periods_touched
from bishui.assessment.register import Register
from bishui.assessment.results import RESULTS
from bishui.errors import CallError
from bishui.i18n import Text
from bishui.observations import effective
from bishui.observations.schema import MEASUREMENTS
from bishui.standards import Method

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

_WORDS = {pa.string(): "string", pa.int32(): "int", pa.int64(): "bigint"}

#: `RESULTS` in the words of Spark.
RESULT_DDL = ", ".join(f"`{field.name}` {_WORDS[field.type]}" for field in RESULTS)


@contextmanager
def session(master: str) -> Iterator[SparkSession]:
    """Open a Spark session and stop it afterwards.

    Parameters
    ----------
    master
        ``spark://HOST:PORT`` of a standalone cluster whose workers see the same files and have this software,
        or ``local[N]``.

    Raises
    ------
    CallError
        If Spark is not installed or the cluster cannot be reached.
    """
    try:
        from pyspark.sql import SparkSession
    except ImportError as fault:
        raise CallError(
            Text("没有安装 Apache Spark。"),
            remedy=Text("请安装附加组件：pip install bishui[spark]，并安装 Java 17。"),
        ) from fault
    os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
    settings = {
        "spark.sql.session.timeZone": "Asia/Shanghai",
        "spark.sql.execution.arrow.maxRecordsPerBatch": "131072",
        "spark.ui.enabled": "false",
        "spark.ui.showConsoleProgress": "false",
    }
    if "SPARK_LOCAL_IP" in os.environ:
        settings |= dict.fromkeys(
            ("spark.driver.host", "spark.driver.bindAddress"), os.environ["SPARK_LOCAL_IP"]
        )
    builder = SparkSession.builder.master(master).appName("bishui")
    for name, value in settings.items():
        builder = builder.config(name, value)
    try:
        opened = builder.getOrCreate()
    except Exception as fault:
        raise CallError(
            Text("无法连接 Spark“{master}”：{reason}", master=master, reason=str(fault).splitlines()[0]),
            remedy=Text("请核对地址，确认已安装 Java 17，主节点与工作节点正在运行。"),
        ) from fault
    try:
        yield opened
    finally:
        opened.stop()


def assess_batches(
    batches: Iterable[pa.RecordBatch],
    *,
    periods: Sequence[Period],
    sites: pa.Table | None = None,
    targets: pa.Table | None = None,
    flags: pa.Table | None = None,
    method: Method | None = None,
    rank: Mapping[str, int] | None = None,
) -> Iterator[pa.RecordBatch]:
    """Assess the batches of one partition, which holds whole sites; the function for ``mapInArrow``.

    Parameters
    ----------
    batches
        Batches with the columns of `MEASUREMENTS`.
    periods
        The periods, named: a partition does not know the others' dates.
    sites, targets, flags, method
        As `assess` takes them.
    rank
        Order of the imports, of whose rows the latest count; without it all rows do.

    Yields
    ------
    RecordBatch
        Batches of `RESULTS`, for the sites that have rows here.
    """
    given = [batch for batch in batches if batch.num_rows]
    if not given:
        return
    table = _as_measurements(pa.Table.from_batches(given))
    if rank is not None:
        table = effective(table, rank)
    register = Register(sites)
    here = {register.aliases.get(site, site) for site in table["site"].unique().to_pylist()}
    found = assess(table, sites, targets, flags, period=periods, method=method).to_table()
    inside = pa.array([site in here for site in found["site"].to_pylist()], pa.bool_())
    yield from found.filter(inside).to_batches()


def _as_measurements(table: pa.Table) -> pa.Table:
    """Return a table as Spark gives it in the types of the seam (its times have microseconds)."""
    columns = {field.name: table[field.name].cast(field.type) for field in MEASUREMENTS}
    return pa.table(columns)


def assess_frame(
    frame: DataFrame,
    *,
    period: PeriodKind | Sequence[Period | PeriodKind],
    sites: pa.Table | None = None,
    targets: pa.Table | None = None,
    flags: pa.Table | None = None,
    method: Method | None = None,
    rank: Mapping[str, int] | None = None,
) -> DataFrame:
    """Assess a Spark table of measurements; the answers are those of `assess`.

    Parameters
    ----------
    frame
        Columns of `MEASUREMENTS`; `time` as ``timestamp_ntz``.
    period
        Periods, or kinds of periods (then every one that holds a row).
    rank
        Order of the imports, of whose rows the latest count; without it all rows do.

    Raises
    ------
    CallError
        If single readings are asked for by kind: name the periods instead.
    """
    periods = _periods(frame, [period] if isinstance(period, PeriodKind) else period)
    tables = {"sites": sites, "targets": targets, "flags": flags}

    def run(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        yield from assess_batches(batches, periods=periods, method=method, rank=rank, **tables)

    results = frame.repartition("site").mapInArrow(run, RESULT_DDL)
    silent = _without_rows(frame, sites)
    if silent is None:
        return results
    rest = assess(MEASUREMENTS.empty_table(), silent, targets, period=periods, method=method)
    rows = [tuple(row.values()) for row in rest.to_table().to_pylist()]
    return results.unionByName(frame.sparkSession.createDataFrame(rows, RESULT_DDL)) if rows else results


def stored_frame(spark: SparkSession, files: Sequence[str], rank: Mapping[str, int]) -> DataFrame:
    """Return the rows of a store's files that active imports brought.

    Parameters
    ----------
    files
        `observations.MeasurementStore.files`: paths or addresses that every executor can read.
    rank
        The active imports; give it to `assess_frame` too.
    """
    names = ", ".join(field.name for field in MEASUREMENTS)
    frame = spark.read.parquet(*files).selectExpr(*names.split(", "))
    return frame.where(frame["import_id"].isin(list(rank)))


def _periods(frame: DataFrame, given: Sequence[Period | PeriodKind]) -> list[Period]:
    from pyspark.sql import functions

    if PeriodKind.READING in given:
        raise CallError(
            Text("在 Spark 上评价单次监测须列出时刻。"), remedy=Text("请以 Period.reading 逐个给出时段。")
        )
    if all(isinstance(entry, Period) for entry in given):
        return [entry for entry in given if isinstance(entry, Period)]
    days = [row[0] for row in frame.select(functions.to_date("time")).distinct().collect()]
    found: list[Period] = []
    for entry in given:
        found.extend([entry] if isinstance(entry, Period) else periods_touched(entry, days))
    return list(dict.fromkeys(found))


def _without_rows(frame: DataFrame, sites: pa.Table | None) -> pa.Table | None:
    """Return the register entries of the sites that have no row at all."""
    if sites is None:
        return None
    register = Register(sites)
    seen = {register.aliases.get(row[0], row[0]) for row in frame.select("site").distinct().collect()}
    silent = [entry not in seen for entry in sites["id"].to_pylist()]
    return sites.filter(pa.array(silent, pa.bool_())) if any(silent) else None
