"""Written times, from text to China Standard Time (北京时间, stored naive)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from bishui.errors import Problem
from bishui.i18n import Text
from bishui.observations.textforms import normalise

_CLOCK = (
    r"(?:[\sT,]*(?P<half>上午|下午)?\s*(?P<hour>[0-9]{1,2})\s*(?:[:时点]\s*(?:(?P<minute>[0-9]{1,2})\s*分?\s*"
    r"(?::?\s*(?P<second>[0-9]{1,2})(?:\.0+)?\s*秒?)?)?)?(?P<zone>\s*(?:Z|[+-][0-9]{2}:?[0-9]{2}))?)?"
)
_FULL = re.compile(
    r"(?P<year>[0-9]{4})\s*[-/.年]\s*(?P<month>[0-9]{1,2})\s*[-/.月]\s*(?P<day>[0-9]{1,2})\s*[日号]?" + _CLOCK
)
_NO_YEAR = re.compile(r"(?P<month>[0-9]{1,2})\s*[-/月]\s*(?P<day>[0-9]{1,2})\s*[日号]?" + _CLOCK)
_COMPACT = re.compile(
    r"(?P<year>(?:19|20)[0-9]{2})(?P<month>[0-9]{2})(?P<day>[0-9]{2})"
    r"(?:\s*(?P<hour>[0-9]{2})(?:(?P<minute>[0-9]{2})(?P<second>[0-9]{2})?)?)?"
)
_SERIAL = re.compile(r"[2-7][0-9]{4}(?:\.[0-9]+)?")
_SHORT_YEAR = re.compile(r"[0-9]{1,2}[-/.][0-9]{1,2}[-/.][0-9]{1,4}(?:[\sT].*)?")
_CANONICAL = r"^[12][0-9]{3}-[01][0-9]-[0-3][0-9] [0-2][0-9]:[0-5][0-9](:[0-5][0-9])?$"
_YEARS = re.compile(r"(?<![0-9])(?:19|20)[0-9]{2}(?![0-9])")

#: Day 0 of spreadsheet serials; right from 1900-03-01 on (the programs count a 29 February 1900).
_SERIAL_EPOCH = datetime(1899, 12, 30)
_NO_TIME = frozenset(("", "*", "-", "--", "---", "/"))


@dataclass(frozen=True, slots=True)
class Times:
    """Times of many texts.

    Attributes
    ----------
    seconds
        Seconds since 1970-01-01 of the naive time; 0 where there is none. int64, shape (n,).
    known
        Whether the text gave a time, shape (n,).
    absent
        Whether the text says that there is no time (empty, ``*``, ``--``), shape (n,).
    problems
        Distinct faulty text → its problem.
    """

    seconds: np.ndarray
    known: np.ndarray
    absent: np.ndarray
    problems: dict[str, Problem]


def years_named(path: Path) -> tuple[int, ...]:
    """Return the years that the file name holds, or else those of the folder's name."""
    for name in (path.name, path.parent.name):
        years = tuple(sorted({int(found) for found in _YEARS.findall(name)}))
        if years:
            return years
    return ()


def parse_time(text: str, year: int | None = None) -> datetime | Problem:
    """Understand one written time.

    Parameters
    ----------
    text
        ``2024-03-05 08:00``, ``2024/3/5 8:00``, ``2024年3月5日8时``, ``20240305080000``, ``03-05 08:00``,
        a spreadsheet serial (``45356.333``), ``2024-3-5 24:00`` (the next day's 0:00).
    year
        The year of a text without one.

    Returns
    -------
    datetime or Problem
        Naive China Standard Time; the problem has no place yet.
    """
    given = normalise(text)
    if given in _NO_TIME:
        return _fault("no-time", text)
    if _SERIAL.fullmatch(given):
        return _from_serial(given)
    found = _FULL.fullmatch(given) or _COMPACT.fullmatch(given)
    if found is None and _SHORT_YEAR.fullmatch(given):
        return _fault("short-year", text)
    if found is None:
        found = _NO_YEAR.fullmatch(given)
        if found is None:
            return _fault("not-a-time", text)
        if year is None:
            return _fault("no-year", text)
    return _assemble(found.groupdict(), year, text)


