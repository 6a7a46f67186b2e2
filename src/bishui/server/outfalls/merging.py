"""Entries that may be one outfall: what is proposed, and how a person decides it, with history kept."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from bishui.errors import Conflict, DataError, Where
from bishui.i18n import Text
from bishui.outfalls import Entry, Likeness, likenesses
from bishui.server.core import audit, clock
from bishui.server.core.records import RecordQuerySet
from bishui.server.outfalls.models import LikenessDecision, Outfall


@dataclass(frozen=True, slots=True)
class Proposal:
    """Two outfalls side by side, and why they may be one."""

    likeness: Likeness
    first: Outfall
    second: Outfall


def open_pairs(division: str) -> list[Likeness]:
    """Return the pairs of a division's subtree that wait for a decision, the nearest first.

    They are found anew when anything was written since.
    """
    state = audit.state()
    return list(_open_pairs(division, state) if state else _open_pairs.__wrapped__(division, ""))


@lru_cache(maxsize=8)
def _open_pairs(division: str, state: str) -> tuple[Likeness, ...]:
    known = Outfall.objects.filter(division__startswith=division, merged_into="")
    fields = known.values_list("code", "name", "lon", "lat", "coordinate_digits", "regional_code")
    apart = LikenessDecision.objects.filter(division__startswith=division, kept="")
    decided = set(apart.values_list("first", "second"))
    found = likenesses(Entry(*row) for row in fields.iterator())
    return tuple(pair for pair in found if (pair.first, pair.second) not in decided)


def proposals(pairs: Iterable[Likeness]) -> list[Proposal]:
    """Return the pairs with their outfalls."""
    pairs = list(pairs)
    codes = {code for pair in pairs for code in (pair.first, pair.second)}
    outfalls = {outfall.code: outfall for outfall in Outfall.objects.filter(code__in=codes)}
    return [Proposal(pair, outfalls[pair.first], outfalls[pair.second]) for pair in pairs]


def keep_apart(first: Outfall, second: Outfall, reason: str, *, actor: Any, where: str = "") -> None:
    """Decide that two entries are two outfalls, with the reason."""
    with audit.action(
        "outfalls.kept_apart",
        actor=actor,
        where=where,
        why=_given(reason),
        division=first.division,
        first=first.code,
        second=second.code,
    ):
        _decision(first, second, "", reason, actor).save()


def merge(kept: Outfall, gone: Outfall, reason: str, *, actor: Any, where: str = "") -> None:
    """Let one of two entries go on and the other point to it.

    Nothing of the other is changed or lost: visits, photographs, samples and rounds stay with it and are
    shown with the one that goes on. `part` undoes it.

    Raises
    ------
    Conflict
        If one of them was merged already.
    DataError
        If no reason is given.
    """
    for outfall in (kept, gone):
        if outfall.merged_into:
            raise Conflict(
                Text("“{name}”已并入 {code}。", name=str(outfall), code=outfall.merged_into),
                remedy=Text("请刷新页面查看最新状态。"),
            )
    with audit.action(
        "outfalls.merged",
        actor=actor,
        where=where,
        why=_given(reason),
        division=kept.division,
        kept=kept.code,
        gone=gone.code,
    ):
        gone.merged_into = kept.code
        gone.save()
        _decision(kept, gone, kept.code, reason, actor).save()


def part(gone: Outfall, reason: str, *, actor: Any, where: str = "") -> None:
    """Undo a merging: the entry stands for itself again.

    Raises
    ------
    Conflict
        If it is not merged.
    """
    kept = Outfall.objects.filter(code=gone.merged_into).first() if gone.merged_into else None
    if kept is None:
        raise Conflict(Text("“{name}”没有被合并。", name=str(gone)), remedy=Text("请刷新页面查看最新状态。"))
    with audit.action(
        "outfalls.parted",
        actor=actor,
        where=where,
        why=_given(reason),
        division=gone.division,
        kept=kept.code,
        gone=gone.code,
    ):
        gone.merged_into = ""
        gone.save()
        _decision(kept, gone, "", reason, actor).save()


def merged_into(outfall: Outfall) -> Sequence[Outfall]:
    """Return the entries that were merged into an outfall."""
    found: RecordQuerySet[Outfall] = Outfall.objects.filter(merged_into=outfall.code)
    return list(found.order_by("code"))


def _decision(one: Outfall, other: Outfall, kept: str, reason: str, actor: Any) -> LikenessDecision:
    first, second = sorted((one.code, other.code))
    return LikenessDecision(
        division=one.division,
        first=first,
        second=second,
        kept=kept,
        reason=reason.strip(),
        by=str(actor),
        at=clock.now(),
    )


def _given(reason: str) -> str:
    if not reason.strip():
        raise DataError(
            Text("请写明理由。"), where=Where(field="reason"), remedy=Text("如“同一口门，两次排查重复登记”。")
        )
    return reason.strip()
