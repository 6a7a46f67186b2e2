"""Writes of this app: releasing lists, the office's number, reports by the public and what became of them."""

from __future__ import annotations

import secrets
from datetime import date
from typing import Any

from bishui.errors import DataError, Where
from bishui.i18n import Text
from bishui.server.core import audit, clock
from bishui.server.core.advancing import advance
from bishui.server.outfalls import queries_supervision as outfalls
from bishui.server.outfalls import services as rounds
from bishui.server.outfalls.moving import SYSTEM
from bishui.server.portal import limits
from bishui.server.portal.models import LISTS, Complaint, Office, Release

_LETTERS = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
_TEXT_AT_MOST = 1000
#: Who reports, as the audit trail names it.
_PUBLIC = "公众"


def set_release(division: str, name: str, on: bool, *, actor: Any, where: str = "") -> Release:
    """Release a list of a division, or take it back; nothing is public before a person did so.

    Raises
    ------
    DataError
        If there is no such list.
    """
    if name not in LISTS:
        raise DataError(
            Text("没有名为“{name}”的公开内容。", name=name),
            remedy=Text("可用：{names}。", names="、".join(LISTS)),
        )
    with audit.action(
        "portal.released" if on else "portal.withdrawn",
        actor=actor,
        where=where,
        division=division,
        what=LISTS[name].template,
    ):
        found = Release.objects.filter(division=division, list=name).first()
        found = found or Release(division=division, list=name)
        found.on, found.at, found.by = on, clock.now(), str(actor)
        found.save()
    return found


def save_office(division: str, name: str, hotline: str, *, actor: Any, where: str = "") -> Office:
    """Keep whom the public may turn to; the number is an office's.

    Raises
    ------
    DataError
        If a part is missing.
    """
    if not name.strip() or not hotline.strip():
        raise DataError(
            Text("监督单位或监督电话没有填写。"), remedy=Text("请填写单位的公开电话，不要填个人电话。")
        )
    with audit.action("portal.office_saved", actor=actor, where=where, division=division):
        found = Office.objects.filter(division=division).first() or Office(division=division)
        found.name, found.hotline = name.strip(), hotline.strip()
        found.save()
    return found


def receive(
    outfall: Any, *, kind: str, text: str, seen_on: date, contact: str = "", where: str = ""
) -> Complaint:
    """Take down what somebody reported of an outfall; it changes nothing until a person confirms it.

    Raises
    ------
    DataError
        If nothing is said, or it was seen on a day to come.
    """
    known = {entry["id"] for entry in limits.rules()["complaint"]}
    if kind not in known or not text.strip() or len(text) > _TEXT_AT_MOST:
        raise DataError(
            Text("没有写明看到的情况。"),
            remedy=Text("请选择类别，并用 {most} 字以内写明情况。", most=_TEXT_AT_MOST),
            where=Where(field="text"),
        )
    now = clock.now()
    if seen_on > now.date():
        raise DataError(
            Text("日期 {day} 还没有到。", day=seen_on.isoformat()),
            remedy=Text("请填写看到的日期。"),
            where=Where(field="seen_on"),
        )
    number = f"{now:%Y%m%d}-{''.join(secrets.choice(_LETTERS) for _place in range(8))}"
    with audit.action(
        "portal.complaint_received",
        actor=_PUBLIC,
        where=where,
        division=outfall.division,
        name=str(outfall),
        number=number,
    ):
        record = Complaint(
            division=outfall.division,
            number=number,
            outfall=outfall,
            kind=kind,
            seen_on=seen_on,
            text=text.strip(),
            contact=contact.strip(),
            received_at=now,
        )
        record.save()
    return record


def decide(record: Complaint, transition: str, text: str, *, actor: Any, where: str = "") -> None:
    """Confirm what was reported, or not; a confirmed one opens a new round of an outfall that was closed."""
    with audit.action(
        "core.transition",
        actor=actor,
        where=where,
        division=record.division,
        name=record.number,
        transition=transition,
    ):
        advance(record, transition, actor=actor, texts={"text": text}, where=where)
        if record.state == "confirmed" and outfalls.is_closed(record.outfall):
            again = rounds.reopen(
                record.outfall,
                "complaint_confirmed",
                record=f"complaint:{record.number}",
                text=str(Text("公众反映查实：{text}", text=text.strip()))[:500],
                actor=SYSTEM,
                where=where,
            )
            record.reopened = str(again.pk)
            record.save()
