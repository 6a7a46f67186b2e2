"""A table of results from results of any method."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

import pyarrow as pa

from bishui.assessment.tables.cells import Row
from bishui.assessment.tables.columns import result_schema
from bishui.assessment.tables.positions import Position
from bishui.assessment.tables.rows import rows_of

_STEP = Decimal(1).scaleb(-10)


def result_table(results: Any, where: Mapping[str, Position] | None = None) -> pa.Table:
    """Return results as one table of `result_schema`: one row for each, in their order.

    Parameters
    ----------
    results
        What a method of this room returned, or any number of them together.
    where
        Positions by the identifier of the subject; a result without one keeps its row.

    Raises
    ------
    CallError
        If something among them is no result.
    """
    return table_of_rows(rows_of(results), where)


def table_of_rows(rows: Iterable[Row], where: Mapping[str, Position] | None = None) -> pa.Table:
    """Return rows of results as one table; a column that a row does not name is empty."""
    placed = where or {}
    schema = result_schema()
    whole = [_placed(row, placed.get(str(row["subject"]))) for row in rows]
    columns = [pa.array([row.get(field.name) for row in whole], field.type) for field in schema]
    return pa.Table.from_arrays(columns, schema=schema)


def _placed(row: Row, position: Position | None) -> Row:
    found = {name: value if value != "" else None for name, value in row.items()}
    value: Decimal | None = found.get("value")
    if value is not None:
        found["value"] = value.quantize(_STEP)
    return found | position.as_dict() if position else found
