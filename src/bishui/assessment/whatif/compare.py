"""Two ways of judging a city side by side: what moves between them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from bishui.assessment.whatif.cells import REASONS, STATES, Places, Verdicts
from bishui.assessment.whatif.difference import Difference, Move, RankMove, RateMove, Share, Standing
from bishui.assessment.whatif.ranks import ranked
from bishui.assessment.whatif.state import State

Bools = npt.NDArray[np.bool_]
_ATTAINED, _FAILED = 1, 2


def difference(
    places: Places, before: State, after: State, touched: Bools, change: Mapping[str, Any]
) -> Difference:
    """Return what moves between two states.

    Parameters
    ----------
    places
        Sites and periods.
    before, after
        The two states; the second differs only where `touched`.
    touched
        Section-periods that were judged anew.
    change
        The change, as JSON.
    """
    return Difference(
        change=change,
        moves=tuple(_moves(places, before, after, touched)),
        rates=tuple(_rates(places, before, after, touched)),
        ranks=tuple(_ranks(places, before, after)),
        judged=int(touched.sum()),
        of=int(touched.size),
        standards=(_editions(before), _editions(after)),
        methods=(_versions(before), _versions(after)),
    )


def _editions(state: State) -> tuple[str, ...]:
    return tuple(dict.fromkeys(standard.edition for standard in state.standards))


def _versions(state: State) -> tuple[str, ...]:
    return tuple(dict.fromkeys(method.version for method in state.methods))


def standing(verdicts: Verdicts, place: int) -> Standing:
    """Return class and verdicts of one section-period."""
    states = (STATES[code] for code in verdicts.state[:, place].tolist())
    return Standing(
        rank=int(verdicts.rank[place]) or None,
        reason=REASONS[verdicts.reason[place]],
        states=tuple(state for state in states if state is not None),
    )


def _moves(places: Places, before: State, after: State, touched: Bools) -> Iterator[Move]:
    old, new = before.verdicts, after.verdicts
    slots = min(old.state.shape[0], new.state.shape[0])
    moved = touched & ((old.rank != new.rank) | (old.reason != new.reason))
    moved |= touched & (old.state[:slots] != new.state[:slots]).any(axis=0)
    moved |= touched & ((old.state[slots:] != 0).any(axis=0) | (new.state[slots:] != 0).any(axis=0))
    items = _item_moves(before, after, moved)
    count = len(places.periods)
    order = np.flatnonzero(moved)
    for place in order[np.argsort(order % count, kind="stable")].tolist():
        site, period = divmod(place, count)
        name = places.sites[site]
        yield Move(
            site=name,
            name=places.names[name],
            period=places.periods[period],
            before=standing(old, place),
            after=standing(new, place),
            items=items.get(place, {}),
        )


def _item_moves(
    before: State, after: State, moved: Bools
) -> dict[int, dict[str, tuple[int | None, int | None]]]:
    found: dict[int, dict[str, tuple[int | None, int | None]]] = {}
    cells, old, new = before.cells, before.ranks.rank, after.ranks.rank
    keys = cells.means.keys
    for index in np.flatnonzero((old != new) & moved[cells.place]).tolist():
        pair = (int(old[index]) or None, int(new[index]) or None)
        found.setdefault(int(cells.place[index]), {})[keys[int(cells.item[index])]] = pair
    return found


def _rates(places: Places, before: State, after: State, touched: Bools) -> Iterator[RateMove]:
    shape = places.water_type.shape
    for period in np.flatnonzero(touched.reshape(shape).any(axis=0)).tolist():
        old = _shares(places, before, period)
        new = _shares(places, after, period)
        for rate, share in old.items():
            if share != new[rate]:
                yield RateMove(places.periods[period], rate, share, new[rate])


def _shares(places: Places, state: State, period: int) -> dict[str, Share]:
    """Return the rates of one period; shares are of what was judged (优良比例、达标率)."""
    count = len(places.periods)
    rank = state.verdicts.rank[period::count]
    main = state.verdicts.state[0, period::count]
    decimals = state.methods[period].percent_decimals
    judged, total = int((rank > 0).sum()), int(rank.size)
    attained, failed = int((main == _ATTAINED).sum()), int((main == _FAILED).sum())
    good, worst = int(((rank > 0) & (rank <= 3)).sum()), int((rank == 6).sum())
    verdicts = attained + failed
    return {
        "good": Share(good, judged, total - judged, decimals),
        "worst": Share(worst, judged, total - judged, decimals),
        "attained": Share(attained, verdicts, total - verdicts, decimals),
    }


def _ranks(places: Places, before: State, after: State) -> Iterator[RankMove]:
    keys = before.totals.keys() | after.totals.keys()
    moved = {
        key
        for key in keys
        if before.totals.get(key) != after.totals.get(key)
        or before.indexed[key[1]].version != after.indexed[key[1]].version
    }
    for period in sorted({period for _, period in moved}):
        old = ranked(before.totals, places, period, before.indexed[period])
        new = ranked(after.totals, places, period, after.indexed[period])
        for division in sorted(old.keys() | new.keys()):
            (index, rank), (new_index, new_rank) = (found.get(division, (None, None)) for found in (old, new))
            if index != new_index or rank != new_rank:
                yield RankMove(
                    places.divisions[division], places.periods[period], (index, new_index), (rank, new_rank)
                )
