"""The same assessment inside Apache Spark executors (extra ``spark``): Arrow batches in, Arrow batches out.

A partition holds whole sites, so that every mean is made in one place by the kernels of this room.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

import pyarrow as pa

from bishui.assessment.assess import assess
from bishui.assessment.periods import Period, PeriodKind, periods_touched
from bishui.assessment.register import Register
from bishui.assessment.results import RESULTS, Assessment
from bishui.errors import CallError
from bishui.i18n import Text
from bishui.observations.schema import MEASUREMENTS
from bishui.standards import Method

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

_WORDS = {pa.string(): "string", pa.int32(): "int", pa.int64(): "bigint"}

#: `RESULTS` in the words of Spark.
RESULT_DDL = ", ".join(f"`{field.name}` {_WORDS[field.type]}" for field in RESULTS)


def assess_batches(
    batches: Iterable[pa.RecordBatch],
    *,
    periods: Sequence[Period],
    sites: pa.Table | None = None,
    targets: pa.Table | None = None,
    flags: pa.Table | None = None,
    method: Method | None = None,
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

    Yields
    ------
    RecordBatch
        Batches of `RESULTS`, for the sites that have rows here.
    """
    given = [batch for batch in batches if batch.num_rows]
    if not given:
        return
    table = _as_measurements(pa.Table.from_batches(given))
    register = Register(sites)
    here = {register.aliases.get(site, site) for site in table["site"].unique().to_pylist()}
    found = assess(table, sites, targets, flags, period=periods, method=method)
    chosen = Assessment(tuple(result for result in found if result.site in here), found.methods)
    yield from chosen.to_table().to_batches()


def _as_measurements(table: pa.Table) -> pa.Table:
    """Return a table as Spark gives it in the types of the seam (its times have microseconds)."""
    columns = {field.name: table[field.name].cast(field.type) for field in MEASUREMENTS}
    return pa.table(columns)


def assess_frame(
    frame: DataFrame,
    *,
    period: PeriodKind | Sequence[Period],
    sites: pa.Table | None = None,
    targets: pa.Table | None = None,
    flags: pa.Table | None = None,
    method: Method | None = None,
) -> DataFrame:
    """Assess a Spark table of measurements; the answers are those of `assess`.

    Parameters
    ----------
    frame
        Columns of `MEASUREMENTS`; `time` as ``timestamp_ntz``.
    period
        Periods, or a kind (then every one that holds a row).

    Raises
    ------
    CallError
        If single readings are asked for by kind: name the periods instead.
    """
    periods = _periods(frame, period) if isinstance(period, PeriodKind) else list(period)
    tables = {"sites": sites, "targets": targets, "flags": flags}

    def run(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        yield from assess_batches(batches, periods=periods, method=method, **tables)

    results = frame.repartition("site").mapInArrow(run, RESULT_DDL)
    silent = _without_rows(frame, sites)
    if silent is None:
        return results
    rest = assess(MEASUREMENTS.empty_table(), silent, targets, period=periods, method=method)
    rows = [tuple(row.values()) for row in rest.to_table().to_pylist()]
    return results.unionByName(frame.sparkSession.createDataFrame(rows, RESULT_DDL)) if rows else results


def _periods(frame: DataFrame, kind: PeriodKind) -> list[Period]:
    from pyspark.sql import functions

    if kind is PeriodKind.READING:
        raise CallError(
            Text("在 Spark 上评价单次监测须列出时刻。"), remedy=Text("请以 Period.reading 逐个给出时段。")
        )
    days = frame.select(functions.to_date("time")).distinct().collect()
    return periods_touched(kind, (row[0] for row in days))


def _without_rows(frame: DataFrame, sites: pa.Table | None) -> pa.Table | None:
    """Return the register entries of the sites that have no row at all."""
    if sites is None:
        return None
    register = Register(sites)
    seen = {register.aliases.get(row[0], row[0]) for row in frame.select("site").distinct().collect()}
    silent = [entry not in seen for entry in sites["id"].to_pylist()]
    return sites.filter(pa.array(silent, pa.bool_())) if any(silent) else None
