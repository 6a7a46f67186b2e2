"""``bishui network solve | contributions``: what arrives at sections, and from whom."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click
import numpy as np
from rich.markup import escape
from rich.table import Table

from bishui.cli.network.options import existing, json_option, reading_options, sound, working
from bishui.cli.output import write_json
from bishui.cli.tables import PATH, add_heads, wide_console
from bishui.errors import CallError
from bishui.i18n import Text
from bishui.network import (
    NetworkFile,
    Pollutant,
    ReadingOptions,
    Section,
    Solution,
    contributions,
    mean_travel_time,
    monte_carlo,
    read_loads,
    read_pollutants,
    read_sections,
    solve,
)

_HOUR_S = 3600.0


def inputs(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options that name pollutants, outfalls and sections."""
    options = (
        click.option(
            "--pollutants",
            type=PATH,
            help="污染物表：名称、降解系数（1/d）、温度系数。 Pollutants and decay.",
        ),
        click.option("--loads", type=PATH, help="排口表：位置、流量、浓度。 Outfalls."),
        click.option("--sections", type=PATH, help="断面表：位置。 Sections."),
    )
    return functools.reduce(lambda wrapped, option: option(wrapped), reversed(options), command)


@dataclass(frozen=True, slots=True)
class Solved:
    """A solved network with the sections that were asked for."""

    file: NetworkFile
    solution: Solution
    sections: tuple[Section, ...]


def solved(
    file: Path, pollutants: Path | None, loads: Path | None, sections: Path | None, reading: ReadingOptions
) -> Solved:
    """Read everything and solve the network."""
    read, network = sound(file, reading)
    known: tuple[Pollutant, ...] = read_pollutants(existing(pollutants)) if pollutants else read.pollutants
    if not known:
        raise CallError(
            Text("没有给出污染物。"), remedy=Text("请用 --pollutants 给出污染物表：名称、降解系数（1/d）。")
        )
    keys = {pollutant.key for pollutant in known}
    given = read_loads(existing(loads), read) if loads else ()
    along = set(read.diffuse.rates) if read.diffuse else set()
    named = {key for load in given for key in (*load.concentrations, *load.rates)} | set(read.lateral) | along
    if named - keys:
        raise CallError(
            Text("有浓度而没有降解系数的污染物：{names}。", names="、".join(sorted(named - keys))),
            remedy=Text("请在污染物表中补上；不降解的填 0。"),
        )
    places = read_sections(existing(sections), read) if sections else ()
    with working(Text("正在计算 …")):
        solution = solve(network, known, given, read.lateral, read.diffuse)
    return Solved(read, solution, places)


@click.command(
    "solve",
    help="稳态计算：断面和各河段的流量、负荷、浓度，收支。 "
    "Steady flow, loads and concentrations at sections and on every reach, with the balance.",
)
@click.argument("file", type=PATH)
@inputs
@click.option(
    "--bands",
    is_flag=True,
    help="用蒙特卡罗给出断面浓度的不确定性区间。 Bands at the sections by Monte Carlo.",
)
@reading_options
@json_option
def solve_command(
    *,
    file: Path,
    pollutants: Path | None,
    loads: Path | None,
    sections: Path | None,
    bands: bool,
    reading: ReadingOptions,
    out: Path | None,
) -> None:
    """Solve FILE."""
    found = solved(file, pollutants, loads, sections, reading)
    if bands and not found.sections:
        raise CallError(Text("没有给出断面表。"), remedy=Text("请用 --sections 给出要算区间的断面。"))
    solution = found.solution
    content: dict[str, Any] = {
        "sections": [
            solution.at(section).as_dict()
            | {
                "reach": str(found.file.reaches.ids[section.reach]),
                "chainage_m": section.chainage,
            }
            for section in found.sections
        ],
        "reaches": _reaches(found),
        "balance": solution.balance.as_dict(),
        "assumptions": [assumption.as_dict() for assumption in found.file.assumptions],
    }
    if bands:
        with working(Text("正在抽样 …")):
            content["bands"] = [one.as_dict() for one in monte_carlo(solution, found.sections)]
    if out is not None:
        write_json(content, out)
    if out != Path("-"):
        _show_solution(content, [pollutant.key for pollutant in solution.pollutants])


def _reaches(found: Solved) -> list[dict[str, Any]]:
    solution = found.solution
    keys = [pollutant.key for pollutant in solution.pollutants]
    ids = found.file.reaches.ids.tolist()
    return [
        {
            "id": ids[row],
            "flow_m3_s": _finite(solution.flow[row]),
            "load_g_s": {key: _finite(solution.bottom[row, p]) for p, key in enumerate(keys)},
            "concentration_mg_l": {
                key: _finite(solution.concentration[row, p]) for p, key in enumerate(keys)
            },
        }
        for row in range(len(ids))
    ]


def _finite(value: np.float64) -> float | None:
    """Return a number for JSON; none where nothing is computed (dry, tidal)."""
    return float(value) if np.isfinite(value) else None


