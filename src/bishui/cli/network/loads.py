"""``bishui network nonpoint | balance``: what catchments bring, and what of a section's load is explained."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import click
from rich.markup import escape
from rich.table import Table

from bishui.cli.network.options import changed, existing, json_option, opened, reading_options
from bishui.cli.network.solve import inputs, solved
from bishui.cli.output import write_json
from bishui.cli.tables import PATH, add_heads, end_with, wide_console
from bishui.errors import CallError
from bishui.i18n import Text
from bishui.network import (
    NetworkFile,
    ReadingOptions,
    problems_of,
    read_catchments,
    read_measured,
    write_network,
)
from bishui.network.loads import (
    DIFFUSE,
    LATERAL,
    CatchmentLoads,
    SectionBalance,
    Span,
    along_reaches,
    catchment_loads,
    section_balances,
)
from bishui.network.settings import settings

_DAILY = 86.4
_NAMES = {"cod": "COD", "nh3n": "NH3N", "tn": "TN", "tp": "TP"}
_SOURCES: Mapping[str, Text] = {
    "rural": Text("农村生活"),
    "town": Text("城镇生活（未收集）"),
    "livestock": Text("畜禽养殖"),
    "farmland": Text("农田"),
}


@click.command(
    "nonpoint",
    help="面源负荷：按汇水区人口、畜禽、耕地和输出系数计算产生、排放、入河量，可沿程加到河网。 "
    "Non-point loads by catchment and export coefficients, with ranges; may be put on the network.",
)
@click.argument("file", type=PATH)
@click.argument("catchments", type=PATH)
@click.option(
    "--as",
    "names",
    multiple=True,
    metavar="ITEM=NAME",
    help="项目在污染物表中的名称，如 nh3n=氨氮。 Name of an item in your tables; items: cod, nh3n, tn, tp.",
)
@click.option(
    "--coefficient",
    "coefficients",
    multiple=True,
    metavar="NAME=VALUE",
    help="改变系数，如 entry_rural=0.3。 Change a coefficient of the topic loads.",
)
@click.option(
    "--end",
    type=click.Choice(["value", "low", "high"]),
    default="value",
    show_default=True,
    help="写入河网的是值、低端还是高端。 Which end of the range is put on the network.",
)
@click.option(
    "-o",
    "--out",
    "target",
    type=PATH,
    help="写出带沿程负荷的河网。 Write the network with these loads along it.",
)
@reading_options
@json_option
def nonpoint(
    *,
    file: Path,
    catchments: Path,
    names: tuple[str, ...],
    coefficients: tuple[str, ...],
    end: str,
    target: Path | None,
    reading: ReadingOptions,
    out: Path | None,
) -> None:
    """Compute what CATCHMENTS bring to the reaches of FILE."""
    read = opened(file, reading)
    end_with(problems_of(read))
    chosen = settings("loads", **changed("loads", coefficients))
    found = [catchment_loads(one, chosen) for one in read_catchments(existing(catchments), read)]
    if target is not None:
        write_network(_with_loads(read, found, _named(names), end), target)
    if out is not None:
        write_json({"catchments": [one.as_dict() for one in found], "written": target and str(target)}, out)
    if out != Path("-"):
        _show_loads(found, target)


def _named(given: Sequence[str]) -> dict[str, str]:
    """Return the pollutant by item."""
    found = dict(_NAMES)
    for entry in given:
        item, sign, name = entry.partition("=")
        if not sign or item.strip().casefold() not in _NAMES or not name.strip():
            raise CallError(
                Text("“{entry}”不是“项目=名称”。", entry=entry),
                remedy=Text("项目：{items}。", items="、".join(_NAMES)),
            )
        found[item.strip().casefold()] = name.strip()
    return found


def _with_loads(
    read: NetworkFile, found: Sequence[CatchmentLoads], names: Mapping[str, str], end: str
) -> NetworkFile:
    """Return the network with what catchments bring along its reaches, beside what enters there already."""
    there = {load.item for one in found for load in one.loads}
    kept = {item: name for item, name in names.items() if item in there}
    brought = along_reaches(found, read.reaches.length, kept, end)  # type: ignore[arg-type]
    if read.diffuse is not None:
        brought = brought.plus(read.diffuse)
    return replace(read, diffuse=brought)


def _show_loads(found: Sequence[CatchmentLoads], target: Path | None) -> None:
    console = wide_console()
    table = Table(title=str(Text("面源负荷（t/a），括号内为公布系数的范围")), title_justify="left")
    add_heads(
        table, Text("汇水区"), Text("来源"), Text("项目"), Text("产生量"), Text("排放量"), Text("入河量")
    )
    for one in found:
        for load in one.loads:
            cells = (load.generated, load.discharged, load.entering)
            source = str(_SOURCES[load.source])
            table.add_row(escape(one.catchment.key), source, _NAMES[load.item], *map(_span, cells))
    console.print(table)
    for item, name in _NAMES.items():
        total = Span(*(sum(one.entering(item, end) for one in found) for end in ("value", "low", "high")))
        if total.high > 0:
            console.print(str(Text("{name} 入河合计 {total} t/a。", name=name, total=_span(total))))
    lacking = sorted({(source, item) for one in found for source, item in one.lacking})
    if lacking:
        listed = "、".join(f"{_SOURCES[source]} {_NAMES[item]}" for source, item in lacking)
        console.print(f"[yellow]{escape(str(Text('没有系数而未计的：{listed}。', listed=listed)))}[/]")
    if target is not None:
        console.print(str(Text("已写出 {path}", path=escape(str(target)))))


def _span(span: Span | None) -> str:
    if span is None:
        return "—"
    return (
        f"{span.value:.4g}"
        if span.low == span.high
        else f"{span.value:.4g}（{span.low:.4g}—{span.high:.4g}）"
    )


@click.command(
    "balance",
    help="负荷平衡：断面实测负荷中，各排口、区间来水、沿程面源各占多少，还有多少没有解释。 "
    "What of the measured load of sections the listed sources explain, and what is left.",
)
@click.argument("file", type=PATH)
@inputs
@click.option("--top", type=int, default=10, show_default=True, help="列出前几个来源。 How many sources.")
@reading_options
@json_option
def balance(
    *,
    file: Path,
    pollutants: Path | None,
    loads: Path | None,
    sections: Path | None,
    top: int,
    reading: ReadingOptions,
    out: Path | None,
) -> None:
    """Compare loads on FILE with what its sections measured (columns 实测浓度, 标准差)."""
    if sections is None:
        raise CallError(
            Text("没有给出断面表。"), remedy=Text("请用 --sections 给出断面表，其中有“实测浓度”列。")
        )
    found = solved(file, pollutants, loads, sections, reading)
    measured = read_measured(existing(sections))
    content: dict[str, tuple[SectionBalance, ...]] = {}
    for pollutant in found.solution.pollutants:
        key = pollutant.key
        there = {
            place: measured[place.key][key] for place in found.sections if key in measured.get(place.key, {})
        }
        content[key] = section_balances(found.solution, key, there)
    if not any(content.values()):
        raise CallError(
            Text("断面表中没有所算污染物的实测浓度。"), remedy=Text("请填“实测浓度”，如 COD=18;NH3N=0.8。")
        )
    if out is not None:
        write_json({key: [one.as_dict() for one in listed] for key, listed in content.items()}, out)
    if out != Path("-"):
        _show_balances(content, top)


def _show_balances(content: Mapping[str, Sequence[SectionBalance]], top: int) -> None:
    console = wide_console()
    local = {LATERAL: str(Text("区间来水")), DIFFUSE: str(Text("沿程面源"))}
    for key, listed in content.items():
        for one in listed:
            title = Text("{key} 断面 {section}（kg/d）", key=key, section=one.section)
            table = Table(title=escape(str(title)), title_justify="left")
            add_heads(table, Text("来源"), Text("负荷"), Text("传输率"), Text("到达"))
            for source in one.sources[:top]:
                table.add_row(
                    escape(local.get(source.source, source.source)),
                    f"{_DAILY * source.load:.4g}",
                    f"{source.transmission:.4f}",
                    f"{_DAILY * source.arriving:.4g}",
                )
            others = sum(source.arriving for source in one.sources[top:])
            if others:
                table.add_row(str(Text("其余")), "", "", f"{_DAILY * others:.4g}")
            table.add_row(str(Text("解释合计")), "", "", f"{_DAILY * one.explained:.4g}")
            table.add_row(str(Text("实测")), "", "", f"{_DAILY * one.measured:.4g}")
            table.add_row(str(Text("差额")), "", "", f"{_DAILY * one.remainder:.4g}")
            console.print(table)
            console.print(escape(str(one.says)))
