"""The records: which lists are released, whom the public may call, what the public reported."""

from __future__ import annotations

from django.db import models

from bishui.i18n import Text
from bishui.server.core import workflow
from bishui.server.core.records import OwnedRecord

#: The lists that a bureau releases one by one; nothing is public before.
LISTS: dict[str, Text] = {
    "outfalls": Text("排污口名录"),
    "settings": Text("设置审批与登记"),
    "draws": Text("双随机抽查"),
    "milestones": Text("整治进度"),
    "bulletins": Text("水质月报"),
    "complaints": Text("反映问题"),
}


class Release(OwnedRecord):
    """That a list of a division is public: `on` since `at`, by whom."""

    list = models.CharField(max_length=12)
    on = models.BooleanField(default=False)
    at = models.DateTimeField()
    by = models.CharField(max_length=150)

    class Meta:
        ordering = ["division", "list"]
        constraints = [models.UniqueConstraint(fields=["division", "list"], name="one_release_a_list")]

    def __str__(self) -> str:
        return str(LISTS[self.list])


class Office(OwnedRecord):
    """Whom the public may turn to (监督电话): an office's number, never a person's."""

    name = models.CharField(max_length=120)
    hotline = models.CharField(max_length=30)

    class Meta:
        ordering = ["division"]
        constraints = [models.UniqueConstraint(fields=["division"], name="one_office_a_division")]

    def __str__(self) -> str:
        return self.name


class Complaint(OwnedRecord):
    """What somebody reported of an outfall (公众反映); a person confirms it or not.

    `contact` is personal: it is kept out of the audit trail and is never published.
    """

    workflow_name = "public_complaint"
    unlogged_fields = frozenset({"contact"})

    state = models.CharField(max_length=12, default="received", db_index=True)
    number = models.CharField(max_length=40, unique=True)
    outfall = models.ForeignKey("outfalls.Outfall", on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=12)
    seen_on = models.DateField()
    text = models.TextField()
    contact = models.CharField(max_length=60, blank=True)
    received_at = models.DateTimeField()
    reopened = models.CharField(max_length=40, blank=True)

    class Meta:
        ordering = ["-received_at"]

    def __str__(self) -> str:
        return self.number

    @property
    def step(self) -> workflow.State:
        """The present state as the workflow file describes it."""
        return workflow.of(self).states[self.state]
