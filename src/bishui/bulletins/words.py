"""The wording of bulletins: periods, classes, pollutants and changes, by 环办〔2011〕22号.

Bulletins are Chinese documents: their words are Chinese, whatever the language of the reader.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from decimal import Decimal
from fractions import Fraction

from bishui.assessment import (
    AreaPollutant,
    Caution,
    Change,
    ItemResult,
    MainPollutant,
    Period,
    PeriodKind,
    Rate,
    SectionResult,
    Warned,
    mean_text,
)
from bishui.bulletins.told import NO_DATA
from bishui.i18n import use_language
from bishui.standards import Rules, any_item, water_class

_QUARTERS = "一二三四"
#: A document's number as rules name their source: 环办〔2011〕22号 二.2, SL 395-2007, GB/T 14848-2017.
_DOCUMENT = re.compile(r"^(?:[\u4e00-\u9fff]+〔\d{4}〕\d+号(?: [一-十].\d)?|(?:GB|GB/T|SL|HJ) ?[\d.]+-\d{4})")


def period_name(period: Period) -> str:
    """Return a period as documents write it: 2025年6月, 2025年第二季度, 2025年1—6月, 2025年."""
    year, month = period.end.year, period.end.month
    if period.kind is PeriodKind.MONTH:
        return f"{year}年{month}月"
    if period.kind is PeriodKind.QUARTER:
        return f"{year}年第{_QUARTERS[(month - 1) // 3]}季度"
    if period.kind is PeriodKind.HALF_YEAR:
        return f"{year}年{'上' if month <= 6 else '下'}半年"
    if period.kind is PeriodKind.YTD:
        return f"{year}年1—{month}月" if month > 1 else f"{year}年1月"
    return f"{year}年"


def label(rank: int | None) -> str:
    """Return a class as it is printed."""
    return water_class(rank).label_zh if rank else NO_DATA


def item_name(key: str) -> str:
    """Return the Chinese name of an item."""
    return any_item(key).name_zh


def names(keys: Iterable[str]) -> str:
    """Return the names of items."""
    return "、".join(item_name(key) for key in keys)


def with_multiple(key: str, multiple: Decimal | None) -> str:
    """Return an item with its multiple, as bulletins print it: 氨氮(1.3), 溶解氧."""
    return item_name(key) if multiple is None else f"{item_name(key)}({multiple})"


def pollutants(found: Iterable[MainPollutant]) -> str:
    """Return main pollution indicators with their multiples of class Ⅲ."""
    return "、".join(with_multiple(entry.item, entry.multiple) for entry in found)


def area_pollutants(found: Iterable[AreaPollutant]) -> str:
    """Return the main pollution indicators of many sections, each with its section exceedance rate."""
    return "、".join(f"{item_name(entry.item)}（断面超标率{entry.percent}%）" for entry in found)


def over_target(result: SectionResult) -> str:
    """Return the items over the target, with the multiple of the target's limit where they have one."""
    entries = [result.items[key] for key in result.attainment.failing]
    return "、".join(
        with_multiple(entry.item, entry.over_target.rounded if entry.over_target else None)
        for entry in entries
    )


def item_line(entry: ItemResult) -> str:
    """Return one item in words: its mean, what was compared, its class with the clause, and its counts."""
    unit = any_item(entry.item).unit or ""
    if entry.compared is None:
        return f"{item_name(entry.item)}：{NO_DATA}"
    text = f"{item_name(entry.item)} {mean_text(entry.compared)} {unit}".strip()
    if entry.rank is not None:
        text += f"，{label(entry.rank)}（{entry.clause}）"
    counts = entry.counts
    return f"{text}；有效数据 {counts.entered} / {counts.total}"


def direction(points: Fraction, printed: Decimal) -> str:
    """Return a change of a share in percentage points, in words."""
    if points == 0:
        return "持平"
    return f"{'上升' if points > 0 else '下降'}{abs(printed)}个百分点"


def rules_name(used: Rules) -> str:
    """Return the name of some rules, with the document that they come from."""
    document = _DOCUMENT.match(used.source)
    return f"{used.name_zh}（{document[0]}）" if document else used.name_zh


def change_words(change: Change, names_of: Mapping[str, str]) -> str:
    """Return the verdict of a change (明显好转 …), or why there is none.

    Where one of the periods was not evaluated nothing else is said: all the rest follows from it.
    """
    with use_language("zh-hans"):
        if change.verdict is not None:
            return f"水质{change.text}"
    if any(entry.caution is Caution.NOT_EVALUATED for entry in change.warnings):
        return "没有可比的评价结果，不作比较"
    told = [warning(entry, names_of) for entry in change.warnings]
    return f"不可比（{'；'.join(told)}）" if told else "不可比"


def cautions(change: Change, names_of: Mapping[str, str]) -> list[str]:
    """Return what a comparison that was made warns of; that other sections were left out is told before."""
    given = [entry for entry in change.warnings if entry.caution is not Caution.DIFFERENT_SECTIONS]
    return [warning(entry, names_of) for entry in given]


def warning(entry: Warned, names_of: Mapping[str, str]) -> str:
    """Return what a comparison warns of."""
    with use_language("zh-hans"):
        return named(str(entry.text), names_of).rstrip("。")


def named(text: str, names_of: Mapping[str, str]) -> str:
    """Return a text with the names of sites instead of their identifiers."""
    for site, name in names_of.items():
        text = text.replace(site, name)
    return text


def volume_unit(used: Rules) -> str:
    """Return the unit of volumes as Chinese documents write it."""
    unit = str(used["volume_unit"])
    return {"10⁴ t": "万吨", "10⁴ m³": "万立方米"}.get(unit, unit)


def counted(texts: Iterable[str], unit: str = "个") -> str:
    """Return how often each text occurs: 停站2个、未采样1个."""
    found: dict[str, int] = {}
    for text in texts:
        found[text] = found.get(text, 0) + 1
    return "、".join(f"{text}{count}{unit}" for text, count in found.items())


def left_out(rate: Rate) -> str:
    """Return why some left the denominator of a rate, with how many: 未启用2个、无数据4个."""
    return "、".join(f"{reason.text}{count}个" for reason, count in rate.left_out.items())


def measured(key: str, value: Fraction | None) -> str:
    """Return an item with its mean as it is printed, or that there is none."""
    said = NO_DATA if value is None else mean_text(value)
    return f"{item_name(key)} {said} {any_item(key).unit or ''}".strip()
