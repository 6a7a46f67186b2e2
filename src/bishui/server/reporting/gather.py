"""Gathers all that a report is made of: figures with source and day, tables, charts, what is missing."""

from __future__ import annotations

from django.utils import translation

from bishui.i18n import use_language
from bishui.server.reporting import bulletin, gather_cases, gather_ledger, gather_outfalls, gather_water
from bishui.server.reporting.facts import Facts, Row, Source
from bishui.server.reporting.periods import BULLETINS, OUTFALLS, Scope

#: Each gives one part; a part that has nothing to tell says so by its gaps.
PARTS = (gather_water.gather, gather_ledger.gather, gather_cases.gather)


def gather(scope: Scope) -> Facts:
    """Return the facts of a scope, in Chinese: reports are Chinese official documents."""
    if scope.kind in BULLETINS:
        return bulletin.gather(scope)
    facts = Facts()
    with translation.override("zh-hans"), use_language("zh-hans"):
        for part in (gather_outfalls.gather,) if scope.kind in OUTFALLS else PARTS:
            facts.add(part(scope))
    source = Source("本报告缺失数据清单", scope.as_of.isoformat())
    facts.figures["gaps.total"] = source.count(
        "缺失数据项", [Row(f"{gap.kind}：{gap.what}（{gap.why}）", gap.url) for gap in facts.gaps]
    )
    return facts
