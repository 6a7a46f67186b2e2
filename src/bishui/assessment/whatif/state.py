"""One way of judging a city: means, limits, targets, classes, verdicts and indices; parts of it made anew."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from bishui.assessment.means import joined
from bishui.assessment.periods import Period, PeriodKind
from bishui.assessment.register import Target
from bishui.assessment.whatif.cells import (
    Cells,
    Goals,
    Law,
    Places,
    Ranks,
    Verdicts,
    attainments,
    item_ranks,
    section_classes,
)
from bishui.assessment.whatif.levels import Level, Renewed, by_year, means_key, replaced, years_of
from bishui.assessment.whatif.ranks import CityTotal, city_totals
from bishui.standards import Method, Rules, SurfaceWaterStandard

Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]
LevelKey = tuple[Any, ...]
_YEARS = 1 << 20


@dataclass(frozen=True)
class State:
    """Everything between the rows and the ranks.

    Attributes
    ----------
    levels
        Kept means by what they depend on.
    flags, targets
        The flags as rows, the targets by site.
    methods, standards, indexed
        Method, limits and rules of ``cwqi`` of each period.
    listed
        The items that decide the class; None = those of the standard.
    cells, law, goals
        Means, limits and targets as arrays.
    ranks, verdicts
        Classes of items; classes and verdicts of section-periods.
    totals
        City indices by (division, period).
    """

    levels: Mapping[LevelKey, Level]
    flags: tuple[Mapping[str, Any], ...]
    targets: Mapping[str, Sequence[Target]]
    methods: tuple[Method, ...]
    standards: tuple[SurfaceWaterStandard, ...]
    indexed: tuple[Rules, ...]
    listed: frozenset[str] | None
    cells: Cells
    law: Law
    goals: Goals
    ranks: Ranks
    verdicts: Verdicts
    totals: Mapping[tuple[int, int], CityTotal]

    def uses(self, key: LevelKey) -> Bools:
        """Tell which periods take their means from a level."""
        return np.array([means_key(method) == key for method in self.methods], bool)


def periods_of(level: Level) -> tuple[Period, ...]:
    """Return every month that the data touch, then every year."""
    months = np.unique(level.months.unit).tolist()
    years = sorted({month // 12 for month in months})
    return (*(Period.month(month // 12, month % 12 + 1) for month in months), *map(Period.year, years))


def law_of(
    standards: Sequence[SurfaceWaterStandard],
    methods: Sequence[Method],
    keys: tuple[str, ...],
    listed: frozenset[str] | None = None,
) -> Law:
    """Return the limits of all periods; months and years are rounded as the method says."""
    pairs = zip(standards, methods, strict=True)
    return Law.of(
        [(standard, method, method.round_before_compare) for standard, method in pairs], keys, listed
    )


def judged(
    places: Places,
    *,
    levels: Mapping[LevelKey, Level],
    flags: tuple[Mapping[str, Any], ...],
    targets: Mapping[str, Sequence[Target]],
    methods: tuple[Method, ...],
    standards: tuple[SurfaceWaterStandard, ...],
    indexed: tuple[Rules, ...],
) -> State:
    """Judge every section-period once."""
    cells = _all_cells(places, levels, methods)
    law = law_of(standards, methods, cells.means.keys)
    goals = Goals(targets, places, law)
    ranks = item_ranks(cells, law, places.water_type)
    verdicts = _verdicts(cells, ranks, places, law, goals)
    every = np.full(places.water_type.size, True)
    wanted = _ranked_keys(places, every)
    totals = city_totals(cells, ranks, law, places, wanted, indexed=indexed)
    given = (levels, flags, targets, methods, standards, indexed, None)
    return State(*given, cells, law, goals, ranks, verdicts, totals)


def _all_cells(places: Places, levels: Mapping[LevelKey, Level], methods: Sequence[Method]) -> Cells:
    """Return months and years, each from the level that its period's method takes."""
    period_keys = [means_key(method) for method in methods]
    found: Cells | None = None
    for key in dict.fromkeys(period_keys):
        cells = _cells(places, levels[key])
        if found is None:
            found = cells
            continue
        of_key = np.array([entry == key for entry in period_keys], bool)
        chosen = np.flatnonzero(of_key[cells.period])
        means = replaced(found.means, chosen, cells.means.take(chosen))
        found = dataclasses.replace(found, means=means)
    if found is None:
        raise AssertionError("a model has at least one period")
    return found


