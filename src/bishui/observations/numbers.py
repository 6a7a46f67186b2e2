"""One cell of a measurement: from the text that was given to an exact value and a mark, or a problem.

The original text is never changed; what is understood is returned beside it. Values are `Decimal`,
exact; a text with more digits than can be kept is a problem, never a silent rounding.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import cache

from bishui.errors import Problem, Where
from bishui.i18n import Text
from bishui.observations.schema import VALUE_SCALE, Mark
from bishui.observations.textforms import cell_mark, is_unit, load_data, normalise
from bishui.standards import Item, find_class, unit_factor

PUBLISHED_CLASS = "published_class"
#: Digits before the point that `VALUE_TYPE` holds.
WHOLE_DIGITS = 18

_NUMBER = r"[+-]?(?:[0-9]{1,3}(?:,[0-9]{3})+|[0-9]+)?(?:(?<![0-9,])\.[0-9]+|(?<=[0-9])\.[0-9]+|(?<=[0-9]))"
_POWER = r"(?:\s*[x×*]\s*10\s*\^\s*(?P<power>[+-]?[0-9]{1,3})|[eE](?P<exponent>[+-]?[0-9]{1,3}))?"
_NOT_DETECTED = r"(?:nd|n\.d\.?|未检出|未检测出|低于检出限|小于检出限)"
_VALUE = rf"(?P<number>{_NUMBER}){_POWER}"
_UNIT = r"\s*(?P<unit>[^0-9\s.,+\-<>()*×^].*?)?"

_PLAIN = re.compile(_VALUE + _UNIT)
_BELOW = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        rf"<\s*{_VALUE}(?:\s*L(?![\w/]))?{_UNIT}",
        rf"{_VALUE}\s*L",
        rf"{_NOT_DETECTED}\s*\(?\s*<?\s*{_VALUE}\s*L?{_UNIT}\s*\)?",
        rf"{_VALUE}\s*\(?\s*{_NOT_DETECTED}\s*\)?",
    )
)
_RAISED_POWER = re.compile(r"10[⁺⁻]?[⁰¹²³⁴⁵⁶⁷⁸⁹]+")
_DATE = re.compile(r"(?:[0-9]{4}\s*[-/年.]\s*)?[0-9]{1,2}\s*[-/月]\s*[0-9]{1,2}(?:日)?(?:[ T][0-9:.]+)?")
_FULL_DATE = re.compile(r"[0-9]{4}[-/年.][0-9]{1,2}[-/月.][0-9]{1,2}日?([ T].*)?")
_ANY_NUMBER = re.compile(r"[0-9]+(?:\.[0-9]+)?")


@dataclass(frozen=True, slots=True)
class Reading:
    """What one cell says.

    Attributes
    ----------
    value
        The number as written, in the unit that goes with it; the detection limit for BELOW_DETECTION.
    mark
        What the cell says apart from its number.
    unit
        The unit that was written behind the number inside the cell.
    """

    value: Decimal | None
    mark: Mark
    unit: str | None = None


def parse_number(text: str) -> Reading | Problem:
    """Understand one cell without regard to what was measured.

    Parameters
    ----------
    text
        The cell as given: ``7.2``, ``１２．５``, ``1,234.5``, ``<0.02``, ``0.02L``, ``未检出(0.02)``,
        ``1.2×10^4``, ``--``, ``*``, ``7.2 mg/L``, ….

    Returns
    -------
    Reading or Problem
        The problem has no place yet; the caller knows it.

    Notes
    -----
    The letter L after a number means "below the detection limit, which is that number" (HJ/T 91-2002).
    """
    mark = cell_mark(text)
    if mark is not None:
        return Reading(None, mark)
    if _has_odd_digit(text):
        return _fault("superscript", text)
    given = normalise(text)
    for pattern in _BELOW:
        found = pattern.fullmatch(given)
        if found:
            return _below(found, text)
    found = _PLAIN.fullmatch(given)
    if found and (found["unit"] is None or is_unit(found["unit"])):
        return Reading(_decimal(found), Mark.MEASURED, found["unit"])
    return _fault(_reason(given), text)


def parse_cell(text: str, item: Item, *, where: Where | None = None) -> Reading | Problem:
    """Understand one cell that holds a result of `item`, in the item's own unit.

    Parameters
    ----------
    text
        The cell as given.
    item
        What was measured: it bounds the digits after the point and the range.
    where
        The place of the cell, for the problem.
    """
    reading = parse_class(text) if item.key == PUBLISHED_CLASS else parse_number(text)
    if isinstance(reading, Reading) and reading.value is not None:
        factor = Decimal(1) if reading.unit is None else unit_factor(item, reading.unit)
        reading = _in_own_unit(reading, factor, item, text)
    if isinstance(reading, Problem) and where is not None:
        return replace(reading, where=where)
    return reading


def parse_class(text: str) -> Reading | Problem:
    """Understand one cell that holds a published class (水质类别), kept as 1–6 (6 = 劣Ⅴ)."""
    rank = find_class(normalise(text))
    if rank is not None:
        return Reading(Decimal(rank), Mark.MEASURED)
    mark = cell_mark(text)
    return Reading(None, mark) if mark is not None else _fault("not-a-class", text)


def unknown_unit(unit: str, item: Item) -> Problem:
    """Return the problem of a unit in which `item` cannot be given."""
    return Problem(
        "unknown-unit",
        Text("“{item}”的单位“{unit}”无法换算为 {own}。", item=item.name, unit=unit, own=item.unit),
        Text("请改用 {own}，或核对单位写法与项目是否对应。", own=item.unit),
        raw=unit,
    )


def check_value(value: Decimal, item: Item, raw: str) -> Problem | None:
    """Return what is wrong with `value` (in the item's unit): its size, its digits, its range."""
    if abs(value) >= Decimal(10) ** WHOLE_DIGITS:
        return _fault("too-large", raw)
    scale = min(item.scale, VALUE_SCALE)
    if value != value.quantize(Decimal(1).scaleb(-scale)):
        return too_many_digits(raw, item)
    low, high = bounds(item.key)
    if (low is not None and value < low) or (high is not None and value > high):
        return out_of_range(raw, item)
    return None


def too_many_digits(raw: str, item: Item) -> Problem:
    """Return the problem of a value with more digits after the point than `item` keeps."""
    return Problem(
        "too-many-digits",
        Text(
            "“{raw}”换算为{unit}后小数位数超过“{item}”所能保存的 {scale} 位，系统不会代为舍入。",
            raw=raw,
            item=item.name,
            scale=item.scale,
            unit=item.unit,
        ),
        Text("请按分析方法的有效位数修约（GB/T 8170）后再导入；由公式算出的单元格请先用 ROUND 取整。"),
        raw=raw,
    )


def out_of_range(raw: str, item: Item) -> Problem:
    """Return the problem of a value that `item` cannot have."""
    low, high = ("" if end is None else str(end) for end in bounds(item.key))
    return Problem(
        "out-of-range",
        Text(
            "“{raw}”超出“{item}”可能的范围（{span}）。",
            raw=raw,
            item=item.name,
            span=span_text(low, high, item.unit),
        ),
        Text("请核对小数点、单位，以及数值是否填错了列。"),
        raw=raw,
    )


def span_text(low: str, high: str, unit: str) -> Text:
    """Return a range in words; an empty end is open, and the other one is then named alone.

    A unit that says "no unit" is left out.
    """
    behind = "" if unit in ("", "无量纲") else f" {unit}"
    if not high:
        return Text("不低于 {low}", low=low + behind)
    if not low:
        return Text("不高于 {high}", high=high + behind)
    return Text("{low}～{high}", low=low, high=high + behind)


@cache
def bounds(key: str) -> tuple[Decimal | None, Decimal | None]:
    """Return the smallest and the largest value that the item `key` can have, in its own unit."""
    data = load_data("ranges.toml")
    entry = data["items"].get(key, data["default"])
    return tuple(Decimal(entry[end]) if end in entry else None for end in ("min", "max"))  # type: ignore[return-value]


def _has_odd_digit(text: str) -> bool:
    """Return whether NFKC would turn a footnote or an exponent (``5²``, ``7.2①``, ``½``) into a digit.

    Full-width digits are digits; behind a letter the sign belongs to a unit (``mg/m³``).
    """
    text = _RAISED_POWER.sub("", text)
    for place, sign in enumerate(text):
        if sign.isascii() or "０" <= sign <= "９":
            continue
        plain = unicodedata.normalize("NFKC", sign)
        in_unit = plain[:1].isalpha() or (place > 0 and text[place - 1].isalpha())
        if not in_unit and any("0" <= its <= "9" for its in plain):
            return True
    return False


def _in_own_unit(reading: Reading, factor: Decimal | None, item: Item, text: str) -> Reading | Problem:
    if factor is None:
        return unknown_unit(reading.unit or "", item)
    if reading.value is None:
        return reading
    value = reading.value * factor
    return check_value(value, item, text) or replace(reading, value=value)


def _decimal(found: re.Match[str]) -> Decimal:
    number = Decimal(found["number"].replace(",", ""))
    power = found["power"] or found["exponent"]
    return number.scaleb(int(power)) if power else number


def _below(found: re.Match[str], text: str) -> Reading | Problem:
    limit = _decimal(found)
    unit = found.groupdict().get("unit")
    if unit is not None and not is_unit(unit):
        return _fault("text", text)
    return Reading(limit, Mark.BELOW_DETECTION, unit) if limit > 0 else _fault("limit-not-positive", text)


def _reason(given: str) -> str:
    """Return why a normalised text is not a result; the most telling reason first."""
    numbers = len(_ANY_NUMBER.findall(given))
    checks = (
        ("formula", given.startswith("#") or given.startswith("=")),
        ("date", bool(_FULL_DATE.fullmatch(given)) or ("月" in given and bool(_DATE.fullmatch(given)))),
        ("bound", given[:1] in "><≥≤≧≦" or "以上" in given or "以下" in given),
        ("no-number", numbers == 0),
        ("power-unclear", "×" in given or bool(re.search(r"[0-9]\s*[x*]\s*10", given))),
        ("chinese-point", "。" in given or "、" in given),
        ("comma", bool(re.fullmatch(r"[+-]?[0-9]+(,[0-9]+)+(\.[0-9]+)?", given))),
        ("incomplete", bool(re.fullmatch(r"[+-]?[0-9]+\.", given))),
        ("two-numbers", numbers > 1),
    )
    return next((code for code, holds in checks if holds), "text")


def _fault(code: str, raw: str) -> Problem:
    what, remedy = _FAULTS[code]
    return Problem(code, Text(what.template, raw=raw), remedy, raw=raw)


_FAULTS: dict[str, tuple[Text, Text]] = {
    "superscript": (
        Text("“{raw}”中有上标数字，无法确定是幂还是脚注。", raw=""),
        Text("请写成普通数字，乘幂写成 1.2×10^4 或 1.2E4。"),
    ),
    "formula": (
        Text("“{raw}”是公式或公式的错误值，不是监测结果。", raw=""),
        Text("请在表格中改正公式，或选择性粘贴为数值后再导入。"),
    ),
    "date": (
        Text("“{raw}”是日期，不是监测结果；很可能是表格软件自动转换的。", raw=""),
        Text("请把该单元格设为“文本”格式，按原始记录重新填写数值。"),
    ),
    "bound": (
        Text("“{raw}”只给出了界限，没有给出数值。", raw=""),
        Text("请填写稀释复测后的数值；低于检出限请写成 <0.02 或 0.02L。"),
    ),
    "no-number": (
        Text("“{raw}”中没有数值。", raw=""),
        Text("请填写数值；未检出写“未检出”或 <检出限，没有读数写 --，不监测写 *。"),
    ),
    "power-unclear": (
        Text("“{raw}”中的乘幂写法不明确。", raw=""),
        Text("请写成 1.2×10^4 或 1.2E4。"),
    ),
    "chinese-point": (
        Text("“{raw}”中有中文标点，无法当作数值。", raw=""),
        Text("请用英文句点“.”作小数点；一个单元格只填一个数值。"),
    ),
    "comma": (
        Text("“{raw}”中的逗号既可能是千位分隔，也可能是小数点。", raw=""),
        Text("请去掉逗号：小数点用“.”，千位分隔每三位一个。"),
    ),
    "incomplete": (
        Text("“{raw}”的小数点后面没有数字。", raw=""),
        Text("请核对原始记录，补全小数或去掉小数点。"),
    ),
    "two-numbers": (
        Text("“{raw}”中有两个以上的数值。", raw=""),
        Text("一个单元格只填一个数值；平行样或多次读数请分行填写。"),
    ),
    "not-a-class": (
        Text("“{raw}”不是水质类别。", raw=""),
        Text("请填写 Ⅰ、Ⅱ、Ⅲ、Ⅳ、Ⅴ、劣Ⅴ 之一；没有类别写 -。"),
    ),
    "text": (
        Text("“{raw}”中有无法识别的文字或单位。", raw=""),
        Text("单元格中只填数值（可带已知单位）；说明文字请写到备注列。"),
    ),
    "too-large": (
        Text("“{raw}”太大，整数部分超过 18 位。", raw=""),
        Text("请核对数值和单位。"),
    ),
    "limit-not-positive": (
        Text("“{raw}”的检出限不大于零。", raw=""),
        Text("请填写分析方法的检出限，例如 <0.02。"),
    ),
}
