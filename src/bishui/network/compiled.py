"""Compiled functions (编译) of this room: numba is imported when the first of them is called, not before."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from threading import Lock
from typing import Any, TypeVar

F = TypeVar("F", bound=Callable[..., Any])
_waiting: dict[tuple[str, str], Callable[..., Any]] = {}
_compiling = Lock()


def kernel(function: F) -> F:
    """Compile a function with numba when any kernel is first called; compiled code is kept on disk.

    Importing numba takes about a second, which a page without a network should not cost.
    """
    name = (function.__module__, function.__name__)
    _waiting[name] = function

    @wraps(function)
    def first_call(*arguments: Any) -> Any:
        _compile()
        return function.__globals__[function.__name__](*arguments)

    return first_call  # type: ignore[return-value]


def _compile() -> None:
    """Put the compiled functions in the place of the waiting ones; they find one another by name."""
    from numba import njit

    with _compiling:
        for (_, name), function in _waiting.items():
            function.__globals__[name] = njit(cache=True, nogil=True, error_model="numpy")(function)
        _waiting.clear()
