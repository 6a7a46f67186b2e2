"""What sections, waters, indices, changes and trends say in the columns of a table of results."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal
from fractions import Fraction
from functools import singledispatch
from math import isnan
from typing import Any

from bishui.assessment.numbers import round_half_up
from bishui.assessment.periods import Period
from bishui.assessment.ranking.cwqi import CityIndex, QualityIndex
from bishui.assessment.ranking.indices import IndexChange, IndexRanking
from bishui.assessment.results import Assessment, SectionResult
from bishui.assessment.tables.cells import (
    Row,
    class_cells,
    count_cells,
    joined,
    named_cells,
    period_cells,
    pollutants_text,
    pooled_text,
    rules_cells,
    settings_text,
    value_cells,
)
from bishui.assessment.trends.trend import KendallTrend, RankTrend
from bishui.assessment.waters.areas import AreaStatus, RateKind
from bishui.assessment.waters.change import Change
from bishui.assessment.waters.lakes import LakeStatus
from bishui.errors import CallError
from bishui.i18n import Text


@singledispatch
def rows_of(result: Any) -> list[Row]:
    """Return the rows of a result, or of everything inside a collection of results.

    Raises
    ------
    CallError
        If it is no result of this room.
    """
    if isinstance(result, Iterable) and not isinstance(result, str | bytes | Mapping):
        return [row for entry in result for row in rows_of(entry)]
    raise CallError(
        Text("“{kind}”不是评价结果，不能成表。", kind=type(result).__name__),
        remedy=Text("请给出 assess、area_status、assess_zones 等返回的结果。"),
    )


@rows_of.register
def _(result: Assessment) -> list[Row]:
    settings = {version: settings_text(method) for version, method in result.methods.items()}
    return [section_row(section.as_dict()) | {"settings": settings.get(section.method)} for section in result]


@rows_of.register
def _(result: SectionResult) -> list[Row]:
    return [section_row(result.as_dict())]


def section_row(form: Mapping[str, Any]) -> Row:
    """Return the row of a section from the JSON form of its result, as it is computed or as it is kept."""
    attainment = form["attainment"]
    counts = [item["counts"] for item in form["items"] if item["decides_class"]]
    target = attainment["target_class"]
    return {
        "method": "section",
        "subject": form["site"],
        "name": form["name"],
        "division": form["division"],
        **period_cells(Period.parse(form["period"]["label"])),
        "water_type": form["water_type"],
        **class_cells(form["class"]),
        "verdict": attainment["state"],
        "target": None if target is None else str(target),
        "reason": form["reason"] or attainment["reason"],
        "deciding": joined(form["deciding"]),
        "main_pollutants": pollutants_text(form["main_pollutants"], "multiple"),
        "failing": joined(attainment["failing"]),
        "item_list": joined(form["item_list"]),
        "item_list_rule": form["item_list_rule"],
        "items_missing": joined(form["items_missing"]),
        **count_cells(
            sum(count.get("entered", 0) for count in counts),
            sum(count.get("total", 0) for count in counts),
            "rows",
        ),
        "enough": form["enough_periods"],
        "standard": form["standard"],
        "rules": form["method"],
        "clause": joined(dict.fromkeys(item["clause"] for item in form["items"] if item["clause"])),
    }


@rows_of.register
def _(result: AreaStatus) -> list[Row]:
    good = result.percent(RateKind.GOOD)
    pollutants = [entry.as_dict() for entry in result.main_pollutants]
    pooled = result.pooled
    return [
        {
            "method": "area",
            **named_cells(result.name),
            **period_cells(result.period),
            **class_cells(result.rank),
            "status": result.status.word_zh if result.status else None,
            **value_cells(good, "%"),
            "reason": result.reason.value if result.reason else None,
            "deciding": joined(pooled.deciding) if pooled else None,
            "main_pollutants": pooled_text(pooled) if pooled else pollutants_text(pollutants, "percent"),
            **count_cells(result.evaluated, len(result.sections), "sections"),
            "standard": pooled.standard if pooled else None,
            **rules_cells(result.rules),
        }
    ]


@rows_of.register
def _(result: LakeStatus) -> list[Row]:
    trophic, pooled = result.trophic, result.pooled
    return [
        {
            "method": "lake",
            **named_cells(result.name),
            **period_cells(result.period),
            "water_type": result.water_type.value,
            **class_cells(result.rank),
            **value_cells(trophic.rounded if trophic else None, None),
            "reason": result.reason.value if result.reason else None,
            "deciding": joined(pooled.deciding) if pooled else None,
            "main_pollutants": pooled_text(pooled) if pooled else None,
            "items_missing": joined(result.trophic_missing),
            **count_cells(len(result.points), len(result.points) + len(result.not_evaluated), "points"),
            "enough": trophic.official if trophic else None,
            "standard": pooled.standard if pooled else None,
            **rules_cells(result.rules),
        }
    ]


@rows_of.register
def _(result: CityIndex) -> list[Row]:
    entered = sum(len(part.sites) for part in result.parts)
    return [
        {
            "method": "index",
            **named_cells(result.name),
            **period_cells(result.period),
            **value_cells(result.rounded, None),
            "reason": result.reason.value if result.reason else None,
            "item_list": joined(dict.fromkeys(item for part in result.parts for item in part.items)),
            **count_cells(entered, entered + len(result.left_out), "sections"),
            "standard": joined(dict.fromkeys(part.standard for part in result.parts)),
            **rules_cells(result.rules),
        }
    ]


@rows_of.register
def _(result: QualityIndex) -> list[Row]:
    return [
        {
            "method": "index",
            **named_cells(result.name),
            **(period_cells(result.period) if result.period else {}),
            "water_type": result.water_type.value if result.water_type else None,
            **value_cells(result.rounded, None),
            "reason": result.reason.value if result.reason else None,
            "item_list": joined(result.items),
            "items_missing": result.reason_item,
            **count_cells(len(result.sites), len(result.sites), "sections"),
            "standard": result.standard,
            **rules_cells(result.rules),
        }
    ]


@rows_of.register
def _(result: IndexRanking) -> list[Row]:
    """Return the ranked in their order, then those that were not ranked, with the reason."""
    ranked = [row | {"place": place.rank} for place in result.places for row in rows_of(place.entry)]
    without = [
        {"method": "index", **named_cells(name), "reason": reason.value, **rules_cells(result.used)}
        for name, reason in result.left_out.items()
    ]
    return ranked + without


@rows_of.register
def _(result: IndexChange) -> list[Row]:
    (row,) = rows_of(result.current)
    base = result.base.period.label if result.base else None
    return [row | {"method": "index_change", "base_period": base, **value_cells(result.rounded, "%")}]


@rows_of.register
def _(result: Change) -> list[Row]:
    """Return a change between two periods: the verdict in words, and what was gained as the value."""
    refused = [entry.caution.value for entry in result.warnings if entry.refused]
    gained = None if result.grades is None else Decimal(result.grades)
    compared, together = len(result.compared), len(result.either)
    return [
        {
            "method": "change",
            "subject": result.subject,
            "name": result.name,
            **period_cells(result.after),
            "base_period": result.before.label,
            "class_label": result.text.render("zh-hans"),
            **(value_cells(gained, "grades") if result.points is None else _points(result.points)),
            "reason": joined(refused),
            "item_list": joined(result.items),
            **count_cells(compared, together, "sections"),
            **rules_cells(result.rules),
        }
    ]


def _points(points: Fraction) -> Row:
    return value_cells(round_half_up(points, 1), "percentage points")


@rows_of.register
def _(result: RankTrend) -> list[Row]:
    return [_trend_row(result, "rank_trend", result.rounded, None)]


@rows_of.register
def _(result: KendallTrend) -> list[Row]:
    slope = result.test.slope
    value = None if isnan(slope) else Decimal(f"{slope:.10f}").normalize()
    return [_trend_row(result, "kendall_trend", value, f"/{result.as_dict()['slope_per']}")]


def _trend_row(result: RankTrend | KendallTrend, method: str, value: Decimal | None, per: str | None) -> Row:
    """Return a trend from its first to its last period: the coefficient or the slope, and the verdict."""
    series = result.series
    present = len(series.present)
    first, last = (series.points[0].label, series.points[-1].label) if series.points else ("", "")
    return {
        "method": method,
        **named_cells(series.name),
        "period": f"{first}~{last}",
        "class_label": result.text.render("zh-hans"),
        **value_cells(value, per),
        "item_list": series.item,
        **count_cells(present, present + series.missing, "periods"),
        **rules_cells(result.rules),
    }
