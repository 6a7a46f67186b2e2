"""The ledger of plans: every record knows the line of the document it came from."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.db import models
from django.utils.translation import gettext

from bishui.server.core.records import OwnedRecord
from bishui.server.plans.duty_models import (
    Duty,
    DutyStanding,
    Milestone,
    Progress,
    ProgressFigure,
    ProgressFile,
    ProgressLink,
    ProgressMilestone,
    ReportDue,
    TaskStanding,
    outlook_labels,
)
from bishui.server.plans.review_models import DraftCorrection, PlanAmendment, PlanPart

__all__ = [
    "ROLES",
    "DraftCorrection",
    "Duty",
    "DutyStanding",
    "Milestone",
    "Plan",
    "PlanAmendment",
    "PlanDocument",
    "PlanPart",
    "Progress",
    "ProgressFigure",
    "ProgressFile",
    "ProgressLink",
    "ProgressMilestone",
    "ReportDeadline",
    "ReportDue",
    "SectionTarget",
    "SourceTarget",
    "Target",
    "Task",
    "TaskStanding",
    "TaskUnit",
    "outlook_labels",
    "plan_kind_label",
    "role_labels",
]

ROLES = ("lead", "cooperating", "responsible")


class Plan(OwnedRecord):
    """A plan document (计划、方案) that counts while `active`.

    A plan comes from an import (`import_session`) or, for published facts of a real city, from a publisher
    (`published_by`); `source` is the kept file where there is one, `file_name` its name.
    """

    unit_lookup = "tasks__unit_roles__unit_id"

    title = models.CharField(max_length=300)
    kind = models.CharField(max_length=40)
    year = models.PositiveSmallIntegerField(null=True, blank=True, db_index=True)
    period_from = models.DateField(null=True, blank=True)
    period_to = models.DateField(null=True, blank=True)
    issuer = models.CharField(max_length=120, blank=True)
    issued = models.DateField(null=True, blank=True)
    document_number = models.CharField(max_length=80, blank=True)
    region = models.CharField(max_length=120, blank=True)
    active = models.BooleanField(default=True, db_index=True)
    import_session = models.ForeignKey(
        "core.ImportSession", null=True, on_delete=models.PROTECT, related_name="plans"
    )
    reader_version = models.CharField(max_length=40, blank=True)
    source = models.ForeignKey("core.StoredFile", null=True, on_delete=models.PROTECT, related_name="+")
    file_name = models.CharField(max_length=255, blank=True)
    published_by = models.CharField(max_length=300, blank=True)

    class Meta:
        ordering = ["-period_from", "title"]

    def __str__(self) -> str:
        return self.title

    def responsible_units(self) -> frozenset[str]:
        """Return the units that any task of the plan names."""
        found = TaskUnit.objects.filter(task__plan_id=self.pk, unit__isnull=False)
        return frozenset(str(unit) for unit in found.values_list("unit_id", flat=True))


class PlanDocument(OwnedRecord):
    """The document behind a plan, line by line, with what became of each line.

    Attributes
    ----------
    lines
        The source lines in order, as text.
    became
        For each line the list of what became of it (``task 12``, ``heading``, ``not understood``, …).
    tables, milestones, findings, projects
        The annex tables, dated steps, doubts of the reader and key projects, in the shape of the plan's JSON.
    indicators
        The rows of all indicator tables; see `staging.stage`.
    """

    unlogged_fields = frozenset(
        {"lines", "became", "tables", "milestones", "findings", "indicators", "projects"}
    )

    plan = models.OneToOneField(Plan, on_delete=models.CASCADE, related_name="document")
    lines = models.JSONField(default=list)
    became = models.JSONField(default=list)
    tables = models.JSONField(default=list)
    milestones = models.JSONField(default=list)
    findings = models.JSONField(default=list)
    indicators = models.JSONField(default=list)
    projects = models.JSONField(default=list)

    def __str__(self) -> str:
        return str(self.plan)


class Task(PlanPart):
    """One task (任务) of a plan; its state on a day is derived, see `bishui.server.plans.states`.

    `due` is the day the deadline means, None where it cannot be told (a relative one): then the written
    `deadline` is shown as it is.
    """

    unit_lookup = "unit_roles__unit_id"

    plan = models.ForeignKey(Plan, on_delete=models.CASCADE, related_name="tasks")
    position = models.PositiveIntegerField()
    seq = models.PositiveIntegerField(null=True)
    section = models.JSONField(default=list)
    #: The section as one text, and the field of work (领域) it lies in (`rules/fields.toml`).
    heading = models.CharField(max_length=300, blank=True)
    field = models.CharField(max_length=20, blank=True, db_index=True)
    theme = models.CharField(max_length=300, blank=True)
    content = models.TextField()
    #: Its share among the plan's tasks.
    weight = models.DecimalField(max_digits=9, decimal_places=4, default=Decimal(1))
    deadline = models.CharField(max_length=200, blank=True)
    deadline_norm = models.CharField(max_length=60, blank=True)
    due = models.DateField(null=True, blank=True, db_index=True)
    line_from = models.PositiveIntegerField(null=True)
    line_to = models.PositiveIntegerField(null=True)

    class Meta:
        ordering = ["plan", "position"]
        constraints = [
            models.UniqueConstraint(
                fields=["plan", "position"],
                condition=models.Q(retired__isnull=True),
                name="one_task_per_position",
            ),
            models.CheckConstraint(condition=models.Q(weight__gte=0), name="task_weight_not_negative"),
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.theme or self.content[:20]}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Save; what the lists narrow and sort by follows."""
        super().save(*args, **kwargs)
        TaskStanding.objects.filter(pk=self.pk).update(due=self.due, position=self.position, field=self.field)

    @property
    def number(self) -> int:
        """The number in the document, or the position where the document gives none."""
        return self.seq if self.seq is not None else self.position

    def responsible_units(self) -> frozenset[str]:
        """Return the units that the task names in any role."""
        return frozenset(str(role.unit_id) for role in self.unit_roles.all() if role.unit_id)


