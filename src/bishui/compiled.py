"""Compiled functions (编译): numba is imported when the first of them is called, not before.

Importing numba takes about a second, which neither a command nor a page that computes nothing should cost.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from threading import RLock
from typing import Any, Literal, TypeVar

F = TypeVar("F", bound=Callable[..., Any])
Inline = Literal["never", "always"]
#: What a division by zero gives: an error, or infinity without a branch, as numpy has it.
Division = Literal["python", "numpy"]
#: Functions that stand in for compiled ones until the first call, each with what it is to become.
_waiting: list[tuple[Callable[..., Any], Callable[[], Callable[..., Any]]]] = []
_compiling = RLock()


def kernel(inline: Inline = "never", division: Division = "python") -> Callable[[F], F]:
    """Compile a function with numba when any kernel is first called; compiled code is kept on disk.

    Parameters
    ----------
    inline
        ``always`` puts its text into its callers.
    division
        What a division by zero gives.
    """

    def wrap(function: F) -> F:
        def compiled() -> Callable[..., Any]:
            from numba import njit

            made = njit(cache=True, nogil=True, inline=inline, error_model=division)
            return made(function)

        @wraps(function)
        def first_call(*arguments: Any) -> Any:
            _compile()
            return function.__globals__[function.__name__](*arguments)

        _waiting.append((first_call, compiled))
        return first_call  # type: ignore[return-value]

    return wrap


def _compile() -> None:
    """Put the compiled functions in the place of those that stand in for them, wherever a kernel looks."""
    with _compiling:
        ready = {id(stand_in): compiled() for stand_in, compiled in _waiting}
        modules = {id(names): names for names in (_names(stand_in) for stand_in, _ in _waiting)}
        for names in modules.values():
            names.update({name: ready[id(value)] for name, value in names.items() if id(value) in ready})
        _waiting.clear()


def _names(stand_in: Callable[..., Any]) -> dict[str, Any]:
    """Return the names of the module in which a kernel stands."""
    return stand_in.__wrapped__.__globals__  # type: ignore[attr-defined, no-any-return]
