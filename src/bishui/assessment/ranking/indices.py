"""Rankings of cities and sections by CWQI, and by its change between two periods (环办监测〔2017〕51号)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from typing import Any, Protocol

from bishui.assessment.numbers import round_half_even
from bishui.assessment.ranking.cwqi import CityIndex, NoIndex
from bishui.assessment.ranking.places import Place, rank_ascending
from bishui.assessment.results import State
from bishui.errors import DataError, Problem
from bishui.i18n import Text
from bishui.standards import Rules, items


class Indexed(Protocol):
    """What can be ranked: a section or a city with its index."""

    @property
    def name(self) -> str:
        """Name shown in the ranking."""
        ...

    @property
    def total(self) -> Fraction | None:
        """Unrounded index."""
        ...

    @property
    def rounded(self) -> Decimal | None:
        """Printed index."""
        ...

    @property
    def reason(self) -> NoIndex | None:
        """Why there is no index."""
        ...

    @property
    def item_lists(self) -> frozenset[tuple[str, ...]]:
        """Item lists of the parts."""
        ...

    def as_dict(self) -> dict[str, Any]:
        """Return the JSON form."""
        ...


@dataclass(frozen=True, slots=True)
class IndexRanking:
    """Sections or cities by index, the best first.

    Attributes
    ----------
    places
        What was ranked.
    left_out
        What was not, and why.
    items
        The item list that all share.
    rules
        Version of the rules.
    """

    places: tuple[Place[Indexed], ...]
    left_out: Mapping[str, NoIndex]
    items: tuple[str, ...]
    rules: str
    used: Rules = field(repr=False)

    def as_dict(self) -> dict[str, Any]:
        """Return the JSON form; each place opens down to its items."""
        return {
            "places": [
                {"rank": place.rank, "name": place.entry.name, "index": str(place.printed)}
                | {"opened": place.entry.as_dict()}
                for place in self.places
            ],
            "left_out": {name: reason.value for name, reason in self.left_out.items()},
            "items": list(self.items),
            "rules": self.rules,
        }


def rank_indices(entries: Iterable[Indexed], chosen: Rules) -> IndexRanking:
    """Rank sections or cities by their index, ascending (环办监测〔2017〕51号).

    Parameters
    ----------
    entries
        Indices of one period, all of sections or all of cities, in any order.
    chosen
        Rules that the indices were made by.

    Raises
    ------
    DataError
        If their item lists differ: sums over different items are not comparable.
    """
    given = list(entries)
    ranked = [entry for entry in given if entry.total is not None]
    return IndexRanking(
        places=rank_ascending(
            ranked,
            value=lambda entry: entry.total or Fraction(0),
            printed=lambda entry: entry.rounded or Decimal(0),
            name=lambda entry: entry.name,
            shared=chosen["equal_values_share_a_rank"],
        ),
        left_out={entry.name: entry.reason for entry in given if entry.reason is not None},
        items=_shared_items(ranked, chosen),
        rules=chosen.version,
        used=chosen,
    )


def _shared_items(entries: Sequence[Indexed], chosen: Rules) -> tuple[str, ...]:
    """Return the item list that all entries share; refuse where they do not."""
    lists = sorted({items_of for entry in entries for items_of in entry.item_lists}, key=len, reverse=True)
    if len(lists) <= 1 or not chosen["same_items"]:
        return lists[0] if lists else ()
    every = frozenset().union(*lists)
    problems = [
        Problem(
            "other-items",
            Text("“{name}”缺少 {items}。", name=entry.name, items=_names(every - set(items_of))),
            Text("请补齐这些项目，或把它移出排名。"),
        )
        for entry in entries
        for items_of in sorted(entry.item_lists)
        if every - set(items_of)
    ]
    raise DataError(
        Text(
            "参评项目不同，不能排名：共 {total} 项，{count} 个对象项目不全。",
            total=len(every),
            count=len(problems),
        ),
        remedy=Text("指数是各项之和，项目不同的不可比；请使各对象的监测项目一致。"),
        problems=problems,
    )


def _names(keys: Iterable[str]) -> str:
    wanted = set(keys)
    return "、".join(item.name for key, item in items().items() if key in wanted)


@dataclass(frozen=True, slots=True)
class IndexChange:
    """Change of a city's index against its base period (ΔCWQI); negative is better."""

    name: str
    base: CityIndex | None
    current: CityIndex
    reason: NoIndex | None
    rules: Rules = field(repr=False)

    @property
    def total(self) -> Fraction | None:
        """The change in percent, unrounded; None with no index in one of the periods."""
        before = self.base.total if self.base else None
        now = self.current.total
        return None if before is None or now is None or before == 0 else (now - before) / before * 100

    @property
    def rounded(self) -> Decimal | None:
        """The change in percent, as it is printed."""
        return None if self.total is None else round_half_even(self.total, self.rules["change_decimals"])

    @property
    def item_lists(self) -> frozenset[tuple[str, ...]]:
        """The item lists of both periods."""
        return self.current.item_lists | (self.base.item_lists if self.base else frozenset())

    def as_dict(self) -> dict[str, Any]:
        """Return the JSON form."""
        return {
            "name": self.name,
            "base": self.base.as_dict() if self.base else None,
            "current": self.current.as_dict(),
            "change_percent": None if self.rounded is None else str(self.rounded),
            "reason": self.reason.value if self.reason else None,
            "rules": self.rules.version,
        }


def index_change(current: CityIndex, base: CityIndex | None, chosen: Rules) -> IndexChange:
    """Return ΔCWQI = (CWQI − CWQI_base) / CWQI_base × 100 % of one city.

    A city whose sections all are of class Ⅱ or better and attain in both periods keeps its figure, but is
    not ranked for change.
    """
    if current.total is None:
        reason = current.reason
    elif base is None or not base.total:
        reason = NoIndex.NO_BASE
    elif _good(current, chosen) and _good(base, chosen):
        reason = NoIndex.GOOD_THROUGHOUT
    else:
        reason = None
    return IndexChange(current.name, base, current, reason, chosen)


def _good(city: CityIndex, chosen: Rules) -> bool:
    """Tell whether all sections are good enough not to be ranked for change."""
    ranks = [result.rank for result in city.results if result.site not in city.left_out]
    states = [result.attainment.state for result in city.results if result.site not in city.left_out]
    good = all(rank is not None and rank <= chosen["left_out_of_change_class"] for rank in ranks)
    attained = all(state is State.ATTAINED for state in states)
    return good and (attained or not chosen["left_out_of_change_attained"])


def rank_changes(current: Iterable[CityIndex], base: Iterable[CityIndex], chosen: Rules) -> IndexRanking:
    """Rank cities by the change of their index, the greatest improvement first (ΔCWQI ascending).

    Raises
    ------
    DataError
        If the item lists of the cities, or of the two periods, differ.
    """
    before = {city.name: city for city in base}
    changes = [index_change(city, before.get(city.name), chosen) for city in current]
    ranked = [change for change in changes if change.reason is None]
    ranking = rank_indices(ranked, chosen)
    left_out = {change.name: change.reason for change in changes if change.reason is not None}
    return IndexRanking(ranking.places, left_out, ranking.items, chosen.version, chosen)
