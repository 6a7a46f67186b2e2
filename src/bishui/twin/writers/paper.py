"""The plan as printed pages (PDF), set with typst and the fonts that come with the package."""

from __future__ import annotations

import json
from importlib import resources
from typing import Any

import typst
from pylopdf_fonts_zh_cn import serif_path

from bishui.twin.plan import Paragraph, PlanDocument, Table, row_spans
from bishui.twin.writers.archive import STAMP

#: Shares of the page width for the task table; the other tables divide the width evenly.
_TASK_WIDTHS = (4, 11, 34, 15, 15, 15, 9)


def to_pdf(document: PlanDocument) -> bytes:
    """Return the plan as PDF; table heads are repeated on every page."""
    template = resources.files("bishui.twin").joinpath("data", "plan.typ").read_bytes()
    blocks = [_paragraph(b) if isinstance(b, Paragraph) else _table(b) for b in document.blocks]
    return typst.compile(
        template,
        font_paths=typst.Fonts(include_system_fonts=False, font_paths=[str(serif_path().parent)]),
        sys_inputs={"plan": json.dumps({"title": document.title, "blocks": blocks}, ensure_ascii=False)},
        timestamp=int((STAMP - STAMP.replace(year=1970, month=1, day=1, hour=0)).total_seconds()),
        format="pdf",
    )


def _paragraph(block: Paragraph) -> dict[str, Any]:
    return {"type": "paragraph", "kind": block.kind, "text": block.text}


def _table(table: Table) -> dict[str, Any]:
    rows = [
        {
            "heading": row.heading,
            "cells": [{"text": t, "span": s} for t, s in zip(row.cells, spans, strict=True)],
        }
        for row, spans in zip(table.rows, row_spans(table), strict=True)
    ]
    widths = _TASK_WIDTHS if table.key == "tasks" else (1,) * len(table.header)
    return {"type": "table", "header": list(table.header), "rows": rows, "widths": list(widths)}
