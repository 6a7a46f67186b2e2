"""Sections and counties by the water quality index (水质指数 CWQI, 环办监测〔2017〕51号)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import ROUND_HALF_EVEN, Decimal

from bishui.assessment import (
    CityIndex,
    Indexed,
    IndexRanking,
    QualityIndex,
    city_index,
    index_change,
    rank_indices,
    section_index,
)
from bishui.bulletins import words
from bishui.bulletins.given import COUNTY, Given
from bishui.bulletins.told import FIGURE, SITE, Behind, Figure, Sheet, Told, cell, column, site_ref
from bishui.errors import DataError
from bishui.i18n import use_language
from bishui.reports import Cell
from bishui.standards import Rules

_TERM_STEP = Decimal("0.0001")


@dataclass(frozen=True, slots=True)
class _Entry:
    """What has an index: a section or a county, now and in the same period of the year before."""

    key: str
    name: str
    shown: Indexed
    parts: tuple[QualityIndex, ...]
    now: CityIndex
    base: CityIndex


def tell(told: Told, given: Given) -> None:
    """Tell the ranking of the sections and of the counties; without comparable items there is none."""
    chosen = given.rules("cwqi")
    sections = [
        _section(number, section.id, given, chosen) for number, section in enumerate(given.sections, 1)
    ]
    counties = [
        _area(number, water.name, water.sites, given, chosen)
        for number, water in enumerate((entry for entry in given.waters if entry.kind == COUNTY), 1)
    ]
    groups: list[tuple[str, str, Sequence[_Entry]]] = [("断面", "index_sections", sections)]
    if len(counties) > 1:
        groups.append(("区县", "index_counties", counties))
    if not any(entry.shown.rounded is not None for entry in sections):
        return
    told.head("水质指数（CWQI）")
    told.say(
        f"水质指数按{words.period_name(given.period)}各项目均值除以Ⅲ类限值后相加，越小越好；"
        "由本市按公布的办法自行计算，不是国家排名。"
    )
    for group in groups:
        _group(told, given, group, chosen)


def _section(number: int, site: str, given: Given, chosen: Rules) -> _Entry:
    name = given.names[site]
    now, base = given.now[site], given.results[given.last_year][site]
    index = section_index(replace(now, name=name), chosen, override=given.own)
    return _Entry(
        f"index_section_{number}",
        name,
        index,
        (index,),
        city_index(name, [now], chosen, override=given.own),
        city_index(name, [base], chosen, override=given.own),
    )


def _area(number: int, name: str, sites: Sequence[str], given: Given, chosen: Rules) -> _Entry:
    now = city_index(name, [given.now[site] for site in sites], chosen, override=given.own)
    base = city_index(
        name, [given.results[given.last_year][site] for site in sites], chosen, override=given.own
    )
    return _Entry(f"index_county_{number}", name, now, now.parts, now, base)


def _group(told: Told, given: Given, group: tuple[str, str, Sequence[_Entry]], chosen: Rules) -> None:
    what, key, entries = group
    ranking, refused = _tried(lambda: rank_indices([entry.shown for entry in entries], chosen))
    places = {place.entry.name: place.rank for place in ranking.places} if ranking else {}
    basis = f"{words.rules_name(chosen)}，版本 {chosen.version}"
    for entry in entries:
        told.figure(entry.key, _figure(entry, basis, given.names))
        _compared(told, entry, given, chosen)
    if ranking:
        told.figure(f"{key}.order", _order(ranking, entries, what, basis))
    if refused:
        rows_of = tuple(
            Behind(
                f"{entry.name}：{max(map(len, entry.shown.item_lists), default=0)} 项", f"{FIGURE}{entry.key}"
            )
            for entry in entries
        )
        why = told.figure(f"{key}.refused", Figure(refused, f"{what}不排名的原因", basis, rows_of))
        told.say(f"{what}的{why}")
    ordered = sorted(
        entries,
        key=lambda entry: (places.get(entry.name, len(entries)), entry.shown.total is None, entry.name),
    )
    rows = tuple(_row(entry, places.get(entry.name), told, key, ranked=bool(ranking)) for entry in ordered)
    columns = (
        *([column("名次", 0.8, numeric=True)] if ranking else []),
        column(what, 2.5),
        column("水质指数", 1.3, numeric=True),
        column("参评项目（项）", 1.3, numeric=True),
        column(given.earlier[-1][0], 1.3, numeric=True),
        column("变化（%）", 1.3, numeric=True),
    )
    note = "变化为负表示改善；两期参评项目不同的不计算变化。"
    if refused:
        note = f"参评项目不同的指数不能相互比较，未排名。{note}"
    told.show(key, Sheet(f"{what}水质指数", f"{what}水质指数", columns, rows, note))


def _tried(rank: Callable[[], IndexRanking]) -> tuple[IndexRanking | None, str]:
    """Return the ranking, or why there is none."""
    try:
        return rank(), ""
    except DataError as error:
        with use_language("zh-hans"):
            return None, str(error.what)


def _order(ranking: IndexRanking, entries: Sequence[_Entry], what: str, basis: str) -> Figure:
    """Return the places of all that are ranked; what has no index is named after them."""
    keys = {entry.name: entry.key for entry in entries}
    rows = [
        Behind(
            f"第{place.rank}名 {place.entry.name}：{place.entry.rounded}", f"{FIGURE}{keys[place.entry.name]}"
        )
        for place in ranking.places
    ]
    placed = {place.entry.name for place in ranking.places}
    rows += [
        Behind(f"不排名 {entry.name}：{_why(entry)}", f"{FIGURE}{entry.key}")
        for entry in entries
        if entry.name not in placed
    ]
    return Figure(f"{len(placed)}个{what}", f"{what}水质指数排名", basis, tuple(rows), str(len(placed)))


def _compared(told: Told, entry: _Entry, given: Given, chosen: Rules) -> None:
    """Add the index of the year before, and the change against it with how it was computed."""
    name = words.period_name(given.last_year)
    base, now = entry.base, entry.now
    if base.rounded is None:
        return
    basis = f"{words.rules_name(chosen)}，版本 {chosen.version}"
    rows = [
        Behind(f"计入：{given.names[site]}", site_ref(site, given.last_year.label)) for site in _sites(base)
    ]
    figure = Figure(
        str(base.rounded),
        f"{entry.name}{name}水质指数",
        basis,
        (*_terms(base.parts), *rows),
        str(base.rounded),
    )
    told.figure(f"{entry.key}.base", figure)
    change = index_change(now, base, chosen).rounded
    same = not chosen["same_items"] or now.item_lists == base.item_lists
    text = "项目不同" if not same else "—" if change is None else str(change)
    behind = (
        Behind(f"本期 {now.rounded}", f"{FIGURE}{entry.key}"),
        Behind(f"{name} {base.rounded}", f"{FIGURE}{entry.key}.base"),
        Behind("变化＝（本期－上年同期）÷上年同期×100%，按未修约的指数计算"),
    )
    told.figure(f"{entry.key}.change", Figure(text, f"{entry.name}水质指数变化（%）", basis, behind))


def _sites(index: CityIndex) -> list[str]:
    return [site for part in index.parts for site in part.sites]


def _row(entry: _Entry, rank: int | None, told: Told, group: str, *, ranked: bool) -> tuple[Cell, ...]:
    """Return the row of an entry; where nothing is ranked there is no place."""
    opened = f"{FIGURE}{entry.key}"
    used = max((len(items) for items in entry.shown.item_lists), default=0)
    index, base = entry.shown.rounded, entry.base.rounded
    change = told.figures[f"{entry.key}.change"].text if base is not None else ""
    place = cell(rank, f"{FIGURE}{group}.order" if rank else "", rank)
    return (
        *([place] if ranked else []),
        cell(entry.name, opened),
        cell(index if index is not None else _why(entry), opened, index),
        cell(used or "", opened if used else "", used or None),
        cell(base, f"{opened}.base" if base is not None else "", base),
        cell(change, f"{opened}.change" if base is not None else "", change if _is_number(change) else None),
    )


def _is_number(text: str) -> bool:
    return text.lstrip("-").replace(".", "", 1).isdigit()


def _why(entry: _Entry) -> str:
    return str(entry.shown.reason.text) if entry.shown.reason else ""


def _figure(entry: _Entry, basis: str, names: Mapping[str, str]) -> Figure:
    """Return an index with each of its terms."""
    rows = _terms(entry.parts)
    rows += [Behind(f"计入：{names[site]}", f"{SITE}{site}") for part in entry.parts for site in part.sites]
    index = entry.shown.rounded
    text = _why(entry) if index is None else str(index)
    return Figure(text, f"{entry.name}水质指数", basis, tuple(rows), "" if index is None else str(index))


def _terms(parts: Sequence[QualityIndex]) -> list[Behind]:
    """Return each term of an index: mean, limit, formula."""
    return [
        Behind(
            f"{words.item_name(form['item'])}：均值 {form['mean']}，限值 {form['limit']}，"
            f"{form['formula']}＝{_short(form['index'])}"
        )
        for part in parts
        for form in (term.as_dict() for term in part.terms)
    ]


def _short(number: str) -> str:
    return f"{Decimal(number).quantize(_TERM_STEP, ROUND_HALF_EVEN):f}"
