"""What a person asked for on a list of tasks, and the rows that answer it, one page at a time."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from django.core.paginator import Page, Paginator
from django.db.models import Case, Exists, OuterRef, Q, QuerySet, When
from django.utils.translation import gettext as _

from bishui.server.core.templatetags.words import STATES as WORDS
from bishui.server.plans import queries, steps
from bishui.server.plans.models import ROLES, Duty, Plan, Task, TaskStanding, TaskUnit, role_labels
from bishui.server.plans.states import FINISHED, STATES

PER_PAGE = 40
_OPEN_NAME = "written:"
Rows = QuerySet[TaskStanding]
#: What is done stands behind what is open.
FINISHED_LAST = Case(When(colour__in=sorted(FINISHED), then=1), default=0)


@dataclass(frozen=True, slots=True)
class Asked:
    """The filters of a list of tasks; an empty text or None asks for nothing."""

    state: str = ""
    plan: str = ""
    field: str = ""
    section: str = ""
    theme: str = ""
    unit: str = ""
    role: str = ""
    after: date | None = None
    before: date | None = None
    text: str = ""

    @classmethod
    def of(cls, given: Mapping[str, str]) -> Asked:
        """Read the filters from a request; what cannot be understood asks for nothing."""
        state, role, field = given.get("state", ""), given.get("role", ""), given.get("field", "")
        return cls(
            state=state if state in STATES or state in ("finished", "waiting") else "",
            plan=given.get("plan", ""),
            field=field if field in steps.field_labels() else "",
            section=given.get("section", ""),
            theme=given.get("theme", ""),
            unit=given.get("unit", ""),
            role=role if role in ROLES else "",
            after=_day(given.get("after", "")),
            before=_day(given.get("before", "")),
            text=given.get("q", "").strip(),
        )

    def narrow(self, rows: Rows) -> Rows:
        """Return the rows of the tasks that answer every filter but the state, which is derived."""
        asked: dict[str, Any] = {
            "field": self.field,
            "task__heading": self.section,
            "task__theme": self.theme,
            "plan": _uuid(self.plan) if self.plan else None,
            "due__gte": self.after,
            "due__lte": self.before,
        }
        rows = rows.filter(**{name: value for name, value in asked.items() if value})
        if self.text:
            rows = rows.filter(
                Q(task__content__icontains=self.text)
                | Q(task__theme__icontains=self.text)
                | Q(task__deadline__icontains=self.text)
            )
        return self._of_units(rows)

    def _of_units(self, rows: Rows) -> Rows:
        """Narrow by unit and role; a row stands for each role in which a unit is named."""
        if not self.unit and not self.role:
            return rows
        named = TaskUnit.objects.filter(**{"role": self.role} if self.role else {})
        if self.unit.startswith(_OPEN_NAME):
            named = named.filter(written=self.unit.removeprefix(_OPEN_NAME), unit__isnull=True)
        elif self.unit:
            named = named.filter(unit_id=_uuid(self.unit))
        return rows.filter(pk__in=named.order_by().values("task_id"))

    def stand(self, rows: Rows) -> Rows:
        """Return the rows of those that stand as it is asked for."""
        if self.state == "finished":
            return rows.filter(colour__in=sorted(FINISHED))
        if self.state == "waiting":
            return rows.filter(waiting__gt=0)
        return rows.filter(colour=self.state) if self.state else rows


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _uuid(text: str) -> UUID:
    """Return the identifier that `text` writes; one that nothing has where it writes none."""
    try:
        return UUID(text)
    except ValueError:
        return UUID(int=0)


def filters(asked: Asked, tasks: QuerySet[Task], *, plan: Plan | None = None) -> list[dict[str, Any]]:
    """Return the filter bar of a list over `tasks` (before any filter), of one plan or of all."""
    units = _units(asked, tasks, plan)
    labels = steps.field_labels()
    found = [
        _select("state", _("状态"), [(state, str(state_word(state))) for state in STATES], asked.state),
        _select("unit", _("单位"), units, asked.unit),
        _select("role", _("角色"), list(role_labels().items()), asked.role),
        _select("field", _("领域"), [(key, str(label)) for key, label in labels.items()], asked.field),
    ]
    if plan is None:
        plans = Plan.objects.filter(Exists(tasks.order_by().filter(plan=OuterRef("pk"))))
        found.append(
            _select(
                "plan",
                _("计划"),
                [(str(pk), title) for pk, title in plans.values_list("pk", "title")],
                asked.plan,
            )
        )
    else:
        for name, column, label in (("section", "heading", _("章节")), ("theme", "theme", _("主要任务"))):
            values = list(dict.fromkeys(tasks.order_by("position").values_list(column, flat=True)))
            found.append(
                _select(name, label, [(text, text) for text in values if text], getattr(asked, name))
            )
    found += [
        _date("after", _("期限不早于"), asked.after),
        _date("before", _("期限不晚于"), asked.before),
        {
            "name": "q",
            "label": _("文字"),
            "kind": "search",
            "value": asked.text,
            "placeholder": _("任务内容"),
        },
    ]
    return found


def _units(asked: Asked, tasks: QuerySet[Task], plan: Plan | None) -> list[tuple[str, str]]:
    model: Any = Duty._meta.get_field("unit").related_model
    chosen = tasks.order_by().values("pk")
    duties = Duty.objects.filter(unit=OuterRef("pk"))
    duties = duties.filter(task__plan=plan) if plan else duties
    units = model.objects.filter(Exists(duties.filter(task__in=chosen) if plan else duties)).order_by("name")
    options = [(str(pk), name) for pk, name in units.values_list("pk", "name")]
    if plan is not None:
        unknown = TaskUnit.objects.filter(task__plan=plan, task__in=chosen, unit__isnull=True).order_by()
        names = sorted(set(unknown.values_list("written", flat=True)))
        options += [(_OPEN_NAME + name, _("%(name)s（未识别）") % {"name": name}) for name in names]
    return options


def _date(name: str, label: str, value: date | None) -> dict[str, Any]:
    return {"name": name, "label": label, "kind": "date", "value": value.isoformat() if value else ""}


def _select(name: str, label: str, options: list[tuple[str, str]], value: str) -> dict[str, Any]:
    return {
        "name": name,
        "label": label,
        "kind": "select",
        "options": [
            {"value": key, "label": word, "selected": key == value}
            for key, word in [("", _("全部")), *options]
        ],
    }


def state_word(state: str) -> Any:
    """Return the word of a task's state in the current language."""
    return WORDS[state].label


