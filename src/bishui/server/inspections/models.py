"""The records: inspectors and recusals, draws and the outfalls they named, inspections and findings."""

from __future__ import annotations

from typing import Any

from django.db import models

from bishui.outfalls import Draw as Drawing
from bishui.outfalls import HalfYear, commit, draw
from bishui.server.core import clock, workflow
from bishui.server.core.models import StoredFile
from bishui.server.core.records import OwnedRecord


class Inspector(OwnedRecord):
    """Somebody who may be sent to inspect (检查人员), with the number of their certificate."""

    code = models.CharField(max_length=40, unique=True)
    name = models.CharField(max_length=60)
    certificate = models.CharField(max_length=40)
    unit = models.CharField(max_length=40, blank=True)
    active = models.CharField(max_length=3, default="yes")
    certified_until = models.DateField(null=True, blank=True)
    note = models.CharField(max_length=200, blank=True)

    class Meta:
        ordering = ["code"]

    def __str__(self) -> str:
        return self.name


class Recusal(OwnedRecord):
    """That an inspector must not be sent to an outfall (回避), by their codes, with the reason."""

    code = models.CharField(max_length=40, unique=True)
    inspector = models.CharField(max_length=40, db_index=True)
    outfall = models.CharField(max_length=40, db_index=True)
    reason = models.CharField(max_length=300)
    since = models.DateField(null=True, blank=True)
    until = models.DateField(null=True, blank=True)

    class Meta:
        ordering = ["code"]

    def __str__(self) -> str:
        return f"{self.inspector} × {self.outfall}"


class Draw(OwnedRecord):
    """One draw of a division and a half-year, from the commitment to the published result.

    `listed` is the frozen list: code, name, type and who answers for it, in the order of codes. It is kept
    out of the audit trail, as it is confidential until the visits; the trail holds its hash.
    `former_sources` are public numbers that were agreed and did not come, each with the reason.
    """

    workflow_name = "outfall_draw"
    unlogged_fields = frozenset({"listed", "recusals", "order"})

    state = models.CharField(max_length=12, default="committed", db_index=True)
    code = models.CharField(max_length=40, unique=True)
    year = models.PositiveSmallIntegerField()
    half = models.PositiveSmallIntegerField()
    percent = models.PositiveSmallIntegerField()
    by_class = models.BooleanField(default=False)
    listed_on = models.DateField()
    listed = models.JSONField(default=list)
    untyped = models.PositiveIntegerField(default=0)
    list_hash = models.CharField(max_length=64)
    inspectors = models.JSONField(default=list)
    recusals = models.JSONField(default=list)
    people_hash = models.CharField(max_length=64)
    random_source = models.CharField(max_length=300)
    random_at = models.DateTimeField()
    former_sources = models.JSONField(default=list)
    committed_at = models.DateTimeField()
    committed_by = models.CharField(max_length=150)
    public_random = models.CharField(max_length=300, blank=True)
    random_reference = models.CharField(max_length=300, blank=True)
    drawn_at = models.DateTimeField(null=True)
    seed = models.CharField(max_length=64, blank=True)
    order = models.JSONField(default=list)
    published_at = models.DateTimeField(null=True)
    rules_version = models.CharField(max_length=80)

    class Meta:
        ordering = ["-year", "-half", "code"]
        constraints = [
            models.UniqueConstraint(fields=["division", "year", "half"], name="one_draw_a_half_year")
        ]

    def __str__(self) -> str:
        return self.code

    @property
    def step(self) -> workflow.State:
        """The present state as the workflow file describes it."""
        return workflow.of(self).states[self.state]

    @property
    def period(self) -> HalfYear:
        """The half-year that it is for."""
        return HalfYear(self.year, self.half)

    @property
    def codes(self) -> tuple[str, ...]:
        """The codes of the list, in order of their characters."""
        return tuple(entry["code"] for entry in self.listed)

    @property
    def count(self) -> int:
        """How many are drawn of the whole list."""
        return commit(self.code, self.codes, self.percent).count

    def meets(self, condition: str, actor: Any) -> bool:
        """Tell whether the public number is due, or the visits are over."""
        if condition == "number_is_due":
            return self.random_at <= clock.now()
        if condition == "visits_are_over":
            waiting = self.named.filter(gone_at__isnull=True, inspections__isnull=True)
            return clock.now().date() > self.period.last or not waiting.exists()
        return super().meets(condition, actor)

    def drawing(self) -> Drawing:
        """Return the draw as the pure room carries it out, from the list and the public number."""
        return draw(commit(self.code, self.codes, self.percent), self.public_random)


