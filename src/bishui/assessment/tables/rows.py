"""What each kind of result says in the columns of a table of results."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from decimal import Decimal
from functools import singledispatch
from math import isnan
from typing import Any

from bishui.assessment.periods import Period
from bishui.assessment.ranking.cwqi import CityIndex, QualityIndex
from bishui.assessment.ranking.indices import IndexChange, IndexRanking
from bishui.assessment.rates import Rate
from bishui.assessment.results import Assessment, SectionResult, State
from bishui.assessment.subjects.air import AirDay
from bishui.assessment.subjects.black_odorous import BodyGrade
from bishui.assessment.subjects.black_odorous_sign_off import SignOff
from bishui.assessment.subjects.discharges import DischargeResult
from bishui.assessment.subjects.drinking_sources import SourceAssessment, SourceResult
from bishui.assessment.subjects.ecological_flow import FlowResult
from bishui.assessment.subjects.flood_season import FloodIntensity
from bishui.assessment.subjects.function_zones import ZoneAssessment, ZoneResult
from bishui.assessment.subjects.groundwater import GroundwaterResult
from bishui.assessment.subjects.indicator_formulas import IndicatorResult
from bishui.assessment.subjects.plants import EffluentResult, InletStrength, LoadRates
from bishui.assessment.trends.trend import KendallTrend, RankTrend
from bishui.assessment.waters.areas import AreaStatus, RateKind
from bishui.assessment.waters.lakes import LakeStatus
from bishui.errors import CallError
from bishui.i18n import Text
from bishui.standards import Method, Rules, rules, water_class

Row = dict[str, Any]


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
        **_class_cells(form["class"]),
        "verdict": attainment["state"],
        "target": None if target is None else str(target),
        "reason": form["reason"] or attainment["reason"],
        "deciding": _joined(form["deciding"]),
        "main_pollutants": _pollutants(form["main_pollutants"], "multiple"),
        "failing": _joined(attainment["failing"]),
        "item_list": _joined(form["item_list"]),
        "item_list_rule": form["item_list_rule"],
        "items_missing": _joined(form["items_missing"]),
        **_counts(
            sum(count.get("entered", 0) for count in counts),
            sum(count.get("total", 0) for count in counts),
            "rows",
        ),
        "enough": form["enough_periods"],
        "standard": form["standard"],
        "rules": form["method"],
        "clause": _joined(dict.fromkeys(item["clause"] for item in form["items"] if item["clause"])),
    }


@rows_of.register
def _(result: AreaStatus) -> list[Row]:
    good = result.percent(RateKind.GOOD)
    pollutants = [entry.as_dict() for entry in result.main_pollutants]
    pooled = result.pooled
    return [
        {
            "method": "area",
            **_named(result.name),
            **period_cells(result.period),
            **_class_cells(result.rank),
            "status": result.status.word_zh if result.status else None,
            **_value(good, "%"),
            "reason": result.reason.value if result.reason else None,
            "deciding": _joined(pooled.deciding) if pooled else None,
            "main_pollutants": _pooled(pooled) if pooled else _pollutants(pollutants, "percent"),
            **_counts(result.evaluated, len(result.sections), "sections"),
            "standard": pooled.standard if pooled else None,
            **_by(result.rules),
        }
    ]


@rows_of.register
def _(result: LakeStatus) -> list[Row]:
    trophic, pooled = result.trophic, result.pooled
    return [
        {
            "method": "lake",
            **_named(result.name),
            **period_cells(result.period),
            "water_type": result.water_type.value,
            **_class_cells(result.rank),
            **_value(trophic.rounded if trophic else None, None),
            "reason": result.reason.value if result.reason else None,
            "deciding": _joined(pooled.deciding) if pooled else None,
            "main_pollutants": _pooled(pooled) if pooled else None,
            "items_missing": _joined(result.trophic_missing),
            **_counts(len(result.points), len(result.points) + len(result.not_evaluated), "points"),
            "enough": trophic.official if trophic else None,
            "standard": pooled.standard if pooled else None,
            **_by(result.rules),
        }
    ]


@rows_of.register
def _(result: ZoneAssessment) -> list[Row]:
    return [row | _by(result.rules, row["clause"]) for zone in result.results for row in rows_of(zone)]


@rows_of.register
def _(result: ZoneResult) -> list[Row]:
    judged = [sample for sample in result.samples if sample.rank is not None]
    target = result.zone.target_class
    return [
        {
            "method": "zone",
            "subject": result.zone.id,
            "name": result.zone.name,
            "division": result.zone.division,
            **period_cells(result.period),
            **_class_cells(result.rank),
            **_value(result.share.percent if result.share else None, "%"),
            "verdict": _verdict(result.attained),
            "target": None if target is None else str(target),
            "reason": result.left_out.value if result.left_out else None,
            "failing": _joined(result.failing),
            "items_missing": _joined(dict.fromkeys(item for part in result.samples for item in part.lacking)),
            **_counts(len(judged), len(result.samples), "samples"),
            "enough": result.enough_samples,
            **_version("function_zone", result.rules, result.period),
            "clause": result.clause,
        }
    ]


@rows_of.register
def _(result: SourceAssessment) -> list[Row]:
    return [row for source in result.results for row in rows_of(source)]


@rows_of.register
def _(result: SourceResult) -> list[Row]:
    total = result.months + result.months_missing
    ranks = [point.rank for point in result.points if point.rank is not None]
    failing = dict.fromkeys(entry.item for point in result.points for entry in point.failing)
    return [
        {
            "method": "source",
            "subject": result.source.id,
            "name": result.source.name,
            "division": result.source.division,
            **period_cells(result.period),
            **_class_cells(max(ranks, default=None), ground=result.source.kind.value == "ground"),
            "verdict": _verdict(result.attained),
            "reason": result.left_out.value if result.left_out else None,
            "failing": _joined(failing),
            **_counts(result.months, total, "months"),
            "standard": _joined(dict.fromkeys(point.standard for point in result.points)),
            **_by(result.rules),
        }
    ]


@rows_of.register
def _(result: FlowResult) -> list[Row]:
    return [
        {
            "method": "flow",
            **_named(result.target.site),
            **period_cells(result.period),
            **_rate(result.rate, "days" if result.by.value == "day" else "months"),
            "verdict": result.state.value,
            "target": str(result.required),
            "item_list": result.target.item,
            **_version("ecological_flow", result.rules, result.period),
            "clause": result.clause,
        }
    ]


@rows_of.register
def _(result: BodyGrade) -> list[Row]:
    return [
        {
            "method": "body",
            "subject": result.body.id,
            "name": result.body.name,
            "division": result.body.division,
            **period_cells(result.period),
            "class_label": result.grade.text.render("zh-hans") if result.grade else None,
            **_rate(result.severe_share, "points"),
            "reason": None if result.grade else "no_data",
            "item_list": _joined(result.indicators),
            "enough": not result.shortcomings,
            "standard": result.body.standard,
            **_version("black_odorous", result.rules, result.period),
            "clause": result.clause,
        }
    ]


@rows_of.register
def _(result: GroundwaterResult) -> list[Row]:
    counts = [item.mean.counts for item in result.items.values()]
    return [
        {
            "method": "well",
            **_named(result.site),
            **period_cells(result.period),
            **_class_cells(result.rank, ground=True),
            "reason": result.reason.value if result.reason else None,
            "deciding": _joined(result.deciding),
            "failing": _joined(result.exceeding),
            "item_list": _joined(result.items),
            **_counts(sum(count.entered for count in counts), sum(count.total for count in counts), "rows"),
            "standard": result.standard,
            **_version("groundwater", result.rules, result.period),
        }
    ]


@rows_of.register
def _(result: CityIndex) -> list[Row]:
    entered = sum(len(part.sites) for part in result.parts)
    return [
        {
            "method": "index",
            **_named(result.name),
            **period_cells(result.period),
            **_value(result.rounded, None),
            "reason": result.reason.value if result.reason else None,
            "item_list": _joined(dict.fromkeys(item for part in result.parts for item in part.items)),
            **_counts(entered, entered + len(result.left_out), "sections"),
            "standard": _joined(dict.fromkeys(part.standard for part in result.parts)),
            **_by(result.rules),
        }
    ]


@rows_of.register
def _(result: QualityIndex) -> list[Row]:
    return [
        {
            "method": "index",
            **_named(result.name),
            "water_type": result.water_type.value if result.water_type else None,
            **_value(result.rounded, None),
            "reason": result.reason.value if result.reason else None,
            "item_list": _joined(result.items),
            "items_missing": result.reason_item,
            **_counts(len(result.sites), len(result.sites), "sections"),
            "standard": result.standard,
            **_by(result.rules),
        }
    ]


@rows_of.register
def _(result: IndexRanking) -> list[Row]:
    """Return the ranked in their order, then those that were not ranked, with the reason."""
    ranked = [row | {"place": place.rank} for place in result.places for row in rows_of(place.entry)]
    without = [
        {"method": "index", **_named(name), "reason": reason.value}
        for name, reason in result.left_out.items()
    ]
    return ranked + without


@rows_of.register
def _(result: IndexChange) -> list[Row]:
    (row,) = rows_of(result.current)
    return [row | {"method": "index_change", **_value(result.rounded, "%")}]


@rows_of.register
def _(result: FloodIntensity) -> list[Row]:
    missing = result.missing_days
    season = result.season
    return [
        {
            "method": "flood_season",
            "subject": result.site,
            "name": result.name,
            "period": f"{season.first:%Y-%m-%d}~{season.last:%Y-%m-%d}",
            "first_day": season.first,
            "last_day": season.last,
            **_value(result.rounded, None),
            "target": None if result.target_class is None else str(result.target_class),
            "reason": None if result.leading else "no_data",
            "main_pollutants": result.leading.item if result.leading else None,
            "failing": _joined(dict.fromkeys(item for value in result.exceeding for item in value.exceeding)),
            **_counts(
                len(result.values),
                len(result.values) + (missing or 0),
                "values" if missing is None else "days",
            ),
            **_by(result.rules),
        }
    ]


@rows_of.register
def _(result: LoadRates) -> list[Row]:
    shared = {**period_cells(result.period), **_version("plant", result.rules, result.period)}
    return [
        {
            "method": "plant_load",
            "subject": load.plant.id,
            "name": load.plant.name,
            "division": load.plant.division,
            **_value(load.percent, "%"),
            "reason": None if load.days else "no_data",
            **_counts(load.days, load.days + load.missing_days, "days"),
            **shared,
        }
        for load in result.plants
    ]


@rows_of.register
def _(result: AirDay) -> list[Row]:
    return [
        {
            "method": "air",
            **_named(result.day.isoformat()),
            **period_cells(Period.day(result.day)),
            "class_label": result.level.label.zh if result.level else None,
            **_value(None if result.index is None else Decimal(result.index), None),
            "reason": None if result.index is not None else "no_data",
            "main_pollutants": _joined(result.primary),
            "failing": _joined(result.exceeding),
            "item_list": _joined(result.individual),
            "items_missing": _joined(result.lacking),
            **_counts(len(result.individual), len(result.individual) + len(result.lacking), "items"),
            "standard": result.edition,
            **_version("air", result.rules, Period.day(result.day)),
        }
    ]


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
        **_named(series.name),
        "period": f"{first}~{last}",
        "class_label": result.text.render("zh-hans"),
        **_value(value, per),
        "item_list": series.item,
        **_counts(present, present + series.missing, "periods"),
        **_by(result.rules),
    }


@rows_of.register
def _(result: IndicatorResult) -> list[Row]:
    """Return an indicator of a plan; it speaks of no period by itself."""
    return [
        {
            "method": "indicator",
            "subject": result.indicator.key,
            "name": result.indicator.name.zh,
            **_value(result.rounded, result.indicator.unit),
            "verdict": result.state.value,
            "target": None if result.target is None else str(result.target),
            "reason": None if result.rounded is not None else "no_data",
            "items_missing": _joined(result.missing),
            **_counts(result.entered, result.entered + len(result.left_out), "inputs"),
            "rules": result.rules,
            "clause": result.indicator.source,
        }
    ]


@rows_of.register
def _(result: InletStrength) -> list[Row]:
    used = _version("plant", result.rules, result.period)
    given, missing = sum(result.days.values()), sum(result.missing_days.values())
    counts = _counts(given, given + missing, "days")
    return [
        row
        | period_cells(result.period)
        | counts
        | used
        | {"item_list": result.item, "enough": result.enough}
        for row in rows_of(result.result)
    ]


@rows_of.register
def _(result: EffluentResult) -> list[Row]:
    return [
        {
            "method": "effluent",
            "subject": result.plant.id,
            "name": result.plant.name,
            "division": result.plant.division,
            **period_cells(result.period),
            **_rate(result.rate, "days"),
            "target": result.plant.grade,
            "failing": _joined(result.exceeded),
            **_version("plant", result.rules, result.period),
        }
    ]


@rows_of.register
def _(result: DischargeResult) -> list[Row]:
    discharge = result.discharge
    return [
        {
            "method": "discharge",
            "subject": discharge.site,
            "name": discharge.name,
            **period_cells(result.period),
            **_rate(result.rate, "days"),
            "verdict": _verdict(None if not result.rate.evaluated else not result.exceeded),
            "target": discharge.grade,
            "reason": None if result.rate.evaluated else "no_data",
            "failing": _joined(result.exceeded),
            "item_list": _joined(dict.fromkeys(item.mean.item for item in result.items)),
            "standard": discharge.standard,
            **_version("plant", result.rules, result.period),
            "clause": _joined(
                dict.fromkeys(
                    item.judgement.row.clause
                    for item in result.items
                    if item.judgement is not None and item.judgement.row is not None
                )
            ),
        }
    ]


@rows_of.register
def _(result: SignOff) -> list[Row]:
    """Return the test of a stage; it speaks of no period by itself."""
    readings = sum(mean.readings for mean in result.means)
    return [
        {
            "method": "body_sign_off",
            "subject": result.body.id,
            "name": result.body.name,
            "division": result.body.division,
            "verdict": _verdict(result.passed),
            "target": result.stage.text.render("zh-hans"),
            "failing": _joined(entry.key for entry in result.requirements if not entry.met),
            "item_list": _joined(dict.fromkeys(mean.item for mean in result.means)),
            **_counts(readings, readings, "rows"),
            "standard": result.body.standard,
            "rules": result.rules,
            "clause": result.clause,
        }
    ]


def period_cells(period: Period) -> Row:
    """Return a period in its columns."""
    return {
        "period_kind": period.kind.value,
        "period": period.label,
        "first_day": period.start.date(),
        "last_day": period.last_day,
    }


def settings_text(chosen: Method | Rules) -> str:
    """Return every setting of a method by name and value, as JSON."""
    settings = {name: entry["value"] for name, entry in chosen.as_dict()["settings"].items()}
    return json.dumps(settings, ensure_ascii=False, sort_keys=True, default=str)


def _named(name: str) -> Row:
    return {"subject": name, "name": name}


def _class_cells(rank: int | None, *, ground: bool = False) -> Row:
    """Return a class in its columns; groundwater has five classes and no words for them."""
    if rank is None:
        return {"class": None, "class_label": None, "status": None}
    entry = water_class(rank)
    return {"class": rank, "class_label": entry.label_zh, "status": None if ground else entry.word_zh}


def _value(value: Decimal | None, unit: str | None) -> Row:
    if value is None:
        return {"value": None, "value_text": None, "unit": None}
    return {"value": value, "value_text": f"{value:f}", "unit": unit}


def _rate(rate: Rate, counted: str) -> Row:
    """Return a rate with what was evaluated of all that there is."""
    evaluated = int(rate.evaluated)
    return {**_value(rate.percent, "%"), **_counts(evaluated, evaluated + rate.missing, counted)}


def _counts(entered: int, total: int, counted: str) -> Row:
    return {"entered": entered, "total": total, "missing": total - entered, "counted": counted}


def _by(used: Rules, clause: str | None = None) -> Row:
    return {"rules": used.version, "settings": settings_text(used), "clause": clause or used.source}


def _version(key: str, version: str, period: Period) -> Row:
    """Return the version that a result names; its settings where it is that of the edition in force."""
    used = rules(key, period.last_day)
    return {"rules": version, "settings": settings_text(used) if used.version == version else None}


def _verdict(attained: bool | None) -> str:
    if attained is None:
        return State.NOT_JUDGED.value
    return (State.ATTAINED if attained else State.NOT_ATTAINED).value


def _joined(words: Iterable[str]) -> str | None:
    return ",".join(words) or None


def _pollutants(entries: Iterable[Mapping[str, Any]], figure: str) -> str | None:
    return _joined(
        f"{entry['item']}({entry[figure]})" if entry[figure] is not None else entry["item"]
        for entry in entries
    )


def _pooled(pooled: Any) -> str | None:
    return _pollutants(pooled.as_dict()["main_pollutants"], "multiple")
