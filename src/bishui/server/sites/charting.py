"""The series of a site with its limits, in the JSON that ``frontend/src/chart.ts`` reads."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from django.utils.translation import gettext as _

from bishui.observations import Mark
from bishui.server.sites.models import Flag
from bishui.standards import (
    Override,
    Range,
    SurfaceWaterStandard,
    any_item,
    items,
    surface_water,
    water_class,
)

#: Beyond this many points per item a page is slow to load; the newest are drawn.
MOST_POINTS = 3000


def chart_data(
    rows: pa.Table,
    title: str,
    *,
    water_type: str,
    flags: Sequence[Flag],
    selected: Iterable[str],
    target_limits: Mapping[str, str],
    by_class: bool = True,
    own: Callable[[date], Override | None] | None = None,
) -> dict[str, Any]:
    """Return the chart of every item in `rows` (`bishui.observations.MEASUREMENTS`, one site).

    Parameters
    ----------
    water_type
        ``river``, ``lake`` or empty; without it only items with the same limits everywhere have lines.
    flags
        Standing flags of the site.
    selected
        Items to show first; those without readings are left out.
    target_limits
        The limit of the target by item, as printed.
    by_class
        Whether the limits of the classes of surface water mean anything here.
    own
        The bureau's own limits of a day.
    """
    present = set(pc.unique(rows["item"]).to_pylist())
    keys = [key for key in items() if key != "published_class"]
    keys += sorted(present - set(items()))
    found = [
        _item(
            key,
            rows.filter(pc.equal(rows["item"], key)),
            flags,
            _Lines(water_type, target_limits.get(key), by_class, own),
        )
        for key in keys
        if key in present
    ]
    found = [item for item in found if any(point[1] is not None for point in item["points"])]
    drawn = {item["key"] for item in found}
    first = [key for key in selected if key in drawn][:2]
    return {"title": title, "items": found, **({"selected": first} if first else {})}


@dataclass(frozen=True, slots=True)
class _Lines:
    """Which limit lines an item has: of the classes, and of its target."""

    water_type: str
    target: str | None
    by_class: bool
    own: Callable[[date], Override | None] | None

    def standard(self, day: date) -> SurfaceWaterStandard:
        """Return the limits of a day, with the bureau's own."""
        return surface_water(day, self.own(day) if self.own else None)


def _item(key: str, rows: pa.Table, flags: Sequence[Flag], wanted: _Lines) -> dict[str, Any]:
    item = any_item(key)
    ordered = rows.sort_by("time")
    last = ordered.slice(max(0, ordered.num_rows - MOST_POINTS))
    holding = [flag for flag in flags if flag.item in ("", key)]
    return {
        "key": key,
        "name": item.name,
        "unit": unit_of(key),
        "points": _points(last, holding),
        "limits": _limits(key, last, wanted),
    }


def _points(rows: pa.Table, flags: Sequence[Flag]) -> list[list[Any]]:
    """Return time and value as text of each row; what is not plainly measured has its mark and raw text."""
    measured, points = Mark.MEASURED.value, []
    times = np.datetime_as_string(rows["time"].to_numpy()).tolist()
    marks, raws = (rows[name].to_pylist() for name in ("mark", "raw"))
    spans = [(flag.time_from.isoformat(), flag.time_to.isoformat()) for flag in flags]
    for time, shown, mark, raw in zip(times, _plainly(rows["value"]), marks, raws, strict=True):
        point = [time, shown]
        if spans and shown is not None and any(first <= time <= last for first, last in spans):
            point += ["flagged", raw or ""]
        elif mark != measured or (raw is not None and raw != shown):
            point += [mark, raw or ""]
        points.append(point)
    return points


def _plainly(values: pa.ChunkedArray) -> list[str | None]:
    """Return values as text, each that occurs written once."""
    encoded = pc.dictionary_encode(values.combine_chunks(), null_encoding="encode")
    texts = [None if value is None else plain(value) for value in encoded.dictionary.to_pylist()]
    return [texts[place] for place in encoded.indices.to_pylist()]


def unit_of(key: str) -> str:
    """Return the unit of an item as it is printed behind a number; none for what has none (pH)."""
    unit = any_item(key).unit
    return "" if unit == "无量纲" else unit


def plain(value: Decimal) -> str:
    """Return a stored value without the zeros that the store's scale adds."""
    text = f"{value:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _limits(key: str, rows: pa.Table, wanted: _Lines) -> list[dict[str, Any]]:
    target = wanted.target
    own = [] if target is None else [{"value": target, "class": None, "label": _("限值"), "target": True}]
    if not wanted.by_class:
        return own
    last = pc.max(rows["time"]).as_py()
    standard = wanted.standard(last.date())
    tables = [standard.limits(key, kind) for kind in _types(wanted.water_type)]
    if not tables[0] or any(table != tables[0] for table in tables):
        return own
    lines: list[dict[str, Any]] = []
    for rank, limit in tables[0].items():
        if isinstance(limit, Range):
            return [
                {"value": plain(end), "class": None, "label": label}
                for end, label in ((limit.low, _("下限")), (limit.high, _("上限")))
            ]
        _add_limit(lines, rank, plain(limit))
    for line in lines:
        line["target"] = target is not None and Decimal(line["value"]) == Decimal(target)
    if target is not None and not any(line["target"] for line in lines):
        lines.append({"value": target, "class": None, "label": _("目标"), "target": True})
    return lines


def _types(water_type: str) -> list[str]:
    return [water_type] if water_type else ["river", "lake"]


def _add_limit(lines: list[dict[str, Any]], rank: int, value: str) -> None:
    """Add a limit line; classes that share a limit share the line."""
    label = water_class(rank).numeral
    if lines and lines[-1]["value"] == value:
        lines[-1]["label"] += f"、{label}"
        return
    lines.append({"value": value, "class": rank, "label": label})
