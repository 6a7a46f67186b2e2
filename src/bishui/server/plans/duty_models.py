"""Whose duty a task is, what has to be shown by when, what was handed in, and which reports are due."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from django.db import models
from django.utils.translation import gettext

from bishui.server.core import workflow
from bishui.server.core.records import OwnedRecord

#: The roles in the order in which one of them decides what a unit owes that is named in several.
ROLES = ("lead", "responsible", "cooperating")


class Duty(OwnedRecord):
    """The sub-task (责任分工) of one unit in one task, from its issue to its acceptance.

    A unit that the task names in several roles has one duty, in the strongest role. `weight` is the
    duty's share among the task's duties; one that a person has set (`weight_edited`) is no longer renewed
    by rule.
    """

    workflow_name = "task_duty"
    unit_lookup = "unit_id"

    state = models.CharField(max_length=20, default="issued", db_index=True)
    task = models.ForeignKey("plans.Task", on_delete=models.CASCADE, related_name="duties")
    unit = models.ForeignKey("accounts.Unit", on_delete=models.PROTECT, related_name="duties")
    role = models.CharField(max_length=12)
    weight = models.DecimalField(max_digits=9, decimal_places=4)
    weight_edited = models.BooleanField(default=False)

    class Meta:
        ordering = ["task", "role", "id"]
        constraints = [
            models.UniqueConstraint(fields=["task", "unit"], name="one_duty_per_unit"),
            models.CheckConstraint(condition=models.Q(weight__gte=0), name="duty_weight_not_negative"),
        ]
        indexes = [
            models.Index(fields=["unit", "state"], name="duty_unit_state"),
            models.Index(fields=["unit", "task"], name="duty_unit_task"),
        ]

    def __str__(self) -> str:
        return f"{self.unit} · {self.task}"

    @property
    def weight_text(self) -> str:
        """The weight without zeros at its end."""
        return f"{self.weight.normalize():f}"

    @property
    def step(self) -> workflow.State:
        """The present state as the workflow file describes it."""
        return workflow.of(self).states[self.state]

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Save; what the lists sort by follows."""
        super().save(*args, **kwargs)
        DutyStanding.objects.filter(pk=self.pk).update(state=self.state, weight=self.weight)

    def responsible_units(self) -> frozenset[str]:
        """Return the unit whose duty it is."""
        return frozenset({str(self.unit_id)})

    def meets(self, condition: str, actor: Any) -> bool:
        """Tell whether ``all_reached`` holds: accepted evidence covers every milestone of the duty."""
        if condition != "all_reached":
            return super().meets(condition, actor)
        from bishui.server.plans.progress_reports import is_complete

        return is_complete(self)


class Milestone(OwnedRecord):
    """A step (节点) of a task, or of one unit's duty: what must be shown by when, with its weight.

    A milestone with a `target` is measured: accepted figures count as the part of the target's value that
    they reach. One that a person has changed (`edited`) is no longer renewed by rule.
    """

    unit_lookup = "task__unit_roles__unit_id"

    task = models.ForeignKey("plans.Task", on_delete=models.CASCADE, related_name="milestones")
    duty = models.ForeignKey(Duty, null=True, blank=True, on_delete=models.CASCADE, related_name="milestones")
    position = models.PositiveSmallIntegerField()
    due = models.DateField(null=True, blank=True)
    weight = models.DecimalField(max_digits=9, decimal_places=4, default=Decimal(1))
    what = models.CharField(max_length=300)
    target = models.ForeignKey(
        "plans.Target", null=True, blank=True, on_delete=models.SET_NULL, related_name="milestones"
    )
    edited = models.BooleanField(default=False)

    class Meta:
        ordering = ["task", "position", "id"]
        constraints = [
            models.CheckConstraint(condition=models.Q(weight__gt=0), name="milestone_weight_positive")
        ]
        indexes = [models.Index(fields=["due", "task", "position"], name="milestone_due")]

    def __str__(self) -> str:
        return self.what

    @property
    def weight_text(self) -> str:
        """The weight without zeros at its end."""
        return f"{self.weight.normalize():f}"


