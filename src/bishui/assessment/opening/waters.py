"""Sections, areas, lakes and indices opened."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from bishui.assessment.opening.parts import class_text, item_steps, name_of, names_of, number
from bishui.assessment.opening.steps import OpenedStep, RowsBehind, opened
from bishui.assessment.periods import Period
from bishui.assessment.ranking.cwqi import CityIndex, QualityIndex
from bishui.assessment.ranking.terms import IndexTerm
from bishui.assessment.results import MainPollutant, SectionResult, limit_text
from bishui.assessment.waters.areas import AreaStatus, RateKind
from bishui.assessment.waters.lakes import LakeStatus
from bishui.assessment.waters.pooled import Pooled
from bishui.i18n import Text
from bishui.standards import trophic_rules

Found = tuple[Text, str, Iterator[OpenedStep]]

_RATES = {
    RateKind.GOOD: Text("优良比例"),
    RateKind.WORST: Text("劣Ⅴ类比例"),
    RateKind.ATTAINED: Text("达标率"),
}


@opened.register
def _(result: SectionResult) -> Found:
    title = Text(
        "{name} {period}：{label}", name=result.name, period=result.period.label, label=_said(result)
    )
    return title, result.method, section_steps(result)


def _said(result: SectionResult) -> str:
    return class_text(result.rank) if result.reason is None else str(result.reason.text)


def section_steps(result: SectionResult) -> Iterator[OpenedStep]:
    """Yield the items of a section with their rows, its class, its main pollutants and its verdict."""
    yield from item_steps(result.site, result.period, result.items.values())
    yield _worst(result.rank, result.deciding)
    if result.main_pollutants:
        yield _pollutants(result.main_pollutants)
    yield OpenedStep(
        Text("评价项目"),
        Text(
            "{items}（{rule}），缺测：{missing}",
            items=names_of(result.item_list),
            rule=result.item_list_rule or Text("全部实测项目"),
            missing=names_of(result.items_missing),
        ),
    )
    verdict = result.attainment
    yield OpenedStep(
        Text("达标情况"),
        Text(
            "{state}，目标 {target}，超标项目：{failing}",
            state=verdict.state.text,
            target=class_text(verdict.target_class),
            failing=names_of(verdict.failing),
        ),
        clause=_source(verdict.source_file, verdict.source_line),
    )


def _source(file: str | None, line: int | None) -> str:
    if file is None:
        return ""
    return file if line is None else str(Text("{file} 第 {line} 行", file=file, line=line))


def _worst(rank: int | None, deciding: tuple[str, ...]) -> OpenedStep:
    return OpenedStep(
        Text("类别"),
        Text("{label}，由最差的项目决定：{items}", label=class_text(rank), items=names_of(deciding)),
        clause="环办〔2011〕22号 二.1(1)",
    )


def _pollutants(entries: tuple[MainPollutant, ...]) -> OpenedStep:
    shown = (
        name_of(entry.item) + (f"({entry.multiple})" if entry.multiple is not None else "")
        for entry in entries
    )
    return OpenedStep(Text("主要污染指标"), Text("{items}", items="、".join(shown)))


def _places(pooled: Pooled, result_period: LakeStatus | AreaStatus) -> Iterator[OpenedStep]:
    """Yield the means over places, after the values of the single places with the rows behind them."""
    sections = result_period.points if isinstance(result_period, LakeStatus) else result_period.sections
    for item in pooled.items.values():
        if not item.decides_class:
            continue
        for section in sections:
            there = section.items.get(item.item)
            if there is not None and there.mean is not None:
                yield OpenedStep(
                    Text("{item} {site}", item=name_of(item.item), site=section.name),
                    Text("均值 {mean}", mean=number(there.mean)),
                    behind=RowsBehind(section.site, item.item, section.period),
                )
        yield from item_steps(None, result_period.period, [item])
    yield _worst(pooled.rank, pooled.deciding)
    if pooled.main_pollutants:
        yield _pollutants(pooled.main_pollutants)


@opened.register
def _(result: AreaStatus) -> Found:
    word = result.status.word if result.status else (str(result.reason.text) if result.reason else "—")
    title = Text("{name} {period}：{label}", name=result.name, period=result.period.label, label=word)
    return title, result.rules.version, area_steps(result)


def area_steps(result: AreaStatus) -> Iterator[OpenedStep]:
    """Yield the sections of an area with the items behind their classes, its rates and its status."""
    for section in result.sections:
        yield OpenedStep(Text("断面"), Text("{name}：{label}", name=section.name, label=_said(section)))
        if result.pooled is None:
            yield from item_steps(section.site, section.period, section.items.values())
    for kind, name in _RATES.items():
        part, whole = result.parts(kind)
        percent = result.percent(kind)
        yield OpenedStep(
            name,
            Text("{percent}%", percent="—" if percent is None else percent),
            formula=f"{part} ÷ {whole} × 100%",
        )
    if result.pooled is not None:
        yield from _places(result.pooled, result)
    for entry in result.main_pollutants:
        yield OpenedStep(
            Text("断面超标率"),
            Text("{item} {percent}%", item=name_of(entry.item), percent=entry.percent),
            formula=f"{entry.exceeding} ÷ {entry.evaluated} × 100%",
        )
    word = result.status.word if result.status else "—"
    way = Text("断面均值") if result.pooled else Text("断面类别比例")
    yield OpenedStep(
        Text("水质状况"), Text("{word}（按{way}）", word=word, way=way), clause=result.rules.source
    )


@opened.register
def _(result: LakeStatus) -> Found:
    label = class_text(result.rank) if result.reason is None else str(result.reason.text)
    title = Text("{name} {period}：{label}", name=result.name, period=result.period.label, label=label)
    return title, result.rules.version, _lake(result)


def _lake(result: LakeStatus) -> Iterator[OpenedStep]:
    for site, role in result.left_out.items():
        yield OpenedStep(Text("点位"), Text("{site} 不参与评价（{role}）", site=site, role=role))
    for site, reason in result.not_evaluated.items():
        yield OpenedStep(Text("点位"), Text("{site} 未评价：{reason}", site=site, reason=reason.text))
    if result.pooled is not None:
        yield from _places(result.pooled, result)
    yield from _trophic(result)


def _trophic(result: LakeStatus) -> Iterator[OpenedStep]:
    state = result.trophic
    if state is None or result.pooled is None:
        return
    known = trophic_rules().items
    for key, index in state.indices.items():
        rule = known[key]
        mean = result.pooled.items[key].mean
        factor = f" × {rule.factor:f}" if rule.factor != 1 else ""
        yield OpenedStep(
            Text("营养状态指数 TLI({item})", item=name_of(key)),
            Text("{index}，权重 {weight}", index=f"{index:.3f}", weight=rule.weight),
            formula=f"10 × ({rule.constant} {_signed(rule.slope)} × ln({number(mean)}{factor}))",
        )
    yield OpenedStep(
        Text("综合营养状态指数 TLI(Σ)"),
        Text(
            "{index} {grade}，缺项：{missing}",
            index=state.rounded,
            grade=state.grade,
            missing=names_of(result.trophic_missing),
        ),
        formula="Σ W(j) × TLI(j) ÷ Σ W(j)",
        clause="总站生字〔2001〕090号",
    )


def _signed(value: Decimal) -> str:
    return f"- {-value}" if value < 0 else f"+ {value}"


@opened.register
def _(result: QualityIndex) -> Found:
    label = str(result.reason.text) if result.reason else f"{result.rounded}"
    return (
        Text("{name} 水质指数：{label}", name=result.name, label=label),
        result.rules.version,
        _index(result),
    )


def _index(result: QualityIndex) -> Iterator[OpenedStep]:
    for term in result.terms:
        yield from _members(term, result.period)
        yield OpenedStep(
            Text("{item}", item=name_of(term.item)),
            Text("均值 {mean}，限值 {limit}", mean=number(term.mean), limit=limit_text(term.limit)),
            formula=f"{term.formula} = {number(term.index)}",
            clause=result.standard,
        )
    if result.reason is not None:
        at_fault = name_of(result.reason_item) if result.reason_item else "—"
        yield OpenedStep(Text("没有指数"), Text("{reason}：{item}", reason=result.reason.text, item=at_fault))
        return
    yield OpenedStep(
        Text("水质指数"),
        Text("{index}（未修约 {exact}）", index=result.rounded, exact=number(result.total)),
        formula=" + ".join(number(term.index) for term in result.terms),
        clause=result.rules.source,
    )


def _members(term: IndexTerm, period: Period | None) -> Iterator[OpenedStep]:
    """Yield the means of the single sites that a term is taken over, with their rows."""
    for site, value in term.members.items():
        yield OpenedStep(
            Text("{item} {site}", item=name_of(term.item), site=site),
            Text("均值 {mean}", mean=number(value)),
            behind=RowsBehind(site, term.item, period) if period else None,
        )


@opened.register
def _(result: CityIndex) -> Found:
    label = str(result.reason.text) if result.reason else f"{result.rounded}"
    title = Text(
        "{name} {period} 水质指数：{label}", name=result.name, period=result.period.label, label=label
    )
    return title, result.rules.version, city_steps(result)


def city_steps(result: CityIndex) -> Iterator[OpenedStep]:
    """Yield the parts of a city's index with their items, and how they are weighed."""
    for part in result.parts:
        yield from _index(part)
    for site, reason in result.left_out.items():
        yield OpenedStep(Text("未参加"), Text("{site}：{reason}", site=site, reason=reason.text))
    if result.total is not None:
        weighted = " + ".join(f"{number(part.total)} × {result.weight(part)}" for part in result.parts)
        whole = " + ".join(str(result.weight(part)) for part in result.parts)
        yield OpenedStep(
            Text("城市水质指数"),
            Text("{index}", index=result.rounded),
            formula=f"({weighted}) ÷ ({whole})",
            clause=result.rules.source,
        )
