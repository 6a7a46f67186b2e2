"""Where a series leads: the median slope of its pairs to the deadline, and what that means for the target.

The slope is the Theil–Sen estimator (Sen 1968, J. Am. Stat. Assoc. 63, 1379–1389): the median of the slopes
of all pairs of values. The band comes from the slopes between the 10th and the 90th of a hundred.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import combinations
from statistics import median

#: A line through fewer days says nothing.
FEWEST = 3
_TENTH = Decimal("0.1")

Point = tuple[date, Decimal]


@dataclass(frozen=True, slots=True)
class Outlook:
    """What is to be expected.

    Attributes
    ----------
    verdict
        ``reached`` (the last value meets the target), ``on_the_way`` (the expected one does), ``short``
        (it does not), ``missed`` (the deadline has passed and the last value does not), ``too_few`` values,
        ``no_value``, ``not_numeric``.
    expected, low, high
        At the deadline; None where nothing can be said.
    """

    verdict: str
    expected: Decimal | None = None
    low: Decimal | None = None
    high: Decimal | None = None


def meets(op: str, value: Decimal, target: Decimal) -> bool:
    """Tell whether a value meets a target; an increase or a decrease is met by the amount or more."""
    if op == "<=":
        return value <= target
    return value == target if op == "=" else value >= target


def outlook(
    points: Sequence[Point],
    op: str,
    target: Decimal | None,
    deadline: date | None,
    today: date,
    *,
    most: Decimal | None = None,
) -> Outlook:
    """Say where a series leads.

    What must not be exceeded (用水总量) is reached only once the deadline has passed: it may still grow.

    Parameters
    ----------
    points
        Day and value, the oldest first, one for each day.
    op
        As in a plan's JSON: ``>=``, ``<=``, ``=``, ``increase``, ``decrease``.
    most
        The greatest value there can be: 100 for a share; None where there is none.
    """
    if target is None:
        return Outlook("not_numeric")
    if not points:
        return Outlook("no_value")
    last = points[-1][1]
    expected, low, high = _at(points, deadline, most) if deadline else (None, None, None)
    if deadline is not None and deadline < today:
        return Outlook("reached" if meets(op, last, target) else "missed", expected, low, high)
    if op != "<=" and meets(op, last, target):
        return Outlook("reached", expected, low, high)
    if expected is None:
        return Outlook("too_few")
    return Outlook("on_the_way" if meets(op, expected, target) else "short", expected, low, high)


def _at(
    points: Sequence[Point], deadline: date, most: Decimal | None
) -> tuple[Decimal, Decimal, Decimal] | tuple[None, None, None]:
    """Return the expected value at the deadline and its band, or nothing where the days are too few."""
    if len({day for day, _ in points}) < FEWEST:
        return None, None, None
    slopes = sorted(
        (later[1] - earlier[1]) / (later[0] - earlier[0]).days
        for earlier, later in combinations(points, 2)
        if later[0] != earlier[0]
    )
    last_day, last = points[-1]
    left = max((deadline - last_day).days, 0)
    edge = int(len(slopes) * _TENTH)
    ends = sorted(last + slope * left for slope in (slopes[edge], slopes[-1 - edge]))
    expected = last + Decimal(median(slopes)) * left
    return _short(expected, most), _short(ends[0], most), _short(ends[1], most)


def _short(value: Decimal, most: Decimal | None) -> Decimal:
    bounded = value if most is None else min(max(value, Decimal(0)), most)
    return bounded.quantize(Decimal("0.01"))
