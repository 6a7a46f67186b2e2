"""The rates behind the results of areas, zones and sources, each as a row: what a bulletin prints of them."""

from __future__ import annotations

from functools import singledispatch
from typing import Any

from bishui.assessment.rates import Rate
from bishui.assessment.subjects.drinking_sources import SourceAssessment
from bishui.assessment.subjects.function_zones import ZoneAssessment
from bishui.assessment.tables.cells import (
    Row,
    class_cells,
    count_cells,
    joined,
    named_cells,
    period_cells,
    rate_cells,
    rules_cells,
    value_cells,
)
from bishui.assessment.waters.areas import AreaStatus, RateKind
from bishui.errors import CallError
from bishui.i18n import Text

_RATES = {
    RateKind.GOOD: "good_rate",
    RateKind.WORST: "worst_rate",
    RateKind.ATTAINED: "attainment_rate",
}


@singledispatch
def figure_rows(result: Any, name: str = "") -> list[Row]:
    """Return a row for each rate of an area, of its zones or of its sources.

    An area has the share of each class, 优良比例, 劣Ⅴ类比例 and 达标率; zones have one; sources have theirs
    by count (水源达标率) and by volume (水量达标率). Numerator and denominator stand beside the percentage.

    Parameters
    ----------
    result
        What `area_status`, `assess_zones` or `assess_sources` returned.
    name
        Of the area that the zones or sources lie in; an area has its own.

    Raises
    ------
    CallError
        If it is a result without rates.
    """
    raise CallError(
        Text("“{kind}”没有比例。", kind=type(result).__name__),
        remedy=Text("请给出 area_status、assess_zones 或 assess_sources 返回的结果。"),
    )


@figure_rows.register
def _(result: AreaStatus, name: str = "") -> list[Row]:
    shared = {
        **named_cells(name or result.name),
        **period_cells(result.period),
        "item_list": joined(dict.fromkeys(key for items in result.item_lists for key in items)),
    }
    evaluated = count_cells(result.evaluated, len(result.sections), "sections")
    printed = result.class_shares.printed or (None,) * len(result.class_shares.counts)
    classes = [
        {
            "method": "class_share",
            **shared,
            **class_cells(rank),
            **value_cells(percent, "%"),
            "met": count,
            "reason": None if result.evaluated else "no_data",
            **evaluated,
            **rules_cells(result.class_shares.rules),
        }
        for rank, (count, percent) in enumerate(zip(result.class_shares.counts, printed, strict=True), 1)
    ]
    return classes + [shared | _rate_row(result, kind) for kind in RateKind]


def _rate_row(result: AreaStatus, kind: RateKind) -> Row:
    met, evaluated = result.parts(kind)
    return {
        "method": _RATES[kind],
        **value_cells(result.percent(kind), "%"),
        "met": met,
        "reason": None if evaluated else "no_data",
        **count_cells(evaluated, len(result.sections), "sections"),
        **rules_cells(result.rules),
    }


@figure_rows.register
def _(result: ZoneAssessment, name: str = "") -> list[Row]:
    target = result.control_target
    period = result.results[0].period if result.results else None
    return [
        {
            "method": "zone_rate",
            **named_cells(name),
            **(period_cells(period) if period else {}),
            **rate_cells(result.rate, "zones"),
            "verdict": result.state.value,
            "target": None if target is None else str(target),
            "reason": _reason(result.rate),
            **rules_cells(result.rules),
        }
    ]


@figure_rows.register
def _(result: SourceAssessment, name: str = "") -> list[Row]:
    shared = {**named_cells(name), **period_cells(result.period), **rules_cells(result.rules)}
    by_volume = result.by_volume
    judged = len(result.results) - by_volume.missing
    return [
        {
            "method": "source_rate",
            **shared,
            **rate_cells(result.by_count, "sources"),
            "reason": _reason(result.by_count),
        },
        {
            "method": "source_volume_rate",
            **shared,
            **value_cells(by_volume.percent, "%"),
            "reason": _reason(by_volume),
            **count_cells(judged, len(result.results), "sources"),
        },
    ]


def _reason(rate: Rate) -> str | None:
    return None if rate.evaluated else "no_data"
