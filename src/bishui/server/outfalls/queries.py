"""Reads of this app."""

from __future__ import annotations

from datetime import date

from bishui.server.outfalls.dossiers import Dossier, dossier, open_work
from bishui.server.outfalls.models import ChainLink, Outfall
from bishui.server.outfalls.rounds import latest as latest_round
from bishui.server.outfalls.standings import standings

__all__ = ["Dossier", "dossier", "latest_round", "links_of", "open_work", "outfalls_of", "standings"]


def outfalls_of(division: str) -> list[Outfall]:
    """Return the outfalls of a division's subtree that were not merged into another, by code."""
    return list(Outfall.objects.filter(division__startswith=division, merged_into="").order_by("code"))


def links_of(division: str, day: date) -> list[ChainLink]:
    """Return the steps of the ways of sewage in a division's subtree that hold on a day, by code."""
    links = ChainLink.objects.filter(division__startswith=division).order_by("code")
    return [link for link in links if link.holds_on(day)]
