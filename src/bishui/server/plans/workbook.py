"""The ledger as a workbook that can be edited and imported again: tasks, duties, milestones, how to edit."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import Case, QuerySet, Value, When
from django.utils.translation import gettext as _

from bishui.i18n import Bilingual
from bishui.server.core.models import ChainHead
from bishui.server.plans import choosing, steps
from bishui.server.plans.duty_models import ROLES
from bishui.server.plans.models import Duty, Milestone, Task, role_labels
from bishui.server.plans.states import STATES
from bishui.server.plans.workbook_columns import Column, SheetForm, fingerprint, forms, rules, written
from bishui.server.plans.workbook_file import SheetColumn, SheetContent, to_xlsx

#: So many rows are read from the database at once.
_CHUNK = 5000
_AS_THEY_ARE = frozenset({"number", "percent", "date"})
_ROLE_ORDER = Case(*[When(role=role, then=Value(place)) for place, role in enumerate(ROLES)])


def workbook(title: str, tasks: QuerySet[Task], day: date) -> bytes:
    """Return the tasks with their duties and milestones as XLSX; the same ledger gives the same bytes.

    Parameters
    ----------
    title
        What the tasks are of: a plan or a city.
    tasks
        In the order wanted; their kept standings must hold for `day` already.
    day
        The day that the states hold for.

    Notes
    -----
    Where there are more tasks, or duties and milestones, than ``rules/workbook.toml`` allows, the workbook
    holds the sheet of tasks alone, with the units of each role in one cell, and says so.
    """
    found = [_sheet("tasks", title, day, _tasks(tasks))]
    whole = _is_small(tasks)
    if whole:
        found.append(_sheet("duties", title, day, _duties(tasks)))
        found.append(_sheet("milestones", title, day, _milestones(tasks)))
    head = _title(title, day)
    return to_xlsx([*found, _guide(head, whole=whole)], head, day)


def _title(title: str, day: date) -> str:
    return _("%(plan)s（截至 %(day)s）") % {"plan": title, "day": day.isoformat()}


def _is_small(tasks: QuerySet[Task]) -> bool:
    most = rules()["most_rows"]
    if tasks.order_by().count() > rules()["most_tasks"]:
        return False
    chosen = tasks.order_by().values("pk")
    found = (
        Duty.objects.filter(task__in=chosen).exclude(state="retired"),
        Milestone.objects.filter(task__in=chosen),
    )
    return bool(sum(rows.order_by().count() for rows in found) <= most)


def _sheet(name: str, title: str, day: date, rows: Iterable[tuple[str, Sequence[Any]]]) -> SheetContent:
    form = forms()[name]
    return SheetContent(
        name=str(form.name),
        title=_title(title, day),
        columns=[_column(column) for column in form.columns],
        rows=(_cells(form, key, values) for key, values in rows),
        refusal=_("请从列表中选择。"),
    )


def _column(column: Column) -> SheetColumn:
    choices: tuple[str, ...] = ()
    if column.kind == "field":
        choices = tuple(str(label) for label in steps.field_labels().values())
    elif column.kind == "role":
        choices = tuple(role_labels().values())
    look = {"units": "text", "field": "text", "role": "text"}.get(column.kind, column.kind)
    is_open = column.mode == "edit"
    return SheetColumn(
        head=str(column.head),
        width=column.width,
        look=look if is_open else f"{look}-locked",
        look_below="number" if look in ("number", "percent") else look,
        hidden=column.mode == "technical",
        choices=choices,
        is_date=look == "date",
    )


def _cells(form: SheetForm, key: str, values: Sequence[Any]) -> list[Any]:
    """Return the cells of one row: its key, the fingerprint of what follows, and what follows.

    A `Bilingual` is shown in the current language, and compared whatever the language is.
    """
    texts = [written(value) for value in values]
    shown = [
        value if column.kind in _AS_THEY_ARE else str(value) if column.kind == "field" else text
        for column, value, text in zip(form.compared, values, texts, strict=True)
    ]
    return [key, fingerprint(texts), *shown]


def _tasks(tasks: QuerySet[Task]) -> Iterator[tuple[str, Sequence[Any]]]:
    labels = steps.field_labels()
    words = {state: str(choosing.state_word(state)) for state in STATES}
    columns = tasks.values_list(
        "pk", "plan__title", "seq", "position", "heading", "theme", "content", "deadline", "due", "weight",
        "field", "kept_standing__units", "kept_standing__colour", "kept_standing__percent",
        "kept_standing__expected", "kept_standing__waiting",
    )  # fmt: skip
    for (
        pk, plan, seq, position, heading, theme, content, deadline, due, weight,
        field, units, colour, percent, expected, waiting,
    ) in columns.iterator(chunk_size=_CHUNK):  # fmt: skip
        names = units or {}
        yield (
            str(pk),
            (
                plan,
                position if seq is None else seq,
                heading,
                theme,
                content,
                names.get("lead", ""),
                names.get("cooperating", ""),
                names.get("responsible", ""),
                deadline,
                due,
                plain(weight),
                labels.get(field, ""),
                words.get(colour, ""),
                percent,
                expected,
                waiting,
            ),
        )


def plain(weight: Decimal) -> Decimal:
    """Return a weight without zeros at its end."""
    return weight.normalize() if weight else Decimal(0)


def _after_task(tasks: QuerySet[Task]) -> list[str]:
    """Return the order of the tasks as an order of what hangs on them."""
    return [f"task__{name}" for name in tasks.query.order_by]


def _duties(tasks: QuerySet[Task]) -> Iterator[tuple[str, Sequence[Any]]]:
    labels = role_labels()
    words = {state: str(choosing.state_word(state)) for state in STATES}
    found = Duty.objects.filter(task__in=tasks.order_by().values("pk")).exclude(state="retired")
    columns = found.order_by(*_after_task(tasks), _ROLE_ORDER, "pk").values_list(
        "pk", "task__plan__title", "task__seq", "task__position", "task__theme", "unit__name", "role",
        "weight", "kept_standing__colour", "kept_standing__percent",
    )  # fmt: skip
    for pk, plan, seq, position, theme, unit, role, weight, colour, percent in columns.iterator(_CHUNK):
        number = position if seq is None else seq
        yield (
            str(pk),
            (plan, number, theme, unit, labels[role], plain(weight), words.get(colour or "", ""), percent),
        )


def _milestones(tasks: QuerySet[Task]) -> Iterator[tuple[str, Sequence[Any]]]:
    found = Milestone.objects.filter(task__in=tasks.order_by().values("pk"))
    columns = found.order_by(*_after_task(tasks), "position", "pk").values_list(
        "pk", "task__plan__title", "task__seq", "task__position", "task__theme", "what", "due", "weight",
        "duty__unit__name", "target__text", "target__indicator",
    )  # fmt: skip
    for pk, plan, seq, position, theme, what, due, weight, unit, text, indicator in columns.iterator(_CHUNK):
        number = position if seq is None else seq
        yield (
            str(pk),
            (plan, number, theme, what, due, plain(weight), unit or "", text or indicator or ""),
        )


def _guide(title: str, *, whole: bool) -> SheetContent:
    guide = rules()["guide"]
    heads = [
        SheetColumn(head, width, "text", "plain")
        for head, width in zip(guide["heads"], (64, 64, 22), strict=True)
    ]
    kept = ("", "whole" if whole else "tasks")
    lines: list[Sequence[Any]] = [
        (line["zh"], line["en"], "") for line in guide["line"] if line.get("when", "") in kept
    ]
    lines.append((guide["state_zh"], guide["state_en"], f"{rules()['version']}/{last_entry()}"))
    return SheetContent(
        str(Bilingual(guide["name_zh"], guide["name_en"])), title, heads, lines, protected=False
    )


def last_entry() -> int:
    """Return the number of the newest entry of the audit trail: the state of the ledger that is exported."""
    return ChainHead.objects.filter(pk=1).values_list("sequence", flat=True).first() or 0
