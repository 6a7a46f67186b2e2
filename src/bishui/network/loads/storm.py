"""Base flow and storm flow (基流、径流) of a hydrograph, and first flush (初期冲刷) of an event."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum

import numpy as np

from bishui.errors import DataError
from bishui.i18n import Text
from bishui.network.settings import Settings, settings
from bishui.network.tables import Floats


@dataclass(frozen=True, eq=False)
class FlowSplit:
    """A hydrograph in two parts, in the unit of the flow given; they sum to it."""

    base: Floats
    storm: Floats
    settings: Settings = field(repr=False)

    @property
    def base_share(self) -> float:
        """Base-flow index (基流指数): the share of the base in the volume."""
        whole = float(self.base.sum() + self.storm.sum())
        return float(self.base.sum()) / whole if whole > 0 else 0.0


def split_flow(flow: Sequence[float] | Floats, chosen: Settings | None = None) -> FlowSplit:
    """Return base and storm flow by the filter of Lyne and Hollick, forward and backward in turn.

    Parameters
    ----------
    flow
        Of equal steps, without gaps, zero or more.

    Raises
    ------
    DataError
        If it is empty, has gaps or is negative.
    """
    series = np.asarray(flow, float)
    if not len(series) or not np.isfinite(series).all() or (series < 0).any():
        raise DataError(Text("流量过程有缺测、负值或为空。"), remedy=Text("请先插补并说明，再分割基流。"))
    used = chosen or settings("loads")
    base = series
    for number in range(int(used["baseflow_passes"])):
        turned = base[::-1] if number % 2 else base
        turned = _filtered(turned, float(used["baseflow_filter"]))
        base = turned[::-1] if number % 2 else turned
    return FlowSplit(base, series - base, used)


def _filtered(series: Floats, parameter: float) -> Floats:
    """Return what is left of the flow after its quick part, which lies between 0 and the flow."""
    base = np.empty_like(series)
    quick, before = 0.0, float(series[0])
    for at, now in enumerate(series.tolist()):
        quick = parameter * quick + (1.0 + parameter) / 2.0 * (now - before)
        before = now
        base[at] = now - min(max(quick, 0.0), now)
    return base


class Flush(StrEnum):
    """How strong a first flush is."""

    NONE = "none"
    SOME = "some"
    STRONG = "strong"


@dataclass(frozen=True, slots=True)
class FirstFlush:
    """The mass share of the first part of the runoff (MFF30), and what it means."""

    ratio: float
    volume: float
    flush: Flush
    settings: Settings = field(repr=False)


def first_flush(
    volume: Sequence[float] | Floats, mass: Sequence[float] | Floats, chosen: Settings | None = None
) -> FirstFlush:
    """Return the mass share in the first 30 % of the runoff, from the mass–volume curve.

    Parameters
    ----------
    volume, mass
        Cumulative, in any units, rising from zero; scaled to their last value.

    Raises
    ------
    DataError
        If they differ in length, fall, or end at zero.
    """
    v, m = np.asarray(volume, float), np.asarray(mass, float)
    rising = v.shape == m.shape and len(v) > 1 and (np.diff(v) > 0).all() and (np.diff(m) >= 0).all()
    if not rising or v[0] < 0 or m[0] < 0 or m[-1] <= 0:
        raise DataError(
            Text("累积径流与累积污染量应等长、逐点不减并大于 0。"), remedy=Text("请核对次降雨过程。")
        )
    used = chosen or settings("loads")
    if v[0] > 0:
        v, m = np.append(0.0, v), np.append(0.0, m)
    share = float(used["first_flush_volume"])
    ratio = float(np.interp(share, v / v[-1], m / m[-1]))
    strong, some = used["first_flush_strong"], used["first_flush_some"]
    flush = Flush.STRONG if ratio >= strong else Flush.SOME if ratio > some else Flush.NONE
    return FirstFlush(ratio, share, flush, used)


def storm_load(storm_volume: float, concentration: float) -> float:
    """Return a load in t from storm flow (m³) and event mean concentration (mg/L)."""
    return storm_volume * concentration / 1e6