class Progress(OwnedRecord):
    """One progress report (进展填报) of a unit on a task, with its evidence; it counts once it is accepted.

    Reports are added, never rewritten: what was returned is handed in anew (`replaces`). `number` counts
    the unit's reports on the task: two people who write the next one at once cannot both. `at` is the time
    that it speaks of. A lead unit's report may speak for all responsible units (`for_all`, 汇总填报).
    """

    workflow_name = "progress_report"
    unit_lookup = "unit_id"

    state = models.CharField(max_length=12, default="draft", db_index=True)
    task = models.ForeignKey("plans.Task", on_delete=models.CASCADE, related_name="progress")
    unit = models.ForeignKey("accounts.Unit", on_delete=models.PROTECT, related_name="progress_reports")
    number = models.PositiveIntegerField()
    at = models.DateTimeField()
    text = models.TextField()
    outlook = models.CharField(max_length=12, default="normal")
    for_all = models.BooleanField(default=False)
    #: What an earlier edition kept of it that no longer counts, such as a typed percentage.
    note = models.CharField(max_length=200, blank=True)
    replaces = models.ForeignKey("self", null=True, on_delete=models.PROTECT, related_name="replaced_by")
    reviewed_on = models.DateField(null=True)
    by = models.CharField(max_length=150)

    class Meta:
        ordering = ["at", "id"]
        constraints = [
            models.UniqueConstraint(fields=["task", "unit", "number"], name="one_report_per_number"),
        ]

    def __str__(self) -> str:
        return f"{self.unit} · {self.task} · {self.number}"

    @property
    def day(self) -> date:
        """The day it speaks of."""
        return self.at.date()

    @property
    def step(self) -> workflow.State:
        """The present state as the workflow file describes it."""
        return workflow.of(self).states[self.state]

    def responsible_units(self) -> frozenset[str]:
        """Return the unit that reports."""
        return frozenset({str(self.unit_id)})

    def meets(self, condition: str, actor: Any) -> bool:
        """Tell whether ``of_the_unit`` holds: who acts belongs to the unit or acts for it."""
        if condition != "of_the_unit":
            return super().meets(condition, actor)
        grants = actor.grants() if hasattr(actor, "grants") else ()
        held = {getattr(actor, "unit_id", None), *(grant.unit for grant in grants)}
        return str(self.unit_id) in {str(unit) for unit in held}


class ProgressMilestone(OwnedRecord):
    """A milestone that a report says is reached."""

    report = models.ForeignKey(Progress, on_delete=models.CASCADE, related_name="milestones")
    milestone = models.ForeignKey(Milestone, on_delete=models.PROTECT, related_name="reports")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["report", "milestone"], name="milestone_once_in_a_report")
        ]

    def __str__(self) -> str:
        return str(self.milestone)


