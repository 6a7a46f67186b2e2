"""Gathers for the reports on outfalls what became of the half-years' draws and of supervisory monitoring."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from django.urls import reverse

from bishui.outfalls import HalfYear, class_label
from bishui.server.core.templatetags.bishui_ui import share
from bishui.server.inspections import queries as inspections
from bishui.server.inspections.queries import DrawCount, Watch
from bishui.server.reporting.facts import Facts, Figure, Row, Source, cell
from bishui.server.reporting.periods import Scope

_VERDICTS = {True: "已完成", False: "未完成", None: "不适用"}


def gather(scope: Scope) -> Facts:
    """Gather the draws and the duty of monitoring of each half-year that the report speaks of."""
    periods = sorted({HalfYear.of(scope.first_day), HalfYear.of(scope.as_of)}, key=str)
    counts = [
        count for period in periods for count in inspections.draw_counts(scope.division, period, scope.as_of)
    ]
    watches = [inspections.monitoring_duty(scope.division, period, scope.as_of) for period in periods]
    source = Source("双随机抽查、监督检查和监督性监测记录", scope.as_of.isoformat())
    facts = Facts({"supervision.told": source.text("监督检查", "有", "1")})
    facts.add(_draws(source, counts))
    facts.add(_monitoring(source, watches))
    return facts


def _draws(source: Source, counts: Sequence[DrawCount]) -> Facts:
    """Return the counts of draws: who was drawn is nobody's to know before the result is published."""
    whole = [count for count in counts if not count.duty.group]
    url = reverse("inspections:overview")
    return Facts(
        {
            **_some("draws", source.count("双随机抽查", [Row(one.draw.code, url) for one in whole], url)),
            "supervision.drawn": _sum(source, "抽中的排污口", [one.drawn for one in whole], url),
            "supervision.inspected": _sum(source, "已检查的排污口", [one.inspected for one in whole], url),
            "supervision.findings": _sum(source, "检查发现的问题", [one.findings for one in whole], url),
        },
        {"outfall_draws": [_draw_row(count) for count in counts]},
    )


def _some(name: str, figure: Figure) -> dict[str, Figure]:
    """Return a figure, and where it is nought another one that says so."""
    found = {f"supervision.{name}": figure}
    if figure.value == "0":
        found[f"supervision.no_{name}"] = replace(figure, text="无", value="1")
    return found


def _sum(source: Source, label: str, numbers: Sequence[int], url: str) -> Figure:
    total = str(sum(numbers))
    return source.text(label, total, total, url)


def _draw_row(count: DrawCount) -> list[dict[str, Any]]:
    duty = count.duty
    return [
        cell(count.draw.code),
        cell(class_label(duty.group).zh if duty.group else "合计"),
        cell(duty.listed, number=duty.listed),
        cell(count.drawn, number=count.drawn),
        cell(share(count.drawn, duty.listed)),
        cell(count.inspected, number=count.inspected),
        cell(count.findings, number=count.findings),
        cell(_VERDICTS[duty.fulfilled]),
    ]


def _monitoring(source: Source, watches: Sequence[Watch]) -> Facts:
    url = reverse("inspections:monitoring")

    def of(*states: str) -> list[Row]:
        return [
            Row(f"{one.name}（{one.code}）", reverse("outfalls:outfall", args=[one.code]))
            for watch in watches
            for one, state, _day in watch.rows
            if state in states
        ]

    return Facts(
        {
            **_some("scale", source.count("须作监督性监测的排污口", of("done", "missing"), url)),
            "supervision.monitored": source.count("已完成监督性监测", of("done"), url),
            "supervision.unmonitored": source.count("未完成监督性监测", of("missing"), url),
        },
        {"outfall_monitoring": [_watch_row(watch) for watch in watches]},
    )


def _watch_row(watch: Watch) -> list[dict[str, Any]]:
    done = sum(state == "done" for _one, state, _day in watch.rows)
    counts = (len(watch.rows), done, len(watch.rows) - done, watch.unknown)
    return [
        cell(str(watch.period)),
        *(cell(count, number=count) for count in counts),
        cell(_VERDICTS[watch.whole.fulfilled]),
    ]
