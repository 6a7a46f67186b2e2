"""Point sources (点源): loads from concentrations and flows; Σ C·q·Δt, never mean C times mean q."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from bishui.errors import CallError, DataError
from bishui.i18n import Text
from bishui.network.tables import DAY_S

_G_PER_T = 1e6


@dataclass(frozen=True, slots=True)
class Sample:
    """A paired sample: concentration (mg/L), flow (m³/s), and how long it stands for (s)."""

    concentration: float
    flow: float
    seconds: float = 0.0

    def __post_init__(self) -> None:
        for name in ("concentration", "flow", "seconds"):
            value = getattr(self, name)
            if not (math.isfinite(value) and value >= 0):
                raise CallError(
                    Text("{name} 不能是 {value}。", name=name, value=value),
                    remedy=Text("请填写不小于 0 的数。"),
                )

    @property
    def load(self) -> float:
        """Load while it stands, g/s."""
        return self.concentration * self.flow


@dataclass(frozen=True, slots=True)
class PeriodLoad:
    """A load over a period.

    Attributes
    ----------
    grams
        In all.
    seconds
        Length of the period.
    measured
        Share of the period that samples stand for; the rest is filled by their mean.
    method
        ``integrated``, ``flow-weighted``, ``beale`` or ``means``.
    samples
        How many.
    """

    grams: float
    seconds: float
    measured: float
    method: str
    samples: int

    @property
    def tonnes(self) -> float:
        """In t."""
        return self.grams / _G_PER_T

    @property
    def grams_per_second(self) -> float:
        """Mean rate, g/s."""
        return self.grams / self.seconds

    @property
    def kilograms_per_day(self) -> float:
        """Mean rate, kg/d."""
        return self.grams_per_second * (DAY_S / 1000.0)

    def as_dict(self) -> dict[str, Any]:
        """Return the JSON form."""
        return {
            "t": self.tonnes,
            "g_per_s": self.grams_per_second,
            "kg_per_d": self.kilograms_per_day,
            "days": self.seconds / DAY_S,
            "measured": self.measured,
            "method": self.method,
            "samples": self.samples,
        }


def daily_load(concentration: float, daily_volume: float) -> float:
    """Return a load in kg/d from mg/L and m³/d (not m³/s: the classic fault is a factor of 86 400)."""
    return concentration * daily_volume / 1000.0


def integrated_load(samples: Sequence[Sample], seconds: float) -> PeriodLoad:
    """Return Σ C·q·Δt over a period; what no sample stands for takes the mean of what they do, and is said.

    Raises
    ------
    DataError
        If the samples stand for no time, or for more than the period.
    """
    covered = math.fsum(sample.seconds for sample in samples)
    if not 0 < covered <= seconds * (1.0 + 1e-9):
        raise DataError(
            Text(
                "样本代表的时长 {covered} s 应大于 0 且不超过全时段 {seconds} s。",
                covered=covered,
                seconds=seconds,
            ),
            remedy=Text("请核对每个样本代表的时长。"),
        )
    grams = math.fsum(sample.load * sample.seconds for sample in samples)
    return PeriodLoad(
        grams * seconds / covered, seconds, min(covered / seconds, 1.0), "integrated", len(samples)
    )


def flow_weighted_load(samples: Sequence[Sample], mean_flow: float, seconds: float) -> PeriodLoad:
    """Return Σ Cq/Σ q times the volume of the period: few concentrations, continuous flow (m³/s).

    Raises
    ------
    DataError
        If there is no sample with flow.
    """
    grams = _weighted(samples) * mean_flow * seconds
    return PeriodLoad(grams, seconds, 0.0, "flow-weighted", len(samples))


def beale_load(samples: Sequence[Sample], mean_flow: float, seconds: float) -> PeriodLoad:
    """Return the flow-weighted load with Beale's correction of its bias.

    The factor is (1 + s_xy/(n x̄ ȳ))/(1 + s_xx/(n x̄²)), x flow, y load.

    Raises
    ------
    DataError
        If there are fewer than two samples, or none with flow.
    """
    if len(samples) < 2:
        raise DataError(
            Text("Beale 修正至少需要 2 个样本，现有 {count} 个。", count=len(samples)),
            remedy=Text("请补充样本，或用流量加权法。"),
        )
    plain = _weighted(samples)
    count = len(samples)
    flow = math.fsum(sample.flow for sample in samples) / count
    load = math.fsum(sample.load for sample in samples) / count
    if load == 0:
        return PeriodLoad(0.0, seconds, 0.0, "beale", count)
    both = math.fsum((one.flow - flow) * (one.load - load) for one in samples) / (count - 1)
    alone = math.fsum((one.flow - flow) ** 2 for one in samples) / (count - 1)
    factor = (1.0 + both / (count * flow * load)) / (1.0 + alone / (count * flow**2))
    return PeriodLoad(plain * factor * mean_flow * seconds, seconds, 0.0, "beale", count)


def load_of_means(samples: Sequence[Sample], mean_flow: float, seconds: float) -> PeriodLoad:
    """Return mean C times the volume, shown beside the others: too low where C rises with flow.

    Raises
    ------
    DataError
        If there is no sample.
    """
    if not samples:
        raise DataError(Text("没有样本。"), remedy=Text("请至少给出一个样本。"))
    mean = math.fsum(sample.concentration for sample in samples) / len(samples)
    return PeriodLoad(mean * mean_flow * seconds, seconds, 0.0, "means", len(samples))


def _weighted(samples: Sequence[Sample]) -> float:
    total = math.fsum(sample.flow for sample in samples)
    if not total > 0:
        raise DataError(Text("没有带流量的样本。"), remedy=Text("请给出与浓度成对的流量。"))
    return math.fsum(sample.load for sample in samples) / total
