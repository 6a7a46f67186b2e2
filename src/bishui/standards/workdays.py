"""Working days (工作日) of China: weekends, public holidays and the weekend days worked instead (调休上班).

The arrangement of each year is data (``holidays.toml``). A day of a year without one is answered by its
weekday alone, and every answer says so: `Workday.verified`, `Reached.unverified`, `Counted.unverified`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from types import MappingProxyType
from typing import Any, Literal

from bishui.standards.editions import DATA, read_toml

Reason = Literal["weekday", "weekend", "holiday", "shifted"]

_SATURDAY = 5
_ONE = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Workday:
    """Whether one day is worked, and why.

    Attributes
    ----------
    works
        True for a working day.
    reason
        ``weekday`` or ``weekend`` by the week alone; ``holiday`` off by a notice; ``shifted`` a weekend day
        that is worked.
    name
        The holiday (春节, …), empty for ordinary days.
    notice
        The number of the notice that arranges the day, empty where none is known.
    certainty
        Of the data, A or B; C where the day is answered by its weekday alone.
    verified
        False where no arrangement is known that covers the day.
    """

    day: date
    works: bool
    reason: Reason
    name: str
    notice: str
    certainty: str
    verified: bool


@dataclass(frozen=True, slots=True)
class Reached:
    """The day that working days lead to; `unverified` are the years answered by weekends alone."""

    day: date
    unverified: tuple[int, ...] = ()

    @property
    def verified(self) -> bool:
        """True where every day on the way is covered by an arrangement."""
        return not self.unverified


@dataclass(frozen=True, slots=True)
class Counted:
    """A number of working days; `unverified` are the years answered by weekends alone."""

    count: int
    unverified: tuple[int, ...] = ()

    @property
    def verified(self) -> bool:
        """True where every day counted is covered by an arrangement."""
        return not self.unverified


@dataclass(frozen=True, slots=True)
class _Arranged:
    works: bool
    name: str
    notice: str
    certainty: str


def workday(day: date) -> Workday:
    """Tell whether a day is worked.

    Parameters
    ----------
    day
        The day (China Standard Time).

    Notes
    -----
    Source: the yearly notice of the General Office of the State Council on public holidays
    (国务院办公厅关于……年部分节假日安排的通知), whose number the answer holds; other days follow the week.
    """
    content = read_calendar()
    arranged = content.days.get(day)
    if arranged is not None:
        reason: Reason = "shifted" if arranged.works else "holiday"
        return Workday(
            day, arranged.works, reason, arranged.name, arranged.notice, arranged.certainty, verified=True
        )
    works = day.weekday() < _SATURDAY
    verified = content.covers(day)
    notice, certainty = content.years[day.year] if verified else ("", "C")
    return Workday(day, works, "weekday" if works else "weekend", "", notice, certainty, verified)


def add_workdays(day: date, number: int) -> Reached:
    """Return the day that `number` working days lead to from `day`, which itself is not counted.

    Parameters
    ----------
    day
        The day from which is counted, such as the day of publication; any day.
    number
        How many working days on; negative goes back, 0 gives `day` itself.

    Notes
    -----
    The first day is not counted: 民法典 第二百零一条. The result of a number other than 0 is a working day.
    """
    step = _ONE if number >= 0 else -_ONE
    left, reached, unverified = abs(number), day, set[int]()
    while left:
        reached += step
        found = workday(reached)
        left -= found.works
        if not found.verified:
            unverified.add(reached.year)
    return Reached(reached, tuple(sorted(unverified)))


def workdays_between(first: date, last: date) -> Counted:
    """Return how many working days lie between two days: `first` is not counted, `last` is.

    It undoes `add_workdays`: from `first` so many working days lead to `last`, where that is one. Where
    `last` lies before `first` the number is negative.
    """
    step = _ONE if last >= first else -_ONE
    days = [workday(first + step * number) for number in range(1, abs((last - first).days) + 1)]
    count = sum(found.works for found in days)
    unverified = {found.day.year for found in days if not found.verified}
    return Counted(count if last >= first else -count, tuple(sorted(unverified)))


@dataclass(frozen=True, slots=True)
class Calendar:
    """The arrangements as read: single days, and (notice, certainty) by year."""

    days: Mapping[date, _Arranged]
    years: Mapping[int, tuple[str, str]]
    next_year_from: str

    def covers(self, day: date) -> bool:
        """Tell whether the arrangement that decides on `day` is known.

        The last days of a year may still be changed by the notice for the next one.
        """
        if f"{day:%m-%d}" >= self.next_year_from and day.year + 1 not in self.years:
            return False
        return day.year in self.years


@cache
def read_calendar() -> Calendar:
    """Return the content of ``holidays.toml``."""
    content = read_toml(DATA / "holidays.toml")
    days = {day: arranged for year in content["year"] for day, arranged in _days(year)}
    years = {year["year"]: (str(year["notice"]), str(year["certainty"])) for year in content["year"]}
    return Calendar(MappingProxyType(days), MappingProxyType(years), content["next_year_from"])


def _days(year: Mapping[str, Any]) -> Iterator[tuple[date, _Arranged]]:
    for holiday in year["holiday"]:
        first, last = holiday["days"]
        for number in range((last - first).days + 1):
            yield (
                first + timedelta(days=number),
                _Arranged(False, holiday["name"], year["notice"], year["certainty"]),
            )
        for day in holiday.get("work", ()):
            yield day, _Arranged(True, holiday["name"], year["notice"], year["certainty"])
