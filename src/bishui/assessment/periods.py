"""Periods of assessment: one reading, a day, a month, a quarter, January to n, a year."""

from __future__ import annotations

import calendar
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum

from bishui.errors import CallError
from bishui.i18n import Text


class PeriodKind(StrEnum):
    """Kinds of periods (环办〔2011〕22号 1.(2))."""

    READING = "reading"
    DAY = "day"
    MONTH = "month"
    QUARTER = "quarter"
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
    def month(cls, year: int, month: int) -> Period:
        """Return one month."""
        return cls._months(year, month, month, PeriodKind.MONTH)

    @classmethod
    def quarter(cls, year: int, quarter: int) -> Period:
        """Return one quarter, 1–4."""
        return cls._months(year, 3 * quarter - 2, 3 * quarter, PeriodKind.QUARTER)

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
    def months(self) -> range:
        """The months inside, as ``year × 12 + month − 1``."""
        return range(self.start.year * 12 + self.start.month - 1, self.end.year * 12 + self.end.month)

    @property
    def label(self) -> str:
        """A short label that `parse` reads: 2021-04-01, 2021-04, 2021-Q2, 2021-01~04, 2021."""
        year, month = self.end.year, self.end.month
        return {
            PeriodKind.READING: self.start.isoformat(" ", "minutes"),
            PeriodKind.DAY: self.start.date().isoformat(),
            PeriodKind.MONTH: f"{year:04}-{month:02}",
            PeriodKind.QUARTER: f"{year:04}-Q{(month + 2) // 3}",
            PeriodKind.YTD: f"{year:04}-01~{month:02}",
            PeriodKind.YEAR: f"{year:04}",
        }[self.kind]

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
                    "写法：2021-04-01（日）、2021-04（月）、2021-Q2（季）、2021-01~04（累计）、2021（年）。"
                ),
            ) from fault

    @classmethod
    def _parse(cls, text: str) -> Period:
        if re.fullmatch(r"\d{4}", text):
            return cls.year(int(text))
        if match := re.fullmatch(r"(\d{4})-[Qq]([1-4])", text):
            return cls.quarter(int(match[1]), int(match[2]))
        if match := re.fullmatch(r"(\d{4})-01[~—–](\d{1,2})", text):
            return cls.year_to_date(int(match[1]), int(match[2]))
        if match := re.fullmatch(r"(\d{4})-(\d{1,2})", text):
            return cls.month(int(match[1]), int(match[2]))
        moment = datetime.fromisoformat(text)
        return cls.day(moment.date()) if len(text) == 10 else cls.reading(moment)


def periods_between(kind: PeriodKind, first: datetime, last: datetime) -> list[Period]:
    """Return every period of a kind that overlaps the time from `first` to `last`; not for readings."""
    if kind is PeriodKind.DAY:
        days = (last.date() - first.date()).days
        return [Period.day(first.date() + timedelta(days=offset)) for offset in range(days + 1)]
    months = range(first.year * 12 + first.month - 1, last.year * 12 + last.month)
    return _unique(_containing(kind, month // 12, month % 12 + 1) for month in months)


def periods_touched(kind: PeriodKind, days: Iterable[date]) -> list[Period]:
    """Return every period of a kind that holds one of some days, in order; not for readings."""
    moments = (datetime.combine(day, time.min) for day in sorted(set(days)))
    return _unique(period for moment in moments for period in periods_between(kind, moment, moment))


def _containing(kind: PeriodKind, year: int, month: int) -> Period:
    if kind is PeriodKind.QUARTER:
        return Period.quarter(year, (month + 2) // 3)
    if kind is PeriodKind.YTD:
        return Period.year_to_date(year, month)
    return Period.month(year, month) if kind is PeriodKind.MONTH else Period.year(year)


def _unique(periods: Iterable[Period]) -> list[Period]:
    return list(dict.fromkeys(periods))
