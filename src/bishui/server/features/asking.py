"""What a call for features asks: how many, where, when, from where on; refused where it cannot be meant."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta, timezone
from typing import Any

from django.http import HttpRequest

from bishui.errors import CallError, Where
from bishui.i18n import Text

CHINA = timezone(timedelta(hours=8))
#: The most features of one answer; a larger limit means this one (OGC 17-069r4, requirement 22).
MOST = 1000
MOST_SKIPPED = 10**6
#: What may be asked of every collection, beside the values of its properties.
PAGING = ("limit", "bbox", "datetime", "after", "offset")


class WrongQuery(CallError):
    """A parameter of a call is unknown or cannot be read (OGC 17-069r4, requirements 8 and 9)."""

    code = "wrong-query"
    http_status = 400


@dataclass(frozen=True, slots=True)
class Box:
    """A bounding box in degrees; `west` beyond `east` is one across the 180th meridian."""

    west: float
    south: float
    east: float
    north: float

    def holds(self, lon: float, lat: float) -> bool:
        """Tell whether a point lies inside or on the edge."""
        if not self.south <= lat <= self.north:
            return False
        if self.west <= self.east:
            return self.west <= lon <= self.east
        return lon >= self.west or lon <= self.east


@dataclass(frozen=True, slots=True)
class Span:
    """A span of time in China Standard Time, both ends inside; None is open."""

    start: datetime | None
    end: datetime | None

    def meets(self, start: datetime | None, end: datetime | None) -> bool:
        """Tell whether another span has a moment in common with this one."""
        begins_before = self.end is None or start is None or start <= self.end
        return begins_before and (self.start is None or end is None or end >= self.start)


@dataclass(frozen=True, slots=True)
class Asked:
    """A call for features.

    Attributes
    ----------
    limit
        The most features of one answer.
    after
        Key of the last feature that the caller has.
    offset
        How many further features are skipped.
    equal
        Values that properties must have, as they are written in the address.
    """

    limit: int
    box: Box | None = None
    span: Span | None = None
    after: str = ""
    offset: int = 0
    equal: Mapping[str, str] = field(default_factory=dict)

    def wants(self, properties: Mapping[str, Any]) -> bool:
        """Tell whether a feature has every value asked for; a property without a value equals nothing."""
        found = ((properties[name], wanted) for name, wanted in self.equal.items())
        return all(value is not None and str(value) == wanted for value, wanted in found)


def check_names(request: HttpRequest, known: Iterable[str]) -> None:
    """Refuse a parameter that the description does not name."""
    unknown = sorted(set(request.GET) - {*known, "f"})
    if unknown:
        raise WrongQuery(
            Text("不认识参数“{names}”。", names="、".join(unknown)[:200]),
            remedy=Text("可用的参数：{known}。", known="、".join(known) or "f"),
            where=Where(field=unknown[0][:100]),
        )
    if request.GET.get("f", "json") != "json":
        raise _wrong("f", request.GET["f"], Text("只提供 JSON：f=json。"))


def equal_of(request: HttpRequest, filters: Mapping[str, str]) -> dict[str, str]:
    """Return the values that a call asks properties to have.

    Parameters
    ----------
    filters
        The properties that may be asked for, with their type in JSON.
    """
    equal = {name: request.GET[name] for name in filters if name in request.GET}
    for name, wanted in equal.items():
        if filters[name] == "integer" and not re.fullmatch(r"0|-?[1-9]\d*", wanted, re.ASCII):
            raise _wrong(name, wanted, Text("请写一个整数。"))
    return equal


def box_of(text: str | None) -> Box | None:
    """Read ``west,south,east,north``; heights in a box of six numbers do not matter."""
    if text is None:
        return None
    remedy = Text("请写作 西,南,东,北 四个十进制度数，如 109,24,110,25。")
    try:
        numbers = [float(part) for part in text.split(",")]
    except ValueError:
        raise _wrong("bbox", text, remedy) from None
    if len(numbers) == 6:
        numbers = [*numbers[:2], *numbers[3:5]]
    if len(numbers) != 4 or not all(map(math.isfinite, numbers)) or numbers[1] > numbers[3]:
        raise _wrong("bbox", text, remedy)
    return Box(*numbers)


def span_of(text: str | None) -> Span | None:
    """Read a moment, a day, or an interval of two of them; ``..`` or nothing is an open end."""
    if text is None:
        return None
    first, slash, last = text.partition("/")
    if not slash:
        start, end = _moment(first, text, last=False), _moment(first, text, last=True)
        if start is None:
            raise _wrong("datetime", text, _HOW)
        return Span(start, end)
    span = Span(_moment(first, text, last=False), _moment(last, text, last=True))
    if span.start is None and span.end is None:
        raise _wrong("datetime", text, _HOW)
    if span.start is not None and span.end is not None and span.end < span.start:
        raise _wrong("datetime", text, Text("结束早于开始。"))
    return span


_HOW = Text("请写一个时刻或时段，如 2025-06-01T00:00:00+08:00、2025-01-01/2025-06-30、2025-01-01/..。")


def _moment(part: str, whole: str, *, last: bool) -> datetime | None:
    """Read one end; a day alone is its first or its last moment, a time without a zone is China's."""
    if part in ("", ".."):
        return None
    try:
        found = datetime.fromisoformat(part)
        if found.tzinfo is not None:
            found = found.astimezone(CHINA).replace(tzinfo=None)
    except (ValueError, OverflowError):
        raise _wrong("datetime", whole, _HOW) from None
    if len(part) <= 10 and last:
        return datetime.combine(found.date(), time(23, 59, 59))
    return found


def _wrong(field: str, text: str, remedy: Text) -> WrongQuery:
    what = Text("参数 {field} 的值“{text}”有误。", field=field, text=text[:100])
    return WrongQuery(what, remedy=remedy, where=Where(field=field))
