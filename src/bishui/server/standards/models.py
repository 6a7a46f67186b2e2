"""The one record of this app: an uploaded override file."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from bishui.server.core import workflow
from bishui.server.core.records import OwnedRecord


class OverrideFile(OwnedRecord):
    """One version of a bureau's own limits and settings (本级覆盖文件).

    It holds for its division's subtree from `in_force_from` on once another person has confirmed it. Files
    are kept as they came; a later version stands beside the earlier one.

    Attributes
    ----------
    number
        Which version of its division it is, from 1.
    digest
        What the file says, as `bishui.standards.Override.digest`.
    basis_file
        The document that the file rests on, where it was handed in too.
    """

    workflow_name = "limit_override"

    state = models.CharField(max_length=12, default="drafted", db_index=True)
    number = models.PositiveIntegerField()
    name = models.CharField(max_length=200)
    basis = models.CharField(max_length=300)
    in_force_from = models.DateField()
    in_force_to = models.DateField(null=True)
    digest = models.CharField(max_length=64)
    limit_count = models.PositiveIntegerField()
    setting_count = models.PositiveIntegerField()
    file = models.ForeignKey("core.StoredFile", on_delete=models.PROTECT, related_name="+")
    basis_file = models.ForeignKey("core.StoredFile", null=True, on_delete=models.PROTECT, related_name="+")
    uploaded_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    uploaded_at = models.DateTimeField()

    class Meta:
        ordering = ["-uploaded_at", "-number"]
        constraints = [
            models.UniqueConstraint(fields=["division", "number"], name="one_override_of_a_number"),
        ]

    def __str__(self) -> str:
        return f"{self.name} · {self.number}"

    @property
    def step(self) -> workflow.State:
        """The present state as the workflow file describes it."""
        return workflow.of(self).states[self.state]
