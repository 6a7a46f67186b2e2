"""Function zones, wells and black-odorous waters: each only where there are some."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from bishui.assessment import (
    BodyGrade,
    GroundwaterResult,
    Period,
    ZoneMethod,
    ZoneResult,
)
from bishui.bulletins import words
from bishui.bulletins.given import Given
from bishui.bulletins.told import (
    FIGURE,
    NO_DATA,
    SITE,
    Behind,
    Figure,
    Sheet,
    Told,
    cell,
    column,
    site_ref,
)
from bishui.standards import any_item, water_class


def tell_zones(told: Told, given: Given) -> None:
    """Tell of function zones: the rate of those that attain (SL 395-2007)."""
    found = given.zones
    if found is None:
        return
    told.head("水功能区达标情况")
    method = "年均值法" if ZoneMethod(found.rules["method"]) is ZoneMethod.ANNUAL_MEAN else "频次法"
    period = found.results[0].period
    basis = f"{words.rules_name(found.rules)}，{method}，版本 {found.rules.version}，时段 {period.label}"
    for number, result in enumerate(found.results, start=1):
        told.figure(f"zone_{number}", _zone_figure(result, basis))
    judged = [entry for entry in found.results if entry.attained is not None]
    met = [entry for entry in judged if entry.attained]
    whole = told.count("zones.total", "登记的水功能区", basis, map(_zone_behind, found.results))
    of = told.count("zones.judged", "参加评价的水功能区", basis, map(_zone_behind, judged))
    count = told.count("zones.attained", "达标的水功能区", basis, map(_zone_behind, met))
    head = f"达标 {len(met)} / {len(judged)} 个参加评价的水功能区"
    if found.rate.missing:
        head += f"；另有 {found.rate.missing} 个未参加评价，不计入"
    rows = [Behind(head), *map(_zone_behind, found.results)]
    rate = told.percent("zones.percent", "水功能区达标率", basis, found.rate.percent, rows)
    text = (
        f"{words.period_name(period)}，登记的{whole}个水功能区中，{of}个参加评价，达标{count}个，达标率{rate}"
    )
    if found.rate.left_out:
        missing = tuple(_zone_behind(entry) for entry in found.results if entry.attained is None)
        figure = Figure(words.left_out(found.rate), "水功能区未参加评价的原因", basis, missing)
        text += f"；未参加评价的不计入（{told.figure('zones.missing_why', figure)}）"
    told.say(f"{text}（{method}，{{table:zones}}）。")
    told.show("zones", _zone_table(found.results))


def _zone_behind(result: ZoneResult) -> Behind:
    ref = f"{SITE}{result.zone.sites[0]}" if result.zone.sites else ""
    return Behind(f"{result.zone.name}：{_zone_verdict(result)}", ref)


def _zone_verdict(result: ZoneResult) -> str:
    if result.attained is None:
        return f"未评价（{result.left_out.text}）" if result.left_out else "未评价"
    return "达标" if result.attained else "不达标"


def _zone_figure(result: ZoneResult, basis: str) -> Figure:
    found, target = result.period, result.zone.target_class
    aim = words.label(target) if target else "无目标"
    rows = [Behind(f"水质目标：{aim}；类别：{words.label(result.rank)}")]
    for sample in result.samples:
        head = f"{sample.period.label}：{words.label(sample.rank)}，{sample.state.text}"
        rows.append(Behind(head, f"{SITE}{sample.site}"))
        rows += [
            Behind(words.item_line(item), site_ref(sample.site, found.label, key))
            for key, item in sample.items.items()
            if item.mean is not None
        ]
    return Figure(_zone_verdict(result), f"{result.zone.name}达标情况", basis, tuple(rows))


def _zone_table(results: Iterable[ZoneResult]) -> Sheet:
    columns = (
        column("水功能区", 3),
        column("水质目标", 1.2, numeric=True),
        column("水质类别", 1.2, numeric=True),
        column("达标情况", 1.8, numeric=True),
        column("超标项目", 2.5),
    )
    rows = tuple(
        (
            cell(entry.zone.name, f"{FIGURE}zone_{number}"),
            cell(
                words.label(entry.zone.target_class) if entry.zone.target_class else "无目标",
                f"{FIGURE}zone_{number}",
            ),
            cell(words.label(entry.rank), f"{FIGURE}zone_{number}"),
            cell(_zone_verdict(entry), f"{FIGURE}zone_{number}"),
            cell(words.names(entry.failing), f"{FIGURE}zone_{number}"),
        )
        for number, entry in enumerate(results, start=1)
    )
    return Sheet("水功能区达标情况", "水功能区", columns, rows)


def tell_wells(told: Told, given: Given) -> None:
    """Tell of groundwater wells: their class by GB/T 14848."""
    if not given.wells:
        return
    told.head("地下水质量")
    basis = f"GB/T 14848-2017 单指标评价，版本 {given.wells[0].rules}"
    for number, well in enumerate(given.wells, start=1):
        told.figure(f"well_{number}", _well_figure(well, basis, given.names))
    judged = [well for well in given.wells if well.rank is not None]
    behind = [_well_behind(well, given.names) for well in given.wells]
    whole = told.count("wells.total", "有数据的地下水监测井", basis, behind)
    good = [_well_behind(well, given.names) for well in judged if (well.rank or 0) <= 3]
    count = told.count("wells.good", "Ⅰ～Ⅲ类的地下水监测井", basis, good)
    classed = [_well_behind(well, given.names) for well in judged]
    of = told.count("wells.judged", "定类的地下水监测井", basis, classed)
    told.say(f"有数据的地下水监测井{whole}个，定类的{of}个，其中Ⅰ～Ⅲ类{count}个（{{table:wells}}）。")
    columns = (
        column("监测井", 3),
        column("类别", 1.2, numeric=True),
        column("定类项目", 2.5),
        column("劣于Ⅲ类的项目", 2.5),
    )
    rows = tuple(
        (
            cell(given.names[well.site], f"{FIGURE}well_{number}"),
            cell(_well_class(well), f"{FIGURE}well_{number}"),
            cell(words.names(well.deciding), f"{FIGURE}well_{number}"),
            cell(words.names(well.exceeding), f"{FIGURE}well_{number}"),
        )
        for number, well in enumerate(given.wells, start=1)
    )
    told.show("wells", Sheet("地下水质量", "地下水", columns, rows))


def _well_class(well: GroundwaterResult) -> str:
    if well.rank is None:
        return f"未定类（{well.reason.text}）" if well.reason else "未定类"
    return f"{water_class(well.rank).numeral}类"


def _well_behind(well: GroundwaterResult, names: Mapping[str, str]) -> Behind:
    return Behind(f"{names[well.site]}：{_well_class(well)}", f"{SITE}{well.site}")


def _well_figure(well: GroundwaterResult, basis: str, names: Mapping[str, str]) -> Figure:
    rows = [_well_behind(well, names)]
    for key, item in well.items.items():
        clause = item.judgement.row.clause if item.judgement.row else ""
        rank = f"{item.grading.rank}类" if item.grading.rank else "不定类"
        text = f"{words.measured(key, item.mean.value)}，{rank} {clause}"
        rows.append(Behind(text, site_ref(well.site, well.period.label, key)))
    return Figure(_well_class(well), f"{names[well.site]}地下水质量", basis, tuple(rows))


def tell_bodies(told: Told, given: Given) -> None:
    """Tell of black-odorous waters: the grade of each body."""
    if not given.bodies:
        return
    told.head("黑臭水体")
    for number, body in enumerate(given.bodies, start=1):
        told.figure(f"body_{number}", _body_figure(body, given.names))
    columns = (
        column("水体", 2.5),
        column("地域", 1, numeric=True),
        column("有数据的点位", 1.6, numeric=True),
        column("分级", 1.6, numeric=True),
        column("监测不足之处", 4),
    )
    rows = tuple(
        (
            cell(body.body.name, f"{FIGURE}body_{number}"),
            cell("城市" if body.body.regime == "urban" else "农村"),
            cell(
                f"{sum(point.grade is not None for point in body.points)} / {len(body.points)}",
                f"{FIGURE}body_{number}",
            ),
            cell(_grade(body), f"{FIGURE}body_{number}"),
            cell(
                "；".join(words.named(str(text), given.names).rstrip("。") for text in body.shortcomings),
                f"{FIGURE}body_{number}" if body.shortcomings else "",
            ),
        )
        for number, body in enumerate(given.bodies, start=1)
    )
    span = _span([body.period for body in given.bodies])
    rows_of = [
        Behind(f"{body.body.name}：{_grade(body)}", f"{FIGURE}body_{number}")
        for number, body in enumerate(given.bodies, start=1)
    ]
    whole = told.count("bodies.total", "监测的黑臭水体", given.bodies[0].clause, rows_of)
    told.say(f"{span}监测的{whole}个水体分级见{{table:bodies}}；没有数据的不作为消除黑臭。")
    told.show("bodies", Sheet("黑臭水体分级", "黑臭水体", columns, rows))


def _span(periods: list[Period]) -> str:
    return words.period_name(periods[0])


def _grade(body: BodyGrade) -> str:
    return str(body.grade.text) if body.grade else NO_DATA


def _body_figure(body: BodyGrade, names: Mapping[str, str]) -> Figure:
    rows = []
    for point in body.points:
        grade = str(point.grade.text) if point.grade else NO_DATA
        rows.append(Behind(f"{names[point.site]}：{grade}", f"{SITE}{point.site}"))
        for reading in point.readings:
            form = reading.as_dict()
            value = f"{words.item_name(form['item'])} {form['value']} {any_item(form['item']).unit}"
            opened = site_ref(point.site, body.period.label, form["item"])
            rows.append(Behind(f"{form['period']} {value}，{reading.grade.text}", opened))
    return Figure(_grade(body), f"{body.body.name}黑臭分级", f"{body.clause}，版本 {body.rules}", tuple(rows))
