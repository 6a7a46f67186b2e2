"""Status of a river, a basin or an area (河流、流域、区域水质状况).

Few sections are judged by the means over them, many by the shares of their classes.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from typing import Any

from bishui.assessment.numbers import Exact, round_half_up
from bishui.assessment.overrides import Overrides, override_on
from bishui.assessment.periods import Period
from bishui.assessment.rates import LeftOut, Rate
from bishui.assessment.results import Reason, SectionResult, State
from bishui.assessment.waters.pooled import Pooled, pool
from bishui.assessment.waters.shares import Shares, rate_reaches, shares
from bishui.errors import DataError
from bishui.i18n import Text
from bishui.standards import (
    Method,
    Override,
    Rules,
    WaterClass,
    WaterType,
    rules,
    surface_water,
    water_class,
)


class By(StrEnum):
    """How a status was found."""

    MEANS = "means"
    SHARES = "shares"


class RateKind(StrEnum):
    """What a rate target is about."""

    GOOD = "good"
    WORST = "worst"
    ATTAINED = "attained"


@dataclass(frozen=True, slots=True)
class AreaPollutant:
    """A main pollution indicator of an area by its section exceedance rate (断面超标率).

    Attributes
    ----------
    exceeding, evaluated
        Sections worse than Ⅲ for the item, of the sections evaluated for it.
    percent
        The rate as it is printed.
    mean_multiple
        Mean multiple of the sections that exceed, relative to class Ⅲ; None where the item has none.
    """

    item: str
    exceeding: int
    evaluated: int
    percent: Decimal
    mean_multiple: Fraction | None

    def as_dict(self) -> dict[str, Any]:
        """Return the JSON form."""
        return {
            "item": self.item,
            "exceeding": self.exceeding,
            "evaluated": self.evaluated,
            "percent": str(self.percent),
        }


@dataclass(frozen=True, slots=True)
class AreaStatus:
    """A river, basin or area in one period.

    Attributes
    ----------
    name, period
        What was assessed, and when.
    by
        By the means of few sections, or by the shares of many.
    level
        The class whose word and colour the status has: 2 优, 3 良好, 4 轻度, 5 中度, 6 重度污染; None with
        a `reason`. An area judged by shares has a status and no class.
    class_shares
        Counts and percentages of classes Ⅰ–劣Ⅴ, of the sections evaluated.
    good, worst
        Sections of classes Ⅰ–Ⅲ (优良) and of 劣Ⅴ.
    attained, with_verdict
        Sections that attain their target, of those with a verdict.
    pooled
        Means over the sections and their class; None where it was judged by shares.
    main_pollutants
        By section exceedance rate; empty where it was judged by means (see `pooled`).
    sections
        The sections' own results, evaluated or not.
    not_evaluated
        How many were not evaluated, by reason.
    item_lists
        The different item lists among the sections evaluated; more than one calls for care.
    """

    name: str
    period: Period
    by: By
    level: int | None
    reason: Reason | None
    class_shares: Shares
    good: int
    worst: int
    attained: int
    with_verdict: int
    pooled: Pooled | None
    main_pollutants: tuple[AreaPollutant, ...]
    sections: tuple[SectionResult, ...]
    not_evaluated: Mapping[str, int]
    item_lists: tuple[tuple[str, ...], ...]
    rules: Rules

    @property
    def evaluated(self) -> int:
        """How many sections were evaluated."""
        return self.class_shares.whole

    @property
    def rank(self) -> int | None:
        """The class of the means over few sections; None where it was judged by shares."""
        return self.pooled.rank if self.pooled is not None and self.reason is None else None

    @property
    def status(self) -> WaterClass | None:
        """The entry of the class table that has the word and the colour of the status."""
        return None if self.level is None else water_class(self.level)

    def exact(self, kind: RateKind) -> Fraction | None:
        """Return a rate in percent, unrounded; None where nothing was evaluated."""
        part, whole = self.parts(kind)
        return Fraction(100 * part, whole) if whole else None

    def percent(self, kind: RateKind) -> Decimal | None:
        """Return a rate in percent as it is printed (优良比例、劣Ⅴ类比例、达标率)."""
        exact = self.exact(kind)
        return None if exact is None else round_half_up(exact, self.class_shares.rules["decimals"])

    def parts(self, kind: RateKind) -> tuple[int, int]:
        """Return k and n of a rate."""
        if kind is RateKind.ATTAINED:
            return self.attained, self.with_verdict
        return (self.good if kind is RateKind.GOOD else self.worst), self.evaluated

    def meets(self, kind: RateKind, target: Decimal) -> State:
        """Compare a rate with a printed target: 优良 and 达标 at least, 劣Ⅴ at most.

        The rate is rounded half up to the digits of the target, so that 6 of 7 meet 85.7.
        """
        part, whole = self.parts(kind)
        if not whole:
            return State.NOT_JUDGED
        at_least = kind is not RateKind.WORST
        met = rate_reaches(part, whole, target, at_least=at_least, exact_at_ends=self.rules["exact_at_ends"])
        return State.ATTAINED if met else State.NOT_ATTAINED

    def as_dict(self) -> dict[str, Any]:
        """Return the JSON form, without the sections' items."""
        status = self.status
        return {
            "name": self.name,
            "period": self.period.label,
            "by": self.by.value,
            "class": self.rank,
            "status": status.word_zh if status else None,
            "colour": status.colour_zh if status else None,
            "reason": self.reason.value if self.reason else None,
            "sections": [
                {
                    "site": section.site,
                    "name": section.name,
                    "class": section.rank,
                    "reason": section.reason.value if section.reason else None,
                    "attainment": section.attainment.state.value,
                    "item_list": list(section.item_list),
                }
                for section in self.sections
            ],
            "evaluated": self.evaluated,
            "not_evaluated": dict(self.not_evaluated),
            "class_shares": self.class_shares.as_dict(),
            "rates": {kind.value: self._rate(kind) for kind in RateKind},
            "pooled": self.pooled.as_dict() if self.pooled else None,
            "main_pollutants": [entry.as_dict() for entry in self.main_pollutants],
            "item_lists": [list(entry) for entry in self.item_lists],
            "rules": self.rules.as_dict(),
        }

    def _rate(self, kind: RateKind) -> dict[str, Any]:
        part, whole = self.parts(kind)
        percent = self.percent(kind)
        return {"met": part, "of": whole, "percent": None if percent is None else str(percent)}


