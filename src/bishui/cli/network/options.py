"""What the commands over a network share: their options, reading, and the words for what is assumed."""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import click
from rich.console import Console

from bishui.cli.tables import PATH, must_exist, setting_changes
from bishui.errors import CallError
from bishui.i18n import Text
from bishui.network import Network, NetworkFile, ReadingOptions, build_file, read_network
from bishui.network.settings import settings

_JSON_HELP = "把结果写成 JSON；“-”为标准输出。 Write JSON; “-” is stdout."

json_option = click.option("--json", "out", type=PATH, help=_JSON_HELP)
limits_option = click.option(
    "--limit",
    "limits",
    multiple=True,
    metavar="NAME=VALUE",
    help="各断面的浓度限值（mg/L），断面表“限值”列优先。 Limit at all sections; the table's come first.",
)


_READING_OPTIONS = (
    click.option("--crs", help="坐标系（文件未说明时），如 EPSG:4490。 Coordinate system if not said."),
    click.option("--layer", help="图层或工作表。 Layer or sheet."),
    click.option(
        "--cut-out",
        "outside",
        is_flag=True,
        help="下游不在文件中的河段作为出口。 Downstream ids outside the file are outlets.",
    ),
    click.option(
        "--equal-shares",
        is_flag=True,
        help="没有分流比的分汊平均分配。 Share bifurcations equally where no shares are given.",
    ),
    click.option("--normalise", is_flag=True, help="分流比按合计归一。 Divide shares by their sum."),
    click.option(
        "--orient",
        is_flag=True,
        help="反转画的方向与水流相反的线。 Turn lines that are drawn against the flow.",
    ),
    click.option(
        "--set",
        "changes",
        multiple=True,
        metavar="NAME=VALUE",
        help="改变读入设置，如 velocity=0.5、touch_m=30。 Change a setting of the reading.",
    ),
)


def reading_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options that say how a network file is read; the command takes them as one `ReadingOptions`."""

    @functools.wraps(command)
    def read_with(
        *,
        crs: str | None,
        layer: str | None,
        outside: bool,
        equal_shares: bool,
        normalise: bool,
        orient: bool,
        changes: tuple[str, ...],
        **others: Any,
    ) -> Any:
        reading = ReadingOptions(
            crs=crs,
            outside="outlet" if outside else "refuse",
            equal_shares=equal_shares,
            normalise=normalise,
            orient=orient,
            layer=layer,
            changes=changed("reading", changes),
        )
        return command(reading=reading, **others)

    return functools.reduce(lambda wrapped, option: option(wrapped), reversed(_READING_OPTIONS), read_with)


def changed(topic: str, given: Sequence[str]) -> dict[str, Any]:
    """Return the changes that ``NAME=VALUE`` texts ask for, as numbers where the setting is one."""
    current = {name: its.value for name, its in settings(topic).settings.items()}
    found: dict[str, Any] = {}
    for entry in given:
        name, _, text = entry.partition("=")
        if isinstance(current.get(name), float):
            try:
                found[name] = float(text)
            except ValueError:
                raise CallError(
                    Text("设置“{entry}”的值不是数。", entry=entry),
                    remedy=Text("现值为 {current}。", current=current[name]),
                ) from None
        else:
            found |= setting_changes((entry,), current)
    return found


def pairs(given: Sequence[str]) -> dict[str, float]:
    """Return ``NAME=VALUE`` texts as numbers by name."""
    found: dict[str, float] = {}
    for entry in given:
        name, sign, text = entry.partition("=")
        try:
            found[name.strip()] = float(text)
        except ValueError:
            sign = ""
        if not sign:
            raise CallError(Text("“{entry}”不是“名称=数值”。", entry=entry), remedy=Text("写法：COD=20。"))
    return found


def working(what: Text) -> AbstractContextManager[object]:
    """Show on a terminal that something is being done."""
    return Console(stderr=True).status(str(what))


def opened(path: Path, reading: ReadingOptions) -> NetworkFile:
    """Read a network file."""
    if not path.is_dir():
        must_exist(path)
    with working(Text("正在读入 {path} …", path=path.name)):
        return read_network(path, reading)


def sound(path: Path, reading: ReadingOptions) -> tuple[NetworkFile, Network]:
    """Read a network file and build its network, or end with the list of what is wrong."""
    file = opened(path, reading)
    network = build_file(file)
    show_assumptions(file)
    return file, network


def show_assumptions(file: NetworkFile) -> None:
    """Say on standard error which values are guesses."""
    for assumption in file.assumptions:
        if assumption.guess:
            click.echo(str(assumption.text), err=True)


def checked_chainage(file: NetworkFile, row: int, chainage: float | None, default: float) -> float:
    """Return a chainage that lies on the reach."""
    length = float(file.reaches.length[row])
    at = default if chainage is None else chainage
    if not 0.0 <= at <= length:
        raise CallError(
            Text(
                "里程 {at} m 不在河段“{reach}”内（长 {length} m）。",
                at=f"{at:g}",
                reach=file.reaches.ids[row],
                length=f"{length:g}",
            ),
            remedy=Text("里程从河段上端起算。"),
        )
    return at


def existing(path: Path) -> Path:
    """Return a path that must be there."""
    must_exist(path)
    return path
