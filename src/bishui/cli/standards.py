"""``bishui limit`` and ``bishui standards``: what the law says of an item, and which standards are held."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.table import Table
from rich.text import Text as Styled

from bishui.i18n import Text
from bishui.standards import (
    LimitLine,
    LimitRow,
    Override,
    StandardEdition,
    edition_on,
    limit_lines,
    limits,
    read_override,
    search_word,
    sought_name,
    standard_editions,
)

_OWN, _UNSURE = "bold magenta", "yellow"
_DAY = click.DateTime(["%Y-%m-%d"])


def _as_date(_: click.Context, __: click.Parameter, value: datetime | None) -> date:
    return value.date() if value else datetime.now().date()


@click.command(
    "limit",
    help="查一个项目在各项标准中的限值、条款和来源。 Show every limit of an item with clause and source.",
)
@click.argument("item")
@click.option("--standard", help="只查这一项标准，如 gb3838。 One standard only, e.g. gb3838.")
@click.option(
    "--on", type=_DAY, callback=_as_date, help="按哪一天有效的版本，缺省为今天。 Edition of which day; today."
)
@click.option(
    "--override",
    "override_file",
    type=click.Path(path_type=Path),
    help="本级覆盖文件（TOML）。 A bureau's own override file.",
)
@click.option("--json", "as_json", is_flag=True, help="输出 JSON。 Print JSON.")
@click.pass_context
def limit(
    context: click.Context,
    item: str,
    *,
    standard: str | None,
    on: date,
    override_file: Path | None,
    as_json: bool,
) -> None:
    """Show the limits of ITEM; exit with 1 if no standard in force limits it."""
    override = read_override(override_file) if override_file else None
    rows = limits(item, standard=standard, on=on, override=override)
    if as_json:
        click.echo(json.dumps([row.as_dict() for row in rows], ensure_ascii=False, indent=1))
    else:
        _show_limits(item, rows, on, override)
    if not rows:
        context.exit(1)


def _show_limits(item: str, rows: Sequence[LimitRow], on: date, override: Override | None) -> None:
    console = Console()
    named = Text("{item}：{on} 有效的限值", item=sought_name(item), on=on)
    console.print(str(named), style="bold", markup=False)
    word = search_word(item)
    if word is not None and word.note.zh:
        console.print(str(word.note), markup=False, soft_wrap=True)
    if override is not None:
        said = Text("本级覆盖：{name}，依据 {basis}", name=override.name, basis=override.basis)
        console.print(str(said), style=_OWN, markup=False)
    if not rows:
        console.print(str(Text("没有标准规定该项目的限值。")), markup=False)
    several = word is not None and len(word.items) > 1
    for key in dict.fromkeys(row.standard for row in rows):
        edition = edition_on(key, on)
        lines = limit_lines(row for row in rows if row.standard == key)
        console.print(_limit_table(edition, lines, several=several))
        for remark in dict.fromkeys(said for line in lines for said in _remarks(line)):
            console.print(f"  {remark}", style="dim", markup=False, soft_wrap=True)


def _limit_table(edition: StandardEdition, lines: Sequence[LimitLine], *, several: bool) -> Table:
    """Return the lines of one standard with a column for each class or grade in use.

    Where a word meant several items, each line names its own.
    """
    bands = [band for band in ("", *edition.bands) if any(band in line.cells for line in lines)]
    table = Table(title=f"{edition.edition} {edition.name}", title_justify="left", show_lines=False)
    if several:
        table.add_column(str(Text("项目")), overflow="fold")
    table.add_column(str(Text("条款")))
    for band in bands:
        table.add_column(str(edition.bands[band].label) if band else str(Text("限值")), justify="right")
    for head in (Text("单位"), Text("条件"), Text("可靠程度"), Text("来源")):
        table.add_column(str(head), overflow="fold")
    for line in lines:
        cells = line.cells
        table.add_row(
            *([str(line.first.name)] if several else []),
            line.first.clause,
            *(_value(cells.get(band)) for band in bands),
            line.first.unit,
            str(line.wording),
            Styled(_certainty(line.first), style=_UNSURE if line.unsure else ""),
            line.first.source,
        )
    return table


def _value(row: LimitRow | None) -> Styled:
    """Return a cell: the bureau's value as such, with the national one beside it."""
    if row is None:
        return Styled("—", style="dim")
    if row.national is None:
        return Styled(row.shown)
    return Styled(
        str(Text("{own}（本级；国家 {national}）", own=row.shown, national=row.national.shown)), _OWN
    )


