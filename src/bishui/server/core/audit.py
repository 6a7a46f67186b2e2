"""The audit trail (审计留痕): who did what, when, from where and why, chained by hash.

Every write happens inside an `action`. An action has a registered name with its log message; when it
ends, one entry is appended whose hash covers its content and the hash of the entry before it. A changed,
missing or inserted entry breaks the chain, which `verify` finds.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.db import transaction

from bishui.errors import Problem, Where
from bishui.i18n import Text

if TYPE_CHECKING:
    from django.db.models import Model

    from bishui.server.core.models import AuditEntry

GENESIS = "0" * 64
_MANY = 200  # so many identifiers are written out; of more, the count and a digest

_actions: dict[str, str] = {}
_current: ContextVar[Act | None] = ContextVar("bishui_act", default=None)


class UnauditedWrite(RuntimeError):
    """A programming error: something was written outside an action."""


def register(name: str, message: Text) -> None:
    """Register an action.

    Parameters
    ----------
    name
        ``app.verb``, for machines.
    message
        The log message; its places are filled from the act's parameters.
    """
    _actions[name] = message.template


def registered() -> dict[str, str]:
    """Return each action's name with its message template."""
    return dict(sorted(_actions.items()))


def message(name: str, params: dict[str, Any]) -> str:
    """Return the log message of an entry in the current language."""
    template = _actions.get(name, name)
    try:
        return str(Text(template, **params))
    except (KeyError, IndexError):
        return template


def plain(value: Any) -> Any:
    """Return `value` as JSON can hold it, exactly."""
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, Decimal | UUID):
        return str(value)
    if isinstance(value, bytes | memoryview):
        return hashlib.sha256(bytes(value)).hexdigest()
    if isinstance(value, dict):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [plain(item) for item in value]
    return value


class Act:
    """One action that is under way: its name, its actor and what it has written so far."""

    def __init__(
        self, name: str, *, actor: Any, why: str, where: str, division: str, params: dict[str, Any]
    ) -> None:
        if name not in _actions:
            raise KeyError(f"the action {name!r} is not registered, so it has no log message")
        self.name = name
        self.actor_id = str(actor.pk) if getattr(actor, "pk", None) else ""
        self.actor_name = actor if isinstance(actor, str) else actor.get_username()
        self.why = why
        self.where = where
        self.division = division
        self.params = params
        self.changes: list[dict[str, Any]] = []

    def note(self, record: Model, kind: str, fields: dict[str, Any]) -> None:
        """Note one written record."""
        if kind == "change" and not fields:
            return
        if not self.division:
            self.division = getattr(record, "division", "") or ""
        self.changes.append(
            {"model": record._meta.label, "id": str(record.pk), "kind": kind, "fields": fields}
        )

    def note_many(self, model: str, kind: str, identifiers: Sequence[str]) -> None:
        """Note many written records of one model by identifier."""
        entry: dict[str, Any] = {"model": model, "kind": kind, "count": len(identifiers)}
        if len(identifiers) <= _MANY:
            entry["ids"] = list(identifiers)
        else:
            entry["ids_sha256"] = hashlib.sha256("\n".join(identifiers).encode()).hexdigest()
        self.changes.append(entry)


def current() -> Act:
    """Return the action that is under way.

    Raises
    ------
    UnauditedWrite
        If there is none.
    """
    act = _current.get()
    if act is None:
        raise UnauditedWrite("a record was written outside audit.action(…)")
    return act


@contextmanager
def action(
    name: str, /, *, actor: Any, why: str = "", where: str = "", division: str = "", **params: Any
) -> Iterator[Act]:
    """Do something that is written down, in one transaction.

    Inside another action the outer one goes on: one deed of a person is one entry.

    Parameters
    ----------
    name
        A registered action.
    actor
        The user, or the name of the part of the system that acts.
    why, where
        The reason given; the address the request came from.
    division
        The division path the deed concerns; taken from the first record written where it is empty.
    **params
        Fill the places of the log message.
    """
    outer = _current.get()
    if outer is not None:
        yield outer
        return
    texts = {key: plain(value) for key, value in params.items()}
    act = Act(name, actor=actor, why=why, where=where, division=division, params=texts)
    token = _current.set(act)
    try:
        with transaction.atomic():
            yield act
            _append(act)
    finally:
        _current.reset(token)


def _digest(previous: str, content: dict[str, Any]) -> str:
    text = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(f"{previous}\n{text}".encode()).hexdigest()


def _append(act: Act) -> None:
    from bishui.server.core.models import AuditEntry, ChainHead

    ChainHead.objects.get_or_create(pk=1, defaults={"sequence": 0, "digest": GENESIS})
    head = ChainHead.objects.select_for_update().get(pk=1)
    entry = AuditEntry(
        sequence=head.sequence + 1,
        at=datetime.now().replace(microsecond=0),
        actor_id=act.actor_id,
        actor_name=act.actor_name,
        action=act.name,
        params=act.params,
        why=act.why,
        where=act.where,
        division=act.division,
        changes=act.changes,
        previous=head.digest,
    )
    entry.digest = _digest(entry.previous, entry.content())
    entry.save(force_insert=True)
    head.sequence, head.digest = entry.sequence, entry.digest
    head.save()


def verify() -> tuple[int, list[Problem]]:
    """Check the whole chain.

    Returns
    -------
    count, problems
        How many entries there are, and each break with the number of the entry.
    """
    from bishui.server.core.models import AuditEntry

    problems: list[Problem] = []
    previous, expected, count = GENESIS, 1, 0
    # Others go on writing meanwhile: the chain has to reach the head of the beginning, and not pass that
    # of the end.
    end, at_head = _head(), GENESIS
    for entry in AuditEntry.objects.order_by("sequence").iterator(chunk_size=2000):
        problems += _check(entry, previous, expected)
        previous, expected, count = entry.digest, entry.sequence + 1, count + 1
        if entry.sequence == end[0]:
            at_head = entry.digest
    if at_head != end[1] or _head()[0] < expected - 1:
        problems.append(_broken(expected, Text("留痕链的末端与链头不符，末尾可能有记录被删除。")))
    return count, problems


def state() -> str | None:
    """Return the hash of the newest entry: nothing that people work with changes without changing it.

    None while an action is under way here, whose changes no entry tells yet.
    """
    return None if _current.get() is not None else _head()[1]


def _head() -> tuple[int, str]:
    """Return the number and the digest of the newest entry, as the head of the chain has them."""
    from bishui.server.core.models import ChainHead

    head = ChainHead.objects.filter(pk=1).first()
    return (head.sequence, head.digest) if head else (0, GENESIS)


def _check(entry: AuditEntry, previous: str, expected: int) -> list[Problem]:
    if entry.sequence != expected:
        return [
            _broken(
                expected, Text("第 {first} 至 {last} 条留痕缺失。", first=expected, last=entry.sequence - 1)
            )
        ]
    if entry.previous != previous:
        return [_broken(entry.sequence, Text("第 {n} 条留痕与前一条不相连。", n=entry.sequence))]
    if entry.digest != _digest(entry.previous, entry.content()):
        return [_broken(entry.sequence, Text("第 {n} 条留痕的内容被改动。", n=entry.sequence))]
    return []


def _broken(sequence: int, what: Text) -> Problem:
    return Problem(
        code="audit-chain",
        what=what,
        remedy=Text("请停用本机写入，与备份比对后查明原因。"),
        where=Where(row=sequence),
    )
