"""Decay rates (综合衰减系数 K) from measurements, with the error that makes a single pair worthless."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from bishui.errors import CallError
from bishui.i18n import Text
from bishui.network.settings import Settings, settings
from bishui.network.tables import DAY_S


@dataclass(frozen=True, slots=True)
class DecayRate:
    """A rate and its standard deviation, both per day; `pairs` measured pairs are behind it."""

    per_day: float
    deviation: float
    method: str
    pairs: int = 1

    @property
    def says_nothing(self) -> bool:
        """Whether the error is as large as the rate: the pair does not tell it from zero."""
        return not self.deviation < abs(self.per_day)

    def as_dict(self) -> dict[str, Any]:
        """Return the JSON form."""
        return {
            "per_day": self.per_day,
            "deviation": self.deviation,
            "method": self.method,
            "pairs": self.pairs,
            "says_nothing": self.says_nothing,
        }


def two_section_rate(
    upper: float, lower: float, distance: float, velocity: float, *, upper_cv: float, lower_cv: float
) -> DecayRate:
    """Return K = (u/Δx)·ln(C_A/C_B) between two sections without inflow, paired by travel time (两断面法).

    Parameters
    ----------
    upper, lower
        Concentrations above and below, in one unit, above zero.
    distance, velocity
        m, m/s.
    upper_cv, lower_cv
        Relative standard errors of the two concentrations; σ_K = (u/Δx)·√(cv_A² + cv_B²).

    Raises
    ------
    CallError
        If something that must be above zero is not.
    """
    _above_zero(upper=upper, lower=lower, distance=distance, velocity=velocity)
    per_day = velocity / distance * DAY_S
    return DecayRate(
        per_day * math.log(upper / lower), per_day * math.hypot(upper_cv, lower_cv), "two-sections"
    )


def pooled_rate(rates: Sequence[DecayRate]) -> DecayRate:
    """Return the mean of several rates, weighted by 1/σ²; one pair proves nothing.

    Raises
    ------
    CallError
        If there is none, or one has no error.
    """
    if not rates or any(rate.deviation <= 0 for rate in rates):
        raise CallError(
            Text("没有可合并的衰减系数，或其中有误差为 0 的。"), remedy=Text("请给出带误差的多组实测值。")
        )
    weights = [rate.deviation**-2 for rate in rates]
    total = math.fsum(weights)
    mean = math.fsum(weight * rate.per_day for weight, rate in zip(weights, rates, strict=True)) / total
    return DecayRate(mean, total**-0.5, "pooled", sum(rate.pairs for rate in rates))


def lake_rate(
    nearer: float, farther: float, *, radii: tuple[float, float], angle: float, depth: float, flow: float
) -> float:
    """Return K (1/d) of a lake from two points in the plume: 2Q_p/(Φ h (r_B² − r_A²))·ln(C_A/C_B).

    `radii` are the distances r_A < r_B from the outfall (m), `angle` the spread (rad), `flow` that of the
    outfall (m³/s).

    Raises
    ------
    CallError
        If something that must be above zero is not, or r_B is not beyond r_A.
    """
    ring = radii[1] ** 2 - radii[0] ** 2
    _above_zero(nearer=nearer, farther=farther, ring=ring, angle=angle, depth=depth, flow=flow)
    return 2.0 * flow / (angle * depth * ring) * math.log(nearer / farther) * DAY_S


def rate_by_flow(flow: float, chosen: Settings | None = None) -> float:
    """Return K (1/d) of BOD by Wright and McDonnell from the flow (m³/s); converted to ft³/s first."""
    used = chosen or settings("capacity")
    _above_zero(flow=flow)
    cubic_feet = flow * used["feet_per_metre"] ** 3
    return float(used["wright_flow_factor"] * cubic_feet ** used["wright_flow_power"])


def rate_by_perimeter(perimeter: float, chosen: Settings | None = None) -> float:
    """Return K (1/d) of BOD by Wright and McDonnell from the wetted perimeter (m); converted to ft first."""
    used = chosen or settings("capacity")
    _above_zero(perimeter=perimeter)
    feet = perimeter * used["feet_per_metre"]
    return float(used["wright_perimeter_factor"] * feet ** used["wright_perimeter_power"])


def _above_zero(**values: float) -> None:
    for name, value in values.items():
        if not (math.isfinite(value) and value > 0):
            raise CallError(
                Text("{name} = {value}，应大于 0。", name=name, value=value), remedy=Text("请核对输入。")
            )