class ProgressFile(OwnedRecord):
    """A file of evidence (佐证材料) handed in with a report."""

    report = models.ForeignKey(Progress, on_delete=models.CASCADE, related_name="files")
    file = models.ForeignKey("core.StoredFile", on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["file__at", "id"]

    def __str__(self) -> str:
        return str(self.file)


class ProgressFigure(OwnedRecord):
    """A figure that a report states, with the digits as written; tied to a target where it measures one."""

    report = models.ForeignKey(Progress, on_delete=models.CASCADE, related_name="figures")
    target = models.ForeignKey("plans.Target", null=True, on_delete=models.SET_NULL, related_name="figures")
    indicator = models.CharField(max_length=200)
    value = models.DecimalField(max_digits=28, decimal_places=10)
    value_text = models.CharField(max_length=60)
    unit = models.CharField(max_length=40, blank=True)

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return f"{self.indicator} {self.value_text}{self.unit}"


class ProgressLink(OwnedRecord):
    """A section, an outfall or a project that a report points to; `label` is its name on that day."""

    report = models.ForeignKey(Progress, on_delete=models.CASCADE, related_name="links")
    kind = models.CharField(max_length=20)
    object_id = models.CharField(max_length=60)
    label = models.CharField(max_length=200)

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return self.label


class ReportDue(OwnedRecord):
    """A report (报送) that one unit owes on one day: half-year and annual summaries and the like.

    `due` is None where the day cannot be told; then `written` is shown. A report that was not handed in
    becomes missing (缺报) on the day after, which is an event of its own and stays in the record.
    """

    workflow_name = "report_due"
    unit_lookup = "unit_id"

    state = models.CharField(max_length=12, default="due", db_index=True)
    plan = models.ForeignKey("plans.Plan", on_delete=models.CASCADE, related_name="reports_due")
    deadline = models.ForeignKey(
        "plans.ReportDeadline", null=True, on_delete=models.SET_NULL, related_name="reports_due"
    )
    task = models.ForeignKey(
        "plans.Task", null=True, blank=True, on_delete=models.SET_NULL, related_name="reports_due"
    )
    unit = models.ForeignKey("accounts.Unit", on_delete=models.PROTECT, related_name="reports_due")
    what = models.CharField(max_length=200)
    written = models.CharField(max_length=60, blank=True)
    to = models.CharField(max_length=120, blank=True)
    due = models.DateField(null=True, blank=True)
    missed_on = models.DateField(null=True)
    handed_in_on = models.DateField(null=True)
    file = models.ForeignKey("core.StoredFile", null=True, on_delete=models.PROTECT, related_name="+")
    text = models.TextField(blank=True)
    by = models.CharField(max_length=150, blank=True)

    class Meta:
        ordering = ["due", "what", "id"]
        constraints = [
            models.UniqueConstraint(fields=["plan", "unit", "what", "due"], name="one_report_due_per_day")
        ]
        indexes = [models.Index(fields=["division", "due"], name="report_due_day")]

    def __str__(self) -> str:
        return f"{self.what} · {self.unit}"

    @property
    def step(self) -> workflow.State:
        """The present state as the workflow file describes it."""
        return workflow.of(self).states[self.state]

    def responsible_units(self) -> frozenset[str]:
        """Return the unit that owes it."""
        return frozenset({str(self.unit_id)})


class KeptStanding(models.Model):
    """Where a task or a duty stands, kept so that long lists can be filtered; may be dropped at any time.

    It holds from `from_day` until the day before `until_day`: on that day a deadline changes it. `colour`
    is a state of `bishui.server.plans.states`, `percent` the whole percents reached by accepted evidence,
    `waiting` how many reports await their review.
    """

    division = models.CharField(max_length=200)
    colour = models.CharField(max_length=12)
    percent = models.PositiveSmallIntegerField()
    expected = models.PositiveSmallIntegerField()
    waiting = models.PositiveSmallIntegerField()
    done_on = models.DateField(null=True)
    from_day = models.DateField()
    until_day = models.DateField()

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return f"{self.pk} {self.colour} {self.percent}%"


class TaskStanding(KeptStanding):
    """The kept standing of a task that no amendment has retired: the row that long lists go by.

    What lists narrow and sort by stands here again, so that one index holds all of it; `units` are the
    names of the task's units by role as the lists show them.
    """

    unit_lookup = "task__unit_roles__unit_id"

    task = models.OneToOneField(
        "plans.Task", primary_key=True, on_delete=models.CASCADE, related_name="kept_standing"
    )
    plan = models.ForeignKey("plans.Plan", on_delete=models.CASCADE, related_name="+", db_index=False)
    due = models.DateField(null=True)
    position = models.PositiveIntegerField()
    field = models.CharField(max_length=20, blank=True)
    units = models.JSONField(default=dict)

    class Meta:
        indexes = [
            models.Index(
                fields=["plan", "colour", "due", "position", "field", "waiting", "division", "task"],
                name="task_standing_listed",
            ),
            models.Index(fields=["until_day"], name="task_standing_until"),
            models.Index(fields=["from_day"], name="task_standing_from"),
        ]


class DutyStanding(KeptStanding):
    """The kept standing of a duty that is not retired; `next_due` is the day of its next open milestone.

    `plan`, `state` and `weight` are the duty's own, for the lists of a unit's work.
    """

    duty = models.OneToOneField(
        Duty, primary_key=True, on_delete=models.CASCADE, related_name="kept_standing"
    )
    task = models.ForeignKey("plans.Task", on_delete=models.CASCADE, related_name="+")
    unit = models.ForeignKey("accounts.Unit", on_delete=models.CASCADE, related_name="+")
    plan = models.ForeignKey("plans.Plan", on_delete=models.CASCADE, related_name="+", db_index=False)
    role = models.CharField(max_length=12)
    state = models.CharField(max_length=20)
    weight = models.DecimalField(max_digits=9, decimal_places=4)
    next_due = models.DateField(null=True)

    class Meta:
        indexes = [
            models.Index(
                fields=["unit", "plan", "state", "colour", "waiting", "next_due", "weight", "duty"],
                name="duty_standing_listed",
            ),
            models.Index(fields=["task", "unit"], name="duty_standing_task"),
        ]


def outlook_labels() -> dict[str, str]:
    """Return what a unit may say of its own progress, in the current language."""
    return {"normal": gettext("正常推进"), "difficult": gettext("遇到困难")}
