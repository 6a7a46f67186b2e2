"""Telling subscribers: a message to their units, through the queue of reminders."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from django.urls import reverse

from bishui.assessment import AlertKind
from bishui.i18n import Text
from bishui.server.alerts import queries
from bishui.server.alerts.models import Alert, Subscription
from bishui.server.reminders import notices


def tell(alerts: Sequence[Alert], day: date) -> int:
    """Tell those who asked to be told of new alerts; return how many messages that makes.

    A subscriber's unit is told at its addresses; one of several stations is told once, not for each station.
    """
    alone = [alert for alert in alerts if alert.group_id is None]
    if not alone:
        return 0
    subscriptions = list(Subscription.objects.select_related("user__unit"))
    waters = queries.waters_of(alone)
    wanted = [
        _notice(alert, subscription.user.unit, day)
        for alert in alone
        for subscription in subscriptions
        if subscription.user.is_active
        and subscription.user.unit
        and subscription.covers(alert, waters[alert.pk])
    ]
    return notices.tell(wanted)


def _notice(alert: Alert, unit: object, day: date) -> notices.Notice:
    kind = AlertKind(alert.kind).text
    return notices.Notice(
        key=f"alert:{alert.pk}",
        rule="alert",
        tone="warn",
        unit=unit,
        division=alert.division,
        subject=Text("预警（{kind}）：{name}", kind=kind, name=alert.name),
        text=Text("{said}", said=alert.said),
        about="alert",
        about_id=str(alert.pk),
        path=reverse("alerts:alert", args=[alert.pk]),
        on=day,
    )
