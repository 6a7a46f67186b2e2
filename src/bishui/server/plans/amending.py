"""Brings a plan in the ledger to a new reading: rows change in place, dropped ones retire, all undoable."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.apps import apps

from bishui.errors import Conflict
from bishui.i18n import Text
from bishui.server.core import audit, rights
from bishui.server.core.models import ImportSession
from bishui.server.core.records import OwnedRecord
from bishui.server.plans import ledger
from bishui.server.plans.models import (
    Plan,
    PlanAmendment,
    PlanDocument,
    PlanPart,
    ReportDeadline,
    SectionTarget,
    SourceTarget,
    Target,
    Task,
    TaskUnit,
)
from bishui.server.plans.review_fields import listings
from bishui.server.plans.review_match import moves, of_row, pair
from bishui.server.plans.unit_names import Given

#: The fields of each part that come from the document; what people set on a row afterwards stays as it is.
_FROM_DOCUMENT: Mapping[type[OwnedRecord], Sequence[str]] = {
    Plan: (
        *("title", "kind", "year", "period_from", "period_to", "issuer", "issued", "document_number"),
        *("region", "reader_version"),
    ),
    PlanDocument: ("lines", "became", "tables", "milestones", "findings", "indicators", "projects"),
    Task: (
        *("position", "seq", "section", "theme", "content", "deadline", "deadline_norm", "due"),
        *("line_from", "line_to"),
    ),
    TaskUnit: ("position", "etc", "by_duty"),
    Target: (
        *("task", "position", "indicator", "text", "op", "value", "value_text", "unit", "deadline"),
        *("qualitative", "scope", "line"),
    ),
    SectionTarget: (
        *("position", "section", "target_class", "class_text", "water", "basin", "level", "county", "city"),
        *("assessed", "lon", "lat", "period_from", "period_to", "line"),
    ),
    SourceTarget: (
        *("position", "source", "level", "county", "status", "type", "lon", "lat", "target", "line"),
    ),
    ReportDeadline: ("position", "what", "due", "due_day", "to", "line"),
}
_LIST_OF: Mapping[type[PlanPart], str] = {
    Task: "tasks",
    Target: "targets",
    SectionTarget: "section_targets",
    SourceTarget: "source_targets",
    ReportDeadline: "report_deadlines",
}


@dataclass(slots=True)
class Changed:
    """A row of the ledger and what it would become: ``{field: (before, after)}``."""

    row: Any
    fields: dict[str, tuple[Any, Any]]


@dataclass(slots=True)
class PartChanges:
    """What a new reading would do to one kind of part."""

    model: type[Any]
    kept: list[Changed] = field(default_factory=list)
    made: list[Any] = field(default_factory=list)
    dropped: list[Any] = field(default_factory=list)

    @property
    def changed(self) -> list[Changed]:
        """The kept rows of which something changes."""
        return [item for item in self.kept if item.fields]


@dataclass(slots=True)
class PlanChanges:
    """What a new reading would do to a plan in the ledger."""

    plan: Changed
    document: Changed
    parts: dict[type[Any], PartChanges]
    units: PartChanges


def compare(plan: Plan, session: ImportSession, data: Mapping[str, Any], given: Given | None) -> PlanChanges:
    """Return what the JSON of a new reading would change in the ledger; nothing is written."""
    head = ledger.plan_of(session, data)
    wanted = ledger.parts_of(plan, data, given)
    found: dict[type[Any], PartChanges] = {}
    rows: dict[type[PlanPart], Sequence[Any]] = {
        Task: wanted.tasks,
        Target: wanted.targets,
        SectionTarget: wanted.section_targets,
        SourceTarget: wanted.source_targets,
        ReportDeadline: wanted.reports,
    }
    became: dict[Any, Task] = {}
    for model, new in rows.items():
        old = list(model.objects.filter(plan=plan).order_by("position"))
        found[model] = _part(model, old, new, became)
    document = PlanDocument.objects.get(plan=plan)
    return PlanChanges(
        plan=_changed(plan, head),
        document=_changed(document, wanted.document),
        parts=found,
        units=_units(found[Task], wanted.units, became),
    )


def _part(model: type[Any], old: list[Any], new: Sequence[Any], became: dict[Any, Task]) -> PartChanges:
    """Pair the rows of one kind; `became` learns which row each new task is."""
    for row in new:
        if model is Target and row.task_id in became:
            row.task = became[row.task_id]
    pairs = pair(old, new, listings()[_LIST_OF[model]].same, of_row)
    changes = PartChanges(model)
    for left, right in pairs:
        changes.kept.append(_changed(old[left], new[right]))
        if model is Task:
            became[new[right].pk] = old[left]
    kept_old, kept_new = {left for left, _ in pairs}, {right for _, right in pairs}
    changes.dropped = [row for index, row in enumerate(old) if index not in kept_old]
    changes.made = [row for index, row in enumerate(new) if index not in kept_new]
    return changes


def _changed(old: Any, new: Any) -> Changed:
    fields: dict[str, tuple[Any, Any]] = {}
    for name in _FROM_DOCUMENT[type(old)]:
        attribute = old._meta.get_field(name).attname
        before, after = getattr(old, attribute), getattr(new, attribute)
        if before != after:
            fields[attribute] = (before, after)
    if "due" in fields and fields["due"][1] is None and "deadline_norm" not in fields:
        del fields["due"]  # the day of a relative deadline is known from its event, not from the document
    return Changed(old, fields)


def _units(tasks: PartChanges, wanted: Iterable[TaskUnit], became: Mapping[Any, Task]) -> PartChanges:
    """Pair the units of the kept tasks by role, written name and unit."""
    held: dict[tuple[Any, ...], TaskUnit] = {
        _unit_key(row): row
        for row in TaskUnit.objects.filter(task__in=[item.row.pk for item in tasks.kept]).select_related(
            "unit"
        )
    }
    changes = PartChanges(TaskUnit)
    for row in wanted:
        row.task = became.get(row.task_id, row.task)
        old = held.pop(_unit_key(row), None)
        if old is None:
            changes.made.append(row)
        else:
            changes.kept.append(_changed(old, row))
    changes.dropped = list(held.values())
    return changes


def _unit_key(row: TaskUnit) -> tuple[Any, ...]:
    return row.task_id, row.role, row.written, str(row.unit_id or "")


def apply(plan: Plan, session: ImportSession, changes: PlanChanges) -> PlanAmendment:
    """Write the changes and note them; call inside an audited action."""
    log: list[dict[str, Any]] = []
    for item in (changes.plan, changes.document):
        _set(item, log)
    for part in changes.parts.values():
        for row in part.dropped:
            _set(Changed(row, {"retired_id": (None, session.pk)}), log)
        if part.model is Task:
            _place_tasks(part.kept, log)
        for item in part.kept:
            _set(item, log)
        _make(part.model, part.made, log)
    for row in changes.units.dropped:
        log.append({"model": row._meta.label, "id": str(row.pk), "deleted": _content(row)})
        row.delete()
    for item in changes.units.kept:
        _set(item, log)
    _make(TaskUnit, changes.units.made, log)
    amendment = PlanAmendment(division=plan.division, plan=plan, session=session, at=datetime.now(), done=log)
    amendment.save()
    return amendment


def _set(item: Changed, log: list[dict[str, Any]]) -> None:
    if not item.fields:
        return
    for name, (_, after) in item.fields.items():
        setattr(item.row, name, after)
    item.row.save()
    log.append(_note(item.row, item.fields))


def _note(row: Any, fields: Mapping[str, tuple[Any, Any]]) -> dict[str, Any]:
    plain = {name: [audit.plain(before), audit.plain(after)] for name, (before, after) in fields.items()}
    return {"model": row._meta.label, "id": str(row.pk), "fields": plain}


def _content(row: Any) -> dict[str, Any]:
    return {each.attname: audit.plain(getattr(row, each.attname)) for each in row._meta.concrete_fields}


def _make(model: type[Any], rows: Sequence[Any], log: list[dict[str, Any]]) -> None:
    if rows:
        model.objects.bulk_create(rows)
        log.extend({"model": row._meta.label, "id": str(row.pk), "made": True} for row in rows)


def _place_tasks(kept: Iterable[Changed], log: list[dict[str, Any]]) -> None:
    """Bring the kept tasks to their new positions, of which no two tasks may hold one at any moment."""
    rows = {item.row.pk: item for item in kept}
    wanted = {pk: item.fields["position"][1] for pk, item in rows.items() if "position" in item.fields}
    for pk, position in moves({pk: item.row.position for pk, item in rows.items()}, wanted):
        rows[pk].row.position = position
        rows[pk].row.save()
    for pk in wanted:
        log.append(_note(rows[pk].row, {"position": rows[pk].fields.pop("position")}))


def undo(amendment: PlanAmendment) -> None:
    """Take an amendment back; call inside an audited action. What was changed since by others stays.

    Raises
    ------
    Conflict
        If a later amendment stands on it.
    """
    later = PlanAmendment.objects.filter(plan=amendment.plan, stands=True, at__gt=amendment.at)
    if later.exclude(pk=amendment.pk).exists():
        raise Conflict(
            Text("“{name}”之后还有修订生效，不能先撤回这一次。", name=str(amendment.plan)),
            remedy=Text("请从最近一次修订开始，依次撤回。"),
        )
    made = [note for note in amendment.done if note.get("made")]
    for row in _rows(made):
        _unmake(row, amendment)
    for note in reversed(amendment.done):
        if "deleted" in note:
            _recreate(note)
    _restore([note for note in reversed(amendment.done) if "fields" in note])
    amendment.stands = False
    amendment.save()


def _rows(notes: Sequence[Mapping[str, Any]]) -> Iterator[Any]:
    for note in notes:
        model: Any = apps.get_model(note["model"])
        row = rights.every(model).filter(pk=note["id"]).first()
        if row is not None:
            yield row


def _unmake(row: Any, amendment: PlanAmendment) -> None:
    if isinstance(row, PlanPart):
        row.retired = amendment.session
        row.save()
    else:
        row.delete()


def _recreate(note: Mapping[str, Any]) -> None:
    model: Any = apps.get_model(note["model"])
    values = {
        each.attname: each.to_python(note["deleted"][each.attname]) for each in model._meta.concrete_fields
    }
    model.objects.bulk_create([model(**values)])


def _restore(notes: Sequence[Mapping[str, Any]]) -> None:
    """Set each field back that still holds what the amendment gave it; positions of tasks come last."""
    places: dict[Any, int] = {}
    for note in notes:
        for row in _rows([note]):
            for name, (before, after) in note["fields"].items():
                if audit.plain(getattr(row, name)) != after:
                    continue
                if isinstance(row, Task) and name == "position":
                    places[row.pk] = before
                elif isinstance(row, Task) and name == "retired_id":
                    places[row.pk] = row.position
                    row.position = _beyond(row.plan_id)
                    row.retired_id = None
                else:
                    setattr(row, name, _field(row, name).to_python(before))
            row.save()
    _return_to(places)


def _field(row: Any, attribute: str) -> Any:
    return next(each for each in row._meta.concrete_fields if each.attname == attribute)


def _beyond(plan: Any) -> int:
    last = Task.objects.filter(plan=plan).order_by("-position").values_list("position", flat=True).first()
    return (last or 0) + 1000


def _return_to(places: Mapping[Any, int]) -> None:
    rows = {row.pk: row for row in Task.objects.filter(pk__in=places)}
    if not rows:
        return
    plan = next(iter(rows.values())).plan_id
    current = dict(Task.objects.filter(plan=plan).values_list("pk", "position"))
    for pk, position in moves(current, {pk: places[pk] for pk in rows}):
        rows[pk].position = position
        rows[pk].save()


def list_of(model: type[Any]) -> str:
    """Return the list of the plan's JSON that a kind of part comes from."""
    return _LIST_OF[model]


def current_session(plan: Plan) -> ImportSession | None:
    """Return the import whose reading the ledger holds: the last standing amendment, or the first import."""
    last = PlanAmendment.objects.filter(plan=plan, stands=True).order_by("-at", "-id").first()
    return last.session if last else plan.import_session
