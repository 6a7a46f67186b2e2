"""What devices send: each form once, whatever the link does, and none dropped."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction

from bishui.errors import BishuiError, Conflict
from bishui.server.core import audit, files
from bishui.server.field import applying, clocks, specification, uploads
from bishui.server.field.envelope import Envelope, Position, read
from bishui.server.field.limits import limit
from bishui.server.field.models import Device, Submission


@dataclass(frozen=True, slots=True)
class Sender:
    """Who sends, from which device, and how far its clock is off (server's time less its own, in seconds)."""

    user: Any
    division: str
    device: Device | None = None
    offset: int = 0
    where: str = ""
    came_by: str = "network"


def receive(form: Any, sender: Sender) -> Submission:
    """Keep a form and make its record, or say what it waits for, contradicts or lacks.

    The same form again changes nothing; one that was refused may come corrected under its number.

    Raises
    ------
    CallError
        If it is no form at all, so that nothing could be kept of it.
    """
    envelope = read(form)
    found = Submission.objects.filter(client_id=envelope.client_id).first()
    if found is not None and found.digest == envelope.digest and not _may_go_on(found):
        _forget_bytes(found, envelope)
        return found
    try:
        submission = _take_in(envelope, sender, found)
    except (IntegrityError, Conflict):  # the same form came by another request at the same time
        return Submission.objects.get(client_id=envelope.client_id)
    resume(str(submission.client_id), where=sender.where)
    submission.refresh_from_db()
    return submission


def _may_go_on(submission: Submission) -> bool:
    """Tell whether what a form waited for has come meanwhile; without it nothing is tried, nor written."""
    if submission.fate != "waiting":
        return False
    upload = uploads.find(submission.waits_for)
    if upload is not None:
        return upload.is_whole()
    if len(submission.waits_for) == hashlib.sha256().digest_size * 2:
        return False  # a photograph of which no byte has come
    awaited = Submission.objects.filter(client_id=submission.waits_for, fate__in=("done", "set_aside"))
    return awaited.exists()


def _take_in(envelope: Envelope, sender: Sender, found: Submission | None) -> Submission:
    with _action(envelope.kind, sender.user, sender.where):
        if found is None:
            found = _new(envelope, sender)
        elif found.digest != envelope.digest:
            if found.fate != "refused":
                _keep_other(found, envelope)
                return found
            _replace(found, envelope, sender)
        settle(found, envelope)
        found.save()
    return found


def _action(kind: str, user: Any, where: str) -> Any:
    return audit.action("field.received", actor=user, where=where, kind=str(specification.label(kind)))


def _new(envelope: Envelope, sender: Sender) -> Submission:
    submission = Submission(
        client_id=envelope.client_id,
        kind=envelope.kind,
        device=sender.device,
        user=sender.user,
        division=sender.division,
        came_by=sender.came_by,
    )
    _replace(submission, envelope, sender)
    return submission


def _replace(submission: Submission, envelope: Envelope, sender: Sender) -> None:
    tolerance, received = limit("clock_tolerance"), datetime.now().replace(microsecond=0)
    submission.payload, submission.digest = envelope.payload, envelope.digest
    submission.made_at, submission.received_at = envelope.made.at, received
    submission.at = clocks.put_right(envelope.made, sender.offset, tolerance)
    submission.clock_offset = round((submission.at - submission.made_at).total_seconds())
    submission.flags = clocks.doubts(
        envelope.made,
        submission.at,
        received,
        offset=sender.offset,
        tolerance=tolerance,
        slack=limit("times_tolerance"),
    ) + _doubts_of_place(envelope)


def _doubts_of_place(envelope: Envelope) -> list[str]:
    if envelope.kind == "custody":
        return []
    position: Position | None = envelope.position
    if position is None:
        return ["no_position"]
    apart = abs((position.at - envelope.made.at).total_seconds())
    tests = {
        "poor_accuracy": position.accuracy > limit("poor_accuracy"),
        "old_position": apart > limit("times_tolerance"),
    }
    return [name for name, holds in tests.items() if holds]


def _keep_other(submission: Submission, envelope: Envelope) -> None:
    """Keep another content under the same number beside the first, for a person to see."""
    known = {other["digest"] for other in submission.others}
    if envelope.digest not in known:
        submission.others = [*submission.others, {"digest": envelope.digest, "payload": envelope.payload}]
        submission.save()


def settle(submission: Submission, envelope: Envelope, *, decided: bool = False, chosen: Any = None) -> None:
    """Try to make the record of a form, and note on the submission what became of it; it is not saved."""
    act = audit.current()
    noted = len(act.changes)
    submission.waits_for, submission.reason, submission.differences = "", {}, []
    try:
        with transaction.atomic():
            applying.apply(submission, envelope, decided=decided, chosen=chosen)
        submission.fate = "done"
        return
    except applying.Waiting as waiting:
        submission.fate, submission.waits_for = "waiting", waiting.thing
    except applying.SetAside:
        set_aside(submission, envelope)
        return
    except applying.Contradiction as contradiction:
        submission.fate, submission.differences = "conflict", contradiction.differences
    except BishuiError as error:
        submission.fate, submission.reason = "refused", error.as_dict()
    del act.changes[noted:]  # what was written of it meanwhile was taken back with the transaction inside


def set_aside(submission: Submission, envelope: Envelope) -> None:
    """Keep a form, and its photograph where that has arrived, without making it count."""
    submission.fate, submission.waits_for = "set_aside", ""
    upload = uploads.find(envelope.photo["sha256"]) if envelope.photo else None
    if upload is not None and upload.is_whole():
        submission.file = files.keep(
            files.chunks_of(upload.path), applying.name_of(envelope), division=submission.division
        )
        uploads.forget(upload)


def resume(thing: str, *, where: str = "") -> None:
    """Go on with the forms that waited for a form (its number) or a photograph (its SHA-256)."""
    waiting = [thing]
    while waiting:
        name = waiting.pop()
        for submission in Submission.objects.filter(fate="waiting", waits_for=name).order_by(
            "received_at", "id"
        ):
            with _action(submission.kind, submission.user, where):
                settle(submission, read(submission.payload))
                submission.save()
            if submission.fate in ("done", "set_aside"):
                waiting.append(str(submission.client_id))


def _forget_bytes(submission: Submission, envelope: Envelope) -> None:
    """Let go of pieces that a device sent anew after the photograph was kept: it had not heard so."""
    if submission.fate == "done" and envelope.photo:
        upload = uploads.find(envelope.photo["sha256"])
        if upload is not None:
            with transaction.atomic():
                uploads.forget(upload)
