"""Room left (余量): for each target of the year, what the rest of the year may bring.

Sections stand on their own items; rate targets (优良比例、达标率) on how many sections may still miss.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import pyarrow as pa

from bishui.assessment.overrides import Overrides, override_on
from bishui.assessment.periods import Period
from bishui.assessment.register import Register, Site, Target, read_targets
from bishui.assessment.results import Reason
from bishui.assessment.room.chance import Chance, Course, attains, candidates, draw, estimate, refused
from bishui.assessment.room.items import Demand, ItemRoom, RoomState, item_room
from bishui.assessment.room.months import MonthsOf, monthly, so_far
from bishui.assessment.room.rates import RateRoom, RateTarget, rate_room
from bishui.assessment.site_means import with_ids
from bishui.i18n import Text
from bishui.standards import Direction, Method, Rules, SurfaceWaterStandard, items, rules, surface_water
from bishui.standards import method as method_on


@dataclass(frozen=True, slots=True)
class SectionRoom:
    """Room left of one section under one target.

    Attributes
    ----------
    site, name, target
        The section and its target.
    items
        Every item that the target binds and that was measured this year, and each with an own limit.
    state
        Open, or decided already by one item or by all.
    reason
        Why nothing can be said.
    chance
        Estimated probability of attainment; None where the outcome is decided.
    courses
        What the probability was estimated from.
    """

    site: str
    name: str
    target: Target
    items: tuple[ItemRoom, ...]
    state: RoomState
    reason: Reason | None
    chance: Chance | None
    courses: tuple[Course, ...] = field(repr=False)

    @property
    def meets_so_far(self) -> bool | None:
        """Whether the means of the months measured meet every limit; None without data."""
        verdicts = [entry.meets_so_far for entry in self.items if entry.meets_so_far is not None]
        return all(verdicts) if verdicts else None

    @property
    def failing(self) -> tuple[str, ...]:
        """Items over their limit so far."""
        return tuple(entry.item for entry in self.items if entry.meets_so_far is False)

    @property
    def text(self) -> Text:
        """The state in one sentence."""
        state: Text = self.reason.text if self.reason else self.state.text
        if not self.failing:
            return Text("{name}：{state}", name=self.name, state=state)
        names = "、".join(items()[key].name for key in self.failing)
        return Text("{name}：{state}，目前超标：{items}", name=self.name, state=state, items=names)

    def as_dict(self) -> dict[str, Any]:
        """Return the JSON form."""
        target = self.target
        return {
            "site": self.site,
            "name": self.name,
            "target": {
                "id": target.id,
                "class": target.target_class,
                "overrides": {item: str(limit) for item, limit in target.overrides.items()},
                "source_file": target.source_file,
                "source_line": target.source_line,
            },
            "state": self.state.value,
            "reason": self.reason.value if self.reason else None,
            "meets_so_far": self.meets_so_far,
            "failing": list(self.failing),
            "items": [entry.as_dict() for entry in self.items],
            "chance": self.chance.as_dict() if self.chance else None,
            "text": self.text.both(),
        }


@dataclass(frozen=True, slots=True)
class RoomLeft:
    """Room left on a day: sections by target, rate targets, and what they were judged by."""

    on: date
    sections: tuple[SectionRoom, ...]
    rates: tuple[RateRoom, ...]
    standard: str
    method: Method = field(repr=False)
    rules: Rules = field(repr=False)

    def of(self, site: str) -> SectionRoom | None:
        """Return the room of a site under its first target, or None."""
        return next((entry for entry in self.sections if entry.site == site), None)

    def as_dict(self) -> dict[str, Any]:
        """Return the JSON form, with every setting."""
        return {
            "on": self.on.isoformat(),
            "standard": self.standard,
            "method": self.method.as_dict(),
            "rules": self.rules.as_dict(),
            "sections": [entry.as_dict() for entry in self.sections],
            "rates": [entry.as_dict() for entry in self.rates],
        }


@dataclass(frozen=True, slots=True)
class _Year:
    """What the sections of a year are judged by."""

    on: date
    period: Period
    months: Mapping[str, Mapping[str, MonthsOf]]
    register: Register
    standard: SurfaceWaterStandard
    method: Method
    rules: Rules

    @property
    def strict(self) -> bool:
        return self.method.detection_above_limit == "cannot_be_judged"


def room_left(
    measurements: pa.Table,
    sites: pa.Table,
    targets: pa.Table | None,
    flags: pa.Table | None = None,
    *,
    on: date,
    rates: Sequence[RateTarget] = (),
    method: Method | None = None,
    chosen: Rules | None = None,
    override: Overrides | None = None,
) -> RoomLeft:
    """Return what the rest of a year may bring for each target of that year (环办〔2011〕22号 1.(2)).

    Parameters
    ----------
    measurements, sites, targets, flags
        The tables of `assess`; earlier years are the history that probabilities are drawn from.
    on
        The day: its year is looked at, and rows after it do not count.
    rates
        Targets for the share of some sections.
    method
        How to average and judge; without it the edition in force on the last day of the year.
    chosen
        Rules of ``room``; without it those in force on that day.
    override
        A bureau's own limits and settings, as `assess` takes them.
    """
    period = Period.year(on.year)
    register = Register(sites)
    own = override_on(override, period.last_day)
    method = method or method_on(period.last_day, own)
    year = _Year(
        on=on,
        period=period,
        months=monthly(with_ids(measurements, sites), flags, method, on),
        register=register,
        standard=surface_water(period.last_day, own),
        method=method,
        rules=chosen or rules("room", period.last_day, own),
    )
    by_site = read_targets(targets, register.aliases)
    asked = [target for site in sorted(by_site) for target in by_site[site] if target.covers(period)]
    sections = tuple(_section(year, target) for target in asked)
    found = tuple(rate_room(rate, _for_rate(year, rate, sections), year.rules, on.year) for rate in rates)
    return RoomLeft(on, sections, found, year.standard.edition, method, year.rules)


def _for_rate(year: _Year, rate: RateTarget, known: Sequence[SectionRoom]) -> list[SectionRoom]:
    """Return the rooms of a rate's sections, under their own targets or under the class of the rate."""
    if rate.target_class is None:
        first = {entry.site: entry for entry in reversed(known)}
        return [first[site] for site in rate.sites if site in first]
    first_day, last_day = year.period.start.date(), year.period.last_day
    return [
        _section(year, Target(rate.name, site, rate.target_class, {}, first_day, last_day, None, None))
        for site in rate.sites
    ]


