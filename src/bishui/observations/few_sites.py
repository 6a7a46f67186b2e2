"""The rows of a few sites, asked of the engine that comes with the table format (DataFusion).

A page of one section needs some thousand rows of millions. The engine leaves out the files, groups and pages
whose statistics say that they hold none of them, and unpacks the further columns of the wanted rows only.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import UTC, datetime, timedelta

import pyarrow as pa
from deltalake import DeltaTable, QueryBuilder

from bishui.observations.schema import MEASUREMENTS

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
#: One file after the other: the rows come in the same order each time, and no request takes every core.
_IN_ORDER = "SET datafusion.execution.target_partitions = 1"


def rows_of(
    table: DeltaTable,
    *,
    sites: Collection[str],
    items: Collection[str] | None = None,
    time_from: datetime | None = None,
    time_to: datetime | None = None,
) -> pa.Table:
    """Return the stored rows (`MEASUREMENTS`) of some sites, those of every import.

    Parameters
    ----------
    sites, items
        Only these sites and item keys; None means all items.
    time_from, time_to
        Only times from … to …, both included.
    """
    if not sites or (items is not None and not items):
        return MEASUREMENTS.empty_table()
    conditions = [_among("site", sites), *_between(time_from, time_to)]
    if items is not None:
        conditions.append(_among("item", items))
    engine = QueryBuilder()
    engine.execute(_IN_ORDER)
    engine.register("measurements", table)
    columns = ", ".join(f'"{name}"' for name in MEASUREMENTS.names)
    found = engine.execute(
        f"SELECT {columns} FROM measurements WHERE {' AND '.join(conditions)}"  # noqa: S608 - words are quoted
    )
    # Through the stream's own door: the other one loads pandas, where that is installed.
    rows: pa.Table = pa.RecordBatchReader.from_stream(found).read_all()
    return rows.cast(MEASUREMENTS)


def _between(first: datetime | None, last: datetime | None) -> list[str]:
    """Return the conditions on time, with the years beside them so that whole partitions are left out."""
    found = []
    for moment, sign in ((first, ">="), (last, "<=")):
        if moment is not None:
            found += [f"year {sign} {moment.year}", f"time {sign} {_moment(moment)}"]
    return found


def _moment(moment: datetime) -> str:
    micros = (moment.replace(tzinfo=UTC) - _EPOCH) // timedelta(microseconds=1)
    return f"arrow_cast({micros}, 'Timestamp(Microsecond, None)')"


def _among(column: str, words: Collection[str]) -> str:
    return f"{column} IN ({', '.join(_text(word) for word in sorted(words))})"


def _text(word: str) -> str:
    return "'" + word.replace("'", "''") + "'"
