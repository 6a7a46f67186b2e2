"""What speaks for and against a candidate (支持与反对证据), each with the number behind it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from bishui.i18n import Text
from bishui.network.settings import Settings
from bishui.network.tracing.groups import cosines
from bishui.network.tracing.problem import Problem
from bishui.network.tracing.windows import Window, intersection, release_window_by_time
from bishui.network.travel import time_from, travel_range

_HOUR_S = 3600.0
#: From this cosine on a pattern fits well, below the other it fits badly.
_FITS, _MISFITS = 0.9, 0.6


@dataclass(frozen=True, slots=True)
class Clue:
    """One piece of evidence: its kind, whether it speaks for the candidate, the number, and the sentence."""

    kind: str
    supports: bool
    number: float
    text: Text

    def as_dict(self) -> dict[str, Any]:
        """Return the JSON form."""
        return {
            "kind": self.kind,
            "supports": self.supports,
            "number": self.number,
            "text": self.text.both(),
        }


@dataclass(frozen=True, slots=True, eq=False)
class Seen:
    """When each exceeding section was above a limit, first and last, and the travel times to it by reach."""

    section: int
    first: float
    last: float
    times: Any


def exceedances(problem: Problem, settings: Settings) -> list[Seen]:
    """Return the exceeding sections with their spans and the range of travel times to them."""
    event, spread, found = problem.event, settings.number("velocity_range"), []
    for section in np.unique(event.section[event.above]).tolist():
        time = event.time[event.above & (event.section == section)]
        times = travel_range(
            problem.question.network,
            problem.question.sections[section],
            fast=1.0 + spread,
            slow=1.0 - spread,
        )
        found.append(Seen(section, float(time.min()), float(time.max()), times))
    return found


def window_of(problem: Problem, column: int, seen: list[Seen]) -> Window | None:
    """Return when a single release of a candidate explains every exceedance below it; None without one."""
    place = problem.ways.places[problem.evidence.place[column]]
    windows = []
    for one in seen:
        fastest, slowest = (time_from(problem.question.network, one.times[:, side], place) for side in (0, 1))
        if np.isfinite(fastest) and np.isfinite(slowest):
            windows.append(release_window_by_time((one.first, one.last), float(fastest), float(slowest)))
    return intersection(windows) if windows else None


def clues_of(
    problem: Problem, column: int, seen: list[Seen], size: float, settings: Settings
) -> tuple[Clue, ...]:
    """Return what speaks for and against a listed column; `size` is the posterior median of ln excess."""
    found = [_position(problem, column, seen), _pattern(problem, column), _needed(problem, column, size)]
    found += _clean(problem, column, settings) + _window(problem, column, seen) + _record(problem, column)
    return tuple(found)


def _position(problem: Problem, column: int, seen: list[Seen]) -> Clue:
    place = problem.evidence.place[column]
    above = sum(bool(problem.ways.part[one.section, place].max() > 0.0) for one in seen)
    text = Text("位于 {total} 个超标断面中 {count} 个的上游。", total=len(seen), count=above)
    return Clue("position", above == len(seen), above / len(seen), text)


def _pattern(problem: Problem, column: int) -> Clue:
    both = np.stack([problem.response[column], problem.raised])
    cosine = float(cosines(both)[0, 1])
    text = Text(
        "扣除降解差异后，其特征污染物组合在各断面的响应与实测升高量的相似度（余弦）为 {cosine:.2f}。",
        cosine=cosine,
    )
    return Clue("fingerprint", cosine >= _FITS or cosine > _MISFITS, cosine, text)


def _needed(problem: Problem, column: int, size: float) -> Clue:
    z = float((size - problem.prior.size[column]) / problem.prior.size_spread[column])
    text = Text("要解释实测值，其负荷须比平时多 {factor:.1f} 倍。", factor=float(np.exp(size)))
    return Clue("load", abs(z) <= 2.0, float(np.exp(size)), text)


def _clean(problem: Problem, column: int, settings: Settings) -> list[Clue]:
    """Return against: where it alone would have raised a section more than was seen."""
    alone = problem.response[column] * np.exp(problem.prior.fit[column])
    over = alone - problem.raised
    row = int(np.argmax(over))
    if over[row] < settings.number("clean_z"):
        return []
    items = problem.question.pollutants
    text = Text(
        "若由其单独造成，断面 {section} 的{item}应比实测高 {z:.1f} 个标准差。",
        section=problem.question.sections[row // len(items)].key,
        item=items[row % len(items)].key,
        z=float(over[row]),
    )
    return [Clue("lower-than-predicted", False, float(over[row]), text)]


def _window(problem: Problem, column: int, seen: list[Seen]) -> list[Clue]:
    window = window_of(problem, column, seen)
    if window is None:
        return []
    if window.empty:
        gap = (window.earliest - window.latest) / _HOUR_S
        text = Text("各断面推算的排放时间窗没有交集（相差 {hours:.1f} 小时），单次排放解释不了。", hours=gap)
        return [Clue("window", False, gap, text)]
    hours = (window.latest - window.earliest) / _HOUR_S
    text = Text("各断面推算的排放时间窗相交，长 {hours:.1f} 小时。", hours=hours)
    return [Clue("window", True, hours, text)]


def _record(problem: Problem, column: int) -> list[Clue]:
    candidate = problem.question.candidates[problem.listed[column]]
    results = [
        value > candidate.permitted[key]
        for key, values in candidate.history.items()
        for value in values
        if candidate.permitted.get(key)
    ]
    if not results:
        return []
    above = sum(results)
    text = Text("此前 {total} 个监测结果中 {count} 个超过许可浓度。", total=len(results), count=above)
    return [Clue("record", above > 0, above / len(results), text)]
