"""From the means of a site to its class, its deciding items, its multiples and its attainment."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from fractions import Fraction

from bishui.assessment import plain
from bishui.assessment.numbers import TIE_TOLERANCE, multiple, round_evaluation, round_multiple
from bishui.assessment.register import Target
from bishui.assessment.results import (
    Attainment,
    Counts,
    Exceedance,
    ItemResult,
    MainPollutant,
    Reason,
    State,
)
from bishui.assessment.thresholds import limits_of
from bishui.standards import (
    Direction,
    Limit,
    Method,
    Range,
    SurfaceWaterStandard,
    WaterType,
    items,
    water_class,
)
from bishui.standards import meets as _meets


@dataclass(frozen=True, slots=True)
class ItemMean:
    """What is known of one item before it is judged."""

    item: str
    mean: Fraction | None
    detection_limit: Decimal | None
    source: str
    counts: Counts


@dataclass(frozen=True, slots=True)
class Rules:
    """What a period is judged by: the edition of the limits, the method, and whether means are rounded.

    `listed` are the items that decide the class, by site; a site that is not in it is judged by all it has.
    """

    standard: SurfaceWaterStandard
    method: Method
    rounded: bool
    listed: Mapping[str, frozenset[str]] = field(default_factory=dict)

    def direction(self, item: str) -> Direction:
        """Return how the item's limit is meant; upper limits where the standard does not say."""
        criterion = self.standard.criteria.get(item)
        return criterion.direction if criterion else Direction.MAX


def judge_item(
    given: ItemMean,
    rules: Rules,
    water_type: WaterType | None,
    target: Target | None = None,
    rank: int | None = None,
) -> ItemResult:
    """Judge one mean (环办〔2011〕22号 2.(1)).

    Parameters
    ----------
    given
        The mean with its counts.
    rules
        Edition, method, rounding.
    water_type
        From the register; without it only items with the same limits everywhere get a class.
    target
        Target whose limits are shown beside.
    rank
        Class found by the kernel; None lets this function find it.
    """
    limits = limits_of(rules.standard, given.item, water_type)
    compared = None if given.mean is None else plain.compared(given.item, given.mean, rounded=rules.rounded)
    if rank is None and limits and compared is not None:
        rank = _best(limits, compared, rules.direction(given.item))
    criterion = rules.standard.criteria.get(given.item)
    reference = limits.get(rules.method.main_pollutant_reference)
    own = _target_limit(given.item, limits, target)
    over_own, over_reference = (_exceeds(given.item, compared, its, rules) for its in (own, reference))
    return ItemResult(
        item=given.item,
        mean=given.mean,
        rounded=_rounded(given.item, given.mean),
        compared=compared,
        rank=rank,
        decides_class=bool(criterion and criterion.decides_class),
        limits=limits,
        clause=criterion.clause if criterion and limits else None,
        target_limit=own,
        reference_limit=reference,
        over_target=_over(given.item, compared, own, _target_reference(given.item, target), rules)
        if over_own
        else None,
        over_reference=_over(given.item, compared, reference, _reference(rules.method), rules)
        if over_reference
        else None,
        exceeds_target=over_own,
        exceeds_reference=over_reference,
        detection_limit=given.detection_limit,
        doubtful=_doubtful(given.detection_limit, rank, limits, rules.method),
        source=given.source,
        counts=given.counts,
    )


def _reference(method: Method) -> str:
    """Name the class that multiples of main pollution indicators are relative to (Ⅲ by the measures)."""
    return f"class_{water_class(method.main_pollutant_reference).id}"


def _best(limits: Mapping[int, Limit], compared: Decimal | Fraction, direction: Direction) -> int:
    return min((rank for rank, limit in limits.items() if _meets(compared, limit, direction)), default=6)


