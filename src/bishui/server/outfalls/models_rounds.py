"""One round of an outfall from suspicion to sign-off (查测溯治管), and what was recorded on the way."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import models
from django.db.models import Q

from bishui.errors import Conflict, Problem
from bishui.i18n import Bilingual, Text
from bishui.server.core import workflow
from bishui.server.core.models import StoredFile
from bishui.server.core.records import OwnedRecord
from bishui.server.outfalls import rounds
from bishui.server.outfalls.models_register import Outfall


class OutfallRound(OwnedRecord):
    """One round: an outfall has at most one that is open; a closed one is never edited.

    Its state follows ``workflows/outfall_round.toml``. Funds in 10,000 yuan (万元).
    """

    workflow_name = "outfall_round"
    unit_lookup = ("outfall__responsible_id", "outfall__supervising_id", "department_unit_id")

    outfall = models.ForeignKey(Outfall, on_delete=models.PROTECT, related_name="rounds")
    number = models.PositiveSmallIntegerField(default=1)
    state = models.CharField(max_length=20, default="suspected", db_index=True)
    opened_at = models.DateTimeField()
    former = models.ForeignKey("self", null=True, blank=True, on_delete=models.PROTECT, related_name="later")
    trigger = models.CharField(max_length=24, blank=True)
    trigger_record = models.CharField(max_length=120, blank=True)
    trigger_text = models.CharField(max_length=500, blank=True)
    superseded = models.BooleanField(default=False)
    # survey
    can_sample = models.CharField(max_length=3, blank=True)
    cannot_sample_reason = models.CharField(max_length=300, blank=True)
    revisit_on = models.DateField(null=True, blank=True)
    # tracing
    trace_methods = models.JSONField(default=list, blank=True)
    trace_report = models.ForeignKey(
        StoredFile, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    trace_finding = models.TextField(blank=True)
    fallback_level = models.CharField(max_length=8, blank=True)
    decision = models.ForeignKey(
        StoredFile, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    problems = models.JSONField(default=list, blank=True)
    # remediation
    need_remediation = models.CharField(max_length=3, blank=True)
    category = models.CharField(max_length=12, blank=True)
    measures = models.TextField(blank=True)
    plan = models.ForeignKey(StoredFile, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    funds = models.DecimalField(max_digits=16, decimal_places=4, null=True, blank=True)
    department_unit = models.ForeignKey(
        "accounts.Unit", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    responsible_person = models.CharField(max_length=60, blank=True)
    planned_finish = models.DateField(null=True, blank=True, db_index=True)
    transition_until = models.DateField(null=True, blank=True)
    started_on = models.DateField(null=True, blank=True)
    progress = models.TextField(blank=True)
    finished_on = models.DateField(null=True, blank=True)
    # acceptance and sign-off
    rejections = models.PositiveSmallIntegerField(default=0)
    signed_off_on = models.DateField(null=True, blank=True, db_index=True)

    class Meta:
        ordering = ["outfall", "number"]
        constraints = [
            models.UniqueConstraint(fields=["outfall", "number"], name="rounds_are_numbered"),
            models.UniqueConstraint(
                fields=["outfall"],
                condition=~Q(state__in=["not_outfall", "no_action", "signed_off"]),
                name="one_open_round_an_outfall",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.outfall}" if self.number == 1 else f"{self.outfall}（{self.number}）"

    @property
    def step(self) -> workflow.State:
        """The present state as the workflow file describes it."""
        return workflow.of(self).states[self.state]

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Write the round, and with it the stage of its outfall."""
        super().save(*args, **kwargs)
        if not self.superseded:
            rounds.repeat_stage(self)

    def check_write(self, loaded: Mapping[str, Any] | None) -> None:
        """Refuse to change a closed round, but for noting that another followed it.

        Raises
        ------
        Conflict
            If anything else of it was changed.
        """
        super().check_write(loaded)
        closed = loaded is not None and workflow.of(self).states[loaded.get("state", self.state)].final
        if closed and self.changes().keys() - {"superseded"}:
            raise Conflict(
                Text("“{name}”这一轮已经办结，不能修改。", name=str(self)),
                remedy=Text("如有新情况，请在排污口页面重新打开，开始新的一轮。"),
            )

    def meets(self, condition: str, actor: Any) -> bool:
        """Tell whether it is the latest round (``latest``)."""
        if condition == "latest":
            return not self.superseded
        return super().meets(condition, actor)

    def lacking(self, transition: workflow.Transition, given: Mapping[str, Any], actor: Any) -> list[Problem]:
        """Return what the records of the outfall lack for a step, by the rules of the life cycle."""
        return rounds.lacking(self, transition, given, actor)

    def take_evidence(self, transition: workflow.Transition, given: Mapping[str, Any], actor: Any) -> None:
        """Take what was handed in into the fields of the round and of its outfall."""
        rounds.take(self, transition, given)

    def follower(self, transition: workflow.Transition, given: Mapping[str, Any]) -> OutfallRound:
        """Return the next round of the outfall, with why it was opened."""
        return rounds.follower(self, given)

    def evidence_options(self, name: str) -> Mapping[str, Bilingual]:
        """Return a list of choices of the rules: types, categories, problems, methods, triggers."""
        return rounds.options(name)

    def responsible_units(self) -> frozenset[str]:
        """Return the units that the outfall is the duty of, and the leading department."""
        department = {str(self.department_unit_id)} if self.department_unit_id else set()
        return self.outfall.responsible_units() | department


