"""``bishui area``: rivers, lakes, basins and divisions from tables on disk."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from bishui import assessment as ass
from bishui.cli.assess import (
    Judging,
    assessed,
    background_option,
    class_cell,
    deductions_of,
    item_list_option,
    override_of,
    override_option,
    periods_of,
    pollutants_text,
)
from bishui.cli.output import write_json
from bishui.cli.settings import Settings, settings_of
from bishui.cli.tables import (
    PATH,
    add_heads,
    end_with,
    file_option,
    read_measurements,
    read_others,
    table_options,
    wide_console,
    write_results,
)
from bishui.errors import CallError
from bishui.i18n import Text
from bishui.observations import read_members
from bishui.standards import Override, items, water_class

_LAKE = "lake"
_INFLOW = "inflow"
#: Rules whose settings ``--set`` reaches beside those of the method.
_RULES = ("area_status", "shares", "lake", "change")


@click.command(
    "area",
    help="按水体、流域或行政区评价水质状况、优良比例和变化。 "
    "Assess rivers, lakes, basins or divisions: status, shares, change.",
)
@click.argument("table", type=PATH)
@table_options
@click.option(
    "--by",
    type=click.Choice(["water", "basin", "division"]),
    default="water",
    show_default=True,
    help="分组：水体、流域（点位表的“水体”“流域”列）或行政区划。 Group by water, basin or division.",
)
@click.option("--period", required=True, help="时段，如 2021、2021-Q2、2021-01~04。 Period.")
@click.option("--compare", help="与另一时段比较，如 2020。 Compare with another period.")
@item_list_option
@background_option
@click.option(
    "--sum-to-100", "forced", is_flag=True, help="各类比例之和强制为 100。 Force shares to total 100."
)
@override_option
@file_option
@click.option("--json", "out", type=PATH, help="把结果写成 JSON；“-”为标准输出。 Write JSON; “-” is stdout.")
def area(
    *,
    table: Path,
    sites: Path | None,
    targets: Path | None,
    flags: Path | None,
    year: int | None,
    settings: tuple[str, ...],
    by: str,
    period: str,
    compare: str | None,
    item_list: str | None,
    background: Path | None,
    override: Path | None,
    forced: bool,
    export: Path | None,
    out: Path | None,
) -> None:
    """Assess TABLE by group; exit with 1 if some of its rows could not be read."""
    if sites is None:
        raise CallError(
            Text("没有给出点位表。"), remedy=Text("请用 --sites 给出点位表，写明水体类型和所在水体。")
        )
    wanted = [_one_period(text) for text in (period, compare) if text]
    given, own = settings_of(settings, _RULES, wanted[0].last_day), override_of(override)
    others = read_others(sites, targets, flags)
    measurements, problems = read_measurements(table, year)
    results = assessed(measurements, others, wanted, Judging(given.method, item_list, own))
    rows = others[0].to_pylist() if others[0] is not None else []
    judging = _Judging(_groups(sites, rows, by), given, own, {"sum_to_100": True} if forced else {})
    judged = [judging.statuses(results, entry) for entry in wanted]
    changes = _changes(judged[1], judged[0], own, given.of("change")) if len(judged) > 1 else {}
    without = {}
    if background is not None:
        without = judging.statuses(_deducted(results, wanted[0], background, judging), wanted[0])
    write_results(_rows(judged[0], changes), None, export)
    if out is not None:
        content = [_as_dict(status, changes, without) for status in judged[0].values()]
        write_json({"areas": content, "problems": [problem.as_dict() for problem in problems]}, out)
    if out != Path("-"):
        _show([*judged[0].values()], changes, wide_console())
        if without:
            wide_console().print(str(Text("扣除自然本底后：")))
            _show([*without.values()], {}, wide_console())
    end_with(problems)


Status = ass.AreaStatus | ass.LakeStatus


def _one_period(text: str) -> ass.Period:
    (wanted,) = periods_of(text)
    if isinstance(wanted, ass.Period) and wanted.kind is not ass.PeriodKind.READING:
        return wanted
    raise CallError(
        Text("“{text}”不是一个时段。", text=text), remedy=Text("请写一个时段，如 2021、2021-Q2、2021-01~04。")
    )


@dataclass(frozen=True, slots=True)
class _Groups:
    """The group of each site, the role of those that have one, and what the groups are."""

    by: str
    of: Mapping[str, str]
    roles: Mapping[str, str]


def _groups(path: Path, rows: Sequence[Mapping[str, Any]], by: str) -> _Groups:
    if by == "division":
        return _Groups(
            by, _not_empty({row["id"]: row["division"] for row in rows if row["division"]}, by), {}
        )
    members = read_members(path).to_pylist()
    group = {row["id"]: row[by] for row in members if row[by]}
    roles = {row["id"]: row["role"] for row in members if row["role"]}
    return _Groups(by, _not_empty(group, by), roles)


def _not_empty(group: dict[str, str], by: str) -> dict[str, str]:
    if group:
        return group
    column = {"water": Text("水体"), "basin": Text("流域"), "division": Text("行政区划")}[by]
    raise CallError(
        Text("点位表没有“{column}”列，或该列是空的。", column=column),
        remedy=Text("请在点位表里补上这一列，或换一种 --by。"),
    )


@dataclass(frozen=True, slots=True)
class _Judging:
    """How groups of sections are judged."""

    groups: _Groups
    given: Settings
    override: Override | None
    options: Mapping[str, Any]

    def statuses(self, results: Iterable[ass.SectionResult], period: ass.Period) -> dict[str, Status]:
        """Return the status of every group in a period."""
        members: dict[str, list[ass.SectionResult]] = {}
        for result in results:
            if result.period == period and result.site in self.groups.of:
                members.setdefault(self.groups.of[result.site], []).append(result)
        return {name: self._status(name, sections) for name, sections in sorted(members.items())}

    def _status(self, name: str, sections: Sequence[ass.SectionResult]) -> Status:
        """Return one status; a water of lake points only, beside its inflow, is a lake."""
        roles = self.groups.roles
        by: dict[str, Any] = {"method": self.given.method, "override": self.override}
        inside = [section for section in sections if roles.get(section.site) != _INFLOW]
        if self.groups.by == "water" and inside and all(section.water_type == _LAKE for section in inside):
            return ass.lake_status(name, sections, roles=roles, **by, **self.given.of("lake"))
        options = self.given.of("area_status") | self.given.of("shares") | dict(self.options)
        administrative = self.groups.by == "division"
        return ass.area_status(name, sections, administrative=administrative, **by, **options)


def _deducted(
    results: Iterable[ass.SectionResult], period: ass.Period, background: Path, judging: _Judging
) -> list[ass.SectionResult]:
    """Return the results of a period without natural background."""
    here = [result for result in results if result.period == period]
    entries = deductions_of(here, background, judging.given.method, judging.override)
    found = {entry.measured.site: entry.deducted for entry in entries}
    return [found.get(result.site, result) for result in here]


def _changes(
    before: Mapping[str, Status],
    after: Mapping[str, Status],
    override: Override | None,
    settings: Mapping[str, Any],
) -> dict[str, ass.Change]:
    changes = {}
    for name, later in after.items():
        earlier = before.get(name)
        if isinstance(earlier, ass.AreaStatus) and isinstance(later, ass.AreaStatus):
            changes[name] = ass.area_change(earlier, later, override=override, **settings)
        elif isinstance(earlier, ass.LakeStatus) and isinstance(later, ass.LakeStatus):
            two = (earlier.as_section(), later.as_section())
            changes[name] = ass.section_change(*two, override=override, **settings)
    return changes


def _rows(found: Mapping[str, Status], changes: Mapping[str, ass.Change]) -> list[dict[str, Any]]:
    """Return the rows of a file: each status with its shares and rates, then its change."""
    rows: list[dict[str, Any]] = []
    for name, status in found.items():
        rows += ass.rows_of(status)
        if isinstance(status, ass.AreaStatus):
            rows += ass.figure_rows(status)
        if name in changes:
            rows += ass.rows_of(changes[name])
    return rows


def _as_dict(
    status: Status, changes: Mapping[str, ass.Change], without: Mapping[str, Status]
) -> dict[str, Any]:
    kind = "area" if isinstance(status, ass.AreaStatus) else "lake"
    change = changes.get(status.name)
    found = {"kind": kind, **status.as_dict(), "change": change.as_dict() if change else None}
    if status.name in without:
        found["without_background"] = _as_dict(without[status.name], {}, {})
    return found


def _show(found: Sequence[Status], changes: Mapping[str, ass.Change], console: Console) -> None:
    table = Table(title=found[0].period.label if found else "", title_justify="left")
    add_heads(
        table,
        Text("名称"),
        Text("已评价/断面数"),
        Text("方法"),
        Text("类别"),
        Text("状况"),
        Text("优良比例"),
        Text("劣Ⅴ类比例"),
        Text("达标率"),
        Text("主要污染指标"),
        Text("营养状态"),
        Text("变化"),
    )
    for status in found:
        change = changes.get(status.name)
        cells = _area_cells(status) if isinstance(status, ass.AreaStatus) else _lake_cells(status)
        table.add_row(escape(status.name), *cells, str(change.text) if change else "—")
    console.print(table)
    for name, change in changes.items():
        for warned in change.warnings:
            console.print(f"{escape(name)}: {warned.text}")


def _area_cells(status: ass.AreaStatus) -> tuple[str, ...]:
    by_means = status.by is ass.By.MEANS
    names = items()
    pollutants = (
        pollutants_text(status.pooled.main_pollutants if status.pooled else ())
        if by_means
        else "、".join(f"{names[entry.item].name}({entry.percent}%)" for entry in status.main_pollutants)
    )
    rates = (
        _percent_text(status.percent(kind), *status.parts(kind))
        for kind in (ass.RateKind.GOOD, ass.RateKind.WORST, ass.RateKind.ATTAINED)
    )
    return (
        f"{status.evaluated}/{len(status.sections)}",
        str(Text("均值")) if by_means else str(Text("比例")),
        class_cell(status.rank, status.reason),
        status.status.word if status.status else "—",
        *rates,
        pollutants or "—",
        "—",
    )


def _percent_text(percent: object, part: int, whole: int) -> str:
    return "—" if percent is None else f"{percent}% ({part}/{whole})"


def _lake_cells(status: ass.LakeStatus) -> tuple[str, ...]:
    total = len(status.points) + len(status.not_evaluated)
    pollutants = status.pooled.main_pollutants if status.pooled else ()
    trophic = status.trophic
    grade = "—"
    if trophic is not None:
        official = "" if trophic.official else str(Text("（非正式，缺项）"))
        grade = f"{trophic.rounded} {trophic.grade}{official}"
    return (
        f"{len(status.points)}/{total}",
        str(Text("点位均值")),
        class_cell(status.rank, status.reason),
        water_class(status.rank).word if status.rank else "—",
        "—",
        "—",
        "—",
        pollutants_text(pollutants) or "—",
        grade,
    )
