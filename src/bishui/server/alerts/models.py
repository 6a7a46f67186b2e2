"""Alerts, who wants to be told of them, and what has been looked at."""

from __future__ import annotations

from collections.abc import Collection

from django.conf import settings
from django.db import models

from bishui.assessment import AlertKind
from bishui.i18n import Bilingual
from bishui.server.core import workflow
from bishui.server.core.records import OwnedRecord

_KINDS = tuple(kind.value for kind in AlertKind)


class Alert(OwnedRecord):
    """A finding that is kept (预警), with what it stands on.

    `key` names the finding and when it began, `series` the same without the time. `first` and `last` are when
    it began and up to when it is known to last. `value`, `against` and `multiple` are those of its worst row,
    as printed; `rows` the JSON form of every `bishui.assessment.AlertRow`. `of_kind` is what each station of
    several has, `group` the alert of several stations that this one belongs to.
    """

    workflow_name = "alert"

    state = models.CharField(max_length=20, default="new", db_index=True)
    key = models.CharField(max_length=260, unique=True)
    series = models.CharField(max_length=240, db_index=True)
    kind = models.CharField(max_length=20, db_index=True)
    of_kind = models.CharField(max_length=20, blank=True)
    level = models.CharField(max_length=10, blank=True)
    site = models.ForeignKey("sites.Site", null=True, on_delete=models.PROTECT, related_name="alerts")
    name = models.CharField(max_length=120)
    item = models.CharField(max_length=40, blank=True)
    first = models.DateTimeField()
    last = models.DateTimeField(db_index=True)
    in_a_row = models.PositiveIntegerField()
    value = models.CharField(max_length=40, blank=True)
    against = models.CharField(max_length=40, blank=True)
    multiple = models.CharField(max_length=20, blank=True)
    text = models.JSONField()
    rows = models.JSONField()
    rules = models.CharField(max_length=200)
    group = models.ForeignKey("self", null=True, on_delete=models.PROTECT, related_name="members")
    case = models.ForeignKey("cases.Case", null=True, on_delete=models.PROTECT, related_name="alerts")
    found_at = models.DateTimeField()

    class Meta:
        ordering = ["-last", "-id"]
        constraints = [
            models.CheckConstraint(condition=models.Q(kind__in=_KINDS), name="known_kind_of_alert")
        ]

    def __str__(self) -> str:
        return str(self.text["zh"])[:200]

    @property
    def said(self) -> Bilingual:
        """The finding in one sentence."""
        return Bilingual(self.text["zh"], self.text["en"])

    @property
    def step(self) -> workflow.State:
        """The present state as the workflow file describes it."""
        return workflow.of(self).states[self.state]

    @property
    def is_open(self) -> bool:
        """Whether nobody has ended it yet."""
        return not self.step.final


class Subscription(OwnedRecord):
    """Who wants to be told of which alerts (订阅): of a site, of a water, or of what lies in `division`.

    `water` is the name of a water body as the register of sites has it; its sites in `division` are meant.
    """

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    site = models.ForeignKey("sites.Site", null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    water = models.CharField(max_length=120, blank=True)
    kinds = models.JSONField(default=list)

    class Meta:
        ordering = ["division", "id"]

    def __str__(self) -> str:
        return f"{self.user} {self.site or self.water or self.division}"

    def covers(self, alert: Alert, waters: Collection[str] = ()) -> bool:
        """Tell whether an alert is one of those.

        Parameters
        ----------
        waters
            Names of the waters that the alert's sites lie at.
        """
        if alert.kind not in self.kinds:
            return False
        if self.site_id is not None:
            return str(self.site_id) in {row["site"] for row in alert.rows}
        inside = alert.division.startswith(self.division)
        return inside and (not self.water or self.water in waters)


class LastLook(models.Model):
    """What was seen of a city when it was looked at last (`schedule.state`); may be dropped at any time."""

    division = models.CharField(primary_key=True, max_length=200)
    seen = models.CharField(max_length=80)

    def __str__(self) -> str:
        return self.division