class FieldRecord(OwnedRecord):
    """What somebody recorded at an outfall.

    `client_id` is given by the device that made it, so that what is sent twice is one record; `made_at` is
    the device's time, `received_at` the server's, `clock_offset` their known difference in seconds.
    """

    outfall = models.ForeignKey(Outfall, on_delete=models.PROTECT, related_name="%(class)ss")
    round = models.ForeignKey(
        OutfallRound, null=True, blank=True, on_delete=models.PROTECT, related_name="%(class)ss"
    )
    client_id = models.UUIDField(null=True, blank=True, unique=True)
    made_at = models.DateTimeField()
    received_at = models.DateTimeField()
    clock_offset = models.IntegerField(null=True, blank=True)
    lon = models.DecimalField(max_digits=12, decimal_places=8, null=True, blank=True)
    lat = models.DecimalField(max_digits=12, decimal_places=8, null=True, blank=True)
    datum = models.CharField(max_length=10, blank=True)
    accuracy = models.DecimalField(max_digits=8, decimal_places=1, null=True, blank=True)
    by_id = models.CharField(max_length=40, blank=True)
    by_name = models.CharField(max_length=150)

    unit_lookup = ("outfall__responsible_id", "outfall__supervising_id")

    class Meta:
        abstract = True
        ordering = ["made_at"]

    def responsible_units(self) -> frozenset[str]:
        """Return the units that the outfall is the duty of."""
        return self.outfall.responsible_units()


class Visit(FieldRecord):
    """A visit on site (现场记录): what was seen, by whom. Rain of the last 72 hours in mm."""

    purpose = models.CharField(max_length=16)
    people = models.JSONField(default=list)
    task_source = models.CharField(max_length=20, blank=True)
    discharging = models.CharField(max_length=3, blank=True)
    colour = models.CharField(max_length=40, blank=True)
    turbidity = models.CharField(max_length=40, blank=True)
    odour = models.CharField(max_length=40, blank=True)
    oil_film = models.CharField(max_length=3, blank=True)
    rain = models.DecimalField(max_digits=7, decimal_places=1, null=True, blank=True)
    abnormal = models.CharField(max_length=3, blank=True)
    abnormal_kinds = models.JSONField(default=list, blank=True)
    suspected_source = models.CharField(max_length=200, blank=True)
    can_sample = models.CharField(max_length=3, blank=True)
    cannot_sample_reason = models.CharField(max_length=300, blank=True)
    sign = models.CharField(max_length=3, blank=True)
    text = models.TextField(blank=True)

    def __str__(self) -> str:
        return f"{self.outfall} {self.made_at:%Y-%m-%d}"


