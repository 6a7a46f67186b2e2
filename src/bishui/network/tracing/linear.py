"""Two linear inversions with closed answers: least squares without negative loads, and a Gaussian posterior.

They are building stones and cross-checks. One answer of the first, where sections are fewer than candidates,
is never shown as the truth.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from bishui.errors import CallError
from bishui.i18n import Text
from bishui.network.tables import Floats


@dataclass(frozen=True, slots=True, eq=False)
class Fitted:
    """Loads that fit best, the length of what is left, and whether other loads fit as well (不唯一)."""

    loads: Floats
    residual: float
    unique: bool


def non_negative(matrix: Floats, values: Floats) -> Fitted:
    """Return loads x ≥ 0 that minimise ‖A x − y‖.

    Raises
    ------
    CallError
        If the shapes do not fit.
    """
    from scipy.optimize import nnls

    _check(matrix, values)
    loads, residual = nnls(matrix, values)
    return Fitted(loads, float(residual), bool(np.linalg.matrix_rank(matrix) == matrix.shape[1]))


def least_squares(matrix: Floats, values: Floats) -> Floats:
    """Return loads that minimise ‖A x − y‖, negative ones too: for contrast only."""
    _check(matrix, values)
    return np.asarray(np.linalg.lstsq(matrix, values, rcond=None)[0])


def gaussian_posterior(
    matrix: Floats, values: Floats, mean: Floats, covariance: Floats, error: Floats
) -> tuple[Floats, Floats]:
    """Return mean and covariance of loads: Σ = (AᵀR⁻¹A + P⁻¹)⁻¹, μ = Σ(AᵀR⁻¹y + P⁻¹m).

    Parameters
    ----------
    mean, covariance
        Of the prior: m (K,), P (K, K).
    error
        Covariance of the results: R (S, S).

    Raises
    ------
    CallError
        If the shapes do not fit.
    """
    _check(matrix, values)
    inward = np.linalg.solve(error, matrix).T
    known = np.linalg.inv(covariance)
    found = np.linalg.inv(inward @ matrix + known)
    return found @ (inward @ values + known @ mean), found


def _check(matrix: Floats, values: Floats) -> None:
    if matrix.ndim != 2 or matrix.shape[0] != len(values):
        raise CallError(
            Text("响应矩阵 {shape} 与 {count} 个测值不配。", shape=matrix.shape, count=len(values)),
            remedy=Text("矩阵的行数应等于测值个数。"),
        )
