"""Means of months that the pass over the rows makes, as arrays by the names of `means.Means`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from bishui.assessment import kernels

Array = npt.NDArray[Any]
Ints = npt.NDArray[np.int64]
#: Rows for each month that has room; where months are shorter, others average the rest.
_ROWS_A_MONTH = 16
#: Arrays in the order in which kernels write them, each with its kind.
_KINDS: Mapping[str, type[Any]] = {
    "series": np.int64,
    "source": np.int64,
    "unit": np.int64,
    "state": np.uint8,
    "high": np.int64,
    "low": np.uint64,
    "denominator": np.int64,
    "hydrogen": np.float64,
    "counts": np.int32,
    "detection": np.int64,
    "days": np.int64,
}
_ORDER = ("series", "source", "unit")


def months_of(rows: int) -> int:
    """Return for how many months so many rows get room."""
    return -(-rows // _ROWS_A_MONTH)


def room(months: int) -> dict[str, Array]:
    """Return arrays for so many months."""
    shapes = {"counts": (months, kernels.STATUS_COUNT)}
    return {name: np.empty(shapes.get(name, months), kind) for name, kind in _KINDS.items()}


def written(arrays: Mapping[str, Array], months: int) -> dict[str, Array]:
    """Return the first months of `room` as their own."""
    return {name: array[:months].copy() for name, array in arrays.items()}


def together(parts: Sequence[Mapping[str, Array]]) -> dict[str, Array]:
    """Return the months of several parts after one another."""
    given = parts or [room(0)]
    return {name: np.concatenate([part[name] for part in given]) for name in _KINDS}


def in_order(arrays: Mapping[str, Array]) -> dict[str, Array] | None:
    """Return months by series, source and month; None where one is in two places."""
    if _rising(arrays):
        return dict(arrays)
    order = np.lexsort([arrays[name] for name in reversed(_ORDER)])
    ordered = {name: array[order] for name, array in arrays.items()}
    return ordered if _rising(ordered) else None


def _rising(arrays: Mapping[str, Array]) -> bool:
    series, source, month = (np.diff(arrays[name]) for name in _ORDER)
    return bool(np.all((series > 0) | ((series == 0) & ((source > 0) | ((source == 0) & (month > 0))))))
