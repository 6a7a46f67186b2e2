"""What an edited workbook would change in the ledger, cell by cell, against the ledger as it stands now.

Three forms of each cell meet: as exported (a checksum in the row), as given, as it stands. A cell that nobody
edited changes nothing, however the ledger has moved on. One that was edited is a change; where the ledger has
moved on in the same cell it is a conflict, which a person decides. Nothing is written here.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import date
from typing import Any
from uuid import UUID

from bishui.documents import normalise_deadline, resolve_relative
from bishui.errors import Problem, Where
from bishui.i18n import Text
from bishui.server.core import audit
from bishui.server.plans import steps
from bishui.server.plans.duty_models import ROLES
from bishui.server.plans.models import Duty, Milestone, Task, TaskUnit
from bishui.server.plans.states import due_day
from bishui.server.plans.workbook_cells import Names, Register, parse, role_of
from bishui.server.plans.workbook_columns import is_cut, mark_of, written
from bishui.server.plans.workbook_reading import GivenBook, GivenRow

_MANY = 400


@dataclass(slots=True)
class CellChange:
    """One cell: what stands now, what it would become, as written and as a value for the database.

    `moved` = the ledger has changed it since the export; `follows` = it follows from another cell.
    """

    column: str
    old: str
    new: str
    value: Any
    moved: bool = False
    follows: bool = False


@dataclass(slots=True)
class RowChange:
    """One row: which sheet and row of the file, which record (none for a new one), of which task.

    `moved` names the other columns of the row that the ledger has changed since the export. `by`, `at` and
    `what` say who changed the cells in conflict last, when, and in which deed.
    """

    form: str
    sheet: str
    row: int
    record: str
    task: str
    title: str
    cells: list[CellChange]
    moved: list[str] = field(default_factory=list)
    by: str = ""
    at: str = ""
    what: str = ""

    @property
    def is_conflict(self) -> bool:
        """Whether the ledger has moved on in a cell that was edited."""
        return any(cell.moved for cell in self.cells)

    def as_dict(self) -> dict[str, Any]:
        """Return the JSON form."""
        return asdict(self)


def of_dict(data: Mapping[str, Any]) -> RowChange:
    """Return the row that `RowChange.as_dict` wrote."""
    return RowChange(**{**data, "cells": [CellChange(**cell) for cell in data["cells"]]})


@dataclass(slots=True)
class Comparison:
    """The changes of a file, its problems, and what became of each row: (sheet, row, fate)."""

    rows: list[RowChange] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    fates: list[tuple[str, int, str]] = field(default_factory=list)


def compare(book: GivenBook, division: str) -> Comparison:
    """Return what the rows of a file would change in the ledger of a division's subtree."""
    return _Comparing(book, division).run()


