"""What the water and the effluents truly hold through the year, and what instruments show of it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from bishui.network import Section, adjoint, mean_travel_time, time_from
from bishui.network.tables import Floats
from bishui.twin.city import load
from bishui.twin.scaled.basins import INSTRUMENTS, WEATHER, Basin
from bishui.twin.scaled.happenings import Arrival, Happening
from bishui.twin.scaled.parameters import Generator, generator, parameters
from bishui.twin.tracing.parameters import between
from bishui.twin.tracing.transport import Packet
from bishui.twin.weather import STEP_HOURS, STEPS_PER_DAY, Weather, make_weather, red_noise, season

#: An event has passed where it raises the water by less than this part of its peak.
_PASSED = 0.05


@dataclass(frozen=True, slots=True, eq=False)
class Water:
    """The truth at one section: ordinary and raised concentrations, mg/L, (T, P), and what arrived."""

    section: Section
    hours: Floats
    ordinary: Floats
    raised: Floats
    arrivals: tuple[Arrival, ...]

    @property
    def whole(self) -> Floats:
        """Return what the water holds."""
        return self.ordinary + self.raised


@dataclass(frozen=True, slots=True, eq=False)
class Readings:
    """What one instrument shows.

    Attributes
    ----------
    about
        Key of the section or outfall.
    monitor
        Whether it is an outfall's own.
    values
        (T, P), mg/L.
    wrong
        Which of them are plainly wrong, (T, P).
    offline, sent
        Which rows stand under maintenance, and which ever arrived, (T,).
    """

    about: str
    monitor: bool
    values: Floats
    wrong: NDArray[np.bool_]
    offline: NDArray[np.bool_]
    sent: NDArray[np.bool_]


def weather_of(seed: int) -> Weather:
    """Return the weather of the year of a city."""
    return make_weather(parameters()["year"], load("climate.toml"), (), generator(seed, WEATHER))


def hours_of(days: int) -> Floats:
    """Return the moments of readings, in hours from the beginning of the year."""
    return np.arange(days * STEPS_PER_DAY, dtype=np.float64) * STEP_HOURS


def water_at(basin: Basin, place: int, weather: Weather) -> Water:
    """Return what the water holds at a section, by the network's own solver."""
    settings, hours = parameters(), hours_of(basin.days)
    section, steps = basin.sections[place], len(hours)
    rng = generator(basin.seed, INSTRUMENTS, basin.number, 0, place)
    flow, day = weather.flow[:steps], weather.day[:steps]
    reading = basin.ordinary.at(section)
    own = settings["water"]
    ordinary = np.empty((steps, len(settings["item"])))
    for row, item in enumerate(settings["item"]):
        exponent = item["season"] * season(day, 20) + item["flow"] * np.log1p(flow)
        noise = own["spread"] * red_noise(steps, own["memory_hours"], rng)
        ordinary[:, row] = float(reading.concentrations[row]) * np.exp(exponent + noise)
    thinned = (1.0 + own["dilution"] * flow)[:, None]
    raised, arrivals = np.zeros_like(ordinary), []
    for event, by_event in raises(basin, section, hours):
        raised += by_event / thinned
        arrivals.append(_arrival(event, section, hours, by_event, reading.concentrations))
    return Water(section, hours, ordinary, raised, tuple(arrivals))


def raises(basin: Basin, section: Section, hours: Floats) -> Iterator[tuple[Happening, Floats]]:
    """Yield each event from which water reaches a section, and by how much it raises it, mg/L, (T, P).

    The part that arrives and the mean time are those of the network's backward pass; a sudden start arrives
    spread about the mean (gamma distribution). Flow is that of the network without the event.
    """
    weights = adjoint(basin.network, section, basin.pollutants, basin.ordinary.flow)
    times = mean_travel_time(basin.network, section, flow=basin.ordinary.flow)
    discharge = float(basin.ordinary.at(section).flow)
    for event in basin.events:
        if not event.is_load:
            continue
        outfall = basin.outfalls[event.row]
        place = Section(event.about, outfall.reach, outfall.chainage)
        weight = weights.of(place)
        if not weight.any():
            continue
        mean = float(time_from(basin.network, times, place))
        way = Packet(0, 1.0, weight, mean, parameters()["water"]["dispersion_time"] * mean)
        there = np.zeros(len(hours))
        for begin, end in event.spells():
            there += way.arrived((hours - begin) * 3600.0) - way.arrived((hours - end) * 3600.0)
        yield event, there[:, None] * (weight * event.excess / discharge)


