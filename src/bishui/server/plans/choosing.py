"""What a person asked for on a list of tasks, and the rows that answer it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from bishui.server.core.templatetags.words import STATES as WORDS
from bishui.server.plans import queries
from bishui.server.plans.models import ROLES, Task, TaskUnit, role_labels
from bishui.server.plans.states import STATES, Standing


@dataclass(frozen=True, slots=True)
class Asked:
    """The filters of a list of tasks; an empty text or None asks for nothing."""

    state: str = ""
    theme: str = ""
    unit: str = ""
    role: str = ""
    before: date | None = None
    text: str = ""

    @classmethod
    def of(cls, given: Mapping[str, str]) -> Asked:
        """Read the filters from a request; what cannot be understood asks for nothing."""
        state, role = given.get("state", ""), given.get("role", "")
        return cls(
            state=state if state in STATES or state == "finished" else "",
            theme=given.get("theme", ""),
            unit=given.get("unit", ""),
            role=role if role in ROLES else "",
            before=_day(given.get("before", "")),
            text=given.get("q", "").strip(),
        )

    def narrow(self, tasks: QuerySet[Task]) -> QuerySet[Task]:
        """Return the tasks that answer every filter but the state, which is derived."""
        if self.theme:
            tasks = tasks.filter(theme=self.theme)
        if self.before:
            tasks = tasks.filter(due__lte=self.before)
        if self.text:
            tasks = tasks.filter(
                Q(content__icontains=self.text)
                | Q(theme__icontains=self.text)
                | Q(deadline__icontains=self.text)
            )
        if self.unit or self.role:
            roles = TaskUnit.objects.filter(**{"role": self.role} if self.role else {})
            if self.unit:
                roles = roles.filter(_unit(self.unit))
            tasks = tasks.filter(pk__in=roles.values("task_id"))
        return tasks

    def allows(self, standing: Standing) -> bool:
        """Tell whether a derived state is asked for."""
        if self.state == "finished":
            return standing.state in ("done", "late_done")
        return not self.state or standing.state == self.state


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _unit(text: str) -> Q:
    """Return the filter for a unit's identifier, or for a written name that is not resolved."""
    if text.startswith("written:"):
        return Q(written=text.removeprefix("written:"), unit__isnull=True)
    try:
        return Q(unit_id=TaskUnit._meta.get_field("unit").target_field.to_python(text))
    except Exception:  # the field says ValidationError for what is no identifier
        return Q(pk__in=[])


def filters(asked: Asked, tasks: QuerySet[Task]) -> list[dict[str, Any]]:
    """Return the filter bar of a list over `tasks` (before any filter)."""
    themes = list(dict.fromkeys(tasks.order_by("position").values_list("theme", flat=True)))
    named = TaskUnit.objects.filter(task__in=tasks.order_by().values("pk")).order_by()
    units = sorted(
        named.filter(unit__isnull=False).values_list("unit_id", "unit__name").distinct(),
        key=lambda row: row[1],
    )
    open_names = sorted(set(named.filter(unit__isnull=True).values_list("written", flat=True)))
    unit_options = [(str(pk), name) for pk, name in units]
    unit_options += [(f"written:{name}", _("%(name)s（未识别）") % {"name": name}) for name in open_names]
    return [
        _select("state", _("状态"), [(state, str(state_word(state))) for state in STATES], asked.state),
        _select("unit", _("单位"), unit_options, asked.unit),
        _select("role", _("角色"), list(role_labels().items()), asked.role),
        _select("theme", _("主要任务"), [(theme, theme) for theme in themes if theme], asked.theme),
        {
            "name": "before",
            "label": _("期限不晚于"),
            "kind": "date",
            "value": asked.before.isoformat() if asked.before else "",
        },
        {
            "name": "q",
            "label": _("文字"),
            "kind": "search",
            "value": asked.text,
            "placeholder": _("任务内容"),
        },
    ]


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
    return WORDS[state].label if state in WORDS else {"late_done": _("逾期完成")}[state]


def rows(tasks: QuerySet[Task], asked: Asked, day: date) -> tuple[list[dict[str, Any]], dict[str, int]]:
    """Return the rows that answer `asked`, in the order of the document, and the counts of all states.

    The counts are those of the other filters' answer, so that each state can be chosen from them.
    """
    chosen = asked.narrow(tasks)
    found = queries.standings(chosen, day)
    wanted = [pk for pk, standing in found.items() if asked.allows(standing)]
    records = (
        Task.objects.filter(pk__in=wanted)
        .select_related("plan")
        .prefetch_related("unit_roles__unit")
        .order_by("plan", "position")
    )
    return [row_of(task, found[task.pk]) for task in records], queries.count_states(found.values())


def row_of(task: Task, standing: Standing) -> dict[str, Any]:
    """Return a task with its state and its written units, as the lists show it."""
    written: dict[str, dict[str, bool]] = {}
    for role in task.unit_roles.all():
        written.setdefault(role.role, {})[role.written] = role.unit_id is not None
    return {
        "task": task,
        "standing": standing,
        "word": state_word(standing.state),
        "tone": tone_of(standing.state),
        "units": [
            {
                "label": label,
                "names": [{"name": name, "known": known} for name, known in written[role].items()],
            }
            for role, label in role_labels().items()
            if role in written
        ],
    }


def tone_of(state: str) -> str:
    """Return the look of a task's state."""
    return WORDS[state].tone if state in WORDS else "warn"
