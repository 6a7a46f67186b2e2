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
#: By what was asked: what the answer was made of, and the answer.
_followed: OrderedDict[Hashable, tuple[object, object]] = OrderedDict()
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
    return list(held(records))


def held(records: QuerySet[M]) -> tuple[M, ...]:
    """Return what a query set holds: the same tuple until one of its records is another or has changed.

    What was written elsewhere costs a look at the versions, not all records anew.
    """
    asked = question(records)
    with _lock:
        known = cast("tuple[str, tuple[M, ...]] | None", _answers.get(asked))
    before = known[1] if known is not None else None
    return made(asked, lambda: before if before and _same(records, before) else tuple(records.all()))


def _same(records: QuerySet[M], before: tuple[M, ...]) -> bool:
    """Tell whether a query set holds the records of before, none of them changed since."""
    query = records.query
    fields = {field.name for field in records.model._meta.concrete_fields}
    if "version" not in fields or query.select_related or query.annotations:
        return False
    if records._prefetch_related_lookups:  # type: ignore[attr-defined]
        return False
    versions = [(record.pk, record.version) for record in before]  # type: ignore[attr-defined]
    return list(records.values_list("pk", "version")) == versions


def made_of(source: object, asked: Hashable, make: Callable[[], T]) -> T:
    """Return what `make` gives of something, made again only when that is another object.

    Parameters
    ----------
    source
        What it is made of, such as a tuple of `held` records; it is never changed.
    asked
        Names the answer, and everything else that it follows from.
    make
        Makes it.
    """
    with _lock:
        known = _followed.get(asked)
    if known is None or known[0] is not source:
        known = source, make()
        with _lock:
            _followed[asked] = known
            while len(_followed) > _KEPT:
                _followed.popitem(last=False)
    return cast("T", known[1])
