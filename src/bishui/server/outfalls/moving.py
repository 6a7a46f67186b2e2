"""Moving a round along its life cycle, and opening a closed outfall again (反弹)."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from math import cos, hypot, radians
from typing import Any

from bishui.errors import Conflict, DataError, NotFound, Where
from bishui.i18n import Text
from bishui.outfalls import Trigger, life_cycle
from bishui.server.core import audit, workflow
from bishui.server.outfalls import rounds
from bishui.server.outfalls.models import Outfall, OutfallRound

#: Who opens an outfall again where its own records show it.
SYSTEM = "排污口规则"
#: By which step a closed state is opened again.
REOPENED_BY = {"signed_off": "t16", "no_action": "t17", "not_outfall": "t18"}
#: States that records open again by themselves.
CLOSED_REOPENED = ("signed_off", "no_action")
_METRES_A_DEGREE = Decimal("111320")


def move(
    round_: OutfallRound,
    transition_id: str,
    *,
    actor: Any,
    evidence: Mapping[str, Any],
    where: str = "",
    why: str = "",
) -> OutfallRound:
    """Move a round along one step; its evidence goes into the round and its outfall in the same action.

    Parameters
    ----------
    transition_id
        ``t02`` … ``t19`` of ``workflows/outfall_round.toml``.
    evidence
        Texts, and identifiers of stored files, by the keys of the workflow file.

    Returns
    -------
    OutfallRound
        The round; of a step that begins anew, the new one.

    Raises
    ------
    NotFound
        If there is no such step.
    BishuiError
        As `workflow.fire`.
    """
    if transition_id not in workflow.of(round_).transitions:
        raise NotFound(
            Text("没有“{step}”这一办理步骤。", step=transition_id), remedy=Text("请使用页面上的办理按钮。")
        )
    moved = workflow.fire(round_, transition_id, actor=actor, evidence=evidence, where=where, why=why)
    assert isinstance(moved, OutfallRound)
    return moved


def reopen(
    outfall: Outfall, trigger: str, *, record: str, text: str, actor: Any, where: str = ""
) -> OutfallRound:
    """Open a closed outfall again: a new round begins, linked to the one that stays closed (T16, T17, T18).

    Parameters
    ----------
    trigger
        A trigger of ``data/life_cycle.toml``.
    record
        What shows it: kind and identifier of the record.
    text
        The reason in words.
    actor
        Who says so: a user with the right, or the name of a part of the system.

    Raises
    ------
    DataError
        If the trigger is not known.
    Conflict
        If the outfall is not closed.
    """
    if trigger not in life_cycle().triggers:
        raise DataError(
            Text("没有“{trigger}”这一反弹情形。", trigger=trigger),
            remedy=Text("可用：{names}。", names="、".join(life_cycle().triggers)),
            where=Where(field="trigger"),
        )
    latest = rounds.latest(outfall)
    if latest is None or latest.state not in REOPENED_BY:
        raise Conflict(
            Text("“{name}”尚未办结，不需要重新打开。", name=outfall.name),
            remedy=Text("请在当前一轮中继续办理。"),
        )
    given = {"trigger": trigger, "trigger_record": record, "text": text}
    return move(latest, REOPENED_BY[latest.state], actor=actor, evidence=given, where=where, why=text)


def reopen_by_itself(latest: OutfallRound, trigger: Trigger, *, record: str, text: str) -> OutfallRound:
    """Open a closed outfall again because a record shows it; within the action that kept the record."""
    return reopen(latest.outfall, trigger.id, record=record, text=text[:500], actor=SYSTEM)


def confirm_complaint(
    division: str, *, lon: Decimal, lat: Decimal, record: str, text: str, actor: Any, where: str = ""
) -> list[OutfallRound]:
    """Open the closed outfalls again that a confirmed complaint lies near to (投诉举报查实).

    Parameters
    ----------
    division
        The division path of the place.
    lon, lat
        Where, in degrees and in the datum of the register.

    Returns
    -------
    list
        The new rounds; the distance is a setting of the rules.
    """
    metres = Decimal(str(life_cycle().setting("complaint_radius_m")))
    span = metres / _METRES_A_DEGREE
    wide = span / Decimal(str(max(cos(radians(float(lat))), 0.1)))
    near = Outfall.objects.filter(
        division__startswith=division,
        stage__in=CLOSED_REOPENED,
        merged_into="",
        lon__range=(lon - wide, lon + wide),
        lat__range=(lat - span, lat + span),
    )
    opened = []
    with audit.action(
        "outfalls.complaint_confirmed", actor=actor, where=where, division=division, record=record, why=text
    ):
        for outfall in near.order_by("code"):
            assert outfall.lon is not None and outfall.lat is not None
            east = float(outfall.lon - lon) * cos(radians(float(lat)))
            if hypot(east, float(outfall.lat - lat)) * float(_METRES_A_DEGREE) <= float(metres):
                opened.append(reopen(outfall, "complaint_confirmed", record=record, text=text, actor=SYSTEM))
    return opened
