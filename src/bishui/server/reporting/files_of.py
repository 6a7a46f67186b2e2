"""The files of a report: made from its inputs, named for people, kept by their SHA-256."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.template.loader import render_to_string
from django.utils import translation

from bishui.observations import escape_formula
from bishui.reports import Table, to_docx, to_pdf, to_xlsx
from bishui.server.core import files
from bishui.server.core.models import StoredFile
from bishui.server.reporting.compose import Inputs, compose
from bishui.server.reporting.links import FileLinks
from bishui.server.reporting.showing import shown

#: The table of a bulletin that leads a class to its items.
_ITEMS = "table:section_items"
FORMATS = ("html", "docx", "pdf", "xlsx")
TYPES = {
    "html": "text/html; charset=utf-8",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "pdf": "application/pdf",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
#: Above so many rows the files take longer than a person should wait; a worker makes them.
ROWS_AT_ONCE = 1500


@dataclass(frozen=True, slots=True)
class Files:
    """The bytes of the files."""

    html: bytes
    docx: bytes
    pdf: bytes
    xlsx: bytes


def make(inputs: Inputs) -> Files:
    """Return the files that follow from `inputs`; the same inputs give the same bytes."""
    document = compose(inputs)
    return Files(
        html_of(inputs), to_docx(document), to_pdf(document), to_xlsx(document, escape=escape_formula)
    )


def make_one(inputs: Inputs, kind: str) -> bytes:
    """Return one file (one of `FORMATS`)."""
    if kind == "html":
        return html_of(inputs)
    document = compose(inputs)
    if kind == "docx":
        return to_docx(document)
    return to_pdf(document) if kind == "pdf" else to_xlsx(document, escape=escape_formula)


def html_of(inputs: Inputs) -> bytes:
    """Return a page that stands on its own: every figure leads to what it was counted from, at its end."""
    document = compose(inputs)
    items = [table for table in document.sheets if table.label == _ITEMS]
    links = FileLinks(_places(items))
    context = {
        "document": shown(document, links, most=None),
        "figures": [
            {
                "key": key,
                "figure": figure,
                "rows": [{"text": row.text, "url": links.opened(row.url)} for row in figure.rows],
            }
            for key, figure in inputs.facts.figures.items()
        ],
        "items": [{"table": table, "rows": list(enumerate(table.rows))} for table in items],
        "as_of": inputs.as_of,
        "evidence": inputs.evidence,
    }
    with translation.override("zh-hans"):
        return render_to_string("reporting/file.html", context).encode()


def _places(tables: list[Table]) -> dict[str, int]:
    """Return the row that the items of each site and period begin with, by the mark of its first cell."""
    found: dict[str, int] = {}
    for table in tables:
        for number, row in enumerate(table.rows):
            found.setdefault(row[0].ref, number)
    return found


def rows_of(inputs: dict[str, Any]) -> int:
    """Return how many rows the tables of inputs have: what the time of making the files goes by."""
    return sum(len(rows) for rows in inputs["facts"]["tables"].values()) + len(inputs["facts"]["gaps"])


def keep(made: Files, report: Any, number: int) -> dict[str, StoredFile]:
    """Keep the files of an edition; call inside an audited action."""
    return {
        kind: files.keep([getattr(made, kind)], name(report, kind, number), division=report.division)
        for kind in FORMATS
    }


def name(report: Any, kind: str, number: int | None = None) -> str:
    """Return what a file is called: the title, the edition or that it is a draft, the ending."""
    word = f"第{number}版" if number is not None else "草稿" if report.state == "draft" else "送审稿"
    return f"{report}（{word}）.{kind}"
