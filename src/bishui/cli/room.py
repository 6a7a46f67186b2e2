"""``bishui room``: what the rest of the year may bring, section by section and for rate targets."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from pathlib import Path

import click
import pyarrow as pa
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from bishui.assessment import (
    RateTarget,
    RoomLeft,
    RoomState,
    SectionRoom,
    open_result,
    room_left,
    with_ids,
)
from bishui.cli.assess import override_of, override_option
from bishui.cli.output import write_json
from bishui.cli.settings import settings_of
from bishui.errors import CallError, Problem, Where
from bishui.i18n import Text
from bishui.observations import read_flags, read_sites, read_table, read_targets
from bishui.standards import items

_PATH = click.Path(path_type=Path)
_FILE_WIDTH = 160
_COLOURS = {
    RoomState.OPEN: "yellow",
    RoomState.CANNOT_BE_MET: "red",
    RoomState.CANNOT_BE_MISSED: "green",
}


@click.command(
    "room",
    help="年度目标余量：剩余月份的均值最多可以是多少，还可有几个断面不达标。 "
    "Room left in the year: what the remaining months may have, how many sections may still miss.",
)
@click.argument("table", type=_PATH)
@click.option(
    "--sites", type=_PATH, required=True, help="点位表（水体类型、有效期）。 Sites with water type."
)
@click.option("--targets", type=_PATH, required=True, help="目标表。 Targets.")
@click.option("--flags", type=_PATH, help="标识表（剔除、待审核）。 Flags on readings.")
@click.option("--on", "day", required=True, metavar="DATE", help="截至日期，如 2024-08-31。 The day.")
@click.option(
    "--rate",
    "rates",
    multiple=True,
    metavar="PERCENT",
    help="优良比例目标，如 85.7，以目标表中的全部断面计。 Share of class III or better.",
)
@click.option(
    "--set",
    "settings",
    multiple=True,
    metavar="NAME=VALUE",
    help="改变余量规则或评价办法的一项设置，如 draws=5000。 Change one setting of the rules or the method.",
)
@override_option
@click.option("--year", type=int, help="测量时间没有年份时的年份。 Year of times without one.")
@click.option(
    "--open", "opened", is_flag=True, help="展开到各月的数据行和算式。 Open down to rows and arithmetic."
)
@click.option("--json", "out", type=_PATH, help="把结果写成 JSON；“-”为标准输出。 Write JSON; “-” is stdout.")
def room(
    *,
    table: Path,
    sites: Path,
    targets: Path,
    flags: Path | None,
    day: str,
    rates: tuple[str, ...],
    settings: tuple[str, ...],
    override: Path | None,
    year: int | None,
    opened: bool,
    out: Path | None,
) -> None:
    """Show the room left in TABLE; exit with 1 if some of its rows could not be read."""
    on = _day(day)
    for path in (table, sites, targets, *([flags] if flags else [])):
        _must_exist(path)
    goals, places = read_targets(targets), read_sites(sites)
    wanted = [_rate(text, places, goals) for text in rates]
    given = read_table(table, year=year)
    held_back = read_flags(flags) if flags else None
    last_day, own = date(on.year, 12, 31), override_of(override)
    chosen = settings_of(settings, ("room",), last_day)
    found = room_left(
        given.table,
        places,
        goals,
        held_back,
        on=on,
        rates=wanted,
        method=chosen.method,
        chosen=chosen.rules("room", last_day, own),
        override=own,
    )
    if out is not None:
        write_json(found.as_dict() | {"problems": [problem.as_dict() for problem in given.problems]}, out)
    if out != Path("-"):
        _show(found)
        for line in open_result(found, with_ids(given.table, places)).lines() if opened else ():
            click.echo(line)
    _end(given.problems)


def _day(text: str) -> date:
    try:
        return datetime.strptime(text, "%Y-%m-%d").date()
    except ValueError:
        raise CallError(Text("“{text}”不是日期。", text=text), remedy=Text("写法：2024-08-31。")) from None


def _rate(text: str, sites: pa.Table, targets: pa.Table) -> RateTarget:
    try:
        percent = Decimal(text.rstrip("%"))
    except InvalidOperation:
        raise CallError(Text("“{text}”不是百分数。", text=text), remedy=Text("写法：85.7。")) from None
    ids = dict(zip(sites["name"].to_pylist(), sites["id"].to_pylist(), strict=True))
    named = dict.fromkeys(ids.get(site, site) for site in targets["site"].to_pylist() if site is not None)
    return RateTarget(str(Text("优良比例")), tuple(named), percent)


def _must_exist(path: Path) -> None:
    if not path.is_file():
        raise CallError(
            Text("找不到文件“{path}”。", path=path), remedy=Text("请核对路径。"), where=Where(file=str(path))
        )


def _end(problems: tuple[Problem, ...]) -> None:
    for problem in problems:
        click.echo(str(problem), err=True)
    if problems:
        raise click.exceptions.Exit(1)


def _show(found: RoomLeft) -> None:
    console = Console()
    console = console if console.is_terminal else Console(width=_FILE_WIDTH)
    table = Table(title=found.on.isoformat(), title_justify="left")
    heads = (
        Text("断面"),
        Text("项目"),
        Text("限值"),
        Text("已测月数"),
        Text("剩余月数"),
        Text("无数据月份"),
        Text("目前均值"),
        Text("剩余月份均值"),
        Text("结论"),
    )
    for head in heads:
        table.add_column(str(head), overflow="fold")
    for section in found.sections:
        _add_section(table, section)
    console.print(table)
    for section in found.sections:
        if section.chance is not None:
            console.print(f"{escape(section.name)}: {section.chance.text}")
    for rate in found.rates:
        console.print(f"[bold]{escape(rate.target.name)} {rate.target.percent}%[/]: {escape(str(rate.text))}")
        if rate.at_risk:
            console.print(str(Text("有风险：{names}", names=escape("、".join(rate.at_risk)))))
        if rate.without_data:
            console.print(str(Text("无法判断：{names}", names=escape("、".join(rate.without_data)))))
        if rate.chance is not None:
            console.print(str(rate.chance.text))


def _add_section(table: Table, section: SectionRoom) -> None:
    colour = _COLOURS.get(section.state, "dim")
    verdict = section.reason.text if section.reason else section.state.text
    table.add_row(f"[bold]{escape(section.name)}[/]", *[""] * 7, f"[{colour}]{verdict}[/]")
    for entry in section.items:
        given = entry.as_dict()
        ends = [f"≥ {entry.least.printed}"] if entry.least else []
        ends += [f"≤ {entry.most.printed}"] if entry.most else []
        table.add_row(
            "",
            items()[entry.item].name,
            given["limit"],
            str(len(entry.months.measured)),
            str(len(entry.months.remaining)),
            "、".join(map(str, entry.months.without_data)) or "—",
            given["mean"] or "—",
            " ".join(ends) or "—",
            f"[{_COLOURS.get(entry.state, 'dim')}]{entry.state.text}[/]",
        )
