"""Values of targets that people enter."""

from __future__ import annotations

from django.db import models

from bishui.server.core.records import OwnedRecord


class IndicatorValue(OwnedRecord):
    """What a target's indicator was on a day, with where it comes from. It is withdrawn, never changed."""

    target = models.ForeignKey("plans.Target", on_delete=models.CASCADE, related_name="entered_values")
    day = models.DateField()
    value = models.DecimalField(max_digits=28, decimal_places=10)
    #: The value with its digits as typed.
    value_text = models.CharField(max_length=60)
    source = models.CharField(max_length=300)
    by = models.CharField(max_length=150)
    at = models.DateTimeField()
    withdrawn_why = models.CharField(max_length=300, blank=True)

    class Meta:
        ordering = ["day", "at"]
        constraints = [
            models.UniqueConstraint(
                fields=["target", "day"],
                condition=models.Q(withdrawn_why=""),
                name="one_standing_value_a_day",
            )
        ]

    def __str__(self) -> str:
        return f"{self.day} {self.value_text}"
