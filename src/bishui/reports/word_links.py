"""Marks of a Word file: a figure leads to its row in the appendix, which is a place (书签) of the file."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from docx.oxml import OxmlElement
from docx.oxml.ns import qn

from bishui.reports.document import Span, Table

#: Names of places begin with a letter; Word hides those that begin with this one.
_PREFIX = "_R"


def places(tables: Iterable[Table]) -> dict[str, str]:
    """Return the name of the place of each mark that stands in the first column of an appendix."""
    marks = dict.fromkeys(row[0].ref for table in tables for row in table.rows if row[0].ref)
    return {mark: f"{_PREFIX}{number}" for number, mark in enumerate(marks, start=1)}


def leading(run: Any, place: str) -> Any:
    """Return a run as a link to a place of the same file; it looks like any other text."""
    link = OxmlElement("w:hyperlink", attrs={qn("w:anchor"): place, qn("w:history"): "1"})
    link.append(run)
    return link


def as_place(paragraph: Any, place: str) -> None:
    """Make a paragraph of a table a place that links lead to."""
    number = {qn("w:id"): place.removeprefix(_PREFIX)}
    start = OxmlElement("w:bookmarkStart", attrs={**number, qn("w:name"): place})
    paragraph.insert(1, start)
    paragraph.append(OxmlElement("w:bookmarkEnd", attrs=number))


def add_spans(paragraph: Any, spans: Sequence[Span], known: Mapping[str, str]) -> None:
    """Write the pieces of a line; those with a known mark as links."""
    plain = ""
    for span in spans:
        if span.ref not in known:
            plain += span.text
            continue
        if plain:
            paragraph.add_run(plain)
        plain = ""
        run = paragraph.add_run(span.text)._r
        paragraph._p.remove(run)
        paragraph._p.append(leading(run, known[span.ref]))
    if plain:
        paragraph.add_run(plain)
