"""What a flood season says of a section: values, items, months, and its intensity (汛期污染强度)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction
from typing import Any, NamedTuple

from bishui.assessment.numbers import percent, round_half_even, shown
from bishui.assessment.periods import Period, PeriodKind
from bishui.assessment.subjects.flood_ratios import Part, mean_ratio_of, near_ratio, ratio_of, topmost
from bishui.assessment.subjects.flood_values import Pair
from bishui.standards import Rules


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
        return {item: ratio_of(self.pairs[item], limit) for item, limit in self.limits.items()}

    @property
    def largest(self) -> Fraction:
        """The largest ratio."""
        return max(self.ratios.values())

    @property
    def leading(self) -> str:
        """The item with the largest ratio; one of them where several are largest."""
        near = {item: near_ratio(self.pairs[item], limit) for item, limit in self.limits.items()}
        return max(topmost(near), key=lambda item: ratio_of(self.pairs[item], self.limits[item]))

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
        return mean_ratio_of([value.part for value in self.values]) if self.values else None

    @property
    def mean_ratio_after_rain(self) -> Fraction | None:
        """The same over the values after rain; None without any."""
        wet = [value.part for value in self.values if value.after_rain]
        return mean_ratio_of(wet) if wet else None

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
