"""Flow as it is written on site, with its unit, in cubic metres a day."""

from __future__ import annotations

import re
import unicodedata
from decimal import Decimal

from bishui.outfalls.life_cycle.data import life_cycle

_GIVEN = re.compile(r"(?P<number>[0-9]+(?:\.[0-9]+)?)\s*(?P<unit>\S+)")


def flow_per_day(given: str) -> Decimal | None:
    """Return a flow in m³/d; None where no number with a known unit stands there.

    Parameters
    ----------
    given
        Such as ``0.02 m³/s``, ``55 m3/d``, ``1.2 L/s``, in a unit of ``data/life_cycle.toml``. A number
        without unit is no flow: forms in use mean m³/s as well as m³/d by it.
    """
    text = unicodedata.normalize("NFKC", given).strip().replace(",", "")
    found = _GIVEN.fullmatch(text)
    factor = life_cycle().flow_units.get(found["unit"].casefold()) if found else None
    return Decimal(found["number"]) * factor if found and factor is not None else None
