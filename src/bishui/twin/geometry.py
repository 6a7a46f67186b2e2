"""Schematic lines: smoothing, length and places along a line.

Longitude and latitude in degrees, EPSG:4490. Lengths on a sphere of the mean earth radius are good to
0.5 %, far below what a schematic drawing promises.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

EARTH_RADIUS_KM = 6371.0088
Line = npt.NDArray[np.float64]


def smooth(points: Line, steps: int = 6) -> Line:
    """Return a Catmull–Rom curve through `points`, shape (n, 2), with `steps` pieces between two points.

    The ends are kept; each given point lies on the curve.
    """
    padded = np.vstack([2 * points[0] - points[1], points, 2 * points[-1] - points[-2]])
    t = np.arange(steps)[:, None] / steps
    pieces = []
    for p0, p1, p2, p3 in zip(padded, padded[1:], padded[2:], padded[3:], strict=False):
        curve = (
            2 * p1
            + (p2 - p0) * t
            + (2 * p0 - 5 * p1 + 4 * p2 - p3) * t**2
            + (3 * p1 - p0 - 3 * p2 + p3) * t**3
        )
        pieces.append(curve / 2)
    return np.vstack([*pieces, points[-1:]])


def distances_km(points: Line) -> npt.NDArray[np.float64]:
    """Return the distance of each point from the first along the line, in kilometres (haversine)."""
    lon, lat = np.radians(points).T
    chord = np.sin(np.diff(lat) / 2) ** 2 + np.cos(lat[:-1]) * np.cos(lat[1:]) * np.sin(np.diff(lon) / 2) ** 2
    pieces = 2 * EARTH_RADIUS_KM * np.arcsin(np.sqrt(chord))
    return np.concatenate([[0.0], np.cumsum(pieces)])


def point_at(points: Line, fraction: float) -> tuple[float, float]:
    """Return longitude and latitude at `fraction` (0 upstream, 1 downstream) of the line's length."""
    along = distances_km(points)
    wanted = fraction * along[-1]
    return float(np.interp(wanted, along, points[:, 0])), float(np.interp(wanted, along, points[:, 1]))
