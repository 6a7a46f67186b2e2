"""Periods of assessment: one reading, a day, a week, ten days, a month … a year.

Weeks are those of GB/T 7408 (ISO 8601): Monday to Sunday, the first holds the year's first Thursday.
"""

from __future__ import annotations

import calendar
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum

from bishui.errors import CallError
from bishui.i18n import Text


class PeriodKind(StrEnum):
    """Kinds of periods (环办〔2011〕22号 1.(2))."""

    READING = "reading"
    DAY = "day"
    WEEK = "week"
    TEN_DAYS = "ten_days"
    MONTH = "month"
    QUARTER = "quarter"
    HALF_YEAR = "half_year"
    YTD = "ytd"
    YEAR = "year"


@dataclass(frozen=True, slots=True, order=True)
class Period:
    """A period in China Standard Time; `start` and `end` are its first and last moment, both inside."""

    start: datetime
    end: datetime
    kind: PeriodKind

    @classmethod
    def reading(cls, moment: datetime) -> Period:
        """Return the period of a single reading."""
        return cls(moment, moment, PeriodKind.READING)

    @classmethod
    def day(cls, on: date) -> Period:
        """Return one day."""
        return cls._days(on, on, PeriodKind.DAY)

    @classmethod
    def week(cls, year: int, week: int) -> Period:
        """Return one week (周), 1–53, by its year and number in GB/T 7408."""
        monday = date.fromisocalendar(year, week, 1)
        return cls._days(monday, monday + timedelta(days=6), PeriodKind.WEEK)

    @classmethod
    def ten_days(cls, year: int, month: int, third: int) -> Period:
        """Return one third of a month (上旬、中旬、下旬), 1–3; the last one ends with the month."""
        if third == 3:
            last = date(year, month, calendar.monthrange(year, month)[1])
        else:
            last = date(year, month, 10 * third)
        return cls._days(date(year, month, 10 * third - 9), last, PeriodKind.TEN_DAYS)

    @classmethod
    def month(cls, year: int, month: int) -> Period:
        """Return one month."""
        return cls._months(year, month, month, PeriodKind.MONTH)

    @classmethod
    def quarter(cls, year: int, quarter: int) -> Period:
        """Return one quarter, 1–4."""
        return cls._months(year, 3 * quarter - 2, 3 * quarter, PeriodKind.QUARTER)

    @classmethod
    def half_year(cls, year: int, half: int) -> Period:
        """Return one half of a year, 1–2."""
        return cls._months(year, 6 * half - 5, 6 * half, PeriodKind.HALF_YEAR)

    @classmethod
    def year_to_date(cls, year: int, month: int) -> Period:
        """Return January to `month` (1—n月累计)."""
        return cls._months(year, 1, month, PeriodKind.YTD)

    @classmethod
    def year(cls, year: int) -> Period:
        """Return one year."""
        return cls._months(year, 1, 12, PeriodKind.YEAR)

    @classmethod
    def _days(cls, first: date, last: date, kind: PeriodKind) -> Period:
        return cls(datetime.combine(first, time.min), datetime.combine(last, time(23, 59, 59)), kind)

    @classmethod
    def _months(cls, year: int, first: int, last: int, kind: PeriodKind) -> Period:
        return cls._days(date(year, first, 1), date(year, last, calendar.monthrange(year, last)[1]), kind)

    @property
    def last_day(self) -> date:
        """The day whose editions and water type hold for the period."""
        return self.end.date()

    @property
    def days(self) -> range:
        """The days inside, counted from 1970-01-01."""
        epoch = date(1970, 1, 1)
        return range((self.start.date() - epoch).days, (self.end.date() - epoch).days + 1)

    @property
    def months(self) -> range:
        """The months inside, as ``year × 12 + month − 1``."""
        return range(self.start.year * 12 + self.start.month - 1, self.end.year * 12 + self.end.month)

    @property
    def label(self) -> str:
        """A short label that `parse` reads, such as 2021-04-01, 2021-W14, 2021-04-T1, 2021-Q2, 2021-H1."""
        return _LABELS[self.kind](self.start, self.end)

    @classmethod
    def parse(cls, text: str) -> Period:
        """Read a label.

        Raises
        ------
        CallError
            If the text is not a period.
        """
        try:
            return cls._parse(text.strip())
        except (ValueError, IndexError) as fault:
            raise CallError(
                Text("“{text}”不是时段。", text=text),
                remedy=Text(
                    "写法：2021-04-01（日）、2021-W14（周）、2021-04-T1（上旬）、2021-04（月）、2021-Q2（季）、"
                    "2021-H1（半年）、2021-01~04（累计）、2021（年）。"
                ),
            ) from fault

    @classmethod
    def _parse(cls, text: str) -> Period:
        for pattern, make in _SHORT_LABELS.items():
            if match := re.fullmatch(pattern, text):
                return make(*(int(part) for part in match.groups()))
        moment = datetime.fromisoformat(text)
        return cls.day(moment.date()) if len(text) == 10 else cls.reading(moment)


