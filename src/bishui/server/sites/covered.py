"""Which months and sites have readings and how new they are, looked at batch by batch.

What a batch says is kept as one row for each import, site, source, month and kind of row. Where imports lie
over one another at a site, the rows that count are read again, so that a corrected one is not told twice.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from bishui.observations import Mark, Selection, Source

_VALUED, _OFFLINE, _SILENT = range(3)
_WORDS = ("import_id", "site", "source")
_KEY = [*_WORDS, "month", "what"]
_TOLD = pa.schema(
    [(name, pa.string()) for name in _WORDS]
    + [("month", pa.int32()), ("what", pa.int8())]
    + [("first", pa.timestamp("us")), ("last", pa.timestamp("us")), ("rows", pa.int64())]
)
#: Sites that are read again at a time.
_TOGETHER = 50


def coverage_of(rows: pa.Table | Selection) -> dict[str, Any]:
    """Return which months and sites some measurements cover; see `assessed.Results.coverage`."""
    if isinstance(rows, pa.Table):
        return _summary(_told(rows.to_batches()))
    told = _told(rows.batches())
    told = told.filter(pc.is_in(told["import_id"], value_set=pa.array(list(rows.rank), pa.string())))
    over = _contested(told)
    if over:
        fresh = _told(_again(rows, over, told))
        told = pa.concat_tables([told.filter(pc.invert(pc.is_in(told["site"], pa.array(over)))), fresh])
    return _summary(told)


def _told(batches: Iterable[pa.RecordBatch]) -> pa.Table:
    parts = [_TOLD.empty_table(), *(_part(batch) for batch in batches if batch.num_rows)]
    return _together(pa.concat_tables(parts))


def _part(batch: pa.RecordBatch) -> pa.Table:
    """Return what one batch says."""
    mark, item = batch.column("mark"), batch.column("item")
    valued = pc.and_(
        pc.is_in(mark, value_set=pa.array([Mark.MEASURED, Mark.BELOW_DETECTION])),
        pc.not_equal(item, "published_class"),
    )
    what = pc.if_else(valued, _VALUED, pc.if_else(pc.equal(mark, Mark.OFFLINE), _OFFLINE, _SILENT))
    time = batch.column("time").cast(pa.timestamp("us"))
    month = time.to_numpy(zero_copy_only=False).astype("datetime64[M]").astype(np.int32)
    table = pa.table(
        {name: batch.column(name) for name in _WORDS}
        | {"month": pa.array(month), "what": what.cast(pa.int8()), "first": time, "last": time}
    )
    found = table.group_by(_KEY).aggregate([("first", "min"), ("last", "max"), ("last", "count")])
    return found.rename_columns([*_KEY, "first", "last", "rows"]).cast(_TOLD)


def _together(told: pa.Table) -> pa.Table:
    found = told.group_by(_KEY).aggregate([("first", "min"), ("last", "max"), ("rows", "sum")])
    return found.rename_columns([*_KEY, "first", "last", "rows"]).cast(_TOLD)


def _contested(told: pa.Table) -> list[str]:
    """Return the sites at which two imports bring rows of one source whose times lie over one another."""
    spans = told.group_by(["site", "source", "import_id"]).aggregate([("first", "min"), ("last", "max")])
    spans = spans.sort_by([("site", "ascending"), ("source", "ascending"), ("first_min", "ascending")])
    found, before = [], ("", "")
    until: datetime | None = None
    for row in spans.to_pylist():
        same = before == (row["site"], row["source"])
        if same and until is not None and row["first_min"] <= until:
            found.append(row["site"])
        until = max(until, row["last_max"]) if same and until is not None else row["last_max"]
        before = (row["site"], row["source"])
    return sorted(set(found))


def _again(rows: Selection, sites: list[str], told: pa.Table) -> Iterator[pa.RecordBatch]:
    """Yield the rows of some sites that count."""
    span = (pc.min(told["first"]).as_py(), pc.max(told["last"]).as_py())
    for begin in range(0, len(sites), _TOGETHER):
        yield from rows.effective(sites[begin : begin + _TOGETHER], *span).to_batches()


def _summary(told: pa.Table) -> dict[str, Any]:
    valued = told.filter(pc.equal(told["what"], _VALUED))
    months = pc.unique(valued["month"]).to_numpy().astype("datetime64[M]").astype(str).tolist()
    newest = valued.group_by("source").aggregate([("last", "max")]).to_pylist()
    values = valued.group_by(["site", "source"]).aggregate([("last", "max")]).to_pylist()
    values.sort(key=lambda row: (row["last_max"], row["source"]))
    last_value = {row["site"]: row for row in values}
    every = told.group_by("site").aggregate([("last", "max"), ("rows", "sum")]).to_pylist()
    by_site = _months(valued)
    off = told.filter(pc.equal(told["what"], _OFFLINE)).group_by("site").aggregate([("last", "max")])
    last_off = dict(zip(off["site"].to_pylist(), off["last_max"].to_pylist(), strict=True))
    return {
        "months": sorted(months, reverse=True),
        "newest": {row["source"]: row["last_max"] for row in newest},
        "sites": {
            row["site"]: {
                "rows": row["rows_sum"],
                "last": row["last_max"],
                "last_value": last_value[row["site"]]["last_max"] if row["site"] in last_value else None,
                "source": last_value[row["site"]]["source"] if row["site"] in last_value else Source.UNKNOWN,
                "offline": last_off.get(row["site"]) == row["last_max"],
                "months": by_site.get(row["site"], []),
            }
            for row in every
        },
    }


def _months(valued: pa.Table) -> dict[str, list[list[str]]]:
    """Return by site the months with a number, as first and last of each unbroken run, the newest last."""
    runs: dict[str, list[list[int]]] = {}
    months = valued.group_by(["site", "month"]).aggregate([]).sort_by("month").to_pylist()
    for row in months:
        own = runs.setdefault(row["site"], [])
        if own and own[-1][1] == row["month"] - 1:
            own[-1][1] = row["month"]
        else:
            own.append([row["month"], row["month"]])
    return {site: [[_label(month) for month in run] for run in own] for site, own in runs.items()}


def _label(month: int) -> str:
    return str(np.datetime64(month, "M"))
