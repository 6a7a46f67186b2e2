"""Which days a report speaks of: its period, its comparison, and the day its data end."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from bishui.assessment import Period
from bishui.bulletins import compared_with, period_name
from bishui.errors import DataError, Where
from bishui.i18n import Text

_HALF_YEAR = 6
#: Kinds of bulletins of water quality.
BULLETINS = ("water_month", "water_quarter", "water_year")
#: Reports of January to June.
_HALVES = ("half_year", "outfalls_half")
#: Reports on outfalls: by 25 June and by 25 December.
OUTFALLS = ("outfalls_half", "outfalls_year")
_OF_MONTHS = ("monthly", "water_month", "water_quarter")


@dataclass(frozen=True, slots=True)
class Scope:
    """What a report speaks of.

    It is a city in the sense of `bishui.server.sites.queries.City`: readings after `as_of` do not count.
    """

    division: str
    kind: str
    year: int
    month: int | None
    as_of: date

    @property
    def today(self) -> date:
        """The day that the states of tasks are told for."""
        return self.as_of

    @property
    def period(self) -> Period:
        """The period that is told of."""
        return _period(self.kind, self.year, self.month)

    @property
    def before(self) -> Period:
        """The period compared with: the same of the year before, of a month the month before.

        A bulletin is also compared with the same period of the year before.
        """
        if self.kind in BULLETINS:
            before, same = compared_with(self.period)
            return before or same
        if self.kind != "monthly":
            return _period(self.kind, self.year - 1, self.month)
        assert self.month is not None
        return Period.month(self.year, self.month - 1) if self.month > 1 else Period.month(self.year - 1, 12)

    @property
    def year_so_far(self) -> Period:
        """January to the last month of the period."""
        return Period.year_to_date(self.period.end.year, self.period.end.month)

    @property
    def months(self) -> list[Period]:
        """The months of the period."""
        return [Period.month(month // 12, month % 12 + 1) for month in self.period.months]

    @property
    def first_day(self) -> date:
        """The first day of the period."""
        return self.period.start.date()

    @property
    def name(self) -> str:
        """The period as documents write it."""
        return f"{self.year}年上半年" if self.kind in _HALVES else period_name(self.period)

    @property
    def before_name(self) -> str:
        """What the comparison is called."""
        return "上月" if self.kind == "monthly" else "去年同期" if self.kind in _HALVES else "上年"


def _period(kind: str, year: int, month: int | None) -> Period:
    if kind in _HALVES:
        return Period.year_to_date(year, _HALF_YEAR)
    if kind in ("annual", "water_year", "outfalls_year"):
        return Period.year(year)
    assert month is not None
    return Period.quarter(year, (month + 2) // 3) if kind == "water_quarter" else Period.month(year, month)


def scope_of(
    division: str, kind: str, year: int, month: int | None, *, today: date, as_of: date | None
) -> Scope:
    """Return the scope of a report.

    Without `as_of` its data end with the period, or today where the period has not ended.

    Raises
    ------
    DataError
        If a monthly sheet names no month, or the data would end before the period begins or after today.
    """
    if kind in _OF_MONTHS and not (month and 1 <= month <= 12):
        raise DataError(
            Text("没有给出月份或季度。"),
            remedy=Text("月报请选择 1 至 12 月，季报请选择季度。"),
            where=Where(field="month"),
        )
    period = _period(kind, year, month)
    day = as_of or min(today, period.last_day)
    if not period.start.date() <= day <= today:
        raise DataError(
            Text(
                "数据截止日 {day} 不在 {first} 至 {last} 之间。",
                day=day,
                first=period.start.date(),
                last=today,
            ),
            remedy=Text("请改填截止日，或改选已经开始的时段。"),
            where=Where(field="as_of"),
        )
    return Scope(division, kind, year, period.end.month if kind in _OF_MONTHS else None, day)
