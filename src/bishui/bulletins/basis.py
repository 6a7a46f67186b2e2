"""The standards and methods of a bulletin (依据的标准和办法), each opened to clauses, limits and settings."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from bishui.assessment import GroundwaterResult, ItemResult, SectionResult, limit_text
from bishui.bulletins import words
from bishui.bulletins.given import Given
from bishui.bulletins.statuses import behind
from bishui.bulletins.told import Behind, Figure, Sheet, Told, cell, column, site_ref
from bishui.standards import (
    Criterion,
    Direction,
    LimitRow,
    Rules,
    Setting,
    any_item,
    items,
    method,
    methods,
    surface_water,
    water_class,
)

#: What each of the rules of many sections is used for.
_AREA_RULES = {"area_status": "河流、区域状况", "shares": "比例", "change": "不同时段的变化"}
_WATER_TYPES = {"river": "河流", "lake": "湖库"}
_SIGNS = {Direction.MAX: "≤", Direction.MIN: "≥"}
#: Words for values of settings whose names do not say them.
_VALUES = {
    True: "是",
    False: "否",
    "half": "检出限的一半",
    "zero": "零",
    "limit": "检出限",
    "cannot_be_judged": "不能判定",
    "substitute": "按代入值判定",
    "automatic": "自动监测",
    "manual": "手工监测",
    "unknown": "来源不明",
    "inflow": "入湖口",
}


@dataclass(frozen=True, slots=True)
class _Used:
    """One standard or method: what for, its name, its edition, and what stands in it."""

    use: str
    name: str
    edition: str
    behind: tuple[Behind, ...]


def table(told: Told, given: Given) -> Sheet:
    """Return the table of what was used; each edition opens to the clauses, limits and settings applied."""
    columns = (column("用于", 2.2), column("标准或办法", 4), column("版本", 2.8))
    rows = []
    for number, used in enumerate(_used(given), start=1):
        figure = Figure(used.edition, f"{used.use}的依据", used.name, used.behind)
        edition = told.cell(f"basis.used_{number}", figure)
        rows.append((cell(used.use), cell(used.name, edition.ref), edition))
    note = (
        "每个版本可以打开到条款、限值和设置；设置的确定程度：A 为原文，B 为转引，C 为凭记忆或本软件的选择。"
    )
    return Sheet("依据的标准和办法", "依据", columns, tuple(rows), note)


def _used(given: Given) -> Iterator[_Used]:
    """Yield what was used, by which document, in which edition."""
    judged = [result for result in given.now.values() if result.rank is not None]
    for edition in dict.fromkeys(result.standard for result in judged):
        found = [result for result in judged if result.standard == edition]
        rows = (*_limits(given, found), *behind(given, found))
        yield _Used("断面定类", "地表水环境质量标准", edition, rows)
    for version in dict.fromkeys(result.method for result in judged):
        found = [result for result in judged if result.method == version]
        rows = (*_method(given, version), *behind(given, found))
        yield _Used("数据统计和单因子评价", "环办〔2011〕22号、环办监测函〔2020〕82号", version, rows)
    yield from (_rules(use, given.rules(key)) for key, use in _AREA_RULES.items())
    yield _rules("水质指数", given.rules("cwqi"))
    if any(water.lake for water in given.waters):
        yield _rules("湖库", given.rules("lake"))
    if given.sources is not None:
        yield _rules("饮用水水源", given.sources.rules)
    if given.zones is not None:
        yield _rules("水功能区", given.zones.rules)
    if given.wells:
        rows = (*_settings(given.wells[0].used.settings.values()), *_well_limits(given.wells))
        yield _Used("地下水", "地下水质量标准", given.wells[0].standard, rows)
    if given.bodies:
        first = given.bodies[0]
        clauses = [Behind(f"{body.body.name}：{body.clause}") for body in given.bodies]
        yield _Used(
            "黑臭水体", first.clause, first.rules, (*clauses, *_settings(first.used.settings.values()))
        )


def _limits(given: Given, results: Iterable[SectionResult]) -> list[Behind]:
    """Return the limits and the clause that judged each item, by the kind of water, and how many sections."""
    criteria = surface_water(given.period.last_day, given.own_values).criteria
    found: dict[tuple[str, int, str], list[ItemResult]] = {}
    for result in results:
        for entry in result.items.values():
            if entry.decides_class and entry.rank is not None:
                kind = _WATER_TYPES.get(result.water_type or "", "")
                found.setdefault((kind, criteria[entry.item].no, entry.clause or ""), []).append(entry)
    return [
        Behind(
            f"{kind} {_limit_line(criteria[entries[0].item], entries[0])}；{clause}；判定{len(entries)}个断面"
        )
        for (kind, _, clause), entries in sorted(found.items(), key=lambda each: each[0])
    ]


def _limit_line(criterion: Criterion, entry: ItemResult) -> str:
    """Return the limits of an item in every class: 氨氮（mg/L）Ⅰ类≤0.15、Ⅱ类≤0.5 …."""
    sign = _SIGNS.get(criterion.direction, "")
    limits = "、".join(
        f"{water_class(rank).label_zh}{text if '~' in text else sign + text}"
        for rank, text in ((rank, limit_text(limit)) for rank, limit in entry.limits.items())
    )
    unit = any_item(entry.item).unit
    return f"{words.item_name(entry.item)}{f'（{unit}）' if unit else ''} {limits}"


def _method(given: Given, version: str) -> list[Behind]:
    """Return the settings of a method by its version; of one that was changed, what was changed first."""
    used = method(given.period.last_day, given.own_values)
    if used.version != version:
        used = methods()[version.partition("+")[0]]
    changed = version.removeprefix(used.version).removeprefix("+")
    head = [Behind(f"与公布的办法不同的设置：{changed}")] if changed else []
    return [*head, *_settings(used.settings)]


def _rules(use: str, used: Rules) -> _Used:
    return _Used(use, words.rules_name(used), used.version, tuple(_settings(used.settings.values())))


def _settings(settings: Iterable[Setting]) -> list[Behind]:
    """Return each setting with its value, how sure it is, and whose it is where the bureau set it."""
    return [Behind(_setting(setting)) for setting in settings]


def _setting(setting: Setting) -> str:
    label = setting.label.zh if setting.label else setting.name
    own = f"，本市自定（{setting.override}）" if setting.override else ""
    return f"设置 {label}：{_value(setting.value)}（确定程度 {setting.certainty}{own}）"


def _value(value: Any) -> str:
    """Return the value of a setting in words."""
    if isinstance(value, tuple):
        return "、".join(map(_value, value)) or "无"
    if isinstance(value, bool | str) and value in _VALUES:
        return _VALUES[value]
    return words.item_name(value) if value in items() else str(value)


def _well_limits(wells: Sequence[GroundwaterResult]) -> list[Behind]:
    """Return the limit of class Ⅲ and the clause that judged each item of the wells."""
    found: dict[str, tuple[LimitRow, str]] = {}
    for well in wells:
        for key, item in well.items.items():
            if item.judgement.row is not None:
                found.setdefault(key, (item.judgement.row, site_ref(well.site, well.period.label, key)))
    return [
        Behind(f"{words.item_name(key)} Ⅲ类限值 {_limit(row)}；{row.clause}", opened)
        for key, (row, opened) in found.items()
    ]


def _limit(row: LimitRow) -> str:
    return "不得检出" if row.limit is None else f"{limit_text(row.limit)} {row.unit}"
