"""The items of an effluent (出水、排污口) against their limits: what the days of each came to."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.utils.translation import gettext as _

from bishui.assessment import EffluentItem, mean_text
from bishui.server.sites.kinds.panel import Cell, Table, in_words, item_cell, shortened, value_text
from bishui.standards import LimitRow, Range


def summaries(items: Iterable[EffluentItem]) -> list[dict[str, Any]]:
    """Return of each item how its days were judged, the worst of them, and why some were not."""
    by_item: dict[str, list[EffluentItem]] = {}
    for item in items:
        by_item.setdefault(item.mean.item, []).append(item)
    return [_summary(key, entries) for key, entries in by_item.items()]


def _summary(key: str, entries: Sequence[EffluentItem]) -> dict[str, Any]:
    judgements = [entry.judgement for entry in entries if entry.judgement is not None]
    judged = [found for found in judgements if found.verdict in ("meets", "exceeds")]
    rows = [found.row for found in judged if found.row is not None]
    over = [found for found in judged if found.verdict == "exceeds"]
    multiples = [found.multiple for found in over if found.multiple is not None]
    reasons = [entry.reason.both() for entry in entries if entry.judgement not in judged and entry.reason]
    values = [entry.mean.value for entry in entries if entry.mean.value is not None]
    return {
        "item": key,
        "days": len(entries),
        "judged": len(judged),
        "over": len(over),
        "limited": any(found.verdict != "not_limited" for found in judgements) or not judgements,
        "limits": list(dict.fromkeys(_limit(row) for row in rows)),
        "clause": rows[-1].clause if rows else None,
        "highest": mean_text(max(values)) if values else None,
        "worst_multiple": f"{float(max(multiples)):.2f}" if multiples else None,
        "reason": reasons[0] if reasons else None,
    }


def _limit(row: LimitRow) -> str:
    limit = row.limit
    return f"{limit.low}~{limit.high}" if isinstance(limit, Range) else shortened(str(limit))


def worst_first(found: Sequence[Mapping[str, Any]]) -> list[str]:
    """Return the keys of the items that exceeded, on the most days first."""
    exceeded = [entry for entry in found if entry["over"]]
    return [entry["item"] for entry in sorted(exceeded, key=lambda entry: -entry["over"])]


def table(title: str, site: str, period: str, found: Sequence[Mapping[str, Any]], empty: str) -> Table:
    """Put the items in words; the column of reasons stands only where a limited item was not judged.

    Parameters
    ----------
    site, period
        Where and when the rows behind each item are.
    """
    said = any(entry["reason"] and entry["limited"] for entry in found)
    columns: list[Cell] = [
        {"label": _("项目")},
        {"label": _("限值"), "numeric": True},
        {"label": _("日均最大值"), "numeric": True},
        {"label": _("达标天数")},
        {"label": _("最大超标倍数"), "numeric": True},
        *([{"label": _("说明"), "long": True}] if said else []),
    ]
    return Table(title, columns, [_row(site, period, entry, said=said) for entry in found], empty)


def _row(site: str, period: str, entry: Mapping[str, Any], *, said: bool) -> Cell:
    judged = entry["judged"]
    days: Cell = {"k": judged - entry["over"], "n": judged, "missing": entry["days"] - judged}
    reason = in_words(entry["reason"]) if entry["reason"] and entry["limited"] else "—"
    return {
        "cells": [
            item_cell(site, entry["item"], period, entry["clause"] or ""),
            {"text": _("；").join(entry["limits"]) or (_("待定") if entry["limited"] else _("无限值"))},
            {"text": value_text(entry["highest"], entry["item"])},
            days if entry["limited"] else {"text": "—"},
            {"text": entry["worst_multiple"] or "—"},
            *([{"text": reason}] if said else []),
        ]
    }