def _section(year: _Year, target: Target) -> SectionRoom:
    version = year.register.version(target.site, year.period)
    courses = _courses(year, target, version)
    found = tuple(
        item_room(course.demand, course.months, year.rules, strict=year.strict) for course in courses
    )
    state, reason = _state(found, target, version, known=year.register.knows(target.site))
    return SectionRoom(
        site=target.site,
        name=version.name if version else target.site,
        target=target,
        items=found,
        state=state,
        reason=reason,
        chance=_chance(courses, year) if state is RoomState.OPEN else None,
        courses=tuple(courses),
    )


def _courses(year: _Year, target: Target, version: Site | None) -> list[Course]:
    """Return the items that the target binds, in the order of the standard."""
    here = year.months.get(target.site, {})
    courses = []
    for key in items():
        demand = _demand(year, target, version, key)
        months = here.get(key, MonthsOf({}))
        this_year = any(y == year.on.year and mean.value is not None for (y, _), mean in months.means.items())
        if demand is not None and (this_year or key in target.overrides):
            courses.append(Course(demand, so_far(months, year.on, year.rules), months))
    return courses


def _demand(year: _Year, target: Target, version: Site | None, key: str) -> Demand | None:
    criterion = year.standard.criteria.get(key)
    rounded = year.method.round_before_compare
    decimals = items()[key].evaluation_decimals if rounded else None
    direction = criterion.direction if criterion else Direction.MAX
    if key in target.overrides:
        return Demand(key, target.overrides[key], direction, decimals)
    if criterion is None or not criterion.decides_class or target.target_class is None:
        return None
    water_type = version.water_type if version else None
    limits = year.standard.limits(key, water_type) if water_type is not None else {}
    limit = limits.get(target.target_class)
    return None if limit is None else Demand(key, limit, direction, decimals, criterion.clause)


def _state(
    found: Sequence[ItemRoom], target: Target, version: Site | None, *, known: bool
) -> tuple[RoomState, Reason | None]:
    if known and version is None:
        return RoomState.NO_DATA, Reason.NOT_VALID_THEN
    if target.target_class is not None and (version is None or version.water_type is None):
        return RoomState.NO_DATA, Reason.WATER_TYPE_UNKNOWN
    states = {entry.state for entry in found}
    if not found or all(entry.mean is None for entry in found):
        return RoomState.NO_DATA, Reason.NO_DATA
    for decisive in (RoomState.CANNOT_BE_MET, RoomState.CANNOT_BE_JUDGED, RoomState.NO_DATA):
        if decisive in states:
            return decisive, None
    return (RoomState.OPEN if RoomState.OPEN in states else RoomState.CANNOT_BE_MISSED), None


def _chance(courses: Sequence[Course], year: _Year) -> Chance:
    years = candidates(courses, year.on.year, year.rules)
    short = refused(years, year.rules)
    if short is not None:
        return short
    met = attains(courses, draw(years, year.rules), year.rules["draws"])
    return estimate(met, years, year.rules)
