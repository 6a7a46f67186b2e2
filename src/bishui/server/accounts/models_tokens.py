"""Keys by which a program reads in a user's name."""

from __future__ import annotations

from datetime import date

from django.db import models

from bishui.server.core.records import OwnedRecord


class AccessToken(OwnedRecord):
    """A key (访问令牌) by which a program, such as QGIS, reads one city in a user's name.

    `division` is the city that it opens, and no other. Only the digest of the key is kept: it holds 256
    random bits, so that a plain hash cannot be guessed back, nor the key be found by trying.
    """

    unlogged_fields = frozenset({"digest"})

    user = models.ForeignKey("accounts.User", on_delete=models.CASCADE, related_name="tokens")
    name = models.CharField(max_length=60)
    digest = models.CharField(max_length=64, unique=True)
    made_at = models.DateTimeField()
    expires_on = models.DateField()
    revoked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-made_at"]

    def __str__(self) -> str:
        return self.name

    def is_valid(self, today: date) -> bool:
        """Tell whether the key still opens anything."""
        return self.revoked_at is None and today <= self.expires_on
