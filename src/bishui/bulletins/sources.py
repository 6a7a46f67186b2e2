"""Drinking-water sources (集中式饮用水水源): attainment by count and by volume (水源达标率、水量达标率)."""

from __future__ import annotations

from collections.abc import Iterable

from bishui.assessment import FailingItem, LeftOut, Period, Rate, SourceKind, SourceResult, mean_text
from bishui.bulletins import words
from bishui.bulletins.given import Given
from bishui.bulletins.told import FIGURE, SITE, Behind, Figure, Gap, Sheet, Told, cell, column, site_ref
from bishui.reports import Cell

_LEVELS = {
    "city": "市级",
    "county": "县级",
    "thousand_ton": "千吨万人",
    "township": "乡镇级",
    "village": "村级",
}


def tell(told: Told, given: Given) -> None:
    """Tell of drinking-water sources: attainment by count and by volume (水源达标率、水量达标率)."""
    found = given.sources
    if found is None:
        return
    told.head("集中式饮用水水源水质")
    basis = f"{words.rules_name(found.rules)}，版本 {found.rules.version}"
    lines = list(enumerate(found.results, start=1))
    for number, result in lines:
        told.figure(f"source_{number}", _source_figure(result, basis, given))
    judged = [entry for entry in found.results if entry.attained is not None]
    met = [entry for entry in judged if entry.attained]
    whole = told.count("sources.total", "登记的饮用水水源", basis, _named(found.results))
    of = told.count("sources.judged", "参加评价的饮用水水源", basis, _named(judged))
    count = told.count("sources.attained", "达标的饮用水水源", basis, _named(met))
    head = f"达标 {len(met)} / {len(judged)} 个参加评价的水源"
    if found.by_count.missing:
        head += f"；另有 {found.by_count.missing} 个未参加评价，不计入"
    rows = [Behind(head), *_named(found.results)]
    rate = told.percent("sources.percent", "水源达标率", basis, found.by_count.percent, rows)
    left_out = _left_out(told, "sources.missing", found.by_count, found.results, basis)
    if judged:
        text = f"登记的{whole}个集中式饮用水水源中，{of}个参加评价，达标{count}个，水源达标率{rate}{left_out}"
        told.say(f"{text}（{{table:sources}}）。")
        told.say(_volume(told, given, basis))
    else:
        told.say(
            f"登记的{whole}个集中式饮用水水源都没有评价结果，不计算达标率{left_out}（{{table:sources}}）。"
        )
    told.show("sources", _source_table(given))
    told.gaps += [
        Gap(
            "水源地",
            entry.source.name,
            f"{given.period.label} {entry.left_out.text}，未参加评价",
            _site(entry),
        )
        for entry in found.results
        if entry.left_out not in (None, LeftOut.NOT_IN_USE, LeftOut.NOT_VALID_THEN)
    ]


def _site(result: SourceResult) -> str:
    return f"{SITE}{result.source.points[0]}" if result.source.points else ""


def _item(result: SourceResult, period: Period, item: str) -> str:
    return site_ref(result.source.points[0], period.label, item) if result.source.points else ""


def _named(results: Iterable[SourceResult]) -> list[Behind]:
    return [Behind(f"{entry.source.name}：{_source_verdict(entry)}", _site(entry)) for entry in results]


def _source_verdict(result: SourceResult) -> str:
    if result.attained is None:
        return f"未评价（{result.left_out.text}）" if result.left_out else "未评价"
    return "达标" if result.attained else "不达标"


def _left_out(told: Told, key: str, rate: Rate, results: Iterable[SourceResult], basis: str) -> str:
    missing = [entry for entry in results if entry.attained is None]
    if not missing:
        return ""
    place = told.count(key, "未参加评价的饮用水水源", basis, _named(missing))
    why = told.figure(
        f"{key}_why", Figure(words.left_out(rate), "水源未参加评价的原因", basis, tuple(_named(missing)))
    )
    return f"；未参加评价的{place}个，不计入达标率（{why}）"