def tone_of(state: str) -> str:
    """Return the look of a task's state."""
    return WORDS[state].tone


def answering(rows: Rows, asked: Asked) -> QuerySet[Task]:
    """Return the tasks of those kept rows that answer `asked`."""
    found: QuerySet[Task] = Task.objects.all()
    return found.filter(pk__in=asked.stand(asked.narrow(rows)).order_by().values("pk"))


def page(
    rows: Rows,
    asked: Asked,
    number: str | None,
    order: tuple[Any, ...] = ("plan", "position"),
) -> tuple[Page[Any], dict[str, int]]:
    """Return one page of the tasks of those kept rows that answer `asked`, and the counts of all states.

    The counts are those of the other filters' answer, so that each state can be chosen from them. Only
    identifiers are sorted; what the page shows is read for the tasks on it alone.
    """
    narrowed = asked.narrow(rows)
    found = asked.stand(narrowed)
    counts = queries.counts_of(narrowed)
    pages: Paginator[Any] = Paginator(found.order_by(*order).values_list("pk", flat=True), PER_PAGE)
    # What the counts know already is not counted again.
    pages.count = _count(asked, counts) if asked.state != "waiting" else found.order_by().count()
    shown = pages.get_page(number)
    keys = list(shown.object_list)
    # Every task that has a row stands: to leave the retired out again would only mislead the planner.
    held = Task.every.select_related("plan", "kept_standing").order_by().in_bulk(keys)
    shown.object_list = [held[key] for key in keys]
    return shown, counts


def _count(asked: Asked, counts: Mapping[str, int]) -> int:
    wanted = FINISHED if asked.state == "finished" else {asked.state} if asked.state else counts.keys()
    return sum(counts[state] for state in wanted)


def row_of(task: Task) -> dict[str, Any]:
    """Return a task with its kept standing and its written units, as the lists show it."""
    standing = queries.standing_of(task)
    units: Mapping[str, str] = task.kept_standing.units
    return {
        "task": task,
        "standing": standing,
        "word": state_word(standing.state),
        "tone": tone_of(standing.state),
        "units": [
            {"label": label, "names": units[role]} for role, label in role_labels().items() if units.get(role)
        ],
        "unknown": units.get("unknown", ""),
    }


def state_tabs(counts: Mapping[str, int], asked: Asked, kept: str) -> list[dict[str, Any]]:
    """Return the states as links with their counts; `kept` are the other parameters of the address."""
    return [
        {
            "state": state,
            "word": state_word(state),
            "tone": tone_of(state),
            "count": count,
            "url": f"?{kept}{'&' if kept else ''}state={state}",
            "active": asked.state == state,
        }
        for state, count in counts.items()
    ]
