"""Numbers with their units in running text: digits, Chinese numerals, fractions, ranges, runs of numbers."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Decimal
from functools import cache

from bishui.documents.rulebook import any_of, rules

_DIGITS = {character: number for number, character in enumerate("〇一二三四五六七八九")} | {"零": 0, "两": 2}
_PLACES = {"十": 10, "百": 100, "千": 1000}
_LARGE = {"万": 10_000, "亿": 100_000_000}
_NUMERAL = "[〇零一二两三四五六七八九十百千万亿]"
_PLAIN = r"\d+(?:\.\d+)?"
_HUNDREDTH = Decimal("0.01")


@dataclass(frozen=True, slots=True)
class Value:
    """A number with its unit as a span of the compact text.

    `number` is a decimal string, `upper` the other end of a range (3—5个). `end` is behind 以上, 以内 and the
    like, and `after` is the comparison that such a word makes. `in_words`: written as a Chinese numeral.
    """

    start: int
    end: int
    number: str
    unit: str | None
    after: str | None
    upper: str | None = None
    in_words: bool = False


def chinese_number(text: str) -> str | None:
    """Return the decimal string of a Chinese numeral (十二, 两百, 一万五千), or None where it is none."""
    total, section, digit = 0, 0, 0
    for character in text:
        if character in _DIGITS:
            digit = digit * 10 + _DIGITS[character]
        elif character in _PLACES:
            section += (digit or 1) * _PLACES[character]
            digit = 0
        elif character in _LARGE:
            total = (total + section + digit or 1) * _LARGE[character]
            section = digit = 0
        else:
            return None
    return str(total + section + digit) if text else None


def share_of_fraction(part: str, whole: str) -> str | None:
    """Return what a fraction (三分之二) is in percent, to two places where it does not end sooner."""
    dividend, divisor = chinese_number(part), chinese_number(whole)
    if dividend is None or divisor is None or Decimal(divisor) == 0:
        return None
    percent = 100 * Decimal(dividend) / Decimal(divisor)
    rounded = percent.quantize(_HUNDREDTH, rounding=ROUND_HALF_EVEN)
    return format(rounded.normalize(), "f")


def values_in(text: str, begin: int, end: int) -> Iterator[Value]:
    """Give the numbers of a stretch of compact text with their units, in order.

    A Chinese numeral counts only with a unit of counting behind it, and 一个 is an article; document numbers,
    classes, days and years are no values.
    """
    for hit in _number().finditer(text, begin, end):
        after = _after().match(text, hit.end(), end)
        meaning = None if after is None else ">=" if after["more"] else "<=" if after["less"] else None
        number, unit = _read(hit)
        if number is not None:
            last = after.end() if after else hit.end()
            yield Value(hit.start(), last, number, unit, meaning, hit["upper"], bool(hit["numeral"]))


def _read(hit: re.Match[str]) -> tuple[str | None, str | None]:
    if hit["zero"]:
        return "0", None
    if hit["percent"]:
        return chinese_number(hit["percent"]), "%"
    if hit["part"]:
        return share_of_fraction(hit["part"], hit["whole"]), "%"
    if hit["numeral"]:
        return chinese_number(hit["numeral"]), hit["counted"]
    return hit["number"], hit["unit"]


@cache
def _number() -> re.Pattern[str]:
    units = rules("targets")["units"]
    every = any_of([unit for kind in ("shares", "ratios", "amounts", "counts") for unit in units[kind]])
    no_value = rules("targets")["words"]["no_value_after"]
    return re.compile(
        rf"(?P<zero>(?<=[为是到])零)(?!{_NUMERAL})"
        rf"|百分之(?P<percent>{_NUMERAL}+)"
        rf"|(?P<whole>{_NUMERAL}+)分之(?P<part>{_NUMERAL}+)"
        rf"|(?<![第{_NUMERAL[1:-1]}])(?P<numeral>{_NUMERAL}+)(?P<counted>{any_of(units['counted_in_words'])})"
        rf"(?<!{any_of(units['articles'])})"
        rf"|(?<![\dA-Za-z.\-—第])(?P<number>{_PLAIN})(?:[-—－~～至](?P<upper>{_PLAIN})(?={every}))?"
        rf"(?:(?P<unit>{every})|(?![\d.]))(?!{no_value})"
    )


@cache
def _after() -> re.Pattern[str]:
    words = rules("targets")["words"]
    return re.compile(
        f"(?P<more>{any_of(words['after_at_least'])})|(?P<less>{any_of(words['after_at_most'])})"
        f"|{any_of(words['after_about'])}"
    )


@dataclass(frozen=True, slots=True)
class Run:
    """Several numbers one after the other (10、35、50毫克/升), for as many indicators."""

    start: int
    end: int
    numbers: tuple[str, ...]
    unit: str | None
    after: str | None


def runs_in(text: str, begin: int, end: int) -> Iterator[Run]:
    """Give the runs of two or more numbers; a unit at the end of a run belongs to all of it."""
    for hit in _run().finditer(text, begin, end):
        after = _after().match(text, hit.end(), end)
        meaning = None if after is None else ">=" if after["more"] else "<=" if after["less"] else None
        numbers = tuple(re.findall(rf"(?<![\d.]){_PLAIN}", hit["numbers"]))
        yield Run(hit.start(), after.end() if after else hit.end(), numbers, hit["unit"], meaning)


@cache
def _run() -> re.Pattern[str]:
    units = rules("targets")["units"]
    every = any_of([unit for kind in ("shares", "ratios", "amounts", "counts") for unit in units[kind]])
    return re.compile(
        rf"(?<![\dA-Za-z.])(?P<numbers>{_PLAIN}(?:{every})?(?:[、和及]{_PLAIN}(?:{every})?)*[、和及]{_PLAIN})(?P<unit>{every})"
    )
