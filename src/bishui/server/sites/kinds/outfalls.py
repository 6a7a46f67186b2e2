"""The sampling point of an outfall (排污口采样点): its daily means against its own discharge standard."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.translation import gettext as _

from bishui.assessment import EffluentItem, discharge_result, mean_text
from bishui.server.core import registers
from bishui.server.sites import choosing, queries
from bishui.server.sites.kinds.look import Look
from bishui.server.sites.kinds.panel import (
    Cell,
    Panel,
    Table,
    fact,
    in_words,
    item_cell,
    method_of,
    not_assessed,
    rate_cell,
    shortened,
    value_text,
)
from bishui.standards import LimitRow, Range, edition_on

_KEY = "plant"


def compute(look: Look) -> dict[str, Any] | None:
    """Judge the days of the period; None where no discharge standard is registered."""
    site = look.site
    if not site.discharge_standard:
        return None
    discharge = queries.discharge_of(
        look.id,
        site.name,
        standard=site.discharge_standard,
        grade=site.discharge_grade,
        built=site.built,
        trade=site.trade,
    )
    found = discharge_result(
        discharge,
        look.rows(look.period),
        look.period,
        flags=look.flags,
        chosen=look.rules(_KEY),
        override=look.own,
    )
    by_item: dict[str, list[EffluentItem]] = {}
    for entry in found.items:
        by_item.setdefault(entry.mean.item, []).append(entry)
    edition = edition_on(site.discharge_standard, look.period.last_day)
    return {
        "standard": edition.edition,
        "grade": site.discharge_grade,
        "built": site.built,
        "rate": found.rate.as_dict(),
        "items": [_item(key, entries) for key, entries in by_item.items()],
    }


def _item(key: str, entries: Sequence[EffluentItem]) -> dict[str, Any]:
    """Return what the days of one item came to, with the limit and clause, or why none was judged."""
    judgements = [entry.judgement for entry in entries if entry.judgement is not None]
    judged = [found for found in judgements if found.verdict in ("meets", "exceeds")]
    rows = [found.row for found in judged if found.row is not None]
    over = [found.multiple for found in judged if found.verdict == "exceeds" and found.multiple is not None]
    reasons = [entry.reason.both() for entry in entries if entry.reason is not None]
    values = [entry.mean.value for entry in entries if entry.mean.value is not None]
    return {
        "item": key,
        "days": len(entries),
        "judged": len(judged),
        "over": sum(found.verdict == "exceeds" for found in judged),
        "limits": list(dict.fromkeys(_limit(row) for row in rows)),
        "clause": rows[-1].clause if rows else None,
        "highest": mean_text(max(values)) if values else None,
        "worst_multiple": f"{float(max(over)):.2f}" if over else None,
        "reason": reasons[0] if reasons and len(judged) < len(entries) else None,
    }


def _limit(row: LimitRow) -> str:
    limit = row.limit
    return f"{limit.low}~{limit.high}" if isinstance(limit, Range) else shortened(str(limit))


def panel(look: Look, found: Mapping[str, Any] | None) -> Panel:
    """Put the answer in words."""
    title = _("%(period)s排放情况") % {"period": choosing.period_name(look.period)}
    if found is None:
        return not_assessed(title, _("未登记排放标准"))
    grade = _grade(found["grade"])
    note = _("建成（或环评批复）日期 %(day)s") % {"day": found["built"]} if found["built"] else ""
    facts: list[Cell] = [
        fact(_("达标天数"), rate_cell(found["rate"])),
        fact(_("执行标准"), {"text": f"{found['standard']} {grade}", "note": note}),
    ]
    rows = [_row(look, entry) for entry in found["items"]]
    table = Table(_("逐项结果"), _columns(), rows, _("本时段没有采样数据。"))
    lines = {
        entry["item"]: entry["limits"][0]
        for entry in found["items"]
        if len(entry["limits"]) == 1 and "~" not in entry["limits"][0]
    }
    return Panel(title, facts, [table], [], method_of(look.rules(_KEY), found["standard"]), lines)


def _columns() -> list[Cell]:
    return [
        {"label": _("项目")},
        {"label": _("限值"), "numeric": True},
        {"label": _("日均最大值"), "numeric": True},
        {"label": _("达标天数")},
        {"label": _("最大超标倍数"), "numeric": True},
        {"label": _("说明"), "long": True},
    ]


def _row(look: Look, entry: Mapping[str, Any]) -> Cell:
    judged = entry["judged"]
    return {
        "cells": [
            item_cell(look.site.pk, entry["item"], look.period.label, entry["clause"] or ""),
            {"text": _("；").join(entry["limits"]) or "—"},
            {"text": value_text(entry["highest"], entry["item"])},
            {"k": judged - entry["over"], "n": judged, "missing": entry["days"] - judged},
            {"text": entry["worst_multiple"] or "—"},
            {"text": in_words(entry["reason"]) if entry["reason"] else "—"},
        ]
    }


def _grade(value: str | None) -> str:
    """Return a grade in the words of the register."""
    field = registers.load_all()["sites"].field("discharge_grade")
    return field.choice_label(value) if value else _("未登记执行等级")
