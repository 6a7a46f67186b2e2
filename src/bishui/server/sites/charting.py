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
from bishui.server.sites import bounds
from bishui.server.sites.models import Flag
from bishui.standards import Override, WaterType, any_item, items, surface_water

#: Beyond this many points per item a page is slow to load; the newest are drawn.
MOST_POINTS = 3000


def chart_data(
    rows: pa.Table,
    title: str,
    *,
    water_type: str,
    flags: Sequence[Flag],
    selected: Iterable[str],
    target_limits: Mapping[str, str] | None = None,
    judging: bounds.Bounds = bounds.none_of,
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
    judging
        What else an item is judged by: its discharge limit, its threshold, its ecological flow.
    by_class
        Whether the limits of the classes of surface water mean anything here.
    own
        The bureau's own limits of a day.
    """
    present = set(pc.unique(rows["item"]).to_pylist())
    keys = [key for key in items() if key != "published_class"]
    keys += sorted(present - set(items()))
    lines = _Lines(water_type, target_limits or {}, judging, by_class, own)
    found = [
        _item(key, rows.filter(pc.equal(rows["item"], key)), flags, lines) for key in keys if key in present
    ]
    found = [item for item in found if any(point[1] is not None for point in item["points"])]
    drawn = {item["key"] for item in found}
    first = [key for key in selected if key in drawn][:2]
    return {"title": title, "items": found, **({"selected": first} if first else {})}


@dataclass(frozen=True, slots=True)
class _Lines:
    """Which limit lines the items of a site have: of the classes of surface water, and those that judge."""

    water_type: str
    targets: Mapping[str, str]
    judging: bounds.Bounds
    by_class: bool
    own: Callable[[date], Override | None] | None

    def of(self, key: str, day: date) -> list[bounds.Bound]:
        """Return the lines of an item by the limits of a day."""
        judging = [*self.judging(key)]
        if key in self.targets:
            name = _("目标") if self.by_class else _("限值")
            judging = [*bounds.printed(self.targets[key], name), *judging]
        return bounds.together(self._classes(key, day) if self.by_class else (), judging)

    def _classes(self, key: str, day: date) -> list[bounds.Bound]:
        """Return the limits of the classes; without a water type only those that are the same everywhere."""
        standard = surface_water(day, self.own(day) if self.own else None)
        types = [self.water_type] if self.water_type else list(WaterType)
        first, *others = (standard.limits(key, kind) for kind in types)
        if any(other != first for other in others):
            return []
        return bounds.classes(first)


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
        "limits": [bound.as_dict() for bound in wanted.of(key, pc.max(last["time"]).as_py().date())],
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
