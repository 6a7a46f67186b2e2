"""Zones, sources, flow, wells, works and indicators opened."""

from __future__ import annotations

from collections.abc import Iterator

from bishui.assessment.opening.parts import (
    class_text,
    item_steps,
    mean_text_of,
    name_of,
    names_of,
    number,
    rate_step,
)
from bishui.assessment.opening.steps import OpenedStep, RowsBehind, opened
from bishui.assessment.results import limit_text
from bishui.assessment.subjects.discharges import DischargeResult
from bishui.assessment.subjects.drinking_sources import PointResult, SourceAssessment, SourceResult
from bishui.assessment.subjects.ecological_flow import FlowResult, FlowStep, Met
from bishui.assessment.subjects.effluent import EffluentItem, EffluentResult
from bishui.assessment.subjects.function_zones import ZoneAssessment, ZoneResult, ZoneSample
from bishui.assessment.subjects.groundwater import GroundwaterItem, GroundwaterResult
from bishui.assessment.subjects.indicator_formulas import Amount, Given, IndicatorResult
from bishui.assessment.subjects.plants import (
    DayVolume,
    InletStrength,
    LoadRates,
    PlantLoad,
)
from bishui.i18n import Text
from bishui.standards import Judgement, LimitRow

Found = tuple[Text, str, Iterator[OpenedStep]]


def _verdict(attained: bool | None) -> Text:
    if attained is None:
        return Text("未判定")
    return Text("达标") if attained else Text("不达标")


@opened.register
def _(result: ZoneResult) -> Found:
    title = Text(
        "{name} {period}：{verdict}",
        name=result.zone.name,
        period=result.period.label,
        verdict=_verdict(result.attained) if result.left_out is None else result.left_out.text,
    )
    return title, result.rules, _zone(result)


def _zone(result: ZoneResult) -> Iterator[OpenedStep]:
    for sample in result.samples:
        yield from item_steps(_site_of(sample), sample.period, sample.items.values())
        yield OpenedStep(
            Text("{site} {period}", site=sample.site, period=sample.period.label),
            Text(
                "{label}，{state}，超标项目：{failing}，缺测：{lacking}",
                label=class_text(sample.rank),
                state=sample.state.text if sample.reason is None else sample.reason.text,
                failing=names_of(sample.failing),
                lacking=names_of(sample.lacking),
            ),
        )
    if result.share is not None:
        yield rate_step(Text("达标频率"), result.share)
    yield OpenedStep(
        Text("判定"),
        Text(
            "{verdict}，目标 {target}，结果 {label}",
            verdict=_verdict(result.attained),
            target=class_text(result.zone.target_class),
            label=class_text(result.rank),
        ),
        clause=result.clause,
    )


@opened.register
def _(result: ZoneAssessment) -> Found:
    percent = "—" if result.rate.percent is None else result.rate.percent
    title = Text("功能区达标率：{percent}%，{state}", percent=percent, state=result.state.text)
    return title, result.rules.version, _zones(result)


def _zones(result: ZoneAssessment) -> Iterator[OpenedStep]:
    for zone in result.results:
        yield from _zone(zone)
    yield rate_step(Text("功能区达标率"), result.rate, result.rules.source)
    if result.control_target is not None:
        yield OpenedStep(
            Text("判定"),
            Text("{state}，要求 {required}%", state=result.state.text, required=result.control_target),
        )


def _site_of(sample: ZoneSample) -> str | None:
    """Return the site whose rows stand behind a sample; None for a mean over several sites."""
    return sample.site or None


@opened.register
def _(result: SourceResult) -> Found:
    title = Text(
        "{name} {period}：{verdict}",
        name=result.source.name,
        period=result.period.label,
        verdict=_verdict(result.attained) if result.left_out is None else result.left_out.text,
    )
    return title, result.rules.version, _source(result)


def _source(result: SourceResult) -> Iterator[OpenedStep]:
    for point in result.points:
        yield from _point(point)
    yield OpenedStep(
        Text("判定"),
        Text(
            "{verdict}：评价 {months} 个月，缺 {missing} 个月，未启用 {idle} 个月",
            verdict=_verdict(result.attained),
            months=result.months,
            missing=result.months_missing,
            idle=result.months_not_in_use,
        ),
        clause=result.rules.source,
    )


@opened.register
def _(result: SourceAssessment) -> Found:
    title = Text(
        "{period} 水源达标率 {count}%，水量达标率 {volume}%",
        period=result.period.label,
        count="—" if result.by_count.percent is None else result.by_count.percent,
        volume="—" if result.by_volume.percent is None else result.by_volume.percent,
    )
    return title, result.rules.version, _sources(result)


