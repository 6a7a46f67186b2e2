"""A result judged again with fewer items deciding: without natural background, or over common items."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from datetime import date

from bishui.assessment import judge
from bishui.assessment.overrides import Overrides, override_on
from bishui.assessment.periods import PeriodKind
from bishui.assessment.register import Target
from bishui.assessment.results import Attainment, Reason, SectionResult
from bishui.standards import Method, WaterType, surface_water
from bishui.standards import method as method_on

#: Reasons that do not depend on which items decide.
_LASTING = (Reason.NOT_VALID_THEN, Reason.WATER_TYPE_UNKNOWN)


def rejudged(
    result: SectionResult,
    allowed: Collection[str],
    *,
    method: Method | None = None,
    override: Overrides | None = None,
) -> SectionResult:
    """Return a result with only some of its items deciding; means and item classes stay.

    Parameters
    ----------
    result
        A result of `assess`.
    allowed
        Items that may decide the class; a target's own limits of other items no longer bind.
    method
        The method given to `assess`, if any.
    override
        The bureau's own limits and settings given to `assess`, if any.
    """
    own = override_on(override, result.period.last_day)
    chosen = method or method_on(result.period.last_day, own)
    single = result.period.kind is PeriodKind.READING
    rounded = chosen.round_single_readings if single else chosen.round_before_compare
    rules = judge.Rules(surface_water(result.period.last_day, own), chosen, rounded)
    water_type = WaterType(result.water_type) if result.water_type is not None else None
    items = judge.within(result.items, allowed)
    rank, reason = judge.section_class(items, water_type)
    if result.reason in _LASTING:
        rank, reason = None, result.reason

    def verdict(given: Attainment) -> Attainment:
        return judge.attainment(items, rank, reason, _target(result.site, given, allowed), rules)

    return replace(
        result,
        rank=rank,
        reason=reason,
        items=items,
        deciding=judge.deciding_items(items, rank),
        main_pollutants=judge.main_pollutants(items, rank, rules),
        item_list=tuple(key for key, item in items.items() if item.decides_class and item.rank is not None),
        attainment=verdict(result.attainment),
        further_attainments=tuple(verdict(given) for given in result.further_attainments),
    )


def _target(site: str, given: Attainment, allowed: Collection[str]) -> Target | None:
    """Return the target that a verdict was given against, without the limits that no longer bind."""
    if given.target_id is None:
        return None
    return Target(
        id=given.target_id,
        site=site,
        target_class=given.target_class,
        overrides={key: limit for key, limit in given.overrides.items() if key in allowed},
        period_from=date.min,
        period_to=date.max,
        source_file=given.source_file,
        source_line=given.source_line,
    )