def _cells(places: Places, level: Level) -> Cells:
    months, years = level.months, by_year(level.months)
    count = len(places.periods)
    units = [p.start.year * 12 + p.start.month - 1 for p in places.periods if p.start.month == p.end.month]
    first_year = len(units)
    by_unit = np.array([period.start.year for period in places.periods[first_year:]], np.int64)
    period = np.concatenate(
        [np.searchsorted(np.array(units), months.unit), first_year + np.searchsorted(by_unit, years.unit)]
    ).astype(np.int64)
    site = np.array([places.sites.index(name) for name in level.rows.sites], np.int64)
    means = joined([months, years])
    keys = len(means.keys)
    return Cells(means, period, site[means.series // keys] * count + period, means.series % keys)


def put(cells: Cells, renewed: Renewed, uses: Bools, months: int) -> tuple[Cells, Ints]:
    """Put renewed months, and the years they belong to, in their cells; return these and their places.

    Parameters
    ----------
    cells
        Months first, then years.
    renewed
        What was made anew.
    uses
        Periods that take their means from this level.
    months
        How many of the cells are months.
    """
    if not renewed.places.size:
        return cells, np.empty(0, np.int64)
    years = years_of(renewed.months, renewed.places)
    kept = cells.means.series[months:] * _YEARS + cells.means.unit[months:]
    where = months + np.searchsorted(kept, years.series * _YEARS + years.unit)
    chosen = np.concatenate([renewed.places, where])
    part = joined([renewed.months.take(renewed.places), years])
    here = np.flatnonzero(uses[cells.period[chosen]])
    means = replaced(cells.means, chosen[here], part.take(here))
    return dataclasses.replace(cells, means=means), cells.place[chosen[here]]


def _verdicts(cells: Cells, ranks: Ranks, places: Places, law: Law, goals: Goals) -> Verdicts:
    rank, reason = section_classes(cells, ranks, places)
    return Verdicts(rank, reason, attainments(cells, ranks, law, goals, reason))


def rejudged(places: Places, state: State, touched: Bools, *, indices: bool = True) -> State:
    """Judge the touched section-periods anew; the others keep class and verdict.

    Parameters
    ----------
    places
        Sites and periods.
    state
        Means, limits and targets after the change, classes and verdicts before it.
    touched
        Which section-periods.
    indices
        Whether the change can move city indices.
    """
    most = 2 * int(touched.sum()) > touched.size
    chosen = np.arange(state.cells.place.size) if most else np.flatnonzero(touched[state.cells.place])
    part = state.cells.take(chosen)
    part_ranks = item_ranks(part, state.law, places.water_type)
    ranks = _merged_ranks(state.ranks, chosen, part_ranks)
    found = _verdicts(part, part_ranks, places, state.law, state.goals)
    verdicts = _merged(state.verdicts, found, touched)
    totals = state.totals
    if indices and places.divisions:
        wanted = _ranked_keys(places, touched)
        kept = {key: total for key, total in totals.items() if key not in wanted}
        totals = kept | city_totals(state.cells, ranks, state.law, places, wanted, indexed=state.indexed)
    return dataclasses.replace(state, ranks=ranks, verdicts=verdicts, totals=totals)


def _ranked_keys(places: Places, touched: Bools) -> set[tuple[int, int]]:
    """Return the divisions and years that some section-periods belong to: cities are ranked by year."""
    years = np.array([period.kind is PeriodKind.YEAR for period in places.periods], bool)
    here = touched.reshape(places.division.shape) & (places.division >= 0) & years
    division = places.division[here].tolist()
    return set(zip(division, np.nonzero(here)[1].tolist(), strict=True))


def _merged_ranks(ranks: Ranks, chosen: Ints, part: Ranks) -> Ranks:
    if chosen.size == ranks.rank.size:
        return part
    merged = {}
    for field in dataclasses.fields(ranks):
        merged[field.name] = getattr(ranks, field.name).copy()
        merged[field.name][chosen] = getattr(part, field.name)
    return Ranks(**merged)


def _merged(before: Verdicts, found: Verdicts, touched: Bools) -> Verdicts:
    slots = max(before.state.shape[0], found.state.shape[0])
    old, new = (
        np.vstack([v.state, np.zeros((slots - v.state.shape[0], v.state.shape[1]), np.uint8)])
        for v in (before, found)
    )
    return Verdicts(
        np.where(touched, found.rank, before.rank),
        np.where(touched, found.reason, before.reason),
        np.where(touched, new, old),
    )
