"""The day that people's work is dated by: the present one, or the fixed day of an invented city.

The audit trail does not ask here: it always says when something was really done.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import date, datetime

_day: ContextVar[date | None] = ContextVar("day", default=None)


def now() -> datetime:
    """Return the present time of day, to the second, on the day that work is dated by."""
    present = datetime.now().replace(microsecond=0)
    day = _day.get()
    return present if day is None else datetime.combine(day, present.time())


@contextmanager
def on(day: date | None) -> Iterator[None]:
    """Date work by a day while it lasts; None = the present day."""
    token = _day.set(day)
    try:
        yield
    finally:
        _day.reset(token)