class DrawnOutfall(OwnedRecord):
    """One outfall that a draw named; an entry that another one stepped in for stays, with the reason.

    `role` says how it came in: ``drawn``, ``supplement`` (a class short of its share) or ``replacement``.
    Which outfall it is stays out of the audit trail until the visits.
    """

    unlogged_fields = frozenset({"outfall", "code", "name"})

    draw = models.ForeignKey(Draw, on_delete=models.PROTECT, related_name="named")
    outfall = models.ForeignKey("outfalls.Outfall", on_delete=models.PROTECT, related_name="+")
    code = models.CharField(max_length=40)
    name = models.CharField(max_length=200)
    kind = models.CharField(max_length=12)
    position = models.PositiveIntegerField()
    role = models.CharField(max_length=12)
    inspectors = models.JSONField(default=list)
    steps_in_for = models.OneToOneField(
        "self", null=True, on_delete=models.PROTECT, related_name="replaced_by"
    )
    gone_why = models.CharField(max_length=300, blank=True)
    gone_at = models.DateTimeField(null=True)
    gone_by = models.CharField(max_length=150, blank=True)

    class Meta:
        ordering = ["draw", "position"]
        constraints = [models.UniqueConstraint(fields=["draw", "code"], name="named_once_a_draw")]

    def __str__(self) -> str:
        return self.name

    @property
    def gone(self) -> bool:
        """Whether another one stepped in for it."""
        return self.gone_at is not None


class Inspection(OwnedRecord):
    """An inspection on site (监督检查): the checklist's answers, who was there, what became of it.

    `answers` are ``yes``, ``no`` or ``na`` by item of the checklist `checklist_version`; `rain` is that of
    the last hours that the rules look back on, in mm. It is never changed: a correction is another one.
    """

    outfall = models.ForeignKey("outfalls.Outfall", on_delete=models.PROTECT, related_name="+")
    named = models.ForeignKey(
        DrawnOutfall, null=True, blank=True, on_delete=models.PROTECT, related_name="inspections"
    )
    client_id = models.UUIDField(null=True, blank=True, unique=True)
    purpose = models.CharField(max_length=12, db_index=True)
    made_at = models.DateTimeField(db_index=True)
    received_at = models.DateTimeField()
    inspectors = models.JSONField(default=list)
    others_why = models.CharField(max_length=300, blank=True)
    checklist_version = models.CharField(max_length=40)
    answers = models.JSONField(default=dict)
    flowing = models.CharField(max_length=3, blank=True)
    rain = models.DecimalField(max_digits=7, decimal_places=1, null=True, blank=True)
    sample = models.CharField(max_length=40, blank=True)
    no_sample_why = models.CharField(max_length=300, blank=True)
    text = models.TextField(blank=True)
    file = models.ForeignKey(StoredFile, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    passed = models.BooleanField()
    reopened = models.CharField(max_length=40, blank=True)
    by_id = models.CharField(max_length=40, blank=True)
    by_name = models.CharField(max_length=150)

    class Meta:
        ordering = ["-made_at"]

    def __str__(self) -> str:
        return f"{self.outfall} {self.made_at:%Y-%m-%d}"


class Finding(OwnedRecord):
    """What an inspection found to be mended (检查发现的问题); `case` is the case that follows it."""

    inspection = models.ForeignKey(Inspection, on_delete=models.PROTECT, related_name="findings")
    item = models.CharField(max_length=40)
    text = models.CharField(max_length=500)
    deadline = models.DateField()
    case = models.CharField(max_length=40, blank=True)

    class Meta:
        ordering = ["deadline"]

    def __str__(self) -> str:
        return self.text
