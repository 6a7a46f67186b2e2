"""Exact numbers: rounding (数值修约) of rationals, percentages, exceedance multiples, the mean of pH.

Means are rationals (`fractions.Fraction`) and are rounded once, from the unrounded value.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Context, Decimal, localcontext
from fractions import Fraction
from typing import Literal

#: A mean of pH this near to a rounding tie is the tie; it comes out of a logarithm.
TIE_TOLERANCE = Fraction(1, 10**12)
#: Digits that a mean is shown with where it does not end.
SHOWN_DECIMALS = 10

Exact = Fraction | Decimal | int


def _scaled(value: Exact, decimals: int) -> Fraction:
    return Fraction(value) * Fraction(10) ** decimals


def _decimal(whole: int, decimals: int) -> Decimal:
    """Return ``whole × 10**-decimals`` with exactly that many digits after the point."""
    digits = tuple(int(digit) for digit in str(abs(whole)))
    return Decimal((int(whole < 0), digits, -decimals)) if decimals > 0 else Decimal(whole * 10**-decimals)


def round_half_even(value: Exact, decimals: int, tolerance: Fraction = Fraction(0)) -> Decimal:
    """Round to `decimals` digits, ties to even (四舍六入五成双; GB/T 8170).

    Parameters
    ----------
    value
        The unrounded value, exact.
    decimals
        Digits after the point to keep.
    tolerance
        A value within this distance of a tie is the tie.
    """
    numerator, denominator = value.as_integer_ratio()
    if decimals >= 0:
        numerator *= 10**decimals
    else:
        denominator *= 10**-decimals
    below, rest = divmod(numerator, denominator)
    from_tie = 2 * rest - denominator  # in halves of the denominator
    tie = from_tie == 0
    if tolerance:
        tie = Fraction(abs(from_tie), 2 * denominator) <= tolerance * Fraction(10) ** decimals
    return _decimal(below + below % 2 if tie else below + (from_tie > 0), decimals)


def round_evaluation(value: Exact, decimals: int, tolerance: Fraction = Fraction(0)) -> Decimal:
    """Round as evaluation data (评价数据): half to even, but never to zero.

    A value that would become zero keeps its first non-zero digit instead, rounded again from the unrounded
    value (总站水字〔2018〕87号): 0.0006 at three digits is 0.001, 0.0004 stays 0.0004.
    """
    rounded = round_half_even(value, decimals, tolerance)
    if rounded != 0 or value == 0:
        return rounded
    return round_half_even(value, first_digit(value), tolerance)


def first_digit(value: Exact) -> int:
    """Return the place after the point of the first non-zero digit of a value that is not zero."""
    magnitude = abs(Fraction(value))
    place = len(str(magnitude.denominator)) - len(str(magnitude.numerator)) - 1
    while magnitude * Fraction(10) ** place < 1:
        place += 1
    return place


def round_half_up(value: Exact, decimals: int) -> Decimal:
    """Round to `decimals` digits, ties away from zero, as shares and rates are printed (四舍五入)."""
    scaled = _scaled(abs(Fraction(value)), decimals) + Fraction(1, 2)
    whole = scaled.numerator // scaled.denominator
    return _decimal(-whole if value < 0 else whole, decimals)


def percent(part: int, whole: int, decimals: int = 1) -> Decimal | None:
    """Return `part` of `whole` in percent, half up; None where nothing was evaluated."""
    return round_half_up(Fraction(100 * part, whole), decimals) if whole else None


def shown(value: Exact) -> Decimal:
    """Return an exact value for display: at most ten digits after the point, no trailing zeros."""
    rounded = round_half_even(value, SHOWN_DECIMALS)
    with localcontext(Context(prec=60)):
        plain = rounded.normalize()
        return plain.quantize(Decimal(1)) if plain == plain.to_integral() else plain


def multiple(value: Exact, limit: Decimal) -> Fraction:
    """Return the exceedance multiple (超标倍数) ``value / limit − 1``, exact (环办〔2011〕22号 2.(1))."""
    return Fraction(value) / Fraction(limit) - 1


def round_multiple(exceedance: Fraction, decimals: int) -> Decimal:
    """Round a multiple for print: `decimals` digits, but at least one significant digit (0.04 stays 0.04)."""
    return round_evaluation(exceedance, decimals)


def mean(values: Sequence[Exact]) -> Fraction:
    """Return the exact arithmetic mean of at least one value."""
    return sum((Fraction(value) for value in values), Fraction(0)) / len(values)


def hydrogen(ph: Exact) -> Decimal:
    """Return the hydrogen-ion concentration [H⁺] = 10^(−pH) in mol/L, to 40 digits."""
    with localcontext(Context(prec=40)):
        exact = Fraction(ph)
        return Decimal(10) ** -(Decimal(exact.numerator) / Decimal(exact.denominator))


def ph_of(concentrations: Iterable[Decimal]) -> Decimal:
    """Return the pH of the mean of some [H⁺], to ten digits after the point."""
    with localcontext(Context(prec=40)):
        given = list(concentrations)
        return (-(sum(given, Decimal(0)) / len(given)).log10()).quantize(Decimal(1).scaleb(-SHOWN_DECIMALS))


def ph_mean(values: Sequence[Exact]) -> Decimal:
    """Return the mean of pH through [H⁺], to ten digits; equal values have that value as their mean."""
    return ph_of(hydrogen(value) for value in values)


Substitute = Literal["half", "zero", "limit"]


def substitute(detection_limit: Decimal, rule: Substitute) -> Decimal:
    """Return what stands for a result below its detection limit (未检出).

    Parameters
    ----------
    detection_limit
        The limit, in the item's unit.
    rule
        ``half`` for concentrations (环办监测函〔2020〕82号 point 七), ``zero`` for loads (SL 219-2013
        12.2.5), ``limit`` for the limit itself.
    """
    if rule == "zero":
        return Decimal(0)
    return detection_limit / 2 if rule == "half" else detection_limit
