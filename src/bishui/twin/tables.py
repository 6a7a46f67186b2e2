"""The city's sections and targets as the tables that assessment takes."""

from __future__ import annotations

import datetime as dt

import pyarrow as pa

from bishui.observations.schema import SITES, TARGETS
from bishui.twin.model import City


def sites_table(city: City) -> pa.Table:
    """Return one row per section; a section without a decided water type keeps a null there."""
    rows = [
        {
            "id": section.id,
            "name": section.name_zh,
            "kind": "section",
            "water_type": section.water_type,
            "division": section.assessed,
            "valid_from": dt.date(city.year, 1, 1),
            "valid_to": None,
        }
        for section in city.sections
    ]
    return pa.Table.from_pylist(rows, schema=SITES)


def targets_table(city: City) -> pa.Table:
    """Return one row per section with the target class of the city's year, and its line in the plan."""
    from bishui.twin.plan import plan_document, target_lines

    document = plan_document(city)
    lines = target_lines(document)
    rows = [
        {
            "id": f"{section.id}-{city.year}",
            "site": section.id,
            "scope": None,
            "target_class": section.target,
            "overrides": None,
            "period_from": dt.date(city.year, 1, 1),
            "period_to": dt.date(city.year, 12, 31),
            "source_file": f"{document.stem}.txt",
            "source_line": lines[section.name_zh],
        }
        for section in city.sections
    ]
    return pa.Table.from_pylist(rows, schema=TARGETS)
