"""The table of all sections: class, target, attainment, what exceeds, and the classes compared with."""

from __future__ import annotations

from bishui.bulletins import words
from bishui.bulletins.given import Given, Section
from bishui.bulletins.statuses import class_of, ref_of
from bishui.bulletins.told import Sheet, Told, cell, column
from bishui.reports import Cell

_NOTE = (
    "主要污染指标为劣于Ⅲ类的前三项，括号内为超Ⅲ类限值的倍数；超目标项目括号内为超水质目标限值的倍数；"
    "pH、溶解氧不计倍数。未参评的断面不作为达标或不达标。"
)


def tell(told: Told, given: Given) -> None:
    """Add the table of all sections as an attachment."""
    ordered = sorted(given.sections, key=lambda section: (section.water, section.name))
    columns = (
        column("断面（点位）", 2.4),
        column("所在水体", 1.3),
        column("控制级别", 1.05, numeric=True),
        column("水质目标", 1.35, numeric=True),
        column("本期类别", 1.35, numeric=True),
        column("达标情况", 1.35, numeric=True),
        column("主要污染指标（倍数）", 1.95),
        column("超目标项目（倍数）", 1.7),
        *(column(name, 1.35, numeric=True) for name, _ in given.earlier),
    )
    rows = tuple(_row(section, given) for section in ordered)
    told.annex("sections", Sheet("断面水质状况和达标情况表", "断面", columns, rows, _NOTE, "没有登记断面"))


def _row(section: Section, given: Given) -> tuple[Cell, ...]:
    result = given.now[section.id]
    opened = ref_of(given, result)
    target = result.attainment.target_class
    earlier = [given.results[period][section.id] for _, period in given.earlier]
    return (
        cell(given.names[section.id], opened),
        cell(section.water),
        cell(section.control),
        cell(words.label(target) if target else "无目标", opened),
        cell(class_of(result, given), opened),
        cell(result.attainment.state.text, opened),
        cell(words.pollutants(result.main_pollutants), opened),
        cell(words.over_target(result), opened),
        *(cell(class_of(entry, given), ref_of(given, entry)) for entry in earlier),
    )
