"""The room left in a year opened: months measured, what the rest may have, what a chance rests on."""

from __future__ import annotations

from collections.abc import Iterator

from bishui.assessment.opening.parts import name_of, number
from bishui.assessment.opening.steps import OpenedStep, RowsBehind, opened
from bishui.assessment.periods import Period
from bishui.assessment.results import limit_text
from bishui.assessment.room.items import End, ItemRoom
from bishui.assessment.room.left import RoomLeft, SectionRoom
from bishui.assessment.room.rates import RateRoom
from bishui.i18n import Text

Found = tuple[Text, str, Iterator[OpenedStep]]


@opened.register
def _(result: RoomLeft) -> Found:
    return Text("余量，截至 {day}", day=result.on.isoformat()), result.rules.version, _room(result)


def _room(result: RoomLeft) -> Iterator[OpenedStep]:
    for section in result.sections:
        yield from _section(section, result)
    for rate in result.rates:
        yield from _rate(rate, result)


def _section(section: SectionRoom, result: RoomLeft) -> Iterator[OpenedStep]:
    for entry in section.items:
        yield from _months(section.site, entry, result.on.year)
        yield _item(section.name, entry)
    if section.chance is not None:
        yield OpenedStep(
            Text("{name} 达标可能性", name=section.name),
            section.chance.text,
            formula=str(
                Text(
                    "抽样 {draws} 次，随机种子 {seed}，各月可抽年份：{months}",
                    draws=section.chance.draws,
                    seed=section.chance.seed,
                    months=_years(section),
                )
            ),
            clause=result.rules.source,
        )
    target = section.target
    source = target.source_file or ""
    if target.source_line is not None:
        source = str(Text("{file} 第 {line} 行", file=target.source_file, line=target.source_line))
    yield OpenedStep(Text("判定"), section.text, clause=source)


def _years(section: SectionRoom) -> str:
    months = section.chance.months if section.chance is not None else {}
    return (
        "；".join(f"{month}: {'、'.join(map(str, years)) or '—'}" for month, years in months.items()) or "—"
    )


def _months(site: str, entry: ItemRoom, year: int) -> Iterator[OpenedStep]:
    for month, value in entry.months.measured.items():
        period = Period.month(year, month)
        yield OpenedStep(
            Text("{item} {period}", item=name_of(entry.item), period=period.label),
            Text("均值 {mean}", mean=number(value)),
            behind=RowsBehind(site, entry.item, period),
        )


def _item(name: str, entry: ItemRoom) -> OpenedStep:
    """Return what the remaining months may have, with the arithmetic from the months measured."""
    return OpenedStep(
        Text("{name}", name=name),
        entry.text,
        formula="；".join(_end(entry, end) for end in (entry.most, entry.least) if end is not None),
        clause=entry.clause or "",
    )


def _end(entry: ItemRoom, end: End) -> str:
    """Return an end as (n × bound − sum) ÷ r; a mean of pH goes through [H⁺] and is shown as it comes out."""
    months, limit = entry.months, limit_text(entry.limit)
    counts = {"n": months.counted, "r": len(months.remaining), "limit": limit, "value": number(end.value)}
    if entry.item == "ph":
        return str(Text("限值 {limit}，n = {n}，剩余 {r}，按氢离子浓度平均：{value}", **counts))
    total = number(sum(months.measured.values(), start=0 * end.value))
    return str(Text("限值 {limit}（含修约）：({n} × 界限 - {total}) ÷ {r} = {value}", **counts, total=total))


def _rate(rate: RateRoom, result: RoomLeft) -> Iterator[OpenedStep]:
    for name, sites in ((Text("有风险"), rate.at_risk), (Text("无法判断"), rate.without_data)):
        if sites:
            yield OpenedStep(name, Text("{sites}", sites="、".join(sites)))
    if rate.chance is not None:
        yield OpenedStep(Text("{name} 达标可能性", name=rate.target.name), rate.chance.text)
    yield OpenedStep(
        Text("{name}", name=rate.target.name),
        rate.text,
        formula=str(Text("目标 {percent}%，{total} 个断面", percent=rate.target.percent, total=rate.total)),
        clause=result.rules.source,
    )
