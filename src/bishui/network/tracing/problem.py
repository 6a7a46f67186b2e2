"""One trace as arrays: what is known of every possible source, and what was measured."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from bishui.network.settings import Settings
from bishui.network.tables import DAY_S, Floats, Integers
from bishui.network.tracing.event import Event, event_of, rows_by_section_and_item
from bishui.network.tracing.level import Level, level
from bishui.network.tracing.likelihood import Evidence, quiet
from bishui.network.tracing.ordinary import Effluent, effluent, loads
from bishui.network.tracing.question import Question
from bishui.network.tracing.sampler import Prior
from bishui.network.tracing.tables import Candidate
from bishui.network.tracing.ways import Ways, places_of, smear, ways

#: How long before the last exceedance a result still tells its level.
_RECENT_S = 2.0 * DAY_S


@dataclass(frozen=True, slots=True, eq=False)
class Problem:
    """The question as arrays.

    Possible sources are columns: first the candidates in `listed` (rows of the question's candidates that lie
    upstream of an exceeding section), then a source on no list at each place and of each kind.

    Attributes
    ----------
    response
        Weighted steady response of each column at each section and item, (C, S · P): what groups compare.
    raised
        Weighted excess that was seen, (S · P,).
    """

    question: Question
    settings: Settings
    event: Event
    ways: Ways
    level: Level
    effluent: Effluent
    listed: Integers
    kinds: tuple[str, ...]
    evidence: Evidence
    prior: Prior
    response: Floats
    raised: Floats


def problem_of(question: Question, settings: Settings) -> Problem:
    """Return the question as arrays.

    Raises
    ------
    NothingToTrace
        If nothing is above its limit.
    NetworkFault
        If a section or a candidate is not on the network.
    """
    event = event_of(question.samples, question.event_from, question.pollutants, question.limits, settings)
    own = effluent(question.candidates, question.fingerprints, question.pollutants, settings)
    ordinary = loads(question.candidates, own, question.pollutants)
    places = places_of(question)
    paths = ways(question.network, question.sections, places, question.pollutants, ordinary)
    usual = level(question, question.sections, ordinary, settings)
    exceeding = np.unique(event.section[event.above])
    reaches = (paths.part[exceeding].max(axis=2) > 0.0).any(axis=0)
    number = len(question.candidates)
    listed = np.flatnonzero(reaches[:number])
    hidden = number + np.flatnonzero(reaches[number:])
    columns = _columns(question, own, listed, hidden, settings)
    evidence = _evidence(event, paths, usual, columns, settings)
    response, raised = _steady(event, evidence, usual)
    prior = _prior(columns, evidence, (response, raised), settings)
    return Problem(
        question, settings, event, paths, usual, own, listed, columns.kinds, evidence, prior, response, raised
    )


@dataclass(frozen=True, slots=True, eq=False)
class _Columns:
    """Place, load, spread, share of the prior of each possible source."""

    place: Integers
    load: Floats
    spread: Floats
    share: Floats
    listed: int
    kinds: tuple[str, ...]


def _columns(
    question: Question, own: Effluent, listed: Integers, hidden: Integers, settings: Settings
) -> _Columns:
    kinds = (*sorted(question.fingerprints), "")
    patterns = [_pattern(question, kind, settings) for kind in kinds]
    load = np.array([pattern[0] for pattern in patterns]) * settings.number("unlisted_flow")
    spread = np.array([pattern[1] for pattern in patterns])
    unlisted = settings.number("prior_unlisted") if len(listed) else 1.0
    odds = np.array([_odds(question.candidates[row], settings) for row in listed])
    unknown = settings.number("prior_unknown_kind") if len(kinds) > 1 else 1.0
    by_kind = np.array([(1.0 - unknown) / max(len(kinds) - 1, 1)] * (len(kinds) - 1) + [unknown])
    share = np.r_[
        (1.0 - unlisted) * odds / odds.sum() if len(listed) else odds,
        np.tile(unlisted * by_kind / len(hidden), len(hidden)),
    ]
    return _Columns(
        place=np.r_[listed, np.repeat(hidden, len(kinds))].astype(np.int64),
        load=np.concatenate([own.excess[listed], np.tile(load, (len(hidden), 1))]),
        spread=np.concatenate([own.spread[listed], np.tile(spread, (len(hidden), 1))]),
        share=share,
        listed=len(listed),
        kinds=kinds,
    )


def _pattern(question: Question, kind: str, settings: Settings) -> tuple[Floats, Floats]:
    """Return concentrations and their spread for a kind; the empty kind is any, about the middle of all."""
    keys = [item.key for item in question.pollutants]
    wide = settings.number("unknown_kind_spread")
    if kind:
        known = question.fingerprints[kind]
        typical = np.array([known.typical.get(key, 0.0) for key in keys])
        return typical * known.shift(keys) * settings.number("ordinary_share"), np.full(
            len(keys), np.hypot(known.spread, settings.number("event_spread"))
        )
    middle = [_middle(question, key) for key in keys]
    return np.array(middle), np.full(len(keys), wide)


def _middle(question: Question, key: str) -> float:
    """Return a middle concentration of an item: of kinds, else of permits, else its limit."""
    kinds = [kind.typical[key] for kind in question.fingerprints.values() if kind.typical.get(key)]
    permits = [one.permitted[key] for one in question.candidates if one.permitted.get(key)]
    for known in (kinds, permits):
        if known:
            return float(np.exp(np.mean(np.log(known))))
    limit = question.limits.get(key, 1.0)
    return limit if np.isfinite(limit) else 1.0


def _odds(candidate: Candidate, settings: Settings) -> float:
    """Return prior odds: who was above the permit before is likelier to be so again."""
    results = [
        value > candidate.permitted[key]
        for key, values in candidate.history.items()
        for value in values
        if candidate.permitted.get(key)
    ]
    return float(settings.number("history_odds") ** (np.mean(results) if results else 0.0))


def _evidence(event: Event, paths: Ways, usual: Level, columns: _Columns, settings: Settings) -> Evidence:
    start, item, section = rows_by_section_and_item(event)
    found = Evidence(
        value=event.value,
        time=event.time,
        variance=event.variance(settings),
        below=event.below.astype(np.int64),
        start=start,
        item=item,
        section=section,
        base=usual.mean[section, item],
        base_spread=usual.spread[section, item],
        way=np.ascontiguousarray(paths.per_load),
        slope=np.ascontiguousarray(paths.slope),
        delay=np.ascontiguousarray(paths.delay),
        smear=np.ascontiguousarray(smear(paths.delay, settings)),
        place=columns.place,
        load=np.ascontiguousarray(columns.load),
        spread=np.ascontiguousarray(columns.spread),
        doubt=np.array([settings.number("decay_spread"), settings.number("transfer_spread")]),
        quiet=np.zeros(len(item)),
    )
    return found._replace(quiet=quiet(found))


def _steady(event: Event, evidence: Evidence, usual: Level) -> tuple[Floats, Floats]:
    """Return the weighted response of each possible source, and the weighted excess seen, about the end."""
    sections, _, items = evidence.way.shape
    raised, weight = np.zeros((sections, items)), np.zeros((sections, items))
    late = event.time > -_RECENT_S
    for group in range(len(evidence.item)):
        rows = slice(evidence.start[group], evidence.start[group + 1])
        section, item = evidence.section[group], evidence.item[group]
        chosen = late[rows] | ~event.automatic[rows]
        if not chosen.any():
            continue
        seen = float(np.exp(np.mean(event.value[rows][chosen] - 0.7 * event.below[rows][chosen])))
        base = float(np.exp(usual.mean[section, item]))
        error = np.hypot(0.3 * seen, base * usual.spread[section, item])
        raised[section, item] = max(seen - base, 0.0) / error
        weight[section, item] = 1.0 / error
    response = evidence.way[:, evidence.place, :] * evidence.load[None] * weight[:, None, :]
    return response.transpose(1, 0, 2).reshape(len(evidence.place), -1), raised.ravel()


def _prior(columns: _Columns, evidence: Evidence, seen: tuple[Floats, Floats], settings: Settings) -> Prior:
    """Return the prior, and where to look first: at sources whose response is along what was seen."""
    response, raised = seen
    norm = np.sqrt((response**2).sum(axis=1))
    along = response @ raised
    safe = np.where(norm > 0.0, norm, 1.0)
    cosine = np.clip(along / (safe * max(float(np.linalg.norm(raised)), 1e-300)), 0.0, 1.0)
    fit = np.log(np.clip(along / safe**2, 1e-2, 1e4))
    look = columns.share * (0.02 + cosine**4)
    hidden = np.arange(len(columns.place)) >= columns.listed
    one, two = settings.number("prior_one"), settings.number("prior_two")
    sets = np.log(np.array([one, two, max(1.0 - one - two, 1e-12)])) + np.log([1.0, 2.0, 6.0])
    size = np.full(len(hidden), np.log(settings.number("excess_median")))
    reference = int(np.argmax((evidence.way > 0.0).any(axis=2).sum(axis=1)))
    spread = np.where(hidden, settings.number("unlisted_spread"), settings.number("excess_spread"))
    return Prior(
        sets=sets,
        column=np.log(columns.share),
        size=size,
        size_spread=spread,
        window=np.array([-settings.number("window_days") * DAY_S, 0.5 * DAY_S]),
        duration=np.array(
            [np.log(settings.number("duration_days") * DAY_S), settings.number("duration_spread")]
        ),
        listed=columns.listed,
        kinds=len(columns.kinds),
        look=look / look.sum(),
        look_sum=np.cumsum(look / look.sum()),
        fit=fit,
        lead=evidence.delay[reference, evidence.place],
    )
