"""Dispersion (离散系数) and transverse mixing (横向混合): every formula side by side, as a range.

Published formulas differ by a factor of four either way; a measured value comes before all of them.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

import numpy as np

from bishui.errors import CallError
from bishui.i18n import Text
from bishui.network.settings import Settings, settings
from bishui.network.tables import Floats


@dataclass(frozen=True, slots=True)
class Channel:
    """A cross-section: width and depth (m), mean velocity (m/s), shear velocity u* (m/s)."""

    width: float
    depth: float
    velocity: float
    shear: float

    def __post_init__(self) -> None:
        _above_zero(width=self.width, depth=self.depth, velocity=self.velocity, shear=self.shear)


@dataclass(frozen=True, slots=True)
class DispersionRange:
    """Dispersion coefficients of one channel (m²/s) by formula; those outside their range are named."""

    values: Mapping[str, float]
    doubtful: Mapping[str, Text]
    settings: Settings = field(repr=False)

    @property
    def range(self) -> tuple[float, float]:
        """The least and the greatest of the formulas made for rivers; Elder's is for vertical shear alone."""
        made = [value for name, value in self.values.items() if name != "elder"]
        return min(made), max(made)

    @property
    def middle(self) -> float:
        """The geometric mean of the formulas made for rivers."""
        made = [math.log(value) for name, value in self.values.items() if name != "elder"]
        return math.exp(math.fsum(made) / len(made))

    def as_dict(self) -> dict[str, Any]:
        """Return the JSON form, with two significant digits: more would pretend to knowledge."""
        return {
            "unit": "m2/s",
            "values": {name: float(f"{value:.2g}") for name, value in self.values.items()},
            "range": [float(f"{value:.2g}") for value in self.range],
            "doubtful": {name: text.both() for name, text in self.doubtful.items()},
            "settings": self.settings.version,
        }


def shear_velocity(depth: float, slope: float, chosen: Settings | None = None) -> float:
    """Return u* = √(gHI) (m/s) of a wide channel from depth (m) and slope (m/m).

    Raises
    ------
    CallError
        If either is not above zero.
    """
    used = chosen or settings("dispersion")
    _above_zero(depth=depth, slope=slope)
    return math.sqrt(used["gravity"] * depth * slope)


def dispersion(channel: Channel, chosen: Settings | None = None) -> DispersionRange:
    """Return the longitudinal dispersion of a channel by Elder, Fischer, Seo–Cheong, Kashefipour–Falconer.

    Notes
    -----
    Elder 1959; Fischer 1979; Seo and Cheong 1998; Kashefipour and Falconer 2002. Coefficients are settings.
    """
    s = chosen or settings("dispersion")
    wide = channel.width / channel.depth
    values = _formulas(s, channel.width, channel.depth, channel.velocity, channel.shear)
    doubtful = {"elder": Text("只计垂向剪切，用于河流偏小 10 至 100 倍")}
    if wide <= s["kashefipour_width_from"]:
        doubtful["kashefipour_falconer"] = Text(
            "宽深比 {ratio:.3g} 不大于 {limit:g}", ratio=wide, limit=s["kashefipour_width_from"]
        )
    return DispersionRange(MappingProxyType(values), MappingProxyType(doubtful), s)


def _formulas(s: Settings, width: Any, depth: Any, velocity: Any, shear: Any) -> dict[str, Any]:
    """Return each formula of numbers or of columns, m²/s."""
    relative, wide = velocity / shear, width / depth
    return {
        "fischer": s["fischer_factor"] * velocity**2 * width**2 / (depth * shear),
        "elder": s["elder_factor"] * depth * shear,
        "seo_cheong": s["seo_factor"]
        * wide ** s["seo_width_power"]
        * relative ** s["seo_velocity_power"]
        * depth
        * shear,
        "kashefipour_falconer": s["kashefipour_factor"] * depth * velocity * relative,
    }


def middle_dispersion(
    width: Floats, depth: Floats, slope: Floats, velocity: Floats, chosen: Settings | None = None
) -> Floats:
    """Return the geometric mean of the formulas made for rivers, m²/s, by row: `DispersionRange.middle`.

    Not a number where one of width (m), depth (m), slope (m/m) and velocity (m/s) is missing or not above
    zero.
    """
    s = chosen or settings("dispersion")
    columns = [np.asarray(column, float) for column in (width, depth, slope, velocity)]
    known = np.logical_and.reduce([np.isfinite(column) & (column > 0) for column in columns])
    across, deep, steep, fast = (np.where(known, column, 1.0) for column in columns)
    found = _formulas(s, across, deep, fast, np.sqrt(s["gravity"] * deep * steep))
    made = [np.log(values) for name, values in found.items() if name != "elder"]
    return np.where(known, np.exp(np.mean(made, axis=0)), np.nan)


