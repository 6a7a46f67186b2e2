"""What the cell of an indicator table asks for: comparison, exact number and unit, or a wording."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

from bishui.documents.rulebook import any_of, pattern, rules
from bishui.documents.text import squeeze


@dataclass(frozen=True, slots=True)
class CellValue:
    """The parts of a value; see `IndicatorValue` for their meaning."""

    op: str | None = None
    value: str | None = None
    upper: str | None = None
    unit: str | None = None
    cumulative: bool = False


def read_value(text: str, unit: str = "") -> CellValue:
    """Read the cell of an indicator.

    Parameters
    ----------
    text
        The cell as written: ``≥90``, ``[13]``, ``18.02%``, ``达到自治区考核要求``, ``/``.
    unit
        The unit of measure of its row, which counts where the cell names none.
    """
    rule = rules("indicators")["value"]
    squeezed = squeeze(text)
    bracketed = re.fullmatch(rule["in_brackets"], squeezed)
    inner = bracketed["inner"] if bracketed else squeezed
    plain = re.sub(rule["cumulative"], "", inner)
    cumulative = bool(bracketed) or plain != inner
    unit = "" if squeeze(unit) in rule["none"] else unit.strip()
    if plain in rule["none"]:
        return CellValue(unit=unit or None, cumulative=cumulative)
    hit = _number().fullmatch(plain)
    if hit is None:
        return CellValue("meets", pattern(rules("indicators")["wording"]["verb"]).sub("", plain))
    return CellValue(
        op="range" if hit["upper"] else _op(hit),
        value=hit["value"].replace(",", ""),
        upper=hit["upper"].replace(",", "") if hit["upper"] else None,
        unit=hit["unit"] or unit or None,
        cumulative=cumulative,
    )


def _op(hit: re.Match[str]) -> str:
    rule = rules("indicators")["value"]
    for name in ("after", "before"):
        for op, words in rule[name].items():
            if hit[name] in words:
                return str(op)
    return "="


@cache
def _number() -> re.Pattern[str]:
    """Return the pattern of a cell that is a number with what may stand around it."""
    rule, units = rules("indicators")["value"], rules("targets")["units"]
    before = any_of([word for words in rule["before"].values() for word in words])
    after = any_of([word for words in rule["after"].values() for word in words])
    measure = any_of([word for words in units.values() for word in words])
    number = rule["number"]
    return re.compile(
        f"(?P<before>{before})?(?P<value>-?{number})(?:%?{rule['range']}(?P<upper>{number}))?"
        f"(?P<unit>{measure})?(?P<after>{after})?"
    )
