"""Each item of each section (断面逐项结果): where the files of a bulletin lead a class to its means."""

from __future__ import annotations

from collections.abc import Iterator

from bishui.assessment import ItemResult, SectionResult
from bishui.bulletins import words
from bishui.bulletins.given import Given
from bishui.bulletins.statuses import class_of, ref_of
from bishui.bulletins.told import NO_DATA, Sheet, Told, cell, column
from bishui.reports import Cell
from bishui.standards import any_item

_NOTE = "本期列出参加定类的全部项目，对比时段列出决定类别的项目；有效数据为参加计算的个数和全部个数。"


def tell(told: Told, given: Given) -> None:
    """Add the table of items: all of the period, of those compared with the ones that decide the class."""
    if not given.sections:
        return
    columns = (
        column("断面（点位）", 1.6),
        column("时段", 1.5),
        column("水质类别", 1.15, numeric=True),
        column("项目", 1.65),
        column("均值", 1.35, numeric=True),
        column("单位", 1.3),
        column("项目类别", 1.15, numeric=True),
        column("Ⅲ类限值", 1.15, numeric=True),
        column("目标限值", 1.15, numeric=True),
        column("有效数据", 1.2, numeric=True),
        column("条款", 2.9),
    )
    rows = tuple(
        row
        for section in given.sections
        for period in (given.period, *(period for _, period in given.earlier))
        for row in _rows(given.results[period][section.id], given)
    )
    told.sheet("section_items", Sheet("断面（点位）逐项结果", "断面逐项结果", columns, rows, _NOTE))


def _rows(result: SectionResult, given: Given) -> Iterator[tuple[Cell, ...]]:
    """Yield the items of a section that are listed; one line says why where it has no class."""
    shown = [entry for entry in result.items.values() if _listed(entry, result, given)]
    first = (
        cell(given.names[result.site], ref_of(given, result)),
        cell(words.period_name(result.period)),
        cell(class_of(result, given)),
    )
    for entry in shown:
        yield (*first, *_item(entry, ref_of(given, result, entry.item)))
    if not shown:
        yield (*first, *(cell("") for _ in range(8)))


def _listed(entry: ItemResult, result: SectionResult, given: Given) -> bool:
    if result.period == given.period:
        return entry.decides_class and entry.mean is not None
    return entry.item in result.deciding


def _item(entry: ItemResult, opened: str) -> tuple[Cell, ...]:
    form = entry.as_dict()
    counts = entry.counts
    return (
        cell(words.item_name(entry.item), opened),
        cell(form["compared"] or NO_DATA, opened, form["compared"]),
        cell(any_item(entry.item).unit),
        cell(words.label(entry.rank) if entry.rank else "未定类"),
        cell(form["reference_limit"]),
        cell(form["target_limit"]),
        cell(f"{counts.entered} / {counts.total}"),
        cell(entry.clause),
    )
