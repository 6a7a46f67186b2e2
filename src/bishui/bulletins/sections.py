"""The table of all sections: class, target, attainment, what exceeds, and the classes compared with."""

from __future__ import annotations

from bishui.assessment import SectionResult
from bishui.bulletins import words
from bishui.bulletins.given import Given, Section
from bishui.bulletins.told import SITE, Sheet, Told, cell, column
from bishui.reports import Cell

_NOTE = (
    "主要污染指标为劣于Ⅲ类的前三项，括号内为超Ⅲ类限值的倍数；超目标项目括号内为超水质目标限值的倍数；"
    "pH、溶解氧不计倍数。未参评的断面不作为达标或不达标。"
)


def tell(told: Told, given: Given) -> None:
    """Add the table of all sections as an attachment."""
    ordered = sorted(given.sections, key=lambda section: (section.water, section.name))
    columns = (
        column("断面（点位）", 1.8),
        column("所在水体", 1.4),
        column("控制级别", 0.9, numeric=True),
        column("水质目标", 1, numeric=True),
        column("本期类别", 1.25, numeric=True),
        column("达标情况", 1.25, numeric=True),
        column("主要污染指标（倍数）", 2),
        column("超目标项目（倍数）", 1.8),
        *(column(name, 1.25, numeric=True) for name, _ in given.earlier),
    )
    rows = tuple(_row(section, given) for section in ordered)
    told.annex("sections", Sheet("断面水质状况和达标情况表", "断面", columns, rows, _NOTE, "没有登记断面"))


def _row(section: Section, given: Given) -> tuple[Cell, ...]:
    result = given.now[section.id]
    opened = f"{SITE}{section.id}"
    target = result.attainment.target_class
    earlier = [given.results[period][section.id] for _, period in given.earlier]
    return (
        cell(given.names[section.id], opened),
        cell(section.water),
        cell(section.control),
        cell(words.label(target) if target else "无目标"),
        cell(_class(result, given), opened),
        cell(result.attainment.state.text),
        cell(words.pollutants(result.main_pollutants)),
        cell(words.over_target(result)),
        *(cell(_class(entry, given)) for entry in earlier),
    )


def _class(result: SectionResult, given: Given) -> str:
    return words.label(result.rank) if result.rank else given.why(result)
