"""The plan as plain text, in the shape in which authorities' text exports come.

Tables are rows with tabs; the head of the task table is repeated after each page; merged cells are blank.
Each line knows what it is, so that the truth can name line numbers and account for every line.
"""

from __future__ import annotations

from dataclasses import dataclass

from bishui.twin.plan import Paragraph, PlanDocument, Table

_BECAME = {
    "title": "heading",
    "notice": "text",
    "heading": "heading",
    "text": "text",
    "annex_list": "text",
    "annex_head": "heading",
    "table_name": "heading",
}


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the text form and what became of it (the word used in `coverage`)."""

    text: str
    became: str


def lay_out(document: PlanDocument) -> list[Line]:
    """Return the lines of the text form."""
    blank = Line("", "ignored: blank")
    lines = [blank, blank]
    for block in document.blocks:
        lines += _paragraph(block) if isinstance(block, Paragraph) else _table(block, document)
        lines.append(blank)
    return lines


def _paragraph(block: Paragraph) -> list[Line]:
    return [Line(block.text, _BECAME[block.kind])]


def _table(table: Table, document: PlanDocument) -> list[Line]:
    head = Line("\t".join(table.header), f"table 附件{table.annex} head")
    lines = [head]
    filled = 0
    for number, row in enumerate(table.rows, start=1):
        if row.task is not None and filled == document.head["rows_per_page"]:
            lines += [Line("", "ignored: blank"), Line(head.text, "ignored: repeated head")]
            filled = 0
        if row.heading:
            became = "heading"
        else:
            became = f"table 附件{table.annex} row {number}" if row.task is None else f"task {row.task}"
            filled += 1
        lines.append(Line("\t".join(row.cells), became))
    return lines
