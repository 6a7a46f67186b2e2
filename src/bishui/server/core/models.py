"""The records of the mechanisms: trail, workflow events, stored files, imports, leases, cached results."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import models

from bishui.server.core.ids import uuid7
from bishui.server.core.records import OwnedRecord

__all__ = [
    "AuditEntry",
    "CachedResult",
    "ChainHead",
    "DailyRun",
    "ImportSession",
    "StoredFile",
    "WorkerLease",
    "WorkflowEvent",
]


class AuditEntry(models.Model):
    """One entry of the audit trail; see `bishui.server.core.audit`."""

    sequence = models.BigIntegerField(primary_key=True)
    at = models.DateTimeField()
    actor_id = models.CharField(max_length=40, blank=True)
    actor_name = models.CharField(max_length=150)
    action = models.CharField(max_length=80, db_index=True)
    params = models.JSONField(default=dict)
    why = models.TextField(blank=True)
    where = models.CharField(max_length=80, blank=True)
    division = models.CharField(max_length=200, db_index=True, blank=True)
    changes = models.JSONField(default=list)
    previous = models.CharField(max_length=64)
    digest = models.CharField(max_length=64)

    class Meta:
        ordering = ["-sequence"]

    def __str__(self) -> str:
        return f"{self.sequence} {self.action}"

    def content(self) -> dict[str, Any]:
        """Return what the hash covers."""
        return {
            "sequence": self.sequence,
            "at": self.at.isoformat(),
            "actor_id": self.actor_id,
            "actor_name": self.actor_name,
            "action": self.action,
            "params": self.params,
            "why": self.why,
            "where": self.where,
            "division": self.division,
            "changes": self.changes,
        }


class ChainHead(models.Model):
    """The newest entry's number and hash; locking this one row puts the entries in order."""

    sequence = models.BigIntegerField()
    digest = models.CharField(max_length=64)

    def __str__(self) -> str:
        return f"{self.sequence} {self.digest}"


class WorkflowEvent(models.Model):
    """One transition that was fired, with its evidence."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    record_id = models.UUIDField(db_index=True)
    division = models.CharField(max_length=200)
    workflow = models.CharField(max_length=40)
    transition = models.CharField(max_length=40)
    source = models.CharField(max_length=40)
    target = models.CharField(max_length=40)
    at = models.DateTimeField()
    by_id = models.CharField(max_length=40, blank=True)
    by_name = models.CharField(max_length=150)
    evidence = models.JSONField(default=dict)
    why = models.TextField(blank=True)

    class Meta:
        ordering = ["at", "id"]

    def __str__(self) -> str:
        return f"{self.workflow} {self.transition}"


class StoredFile(OwnedRecord):
    """A file kept by its SHA-256 under the data directory; never served as active content."""

    sha256 = models.CharField(max_length=64, db_index=True)
    name = models.CharField(max_length=255)
    size = models.BigIntegerField()
    at = models.DateTimeField()

    def __str__(self) -> str:
        return self.name

    @property
    def path(self) -> Path:
        """Where the bytes lie."""
        return Path(settings.DATA_DIR) / "files" / self.sha256[:2] / self.sha256


class ImportSession(OwnedRecord):
    """One import (导入批次): the file, what became of its rows, and whether it counts."""

    workflow_name = "import_review"

    kind = models.CharField(max_length=40, db_index=True)
    state = models.CharField(max_length=40, default="received", db_index=True)
    file = models.ForeignKey(StoredFile, on_delete=models.PROTECT, related_name="imports")
    options = models.JSONField(default=dict)
    created_at = models.DateTimeField()
    created_by = models.CharField(max_length=150)
    landed_at = models.DateTimeField(null=True)
    reader_version = models.CharField(max_length=40, blank=True)
    #: What the reader counted and found, by kind; shown on the preview.
    summary = models.JSONField(default=dict)
    problem_count = models.PositiveIntegerField(default=0)
    #: The first problems, in both languages; all of them lie in the session's folder.
    problems = models.JSONField(default=list)
    repeat_of = models.ForeignKey("self", null=True, on_delete=models.PROTECT)

    class Meta:
        ordering = ["-created_at"]

    def __str__(self) -> str:
        return self.file.name

    def right_named(self, name: str) -> str:
        """Resolve ``@import`` and ``@take_back`` by the kind of the import."""
        from bishui.server.core import imports

        kind = imports.kind(self.kind)
        return {"@import": kind.right, "@take_back": kind.take_back_right}.get(name, name)

    def meets(self, condition: str, actor: Any) -> bool:
        """Answer the conditions of the review: how many persons it takes, and who submitted it."""
        from bishui.server.core import imports

        two = imports.needs_two(self)
        if condition == "one_person":
            return not two
        if condition == "two_persons":
            return two
        if condition == "alone":  # only the console's own user cannot sign in
            return two and settings.CONSOLE_MAY_COMMIT_ALONE and not actor.has_usable_password()
        if condition == "submitter":
            return self._submitted_by() == str(getattr(actor, "pk", ""))
        return super().meets(condition, actor)

    def _submitted_by(self) -> str:
        events = WorkflowEvent.objects.filter(record_id=self.pk, transition="submit")
        return str(events.order_by("-at", "-id").values_list("by_id", flat=True).first() or "")

    @property
    def folder(self) -> Path:
        """Where the staged content, the account of rows and all problems lie."""
        return Path(settings.DATA_DIR) / "imports" / str(self.pk)


class WorkerLease(models.Model):
    """A sign of life of one worker process."""

    worker = models.CharField(primary_key=True, max_length=64)
    expires_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.worker


class DailyRun(models.Model):
    """How far a daily job has come: `last_day` is done; until `leased_until` a worker is at it.

    See `bishui.server.core.daily`.
    """

    name = models.CharField(primary_key=True, max_length=80)
    last_day = models.DateField(null=True)
    leased_until = models.DateTimeField(null=True)
    holder = models.CharField(max_length=40, blank=True)

    def __str__(self) -> str:
        return f"{self.name} {self.last_day}"


class CachedResult(models.Model):
    """A computed result under the hash of its inputs, method and settings; may be dropped at any time."""

    key = models.CharField(primary_key=True, max_length=64)
    division = models.CharField(max_length=200, db_index=True)
    made_at = models.DateTimeField(auto_now_add=True)
    payload = models.BinaryField()

    def __str__(self) -> str:
        return self.key
