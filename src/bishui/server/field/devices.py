"""Devices: registered by a user who has signed in, known again by their key, put out of use."""

from __future__ import annotations

import hashlib
import secrets
from datetime import date, datetime, timedelta
from typing import Any

from bishui.server.core import audit
from bishui.server.field.limits import limit
from bishui.server.field.models import Device

#: A key begins so that a leaked one is known for what it is.
_PREFIX = "bishui_field_"


def register(user: Any, name: str, division: str, *, where: str = "") -> tuple[Device, str]:
    """Register a device of `user`, who acts for `division`.

    Returns
    -------
    device, key
        The record, and the key itself: it is stored nowhere and cannot be shown again.
    """
    key = _PREFIX + secrets.token_urlsafe(32)
    now = datetime.now().replace(microsecond=0)
    device = Device(
        user=user,
        name=name.strip()[:120] or "—",
        division=division,
        digest=_digest(key),
        made_at=now,
        expires_on=now.date() + timedelta(days=limit("device_days")),
    )
    with audit.action("field.device_added", actor=user, where=where, division=division, name=device.name):
        device.save()
    return device, key


def of_key(key: str) -> Device | None:
    """Return the device of a key that is valid today and whose user may sign in, else None."""
    if not key.startswith(_PREFIX):
        return None
    found = Device.objects.select_related("user").filter(digest=_digest(key)).first()
    if found is None or not found.is_valid(date.today()) or not found.user.is_active:
        return None
    return found


def revoke(device: Device, *, actor: Any, where: str = "") -> None:
    """Put a device out of use; its record stays."""
    if device.revoked_at is not None:
        return
    with audit.action("field.device_revoked", actor=actor, where=where, name=device.name):
        device.revoked_at = datetime.now().replace(microsecond=0)
        device.save()


def note_clock(device: Device, seconds: int, *, where: str = "") -> None:
    """Keep by how much a device's clock is off, where that has changed by more than the tolerance."""
    if abs(seconds - (device.clock_offset or 0)) <= limit("clock_tolerance"):
        return
    with audit.action("field.clock", actor=device.user, where=where, name=device.name, seconds=seconds):
        device.clock_offset = seconds
        device.save()


def _digest(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()
