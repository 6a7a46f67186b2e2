"""One field's standing ledger: its tasks and key projects as they stand, and what is missing from it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from bishui.i18n import Bilingual
from bishui.server.accounts.models import Unit
from bishui.server.ledgers.models import Project
from bishui.server.plans import obligations, steps
from bishui.server.plans.obligations import FieldNumbers, FieldTask
from bishui.server.plans.states import FINISHED


@dataclass(frozen=True, slots=True)
class Gap:
    """Something that a complete ledger would hold and this one does not."""

    what: str
    text: str
    url_name: str
    pk: Any


@dataclass(frozen=True, slots=True)
class Ledger:
    """The standing ledger (重点工作台账) of one field on a day; funds in 10,000 yuan."""

    id: str
    label: Bilingual
    tasks: Sequence[FieldTask]
    projects: Sequence[Project]
    day: date

    @property
    def finished(self) -> int:
        """How many tasks are accepted."""
        return sum(item.standing.state in FINISHED for item in self.tasks)

    @property
    def late(self) -> int:
        """How many tasks and projects are past their day."""
        return sum(item.standing.state == "overdue" for item in self.tasks) + sum(
            project.is_late(self.day) for project in self.projects
        )

    @property
    def percent(self) -> int | None:
        """The progress of the tasks by their weights; None where there are none."""
        whole = sum((item.task.weight for item in self.tasks), Decimal(0))
        if not whole:
            return None
        reached = sum((item.task.weight * item.standing.percent for item in self.tasks), Decimal(0))
        return int(reached / whole)

    @property
    def funds(self) -> Decimal:
        """The total funds of the projects that state theirs."""
        return _funds(self.projects)

    def gaps(self) -> list[Gap]:
        """Return what is missing: evidence of finished tasks, funds and stages of projects."""
        return [*_task_gaps(self.tasks), *_project_gaps(self.projects)]


def _task_gaps(tasks: Iterable[FieldTask]) -> Iterable[Gap]:
    for item in tasks:
        name = str(item.task)
        if not any(item.units.values()):
            yield Gap(_("无责任单位"), name, "plans:task", item.task.pk)
        if item.task.due is None:
            yield Gap(_("无完成时限"), name, "plans:task", item.task.pk)
        if item.standing.state in FINISHED and not item.evidence:
            yield Gap(_("已验收而无佐证文件"), name, "plans:task", item.task.pk)


def _project_gaps(projects: Iterable[Project]) -> Iterable[Gap]:
    for project in projects:
        missing = [
            (project.funds is None, _("无总投资")),
            (project.funds_placed is None, _("无到位资金")),
            (not project.unit, _("无责任单位")),
            (project.end is None, _("无计划完成时间")),
            (project.stage in ("done", "accepted") and not project.evidence, _("已完工而无佐证")),
        ]
        yield from (
            Gap(what, project.name, "ledgers:project", project.pk) for absent, what in missing if absent
        )


@dataclass(frozen=True, slots=True)
class Overview:
    """One field's ledger in numbers, as `Ledger` would count them."""

    id: str
    label: Bilingual
    tasks: FieldNumbers
    projects: Sequence[Project]
    day: date

    @property
    def late(self) -> int:
        """How many tasks and projects are past their day."""
        return self.tasks.overdue + sum(project.is_late(self.day) for project in self.projects)

    @property
    def funds(self) -> Decimal:
        """The total funds of the projects that state theirs."""
        return _funds(self.projects)

    @property
    def gaps(self) -> int:
        """How much is missing of tasks and projects."""
        return self.tasks.gaps + sum(1 for _gap in _project_gaps(self.projects))


def _funds(projects: Iterable[Project]) -> Decimal:
    return sum((project.funds for project in projects if project.funds is not None), Decimal(0))


def overviews(division: str, day: date) -> list[Overview]:
    """Return the numbers of all fields of a city, those without any entry too, in the plans' order."""
    numbers = obligations.field_numbers(division, day)
    projects = list(Project.objects.filter(division__startswith=division).order_by("code"))
    return [
        Overview(
            key,
            label,
            numbers.get(key, FieldNumbers()),
            [project for project in projects if project.field == key],
            day,
        )
        for key, label in steps.field_labels().items()
    ]


def project_names(division: str) -> dict[str, str]:
    """Return the name of each project of a division's subtree by identifier."""
    found = Project.objects.filter(division__startswith=division)
    return {str(pk): name for pk, name in found.values_list("pk", "name")}


def ledgers(division: str, day: date) -> list[Ledger]:
    """Return the ledgers of all fields of a city, those without any entry too, in the plans' order."""
    tasks = obligations.field_tasks(division, day)
    projects = list(Project.objects.filter(division__startswith=division).order_by("code"))
    return [
        Ledger(
            key,
            label,
            [item for item in tasks if (item.task.field or "other") == key],
            [project for project in projects if project.field == key],
            day,
        )
        for key, label in steps.field_labels().items()
    ]


def ledger(division: str, day: date, field: str) -> Ledger:
    """Return the ledger of one field.

    Raises
    ------
    KeyError
        If there is no such field.
    """
    label = steps.field_labels()[field]
    projects = Project.objects.filter(division__startswith=division, field=field).order_by("code")
    return Ledger(field, label, obligations.field_tasks(division, day, field), list(projects), day)


def unit_names(codes: Iterable[str]) -> dict[str, str]:
    """Return the names of units by code."""
    return dict(Unit.objects.filter(code__in=set(codes)).values_list("code", "name"))
