"""Compiled Monte Carlo (蒙特卡罗): all draws of a reach are adjacent columns of one pass with the flow.

Only the columns of open confluences are kept, so a thousand draws need no table of reaches × draws.
"""

# ruff: noqa: PLR0917 - compiled functions take their arrays by position

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from bishui.compiled import kernel

Array = npt.NDArray[Any]


#: Adding it to a small number leaves the nearest whole number in the last bits.
_ROUND = 1.5 * 2.0**52
_LOG2_E = 1.4426950408889634
#: ln 2 in two parts, the first with trailing zeros, so that a whole multiple of it is exact.
_LN2_HIGH, _LN2_LOW = 0.693147180369123816490, 1.90821492927058770002e-10
#: Below this exp is 0 for our purpose, and its exponent would not fit.
_LOWEST = -700.0


@kernel(division="numpy")
def decayed(decay: float, growth: Array, part: Array, powers: Array) -> None:
    """Fill in exp(decay × growth) ≤ 1 for all draws, in loops that the compiler turns into vector code.

    x = k ln 2 + r, exp(r) by its series to r¹² (|r| ≤ ln 2 / 2, error below 2⁻⁵²), 2ᵏ by its exponent bits.

    Parameters
    ----------
    growth
        −rate × clock by draw.
    part, powers
        Two arrays of the same length; the result is in `part`.
    """
    bits = powers.view(np.int64)
    for d in range(growth.size):
        x = max(decay * growth[d], _LOWEST)
        powers[d] = x * _LOG2_E + _ROUND
        k = powers[d] - _ROUND
        r = (x - k * _LN2_HIGH) - k * _LN2_LOW
        tail = 1 / 39916800 + r * (1 / 479001600)
        tail = 1 / 362880 + r * (1 / 3628800 + r * tail)
        tail = 1 / 5040 + r * (1 / 40320 + r * tail)
        tail = 1 / 120 + r * (1 / 720 + r * tail)
        part[d] = 1.0 + r * (1.0 + r * (0.5 + r * (1 / 6 + r * (1 / 24 + r * tail))))
    for d in range(growth.size):
        bits[d] = (bits[d] + 1023) << 52
    for d in range(growth.size):
        part[d] *= powers[d]


@kernel(division="numpy")
def reacted(stored: float, rate: Array, own_flow: float, flow: float, flow_scale: Array, part: Array) -> None:
    """Fill in Q/(Q + K V), the part that a mixed reactor lets through, for all draws.

    Parameters
    ----------
    stored
        Rate × volume.
    own_flow, flow
        Flow that outfalls brought, and that of lateral flow, which the draws scale, m³/s.
    """
    for d in range(rate.size):
        discharge = own_flow + flow * flow_scale[d]
        part[d] = discharge / (discharge + stored * rate[d]) if stored > 0 else 1.0


@kernel(division="numpy")
def _add(factor: float, values: Array, total: Array) -> None:
    for d in range(total.size):
        total[d] += factor * values[d]


@kernel(division="numpy")
def forward_draws(
    own: Array,
    target: Array,
    count: int,
    share: Array,
    pool_of: Array,
    extra_down: Array,
    extra_up: Array,
    extra_share: Array,
    decay: Array,
    stored: Array,
    lateral: Array,
    lateral_flow: Array,
    own_flow: Array,
    point_start: Array,
    point_decay: Array,
    point_load: Array,
    factors: Array,
    rate: Array,
    growth: Array,
    scale: Array,
    flow_scale: Array,
    wanted: Array,
    tops: Array,
) -> None:
    """Fill in the loads at the tops of the wanted positions, by draw.

    Parameters
    ----------
    own, target, count, share, extra_down, extra_up, extra_share
        As `kernels.forward_braided`.
    pool_of
        By position: where its bottom is kept for edges beside the tree, −1 if it has none.
    decay, stored, lateral, lateral_flow, own_flow
        By position: rate × time; rate × volume or −1; lateral load; flow from lateral flow and from outfalls.
    point_start, point_decay, point_load, factors
        Outfalls by position: where they begin, rate × time to the bottom, load, factor by draw.
    rate, growth, scale, flow_scale
        Factors by draw: decay, −decay × time, lateral load, lateral flow.
    wanted, tops
        By position: row of `tops` to fill in, or −1.
    """
    meeting = np.zeros((count, rate.size))
    pool = np.empty((pool_of.max() + 1, rate.size))
    load, part, powers = np.empty(rate.size), np.empty(rate.size), np.empty(rate.size)
    edge = 0
    for i in range(own.size):
        here, below = own[i], target[i]
        for d in range(rate.size):
            load[d] = lateral[i] * scale[d] + meeting[here, d]
            meeting[here, d] = 0.0
        while edge < extra_down.size and extra_down[edge] == i:
            _add(extra_share[edge], pool[pool_of[extra_up[edge]]], load)
            edge += 1
        if wanted[i] >= 0:
            tops[wanted[i]] = load
        if stored[i] >= 0:
            reacted(stored[i], rate, own_flow[i], lateral_flow[i], flow_scale, part)
        else:
            decayed(decay[i], growth, part, powers)
        load *= part
        for k in range(point_start[i], point_start[i + 1]):
            if stored[i] < 0:
                decayed(point_decay[k], growth, part, powers)
            _add(point_load[k], factors[k] * part, load)
        if pool_of[i] >= 0:
            pool[pool_of[i]] = load
        _add(share[i], load, meeting[below])