def _sources(result: SourceAssessment) -> Iterator[OpenedStep]:
    for source in result.results:
        yield from _source(source)
        volume = "—" if source.volume is None else f"{source.volume} {result.rules['volume_unit']}"
        yield OpenedStep(Text("取水量"), Text("{name} {volume}", name=source.source.name, volume=volume))
    yield rate_step(Text("水源达标率"), result.by_count, result.rules.source)
    yield rate_step(Text("水量达标率"), result.by_volume, result.rules.source)


def _point(point: PointResult) -> Iterator[OpenedStep]:
    yield from item_steps(point.site, point.period, point.items.values())
    for mean in point.specific_items.values():
        yield OpenedStep(
            Text("{item}", item=name_of(mean.item)), Text("均值 {mean}", mean=mean_text_of(mean)), behind=mean
        )
    for entry in point.failing:
        yield OpenedStep(
            Text("超标"),
            Text(
                "{item} {value}，超标倍数 {multiple}",
                item=name_of(entry.item),
                value=number(entry.value),
                multiple="—" if entry.multiple is None else entry.multiple,
            ),
            clause=entry.clause,
            behind=RowsBehind(point.site, entry.item, point.period),
        )
    yield OpenedStep(
        Text("{site} {period}", site=point.site, period=point.period.label),
        Text(
            "{label}，{verdict}，单独列出：{beside}",
            label=class_text(point.rank),
            verdict=_verdict(point.attained) if point.left_out is None else point.left_out.text,
            beside="、".join(f"{name_of(key)} {class_text(rank)}" for key, rank in point.beside.items())
            or "—",
        ),
        clause=point.standard,
    )


_MET = {
    Met.MET: Text("满足"),
    Met.PASSED_ON: Text("来水全部下泄，视为满足"),
    Met.BELOW: Text("低于目标"),
    Met.MISSING: Text("无数据"),
    Met.NOT_DUE: Text("未到期"),
}


@opened.register
def _(result: FlowResult) -> Found:
    title = Text(
        "{site} {period}：{state}",
        site=result.target.site,
        period=result.period.label,
        state=result.state.text,
    )
    return title, result.rules, _flow(result)


def _flow(result: FlowResult) -> Iterator[OpenedStep]:
    for step in result.steps:
        yield OpenedStep(
            Text("{period}", period=step.period.label),
            _flow_text(step),
            formula="" if step.value is None else f"{number(step.value)} {_sign(step)} {step.minimum}",
            clause=result.target.source,
            behind=RowsBehind(result.target.site, result.target.item, step.period),
        )
    yield rate_step(Text("保证率"), result.rate, result.clause)
    yield OpenedStep(
        Text("判定"), Text("{state}，要求 {required}%", state=result.state.text, required=result.required)
    )


def _flow_text(step: FlowStep) -> Text:
    if step.document is None:
        return _MET[step.met]
    return Text("{met}（{document}）", met=_MET[step.met], document=step.document)


def _sign(step: FlowStep) -> str:
    return "≥" if step.value is not None and step.value >= step.minimum else "<"


@opened.register
def _(result: GroundwaterResult) -> Found:
    label = class_text(result.rank) if result.reason is None else str(result.reason.text)
    title = Text("{site} {period}：{label}", site=result.site, period=result.period.label, label=label)
    return title, result.rules, _well(result)


def _well(result: GroundwaterResult) -> Iterator[OpenedStep]:
    for item in result.items.values():
        yield _well_item(item)
    yield OpenedStep(
        Text("类别"),
        Text(
            "{label}，由最差的项目决定：{deciding}；超过Ⅲ类：{exceeding}",
            label=class_text(result.rank),
            deciding=names_of(result.deciding),
            exceeding=names_of(result.exceeding),
        ),
        clause=result.standard,
    )


def _well_item(item: GroundwaterItem) -> OpenedStep:
    judged = item.judgement
    return OpenedStep(
        Text("{item}", item=name_of(item.mean.item)),
        Text(
            "均值 {mean}，{label}，超标倍数 {multiple}",
            mean=mean_text_of(item.mean),
            label=class_text(item.grading.rank),
            multiple="—" if item.multiple is None else item.multiple,
        ),
        formula="；".join(f"{row.band} {_limit(row)}" for row in item.grading.rows),
        clause=judged.row.clause if judged.row else "",
        behind=item.mean,
    )


def _limit(row: LimitRow) -> str:
    return str(Text("不得检出")) if row.limit is None else limit_text(row.limit)


@opened.register
def _(result: EffluentResult) -> Found:
    title = Text("{name} {period} 出水", name=result.plant.name, period=result.period.label)
    return title, result.rules, _effluent(result)


def _effluent(result: EffluentResult) -> Iterator[OpenedStep]:
    yield from _days(result)
    yield OpenedStep(Text("说明"), result.note)


def _days(result: EffluentResult | DischargeResult) -> Iterator[OpenedStep]:
    """Open every item of every day, and what they come to."""
    for item in result.items:
        yield _effluent_item(item)
    yield rate_step(Text("达标天数比例"), result.rate)
    exceeded = "、".join(f"{name_of(key)} {days}" for key, days in result.exceeded.items())
    yield OpenedStep(Text("超标天数"), Text("{items}", items=exceeded or "—"))


