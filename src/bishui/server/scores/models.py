"""Schemes in versions, judgements, and released scores."""

from __future__ import annotations

from typing import Any

from django.db import models

from bishui.scoring import Rubric, rubric_of
from bishui.server.core.records import OwnedRecord


class Scheme(OwnedRecord):
    """One version of a scoring scheme (评分办法) in a city. A version is never changed, only followed.

    `data` is the rubric as plain data (numbers as texts), `why` the reason of this version.
    """

    key = models.CharField(max_length=60)
    number = models.PositiveIntegerField()
    title = models.CharField(max_length=200)
    subject = models.CharField(max_length=12)
    data = models.JSONField()
    why = models.CharField(max_length=300, blank=True)
    by = models.CharField(max_length=150)
    at = models.DateTimeField()

    class Meta:
        ordering = ["key", "-number"]
        constraints = [
            models.UniqueConstraint(fields=["division", "key", "number"], name="one_scheme_version")
        ]

    def __str__(self) -> str:
        return f"{self.title} · {self.number}"

    @property
    def rubric(self) -> Rubric:
        """The rubric of this version."""
        return rubric_of(self.data)


class Judgement(OwnedRecord):
    """A fact that a person enters for one subject and one year: points judged, or things counted.

    `subject` is the unit's code or the division's path; `value` None takes an entry back, history stays in
    the audit trail.
    """

    key = models.CharField(max_length=60)
    subject = models.CharField(max_length=200)
    year = models.PositiveSmallIntegerField()
    fact = models.CharField(max_length=80)
    value = models.DecimalField(max_digits=12, decimal_places=2, null=True)
    reason = models.CharField(max_length=300, blank=True)
    by = models.CharField(max_length=150)
    at = models.DateTimeField()

    class Meta:
        ordering = ["key", "subject", "fact"]
        constraints = [
            models.UniqueConstraint(
                fields=["division", "key", "subject", "year", "fact"], name="one_judgement_of_a_fact"
            )
        ]

    def __str__(self) -> str:
        return f"{self.subject} · {self.fact}"


class ReleasedScores(OwnedRecord):
    """Scores as they were released (发布): every line, every fact and its source on that day.

    Released scores are never changed; a later release stands beside the earlier one.
    """

    unlogged_fields = frozenset({"content"})

    scheme = models.ForeignKey(Scheme, on_delete=models.PROTECT, related_name="releases")
    year = models.PositiveSmallIntegerField()
    day = models.DateField()
    content = models.JSONField()
    by = models.CharField(max_length=150)
    at = models.DateTimeField()

    class Meta:
        ordering = ["-at"]

    def __str__(self) -> str:
        return f"{self.scheme.title} · {self.day}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Save once.

        Raises
        ------
        TypeError
            If it has been saved before: what was released does not change.
        """
        if not self._state.adding:
            raise TypeError("released scores are never changed")
        super().save(*args, **kwargs)
