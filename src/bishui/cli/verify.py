"""``bishui verify``: known answers, expected against got, from every room that has methods."""

from __future__ import annotations

from pathlib import Path

import click
from rich.console import Console
from rich.markup import escape
from rich.table import Table

import bishui.assessment
import bishui.network
import bishui.outfalls  # noqa: F401 - each room registers the layouts of its methods
from bishui.cli.output import write_json
from bishui.cli.tables import PATH, add_heads, wide_console
from bishui.i18n import Text
from bishui.verification import FileReport, Outcome
from bishui.verification import verify as verify_paths


@click.command(
    "verify", help="核对算例文件：逐行比较应有结果与实得结果。 Check files of worked cases row by row."
)
@click.argument("paths", nargs=-1, required=True, type=PATH, metavar="PATH…")
@click.option("--json", "out", type=PATH, help="把结果写成 JSON；“-”为标准输出。 Write JSON; “-” is stdout.")
@click.option("--all", "everything", is_flag=True, help="也列出相符的行。 List the rows that agree, too.")
def verify(paths: tuple[Path, ...], out: Path | None, everything: bool) -> None:
    """Run the worked cases in PATH…; exit with 1 if one differs or cannot be checked."""
    reports = verify_paths(paths)
    if out is not None:
        write_json({"files": [report.as_dict() for report in reports]}, out)
    if out != Path("-"):
        for report in reports:
            _show_report(report, wide_console(), everything=everything)
    if any(report.failed for report in reports):
        raise click.exceptions.Exit(1)


_OUTCOMES = {
    Outcome.OK: Text("[green]相符[/]"),
    Outcome.DIFFERENT: Text("[red]不符[/]"),
    Outcome.NOT_CHECKABLE: Text("[red]无法核对[/]"),
    Outcome.NOT_CHECKED: Text("[dim]未核对[/]"),
    Outcome.INPUT: Text("[dim]数据文件[/]"),
}


def _show_report(report: FileReport, console: Console, *, everything: bool) -> None:
    console.print(
        str(
            Text(
                "{path}（{layout}）：相符 {ok}，不符 {different}，无法核对 {lost}，未核对 {beside}",
                path=escape(report.path),
                layout=report.layout or Text("格式未知"),
                ok=report.count(Outcome.OK),
                different=report.count(Outcome.DIFFERENT),
                lost=report.count(Outcome.NOT_CHECKABLE),
                beside=report.count(Outcome.NOT_CHECKED),
            )
        ),
        style="red" if report.failed else "green",
    )
    if report.problem is not None:
        console.print(escape(str(report.problem)))
    shown = [check for check in report.checks if everything or check.outcome is not Outcome.OK]
    if not shown:
        return
    table = Table()
    add_heads(
        table,
        Text("行"),
        Text("算例"),
        Text("核对项"),
        Text("应为"),
        Text("实得"),
        Text("结果"),
        Text("说明"),
    )
    for check in shown:
        table.add_row(
            str(check.line),
            escape(check.case),
            check.what,
            escape(check.expected),
            escape(check.got),
            str(_OUTCOMES[check.outcome]),
            escape(str(check.note)) if check.note else "",
        )
    console.print(table)