def _week_label(start: datetime, _end: datetime) -> str:
    by_week = start.isocalendar()
    return f"{by_week.year:04}-W{by_week.week:02}"


#: How the label of each kind is written from its first and last moment.
_LABELS: Mapping[PeriodKind, Callable[[datetime, datetime], str]] = {
    PeriodKind.READING: lambda start, _: start.isoformat(" ", "minutes"),
    PeriodKind.DAY: lambda start, _: start.date().isoformat(),
    PeriodKind.WEEK: _week_label,
    PeriodKind.TEN_DAYS: lambda start, end: f"{end.year:04}-{end.month:02}-T{min(3, (start.day + 9) // 10)}",
    PeriodKind.MONTH: lambda _, end: f"{end.year:04}-{end.month:02}",
    PeriodKind.QUARTER: lambda _, end: f"{end.year:04}-Q{(end.month + 2) // 3}",
    PeriodKind.HALF_YEAR: lambda _, end: f"{end.year:04}-H{(end.month + 5) // 6}",
    PeriodKind.YTD: lambda _, end: f"{end.year:04}-01~{end.month:02}",
    PeriodKind.YEAR: lambda _, end: f"{end.year:04}",
}

_SHORT_LABELS: Mapping[str, Callable[..., Period]] = {
    r"(\d{4})": Period.year,
    r"(\d{4})-[Ww](\d{1,2})": Period.week,
    r"(\d{4})-(\d{1,2})-[Tt]([1-3])": Period.ten_days,
    r"(\d{4})-(\d{1,2})": Period.month,
    r"(\d{4})-[Qq]([1-4])": Period.quarter,
    r"(\d{4})-[Hh]([12])": Period.half_year,
    r"(\d{4})-01[~—–](\d{1,2})": Period.year_to_date,
}


def periods_between(kind: PeriodKind, first: datetime, last: datetime) -> list[Period]:
    """Return every period of a kind that overlaps the time from `first` to `last`; not for readings."""
    if kind in _OF_A_DAY:
        days = (last.date() - first.date()).days
        return _unique(_OF_A_DAY[kind](first.date() + timedelta(days=offset)) for offset in range(days + 1))
    months = range(first.year * 12 + first.month - 1, last.year * 12 + last.month)
    return _unique(_containing(kind, month // 12, month % 12 + 1) for month in months)


def _week_of(day: date) -> Period:
    return Period.week(*day.isocalendar()[:2])


def _ten_days_of(day: date) -> Period:
    return Period.ten_days(day.year, day.month, min(3, (day.day + 9) // 10))


_OF_A_DAY: Mapping[PeriodKind, Callable[[date], Period]] = {
    PeriodKind.DAY: Period.day,
    PeriodKind.WEEK: _week_of,
    PeriodKind.TEN_DAYS: _ten_days_of,
}


def periods_touched(kind: PeriodKind, days: Iterable[date]) -> list[Period]:
    """Return every period of a kind that holds one of some days, in order; not for readings."""
    moments = (datetime.combine(day, time.min) for day in sorted(set(days)))
    return _unique(period for moment in moments for period in periods_between(kind, moment, moment))


def _containing(kind: PeriodKind, year: int, month: int) -> Period:
    if kind is PeriodKind.QUARTER:
        return Period.quarter(year, (month + 2) // 3)
    if kind is PeriodKind.HALF_YEAR:
        return Period.half_year(year, (month + 5) // 6)
    if kind is PeriodKind.YTD:
        return Period.year_to_date(year, month)
    return Period.month(year, month) if kind is PeriodKind.MONTH else Period.year(year)


def _unique(periods: Iterable[Period]) -> list[Period]:
    return list(dict.fromkeys(periods))
