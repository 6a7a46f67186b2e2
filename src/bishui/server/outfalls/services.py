"""Writes of this app: an outfall found, what is recorded at it, and how its rounds move."""

from __future__ import annotations

from typing import Any

from bishui.server.core import audit, clock
from bishui.server.outfalls.models import Outfall
from bishui.server.outfalls.moving import confirm_complaint, move, reopen
from bishui.server.outfalls.recording import add_photo, match_view, record_visit
from bishui.server.outfalls.sampling import enter_results, hand_over, take_sample

__all__ = [
    "add_photo",
    "confirm_complaint",
    "enter_results",
    "find_outfall",
    "hand_over",
    "match_view",
    "move",
    "record_visit",
    "reopen",
    "take_sample",
]


def find_outfall(name: str, *, division: str, actor: Any, where: str = "", **fields: Any) -> Outfall:
    """Register a suspected outfall and open its first round (T01).

    Parameters
    ----------
    name
        What it is called for now; a name is never a key.
    division
        Path of the county that it lies in.
    **fields
        Further fields of `Outfall`: place, survey level, how and when it was found. With a `client_id` that a
        device gave before, the outfall that exists already is returned.
    """
    before = (
        Outfall.objects.filter(client_id=fields["client_id"]).first() if fields.get("client_id") else None
    )
    if before is not None:
        return before
    with audit.action("outfalls.found", actor=actor, where=where, division=division, name=name):
        outfall = Outfall(name=name, division=division, **fields)
        outfall.found_at = outfall.found_at or clock.now()
        outfall.prepare()
        Outfall.assign_keys([outfall])
        outfall.save()
        Outfall.after_adding([outfall])
    return outfall
