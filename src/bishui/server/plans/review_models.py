"""What people change between the reading of a plan and the ledger, and what an amendment did to a ledger."""

from __future__ import annotations

from typing import Any, ClassVar, TypeVar

from django.db import models

from bishui.server.core.records import OwnedRecord, RecordQuerySet

P = TypeVar("P", bound=models.Model)
_AllParts = models.Manager.from_queryset(RecordQuerySet)


class StandingParts(_AllParts[P]):
    """The parts that no amendment has retired."""

    def get_queryset(self) -> models.QuerySet[P]:
        """Leave the retired ones out."""
        return super().get_queryset().filter(retired__isnull=True)


class PlanPart(OwnedRecord):
    """A part of a plan: an amendment that drops it retires it (停用), so that what hangs on it stays.

    `objects` are the parts that stand; `every` holds the retired ones too.
    """

    #: The amendment that dropped it.
    retired = models.ForeignKey(
        "core.ImportSession", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )

    objects: ClassVar[Any] = StandingParts()  # the first manager is the one that relations go by
    every = RecordQuerySet.as_manager()

    class Meta:
        abstract = True


class DraftCorrection(OwnedRecord):
    """One correction (更正) of what was read from a plan document; what was read stays beside it.

    Attributes
    ----------
    path
        Where in the draft: ``tasks/12/deadline`` for a field, ``tasks/12`` for a record left out or added,
        ``units/市某某局`` for what a written name means, ``lines/61`` for a line that needs no record.
    what
        ``field``, ``omit``, ``add``, ``unit`` or ``line``.
    as_read, corrected
        The value as the reader gave it, and the one that a person gave.
    stands
        False once it was reset to what was read; the row stays, so that two people at one field meet.
    carried_from
        The correction of an earlier reading of the same plan that it was taken over from.
    """

    session = models.ForeignKey("core.ImportSession", on_delete=models.CASCADE, related_name="corrections")
    path = models.CharField(max_length=300)
    what = models.CharField(max_length=8)
    as_read: Any = models.JSONField(null=True)
    corrected: Any = models.JSONField(null=True)
    stands = models.BooleanField(default=True)
    reason = models.CharField(max_length=500, blank=True)
    by = models.CharField(max_length=150)
    at = models.DateTimeField()
    carried_from = models.ForeignKey("self", null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["session", "at", "id"]
        constraints = [
            models.UniqueConstraint(fields=["session", "path", "what"], name="one_correction_per_place")
        ]

    def __str__(self) -> str:
        return self.path


class PlanAmendment(OwnedRecord):
    """One amendment (修订) of a plan in the ledger by a new reading, with all that it changed.

    `done` holds for each changed record its model, identifier and ``{field: [before, after]}``; a record
    that was made has ``made``, one that was deleted its content under ``deleted``.
    """

    unlogged_fields = frozenset({"done"})

    plan = models.ForeignKey("plans.Plan", on_delete=models.CASCADE, related_name="amendments")
    session = models.OneToOneField(
        "core.ImportSession", on_delete=models.PROTECT, related_name="plan_amendment"
    )
    at = models.DateTimeField()
    done = models.JSONField(default=list)
    stands = models.BooleanField(default=True)

    class Meta:
        ordering = ["plan", "at", "id"]

    def __str__(self) -> str:
        return str(self.plan)
