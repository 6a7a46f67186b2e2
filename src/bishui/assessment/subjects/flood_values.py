"""Means of sections by day, reading or month beside the limits of their targets, without a result each.

Means, limits and rounding are those of `assess`; only what flood-season intensity needs is made.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from bishui.assessment import judge, kernels, plain
from bishui.assessment.means import PH, Means, daily_means, prefer
from bishui.assessment.overrides import Overrides, override_on
from bishui.assessment.periods import Period, PeriodKind, periods_touched
from bishui.assessment.register import Register, Site, Target, read_targets
from bishui.assessment.scan import Readings
from bishui.assessment.subjects.listed_class import judge_rules
from bishui.assessment.thresholds import Bound, highest, limits_of, lowest
from bishui.errors import CallError
from bishui.i18n import Text
from bishui.standards import Direction, Method, WaterType, items
from bishui.standards import meets as meets_limit
from bishui.standards import method as method_on

#: An exact mean as numerator and denominator, which need not be in lowest terms: most are only compared.
Pair = tuple[int, int]
#: The kinds of periods that values are made for.
KINDS = (PeriodKind.READING, PeriodKind.DAY, PeriodKind.MONTH)


@dataclass(frozen=True, slots=True)
class LimitedMeans:
    """The means of one section in one period.

    Attributes
    ----------
    means
        By item, exact.
    limits
        Of the target, for the items that have a mean.
    exceeding
        Items over their limit.
    """

    site: str
    name: str
    period: Period
    target_class: int | None
    means: Mapping[str, Pair]
    limits: Mapping[str, Decimal]
    exceeding: tuple[str, ...]


class _Held(NamedTuple):
    """The limit of an item, and the bound of unrounded means; None where they are rounded and compared."""

    limit: Decimal
    direction: Direction
    bound: Bound | None


class LimitedSeries:
    """Measurements and the targets of their sections; means are made by kind of period.

    Parameters
    ----------
    measurements, sites, targets, flags
        Tables of `observations.schema`.
    wanted
        Items, in the order of the answers.
    method
        How means are made; without it the edition of each period.
    override
        A bureau's own limits and settings, as `assess` takes them.
    """

    def __init__(
        self,
        measurements: pa.Table,
        sites: pa.Table | None,
        targets: pa.Table,
        flags: pa.Table | None,
        *,
        wanted: Sequence[str],
        method: Method | None,
        override: Overrides | None = None,
    ) -> None:
        self._register = Register(sites)
        self._targets = read_targets(targets, self._register.aliases)
        self._method, self._override = method, override
        self._wanted = tuple(wanted)
        latest: datetime = pc.max(measurements["time"]).as_py() or datetime.now()
        day = latest.date()
        priority = (method or method_on(day, override_on(override, day))).source_priority
        self._readings = Readings(measurements, flags, priority, self._register.aliases)
        self._means: dict[tuple[PeriodKind, str], Mapping[int, Mapping[str, Mapping[str, Pair]]]] = {}
        self._limits: dict[tuple[object, ...], Mapping[str, _Held]] = {}

    def by_site(self, kind: PeriodKind, limited: Callable[[date], bool]) -> dict[str, list[LimitedMeans]]:
        """Return the means of each section by period: of all that are known, or of those with the reading.

        Parameters
        ----------
        kind
            Kind of the periods.
        limited
            Whether periods that begin on a day are held against the targets; the others have means only.

        Raises
        ------
        CallError
            If the kind is not among `KINDS`.
        """
        if kind not in KINDS:
            raise CallError(
                Text("浓度取值“{kind}”不可用。", kind=kind.value),
                remedy=Text("可用的值：{values}。", values="、".join(KINDS)),
            )
        found: dict[str, list[LimitedMeans]] = {}
        names = sorted({*self._readings.sites, *self._register.ids})
        for period in self._periods(kind):
            rules = judge_rules(period, self._method, self._override)
            there = self._of(kind, rules.method).get(_unit(period), {})
            targets = self._targets if limited(period.start.date()) else {}
            for name in names if kind is not PeriodKind.READING else sorted(there):
                target = next((its for its in targets.get(name, ()) if its.covers(period)), None)
                found.setdefault(name, []).append(self._one(name, period, rules, there.get(name, {}), target))
        return found

    def _periods(self, kind: PeriodKind) -> list[Period]:
        if kind is PeriodKind.READING:
            return [Period.reading(moment) for moment in self._readings.seconds()]
        return periods_touched(kind, self._readings.days())

    def _of(self, kind: PeriodKind, method: Method) -> Mapping[int, Mapping[str, Mapping[str, Pair]]]:
        """Return the means by unit of time, site and item."""
        key = (kind, method.version)
        if key not in self._means:
            by_unit: dict[int, dict[str, dict[str, Pair]]] = {}
            for unit, site, item, mean in self._entries(self._level(kind, method)):
                there = by_unit.setdefault(unit, {}).setdefault(site, {})
                if mean is not None:
                    there[item] = mean
            self._means[key] = by_unit
        return self._means[key]

    def _level(self, kind: PeriodKind, method: Method) -> Means:
        if kind is PeriodKind.READING:
            return prefer(self._readings.base(method, single=True))
        return (
            daily_means(self._readings.base(method))
            if kind is PeriodKind.DAY
            else self._readings.months(method)
        )

    def _entries(self, means: Means) -> Iterator[tuple[int, str, str, Pair | None]]:
        keys, sites = means.keys, self._readings.sites
        units = [2 * 10 ** items()[key].scale for key in keys]
        for index, (unit, series, state, high, low, denominator) in enumerate(
            zip(
                means.unit.tolist(),
                means.series.tolist(),
                means.state.tolist(),
                means.high.tolist(),
                means.low.tolist(),
                means.denominator.tolist(),
                strict=True,
            )
        ):
            site, item = divmod(series, len(keys))
            mean = None
            if state == kernels.GOOD and keys[item] != PH:
                mean = (high << 64 | low, denominator * units[item])
            elif state != kernels.EMPTY:
                exact = means.exact(index)
                mean = None if exact is None else exact.as_integer_ratio()
            yield unit, sites[site], keys[item], mean

    def _one(
        self,
        name: str,
        period: Period,
        rules: judge.Rules,
        means: Mapping[str, Pair],
        target: Target | None,
    ) -> LimitedMeans:
        version = self._register.version(name, period)
        held = self._limits_of(version, target, rules) if target else {}
        bound = {item: of for item, of in held.items() if item in means}
        return LimitedMeans(
            site=name,
            name=version.name if version else name,
            period=period,
            target_class=target.target_class if target else None,
            means=means,
            limits={item: of.limit for item, of in bound.items()},
            exceeding=tuple(item for item, of in bound.items() if _exceeds(item, means[item], of, rules)),
        )

    def _limits_of(self, version: Site | None, target: Target, rules: judge.Rules) -> Mapping[str, _Held]:
        water = version.water_type if version else None
        key = (water, id(target), rules.standard.edition, rules.rounded)
        if key not in self._limits:
            found = _target_limits(self._wanted, water, target, rules)
            self._limits[key] = {item: _held(item, limit, rules) for item, limit in found}
        return self._limits[key]


def _held(item: str, limit: Decimal, rules: judge.Rules) -> _Held:
    direction = rules.direction(item)
    if item == PH or limit <= 0:
        return _Held(limit, direction, None)
    decimals = items()[item].evaluation_decimals if rules.rounded else None
    make = lowest if direction is Direction.MIN else highest
    return _Held(limit, direction, make(limit, decimals))


def _exceeds(item: str, mean: Pair, held: _Held, rules: judge.Rules) -> bool:
    """Tell whether a mean, rounded, is over a limit; most by the bound of the unrounded mean."""
    numerator, denominator = mean
    if held.bound is None:
        compared = plain.compared(item, Fraction(numerator, denominator), rounded=rules.rounded)
        return not meets_limit(compared, held.limit, held.direction)
    end = held.bound.value
    apart = numerator * end.denominator - end.numerator * denominator
    if apart == 0:
        return not held.bound.closed
    return (apart < 0) == (held.direction is Direction.MIN)


def _target_limits(
    wanted: Sequence[str], water: WaterType | None, target: Target, rules: judge.Rules
) -> Iterator[tuple[str, Decimal]]:
    """Yield the items whose target limit is one number."""
    for item in wanted:
        limit = judge._target_limit(item, limits_of(rules.standard, item, water), target)
        if isinstance(limit, Decimal):
            yield item, limit


def _unit(period: Period) -> int:
    if period.kind is PeriodKind.MONTH:
        return period.months.start
    second = int(np.datetime64(period.start, "s").astype(np.int64))
    return second if period.kind is PeriodKind.READING else second // 86400
