"""Rows of zones, sources, stations, waters, wells, works, indicators and of the air."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal

from bishui.assessment.periods import Period
from bishui.assessment.rates import LeftOut, Rate
from bishui.assessment.subjects.air import AirDay, AirPeriod
from bishui.assessment.subjects.black_odorous import BodyGrade
from bishui.assessment.subjects.black_odorous_sign_off import SignOff
from bishui.assessment.subjects.discharges import DischargeResult
from bishui.assessment.subjects.drinking_sources import SourceAssessment, SourceResult
from bishui.assessment.subjects.ecological_flow import FlowResult
from bishui.assessment.subjects.effluent import EffluentItem, EffluentResult
from bishui.assessment.subjects.flood_results import FloodIntensity
from bishui.assessment.subjects.function_zones import ZoneAssessment, ZoneResult
from bishui.assessment.subjects.groundwater import GroundwaterResult
from bishui.assessment.subjects.indicator_formulas import IndicatorResult
from bishui.assessment.subjects.plants import InletStrength, LoadRates
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
    verdict_key,
)
from bishui.assessment.tables.rows import rows_of


@rows_of.register
def _(result: ZoneAssessment) -> list[Row]:
    return [row for zone in result.results for row in rows_of(zone)]


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
            **class_cells(result.rank),
            **value_cells(result.share.percent if result.share else None, "%"),
            "verdict": verdict_key(result.attained),
            "target": None if target is None else str(target),
            "reason": result.left_out.value if result.left_out else None,
            "failing": joined(result.failing),
            "items_missing": joined(dict.fromkeys(item for part in result.samples for item in part.lacking)),
            **count_cells(len(judged), len(result.samples), "samples"),
            "enough": result.enough_samples,
            **rules_cells(result.used, result.clause),
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
            **class_cells(max(ranks, default=None), ground=result.source.kind.value == "ground"),
            "verdict": verdict_key(result.attained),
            "reason": result.left_out.value if result.left_out else None,
            "failing": joined(failing),
            **count_cells(result.months, total, "months"),
            "standard": joined(dict.fromkeys(point.standard for point in result.points)),
            **rules_cells(result.rules),
        }
    ]


@rows_of.register
def _(result: FlowResult) -> list[Row]:
    return [
        {
            "method": "flow",
            **named_cells(result.target.site),
            **period_cells(result.period),
            **rate_cells(result.rate, "days" if result.by.value == "day" else "months"),
            "verdict": result.state.value,
            "target": str(result.required),
            "item_list": result.target.item,
            **rules_cells(result.used, result.clause),
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
            **rate_cells(result.severe_share, "points"),
            "reason": None if result.grade else "no_data",
            "item_list": joined(result.indicators),
            "enough": not result.shortcomings,
            "standard": result.body.standard,
            **rules_cells(result.used, result.clause),
        }
    ]


@rows_of.register
def _(result: GroundwaterResult) -> list[Row]:
    counts = [item.mean.counts for item in result.items.values()]
    return [
        {
            "method": "well",
            **named_cells(result.site),
            **period_cells(result.period),
            **class_cells(result.rank, ground=True),
            "reason": result.reason.value if result.reason else None,
            "deciding": joined(result.deciding),
            "failing": joined(result.exceeding),
            "item_list": joined(result.items),
            **count_cells(
                sum(count.entered for count in counts), sum(count.total for count in counts), "rows"
            ),
            "standard": result.standard,
            **rules_cells(
                result.used,
                joined(
                    dict.fromkeys(
                        item.judgement.row.clause
                        for item in result.items.values()
                        if item.judgement.row is not None
                    )
                ),
            ),
        }
    ]


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
            **value_cells(result.rounded, None),
            "target": None if result.target_class is None else str(result.target_class),
            "reason": None if result.leading else "no_data",
            "main_pollutants": result.leading.item if result.leading else None,
            "failing": joined(dict.fromkeys(item for value in result.exceeding for item in value.exceeding)),
            **count_cells(
                len(result.values),
                len(result.values) + (missing or 0),
                "values" if missing is None else "days",
            ),
            **rules_cells(result.rules),
        }
    ]


@rows_of.register
def _(result: LoadRates) -> list[Row]:
    shared = {**period_cells(result.period), **rules_cells(result.used)}
    return [
        {
            "method": "plant_load",
            "subject": load.plant.id,
            "name": load.plant.name,
            "division": load.plant.division,
            **value_cells(load.percent, "%"),
            "reason": None if load.days else "no_data",
            **count_cells(load.days, load.days + load.missing_days, "days"),
            **shared,
        }
        for load in result.plants
    ]


@rows_of.register
def _(result: AirDay) -> list[Row]:
    return [
        {
            "method": "air",
            **named_cells(result.day.isoformat()),
            **period_cells(Period.day(result.day)),
            "class_label": result.level.label.zh if result.level else None,
            **value_cells(None if result.index is None else Decimal(result.index), None),
            "reason": None if result.index is not None else "no_data",
            "main_pollutants": joined(result.primary),
            "failing": joined(result.exceeding),
            "item_list": joined(result.individual),
            "items_missing": joined(result.lacking),
            **count_cells(len(result.individual), len(result.individual) + len(result.lacking), "items"),
            "standard": result.edition,
            **rules_cells(result.used),
        }
    ]


@rows_of.register
def _(result: AirPeriod) -> list[Row]:
    return [
        {
            "method": "air_rate",
            **named_cells(result.place),
            **period_cells(result.period),
            **rate_cells(result.rate, "days"),
            "reason": None if result.rate.evaluated else "no_data",
            "standard": result.days[-1].edition,
            **rules_cells(result.used),
        }
    ]


@rows_of.register
def _(result: IndicatorResult) -> list[Row]:
    """Return an indicator of a plan; it speaks of no period by itself."""
    return [
        {
            "method": "indicator",
            "subject": result.indicator.key,
            "name": result.indicator.name.zh,
            **value_cells(result.rounded, result.indicator.unit),
            "verdict": result.state.value,
            "target": None if result.target is None else str(result.target),
            "reason": None if result.rounded is not None else "no_data",
            "items_missing": joined(result.missing),
            **count_cells(result.entered, result.entered + len(result.left_out), "inputs"),
            **rules_cells(result.used, result.indicator.source),
        }
    ]


@rows_of.register
def _(result: InletStrength) -> list[Row]:
    used = rules_cells(result.used, result.result.indicator.source)
    given, missing = sum(result.days.values()), sum(result.missing_days.values())
    counts = count_cells(given, given + missing, "days")
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
            **rate_cells(result.rate, "days"),
            "target": result.plant.grade,
            "reason": _unjudged(result.rate),
            "failing": joined(result.exceeded),
            **rules_cells(result.used, _clauses(result.items)),
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
            **rate_cells(result.rate, "days"),
            "verdict": verdict_key(None if not result.rate.evaluated else not result.exceeded),
            "target": discharge.grade,
            "reason": _unjudged(result.rate),
            "failing": joined(result.exceeded),
            "item_list": joined(dict.fromkeys(item.mean.item for item in result.items)),
            "standard": discharge.standard,
            **rules_cells(result.used, _clauses(result.items)),
        }
    ]


def _unjudged(rate: Rate) -> str | None:
    """Return why no day was judged: what is missing comes before days without data."""
    if rate.evaluated:
        return None
    known = [reason for reason in rate.left_out if reason is not LeftOut.NO_DATA]
    return LeftOut.first(known or [LeftOut.NO_DATA]).value


def _clauses(entries: Iterable[EffluentItem]) -> str | None:
    """Return the clauses of the limits that the items of each day were held against."""
    judged = (entry.judgement for entry in entries)
    return joined(dict.fromkeys(j.row.clause for j in judged if j is not None and j.row is not None))


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
            "verdict": verdict_key(result.passed),
            "target": result.stage.text.render("zh-hans"),
            "failing": joined(entry.key for entry in result.requirements if not entry.met),
            "item_list": joined(dict.fromkeys(mean.item for mean in result.means)),
            **count_cells(readings, readings, "rows"),
            "standard": result.body.standard,
            **rules_cells(result.used, result.clause),
        }
    ]
