"""Keys by which a program reads in a user's name."""

from __future__ import annotations

from django.db import models

from bishui.server.core.held_keys import HeldKey


class AccessToken(HeldKey):
    """A key (访问令牌) by which a program, such as QGIS, reads one city in a user's name.

    `division` is the city that it opens, and no other.
    """

    user = models.ForeignKey("accounts.User", on_delete=models.CASCADE, related_name="tokens")
    name = models.CharField(max_length=60)

    def __str__(self) -> str:
        return self.name
