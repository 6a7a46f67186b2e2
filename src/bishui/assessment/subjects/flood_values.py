"""Means of sections by day, reading or month beside the limits of their targets, without a result each.

Means, limits and rounding are those of `assess`; only what flood-season intensity needs is made.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
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
from bishui.assessment.thresholds import highest, limits_of, lowest
from bishui.errors import CallError
from bishui.i18n import Text
from bishui.standards import Direction, Method, WaterType, items
from bishui.standards import meets as meets_limit
from bishui.standards import method as method_on

#: An exact mean as numerator and denominator, which need not be in lowest terms: most are only compared.
Pair = tuple[int, int]
#: Means by site, unit of time and item.
_Means = Mapping[str, Mapping[int, Mapping[str, Pair]]]
#: The kinds of periods that values are made for.
KINDS = (PeriodKind.READING, PeriodKind.DAY, PeriodKind.MONTH)


class LimitedMeans(NamedTuple):
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
    """The limit of an item, and the end of the unrounded means that keep it; None where means are rounded.

    `closed` tells whether the end itself keeps it.
    """

    limit: Decimal
    direction: Direction
    end: Pair | None
    closed: bool = True

    def exceeded(self, item: str, mean: Pair, rules: judge.Rules) -> bool:
        """Tell whether a mean, rounded, is over the limit; most by where the unrounded mean lies."""
        if self.end is None:
            compared = plain.compared(item, Fraction(*mean), rounded=rules.rounded)
            return not meets_limit(compared, self.limit, self.direction)
        apart = mean[0] * self.end[1] - self.end[0] * mean[1]
        if apart == 0:
            return not self.closed
        return (apart < 0) == (self.direction is Direction.MIN)


class _Frame(NamedTuple):
    """One period for every section: its unit of time, its means, what it is judged by, if targets bind."""

    period: Period
    unit: int
    means: _Means
    rules: judge.Rules
    limited: bool


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
        self._means: dict[tuple[PeriodKind, str], _Means] = {}
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
        frames = [self._frame(kind, period, limited) for period in self._periods(kind)]
        names = sorted({*self._readings.sites, *self._register.ids}) if frames else []
        by_site = {name: self._of_site(name, frames) for name in names}
        return {name: found for name, found in by_site.items() if found}

    def _frame(self, kind: PeriodKind, period: Period, limited: Callable[[date], bool]) -> _Frame:
        rules = judge_rules(period, self._method, self._override)
        means = self._of(kind, rules.method)
        return _Frame(period, _unit(period), means, rules, limited(period.start.date()))

    def _of_site(self, name: str, frames: Sequence[_Frame]) -> list[LimitedMeans]:
        """Return the means of one section in the periods; readings only where it has them."""
        targets, found = self._targets.get(name, ()), []
        for frame in frames:
            means = frame.means.get(name, {}).get(frame.unit)
            if means is None and frame.period.kind is PeriodKind.READING:
                continue
            target = None
            if frame.limited and targets:
                target = next((its for its in targets if its.covers(frame.period)), None)
            found.append(self._one(name, frame, means or {}, target))
        return found

    def _periods(self, kind: PeriodKind) -> list[Period]:
        if kind is PeriodKind.READING:
            return [Period.reading(moment) for moment in self._readings.seconds()]
        return periods_touched(kind, self._readings.days())

    def _of(self, kind: PeriodKind, method: Method) -> _Means:
        key = (kind, method.version)
        if key not in self._means:
            self._means[key] = self._by_site(self._level(kind, method))
        return self._means[key]

    def _level(self, kind: PeriodKind, method: Method) -> Means:
        if kind is PeriodKind.READING:
            return prefer(self._readings.base(method, single=True))
        return (
            daily_means(self._readings.base(method))
            if kind is PeriodKind.DAY
            else self._readings.months(method)
        )

    def _by_site(self, means: Means) -> _Means:
        """Return means as pairs; a unit whose item has no mean stands there without it."""
        found: dict[str, dict[int, dict[str, Pair]]] = {}
        of_site: dict[int, dict[str, Pair]] = {}
        before, key, scale = -1, "", 1
        names = ("series", "unit", "state", "high", "low", "denominator")
        columns = (getattr(means, name).tolist() for name in names)
        for index, (series, unit, state, high, low, denominator) in enumerate(zip(*columns, strict=True)):
            if series != before:
                site, item = divmod(series, len(means.keys))
                of_site = found.setdefault(self._readings.sites[site], {})
                key, before = means.keys[item], series
                scale = 2 * 10 ** items()[key].scale
            there = of_site.get(unit)
            if there is None:
                there = of_site[unit] = {}
            if state == kernels.GOOD and key != PH:
                there[key] = (high << 64 | low, denominator * scale)
            elif state != kernels.EMPTY and (exact := means.exact(index)) is not None:
                there[key] = exact.as_integer_ratio()
        return found

    def _one(
        self, name: str, frame: _Frame, means: Mapping[str, Pair], target: Target | None
    ) -> LimitedMeans:
        version = self._register.version(name, frame.period)
        called = version.name if version else name
        if target is None:
            return LimitedMeans(name, called, frame.period, None, means, {}, ())
        limits, exceeding = {}, []
        for item, held in self._limits_of(version, target, frame.rules).items():
            mean = means.get(item)
            if mean is not None:
                limits[item] = held.limit
                if held.exceeded(item, mean, frame.rules):
                    exceeding.append(item)
        return LimitedMeans(name, called, frame.period, target.target_class, means, limits, tuple(exceeding))

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
    bound = (lowest if direction is Direction.MIN else highest)(limit, decimals)
    return _Held(limit, direction, bound.value.as_integer_ratio(), bound.closed)


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
