"""Lines on the ellipsoid: lengths, points along them, nearness in metres."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

import numpy as np
import shapely
from numpy.typing import NDArray

from bishui.network.tables import Floats

if TYPE_CHECKING:
    from pyproj import Geod

#: The ellipsoid of CGCS2000; GRS 80 differs from it by a tenth of a millimetre at the pole.
_RADIUS, _FLATTENING = 6_378_137.0, 1.0 / 298.257222101


@cache
def geod() -> Geod:
    """Return the ellipsoid of CGCS2000."""
    from pyproj import Geod

    return Geod(a=_RADIUS, f=_FLATTENING)


def lengths(lines: NDArray[np.object_]) -> Floats:
    """Return the geodesic length of each line, m; not a number where there is none."""
    points, line = shapely.get_coordinates(lines, return_index=True)
    total = np.zeros(len(lines))
    if len(points) > 1:
        same = line[1:] == line[:-1]
        step = geod().inv(points[:-1, 0], points[:-1, 1], points[1:, 0], points[1:, 1])[2]
        total += np.bincount(line[1:][same], weights=step[same], minlength=len(lines))
    return np.where(shapely.is_missing(lines) | shapely.is_empty(lines), np.nan, total)


def ends(lines: NDArray[np.object_]) -> tuple[Floats, Floats]:
    """Return the first and the last point of each line, shape (n, 2), degrees."""
    return (
        shapely.get_coordinates(shapely.get_point(lines, 0)),
        shapely.get_coordinates(shapely.get_point(lines, -1)),
    )


def in_space(points: Floats) -> Floats:
    """Return longitude and latitude (n, 2) as points of the ellipsoid's surface in space (n, 3), m.

    The straight distance of two points that are less than a kilometre apart is their geodesic distance to a
    micrometre; so nearness can be looked up everywhere on Earth without a projection.
    """
    squared = _FLATTENING * (2.0 - _FLATTENING)
    lon, lat = np.radians(points[:, 0]), np.radians(points[:, 1])
    normal = _RADIUS / np.sqrt(1.0 - squared * np.sin(lat) ** 2)
    return np.column_stack(
        [
            normal * np.cos(lat) * np.cos(lon),
            normal * np.cos(lat) * np.sin(lon),
            normal * (1.0 - squared) * np.sin(lat),
        ]
    )


def metres_per_degree(lat: Floats) -> tuple[Floats, Floats]:
    """Return the length of one degree of longitude and of latitude at a latitude, m."""
    squared = _FLATTENING * (2.0 - _FLATTENING)
    across = 1.0 - squared * np.sin(np.radians(lat)) ** 2
    east = np.radians(1.0) * _RADIUS * np.cos(np.radians(lat)) / np.sqrt(across)
    north = np.radians(1.0) * _RADIUS * (1.0 - squared) / across**1.5
    return east, north
