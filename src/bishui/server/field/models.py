"""Devices, photographs on their way, and forms with what became of them."""

from __future__ import annotations

from pathlib import Path

from django.conf import settings
from django.db import models

from bishui.i18n import Text
from bishui.server.core.held_keys import HeldKey
from bishui.server.core.models import StoredFile
from bishui.server.core.records import OwnedRecord

#: What can become of a form; the key is kept.
FATES = {
    "waiting": Text("等待前一表单或照片"),
    "done": Text("已入库"),
    "conflict": Text("有冲突，待裁定"),
    "refused": Text("未通过，待更正"),
    "set_aside": Text("已留存，不入库"),
}


class Device(HeldKey):
    """A phone or tablet on which a user works without signal; it sends with a key of its own.

    `division` is the part of the city that its user acts for; `clock_offset` is the server's time less the
    device's, in seconds, when they last spoke.
    """

    user = models.ForeignKey("accounts.User", on_delete=models.CASCADE, related_name="field_devices")
    name = models.CharField(max_length=120)
    clock_offset = models.IntegerField(null=True, blank=True)

    def __str__(self) -> str:
        return self.name


class Upload(models.Model):
    """A photograph on its way, known by the SHA-256 of its content; `ranges` are the bytes that arrived.

    No record: it ends when the photograph's form is done. The bytes lie under the data directory.
    """

    sha256 = models.CharField(primary_key=True, max_length=64)
    size = models.PositiveIntegerField()
    ranges = models.JSONField(default=list)
    moved_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.sha256[:12]} {self.received}/{self.size}"

    @property
    def path(self) -> Path:
        """Where the bytes lie meanwhile."""
        return Path(settings.DATA_DIR) / "field" / self.sha256[:2] / self.sha256

    @property
    def received(self) -> int:
        """How many bytes arrived."""
        return sum(end - start for start, end in self.ranges)

    def is_whole(self) -> bool:
        """Tell whether every byte arrived."""
        return bool(self.ranges == [[0, self.size]])


class Submission(OwnedRecord):
    """A form as a device sent it, and what became of it. It is never dropped.

    `client_id` is the device's number of the form: what is sent twice is one submission. `made_at` is the
    time that the device's clock showed; `at` the same put right by `clock_offset`, the server's time less the
    device's in seconds. `waits_for` names the form or the photograph (by its SHA-256) that has to come first.
    """

    client_id = models.UUIDField(unique=True)
    kind = models.CharField(max_length=16, db_index=True)
    device = models.ForeignKey(Device, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    user = models.ForeignKey("accounts.User", on_delete=models.PROTECT, related_name="+")
    payload = models.JSONField()
    digest = models.CharField(max_length=64)
    others = models.JSONField(default=list, blank=True)
    came_by = models.CharField(max_length=8, default="network")
    made_at = models.DateTimeField()
    at = models.DateTimeField()
    received_at = models.DateTimeField()
    clock_offset = models.IntegerField(default=0)
    flags = models.JSONField(default=list, blank=True)
    fate = models.CharField(max_length=12, default="waiting", db_index=True)
    waits_for = models.CharField(max_length=64, blank=True, db_index=True)
    reason = models.JSONField(default=dict, blank=True)
    differences = models.JSONField(default=list, blank=True)
    outfall = models.UUIDField(null=True, blank=True, db_index=True)
    outfall_name = models.CharField(max_length=200, blank=True)
    record = models.UUIDField(null=True, blank=True)
    file = models.ForeignKey(StoredFile, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    decision = models.CharField(max_length=12, blank=True)
    decided_by = models.CharField(max_length=150, blank=True)
    decided_at = models.DateTimeField(null=True, blank=True)
    decided_why = models.CharField(max_length=500, blank=True)

    class Meta:
        ordering = ["-received_at", "-id"]
        indexes = [models.Index(fields=["division", "fate"])]

    def __str__(self) -> str:
        return f"{self.kind} {self.outfall_name}".strip()
