"""A draft on its way into the ledger: the plan's JSON with the digits and lines that it alone would lose."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

from bishui.documents import PlanDraft, SectionTarget, SourceTarget

ROLE_KEYS = ("lead", "cooperating", "responsible")


def stage(draft: PlanDraft, path: Path) -> dict[str, Any]:
    """Write a draft to `path` and return what was written.

    Beside the JSON of the plan it holds ``lines`` (the source), ``became`` and ``places`` (what became of
    each, and where it stands in the file), the lines of each row of a table, ``indicator_rows`` (the rows of
    all indicator tables), and values and coordinates as they were written, so that no digit is lost.
    """
    data = draft.to_json()
    data["lines"] = list(draft.source_lines)
    data["became"] = became_by_line(draft)
    data["places"] = [place.as_dict() if place else None for place in draft.places]
    for written, table in zip(data["tables"], draft.tables, strict=True):
        written["row_lines"] = [list(lines) for lines in table.row_lines]
    data["indicator_rows"] = _indicator_rows(draft)
    for written, project in zip(data["projects"], draft.projects, strict=True):
        written["investment"] = project.investment
    for written, target in zip(data["targets"], draft.targets, strict=True):
        written["value"], written["task"] = target.value, target.task
    places: list[SectionTarget | SourceTarget] = [*draft.section_targets, *draft.source_targets]
    for written, place in zip([*data["section_targets"], *data["source_targets"]], places, strict=True):
        written["lon"], written["lat"] = place.lon or "", place.lat or ""
    path.write_text(json.dumps(data, ensure_ascii=False), encoding="utf-8")
    return data


def _indicator_rows(draft: PlanDraft) -> list[dict[str, Any]]:
    return [
        {
            "table": table.key,
            "no": row.no,
            "category": row.category,
            "indicator": row.indicator,
            "sub": row.sub,
            "unit": row.unit,
            "base": row.base.filled if row.base else "",
            "target": row.target.filled if row.target else "",
            "year": row.target.year if row.target else None,
            "attribute": row.attribute,
            "lines": list(row.lines),
        }
        for table in draft.indicators
        for row in table.rows
    ]


def became_by_line(draft: PlanDraft) -> list[list[str]]:
    """Return for each source line in order what became of it."""
    became: list[list[str]] = [[] for _ in draft.source_lines]
    for entry in draft.coverage:
        became[entry.line - 1] += entry.became
    return became


def staged(path: Path) -> dict[str, Any]:
    """Read what `stage` wrote."""
    content: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return content


def period(doc: Mapping[str, Any]) -> tuple[date | None, date | None]:
    """Return the first and the last day that a plan speaks of, as far as it says."""
    first, last = doc["period"] or (doc["year"], doc["year"])
    if not first or not last:
        return None, None
    return date(first, 1, 1), date(last, 12, 31)


def unit_cells(data: Mapping[str, Any]) -> dict[tuple[int, str], list[str]]:
    """Return the written unit names by (position of the task from 1, role)."""
    return {
        (position, role): list(task[role]["units"])
        for position, task in enumerate(data["tasks"], start=1)
        for role in ROLE_KEYS
    }


def kind_of(became: str) -> str:
    """Return the kind of thing that a line became (``task``, ``table``, ``ignored``, ``not understood``)."""
    return became if became == "not understood" else re.split("[: ]", became, maxsplit=1)[0]
