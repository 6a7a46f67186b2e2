"""Automatic numbering of Word (ECMA-376 part 1, 17.9): the number that is seen before a paragraph."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from docx.oxml.ns import qn

_DIGITS = "〇一二三四五六七八九"
_LEGAL = "零壹贰叁肆伍陆柒捌玖"
_STEMS = "甲乙丙丁戊己庚辛壬癸"
_BRANCHES = "子丑寅卯辰巳午未申酉戌亥"
_PLACE = re.compile(r"%([1-9])")
_DEEPEST_STYLE = 20


def chinese(number: int, digits: str = _DIGITS, tens: str = "十百千") -> str:
    """Return a number below ten thousand in words: 十二, 一百零三."""
    if number <= 0 or number > 9999:
        return str(number)
    text, gap = "", False
    for place in (3, 2, 1, 0):
        digit = number // 10**place % 10
        if digit:
            text += ("零" if gap and text else "") + digits[digit] + (tens[place - 1] if place else "")
        gap = not digit
    return text.removeprefix(digits[1]) if 10 <= number < 20 and digits is _DIGITS else text


def _letters(number: int, first: str) -> str:
    return chr(ord(first) + (number - 1) % 26) * ((number - 1) // 26 + 1)


def _roman(number: int) -> str:
    text = ""
    for value, sign in (
        *((1000, "M"), (900, "CM"), (500, "D"), (400, "CD"), (100, "C"), (90, "XC")),
        *((50, "L"), (40, "XL"), (10, "X"), (9, "IX"), (5, "V"), (4, "IV"), (1, "I")),
    ):
        text += sign * (number // value)
        number %= value
    return text


def _from(sign: str, most: int) -> Callable[[int], str]:
    return lambda number: chr(ord(sign) + number - 1) if 1 <= number <= most else str(number)


def _cycle(signs: str) -> Callable[[int], str]:
    return lambda number: signs[(number - 1) % len(signs)]


# numFmt (17.18.59) to the text of a number; a format that is not here is shown in Arabic digits.
_FORMATS: dict[str, Callable[[int], str]] = {
    "none": lambda number: "",
    "decimalZero": lambda number: f"{number:02d}",
    "chineseCounting": chinese,
    "chineseCountingThousand": chinese,
    "japaneseCounting": chinese,
    "taiwaneseCounting": chinese,
    "taiwaneseCountingThousand": chinese,
    "chineseLegalSimplified": lambda number: chinese(number, _LEGAL, "拾佰仟"),
    "ideographDigital": lambda number: "".join(_DIGITS[int(digit)] for digit in str(number)),
    "taiwaneseDigital": lambda number: "".join(_DIGITS[int(digit)] for digit in str(number)),
    "ideographTraditional": _cycle(_STEMS),
    "ideographZodiac": _cycle(_BRANCHES),
    "decimalEnclosedCircle": _from("①", 20),
    "decimalEnclosedCircleChinese": _from("①", 20),
    "decimalEnclosedParen": _from("⑴", 20),
    "decimalEnclosedFullstop": _from("⒈", 20),
    "ideographEnclosedCircle": _from("㊀", 10),
    "decimalFullWidth": lambda number: str(number).translate({48 + i: 0xFF10 + i for i in range(10)}),
    "upperLetter": lambda number: _letters(number, "A"),
    "lowerLetter": lambda number: _letters(number, "a"),
    "upperRoman": _roman,
    "lowerRoman": lambda number: _roman(number).lower(),
}


@dataclass(frozen=True, slots=True)
class _Level:
    """One level of a list: where it begins, how a number looks, the text around it."""

    start: int
    form: str
    text: str
    suffix: str
    legal: bool
    style: str | None

    def number(self, value: int) -> str:
        return _FORMATS.get(self.form, str)(value)


class Numbering:
    """The lists of a document, counting as its paragraphs go by.

    Parameters
    ----------
    root
        The element w:numbering, or None where the document has no lists.
    styles
        The element w:styles, or None.
    """

    def __init__(self, root: Any, styles: Any) -> None:
        self._lists: dict[str, tuple[str, dict[int, _Level]]] = {}
        self._restarts: dict[tuple[str, int], int] = {}
        self._counts: dict[str, dict[int, int]] = {}
        self._styles: dict[str, tuple[str | None, Any]] = {}
        if styles is not None:
            for style in styles.findall(qn("w:style")):
                parent = _value(style.find(qn("w:basedOn")))
                self._styles[style.get(qn("w:styleId"), "")] = (parent, style.find(f".//{qn('w:numPr')}"))
        if root is not None:
            self._read_lists(root)

    def label(self, paragraph: Any) -> str:
        """Return the number text before a paragraph (w:p), empty where it has none, and count it."""
        found = self._list_of(paragraph)
        if found is None:
            return ""
        number, depth = found
        if number not in self._lists:
            return ""
        abstract, levels = self._lists[number]
        level = levels.get(depth)
        if level is None or level.form == "bullet":
            return ""
        counts = self._count(number, abstract, levels, depth)
        text = _PLACE.sub(lambda hit: _shown(levels, counts, int(hit[1]) - 1, level.legal), level.text)
        return text + (" " if level.suffix != "nothing" and text[-1:].isascii() and text else "")

    def _count(self, number: str, abstract: str, levels: dict[int, _Level], depth: int) -> dict[int, int]:
        """Count one more paragraph of a level; deeper levels begin anew."""
        counts = self._counts.setdefault(abstract, {})
        restart = self._restarts.pop((number, depth), None)
        if restart is not None:
            counts[depth] = restart
        else:
            counts[depth] = counts.get(depth, levels[depth].start - 1) + 1
        for deeper in [each for each in counts if each > depth]:
            del counts[deeper]
        return counts

    def _list_of(self, paragraph: Any) -> tuple[str, int] | None:
        properties = paragraph.find(qn("w:pPr"))
        if properties is None:
            return None
        style = _value(properties.find(qn("w:pStyle")))
        own = properties.find(qn("w:numPr"))
        sources = [each for each in (own, self._of_style(style)) if each is not None]
        number = _first(sources, "w:numId")
        if number in {None, "0"}:  # 0 takes a paragraph out of its style's list
            return None
        depth = _first(sources, "w:ilvl")
        if depth is not None:
            return str(number), _integer(depth, 0)
        levels = self._lists.get(str(number), ("", {}))[1]
        depths = (each for each, level in levels.items() if style and level.style == style)
        return str(number), next(depths, 0)

    def _of_style(self, style: str | None) -> Any:
        for _ in range(_DEEPEST_STYLE):
            if style is None or style not in self._styles:
                return None
            style, found = self._styles[style]
            if found is not None:
                return found
        return None

    def _read_lists(self, root: Any) -> None:
        abstracts = {
            each.get(qn("w:abstractNumId")): dict(_levels(each)) for each in root.findall(qn("w:abstractNum"))
        }
        for each in root.findall(qn("w:num")):
            number = each.get(qn("w:numId"))
            abstract = _value(each.find(qn("w:abstractNumId"))) or ""
            levels = dict(abstracts.get(abstract, {}))
            for override in each.findall(qn("w:lvlOverride")):
                depth = _integer(override.get(qn("w:ilvl")), 0)
                levels.update(_levels(override))
                start = _value(override.find(qn("w:startOverride")))
                if start is not None:
                    self._restarts[number, depth] = _integer(start, 1)
            self._lists[number] = (abstract, levels)


def _shown(levels: dict[int, _Level], counts: dict[int, int], depth: int, legal: bool) -> str:
    level = levels.get(depth)
    if level is None:
        return ""
    value = counts.get(depth, level.start)
    return str(value) if legal else level.number(value)


def _levels(parent: Any) -> Iterator[tuple[int, _Level]]:
    for each in parent.findall(qn("w:lvl")):
        yield (
            _integer(each.get(qn("w:ilvl")), 0),
            _Level(
                _integer(_value(each.find(qn("w:start"))), 1),
                _value(each.find(qn("w:numFmt"))) or "decimal",
                _value(each.find(qn("w:lvlText"))) or "",
                _value(each.find(qn("w:suff"))) or "tab",
                each.find(qn("w:isLgl")) is not None,
                _value(each.find(qn("w:pStyle"))),
            ),
        )


def _first(sources: list[Any], name: str) -> str | None:
    """Return the first value of that name: a paragraph's own wins over its style's."""
    return next((_value(each.find(qn(name))) for each in sources if each.find(qn(name)) is not None), None)


def _integer(text: str | None, otherwise: int) -> int:
    return int(text) if text is not None and text.lstrip("-").isdecimal() else otherwise


def _value(element: Any) -> str | None:
    return None if element is None else element.get(qn("w:val"))
