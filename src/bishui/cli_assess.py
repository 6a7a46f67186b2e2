"""``bishui assess``, ``verify``, ``explain``: tables on disk in, classes and their reasons out."""

from __future__ import annotations

import functools
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, ParamSpec, TypeVar

import click
import pyarrow as pa
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from bishui import assessment as ass
from bishui.errors import CallError, Problem, Where
from bishui.i18n import Text
from bishui.observations import read_flags, read_sites, read_table, read_targets
from bishui.standards import find_item, items, method, methods, water_class

P = ParamSpec("P")
R = TypeVar("R")

_SHOWN_PROBLEMS = 20
_FILE_WIDTH = 160
_KINDS = ("reading", "day", "month", "quarter", "ytd", "year")
_COLOURS = {1: "bright_cyan", 2: "blue", 3: "green", 4: "yellow", 5: "dark_orange", 6: "red"}
_STATE_COLOURS = {"attained": "green", "not_attained": "red"}
_PATH = click.Path(path_type=Path)


def _tables(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options that name the other tables and the method."""
    options = (
        click.option("--sites", type=_PATH, help="点位表（水体类型、有效期）。 Sites with water type."),
        click.option("--targets", type=_PATH, help="目标表。 Targets."),
        click.option("--flags", type=_PATH, help="标识表（剔除、待审核）。 Flags on readings."),
        click.option("--year", type=int, help="测量时间没有年份时的年份。 Year of times without one."),
        click.option(
            "--set",
            "settings",
            multiple=True,
            metavar="NAME=VALUE",
            help="改变评价办法的一项设置。 Change one setting of the method.",
        ),
    )
    return functools.reduce(lambda wrapped, option: option(wrapped), reversed(options), command)


@click.command(
    "assess",
    help="按断面和时段评价水质类别与达标情况。 Assess the class and attainment of sections by period.",
)
@click.argument("table", type=_PATH)
@_tables
@click.option(
    "--period",
    "period",
    default="month",
    show_default=True,
    help="reading、day、month、quarter、ytd、year、all，或某一时段如 2021-04、2021-Q2、2021-01~04。 "
    "A kind of period, all, or one period.",
)
@click.option("--json", "out", type=_PATH, help="把结果写成 JSON；“-”为标准输出。 Write JSON; “-” is stdout.")
def assess(
    *,
    table: Path,
    sites: Path | None,
    targets: Path | None,
    flags: Path | None,
    year: int | None,
    settings: tuple[str, ...],
    period: str,
    out: Path | None,
) -> None:
    """Assess TABLE; exit with 1 if some of its rows could not be read."""
    wanted = _periods(period)
    chosen = _method(settings)
    others = _read_others(sites, targets, flags)
    measurements, problems = _read(table, year)
    results = ass.assess(measurements, *others, period=wanted, method=chosen)
    if out is not None:
        _write(results.as_dict() | {"problems": [problem.as_dict() for problem in problems]}, out)
    if out != Path("-"):
        _show_assessment(results, _console())
    _end(problems)


@click.command(
    "verify", help="核对算例文件：逐行比较应有结果与实得结果。 Check files of worked cases row by row."
)
@click.argument("paths", nargs=-1, required=True, type=_PATH, metavar="PATH…")
@click.option("--json", "out", type=_PATH, help="把结果写成 JSON；“-”为标准输出。 Write JSON; “-” is stdout.")
@click.option("--all", "everything", is_flag=True, help="也列出相符的行。 List the rows that agree, too.")
def verify(paths: tuple[Path, ...], out: Path | None, everything: bool) -> None:
    """Run the worked cases in PATH…; exit with 1 if one differs or cannot be checked."""
    reports = ass.verify(paths)
    if out is not None:
        _write({"files": [report.as_dict() for report in reports]}, out)
    if out != Path("-"):
        for report in reports:
            _show_report(report, _console(), everything=everything)
    if any(report.failed for report in reports):
        raise click.exceptions.Exit(1)


@click.command(
    "explain",
    help="把一个结果展开到原始数据行：逐日、逐月、均值、修约、限值和条款。 "
    "Open one result down to its rows, means, rounding, limit and clause.",
)
@click.argument("table", type=_PATH)
@click.option("--site", required=True, help="点位。 Site.")
@click.option("--item", "item_text", required=True, help="监测项目，如 总磷。 Item.")
@click.option("--period", required=True, help="时段，如 2021-04。 Period, e.g. 2021-04.")
@_tables
@click.option("--json", "out", type=_PATH, help="把结果写成 JSON；“-”为标准输出。 Write JSON; “-” is stdout.")
def explain(
    *,
    table: Path,
    site: str,
    item_text: str,
    period: str,
    sites: Path | None,
    targets: Path | None,
    flags: Path | None,
    year: int | None,
    settings: tuple[str, ...],
    out: Path | None,
) -> None:
    """Show the chain behind one item of one site and period."""
    item = find_item(item_text)
    if item is None:
        raise CallError(
            Text("不认识监测项目“{item}”。", item=item_text),
            remedy=Text("可用的项目：{names}。", names="、".join(entry.name for entry in items().values())),
        )
    wanted, chosen = ass.Period.parse(period), _method(settings)
    others = _read_others(sites, targets, flags)
    measurements, problems = _read(table, year)
    chain = ass.explain(measurements, *others, site=site, item=item.key, period=wanted, method=chosen)
    if out is not None:
        _write(chain.as_dict(), out)
    if out != Path("-"):
        _show_explanation(chain, _console())
    _end(problems)


def _periods(text: str) -> list[ass.Period | ass.PeriodKind]:
    if text == "all":
        return [kind for kind in ass.PeriodKind if kind is not ass.PeriodKind.READING]
    if text in _KINDS:
        return [ass.PeriodKind(text)]
    return [ass.Period.parse(text)]


def _method(settings: tuple[str, ...]) -> Any:
    """Return the latest method with settings changed; None (by date) where nothing is changed.

    A list is written with commas. A number or a truth value must be one.
    """
    if not settings:
        return None
    latest = max(methods().values(), key=lambda edition: edition.in_force_from)
    changes: dict[str, Any] = {}
    for entry in settings:
        name, sign, given = entry.partition("=")
        if not sign:
            raise CallError(
                Text("“{entry}”不是设置。", entry=entry),
                remedy=Text("写法：名称=值，如 round_before_compare=false。"),
            )
        changes[name] = _setting_value(getattr(latest, name, None), given, entry)
    return method(latest.in_force_from, **changes)


def _setting_value(current: object, given: str, entry: str) -> Any:
    if isinstance(current, bool):
        if given.casefold() in ("true", "false"):
            return given.casefold() == "true"
    elif isinstance(current, int):
        if given.isascii() and given.isdigit():
            return int(given)
    elif isinstance(current, tuple):
        return tuple(part for part in given.split(",") if part)
    else:
        return given
    raise CallError(
        Text("设置“{entry}”的值不对。", entry=entry),
        remedy=Text("真假写 true 或 false，个数写整数；现值为 {current}。", current=current),
    )


def _read(path: Path, year: int | None) -> tuple[pa.Table, tuple[Problem, ...]]:
    _must_exist(path)
    result = read_table(path, year=year)
    return result.table, result.problems


def _read_others(
    sites: Path | None, targets: Path | None, flags: Path | None
) -> tuple[pa.Table | None, pa.Table | None, pa.Table | None]:
    for path in (sites, targets, flags):
        if path is not None:
            _must_exist(path)
    return (
        read_sites(sites) if sites else None,
        read_targets(targets) if targets else None,
        read_flags(flags) if flags else None,
    )


def _must_exist(path: Path) -> None:
    if not path.is_file():
        raise CallError(
            Text("找不到文件“{path}”。", path=path), remedy=Text("请核对路径。"), where=Where(file=str(path))
        )


def _write(content: dict[str, Any], out: Path) -> None:
    text = json.dumps(content, ensure_ascii=False, indent=2) + "\n"
    if out == Path("-"):
        click.echo(text, nl=False)
        return
    try:
        out.write_text(text, encoding="utf-8")
    except OSError as fault:
        raise CallError(
            Text("无法写入 {path}：{reason}。", path=out, reason=fault.strerror or type(fault).__name__),
            remedy=Text("请换一个存在且可以写入的位置。"),
        ) from None


def _end(problems: tuple[Problem, ...]) -> None:
    if problems:
        _show_problems(problems)
        raise click.exceptions.Exit(1)


def _show_problems(problems: tuple[Problem, ...]) -> None:
    for problem in problems[:_SHOWN_PROBLEMS]:
        click.echo(str(problem), err=True)
    if len(problems) > _SHOWN_PROBLEMS:
        more = Text("……还有 {count} 处问题，见 --json 的输出。", count=len(problems) - _SHOWN_PROBLEMS)
        click.echo(str(more), err=True)


def _console() -> Console:
    """Return a console that is wide enough for a table where the output is not a terminal."""
    console = Console()
    return console if console.is_terminal else Console(width=_FILE_WIDTH)


def _heads(table: Table, *heads: Text) -> None:
    for head in heads:
        table.add_column(str(head), overflow="fold")


def _class_cell(rank: int | None, reason: ass.Reason | None = None) -> str:
    if rank is None:
        return f"[dim]{reason.text}[/dim]" if reason else "—"
    return f"[{_COLOURS[rank]}]{water_class(rank).label}[/]"


def _show_assessment(results: ass.Assessment, console: Console) -> None:
    for period in dict.fromkeys(result.period for result in results):
        table = Table(title=period.label, title_justify="left")
        _heads(
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


def _section_cells(result: ass.SectionResult) -> tuple[str, ...]:
    names = items()
    pollutants = (
        names[entry.item].name + (f"({entry.multiple})" if entry.multiple is not None else "")
        for entry in result.main_pollutants
    )
    verdict = result.attainment
    counts = [entry.counts for entry in result.items.values() if entry.decides_class]
    colour = _STATE_COLOURS.get(verdict.state.value, "dim")
    return (
        escape(result.name),
        _class_cell(result.rank, result.reason),
        water_class(result.rank).word if result.rank else "—",
        "、".join(names[key].name for key in result.deciding) or "—",
        "、".join(pollutants) or "—",
        _class_cell(verdict.target_class),
        f"[{colour}]{verdict.state.text}[/]",
        str(len(result.item_list)),
        f"{sum(count.entered for count in counts)}/{sum(count.total for count in counts)}",
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


_OUTCOMES = {
    ass.Outcome.OK: Text("[green]相符[/]"),
    ass.Outcome.DIFFERENT: Text("[red]不符[/]"),
    ass.Outcome.NOT_CHECKABLE: Text("[red]无法核对[/]"),
    ass.Outcome.NOT_CHECKED: Text("[dim]未核对[/]"),
}


def _show_report(report: ass.FileReport, console: Console, *, everything: bool) -> None:
    console.print(
        str(
            Text(
                "{path}（{layout}）：相符 {ok}，不符 {different}，无法核对 {lost}，未核对 {beside}",
                path=escape(report.path),
                layout=report.layout or Text("格式未知"),
                ok=report.count(ass.Outcome.OK),
                different=report.count(ass.Outcome.DIFFERENT),
                lost=report.count(ass.Outcome.NOT_CHECKABLE),
                beside=report.count(ass.Outcome.NOT_CHECKED),
            )
        ),
        style="red" if report.failed else "green",
    )
    if report.problem is not None:
        console.print(escape(str(report.problem)))
    shown = [check for check in report.checks if everything or check.outcome is not ass.Outcome.OK]
    if not shown:
        return
    table = Table()
    _heads(
        table,
        Text("行"),
        Text("算例"),
        Text("核对项"),
        Text("应为"),
        Text("实得"),
        Text("结果"),
        Text("说明"),
    )
    for check in shown:
        table.add_row(
            str(check.line),
            escape(check.case),
            check.what,
            escape(check.expected),
            escape(check.got),
            str(_OUTCOMES[check.outcome]),
            escape(str(check.note)) if check.note else "",
        )
    console.print(table)


def _show_explanation(chain: ass.Explanation, console: Console) -> None:
    item = items()[chain.result.item]
    title = f"{chain.section.name} {chain.section.period.label} {item.name} ({item.unit})"
    table = Table(title=escape(title), title_justify="left")
    _heads(table, Text("行"), Text("时间"), Text("原文"), Text("参与计算的值"), Text("用途"), Text("来源"))
    for row in chain.rows:
        table.add_row(
            "—" if row.row is None else str(row.row),
            row.time.isoformat(" ", "minutes"),
            escape(row.raw or ""),
            "—" if row.entered_as is None else f"{row.entered_as:f}",
            row.use,
            row.source,
        )
    console.print(table)
    for name, steps in ((Text("日均值"), chain.daily), (Text("月均值"), chain.monthly)):
        for step in steps:
            mean = "—" if step.mean is None else ass.mean_text(step.mean)
            console.print(f"{name} {step.label}: {mean} ({step.entered}/{step.total})")
    for name, text in chain.steps():
        console.print(f"[bold]{name}[/]: {escape(str(text))}")