class _Comparing:
    """One comparison: the ledger's records of the edited rows, read once."""

    def __init__(self, book: GivenBook, division: str) -> None:
        self.book, self.division = book, division
        self.register = Register(division)
        self.out = Comparison(problems=list(book.problems))
        self.tasks: dict[str, Task] = {}
        self.by_number: dict[tuple[str, str], list[Task]] = {}
        #: The plans of which all tasks are loaded.
        self.plans: set[str] = set()
        #: The rows of which a cell was refused, by identity.
        self.refused: set[int] = set()
        #: The units that rows of this file would add, by task.
        self.joining: dict[str, set[str]] = {}
        self.sole_plan = _sole(row.texts.get("plan", "") for row in book.rows)

    def run(self) -> Comparison:
        """Compare the tasks first, then the duties, then the milestones: they name what the former add."""
        for name, deed in (("tasks", self._task), ("duties", self._duty), ("milestones", self._milestone)):
            rows = [row for row in self.book.rows if row.form.id == name]
            edited = [row for row, is_copy in _copies(rows) if self._is_worth(row, is_copy)]
            copies = {id(row) for row, is_copy in _copies(rows) if is_copy}
            self._load(edited)
            records = self._records(name, edited)
            for row in edited:
                deed(row, None if id(row) in copies else records.get(row.key), id(row) in copies)
        self._check_weights()
        return self.out

    def _is_worth(self, row: GivenRow, is_copy: bool) -> bool:
        """Tell whether a row needs the ledger: somebody has edited it, or it is new."""
        if row.marks is not None:
            self._note_ignored(row)
        if is_copy or not row.key or row.marks is None:
            return True
        if any(row.is_edited(column.id) for column in row.form.columns if column.mode == "edit"):
            return True
        self._fate(row, "unchanged")
        return False

    def _note_ignored(self, row: GivenRow) -> None:
        for column in row.form.compared:
            if column.mode == "edit" or not row.is_edited(column.id):
                continue
            if column.mode == "fixed" and not row.texts[column.id]:
                continue
            what = (
                Text("“{head}”由系统推算，不能在表格里修改，已忽略。", head=column.head)
                if column.mode == "derived"
                else Text("“{head}”只用来认行，不能在表格里修改，已忽略。", head=column.head)
            )
            remedy = Text("无需处理；其余列照常比较。新增的一行请留空隐藏的标识列。")
            self.out.problems.append(
                Problem(
                    f"{column.mode}-edited", what, remedy, row.where(column.id), row.texts[column.id][:80]
                )
            )

    # -- the ledger's records ------------------------------------------------------------------------

    def _load(self, rows: Sequence[GivenRow]) -> None:
        """Load the tasks that rows name by key, or by plan and number."""
        keys = [row.key for row in rows if row.form.id == "tasks" and _uuid(row.key)]
        self._keep(Task.every.filter(pk__in=part) for part in _parts(keys))
        named = {self._plan_of(row) for row in rows if not row.key or row.form.id != "tasks"} - {""}
        for plan in named - self.plans:
            self._keep([Task.objects.filter(plan__title=plan)])
        self.plans |= named

    def _keep(self, found: Iterable[Any]) -> None:
        for tasks in found:
            inside = tasks.filter(division__startswith=self.division, plan__active=True)
            for task in inside.select_related("plan").prefetch_related("unit_roles"):
                if str(task.pk) not in self.tasks:
                    self.tasks[str(task.pk)] = task
                    self.by_number.setdefault((written(task.plan.title), str(task.number)), []).append(task)

    def _records(self, name: str, rows: Sequence[GivenRow]) -> Mapping[str, Any]:
        if name == "tasks":
            return self.tasks
        model: Any = Duty if name == "duties" else Milestone
        also = ("task__plan", "unit") if name == "duties" else ("task__plan", "duty__unit")
        keys = [row.key for row in rows if _uuid(row.key)]
        found = {
            str(record.pk): record
            for part in _parts(keys)
            for record in model.objects.filter(pk__in=part, task__plan__active=True).select_related(*also)
            if record.division.startswith(self.division)
        }
        self._keep(
            Task.every.filter(pk__in=part) for part in _parts([str(r.task_id) for r in found.values()])
        )
        return found

    def _plan_of(self, row: GivenRow) -> str:
        return row.texts.get("plan", "") or self.sole_plan

    def _task_of(self, row: GivenRow) -> Task | None:
        """Return the task that a row without a key names by plan and number; None is a problem noted."""
        number = row.texts.get("number", "")
        found = [
            task for task in self.by_number.get((self._plan_of(row), number), []) if task.retired_id is None
        ]
        if len(found) == 1:
            return found[0]
        what = (
            Text("有 {count} 项任务的计划和序号相同，认不出是哪一项。", count=len(found))
            if found
            else Text("没有“{plan}”第 {number} 项任务。", plan=self._plan_of(row), number=number)
        )
        remedy = Text("请照任务表填写计划和序号；任务不能在表格里新增。")
        self._refuse(row, Problem("task-unknown", what, remedy, row.where("number"), number))
        return None

    def _gone(self, row: GivenRow) -> None:
        what = Text("台账中没有这一行的记录：它已删除、停用，或不在本次导入的辖区之内。")
        remedy = Text("请重新导出后再修改；新增的一行请留空隐藏的标识列。")
        self._refuse(row, Problem("record-unknown", what, remedy, row.where(), row.key))

    def _refuse(self, row: GivenRow, problem: Problem) -> None:
        self.out.problems.append(problem)
        self._fate(row, "rejected")

    def _refuse_cell(self, row: GivenRow, problem: Problem) -> None:
        self.out.problems.append(problem)
        self.refused.add(id(row))

    def _fate(self, row: GivenRow, fate: str) -> None:
        self.out.fates.append((row.place.sheet or "", row.place.row or 0, fate))

    # -- tasks ---------------------------------------------------------------------------------------

    def _task(self, row: GivenRow, task: Task | None, is_copy: bool) -> None:
        if is_copy:
            what, remedy = (
                Text("这项任务在文件里出现了不止一次。"),
                Text("请只保留一行；任务不能在表格里新增。"),
            )
            self._refuse(
                row, Problem("repeated-row", what, remedy, row.where(), row.texts.get("content", "")[:60])
            )
            return
        if task is None and not row.key:
            task = self._task_of(row)
            if task is None:
                return
        if task is None or task.retired_id is not None:
            self._gone(row)
            return
        now = task_cells(task)
        held = task
        cells = list(self._edited(row, now, lambda name, text: self._task_value(held, name, text, row)))
        self._follow(row, task, cells)
        for cell in cells:
            if cell.column in ROLES:
                fresh = cell.value["fresh"].values()
                self.joining.setdefault(str(task.pk), set()).update(unit for units in fresh for unit in units)
        self._change(row, task, task, cells, now)

    def _task_value(self, task: Task, name: str, text: str, row: GivenRow) -> Any:
        if name not in ROLES:
            return parse(name, text, row.where(name))
        return self.register.names(text, names_of(task, name), row.where(name))

    def _follow(self, row: GivenRow, task: Task, cells: list[CellChange]) -> None:
        """Let the due day follow an edited deadline, unless it was edited too."""
        deadline = next((cell for cell in cells if cell.column == "deadline"), None)
        if deadline is None or any(cell.column == "due" for cell in cells):
            return
        _norm, day = meaning(task, deadline.value)
        if day is not None and day != task.due:
            old = written(task.due)
            moved = row.marks is not None and "due" in row.texts and mark_of(old) != row.marks["due"]
            cells.append(CellChange("due", old, written(day), audit.plain(day), moved, follows=True))

    # -- duties --------------------------------------------------------------------------------------

    def _duty(self, row: GivenRow, duty: Duty | None, is_copy: bool) -> None:
        if row.key and not is_copy:
            if duty is None or duty.state == "retired":
                self._gone(row)
                return
            self._weigh(row, duty)
            return
        task = self._task_of(row)
        if task is None:
            return
        unit = self.register.unit(row.texts.get("unit", ""), row.where("unit"))
        role = role_of(row.texts.get("role", ""), row.where("role"))
        weight = (
            parse("weight", row.texts["weight"], row.where("weight")) if row.texts.get("weight") else None
        )
        faults = [found for found in (unit, role, weight) if isinstance(found, Problem)]
        if faults:
            self.out.problems += faults[1:]
            self._refuse(row, faults[0])
            return
        held = (
            Duty.objects.filter(task=task, unit_id=str(unit))
            .exclude(state="retired")
            .select_related("unit")
            .first()
        )
        if held is None:
            self._join(row, task, str(unit), str(role), weight)
        elif held.role == role and not is_copy:
            self._weigh(row, held)
        elif held.role == role:
            self._fate(row, "unchanged")
        else:
            what = Text("“{unit}”已是这项任务的单位。", unit=held.unit.name)
            remedy = Text("要改角色，请在任务表的牵头、配合、责任单位列修改。")
            self._refuse(
                row, Problem("unit-held", what, remedy, row.where("role"), row.texts.get("role", ""))
            )

    def _weigh(self, row: GivenRow, duty: Duty) -> None:
        task = self.tasks.get(str(duty.task_id), duty.task)
        now = {"weight": duty.weight}
        cells = list(self._edited(row, now, lambda name, text: parse(name, text, row.where(name))))
        self._change(row, duty, task, cells, now)

    def _join(self, row: GivenRow, task: Task, unit: str, role: str, weight: Any) -> None:
        if unit in self.joining.get(str(task.pk), ()):
            self._fate(row, "unchanged")
            return
        self.joining.setdefault(str(task.pk), set()).add(unit)
        cells = [
            CellChange("unit", "", row.texts["unit"], unit),
            CellChange("role", "", row.texts["role"], role),
        ]
        if weight is not None:
            cells.append(CellChange("weight", "", written(weight), audit.plain(weight)))
        self._change(row, self.register.called[unit], task, cells, {})

    # -- milestones ----------------------------------------------------------------------------------

    def _milestone(self, row: GivenRow, step: Milestone | None, is_copy: bool) -> None:
        if row.key and not is_copy:
            if step is None:
                self._gone(row)
                return
            task = self.tasks.get(str(step.task_id), step.task)
            now = step_cells(step)
            cells = list(self._edited(row, now, lambda name, text: self._step_value(task, name, text, row)))
            self._change(row, step, task, cells, now)
            return
        found = self._task_of(row)
        if found is not None:
            self._new_step(row, found)

    def _new_step(self, row: GivenRow, task: Task) -> None:
        texts = {name: row.texts.get(name, "") for name in ("what", "due", "weight", "unit")}
        texts["weight"] = texts["weight"] or "1"
        for held in Milestone.objects.filter(task=task).select_related("duty__unit"):
            if {name: written(value) for name, value in step_cells(held).items()} == texts:
                self._fate(row, "unchanged")
                return
        values = {name: self._step_value(task, name, text, row) for name, text in texts.items()}
        faults = [value for value in values.values() if isinstance(value, Problem)]
        if faults:
            self.out.problems += faults[1:]
            self._refuse(row, faults[0])
            return
        cells = [CellChange(name, "", texts[name], audit.plain(value)) for name, value in values.items()]
        self._change(row, texts["what"], task, [cell for cell in cells if cell.new], {})

    def _step_value(self, task: Task, name: str, text: str, row: GivenRow) -> Any:
        if name == "unit":
            return self._bearer(task, text, row) if text else ""
        value = parse(name, text, row.where(name))
        if name == "weight" and not isinstance(value, Problem) and value == 0:
            what, remedy = Text("节点的权重应大于 0。"), Text("请填写正数。")
            return Problem("not-a-weight", what, remedy, row.where(name), text)
        return value

    def _bearer(self, task: Task, text: str, row: GivenRow) -> Any:
        """Return the unit whose milestone it is: one with a duty in the task, or one that gets it here."""
        duties = Duty.objects.filter(task=task).exclude(state="retired").values_list("unit__name", "unit_id")
        bearing = {name: str(unit) for name, unit in duties}
        if text in bearing:
            return bearing[text]
        unit = self.register.unit(text, row.where("unit"))
        if isinstance(unit, Problem) or unit in {*bearing.values(), *self.joining.get(str(task.pk), ())}:
            return unit
        what = Text("“{unit}”不是这项任务的单位。", unit=self.register.called[unit])
        remedy = Text("请改填这项任务的单位，或先在分工表末尾把它加进来：{names}。", names="、".join(bearing))
        return Problem("not-a-bearer", what, remedy, row.where("unit"), text)

    # -- rows ----------------------------------------------------------------------------------------

    def _edited(self, row: GivenRow, now: Mapping[str, Any], value_of: Any) -> Iterator[CellChange]:
        """Give the cells that somebody edited to something other than what stands."""
        for name, value in now.items():
            text, old = row.texts.get(name, ""), written(value)
            if not row.is_edited(name) or text == old:
                continue
            if is_cut(value):
                what = Text("这一格太长，导出时没有写全，不能在表格里修改。")
                remedy = Text("请在任务页面上修改。")
                self._refuse_cell(row, Problem("cell-cut", what, remedy, row.where(name), text[:60]))
                continue
            given = value_of(name, text)
            if isinstance(given, Problem):
                self._refuse_cell(row, given)
                continue
            moved = row.marks is not None and mark_of(old) != row.marks[name]
            if isinstance(given, Names):
                if "、".join(given.names) == old:
                    continue
                plain: Any = {
                    "names": list(given.names),
                    "fresh": {k: list(v) for k, v in given.fresh.items()},
                }
                yield CellChange(name, old, "、".join(given.names), plain, moved)
            else:
                new = field_word(given) if name == "field" else text
                if audit.plain(given) != audit.plain(_value(now, name)):
                    yield CellChange(name, old, new, audit.plain(given), moved)

    def _change(
        self, row: GivenRow, record: Any, task: Task, cells: list[CellChange], now: Mapping[str, Any]
    ) -> None:
        """Add a changed row; `record` is what it changes, or the words for what it would make."""
        if not cells:
            self._fate(row, "rejected" if id(row) in self.refused else "unchanged")
            return
        changed = {cell.column for cell in cells}
        moved = [
            column
            for column, value in now.items()
            if row.marks is not None
            and column in row.texts
            and column not in changed
            and mark_of(written(value)) != row.marks[column]
        ]
        is_new = isinstance(record, str)
        name = record if is_new else getattr(record, "unit", record)
        found = RowChange(
            form=row.form.id,
            sheet=row.place.sheet or "",
            row=row.place.row or 0,
            record="" if is_new else str(record.pk),
            task=str(task.pk),
            title=str(task) if record is task else f"{task} · {name}",
            cells=cells,
            moved=moved,
        )
        self.out.rows.append(found)
        self._fate(row, "conflict" if found.is_conflict else "new" if is_new else "changed")

    def _check_weights(self) -> None:
        """Refuse rows by which no unit of a task would bear any weight: it could never be finished."""
        rows = [row for row in self.out.rows if row.form == "duties" and row.record]
        touched = {row.task for row in rows if any(cell.new == "0" for cell in row.cells)}
        for key in touched:
            of_task = [row for row in rows if row.task == key]
            weights = {
                str(pk): written(weight)
                for pk, weight in Duty.objects.filter(task_id=key)
                .exclude(state="retired")
                .values_list("pk", "weight")
            }
            weights |= {row.record: cell.new for row in of_task for cell in row.cells}
            if all(weight == "0" for weight in weights.values()):
                self.out.rows = [row for row in self.out.rows if row not in of_task]
                self._no_weight(of_task)

    def _no_weight(self, rows: Sequence[RowChange]) -> None:
        for row in rows:
            what = Text("至少要有一个单位的权重大于 0，否则任务无法完成。")
            remedy = Text("请给牵头或责任单位填写正的权重。")
            where = Where(file=None, sheet=row.sheet or None, row=row.row)
            self.out.problems.append(Problem("no-weight", what, remedy, where, "0"))
            self.out.fates = [
                (sheet, number, "rejected" if (sheet, number) == (row.sheet, row.row) else fate)
                for sheet, number, fate in self.out.fates
            ]


