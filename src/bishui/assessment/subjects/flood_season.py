"""Flood-season pollution intensity (汛期污染强度): how many times the target's limit a section reached.

The document that defines it was not found; each choice (which concentration, which items, largest or mean) is
a setting of the rules ``flood_season``, and every result names them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import NamedTuple

import pyarrow as pa
import pyarrow.compute as pc

from bishui.assessment.numbers import mean
from bishui.assessment.overrides import Overrides, override_on
from bishui.assessment.periods import Period, PeriodKind
from bishui.assessment.subjects.flood_ratios import largest_of, mean_ratio_of, topmost
from bishui.assessment.subjects.flood_results import (
    Contrast,
    FloodIntensity,
    FloodMonth,
    FloodValue,
    ItemIntensity,
    Rain,
    Season,
)
from bishui.assessment.subjects.flood_values import LimitedMeans, LimitedSeries, Pair
from bishui.errors import CallError
from bishui.i18n import Text
from bishui.standards import Method, Rules, rules

_RULES = "flood_season"


def season_of(basin: str, year: int, chosen: Rules) -> Season:
    """Return the flood season (汛期) of a basin in a year.

    Raises
    ------
    CallError
        If the rules name no season for the basin.
    """
    for name, first, last in chosen["seasons"]:
        if name == basin:
            return Season(date.fromisoformat(f"{year:04}-{first}"), date.fromisoformat(f"{year:04}-{last}"))
    raise CallError(
        Text("规则里没有“{basin}”的汛期。", basin=basin),
        remedy=Text(
            "已有的流域：{names}；其他流域请在设置 seasons 中加上起止月日。",
            names="、".join(name for name, *_ in chosen["seasons"]),
        ),
    )


def flood_season(
    measurements: pa.Table,
    targets: pa.Table,
    *,
    year: int,
    basin: str,
    sites: pa.Table | None = None,
    flags: pa.Table | None = None,
    rain: Mapping[str, Sequence[Rain]] | None = None,
    within: Period | None = None,
    chosen: Rules | None = None,
    method: Method | None = None,
    override: Overrides | None = None,
) -> tuple[FloodIntensity, ...]:
    """Return the pollution intensity of every section in a flood season, the most intense first.

    Parameters
    ----------
    measurements, sites, targets, flags
        Tables of `observations.schema`; the limits are those of each section's target.
    year, basin
        Which season; the year's other months are the contrast.
    rain
        Rain by site id: shares of exceedances after rain need it.
    within
        Only this part of the season, such as a quarter.
    chosen
        Rules of ``flood_season``; without it those in force at the end of the year.
    method
        How means are made; without it the edition of each period.
    override
        A bureau's own limits and settings, as `assess` takes them.

    Raises
    ------
    CallError
        If the rules name no season for the basin, or the season lies outside `within`.
    """
    last = date(year, 12, 31)
    chosen = chosen or rules(_RULES, last, override_on(override, last))
    whole = season_of(basin, year, chosen)
    frame = _Frame(whole, _part(whole, within), chosen)
    table = _year_of(measurements, year, chosen["items"])
    kind = PeriodKind(chosen["concentration"])
    given = {"wanted": chosen["items"], "method": method, "override": override}
    series = LimitedSeries(table, sites, targets, flags, **given)
    singles = series.by_site(kind, frame.part.holds)
    months = series.by_site(PeriodKind.MONTH, lambda _: False)
    found = [
        _section(results, months[site], (rain or {}).get(site), frame) for site, results in singles.items()
    ]
    return tuple(sorted(found, key=lambda entry: (-(entry.intensity or 0), entry.site)))


def _part(season: Season, within: Period | None) -> Season:
    if within is None:
        return season
    part = Season(max(season.first, within.start.date()), min(season.last, within.last_day))
    if part.days < 1:
        raise CallError(
            Text(
                "时段 {period} 不在汛期 {first} 至 {last} 之内。",
                period=within.label,
                first=season.first,
                last=season.last,
            )
        )
    return part


def _year_of(measurements: pa.Table, year: int, wanted: Sequence[str]) -> pa.Table:
    inside = pc.and_(
        pc.equal(pc.year(measurements["time"]), year),
        pc.is_in(measurements["item"], value_set=pa.array(wanted, pa.string())),
    )
    return measurements.filter(inside)


class _Frame(NamedTuple):
    """What is asked of every section: the whole season, the part of it, and the rules."""

    whole: Season
    part: Season
    rules: Rules


def _section(
    results: Sequence[LimitedMeans],
    months: Sequence[LimitedMeans],
    rain: Sequence[Rain] | None,
    frame: _Frame,
) -> FloodIntensity:
    chosen = frame.rules
    inside = [result for result in results if frame.part.holds(result.period.start.date())]
    wet = _wet_moments(rain, chosen) if rain is not None else None
    values = [_value(result, wet, chosen) for result in inside if result.limits]
    classes = (result.target_class for result in inside)
    limited = {item for value in values for item in value.limits}
    measured = {item for result in inside for item in result.means}
    return FloodIntensity(
        site=results[0].site,
        name=results[0].name,
        target_class=next((rank for rank in classes if rank is not None), None),
        season=frame.part,
        values=tuple(values),
        intensities=_intensities(values, chosen),
        months=_months(values, chosen),
        contrast=_contrasts(results, months, frame),
        without_limit=tuple(item for item in chosen["items"] if item in measured - limited),
        rules=chosen,
    )


def _value(result: LimitedMeans, wet: Sequence[datetime] | None, chosen: Rules) -> FloodValue:
    pairs = {item: result.means[item] for item in result.limits}
    after = None if wet is None else _after(result.period, wet, chosen)
    return FloodValue(result.period, pairs, result.limits, result.exceeding, after)


def _wet_moments(rain: Iterable[Rain], chosen: Rules) -> list[datetime]:
    """Return the moments at which the rain of the hours before reaches what counts as rain."""
    hours = timedelta(hours=chosen["rain_sum_hours"])
    counts = Decimal(chosen["rain_millimetres"])
    ordered = sorted(rain)
    moments, first, total = [], 0, Decimal(0)
    for entry in ordered:
        total += entry.millimetres
        while ordered[first].until <= entry.until - hours:
            total -= ordered[first].millimetres
            first += 1
        if total >= counts:
            moments.append(entry.until)
    return moments


def _after(period: Period, wet: Sequence[datetime], chosen: Rules) -> bool:
    """Tell whether a period begins no later than the given hours after rain, and does not end before it."""
    hours = timedelta(hours=chosen["rain_window_hours"])
    return any(moment <= period.end and period.start - moment <= hours for moment in wet)


def _intensities(values: Sequence[FloodValue], chosen: Rules) -> tuple[ItemIntensity, ...]:
    found = []
    for item in chosen["items"]:
        there = [value for value in values if item in value.limits]
        if there:
            parts = [(value.pairs[item], value.limits[item]) for value in there]
            place, largest = largest_of(parts)
            found.append(ItemIntensity(item, largest, there[place], mean_ratio_of(parts), len(there)))
    return tuple(found)


def _months(values: Sequence[FloodValue], chosen: Rules) -> tuple[FloodMonth, ...]:
    by_month: dict[tuple[int, int], list[FloodValue]] = {}
    for value in values:
        by_month.setdefault((value.period.start.year, value.period.start.month), []).append(value)
    return tuple(
        FloodMonth(
            period=Period.month(*month),
            intensities=_intensities(inside, chosen),
            count=len(inside),
            exceeding=sum(bool(value.exceeding) for value in inside),
        )
        for month, inside in sorted(by_month.items())
    )


def _contrasts(
    results: Sequence[LimitedMeans], months: Sequence[LimitedMeans], frame: _Frame
) -> tuple[Contrast, ...]:
    """Compare the months of the flood season with the others: monthly means, and the largest single value."""
    monthly, single = _split(months, frame.whole), _split(results, frame.whole)
    contrasts = []
    for item in frame.rules["items"]:
        in_flood, otherwise = (_of_item(monthly[inside], item) for inside in (True, False))
        if in_flood or otherwise:
            contrasts.append(
                Contrast(
                    item=item,
                    flood_mean=_mean_of(in_flood),
                    flood_largest=_greatest(_of_item(single[True], item)),
                    other_mean=_mean_of(otherwise),
                    other_largest=_greatest(_of_item(single[False], item)),
                )
            )
    return tuple(contrasts)


def _mean_of(means: Sequence[Pair]) -> Fraction | None:
    return mean([Fraction(*pair) for pair in means]) if means else None


def _greatest(means: Sequence[Pair]) -> Fraction | None:
    if not means:
        return None
    near = topmost({place: above / below for place, (above, below) in enumerate(means)})
    return max(Fraction(*means[place]) for place in near)


def _split(results: Iterable[LimitedMeans], season: Season) -> dict[bool, list[LimitedMeans]]:
    """Return the results in the flood season and those outside it."""
    split: dict[bool, list[LimitedMeans]] = {True: [], False: []}
    for result in results:
        split[season.holds(result.period.start.date())].append(result)
    return split


def _of_item(results: Iterable[LimitedMeans], item: str) -> list[Pair]:
    """Return the means of one item."""
    return [result.means[item] for result in results if item in result.means]
