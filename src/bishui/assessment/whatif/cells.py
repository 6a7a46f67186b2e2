"""Classes and verdicts of all section-periods of a city at once, by the kernels that `assess` uses.

`judge` says what a section's class and its attainment are, one section at a time and with all their reasons;
here the same decisions are taken over arrays, so that ten years of a city take milliseconds. A property test
holds the two together.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from copy import copy
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

import numpy as np
import numpy.typing as npt

from bishui.assessment import kernels, plain
from bishui.assessment.means import Means, ph_unit
from bishui.assessment.periods import Period
from bishui.assessment.register import Register, Target
from bishui.assessment.results import Reason, State
from bishui.assessment.thresholds import Table, highest, lowest, table
from bishui.standards import Direction, Method, SurfaceWaterStandard, WaterType, items, meets

Ints = npt.NDArray[np.int64]
Bytes = npt.NDArray[np.uint8]
Bools = npt.NDArray[np.bool_]

#: Codes of reasons and states in arrays; 0 is none.
REASONS = (
    None,
    Reason.NO_DATA,
    Reason.WATER_TYPE_UNKNOWN,
    Reason.CANNOT_BE_JUDGED,
    Reason.NOT_VALID_THEN,
)
STATES = (None, State.ATTAINED, State.NOT_ATTAINED, State.NOT_JUDGED, State.NO_TARGET)
_NO_DATA, _UNKNOWN, _CANNOT, _NOT_VALID = range(1, 5)
_ATTAINED, _FAILED, _NOT_JUDGED, _NO_TARGET = range(1, 5)
_BELOW_ALL = -(1 << 40)
_NO_LIMIT = 1 << 62


@dataclass(frozen=True, slots=True)
class Places:
    """Which site is what in which period: (sites, periods) arrays.

    Attributes
    ----------
    sites, periods
        Every site of the register or the data, and the periods.
    water_type
        Place in `WaterType`, −1 where it is not known.
    not_valid
        In the register, but not in use then.
    division
        Place of the division in `divisions`, −1 without one.
    names
        Name of each site in its last version.
    """

    sites: tuple[str, ...]
    periods: tuple[Period, ...]
    water_type: Ints
    not_valid: Bools
    division: Ints
    divisions: tuple[str, ...]
    names: Mapping[str, str]

    @classmethod
    def of(cls, sites: Sequence[str], periods: Sequence[Period], register: Register) -> Places:
        """Read the register once for every site and period."""
        shape = (len(sites), len(periods))
        water_type, division = np.full(shape, -1), np.full(shape, -1)
        not_valid = np.zeros(shape, bool)
        divisions: dict[str, int] = {}
        names = {site: site for site in sites}
        kinds = list(WaterType)
        for s, site in enumerate(sites):
            for p, period in enumerate(periods):
                version = register.version(site, period)
                not_valid[s, p] = version is None and register.knows(site)
                if version is None:
                    continue
                names[site] = version.name
                if version.water_type is not None:
                    water_type[s, p] = kinds.index(version.water_type)
                if version.division is not None:
                    division[s, p] = divisions.setdefault(version.division, len(divisions))
        return cls(tuple(sites), tuple(periods), water_type, not_valid, division, tuple(divisions), names)


@dataclass(frozen=True, slots=True)
class Cells:
    """Means of all periods, with the section-period that each belongs to.

    Attributes
    ----------
    means
        Months, then years.
    period, place, item
        Period index, ``site index × periods + period index``, and item code of each mean.
    """

    means: Means
    period: Ints
    place: Ints
    item: Ints

    def take(self, chosen: Ints) -> Cells:
        """Return some of the cells, in their order."""
        if chosen.size == self.place.size:
            return self
        return Cells(self.means.take(chosen), self.period[chosen], self.place[chosen], self.item[chosen])


@dataclass(frozen=True, slots=True)
class Law:
    """Limits of all periods as one threshold table: a block of rows per set of rules.

    Attributes
    ----------
    rules
        Standard, method and whether means are rounded, one per set.
    of_period
        The set of each period.
    keys
        Item keys by code.
    kind, bound, closed
        Threshold rows: a block of `thresholds.table` for each set.
    printed
        Limits as printed, in half units, for detection limits.
    standing
        Whether an item decides the class by the standard, (sets, items); indices go by it.
    decides
        Whether it does by the list in use too.
    """

    rules: tuple[tuple[SurfaceWaterStandard, Method, bool], ...]
    of_period: Ints
    keys: tuple[str, ...]
    kind: Bytes
    bound: Ints
    closed: Bools
    printed: Ints
    standing: Bools
    decides: Bools

    @classmethod
    def of(
        cls,
        given: Sequence[tuple[SurfaceWaterStandard, Method, bool]],
        keys: tuple[str, ...],
        listed: frozenset[str] | None = None,
    ) -> Law:
        """Stack the threshold tables of the rules of every period; only `listed` items decide, None = all."""
        by_name: dict[tuple[str, str, bool], tuple[SurfaceWaterStandard, Method, bool]] = {}
        of_period = []
        for standard, method, rounded in given:
            name = (standard.edition, method.version, rounded)
            by_name.setdefault(name, (standard, method, rounded))
            of_period.append(list(by_name).index(name))
        sets = tuple(by_name.values())
        tables = [_table(standard, keys, rounded=rounded) for standard, _, rounded in sets]
        plainly = [_table(standard, keys, rounded=False) for standard, _, _ in sets]
        standing = np.array([[_decides(standard, key) for key in keys] for standard, _, _ in sets], bool)
        return cls(
            rules=sets,
            of_period=np.array(of_period, np.int64),
            keys=keys,
            kind=np.concatenate([entry.kind for entry in tables]),
            bound=np.concatenate([entry.bound for entry in tables]),
            closed=np.concatenate([entry.closed for entry in tables]),
            printed=np.concatenate([entry.bound for entry in plainly]),
            standing=standing,
            decides=standing & np.array([listed is None or key in listed for key in keys], bool),
        )

    def rows(self, cells: Cells, water_type: Ints) -> Ints:
        """Return the threshold row of each cell; −1 where the water type is not known."""
        count, of_cell = len(self.keys), water_type.ravel()[cells.place]
        block = self.of_period[cells.period] * (self.kind.size // len(self.rules))
        return np.where(of_cell >= 0, block + of_cell * count + cells.item, -1)

    @property
    def strict(self) -> Bools:
        """Whether a detection limit above the limit leaves a case without verdict, per set of rules."""
        return np.array([m.detection_above_limit == "cannot_be_judged" for _, m, _ in self.rules], bool)


#: Threshold tables of the last few editions and changes of them.
_TABLES: dict[tuple[str, tuple[str, ...], bool], Table] = {}
_KEPT_TABLES = 32


def _table(standard: SurfaceWaterStandard, keys: tuple[str, ...], *, rounded: bool) -> Table:
    key = (standard.edition, keys, rounded)
    if key not in _TABLES:
        while len(_TABLES) >= _KEPT_TABLES:
            _TABLES.pop(next(iter(_TABLES)), None)
        _TABLES[key] = table(standard, keys, rounded=rounded)
    return _TABLES[key]


def _decides(standard: SurfaceWaterStandard, key: str) -> bool:
    criterion = standard.criteria.get(key)
    return bool(criterion and criterion.decides_class)


@dataclass(frozen=True, slots=True)
class Ranks:
    """Classes of cells, and what their detection limits allow.

    `rank` is the class of the item (0 none), `could_be` the class of a doubtful item's detection limit.
    """

    row: Ints
    rank: Bytes
    could_be: Bytes
    has: Bools
    decides: Bools


def item_ranks(cells: Cells, law: Law, water_type: Ints) -> Ranks:
    """Return the class of every cell by the compiled kernel (GB 3838-2002 table 1)."""
    row = law.rows(cells, water_type)
    rank = _classes(cells.means, row, law.kind, law.bound, law.closed)
    for index in np.flatnonzero(rank == kernels.UNDECIDED).tolist():
        standard, _, rounded = law.rules[law.of_period[cells.period[index]]]
        kind = list(WaterType)[int(water_type.ravel()[cells.place[index]])]
        exact = cells.means.exact(index)
        found = plain.item_class(
            standard, cells.means.item(index), exact or Fraction(0), kind, rounded=rounded
        )
        rank[index] = found or 0
    could_be = _could_be(cells, law, row, rank)
    decides = law.decides[law.of_period[cells.period], cells.item]
    ranks = Ranks(row, rank, could_be, cells.means.state != kernels.EMPTY, decides)
    _use_alternative(cells, law, ranks)
    return ranks


def _classes(means: Means, row: Ints, kind: Bytes, bound: Ints, closed: Bools) -> Bytes:
    found: Bytes = kernels.item_classes(
        means.state,
        means.high,
        means.low,
        means.denominator,
        means.hydrogen,
        row,
        kind,
        bound,
        closed,
        ph_unit(),
    )
    return found


def _could_be(cells: Cells, law: Law, row: Ints, rank: Bytes) -> Bytes:
    """Return the class of the detection limit where it is above the limit of the class found; 0 elsewhere."""
    found = np.zeros(rank.size, np.uint8)
    detection = cells.means.detection
    asked = np.flatnonzero((detection >= 0) & (rank >= 1) & (rank <= 5) & (row >= 0))
    asked = asked[law.strict[law.of_period[cells.period[asked]]]]
    asked = asked[law.kind[row[asked]] != kernels.WITHIN]
    asked = asked[detection[asked] > law.printed[row[asked], rank[asked] - 1]]
    if asked.size:
        at_most = np.where(law.kind == kernels.NO_THRESHOLD, law.kind, kernels.AT_MOST).astype(np.uint8)
        found[asked] = kernels.item_classes(
            np.full(asked.size, kernels.GOOD, np.uint8),
            np.zeros(asked.size, np.int64),
            detection[asked].astype(np.uint64),
            np.ones(asked.size, np.int64),
            np.zeros(asked.size),
            row[asked],
            at_most,
            law.printed,
            np.ones_like(law.closed),
            ph_unit(),
        )
    return found


def _use_alternative(cells: Cells, law: Law, ranks: Ranks) -> None:
    """Give class Ⅰ to an item that reaches it the other way (oxygen saturation; GB 3838-2002 table 1)."""
    for which, (standard, _, rounded) in enumerate(law.rules):
        for key, criterion in standard.criteria.items():
            other = criterion.alternative
            if other is None or other.item not in law.keys:
                continue
            here = (law.of_period[cells.period] == which) & ranks.has
            there = np.flatnonzero(here & (cells.item == law.keys.index(other.item)))
            if not there.size:
                continue
            decimals = items()[other.item].evaluation_decimals if rounded else None
            bound = lowest(other.minimum, decimals)
            means = [cells.means.exact(index) or Fraction(0) for index in there.tolist()]
            met = [m > bound.value or (bound.closed and m == bound.value) for m in means]
            places = cells.place[there[np.array(met, bool)]]
            main = (cells.item == law.keys.index(key)) & (ranks.rank > 0) & np.isin(cells.place, places)
            ranks.rank[main] = 1


@dataclass(frozen=True, slots=True)
class Verdicts:
    """Class, reason and attainment of every section-period, flat by place; `state` has a row per target."""

    rank: Bytes
    reason: Bytes
    state: Bytes


def section_classes(cells: Cells, ranks: Ranks, places: Places) -> tuple[Bytes, Bytes]:
    """Return class and reason of every place (单因子评价法), as `judge.section_class` does."""
    count = places.water_type.size
    there = ranks.decides & ranks.has
    worst = kernels.worst_classes(cells.place, ranks.rank, there, count)
    could_be = kernels.worst_classes(cells.place, ranks.could_be, there, count)
    any_value = np.zeros(count, bool)
    any_value[cells.place[there]] = True
    reason = np.select(
        [
            places.not_valid.ravel(),
            ~any_value,
            places.water_type.ravel() < 0,
            worst == 0,
            could_be > worst,
        ],
        [_NOT_VALID, _NO_DATA, _UNKNOWN, _NO_DATA, _CANNOT],
        0,
    ).astype(np.uint8)
    return np.where(reason == 0, worst, 0).astype(np.uint8), reason


class Goals:
    """Targets of every section-period, and their own limits as threshold rows."""

    def __init__(self, targets: Mapping[str, Sequence[Target]], places: Places, law: Law) -> None:
        """Find the targets that cover each place, the shortest first."""
        self.targets = [target for site in places.sites for target in targets.get(site, ())]
        index = {id(target): place for place, target in enumerate(self.targets)}
        covering: dict[tuple[int, int], list[int]] = {}
        for s, site in enumerate(places.sites):
            for target in targets.get(site, ()):
                for p, period in enumerate(places.periods):
                    if target.covers(period):
                        covering.setdefault((s, p), []).append(index[id(target)])
        slots = max([1, *map(len, covering.values())])
        of = np.full((slots, *places.water_type.shape), -1)
        for (s, p), found in covering.items():
            of[: len(found), s, p] = found
        self.of: Ints = of.reshape(slots, -1)
        self.rank = np.array([*(target.target_class or 0 for target in self.targets), 0], np.int64)
        self.own = np.array([*(len(target.overrides) for target in self.targets), 0], np.int64)
        self._limits(law)

    def under(self, law: Law) -> Goals:
        """Return the same targets under other limits and methods."""
        goals = copy(self)
        goals._limits(law)
        return goals

    def _limits(self, law: Law) -> None:
        """Make a threshold row for each own limit under each set of rules."""
        self.row = np.full((len(law.rules), len(self.targets) + 1, len(law.keys)), -1)
        rows: list[tuple[int, list[int], list[bool], int]] = []
        for which, (standard, _, rounded) in enumerate(law.rules):
            for t, target in enumerate(self.targets):
                for key, limit in target.overrides.items():
                    if key in law.keys:
                        self.row[which, t, law.keys.index(key)] = len(rows)
                        rows.append(_own_limit(standard, key, limit, rounded=rounded))
        self.kind = np.array([row[0] for row in rows], np.uint8)
        self.bound = np.array([row[1] for row in rows], np.int64).reshape(-1, 5)
        self.closed = np.array([row[2] for row in rows], bool).reshape(-1, 5)
        self.printed = np.array([row[3] for row in rows], np.int64)
        self.exact = self.kind == kernels.NO_THRESHOLD


def _own_limit(
    standard: SurfaceWaterStandard, key: str, limit: Decimal, *, rounded: bool
) -> tuple[int, list[int], list[bool], int]:
    """Return kind, bounds, closed ends and the printed limit in half units of a target's own limit.

    A limit with more digits than half units hold has no threshold: it is compared exactly.
    """
    unit = Fraction(2 * 10 ** items()[key].scale)
    decimals = items()[key].evaluation_decimals if rounded else None
    criterion = standard.criteria.get(key)
    least = criterion is not None and criterion.direction is Direction.MIN
    end = (lowest if least else highest)(limit, decimals)
    printed = int(Fraction(limit) * unit // 1)
    if (end.value * unit).denominator != 1:
        return kernels.NO_THRESHOLD, [0] * 5, [False] * 5, printed
    units = int(end.value * unit)
    if key == "ph":
        return kernels.WITHIN, [_BELOW_ALL, *[units] * 4], [True, *[end.closed] * 4], printed
    kind = kernels.AT_LEAST if least else kernels.AT_MOST
    return kind, [units] * 5, [end.closed] * 5, printed


def attainments(cells: Cells, ranks: Ranks, law: Law, goals: Goals, reason: Bytes) -> Bytes:
    """Return the state of every place against each of its targets, as `judge.attainment` does."""
    states = np.empty((goals.of.shape[0], reason.size), np.uint8)
    for slot, of_place in enumerate(goals.of):
        states[slot] = _against(cells, ranks, law, goals, of_place=of_place, reason=reason)
        if slot:
            states[slot][of_place < 0] = 0
    return states


def _against(cells: Cells, ranks: Ranks, law: Law, goals: Goals, *, of_place: Ints, reason: Bytes) -> Bytes:
    count, target = reason.size, of_place[cells.place]
    which = law.of_period[cells.period]
    own = np.where(target >= 0, goals.row[which, target, cells.item], -1)
    bound = (ranks.decides | (own >= 0)) & (target >= 0)
    wanted = goals.rank[target]
    fails = (own < 0) & (wanted > 0) & (ranks.rank > wanted)
    fails |= _own_exceeded(cells, law, goals, own, target)
    failing, undecided = np.zeros(count, bool), np.zeros(count, bool)
    failing[cells.place[bound & fails]] = True
    limit = _printed_limit(ranks, law, goals, own, wanted)
    above = bound & (cells.means.detection >= 0) & (cells.means.detection > limit) & law.strict[which]
    undecided[cells.place[above]] = True
    measured = np.bincount(cells.place[(own >= 0) & ranks.has], minlength=count)
    missing = (goals.rank[of_place] == 0) & (measured < goals.own[of_place])
    return np.select(
        [
            of_place < 0,
            failing & ((reason == 0) | (reason == _CANNOT)),
            (reason != 0) & (reason != _CANNOT),
            missing | undecided,
        ],
        [_NO_TARGET, _FAILED, _NOT_JUDGED, _NOT_JUDGED],
        _ATTAINED,
    ).astype(np.uint8)


def _own_exceeded(cells: Cells, law: Law, goals: Goals, own: Ints, target: Ints) -> Bools:
    """Tell which cells exceed the target's own limit."""
    exceeded = np.zeros(own.size, bool)
    asked = np.flatnonzero((own >= 0) & (cells.means.state != kernels.EMPTY))
    if not asked.size:
        return exceeded
    part = cells.means.take(asked)
    exceeded[asked] = _classes(part, own[asked], goals.kind, goals.bound, goals.closed) == 6
    slow = goals.exact[own[asked]] | (part.state == kernels.WIDE)
    for index in asked[slow].tolist():
        exceeded[index] = _exceeds_exactly(cells, law, goals.targets[target[index]], index)
    return exceeded


def _exceeds_exactly(cells: Cells, law: Law, target: Target, index: int) -> bool:
    standard, _, rounded = law.rules[law.of_period[cells.period[index]]]
    key, mean = cells.means.item(index), cells.means.exact(index)
    criterion = standard.criteria.get(key)
    direction = criterion.direction if criterion else Direction.MAX
    compared = plain.compared(key, mean or Fraction(0), rounded=rounded)
    return not meets(compared, target.overrides[key], direction)


def _printed_limit(ranks: Ranks, law: Law, goals: Goals, own: Ints, wanted: Ints) -> Ints:
    """Return the limit of the target as printed, in half units; beyond everything where there is none."""
    limit = np.full(own.size, _NO_LIMIT)
    by_class = (own < 0) & (wanted > 0) & (wanted <= 5) & (ranks.row >= 0)
    by_class[by_class] = np.isin(law.kind[ranks.row[by_class]], (kernels.AT_MOST, kernels.AT_LEAST))
    limit[by_class] = law.printed[ranks.row[by_class], wanted[by_class] - 1]
    limit[own >= 0] = goals.printed[own[own >= 0]]
    return limit
