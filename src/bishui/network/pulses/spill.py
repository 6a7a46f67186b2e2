"""A spill on a network (突发水污染事件): who is hit when, how hard and for how long, with bands.

The likely course is computed exactly for the given velocities, dispersion and decay; the bands come from
draws of mass, velocity, dispersion, decay and flow about them. All of it is a lead for sampling and for
warning, not a measurement.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any, NamedTuple

import numpy as np

from bishui.errors import CallError
from bishui.i18n import Bilingual, Text
from bishui.network.faults import refuse
from bishui.network.flow import check_places, check_sections, flows
from bishui.network.graph import Network
from bishui.network.pulses import moments
from bishui.network.pulses.routing import Pulse, Routing
from bishui.network.settings import Settings, settings
from bishui.network.tables import Floats, Pollutant, Section

_G_PER_KG = 1000.0
#: Widest change of the velocity that a recalibration looks at.
_SLOWEST, _FASTEST = 0.3, 3.0
_TRIES = 25


class ReceptorKind(StrEnum):
    """What is hit."""

    INTAKE = "intake"
    SECTION = "section"


@dataclass(frozen=True, slots=True)
class Receptor:
    """An intake (取水口) or section (断面) below a spill; `limit` in mg/L, None where there is none."""

    name: str
    kind: ReceptorKind
    section: Section
    limit: float | None = None


@dataclass(frozen=True, slots=True)
class Spill:
    """What was spilt.

    Attributes
    ----------
    place
        Where, on the network.
    mass
        g.
    pollutant
        With its decay.
    duration
        Over which it entered, s; 0 at once.
    mass_source
        Where the mass comes from: a declaration, an estimate, a measurement.
    """

    place: Section
    mass: float
    pollutant: Pollutant
    duration: float = 0.0
    mass_source: str = ""

    def __post_init__(self) -> None:
        if not (self.mass > 0 and self.duration >= 0):
            raise CallError(
                Text(
                    "泄漏量 {mass} g 应大于 0，持续时间 {duration} s 不得为负。",
                    mass=self.mass,
                    duration=self.duration,
                ),
                remedy=Text("请核对泄漏量与持续时间。"),
            )


@dataclass(frozen=True, eq=False)
class Hydraulics:
    """What carries a spill, by row; what is not given is taken from the network and the settings.

    Attributes
    ----------
    flow
        At the bottom of each reach on the day, m³/s; None: the lateral flows of the network, accumulated.
    dispersion
        m²/s; None: the default of the settings everywhere.
    velocity_factor
        On the velocities of the network; found by `recalibrate` from measurements.
    sources
        Where flow, velocity and dispersion come from, in the user's words.
    """

    flow: Floats | None = None
    dispersion: Floats | None = None
    velocity_factor: float = 1.0
    sources: dict[str, str] = field(default_factory=dict)


class Range(NamedTuple):
    """Early (or low), likely, and late (or high); not a number where it does not come to that."""

    low: float
    likely: float
    high: float


class Assumption(NamedTuple):
    """A number that the result rests on, and where it comes from."""

    name: Text | Bilingual
    value: float
    unit: str
    source: str


@dataclass(frozen=True, eq=False)
class Hit:
    """What a spill does to one receptor; times are s since the spill.

    Attributes
    ----------
    arrival
        When the limit is first exceeded (without a limit: when 1 % of the peak is there): fast, likely, slow.
    peak_time, peak
        When and how high (mg/L); `peak.high` is the 95 % value.
    leaving
        When it is last exceeded, with the safety factor of the tail.
    mass
        What arrives in all, g.
    exceeds
        Share of the draws in which the limit is exceeded; not a number without a limit.
    times, concentrations
        The likely course, s and mg/L.
    """

    receptor: Receptor
    arrival: Range
    peak_time: Range
    peak: Range
    leaving: Range
    mass: float
    exceeds: float
    times: Floats = field(repr=False)
    concentrations: Floats = field(repr=False)
    flow: float = 0.0

    @property
    def over_limit(self) -> tuple[float, float] | None:
        """From when (fast) until when (slow) the limit may be exceeded, s; None if in no draw."""
        found = (self.arrival.low, self.leaving.high)
        return None if self.receptor.limit is None or not np.isfinite(found).all() else found

    def still_to_come(self, at: float) -> float:
        """Return the mass (g) that has not passed yet at a time (s), on the likely course."""
        before = self.times <= at
        if not before.any():
            return self.mass
        times = np.append(self.times[before], at)
        course = np.append(self.concentrations[before], np.interp(at, self.times, self.concentrations))
        return max(0.0, self.mass - self.flow * float(np.trapezoid(course, times)))

    def as_dict(self) -> dict[str, Any]:
        """Return the JSON form; hours and mg/L."""

        def hours(band: Range) -> dict[str, float | None]:
            return {
                name: None if np.isnan(value) else value / 3600.0 for name, value in band._asdict().items()
            }

        return {
            "receptor": self.receptor.name,
            "kind": self.receptor.kind.value,
            "limit_mg_l": self.receptor.limit,
            "arrival_h": hours(self.arrival),
            "peak_time_h": hours(self.peak_time),
            "peak_mg_l": self.peak._asdict(),
            "leaving_h": hours(self.leaving),
            "mass_kg": self.mass / _G_PER_KG,
            "exceeds": None if np.isnan(self.exceeds) else self.exceeds,
        }


@dataclass(frozen=True, eq=False)
class Drill:
    """Everything downstream of a spill, the first to be hit first; `clear` are those it does not reach."""

    spill: Spill
    hits: tuple[Hit, ...]
    clear: tuple[Receptor, ...]
    assumptions: tuple[Assumption, ...]
    seconds: float
    settings: Settings = field(repr=False)

    def as_dict(self) -> dict[str, Any]:
        """Return the JSON form."""
        return {
            "hits": [hit.as_dict() for hit in self.hits],
            "clear": [receptor.name for receptor in self.clear],
            "assumptions": [
                {"name": one.name.both(), "value": one.value, "unit": one.unit, "source": one.source}
                for one in self.assumptions
            ],
            "seconds": self.seconds,
            "settings": self.settings.version,
        }


def drill(
    network: Network,
    spill: Spill,
    receptors: Sequence[Receptor],
    hydraulics: Hydraulics | None = None,
    chosen: Settings | None = None,
) -> Drill:
    """Return who is hit when by a spill.

    Parameters
    ----------
    network
        The network.
    spill
        What was spilt, where.
    receptors
        Intakes and sections anywhere on the network.
    hydraulics
        Flow and dispersion of the day, as far as they are known.
    chosen
        Settings of ``spill``.

    Raises
    ------
    NetworkFault
        If the spill or a receptor is not on the network or lies on a tidal reach.
    CallError
        If water stands still on the way.
    """
    began, used, carried = time.perf_counter(), chosen or settings("spill"), hydraulics or Hydraulics()
    check_sections(network, [receptor.section for receptor in receptors])
    routing = _routing(network, spill, carried, used)
    factors = _draws(used)
    hits, clear = [], []
    for receptor in receptors:
        if routing.reached(receptor.section):
            hits.append(_hit(routing, spill, receptor, factors, used))
        else:
            clear.append(receptor)
    hits.sort(key=lambda hit: (hit.peak_time.likely, hit.receptor.name))
    assumptions = _assumptions(routing, spill, carried, used)
    return Drill(spill, tuple(hits), tuple(clear), assumptions, time.perf_counter() - began, used)


def _routing(network: Network, spill: Spill, carried: Hydraulics, used: Settings) -> Routing:
    refuse(check_places(network, [spill.place], Text("泄漏点")))
    flow = flows(network) if carried.flow is None else carried.flow
    spread = carried.dispersion
    if spread is None:
        spread = np.full(len(network), used.number("default_dispersion"))
    velocity = network.reaches.velocity * carried.velocity_factor
    below = network.downstream(spill.place.reach)
    still = below[(~network.mixed[below] & (velocity[below] <= 0)) | (flow[below] <= 0)]
    if len(still):
        raise CallError(
            Text("下游河段“{name}”没有流量或流速，无法推算。", name=network.name(still[0])),
            remedy=Text("请补充当日流量和流速。"),
        )
    rate = spill.pollutant.rate(network.reaches.temperature)
    return Routing(network, spill.place, velocity, spread, rate, flow)


class _Factors(NamedTuple):
    """Factors on mass, velocity, dispersion, decay and flow, one a draw."""

    mass: Floats
    velocity: Floats
    dispersion: Floats
    decay: Floats
    flow: Floats


def _draws(used: Settings) -> _Factors:
    """Return lognormal factors with median 1; the seed is fixed, so two runs agree."""
    generator = np.random.default_rng(int(used["seed"]))
    widths = [np.sqrt(np.log1p(used[f"{name}_cv"] ** 2)) for name in ("mass", "velocity", "decay", "flow")]
    widths.insert(2, np.log(used["dispersion_factor"]))
    return _Factors(*(np.exp(width * generator.standard_normal(int(used["draws"]))) for width in widths))


def _hit(routing: Routing, spill: Spill, receptor: Receptor, factors: _Factors, used: Settings) -> Hit:
    pulse = routing.arrival(receptor.section).pulse(spill.duration)
    flow = float(routing.flow[receptor.section.reach])
    times = pulse.times()
    course = spill.mass / flow * pulse.density(times)
    at = int(np.argmax(course))
    likely = _crossings(
        times, course, receptor.limit if receptor.limit is not None else 0.01 * float(course[at])
    )
    tail = used["tail_factor"]
    drawn = _drawn(pulse, spill, receptor, flow, factors)
    low, high = used["band_low"], used["band_high"]

    def band(values: Floats, middle: float) -> Range:
        known = values[np.isfinite(values)]
        if not len(known):
            return Range(np.nan, middle, np.nan)
        first, last = (float(value) for value in np.quantile(known, [low, high]))
        # The likely course is exact, the draws rest on two moments: the band always holds the likely value.
        return Range(float(np.fmin(first, middle)), middle, float(np.fmax(last, middle)))

    peak_time = float(times[at])
    slow = drawn.peak_time + tail * (drawn.leaving - drawn.peak_time)
    return Hit(
        receptor,
        band(drawn.arrival, likely[0]),
        band(drawn.peak_time, peak_time),
        band(drawn.peak, float(course[at])),
        band(slow, peak_time + tail * (likely[1] - peak_time)),
        spill.mass * pulse.surviving,
        float(np.isfinite(drawn.arrival).mean()) if receptor.limit is not None else float("nan"),
        times,
        course,
        flow,
    )


class _Drawn(NamedTuple):
    arrival: Floats
    leaving: Floats
    peak_time: Floats
    peak: Floats


def _drawn(pulse: Pulse, spill: Spill, receptor: Receptor, flow: float, factors: _Factors) -> _Drawn:
    """Return arrival, leaving and peak of each draw, by the moments of its pulse.

    A faster river shortens the mean by its factor and the variance by its cube; survival goes with decay
    and time.
    """
    own = spill.duration / 2.0, spill.duration**2 / 12.0
    mean = (pulse.mean - own[0]) / factors.velocity + own[0]
    variance = (pulse.variance - own[1]) * factors.dispersion / factors.velocity**3 + own[1]
    surviving = pulse.surviving ** (factors.decay / factors.velocity)
    scale = spill.mass * factors.mass * surviving / (flow * factors.flow)
    top = moments.mode(mean, variance)
    peak = scale * np.exp(moments.log_density(mean, variance, top))
    level = np.log(receptor.limit / scale) if receptor.limit is not None else np.log(0.01 * peak / scale)
    arrival, leaving = moments.over(mean, variance, level)
    return _Drawn(arrival, leaving, top, peak)


def _crossings(times: Floats, course: Floats, level: float) -> tuple[float, float]:
    """Return when a course first and last crosses a level, linear between points; not a number: never."""
    above = np.flatnonzero(course > level)
    if not len(above):
        return float("nan"), float("nan")

    def between(a: int, b: int) -> float:
        if min(a, b) < 0 or max(a, b) >= len(times):
            return float(times[max(0, min(a, len(times) - 1))])
        share = (level - course[a]) / (course[b] - course[a])
        return float(times[a] + share * (times[b] - times[a]))

    return between(int(above[0]) - 1, int(above[0])), between(int(above[-1]) + 1, int(above[-1]))


def _assumptions(
    routing: Routing, spill: Spill, carried: Hydraulics, used: Settings
) -> tuple[Assumption, ...]:
    """Return the numbers at the spill's own reach, each with its source; ranges are settings with theirs."""
    row, said = spill.place.reach, carried.sources
    default = used.settings["default_dispersion"]
    spread = said.get("dispersion", "") if carried.dispersion is not None else default.source
    rows = [
        Assumption(
            Text("泄漏量"), spill.mass / _G_PER_KG, "kg", spill.mass_source or str(Text("未说明来源"))
        ),
        Assumption(Text("流量"), float(routing.flow[row]), "m3/s", said.get("flow", "network")),
        Assumption(Text("流速"), float(routing.velocity[row]), "m/s", said.get("velocity", "network")),
        Assumption(Text("流速倍数"), carried.velocity_factor, "", said.get("velocity_factor", "network")),
        Assumption(Text("离散系数"), float(routing.dispersion[row]), "m2/s", spread or "network"),
        Assumption(
            Text("降解系数（20 ℃）"), spill.pollutant.decay_per_day, "1/d", said.get("decay", "network")
        ),
    ]
    for name in ("mass_cv", "velocity_cv", "dispersion_factor", "decay_cv", "flow_cv", "tail_factor"):
        setting = used.settings[name]
        rows.append(Assumption(setting.label, float(setting.value), setting.unit, setting.source))
    return tuple(rows)


