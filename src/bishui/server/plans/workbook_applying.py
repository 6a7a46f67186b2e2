"""Writes the chosen rows of an edited workbook into the ledger, and takes them back, in an audited action.

A cell is changed only while it still says what the preview showed, and a record only while nobody else has
saved it meanwhile: two people never overwrite each other silently.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.apps import apps

from bishui.errors import Conflict
from bishui.i18n import Text
from bishui.server.core import audit, rights
from bishui.server.plans import calendar, duties, standings
from bishui.server.plans.duty_models import ROLES
from bishui.server.plans.models import Duty, Milestone, Plan, Task, TaskUnit
from bishui.server.plans.workbook_changes import (
    CellChange,
    RowChange,
    meaning,
    names_of,
    step_cells,
    task_cells,
)
from bishui.server.plans.workbook_columns import written

Note = dict[str, Any]


def apply(rows: Sequence[RowChange]) -> list[Note]:
    """Write the rows and return what was done, for the undo.

    Raises
    ------
    Conflict
        If a cell no longer says what the preview showed: nothing of the file is written.
    """
    return _Applying(rows).run()


class _Applying:
    """One file's rows on their way into the ledger, and the notes of what was done."""

    def __init__(self, rows: Sequence[RowChange]) -> None:
        self.rows = rows
        self.notes: list[Note] = []
        self.renewed: set[str] = set()

    def run(self) -> list[Note]:
        """Tasks and units first, then what hangs on the duties that the units get."""
        for row in self._of("duties"):
            held = Duty.objects.filter(pk=row.record).first() if row.record else None
            if held is not None:
                _check(row, {"weight": held.weight})
        for row in self._of("tasks"):
            self._task(row)
        for row in self._of("duties"):
            if not row.record:
                self._join(row)
        steps = [(row, self._milestone(row)) for row in self._of("milestones")]
        _renew(self.renewed)
        for row in self._of("duties"):
            self._weigh(row)
        for row, step in steps:
            self._give(row, step)
        _settle({row.task for row in self.rows}, self.renewed)
        return self.notes

    def _of(self, form: str) -> list[RowChange]:
        return [row for row in self.rows if row.form == form]

    def _task(self, row: RowChange) -> None:
        task = (
            Task.objects.select_related("plan").prefetch_related("unit_roles").filter(pk=row.record).first()
        )
        if task is None:
            raise _stale(row)
        _check(row, task_cells(task))
        before = _plain_fields(task)
        for cell in row.cells:
            if cell.column in ROLES:
                self._units(task, cell)
            else:
                _set(task, cell.column, cell.value)
            if cell.column == "deadline":
                task.deadline_norm = meaning(task, cell.value)[0]
        if {cell.column for cell in row.cells} & {*ROLES, "deadline", "due"}:
            self.renewed.add(str(task.pk))
        # Units are rows of their own: the task's version tells that they have changed.
        task.save()
        self._noted(task, before)

    def _units(self, task: Task, cell: CellChange) -> None:
        held = [row for row in task.unit_roles.all() if row.role == cell.column]
        self.notes.append(
            {
                "did": "units",
                "id": str(task.pk),
                "role": cell.column,
                "before": [_content(row) for row in held],
                "after": cell.new,
            }
        )
        wanted: Mapping[str, Sequence[str]] = cell.value["fresh"]
        places = {name: place for place, name in enumerate(cell.value["names"], start=1)}
        for row in held:
            if row.written not in places:
                row.delete()
            elif row.position != places[row.written]:
                row.position = places[row.written]
                row.save()
        TaskUnit.objects.bulk_create(
            _unit(task, cell.column, places[name], name, unit)
            for name, units in wanted.items()
            for unit in units
        )

    def _join(self, row: RowChange) -> None:
        values = {cell.column: cell for cell in row.cells}
        task = Task.objects.select_related("plan").prefetch_related("unit_roles").filter(pk=row.task).first()
        unit, role = values["unit"], str(values["role"].value)
        if task is None:
            raise _stale(row)
        if any(str(held.unit_id) == unit.value and held.role == role for held in task.unit_roles.all()):
            return
        place = max((held.position for held in task.unit_roles.all() if held.role == role), default=0) + 1
        made = _unit(task, role, place, unit.new, unit.value)
        made.save()
        task.save()
        self.renewed.add(row.task)
        self.notes.append({"did": "made", "model": made._meta.label, "id": str(made.pk), "fields": {}})

    def _weigh(self, row: RowChange) -> None:
        weight = next((cell for cell in row.cells if cell.column == "weight"), None)
        if weight is None:
            return
        if row.record:
            duty = Duty.objects.filter(pk=row.record).first()
        else:
            unit = next(cell.value for cell in row.cells if cell.column == "unit")
            duty = Duty.objects.filter(task_id=row.task, unit_id=unit).first()
        if duty is None:
            raise _stale(row)
        before = _plain_fields(duty)
        duty.weight, duty.weight_edited = Decimal(weight.value), True
        duty.save()
        self._noted(duty, before)

    def _milestone(self, row: RowChange) -> Milestone:
        """Change or make a milestone, but for whose it is: the duty may be made only afterwards."""
        step = None
        if row.record:
            step = Milestone.objects.select_related("duty__unit").filter(pk=row.record).first()
            if step is None:
                raise _stale(row)
            _check(row, step_cells(step))
            before = _plain_fields(step)
        else:
            task = Task.objects.filter(pk=row.task).first()
            if task is None:
                raise _stale(row)
            places = [held.position for held in task.milestones.all()]
            step = Milestone(division=task.division, task=task, position=max(places, default=0) + 1)
            before = None
        for cell in row.cells:
            if cell.column != "unit":
                _set(step, cell.column, cell.value)
        step.edited = True
        step.save()
        if before is None:
            self.notes.append(
                {"did": "made", "model": step._meta.label, "id": str(step.pk), "fields": _plain_fields(step)}
            )
        else:
            self._noted(step, before)
        return step

    def _give(self, row: RowChange, step: Milestone) -> None:
        unit = next((cell for cell in row.cells if cell.column == "unit"), None)
        if unit is None:
            return
        before = _plain_fields(step)
        duty = (
            Duty.objects.filter(task_id=row.task, unit_id=unit.value).exclude(state="retired").first()
            if unit.value
            else None
        )
        if unit.value and duty is None:
            raise Conflict(
                Text("“{name}”不是任务“{task}”的单位，节点没有写入。", name=unit.new, task=row.title),
                remedy=Text("请把新增该单位的那一行也一并采用，或改填其他单位。"),
            )
        step.duty = duty
        step.save()
        if row.record:
            self._noted(step, before)
        else:
            made = next(note for note in self.notes if note["id"] == str(step.pk))
            made["fields"] = _plain_fields(step)

    def _noted(self, record: Any, before: Mapping[str, Any]) -> None:
        """Note what of a record has changed since `before`."""
        after = _plain_fields(record)
        fields = {name: [before[name], after[name]] for name in after if before[name] != after[name]}
        if fields:
            self.notes.append(
                {"did": "set", "model": record._meta.label, "id": str(record.pk), "fields": fields}
            )


