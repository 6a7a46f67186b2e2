"""``bishui outfall``: check codes, and carry out a random draw that anybody can repeat."""

from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path

import click
from rich.markup import escape
from rich.table import Table

from bishui import outfalls
from bishui.cli.output import write_json
from bishui.cli.tables import PATH, add_heads, must_exist, wide_console
from bishui.errors import DataError, Where
from bishui.i18n import Text
from bishui.outfalls import CodeVerdict, Level
from bishui.text_files import read_text

KINDS: dict[str, Callable[[str], CodeVerdict]] = {
    "credit-code": outfalls.check_credit_code,
    "permit": outfalls.check_permit,
    "permit-outlet": outfalls.check_permit_outlet,
    "division": outfalls.check_division,
    "local": outfalls.check_local_code,
    "official": outfalls.check_official_code,
}
_VERDICTS = {
    Level.OK: Text("[green]可用[/]"),
    Level.WARN: Text("[yellow]存疑[/]"),
    Level.ERROR: Text("[red]有误[/]"),
}


@click.command(
    "check",
    help="核对编码：信用代码、排污许可证、排放口、区划、排污口编码。 "
    "Check codes of dischargers, permits, divisions and outfalls.",
)
@click.argument("kind", type=click.Choice(list(KINDS)))
@click.argument("codes", nargs=-1, required=True, metavar="CODE…")
@click.option("--json", "out", type=PATH, help="把结果写成 JSON；“-”为标准输出。 Write JSON; “-” is stdout.")
def check(kind: str, codes: tuple[str, ...], out: Path | None) -> None:
    """Show the verdict on each CODE; exit with 1 if one is refused."""
    verdicts = [KINDS[kind](code) for code in codes]
    if out is not None:
        write_json({"codes": [verdict.as_dict() for verdict in verdicts]}, out)
    if out != Path("-"):
        _show_verdicts(verdicts)
    if any(verdict.level is Level.ERROR for verdict in verdicts):
        raise click.exceptions.Exit(1)


def _show_verdicts(verdicts: list[CodeVerdict]) -> None:
    table = Table()
    add_heads(table, Text("编码"), Text("结论"), Text("规范写法"), Text("原因"), Text("处理办法"))
    for verdict in verdicts:
        table.add_row(
            escape(verdict.given),
            str(_VERDICTS[verdict.level]),
            escape(verdict.normalised or "—"),
            escape(str(verdict.reason or "")),
            escape(str(verdict.remedy or "")),
        )
    wide_console().print(table)


@click.command(
    "draw",
    help="双随机抽取：先冻结名单并公布其摘要，再用公开随机数抽取，任何人都可复算。 "
    "Random draw: freeze and publish the list's hash, then draw by a public random number.",
)
@click.argument("names", type=PATH, metavar="LIST")
@click.option("--id", "draw_id", required=True, help="抽取编号，如 450222-2024H2。 Name of the draw.")
@click.option("--random", "number", help="公开随机数，照公布原样；不给则只出承诺。 Public random number.")
@click.option("--percent", type=int, help="抽取比例，不低于规定。 Share, not below the rule's.")
@click.option("--inspector", "inspectors", multiple=True, help="检查人员，可重复。 Inspector; repeatable.")
@click.option("--recused", type=PATH, help="回避表。 CSV of outfall,inspector that must not meet.")
@click.option("--json", "out", type=PATH, help="把结果写成 JSON；“-”为标准输出。 Write JSON; “-” is stdout.")
def draw(
    *,
    names: Path,
    draw_id: str,
    number: str | None,
    percent: int | None,
    inspectors: tuple[str, ...],
    recused: Path | None,
    out: Path | None,
) -> None:
    """Draw from LIST, one code a line."""
    commitment = outfalls.commit(draw_id, _codes(names), percent)
    if number is None:
        write_json(commitment.as_dict(), out or Path("-"))
        return
    drawn = outfalls.draw(commitment, number)
    apart = _recused(recused) if recused else set()
    pairs = outfalls.pair_inspectors(drawn, inspectors, apart) if inspectors else {}
    if out is not None:
        write_json(drawn.as_dict() | {"inspectors": {one: list(pair) for one, pair in pairs.items()}}, out)
    if out == Path("-"):
        return
    table = Table(
        title=str(Text("抽中 {count} 个，共 {size} 个", count=commitment.count, size=len(commitment.ids)))
    )
    add_heads(table, Text("次序"), Text("排污口"), Text("检查人员"))
    for place, one in enumerate(drawn.drawn, 1):
        table.add_row(str(place), escape(one), escape("、".join(pairs.get(one, ()))))
    wide_console().print(table)


def _codes(path: Path) -> list[str]:
    must_exist(path)
    lines = (line.strip() for line in read_text(path).splitlines())
    return [line for line in lines if line and not line.startswith("#")]


def _recused(path: Path) -> set[tuple[str, str]]:
    must_exist(path)
    pairs = set()
    for line, row in enumerate(csv.reader(read_text(path).splitlines()), 1):
        if len(row) != 2:
            raise DataError(
                Text("回避表每行应为“排污口,人员”两栏，实为 {got} 栏。", got=len(row)),
                where=Where(file=str(path), line=line),
            )
        pairs.add((row[0].strip(), row[1].strip()))
    return pairs