def _arrival(event: Happening, section: Section, hours: Floats, raised: Floats, ordinary: Floats) -> Arrival:
    """Return when an event is at a section, and whether it can be seen there."""
    peak = int(raised.max(axis=1).argmax())
    share = (raised / np.maximum(ordinary, 1e-12)).max(axis=1)
    there = np.flatnonzero(share >= _PASSED * share[peak]) if share[peak] > 0 else np.array([peak])
    visible = bool(share[peak] >= parameters()["event"]["visible_rise"])
    when = (float(hours[there[0]]), float(hours[peak]), float(hours[there[-1]]))
    return Arrival(event.id, section.key, *when, tuple(raised[peak].tolist()), visible)


def effluent_of(basin: Basin, row: int) -> Floats:
    """Return what an outfall truly discharges, mg/L, (T, P)."""
    hours, own = hours_of(basin.days), parameters()["water"]
    rng = generator(basin.seed, INSTRUMENTS, basin.number, 1, row)
    outfall = basin.outfalls[row]
    found = np.empty((len(hours), len(outfall.ordinary)))
    for item, level in enumerate(outfall.ordinary.tolist()):
        found[:, item] = level * np.exp(
            own["effluent_spread"] * red_noise(len(hours), own["memory_hours"], rng)
        )
    for event in basin.events:
        if event.is_load and event.row == row:
            found += event.goes_on(hours)[:, None] * event.excess / outfall.flow
    return found


def readings(basin: Basin, waters: list[Water]) -> Iterator[Readings]:
    """Yield what the stations and then the monitors show; `waters` are those of all sections, in order."""
    for place, water in enumerate(waters):
        faults = [event for event in basin.events if event.at == "station" and event.row == place]
        rng = generator(basin.seed, INSTRUMENTS, basin.number, 2, place)
        yield _shown(rng, _Instrument(water.section.key, False, water.whole, faults, None))
    for row in basin.monitored:
        faults = [event for event in basin.events if event.at == "monitor" and event.row == row]
        rng = generator(basin.seed, INSTRUMENTS, basin.number, 3, row)
        truth, limits = effluent_of(basin, row), basin.permitted[row]
        yield _shown(rng, _Instrument(basin.outfall_key(row), True, truth, faults, limits))


class _Instrument(NamedTuple):
    """An instrument: the truth before it (T, P), what goes wrong with it, and an outfall's limits."""

    about: str
    monitor: bool
    truth: Floats
    faults: list[Happening]
    limits: Floats | None


def _shown(rng: Generator, instrument: _Instrument) -> Readings:
    """Return readings with scatter, outliers, gaps, maintenance and faults."""
    own, truth, steps = parameters()["instruments"], instrument.truth, len(instrument.truth)
    values = truth * np.exp(between(rng, own["relative"]) * rng.standard_normal(truth.shape))
    wrong = rng.random(truth.shape) < own["outliers"]
    up = rng.random(truth.shape) < 0.5
    values *= np.where(wrong, np.where(up, own["outlier_factor"], 1.0 / own["outlier_factor"]), 1.0)
    sent = rng.random(steps) >= own["row_missing"]
    offline = np.zeros(steps, bool)
    offline[_maintained(rng, steps)] = True
    hours = hours_of(steps // STEPS_PER_DAY)
    for fault in instrument.faults:
        inside = fault.goes_on(hours) > 0
        if fault.effect == "gap":
            sent &= ~inside
        elif inside.any():
            for item in fault.items:
                limit = np.inf if instrument.limits is None else float(instrument.limits[item])
                values[inside, item] = _faulty(rng, fault, values[:, item], inside, limit)
                wrong[inside, item] = False
    return Readings(instrument.about, instrument.monitor, values, wrong, offline, sent)


def _maintained(rng: Generator, steps: int) -> NDArray[np.int64]:
    """Return the steps of routine maintenance (例行维护)."""
    own = parameters()["instruments"]
    between_ = own["maintenance_every_days"] * STEPS_PER_DAY
    starts = np.arange(int(rng.integers(between_)), steps, between_)
    found = (starts[:, None] + np.arange(own["maintenance_steps"])).ravel()
    return found[found < steps]


def _faulty(
    rng: Generator, fault: Happening, values: Floats, inside: NDArray[np.bool_], limit: float
) -> Floats:
    """Return what an item shows while a fault goes on."""
    rows = np.flatnonzero(inside)
    shown = values[rows]
    match fault.effect:
        case "zero":
            return np.zeros(len(rows))
        case "hold":
            return np.full(len(rows), shown[0])
        case "drift":
            return np.asarray(shown * np.linspace(1.0, fault.size, len(rows)))
        case "cap":
            held = limit * (fault.size - fault.settings["jitter"] * rng.random(len(rows)))
            return np.asarray(np.minimum(shown, held))
        case "copy":
            back = max(round(fault.size * STEPS_PER_DAY), 1)
            earlier = np.maximum(rows - back, 0)
            return np.asarray(values[earlier])
    raise AssertionError(fault.effect)
