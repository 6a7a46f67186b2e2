"""Deadlines as plans write them, turned into dates where they name one. The written form is never lost."""

from __future__ import annotations

import calendar
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

from bishui.documents.rulebook import rules
from bishui.documents.text import Compact, squeeze

_DIGITS = {character: number for number, character in enumerate("零一二三四五六七八九")} | {"两": 2}


@dataclass(frozen=True, slots=True)
class Found:
    """A deadline found in a text: ``start`` and ``end`` in the compact text, and its normal form."""

    start: int
    end: int
    text: str
    norm: str | None


def normalise(written: str, year: int | None) -> str | None:
    """Return what a deadline cell means.

    Parameters
    ----------
    written
        The cell as written, such as ``6月底前``.
    year
        The year of the plan, for deadlines that name none.

    Returns
    -------
    An ISO date, ``all year``, ``every quarter`` (month, half-year, year …), ``every year MM-DD``,
    ``every month DD``, ``relative:+N workdays`` (days, months), or None where it is not understood.
    Of several dates the last counts: by then all must be done.
    """
    text = squeeze(written)
    alone = re.fullmatch(rules("deadlines")["year_alone"]["pattern"], text)
    if alone:
        return f"{alone['year']}-12-31"
    found = [each.norm for each in find(Compact.of(written), year, in_cell=True) if each.norm]
    dates = [norm for norm in found if norm[:2] == "20"]
    if dates:
        return max(dates)
    return found[-1] if found else None


def find(text: Compact, year: int | None, *, in_cell: bool = False) -> list[Found]:
    """Return all deadlines in a text, in order and without overlaps.

    `in_cell` also takes words that are deadlines only in a cell of deadlines (全年, 上半年).
    """
    found: list[Found] = []
    taken = 0
    while taken < len(text.text):
        match = _next(text.text, taken, in_cell)
        if match is None:
            break
        name, hit = match
        norm = _FORMS[name](hit, year)
        found.append(Found(hit.start(), hit.end(), hit.group(), norm))
        taken = max(hit.end(), taken + 1)
    return found


def _next(text: str, begin: int, in_cell: bool) -> tuple[str, re.Match[str]] | None:
    """Return the earliest match from `begin`; of several at one place the first form wins."""
    hits = [(name, hit) for name, expression in _compiled(in_cell) if (hit := expression.search(text, begin))]
    return min(hits, key=lambda each: each[1].start(), default=None)


@cache
def _compiled(in_cell: bool) -> tuple[tuple[str, re.Pattern[str]], ...]:
    rule = rules("deadlines")
    forms = [form for form in rule["form"] if in_cell or not form.get("cell_only")]
    return tuple(_compile(forms, rule["parts"]))


def _compile(forms: list[dict[str, Any]], parts: dict[str, str]) -> Iterator[tuple[str, re.Pattern[str]]]:
    for form in forms:
        text = form["pattern"]
        for name, part in parts.items():
            text = text.replace(f"<{name}>", part)
        yield form["name"], re.compile(text)


def _number(text: str) -> int:
    """Read an integer written in digits or as a Chinese numeral below one hundred."""
    if text.isdigit():
        return int(text)
    if "十" in text:
        tens, _, ones = text.partition("十")
        return (_DIGITS[tens] if tens else 1) * 10 + (_DIGITS[ones] if ones else 0)
    return _DIGITS.get(text, 0)


def _day(year: int | None, month: int, day: int | None = None) -> str | None:
    if year is None:
        return None
    last = calendar.monthrange(year, month)[1]
    if day is not None and day > last:
        return None
    return f"{year:04d}-{month:02d}-{day or last:02d}"


def _year(hit: re.Match[str], year: int | None) -> int | None:
    return int(hit["year"]) if hit["year"] else year


def _date(hit: re.Match[str], year: int | None) -> str | None:
    return _day(_year(hit, year), int(hit["month"]), int(hit["day"]))


def _month_part(hit: re.Match[str], year: int | None) -> str | None:
    return _day(_year(hit, year), int(hit["month"]), {"上旬": 10, "中旬": 20}.get(hit["part"]))


def _quarter(hit: re.Match[str], year: int | None) -> str | None:
    number = "一二三四".find(hit["quarter"]) + 1 or int(hit["quarter"])
    return _day(_year(hit, year), number * 3)


def _relative(hit: re.Match[str], year: int | None) -> str | None:
    return f"relative:+{_number(hit['number'])} {rules('deadlines')['spans'][hit['span']]}"


_FORMS: dict[str, Callable[[re.Match[str], int | None], str | None]] = {
    "relative": _relative,
    "every_year_date": lambda hit, year: f"every year {int(hit['month']):02d}-{int(hit['day']):02d}",
    "every_month_day": lambda hit, year: f"every month {int(hit['day']):02d}",
    "every": lambda hit, year: str(rules("deadlines")["every"][hit["span"]]),
    "date": _date,
    "iso_date": _date,
    "month_part": _month_part,
    "month_end": lambda hit, year: _day(_year(hit, year), int(hit["month"])),
    "quarter_end": _quarter,
    "half_year": lambda hit, year: _day(_year(hit, year), 6 if hit["half"] == "上" else 12),
    "year_end": lambda hit, year: _day(_year(hit, year), 12),
    "all_year": lambda hit, year: "all year",
}
