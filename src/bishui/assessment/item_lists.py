"""Item lists (评价项目清单): which items decide a section's class, 21, 5+X or 9+X, per section and year.

X changes over time, so it is derived for each section and year, kept with its evidence, and stored with
every class that was made by it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property
from typing import Any

from bishui.assessment.periods import Period, PeriodKind
from bishui.assessment.results import SectionResult
from bishui.errors import CallError
from bishui.i18n import Text
from bishui.standards import Rules, rules, surface_water

#: The lists that the rules know by name.
ITEM_LISTS = ("21", "5+x", "9+x")


@dataclass(frozen=True, slots=True)
class Exceeded:
    """Why an item is in X: the first period in which it was worse than the class looked at."""

    item: str
    period: Period
    rank: int
    worse_than: int

    def as_dict(self) -> dict[str, Any]:
        """Return the JSON form."""
        return {
            "item": self.item,
            "period": self.period.label,
            "class": self.rank,
            "worse_than": self.worse_than,
        }


@dataclass(frozen=True, slots=True)
class SectionItems:
    """The list of one section in one year.

    Attributes
    ----------
    base
        Items of the list without X, those that have no class among them.
    exceeded
        One entry for each item of X, in the order of the standard's table.
    years
        Years that were looked at and had results; X is incomplete where one is lacking.
    official
        Whether this is the list of national sections in that year.
    version
        Name of the list and version of the rules that made it.
    """

    site: str
    year: int
    base: tuple[str, ...]
    exceeded: tuple[Exceeded, ...]
    years: tuple[int, ...]
    official: bool
    version: str

    @property
    def items(self) -> tuple[str, ...]:
        """All items of the list."""
        return self.base + tuple(entry.item for entry in self.exceeded)

    def as_dict(self) -> dict[str, Any]:
        """Return the JSON form."""
        return {
            "site": self.site,
            "year": self.year,
            "base": list(self.base),
            "x": [entry.as_dict() for entry in self.exceeded],
            "years": list(self.years),
            "official": self.official,
            "version": self.version,
        }


@dataclass(frozen=True)
class ItemLists:
    """The lists of many sections and years under one name; give it to `assess` as `item_list`."""

    name: str
    entries: tuple[SectionItems, ...]
    from_exceedance: bool = False

    @cached_property
    def _by_place(self) -> Mapping[tuple[str, int], SectionItems]:
        return {(entry.site, entry.year): entry for entry in self.entries}

    def of(self, site: str, period: Period) -> SectionItems | None:
        """Return the list of a section for a period; None where there is none for its year."""
        entry = self._by_place.get((site, period.end.year))
        if entry is None or not self.from_exceedance:
            return entry
        return replace(
            entry, exceeded=tuple(known for known in entry.exceeded if known.period.start <= period.end)
        )

    def on(self, period: Period) -> Mapping[str, frozenset[str]]:
        """Return the items by site for a period; a site that is not in it is judged by all it has."""
        sites = dict.fromkeys(entry.site for entry in self.entries)
        found = ((site, self.of(site, period)) for site in sites)
        return {site: frozenset(entry.items) for site, entry in found if entry is not None}

    def marked(self, results: Iterable[SectionResult]) -> list[SectionResult]:
        """Return results with the name of their list, and what of it has no value, stored in them."""
        return [self._marked(result) for result in results]

    def _marked(self, result: SectionResult) -> SectionResult:
        entry = self.of(result.site, result.period)
        if entry is None:
            return result
        there = {key for key, item in result.items.items() if item.mean is not None}
        lacking = tuple(key for key in entry.items if key not in there)
        return replace(result, item_list_rule=entry.version, items_missing=lacking)

    def as_dict(self) -> dict[str, Any]:
        """Return the JSON form."""
        return {"name": self.name, "sections": [entry.as_dict() for entry in self.entries]}


def item_lists(name: str, results: Iterable[SectionResult], **changes: Any) -> ItemLists:
    """Derive the lists of sections from results by all items (环办监测函〔2020〕714号 二).

    X are the items of table 1, beyond the nine, that exceeded class Ⅲ in the last year or in this one; with
    a target of Ⅰ or Ⅱ, those that exceeded the target's class.

    Parameters
    ----------
    name
        ``21``, ``5+x`` or ``9+x``.
    results
        Results of `assess` without an item list, by month (setting `x_by`), of the years wanted and of the
        year before the first.
    **changes
        Settings of the rules ``item_list``, by name.

    Raises
    ------
    CallError
        If there is no such list, or a changed name is not a setting.
    """
    latest = rules("item_list", date.max, **changes)
    _base(name, latest)
    by_place = _by_site_and_year(results)
    entries = tuple(
        _section_items(name, site, year, by_place, rules("item_list", date(year, 12, 31), **changes))
        for site, year in sorted(by_place)
    )
    return ItemLists(name.casefold(), entries, latest["x_holds"] == "from_exceedance")


Places = Mapping[tuple[str, int], Sequence[SectionResult]]


def _by_site_and_year(results: Iterable[SectionResult]) -> Places:
    found: dict[tuple[str, int], list[SectionResult]] = {}
    for result in results:
        found.setdefault((result.site, result.period.end.year), []).append(result)
    return found


def _base(name: str, rule: Rules) -> tuple[tuple[str, ...], bool]:
    """Return the items that a list begins with, and whether X is added."""
    base, plus, x = name.casefold().partition("+")
    if f"base_{base}" not in rule.settings or (plus and x != "x"):
        raise CallError(
            Text("没有名为“{name}”的评价项目清单。", name=name),
            remedy=Text("可用的清单：{names}。", names="、".join(ITEM_LISTS)),
        )
    return rule[f"base_{base}"], bool(plus)


def _section_items(name: str, site: str, year: int, by_place: Places, rule: Rules) -> SectionItems:
    base, with_x = _base(name, rule)
    extra = f"lake_extra_{name.partition('+')[0]}"
    if extra in rule.settings and any(result.water_type == "lake" for result in by_place[site, year]):
        base = (*base, *rule[extra])
    looked = range(year - rule["x_years_back"], year + 1)
    known = [result for past in looked for result in by_place.get((site, past), ()) if result.items]
    by = PeriodKind(rule["x_by"])
    of_kind = [result for result in known if result.period.kind is by]
    return SectionItems(
        site=site,
        year=year,
        base=base,
        exceeded=_exceeded(of_kind, base, rule) if with_x else (),
        years=tuple(sorted({result.period.end.year for result in known})),
        official=rule["official"] == name.casefold(),
        version=f"{name.casefold()}@{rule.version}",
    )


def _exceeded(known: Sequence[SectionResult], base: Iterable[str], rule: Rules) -> tuple[Exceeded, ...]:
    """Return the first exceedance of each item beyond the nine, in the order of the table."""
    beyond = set(base) | set(rule["base_9"])
    first: dict[str, Exceeded] = {}
    for result in sorted(known, key=lambda entry: entry.period):
        worse_than = _reference(result, rule)
        for key, item in result.items.items():
            if key in beyond or key in first or not item.decides_class:
                continue
            if item.rank is not None and item.rank > worse_than:
                first[key] = Exceeded(key, result.period, item.rank, worse_than)
    if not first:
        return ()
    order = surface_water(known[-1].period.last_day).deciding_items
    return tuple(first[key] for key in order if key in first)


def _reference(result: SectionResult, rule: Rules) -> int:
    """Return the class that an item must be worse than: Ⅲ, or a target of Ⅰ or Ⅱ."""
    target = result.attainment.target_class
    if target is not None and target in rule["x_strict_targets"]:
        return target
    return int(rule["x_worse_than"])
