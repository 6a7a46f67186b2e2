"""What the commands over tables on disk share: their options, reading, settings, output and exit status."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

import click
import pyarrow as pa
from rich.console import Console
from rich.table import Table

from bishui import assessment as ass
from bishui.errors import CallError, Problem, Where
from bishui.i18n import Text
from bishui.observations import (
    escape_formula,
    read_flags,
    read_positions,
    read_sites,
    read_table,
    read_targets,
)
from bishui.reports import SPREADSHEETS, data_format, write_data

PATH = click.Path(path_type=Path)
_SHOWN_PROBLEMS = 20
_FILE_WIDTH = 160


def table_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options that name the other tables and the method."""
    options = (
        click.option("--sites", type=PATH, help="点位表（水体类型、有效期）。 Sites with water type."),
        click.option("--targets", type=PATH, help="目标表。 Targets."),
        click.option("--flags", type=PATH, help="标识表（剔除、待审核）。 Flags on readings."),
        click.option("--year", type=int, help="测量时间没有年份时的年份。 Year of times without one."),
        click.option(
            "--set",
            "settings",
            multiple=True,
            metavar="NAME=VALUE",
            help="改变评价办法的一项设置。 Change one setting of the method.",
        ),
    )
    return functools.reduce(lambda wrapped, option: option(wrapped), reversed(options), command)


def _known_ending(_context: object, _option: object, given: Path | None) -> Path | None:
    """Refuse an unknown ending before the work is done."""
    if given is not None:
        data_format(given)
    return given


def file_option(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the option that names a file of data to write the results to."""
    return click.option(
        "--out",
        "export",
        type=PATH,
        callback=_known_ending,
        help="把结果写成数据文件：.xlsx、.csv、.parquet、.gpkg 或 .geojson（点位表有经度、纬度列时带坐标）。 "
        "Write the results as a file of data; the ending chooses the format.",
    )(command)


def write_results(rows: Iterable[Mapping[str, Any]], sites: Path | None, export: Path | None) -> None:
    """Write rows of results to the file that was asked for, with the places that the file of sites knows."""
    if export is None:
        return
    where = ass.positions(read_positions(sites)) if sites is not None else {}
    table = ass.table_of_rows(map(dict, rows), where)
    shown = ass.spoken(table) if data_format(export) in SPREADSHEETS else table
    write_data(shown, export, escape=escape_formula)


def setting_changes(settings: tuple[str, ...], current: Mapping[str, Any]) -> dict[str, Any]:
    """Return the changes that ``NAME=VALUE`` texts ask for.

    A list is written with commas. A number or a truth value must be one.

    Parameters
    ----------
    settings
        The texts.
    current
        The present value of each setting by name; it tells of what kind the new one is.
    """
    changes: dict[str, Any] = {}
    for entry in settings:
        name, sign, given = entry.partition("=")
        if not sign:
            raise CallError(
                Text("“{entry}”不是设置。", entry=entry),
                remedy=Text("写法：名称=值，如 round_before_compare=false。"),
            )
        changes[name] = _setting_value(current.get(name), given, entry)
    return changes


def _setting_value(current: object, given: str, entry: str) -> Any:
    if isinstance(current, bool):
        if given.casefold() in ("true", "false"):
            return given.casefold() == "true"
    elif isinstance(current, int):
        if given.isascii() and given.isdigit():
            return int(given)
    elif isinstance(current, tuple):
        return tuple(part for part in given.split(",") if part)
    else:
        return given
    raise CallError(
        Text("设置“{entry}”的值不对。", entry=entry),
        remedy=Text("真假写 true 或 false，个数写整数；现值为 {current}。", current=current),
    )


def read_measurements(path: Path, year: int | None) -> tuple[pa.Table, tuple[Problem, ...]]:
    """Read a table of measurements; what could not be read comes beside it."""
    must_exist(path)
    result = read_table(path, year=year)
    return result.table, result.problems


def read_others(
    sites: Path | None, targets: Path | None, flags: Path | None
) -> tuple[pa.Table | None, pa.Table | None, pa.Table | None]:
    """Read the tables of sites, targets and flags that were named."""
    for path in (sites, targets, flags):
        if path is not None:
            must_exist(path)
    return (
        read_sites(sites) if sites else None,
        read_targets(targets) if targets else None,
        read_flags(flags) if flags else None,
    )


def must_exist(path: Path) -> None:
    """Say plainly that a file is not there."""
    if not path.is_file():
        raise CallError(
            Text("找不到文件“{path}”。", path=path), remedy=Text("请核对路径。"), where=Where(file=str(path))
        )


def end_with(problems: tuple[Problem, ...]) -> None:
    """End with 1 and the list if there are problems."""
    if problems:
        _show_problems(problems)
        raise click.exceptions.Exit(1)


def _show_problems(problems: tuple[Problem, ...]) -> None:
    for problem in problems[:_SHOWN_PROBLEMS]:
        click.echo(str(problem), err=True)
    if len(problems) > _SHOWN_PROBLEMS:
        more = Text("……还有 {count} 处问题，见 --json 的输出。", count=len(problems) - _SHOWN_PROBLEMS)
        click.echo(str(more), err=True)


def wide_console() -> Console:
    """Return a console that is wide enough for a table where the output is not a terminal."""
    console = Console()
    return console if console.is_terminal else Console(width=_FILE_WIDTH)


def add_heads(table: Table, *heads: Text) -> None:
    """Give a table its column heads."""
    for head in heads:
        table.add_column(str(head), overflow="fold")