def parse_times(texts: pa.Array, year: int | None = None) -> Times:
    """Understand many written times; the usual form in bulk, each other distinct text once.

    Parameters
    ----------
    texts
        String array, shape (n,).
    year
        The year of texts without one.
    """
    encoded = texts.dictionary_encode()
    distinct = encoded.dictionary
    seconds, known = _bulk(distinct)
    absent = np.zeros(len(distinct), dtype=bool)
    problems: dict[str, Problem] = {}
    for place in np.flatnonzero(~known):
        text = distinct[int(place)].as_py()
        moment = parse_time(text, year)
        if isinstance(moment, Problem):
            problems[text] = moment
            absent[place] = moment.code == "no-time"
        else:
            seconds[place] = int((moment - datetime(1970, 1, 1)).total_seconds())
            known[place] = True
    index = encoded.indices.to_numpy()
    return Times(seconds[index], known[index], absent[index], problems)


def _bulk(distinct: pa.Array) -> tuple[np.ndarray, np.ndarray]:
    """Read the texts of the form ``2024-03-05 08:00[:00]``; days that do not exist stay unread."""
    seconds = np.zeros(len(distinct), dtype=np.int64)
    usual = np.asarray(pc.match_substring_regex(distinct, _CANONICAL))
    known = np.zeros(len(distinct), dtype=bool)
    for length, form in ((16, "%Y-%m-%d %H:%M"), (19, "%Y-%m-%d %H:%M:%S")):
        mask = usual & (np.asarray(pc.utf8_length(distinct)) == length)
        if not mask.any():
            continue
        some = distinct.filter(pa.array(mask))
        read = pc.strptime(some, format=form, unit="s", error_is_null=True)
        # strptime turns 30 February into 1 March: a day that comes out otherwise than written is refused.
        day = pc.utf8_slice_codeunits(some, 8, 10).cast(pa.int64())
        same = np.asarray(pc.fill_null(pc.equal(pc.day(read), day), False))
        seconds[mask] = np.where(same, pc.fill_null(read.cast(pa.int64()), 0).to_numpy(), 0)
        known[mask] = same
    return seconds, known


def _from_serial(given: str) -> datetime:
    seconds = (Decimal(given) * 86400).to_integral_value()
    return _SERIAL_EPOCH + timedelta(seconds=int(seconds))


def _assemble(parts: dict[str, str | None], year: int | None, text: str) -> datetime | Problem:
    zone = (parts.get("zone") or "").strip().replace(":", "")
    if zone not in ("", "+0800"):
        return _fault("other-zone", text)
    hour, minute, second = (int(parts.get(name) or 0) for name in ("hour", "minute", "second"))
    if parts.get("half") == "下午" and hour < 12:
        hour += 12
    next_day = hour == 24 and minute == 0 and second == 0
    try:
        moment = datetime(
            int(parts.get("year") or year or 0),
            int(parts["month"] or 0),
            int(parts["day"] or 0),
            0 if next_day else hour,
            minute,
            second,
        )
    except ValueError:
        return _fault("no-such-time", text)
    return moment + timedelta(days=1) if next_day else moment


def _fault(code: str, raw: str) -> Problem:
    what, remedy = _FAULTS[code]
    return Problem(code, Text(what.template, raw=raw), remedy, raw=raw)


_FAULTS: dict[str, tuple[Text, Text]] = {
    "no-time": (
        Text("没有监测时间（“{raw}”），这一行的数值无法使用。", raw=""),
        Text("请补填监测时间，例如 2024-03-05 08:00。"),
    ),
    "no-year": (
        Text("时间“{raw}”没有年份。", raw=""),
        Text("请用 --year 指定年份，或在文件名、文件夹名中写上年份，例如“2024-03”。"),
    ),
    "short-year": (
        Text("时间“{raw}”的年份不明确。", raw=""),
        Text("请写四位年份，年在前，例如 2024-03-05 08:00。"),
    ),
    "other-zone": (
        Text("时间“{raw}”不是北京时间。", raw=""),
        Text("请换算成北京时间（UTC+8）后再导入，不带时区。"),
    ),
    "no-such-time": (
        Text("时间“{raw}”不存在。", raw=""),
        Text("请核对月、日、时、分，例如 2024-03-05 08:00。"),
    ),
    "not-a-time": (
        Text("“{raw}”不是时间。", raw=""),
        Text("请写成 2024-03-05 08:00 的形式。"),
    ),
}
