"""The notes of a bulletin: methods and editions, item lists, what is missing or under review."""

from __future__ import annotations

from collections.abc import Sequence

from bishui.assessment import SectionResult
from bishui.bulletins import basis, statuses, words
from bishui.bulletins.given import Given
from bishui.bulletins.told import FIGURE, SITE, Behind, Figure, Sheet, Told, cell, column
from bishui.reports import Cell

_MEASURED = "实测项目"
_REVIEW = "数据质控标记：复核中的数据不参加评价"


def tell(told: Told, given: Given) -> None:
    """Tell what a reader needs to defend each figure, and what the bulletin does not hold."""
    told.head("编制说明")
    day = given.as_of
    told.say(
        f"本期数据截至{day.year}年{day.month}月{day.day}日；缺少数据的断面不作为达标或良好，"
        "比例的分母只含参加评价的对象。所依据的标准和办法见{table:basis}，参评项目见{table:items}。"
    )
    told.say(f"本市自定限值和设置：{given.override or '没有'}。")
    told.say(_missing(told, given))
    told.say(_review(told, given))
    told.show("basis", basis.table(told, given))
    told.show("items", _item_lists(told, given))


def _missing(told: Told, given: Given) -> str:
    missing = [result for result in given.now.values() if result.rank is None]
    if not missing:
        return "全部断面（点位）都参加了评价。"
    by_why: dict[str, list[SectionResult]] = {}
    for result in missing:
        by_why.setdefault(given.why(result), []).append(result)
    text = "；".join(
        f"{why}：{'、'.join(given.names[entry.site] for entry in entries)}" for why, entries in by_why.items()
    )
    rows = tuple(statuses.behind(given, missing))
    place = told.figure(
        "notes.missing", Figure(text, "未参加评价的断面", "没有数据不作为达标", rows, str(len(missing)))
    )
    return f"未参加评价的断面（点位）：{place}。"


def _review(told: Told, given: Given) -> str:
    """Tell how many readings are under review or were set aside, section by section."""
    pieces, rows = [], []
    for result in given.now.values():
        review = sum(entry.counts.under_review for entry in result.items.values())
        excluded = sum(entry.counts.excluded for entry in result.items.values())
        counts = [f"{word}{count}个" for word, count in (("复核中", review), ("已剔除", excluded)) if count]
        if counts:
            text = f"{given.names[result.site]}{'、'.join(counts)}"
            pieces.append(text)
            rows.append(Behind(text, f"{SITE}{result.site}"))
    if not pieces:
        return "没有复核中或已剔除的数据。"
    figure = Figure("；".join(pieces), "复核中和已剔除的数据", _REVIEW, tuple(rows), str(len(pieces)))
    return f"未参加评价的数据：{told.figure('notes.review', figure)}。"


def _item_lists(told: Told, given: Given) -> Sheet:
    """Return the item lists that the classes rest on: results over other lists are not comparable."""
    lists: dict[tuple[str, tuple[str, ...]], list[SectionResult]] = {}
    for result in given.now.values():
        if result.rank is not None:
            lists.setdefault((result.item_list_rule or _MEASURED, result.item_list), []).append(result)
    ordered = sorted(lists.items(), key=lambda entry: -len(entry[1]))
    columns = (
        column("断面数（个）", 1.2, numeric=True),
        column("项目数（项）", 1.2, numeric=True),
        column("清单", 1.6),
        column("参加定类的项目", 6),
    )
    rows = tuple(
        _item_list(told, given, f"items.list_{number}", found)
        for number, (_, found) in enumerate(ordered, start=1)
    )
    note = "水温、总氮、粪大肠菌群不参加定类。" if rows else ""
    return Sheet("参加定类的项目", "参评项目", columns, rows, note, "没有参加评价的断面")


def _item_list(told: Told, given: Given, key: str, found: Sequence[SectionResult]) -> tuple[Cell, ...]:
    """Return the row of the sections that were judged over one item list."""
    rule, keys = found[0].item_list_rule or _MEASURED, found[0].item_list
    count, names, opened = len(found), words.names(keys), f"{FIGURE}{key}"
    label, rested = f"定类项目清单{key.rpartition('_')[2]}的断面", f"{rule}，{len(keys)} 项：{names}"
    figure = Figure(str(count), label, rested, tuple(statuses.behind(given, found)), str(count))
    return (
        told.cell(key, figure, count),
        cell(len(keys), opened, len(keys)),
        cell(rule),
        cell(names),
    )
