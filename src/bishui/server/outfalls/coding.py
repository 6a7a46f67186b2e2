"""Local codes of outfalls: given once, in the order of each county, never twice."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from bishui.errors import DataError, Where
from bishui.i18n import Text
from bishui.outfalls import local_code
from bishui.server.outfalls.models import CodeCounter, Outfall


def county_of(division: str) -> str:
    """Return the code of the county that a division path lies in: its longest part of six digits.

    Raises
    ------
    DataError
        If the path names no county.
    """
    county = next((part for part in reversed(division.split("/")) if len(part) == 6), "")
    if not county.isdigit():
        raise DataError(
            Text("区划“{division}”没有县级代码，不能编排污口编码。", division=division),
            remedy=Text("请选择排污口所在的县（市、区）。"),
            where=Where(field="division"),
        )
    return county


def next_codes(division: str, count: int) -> list[str]:
    """Return the next `count` codes of a division's county; within an audited action."""
    county = county_of(division)
    counter = CodeCounter.objects.filter(county=county).first()
    counter = counter or CodeCounter(county=county, division=division)
    first = counter.last + 1
    counter.last += count
    counter.save()
    return [local_code(county, number) for number in range(first, first + count)]


def assign_codes(outfalls: Sequence[Outfall]) -> None:
    """Give new outfalls their codes, county by county in the given order; within an audited action."""
    by_county: dict[str, list[Outfall]] = {}
    for outfall in outfalls:
        by_county.setdefault(county_of(outfall.division), []).append(outfall)
    for group in by_county.values():
        for outfall, code in zip(group, next_codes(group[0].division, len(group)), strict=True):
            outfall.code = code


def keep_given(outfalls: Iterable[Outfall]) -> None:
    """Let no code be given again that came with a file; within an audited action."""
    highest: dict[str, int] = {}
    for outfall in outfalls:
        county, number = outfall.code[1:7], int(outfall.code[8:13])
        highest[county] = max(number, highest.get(county, 0))
    for county, number in highest.items():
        counter = CodeCounter.objects.filter(county=county).first()
        if counter is None:
            counter = CodeCounter(county=county, division=_division_of(county, outfalls))
        if counter.last < number:
            counter.last = number
            counter.save()


def _division_of(county: str, outfalls: Iterable[Outfall]) -> str:
    return next(outfall.division for outfall in outfalls if outfall.code[1:7] == county)
