"""``bishui network trace``: from exceedances to suspects, as leads for inspection."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from pathlib import Path

import click
import numpy as np
from rich.markup import escape
from rich.table import Table

from bishui.cli.network.options import existing, json_option, pairs, reading_options, sound, working
from bishui.cli.output import write_json
from bishui.cli.tables import PATH, add_heads, wide_console
from bishui.errors import CallError
from bishui.i18n import Text
from bishui.network import (
    Diffuse,
    Network,
    NetworkFile,
    ReadingOptions,
    read_candidates,
    read_fingerprints,
    read_pollutants,
    read_samples,
    read_sections,
)
from bishui.network import build as build_network
from bishui.network.tracing import LEAD, Trace
from bishui.network.tracing import trace as trace_back


@click.command(
    "trace",
    help="溯源：由断面超标推断嫌疑排口，给出概率、证据和下一个采样点；只是排查线索，不是证据。 "
    "Trace exceedances to suspects with probabilities and the next sample: leads, not proof.",
)
@click.argument("file", type=PATH)
@click.option("--pollutants", type=PATH, required=True, help="污染物表。 Pollutants and decay.")
@click.option("--sections", type=PATH, required=True, help="断面表。 Sections.")
@click.option("--candidates", type=PATH, required=True, help="候选排口表。 Outfalls that may have done it.")
@click.option("--samples", type=PATH, required=True, help="监测结果表。 Results of samples.")
@click.option("--kinds", type=PATH, required=True, help="行业特征表。 What kinds of discharger look like.")
@click.option(
    "--limit", "limits", multiple=True, required=True, metavar="NAME=VALUE", help="限值（mg/L）。 Limits."
)
@click.option(
    "--background",
    multiple=True,
    metavar="NAME=VALUE",
    help="区间来水浓度（mg/L）；默认取河网文件的流量加权平均。 Concentration of local inflow.",
)
@click.option(
    "--from", "begin", required=True, metavar="DATE", help="事件起始，如 2025-06-01。 Begin of the event."
)
@reading_options
@json_option
def trace(
    *,
    file: Path,
    pollutants: Path,
    sections: Path,
    candidates: Path,
    samples: Path,
    kinds: Path,
    limits: tuple[str, ...],
    background: tuple[str, ...],
    begin: str,
    reading: ReadingOptions,
    out: Path | None,
) -> None:
    """Trace what was measured on FILE."""
    event_from = _moment(begin)
    read, network = sound(file, reading)
    known = read_pollutants(existing(pollutants))
    places = read_sections(existing(sections), read)
    results = read_samples(existing(samples), places, known)
    listed = read_candidates(existing(candidates), read)
    with working(Text("正在溯源 …")):
        found = trace_back(
            _gathered(read, network),
            places,
            results,
            listed,
            known,
            fingerprints=read_fingerprints(existing(kinds)),
            limits=pairs(limits),
            background={pollutant.key: 0.0 for pollutant in known} | _inflow(read) | pairs(background),
            event_from=event_from,
        )
    if out is not None:
        write_json(found.as_dict(), out)
    if out != Path("-"):
        _show(found)


def _moment(text: str) -> np.datetime64:
    try:
        return np.datetime64(datetime.fromisoformat(text), "s")
    except ValueError:
        raise CallError(Text("“{text}”不是日期。", text=text), remedy=Text("写法：2025-06-01。")) from None


def _gathered(file: NetworkFile, network: Network) -> Network:
    """Return the network with what enters along its reaches at their tops: a trace knows no other inflow."""
    if file.diffuse is None:
        return network
    click.echo(str(Text("溯源把沿程入流的水量计在各河段上端。")), err=True)
    flow = file.reaches.lateral_flow + file.diffuse.water(network)
    return build_network(replace(file.reaches, lateral_flow=flow), file.edges)


def _inflow(file: NetworkFile) -> dict[str, float]:
    """Return the mean concentration of the local inflow, at tops and along reaches, by flow."""
    flow, along = file.reaches.lateral_flow, file.diffuse or Diffuse(np.zeros(len(file.reaches)), {})
    length = file.reaches.length
    total = float(flow.sum() + along.flow @ length)
    brought = {key: float(flow @ values) for key, values in file.lateral.items()}
    for key, rates in along.rates.items():
        brought[key] = brought.get(key, 0.0) + float(rates @ length)
    return {key: load / total for key, load in brought.items()} if total > 0 else {}


def _show(found: Trace) -> None:
    console = wide_console()
    console.print(f"[bold]{escape(str(found.statement))}[/]")
    table = Table()
    add_heads(table, Text("候选"), Text("概率"), Text("同组"), Text("超标份额"), Text("支持"), Text("反对"))
    for suspect in found.suspects:
        supports = "；".join(str(clue.text) for clue in suspect.clues if clue.supports)
        against = "；".join(str(clue.text) for clue in suspect.clues if not clue.supports)
        size = found.groups[suspect.group].size
        table.add_row(
            escape(suspect.key),
            f"{suspect.probability:.0%}",
            str(size),
            f"{suspect.explained:.0%}",
            escape(supports),
            escape(against),
        )
    console.print(table)
    console.print(str(Text("名单外存在污染源的概率：{chance}", chance=f"{found.none_listed:.0%}")))
    console.print(f"[red]{escape(str(LEAD))}[/]")
