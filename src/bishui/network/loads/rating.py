"""Rating curves (负荷–流量关系): ln W = a + b·ln Q, with the bias of turning logarithms back removed."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

import numpy as np

from bishui.errors import CallError, DataError
from bishui.i18n import Text
from bishui.network.settings import Settings, settings
from bishui.network.tables import Floats


class Correction(StrEnum):
    """How the bias is removed."""

    SMEARING = "smearing"
    NORMAL = "normal"
    NONE = "none"


@dataclass(frozen=True, eq=False)
class RatingCurve:
    """A fitted curve.

    Attributes
    ----------
    a, b
        Intercept and slope in natural logarithms.
    variance
        Of the residuals, with n − 2 degrees of freedom.
    smearing
        Duan's factor: the mean of e to the residuals.
    samples
        How many pairs.
    greatest
        The largest flow that was sampled, m³/s.
    """

    a: float
    b: float
    variance: float
    smearing: float
    samples: int
    greatest: float
    settings: Settings = field(repr=False)

    @property
    def normal_factor(self) -> float:
        """e^(s²/2), for residuals that are normal."""
        return math.exp(self.variance / 2.0)

    def beyond(self, flow: float) -> bool:
        """Tell whether a flow is larger than any sampled."""
        return flow > self.greatest

    def load(self, flow: float, correction: Correction = Correction.SMEARING) -> float:
        """Return the load (g/s) at a flow (m³/s).

        Raises
        ------
        CallError
            If the flow is not above zero, or beyond the sampled ones and the settings refuse that.
        """
        if not flow > 0:
            raise CallError(Text("流量 {flow} 应大于 0。", flow=flow), remedy=Text("请核对流量。"))
        if self.beyond(flow) and self.settings["rating_beyond"] == "refuse":
            raise CallError(
                Text("流量 {flow} 大于实测最大流量 {greatest}。", flow=flow, greatest=self.greatest),
                remedy=Text("请补测大流量，或把 rating_beyond 设为 mark。"),
            )
        factor = {
            Correction.SMEARING: self.smearing,
            Correction.NORMAL: self.normal_factor,
            Correction.NONE: 1.0,
        }
        return math.exp(self.a + self.b * math.log(flow)) * factor[correction]

    def as_dict(self) -> dict[str, Any]:
        """Return the JSON form."""
        return {
            "a": self.a,
            "b": self.b,
            "residual_variance": self.variance,
            "smearing": self.smearing,
            "normal_factor": self.normal_factor,
            "samples": self.samples,
            "greatest_sampled_flow": self.greatest,
            "settings": self.settings.version,
        }


def rating_curve(
    flows: Sequence[float] | Floats, loads: Sequence[float] | Floats, chosen: Settings | None = None
) -> RatingCurve:
    """Return the curve through pairs of flow (m³/s) and load (g/s).

    Raises
    ------
    DataError
        If there are fewer than three pairs, two different flows are lacking, or a value is not above zero.
    """
    flow, load = np.asarray(flows, float), np.asarray(loads, float)
    sound = flow.shape == load.shape and len(flow) > 2 and (flow > 0).all() and (load > 0).all()
    if not sound or len(np.unique(flow)) < 2:
        raise DataError(
            Text("率定至少需要 3 对大于 0、流量不全相同的数据。"),
            remedy=Text("未检出的浓度不得记 0；请按检出限处理或剔除并说明。"),
        )
    x, y = np.log(flow), np.log(load)
    away = x - x.mean()
    b = float((away * (y - y.mean())).sum() / (away**2).sum())
    a = float(y.mean() - b * x.mean())
    residual = y - (a + b * x)
    variance = float((residual**2).sum() / (len(x) - 2))
    used = chosen or settings("loads")
    return RatingCurve(a, b, variance, float(np.exp(residual).mean()), len(x), float(flow.max()), used)
