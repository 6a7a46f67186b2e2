"""What the map of outfalls draws in a window: points where there are few, else how many stand where.

The database never reads more rows than it must: points up to a bound, a grid over a window that holds not too
many, and otherwise one count for each county, which its index alone gives.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from statistics import fmean
from typing import Any

from django.core.cache import cache
from django.db.models import Count, FloatField, QuerySet
from django.db.models.functions import Cast
from django.urls import reverse

from bishui.errors import DataError
from bishui.i18n import Text
from bishui.server.core import remembered
from bishui.server.outfalls.models import Outfall
from bishui.server.outfalls.shown_names import counties

#: So many points are drawn one by one; so many are put into a grid by reading them.
POINTS, READ = 400, 8000
_ACROSS = 24
#: So many outfalls of a county say where its middle is; it is asked for anew after an hour.
_SAMPLE, _KEPT = 60, 3600


@dataclass(frozen=True, slots=True)
class Window:
    """A window of the map, in degrees."""

    west: float
    south: float
    east: float
    north: float

    @classmethod
    def parse(cls, text: str) -> Window:
        """Return the window that ``west,south,east,north`` names.

        Raises
        ------
        DataError
            If it is none.
        """
        try:
            west, south, east, north = (float(part) for part in text.split(","))
            if not (-180 <= west < east <= 180 and -90 <= south < north <= 90):
                raise ValueError(text)
        except ValueError as error:
            raise DataError(
                Text("“{text}”不是地图范围。", text=text[:80]),
                remedy=Text("请写作 西,南,东,北 四个经纬度，以逗号分隔。"),
            ) from error
        return cls(west, south, east, north)


def drawn(outfalls: QuerySet[Outfall], window: Window, division: str) -> dict[str, Any]:
    """Return ``points`` or ``cells`` of a window, with their stages."""
    inside = outfalls.order_by().filter(
        lon__gte=str(window.west),
        lon__lte=str(window.east),
        lat__gte=str(window.south),
        lat__lte=str(window.north),
    )
    fields = ("lon", "lat", "stage", "code", "name", "coordinate_digits")
    rows = list(inside.values_list(*fields)[: POINTS + 1])
    if len(rows) <= POINTS:
        return {"points": [_point(row) for row in rows], "cells": []}
    if inside.values_list("stage", flat=True)[READ : READ + 1]:
        return {"points": [], "cells": _of_counties(outfalls, division)}
    places = inside.values_list(Cast("lon", FloatField()), Cast("lat", FloatField()), "stage")
    return {"points": [], "cells": _grid(places, window)}


def _point(row: tuple[Any, Any, str, str, str, int | None]) -> dict[str, Any]:
    lon, lat, stage, code, name, digits = row
    return {
        "code": code,
        "name": name or code,
        "url": reverse("outfalls:outfall", args=[code]),
        # The map draws pixels: a float is exact enough there, and the digits say how far to trust it.
        "lon": float(lon),
        "lat": float(lat),
        "digits": digits or 0,
        "stage": stage,
    }


def _grid(places: Iterable[tuple[float, float, str]], window: Window) -> list[dict[str, Any]]:
    """Return the cells of a grid over the window, each at the middle of what it holds."""
    step = (window.east - window.west) / _ACROSS
    cells: dict[tuple[int, int], list[Any]] = {}
    for x, y, stage in places:
        cell = cells.setdefault(
            (int((x - window.west) / step), int((y - window.south) / step)), [0.0, 0.0, {}]
        )
        cell[0] += x
        cell[1] += y
        cell[2][stage] = cell[2].get(stage, 0) + 1
    found = []
    for x, y, stages in cells.values():
        count = sum(stages.values())
        found.append({"lon": x / count, "lat": y / count, "count": count, "stages": stages, "name": ""})
    return found


def _of_counties(outfalls: QuerySet[Outfall], division: str) -> list[dict[str, Any]]:
    """Return one cell for each county, whatever part of it the window shows."""
    counts: dict[str, dict[str, int]] = {}
    rows: Any = outfalls.order_by().values_list("division", "stage").annotate(n=Count("*"))
    # Three hundred thousand are counted in their index; once, until anything is written.
    for path, stage, count in remembered.made(remembered.question(rows), lambda: tuple(rows)):
        counts.setdefault(path, {})[stage] = count
    names = counties(division)
    found = []
    for path, stages in counts.items():
        middle = _middle(path)
        if middle is not None:
            found.append(
                {
                    "lon": middle[0],
                    "lat": middle[1],
                    "count": sum(stages.values()),
                    "stages": stages,
                    "name": names.get(path, ""),
                }
            )
    return found


def _middle(path: str) -> tuple[float, float] | None:
    key = f"outfalls.middle.{path}"
    known: tuple[float, float] | None = cache.get(key)
    if known is None:
        placed = Outfall.objects.order_by().filter(division=path, lon__isnull=False, lat__isnull=False)
        some = list(placed.values_list(Cast("lon", FloatField()), Cast("lat", FloatField()))[:_SAMPLE])
        if not some:
            return None
        known = (fmean(lon for lon, _lat in some), fmean(lat for _lon, lat in some))
        cache.set(key, known, _KEPT)
    return known
