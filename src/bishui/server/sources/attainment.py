"""Attainment of drinking-water sources by month, from the readings, by `bishui.assessment`."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

from bishui.assessment import (
    LeftOut,
    Period,
    PeriodKind,
    PointResult,
    SourceKind,
    WaterSource,
    Withdrawal,
    assess_sources,
    periods_between,
)
from bishui.server.core.city import AssessedCity
from bishui.server.sites import queries
from bishui.server.sites.assessed import Results
from bishui.server.sites.queries import SiteFacts
from bishui.server.standards import queries as standards

#: Changes when the form of what is kept changes.
_FORM = "1"


@dataclass(frozen=True, slots=True)
class SourceMonth:
    """A source in one month; see `bishui.assessment.PointResult`, `failing` are keys of items."""

    period: Period
    rank: int | None
    attained: bool | None
    left_out: LeftOut | None
    failing: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SourceYear:
    """A source's months of a year up to the day the pages speak of.

    `attained` of `judged` months attained; `missing` were in use and could not be judged; `last` is the
    newest month with a class or a verdict, None where there is none.
    """

    judged: int
    attained: int
    missing: int
    not_in_use: int
    last: SourceMonth | None


def years_of(city: AssessedCity, sources: Sequence[SiteFacts], year: int) -> dict[str, SourceYear]:
    """Return what the readings of a year say of each source, by identifier of its site.

    It is kept like the results of `bishui.server.sites.assessed`, by what it follows from.
    """
    months = _months(year, city.today)
    if not months or not sources:
        return {source.id: SourceYear(0, 0, 0, 0, None) for source in sources}
    asked = sorted(repr((source.id, source.attributes, source.use_states)) for source in sources)
    named = hashlib.sha256(" ".join(asked).encode()).hexdigest()
    kept = Results(city).kept(
        f"sources {_FORM} {months[-1].label} {named}", lambda: _computed(city, sources, months)
    )
    return {source.id: _read(kept[source.id]) for source in sources}


def warm(city: AssessedCity) -> None:
    """Compute and keep what the overview of the sources shows."""
    years_of(city, queries.sites_of_kind(city.division, "drinking_water_source"), city.today.year)


def _computed(
    city: AssessedCity, sources: Sequence[SiteFacts], months: Sequence[Period]
) -> dict[str, dict[str, Any]]:
    """Return the years in the form that is kept."""
    end = datetime.combine(months[-1].last_day, time(23, 59, 59))
    rows = queries.measurements(
        city.division,
        [source.id for source in sources],
        months[0].start,
        min(end, queries.end_of(city) or end),
    )
    found = assess_sources(
        rows,
        queries.sites_table(city.division),
        [_asked(source) for source in sources],
        Period.year_to_date(months[-1].end.year, len(months)),
        withdrawals=[entry for source in sources for entry in _out_of_use(source, months)],
        flags=queries.flags_table(city.division),
        override=standards.by_day(city.division),
    )
    return {
        result.source.id: {
            "judged": sum(point.attained is not None for point in result.points),
            "attained": sum(point.attained is True for point in result.points),
            "missing": result.months_missing,
            "not_in_use": result.months_not_in_use,
            "last": _month(_last(result.points)),
        }
        for result in found.results
    }


def _month(point: PointResult | None) -> dict[str, Any] | None:
    if point is None:
        return None
    return {
        "period": point.period.label,
        "rank": point.rank,
        "attained": point.attained,
        "left_out": point.left_out.value if point.left_out else None,
        "failing": [entry.item for entry in point.failing],
    }


def _read(kept: Mapping[str, Any]) -> SourceYear:
    month = kept["last"]
    last = month and SourceMonth(
        period=Period.parse(month["period"]),
        rank=month["rank"],
        attained=month["attained"],
        left_out=LeftOut(month["left_out"]) if month["left_out"] else None,
        failing=tuple(month["failing"]),
    )
    return SourceYear(kept["judged"], kept["attained"], kept["missing"], kept["not_in_use"], last)


def _months(year: int, today: date) -> list[Period]:
    last = 12 if year < today.year else today.month if year == today.year else 0
    return [Period.month(year, month) for month in range(1, last + 1)]


def _asked(source: SiteFacts) -> WaterSource:
    ground = source.attributes.get("source_water") == "ground"
    kind = SourceKind.GROUND if ground else SourceKind.SURFACE
    return WaterSource(source.id, source.name, (source.id,), kind, source.attributes.get("source_level"))


def state_on(source: SiteFacts, day: date) -> str:
    """Return the state of use on a day (``in_use``, ``standby``, ``planned``); empty where none is stated."""
    held = [state for since, state in source.use_states if since is None or since <= day]
    return held[-1] if held else str(source.attributes.get("use_state") or "")


def _out_of_use(source: SiteFacts, months: Sequence[Period]) -> list[Withdrawal]:
    """Return the months in which a source is not used: it is not asked for samples."""
    return [
        Withdrawal(source.id, month, Decimal(0), in_use=False)
        for month in months
        if state_on(source, month.last_day) in ("standby", "planned")
    ]


def as_asked(source: SiteFacts, period: Period) -> tuple[WaterSource, list[Withdrawal]]:
    """Return a source as the assessment takes it, and the months of a period in which it is not used."""
    months = periods_between(PeriodKind.MONTH, period.start, period.end)
    return _asked(source), _out_of_use(source, months)


def _last(points: Sequence[PointResult]) -> PointResult | None:
    known = [point for point in points if point.rank is not None or point.attained is not None]
    return max(known, key=lambda point: point.period.start, default=None)
