"""What people decided about entries that may be one outfall."""

from __future__ import annotations

from django.db import models

from bishui.server.core.records import OwnedRecord


class LikenessDecision(OwnedRecord):
    """That two entries are one outfall (合并) or two; a later one overrules it, none is deleted.

    `first` and `second` are their codes in order; `kept` is the one that goes on, empty where they are two.
    """

    first = models.CharField(max_length=40, db_index=True)
    second = models.CharField(max_length=40, db_index=True)
    kept = models.CharField(max_length=40, blank=True)
    reason = models.CharField(max_length=500)
    by = models.CharField(max_length=150)
    at = models.DateTimeField()

    class Meta:
        ordering = ["-at", "-id"]

    def __str__(self) -> str:
        return f"{self.first} {self.second}"
