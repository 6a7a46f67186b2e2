"""Texts of a laboratory that belong together: a day and a time of day, "not detected" and its limit."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal

import pyarrow as pa

from bishui.errors import Problem
from bishui.observations.naming import named_item
from bishui.observations.numbers import Reading, parse_number
from bishui.observations.schema import Mark
from bishui.observations.sheets import Body
from bishui.observations.times import parse_time
from bishui.standards import unit_factor

#: Times of day that a spreadsheet keeps as times lie on its first day, before this year.
_FIRST_YEAR = 1905


def stripped(column: pa.Array) -> list[str]:
    """Return the texts of a column without blanks around them."""
    return [text.strip() for text in column.to_pylist()]


def same(text: str, body: Body) -> pa.Array:
    """Return a column that says the same in each row of a sheet."""
    return pa.array([text] * len(body.rows), pa.string())


def moment(day: str, clock: str) -> str:
    """Return one written time of a day and a time of day; a midnight that a spreadsheet adds is left out.

    A whole time in the place of the time of day counts where it is of that day, or the day is not given.
    """
    of_day, of_clock = parse_time(day), parse_time(clock)
    if isinstance(of_clock, datetime):
        if not isinstance(of_day, datetime) or of_clock.date() == of_day.date():
            return clock
        if of_clock.year < _FIRST_YEAR:  # a time of day that a spreadsheet keeps as a time of its first day
            return f"{of_day.date().isoformat()} {of_clock:%H:%M:%S}"
    only = day.split(" ", 1)[0] if day.endswith((" 00:00", " 00:00:00")) else day
    return f"{only} {clock}".strip()


def limits_beside(
    values: Sequence[str], limits: Sequence[str], items: Sequence[str], units: Sequence[str]
) -> dict[int, Decimal]:
    """Return row → the detection limit beside "not detected", in the item's own unit.

    Parameters
    ----------
    values, limits, items, units
        The cells of a long report, one of each for every row. A limit is in the unit of its row.
    """
    found = {}
    for row, (value, limit) in enumerate(zip(values, limits, strict=True)):
        if _is_bare(value) and (given := _limit(limit)) and (item := named_item(items[row])):
            found[row] = given * (unit_factor(item, units[row] or item.unit) or 1)
    return found


def are_days(texts: Sequence[str]) -> bool:
    """Return whether a row of cells holds a day for each column."""
    times = [parse_time(text) for text in texts]
    return bool(times) and all(
        isinstance(its, datetime) or (isinstance(its, Problem) and its.code == "no-year") for its in times
    )


def _is_bare(text: str) -> bool:
    given = parse_number(text)
    return isinstance(given, Reading) and given.mark is Mark.BELOW_DETECTION and given.value is None


def _limit(text: str) -> Decimal | None:
    given = parse_number(text)
    if isinstance(given, Reading) and given.mark is Mark.MEASURED and given.value:
        return given.value if given.value > 0 else None
    return None
