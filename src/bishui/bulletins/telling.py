"""Puts a bulletin together: each chapter tells of its part."""

from __future__ import annotations

from bishui.bulletins import items, notes, ranking, sections, sources, state, subjects, waters
from bishui.bulletins.given import Given
from bishui.bulletins.told import Sheet, Told, cell, column
from bishui.i18n import use_language

#: What a person may write: the reasons behind the figures; it stands after the general state.
REMARKS = {"part": "remarks", "heading": "情况分析", "level": 1}

_CHAPTERS = (
    waters.tell_rivers,
    waters.tell_lakes,
    sources.tell,
    ranking.tell,
    subjects.tell_zones,
    subjects.tell_wells,
    subjects.tell_bodies,
    notes.tell,
    sections.tell,
    items.tell,
)


def tell(given: Given) -> Told:
    """Tell a bulletin of water quality (水质月报、季报、年报) from assessed results.

    Parameters
    ----------
    given
        Results of the period and of those compared with; nothing else is read.

    Returns
    -------
    Told
        Figures, each with what it was counted from, tables, and the order of the paper. In Chinese, whatever
        the language in use: bulletins are official documents.
    """
    told = Told()
    with use_language("zh-hans"):
        if given.sections:
            state.tell(told, given)
        else:
            told.head("总体状况")
            told.say(f"{given.place}没有登记地表水断面（点位），不作评价。")
        told.blocks.append(dict(REMARKS))
        for chapter in _CHAPTERS:
            chapter(told, given)
        _gaps(told)
    return told


def _gaps(told: Told) -> None:
    """Add what is missing as an attachment; nothing of it counts as attained."""
    columns = (
        column("序号", 0.8, numeric=True),
        column("类别", 1.4),
        column("对象", 3),
        column("缺失情况", 5),
    )
    rows = tuple(
        (cell(number, number=number), cell(gap.kind), cell(gap.what, gap.ref), cell(gap.why, gap.ref))
        for number, gap in enumerate(told.gaps, start=1)
    )
    told.annex("gaps", Sheet("缺失数据清单", "缺失数据", columns, rows, empty="没有缺失数据"))