def _check(row: RowChange, now: Mapping[str, Any]) -> None:
    for cell in row.cells:
        if written(now[cell.column]) != cell.old:
            raise _stale(row)


def _stale(row: RowChange) -> Conflict:
    return Conflict(
        Text("“{name}”在预览之后又被他人修改，整份文件没有写入。", name=row.title),
        remedy=Text("请点“重新比较”，核对对方的修改后再确认导入。"),
    )


def _set(record: Any, name: str, value: Any) -> None:
    setattr(record, name, record._meta.get_field(name).to_python(value))


def _unit(task: Task, role: str, place: int, name: str, unit: str) -> TaskUnit:
    return TaskUnit(
        division=task.division, task=task, role=role, position=place, written=name, unit_id=UUID(unit)
    )


_OWN: Mapping[str, tuple[str, ...]] = {
    "plans.Task": ("theme", "content", "deadline", "deadline_norm", "due", "weight", "field"),
    "plans.Duty": ("weight", "weight_edited"),
    "plans.Milestone": ("what", "due", "weight", "duty_id", "edited"),
}


def _plain_fields(record: Any) -> dict[str, Any]:
    return {name: _plain(getattr(record, name)) for name in _OWN[record._meta.label]}


def _plain(value: Any) -> Any:
    """Return a value as JSON holds it; a number without zeros at its end."""
    return written(value) if isinstance(value, Decimal) else audit.plain(value)


