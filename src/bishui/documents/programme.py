"""What a long-term plan holds beside tasks: tables of indicators, special columns and lists of projects."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bishui.documents.annexes import mark_rows
from bishui.documents.boxes import Box
from bishui.documents.coverage import Coverage
from bishui.documents.draft import IndicatorTable, Project, SpecialColumn
from bishui.documents.indicators import indicator_table
from bishui.documents.projects import projects_of
from bishui.documents.special_columns import box_tables, special_column
from bishui.documents.tables import RawTable


@dataclass(frozen=True, slots=True)
class Programme:
    """The records of a long-term plan."""

    indicators: tuple[IndicatorTable, ...]
    special_columns: tuple[SpecialColumn, ...]
    projects: tuple[Project, ...]


def tables_in_boxes(boxes: Sequence[Box], coverage: Coverage) -> tuple[list[IndicatorTable], list[RawTable]]:
    """Return the tables of indicators that stand in boxes, and the tables of another kind that do."""
    indicators: list[IndicatorTable] = []
    others: list[RawTable] = []
    for box in boxes:
        for raw in box_tables(box, coverage):
            table = indicator_table(raw, len(indicators) + 1)
            if table is None:
                others.append(raw)
            else:
                indicators.append(table)
                mark_rows(raw, coverage)
    return indicators, others


def programme_of(
    boxes: Sequence[Box], in_boxes: Sequence[IndicatorTable], raw: Sequence[RawTable], coverage: Coverage
) -> Programme:
    """Put the records together from the boxes, their tables of indicators, and all other tables."""
    indicators = list(in_boxes)
    projects: list[Project] = []
    for each in raw:
        table = indicator_table(each, len(indicators) + 1)
        if table is not None:
            indicators.append(table)
        projects.extend(projects_of(each, len(projects), coverage))
    columns = [column for box in boxes if (column := special_column(box, coverage)) is not None]
    return Programme(tuple(indicators), tuple(columns), tuple(projects))