def _certainty(row: LimitRow) -> str:
    return str(Text("{grade}（待核实）", grade=row.certainty)) if row.unsure else row.certainty


def _remarks(line: LimitLine) -> list[str]:
    """Return what is said about a line beside its values."""
    said = [str(line.first.note)] if line.first.note else []
    for row in line.rows:
        said += [str(Text("另见 {found}：{why}", found=doubt.source, why=doubt.text)) for doubt in row.doubts]
        if row.national is not None:
            said.append(str(Text("本级值来源：{source}", source=row.source)))
    return [f"{line.first.clause}  {text}" for text in said]


@click.command(
    "standards",
    help="列出所收标准及其版本和可靠程度；--check 核对本级覆盖文件。 "
    "List the standards held, their editions and certainty; --check validates an override file.",
)
@click.option(
    "--check",
    "file",
    type=click.Path(path_type=Path),
    help="核对这份本级覆盖文件（TOML）。 Validate this override file.",
)
@click.option("--json", "as_json", is_flag=True, help="输出 JSON。 Print JSON.")
def standards(file: Path | None, as_json: bool) -> None:
    """List the standards, or validate an override file; exit with 1 if it has faults."""
    if file is not None:
        _check(file, as_json)
    elif as_json:
        listed = [edition.as_dict() for edition in standard_editions()]
        click.echo(json.dumps(listed, ensure_ascii=False, indent=1))
    else:
        Console().print(_editions_table())


def _editions_table() -> Table:
    table = Table(title=str(Text("所收标准")), title_justify="left")
    for head in (
        Text("代号"),
        Text("版本"),
        Text("名称"),
        Text("施行"),
        Text("项目数"),
        Text("限值数"),
        Text("可靠程度"),
    ):
        table.add_column(str(head), overflow="fold")
    for edition in standard_editions():
        table.add_row(
            edition.key,
            edition.edition,
            str(edition.name),
            _days(edition.in_force_from, edition.in_force_to),
            str(len(edition.items)),
            str(len(edition.rows)),
            " ".join(f"{grade} {count}" for grade, count in edition.certainties().items()),
        )
    return table


def _days(first: date, last: date | None) -> str:
    if last is None:
        return str(Text("{first} 起", first=first))
    return str(Text("{first} 至 {last}", first=first, last=last))


def _check(file: Path, as_json: bool) -> None:
    override = read_override(file)
    if as_json:
        click.echo(json.dumps(_record(override), ensure_ascii=False, indent=1))
        return
    console = Console()
    said = Text(
        "“{name}”可以采用：限值 {limits} 条，评价设置 {settings} 条，{days}。",
        name=override.name,
        limits=len(override.limits),
        settings=len(override.settings),
        days=_days(override.in_force_from, override.in_force_to),
    )
    console.print(str(said), style="green", markup=False)
    console.print(str(Text("依据：{basis}", basis=override.basis)), markup=False)
    console.print(str(Text("摘要：{digest}", digest=override.digest)), markup=False)


def _record(override: Override) -> dict[str, Any]:
    return {
        "name": override.name,
        "basis": override.basis,
        "in_force_from": override.in_force_from.isoformat(),
        "in_force_to": override.in_force_to.isoformat() if override.in_force_to else None,
        "digest": override.digest,
        "limits": len(override.limits),
        "settings": len(override.settings),
    }
