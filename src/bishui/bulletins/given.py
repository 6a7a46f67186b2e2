"""What a bulletin is made of: the results of its period and of those that it is compared with."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from bishui.assessment import (
    BodyGrade,
    GroundwaterResult,
    Overrides,
    Period,
    PeriodKind,
    SectionResult,
    SourceAssessment,
    ZoneAssessment,
    periods_between,
)
from bishui.standards import Override, Rules, rules

#: Kinds of waters and areas.
CITY, WATER, BASIN, COUNTY = "city", "water", "basin", "county"
_INFLOW = "inflow"


@dataclass(frozen=True, slots=True)
class Section:
    """A section or lake point: identifier, name, level of control in words, the water it lies in."""

    id: str
    name: str
    control: str = ""
    water: str = ""


@dataclass(frozen=True, slots=True)
class Water:
    """A water or an area with its sections; `roles` is the place in the lake of some points (inflow)."""

    kind: str
    name: str
    sites: tuple[str, ...]
    lake: bool = False
    roles: Mapping[str, str] = field(default_factory=dict)

    @property
    def administrative(self) -> bool:
        """Whether it is judged by the shares of its sections, however few (环办〔2011〕22号 二.2)."""
        return self.kind in (CITY, COUNTY)


def _in_words(result: SectionResult) -> str:
    return str(result.reason.text) if result.reason else ""


@dataclass(frozen=True)
class Given:
    """All that a bulletin tells of.

    Attributes
    ----------
    place, period, as_of
        Whose waters, when, and the last day whose readings count.
    before, last_year
        The period just before (环比; None of a year) and the same one of the year before (同比).
    sections, waters
        What is registered; the first water is the place itself.
    results
        Section results by period and site: of the three periods.
    names
        Name of each site and source by identifier.
    why
        Says why a section has no class.
    sources, zones, wells, bodies
        Drinking-water sources, function zones, wells and black-odorous waters; None or empty where there
        are none.
    own
        The bureau's own limits and settings, as `bishui.assessment.assess` takes them.
    override
        Those in force on the last day, in words; empty where there are none.
    """

    place: str
    period: Period
    as_of: date
    before: Period | None
    last_year: Period
    sections: Sequence[Section]
    waters: Sequence[Water]
    results: Mapping[Period, Mapping[str, SectionResult]]
    names: Mapping[str, str]
    why: Callable[[SectionResult], str] = _in_words
    sources: SourceAssessment | None = None
    zones: ZoneAssessment | None = None
    wells: Sequence[GroundwaterResult] = ()
    bodies: Sequence[BodyGrade] = ()
    own: Overrides | None = None
    override: str = ""

    @property
    def own_values(self) -> Override | None:
        """The bureau's own limits and settings in force on the period's last day."""
        return self.own(self.period.last_day) if callable(self.own) else self.own

    def rules(self, key: str) -> Rules:
        """Return the rules of a method on the period's last day, with the bureau's own settings."""
        return rules(key, self.period.last_day, self.own_values)

    @property
    def now(self) -> Mapping[str, SectionResult]:
        """The results of the bulletin's own period."""
        return self.results[self.period]

    @property
    def earlier(self) -> list[tuple[str, Period]]:
        """The periods compared with, each with what it is called."""
        same = "上年" if self.period.kind is PeriodKind.YEAR else "上年同期"
        before = [(_BEFORE[self.period.kind], self.before)] if self.before else []
        return [*before, (same, self.last_year)]


_BEFORE = {
    PeriodKind.MONTH: "上月",
    PeriodKind.QUARTER: "上季度",
    PeriodKind.HALF_YEAR: "上半年度",
}


def is_lake(points: Iterable[tuple[str | None, str]]) -> bool:
    """Tell whether a water is a lake: every registered type is, but for the rivers that flow into it.

    Parameters
    ----------
    points
        Water type and place in the lake (``inflow``) of each of its sections.
    """
    return {kind for kind, role in points if kind and role != _INFLOW} == {"lake"}


def compared_with(period: Period) -> tuple[Period | None, Period]:
    """Return the period just before one, and the same one of the year before.

    A year, and January to a month, have no other one before than that of the year before.
    """
    a_year_ago = datetime(period.end.year - 1, period.end.month, 1)
    (same,) = periods_between(period.kind, a_year_ago, a_year_ago)
    if period.kind in (PeriodKind.YEAR, PeriodKind.YTD):
        return None, same
    yesterday = period.start - timedelta(days=1)
    (before,) = periods_between(period.kind, yesterday, yesterday)
    return before, same