class TaskUnit(OwnedRecord):
    """A unit of a task (牵头、配合、责任单位) by one written name.

    A collective name (各县（区）人民政府) gives one row for each unit it stands for, all with the same
    `written` and `position`; a name that could not be resolved gives one row without a unit.
    """

    task = models.ForeignKey(Task, on_delete=models.CASCADE, related_name="unit_roles")
    role = models.CharField(max_length=12)
    position = models.PositiveSmallIntegerField()
    written = models.CharField(max_length=200)
    unit = models.ForeignKey(
        "accounts.Unit", null=True, blank=True, on_delete=models.PROTECT, related_name="task_roles"
    )
    etc = models.BooleanField(default=False)
    by_duty = models.BooleanField(default=False)

    class Meta:
        ordering = ["task", "role", "position", "id"]
        indexes = [models.Index(fields=["unit", "role", "task"], name="task_unit_named")]

    def __str__(self) -> str:
        return self.written


class Target(PlanPart):
    """A target (目标) stated in a sentence, or published with a plan; `scope` says what it speaks of."""

    plan = models.ForeignKey(Plan, on_delete=models.CASCADE, related_name="targets")
    task = models.ForeignKey(Task, null=True, on_delete=models.CASCADE, related_name="targets")
    position = models.PositiveIntegerField()
    indicator = models.CharField(max_length=200)
    text = models.CharField(max_length=300, blank=True)
    op = models.CharField(max_length=12)
    value = models.DecimalField(max_digits=28, decimal_places=10, null=True)
    #: The value as written: a number with its digits, or the wording of a qualitative target.
    value_text = models.CharField(max_length=200, blank=True)
    unit = models.CharField(max_length=40, blank=True)
    deadline = models.CharField(max_length=60, blank=True)
    qualitative = models.BooleanField(default=False)
    scope = models.CharField(max_length=200, blank=True)
    line = models.PositiveIntegerField(null=True)

    class Meta:
        ordering = ["plan", "position"]

    def __str__(self) -> str:
        return self.text or self.indicator


class SectionTarget(PlanPart):
    """The class (水质类别) that a section (断面) must reach in the period.

    `site` is the identifier of the monitoring site once it is known; coordinates stay texts, with the
    digits that the document gives.
    """

    plan = models.ForeignKey(Plan, on_delete=models.CASCADE, related_name="section_targets")
    position = models.PositiveIntegerField()
    section = models.CharField(max_length=120)
    site = models.CharField(max_length=36, blank=True, db_index=True)
    target_class = models.PositiveSmallIntegerField(null=True)
    class_text = models.CharField(max_length=60, blank=True)
    water = models.CharField(max_length=120, blank=True)
    basin = models.CharField(max_length=120, blank=True)
    level = models.CharField(max_length=40, blank=True)
    county = models.CharField(max_length=120, blank=True)
    city = models.CharField(max_length=120, blank=True)
    assessed = models.CharField(max_length=120, blank=True)
    lon = models.CharField(max_length=30, blank=True)
    lat = models.CharField(max_length=30, blank=True)
    period_from = models.DateField(null=True)
    period_to = models.DateField(null=True)
    line = models.PositiveIntegerField(null=True)

    class Meta:
        ordering = ["plan", "position"]

    def __str__(self) -> str:
        return self.section


class SourceTarget(PlanPart):
    """The target of a drinking-water source (饮用水水源地), as written."""

    plan = models.ForeignKey(Plan, on_delete=models.CASCADE, related_name="source_targets")
    position = models.PositiveIntegerField()
    source = models.CharField(max_length=120)
    site = models.CharField(max_length=36, blank=True, db_index=True)
    level = models.CharField(max_length=40, blank=True)
    county = models.CharField(max_length=120, blank=True)
    status = models.CharField(max_length=60, blank=True)
    type = models.CharField(max_length=60, blank=True)
    lon = models.CharField(max_length=30, blank=True)
    lat = models.CharField(max_length=30, blank=True)
    target = models.CharField(max_length=120, blank=True)
    line = models.PositiveIntegerField(null=True)

    class Meta:
        ordering = ["plan", "position"]

    def __str__(self) -> str:
        return self.source


class ReportDeadline(PlanPart):
    """A report (报送) that is due: what, when, to whom; `due_day` is None where `due` names no single day."""

    plan = models.ForeignKey(Plan, on_delete=models.CASCADE, related_name="report_deadlines")
    position = models.PositiveIntegerField()
    what = models.CharField(max_length=200)
    due = models.CharField(max_length=60)
    due_day = models.DateField(null=True)
    to = models.CharField(max_length=120, blank=True)
    line = models.PositiveIntegerField(null=True)

    class Meta:
        ordering = ["plan", "position"]

    def __str__(self) -> str:
        return self.what


def role_labels() -> dict[str, str]:
    """Return the names of the roles in the current language."""
    return {"lead": gettext("牵头"), "cooperating": gettext("配合"), "responsible": gettext("责任")}


def plan_kind_label(kind: str) -> Any:
    """Return the name of a kind of plan in the current language."""
    return {
        "annual_plan": gettext("年度工作计划"),
        "five_year_plan": gettext("五年规划"),
        "outfall_programme": gettext("入河排污口整治方案"),
        "published_targets": gettext("公开目标"),
    }.get(kind, gettext("计划文件"))
