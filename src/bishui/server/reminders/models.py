"""Addresses, reminders and their deliveries."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from bishui.errors import DataError, Where
from bishui.server.core.records import OwnedRecord
from bishui.server.reminders import addresses

KINDS = ("email", "wecom", "dingtalk", "feishu", "json")


class Contact(OwnedRecord):
    """An address (通知方式) of a unit: an e-mail address or a webhook. `unit` is the unit's code."""

    code = models.CharField(max_length=40, unique=True)
    unit = models.CharField(max_length=40, db_index=True)
    kind = models.CharField(max_length=12)
    address = models.CharField(max_length=500)
    active = models.CharField(max_length=3, default="yes")

    class Meta:
        ordering = ["code"]
        constraints = [models.CheckConstraint(condition=Q(kind__in=KINDS), name="known_kind_of_contact")]

    def __str__(self) -> str:
        return self.code

    def prepare(self) -> None:
        """Refuse an address that cannot be one of its kind.

        Raises
        ------
        DataError
            With what is wrong with it.
        """
        problem = addresses.fault(self.kind, self.address)
        if problem is not None:
            what, remedy = problem
            raise DataError(what, remedy=remedy, where=Where(field="address"))


class Message(OwnedRecord):
    """A reminder (提醒) for one unit, made once: `key` names rule, occasion and step.

    `about` and `about_id` name what it is about (``duty``, ``report``, ``case``), `path` its page.
    """

    unit_lookup = "unit_id"

    key = models.CharField(max_length=160, unique=True)
    rule = models.CharField(max_length=40, db_index=True)
    tone = models.CharField(max_length=8)
    unit = models.ForeignKey("accounts.Unit", on_delete=models.PROTECT, related_name="reminders")
    subject = models.CharField(max_length=200)
    text = models.TextField()
    about = models.CharField(max_length=12)
    about_id = models.CharField(max_length=40, db_index=True)
    path = models.CharField(max_length=200, blank=True)
    on = models.DateField(db_index=True)

    class Meta:
        ordering = ["-on", "-id"]

    def __str__(self) -> str:
        return self.subject

    def responsible_units(self) -> frozenset[str]:
        """Return the unit that is reminded."""
        return frozenset({str(self.unit_id)})


class Delivery(OwnedRecord):
    """One message to one address. Its identifier goes with it, so that a receiver knows a second copy.

    `attempts` is counted before each attempt: a worker that dies while sending has used one, and the
    next comes after the pause. `state` is ``waiting``, ``sent`` or ``given_up``.
    """

    message = models.ForeignKey(Message, on_delete=models.CASCADE, related_name="deliveries")
    contact = models.ForeignKey(Contact, on_delete=models.PROTECT, related_name="deliveries")
    state = models.CharField(max_length=10, default="waiting")
    attempts = models.PositiveSmallIntegerField(default=0)
    next_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True)
    fault = models.CharField(max_length=300, blank=True)

    class Meta:
        ordering = ["next_at", "id"]
        constraints = [models.UniqueConstraint(fields=["message", "contact"], name="once_to_an_address")]
        indexes = [models.Index(fields=["state", "next_at"], name="waiting_deliveries")]

    def __str__(self) -> str:
        return f"{self.message} → {self.contact}"
