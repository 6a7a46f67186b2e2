"""Numbers and dates of worksheets as their number format shows them (ECMA-376 part 1, 18.8.30-31)."""

from __future__ import annotations

import datetime
import re
from decimal import ROUND_HALF_UP, Decimal

_LITERAL = re.compile(r"\"([^\"]*)\"|\\(.)|\[[^\]]*\]|_.|\*.|@")
_DATE_PARTS = re.compile(r"y+|m+|d+|h+|s+|AM/PM|上午/下午", re.IGNORECASE)
_NUMBER = re.compile(r"^(?P<comma>#,##)?0?#*0(?:\.(?P<decimals>0+))?(?P<percent>%)?$")
# Formats that Chinese versions of Excel and WPS write by number alone: 18.8.30, zh-cn.
CHINESE_DATES = {
    27: "yyyy年m月",
    28: "m月d日",
    29: "m月d日",
    30: "m-d-yy",
    31: "yyyy年m月d日",
    36: "yyyy年m月",
    50: "yyyy年m月",
    51: "m月d日",
    52: "yyyy年m月",
    53: "m月d日",
    54: "m月d日",
    57: "yyyy年m月",
    58: "m月d日",
}


def shown_number(value: int | float, code: str = "General") -> str:
    """Return a number as shown: with the decimals and the % of its format, otherwise as many as it has."""
    form = _NUMBER.match(_plain_code(code))
    exact = Decimal(repr(value)) if isinstance(value, float) else Decimal(value)
    if form is None:
        return _plain(value)
    decimals = len(form["decimals"] or "")
    scaled = exact * 100 if form["percent"] else exact
    rounded = scaled.quantize(Decimal(1).scaleb(-decimals), rounding=ROUND_HALF_UP)
    text = f"{rounded:,f}" if form["comma"] else f"{rounded:f}"
    return text + (form["percent"] or "")


def _plain(value: int | float) -> str:
    """Return a number without a trailing .0 and without the noise of binary fractions."""
    if isinstance(value, int) or value.is_integer():
        return str(int(value))
    text = f"{value:.15g}"
    return f"{Decimal(text):f}" if "e" in text else text


def _plain_code(code: str) -> str:
    return _LITERAL.sub("", (code or "").split(";")[0]).strip()


def shown_date(value: datetime.datetime, code: str) -> str:
    """Return a date as its format shows it; formats of the reader's own country are shown as ISO 8601."""
    text = _chinese_date(value, code)
    if text is not None:
        return text
    if value.time() == datetime.time():
        return value.date().isoformat()
    return value.isoformat(sep=" ")


def _chinese_date(value: datetime.datetime, code: str) -> str | None:
    """Return the date where the format writes 年, 月 or 日; the only ones whose look says something."""
    form = _LITERAL.sub(lambda hit: hit[1] or hit[2] or "", code.split(";", maxsplit=1)[0])
    if not re.search("[年月日]", form) or re.search("[hs]", form, re.IGNORECASE):
        return None
    return _DATE_PARTS.sub(lambda hit: _date_part(value, hit.group().lower()), form).strip()


def _date_part(value: datetime.datetime, part: str) -> str:
    if part[0] == "y":
        return f"{value.year:04d}" if len(part) > 2 else f"{value.year % 100:02d}"
    number = value.month if part[0] == "m" else value.day
    return f"{number:02d}" if len(part) == 2 else str(number)
