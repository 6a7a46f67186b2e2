"""Attainment of drinking-water sources by month, from the readings, by `bishui.assessment`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal

from bishui.assessment import Period, PointResult, SourceKind, WaterSource, Withdrawal, assess_sources
from bishui.server.core.city import AssessedCity
from bishui.server.sites import queries
from bishui.server.sites.queries import SiteFacts


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
    last: PointResult | None


def years_of(city: AssessedCity, sources: Sequence[SiteFacts], year: int) -> dict[str, SourceYear]:
    """Return what the readings of a year say of each source, by identifier of its site."""
    months = _months(year, city.today)
    if not months or not sources:
        return {source.id: SourceYear(0, 0, 0, 0, None) for source in sources}
    end = datetime.combine(months[-1].last_day, time(23, 59, 59))
    rows = queries.measurements(
        city.division,
        [source.id for source in sources],
        datetime(year, 1, 1),
        min(end, queries.end_of(city) or end),
    )
    span = Period.year_to_date(year, len(months))
    found = assess_sources(
        rows,
        queries.sites_table(city.division),
        [_asked(source) for source in sources],
        span,
        withdrawals=[entry for source in sources for entry in _out_of_use(source, months)],
        flags=queries.flags_table(city.division),
    )
    return {
        result.source.id: SourceYear(
            judged=sum(point.attained is not None for point in result.points),
            attained=sum(point.attained is True for point in result.points),
            missing=result.months_missing,
            not_in_use=result.months_not_in_use,
            last=_last(result.points),
        )
        for result in found.results
    }


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


def _last(points: Sequence[PointResult]) -> PointResult | None:
    known = [point for point in points if point.rank is not None or point.attained is not None]
    return max(known, key=lambda point: point.period.start, default=None)