def _copies(rows: Sequence[GivenRow]) -> list[tuple[GivenRow, bool]]:
    """Tell of each row whether it is a copy of another: a row pasted below and edited brings its key along.

    Of several with one key, the one that nobody edited is the record; where all were, the first.
    """
    groups: dict[str, list[GivenRow]] = {}
    for row in rows:
        if row.key:
            groups.setdefault(row.key, []).append(row)
    original = {
        key: min(group, key=lambda row: any(map(row.is_edited, row.texts))) for key, group in groups.items()
    }
    return [(row, bool(row.key) and original[row.key] is not row) for row in rows]


def _sole(plans: Iterable[str]) -> str:
    """Return the plan that all rows are of, or an empty text."""
    found = {plan for plan in plans if plan}
    return found.pop() if len(found) == 1 else ""


def _parts(keys: Sequence[str]) -> Iterator[Sequence[str]]:
    return (keys[start : start + _MANY] for start in range(0, len(keys), _MANY))


def _uuid(text: str) -> bool:
    try:
        UUID(text)
    except ValueError:
        return False
    return True


def names_of(task: Task, role: str) -> tuple[str, ...]:
    """Return the written names of a task's units in a role, as the export joins them."""
    rows = sorted((row for row in task.unit_roles.all() if row.role == role), key=_position)
    return tuple(dict.fromkeys(row.written for row in rows))


