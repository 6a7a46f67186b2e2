"""Writes of this app: applications received, judged, consulted on, decided, and the outfall that follows."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any, BinaryIO

from django.apps import apps
from django.db import IntegrityError

from bishui import standards
from bishui.errors import BishuiError, Conflict, DataError, Forbidden, Where
from bishui.i18n import Text
from bishui.server.approvals import areas
from bishui.server.approvals.models import DEEDS, Application
from bishui.server.core import audit, clock, evidence, rights
from bishui.server.core.advancing import advance
from bishui.server.inspections import norms
from bishui.server.outfalls import queries_supervision as outfalls
from bishui.server.outfalls import services as rounds

_DECIDING = {"grant": "granted", "register": "registered", "refuse": "refused"}
_OPEN = ("received", "returned", "accepted")
_STATUS = {"approval": "approved", "registration": "registered"}
_WATER_ITEMS = ("cod", "nh3n", "tp")


def receive(
    name: str,
    *,
    division: str,
    deed: str,
    kind: str,
    applicant: str,
    actor: Any,
    outfall: str = "",
    upload: tuple[BinaryIO, str] | None = None,
    where: str = "",
    **fields: Any,
) -> Application:
    """Receive an application; what the place means is looked up at once and kept as it was that day.

    Parameters
    ----------
    deed
        ``new``, ``change`` or ``enlarge``.
    outfall
        Code of the outfall, for the last two.
    **fields
        Further fields of `Application`.

    Raises
    ------
    DataError
        If a field is missing or the outfall is not known.
    Forbidden
        If the actor may not take applications there.
    """
    if deed not in DEEDS or not name.strip() or not applicant.strip():
        raise DataError(
            Text("申请缺少名称、申请人或申请事项。"),
            remedy=Text("请补充后再登记。"),
            where=Where(field="name"),
        )
    known = outfalls.by_codes([outfall]).get(outfall) if outfall else None
    if outfall and known is None:
        raise DataError(
            Text("没有编码为“{code}”的排污口。", code=outfall),
            remedy=Text("请核对编码；新设的排污口请留空。"),
            where=Where(field="outfall"),
        )
    today = clock.now().date()
    record = Application(
        division=known.division if known else division,
        name=name.strip(),
        deed=deed,
        kind=kind,
        applicant=applicant.strip(),
        outfall=known,
        received_on=today,
        received_by=str(actor),
        **fields,
    )
    if not rights.allowed(actor, "approvals.apply", record):
        raise Forbidden(Text("您没有在该区划登记申请的权限。"), remedy=Text("请选择本辖区内的区划或排污口。"))
    record.prepare()
    record.code = _next_code(record.division, today)
    settings = norms.settings(record.division, today)
    record.rules_version = settings.version
    record.due = standards.add_workdays(today, int(settings["acceptance_workdays"])).day
    with audit.action(
        "approvals.received", actor=actor, where=where, division=record.division, name=record.name
    ):
        if upload:
            record.file = evidence.keep(*upload, division=record.division)
        look_up(record)
        try:
            record.save()
        except IntegrityError as error:  # somebody else took the number at this moment
            raise Conflict(
                Text("编号 {code} 刚被占用。", code=record.code), remedy=Text("请再登记一次。")
            ) from error
    return record


def _next_code(division: str, day: date) -> str:
    """Return the next number of a year's applications, such as ``SZ450222-2026-003``."""
    stem = f"SZ{division.rstrip('/').rpartition('/')[2]}-{day.year}-"
    last = Application.objects.filter(code__startswith=stem).order_by("-code").values_list("code", flat=True)
    number = int(last[0].removeprefix(stem)) + 1 if last else 1
    return f"{stem}{number:03d}"


def look_up(record: Application) -> None:
    """Take down the special areas that hold the place, and the room that the reach has left."""
    day = record.received_on
    found = areas.areas_at(record.division, record.lon, record.lat, day)
    record.areas = [
        {"code": one.code, "name": one.name, "kind": one.kind, "level": one.level, "source": one.source}
        for one in found
    ]
    record.room = room_of(record)


def room_of(record: Application) -> dict[str, Any] | None:
    """Return what the reach could still take up, by item in kg/d, with the reason where nobody can say.

    None where the application has no place, or this instance keeps no river networks.
    """
    if record.lon is None or record.lat is None or not apps.is_installed("bishui.server.network"):
        return None
    from bishui.server.network import queries as network

    city = record.division.split("/")[0] + "/"
    items: dict[str, Any] = {}
    for item in _WATER_ITEMS:
        try:
            answer = network.remaining_room(
                city, (record.lon, record.lat), item, on=record.received_on, water=_water_name(record)
            )
        except BishuiError as error:
            return {"said": str(error.what), "items": {}}
        items[item] = {
            "load": None if answer.kg_per_day is None else f"{answer.kg_per_day:.4g}",
            "binding": answer.binding,
            "said": str(answer.said),
        }
    return {"said": "", "items": items, "reach": answer.reach, "network": answer.network}


def _water_name(record: Application) -> str:
    return outfalls.water_name(record.water)


def proposal(record: Application) -> Text | None:
    """Return what the special areas suggest; None where none holds the place. A person judges."""
    if not record.areas:
        return None
    names = "、".join(f"{one['name']}{one['level']}" for one in record.areas)
    return Text("位于 {names} 之内，建议认定为禁止设置；由人员判断并写明理由。", names=names)