@opened.register
def _(result: DischargeResult) -> Found:
    title = Text("{name} {period} 排污口", name=result.discharge.name, period=result.period.label)
    return title, result.rules, _days(result)


_JUDGED = {
    "meets": Text("符合"),
    "exceeds": Text("超标"),
    "not_limited": Text("没有限值"),
    "cannot_be_judged": Text("无法判定"),
}


def _effluent_item(item: EffluentItem) -> OpenedStep:
    judged = item.judgement
    return OpenedStep(
        Text("{item} {day}", item=name_of(item.mean.item), day=item.mean.period.label),
        Text("{mean}：{verdict}", mean=mean_text_of(item.mean), verdict=_judged(judged, item)),
        formula="" if judged is None or judged.row is None else _limit(judged.row),
        clause=judged.row.clause if judged is not None and judged.row is not None else "",
        behind=item.mean,
    )


def _judged(judged: Judgement | None, item: EffluentItem) -> Text:
    if judged is None:
        return item.reason or Text("未判定")
    if judged.verdict == "cannot_be_judged":
        return judged.reason or _JUDGED[judged.verdict]
    if judged.missing and judged.reason:
        return Text("{verdict}（{reason}）", verdict=_JUDGED[judged.verdict], reason=judged.reason)
    return _JUDGED[judged.verdict]


@opened.register
def _(result: LoadRates) -> Found:
    percent = "—" if result.percent is None else result.percent
    title = Text("{period} 运行负荷率：{percent}%", period=result.period.label, percent=percent)
    return title, result.rules, _loads(result)


def _loads(result: LoadRates) -> Iterator[OpenedStep]:
    for load in result.plants:
        yield OpenedStep(Text("{name} 逐日处理水量（m³）", name=load.plant.name), _volumes(load))
        yield OpenedStep(
            Text("{name}", name=load.plant.name),
            Text(
                "{percent}%，缺 {missing} 天，停运 {stopped} 天",
                percent="—" if load.percent is None else load.percent,
                missing=load.missing_days,
                stopped=load.stopped_days,
            ),
            formula=f"{number(load.treated)} ÷ ({load.plant.capacity} × {load.days}) × 100%",
        )
    yield from _indicator(result.weighted)


def _volumes(load: PlantLoad) -> Text:
    """Return the volume of every day that was given; a day without one has a dash."""
    stopped = Text("停运")
    entries = (f"{entry.day:%m-%d} {_volume(entry) if entry.running else stopped}" for entry in load.volumes)
    return Text("{volumes}", volumes="、".join(entries) or "—")


def _volume(entry: DayVolume) -> str:
    return "—" if entry.volume is None else f"{entry.volume}"


@opened.register
def _(result: InletStrength) -> Found:
    title = Text("{period} 进水{item}", period=result.period.label, item=name_of(result.item))
    return title, result.rules, _indicator(result.result)


@opened.register
def _(result: IndicatorResult) -> Found:
    value = "—" if result.rounded is None else result.rounded
    title = Text(
        "{name}：{value} {unit}", name=result.indicator.name, value=value, unit=result.indicator.unit
    )
    return title, result.rules, _indicator(result)


def _indicator(result: IndicatorResult) -> Iterator[OpenedStep]:
    for key, given in result.inputs.items():
        yield OpenedStep(Text("{name}", name=_input_name(result, key)), Text("{given}", given=_given(given)))
    for warning in result.warnings:
        yield OpenedStep(Text("注意"), Text("{warning}", warning=warning))
    parts = result.parts
    formula = str(result.indicator.text)
    if parts is not None:
        factor = f" × {parts.factor}" if parts.factor != 1 else ""
        formula += f"：{number(parts.numerator)} ÷ {number(parts.denominator)}{factor}"
    yield OpenedStep(
        Text("{name}", name=result.indicator.name),
        Text(
            "{value} {unit}（未修约 {exact}），{state}",
            value="—" if result.rounded is None else result.rounded,
            unit=result.indicator.unit,
            exact=number(result.value),
            state=result.state.text,
        ),
        formula=formula,
        clause=result.indicator.source,
    )


def _input_name(result: IndicatorResult, key: str) -> str:
    known = result.indicator.inputs.get(key)
    return str(known.name) if known else key


def _given(given: Given) -> str:
    entries = [given] if isinstance(given, Amount) else given
    return "；".join(_amount(entry) for entry in entries) or "—"


def _amount(amount: Amount) -> str:
    value = "—" if amount.value is None else f"{amount.as_dict()['value']}"
    unit = f" {amount.unit}" if amount.unit else ""
    source = f"（{amount.source}）" if amount.source else ""
    return f"{amount.of} {value}{unit}{source}".strip()
