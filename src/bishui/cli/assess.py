"""``bishui assess``, ``verify``, ``explain``: tables on disk in, classes and their reasons out."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import click
import pyarrow as pa
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from bishui import assessment as ass
from bishui.cli.engine import is_store, on_spark, rows_as_dict, show_rows
from bishui.cli.open import HOW, Wanted, open_wanted
from bishui.cli.output import write_json
from bishui.cli.settings import chosen_method
from bishui.cli.subject_tables import TABLED, Asked, open_tabled
from bishui.cli.tables import (
    PATH,
    add_heads,
    end_with,
    file_option,
    must_exist,
    read_measurements,
    read_others,
    table_options,
    wide_console,
    write_results,
)
from bishui.errors import CallError, Problem
from bishui.i18n import Text
from bishui.observations import MeasurementStore, Selection, read_background
from bishui.standards import (
    Item,
    Method,
    Override,
    find_item,
    items,
    read_override,
    rules,
    water_class,
)

_KINDS = tuple(kind.value for kind in ass.PeriodKind)
_COLOURS = {1: "bright_cyan", 2: "blue", 3: "green", 4: "yellow", 5: "dark_orange", 6: "red"}
_STATE_COLOURS = {"attained": "green", "not_attained": "red"}


def item_list_option(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the option that names the item list."""
    return click.option(
        "--item-list",
        "item_list",
        type=click.Choice(ass.ITEM_LISTS),
        help="参加定类的项目清单；缺省为实测的全部（21 项之内）。 Items that decide the class.",
    )(command)


