"""The files of a report: made from its inputs, named for people, kept by their SHA-256."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from bishui.observations import escape_formula
from bishui.reports import to_docx, to_html, to_pdf, to_xlsx
from bishui.server.core import files
from bishui.server.core.models import StoredFile
from bishui.server.reporting.compose import Inputs, accounts_of, bound_of, compose

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
    stamp = f"参加计算的数据行存于本期“依据数据”文件，SHA-256 {inputs.evidence}。" if inputs.evidence else ""
    if inputs.facts.paper is None:
        return to_html(compose(inputs), accounts_of(inputs.facts), stamp=stamp)
    found = bound_of(inputs)
    return to_html(compose(inputs), found.accounts, found.further, stamp)


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
