"""The class of a section by another list of items than the 21 of a section (功能区、水源 …).

The means, the classes of the items and the verdict are those of `assess` and `judge`; only which items decide
is chosen here.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from bishui.assessment import judge
from bishui.assessment.overrides import Overrides, override_on
from bishui.assessment.periods import Period, PeriodKind
from bishui.assessment.register import Target
from bishui.assessment.results import Attainment, ItemResult, Reason
from bishui.standards import Method, WaterType, method, surface_water


@dataclass(frozen=True, slots=True)
class ListedClass:
    """The class and the verdict by some items.

    `items` are those that took part, with their values; `lacking` those of the list without a value.
    """

    rank: int | None
    reason: Reason | None
    attainment: Attainment
    items: Mapping[str, ItemResult]
    lacking: tuple[str, ...]


def judge_rules(
    period: Period, chosen: Method | None = None, override: Overrides | None = None
) -> judge.Rules:
    """Return what a period is judged by: the limits and the method of its last day."""
    own = override_on(override, period.last_day)
    used = chosen or method(period.last_day, own)
    single = period.kind is PeriodKind.READING
    return judge.Rules(
        surface_water(period.last_day, own),
        used,
        used.round_single_readings if single else used.round_before_compare,
    )


def class_by(
    results: Mapping[str, ItemResult],
    listed: Iterable[str],
    water_type: WaterType | None,
    target_class: int | None,
    period: Period,
    *,
    reason: Reason | None = None,
    chosen: Method | None = None,
    override: Overrides | None = None,
) -> ListedClass:
    """Return the class by some items and whether it attains a class.

    Parameters
    ----------
    results
        Results of a section by item.
    listed
        Items that decide; those without a limit for the water type do not take part.
    water_type
        From the register.
    target_class
        Class to attain, 1–5; None without one.
    period
        For the editions.
    reason
        Why the section has no class whatever its items say (not valid then).
    chosen
        Method of the means, if not that in force.
    override
        A bureau's own limits and settings, as `assess` takes them.
    """
    used = judge_rules(period, chosen, override)
    wanted = tuple(listed)
    taken = {
        key: replace(results[key], decides_class=True)
        for key in wanted
        if key in results and results[key].mean is not None
    }
    rank, why = judge.section_class(taken, water_type)
    if reason is Reason.NOT_VALID_THEN:
        rank, why = None, reason
    target = None if target_class is None else _target(target_class, period)
    verdict = judge.attainment(taken, rank, why, target, used)
    return ListedClass(rank, why, verdict, taken, tuple(key for key in wanted if key not in taken))


def _target(target_class: int, period: Period) -> Target:
    return Target("", "", target_class, {}, period.start.date(), period.last_day, None, None)