def _rounded(item: str, mean: Fraction | None) -> Decimal | None:
    decimals = items()[item].evaluation_decimals
    if mean is None or decimals is None:
        return None
    return round_evaluation(mean, decimals, TIE_TOLERANCE if item == "ph" else Fraction(0))


def _target_limit(item: str, limits: Mapping[int, Limit], target: Target | None) -> Limit | None:
    if target is None:
        return None
    if item in target.overrides:
        return target.overrides[item]
    return limits.get(target.target_class) if target.target_class is not None else None


def _target_reference(item: str, target: Target | None) -> str:
    """Tell what a multiple is relative to: the target's class, or its own (interim) limit of the item."""
    return "own_limit" if target is not None and item in target.overrides else "target"


def _exceeds(
    item: str, compared: Decimal | Fraction | None, limit: Limit | None, rules: Rules
) -> bool | None:
    if compared is None or limit is None:
        return None
    return not _meets(compared, limit, rules.direction(item))


def _over(
    item: str, compared: Decimal | Fraction | None, limit: Limit | None, reference: str, rules: Rules
) -> Exceedance | None:
    """Return the multiple by which a mean exceeds a limit; None where it has none."""
    if item in rules.method.no_multiple_items:
        return None
    if compared is None or limit is None or isinstance(limit, Range) or limit == 0:
        return None
    exact = multiple(compared, limit)
    return Exceedance(reference, limit, exact, round_multiple(exact, rules.method.multiple_decimals))


def _doubtful(
    detection: Decimal | None, rank: int | None, limits: Mapping[int, Limit], method: Method
) -> bool:
    """Tell whether the detection limit is above the limit of the class found, so that it may be worse."""
    if detection is None or rank is None or method.detection_above_limit != "cannot_be_judged":
        return False
    limit = limits.get(rank)
    return isinstance(limit, Decimal) and detection > limit


def with_alternative(results: Mapping[str, ItemResult], rules: Rules) -> dict[str, ItemResult]:
    """Give class Ⅰ to an item that reaches it the other way.

    Oxygen saturation of at least 90 % stands for 7.5 mg/L (GB 3838-2002 table 1).
    """
    changed = dict(results)
    for key, criterion in rules.standard.criteria.items():
        other = criterion.alternative
        if other is None or key not in results or other.item not in results:
            continue
        value = results[other.item].compared
        if value is not None and results[key].rank is not None and value >= other.minimum:
            changed[key] = replace(results[key], rank=1)
    return changed


def within(results: Mapping[str, ItemResult], allowed: Collection[str] | None) -> dict[str, ItemResult]:
    """Let only the items of a list decide (5+X …); the others stay beside the class. None: all of them."""
    if allowed is None:
        return dict(results)
    return {
        key: entry if key in allowed else replace(entry, decides_class=False)
        for key, entry in results.items()
    }


def section_class(
    results: Mapping[str, ItemResult], water_type: WaterType | None
) -> tuple[int | None, Reason | None]:
    """Return the class of a section, or why there is none (单因子评价法).

    An item whose detection limit is above the limit of its class leaves the section without a class, unless
    another item makes the section at least as bad as that detection limit could.
    """
    deciding = [entry for entry in results.values() if entry.decides_class and entry.mean is not None]
    if not deciding:
        return None, Reason.NO_DATA
    if water_type is None:
        return None, Reason.WATER_TYPE_UNKNOWN
    ranks = [entry.rank for entry in deciding if entry.rank is not None]
    if not ranks:
        return None, Reason.NO_DATA
    worst = max(ranks)
    if any(entry.doubtful and _could_be(entry) > worst for entry in deciding):
        return None, Reason.CANNOT_BE_JUDGED
    return worst, None


def _could_be(entry: ItemResult) -> int:
    """Return the class of the detection limit itself: the worst that the item could be."""
    if entry.detection_limit is None:
        return 0
    return _best(entry.limits, entry.detection_limit, Direction.MAX)


