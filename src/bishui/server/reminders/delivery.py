"""The queue of deliveries: at least once, one identifier each, surviving a worker that dies at any line."""

from __future__ import annotations

from datetime import datetime, timedelta

import structlog
from django.conf import settings
from django.db import models
from django_tasks import task

from bishui.errors import BishuiError
from bishui.server.core import audit
from bishui.server.core.queued import arguments_of
from bishui.server.reminders import rules, sending
from bishui.server.reminders.models import Contact, Delivery, Message

log = structlog.get_logger()


def queue(messages: list[Message], now: datetime) -> int:
    """Queue each message for the addresses in use of its unit; return how many deliveries that makes."""
    codes = {message.unit.code for message in messages}
    contacts: dict[str, list[Contact]] = {}
    for contact in Contact.objects.filter(unit__in=codes, active="yes"):
        contacts.setdefault(contact.unit, []).append(contact)
    made = [
        Delivery(division=message.division, message=message, contact=contact, next_at=now)
        for message in messages
        for contact in contacts.get(message.unit.code, [])
    ]
    if made:
        Delivery.objects.bulk_create(made)
    return len(made)


def due(now: datetime) -> models.QuerySet[Delivery]:
    """Return the deliveries whose next attempt has come."""
    return Delivery.objects.filter(state="waiting", next_at__lte=now)


def wake() -> bool:
    """Put a round of deliveries into the queue of jobs where one is due and none waits; tell whether so."""
    if not due(datetime.now()).exists() or arguments_of(deliver):
        return False
    deliver.enqueue()
    return True


@task()
def deliver() -> str:
    """Make one attempt at each delivery that is due."""
    sent, failed = deliver_due(datetime.now())
    return f"{sent} sent, {failed} failed"


def deliver_due(now: datetime) -> tuple[int, int]:
    """Make one attempt at each delivery that is due; return how many were sent and how many failed."""
    outcomes = [
        attempt(delivery, now)
        for delivery in due(now).select_related("message", "contact")[: rules.pauses().at_once]
    ]
    return outcomes.count(True), outcomes.count(False)


def attempt(delivery: Delivery, now: datetime) -> bool:
    """Make one attempt; tell whether it was taken.

    The attempt is written down before it is made. If the process dies in between, the next one follows
    after the pause, with the same identifier.
    """
    pauses = rules.pauses().minutes
    with audit.action("reminders.attempted", actor="system", name=str(delivery)):
        delivery.attempts += 1
        delivery.next_at = now + timedelta(minutes=pauses[min(delivery.attempts, len(pauses)) - 1])
        delivery.save()
    try:
        sending.send(delivery.contact.kind, delivery.contact.address, _fields(delivery))
    except BishuiError as error:
        return _failed(delivery, str(error), final=delivery.attempts >= len(pauses))
    with audit.action("reminders.delivered", actor="system", name=str(delivery)):
        delivery.state, delivery.sent_at, delivery.fault = "sent", datetime.now(), ""
        delivery.save()
    return True


def _failed(delivery: Delivery, reason: str, *, final: bool) -> bool:
    log.warning("reminder not delivered", delivery=str(delivery.pk), reason=reason)
    with audit.action("reminders.not_delivered", actor="system", name=str(delivery), reason=reason):
        delivery.fault = reason[:300]
        delivery.state = "given_up" if final else "waiting"
        delivery.save()
    return False


def _fields(delivery: Delivery) -> dict[str, str]:
    message = delivery.message
    url = f"{settings.PUBLIC_URL}{message.path}" if settings.PUBLIC_URL and message.path else ""
    return {"id": str(delivery.pk), "subject": message.subject, "text": message.text, "url": url}


def try_again(delivery: Delivery, *, actor: object, where: str = "") -> None:
    """Let a delivery that was given up begin anew."""
    with audit.action("reminders.tried_again", actor=actor, where=where, name=str(delivery)):
        delivery.state, delivery.attempts, delivery.next_at = "waiting", 0, datetime.now()
        delivery.save()
