"""The envelope of a form: its number, its kind, when, where and about what it was made."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any
from uuid import UUID

from bishui.errors import CallError, Where
from bishui.i18n import Text
from bishui.server.field.clocks import Made, moment
from bishui.server.field.specification import forms

#: What a form may rest on, by the number that the device gave that form.
LINKS = ("discovery", "visit", "sample")


@dataclass(frozen=True, slots=True)
class Position:
    """Where a device was: degrees (WGS-84), accuracy in metres, and the time of the reading."""

    lon: Decimal
    lat: Decimal
    accuracy: Decimal
    at: datetime


@dataclass(frozen=True, slots=True)
class Envelope:
    """A form as it was sent, its parts read; `payload` is the whole of it, `digest` the SHA-256 of that."""

    client_id: UUID
    kind: str
    made: Made
    outfall: UUID | None
    links: Mapping[str, UUID]
    seen: Mapping[str, Any]
    position: Position | None
    fields: Mapping[str, Any]
    photo: Mapping[str, Any]
    payload: dict[str, Any]
    digest: str


def read(form: Any) -> Envelope:
    """Read a form's envelope; its answers are judged later.

    Raises
    ------
    CallError
        If it has no number, kind or time, or anything is of another type than the page makes.
    """
    try:
        return _read(form)
    except (KeyError, TypeError, ValueError, AttributeError, InvalidOperation, OverflowError) as fault:
        raise CallError(
            Text("现场表单的格式不正确：{fault}。", fault=str(fault)[:120]),
            remedy=Text("请联网打开现场页面，更新后重试；表单仍保存在设备上。"),
            where=Where(field="form"),
        ) from fault


def _read(form: Mapping[str, Any]) -> Envelope:
    if form["kind"] not in forms():
        raise ValueError(form["kind"])
    text = json.dumps(form, ensure_ascii=False, sort_keys=True)
    return Envelope(
        client_id=UUID(form["client_id"]),
        kind=form["kind"],
        made=_made(form),
        outfall=UUID(form["outfall"]) if form.get("outfall") else None,
        links={name: UUID(form[name]) for name in LINKS if form.get(name)},
        seen=_mapping(form.get("seen")),
        position=_position(form.get("position")),
        fields=_mapping(form.get("fields")),
        photo=_photo(form),
        payload=json.loads(text),
        digest=hashlib.sha256(text.encode()).hexdigest(),
    )


def _mapping(given: Any) -> Mapping[str, Any]:
    if given is not None and not isinstance(given, dict):
        raise TypeError("object expected")
    return given or {}


def _made(form: Mapping[str, Any]) -> Made:
    contact, former = form.get("contact"), form.get("former")
    made = Made(
        at=moment(int(form["made_at"])),
        contact=moment(int(contact)) if contact else None,
        former=moment(int(former)) if former else None,
        changed=int(form.get("clock_changed") or 0),
    )
    made.at + timedelta(seconds=made.changed)  # a correction that no time can bear is refused here
    return made


def _position(given: Any) -> Position | None:
    if not given:
        return None
    lon, lat = Decimal(str(given["lon"])), Decimal(str(given["lat"]))
    accuracy = Decimal(str(given["accuracy"]))
    if not (abs(lon) <= 180 and abs(lat) <= 90 and accuracy >= 0):
        raise ValueError("position")
    return Position(
        round(lon, 7), round(lat, 7), min(round(accuracy, 1), Decimal("9999999.9")), moment(int(given["at"]))
    )


def _photo(form: Mapping[str, Any]) -> Mapping[str, Any]:
    given = _mapping(form.get("photo"))
    if form["kind"] == "photograph":
        return {
            "sha256": str(given["sha256"]),
            "size": int(given["size"]),
            "name": str(given.get("name") or ""),
        }
    return {}