def deciding_items(results: Mapping[str, ItemResult], rank: int | None) -> tuple[str, ...]:
    """Return the items that make the class; none for class Ⅰ."""
    if rank is None or rank == 1:
        return ()
    return tuple(key for key, entry in results.items() if entry.decides_class and entry.rank == rank)


def main_pollutants(
    results: Mapping[str, ItemResult], rank: int | None, rules: Rules
) -> tuple[MainPollutant, ...]:
    """Return the main pollution indicators (主要污染指标; 环办〔2011〕22号 2.(1)).

    Only of a section worse than the reference class: items over its limit, cyanide and heavy metals first,
    then by class, then by multiple; equal ones in the order of the table.
    """
    method = rules.method
    if rank is None or rank <= method.main_pollutant_reference:
        return ()
    over = [entry for entry in results.values() if entry.decides_class and entry.exceeds_reference]
    over.sort(
        key=lambda entry: (
            entry.item not in method.main_pollutants_first,
            -(entry.rank or 0),
            -(entry.over_reference.exact if entry.over_reference else Fraction(0)),
        )
    )
    return tuple(
        MainPollutant(entry.item, entry.over_reference.rounded if entry.over_reference else None)
        for entry in over[: method.main_pollutant_count]
    )


def attainment(
    results: Mapping[str, ItemResult],
    rank: int | None,
    reason: Reason | None,
    target: Target | None,
    rules: Rules,
) -> Attainment:
    """Compare a section with its target: class not worse than the target's, own limits met.

    A section whose class cannot be judged may still fail: an item over its limit is over it.
    """
    if target is None:
        return Attainment(State.NO_TARGET)
    failing = tuple(key for key in _bound_items(results, target) if _fails(results[key], target, rules))
    state: State
    why: Reason | None
    if failing and reason in (None, Reason.CANNOT_BE_JUDGED):
        state, why = State.NOT_ATTAINED, None
    elif reason is not None and reason is not Reason.CANNOT_BE_JUDGED:
        state, why = State.NOT_JUDGED, reason
    elif missing := _missing_overrides(results, target):
        state, why = State.NOT_JUDGED, missing
    elif _undecided(results, target, rules.method):
        state, why = State.NOT_JUDGED, Reason.CANNOT_BE_JUDGED
    else:
        state, why = State.ATTAINED, None
    return Attainment(
        state=state,
        target_id=target.id,
        target_class=target.target_class,
        overrides=target.overrides,
        failing=failing,
        reason=why,
        source_file=target.source_file,
        source_line=target.source_line,
    )


def _bound_items(results: Mapping[str, ItemResult], target: Target) -> Iterable[str]:
    """Return the items that the target binds: the deciding ones, and those with an own limit."""
    return (key for key, entry in results.items() if entry.decides_class or key in target.overrides)


def _fails(entry: ItemResult, target: Target, rules: Rules) -> bool:
    if entry.item in target.overrides:
        return bool(_exceeds(entry.item, entry.compared, target.overrides[entry.item], rules))
    return target.target_class is not None and entry.rank is not None and entry.rank > target.target_class


def _missing_overrides(results: Mapping[str, ItemResult], target: Target) -> Reason | None:
    """A target of own limits only cannot be judged where none of its items was measured."""
    if target.target_class is not None or not target.overrides:
        return None
    there: Sequence[str] = [k for k in target.overrides if k in results and results[k].mean is not None]
    return None if len(there) == len(target.overrides) else Reason.NO_DATA


def _undecided(results: Mapping[str, ItemResult], target: Target, method: Method) -> bool:
    """Tell whether a detection limit is above a limit of the target that the mean seems to meet."""
    if method.detection_above_limit != "cannot_be_judged":
        return False
    for key in _bound_items(results, target):
        entry = results[key]
        limit = _target_limit(key, entry.limits, target)
        if entry.detection_limit is not None and isinstance(limit, Decimal) and entry.detection_limit > limit:
            return True
    return False
