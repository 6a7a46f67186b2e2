"""Writes of this app that people ask for."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from django.db import transaction

from bishui.errors import Conflict, DataError, Where
from bishui.i18n import Text
from bishui.server.alerts.models import Alert, Subscription
from bishui.server.cases import services as cases
from bishui.server.core import audit, clock, workflow
from bishui.server.core.advancing import advance


def decide(alert: Alert, transition: str, reason: str, *, actor: Any, seen: str = "", where: str = "") -> int:
    """Move an alert along its workflow; those of several stations take their members along.

    Parameters
    ----------
    transition
        ``confirm``, ``dismiss``, ``handle`` or ``reopen``.
    reason
        Why; it is required and stands in the alert's history.
    seen
        The state in which the person saw the alert; without it the present one.

    Returns
    -------
    int
        How many alerts were moved.

    Raises
    ------
    BishuiError
        As `bishui.server.core.workflow.fire`; a `Conflict` also if somebody judged it meanwhile.
    """
    source = alert.state
    if seen not in ("", source):
        raise Conflict(
            Text("“{name}”刚由他人办理，现为“{state}”。", name=str(alert), state=alert.step.label),
            remedy=Text("请查看办理经过后再决定。"),
        )
    with transaction.atomic():
        advance(alert, transition, actor=actor, texts={"text": reason}, where=where)
        # A member that somebody judged by itself before keeps that judgement.
        members = [
            member
            for member in alert.members.filter(state=source)
            if transition in {way.id for way in workflow.available(member, actor)}
        ]
        for member in members:
            advance(member, transition, actor=actor, texts={"text": reason}, where=where)
    return 1 + len(members)


def open_case(
    alert: Alert, title: str, text: str, *, unit: Any, deadline: date, actor: Any, where: str = ""
) -> Any:
    """Open a supervision notice on a confirmed alert, as a draft; an alert has one.

    Raises
    ------
    Conflict
        If the alert is not confirmed, or has its notice already.
    DataError
        As `bishui.server.cases.services.open_case`.
    """
    if alert.state != "confirmed" or alert.case_id is not None:
        raise Conflict(
            Text("“{name}”不能转督办。", name=str(alert)),
            remedy=Text("只有已确认、尚未转督办的预警才能转督办；请刷新页面查看最新状态。"),
        )
    with (
        transaction.atomic(),
        audit.action(
            "alerts.case_opened", actor=actor, where=where, division=alert.division, name=str(alert)
        ),
    ):
        case = cases.open_case(
            title,
            text,
            division=alert.division,
            unit=unit,
            deadline=deadline,
            actor=actor,
            at=clock.now(),
            about=("alert", str(alert.pk), str(alert)),
            where=where,
        )
        alert.case = case
        alert.save()
    return case


def subscribe(
    user: Any,
    *,
    division: str,
    site: Any = None,
    water: str = "",
    kinds: Sequence[str],
    place: str,
    where: str = "",
) -> Subscription:
    """Subscribe a user to alerts of a site, of a water in a division, or of all that lies in the division.

    The same place subscribed again takes the new kinds.

    Raises
    ------
    DataError
        If no kind is chosen.
    """
    if not kinds:
        raise DataError(
            Text("请至少选择一种预警。"), remedy=Text("选择后再保存。"), where=Where(field="kinds")
        )
    with audit.action("alerts.subscribed", actor=user, where=where, division=division, place=place):
        asked: dict[str, Any] = {"user": user, "division": division, "site": site, "water": water}
        subscription = Subscription.objects.filter(**asked).first() or Subscription(**asked)
        subscription.kinds = list(kinds)
        subscription.save()
    return subscription


def unsubscribe(subscription: Subscription, *, actor: Any, where: str = "") -> None:
    """End a subscription."""
    place = str(subscription.site or subscription.water or subscription.division)
    with audit.action(
        "alerts.unsubscribed", actor=actor, where=where, division=subscription.division, place=place
    ):
        subscription.delete()
