"""Comprehensive water quality index (城市水质指数 CWQI) of sections, lake points and cities.

Sums are exact and stay open: every sum holds its items, every item the means of the sections behind it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from typing import Any

from bishui.assessment.numbers import Exact, mean, ph_mean, round_half_even, shown
from bishui.assessment.overrides import Overrides, override_on
from bishui.assessment.periods import Period
from bishui.assessment.ranking.terms import IndexTerm, item_index
from bishui.assessment.results import Reason, SectionResult
from bishui.errors import CallError, DataError
from bishui.i18n import Text
from bishui.standards import (
    Rules,
    SurfaceWaterStandard,
    WaterType,
    items,
    rules,
    surface_water,
)

_RULES = "cwqi"
_PH = "ph"


class NoIndex(StrEnum):
    """Why there is no index, or no rank."""

    NO_DATA = "no_data"
    WATER_TYPE_UNKNOWN = "water_type_unknown"
    ITEM_MISSING = "item_missing"
    INVALID_VALUE = "invalid_value"
    NO_BASE = "no_base"
    #: Good in both periods: not ranked for change.
    GOOD_THROUGHOUT = "good_throughout"

    @property
    def text(self) -> Text:
        """The reason in words."""
        return _NO_INDEX_TEXTS[self]


_NO_INDEX_TEXTS = {
    NoIndex.NO_DATA: Text("无数据"),
    NoIndex.WATER_TYPE_UNKNOWN: Text("水体类型不明"),
    NoIndex.ITEM_MISSING: Text("缺少必需的项目"),
    NoIndex.INVALID_VALUE: Text("数值无法计算指数"),
    NoIndex.NO_BASE: Text("基准时段没有指数"),
    NoIndex.GOOD_THROUGHOUT: Text("两期水质均优且达标，不参加变化排名"),
}


@dataclass(frozen=True, slots=True)
class QualityIndex:
    """The index of one section or point, or of all river sections or lake points of a city.

    Attributes
    ----------
    name
        Site or city.
    water_type
        Whose limits were used; None where it is not known.
    terms
        The items in the order of the standard; their indices add up to `total`.
    reason, reason_item
        Why there is no index, and the item at fault.
    beside
        Measured items that the index does not use.
    sites
        Sites whose means entered.
    standard, rules
        Edition of the limits and version of the rules.
    period
        What the means are of; None where it was not said.
    """

    name: str
    water_type: WaterType | None
    terms: tuple[IndexTerm, ...]
    reason: NoIndex | None
    reason_item: str | None
    beside: tuple[str, ...]
    sites: tuple[str, ...]
    standard: str
    rules: Rules = field(repr=False)
    period: Period | None = None

    @property
    def total(self) -> Fraction | None:
        """The sum, neither averaged nor rounded; None with a `reason`."""
        return None if self.reason else sum((term.index for term in self.terms), Fraction(0))

    @property
    def rounded(self) -> Decimal | None:
        """The sum as it is printed."""
        return _printed(self.total, self.rules)

    @property
    def items(self) -> tuple[str, ...]:
        """The item list; sums over other lists are not comparable."""
        return tuple(term.item for term in self.terms)

    @property
    def item_lists(self) -> frozenset[tuple[str, ...]]:
        """The item list, as rankings compare it."""
        return frozenset({self.items})

    def as_dict(self) -> dict[str, Any]:
        """Return the JSON form: the sum with its items."""
        return {
            "name": self.name,
            "period": self.period.label if self.period else None,
            "water_type": self.water_type.value if self.water_type else None,
            "index": _text(self.rounded),
            "unrounded": None if self.total is None else str(shown(self.total)),
            "reason": self.reason.value if self.reason else None,
            "reason_item": self.reason_item,
            "terms": [term.as_dict() for term in self.terms],
            "beside": list(self.beside),
            "sites": list(self.sites),
            "standard": self.standard,
            "rules": self.rules.version,
        }


@dataclass(frozen=True, slots=True)
class CityIndex:
    """CWQI of a city: river and lake parts, weighted by their numbers of sections and points.

    Attributes
    ----------
    name, period
        The city and the period.
    river, lake
        The parts; None where the city has none that was measured.
    left_out
        Sites without a part in the index, and why.
    results
        The section results that the parts were made of.
    """

    name: str
    period: Period
    river: QualityIndex | None
    lake: QualityIndex | None
    left_out: Mapping[str, NoIndex]
    results: tuple[SectionResult, ...] = field(repr=False)
    rules: Rules = field(repr=False)

    @property
    def parts(self) -> tuple[QualityIndex, ...]:
        """The parts that there are, river first."""
        return tuple(part for part in (self.river, self.lake) if part is not None)

    @property
    def reason(self) -> NoIndex | None:
        """Why there is no index."""
        if not self.parts:
            return NoIndex.NO_DATA
        return next((part.reason for part in self.parts if part.reason), None)

    @property
    def total(self) -> Fraction | None:
        """``(CWQI_river · M + CWQI_lake · N) / (M + N)``, unrounded."""
        if self.reason is not None:
            return None
        weighted = sum((self.weight(part) * (part.total or Fraction(0)) for part in self.parts), Fraction(0))
        return weighted / sum(self.weight(part) for part in self.parts)

    def weight(self, part: QualityIndex) -> int:
        """Return the weight of a part (M or N): its sites that entered, or by the setting all of its kind."""
        if self.rules["parts_weighted_by"] == "evaluated":
            return len(part.sites)
        return sum(result.water_type == part.water_type for result in self.results)

    @property
    def rounded(self) -> Decimal | None:
        """The index as it is printed."""
        return _printed(self.total, self.rules)

    @property
    def item_lists(self) -> frozenset[tuple[str, ...]]:
        """The item lists of the parts."""
        return frozenset(part.items for part in self.parts)

    def as_dict(self) -> dict[str, Any]:
        """Return the JSON form: parts with their items, and k of n sites."""
        entered = sum(len(part.sites) for part in self.parts)
        return {
            "name": self.name,
            "period": self.period.label,
            "index": _text(self.rounded),
            "unrounded": None if self.total is None else str(shown(self.total)),
            "reason": self.reason.value if self.reason else None,
            "river": self.river.as_dict() if self.river else None,
            "lake": self.lake.as_dict() if self.lake else None,
            "entered": entered,
            "sites": entered + len(self.left_out),
            "left_out": {site: reason.value for site, reason in self.left_out.items()},
            "rules": self.rules.version,
        }


def _printed(total: Fraction | None, chosen: Rules) -> Decimal | None:
    return None if total is None else round_half_even(total, chosen["index_decimals"])


def _text(value: Decimal | None) -> str | None:
    return None if value is None else str(value)


def quality_index(
    name: str,
    means: Mapping[str, Mapping[str, Exact]],
    water_type: WaterType | str,
    *,
    on: date,
    chosen: Rules | None = None,
    weights: Mapping[str, Mapping[str, int]] | None = None,
    override: Overrides | None = None,
    period: Period | None = None,
) -> QualityIndex:
    """Return the index of one or several sites of a kind, from their means.

    The mean of an item is taken over the sites that have it, pH through [H⁺]; the indices are summed over the
    items that decide the class (the 21 items), without any rounding (环办监测〔2017〕51号).

    Parameters
    ----------
    name
        Section, point or city.
    means
        By site, then by item key: means of the period, in the items' units.
    water_type
        ``river`` or ``lake``.
    on
        Last day of the period.
    chosen
        Rules; without it those in force on the day.
    weights
        By site and item, how often its mean counts; without it once.
    override
        A bureau's own limits and settings, as `assess` takes them.
    period
        What the means are of, so that the index opens down to its rows.
    """
    own = override_on(override, on)
    chosen = chosen or rules(_RULES, on, own)
    kind, standard = WaterType(water_type), surface_water(on, own)
    measured = {item for values in means.values() for item in values}
    used = [item for item in standard.deciding_items if item in measured]
    terms: list[IndexTerm] = []
    reason, item_at_fault = _lacking(measured, chosen)
    for item in used:
        members = {site: Fraction(values[item]) for site, values in means.items() if item in values}
        counts = {site: (weights or {}).get(site, {}).get(item, 1) for site in members}
        try:
            term = item_index(item, _mean(item, members, counts), kind, on, chosen, override=own)
        except DataError:
            reason, item_at_fault = NoIndex.INVALID_VALUE, item
            continue
        if term is not None:
            terms.append(IndexTerm(term.item, term.mean, term.limit, term.formula, term.index, members))
    return QualityIndex(
        name=name,
        water_type=kind,
        terms=tuple(terms),
        reason=reason if used else NoIndex.NO_DATA,
        reason_item=item_at_fault,
        beside=_beside(measured, terms, standard),
        sites=tuple(means),
        standard=standard.edition,
        rules=chosen,
        period=period,
    )


def _lacking(measured: set[str], chosen: Rules) -> tuple[NoIndex | None, str | None]:
    lacking = next((item for item in chosen["needed_items"] if item not in measured), None)
    return (NoIndex.ITEM_MISSING, lacking) if lacking else (None, None)


def _mean(item: str, members: Mapping[str, Fraction], counts: Mapping[str, int]) -> Fraction:
    """Return the mean over sites, each counted so often; a pH as [H⁺], all else arithmetic."""
    values = [value for site, value in members.items() for _ in range(counts[site])]
    return Fraction(ph_mean(values)) if item == _PH and len(values) > 1 else mean(values)


def _beside(
    measured: set[str], terms: Sequence[IndexTerm], standard: SurfaceWaterStandard
) -> tuple[str, ...]:
    used = {term.item for term in terms}
    order = list(items())
    return tuple(
        sorted(
            (key for key in measured if key not in used and key not in standard.deciding_items),
            key=order.index,
        )
    )


def section_index(
    result: SectionResult, chosen: Rules | None = None, *, override: Overrides | None = None
) -> QualityIndex:
    """Return the index of one section or point in one period; without a water type there is none."""
    on = result.period.last_day
    own = override_on(override, on)
    chosen = chosen or rules(_RULES, on, own)
    reason = _left_out(result)
    if reason is None:
        means = {result.site: _means(result)}
        kind = WaterType(str(result.water_type))
        options: dict[str, Any] = {"on": on, "chosen": chosen, "override": own, "period": result.period}
        return quality_index(result.name, means, kind, **options)
    return QualityIndex(
        name=result.name,
        water_type=None,
        terms=(),
        reason=reason,
        reason_item=None,
        beside=(),
        sites=(),
        standard=surface_water(on, own).edition,
        rules=chosen,
        period=result.period,
    )


def _means(result: SectionResult) -> dict[str, Fraction]:
    return {key: entry.mean for key, entry in result.items.items() if entry.mean is not None}


def _months(results: Iterable[SectionResult]) -> dict[str, dict[str, int]]:
    """Return how many months the mean of each site and item is made of."""
    return {
        result.site: {key: max(1, entry.counts.months) for key, entry in result.items.items()}
        for result in results
    }


def city_index(
    name: str,
    results: Iterable[SectionResult],
    chosen: Rules | None = None,
    *,
    override: Overrides | None = None,
) -> CityIndex:
    """Return CWQI of a city from the results of its sections and points in one period.

    Means are taken over time at each site (by `assess`), then over the sites; by the setting ``means_over``
    each section weighs the same, or each of its months.

    Parameters
    ----------
    name
        The city.
    results
        Its sections and points, all of one period.
    chosen
        Rules; without it those in force on the last day of the period.
    override
        A bureau's own limits and settings, as `assess` takes them.

    Raises
    ------
    CallError
        If there is no result, or they are of several periods.
    """
    given = sorted(results, key=lambda result: result.site)
    periods = {result.period for result in given}
    if len(periods) != 1:
        raise CallError(
            Text("城市“{name}”的断面结果不是同一时段的：{count} 个时段。", name=name, count=len(periods)),
            remedy=Text("请只给出一个时段的结果。"),
        )
    period = periods.pop()
    own = override_on(override, period.last_day)
    chosen = chosen or rules(_RULES, period.last_day, own)
    left_out = {result.site: reason for result in given if (reason := _left_out(result))}
    parts: dict[WaterType, QualityIndex] = {}
    for kind in WaterType:
        means = {
            result.site: _means(result)
            for result in given
            if result.site not in left_out and result.water_type == kind
        }
        if means:
            weights = _months(given) if chosen["means_over"] == "months" else None
            options: dict[str, Any] = {"on": period.last_day, "override": own, "period": period}
            parts[kind] = quality_index(name, means, kind, chosen=chosen, weights=weights, **options)
    return CityIndex(
        name=name,
        period=period,
        river=parts.get(WaterType.RIVER),
        lake=parts.get(WaterType.LAKE),
        left_out=left_out,
        results=tuple(given),
        rules=chosen,
    )


def _left_out(result: SectionResult) -> NoIndex | None:
    if not any(entry.mean is not None and entry.decides_class for entry in result.items.values()):
        return NoIndex.NO_DATA
    if result.reason is Reason.NOT_VALID_THEN:
        return NoIndex.NO_DATA
    return NoIndex.WATER_TYPE_UNKNOWN if result.water_type is None else None