@dataclass(frozen=True, slots=True)
class Measurement:
    """A concentration (mg/L) measured at a section, s after the spill."""

    section: Section
    time: float
    concentration: float


@dataclass(frozen=True, eq=False)
class Recalibration:
    """What measurements say of a spill: its mass and the velocities, and how far both were off.

    `velocity_factor` stays as it was with a single measurement: one number cannot tell mass from time.
    """

    spill: Spill
    hydraulics: Hydraulics
    mass_factor: float
    velocity_factor: float
    residual: float
    measurements: int


def recalibrate(
    network: Network,
    spill: Spill,
    measurements: Sequence[Measurement],
    hydraulics: Hydraulics | None = None,
    chosen: Settings | None = None,
) -> Recalibration:
    """Return spill and hydraulics that fit what was measured: mass by scaling, velocity by a search.

    Parameters
    ----------
    measurements
        At places that the spill reaches; at least one above zero.

    Raises
    ------
    CallError
        If there is none that says anything.
    """
    used, carried = chosen or settings("spill"), hydraulics or Hydraulics()
    check_sections(network, [one.section for one in measurements])
    if carried.flow is None:
        carried = replace(carried, flow=flows(network))
    seen = np.array([one.concentration for one in measurements])

    def fitted(factor: float) -> tuple[float, float]:
        changed = replace(carried, velocity_factor=carried.velocity_factor * factor)
        unit = _predicted(_routing(network, spill, changed, used), spill, measurements)
        squares = float(unit @ unit)
        scale = float(unit @ seen) / squares if squares > 0 else 0.0
        return float(((seen - scale * unit) ** 2).sum()), scale

    factor = 1.0
    if len(measurements) > 1:
        from scipy.optimize import minimize_scalar

        tries = np.geomspace(_SLOWEST, _FASTEST, _TRIES)
        best = int(np.argmin([fitted(float(one))[0] for one in tries]))
        around = (tries[max(best - 1, 0)], tries[min(best + 1, _TRIES - 1)])
        found = minimize_scalar(
            lambda one: fitted(one)[0], bounds=around, method="bounded", options={"xatol": 1e-5}
        )
        factor = min((float(found.x), float(tries[best]), 1.0), key=lambda one: fitted(one)[0])
    residual, scale = fitted(factor)
    if not scale > 0:
        raise CallError(
            Text("这些监测值不在泄漏影响范围和时段内，无法校正。"), remedy=Text("请核对断面、时间与浓度。")
        )
    said = str(Text("按 {count} 个监测值反推", count=len(measurements)))
    sources = {**carried.sources, "velocity_factor": said}
    return Recalibration(
        replace(spill, mass=spill.mass * scale, mass_source=said),
        replace(carried, velocity_factor=carried.velocity_factor * factor, sources=sources),
        scale,
        factor,
        float(np.sqrt(residual / len(measurements))),
        len(measurements),
    )


def _predicted(routing: Routing, spill: Spill, measurements: Sequence[Measurement]) -> Floats:
    """Return what the spill as it stands would show at each measurement, mg/L."""
    found = np.zeros(len(measurements))
    at_section: dict[Section, list[int]] = {}
    for at, one in enumerate(measurements):
        at_section.setdefault(one.section, []).append(at)
    for section, places in at_section.items():
        if routing.reached(section):
            pulse = routing.arrival(section).pulse(spill.duration)
            times = np.array([measurements[at].time for at in places])
            found[places] = spill.mass / float(routing.flow[section.reach]) * pulse.density(times)
    return found
