"""Compile the kernels ahead, so that nobody waits for the first page."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal

import pyarrow as pa

from bishui.assessment.assess import assess
from bishui.assessment.periods import PeriodKind
from bishui.observations.schema import FLAGS, MEASUREMENTS, SITES, TARGETS, Mark, Source

_ITEMS = {"ph": "7.5", "do": "8", "codmn": "2.1", "nh3n": "0.12", "tp": "0.05"}


def warm_up() -> None:
    """Assess a few readings of no place at all, at every level of time; compiled code is kept on disk."""
    first = datetime(2025, 1, 1)
    rows = [
        {
            "site": "-",
            "time": first + timedelta(days=day),
            "item": item,
            "value": Decimal(value),
            "mark": Mark.MEASURED.value,
            "source": source.value,
        }
        for day in range(3)
        for source in (Source.AUTOMATIC, Source.MANUAL)
        for item, value in _ITEMS.items()
    ]
    site = {"id": "-", "name": "-", "kind": "section", "water_type": "river"}
    target = {
        "id": "-",
        "site": "-",
        "target_class": 3,
        "period_from": first.date(),
        "period_to": date(2025, 12, 31),
    }
    for kind in PeriodKind:
        assess(
            pa.Table.from_pylist(rows, MEASUREMENTS),
            pa.Table.from_pylist([site], SITES),
            pa.Table.from_pylist([target], TARGETS),
            FLAGS.empty_table(),
            period=kind,
        )
