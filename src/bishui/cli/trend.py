"""``bishui trend``: a series, or the means of one site and item, in; the trend over years and months out."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from bishui import assessment as ass
from bishui.cli.output import write_json
from bishui.cli.settings import settings_of
from bishui.cli.tables import (
    PATH,
    add_heads,
    end_with,
    must_exist,
    read_measurements,
    read_others,
    wide_console,
)
from bishui.errors import CallError, Problem
from bishui.i18n import Text
from bishui.standards import Item, Rules, find_item, items, method

_TESTS = ("all", "spearman", "mann-kendall", "seasonal")
_COURSE_COLOURS = {"better": "green", "worse": "red", "none": "default"}

_Trend = ass.RankTrend | ass.KendallTrend


@click.command(
    "trend",
    help="变化趋势：秩相关系数法（逐年），旁列 Mann-Kendall 与季节性 Kendall 检验和 Sen 斜率。"
    "FILE 为 year,month,数值 三列的序列，或给出 --site 与 --item 的测量表。 "
    "Trend of a series (year, month, value), or of one item of one site of a table of measurements.",
)
@click.argument("file", type=PATH)
@click.option("--site", help="点位；给出时 FILE 为测量表。 Site; FILE then is a table of measurements.")
@click.option(
    "--item", "item_text", help="监测项目，如 总磷；用来判断好转或变差。 Item; tells better from worse."
)
@click.option("--test", type=click.Choice(_TESTS), default="all", show_default=True, help="检验方法。 Test.")
@click.option("--sites", type=PATH, help="点位表。 Sites.")
@click.option("--flags", type=PATH, help="标识表（剔除、待审核）。 Flags on readings.")
@click.option("--year", type=int, help="测量时间没有年份时的年份。 Year of times without one.")
@click.option(
    "--set",
    "settings",
    multiple=True,
    metavar="NAME=VALUE",
    help="改变趋势规则或评价办法的一项设置，如 spearman_level=0.01。 "
    "Change one setting of the rules or the method.",
)
@click.option(
    "--open", "opened", is_flag=True, help="把每个检验展开到各时段的数据行。 Open each test down to its rows."
)
@click.option("--json", "out", type=PATH, help="把结果写成 JSON；“-”为标准输出。 Write JSON; “-” is stdout.")
def trend(
    *,
    file: Path,
    site: str | None,
    item_text: str | None,
    test: str,
    sites: Path | None,
    flags: Path | None,
    year: int | None,
    settings: tuple[str, ...],
    opened: bool,
    out: Path | None,
) -> None:
    """Judge the trend of FILE; exit with 1 if some of its rows could not be read."""
    must_exist(file)
    item = _item(item_text)
    given_settings = settings_of(settings, ("trend",), date.today())
    chosen = given_settings.rules("trend", date.today())
    used = given_settings.method or method(date.today())
    problems: tuple[Problem, ...] = ()
    rows = None
    if site is None:
        series = ass.series_file(file, item=item.key if item else None)
        yearly = series.yearly(used.months_for_year)
    else:
        register, _, marked = read_others(sites, None, flags)
        measurements, problems = read_measurements(file, year)
        given: dict[str, Any] = {"site": site, "item": _needed(item).key, "sites": register, "flags": marked}
        given["method"] = given_settings.method
        series = ass.measured_series(measurements, **given)
        yearly = ass.measured_series(measurements, step=ass.PeriodKind.YEAR, **given)
        rows = measurements if register is None else ass.with_ids(measurements, register)
    found = _trends(series, yearly, test, chosen)
    if out is not None:
        write_json(_record(series, yearly, found, chosen, problems), out)
    if out != Path("-"):
        _show(series, yearly, found, wide_console())
        for line in (line for entry in found if opened for line in ass.open_result(entry, rows).lines()):
            click.echo(line)
    end_with(problems)


def _item(text: str | None) -> Item | None:
    if text is None:
        return None
    item = find_item(text)
    if item is None:
        raise CallError(
            Text("不认识监测项目“{item}”。", item=text),
            remedy=Text("可用的项目：{names}。", names="、".join(entry.name for entry in items().values())),
        )
    return item


def _needed(item: Item | None) -> Item:
    if item is None:
        raise CallError(Text("给出 --site 时还须给出 --item。"), remedy=Text("例如 --item 总磷。"))
    return item


def _trends(series: ass.Series, yearly: ass.Series, test: str, chosen: Rules) -> list[_Trend]:
    """Run the tests: the official one on annual values, Kendall's on the series as it is."""
    found: list[_Trend] = []
    if test in ("all", "spearman"):
        found.append(ass.spearman_trend(yearly, chosen))
    if test == "mann-kendall" or (test == "all" and not series.monthly):
        found.append(ass.mann_kendall_trend(series, chosen))
    if test == "seasonal" or (test == "all" and series.monthly):
        plain = chosen if test == "seasonal" else chosen.with_settings(serial_correlation="none")
        found.append(ass.seasonal_kendall_trend(series, plain))
    return found


def _record(
    series: ass.Series,
    yearly: ass.Series,
    found: list[_Trend],
    chosen: Rules,
    problems: tuple[Problem, ...],
) -> dict[str, Any]:
    return {
        "series": series.as_dict(),
        "years": yearly.as_dict(),
        "trends": [entry.as_dict() for entry in found],
        "rules": chosen.as_dict(),
        "problems": [problem.as_dict() for problem in problems],
    }


def _show(series: ass.Series, yearly: ass.Series, found: list[_Trend], console: Console) -> None:
    item = items()[series.item].name if series.item else ""
    console.print(
        str(
            Text(
                "{name} {item}：{first} 至 {last}，有值 {present} 期，缺 {missing} 期",
                name=escape(series.name),
                item=item,
                first=series.points[0].label if series.points else "—",
                last=series.points[-1].label if series.points else "—",
                present=len(series.present),
                missing=series.missing,
            )
        )
    )
    table = Table()
    add_heads(table, Text("方法"), Text("期数"), Text("统计量"), Text("判据"), Text("斜率"), Text("趋势"))
    for entry in found:
        cells = _rank_cells(entry) if isinstance(entry, ass.RankTrend) else _kendall_cells(entry)
        colour = _COURSE_COLOURS[entry.meaning.value]
        table.add_row(*cells, f"[{colour}]{entry.text}[/]")
    console.print(table)
    short = [point.label for point in yearly.present if not point.complete]
    if short:
        console.print(str(Text("月数不足的年份：{years}", years="、".join(short))))
    if any(isinstance(entry, ass.KendallTrend) and entry.replaced for entry in found):
        console.print(str(Text("未检出较多：全部取同一个小于最小值的值，斜率仅供参考。")))


def _rank_cells(entry: ass.RankTrend) -> tuple[str, ...]:
    coefficient = "—" if entry.rounded is None else f"{entry.rounded}"
    critical = (
        "—" if entry.critical is None else f"W(N={entry.critical_count}, {entry.level}) = {entry.critical}"
    )
    return str(Text("秩相关系数法（年）")), str(entry.count), f"r_s = {coefficient}", critical, "—"


def _kendall_cells(entry: ass.KendallTrend) -> tuple[str, ...]:
    test = entry.test
    name = Text("季节性 Kendall") if entry.seasons else Text("Mann-Kendall")
    per = Text("年") if entry.seasons or not entry.series.monthly else Text("月")
    return (
        str(name),
        str(test.count),
        f"S = {test.score}, Z = {test.z:.4f}, τ = {test.tau:.4f}",
        f"p = {test.p:.4g}, α = {entry.rules['kendall_level']}",
        f"{test.slope:.6g}/{per}",
    )
