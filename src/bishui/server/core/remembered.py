"""What a process remembers until anything is written, which the audit trail tells.

What pages show of a city begins with its list of sites and what was found of each; both are long, and seldom
change.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable
from threading import Lock
from typing import TypeVar, cast

from django.core.exceptions import EmptyResultSet
from django.db.models import Model, QuerySet

from bishui.server.core import audit

M = TypeVar("M", bound=Model)
T = TypeVar("T")

_KEPT = 64

#: By what was asked: the state of the audit trail, and the answer at it.
_answers: OrderedDict[Hashable, tuple[str, object]] = OrderedDict()
_lock = Lock()


def made(asked: Hashable, make: Callable[[], T]) -> T:
    """Return what `make` gives, made again only when something was written since.

    It is shared between requests: it is read, never changed.

    Parameters
    ----------
    asked
        Names the answer, and everything that it follows from beside the records.
    make
        Makes it.
    """
    state = audit.state()
    if state is None:
        return make()
    with _lock:
        known = _answers.get(asked)
    if known is None or known[0] != state:
        known = state, make()
        with _lock:
            _answers[asked] = known
            while len(_answers) > _KEPT:
                _answers.popitem(last=False)
    return cast("T", known[1])


def question(records: QuerySet[M]) -> Hashable:
    """Return what a query set asks of the database, to name what follows from its records."""
    try:
        return (records.db, records.model, *records.query.sql_with_params())
    except EmptyResultSet:
        return (records.db, records.model)


def listed(records: QuerySet[M]) -> list[M]:
    """Return what a query set holds; the records are read, never changed."""
    return list(made(question(records), lambda: tuple(records.all())))