def _show_solution(content: Mapping[str, Any], keys: Sequence[str]) -> None:
    console = wide_console()
    for kind, title, name in (("sections", Text("断面"), "section"), ("reaches", Text("河段下端"), "id")):
        rows = content[kind]
        if not rows or (kind == "reaches" and content["sections"]):
            continue
        table = Table(title=str(title), title_justify="left")
        add_heads(
            table, Text("编号"), Text("流量（m³/s）"), *(Text("{key}（mg/L）", key=key) for key in keys)
        )
        for row in rows:
            values = (row["concentration_mg_l"][key] for key in keys)
            table.add_row(escape(str(row[name])), _number(row["flow_m3_s"]), *map(_number, values))
        console.print(table)
    if "bands" in content:
        console.print(_bands(content["bands"]))
    table = Table(title=str(Text("负荷收支（kg/d）")), title_justify="left")
    add_heads(table, Text("污染物"), Text("进入"), Text("流出"), Text("降解"), Text("残差（相对）"))
    for key, entry in content["balance"].items():
        daily = (86.4 * entry[part] for part in ("in_g_s", "out_g_s", "decayed_g_s"))
        table.add_row(escape(key), *map(_number, daily), f"{entry['residual']:.1e}")
    console.print(table)


def _bands(bands: Sequence[Mapping[str, Any]]) -> Table:
    """Return the bands of the sections, with what they were drawn by."""
    draws = bands[0]["settings"]["settings"]["draws"]["value"]
    table = Table(title=str(Text("不确定性区间（mg/L，{draws} 次抽样）", draws=draws)), title_justify="left")
    add_heads(table, Text("断面"), Text("污染物"))
    for part in bands[0]["quantiles"]:
        table.add_column(f"{100 * part:g}%", justify="right")
    for band in bands:
        for key, values in band["concentration_mg_l"].items():
            table.add_row(escape(band["section"]), escape(key), *map(_number, values))
    return table


def _number(value: float | None) -> str:
    return "—" if value is None else f"{value:.4g}"


@click.command(
    "contributions",
    help="各来源对一个断面的贡献：传输率、负荷份额、削减效果、平均历时。 "
    "What each source contributes to a section: transmission, share, removal effect, travel time.",
)
@click.argument("file", type=PATH)
@inputs
@click.option("--section", "key", required=True, help="断面编号（断面表中的一个）。 The section.")
@click.option("--top", type=int, default=20, show_default=True, help="列出前几个。 How many are listed.")
@reading_options
@json_option
def contributions_command(
    *,
    file: Path,
    pollutants: Path | None,
    loads: Path | None,
    sections: Path | None,
    key: str,
    top: int,
    reading: ReadingOptions,
    out: Path | None,
) -> None:
    """Show who contributes what to a section of FILE."""
    found = solved(file, pollutants, loads, sections, reading)
    section = _section(found.sections, key)
    times = mean_travel_time(found.solution.network, section, flow=found.solution.flow)
    content = {
        "section": key,
        "reading": found.solution.at(section).as_dict(),
        "contributions": {
            pollutant: [
                one.as_dict()
                | {
                    "reach": str(found.file.reaches.ids[one.reach]),
                    "travel_from_top_h": _hours(times[one.reach]),
                }
                for one in listed
            ]
            for pollutant, listed in contributions(found.solution, section).items()
        },
        "assumptions": [assumption.as_dict() for assumption in found.file.assumptions],
    }
    if out is not None:
        write_json(content, out)
    if out != Path("-"):
        _show_contributions(content["contributions"], top)  # type: ignore[arg-type]


def _section(sections: Sequence[Section], key: str) -> Section:
    for section in sections:
        if section.key == key:
            return section
    raise CallError(
        Text("断面表中没有“{key}”。", key=key),
        remedy=Text("现有：{keys}。", keys="、".join(section.key for section in sections[:20]) or "—"),
    )


def _hours(seconds: np.float64) -> float | None:
    return float(seconds) / _HOUR_S if np.isfinite(seconds) else None


def _source(one: Mapping[str, Any]) -> str:
    """Return the name of a source for people."""
    if one["kind"] == "lateral":
        return str(Text("区间来水 {reach}", reach=one["source"]))
    if one["kind"] == "diffuse":
        return str(Text("沿程入流 {reach}", reach=one["source"]))
    return str(one["source"])


def _show_contributions(found: Mapping[str, Sequence[Mapping[str, Any]]], top: int) -> None:
    for pollutant, listed in found.items():
        table = Table(title=escape(pollutant), title_justify="left")
        add_heads(
            table,
            Text("来源"),
            Text("河段"),
            Text("传输率"),
            Text("到达（kg/d）"),
            Text("负荷份额"),
            Text("去除后浓度变化（mg/L）"),
            Text("自河段上端历时（h）"),
        )
        for one in listed[:top]:
            table.add_row(
                escape(_source(one)),
                escape(one["reach"]),
                f"{one['transmission']:.4f}",
                _number(86.4 * one["load_g_s"]),
                f"{100 * one['load_share']:.1f}%",
                _number(one["removal_effect_mg_l"]),
                _number(one["travel_from_top_h"]),
            )
        wide_console().print(table)
