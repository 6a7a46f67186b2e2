"""A pulse on one uniform reach: peak, arrival, leaving, exposure; resident concentration, endless channel."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

from bishui.errors import CallError
from bishui.i18n import Text
from bishui.network.tables import DAY_S

#: In ln t: 600 powers of e are more than the range of floating-point numbers.
_WIDEST = 600.0


@dataclass(frozen=True, slots=True)
class UniformReach:
    """A reach with one cross-section: area (m²), velocity (m/s), dispersion (m²/s), decay (1/d)."""

    area: float
    velocity: float
    dispersion: float
    decay_per_day: float = 0.0

    def __post_init__(self) -> None:
        for name in ("area", "velocity", "dispersion"):
            value = getattr(self, name)
            if not (math.isfinite(value) and value > 0):
                raise CallError(
                    Text("{name} = {value}，应大于 0。", name=name, value=value),
                    remedy=Text("请核对河段参数。"),
                )
        if not (math.isfinite(self.decay_per_day) and self.decay_per_day >= 0):
            raise CallError(
                Text("降解系数不能是 {value}。", value=self.decay_per_day),
                remedy=Text("请填写不小于 0 的数。"),
            )

    @property
    def rate(self) -> float:
        """Decay per second."""
        return self.decay_per_day / DAY_S

    @property
    def celerity(self) -> float:
        """Γ = √(U² + 4DK), m/s."""
        return math.sqrt(self.velocity**2 + 4.0 * self.dispersion * self.rate)


@dataclass(frozen=True, slots=True)
class Passing:
    """When a pulse is over a threshold: from `arrival` to `leaving`, s."""

    arrival: float
    leaving: float

    @property
    def duration(self) -> float:
        """How long, s."""
        return self.leaving - self.arrival


def concentration(reach: UniformReach, mass: float, distance: float, time: float) -> float:
    """Return the concentration (g/m³) `distance` m below a sudden release of `mass` (g), `time` s after it.

    C = M/(A√(4πDt))·exp(−(x − Ut)²/(4Dt) − Kt); zero at and before the release.
    """
    return 0.0 if time <= 0 else mass * math.exp(_log_unit(reach, distance, time))


def peak_time(reach: UniformReach, distance: float) -> float:
    """Return when the peak passes, s: [−D + √(D² + x²Γ²)]/Γ², earlier than x/U."""
    _below(distance)
    along = distance * reach.celerity
    # The same root without the difference of two nearly equal numbers.
    return distance**2 / (reach.dispersion + math.hypot(reach.dispersion, along))


def peak(reach: UniformReach, mass: float, distance: float) -> float:
    """Return the highest concentration that passes, g/m³."""
    return concentration(reach, mass, distance, peak_time(reach, distance))


def exposure(reach: UniformReach, mass: float, distance: float) -> float:
    """Return ∫C dt (g/m³·s): M/(AΓ)·exp[x(U − Γ)/(2D)], which is M/Q without decay."""
    _below(distance)
    gamma = reach.celerity
    # U − Γ = −4DK/(U + Γ): no difference of nearly equal numbers.
    lost = 2.0 * reach.rate * distance / (reach.velocity + gamma)
    return mass / (reach.area * gamma) * math.exp(-lost)


def passing(reach: UniformReach, mass: float, distance: float, threshold: float) -> Passing | None:
    """Return when the pulse is over a threshold (g/m³); None if it never is.

    Raises
    ------
    CallError
        If the threshold is not above zero: a pulse has no first moment above nothing.
    """
    if not threshold > 0:
        raise CallError(
            Text("浓度限值应大于 0，现为 {value}。", value=threshold), remedy=Text("请填写限值。")
        )
    top = peak_time(reach, distance)
    level = math.log(threshold) - math.log(mass) if mass > 0 else math.inf
    if _log_unit(reach, distance, top) <= level:
        return None

    def over(log_time: float) -> float:
        return _log_unit(reach, distance, math.exp(log_time)) - level

    return Passing(_crossing(over, math.log(top), -1.0), _crossing(over, math.log(top), 1.0))


def _crossing(over: Callable[[float], float], top: float, way: float) -> float:
    """Return where `over` falls below zero on one side of the peak; the argument is ln t."""
    from scipy.optimize import brentq

    step = 0.01
    while over(top + way * step) > 0 and step < _WIDEST:
        step *= 2.0
    return math.exp(brentq(over, top, top + way * step, xtol=1e-15, rtol=1e-15, maxiter=500))


def finite_release(reach: UniformReach, mass: float, distance: float, time: float, duration: float) -> float:
    """Return the concentration (g/m³) of a release of `mass` (g), spread evenly over `duration` s.

    The difference of two steps (Ogata–Banks with decay): a step begins with the release, its negative at
    its end.
    """
    if duration <= 0:
        return concentration(reach, mass, distance, time)
    rate = mass / duration
    after = _step(reach, distance, time)
    before = _step(reach, distance, time - duration)
    return rate * max(after - before, 0.0)


def _step(reach: UniformReach, distance: float, time: float) -> float:
    """Return the response to a release of 1 g/s since time zero: the integral of unit pulses.

    ∫ = 1/(2AΓ)·[e^(x(U−Γ)/2D) erfc(a) − e^(x(U+Γ)/2D) erfc(b)], a, b = (x ∓ Γt)/√(4Dt); the product of the
    second term overflows, its logarithm does not: erfc(b) = erfcx(b)e^(−b²).
    """
    from scipy.special import erfcx

    if time <= 0:
        return 0.0
    gamma, u, d = reach.celerity, reach.velocity, reach.dispersion
    width = math.sqrt(4.0 * d * time)
    ahead, behind = (distance - gamma * time) / width, (distance + gamma * time) / width
    lost = -2.0 * reach.rate * distance / (u + gamma)
    first = math.exp(lost) * math.erfc(ahead)
    second = math.exp(distance * (u + gamma) / (2.0 * d) - behind**2) * float(erfcx(behind))
    return (first - second) / (2.0 * reach.area * gamma)


def _log_unit(reach: UniformReach, distance: float, time: float) -> float:
    """Return ln of the concentration of 1 g; logs keep tiny times from overflow."""
    four = 4.0 * reach.dispersion * time
    spread = (distance - reach.velocity * time) ** 2 / four
    return -math.log(reach.area) - 0.5 * math.log(math.pi * four) - spread - reach.rate * time


def _below(distance: float) -> None:
    if not (math.isfinite(distance) and distance > 0):
        raise CallError(
            Text("距离 {value} m 应大于 0。", value=distance), remedy=Text("请填写断面在泄漏点下游的距离。")
        )
