"""``bishui observations check``: a table of measurements in, what a person should look at out."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import click
import pyarrow as pa
import pyarrow.compute as pc
from rich.markup import escape
from rich.table import Table

from bishui.cli.output import write_json
from bishui.cli.settings import settings_of
from bishui.cli.tables import PATH, add_heads, end_with, read_measurements, read_others, wide_console
from bishui.errors import Problem
from bishui.i18n import Text
from bishui.observations import FLAGS, check, describe_finding, escape_formula, rule_name
from bishui.reports import write_data

_SEVERITY = {"error": Text("错误"), "warning": Text("可疑"), "notice": Text("提示")}
_COLOURS = {"error": "red", "warning": "yellow", "notice": "default"}


@click.command(
    "check",
    help="质控检查：不可能的数值、超量程、连续相同、突变、雷同、漂移、重复、缺数等，只提出疑点。 "
    "Quality control: what a person should look at; nothing is changed.",
)
@click.argument("file", type=PATH)
@click.option("--sites", type=PATH, help="点位表；未列入的点位不检查。 Sites; others are left out.")
@click.option("--year", type=int, help="测量时间没有年份时的年份。 Year of times without one.")
@click.option(
    "--set",
    "settings",
    multiple=True,
    metavar="NAME=VALUE",
    help="改变质控规则的一项设置，如 repeated_least=18。 Change one setting of the rules.",
)
@click.option(
    "--flags",
    "proposed",
    type=PATH,
    help="把建议的标识写成表（.csv、.xlsx），删改后可用于 bishui assess --flags。 "
    "Write the proposed flags as a table to edit and use with `bishui assess --flags`.",
)
@click.option("--json", "out", type=PATH, help="把结果写成 JSON；“-”为标准输出。 Write JSON; “-” is stdout.")
def check_table(
    *,
    file: Path,
    sites: Path | None,
    year: int | None,
    settings: tuple[str, ...],
    proposed: Path | None,
    out: Path | None,
) -> None:
    """Check FILE; exit with 1 if some of its rows could not be read."""
    measurements, problems = read_measurements(file, year)
    register, _, _ = read_others(sites, None, None)
    last = pc.max(measurements["time"]).as_py()
    on = last.date() if last is not None else date.today()
    chosen = settings_of(settings, ("quality",), on).rules("quality", on)
    found = check(measurements, register, rules=chosen).to_pylist()
    if proposed is not None:
        write_data(_flags(found), proposed, escape=escape_formula)
    if out is not None:
        write_json(_record(found, chosen.version, problems), out)
    if out != Path("-"):
        _show(found)
    end_with(problems)


def _flags(found: list[dict[str, Any]]) -> pa.Table:
    """Return the proposals as flags that nobody has signed yet: who and when are empty."""
    rows = [
        {
            "id": f"{its['rule']}-{number}",
            **{name: its[name] for name in ("site", "item", "time_from", "time_to", "flag")},
            "reason": f"{rule_name(its['rule'])}：{describe_finding(its)}",
        }
        for number, its in enumerate(found, start=1)
        if its["flag"] is not None
    ]
    return pa.Table.from_pylist(rows, schema=FLAGS)


def _record(found: list[dict[str, Any]], version: str, problems: tuple[Problem, ...]) -> dict[str, Any]:
    return {
        "rules": version,
        "findings": [
            {
                **{
                    name: its[name]
                    for name in ("rule", "site", "item", "source", "severity", "count", "flag")
                },
                "from": its["time_from"].isoformat(),
                "to": its["time_to"].isoformat(),
                "told": str(describe_finding(its)),
                "evidence": dict(its["evidence"]),
            }
            for its in found
        ],
        "problems": [problem.as_dict() for problem in problems],
    }


def _show(found: list[dict[str, Any]]) -> None:
    if not found:
        click.echo(str(Text("没有发现疑点。")))
        return
    table = Table()
    add_heads(table, Text("点位"), Text("自"), Text("至"), Text("规则"), Text("程度"), Text("发现"))
    for its in found:
        colour = _COLOURS[its["severity"]]
        table.add_row(
            escape(its["site"]),
            f"{its['time_from']:%Y-%m-%d %H:%M}",
            f"{its['time_to']:%Y-%m-%d %H:%M}",
            str(rule_name(its["rule"])),
            f"[{colour}]{_SEVERITY[its['severity']]}[/]",
            escape(str(describe_finding(its))),
        )
    wide_console().print(table)
    click.echo(str(Text("共 {count} 处疑点；数据没有改动，是否标识由人决定。", count=len(found))))