def _position(row: TaskUnit) -> tuple[int, str]:
    return row.position, str(row.pk)


def task_cells(task: Task) -> dict[str, Any]:
    """Return the values of a task's editable columns as the export writes them."""
    return {
        "theme": task.theme,
        "content": task.content,
        **{role: "、".join(names_of(task, role)) for role in ("lead", "cooperating", "responsible")},
        "deadline": task.deadline,
        "due": task.due,
        "weight": task.weight,
        "field": field_word(task.field),
    }


def step_cells(step: Milestone) -> dict[str, Any]:
    """Return the values of a milestone's editable columns as the export writes them."""
    unit = step.duty.unit.name if step.duty else ""
    return {"what": step.what, "due": step.due, "weight": step.weight, "unit": unit}


def field_word(key: str) -> str:
    """Return how a field of work is written whatever the language is; nothing for none."""
    labels = steps.field_labels()
    return labels[key].zh if key in labels else ""


def _value(now: Mapping[str, Any], name: str) -> Any:
    """Return what stands as the database holds it, as far as another writing of it may mean the same."""
    return now[name] if name in ("due", "weight") else None


def meaning(task: Task, deadline: str) -> tuple[str, date | None]:
    """Return what a written deadline of a task means: its normal form, and the day where it names one."""
    plan = task.plan
    norm = normalise_deadline(deadline, plan.year) or ""
    day = due_day(norm, plan.period_to.year if plan.period_to else None)
    if day is None and plan.issued and (found := resolve_relative(norm, plan.issued)):
        day = found.day
    return norm, day
