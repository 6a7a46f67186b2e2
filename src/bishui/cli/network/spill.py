"""``bishui network spill``: who is hit when by a spill, with bands."""

from __future__ import annotations

import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click
from rich.markup import escape
from rich.table import Table

from bishui.cli.network.options import checked_chainage, existing, json_option, reading_options, sound
from bishui.cli.output import write_json
from bishui.cli.tables import PATH, add_heads, wide_console
from bishui.i18n import Text
from bishui.network import (
    Pollutant,
    ReadingOptions,
    Section,
    flows,
    read_intakes,
    read_limits,
    read_sections,
)
from bishui.network.pulses import Drill, Receptor, ReceptorKind, Spill, drill, hydraulics_of

_G_PER_KG = 1000.0
_HOUR_S = 3600.0


@click.command(
    "spill",
    help="突发污染：泄漏点下游各断面何时到达、峰值多高、何时过去（快、可能、慢）。 "
    "A spill: when it arrives at the sections below, how high, when it has passed; with bands.",
)
@click.argument("file", type=PATH)
@click.argument("reach")
@click.option("--mass", type=float, required=True, help="泄漏量（kg）。 Mass, kg.")
@click.option("--sections", type=PATH, required=True, help="断面（取水口）表。 Sections and intakes.")
@click.option("--at", "chainage", type=float, help="里程（m，从河段上端起算）。 Chainage, m.")
@click.option("--hours", type=float, default=0.0, help="持续排放时间（h），0 为瞬时。 Duration, h.")
@click.option("--pollutant", "name", default="污染物", help="污染物名称。 Name of the pollutant.")
@click.option("--decay", type=float, default=0.0, help="降解系数（1/d，20 ℃）。 Decay, 1/d at 20 °C.")
@click.option(
    "--limit",
    type=float,
    help="浓度限值（mg/L），断面表“限值”列优先。 Limit, mg/L; the table's come first.",
)
@click.option("--source", default="", help="泄漏量的来源。 Where the mass comes from.")
@reading_options
@json_option
def spill(
    *,
    file: Path,
    reach: str,
    mass: float,
    sections: Path,
    chainage: float | None,
    hours: float,
    name: str,
    decay: float,
    limit: float | None,
    source: str,
    reading: ReadingOptions,
    out: Path | None,
) -> None:
    """Drill a spill at REACH of FILE."""
    read, network = sound(file, reading)
    row = read.row_of(reach)
    at = checked_chainage(read, row, chainage, default=0.0)
    limits, intakes = read_limits(existing(sections)), read_intakes(sections)
    receptors = [
        Receptor(
            place.key,
            ReceptorKind.INTAKE if place.key in intakes else ReceptorKind.SECTION,
            place,
            limits.get(place.key, {}).get(name, limit),
        )
        for place in read_sections(sections, read)
    ]
    spilt = Spill(
        Section(reach, row, at),
        mass * _G_PER_KG,
        Pollutant(name, decay),
        hours * _HOUR_S,
        source,
    )
    flow = None if read.diffuse is None else flows(network, (), read.diffuse.water(network))
    found = drill(network, spilt, receptors, hydraulics_of(network, read.attributes, flow))
    if out is not None:
        write_json(found.as_dict(), out)
    if out != Path("-"):
        _show(found)


def _show(found: Drill) -> None:
    content = found.as_dict()
    table = Table()
    add_heads(
        table,
        Text("断面"),
        Text("到达（h）"),
        Text("峰现（h）"),
        Text("峰值（mg/L）"),
        Text("过去（h）"),
        Text("限值（mg/L）"),
        Text("超限可能"),
    )
    for hit in content["hits"]:
        limit, exceeds = hit["limit_mg_l"], hit["exceeds"]
        intake = hit["kind"] == ReceptorKind.INTAKE.value
        table.add_row(
            escape(f"{hit['receptor']}（{Text('取水口')}）" if intake else hit["receptor"]),
            *(_band(hit[part]) for part in ("arrival_h", "peak_time_h", "peak_mg_l", "leaving_h")),
            "—" if limit is None else f"{limit:g}",
            "—" if exceeds is None else f"{100 * exceeds:.0f}%",
        )
    console = wide_console()
    console.print(table)
    if content["clear"]:
        console.print(str(Text("不受影响：{names}", names=escape("、".join(content["clear"])))))
    console.print(str(Text("括号内为快—慢（低—高）。依据：")))
    for one in found.assumptions:
        source = str(Text("河网文件")) if one.source == "network" else one.source
        console.print(escape(f"  {one.name}: {one.value:.4g} {one.unit}（{source}）"))


def _band(band: Mapping[str, Any]) -> str:
    low, likely, high = (
        "—" if value is None or math.isnan(value) else f"{value:.3g}" for value in band.values()
    )
    return likely if {low, likely, high} == {"—"} else f"{likely}（{low}—{high}）"
