"""``bishui network allocate``: who may discharge how much, what binds, what fairness costs."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import click
import numpy as np
from rich.markup import escape
from rich.table import Table

from bishui.cli.network.options import existing, json_option, limits_option, pairs, reading_options
from bishui.cli.network.solve import Solved, inputs, solved
from bishui.cli.output import write_json
from bishui.cli.tables import PATH, add_heads, wide_console
from bishui.errors import CallError
from bishui.i18n import Text
from bishui.network import ReadingOptions, read_floors, read_limits
from bishui.network.capacity import (
    Allocation,
    AllocationCase,
    Rule,
    allocation_case,
    capped_differences,
    equal_concentration,
    equal_proportion,
    greatest_total,
    max_min_ratio,
)

_DAILY = 86.4
_RULES: Mapping[Rule, tuple[Callable[[AllocationCase], Allocation], Text]] = {
    Rule.MAX_TOTAL: (greatest_total, Text("总量最大")),
    Rule.EQUAL_PROPORTION: (equal_proportion, Text("等比例削减")),
    Rule.MAX_MIN_RATIO: (max_min_ratio, Text("最小保留比例最大")),
    Rule.CAPPED_DIFFERENCES: (capped_differences, Text("削减率之差有限")),
}
#: It needs the flows of the outfalls as well.
_LEVEL = Text("等浓度")


@click.command(
    "allocate",
    help="允许排放量分配：总量最大与公平规则并列，给出约束断面、影子价格和公平的代价。 "
    "Allocate loads by a linear programme: the greatest total beside fair rules, shadow prices.",
)
@click.argument("file", type=PATH)
@inputs
@limits_option
@click.option(
    "--rule",
    "rules",
    multiple=True,
    type=click.Choice([rule.value for rule in Rule]),
    help="只用这些规则。 Only these rules.",
)
@reading_options
@json_option
def allocate(
    *,
    file: Path,
    pollutants: Path | None,
    loads: Path | None,
    sections: Path | None,
    limits: tuple[str, ...],
    rules: tuple[str, ...],
    reading: ReadingOptions,
    out: Path | None,
) -> None:
    """Divide what the sections of FILE bear among its outfalls; floors stand in the table of outfalls."""
    if sections is None or loads is None:
        raise CallError(
            Text("没有给出断面表或排口表。"), remedy=Text("请用 --sections 和 --loads 给出断面和排口。")
        )
    found = solved(file, pollutants, loads, sections, reading)
    common, own, floors = pairs(limits), read_limits(existing(sections)), read_floors(existing(loads))
    # One concentration for all means nothing where only the load of an outfall is known.
    known = all(load.flow > 0 or not load.rates for load in found.solution.loads)
    chosen = [Rule(name) for name in rules] or [
        rule for rule in Rule if known or rule is not Rule.EQUAL_CONCENTRATION
    ]
    content: dict[str, tuple[AllocationCase, list[Allocation]]] = {}
    for pollutant in found.solution.pollutants:
        key = pollutant.key
        kept = {place: common | own.get(place.key, {}) for place in found.sections}
        targets = {place: limit[key] for place, limit in kept.items() if key in limit}
        if targets:
            least = {name: floor[key] for name, floor in floors.items() if key in floor}
            case = allocation_case(found.solution, key, targets, least)
            content[key] = (case, [_allocated(case, rule, found) for rule in chosen])
    if not content:
        raise CallError(
            Text("没有任何断面有限值。"), remedy=Text("请用 --limit COD=20，或在断面表填“限值”。")
        )
    if out is not None:
        write_json({key: [one.as_dict() for one in made] for key, (_, made) in content.items()}, out)
    if out != Path("-"):
        for key, (case, made) in content.items():
            _show(key, case, made)


def _allocated(case: AllocationCase, rule: Rule, found: Solved) -> Allocation:
    if rule is Rule.EQUAL_CONCENTRATION:
        return equal_concentration(case, np.array([load.flow for load in found.solution.loads], float))
    return _RULES[rule][0](case)


def _rule_text(rule: Rule) -> Text:
    return _LEVEL if rule is Rule.EQUAL_CONCENTRATION else _RULES[rule][1]


def _show(pollutant: str, case: AllocationCase, made: Sequence[Allocation]) -> None:
    console = wide_console()
    table = Table(title=escape(str(Text("{key}：允许排放量（kg/d）", key=pollutant))), title_justify="left")
    add_heads(
        table,
        Text("排口"),
        Text("现状"),
        Text("下限"),
        *(_rule_text(one.rule) for one in made),
    )
    for row, name in enumerate(case.outfalls):
        cells = (_allowed(one, row) for one in made)
        table.add_row(
            escape(name), f"{_DAILY * case.present[row]:.4g}", f"{_DAILY * case.floor[row]:.4g}", *cells
        )
    totals = (f"{_DAILY * one.total:.4g}" for one in made)
    table.add_row(
        str(Text("合计")), f"{_DAILY * case.present.sum():.4g}", f"{_DAILY * case.floor.sum():.4g}", *totals
    )
    costs = (f"{_DAILY * one.price_of_fairness:.4g}" for one in made)
    table.add_row(str(Text("公平的代价")), "", "", *costs)
    console.print(table)
    table = Table()
    add_heads(table, Text("断面"), *(_rule_text(one.rule) for one in made))
    for row, name in enumerate(case.sections):
        table.add_row(escape(name), *(_bound(one, row) for one in made))
    console.print(table)
    console.print(str(Text("格内为已用份额；“约束”后是影子价格：该断面每多 1 kg/d 容量，总量可多的 kg/d。")))


def _allowed(one: Allocation, row: int) -> str:
    """Return what an outfall is allowed, kg/d, and by how much it is cut."""
    cut = round(100.0 * float(one.reduction[row]), 1)
    return f"{_DAILY * one.loads[row]:.4g}" + (f"（{Text('削减')} {cut:g}%）" if cut > 0 else "")


def _bound(one: Allocation, row: int) -> str:
    """Return how much of a section's room is used, whether it binds and its shadow price."""
    used = f"{one.used[row]:.0%}"
    if one.case.sections[row] not in one.binding:
        return used
    price = "" if np.isnan(one.shadow[row]) else f" {one.shadow[row]:.3g}"
    return f"[red]{used} {Text('约束')}{price}[/]"
