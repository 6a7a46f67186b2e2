"""Where a site is, and how exactly that is known."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from math import pi
from typing import Any

import pyarrow as pa

#: Equatorial radius of the ellipsoid of CGCS2000 in metres (GB 22021-2008).
_RADIUS_M = 6_378_137
_DEGREE_M = 2 * pi * _RADIUS_M / 360


@dataclass(frozen=True, slots=True)
class Position:
    """Coordinates as they were given: degrees with their digits, and the datum; empty where not stated.

    A coordinate of two decimals stands for a place within half a kilometre of it, never for a point.
    """

    lon: Decimal
    lat: Decimal
    datum: str = ""

    @property
    def digits(self) -> int:
        """How many digits after the point were given; of the two numbers the larger."""
        return max(-int(value.as_tuple().exponent) for value in (self.lon, self.lat))

    @property
    def precision_m(self) -> float:
        """Half a unit of the last digit in metres along a meridian."""
        return round(0.5 * 10.0**-self.digits * _DEGREE_M, 3)

    def as_dict(self) -> dict[str, Any]:
        """Return the position as columns of a table of results."""
        return {
            "lon": float(self.lon),
            "lat": float(self.lat),
            "coordinate_digits": self.digits,
            "precision_m": self.precision_m,
            "datum": self.datum or None,
        }


def positions(table: pa.Table) -> Mapping[str, Position]:
    """Return the positions of the sites that have one, by site id.

    Parameters
    ----------
    table
        Table of `observations.schema.POSITIONS`.
    """
    return {
        row["id"]: Position(Decimal(row["lon"]), Decimal(row["lat"]), row["datum"] or "")
        for row in table.to_pylist()
        if row["lon"] is not None and row["lat"] is not None
    }
