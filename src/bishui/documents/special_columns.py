"""Special columns (专栏) as records: the items of a box of text, or the table it holds."""

from __future__ import annotations

from bishui.documents.boxes import Box
from bishui.documents.coverage import Coverage
from bishui.documents.draft import ColumnItem, SpecialColumn
from bishui.documents.items import items_of
from bishui.documents.layout import Part, Passage
from bishui.documents.tables import RawTable, tables_of
from bishui.documents.text import join_wrapped


def box_tables(box: Box, coverage: Coverage) -> list[RawTable]:
    """Return the tables that stand in a box; a table of one cell a row is a frame around text and none."""
    if _is_frame(box):
        return []
    if box.caption is not None:
        coverage.mark(box.caption, "heading")
    return tables_of(Part(box.key, box.title, items=[*box.rows, *box.paragraphs]), coverage)


def special_column(box: Box, coverage: Coverage) -> SpecialColumn | None:
    """Return the record of a box, or None where it is a table in the text that is no 专栏."""
    if box.number is None:
        return None
    items: list[ColumnItem] = []
    if _is_frame(box):
        if box.caption is not None:
            coverage.mark(box.caption, "heading")
        passage = _passage(box)
        items = [ColumnItem(each.label, each.title, each.text, each.lines) for each in items_of(passage)]
        for line in range(box.lines[0], box.lines[1] + 1):
            if not coverage.knows_line(line):
                coverage.mark_line(line, f"special_column {box.number}")
    return SpecialColumn(box.number, box.title, tuple(items), box.key if not items else None, box.lines)


def _is_frame(box: Box) -> bool:
    return all(sum(1 for cell in row.cells if cell.strip()) <= 1 for row in box.rows)


def _passage(box: Box) -> Passage:
    """Put the text of a box together, each paragraph on its own, with the lines it stands in."""
    parts = [(next((cell for cell in row.cells if cell.strip()), ""), row.at.first) for row in box.rows]
    parts += [(paragraph.text, paragraph.at.first) for paragraph in box.paragraphs]
    text, pieces = "", []
    for part, line in parts:
        joined = join_wrapped(text, part)
        pieces.append((len(joined) - len(part.lstrip()), line))
        text = joined
    return Passage(text, tuple(pieces))
