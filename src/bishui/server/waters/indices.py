"""Water quality indices (CWQI) of sections, counties and the city, ranked, in the form that is kept.

A ranking over different item lists is refused by the assessment; the refusal is kept as what it says.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from bishui.assessment import (
    CityIndex,
    Indexed,
    IndexRanking,
    NoIndex,
    Overrides,
    SectionResult,
    city_index,
    index_change,
    rank_changes,
    rank_indices,
    section_index,
)
from bishui.errors import DataError
from bishui.server.waters.areas import CITY, COUNTY, Area, named
from bishui.standards import Rules

SECTION = "section"
KINDS = (SECTION, COUNTY)


@dataclass(frozen=True, slots=True)
class _Subject:
    """What has an index: a section or an area, now and in the base period."""

    key: str
    shown: Indexed
    now: CityIndex
    base: CityIndex | None


def rankings(
    areas: Sequence[Area],
    names: Mapping[str, str],
    now: Mapping[str, SectionResult],
    base: Mapping[str, SectionResult],
    rules: Rules,
    *,
    override: Overrides | None = None,
) -> dict[str, Any]:
    """Return the ranking of the sections and of the counties, and the city's own index.

    Parameters
    ----------
    names
        A name of its own for each section and area by its key; rankings go by it.
    now, base
        Section results by site, of the period and of the one that it is compared with.
    rules, override
        Rules of ``cwqi``, and the bureau's own values that the results were made by.
    """
    by = _Used(rules, override)
    sections = [_section(key, names[key], now[key], base[key], by) for key in now]
    counties = [_area(area, names, now, base, by) for area in areas if area.kind == COUNTY]
    cities = [_area(area, names, now, base, by) for area in areas if area.kind == CITY]
    return {
        SECTION: _ranked(sections, rules),
        COUNTY: _ranked(counties, rules),
        CITY: {"rows": [_row(subject, rules) for subject in cities]},
        "rules": named(rules),
    }


@dataclass(frozen=True, slots=True)
class _Used:
    """What the indices are made by."""

    rules: Rules
    override: Overrides | None

    def city(self, name: str, results: Sequence[SectionResult]) -> CityIndex:
        """Return the index of some sections together."""
        return city_index(name, results, self.rules, override=self.override)


def _section(key: str, name: str, now: SectionResult, base: SectionResult, by: _Used) -> _Subject:
    shown = section_index(replace(now, name=name), by.rules, override=by.override)
    return _Subject(key, shown, by.city(name, [now]), by.city(name, [base]))


def _area(
    area: Area,
    names: Mapping[str, str],
    now: Mapping[str, SectionResult],
    base: Mapping[str, SectionResult],
    by: _Used,
) -> _Subject:
    name = names[area.key]
    current = by.city(name, [now[site] for site in area.sites])
    before = by.city(name, [base[site] for site in area.sites])
    return _Subject(area.key, current, current, before)


def _ranked(subjects: Sequence[_Subject], rules: Rules) -> dict[str, Any]:
    places, refused = _tried(lambda: rank_indices([subject.shown for subject in subjects], rules))
    with_base = [subject.base for subject in subjects if subject.base is not None]
    changes, change_refused = _tried(
        lambda: rank_changes([subject.now for subject in subjects], with_base, rules)
    )
    rows = [
        _row(subject, rules)
        | {
            "rank": places.get(subject.shown.name),
            "change_rank": changes.get(subject.shown.name),
        }
        for subject in subjects
    ]
    return {"rows": rows, "refused": refused, "change_refused": change_refused}


def _tried(rank: Callable[[], IndexRanking]) -> tuple[dict[str, int], dict[str, Any] | None]:
    """Return the ranks by name, or why there are none."""
    try:
        ranking = rank()
    except DataError as error:
        return {}, error.as_dict()
    return {place.entry.name: place.rank for place in ranking.places}, None


def _row(subject: _Subject, rules: Rules) -> dict[str, Any]:
    change = index_change(subject.now, subject.base, rules)
    comparable = (
        not rules["same_items"] or subject.base is None or subject.now.item_lists == subject.base.item_lists
    )
    return {
        "key": subject.key,
        "index": _text(subject.shown.rounded),
        "reason": subject.shown.reason.value if subject.shown.reason else None,
        "items": max((len(items) for items in subject.shown.item_lists), default=0),
        "base": _text(subject.base.rounded if subject.base else None),
        "change": _text(change.rounded) if comparable else None,
        "comparable": comparable,
        "not_ranked_for_change": change.reason is NoIndex.GOOD_THROUGHOUT,
        "sites": sum(len(part.sites) for part in subject.now.parts),
        "of": len(subject.now.results),
        "opened": [part.as_dict() for part in subject.now.parts],
        "opened_base": [part.as_dict() for part in subject.base.parts] if subject.base else [],
    }


def _text(value: object) -> str | None:
    return None if value is None else str(value)
