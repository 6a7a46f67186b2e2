"""Writes of this app: decided places, traces, investigations and what they found."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from django.db import transaction

import bishui
from bishui.errors import BishuiError, Conflict, DataError, Where
from bishui.i18n import Text
from bishui.server.accounts.workspaces import is_beside_fiction
from bishui.server.cases import services as cases
from bishui.server.core import audit, clock
from bishui.server.network.asking import last_moment, question_of
from bishui.server.network.held import Held, needed, of_version
from bishui.server.network.models import OUTCOMES, Investigation, Placement, TraceRun
from bishui.server.network.placing import places
from bishui.server.network.points import Thing

METHOD = "bishui.network.tracing"


def decide_place(
    found: Held, thing: Thing, reach: str, chainage: Decimal, *, reason: str, actor: Any, where: str = ""
) -> Placement:
    """Say where something lies on the network; a place said before is overruled.

    Raises
    ------
    DataError
        There is no such reach, or the chainage is not on it.
    """
    row = found.row(reach)
    if row is None:
        raise DataError(
            Text("没有编号为“{reach}”的河段。", reach=reach),
            remedy=Text("请核对河段编号；编号区分大小写。"),
            where=Where(field="reach"),
        )
    length = Decimal(repr(float(found.file.reaches.length[row]))).quantize(Decimal("0.01"))
    if not 0 <= chainage <= length:
        raise DataError(
            Text(
                "里程 {at} m 不在河段“{reach}”内（长 {length} m）。", at=chainage, reach=reach, length=length
            ),
            remedy=Text("里程从河段上端起算。"),
            where=Where(field="chainage"),
        )
    with audit.action(
        "network.placed",
        actor=actor,
        where=where,
        why=reason,
        division=thing.division,
        name=thing.name,
        reach=reach,
        chainage=str(chainage),
    ):
        entry = _placement(thing)
        entry.name, entry.reach, entry.chainage = thing.name, reach, chainage
        entry.lon, entry.lat, entry.reason = _kept(thing.lon), _kept(thing.lat), reason
        entry.by, entry.at = _name(actor), clock.now()
        entry.save()
    return entry


def _placement(thing: Thing) -> Placement:
    root = thing.division.split("/", 1)[0] + "/"
    found = Placement.objects.filter(division__startswith=root, key=thing.key).first()
    return found or Placement(division=thing.division, key=thing.key)


def _kept(value: Decimal | None) -> Decimal | None:
    return None if value is None else value.quantize(Decimal("0.00000001"))


def drop_place(entry: Placement, *, actor: Any, where: str = "") -> None:
    """Take back what a person said of a place; what the coordinates say holds again."""
    with audit.action("network.unplaced", actor=actor, where=where, division=entry.division, name=entry.name):
        entry.delete()


def ask_trace(alert: Any, city: Any, *, actor: Any, where: str = "") -> TraceRun:
    """Ask for a trace of an alert: everything that goes in is kept now; `run_trace` answers it.

    Raises
    ------
    NotFound
        There is no network yet.
    Conflict
        The place is real, and the instance shows an invented city.
    DataError
        As `bishui.server.network.asking.question_of`.
    """
    if is_beside_fiction(alert.division):
        raise Conflict(
            Text("演示环境中不对真实地方溯源：不得出现真实单位的嫌疑。"),
            remedy=Text("请在没有载入虚构城市的环境中使用（bishui demo --empty）。"),
        )
    found = needed(city.division)
    asked = question_of(found, places(found, city.division), alert, city.division, last_moment(city.as_of))
    content = json.dumps(asked, sort_keys=True, ensure_ascii=False).encode()
    with audit.action(
        "network.trace_asked", actor=actor, where=where, division=alert.division, name=str(alert)
    ):
        run = TraceRun(
            division=alert.division,
            alert=alert.pk,
            name=str(alert)[:200],
            network=found.version,
            method=f"{METHOD} {bishui.__version__}",
            asked=asked,
            digest=hashlib.sha256(content).hexdigest(),
            at=clock.now(),
            by=_name(actor),
        )
        run.save()
    return run


def run_trace(run: TraceRun) -> None:
    """Answer a trace; one that is answered is left as it is. What cannot be answered says why."""
    if run.done_at is not None:
        return
    from bishui.server.network.answering import answer

    try:
        run.result = answer(of_version(run.network), run.asked)
        run.method = f"{run.method} · {run.result['settings']['version']}"[:120]
    except BishuiError as error:
        run.fault = error.as_dict()
    with audit.action("network.traced", actor="system", division=run.division, name=run.name):
        run.done_at = clock.now()
        run.save()


def dispatch(
    run: TraceRun,
    suspects: Sequence[str],
    title: str,
    text: str,
    *,
    unit: Any,
    deadline: date,
    actor: Any,
    where: str = "",
) -> Investigation:
    """Send suspects of a trace to be investigated (派发核查): a case, as a draft.

    Raises
    ------
    DataError
        A suspect is not one of the trace, or as `bishui.server.cases.services.open_case`.
    Conflict
        The trace has no result.
    """
    if run.result is None:
        raise Conflict(
            Text("溯源“{name}”没有结果，不能派发核查。", name=run.name), remedy=Text("请等待溯源完成。")
        )
    known = {entry["key"] for entry in run.result["suspects"]}
    if not suspects or not set(suspects) <= known:
        raise DataError(
            Text("请选择要核查的嫌疑对象。"), remedy=Text("从溯源结果中选择。"), where=Where(field="suspects")
        )
    with (
        transaction.atomic(),
        audit.action(
            "network.dispatched",
            actor=actor,
            where=where,
            division=run.division,
            name=run.name,
            unit=str(unit),
        ),
    ):
        case = cases.open_case(
            title,
            _with_caution(run.result["caution"], text),
            division=run.division,
            unit=unit,
            deadline=deadline,
            actor=actor,
            at=clock.now(),
            about=("trace", str(run.pk), str(Text("溯源：{name}", name=run.name))[:200]),
            where=where,
        )
        made = Investigation(
            division=run.division,
            trace=run,
            case=case,
            suspects=list(suspects),
            by=_name(actor),
            at=clock.now(),
        )
        made.save()
    return made


def _with_caution(caution: Mapping[str, str], text: str) -> str:
    """Return what a case asks for; that a trace is a lead, not proof, always stands in it."""
    return text if any(said in text for said in caution.values()) else f"{caution['zh']}\n{text}"


def record_found(
    made: Investigation, outcome: str, sources: Sequence[str], found: str, *, actor: Any, where: str = ""
) -> None:
    """Record what an investigation found, once its case is ended.

    Parameters
    ----------
    outcome
        ``confirmed`` with the sources, or ``refuted``.
    sources
        Codes of confirmed sources among the candidates of the trace.
    found
        What was seen on the spot; required.

    Raises
    ------
    Conflict
        The case is still open, or a result is recorded already.
    DataError
        The outcome and the sources do not agree, or nothing is said.
    """
    if made.outcome or not made.case.step.final:
        raise Conflict(
            Text("“{name}”现在不能记录核查结果。", name=str(made)),
            remedy=Text("核查案件办结之后、尚未记录时才能记录；请刷新页面。"),
        )
    known = {entry["code"] for entry in made.trace.asked["candidates"]}
    fits = (outcome == "confirmed") == bool(sources) and outcome in ("confirmed", "refuted")
    if not fits or not set(sources) <= known or not found.strip():
        raise DataError(
            Text("核查结果不完整。"),
            remedy=Text("查实须选出污染源，排除则不选；并请写明现场核查情况。"),
            where=Where(field="outcome"),
        )
    with audit.action(
        "network.found",
        actor=actor,
        where=where,
        division=made.division,
        name=str(made),
        outcome=OUTCOMES[outcome].both()["zh"],
    ):
        made.outcome, made.sources, made.found = outcome, list(sources), found.strip()
        made.found_by, made.found_at = _name(actor), clock.now()
        made.save()


def _name(actor: Any) -> str:
    return actor if isinstance(actor, str) else str(actor.get_username())