def background_option(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the option that names the table of natural backgrounds."""
    return click.option(
        "--background",
        type=PATH,
        help="自然本底表：扣除前后的结果都给出。 Natural backgrounds; results are given with and without.",
    )(command)


def override_option(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the option that names a bureau's own limits and settings."""
    return click.option(
        "--override",
        type=PATH,
        help="本级覆盖文件（限值与设置），结果会注明。 A file of the bureau's own limits and settings.",
    )(command)


@click.command(
    "assess",
    help="按断面和时段评价水质类别与达标情况。 Assess the class and attainment of sections by period.",
)
@click.argument("table", type=PATH)
@table_options
@click.option(
    "--period",
    "period",
    default="month",
    show_default=True,
    help="reading、day、week、ten_days、month、quarter、half_year、ytd、year、all，或某一时段如 2021-04、"
    "2021-W14、2021-Q2、2021-01~04。 A kind of period, all, or one period.",
)
@item_list_option
@background_option
@override_option
@click.option(
    "--engine",
    metavar="MASTER",
    help="在 Apache Spark 上计算：spark://主机:端口 或 local[2]；结果不含各项目明细。 "
    "Compute in Apache Spark.",
)
@file_option
@click.option("--json", "out", type=PATH, help="把结果写成 JSON；“-”为标准输出。 Write JSON; “-” is stdout.")
def assess(
    *,
    table: Path,
    sites: Path | None,
    targets: Path | None,
    flags: Path | None,
    year: int | None,
    settings: tuple[str, ...],
    period: str,
    item_list: str | None,
    background: Path | None,
    override: Path | None,
    engine: str | None,
    export: Path | None,
    out: Path | None,
) -> None:
    """Assess TABLE, a file or the folder of a store; exit with 1 if some of its rows could not be read."""
    wanted = periods_of(period)
    chosen = chosen_method(settings)
    others = read_others(sites, targets, flags)
    problems: tuple[Problem, ...] = ()
    stored = MeasurementStore(table) if is_store(table) else None
    if stored is None:
        read, problems = read_measurements(table, year)
    if engine is not None:
        _only_plain(item_list, background, override, export)
        _show_rows(on_spark(engine, stored or read, others, wanted, chosen), problems, out)
        end_with(problems)
        return
    measurements = read if stored is None else stored.select(imports=stored.imports())
    judging = Judging(chosen, item_list, override_of(override))
    results = assessed(measurements, others, wanted, judging)
    deductions = deductions_of(results, background, chosen, judging.override)
    write_results(ass.rows_of(results), sites, export)
    if out is not None:
        found = {"background": [entry.as_dict() for entry in deductions]} if background else {}
        write_json(results.as_dict() | found | {"problems": [problem.as_dict() for problem in problems]}, out)
    if out != Path("-"):
        _show_assessment(results, wide_console())
        _show_deductions(deductions, wide_console())
    end_with(problems)


def override_of(path: Path | None) -> Override | None:
    """Return what a bureau's own file says, None without one."""
    if path is None:
        return None
    must_exist(path)
    return read_override(path)


def _only_plain(*options: object) -> None:
    if any(option is not None for option in options):
        raise CallError(
            Text("在 Spark 上不能使用 --item-list、--background、--override 和 --out。"),
            remedy=Text("请去掉该选项，或不用 --engine。"),
        )


def _show_rows(results: pa.Table, problems: tuple[Problem, ...], out: Path | None) -> None:
    if out is not None:
        write_json(rows_as_dict(results) | {"problems": [problem.as_dict() for problem in problems]}, out)
    if out != Path("-"):
        show_rows(results, wide_console())


@click.command(
    "explain",
    help="把一个结果展开到原始数据行：逐日、逐月、均值、修约、限值和条款。 "
    "Open one result down to its rows, means, rounding, limit and clause.",
)
@click.argument("table", type=PATH)
@click.option("--site", required=True, help="点位。 Site.")
@click.option("--item", "item_text", help="监测项目，如 总磷。 Item.")
@click.option(
    "--as",
    "how",
    type=click.Choice([*HOW, *TABLED]),
    help="按哪种方法展开整个结果（代替 --item）；area、lake 的 --site 为水体或流域，"
    "area、change、index 可为行政区划；load、indicator、air 的 TABLE 是各自的表，--site 为厂名（或 全部）、"
    "指标、城市。 Open the whole result of a method instead of one item.",
)
@click.option(
    "--against",
    help="该方法对照的要求：zone 为目标类别，flow 为最小流量，effluent 为标准级别，flood 为流域，"
    "change、index-change 为对照时段，sign-off 为阶段，load、indicator 为目标值。 What it is held against.",
)
@click.option("--records", type=PATH, help="销号材料表（sign-off）。 Papers of a sign-off.")
@click.option("--period", required=True, help="时段，如 2021-04。 Period, e.g. 2021-04.")
@table_options
@item_list_option
@override_option
@click.option("--json", "out", type=PATH, help="把结果写成 JSON；“-”为标准输出。 Write JSON; “-” is stdout.")
def explain(
    *,
    table: Path,
    site: str,
    item_text: str | None,
    how: str | None,
    against: str | None,
    records: Path | None,
    period: str,
    sites: Path | None,
    targets: Path | None,
    flags: Path | None,
    year: int | None,
    settings: tuple[str, ...],
    item_list: str | None,
    override: Path | None,
    out: Path | None,
) -> None:
    """Show the chain behind one item of one site and period, or behind a whole result."""
    if (item_text is None) == (how is None):
        remedy = Text("用 --item 指一个项目，或用 --as 指一种方法。")
        raise CallError(Text("请写明要展开什么。"), remedy=remedy)
    item = _item(item_text) if item_text is not None else None
    wanted = ass.Period.parse(period)
    if how in TABLED:
        tabled = Asked(table, site, wanted, against, override_of(override), settings)
        _show_opened(open_tabled(str(how), tabled), out)
        return
    chosen = chosen_method(settings)
    others = read_others(sites, targets, flags)
    measurements, problems = read_measurements(table, year)
    if item is None:
        named = measurements if others[0] is None else ass.with_ids(measurements, others[0])
        own = override_of(override)
        asked = Wanted(named, others, sites, site, wanted, against, chosen, own, records)
        _show_opened(open_wanted(str(how), asked), out)
        end_with(problems)
        return
    judging = Judging(chosen, item_list, override_of(override))
    chain = ass.explain(
        measurements,
        *others,
        site=site,
        item=item.key,
        period=wanted,
        method=chosen,
        item_list=lists_of(measurements, others, judging),
        override=judging.override,
    )
    if out is not None:
        write_json(chain.as_dict(), out)
    if out != Path("-"):
        _show_explanation(chain, wide_console())
    end_with(problems)


def _item(text: str) -> Item:
    item = find_item(text)
    if item is None:
        raise CallError(
            Text("不认识监测项目“{item}”。", item=text),
            remedy=Text("可用的项目：{names}。", names="、".join(entry.name for entry in items().values())),
        )
    return item


def _show_opened(opened: ass.Opened, out: Path | None) -> None:
    if out is not None:
        write_json(opened.as_dict(), out)
    if out != Path("-"):
        for line in opened.lines():
            click.echo(line)


Tables = tuple[pa.Table | None, pa.Table | None, pa.Table | None]


@dataclass(frozen=True, slots=True)
class Judging:
    """How a person wants it judged: a method, a list of items, a bureau's own values."""

    method: Method | None = None
    item_list: str | None = None
    override: Override | None = None


def assessed(
    measurements: pa.Table | Selection,
    others: Tables,
    wanted: Sequence[ass.Period | ass.PeriodKind],
    judging: Judging,
) -> ass.Assessment:
    """Assess as a person wants it judged."""
    return ass.assess(
        measurements,
        *others,
        period=wanted,
        method=judging.method,
        item_list=lists_of(measurements, others, judging),
        override=judging.override,
    )


def lists_of(measurements: pa.Table | Selection, others: Tables, judging: Judging) -> ass.ItemLists | None:
    """Return the item list by section and year; X of 5+X comes from the same table, judged by all items."""
    if judging.item_list is None:
        return None
    by = ass.PeriodKind(rules("item_list", date.today())["x_by"])
    found = ass.assess(measurements, *others, period=by, method=judging.method, override=judging.override)
    return ass.item_lists(judging.item_list, found)


def deductions_of(
    results: Iterable[ass.SectionResult],
    background: Path | None,
    chosen: Method | None,
    override: Override | None = None,
) -> list[ass.Deduction]:
    """Return the results that natural background bears on, with and without it."""
    if background is None:
        return []
    must_exist(background)
    approved = ass.backgrounds(read_background(background))
    found = (ass.deduct(result, approved, method=chosen, override=override) for result in results)
    return [entry for entry in found if entry.excluded or entry.beyond]


def periods_of(text: str) -> list[ass.Period | ass.PeriodKind]:
    """Return what ``--period`` asks for.

    Raises
    ------
    CallError
        If it is neither a kind of period nor a period.
    """
    if text == "all":
        return [kind for kind in ass.PeriodKind if kind is not ass.PeriodKind.READING]
    if text in _KINDS:
        return [ass.PeriodKind(text)]
    return [ass.Period.parse(text)]


def class_cell(rank: int | None, reason: ass.Reason | None = None) -> str:
    """Return a class in its colour, or why there is none."""
    if rank is None:
        return f"[dim]{reason.text}[/dim]" if reason else "—"
    return f"[{_COLOURS[rank]}]{water_class(rank).label}[/]"


def _show_assessment(results: ass.Assessment, console: Console) -> None:
    for period in dict.fromkeys(result.period for result in results):
        table = Table(title=period.label, title_justify="left")
        add_heads(
            table,
            Text("断面"),
            Text("类别"),
            Text("状况"),
            Text("定类项目"),
            Text("主要污染指标"),
            Text("目标"),
            Text("达标"),
            Text("项目数"),
            Text("有效/应有"),
        )
        for result in results:
            if result.period == period:
                table.add_row(*_section_cells(result))
        console.print(table)
        _show_summary(results.summary(period), console)


def pollutants_text(pollutants: Iterable[ass.MainPollutant]) -> str:
    """Return main pollution indicators as they are printed, with their multiples."""
    return "、".join(
        items()[entry.item].name + (f"({entry.multiple})" if entry.multiple is not None else "")
        for entry in pollutants
    )


def _section_cells(result: ass.SectionResult) -> tuple[str, ...]:
    names = items()
    verdict = result.attainment
    counts = [entry.counts for entry in result.items.values() if entry.decides_class]
    colour = _STATE_COLOURS.get(verdict.state.value, "dim")
    return (
        escape(result.name),
        class_cell(result.rank, result.reason),
        water_class(result.rank).word if result.rank else "—",
        "、".join(names[key].name for key in result.deciding) or "—",
        pollutants_text(result.main_pollutants) or "—",
        class_cell(verdict.target_class),
        f"[{colour}]{verdict.state.text}[/]",
        str(len(result.item_list)),
        f"{sum(count.entered for count in counts)}/{sum(count.total for count in counts)}",
    )


def _show_deductions(deductions: Sequence[ass.Deduction], console: Console) -> None:
    """Print the results that natural background bears on, both ways."""
    for entry in deductions:
        console.print(
            str(
                Text(
                    "{site} {period}：实测 {measured}，扣除自然本底（{items}）后 {deducted}。",
                    site=escape(entry.measured.name),
                    period=entry.measured.period.label,
                    measured=class_cell(entry.measured.rank, entry.measured.reason),
                    items="、".join(items()[known.item].name for known in entry.excluded) or "—",
                    deducted=class_cell(entry.deducted.rank, entry.deducted.reason),
                )
            )
        )


def _show_summary(summary: ass.Summary, console: Console) -> None:
    reasons = "、".join(f"{ass.Reason(reason).text} {count}" for reason, count in summary.not_judged.items())
    console.print(
        str(
            Text(
                "共 {total} 个断面，已评价 {judged} 个，未评价 {rest} 个{reasons}；"
                "优良 {good}%，劣Ⅴ类 {worst}%，达标 {attained}/{verdicts}。",
                total=summary.total,
                judged=summary.judged,
                rest=summary.total - summary.judged,
                reasons=Text("（{reasons}）", reasons=reasons) if reasons else "",
                good="—" if summary.good_percent is None else summary.good_percent,
                worst="—" if summary.worst_percent is None else summary.worst_percent,
                attained=summary.attained,
                verdicts=summary.with_verdict,
            )
        )
    )
    if ass.Reason.WATER_TYPE_UNKNOWN in summary.not_judged:
        console.print(str(Text("水体类型不明的断面不定类别：请用 --sites 给出点位表，写明河流或湖库。")))


def _show_explanation(chain: ass.Explanation, console: Console) -> None:
    item = items()[chain.result.item]
    title = f"{chain.section.name} {chain.section.period.label} {item.name} ({item.unit})"
    table = Table(title=escape(title), title_justify="left")
    add_heads(table, Text("行"), Text("时间"), Text("原文"), Text("参与计算的值"), Text("用途"), Text("来源"))
    for row in chain.rows:
        table.add_row(
            "—" if row.row is None else str(row.row),
            row.time.isoformat(" ", "minutes"),
            escape(row.raw or ""),
            "—" if row.entered_as is None else f"{row.entered_as:f}",
            str(ass.use_text(row.use)),
            str(ass.source_text(row.source)),
        )
    console.print(table)
    for name, steps in ((Text("日均值"), chain.daily), (Text("月均值"), chain.monthly)):
        for step in steps:
            mean = "—" if step.mean is None else ass.mean_text(step.mean)
            console.print(f"{name} {step.label}: {mean} ({step.entered}/{step.total})")
    for name, text in chain.steps():
        console.print(f"[bold]{name}[/]: {escape(str(text))}")
