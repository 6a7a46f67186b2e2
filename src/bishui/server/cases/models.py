"""The one record of all kinds of case."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from bishui.server.core import workflow
from bishui.server.core.records import OwnedRecord

KINDS = ("supervision_notice",)


class Case(OwnedRecord):
    """A case (案件): cause, object, owner, deadline; its kind names its workflow file.

    `object_type` and `object_id` name what it is about (``task``, ``site`` or nothing), `object_label` what
    that was called when the case was opened.
    """

    unit_lookup = "unit_id"
    #: Every kind so far follows one file; `kind` is checked to be its name.
    workflow_name = "supervision_notice"

    kind = models.CharField(max_length=40, default="supervision_notice", db_index=True)
    state = models.CharField(max_length=40, default="drafted", db_index=True)
    title = models.CharField(max_length=200)
    text = models.TextField()
    object_type = models.CharField(max_length=20, blank=True)
    object_id = models.CharField(max_length=40, blank=True, db_index=True)
    object_label = models.CharField(max_length=200, blank=True)
    unit = models.ForeignKey("accounts.Unit", on_delete=models.PROTECT, related_name="cases")
    deadline = models.DateField()
    opened_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    opened_at = models.DateTimeField()

    class Meta:
        ordering = ["-opened_at"]
        constraints = [models.CheckConstraint(condition=models.Q(kind__in=KINDS), name="known_kind_of_case")]

    def __str__(self) -> str:
        return self.title

    @property
    def step(self) -> workflow.State:
        """The present state as the workflow file describes it."""
        return workflow.of(self).states[self.state]

    @property
    def tone(self) -> str:
        """The look of the present state, as the pages' pills know it."""
        return self.step.tone

    def responsible_units(self) -> frozenset[str]:
        """Return the owner unit."""
        return frozenset({str(self.unit_id)})
