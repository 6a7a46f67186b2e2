"""``bishui bulletin``: a bulletin of water quality (水质月报、季报、年报) from tables on disk."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from bishui import assessment as ass
from bishui import bulletins
from bishui.cli.assess import override_of, override_option
from bishui.cli.output import write_json
from bishui.cli.settings import chosen_method
from bishui.cli.tables import (
    PATH,
    end_with,
    must_exist,
    read_measurements,
    read_others,
    table_options,
    wide_console,
)
from bishui.errors import CallError
from bishui.i18n import Text
from bishui.observations import escape_formula, read_members
from bishui.reports import Document, Heading, Note, Paragraph, numbered, resolve, to_docx, to_html, to_xlsx
from bishui.reports import Table as PaperTable

_KINDS = {
    ass.PeriodKind.MONTH: "月报",
    ass.PeriodKind.QUARTER: "季报",
    ass.PeriodKind.HALF_YEAR: "半年报",
    ass.PeriodKind.YTD: "报告",
    ass.PeriodKind.YEAR: "年报",
}


@click.command(
    "bulletin",
    help="由数据表编制水质月报、季报或年报：文字、表格和每个数字的依据。 "
    "A monthly, quarterly or annual bulletin of water quality from tables.",
)
@click.argument("table", type=PATH)
@table_options
@override_option
@click.option("--period", required=True, help="时段，如 2025-06、2025-Q2、2025。 Period.")
@click.option("--place", required=True, help="行政区划的名称，如 甲市。 Name of the division.")
@click.option("--issuer", help="署名；不写即“…生态环境局”。 Issuer.")
@click.option("--docx", type=PATH, help="写成 DOCX 公文，各数字的依据附后。 Write a DOCX document.")
@click.option("--xlsx", type=PATH, help="写成 XLSX，一表一页。 Write a workbook, a sheet for each table.")
@click.option(
    "--html", type=PATH, help="写成单个 HTML 网页文件。 Write one HTML file that stands on its own."
)
@click.option("--json", "out", type=PATH, help="把结果写成 JSON；“-”为标准输出。 Write JSON; “-” is stdout.")
def bulletin(
    *,
    table: Path,
    sites: Path | None,
    targets: Path | None,
    flags: Path | None,
    year: int | None,
    settings: tuple[str, ...],
    override: Path | None,
    period: str,
    place: str,
    issuer: str | None,
    docx: Path | None,
    xlsx: Path | None,
    html: Path | None,
    out: Path | None,
) -> None:
    """Tell the bulletin of TABLE; exit with 1 if some of its rows could not be read."""
    wanted = _period(period)
    if sites is None:
        raise CallError(
            Text("没有给出点位表。"), remedy=Text("请用 --sites 给出点位表，写明类别、水体类型和所在水体。")
        )
    must_exist(sites)
    known, wishes, marks = read_others(sites, targets, flags)
    measurements, problems = read_measurements(table, year)
    tables = bulletins.Tables(measurements, known, read_members(sites), wishes, marks)
    given = bulletins.given_of(
        place, wanted, tables, method=chosen_method(settings), override=override_of(override)
    )
    told = bulletins.tell(given)
    found = _bound(told, wanted)
    document = _document(found, place, wanted, issuer or f"{place}生态环境局")
    if docx is not None:
        docx.write_bytes(to_docx(document))
    if xlsx is not None:
        xlsx.write_bytes(to_xlsx(document, escape=escape_formula))
    if html is not None:
        html.write_bytes(to_html(document, found.accounts, found.further))
    if out is not None:
        write_json(_as_dict(told, wanted) | {"problems": [entry.as_dict() for entry in problems]}, out)
    if out != Path("-"):
        _show(document, wide_console())
    end_with(problems)


def _period(text: str) -> ass.Period:
    found = ass.Period.parse(text)
    if found.kind not in _KINDS:
        raise CallError(
            Text("“{text}”不是月、季、半年或年。", text=text),
            remedy=Text("请写作 2025-06、2025-Q2 或 2025。"),
        )
    return found


def _bound(told: bulletins.Told, period: ass.Period) -> bulletins.Bound:
    """Return the bulletin put together: each figure with what stands behind it."""
    accounts = bulletins.accounts_of(told, period, period.last_day)
    return bulletins.bound(bulletins.Paper.of(told), bulletins.Content.of(told), accounts)


def _document(found: bulletins.Bound, place: str, period: ass.Period, issuer: str) -> Document:
    """Return the bulletin as a document, dated by the period: the same data give the same bytes."""
    return Document(
        title=f"{place}{bulletins.period_name(period)}水环境质量{_KINDS[period.kind]}",
        issuer=issuer,
        signed_on=period.last_day,
        blocks=found.blocks,
        attachments=found.attachments,
        appendix=found.appendix,
        sheets=found.sheets,
    )


def _as_dict(told: bulletins.Told, period: ass.Period) -> dict[str, Any]:
    """Return figures with what they were counted from, tables and gaps."""
    return {
        "period": period.label,
        "figures": {
            key: {
                "label": figure.label,
                "text": figure.text,
                "basis": figure.basis,
                "behind": [entry.text for entry in figure.behind],
            }
            for key, figure in told.figures.items()
        },
        "tables": {
            key: {
                "caption": sheet.caption,
                "columns": [column.head for column in sheet.columns],
                "rows": [[cell.text for cell in row] for row in sheet.rows],
            }
            for key, sheet in told.tables.items()
        },
        "missing": [{"kind": gap.kind, "what": gap.what, "why": gap.why} for gap in told.gaps],
    }


def _show(document: Document, console: Console) -> None:
    """Print the bulletin as it reads on paper."""
    found = numbered(document)
    console.print(escape(document.title), style="bold")
    entries = [*found.blocks, *(entry for attachment in found.attachments for entry in attachment.blocks)]
    for entry in entries:
        block = entry.block
        if isinstance(block, Heading):
            console.print(escape(f"{entry.number}{block.text}"), style="bold")
        elif isinstance(block, Paragraph):
            line = "".join(span.text for span in resolve(block.parts, found.labels))
            console.print(escape(line))
        elif isinstance(block, PaperTable):
            console.print(_table(block, entry.number))
        elif isinstance(block, Note):
            console.print(escape(block.text))


def _table(block: PaperTable, number: str) -> Table:
    shown = Table(title=escape(f"{number} {block.caption}"), title_justify="left")
    for column in block.columns:
        shown.add_column(escape(column.head))
    for row in block.rows:
        shown.add_row(*(escape(cell.text) for cell in row))
    return shown
