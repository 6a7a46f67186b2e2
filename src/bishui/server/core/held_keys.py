"""Keys that a user's program or device holds; of each the server keeps the digest only."""

from __future__ import annotations

from datetime import date

from django.db import models

from bishui.server.core.records import OwnedRecord


class HeldKey(OwnedRecord):
    """A key with 256 random bits, valid until a day and until it is revoked.

    Its plain hash cannot be guessed back, nor the key be found by trying. Who inherits it gives it its
    user and its name.
    """

    unlogged_fields = frozenset({"digest"})

    digest = models.CharField(max_length=64, unique=True)
    made_at = models.DateTimeField()
    expires_on = models.DateField()
    revoked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        abstract = True
        ordering = ["-made_at"]

    def is_valid(self, today: date) -> bool:
        """Tell whether the key still opens anything."""
        return self.revoked_at is None and today <= self.expires_on
