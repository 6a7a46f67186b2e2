"""Where outfalls stand on a day, as far as progress counts (整治进度): from the rounds and their history."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, time
from itertools import groupby
from operator import itemgetter
from typing import Any

from django.db.models import QuerySet

from bishui.outfalls import Standing
from bishui.server.core import clock
from bishui.server.core.models import WorkflowEvent
from bishui.server.outfalls.models import Outfall, OutfallRound

#: States in which somebody answers for the outfall, and those in which it was found to need remediation.
_TRACED = frozenset({"traced", "no_action", "planned", "remediating", "pending_acceptance", "signed_off"})
_NEEDS = _TRACED - {"traced", "no_action"}
_UNSEEN = frozenset({"suspected", "not_outfall"})

_BEGINS, _BEGINS_AGAIN = "suspected", "verified"

_Round = dict[str, Any]


def standings(division: str, day: date, *, waters: Sequence[str] = ()) -> list[Standing]:
    """Return where the outfalls of a division's subtree stood at the end of a day, by code.

    Records merged into another are left out. Whether an outfall is abnormal is taken as it is known now; one
    that was opened again counts as needing remediation until there is a new verdict.

    Parameters
    ----------
    waters
        Codes of receiving waters; empty = all.
    """
    outfalls = Outfall.objects.filter(division__startswith=division, merged_into="")
    if waters:
        outfalls = outfalls.filter(water__in=list(waters))
    if day >= clock.now().date():
        later = _rounds(OutfallRound.objects.filter(outfall__rounds__number=2, division__startswith=division))
        known = outfalls.order_by("code").values_list("pk", "code", "abnormal", "stage")
        return [
            _standing(code, abnormal == "yes", later.get(pk, [{"state": stage, "trigger": ""}]))
            for pk, code, abnormal, stage in known
        ]
    return _before(outfalls, division, day)


def _before(outfalls: QuerySet[Outfall], division: str, day: date) -> list[Standing]:
    """Return where outfalls stood on an earlier day, from the history of their rounds."""
    end = datetime.combine(day, time.max)
    rounds = _rounds(OutfallRound.objects.filter(division__startswith=division, opened_at__lte=end))
    then = _states(division, end)
    found = []
    for pk, code, abnormal in outfalls.order_by("code").values_list("pk", "code", "abnormal"):
        history = [
            one | {"state": then.get(one["pk"], _BEGINS if one["number"] == 1 else _BEGINS_AGAIN)}
            for one in rounds.get(pk, ())
        ]
        if history:
            found.append(_standing(code, abnormal == "yes", history))
    return found


def _rounds(found: QuerySet[OutfallRound]) -> dict[Any, list[_Round]]:
    """Return rounds in order by their outfall."""
    fields = ("pk", "outfall_id", "number", "state", "trigger")
    rows = found.order_by("outfall_id", "number").values(*fields)
    return {key: [dict(row) for row in group] for key, group in groupby(rows, key=itemgetter("outfall_id"))}


def _states(division: str, end: datetime) -> dict[Any, str]:
    """Return the last state that each round came to by a moment."""
    events = WorkflowEvent.objects.filter(
        workflow=OutfallRound.workflow_name, division__startswith=division, at__lte=end
    )
    return dict(events.order_by("at", "id").values_list("record_id", "target"))


def _standing(code: str, abnormal: bool, rounds: Sequence[_Round]) -> Standing:
    state, former = rounds[-1]["state"], rounds[-2]["state"] if len(rounds) > 1 else ""
    reopened = bool(rounds[-1]["trigger"]) and former in ("signed_off", "no_action")
    needs: bool | None = None
    if state in _NEEDS or (former == "signed_off" and state not in ("no_action", "not_outfall")):
        needs = True
    elif state == "no_action":
        needs = False
    return Standing(
        code=code,
        identified=state not in _UNSEEN,
        abnormal=abnormal or (reopened and state != "no_action"),
        needs_remediation=needs,
        traced=state in _TRACED or (reopened and former in _TRACED),
        signed_off=state == "signed_off",
    )
