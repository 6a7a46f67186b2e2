"""Changes between periods and rankings opened: both sides of each comparison down to their rows."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

from bishui.assessment.background import Deduction
from bishui.assessment.numbers import round_half_up
from bishui.assessment.opening.parts import class_text, item_steps, names_of, number
from bishui.assessment.opening.steps import OpenedStep, opened
from bishui.assessment.opening.waters import area_steps, city_steps, section_steps
from bishui.assessment.ranking.indices import IndexChange, IndexRanking
from bishui.assessment.results import SectionResult
from bishui.assessment.waters.areas import AreaStatus
from bishui.assessment.waters.change import Change
from bishui.i18n import Text

Found = tuple[Text, str, Iterator[OpenedStep]]


@opened.register
def _(result: Change) -> Found:
    title = Text(
        "{name} {after} 较 {before}：{verdict}",
        name=result.name,
        after=result.after.label,
        before=result.before.label,
        verdict=result.text,
    )
    return title, result.rules.version, _change(result)


def _change(result: Change) -> Iterator[OpenedStep]:
    for part in (result.earlier, result.later):
        if isinstance(part, AreaStatus):
            yield from area_steps(part)
        else:
            yield _class_of(part)
            yield from item_steps(part.site, part.period, part.items.values())
    if isinstance(result.earlier, AreaStatus):
        for before, after in result.pairs:
            yield _pair(before, after)
    for warning in result.warnings:
        yield OpenedStep(Text("不可比") if warning.refused else Text("注意"), warning.text)
    yield _verdict(result)


def _class_of(section: SectionResult) -> OpenedStep:
    said = class_text(section.rank) if section.reason is None else section.reason.text
    return OpenedStep(Text("{period}", period=section.period.label), Text("{said}", said=said))


def _pair(before: SectionResult | None, after: SectionResult | None) -> OpenedStep:
    """Return a section with its class in both periods; a period that lacks it has a dash."""
    name = next(section.name for section in (after, before) if section is not None)
    return OpenedStep(
        Text("断面"),
        Text(
            "{name}：{before} → {after}",
            name=name,
            before=class_text(before.rank if before else None),
            after=class_text(after.rank if after else None),
        ),
    )


def _verdict(result: Change) -> OpenedStep:
    return OpenedStep(
        Text("变化"), Text("{verdict}", verdict=result.text), _formula(result), result.rules.source
    )


def _formula(result: Change) -> str:
    """Return ΔG − ΔD of shares, the grades gained of a class; nothing where there is no verdict."""
    if result.good is not None and result.worst is not None and result.points is not None:
        good, worst, points = (_points(value) for value in (result.good, result.worst, result.points))
        return f"ΔG - ΔD = {good} - ({worst}) = {points}"
    if result.grades is None:
        return ""
    return str(Text("水质状况变化 {grades} 级", grades=f"{result.grades:+d}"))


def _points(value: Fraction) -> str:
    return f"{round_half_up(value, 1):f}"


@opened.register
def _(result: IndexChange) -> Found:
    title = Text(
        "{name} 水质指数变化：{percent}%",
        name=result.name,
        percent="—" if result.rounded is None else result.rounded,
    )
    return title, result.rules.version, _index_change(result)


def _index_change(result: IndexChange) -> Iterator[OpenedStep]:
    if result.base is not None:
        yield from city_steps(result.base)
    yield from city_steps(result.current)
    before = result.base.total if result.base else None
    formula = ""
    if before is not None and result.current.total is not None:
        formula = f"({number(result.current.total)} - {number(before)}) ÷ {number(before)} × 100%"
    reason = result.reason.text if result.reason else Text("参加排名")
    yield OpenedStep(
        Text("变化程度"),
        Text(
            "{percent}%，{reason}", percent="—" if result.rounded is None else result.rounded, reason=reason
        ),
        formula=formula,
        clause=result.rules.source,
    )


@opened.register
def _(result: IndexRanking) -> Found:
    title = Text("水质指数排名：{count} 个", count=len(result.places))
    return title, result.rules, _ranking(result)


def _ranking(result: IndexRanking) -> Iterator[OpenedStep]:
    for place in result.places:
        yield from opened(place.entry)[2]
        yield OpenedStep(
            Text("第 {rank} 名", rank=place.rank),
            Text("{name} {printed}", name=place.entry.name, printed=place.printed),
        )
    for name, reason in result.left_out.items():
        yield OpenedStep(Text("未参加排名"), Text("{name}：{reason}", name=name, reason=reason.text))
    yield OpenedStep(
        Text("参评项目"), Text("{items}", items=names_of(result.items)), clause=result.used.source
    )


@opened.register
def _(result: Deduction) -> Found:
    title = Text(
        "{name} {period}：{measured}，扣除自然本底后 {deducted}",
        name=result.measured.name,
        period=result.measured.period.label,
        measured=class_text(result.measured.rank),
        deducted=class_text(result.deducted.rank),
    )
    return title, result.rules.version, _deduction(result)


def _deduction(result: Deduction) -> Iterator[OpenedStep]:
    yield from section_steps(result.measured)
    for name, entries in ((Text("扣除"), result.excluded), (Text("超出批准值，未扣除"), result.beyond)):
        for entry in entries:
            yield OpenedStep(name, Text("{items}", items=names_of([entry.item])), clause=entry.document)
    yield OpenedStep(
        Text("扣除自然本底后"),
        Text(
            "{label}，参评项目 {items}",
            label=class_text(result.deducted.rank),
            items=names_of(result.deducted.item_list),
        ),
        clause=result.rules.source,
    )
