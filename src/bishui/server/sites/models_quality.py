"""Findings of quality control (质控) and the runs that brought them; a finding alone changes no result."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import models

from bishui.i18n import Text
from bishui.observations import describe_finding, rule_name
from bishui.server.core.records import OwnedRecord
from bishui.standards import items

STATES: dict[str, Text] = {
    "new": Text("待处理"),
    "flagged": Text("已标记"),
    "dismissed": Text("不采纳"),
}
SEVERITIES: dict[str, Text] = {
    "error": Text("错误"),
    "warning": Text("可疑"),
    "notice": Text("提示"),
}


class QualityRun(OwnedRecord):
    """One run of all checks over the readings of a city."""

    progress = models.CharField(max_length=10, default="queued")
    asked_by = models.CharField(max_length=150)
    asked_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)
    rows = models.PositiveBigIntegerField(default=0)
    found = models.PositiveIntegerField(default=0)
    fresh = models.PositiveIntegerField(default=0)
    gone = models.PositiveIntegerField(default=0)
    rules_version = models.CharField(max_length=40, blank=True)
    #: `bishui.errors.BishuiError.as_dict` of what stopped it.
    error = models.JSONField(default=dict, blank=True)

    class Meta:
        ordering = ["-asked_at", "-id"]

    def __str__(self) -> str:
        return f"{self.asked_at:%Y-%m-%d %H:%M}"


class QualityFinding(OwnedRecord):
    """What one rule found at one site; a person flags the readings or dismisses it, with the reason.

    Found again by a later run it stays the same record; `gone_at` says that the newest run does not find it.
    """

    run = models.ForeignKey(QualityRun, on_delete=models.PROTECT, related_name="findings")
    site = models.ForeignKey("sites.Site", on_delete=models.PROTECT, related_name="findings")
    rule = models.CharField(max_length=40, db_index=True)
    item = models.CharField(max_length=40, blank=True)
    #: The item that it was compared with (total nitrogen, of ammonia above it).
    other_item = models.CharField(max_length=80, blank=True)
    source = models.CharField(max_length=20, blank=True)
    time_from = models.DateTimeField()
    time_to = models.DateTimeField()
    severity = models.CharField(max_length=10)
    #: The flag that the rule proposes; empty = none.
    proposed = models.CharField(max_length=20, blank=True)
    #: The row of `bishui.observations.FINDINGS` with its numbers as texts.
    evidence = models.JSONField(default=dict)
    state = models.CharField(max_length=10, default="new", db_index=True)
    flag = models.ForeignKey(
        "sites.Flag", on_delete=models.PROTECT, null=True, blank=True, related_name="findings"
    )
    by = models.CharField(max_length=150, blank=True)
    at = models.DateTimeField(null=True, blank=True)
    why = models.CharField(max_length=500, blank=True)
    found_at = models.DateTimeField()
    gone_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-time_from", "site", "item"]
        constraints = [
            models.UniqueConstraint(
                fields=["site", "rule", "item", "other_item", "source", "time_from", "time_to"],
                name="one_finding_once",
            )
        ]
        indexes = [models.Index(fields=["division", "state", "-time_from"], name="findings_as_listed")]

    def __str__(self) -> str:
        return f"{self.rule_label} {self.time_from:%Y-%m-%d %H:%M}"

    @property
    def rule_label(self) -> Text:
        """The rule in words."""
        return rule_name(self.rule)

    @property
    def state_label(self) -> Text:
        """What became of it, in words."""
        return STATES[self.state]

    @property
    def severity_label(self) -> Text:
        """How grave it is, in words."""
        return SEVERITIES[self.severity]

    @property
    def item_name(self) -> str:
        """The item in words."""
        return items()[self.item].name if self.item else ""

    @property
    def sentence(self) -> Text:
        """What was found, with its numbers."""
        return describe_finding(restored(self.evidence))


def stored(row: Mapping[str, Any]) -> dict[str, Any]:
    """Return a row of `bishui.observations.FINDINGS` as JSON can hold it exactly."""
    return {key: str(value) if isinstance(value, Decimal) else _plain(value) for key, value in row.items()}


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat()
    return dict(value) if isinstance(value, list) else value


def restored(evidence: Mapping[str, Any]) -> dict[str, Any]:
    """Return the row that `stored` was given."""
    row = dict(evidence)
    for key in ("value", "limit"):
        row[key] = Decimal(row[key]) if row.get(key) is not None else None
    for key in ("time_from", "time_to"):
        row[key] = datetime.fromisoformat(row[key])
    row["evidence"] = list((row.get("evidence") or {}).items())
    return row