def area_status(
    name: str,
    results: Iterable[SectionResult],
    *,
    administrative: bool = False,
    method: Method | None = None,
    override: Overrides | None = None,
    **changes: Any,
) -> AreaStatus:
    """Assess a river, a basin or an area from the results of its sections (环办〔2011〕22号 二.2).

    Fewer than five sections: the mean of each item over them, then the class. Five or more: the shares of
    their classes; no class is given. Sections without a class leave the denominator and are counted.

    Parameters
    ----------
    name
        Of the water or area.
    results
        One result for each of its sections, all of one period.
    administrative
        Whether it is a country, province, city or county: these are judged by shares, however few sections
        they have (setting `administrative_by_shares`).
    method
        How the sections were judged; without it the edition in force on the period's last day.
    override
        A bureau's own limits and settings, as `assess` takes them.
    **changes
        Settings of the rules ``area_status`` and ``shares`` by name.

    Raises
    ------
    DataError
        If there is no section, or the results are of several periods or name a section twice.
    CallError
        If a changed name is not a setting.
    """
    sections = tuple(sorted(results, key=lambda result: result.site))
    period = _one_period(name, sections)
    on = period.last_day
    own = override_on(override, on)
    of_shares = {key: changes.pop(key) for key in ("decimals", "sum_to_100") if key in changes}
    rule = rules("area_status", on, own, **changes)
    ranks = [section.rank for section in sections if section.rank is not None]
    evaluated = [section for section in sections if section.rank is not None]
    class_shares = shares([ranks.count(rank) for rank in range(1, 7)], on=on, override=own, **of_shares)
    by = _way(sections, rule, administrative=administrative)
    pooled, reason = None, None if evaluated else _why_none(sections)
    if by is By.MEANS and evaluated:
        pooled, reason = _pooled(sections, method, own)
    verdicts = Counter(section.attainment.state for section in sections)
    return AreaStatus(
        name=name,
        period=period,
        by=by,
        level=_level(pooled, class_shares, rule) if reason is None else None,
        reason=reason,
        class_shares=class_shares,
        good=sum(rank in rule["good_classes"] for rank in ranks),
        worst=sum(rank in rule["worst_classes"] for rank in ranks),
        attained=verdicts[State.ATTAINED],
        with_verdict=verdicts[State.ATTAINED] + verdicts[State.NOT_ATTAINED],
        pooled=pooled,
        main_pollutants=area_pollutants(evaluated, rule) if by is By.SHARES else (),
        sections=sections,
        not_evaluated=Counter(
            (section.reason or Reason.NO_DATA).value for section in sections if section.rank is None
        ),
        item_lists=tuple(dict.fromkeys(section.item_list for section in evaluated)),
        rules=rule,
    )


def _one_period(name: str, sections: Sequence[SectionResult]) -> Period:
    if not sections:
        raise DataError(Text("“{name}”没有断面。", name=name), remedy=Text("请给出该水体或区域的断面结果。"))
    periods = dict.fromkeys(section.period for section in sections)
    if len(periods) > 1:
        raise DataError(
            Text("“{name}”的断面结果分属多个时段：{periods}。", name=name, periods=_labels(periods)),
            remedy=Text("请按时段分别评价。"),
        )
    twice = [site for site, count in Counter(section.site for section in sections).items() if count > 1]
    if twice:
        raise DataError(
            Text("“{name}”的断面重复：{sites}。", name=name, sites="、".join(twice)),
            remedy=Text("同一断面在一个区域里只计一次。"),
        )
    return sections[0].period


