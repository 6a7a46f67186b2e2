"""The workflow engine (流程): states, transitions, evidence and who may, read from TOML files.

There is one place where a state changes, `fire`. A record's ``state`` that differs from what was loaded
is refused by every save, bulk or single, unless `fire` set it: no page, import or administrator passes by.

A transition may ask for evidence (`workflow_evidence`), which the record takes into its fields in the same
audited action, and may name requirements, which the record answers with what is lacking.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from contextvars import ContextVar
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.apps import apps

from bishui.errors import Conflict, Forbidden, Problem
from bishui.i18n import Bilingual, Text
from bishui.server.core import audit, clock, rights
from bishui.server.core.workflow_evidence import Evidence, parse_evidence, read, refusal

if TYPE_CHECKING:
    from bishui.server.core.records import OwnedRecord, Record

_firing: ContextVar[tuple[str, str] | None] = ContextVar("bishui_firing", default=None)


@dataclass(frozen=True, slots=True)
class State:
    """One state; a final one has no way on but by being reopened."""

    id: str
    label: Bilingual
    final: bool = False
    tone: str = "idle"


@dataclass(frozen=True, slots=True)
class Transition:
    """A way from some states to another, the right it needs and the evidence it asks for."""

    id: str
    label: Bilingual
    sources: tuple[str, ...]
    target: str
    right: str
    evidence: tuple[Evidence, ...] = ()
    #: Done by another person than the one who last did one of the transitions named here.
    other_than: tuple[str, ...] = ()
    #: Done by the system itself, never by a person.
    system: bool = False
    #: Done by the system itself as well as by people.
    automatic: bool = False
    #: A condition that the record answers (`OwnedRecord.meets`); without it the way is closed.
    when: str = ""
    #: What else must be there: tables that the record answers with what is lacking (`OwnedRecord.lacking`).
    requires: tuple[Mapping[str, Any], ...] = ()
    #: The record stays as it is; a new one, which it gives (`OwnedRecord.follower`), begins in `target`.
    begins_anew: bool = False


@dataclass(frozen=True, slots=True)
class Workflow:
    """A named set of states and transitions."""

    name: str
    title: Bilingual
    version: str
    initial: str
    states: Mapping[str, State]
    transitions: Mapping[str, Transition]

    def from_state(self, state: str) -> list[Transition]:
        """Return the transitions that leave `state`."""
        return [item for item in self.transitions.values() if state in item.sources]


def _label(data: Mapping[str, Any]) -> Bilingual:
    return Bilingual(data["label_zh"], data.get("label_en", ""))


def _names(data: str | Sequence[str]) -> tuple[str, ...]:
    return (data,) if isinstance(data, str) else tuple(data)


def parse(data: Mapping[str, Any]) -> Workflow:
    """Build a workflow from its file's content.

    Raises
    ------
    ValueError
        If a transition names an unknown state, or a state cannot be reached.
    """
    states = {
        item["id"]: State(item["id"], _label(item), item.get("final", False), item.get("tone", "idle"))
        for item in data["state"]
    }
    transitions = {
        item["id"]: Transition(
            id=item["id"],
            label=_label(item),
            sources=tuple(item["from"]),
            target=item["to"],
            right=item["right"],
            evidence=tuple(parse_evidence(part) for part in item.get("evidence", [])),
            other_than=_names(item.get("other_than", ())),
            system=item.get("system", False),
            automatic=item.get("automatic", False),
            when=item.get("when", ""),
            requires=tuple(item.get("requires", [])),
            begins_anew=item.get("begins_anew", False),
        )
        for item in data["transition"]
    }
    workflow = Workflow(
        data["name"],
        Bilingual(data["title_zh"], data.get("title_en", "")),
        data["version"],
        data["initial"],
        states,
        transitions,
    )
    _check_whole(workflow)
    return workflow


def _check_whole(workflow: Workflow) -> None:
    named = {workflow.initial}
    for transition in workflow.transitions.values():
        named |= {*transition.sources, transition.target}
        unknown = [name for name in transition.other_than if name not in workflow.transitions]
        if unknown:
            raise ValueError(f"{workflow.name}: {transition.id} names no transition {unknown[0]}")
    if named - workflow.states.keys():
        raise ValueError(f"{workflow.name}: unknown states {sorted(named - workflow.states.keys())}")
    reached, edge = {workflow.initial}, [workflow.initial]
    while edge:
        for transition in workflow.from_state(edge.pop()):
            if transition.target not in reached:
                reached.add(transition.target)
                edge.append(transition.target)
    if workflow.states.keys() - reached:
        raise ValueError(f"{workflow.name}: cannot reach {sorted(workflow.states.keys() - reached)}")


@cache
def load_all() -> Mapping[str, Workflow]:
    """Return every workflow that the installed apps define in their ``workflows`` folder."""
    found: dict[str, Workflow] = {}
    for app in apps.get_app_configs():
        for path in sorted((Path(app.path) / "workflows").glob("*.toml")):
            workflow = parse(tomllib.loads(path.read_text(encoding="utf-8")))
            found[workflow.name] = workflow
    return found


def of(record: Record) -> Workflow:
    """Return the workflow of a record."""
    return load_all()[record.workflow_name]


def check_state(record: Record, loaded: Mapping[str, Any] | None) -> None:
    """Refuse a state that `fire` did not set.

    `loaded` is what was read from the database, or None for a new record.
    """
    if not record.workflow_name:
        return
    workflow, state = of(record), record.state  # type: ignore[attr-defined]
    before = workflow.initial if loaded is None else loaded.get("state", state)
    if state != before and _firing.get() != (str(record.pk), state):
        raise Conflict(
            Text("“{name}”的状态只能通过流程变更。", name=str(record)),
            remedy=Text("请使用页面上的办理按钮。"),
        )


def available(record: OwnedRecord, user: Any) -> list[Transition]:
    """Return the transitions that `user` may fire on `record` now."""
    return [item for item in _permitted(record, user) if not _same_person(record, item, user)]


def for_others(record: OwnedRecord, user: Any) -> list[Transition]:
    """Return the transitions that `user` may not fire only because they did the step before."""
    return [item for item in _permitted(record, user) if _same_person(record, item, user)]


def may(record: OwnedRecord, transition_id: str, user: Any) -> bool:
    """Tell whether a transition is one of those `available`, without looking at the others."""
    return any(not _same_person(record, item, user) for item in _permitted(record, user, transition_id))


def _permitted(record: OwnedRecord, user: Any, only: str = "") -> list[Transition]:
    return [
        transition
        for transition in of(record).from_state(record.state)  # type: ignore[attr-defined]
        if only in ("", transition.id)
        and not transition.system
        and rights.allowed(user, record.right_named(transition.right), record)
        and _is_open(record, transition, user)
    ]


def _is_open(record: OwnedRecord, transition: Transition, actor: Any) -> bool:
    return not transition.when or record.meets(transition.when, actor)


def _same_person(record: Record, transition: Transition, user: Any) -> bool:
    from bishui.server.core.models import WorkflowEvent

    if not transition.other_than:
        return False
    last = (
        WorkflowEvent.objects.filter(record_id=record.pk, transition__in=transition.other_than)
        .order_by("-at", "-id")
        .first()
    )
    return last is not None and last.by_id == str(getattr(user, "pk", ""))


def fire(
    record: OwnedRecord,
    transition_id: str,
    *,
    actor: Any,
    evidence: Mapping[str, Any] | None = None,
    where: str = "",
    why: str = "",
) -> OwnedRecord:
    """Move `record` along one transition, with its evidence, and write it down.

    Parameters
    ----------
    record
        A saved record with a ``state``.
    transition_id
        A transition of the record's workflow.
    actor
        A user, or the name of a part of the system for a transition marked ``system`` or ``automatic``.
    evidence
        Texts and identifiers of stored files, by the keys of the workflow file.

    Returns
    -------
    OwnedRecord
        The record itself; of a transition that begins anew, the new record.

    Raises
    ------
    Conflict
        If the record's state does not allow the transition.
    Forbidden
        If the actor has no right to it, or must be another person.
    DataError
        If required evidence is missing or not what is asked for, or a requirement is not met; it holds
        everything that is lacking.
    """
    workflow = of(record)
    transition = workflow.transitions[transition_id]
    _check_allowed(record, workflow, transition, actor)
    given = read(transition.evidence, evidence or {}, record)
    lacks = lacking(record, transition, actor=actor, given=given)
    if lacks:
        raise refusal(lacks)
    return _move(record, transition, actor=actor, given=given, where=where, why=why)


def lacking(
    record: OwnedRecord, transition: Transition, *, actor: Any, given: Mapping[str, Any] | None = None
) -> list[Problem]:
    """Return which requirements of a transition are not met, as the record answers, with what to do.

    Parameters
    ----------
    given
        Evidence that is handed in with it, as values by key; without it the page is told what is lacking yet.
    """
    return record.lacking(transition, given or {}, actor) if transition.requires else []


def _check_allowed(record: OwnedRecord, workflow: Workflow, transition: Transition, actor: Any) -> None:
    state: str = record.state  # type: ignore[attr-defined]
    if state not in transition.sources:
        raise Conflict(
            Text(
                "当前状态为“{state}”，不能办理“{transition}”。",
                state=workflow.states[state].label,
                transition=transition.label,
            ),
            remedy=Text("请刷新页面查看最新状态。"),
        )
    by_system = isinstance(actor, str)
    barred = not (transition.system or transition.automatic) if by_system else transition.system
    if barred:
        raise Forbidden(Text("“{transition}”由系统办理。", transition=transition.label))
    if not by_system and not rights.allowed(actor, record.right_named(transition.right), record):
        raise Forbidden(
            Text("您没有办理“{transition}”的权限。", transition=transition.label),
            remedy=Text("请联系本单位的系统管理员。"),
        )
    if not _is_open(record, transition, actor):
        raise Forbidden(
            Text("“{name}”不能这样办理：{transition}。", name=str(record), transition=transition.label),
            remedy=Text("请使用页面上的办理按钮。"),
        )
    if _same_person(record, transition, actor):
        raise Forbidden(
            Text("“{transition}”须由另一人办理。", transition=transition.label),
            remedy=Text("请由上一步经办人以外的人员办理。"),
        )


def _move(
    record: OwnedRecord,
    transition: Transition,
    *,
    actor: Any,
    given: Mapping[str, Any],
    where: str,
    why: str,
) -> OwnedRecord:
    source: str = record.state  # type: ignore[attr-defined]
    before, related = _fields(record), dict(record._state.fields_cache)
    try:
        with audit.action(
            "core.transition",
            actor=actor,
            where=where,
            why=why,
            division=record.division,
            name=str(record),
            transition=transition.label.zh,
        ):
            record.take_evidence(transition, given, actor)
            moved = _saved(record, transition, given)
            _write_down(moved, transition, source, actor=actor, given=given, why=why)
    except BaseException:
        vars(record).update(before)  # what was not written is not shown either
        record._state.fields_cache.clear()
        record._state.fields_cache.update(related)
        raise
    return moved


def _fields(record: OwnedRecord) -> dict[str, Any]:
    names = [field.attname for field in record._meta.concrete_fields]
    return {name: vars(record)[name] for name in [*names, "loaded"] if name in vars(record)}


def _saved(record: OwnedRecord, transition: Transition, given: Mapping[str, Any]) -> OwnedRecord:
    """Save the record in its new state, or beside it the one that begins anew."""
    if transition.begins_anew:
        # First the old one: of two people who do it at once the second is told, by its version.
        record.save()
        moved: Any = record.follower(transition, given)
    else:
        moved = record
    token = _firing.set((str(moved.pk), transition.target))
    try:
        moved.state = transition.target
        moved.save()
    finally:
        _firing.reset(token)
    saved: OwnedRecord = moved
    return saved


def _write_down(
    record: OwnedRecord,
    transition: Transition,
    source: str,
    *,
    actor: Any,
    given: Mapping[str, Any],
    why: str,
) -> None:
    from bishui.server.core.models import WorkflowEvent

    WorkflowEvent.objects.create(
        record_id=record.pk,
        division=record.division,
        workflow=record.workflow_name,
        transition=transition.id,
        source=source,
        target=transition.target,
        at=clock.now(),
        by_id=str(getattr(actor, "pk", "")),
        by_name=str(actor),
        evidence=audit.plain(dict(given)),
        why=why,
    )
