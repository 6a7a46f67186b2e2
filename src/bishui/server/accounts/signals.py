"""Sign-ins go into the audit trail; Django's own ``last_login`` is not kept beside it."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.models import update_last_login
from django.contrib.auth.signals import user_logged_in, user_login_failed
from django.http import HttpRequest

from bishui.server.core import audit


def connect() -> None:
    """Connect the receivers; called once at start."""
    user_logged_in.disconnect(update_last_login, dispatch_uid="update_last_login")
    user_logged_in.connect(_signed_in, dispatch_uid="bishui.signed_in")
    user_login_failed.connect(_failed, dispatch_uid="bishui.sign_in_failed")


def _signed_in(sender: Any, request: HttpRequest | None, user: Any, **_: Any) -> None:
    where = request.META.get("REMOTE_ADDR", "") if request else ""
    with audit.action("accounts.signed_in", actor=user, where=where, user=user.get_username()):
        pass


def _failed(sender: Any, credentials: dict[str, Any], request: HttpRequest | None = None, **_: Any) -> None:
    name = str(credentials.get("username", ""))[:150]
    where = request.META.get("REMOTE_ADDR", "") if request else ""
    with audit.action("accounts.sign_in_failed", actor=name or "unknown", where=where, user=name):
        pass
