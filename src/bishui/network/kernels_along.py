"""Compiled: what survives, by draw, of what enters evenly along a reach (沿程入流)."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from bishui.compiled import kernel
from bishui.network.kernels_draws import decayed

Array = npt.NDArray[Any]

#: Below it the series is used: its next term is below the rounding, and 1 − e^(−x) would lose digits.
_SMALL = 0.01


@kernel(division="numpy")
def survived(decay: Array, growth: Array, scale: Array, rows: Array, factors: Array) -> None:
    """Fill in scale × (1 − e^(−x))/x with x = −decay × growth, as `diffuse.mean_survival` has it.

    Parameters
    ----------
    decay
        Rate × time of each source.
    growth, scale
        −rate × clock, and the factor of what enters, by draw.
    rows, factors
        The result of each source is in this row of `factors`, (rows, draws).
    """
    part, powers = np.empty(growth.size), np.empty(growth.size)
    for k in range(decay.size):
        decayed(decay[k], growth, part, powers)
        for d in range(growth.size):
            x = -decay[k] * growth[d]
            if x < _SMALL:
                part[d] = 1 - x / 2 * (1 - x / 3 * (1 - x / 4 * (1 - x / 5 * (1 - x / 6))))
            else:
                part[d] = (1 - part[d]) / x
            factors[rows[k], d] = scale[d] * part[d]
