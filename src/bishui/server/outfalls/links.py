"""Writes of the chain: a link is added with its evidence, and ended with the reason; never deleted."""

from __future__ import annotations

from datetime import date
from typing import Any, BinaryIO

from bishui.server.core import audit, evidence
from bishui.server.outfalls.models import ChainLink, Outfall

#: An open file and its name.
Upload = tuple[BinaryIO, str]


def add_link(
    outfall: Outfall,
    *,
    upper: tuple[str, str],
    lower: tuple[str, str],
    actor: Any,
    upload: Upload | None = None,
    where: str = "",
    **fields: Any,
) -> ChainLink:
    """Add a link to the chain of an outfall.

    Parameters
    ----------
    upper, lower
        Kind and code of each end: discharger or channel, channel or outfall.
    upload
        The file of evidence.
    **fields
        ``share``, ``permit_outlet``, ``since``, ``evidence``.

    Raises
    ------
    DataError
        If an end is in no register, or the link leads back to itself.
    """
    with audit.action(
        "outfalls.linked", actor=actor, where=where, division=outfall.division, name=str(outfall)
    ):
        link = ChainLink(
            code=_next_code(lower[1]),
            upper_kind=upper[0],
            upper=upper[1],
            lower_kind=lower[0],
            lower=lower[1],
            **fields,
        )
        link.prepare()
        if upload is not None:
            link.evidence_file = evidence.keep(*upload, division=outfall.division)
        link.save()
    return link


def _next_code(lower: str) -> str:
    """Return a code that no link has: that of the lower end and a number."""
    taken = set(ChainLink.objects.filter(lower=lower).values_list("code", flat=True))
    number = len(taken) + 1
    while f"{lower}/{number}" in taken:
        number += 1
    return f"{lower}/{number}"


def end_link(
    outfall: Outfall, link: ChainLink, *, until: date, why: str, actor: Any, where: str = ""
) -> None:
    """End a link, with its last day and the reason.

    Raises
    ------
    DataError
        If it would end before it began.
    """
    with audit.action(
        "outfalls.link_ended", actor=actor, where=where, why=why, division=outfall.division, name=str(outfall)
    ):
        link.until, link.ended_why = until, why
        link.prepare()
        link.save()
