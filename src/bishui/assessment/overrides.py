"""A bureau's own limits and settings (本级覆盖) as methods take them: one file, or those in force by day."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

from bishui.standards import Override

#: One file, or a function that gives the one in force on a day.
Overrides = Override | Callable[[date], Override | None]


def override_on(overrides: Overrides | None, day: date) -> Override | None:
    """Return the bureau's own values of a day, None where the national ones stand alone."""
    return overrides(day) if callable(overrides) else overrides
