"""Deadlines as plans write them, turned into dates where they name one. The written form is never lost."""

from __future__ import annotations

import calendar
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from typing import Any

from bishui.documents.rulebook import rules
from bishui.documents.text import Compact, squeeze
from bishui.standards import add_workdays, workday

_DIGITS = {character: number for number, character in enumerate("零一二三四五六七八九")} | {
    "两": 2,
    "〇": 0,
    "○": 0,
}
_RELATIVE = re.compile(r"relative:\+(?P<number>\d+) (?P<span>workdays|days|weeks|months|years)")


@dataclass(frozen=True, slots=True)
class Found:
    """A deadline found in a text: ``start`` and ``end`` in the compact text, and its normal form.

    `certainty` is that of the reading (A, B, C); `basis` names the event that a relative one counts from.
    """

    start: int
    end: int
    text: str
    norm: str | None
    certainty: str = "A"
    basis: str = ""


@dataclass(frozen=True, slots=True)
class Resolved:
    """The day that a relative deadline means; `unverified` are years whose public holidays are not known."""

    day: date
    unverified: tuple[int, ...] = ()


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
    ``every month DD``, ``relative:+N workdays`` (days, weeks, months, years), or None where it is not
    understood. Of several dates the last counts: by then all must be done; `meanings` gives each.
    """
    found = [each.norm for each in meanings(written, year) if each.norm]
    dates = [norm for norm in found if norm[:2] == "20"]
    if dates:
        return max(dates)
    return found[-1] if found else None


def meanings(written: str, year: int | None) -> list[Found]:
    """Return every deadline that a cell names, in order, each with how sure its reading is.

    ``分别于6月25日前和12月25日前`` gives two. The parameters are those of `normalise`.
    """
    text = squeeze(written)
    alone = re.fullmatch(rules("deadlines")["year_alone"]["pattern"], text)
    if alone:
        return [Found(0, len(text), text, f"{alone['year']}-12-31")]
    return find(Compact.of(written), year, in_cell=True)


def is_deadline(text: str) -> bool:
    """Tell whether a text is a deadline and nothing else (6月底前, 2031年6月底前完成)."""
    compact = Compact.of(text)
    found = find(compact, None, in_cell=True)
    whole = len(found) == 1 and found[0].start == 0
    return whole and compact.text[found[0].end :] in rules("deadlines")["ends"]


def resolve_relative(norm: str | None, anchor: date) -> Resolved | None:
    """Return the day that a relative deadline means once its event has a day.

    Parameters
    ----------
    norm
        The normal form, ``relative:+20 workdays`` and the like.
    anchor
        The day of the event (公布, 印发, 收到); it is not counted itself.

    Returns
    -------
    Resolved or None
        None where `norm` is not relative.

    Notes
    -----
    Working days follow the yearly notices on public holidays; months end on the same day of the month
    (民法典 第二百零一条、第二百零二条). Whether a period that ends on a day off goes on to the next working
    day is a setting of ``rules/deadlines.toml``.
    """
    relative = _RELATIVE.fullmatch(norm or "")
    if relative is None:
        return None
    number = int(relative["number"])
    if relative["span"] == "workdays":
        reached = add_workdays(anchor, number)
        return Resolved(reached.day, reached.unverified)
    return _rolled(_later(anchor, number, relative["span"]))


def _later(anchor: date, number: int, span: str) -> date:
    if span in {"days", "weeks"}:
        return anchor + timedelta(days=number * (7 if span == "weeks" else 1))
    months = anchor.month - 1 + number * (12 if span == "years" else 1)
    year, month = anchor.year + months // 12, months % 12 + 1
    return date(year, month, min(anchor.day, calendar.monthrange(year, month)[1]))


def _rolled(day: date) -> Resolved:
    if rules("deadlines")["relative"]["ending_on_a_day_off"] == "kept" or workday(day).works:
        return Resolved(day)
    reached = add_workdays(day, 1)
    return Resolved(reached.day, reached.unverified)


def find(text: Compact, year: int | None, *, in_cell: bool = False) -> list[Found]:
    """Return all deadlines in a text, in order and without overlaps.

    `in_cell` also takes words that are deadlines only in a cell of deadlines (全年, 上半年).
    """
    found: list[Found] = []
    hits = [(form, form.expression.search(text.text)) for form in _compiled(in_cell)]
    taken = 0
    while True:
        # Only forms whose hit was overtaken are searched for again; those that are not in the text never are.
        hits = [
            (form, hit if hit.start() >= taken else form.expression.search(text.text, taken))
            for form, hit in hits
            if hit is not None
        ]
        # The earliest hit counts; of several at one place that of the first form.
        form, hit = min(
            ((form, hit) for form, hit in hits if hit is not None),
            key=lambda each: each[1].start(),
            default=(None, None),
        )
        if form is None or hit is None:
            return found
        basis = hit.groupdict().get("basis") or ""
        norm = _FORMS[form.name](hit, year)
        found.append(Found(hit.start(), hit.end(), hit.group(), norm, form.certainty, basis))
        taken = max(hit.end(), taken + 1)


@dataclass(frozen=True, slots=True)
class _Form:
    name: str
    expression: re.Pattern[str]
    certainty: str


@cache
def _compiled(in_cell: bool) -> tuple[_Form, ...]:
    rule = rules("deadlines")
    forms = [form for form in rule["form"] if in_cell or not form.get("cell_only")]
    return tuple(_compile(forms, rule["parts"]))


def _compile(forms: list[dict[str, Any]], parts: dict[str, str]) -> Iterator[_Form]:
    for form in forms:
        text = form["pattern"]
        for name, part in parts.items():
            text = text.replace(f"<{name}>", part)
        yield _Form(form["name"], re.compile(text), form.get("certainty", "A"))


def _number(text: str) -> int:
    """Read an integer written in digits or as a Chinese numeral below one hundred."""
    if text.isdigit():
        return int(text)
    if "十" in text:
        tens, _, ones = text.partition("十")
        return (_DIGITS.get(tens, 0) if tens else 1) * 10 + (_DIGITS.get(ones, 0) if ones else 0)
    return _DIGITS.get(text, 0)


def _year_number(text: str) -> int:
    """Read a year in digits or written digit by digit (二〇二五)."""
    return int("".join(str(_DIGITS.get(character, character)) for character in text))


def _day(year: int | None, month: int, day: int | None = None) -> str | None:
    if year is None:
        return None
    last = calendar.monthrange(year, month)[1]
    if day is not None and day > last:
        return None
    return f"{year:04d}-{month:02d}-{day or last:02d}"


def _year(hit: re.Match[str], year: int | None) -> int | None:
    return _year_number(hit["year"]) if hit["year"] else year


def _date(hit: re.Match[str], year: int | None) -> str | None:
    return _day(_year(hit, year), _number(hit["month"]), _number(hit["day"]))


def _month_end(hit: re.Match[str], year: int | None) -> str | None:
    return _day(_year(hit, year), _number(hit["month"]))


def _month_part(hit: re.Match[str], year: int | None) -> str | None:
    return _day(_year(hit, year), _number(hit["month"]), {"上旬": 10, "中旬": 20}.get(hit["part"]))


def _months_end(hit: re.Match[str], year: int | None) -> str | None:
    first = int(hit["first"]) if hit["first"] else year
    return _day(_year(hit, first), _number(hit["month"]))


def _before(first_month: int, last_month: int, year: int | None) -> str | None:
    """Return the day that X前 means for a period of months of a year, as ``[before]`` says."""
    reading = rules("deadlines")["before"]["reading"]
    return _day(year, last_month if reading == "end" or first_month == 1 else first_month - 1)


def _quarter(hit: re.Match[str]) -> int:
    return "一二三四".find(hit["quarter"]) + 1 or int(hit["quarter"])


def _year_before(hit: re.Match[str], year: int | None) -> str | None:
    named = int(hit["year"])
    if rules("deadlines")["before"]["reading"] == "start" and (year is None or named > year):
        named -= 1
    return _day(named, 12)


def _flood(hit: re.Match[str], year: int | None, *, before: bool) -> str | None:
    wanted, rule = _year(hit, year), rules("deadlines")["flood_season"]
    if wanted is None:
        return None
    season = rule[rule["region"]]
    first = date.fromisoformat(f"{wanted}-{season['first']}")
    return (first - timedelta(days=1)).isoformat() if before else f"{wanted}-{season['last']}"


def _relative(hit: re.Match[str], year: int | None) -> str | None:
    return f"relative:+{_number(hit['number'])} {rules('deadlines')['spans'][hit['span']]}"


_FORMS: dict[str, Callable[[re.Match[str], int | None], str | None]] = {
    "relative": _relative,
    "every_year_date": lambda hit, year: f"every year {_number(hit['month']):02d}-{_number(hit['day']):02d}",
    "every_year_month": lambda hit, year: f"every year {str(_day(2001, _number(hit['month'])))[5:]}",
    "every_month_day": lambda hit, year: f"every month {_number(hit['day']):02d}",
    "every": lambda hit, year: str(rules("deadlines")["every"][hit["span"]]),
    "date": _date,
    "iso_date": _date,
    "month_part": _month_part,
    "month_end": _month_end,
    "month_before": lambda hit, year: _before(_number(hit["month"]), _number(hit["month"]), _year(hit, year)),
    "months_end": _months_end,
    "quarter_end": lambda hit, year: _day(_year(hit, year), _quarter(hit) * 3),
    "quarter_before": lambda hit, year: _before(_quarter(hit) * 3 - 2, _quarter(hit) * 3, _year(hit, year)),
    "half_year": lambda hit, year: _day(_year(hit, year), 6 if hit["half"] == "上" else 12),
    "year_end": lambda hit, year: _day(_year(hit, year), 12),
    "year_before": _year_before,
    "years_end": lambda hit, year: _day(int(hit["year"]), 12),
    "five_years": lambda hit, year: _day(rules("deadlines")["five_years"][hit["plan"]], 12),
    "flood_before": lambda hit, year: _flood(hit, year, before=True),
    "flood_end": lambda hit, year: _flood(hit, year, before=False),
    "all_year": lambda hit, year: "all year",
}
