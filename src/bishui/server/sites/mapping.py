"""What the map draws: points with their class, schematic reaches, and the base map of the bureau."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.urls import reverse

from bishui.server.sites import queries
from bishui.server.sites.lines import Line
from bishui.server.sites.models import BaseMap

#: Tiles of the national map service (天地图) in the projection that the map draws: the map, and its names.
_TIANDITU = (
    "https://t0.tianditu.gov.cn/{layer}_w/wmts?SERVICE=WMTS&REQUEST=GetTile&VERSION=1.0.0&LAYER={layer}"
    "&STYLE=default&TILEMATRIXSET=w&FORMAT=tiles&TILEMATRIX={{z}}&TILEROW={{y}}&TILECOL={{x}}&tk={key}"
)


def map_points(lines: Sequence[Line]) -> list[dict[str, Any]]:
    """Return the points that ``frontend/src/map.ts`` reads; sites without coordinates stand in the list."""
    return [_point(line) for line in lines if line.site.lon is not None and line.site.lat is not None]


def map_beneath(division: str) -> dict[str, Any]:
    """Return what it draws beneath the points: reaches, and the base map."""
    return {
        "reaches": [
            {"name": reach.name, "points": reach.line(), "kind": reach.kind, "order": reach.order}
            for reach in queries.reaches(division)
        ],
        "basemap": basemap_of(division),
    }


def _point(line: Line) -> dict[str, Any]:
    site = line.site
    return {
        "id": site.key,
        "name": site.name,
        "url": line.url,
        # The map draws pixels: a float is exact enough there, and the digits say how far to trust it.
        "lon": float(site.lon or 0),
        "lat": float(site.lat or 0),
        "digits": site.coordinate_digits or 0,
        "class": line.klass,
        "state": line.state,
        "target": line.target,
        "water": site.water or None,
        "kind": site.kind,
        "reason": None if line.klass else str(line.reason),
    }


def newest_base_map(division: str) -> BaseMap | None:
    """Return the newest base map that was imported for a division, or for one above it."""
    parts = [part for part in division.split("/") if part]
    paths = ["/".join(parts[:count]) + "/" for count in range(1, len(parts) + 1)]
    return BaseMap.objects.filter(division__in=paths).order_by("-at", "-pk").first()


def basemap_of(division: str) -> dict[str, Any] | None:
    """Return the base map: the bureau's own, else the national service where there is a key, else none."""
    own = newest_base_map(division)
    if own is not None:
        return {
            "kind": "geojson",
            "url": reverse("sites:basemap", args=[own.pk]),
            "attribution": own.attribution,
            "review_number": own.review_number,
        }
    key = settings.TIANDITU_KEY
    if key:
        return {
            "kind": "tianditu",
            "url": [_TIANDITU.format(layer=layer, key=key) for layer in ("vec", "cva")],
            "attribution": "天地图",
            "review_number": "",
        }
    return None
