"""Copied stretches (雷同数据): readings that repeat, digit by digit, those of another day or another site.

What several sites share by chance is short or monotonous. So a stretch counts by its length and by how
unlikely its course is: a step from one reading to the next is as likely as it is frequent in its own series.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
import pyarrow as pa

from bishui.observations.findings import FINDINGS, WARNING, evidence_maps
from bishui.observations.schema import TIME_TYPE
from bishui.observations.series import SOURCES, Series
from bishui.standards import Rules

_MINUTE = 60
_DAY = 24 * 60
#: An odd number whose bits look random: what differs in one digit differs in most bits of the product.
_MIX = np.uint64(0x9E3779B97F4A7C15)
_SHIFT = np.uint64(29)


class _Name(NamedTuple):
    site: str
    item: str
    source: str


@dataclass(frozen=True, slots=True)
class _Windows:
    """Stretches of the least length: fingerprint, series, place, first and last minute; shape (n,) each."""

    code: np.ndarray
    series: np.ndarray
    at: np.ndarray
    first: np.ndarray
    last: np.ndarray


@dataclass(frozen=True, slots=True)
class _Pairs:
    """A stretch and the one that it repeats: places among the windows, shape (n,) each."""

    later: np.ndarray
    earlier: np.ndarray


@dataclass
class Copies:
    """Collects the stretches of all series, some sites after others, and then tells which repeat one another.

    It holds 24 bytes for a reading, and no reading itself.

    Parameters
    ----------
    rules
        Rules of the method ``quality``: `copied_least`, `copied_bits`, `flag`.
    """

    rules: Rules
    _names: list[_Name] = field(default_factory=list)
    _by_item: dict[str, list[_Windows]] = field(default_factory=dict)

    def add(self, series: Series) -> None:
        """Take the stretches of some sites; a site's rows come all at once."""
        places, starts = series.measured, series.starts(series.measured)
        for begin, end in zip(starts[:-1].tolist(), starts[1:].tolist(), strict=True):
            self._add(series, places[begin:end])

    def _add(self, series: Series, places: np.ndarray) -> None:
        least = int(self.rules["copied_least"])
        if len(places) < least:
            return
        values = series.value[places]
        bits = _bits(values, least)
        at = np.flatnonzero(bits >= float(self.rules["copied_bits"]))
        if not at.size:
            return
        name = _Name(
            series.sites[series.site[places[0]]],
            series.items[series.item[places[0]]],
            str(SOURCES[series.source[places[0]]]),
        )
        minutes = (series.seconds[places] // _MINUTE).astype(np.int32)
        number = np.full(len(at), len(self._names), dtype=np.int32)
        self._names.append(name)
        self._by_item.setdefault(name.item, []).append(
            _Windows(
                _codes(values, least)[at], number, at.astype(np.int32), minutes[at], minutes[at + least - 1]
            )
        )

    def found(self) -> pa.Table:
        """Return the `FINDINGS` of the series given so far, in no particular order."""
        tables = [self._of_item(_joined(parts)) for _item, parts in sorted(self._by_item.items())]
        return pa.concat_tables([FINDINGS.empty_table(), *tables])

    def _of_item(self, windows: _Windows) -> pa.Table:
        pairs = self._pairs(windows)
        runs = _runs(windows, pairs)
        keep = _longest(windows, pairs, runs)
        return self._table(windows, pairs, [runs[place] for place in keep])

    def _pairs(self, windows: _Windows) -> _Pairs:
        """Return each stretch with the one before it that is the same; one site at one time is no pair."""
        order = np.lexsort((self._ranks()[windows.series], windows.first, windows.code))
        same = windows.code[order][1:] == windows.code[order][:-1]
        earlier, later = order[:-1][same], order[1:][same]
        sites = np.unique([name.site for name in self._names], return_inverse=True)[1]
        other_site = sites[windows.series[earlier]] != sites[windows.series[later]]
        # A stretch that overlaps itself is a repeated value, or a tide: another rule's question.
        apart = windows.first[later] > windows.last[earlier]
        pair = other_site | apart
        return _Pairs(later[pair], earlier[pair])

    def _ranks(self) -> np.ndarray:
        """Return the place of each series in the order of names, so that the order of rows is none."""
        ranks = np.empty(len(self._names), dtype=np.int64)
        ranks[sorted(range(len(self._names)), key=self._names.__getitem__)] = np.arange(len(self._names))
        return ranks

    def _table(self, windows: _Windows, pairs: _Pairs, runs: list[np.ndarray]) -> pa.Table:
        size = len(runs)
        first = np.array([run[0] for run in runs], dtype=np.int64)
        last = np.array([run[-1] for run in runs], dtype=np.int64)
        later, earlier = pairs.later, pairs.earlier
        least = int(self.rules["copied_least"])
        mine = [self._names[its] for its in windows.series[later[first]].tolist()]
        theirs = [self._names[its] for its in windows.series[earlier[first]].tolist()]
        begin, end = windows.first[later[first]], windows.last[later[last]]
        count = windows.at[later[last]] - windows.at[later[first]] + least
        lag = begin.astype(np.int64) - windows.first[earlier[first]]
        flag = dict(entry.split("=", 1) for entry in self.rules["flag"]).get("copied_series")
        evidence = {
            "other_site": [name.site for name in theirs],
            "other_from": _written(windows.first[earlier[first]]),
            "other_to": _written(windows.last[earlier[last]]),
            "days_apart": [f"{its:.4g}" for its in (lag / _DAY).tolist()],
            "least": [least] * size,
        }
        columns = [
            pa.array(["copied_series"] * size, pa.string()),
            pa.array([name.site for name in mine], pa.string()),
            pa.array([name.item for name in mine], pa.string()),
            pa.array([name.source for name in mine], pa.string()),
            _times(begin),
            _times(end),
            pa.array([WARNING] * size, pa.string()),
            pa.array(count.astype(np.int32)),
            pa.nulls(size, FINDINGS.field("value").type),
            pa.nulls(size, FINDINGS.field("limit").type),
            pa.nulls(size, pa.string()),
            pa.array([flag] * size, pa.string()),
            evidence_maps(evidence, size),
            pa.array([self.rules.version] * size, pa.string()),
        ]
        return pa.table(columns, schema=FINDINGS)


def _bits(values: np.ndarray, least: int) -> np.ndarray:
    """Return for each stretch of `least` readings how unlikely its steps are together, in bits."""
    # Differences of decimals as floats are off in the sixteenth digit.
    _steps, which, counts = np.unique(np.round(np.diff(values), 8), return_inverse=True, return_counts=True)
    each = -np.log2(counts / len(which))[which]
    # A reading that stays as it was says nothing, however seldom that is.
    each[np.diff(values) == 0] = 0.0
    total = np.concatenate(([0.0], np.cumsum(each)))
    bits: np.ndarray = total[least - 1 :] - total[: len(total) - least + 1]
    return bits


def _codes(values: np.ndarray, least: int) -> np.ndarray:
    """Return one number for each stretch of `least` readings, equal where all readings are equal."""
    # Adding zero makes one zero of the two that floats have.
    mixed = (values + 0.0).view(np.uint64) * _MIX
    mixed ^= mixed >> _SHIFT
    size = len(values) - least + 1
    codes = np.zeros(size, dtype=np.uint64)
    for step in range(least):
        codes = codes * _MIX + mixed[step : step + size]
    return codes


def _joined(parts: list[_Windows]) -> _Windows:
    names = ("code", "series", "at", "first", "last")
    return _Windows(*(np.concatenate([getattr(part, name) for part in parts]) for name in names))


def _runs(windows: _Windows, pairs: _Pairs) -> list[np.ndarray]:
    """Return places of pairs that go on from one another: the same two series, the same time between them."""
    if not pairs.later.size:
        return []
    lag = windows.first[pairs.later].astype(np.int64) - windows.first[pairs.earlier]
    mine, theirs = windows.series[pairs.later], windows.series[pairs.earlier]
    first, last = windows.first[pairs.later], windows.last[pairs.later]
    order = np.lexsort((first, lag, theirs, mine))
    going_on = first[order][1:] <= last[order][:-1]
    for column in (mine, theirs, lag):
        going_on &= column[order][1:] == column[order][:-1]
    return np.split(order, np.flatnonzero(~going_on) + 1)


def _longest(windows: _Windows, pairs: _Pairs, runs: list[np.ndarray]) -> list[int]:
    """Return which runs stay: of those that overlap in one series, the longest."""
    spans = [
        (
            int(windows.series[pairs.later[run[0]]]),
            int(windows.first[pairs.later[run[0]]]),
            int(windows.last[pairs.later[run[-1]]]),
        )
        for run in runs
    ]
    kept: list[int] = []
    taken: dict[int, list[tuple[int, int]]] = {}
    for place in sorted(
        range(len(runs)), key=lambda its: (spans[its][1] - spans[its][2], spans[its][1:], its)
    ):
        number, first, last = spans[place]
        others = taken.setdefault(number, [])
        if all(last < begin or first > end for begin, end in others):
            others.append((first, last))
            kept.append(place)
    return sorted(kept)


def _written(minutes: np.ndarray) -> list[str]:
    moments = (minutes.astype(np.int64) * _MINUTE).astype("datetime64[s]")
    return [str(moment)[:16].replace("T", " ") for moment in moments]


def _times(minutes: np.ndarray) -> pa.Array:
    return pa.array(minutes.astype(np.int64) * _MINUTE).cast(TIME_TYPE)
