"""What a change would move, as the pages show it: classes by month and year, rates, ranks; before, after."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from django.urls import reverse
from django.utils.formats import date_format
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from bishui.assessment import (
    CityModel,
    Difference,
    Move,
    Period,
    PeriodKind,
    RankMove,
    RateMove,
    Share,
    Standing,
)
from bishui.server.core.templatetags.bishui_ui import class_badge, icon
from bishui.server.core.templatetags.words import STATES
from bishui.server.waters import words

_MONTHS = tuple(range(1, 13))
#: The column of a whole year.
_YEAR = 0
_EMPTY = SafeString("<td></td>")
#: Rates in the order of their columns.
_RATES = ("good", "worst", "attained")
#: Kinds of changes that are said beside what they move.
_SAID = ("limit", "items", "override")


def shown(model: CityModel, found: Difference, names: Mapping[str, str]) -> dict[str, Any]:
    """Return what ``waters/parts/moves.html`` shows of a difference.

    Parameters
    ----------
    model
        The city as it is saved.
    found
        What a change of it would move.
    names
        Names of its counties by path.
    """
    periods = [move.period for move in found.moves]
    periods += [move.period for move in found.rates] + [move.period for move in found.ranks]
    years = sorted({period.end.year for period in periods}, reverse=True)
    return {
        "changes": _said(found.change),
        "months": len(found.months),
        "years": len(found.years),
        "better": _towards(found.years, better=True),
        "worse": _towards(found.years, better=False),
        "rates": len(found.rates),
        "indices": len(found.ranks),
        "ranked": sum(move.rank[0] != move.rank[1] for move in found.ranks),
        "judged": found.judged,
        "of": found.of,
        "heads": [_("全年"), *(date_format(date(2000, month, 1), _("n月")) for month in _MONTHS)],
        "blocks": [_year(model, found, year, names) for year in years],
        "editions": _editions(found),
        "rate_labels": rate_labels(),
        "rank_labels": rank_labels(),
    }


def rate_labels() -> list[str]:
    """Return the heads of the rates, in the order of `_RATES`."""
    return [_("优良比例"), _("劣Ⅴ类比例"), _("达标率")]


def rank_labels() -> list[str]:
    """Return the heads of what counties are ranked by."""
    return [_("水质指数"), _("名次")]


def _said(change: Mapping[str, Any]) -> list[str]:
    """Return the change in words; targets, flags and settings stand in the form that asked."""
    return [words.said(change["text"])] if change["kind"] in _SAID else []


def _editions(found: Difference) -> dict[str, str]:
    """Return by what is judged before and after, where this differs."""
    pairs = (found.standards, found.methods)
    before, after = (sorted({*pairs[0][i], *pairs[1][i]}) for i in (0, 1))
    if before == after:
        return {}
    return {
        "before": _("、").join(entry for entry in before if entry not in after),
        "after": _("、").join(entry for entry in after if entry not in before),
    }


def _towards(moves: Sequence[Move], *, better: bool) -> int:
    pairs = [(move.before.rank, move.after.rank) for move in moves]
    known = [(old, new) for old, new in pairs if old is not None and new is not None]
    return sum(new < old if better else new > old for old, new in known)


def _year(model: CityModel, found: Difference, year: int, names: Mapping[str, str]) -> dict[str, Any]:
    moved = [move for move in found.moves if move.period.end.year == year]
    sites = sorted({move.site: move.name for move in moved}.items(), key=lambda entry: entry[1])
    cells = _Cells(model, year, moved)
    return {
        "year": year,
        "label": _("%(year)s年") % {"year": year},
        "count": len(moved),
        "rows": [
            {
                "name": name,
                "url": f"{reverse('sites:site', args=[site])}?period={year}",
                "cells": SafeString("".join(cells.of(site, place) for place in (_YEAR, *_MONTHS))),
            }
            for site, name in sites
        ],
        "rates": _rates([move for move in found.rates if move.period.end.year == year], rate_labels()),
        "ranks": [_rank(move, names, rank_labels()) for move in found.ranks if move.period.end.year == year],
    }


def _place(period: Period) -> int:
    return _YEAR if period.kind is PeriodKind.YEAR else period.end.month


class _Cells:
    """The cells of one year; equal standings are rendered once."""

    def __init__(self, model: CityModel, year: int, moved: Sequence[Move]) -> None:
        self._model, self._year = model, year
        self._moved = {(move.site, _place(move.period)): move for move in moved}
        self._made: dict[tuple[Standing, Standing | None], SafeString] = {}

    def of(self, site: str, place: int) -> SafeString:
        """Return the cell of a section in a month or, with `_YEAR`, the year."""
        move = self._moved.get((site, place))
        if move is not None:
            return self._opened(site, move)
        period = Period.month(self._year, place) if place else Period.year(self._year)
        if not self._model.covers(period):
            return _EMPTY
        return SafeString(f'<td class="is-still">{self._html(self._model.standing(site, period), None)}</td>')

    def _opened(self, site: str, move: Move) -> SafeString:
        """Return a cell that moves; it opens the section in that time, with the rows behind the class."""
        address = reverse("sites:site", args=[site])
        inside = self._html(move.before, move.after)
        return SafeString(
            f'<td class="is-moved"><a href="{address}?period={move.period.label}">{inside}</a></td>'
        )

    def _html(self, before: Standing, after: Standing | None) -> SafeString:
        key = (before, after)
        if key not in self._made:
            self._made[key] = _standings(before, after)
        return self._made[key]


def _standings(before: Standing, after: Standing | None) -> SafeString:
    """Return the classes before and after, and the verdicts where they differ; the same only once."""
    if after is None:
        return _class(before)
    parts = [
        format_html(
            '{}<span class="move-to"><span class="visually-hidden">{}</span>→</span>{}',
            _class(before),
            _("变为"),
            _class(after),
        )
    ]
    if before.states != after.states and after.states and before.states:
        verdicts = [_verdict(standing.states[0].value) for standing in (before, after)]
        parts.append(format_html('<span class="move-verdicts">{} → {}</span>', *verdicts))
    return SafeString("".join(parts))


def _verdict(state: str) -> SafeString:
    """Return a verdict as its icon, with the word for screen readers and as a hint."""
    look = STATES[state]
    text = format_html('<span class="visually-hidden">{}</span>', look.label)
    return format_html(
        '<span class="state-{}" title="{}">{}{}</span>', look.tone, look.label, icon(look.icon), text
    )


def _class(standing: Standing) -> SafeString:
    badge: SafeString = class_badge(standing.rank, standing.reason.value if standing.reason else "no_data")
    return badge


def _rates(moves: Sequence[RateMove], labels: Sequence[str]) -> list[SafeString]:
    """Return a row for the year and each month, with the rates that move in it."""
    by_place: dict[int, dict[str, RateMove]] = {}
    for move in moves:
        by_place.setdefault(_place(move.period), {})[move.rate] = move
    rows = []
    for place in sorted(by_place):
        own = by_place[place]
        when = _when(next(iter(own.values())).period)
        rows.append(_row((when, ""), [_rate(own.get(rate)) for rate in _RATES], labels))
    return rows


def _row(head: tuple[str, str], cells: Sequence[tuple[str, str]], labels: Sequence[str]) -> SafeString:
    """Return a row of a table whose rows are cards on a phone; a cell is a text and its note.

    There are hundreds of them in an answer, too many for a template of each cell.
    """
    tail = format_html_join(
        "",
        '<td data-label="{}"><span>{}<span class="cell-note">{}</span></span></td>',
        ((label, *cell) for label, cell in zip(labels, cells, strict=True)),
    )
    return format_html(
        '<tr><th scope="row"><span>{}<span class="cell-note">{}</span></span></th>{}</tr>', *head, tail
    )


def _when(period: Period) -> str:
    return _("全年") if period.kind is PeriodKind.YEAR else date_format(period.end, _("n月"))


def _rate(move: RateMove | None) -> tuple[str, str]:
    if move is None:
        return "—", ""
    before, after = move.before, move.after
    note = f"{before.part}/{before.whole} → {after.part}/{after.whole}"
    if after.missing:
        note += _("，缺 %(missing)s") % {"missing": after.missing}
    return f"{_percent(before)} → {_percent(after)}", note


def _percent(share: Share) -> str:
    return "—" if share.percent is None else f"{share.percent}%"


def _rank(move: RankMove, names: Mapping[str, str], labels: Sequence[str]) -> SafeString:
    index, rank = (
        ["—" if entry is None else str(entry) for entry in pair] for pair in (move.index, move.rank)
    )
    place = rank[0] if rank[0] == rank[1] else " → ".join(rank)
    head = (names.get(move.division, move.division), _when(move.period))
    return _row(head, [(" → ".join(index), ""), (place, "")], labels)
