"""``bishui network capacity | room``: how much a water can take, and how much more."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import click
from rich.markup import escape
from rich.table import Table

from bishui.cli.network.options import existing, json_option, limits_option, pairs, reading_options
from bishui.cli.network.solve import Solved, inputs, solved
from bishui.cli.output import write_json
from bishui.cli.tables import PATH, add_heads, wide_console
from bishui.errors import CallError
from bishui.i18n import Text
from bishui.network import ReadingOptions, Section, read_limits
from bishui.network.capacity import MODELS, SYMBOLS, Capacity, capacity, room_at, side_by_side
from bishui.network.settings import settings

_DAILY = 86.4


@click.command(
    "capacity",
    help="按 GB/T 25173 的模型计算纳污能力，如 Q=10 Cs=20 C0=15 K=0.2 L=5000 u=0.3；不指定模型时并列给出。 "
    "Capacity by the models of GB/T 25173, side by side unless one is named.",
)
@click.argument("given", nargs=-1, metavar="SYMBOL=VALUE…")
@click.option("--model", help="模型名；--list 列出。 One model; see --list.")
@click.option("--list", "listing", is_flag=True, help="列出模型、公式和符号。 List models and symbols.")
@json_option
def capacity_command(*, given: tuple[str, ...], model: str | None, listing: bool, out: Path | None) -> None:
    """Compute the capacity of one zone."""
    if listing:
        _list_models()
        return
    numbers = pairs(given)
    found = (capacity(model, numbers),) if model else side_by_side(numbers)
    if not found:
        raise CallError(
            Text("给出的量不够任何一个模型使用。"), remedy=Text("用 --list 查看各模型需要的符号。")
        )
    if out is not None:
        write_json({"capacities": [one.as_dict() for one in found]}, out)
    if out != Path("-"):
        _show(found)


def _list_models() -> None:
    table = Table()
    add_heads(table, Text("模型"), Text("名称"), Text("公式"), Text("需要"), Text("出处"))
    for key, model in MODELS.items():
        table.add_row(
            key, escape(str(model.name)), escape(model.formula), " ".join(model.needs), escape(model.clause)
        )
    wide_console().print(table)
    for name, symbol in SYMBOLS.items():
        click.echo(f"{name}: {symbol.label} {symbol.unit}")


def _show(found: Sequence[Capacity]) -> None:
    table = Table()
    add_heads(
        table, Text("模型"), Text("纳污能力（t/a）"), Text("g/s"), Text("扣除安全余量后（g/s）"), Text("提示")
    )
    for one in found:
        flags = "；".join(str(flag.text) for flag in one.flags)
        yearly, second = one.tonnes_per_year, one.grams_per_second
        table.add_row(
            escape(f"{one.model.name} ({one.model.key})"),
            f"{one.value:.6g} {one.unit}" if yearly is None else f"{yearly:.6g}",
            "—" if second is None else f"{second:.6g}",
            f"{one.usable:.6g}",
            f"[yellow]{escape(flags)}[/]",
        )
    wide_console().print(table)


@click.command(
    "room",
    help="各河段上端还可接纳的负荷，以及约束它的断面。 "
    "How much more load each reach may take at its top, and the section that binds.",
)
@click.argument("file", type=PATH)
@inputs
@limits_option
@click.option("--at", "places", multiple=True, help="只看这些河段。 Only these reaches.")
@reading_options
@json_option
def room(
    *,
    file: Path,
    pollutants: Path | None,
    loads: Path | None,
    sections: Path | None,
    limits: tuple[str, ...],
    places: tuple[str, ...],
    reading: ReadingOptions,
    out: Path | None,
) -> None:
    """Show what the reaches of FILE may still take."""
    if sections is None:
        raise CallError(Text("没有给出断面表。"), remedy=Text("请用 --sections 给出断面的位置。"))
    found = solved(file, pollutants, loads, sections, reading)
    common, own = pairs(limits), read_limits(existing(sections))
    rows = [found.file.row_of(name) for name in places] or list(range(len(found.file.reaches)))
    content = {
        pollutant.key: _room_of(found, p, rows, {s.key: common | own.get(s.key, {}) for s in found.sections})
        for p, pollutant in enumerate(found.solution.pollutants)
    }
    if out is not None:
        write_json({"room": content, "margin": settings("capacity").number("margin_of_safety")}, out)
    if out != Path("-"):
        _show_room(content)


def _room_of(
    found: Solved, p: int, rows: Sequence[int], limits: Mapping[str, Mapping[str, float]]
) -> list[dict[str, Any]]:
    """Return the room of one pollutant; sections that have no limit for it do not bind."""
    solution, key = found.solution, found.solution.pollutants[p].key
    targets = {section: limits[section.key][key] for section in found.sections if key in limits[section.key]}
    if not targets:
        return []
    tops = [Section(str(found.file.reaches.ids[row]), row, 0.0) for row in rows]
    return room_at(solution, key, targets, tops).as_dict()


def _show_room(content: Mapping[str, Sequence[Mapping[str, Any]]]) -> None:
    for pollutant, listed in content.items():
        if not listed:
            click.echo(str(Text("{pollutant}：断面没有限值，不计算。", pollutant=pollutant)))
            continue
        table = Table(title=escape(pollutant), title_justify="left")
        add_heads(table, Text("河段"), Text("还可接纳（kg/d）"), Text("约束断面"))
        for one in listed:
            load = "—" if one["load"] is None else f"{_DAILY * one['load']:.4g}"
            table.add_row(escape(one["place"]), load, escape(one["binding"] or "—"))
        wide_console().print(table)
