"""Shares (比例): counts to percentages as they are printed, plain or forced to total 100."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

from bishui.assessment.numbers import Exact, round_half_up
from bishui.assessment.rates import reaches
from bishui.errors import CallError
from bishui.i18n import Text
from bishui.standards import Override, Rules, rules


@dataclass(frozen=True, slots=True)
class Shares:
    """Shares of a whole: counts, unrounded percentages, and those printed.

    Attributes
    ----------
    counts, whole
        The parts (k) and what they are parts of (n): evaluated sections only.
    exact
        Percentages, unrounded.
    printed
        Rounded half up; forced to total 100 where `forced`.
    """

    counts: tuple[int, ...]
    whole: int
    exact: tuple[Fraction, ...]
    printed: tuple[Decimal, ...]
    forced: bool
    rules: Rules

    def as_dict(self) -> dict[str, Any]:
        """Return the JSON form."""
        return {
            "counts": list(self.counts),
            "whole": self.whole,
            "percent": [str(share) for share in self.printed],
            "forced_to_100": self.forced,
            "rules": self.rules.version,
        }


def shares(
    counts: Sequence[int],
    whole: int | None = None,
    *,
    on: date | None = None,
    override: Override | None = None,
    **changes: Any,
) -> Shares:
    """Return counts in percent of a whole, rounded half up.

    Parameters
    ----------
    counts
        How many there are of each kind.
    whole
        What they are parts of; without it their sum. Nothing evaluated gives no percentages.
    on
        Day whose rules hold; today without it.
    override
        A bureau's own settings of that day.
    **changes
        Settings of the rules ``shares`` by name: `decimals`, `sum_to_100`. Only counts that exhaust the
        whole can be forced to total 100; others stay plain.

    Raises
    ------
    CallError
        If a count is negative or above the whole.
    """
    rule = rules("shares", on or date.today(), override, **changes)
    total = sum(counts) if whole is None else whole
    if any(count < 0 or count > total for count in counts):
        raise CallError(
            Text("个数 {counts} 与总数 {whole} 不符。", counts=list(counts), whole=total),
            remedy=Text("个数不能为负，也不能大于总数。"),
        )
    exact = tuple(Fraction(100 * count, total) for count in counts) if total else ()
    forced = bool(rule["sum_to_100"]) and bool(exact) and sum(counts) == total
    printed = (
        largest_remainder(exact, rule["decimals"])
        if forced
        else tuple(round_half_up(share, rule["decimals"]) for share in exact)
    )
    return Shares(tuple(counts), total, exact, printed, forced, rule)


def largest_remainder(exact: Sequence[Fraction], decimals: int) -> tuple[Decimal, ...]:
    """Round shares that total 100 so that the rounded ones do: cut all, then raise the largest remainders.

    Of equal remainders the larger share is raised first, of equal shares the one that comes first.
    """
    unit = Fraction(1, 10**decimals)
    cut = [share // unit for share in exact]
    lacking = int(Fraction(100) / unit) - sum(cut)
    by_remainder = sorted(
        range(len(exact)), key=lambda place: (exact[place] % unit, exact[place]), reverse=True
    )
    for place in by_remainder[:lacking]:
        cut[place] += 1
    return tuple(round_half_up(steps * unit, decimals) for steps in cut)


def rate_reaches(
    met: int, evaluated: int, target: Decimal, *, at_least: bool = True, exact_at_ends: bool = True
) -> bool:
    """Tell whether a rate reaches a printed target: rounded half up to the target's digits, then compared.

    Six of seven reach 85.7, two of three reach 66.7. A target of 100 % asks for every one, a target of at
    most 0 % for none, whatever the rounding (setting `exact_at_ends` of ``area_status``).

    Parameters
    ----------
    met, evaluated
        Counts; `evaluated` is not zero.
    target
        In percent, as printed; its digits after the point count.
    at_least
        True for 不低于, False for 不高于.
    """
    if exact_at_ends and target == (100 if at_least else 0):
        return met == (evaluated if at_least else 0)
    rate: Exact = Fraction(100 * met, evaluated)
    return reaches(rate, target, at_least=at_least)
