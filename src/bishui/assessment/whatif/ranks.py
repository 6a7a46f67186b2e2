"""City indices (城市水质指数 CWQI) of all divisions and periods at once, and their ranks.

The means over sections come from the kernel that averages months; sums, shares of river and lake and ranking
follow the rules of ``cwqi``. `cwqi.quality_index` opens one index down to its items.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

import numpy as np
import numpy.typing as npt

from bishui.assessment.means import Means, average
from bishui.assessment.numbers import round_half_even
from bishui.assessment.ranking.places import rank_ascending
from bishui.assessment.whatif.cells import Cells, Law, Places, Ranks
from bishui.standards import Direction, Limit, Range, Rules, WaterType

Ints = npt.NDArray[np.int64]
Key = tuple[int, int]


@dataclass(frozen=True, slots=True)
class CityTotal:
    """The index of one division in one period, and what it stands on.

    `total` is None where it cannot be computed; `items` are the item lists of the river and the lake part.
    """

    total: Fraction | None
    items: frozenset[tuple[str, ...]]


def city_totals(
    cells: Cells,
    ranks: Ranks,
    law: Law,
    places: Places,
    wanted: Iterable[Key],
    *,
    indexed: Sequence[Rules],
) -> dict[Key, CityTotal]:
    """Return the index of divisions by (division, period), for those that are wanted and have data.

    Parameters
    ----------
    cells, ranks
        Means of all section-periods with their threshold rows.
    law
        Limits of the periods.
    places
        Division and water type of each section-period.
    wanted
        Which divisions and periods.
    indexed
        Rules of ``cwqi`` of each period.
    """
    asked = set(wanted)
    count = len(places.periods)
    division = places.division.ravel()[cells.place]
    chosen = np.zeros((len(places.divisions) + 1, count), bool)
    for which, period in asked:
        chosen[which, period] = True
    used = chosen[division, cells.period] & (division >= 0) & (ranks.row >= 0) & ranks.has
    used &= law.standing[law.of_period[cells.period], cells.item]
    used &= ~places.not_valid.ravel()[cells.place]
    index = np.flatnonzero(used)
    group = _group(cells, places, division)
    index = index[np.lexsort((cells.place[index], group[index]))]
    part = cells.means.take(index)
    means = _over_sites(part, group[index])
    sections = _sections(cells, index, places, division)
    return _summed(means, sections, law, places, indexed)


def _group(cells: Cells, places: Places, division: Ints) -> Ints:
    """Return one number per division, period, water type and item, in that order."""
    keys = len(cells.means.keys)
    kind = places.water_type.ravel()[cells.place]
    return ((division * len(places.periods) + cells.period) * len(WaterType) + kind) * keys + cells.item


def _over_sites(part: Means, group: Ints) -> Means:
    """Return the mean of each item over the sites of a group, exact; its `unit` is the group."""
    arrays = {name: getattr(part, name) for name in ("state", "high", "low", "denominator", "hydrogen")}
    zeros = np.zeros(group.size, np.int64)
    same = Means(
        part.keys,
        series=group % len(part.keys),
        source=zeros,
        unit=group,
        counts=part.counts,
        detection=part.detection,
        days=zeros,
        months=zeros,
        **arrays,
        wide=part.wide,
    )
    return average(same, group)


def _sections(
    cells: Cells, index: Ints, places: Places, division: Ints
) -> Mapping[tuple[int, int, int], int]:
    """Return the number of sites by division, period and water type."""
    kind = places.water_type.ravel()[cells.place[index]]
    group = (division[index] * len(places.periods) + cells.period[index]) * len(WaterType) + kind
    sites = np.unique(group * places.water_type.size + cells.place[index]) // places.water_type.size
    found: dict[tuple[int, int, int], int] = {}
    for number, count in zip(*(part.tolist() for part in np.unique(sites, return_counts=True)), strict=True):
        rest, which = divmod(number, len(WaterType))
        found[(*divmod(rest, len(places.periods)), which)] = count
    return found


def _summed(
    means: Means,
    sections: Mapping[tuple[int, int, int], int],
    law: Law,
    places: Places,
    indexed: Sequence[Rules],
) -> dict[Key, CityTotal]:
    parts: dict[tuple[int, int, int], dict[str, Fraction]] = {}
    count, keys, kinds = len(places.periods), len(means.keys), list(WaterType)
    for place, group in enumerate(means.unit.tolist()):
        rest, item = divmod(group, keys)
        rest, kind = divmod(rest, len(kinds))
        exact = means.exact(place)
        if exact is not None:
            parts.setdefault((*divmod(rest, count), kind), {})[means.keys[item]] = exact
    found: dict[Key, dict[int, CityTotal]] = {}
    for (division, period, kind), values in parts.items():
        standard, chosen = law.rules[law.of_period[period]][0], indexed[period]
        order = [key for key in standard.deciding_items if key in values]
        reference = chosen["reference_class"]
        limits = {key: standard.limits(key, kinds[kind]).get(reference) for key in order}
        total = _total(values, limits, {key: standard.criteria[key].direction for key in order}, chosen)
        items = tuple(key for key in order if limits[key] is not None)
        found.setdefault((division, period), {})[kind] = CityTotal(total, frozenset({items}))
    return {
        key: _city(by_kind, {kind: sections[(*key, kind)] for kind in by_kind})
        for key, by_kind in found.items()
    }


def _total(
    values: Mapping[str, Fraction],
    limits: Mapping[str, Limit | None],
    directions: Mapping[str, Direction],
    chosen: Rules,
) -> Fraction | None:
    """Return the sum of the single indices (环办监测〔2017〕51号); None where one cannot be computed."""
    if any(item not in values for item in chosen["needed_items"]):
        return None
    total = Fraction(0)
    neutral = Fraction(chosen["ph_neutral"])
    for item, limit in limits.items():
        if limit is None:
            continue
        value, direction = values[item], directions[item]
        if value < 0 or (value == 0 and direction is not Direction.MAX):
            return None
        if isinstance(limit, Range):
            end = limit.low if value <= neutral else limit.high
            total += (value - neutral) / (Fraction(end) - neutral)
        elif direction is Direction.MIN:
            total += Fraction(limit) / value
        else:
            total += value / Fraction(limit)
    return total


def _city(parts: Mapping[int, CityTotal], sections: Mapping[int, int]) -> CityTotal:
    """Weigh river and lake part by their numbers of sections and points."""
    items = frozenset().union(*(part.items for part in parts.values()))
    if any(part.total is None for part in parts.values()):
        return CityTotal(None, items)
    weighted = sum(
        (sections[kind] * (part.total or Fraction(0)) for kind, part in parts.items()), Fraction(0)
    )
    return CityTotal(weighted / sum(sections[kind] for kind in parts), items)


def ranked(
    totals: Mapping[Key, CityTotal], places: Places, period: int, chosen: Rules
) -> dict[int, tuple[Decimal | None, int | None]]:
    """Return printed index and rank of each division in one period, the smallest index first.

    Without a rank: no index, or item lists that differ, so that the sums cannot be compared.
    """
    here = {division: entry for (division, p), entry in totals.items() if p == period}
    printed = {
        division: None if entry.total is None else round_half_even(entry.total, chosen["index_decimals"])
        for division, entry in here.items()
    }
    complete = {division: entry for division, entry in here.items() if entry.total is not None}
    lists = frozenset().union(*(entry.items for entry in complete.values()))
    if len(lists) > 1 and chosen["same_items"]:
        return {division: (value, None) for division, value in printed.items()}
    order = rank_ascending(
        complete,
        value=lambda division: complete[division].total or Fraction(0),
        printed=lambda division: printed[division] or Decimal(0),
        name=lambda division: places.divisions[division],
    )
    rank = {place.entry: place.rank for place in order}
    return {division: (value, rank.get(division)) for division, value in printed.items()}