def _volume(told: Told, given: Given, basis: str) -> str:
    assert given.sources is not None
    rate, unit = given.sources.by_volume, words.volume_unit(given.sources.rules)
    unknown = rate.left_out.get(LeftOut.VOLUME_UNKNOWN, 0)
    if not rate.evaluated:
        why = "没有可以评价的取水量，不计算水量达标率"
        if unknown:
            why = f"{unknown}个水源取水量不明，不计算水量达标率"
        told.gaps.append(Gap("水源地", "取水量", why, f"{FIGURE}sources.no_volume"))
        volumes = [
            Behind(f"{name.text}；取水量{_taken(entry, unit)}", name.ref)
            for entry, name in zip(given.sources.results, _named(given.sources.results), strict=True)
        ]
        figure = Figure(why, "水量达标率", basis, tuple(volumes))
        return f"{told.figure('sources.no_volume', figure)}。"
    rows = [
        Behind(f"{entry.source.name}：取水量{_taken(entry, unit)}，{_source_verdict(entry)}", _site(entry))
        for entry in given.sources.results
        if entry.volume
    ]
    place = told.percent("sources.volume_percent", "水量达标率", basis, rate.percent, rows)
    met = told.figure(
        "sources.volume_met",
        Figure(mean_text(rate.met), "达标取水量", basis, tuple(rows), mean_text(rate.met)),
    )
    whole = mean_text(rate.evaluated)
    total = told.figure("sources.volume", Figure(whole, "参加评价的取水总量", basis, tuple(rows), whole))
    text = f"参加评价的取水总量{total}{unit}，其中达标{met}{unit}，水量达标率{place}"
    if not unknown:
        return f"{text}。"
    of_unknown = _named(entry for entry in given.sources.results if entry.volume is None)
    number = told.figure(
        "sources.volume_unknown", Figure(str(unknown), "取水量不明的水源", basis, tuple(of_unknown))
    )
    return f"{text}；取水量不明的{number}个，不计入水量达标率。"


def _taken(entry: SourceResult, unit: str) -> str:
    return "不明" if entry.volume is None else f" {entry.volume} {unit}"


def _source_figure(result: SourceResult, basis: str, given: Given) -> Figure:
    rows = []
    for point in result.points:
        verdict = "达标" if point.attained else "不达标" if point.attained is False else "未评价"
        why = f"（{point.left_out.text}）" if point.left_out else ""
        name = words.period_name(point.period)
        rows.append(Behind(f"{name}：{words.label(point.rank)}，{verdict}{why}", _site(result)))
        rows += [
            Behind(f"{name} {words.item_line(item)}", _item(result, point.period, key))
            for key, item in point.items.items()
            if item.mean
        ]
        rows += [
            Behind(f"{name} {words.measured(mean.item, mean.value)}", _item(result, point.period, mean.item))
            for mean in point.specific_items.values()
        ]
        rows += [Behind(f"{name} 超标：{_failing((entry,))}，{entry.clause}") for entry in point.failing]
    return Figure(_source_verdict(result), f"{result.source.name}达标情况", basis, tuple(rows))


def _failing(found: Iterable[FailingItem]) -> str:
    return "、".join(dict.fromkeys(words.with_multiple(entry.item, entry.multiple) for entry in found))


def _source_table(given: Given) -> Sheet:
    assert given.sources is not None
    unit = words.volume_unit(given.sources.rules)
    columns = (
        column("水源", 2.6),
        column("类型", 1.35, numeric=True),
        column("级别", 1.35, numeric=True),
        column("水质类别", 1.7, numeric=True),
        column("达标情况", 2.4, numeric=True),
        column("超标项目（倍数）", 2.4),
        column("已评价月数", 1.6, numeric=True),
        column(f"取水量（{unit}）", 1.7, numeric=True),
    )
    rows = tuple(
        _source_row(f"{FIGURE}source_{number}", result)
        for number, result in enumerate(given.sources.results, start=1)
    )
    note = "总氮、粪大肠菌群、水温不参加类别评价；停用和备用期间不要求采样。"
    return Sheet("饮用水水源水质达标情况", "水源", columns, rows, note, "没有登记饮用水水源")


def _source_row(opened: str, result: SourceResult) -> tuple[Cell, ...]:
    kind = "地下水" if result.source.kind is SourceKind.GROUND else "地表水"
    ranks = [point.rank for point in result.points if point.rank is not None]
    whole = result.months + result.months_missing
    return (
        cell(result.source.name, opened),
        cell(kind),
        cell(_LEVELS.get(result.source.level or "", "")),
        cell(words.label(max(ranks, default=None)), opened),
        cell(_source_verdict(result), opened),
        cell(_failing(entry for point in result.points for entry in point.failing), opened),
        cell(f"{result.months} / {whole}", opened),
        cell("不明" if result.volume is None else result.volume, opened, result.volume),
    )
