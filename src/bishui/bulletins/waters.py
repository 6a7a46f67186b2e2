"""Rivers, basins, counties and lakes: status, main pollutants, change, trophic state."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bishui.assessment import (
    AreaStatus,
    By,
    Change,
    LakeStatus,
    Period,
    RateKind,
    area_change,
    lake_status,
    section_change,
)
from bishui.bulletins import words
from bishui.bulletins.given import BASIN, COUNTY, WATER, Given, Water
from bishui.bulletins.statuses import behind, both, status_of, way
from bishui.bulletins.told import FIGURE, NO_DATA, Behind, Figure, Sheet, Told, cell, column
from bishui.reports import Cell
from bishui.standards import water_class

_MEANS = "环办〔2011〕22号 二.2：断面少于 5 个，各项目取断面均值后按 GB 3838-2002 定类"
_SHARES = "环办〔2011〕22号 二.2：断面 5 个及以上，按断面水质类别比例"
_CHANGE = "环办〔2011〕22号 三：同断面、同项目；断面少于 5 个的按水质状况级别，5 个及以上的按 ΔG－ΔD"
_LAKE = "环办〔2011〕22号 二.3：先按时间、再按点位取均值后定类；营养状态按总站生字〔2001〕090号"
#: After every level of the classes.
_NO_STATUS = 9
_KINDS = {WATER: "河流", BASIN: "流域", COUNTY: "区县"}


@dataclass(frozen=True, slots=True)
class _Line:
    """A river or an area with its status now and its change against each earlier period."""

    key: str
    water: Water
    status: AreaStatus
    changes: Mapping[str, Change]

    def opened(self, number: int) -> str:
        """Return the key of the change against an earlier period, counted from 1."""
        return f"{self.key}.change_{number}"


def tell_rivers(told: Told, given: Given) -> None:
    """Tell of each river in a sentence, and of rivers, basins and counties in tables."""
    rivers = [_line(f"water_{n}", water, given) for n, water in _of(given, WATER, lakes=False)]
    if not rivers:
        return
    told.head("河流水质")
    told.say(_summary(told, rivers))
    for line in rivers:
        _figures(told, given, line)
        told.say(_sentence(line))
    told.show("rivers", _table(rivers, given, "河流水质状况", "河流"))
    for kind, key in ((BASIN, "basins"), (COUNTY, "counties")):
        lines = [_line(f"{kind}_{n}", water, given) for n, water in _of(given, kind)]
        for line in lines:
            _figures(told, given, line)
        if len(lines) > 1:
            told.show(key, _table(lines, given, f"各{_KINDS[kind]}水质状况", _KINDS[kind]))


def _of(given: Given, kind: str, *, lakes: bool | None = None) -> list[tuple[int, Water]]:
    found = [water for water in given.waters if water.kind == kind and lakes in (None, water.lake)]
    return list(enumerate(found, start=1))


def _line(key: str, water: Water, given: Given) -> _Line:
    status = status_of(water, given, given.period)
    changes = {
        called: area_change(status_of(water, given, period), status, override=given.own)
        for called, period in given.earlier
    }
    return _Line(key, water, status, changes)


def _summary(told: Told, lines: Sequence[_Line]) -> str:
    """Return how many rivers have which status."""
    by_level: dict[int, list[Behind]] = {}
    for line in lines:
        rows = by_level.setdefault(line.status.level or _NO_STATUS, [])
        rows.append(Behind(line.water.name, f"{FIGURE}{line.key}"))
    pieces = []
    for level, rows in sorted(by_level.items()):
        word = "未评价" if level == _NO_STATUS else f"水质{water_class(level).word_zh}"
        place = told.count(f"rivers.level_{level}", f"{word}的河流", "环办〔2011〕22号 二.2", rows)
        pieces.append(f"{word}的{place}条")
    every = [Behind(line.water.name, f"{FIGURE}{line.key}") for line in lines]
    return (
        f"登记的{told.count('rivers.total', '登记的河流', '点位台账', every)}条河流中，{'、'.join(pieces)}。"
    )


def _figures(told: Told, given: Given, line: _Line) -> None:
    """Add what is told of a river or an area: its status, its pollutants, its changes."""
    told.figure(line.key, _figure(line, given))
    pollutants = _pollutants(line.status)
    if pollutants:
        rows = (*_pollutant_rows(line.status), *behind(given, line.status.sections))
        figure = Figure(pollutants, f"{line.water.name}主要污染指标", "环办〔2011〕22号 二.2", rows)
        told.figure(f"{line.key}.pollutants", figure)
    for number, (called, change) in enumerate(line.changes.items(), start=1):
        word = words.change_words(change, given.names)
        label = f"{line.water.name}与{called}相比"
        told.figure(line.opened(number), Figure(word, label, _CHANGE, tuple(both(given, change))))


def _pollutant_rows(status: AreaStatus) -> list[Behind]:
    """Return each main pollutant with the mean over few sections, or how many of many exceed class Ⅲ."""
    if status.pooled is not None:
        found = [status.pooled.items[entry.item] for entry in status.pooled.main_pollutants]
        return [Behind(f"断面均值 {words.item_line(entry)}") for entry in found]
    return [
        Behind(f"{words.item_name(entry.item)}：{entry.exceeding} / {entry.evaluated} 个断面劣于Ⅲ类")
        for entry in status.main_pollutants
    ]


def _sentence(line: _Line) -> str:
    text = f"{line.water.name}：{{{line.key}}}"
    if _pollutants(line.status):
        text += f"，主要污染指标为{{{line.key}.pollutants}}"
    for number, (called, change) in enumerate(line.changes.items(), start=1):
        if change.verdict is not None:
            text += f"；与{called}相比，{{{line.opened(number)}}}"
    return f"{text}。"


def _figure(line: _Line, given: Given) -> Figure:
    status = line.status
    basis = _MEANS if status.by is By.MEANS else _SHARES
    rows = behind(given, status.sections)
    if status.pooled is not None:
        rows += [
            Behind(f"断面均值 {words.item_line(entry)}")
            for entry in status.pooled.items.values()
            if entry.decides_class and entry.mean is not None
        ]
    text = _status_text(status, given)
    value = str(status.rank) if status.rank else ""
    return Figure(text, f"{line.water.name}水质状况", basis, tuple(rows), value)


def _status_text(status: AreaStatus, given: Given) -> str:
    if status.level is None:
        return f"未评价（{_why(status, given)}）"
    word = water_class(status.level).word_zh
    whole = f"{status.evaluated}个断面"
    if status.evaluated < len(status.sections):
        whole = f"{len(status.sections)}个断面中{status.evaluated}个参评"
    if status.rank is not None:
        return f"{whole}，按断面均值为{words.label(status.rank)}，水质{word}"
    good, worst = status.percent(RateKind.GOOD), status.percent(RateKind.WORST)
    return f"{whole}，Ⅰ～Ⅲ类占{good}%，劣Ⅴ类占{worst}%，水质{word}"


def _why(status: AreaStatus, given: Given) -> str:
    missing = [given.why(entry) for entry in status.sections if entry.rank is None]
    if missing:
        return words.counted(missing)
    return str(status.reason.text) if status.reason else NO_DATA


def _pollutants(status: AreaStatus) -> str:
    if status.pooled is not None:
        return words.pollutants(status.pooled.main_pollutants)
    return words.area_pollutants(status.main_pollutants)


def _table(lines: Sequence[_Line], given: Given, caption: str, what: str) -> Sheet:
    called = [name for name, _ in given.earlier]
    columns = (
        column(what, 1.9),
        column("参评断面", 1.7, numeric=True),
        column("评价方法", 1.7, numeric=True),
        column("水质类别", 1.7, numeric=True),
        column("水质状况", 1.7, numeric=True),
        column("主要污染指标", 2.5),
        *(column(f"比{name}", 2.15, numeric=True) for name in called),
    )
    rows = tuple(_row(line, given) for line in lines)
    note = "类别一栏只有按断面均值评价的才有；参评断面为参加评价的个数和登记的个数。"
    return Sheet(caption, f"{what}状况", columns, rows, note)


def _row(line: _Line, given: Given) -> tuple[Cell, ...]:
    status = line.status
    opened = f"{FIGURE}{line.key}"
    return (
        cell(line.water.name, opened),
        cell(f"{status.evaluated} / {len(status.sections)}", opened),
        cell(way(status)),
        cell(words.label(status.rank) if status.rank else "—", opened if status.rank else ""),
        cell(
            water_class(status.level).word_zh if status.level else f"未评价（{_why(status, given)}）", opened
        ),
        cell(_pollutants(status), f"{opened}.pollutants" if _pollutants(status) else ""),
        *(
            cell(_short(change), f"{FIGURE}{line.opened(number)}")
            for number, change in enumerate(line.changes.values(), start=1)
        ),
    )


def _short(change: Change) -> str:
    """Return a change for a narrow cell."""
    return words.change_words(change, {}).removeprefix("水质") if change.verdict is not None else "不可比"


def tell_lakes(told: Told, given: Given) -> None:
    """Tell of each lake: class of the means over its points, and its trophic state."""
    lakes = _of(given, WATER, lakes=True)
    if not lakes:
        return
    told.head("湖库水质")
    lines = []
    for number, water in lakes:
        found = {period: _lake(water, given, period) for period in given.results}
        key = f"lake_{number}"
        told.figure(key, _lake_figure(water, found[given.period], given))
        for before, (called, period) in enumerate(given.earlier, start=1):
            told.figure(f"{key}.before_{before}", _lake_before(water, found, period, called, given))
        lines.append((key, water, found))
    told.say("；".join(f"{water.name}：{{{key}}}" for key, water, _ in lines) + "（{table:lakes}）。")
    told.show("lakes", _lake_table(lines, given))


def _lake(water: Water, given: Given, period: Period) -> LakeStatus:
    """Return the status of a lake; a point whose water type nobody registered is not one of its points."""
    found = [given.results[period][site] for site in water.sites]
    known = [result for result in found if result.water_type is not None]
    return lake_status(water.name, known or found, roles=water.roles, override=given.own)


def _lake_before(
    water: Water, found: Mapping[Period, LakeStatus], period: Period, called: str, given: Given
) -> Figure:
    """Return the class of a lake in an earlier period, with its points and means in both."""
    text = _class_change(found[period], found[given.period], given)
    rows = [*_lake_rows(water, found[period], given), *_lake_rows(water, found[given.period], given)]
    return Figure(text, f"{water.name}{called}类别及变化", f"{_LAKE}；{_CHANGE}", tuple(rows))


def _lake_rows(water: Water, status: LakeStatus, given: Given) -> list[Behind]:
    """Return the points of a lake in a period, and the means over them."""
    rows = behind(given, [given.results[status.period][site] for site in water.sites])
    named = [Behind(f"{words.period_name(status.period)} {row.text}", row.ref) for row in rows]
    if status.pooled is not None:
        named += [
            Behind(f"点位均值 {words.period_name(status.period)} {words.item_line(entry)}")
            for entry in status.pooled.items.values()
            if entry.mean is not None
        ]
    return named


def _lake_figure(water: Water, status: LakeStatus, given: Given) -> Figure:
    rows = behind(given, [given.now[site] for site in water.sites])
    if status.pooled is not None:
        rows += [
            Behind(f"点位均值 {words.item_line(entry)}")
            for entry in status.pooled.items.values()
            if entry.mean is not None
        ]
    if status.trophic is not None:
        rows += [
            Behind(f"TLI（{words.item_name(key)}）＝{round(value, 2)}")
            for key, value in status.trophic.indices.items()
        ]
    text = (
        f"{words.label(status.rank)}，水质{water_class(status.rank).word_zh}"
        if status.rank
        else _lake_why(status)
    )
    if status.trophic is not None:
        text += f"，综合营养状态指数{status.trophic.rounded}，{status.trophic.grade}"
        text += "" if status.trophic.official else f"（缺{words.names(status.trophic_missing)}，仅供参考）"
    return Figure(text, f"{water.name}水质和营养状态", _LAKE, tuple(rows), str(status.rank or ""))


def _lake_why(status: LakeStatus) -> str:
    return f"未评价（{status.reason.text}）" if status.reason else "未评价"


def _lake_table(lines: Sequence[tuple[str, Water, Mapping[Period, LakeStatus]]], given: Given) -> Sheet:
    columns = (
        column("湖库", 1.8),
        column("参评点位", 1.7, numeric=True),
        column("水质类别", 1.7, numeric=True),
        column("主要污染指标", 2.5),
        column("营养状态指数", 1.5, numeric=True),
        column("营养状态", 1.7, numeric=True),
        *(column(name, 2.3, numeric=True) for name, _ in given.earlier),
    )
    rows = tuple(_lake_row(key, water, found, given) for key, water, found in lines)
    note = "入湖口点位不参加湖库评价；总氮不参加类别评价；营养状态指数少于五项时仅供参考。"
    return Sheet("湖库水质和营养状态", "湖库", columns, rows, note)


def _lake_row(key: str, water: Water, found: Mapping[Period, LakeStatus], given: Given) -> tuple[Cell, ...]:
    now = found[given.period]
    opened = f"{FIGURE}{key}"
    trophic = now.trophic
    inside = len(water.sites) - len(now.left_out)
    return (
        cell(water.name, opened),
        cell(f"{len(now.points)} / {inside}", opened),
        cell(words.label(now.rank) if now.rank else _lake_why(now), opened),
        cell(words.pollutants(now.pooled.main_pollutants) if now.pooled else "", opened),
        cell(trophic.rounded if trophic else NO_DATA, opened, trophic.rounded if trophic else None),
        cell(trophic.grade if trophic else NO_DATA, opened),
        *(
            cell(_class_change(found[period], now, given), f"{FIGURE}{key}.before_{before}")
            for before, (_, period) in enumerate(given.earlier, start=1)
        ),
    )


def _class_change(then: LakeStatus, now: LakeStatus, given: Given) -> str:
    if then.rank is None:
        return NO_DATA
    change = section_change(then.as_section(), now.as_section(), override=given.own)
    return f"{words.label(then.rank)}（{_short(change)}）"
