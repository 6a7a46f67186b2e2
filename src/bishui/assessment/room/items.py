"""Room left (余量) of one item: what mean the remaining months may have, exact.

The year is the mean of its monthly means. With n months counted, of which r remain, and a sum S of those
measured, the year attains as long as (S + r x) / n is on the right side of the limit's bound; the bound is
that of the unrounded mean (`thresholds.highest`), so rounding before comparing is already in it.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Context, Decimal, localcontext
from enum import StrEnum
from fractions import Fraction
from typing import Any

from bishui.assessment.numbers import hydrogen, mean, ph_of, shown
from bishui.assessment.results import limit_text
from bishui.assessment.room.months import YearSoFar
from bishui.assessment.thresholds import Bound, highest, lowest
from bishui.i18n import Text
from bishui.standards import Direction, Limit, Range, Rules, items

_PH_ENDS = (Decimal(0), Decimal(14))
_DIGITS = Context(prec=40)


class RoomState(StrEnum):
    """How a target stands in the course of its year."""

    OPEN = "open"
    CANNOT_BE_MET = "cannot_be_met"
    CANNOT_BE_MISSED = "cannot_be_missed"
    CANNOT_BE_JUDGED = "cannot_be_judged"
    NO_DATA = "no_data"

    @property
    def text(self) -> Text:
        """The state in words."""
        return _TEXTS[self]


_TEXTS = {
    RoomState.OPEN: Text("尚有余量"),
    RoomState.CANNOT_BE_MET: Text("已不可能达标"),
    RoomState.CANNOT_BE_MISSED: Text("已不可能不达标"),
    RoomState.CANNOT_BE_JUDGED: Text("检出限高于标准限值，无法判定"),
    RoomState.NO_DATA: Text("无数据"),
}


@dataclass(frozen=True, slots=True)
class End:
    """An end of what the remaining months may have on average, in the item's unit; pH in pH.

    `closed` tells whether the end itself still attains; `printed` is the nearest value inside, at the digits
    of evaluation data (pH: two digits).
    """

    value: Fraction
    closed: bool
    printed: Decimal

    def as_dict(self) -> dict[str, Any]:
        """Return the JSON form."""
        return {"value": str(shown(self.value)), "closed": self.closed, "printed": str(self.printed)}


@dataclass(frozen=True, slots=True)
class ItemRoom:
    """Room left of one item of one target.

    Attributes
    ----------
    item, limit, clause
        Item key, its limit in the target, and the clause of the standard.
    months
        The year so far.
    mean
        Mean of the months measured, exact; None without one.
    meets_so_far
        Whether that mean meets the limit.
    most, least
        Highest and lowest mean of the remaining months with which the year attains; None where there is no
        such end, or no month remains.
    state
        Open, or decided already.
    """

    item: str
    limit: Limit
    clause: str | None
    months: YearSoFar
    mean: Fraction | None
    meets_so_far: bool | None
    most: End | None
    least: End | None
    state: RoomState

    @property
    def text(self) -> Text:
        """The room in one sentence."""
        item = items()[self.item]
        count = len(self.months.remaining)
        if self.state is not RoomState.OPEN:
            return Text("{item}：{state}", item=item.name, state=self.state.text)
        if self.most is not None and self.least is not None:
            return Text(
                "{item}：剩余 {count} 个月的均值须在 {least} 至 {most} 之间",
                item=item.name,
                count=count,
                least=self.least.printed,
                most=self.most.printed,
            )
        if self.least is not None:
            return Text(
                "{item}：剩余 {count} 个月的均值不得低于 {least} {unit}",
                item=item.name,
                count=count,
                least=self.least.printed,
                unit=item.unit,
            )
        return Text(
            "{item}：剩余 {count} 个月的均值不得高于 {most} {unit}",
            item=item.name,
            count=count,
            most=self.most.printed if self.most else "—",
            unit=item.unit,
        )

    def as_dict(self) -> dict[str, Any]:
        """Return the JSON form."""
        return {
            "item": self.item,
            "limit": limit_text(self.limit),
            "clause": self.clause,
            "months": self.months.as_dict(),
            "mean": None if self.mean is None else str(shown(self.mean)),
            "meets_so_far": self.meets_so_far,
            "most": self.most.as_dict() if self.most else None,
            "least": self.least.as_dict() if self.least else None,
            "state": self.state.value,
            "text": self.text.both(),
        }


@dataclass(frozen=True, slots=True)
class Demand:
    """What an item is asked for: its limit, how it is meant, and the digits that means are rounded to."""

    item: str
    limit: Limit
    direction: Direction
    decimals: int | None
    clause: str | None = None

    @property
    def upper(self) -> Bound | None:
        """The highest unrounded mean that complies."""
        if isinstance(self.limit, Range):
            return highest(self.limit.high, self.decimals)
        return None if self.direction is Direction.MIN else highest(self.limit, self.decimals)

    @property
    def lower(self) -> Bound | None:
        """The lowest unrounded mean that complies."""
        if isinstance(self.limit, Range):
            return lowest(self.limit.low, self.decimals)
        return lowest(self.limit, self.decimals) if self.direction is Direction.MIN else None

    def met_by(self, value: Fraction) -> bool:
        """Tell whether an unrounded mean complies."""
        upper, lower = self.upper, self.lower
        below = upper is None or value < upper.value or (upper.closed and value == upper.value)
        above = lower is None or value > lower.value or (lower.closed and value == lower.value)
        return below and above


def item_room(demand: Demand, months: YearSoFar, chosen: Rules, *, strict: bool) -> ItemRoom:
    """Return the room left of one item.

    Parameters
    ----------
    demand
        Limit and rounding.
    months
        The year so far.
    chosen
        Rules of ``room``.
    strict
        A detection limit above the limit leaves the case without verdict.
    """
    values = list(months.measured.values())
    now = _mean(demand.item, values)
    most = least = None
    if months.remaining:
        ends = _ph_ends if demand.item == "ph" else _ends
        most, least = ends(demand, values, len(months.remaining))
    return ItemRoom(
        item=demand.item,
        limit=demand.limit,
        clause=demand.clause,
        months=months,
        mean=now,
        meets_so_far=None if now is None else demand.met_by(now),
        most=most,
        least=_needed(demand.item, least),
        state=_state(demand, months, now, (most, least), chosen, strict=strict),
    )


def _mean(item: str, values: list[Fraction]) -> Fraction | None:
    if not values:
        return None
    return Fraction(ph_of(map(hydrogen, values))) if item == "ph" else mean(values)


def _needed(item: str, least: End | None) -> End | None:
    """An end at or below zero asks for nothing."""
    return None if least is None or (item != "ph" and least.value <= 0 and least.closed) else least


def _ends(demand: Demand, values: list[Fraction], remaining: int) -> tuple[End | None, End | None]:
    count, total = len(values) + remaining, sum(values, Fraction(0))
    digits = items()[demand.item].evaluation_decimals
    digits = items()[demand.item].scale if digits is None else digits
    found: list[End | None] = []
    for bound, upper in ((demand.upper, True), (demand.lower, False)):
        if bound is None:
            found.append(None)
            continue
        value = (count * bound.value - total) / remaining
        found.append(End(value, bound.closed, _inside(value, digits, upper=upper, closed=bound.closed)))
    return found[0], found[1]


def _inside(value: Fraction, digits: int, *, upper: bool, closed: bool) -> Decimal:
    """Return the nearest value of so many digits that is inside an end."""
    scaled = value * 10**digits
    whole = scaled.numerator // scaled.denominator if upper else -(-scaled.numerator // scaled.denominator)
    if whole == scaled and not closed:
        whole += -1 if upper else 1
    return Decimal(whole).scaleb(-digits)


def _ph_ends(demand: Demand, values: list[Fraction], remaining: int) -> tuple[End | None, End | None]:
    """Return the ends of pH: [H⁺] is averaged, so the range is one of concentrations."""
    count = len(values) + remaining
    with localcontext(_DIGITS):
        total = sum(map(hydrogen, values), Decimal(0))
        found: list[End | None] = []
        for bound, upper in ((demand.upper, True), (demand.lower, False)):
            if bound is None:
                found.append(None)
                continue
            left = (count * hydrogen(bound.value) - total) / remaining
            if left <= 0:
                impossible = End(Fraction(-1), closed=False, printed=Decimal(-1))
                alkaline = End(Fraction(_PH_ENDS[1]), closed=True, printed=_PH_ENDS[1])
                found.append(alkaline if upper else impossible)
                continue
            value = Fraction(-left.log10())
            printed = _inside(value, 2, upper=upper, closed=bound.closed)
            found.append(End(value, bound.closed, printed))
    upper_end, lower_end = found
    if lower_end is not None and lower_end.value == -1:
        return None, End(Fraction(_PH_ENDS[1]) + 1, closed=False, printed=_PH_ENDS[1] + 1)
    return upper_end, lower_end


def _state(
    demand: Demand,
    months: YearSoFar,
    now: Fraction | None,
    ends: tuple[End | None, End | None],
    chosen: Rules,
    *,
    strict: bool,
) -> RoomState:
    limit, detection = demand.limit, months.detection_limit
    if strict and detection is not None and isinstance(limit, Decimal) and detection > limit:
        return RoomState.CANNOT_BE_JUDGED
    if not months.remaining:
        if now is None:
            return RoomState.NO_DATA
        return RoomState.CANNOT_BE_MISSED if demand.met_by(now) else RoomState.CANNOT_BE_MET
    low, high = _possible(demand.item, chosen)
    most, least = ends
    if most is not None and (most.value < low or (most.value == low and not most.closed)):
        return RoomState.CANNOT_BE_MET
    if least is not None and high is not None and _beyond(least, high):
        return RoomState.CANNOT_BE_MET
    safe_above = most is None or (high is not None and _inside_of(most, high))
    safe_below = least is None or least.value < low or (least.value == low and least.closed)
    return RoomState.CANNOT_BE_MISSED if safe_above and safe_below else RoomState.OPEN


def _beyond(least: End, high: Fraction) -> bool:
    return least.value > high or (least.value == high and not least.closed)


def _inside_of(most: End, high: Fraction) -> bool:
    return most.value > high or (most.value == high and most.closed)


def _possible(item: str, chosen: Rules) -> tuple[Fraction, Fraction | None]:
    """Return what a monthly mean can be at all; most items have no ceiling."""
    if item == "ph":
        return Fraction(_PH_ENDS[0]), Fraction(_PH_ENDS[1])
    return Fraction(0), Fraction(chosen["do_ceiling"]) if item == "do" else None
