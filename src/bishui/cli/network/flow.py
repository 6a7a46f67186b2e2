"""``bishui network design-flow | base-flow``: the flow that a capacity rests on, that a section is owed."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import click
from rich.markup import escape
from rich.table import Table

from bishui.cli.network.options import changed, existing, json_option, pairs, reading_options, sound
from bishui.cli.output import write_json
from bishui.cli.tables import PATH, add_heads, wide_console
from bishui.i18n import Text
from bishui.network import (
    BaseFlow,
    NetworkFile,
    ReadingOptions,
    base_flows,
    read_base_flows,
    read_loads,
    read_monthly_flows,
    read_sections,
)
from bishui.network.capacity import (
    DesignFlow,
    ShortSeries,
    driest_month_flow,
    lowest_recent_month,
    pearson_flow,
)
from bishui.network.settings import settings

_METHODS: Mapping[str, tuple[Callable[..., DesignFlow], Text]] = {
    "driest-month": (driest_month_flow, Text("90%保证率最枯月平均流量（经验频率）")),
    "recent-lowest": (lowest_recent_month, Text("近10年最枯月平均流量")),
    "pearson": (pearson_flow, Text("90%保证率最枯月平均流量（P-Ⅲ型，矩法初值）")),
}


@click.command(
    "design-flow",
    help="由月平均流量计算设计流量，两种定义并列：90%保证率最枯月、近10年最枯月。 "
    "The design flow by both definitions of GB/T 25173, from monthly mean flows.",
)
@click.argument("file", type=PATH)
@click.option(
    "--set",
    "changes",
    multiple=True,
    metavar="NAME=VALUE",
    help="改变设置，如 short_series=mark、design_guarantee=0.75。 Change a setting of the topic capacity.",
)
@json_option
def design_flow(*, file: Path, changes: tuple[str, ...], out: Path | None) -> None:
    """Compute the design flow from the monthly means of FILE."""
    flows = read_monthly_flows(existing(file))
    chosen = settings("capacity", **changed("capacity", changes))
    found: list[DesignFlow] = []
    faults: list[tuple[Text, ShortSeries]] = []
    for method, name in _METHODS.values():
        try:
            found.append(method(flows, chosen))
        except ShortSeries as fault:
            faults.append((name, fault))
    if out is not None:
        write_json({"design_flows": [one.as_dict() for one in found], "months": len(flows)}, out)
    if out != Path("-") and found:
        _show_design(found)
    for name, refused in faults:
        click.echo(f"{name}：{refused}", err=True)
    if faults:
        raise click.exceptions.Exit(1)


def _show_design(found: Sequence[DesignFlow]) -> None:
    table = Table()
    add_heads(table, Text("定义"), Text("流量（m³/s）"), Text("取自"), Text("完整年数"), Text("提示"))
    for one in found:
        notes = [Text("系列不足")] if one.short else []
        if one.left_out:
            years = "、".join(f"{year}（{count}）" for year, count in one.left_out.items())
            notes.append(Text("月份不全而未用的年份：{years}", years=years))
        if one.zero:
            notes.append(Text("为 0：应取最小非零月平均流量"))
        name = str(_METHODS[one.method][1])
        told = f"[yellow]{escape('；'.join(map(str, notes)))}[/]"
        table.add_row(escape(name), f"{float(one.value):.6g}", escape(one.place), str(len(one.years)), told)
    wide_console().print(table)


@click.command(
    "base-flow",
    help="生态流量：断面应有的流量能否到达，差多少，需要多放多少。 "
    "Ecological flow: whether the flow owed to sections arrives, what is missing, what to release.",
)
@click.argument("file", type=PATH)
@click.option(
    "--sections", type=PATH, required=True, help="断面表，含“生态流量”列。 Sections with the base flow owed."
)
@click.option("--loads", type=PATH, help="排口表：其水量计入。 Outfalls; their water counts.")
@click.option(
    "--release",
    "releases",
    multiple=True,
    metavar="REACH=FLOW",
    help="水库、闸坝河段的下泄流量（m³/s）。 What a reservoir or sluice reach lets out, m³/s.",
)
@reading_options
@json_option
def base_flow(
    *,
    file: Path,
    sections: Path,
    loads: Path | None,
    releases: tuple[str, ...],
    reading: ReadingOptions,
    out: Path | None,
) -> None:
    """Route releases and local inflow of FILE to the sections that are owed a flow."""
    read, network = sound(file, reading)
    owed = read_base_flows(existing(sections))
    wanted = [(place, owed[place.key]) for place in read_sections(sections, read) if place.key in owed]
    given = read_loads(existing(loads), read) if loads else ()
    controls = {read.row_of(name): flow for name, flow in pairs(releases).items()}
    found = base_flows(network, wanted, given, controls, read.diffuse)
    if out is not None:
        write_json({"base_flows": [_named(one, read) for one in found]}, out)
    if out != Path("-"):
        _show_base(found, read)


def _named(one: BaseFlow, read: NetworkFile) -> dict[str, object]:
    """Return the JSON form with the ids of reaches for their rows."""
    more = {str(read.reaches.ids[row]): flow for row, flow in one.more_release.items()}
    return one.as_dict() | {"more_release_m3_s": more}


def _show_base(found: Sequence[BaseFlow], read: NetworkFile) -> None:
    table = Table()
    add_heads(
        table,
        Text("断面"),
        Text("应有（m³/s）"),
        Text("到达（m³/s）"),
        Text("尚缺（m³/s）"),
        Text("区间来水须为现在的（倍）"),
        Text("或单独多放（m³/s）"),
    )
    for one in found:
        more = "；".join(f"{read.reaches.ids[row]} {flow:.4g}" for row, flow in one.more_release.items())
        factor = "—" if one.kept or one.factor is None else f"{one.factor:.4g}"
        short = "0" if one.kept else f"[red]{one.shortfall:.4g}[/]"
        table.add_row(
            escape(one.section.key),
            f"{one.wanted:.4g}",
            f"{one.arrives:.4g}",
            short,
            factor,
            escape(more) or "—",
        )
    wide_console().print(table)