def taylor_transverse(width: float, depth: float, slope: float, chosen: Settings | None = None) -> float:
    """Return E_y = (0.058H + 0.0065B)√(gHI) (m²/s), for B/H up to 100 (HJ 2.3-2018, HJ/T 2.3-93)."""
    s = chosen or settings("dispersion")
    shear = shear_velocity(depth, slope, s)
    return float((s["taylor_depth_factor"] * depth + s["taylor_width_factor"] * width) * shear)


def fischer_transverse(depth: float, slope: float, chosen: Settings | None = None) -> float:
    """Return Fischer's E_y = 0.6 H u* (m²/s); 0.4–0.8 in meandering rivers."""
    s = chosen or settings("dispersion")
    return float(s["fischer_transverse"] * depth * shear_velocity(depth, slope, s))


@dataclass(frozen=True, slots=True)
class MixingLength:
    """Distance below an outfall (m) from which the river is mixed across (混合过程段长度), by formula.

    `fischer` exists for a bank or mid-stream outfall only.
    """

    hj_2018: float
    hj_1993: float
    fischer: float | None
    doubtful: tuple[Text, ...]
    settings: Settings = field(repr=False)

    @property
    def longest(self) -> float:
        """The longest of them: a section nearer than that is flagged as not fully mixed."""
        return max(self.hj_2018, self.hj_1993, self.fischer or 0.0)

    def as_dict(self) -> dict[str, Any]:
        """Return the JSON form."""
        return {
            "unit": "m",
            "hj_2.3_2018": self.hj_2018,
            "hj_t_2.3_93": self.hj_1993,
            "fischer": self.fischer,
            "doubtful": [text.both() for text in self.doubtful],
            "settings": self.settings.version,
        }


def mixing_length(
    *,
    width: float,
    depth: float,
    offset: float,
    velocity: float,
    slope: float,
    chosen: Settings | None = None,
) -> MixingLength:
    """Return how far below an outfall a river is mixed across.

    Parameters
    ----------
    width, depth
        m.
    offset
        Distance of the outfall from the nearer bank, m; 0 at the bank, half the width in mid-stream.
    velocity, slope
        m/s, m/m.

    Raises
    ------
    CallError
        If the outfall is beyond mid-stream, or something that must be above zero is not.

    Notes
    -----
    HJ 2.3-2018 annex E and HJ/T 2.3-93, both with Taylor's E_y; Fischer's with his own.
    """
    s = chosen or settings("dispersion")
    _above_zero(width=width, depth=depth, velocity=velocity, slope=slope)
    if not 0 <= offset <= width / 2:
        raise CallError(
            Text("排放口距岸 {offset} m，不在 0 与半河宽 {half} m 之间。", offset=offset, half=width / 2),
            remedy=Text("请填写到较近一岸的距离。"),
        )
    taylor = taylor_transverse(width, depth, slope, s)
    away = 0.5 - offset / width
    root = math.sqrt(away - s["mixing_2018_square"] * away**2)
    spread = s["mixing_2018_base"] + s["mixing_2018_factor"] * root
    reached = s["mixing_1993_width"] * width - s["mixing_1993_offset"] * offset
    factor = {0.0: s["mixing_fischer_bank"], width / 2: s["mixing_fischer_centre"]}.get(offset)
    own = None if factor is None else factor * velocity * width**2 / fischer_transverse(depth, slope, s)
    doubtful: tuple[Text, ...] = ()
    if (ratio := width / depth) > s["taylor_ratio_to"]:
        limit = s["taylor_ratio_to"]
        doubtful = (Text("宽深比 {ratio:.3g} 大于 {limit:g}，泰勒公式不适用", ratio=ratio, limit=limit),)
    return MixingLength(
        spread * velocity * width**2 / taylor, reached * width * velocity / taylor, own, doubtful, s
    )


def _above_zero(**values: float) -> None:
    for name, value in values.items():
        if not (math.isfinite(value) and value > 0):
            raise CallError(
                Text("{name} = {value}，应大于 0。", name=name, value=value), remedy=Text("请核对输入。")
            )
