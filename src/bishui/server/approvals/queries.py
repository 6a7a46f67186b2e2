"""Reads of this app."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet

from bishui.server.approvals.models import Application

DECIDED = ("granted", "registered", "refused")


def decided() -> QuerySet[Application]:
    """Return the applications that were decided, newest first: the list that has to be published."""
    return (
        Application.objects.filter(state__in=DECIDED)
        .select_related("outfall")
        .order_by("-decided_on", "code")
    )


def applications_at(outfall: Any) -> list[Application]:
    """Return the applications that made or changed an outfall, newest first, for its file (一口一档)."""
    return list(Application.objects.filter(outfall=outfall))