def _labels(periods: Iterable[Period]) -> str:
    return "、".join(period.label for period in periods)


def _way(sections: Sequence[SectionResult], rule: Rules, *, administrative: bool) -> By:
    """Return by what the status is found; a section that did not exist then is not one of them."""
    if administrative and rule["administrative_by_shares"]:
        return By.SHARES
    if rule["sections_counted"] == "evaluated":
        number = sum(section.rank is not None for section in sections)
    else:
        number = sum(section.reason is not Reason.NOT_VALID_THEN for section in sections)
    return By.SHARES if number >= rule["share_method_from"] else By.MEANS


def _why_none(sections: Sequence[SectionResult]) -> Reason:
    """Return why no section was evaluated: the reason of all of them, or that there is no data."""
    reasons = {section.reason for section in sections if section.reason is not None}
    return reasons.pop() if len(reasons) == 1 else Reason.NO_DATA


def _pooled(
    sections: Sequence[SectionResult], method: Method | None, own: Override | None
) -> tuple[Pooled | None, Reason | None]:
    """Return the means over the sections, or why they give no class."""
    there = [section for section in sections if section.reason in (None, Reason.CANNOT_BE_JUDGED)]
    types = {section.water_type for section in there if section.water_type is not None}
    if len(types) != 1:
        return None, Reason.MIXED_WATER_TYPES
    pooled = pool(there, WaterType(types.pop()), method=method, override=own)
    return pooled, pooled.reason


def _level(pooled: Pooled | None, class_shares: Shares, rule: Rules) -> int:
    """Return the class whose word the status has; classes Ⅰ and Ⅱ share 优."""
    if pooled is not None and pooled.rank is not None:
        return max(pooled.rank, _EXCELLENT)
    good = sum(class_shares.exact[rank - 1] for rank in rule["good_classes"])
    worst = sum(class_shares.exact[rank - 1] for rank in rule["worst_classes"])
    return status_of_shares(good, worst, rule)


_EXCELLENT = 2


def status_of_shares(good: Exact, worst: Exact, rule: Rules) -> int:
    """Return the status of shares as the class that has its word (断面水质类别比例法).

    Parameters
    ----------
    good, worst
        Shares of Ⅰ–Ⅲ and of 劣Ⅴ in percent, unrounded.
    rule
        Rules ``area_status``.
    """
    if good >= rule["excellent_from"]:
        return 2
    if good >= rule["good_from"]:
        return 3
    if worst < rule["moderate_from"]:
        return 4
    return 5 if worst < rule["heavy_from"] else 6


def area_pollutants(sections: Sequence[SectionResult], rule: Rules) -> tuple[AreaPollutant, ...]:
    """Return the main pollution indicators of many sections, by section exceedance rate (断面超标率)."""
    found = [
        pollutant
        for key in {key: None for section in sections for key in section.item_list}
        if (pollutant := _pollutant(key, sections)).exceeding
    ]
    order = {key: place for place, key in enumerate(_table_order(sections))}
    by_multiple = rule["main_pollutant_ties"] == "mean_multiple"
    found.sort(
        key=lambda entry: (
            -Fraction(entry.exceeding, entry.evaluated),
            -(entry.mean_multiple or 0) if by_multiple else 0,
            order[entry.item],
        )
    )
    return tuple(found[: rule["main_pollutant_count"]])


def _table_order(sections: Sequence[SectionResult]) -> tuple[str, ...]:
    return tuple(surface_water(sections[0].period.last_day).criteria) if sections else ()


def _pollutant(key: str, sections: Sequence[SectionResult]) -> AreaPollutant:
    entries = [section.items[key] for section in sections if key in section.item_list]
    over = [entry for entry in entries if entry.exceeds_reference]
    multiples = [entry.over_reference.exact for entry in over if entry.over_reference is not None]
    return AreaPollutant(
        item=key,
        exceeding=len(over),
        evaluated=len(entries),
        percent=round_half_up(Fraction(100 * len(over), len(entries)), 1),
        mean_multiple=sum(multiples, Fraction(0)) / len(multiples) if multiples else None,
    )


def attainment_by_frequency(results: Iterable[SectionResult]) -> Rate:
    """Return the share of section-months that attain, of those with a verdict (达标率, by frequency).

    Guangdong 2016 Q2: 47, 48 and 45 of 60 sections in three months are 140/180, 77.8 %.

    Parameters
    ----------
    results
        Results of several sections and periods of one kind.
    """
    given = list(results)
    verdicts = [
        result.attainment.state is State.ATTAINED
        for result in given
        if result.attainment.state in (State.ATTAINED, State.NOT_ATTAINED)
    ]
    left_out = [
        LeftOut.NO_TARGET
        if result.attainment.state is State.NO_TARGET
        else LeftOut.of(result.attainment.reason or result.reason)
        for result in given
        if result.attainment.state in (State.NO_TARGET, State.NOT_JUDGED)
    ]
    return Rate.count(verdicts, left_out)
