"""A report that is written, the versions of its free parts, and its editions, which never change."""

from __future__ import annotations

from typing import Any

from django.db import models

from bishui.server.core import workflow
from bishui.server.core.records import OwnedRecord

KINDS = (
    "half_year",
    "annual",
    "monthly",
    "water_month",
    "water_quarter",
    "water_year",
    "outfalls_half",
    "outfalls_year",
)


class Report(OwnedRecord):
    """A summary (总结) or a bulletin (水质月报、季报、年报) of one period of one division.

    `title` may be broken over lines; `month` is that of a month, the last one of a quarter. `as_of` is the
    last day whose data count. While it is drafted its figures are gathered anew at each look; `frozen` holds
    the inputs from the moment of submission (figures, texts, head), and `frozen_hash` their SHA-256: what is
    checked is what is issued. `evidence` are the rows that the frozen figures of a bulletin follow from.
    """

    workflow_name = "periodic_report"
    unlogged_fields = frozenset({"frozen"})

    state = models.CharField(max_length=12, default="draft", db_index=True)
    kind = models.CharField(max_length=20)
    year = models.PositiveSmallIntegerField()
    month = models.PositiveSmallIntegerField(null=True)
    as_of = models.DateField()
    title = models.CharField(max_length=200)
    number = models.CharField(max_length=80, blank=True)
    issuer = models.CharField(max_length=120)
    recipient = models.CharField(max_length=200, blank=True)
    signed_on = models.DateField()
    red_head = models.BooleanField(default=False)
    created_at = models.DateTimeField()
    created_by = models.CharField(max_length=150)
    frozen = models.JSONField(default=dict)
    frozen_hash = models.CharField(max_length=64, blank=True)
    evidence = models.ForeignKey("core.StoredFile", null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["-year", "-month", "kind", "-created_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["division", "kind", "year", "month"], name="one_report_a_period", nulls_distinct=False
            ),
            models.CheckConstraint(condition=models.Q(kind__in=KINDS), name="known_kind_of_report"),
        ]

    def __str__(self) -> str:
        return self.title.replace("\n", "")

    @property
    def step(self) -> workflow.State:
        """The present state as the workflow file describes it."""
        return workflow.of(self).states[self.state]


class ReportText(OwnedRecord):
    """One version of a free part of a report, written by a person; versions are added, never changed.

    `number` counts the versions of the part: of two people who write the next one at once, one is refused.
    """

    report = models.ForeignKey(Report, on_delete=models.CASCADE, related_name="texts")
    part = models.CharField(max_length=40)
    number = models.PositiveIntegerField()
    text = models.TextField(blank=True)
    at = models.DateTimeField()
    by = models.CharField(max_length=150)

    class Meta:
        ordering = ["part", "number"]
        constraints = [
            models.UniqueConstraint(fields=["report", "part", "number"], name="one_text_per_number")
        ]

    def __str__(self) -> str:
        return f"{self.part} {self.number}"


class Edition(OwnedRecord):
    """An issued edition: its files and the inputs they follow from; it never changes.

    `differences` says what is other than in the edition before. `evidence` holds the rows behind the figures
    of a bulletin.
    """

    unlogged_fields = frozenset({"inputs", "differences"})

    report = models.ForeignKey(Report, on_delete=models.PROTECT, related_name="editions")
    number = models.PositiveIntegerField()
    title = models.CharField(max_length=200)
    issued_at = models.DateTimeField()
    issued_by = models.CharField(max_length=150)
    reason = models.TextField(blank=True)
    inputs = models.JSONField()
    inputs_hash = models.CharField(max_length=64)
    differences = models.JSONField(default=list)
    docx = models.ForeignKey("core.StoredFile", on_delete=models.PROTECT, related_name="+")
    pdf = models.ForeignKey("core.StoredFile", on_delete=models.PROTECT, related_name="+")
    xlsx = models.ForeignKey("core.StoredFile", on_delete=models.PROTECT, related_name="+")
    html = models.ForeignKey("core.StoredFile", null=True, on_delete=models.PROTECT, related_name="+")
    evidence = models.ForeignKey("core.StoredFile", null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["-number"]
        constraints = [models.UniqueConstraint(fields=["report", "number"], name="one_edition_per_number")]

    def __str__(self) -> str:
        return f"{self.title} {self.number}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Keep a new edition; one that is kept is never written again."""
        if not self._state.adding:
            raise TypeError("an edition never changes; a correction makes a new one")
        super().save(*args, **kwargs)
