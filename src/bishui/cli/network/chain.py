"""``bishui network chain``: who discharges where on a day, and by what evidence; river and chain joined."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any

import click
from rich.markup import escape
from rich.table import Table

from bishui.cli.network.options import existing, json_option, opened, reading_options
from bishui.cli.output import write_json
from bishui.cli.tables import PATH, add_heads, end_with, wide_console
from bishui.i18n import Text
from bishui.network import (
    ChainDay,
    ChainEdge,
    ObjectKind,
    ReadingOptions,
    join_chain,
    joined_file,
    problems_of,
    read_chain,
    write_network,
)


@click.command(
    "chain",
    help="排污链：某日各排污单位经哪些通道、排口入河，比例、证据和假设；可与河网合并写出。 "
    "The discharge chain of a day: ways to the river, shares, evidence, hypotheses; joined with the river.",
)
@click.argument("file", type=PATH)
@click.argument("objects", type=PATH)
@click.argument("edges", type=PATH)
@click.option(
    "--on", "day", type=click.DateTime(["%Y-%m-%d"]), help="哪一天，默认今天。 The day; default: today."
)
@click.option(
    "-o",
    "--out",
    "target",
    type=PATH,
    help="写出河与链合并的河网，其他命令都能用它。 Write river and chain as one network.",
)
@reading_options
@json_option
def chain(
    *,
    file: Path,
    objects: Path,
    edges: Path,
    day: datetime | None,
    target: Path | None,
    reading: ReadingOptions,
    out: Path | None,
) -> None:
    """Show the chain of OBJECTS and EDGES on the river of FILE; exit with 1 and the list if it is wrong."""
    river = opened(file, reading)
    end_with(problems_of(river))
    on = read_chain(existing(objects), existing(edges)).as_of(day.date() if day else date.today())
    joined = join_chain(on, river.reaches, river.edges)
    if target is not None:
        write_network(joined_file(joined, river), target)
    content = {
        "day": on.day.isoformat(),
        "ways": [_way(key, *way) for key in _dischargers(on) for way in on.ways(key)],
        "without_way": [key for key in _dischargers(on) if not on.ways(key)],
        "hypotheses": [edge.as_dict() for edge in on.hypotheses],
        "written": None if target is None else str(target),
    }
    if out is not None:
        write_json(content, out)
    if out != Path("-"):
        _show(content)


def _dischargers(on: ChainDay) -> list[str]:
    return [key for key, entry in on.objects.items() if entry.kind is ObjectKind.DISCHARGER]


def _way(key: str, way: Sequence[ChainEdge], share: float) -> dict[str, Any]:
    """Return the JSON form of one way to the river."""
    return {
        "discharger": key,
        "share": share,
        "through": [key, *(edge.downstream for edge in way)],
        "proven": not any(edge.is_hypothesis for edge in way),
        "edges": [edge.as_dict() for edge in way],
    }


def _show(content: Mapping[str, Any]) -> None:
    console = wide_console()
    table = Table(title=str(Text("{day} 的排污链", day=content["day"])), title_justify="left")
    add_heads(table, Text("排污单位"), Text("去向"), Text("比例"), Text("证据"))
    for way in content["ways"]:
        shown = "；".join(map(_evidence, way["edges"]))
        colour = "default" if way["proven"] else "yellow"
        path = " → ".join(way["through"])
        table.add_row(
            escape(way["discharger"]), escape(path), f"{way['share']:.0%}", f"[{colour}]{escape(shown)}[/]"
        )
    console.print(table)
    if content["without_way"]:
        names = escape("、".join(content["without_way"]))
        console.print(f"[yellow]{Text('没有去向的排污单位：{names}', names=names)}[/]")
    if content["written"]:
        console.print(str(Text("已写出 {path}", path=escape(content["written"]))))


def _evidence(edge: Mapping[str, Any]) -> str:
    if not edge["hypothesis"]:
        return str(edge["evidence_text"])
    return str(Text("{up} → {down} 没有证据，只是假设", up=edge["upstream"], down=edge["downstream"]))
