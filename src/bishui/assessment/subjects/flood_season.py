"""Flood-season pollution intensity (汛期污染强度): how many times the target's limit a section reached.

The document that defines it was not found; each choice (which concentration, which items, largest or mean) is
a setting of the rules ``flood_season``, and every result names them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any, NamedTuple, TypeVar

import pyarrow as pa
import pyarrow.compute as pc

from bishui.assessment.numbers import mean, percent, round_half_even, shown
from bishui.assessment.overrides import Overrides, override_on
from bishui.assessment.periods import Period, PeriodKind
from bishui.assessment.subjects.flood_values import LimitedMeans, LimitedSeries, Pair
from bishui.errors import CallError
from bishui.i18n import Text
from bishui.standards import Method, Rules, rules

_RULES = "flood_season"
K = TypeVar("K")
#: A mean and its limit.
Part = tuple[Pair, Decimal]


class Rain(NamedTuple):
    """Rain (降雨) that fell up to a moment, in millimetres."""

    until: datetime
    millimetres: Decimal


class Season(NamedTuple):
    """First and last day of a flood season, both inside."""

    first: date
    last: date

    def holds(self, day: date) -> bool:
        """Tell whether a day lies in the season."""
        return self.first <= day <= self.last

    @property
    def days(self) -> int:
        """Days in the season."""
        return (self.last - self.first).days + 1


@dataclass(frozen=True, slots=True)
class FloodValue:
    """The concentrations of one day (or reading, or month) against the limits of the target.

    Attributes
    ----------
    period
        When.
    pairs
        By item: mean as numerator and denominator, not in lowest terms.
    limits
        By item: limit of the target.
    exceeding
        Items over their limit.
    after_rain
        Whether it lies in the hours after rain; None without rain data.
    """

    period: Period
    pairs: Mapping[str, Pair]
    limits: Mapping[str, Decimal]
    exceeding: tuple[str, ...]
    after_rain: bool | None = None

    @property
    def means(self) -> dict[str, Fraction]:
        """The mean of each item, exact."""
        return {item: Fraction(*pair) for item, pair in self.pairs.items()}

    @property
    def ratios(self) -> dict[str, Fraction]:
        """Concentration divided by limit, by item."""
        return {item: _ratio(self.pairs[item], limit) for item, limit in self.limits.items()}

    @property
    def largest(self) -> Fraction:
        """The largest ratio."""
        return max(self.ratios.values())

    @property
    def leading(self) -> str:
        """The item with the largest ratio; one of them where several are largest."""
        near = {item: _near(self.pairs[item], limit) for item, limit in self.limits.items()}
        return max(_topmost(near), key=lambda item: _ratio(self.pairs[item], self.limits[item]))

    @property
    def part(self) -> Part:
        """Mean and limit of the leading item."""
        leading = self.leading
        return self.pairs[leading], self.limits[leading]


@dataclass(frozen=True, slots=True)
class ItemIntensity:
    """One item over a period: largest ratio and when, mean ratio, how many values."""

    item: str
    largest: Fraction
    at: FloodValue
    mean: Fraction
    count: int


@dataclass(frozen=True, slots=True)
class FloodMonth:
    """One month of the month table: intensities by item, and how many values exceed."""

    period: Period
    intensities: tuple[ItemIntensity, ...]
    count: int
    exceeding: int


@dataclass(frozen=True, slots=True)
class Contrast:
    """Flood and other months of one item (旱季、雨季): mean of monthly means, largest single value.

    `ratio` is the flood mean divided by the other mean; None where one of them is missing or zero.
    """

    item: str
    flood_mean: Fraction | None
    flood_largest: Fraction | None
    other_mean: Fraction | None
    other_largest: Fraction | None

    @property
    def ratio(self) -> Fraction | None:
        """Flood mean divided by the mean of the other months."""
        if self.flood_mean is None or not self.other_mean:
            return None
        return self.flood_mean / self.other_mean

    def as_dict(self) -> dict[str, Any]:
        """Return the JSON form."""
        names = ("flood_mean", "flood_largest", "other_mean", "other_largest", "ratio")
        return {"item": self.item} | {name: _text(getattr(self, name)) for name in names}


@dataclass(frozen=True, slots=True)
class FloodIntensity:
    """One section in one flood season.

    Attributes
    ----------
    site, name, target_class
        The section and the class of its target.
    season
        The part of the flood season that was asked for.
    values
        Every value in it that has a limit.
    intensities
        By item, in the order of the rules.
    months
        The month table.
    contrast
        Flood and other months of the year.
    without_limit
        Items that were measured but have no limit: no target, or the water type is not known.
    rules
        Rules with their settings.
    """

    site: str
    name: str
    target_class: int | None
    season: Season
    values: tuple[FloodValue, ...]
    intensities: tuple[ItemIntensity, ...]
    months: tuple[FloodMonth, ...]
    contrast: tuple[Contrast, ...]
    without_limit: tuple[str, ...]
    rules: Rules = field(repr=False)

    @property
    def leading(self) -> ItemIntensity | None:
        """The leading pollutant (首要污染物): the item with the largest intensity."""
        return max(self.intensities, key=self.of_item, default=None)

    def of_item(self, entry: ItemIntensity) -> Fraction:
        """Return the intensity of one item: its largest or its mean ratio, by the rules."""
        return entry.largest if self.rules["statistic"] == "max" else entry.mean

    @property
    def intensity(self) -> Fraction | None:
        """The intensity of the period, unrounded; None where nothing could be divided."""
        return None if self.leading is None else self.of_item(self.leading)

    @property
    def rounded(self) -> Decimal | None:
        """The intensity as it is printed."""
        if self.intensity is None:
            return None
        return round_half_even(self.intensity, self.rules["intensity_decimals"])

    @property
    def traces(self) -> bool:
        """Whether the intensity asks for a trace upstream (溯源); units are not scored with it."""
        return self.intensity is not None and self.intensity >= Fraction(self.rules["trace_threshold"])

    @property
    def mean_ratio(self) -> Fraction | None:
        """Mean over all values of the largest ratio of each."""
        return _mean_ratio([value.part for value in self.values]) if self.values else None

    @property
    def mean_ratio_after_rain(self) -> Fraction | None:
        """The same over the values after rain; None without any."""
        wet = [value.part for value in self.values if value.after_rain]
        return _mean_ratio(wet) if wet else None

    @property
    def exceeding(self) -> tuple[FloodValue, ...]:
        """The values with an item over its limit."""
        return tuple(value for value in self.values if value.exceeding)

    @property
    def exceeding_after_rain(self) -> int | None:
        """How many of them lie in the hours after rain; None without rain data."""
        known = [value.after_rain for value in self.exceeding if value.after_rain is not None]
        without_rain_data = all(value.after_rain is None for value in self.values)
        return None if without_rain_data else sum(known)

    @property
    def missing_days(self) -> int | None:
        """Days of the season without a value; None where the values are not days."""
        if self.rules["concentration"] != PeriodKind.DAY.value:
            return None
        return self.season.days - len(self.values)

    def as_dict(self) -> dict[str, Any]:
        """Return the JSON form: intensity, month table, contrast, counts, settings."""
        leading, after = self.leading, self.exceeding_after_rain
        return {
            "site": self.site,
            "name": self.name,
            "target_class": self.target_class,
            "season": {"first": self.season.first.isoformat(), "last": self.season.last.isoformat()},
            "intensity": None if self.rounded is None else str(self.rounded),
            "leading": leading.item if leading else None,
            "at": leading.at.period.label if leading else None,
            "mean_ratio": _text(self.mean_ratio),
            "mean_ratio_after_rain": _text(self.mean_ratio_after_rain),
            "values": len(self.values),
            "missing_days": self.missing_days,
            "exceeding": len(self.exceeding),
            "exceeding_after_rain": after,
            "exceeding_after_rain_percent": _percent(after, len(self.exceeding)),
            "trace": self.traces,
            "items": [_item_dict(entry) for entry in self.intensities],
            "months": [_month_dict(month, self) for month in self.months],
            "contrast": [entry.as_dict() for entry in self.contrast],
            "without_limit": list(self.without_limit),
            "rules": self.rules.as_dict(),
        }


def _text(value: Fraction | None) -> str | None:
    return None if value is None else str(shown(value))


def _percent(part: int | None, whole: int) -> str | None:
    share = None if part is None else percent(part, whole)
    return None if share is None else str(share)


def _item_dict(entry: ItemIntensity) -> dict[str, Any]:
    return {
        "item": entry.item,
        "limit": str(entry.at.limits[entry.item]),
        "largest": _text(entry.largest),
        "concentration": _text(entry.at.means[entry.item]),
        "at": entry.at.period.label,
        "mean": _text(entry.mean),
        "values": entry.count,
    }


def _month_dict(month: FloodMonth, season: FloodIntensity) -> dict[str, Any]:
    leading = max(month.intensities, key=season.of_item, default=None)
    return {
        "month": month.period.label,
        "leading": leading.item if leading else None,
        "intensity": _text(season.of_item(leading)) if leading else None,
        "values": month.count,
        "exceeding": month.exceeding,
        "items": [_item_dict(entry) for entry in month.intensities],
    }


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
            place, largest = _largest(parts)
            found.append(ItemIntensity(item, largest, there[place], _mean_ratio(parts), len(there)))
    return tuple(found)


#: Floating-point ratios closer than this to the largest are compared exactly.
_NEAR = 1e-9


def _largest(parts: Sequence[Part]) -> tuple[int, Fraction]:
    """Return the place of the first of the largest ratios of some means to their limits, and that ratio."""
    near = _topmost({place: _near(*part) for place, part in enumerate(parts)})
    exact = [_ratio(*parts[place]) for place in near]
    largest = max(exact)
    return near[exact.index(largest)], largest


def _ratio(pair: Pair, limit: Decimal) -> Fraction:
    above, below = limit.as_integer_ratio()
    return Fraction(pair[0] * below, pair[1] * above)


def _near(pair: Pair, limit: Decimal) -> float:
    return pair[0] / pair[1] / float(limit)


def _topmost(ratios: Mapping[K, float]) -> list[K]:
    """Return the keys of the largest of some numbers, and of those too near to it to tell them apart."""
    top = max(ratios.values())
    least = top - abs(top) * _NEAR
    return [key for key, ratio in ratios.items() if ratio >= least]


def _mean_ratio(parts: Sequence[Part]) -> Fraction:
    """Return the mean ratio of means to their limits: numerators are summed by limit and denominator."""
    sums: dict[tuple[Decimal, int], int] = {}
    for (numerator, denominator), limit in parts:
        key = (limit, denominator)
        sums[key] = sums.get(key, 0) + numerator
    ratios = (_ratio((total, below), limit) for (limit, below), total in sums.items())
    return sum(ratios, Fraction(0)) / len(parts)


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
    near = _topmost({place: above / below for place, (above, below) in enumerate(means)})
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
