"""The plan as a web page (HTML)."""

from __future__ import annotations

from html import escape

from bishui.twin.plan import Paragraph, PlanDocument, Table, row_spans

_TAGS = {"title": "h1", "heading": "h2", "annex_head": "h2", "table_name": "h3"}
_STYLE = "body{font-family:sans-serif;max-width:70rem;margin:2rem auto}table{border-collapse:collapse}"
_STYLE += "th,td{border:1px solid #888;padding:.3rem;vertical-align:top}"


def to_html(document: PlanDocument) -> str:
    """Return the plan as one HTML page; merged cells are row spans."""
    parts = [
        _paragraph(block) if isinstance(block, Paragraph) else _table(block) for block in document.blocks
    ]
    return (
        '<!DOCTYPE html>\n<html lang="zh-Hans">\n<head>\n<meta charset="utf-8">\n'
        f"<title>{escape(document.title)}</title>\n<style>{_STYLE}</style>\n</head>\n<body>\n"
        + "\n".join(parts)
        + "\n</body>\n</html>\n"
    )


def _paragraph(block: Paragraph) -> str:
    tag = _TAGS.get(block.kind, "p")
    return f"<{tag}>{escape(block.text)}</{tag}>"


def _table(table: Table) -> str:
    head = "".join(f"<th>{escape(name)}</th>" for name in table.header)
    lines = ["<table>", f"<thead><tr>{head}</tr></thead>", "<tbody>"]
    for row, spans in zip(table.rows, row_spans(table), strict=True):
        if row.heading:
            lines.append(f'<tr><td colspan="{len(table.header)}">{escape(row.cells[0])}</td></tr>')
            continue
        cells = [
            f"<td{f' rowspan={chr(34)}{span}{chr(34)}' if span > 1 else ''}>{escape(cell)}</td>"
            for cell, span in zip(row.cells, spans, strict=True)
            if span
        ]
        lines.append(f"<tr>{''.join(cells)}</tr>")
    return "\n".join([*lines, "</tbody>", "</table>"])
