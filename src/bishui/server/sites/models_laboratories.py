"""How each laboratory writes its spreadsheets (化验室版式): saved mappings, each change a new edition."""

from __future__ import annotations

from django.db import models

from bishui.observations import Mapping
from bishui.server.core.records import OwnedRecord


class LaboratoryMapping(OwnedRecord):
    """One edition of a laboratory's mapping; edition 0 is a guess that nobody has confirmed.

    The newest confirmed edition reads the laboratory's files; earlier ones stay, since imports were read by
    them.
    """

    laboratory = models.CharField(max_length=120, db_index=True)
    edition = models.PositiveSmallIntegerField(default=0)
    #: `bishui.observations.Mapping.as_dict`.
    mapping = models.JSONField(default=dict)
    #: What the guess wants a person to look at, as `bishui.errors.Problem.as_dict`.
    findings = models.JSONField(default=list, blank=True)
    #: The file it was guessed from.
    file = models.ForeignKey("core.StoredFile", on_delete=models.PROTECT, related_name="+")
    made_by = models.CharField(max_length=150)
    made_at = models.DateTimeField()
    confirmed_by = models.CharField(max_length=150, blank=True)
    confirmed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["laboratory", "-edition", "-made_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["division", "laboratory", "edition"],
                condition=models.Q(edition__gt=0),
                name="one_edition_of_a_laboratory",
            )
        ]

    def __str__(self) -> str:
        return f"{self.laboratory} {self.edition}" if self.edition else self.laboratory

    def as_mapping(self) -> Mapping:
        """Return the mapping that reads files."""
        return Mapping.from_dict(self.mapping)
