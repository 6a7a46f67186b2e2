"""Means over places: item by item over the sections of a river or the points of a lake, then one class."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any

from bishui.assessment import judge
from bishui.assessment.means import PH
from bishui.assessment.numbers import mean, ph_mean
from bishui.assessment.overrides import Overrides, override_on
from bishui.assessment.results import Counts, ItemResult, MainPollutant, Reason, SectionResult
from bishui.standards import Method, WaterType, items, surface_water
from bishui.standards import method as method_on


@dataclass(frozen=True, slots=True)
class Pooled:
    """Means over places and the class of them.

    Attributes
    ----------
    items
        Every item by the mean of the places that have it (pH through [H⁺]).
    places
        Places that entered each item's mean (k), out of the places given (n).
    rank, reason
        Class 1–6, or why there is none.
    """

    items: dict[str, ItemResult]
    places: dict[str, tuple[str, ...]]
    rank: int | None
    reason: Reason | None
    deciding: tuple[str, ...]
    main_pollutants: tuple[MainPollutant, ...]
    standard: str
    method: str

    def as_dict(self) -> dict[str, Any]:
        """Return the JSON form."""
        return {
            "class": self.rank,
            "reason": self.reason.value if self.reason else None,
            "deciding": list(self.deciding),
            "main_pollutants": [
                {"item": entry.item, "multiple": None if entry.multiple is None else str(entry.multiple)}
                for entry in self.main_pollutants
            ],
            "items": [
                {**item.as_dict(), "places": list(self.places[key])} for key, item in self.items.items()
            ],
            "standard": self.standard,
            "method": self.method,
        }


def pool(
    results: Sequence[SectionResult],
    water_type: WaterType | None,
    *,
    method: Method | None = None,
    override: Overrides | None = None,
) -> Pooled:
    """Average each item over the places, then judge the means (环办〔2011〕22号 二.2, 二.3).

    An item takes part in the class if it does so at one place at least (item lists differ between places).

    Parameters
    ----------
    results
        Results of one period, at least one; places without a value of an item do not enter its mean.
    water_type
        Whose limits hold.
    method
        How the places were judged; without it the edition in force on the period's last day.
    override
        A bureau's own limits and settings, as `assess` takes them.
    """
    last_day = results[0].period.last_day
    own = override_on(override, last_day)
    chosen = method or method_on(last_day, own)
    rules = judge.Rules(surface_water(last_day, own), chosen, chosen.round_before_compare)
    judged: dict[str, ItemResult] = {}
    places: dict[str, tuple[str, ...]] = {}
    for key in _keys(results):
        there = [result for result in results if key in result.items]
        given = _mean_over(key, [result.items[key] for result in there])
        judged[key] = judge.judge_item(given, rules, water_type)
        places[key] = tuple(result.site for result in there if result.items[key].mean is not None)
    deciding = {key for result in results for key in result.items if result.items[key].decides_class}
    judged = judge.within(judge.with_alternative(judged, rules), deciding)
    rank, reason = judge.section_class(judged, water_type)
    return Pooled(
        items=judged,
        places=places,
        rank=rank,
        reason=reason,
        deciding=judge.deciding_items(judged, rank),
        main_pollutants=judge.main_pollutants(judged, rank, rules),
        standard=rules.standard.edition,
        method=chosen.version,
    )


def _keys(results: Sequence[SectionResult]) -> list[str]:
    present = {key for result in results for key in result.items}
    return [key for key in items() if key in present]


def _mean_over(key: str, entries: Sequence[ItemResult]) -> judge.ItemMean:
    values = [entry.mean for entry in entries if entry.mean is not None]
    detection = [entry.detection_limit for entry in entries if entry.detection_limit is not None]
    return judge.ItemMean(
        item=key,
        mean=_mean(key, values),
        detection_limit=max(detection, default=None),
        source="unknown" if len({entry.source for entry in entries}) > 1 else entries[0].source,
        counts=_added([entry.counts for entry in entries]),
    )


def _mean(key: str, values: Sequence[Fraction]) -> Fraction | None:
    if not values:
        return None
    if key == PH and len(set(values)) > 1:
        return Fraction(Decimal(ph_mean(values)))
    return mean(values)


def _added(counts: Sequence[Counts]) -> Counts:
    """Add the counts of several places."""
    return Counts(**{name: sum(getattr(entry, name) for entry in counts) for name in Counts.__slots__})