def _content(row: Any) -> dict[str, Any]:
    return {each.attname: audit.plain(getattr(row, each.attname)) for each in row._meta.concrete_fields}


def _renew(tasks: Iterable[str]) -> None:
    duties.renew_many(Task.every.filter(pk__in=list(tasks)))


def _settle(tasks: set[str], renewed: set[str]) -> None:
    """Derive the standings anew, and the reports that the units owe."""
    found = list(Task.every.filter(pk__in=tasks).select_related("plan"))
    for day_of_division in {task.division for task in found}:
        keys = [task.pk for task in found if task.division == day_of_division]
        standings.renew(keys, standings.today_of(day_of_division))
    for plan in Plan.objects.filter(pk__in={task.plan_id for task in found if str(task.pk) in renewed}):
        calendar.renew(plan)


# -- back ----------------------------------------------------------------------------------------------


def undo(notes: Sequence[Note]) -> list[str]:
    """Give every cell its former value back that still says what the file gave it; call inside an action.

    Returns
    -------
    list of str
        What was changed again since and therefore stays, in words.
    """
    kept: list[str] = []
    tasks: set[str] = set()
    renewed: set[str] = set()
    for note in reversed(notes):
        model: Any = apps.get_model(note.get("model", "plans.Task"))
        record = rights.every(model).filter(pk=note["id"]).first()
        if record is None:
            kept.append(str(Text("已删除的记录 {id}", id=note["id"])))
            continue
        task = str(record.pk if isinstance(record, Task) else record.task_id)
        tasks.add(task)
        if note["did"] == "units":
            _return_units(record, note, kept)
            renewed.add(task)
        elif note["did"] == "made":
            _unmake(record, note, kept)
            renewed |= {task} if isinstance(record, TaskUnit) else set()
        else:
            _return_fields(record, note["fields"], kept)
            renewed |= {task} if isinstance(record, Task | Milestone) else set()
    _renew(renewed)
    _settle(tasks, renewed)
    return kept


def _return_fields(record: Any, fields: Mapping[str, Sequence[Any]], kept: list[str]) -> None:
    for name, (before, after) in fields.items():
        if _plain(getattr(record, name)) != after:
            kept.append(f"{record} · {record._meta.get_field(name.removesuffix('_id')).name}")
            continue
        field = record._meta.get_field(name.removesuffix("_id"))
        value = UUID(before) if name.endswith("_id") and before else field.to_python(before)
        setattr(record, name, value)
    record.save()


def _return_units(task: Task, note: Note, kept: list[str]) -> None:
    if "、".join(names_of(task, note["role"])) != note["after"]:
        kept.append(f"{task} · {note['role']}")
        return
    for row in TaskUnit.objects.filter(task=task, role=note["role"]):
        row.delete()
    fields = TaskUnit._meta.concrete_fields
    TaskUnit.objects.bulk_create(
        TaskUnit(**{field.attname: field.to_python(content[field.attname]) for field in fields})
        for content in note["before"]
    )
    task.save()


def _unmake(record: Any, note: Note, kept: list[str]) -> None:
    """Delete what the file brought, unless somebody has changed it or reports on it."""
    changed = bool(note["fields"]) and _plain_fields(record) != note["fields"]
    if changed or (isinstance(record, Milestone) and record.reports.exists()):
        kept.append(str(record))
    else:
        record.delete()