def judge_areas(record: Application, verdict: str, reason: str, *, actor: Any, where: str = "") -> None:
    """Judge whether the special areas forbid the outfall, with the reason.

    Parameters
    ----------
    verdict
        ``forbidden``, ``allowed`` (the rules of the area admit it) or ``outside`` (the polygon is wrong).
    """
    _check_open(record)
    if verdict not in ("forbidden", "allowed", "outside") or not reason.strip():
        raise DataError(
            Text("认定结论或理由没有填写。"),
            remedy=Text("请选择结论，并写明依据的条款或资料。"),
            where=Where(field="reason"),
        )
    with audit.action(
        "approvals.judged_area",
        actor=actor,
        where=where,
        why=reason,
        division=record.division,
        name=record.name,
    ):
        record.area_verdict, record.area_reason, record.area_by = verdict, reason.strip(), str(actor)
        record.save()


def consult(record: Application, given: Mapping[str, Any], *, actor: Any, where: str = "") -> None:
    """Record whether water works may be affected, and the consultation of the water authority (征求意见).

    Parameters
    ----------
    given
        ``affects_water_works`` (yes or no), ``consulted``, ``consulted_on``, ``opinion`` (agree, oppose),
        ``opinion_on``, ``opinion_text``.
    """
    _check_open(record)
    if given.get("opinion") and not given.get("consulted"):
        raise DataError(
            Text("填了意见，没有填征求的单位。"),
            remedy=Text("请填写流域管理机构或水行政主管部门的名称。"),
            where=Where(field="consulted"),
        )
    with audit.action(
        "approvals.changed", actor=actor, where=where, division=record.division, name=record.name
    ):
        for field in (
            "affects_water_works",
            "consulted",
            "consulted_on",
            "opinion",
            "opinion_on",
            "opinion_text",
        ):
            setattr(record, field, given.get(field) or ("" if not field.endswith("_on") else None))
        record.save()


def extend(record: Application, why: str, *, actor: Any, where: str = "") -> None:
    """Put the decision off once, by the days of the rules; the applicant is told why.

    Raises
    ------
    Conflict
        If it was put off already, or is not being decided.
    """
    if record.state != "accepted" or record.extended_why or record.due is None:
        raise Conflict(
            Text("“{name}”不能再延长期限。", name=record.name), remedy=Text("受理后只能延长一次。")
        )
    if not why.strip():
        raise DataError(Text("没有写明延长的理由。"), remedy=Text("理由须告知申请人。"))
    days = int(norms.settings(record.division, record.received_on)["extension_workdays"])
    with audit.action(
        "approvals.extended", actor=actor, where=where, why=why, division=record.division, name=record.name
    ):
        record.due = standards.add_workdays(record.due, days).day
        record.extended_why = why.strip()
        record.save()


def _check_open(record: Application) -> None:
    if record.state not in _OPEN:
        raise Conflict(
            Text("“{name}”已经办结，不能修改。", name=record.name), remedy=Text("如有变化，请另行提出申请。")
        )


def move(
    record: Application,
    transition: str,
    *,
    actor: Any,
    texts: Mapping[str, str],
    uploads: Mapping[str, tuple[BinaryIO, str]] | None = None,
    where: str = "",
) -> None:
    """Take an application one step on; a granted or registered one makes or changes its outfall.

    Raises
    ------
    DataError
        With what is still waited for, where it may not be decided yet.
    """
    waits = record.waits_for() if transition in ("grant", "register") else []
    if waits and rights.allowed(actor, "approvals.decide", record):
        raise DataError(
            Text("“{name}”还不能办结：{waits}", name=record.name, waits="".join(str(one) for one in waits)),
            remedy=Text("请先补全这些事项。"),
        )
    today = clock.now().date()
    with audit.action(
        "approvals.granted" if transition in ("grant", "register") else "core.transition",
        actor=actor,
        where=where,
        division=record.division,
        name=record.name,
        transition=transition,
    ):
        if transition == "accept":
            record.due = _due(record, today)
        if transition in _DECIDING:
            record.decided_on, record.paper = today, texts.get("paper", "").strip()
            record.conditions = texts.get("text", "").strip()
        advance(record, transition, actor=actor, texts=texts, uploads=uploads, where=where)
        if record.state in ("granted", "registered"):
            _make_outfall(record, actor, where)


def _due(record: Application, day: date) -> date:
    settings = norms.settings(record.division, day)
    days = settings["decision_workdays" if record.route == "approval" else "registration_workdays"]
    return standards.add_workdays(day, int(days)).day


def _make_outfall(record: Application, actor: Any, where: str) -> None:
    """Enter what was granted into the register: a new outfall, or the changes of one that stands."""
    fields = {
        "kind": record.kind,
        "water": record.water,
        "discharge_standard": record.discharge_standard,
        "responsible_name": record.applicant,
        "responsible_kind": "discharger",
        "setting_status": _STATUS[record.route],
        "setting_paper": record.paper,
        "above_scale": _above_scale(record),
    }
    place = {"lon": record.lon, "lat": record.lat, "datum": record.datum} if record.lon is not None else {}
    if record.outfall is None:
        record.outfall = rounds.find_outfall(
            record.name,
            division=record.division,
            actor=actor,
            where=where,
            found_by="approval",
            **fields,
            **place,
        )
    else:
        changed = {key: value for key, value in (fields | place).items() if value not in ("", None)}
        for key, value in changed.items():
            setattr(record.outfall, key, value)
        record.outfall.prepare()
        record.outfall.save()
    record.save()


def _above_scale(record: Application) -> str:
    if record.volume is None:
        return ""
    settings = norms.settings(record.division, record.received_on)
    return "yes" if record.volume >= Decimal(settings["scale_per_day"]) else "no"