class Photo(FieldRecord):
    """A photograph with time and place of the device; EXIF is extra evidence, kept privately.

    `public_file` is the copy without EXIF that alone may leave the bureau; `view_of` the earlier photograph
    of the same view (整治前).
    """

    unlogged_fields = frozenset({"exif"})

    kind = models.CharField(max_length=16)
    visit = models.ForeignKey(Visit, null=True, blank=True, on_delete=models.PROTECT, related_name="photos")
    file = models.ForeignKey(StoredFile, on_delete=models.PROTECT, related_name="+")
    public_file = models.ForeignKey(
        StoredFile, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    view_of = models.ForeignKey("self", null=True, blank=True, on_delete=models.PROTECT, related_name="later")
    exif = models.JSONField(default=dict, blank=True)
    caption = models.CharField(max_length=200, blank=True)

    def __str__(self) -> str:
        return f"{self.outfall} {self.kind} {self.made_at:%Y-%m-%d}"


class Sample(FieldRecord):
    """A sample (样品) from bottle to report; `flow` in m³/d, `flow_given` as it was written with its unit.

    `passes` is the verdict by the outfall's own standard (``yes``, ``no``, empty where there is none),
    `judged` how it came about: every item with its limit and clause, the version of the rules.
    """

    number = models.CharField(max_length=40, unique=True)
    purpose = models.CharField(max_length=16)
    visit = models.ForeignKey(Visit, null=True, blank=True, on_delete=models.PROTECT, related_name="samples")
    samplers = models.JSONField(default=list)
    ended_at = models.DateTimeField(null=True, blank=True)
    method = models.CharField(max_length=40, blank=True)
    flow_status = models.CharField(max_length=14)
    flow_given = models.CharField(max_length=40, blank=True)
    flow = models.DecimalField(max_digits=16, decimal_places=4, null=True, blank=True)
    bottles = models.JSONField(default=list, blank=True)
    laboratory = models.CharField(max_length=120, blank=True)
    report_number = models.CharField(max_length=60, blank=True)
    report = models.ForeignKey(StoredFile, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    passes = models.CharField(max_length=3, blank=True)
    judged = models.JSONField(default=dict, blank=True)

    def __str__(self) -> str:
        return self.number


class Unchanging(OwnedRecord):
    """What is written once: a correction is another record."""

    class Meta:
        abstract = True

    def check_write(self, loaded: Mapping[str, Any] | None) -> None:
        """Refuse every change.

        Raises
        ------
        Conflict
            If anything of it was changed.
        """
        super().check_write(loaded)
        if loaded is not None and self.changes():
            raise Conflict(
                Text("“{name}”登记后不能修改。", name=str(self)), remedy=Text("更正请另行登记，并说明原因。")
            )


class Custody(Unchanging):
    """One hand-over in the chain of custody of a sample (样品流转); never changed."""

    sample = models.ForeignKey(Sample, on_delete=models.PROTECT, related_name="custody")
    step = models.CharField(max_length=12)
    at = models.DateTimeField()
    from_name = models.CharField(max_length=60, blank=True)
    to_name = models.CharField(max_length=60)
    condition = models.CharField(max_length=200, blank=True)
    client_id = models.UUIDField(null=True, blank=True, unique=True)

    class Meta:
        ordering = ["at"]

    def __str__(self) -> str:
        return f"{self.sample} {self.step}"


class SampleResult(Unchanging):
    """One item of a sample, as the report writes it; `below` where that is under the detection limit."""

    sample = models.ForeignKey(Sample, on_delete=models.PROTECT, related_name="results")
    item = models.CharField(max_length=40)
    given = models.CharField(max_length=40)
    value = models.DecimalField(max_digits=24, decimal_places=10, null=True, blank=True)
    below = models.BooleanField(default=False)
    unit = models.CharField(max_length=20, blank=True)

    class Meta:
        ordering = ["item"]
        constraints = [models.UniqueConstraint(fields=["sample", "item"], name="one_result_an_item")]

    def __str__(self) -> str:
        return f"{self.item} {self.given} {self.unit}"


class DateChange(OwnedRecord):
    """A deadline that was moved: every change keeps the old one (延期)."""

    round = models.ForeignKey(OutfallRound, on_delete=models.PROTECT, related_name="date_changes")
    old = models.DateField()
    new = models.DateField()
    transition_until = models.DateField(null=True, blank=True)
    reason = models.CharField(max_length=500)
    approver = models.CharField(max_length=120)
    at = models.DateTimeField()

    class Meta:
        ordering = ["at"]

    def __str__(self) -> str:
        return f"{self.old} → {self.new}"


class Milestone(OwnedRecord):
    """A share to be reached by a day (阶段目标); see `bishui.outfalls.Milestone`.

    `waters` narrows it to outfalls on these receiving waters, by code; empty = all of the division.
    """

    name = models.CharField(max_length=120)
    due = models.DateField()
    percent = models.PositiveSmallIntegerField()
    denominator = models.CharField(max_length=20)
    numerator = models.CharField(max_length=12)
    waters = models.JSONField(default=list, blank=True)
    source = models.CharField(max_length=200)

    class Meta:
        ordering = ["due", "name"]

    def __str__(self) -> str:
        return self.name


class MilestoneSnapshot(OwnedRecord):
    """The denominator of a milestone as it was on a day, by code, frozen (分母冻结)."""

    milestone = models.ForeignKey(Milestone, on_delete=models.PROTECT, related_name="snapshots")
    day = models.DateField()
    codes = models.JSONField(default=list)
    done = models.JSONField(default=list)
    digest = models.CharField(max_length=64)

    class Meta:
        ordering = ["day"]
        constraints = [models.UniqueConstraint(fields=["milestone", "day"], name="one_snapshot_a_day")]

    def __str__(self) -> str:
        return f"{self.milestone} {self.day}"
