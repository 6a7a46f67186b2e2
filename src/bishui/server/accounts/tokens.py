"""Keys for programs: made, found again by what the program shows, revoked."""

from __future__ import annotations

import hashlib
import secrets
from datetime import date, datetime, timedelta
from typing import Any

from bishui.server.accounts.models import AccessToken, User
from bishui.server.core import audit

#: A key begins so that a leaked one is known for what it is.
_PREFIX = "bishui_"
#: For how many days a key may be made.
LIFETIMES = (30, 90, 365)


def make(
    user: User, division: str, name: str, days: int, *, actor: Any, where: str = ""
) -> tuple[AccessToken, str]:
    """Make a key that reads the city `division` in the name of `user`.

    Returns
    -------
    token, key
        The record, and the key itself: it is stored nowhere and cannot be shown again.
    """
    key = _PREFIX + secrets.token_urlsafe(32)
    until = date.today() + timedelta(days=days)
    with audit.action(
        "accounts.token_made",
        actor=actor,
        where=where,
        division=division,
        user=user.username,
        name=name,
        until=until,
    ):
        token = AccessToken(
            user=user,
            division=division,
            name=name,
            digest=_digest(key),
            made_at=datetime.now().replace(microsecond=0),
            expires_on=until,
        )
        token.save()
    return token, key


def revoke(token: AccessToken, *, actor: Any, where: str = "") -> None:
    """Make a key worthless from now on; its record stays."""
    if token.revoked_at is not None:
        return
    with audit.action(
        "accounts.token_revoked", actor=actor, where=where, user=token.user.username, name=token.name
    ):
        token.revoked_at = datetime.now().replace(microsecond=0)
        token.save()


def of_key(key: str) -> AccessToken | None:
    """Return the token of a key that is valid today and whose user may sign in, else None."""
    if not key.startswith(_PREFIX):
        return None
    found = AccessToken.objects.select_related("user").filter(digest=_digest(key)).first()
    if found is None or not found.is_valid(date.today()) or not found.user.is_active:
        return None
    return found


def _digest(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()
