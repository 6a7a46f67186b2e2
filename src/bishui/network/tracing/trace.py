"""The trace: from exceedances to ranked groups of candidates, or the word that nothing can be decided."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import numpy as np

from bishui.errors import CallError
from bishui.i18n import Text
from bishui.network.graph import Network
from bishui.network.settings import Settings
from bishui.network.settings import settings as read_settings
from bishui.network.tables import Floats, Integers, Pollutant, Section
from bishui.network.tracing.clues import Clue, clues_of, exceedances, window_of
from bishui.network.tracing.groups import groups
from bishui.network.tracing.next_sample import NextSample, next_samples
from bishui.network.tracing.posterior import Interval, States, explained, intervals, states_of, worst
from bishui.network.tracing.problem import Problem, problem_of
from bishui.network.tracing.question import Question
from bishui.network.tracing.tables import Candidate, Fingerprint, Samples
from bishui.network.tracing.windows import Window

#: Stands on every trace, wherever it is shown.
LEAD = Text("溯源结果是现场排查的线索，不是违法证据；须经现场核查、取证后方可认定。")


class Verdict(StrEnum):
    """What the data allow to say."""

    NAMED = "named"
    NONE_LISTED = "none_listed"
    UNDECIDED = "undecided"


@dataclass(frozen=True, slots=True)
class Suspect:
    """One candidate.

    Attributes
    ----------
    probability
        That it is one of the sources.
    loads
        Excess load by item, given that it is; empty where it hardly ever is.
    explained
        Expected share of the largest exceedance that it brings.
    window
        When a single release of it explains every exceedance below it, moments; None without one.
    """

    key: str
    probability: float
    group: int
    loads: Mapping[str, Interval]
    explained: float
    window: tuple[np.datetime64, np.datetime64] | None
    clues: tuple[Clue, ...]

    def as_dict(self) -> dict[str, Any]:
        """Return the JSON form."""
        return {
            "key": self.key,
            "probability": self.probability,
            "group": self.group,
            "loads": {item: interval.as_dict() for item, interval in self.loads.items()},
            "explained_share": self.explained,
            "window": [str(moment) for moment in self.window] if self.window else None,
            "for": [clue.as_dict() for clue in self.clues if clue.supports],
            "against": [clue.as_dict() for clue in self.clues if not clue.supports],
        }


@dataclass(frozen=True, slots=True)
class Group:
    """Candidates that these results cannot tell apart, and the chance that a source is among them."""

    keys: tuple[str, ...]
    probability: float

    @property
    def size(self) -> int:
        """Return how many there are."""
        return len(self.keys)

    def as_dict(self) -> dict[str, Any]:
        """Return the JSON form."""
        return {"keys": list(self.keys), "size": self.size, "probability": self.probability}


@dataclass(frozen=True, slots=True, eq=False)
class Trace:
    """The result of a trace.

    Attributes
    ----------
    verdict
        Whether a group is named, none of the listed, or nothing can be decided.
    none_listed
        Probability that sources on no list bring most of the largest exceedance; `only_unlisted` that no
        listed one is at work at all.
    groups
        Likeliest first; candidates that are not upstream of any exceeding section come last, with 0.
    suspects
        In the order of their groups.
    exceedance
        Section, item and multiple of the limit of the largest one.
    next_samples
        Where one more sample would tell most.
    """

    verdict: Verdict
    none_listed: float
    only_unlisted: float
    groups: tuple[Group, ...]
    suspects: tuple[Suspect, ...]
    exceedance: tuple[str, str, float]
    next_samples: tuple[NextSample, ...]
    settings: Settings

    @property
    def statement(self) -> Text:
        """What the data allow to say, in a sentence."""
        if self.verdict is Verdict.NONE_LISTED:
            return Text("名单内无一相符：名单外存在污染源的概率为 {chance:.0%}。", chance=self.none_listed)
        if self.verdict is Verdict.NAMED:
            first = self.groups[0]
            return Text(
                "首要怀疑：{keys}（共 {size} 个，现有数据分不开），概率 {chance:.0%}。",
                keys="、".join(first.keys),
                size=first.size,
                chance=first.probability,
            )
        return Text("现有数据不足以判定，请先按建议点位加密采样。")

    def as_dict(self) -> dict[str, Any]:
        """Return the JSON form; the word of caution comes first."""
        section, item, multiple = self.exceedance
        return {
            "caution": LEAD.both(),
            "verdict": self.verdict.value,
            "statement": self.statement.both(),
            "exceedance": {"section": section, "item": item, "multiple_of_limit": multiple},
            "none_listed": self.none_listed,
            "only_unlisted": self.only_unlisted,
            "groups": [group.as_dict() for group in self.groups],
            "suspects": [suspect.as_dict() for suspect in self.suspects],
            "next_samples": [place.as_dict() for place in self.next_samples],
            "settings": self.settings.as_dict(),
        }


def trace(
    network: Network,
    sections: Sequence[Section],
    samples: Samples,
    candidates: Sequence[Candidate],
    pollutants: Sequence[Pollutant],
    *,
    fingerprints: Mapping[str, Fingerprint],
    limits: Mapping[str, float],
    background: Mapping[str, float],
    event_from: np.datetime64,
    settings: Settings | None = None,
) -> Trace:
    """Trace exceedances to candidates (溯源).

    Parameters
    ----------
    network
        The river and its channels, with assumed flow and velocity.
    sections, samples
        Where was measured and what: `samples.section` and `samples.item` are rows of `sections` and
        `pollutants`. Results before `event_from` tell what is ordinary.
    candidates
        Who may have done it; their order does not matter.
    fingerprints
        What kinds of discharger look like; also the kinds that a source on no list may be of.
    limits
        What the sections must keep, g/m³ by item.
    background
        Concentrations of local inflows, g/m³ by item.
    settings
        Those of the topic ``tracing``; None means those delivered.

    Raises
    ------
    NothingToTrace
        If no result of the event is above its limit.
    NetworkFault
        If a section or a candidate is not on the network.
    CallError
        If two candidates have one code, or a row of the samples refers to nothing.
    """
    chosen = settings or read_settings("tracing")
    _check(sections, samples, candidates, pollutants)
    question = Question(
        network,
        tuple(sections),
        samples,
        tuple(sorted(candidates, key=_by_place)),
        tuple(pollutants),
        fingerprints,
        limits,
        background,
        event_from,
    )
    problem = problem_of(question, chosen)
    return _trace(problem, states_of(problem, chosen), chosen)


def _by_place(candidate: Candidate) -> tuple[int, float, str, float, str]:
    """Return what orders candidates, so that neither their order nor their codes matter to the sampler."""
    return candidate.reach, candidate.chainage, candidate.kind, candidate.flow, candidate.key


def _check(
    sections: Sequence[Section],
    samples: Samples,
    candidates: Sequence[Candidate],
    pollutants: Sequence[Pollutant],
) -> None:
    wrong = np.flatnonzero(~(samples.value > 0.0) | ~np.isfinite(samples.value))
    if len(wrong):
        raise CallError(
            Text(
                "第 {row} 个监测结果为 {value}，应大于 0。",
                row=int(wrong[0]) + 1,
                value=samples.value[wrong[0]],
            ),
            remedy=Text("未检出的请填检出限并作标记。"),
        )
    keys = [candidate.key for candidate in candidates]
    twice = sorted({key for key in keys if keys.count(key) > 1})
    if twice:
        raise CallError(
            Text("候选编号重复：{keys}。", keys="、".join(twice)), remedy=Text("每个候选排口只列一次。")
        )
    for rows, size, what in (
        (samples.section, len(sections), Text("断面")),
        (samples.item, len(pollutants), Text("项目")),
    ):
        if len(rows) and not (rows.min() >= 0 and rows.max() < size):
            raise CallError(
                Text(
                    "监测数据引用了第 {row} 个{what}，只有 {size} 个。",
                    row=int(rows.max()),
                    what=what,
                    size=size,
                ),
                remedy=Text("请核对断面和项目的行号。"),
            )


def _trace(problem: Problem, states: States, settings: Settings) -> Trace:
    number = problem.prior.listed
    parts = groups(problem.response[:number], settings.number("same_cosine"))
    order = _order(problem, states, parts)
    ranked = tuple(Group(_keys(problem, parts[row]), float(states.has(parts[row]).mean())) for row in order)
    outside = _outside(problem, len(ranked))
    hidden = states.columns >= number
    shares, none_listed = explained(problem, states)
    only = float((~((states.columns >= 0) & ~hidden).any(axis=1)).mean())
    section, item, _ = worst(problem)
    event, limit = problem.event, problem.question.limits[problem.question.pollutants[item].key]
    chosen = event.above & (event.section == section) & (event.item == item)
    return Trace(
        _verdict(ranked, none_listed, settings),
        none_listed,
        only,
        ranked + tuple(Group((suspect.key,), 0.0) for suspect in outside),
        _suspects(problem, states, [parts[row] for row in order], shares, settings) + outside,
        (
            problem.question.sections[section].key,
            problem.question.pollutants[item].key,
            float(np.exp(event.value[chosen].max()) / limit),
        ),
        tuple(next_samples(problem, states, parts, settings)[:5]),
        settings,
    )


def _keys(problem: Problem, columns: Integers) -> tuple[str, ...]:
    return tuple(problem.question.candidates[problem.listed[column]].key for column in columns)


def _order(problem: Problem, states: States, parts: Sequence[Integers]) -> list[int]:
    """Return the groups, likeliest first; among equals, the one that alone would fit better."""
    chance = [float(states.has(group).mean()) for group in parts]
    look = [float(problem.prior.look[group].max()) for group in parts]
    return sorted(range(len(parts)), key=lambda row: (-chance[row], -look[row], _keys(problem, parts[row])))


def _verdict(ranked: Sequence[Group], none_listed: float, settings: Settings) -> Verdict:
    best = ranked[0].probability if ranked else 0.0
    if none_listed >= max(settings.number("none_at"), best):
        return Verdict.NONE_LISTED
    named = best >= settings.number("decide_at") and none_listed < settings.number("doubt_at")
    return Verdict.NAMED if named else Verdict.UNDECIDED


def _suspects(
    problem: Problem, states: States, ranked: Sequence[Integers], shares: Floats, settings: Settings
) -> tuple[Suspect, ...]:
    loads = intervals(problem, states, settings)
    seen = exceedances(problem, settings)
    found = []
    for number, group in enumerate(ranked):
        for column in group.tolist():
            held = states.columns == column
            size = float(np.median(states.size[held])) if held.any() else float(problem.prior.fit[column])
            window = window_of(problem, column, seen)
            found.append(
                Suspect(
                    problem.question.candidates[problem.listed[column]].key,
                    float(held.any(axis=1).mean()),
                    number,
                    loads.get(column, {}),
                    float(shares[column]),
                    _moments(problem, window),
                    clues_of(problem, column, seen, size, settings),
                )
            )
    return tuple(found)


def _moments(problem: Problem, window: Window | None) -> tuple[np.datetime64, np.datetime64] | None:
    if window is None or window.empty:
        return None
    first, last = (
        problem.event.moment + np.timedelta64(round(seconds), "s")
        for seconds in (window.earliest, window.latest)
    )
    return first, last


def _outside(problem: Problem, first: int) -> tuple[Suspect, ...]:
    """Return the candidates from which no water reaches an exceeding section."""
    inside = set(problem.listed.tolist())
    rest = [row for row in range(len(problem.question.candidates)) if row not in inside]
    text = Text("不在任何超标断面的上游。")
    return tuple(
        Suspect(
            problem.question.candidates[row].key,
            0.0,
            first + number,
            {},
            0.0,
            None,
            (Clue("position", False, 0.0, text),),
        )
        for number, row in enumerate(rest)
    )
