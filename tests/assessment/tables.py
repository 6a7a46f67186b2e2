"""Small tables for the tests of this room."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pyarrow as pa

from bishui.observations.schema import FLAGS, MEASUREMENTS, SITES, TARGETS


def reading(
    item: str,
    value: str | None,
    time: datetime | str = "2024-02-01T08:00",
    *,
    site: str = "S",
    mark: str = "measured",
    source: str = "automatic",
) -> dict[str, Any]:
    return {
        "site": site,
        "time": datetime.fromisoformat(time) if isinstance(time, str) else time,
        "item": item,
        "value": None if value is None else Decimal(value),
        "mark": mark,
        "raw": value,
        "source": source,
    }


def measurements(rows: Iterable[Mapping[str, Any]]) -> pa.Table:
    numbered = [{"row": number, **row} for number, row in enumerate(rows, 2)]
    return pa.Table.from_pylist(numbered, schema=MEASUREMENTS)


def sites(*entries: Mapping[str, Any] | str) -> pa.Table:
    rows = [{"id": entry} if isinstance(entry, str) else entry for entry in entries]
    return pa.Table.from_pylist(
        [{"name": row["id"], "kind": "section", "water_type": "river", **row} for row in rows], schema=SITES
    )


def targets(*entries: Mapping[str, Any]) -> pa.Table:
    defaults = {"site": "S", "period_from": date(2024, 1, 1), "period_to": date(2024, 12, 31)}
    rows = [{"id": f"T{number}", **defaults, **entry} for number, entry in enumerate(entries)]
    return pa.Table.from_pylist(rows, schema=TARGETS)


def flags(*entries: Mapping[str, Any]) -> pa.Table:
    defaults = {"site": "S", "reason": "test", "flag": "excluded"}
    rows = [{"id": f"F{number}", **defaults, **entry} for number, entry in enumerate(entries)]
    return pa.Table.from_pylist(rows, schema=FLAGS)
