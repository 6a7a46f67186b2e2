"""The ways from every possible source to every section: dilution, decay, delay."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from bishui.network.adjoint import adjoint
from bishui.network.flow import flows
from bishui.network.graph import Network
from bishui.network.settings import Settings
from bishui.network.solve import solve
from bishui.network.tables import Floats, Load, Pollutant, Section
from bishui.network.tracing.question import Question
from bishui.network.travel import mean_travel_time, time_from

#: By how much K is moved to see how much arrives.
_STEP = 0.05


@dataclass(frozen=True, slots=True, eq=False)
class Ways:
    """From every place to every section.

    Attributes
    ----------
    places
        The candidates' places first, then one in the middle of each reach.
    part
        Part of a load that arrives, (S, places, P).
    flow
        At the sections, m³/s.
    slope
        Change of ln part with ln K, (S, places, P).
    delay
        Mean travel time, s, (S, places); 0 where nothing arrives.
    """

    places: tuple[Section, ...]
    part: Floats
    flow: Floats
    slope: Floats
    delay: Floats

    @property
    def per_load(self) -> Floats:
        """Return g/m³ at the section for each g/s at the place."""
        return np.asarray(self.part / self.flow[:, None, None])


def ways(
    network: Network,
    sections: Sequence[Section],
    places: Sequence[Section],
    pollutants: Sequence[Pollutant],
    loads: Sequence[Load],
) -> Ways:
    """Return the ways from places to sections; `loads` are what outfalls ordinarily bring."""
    bottom = flows(network, loads)
    faster = [replace(item, decay_per_day=item.decay_per_day * (1.0 + _STEP)) for item in pollutants]
    water = solve(network, [], loads, {})
    part = np.zeros((len(sections), len(places), len(pollutants)))
    more, delay = np.zeros_like(part), np.zeros(part.shape[:2])
    for row, section in enumerate(sections):
        weights, weaker = (
            adjoint(network, section, pollutants, bottom),
            adjoint(network, section, faster, bottom),
        )
        times = mean_travel_time(network, section, flow=bottom)
        for column, place in enumerate(places):
            part[row, column], more[row, column] = weights.of(place), weaker.of(place)
            delay[row, column] = time_from(network, times, place)
    with np.errstate(divide="ignore", invalid="ignore"):
        slope = np.where(part > 0.0, np.log(more / part) / np.log1p(_STEP), 0.0)
    at = np.array([water.at(section).flow for section in sections])
    return Ways(tuple(places), part, at, slope, np.nan_to_num(delay))


def places_of(question: Question) -> tuple[Section, ...]:
    """Return the candidates' places, then one on each reach for sources that are on no list.

    That is its middle; where a section lies higher, half way down to it, so that no reach is out of sight.
    """
    network = question.network
    own = [Section(candidate.key, candidate.reach, candidate.chainage) for candidate in question.candidates]
    half = 0.5 * network.reaches.length
    for section in question.sections:
        if section.chainage < half[section.reach]:
            half[section.reach] = 0.5 * section.chainage
    free = np.flatnonzero(~network.tidal).tolist()
    return (*own, *(Section(network.name(row), row, float(half[row])) for row in free))


def smear(delay: Floats, settings: Settings) -> Floats:
    """Return the standard deviation of arrival, s: dispersion, velocity, and the time that a bin takes."""
    own = 0.25 * settings.number("bin_hours") * 3600.0
    spread = settings.number("dispersion_time") * delay
    return np.sqrt(spread + (settings.number("velocity_spread") * delay) ** 2 + own**2)
