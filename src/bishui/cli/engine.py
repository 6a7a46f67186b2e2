"""``bishui assess`` over a store, and in Apache Spark: the same results as rows, without their items."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
from rich.console import Console
from rich.table import Table

from bishui import assessment as ass
from bishui.cli.tables import add_heads
from bishui.errors import CallError
from bishui.i18n import Text
from bishui.observations import MeasurementStore
from bishui.standards import Method, items, water_class

Tables = tuple[pa.Table | None, pa.Table | None, pa.Table | None]


def is_store(path: Path) -> bool:
    """Tell whether a path is the folder of a store of measurements."""
    return (path / "_delta_log").is_dir()


def on_spark(
    master: str,
    measurements: pa.Table | MeasurementStore,
    others: Tables,
    wanted: Sequence[ass.Period | ass.PeriodKind],
    chosen: Method | None,
) -> pa.Table:
    """Return the results of Spark as a table of `RESULTS`, by period and site.

    Parameters
    ----------
    master
        ``spark://HOST:PORT`` or ``local[N]``.
    measurements
        A table, or a store, of which every committed import counts.
    """
    from bishui.assessment import spark

    if not master.startswith(("spark://", "local")):
        raise CallError(
            Text("“{master}”不是计算引擎。", master=master),
            remedy=Text("写法：spark://主机:端口，或 local[2]。"),
        )
    with spark.session(master) as session:
        rank = None
        if isinstance(measurements, MeasurementStore):
            rank = measurements.select(imports=measurements.imports()).rank
            frame = spark.stored_frame(session, measurements.files(), rank)
        else:
            frame = session.createDataFrame(measurements)
        sites, targets, flags = others
        found = spark.assess_frame(
            frame, period=wanted, sites=sites, targets=targets, flags=flags, method=chosen, rank=rank
        )
        rows = [row.asDict() for row in found.collect()]
    table = pa.Table.from_pylist(rows, schema=ass.RESULTS)
    return table.sort_by([("kind", "ascending"), ("period", "ascending"), ("site", "ascending")])


def rows_as_dict(results: pa.Table) -> dict[str, Any]:
    """Return the JSON form of a table of results."""
    return {"results": results.to_pylist()}


def show_rows(results: pa.Table, console: Console) -> None:
    """Print a table of results."""
    shown = Table()
    add_heads(
        shown, Text("时段"), Text("断面"), Text("类别"), Text("定类项目"), Text("达标"), Text("有效/应有")
    )
    for row in results.to_pylist():
        reason = ass.Reason(row["reason"]).text if row["reason"] else "—"
        deciding = (items()[key].name for key in row["deciding"].split(",") if key)
        shown.add_row(
            row["period"],
            row["name"],
            str(water_class(row["class"]).label if row["class"] else reason),
            "、".join(deciding) or "—",
            str(ass.State(row["state"]).text),
            f"{row['entered']}/{row['total']}",
        )
    console.print(shown)
