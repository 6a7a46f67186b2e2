"""``bishui rank``: cities or sections by the comprehensive water quality index (城市水质指数 CWQI)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import click
import pyarrow as pa
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from bishui import assessment as ass
from bishui.cli.assess import override_of, override_option
from bishui.cli.output import write_json
from bishui.cli.settings import settings_of
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
from bishui.errors import DataError
from bishui.i18n import Text
from bishui.standards import Method, Override, Rules, items


@click.command(
    "rank",
    help="按水质指数（CWQI）排名：城市（点位表的 division 列）或断面；--base 给出基准时段时按变化程度排名。 "
    "Rank cities (the sites' division) or sections by their index, or by its change against a base period.",
)
@click.argument("table", type=PATH)
@table_options
@click.option("--period", required=True, help="时段，如 2020-01~06。 Period, e.g. 2020-01~06.")
@click.option("--base", help="基准时段，如 2019-01~06。 Base period; ranks by change.")
@click.option(
    "--by",
    type=click.Choice(["city", "section"]),
    default="city",
    show_default=True,
    help="排名对象。 What is ranked.",
)
@click.option(
    "--open",
    "opened",
    metavar="NAME",
    help="把一个对象的指数展开到各项、各断面的数据行。 Open one sum down to its rows.",
)
@override_option
@file_option
@click.option("--json", "out", type=PATH, help="把结果写成 JSON；“-”为标准输出。 Write JSON; “-” is stdout.")
def rank(
    *,
    table: Path,
    sites: Path | None,
    targets: Path | None,
    flags: Path | None,
    year: int | None,
    settings: tuple[str, ...],
    override: Path | None,
    period: str,
    base: str | None,
    by: str,
    opened: str | None,
    export: Path | None,
    out: Path | None,
) -> None:
    """Rank what TABLE holds; exit with 1 if some of its rows could not be read, or nothing may be ranked."""
    wanted, before = ass.Period.parse(period), ass.Period.parse(base) if base else None
    given, own = settings_of(settings, ("cwqi",), wanted.last_day), override_of(override)
    used = _Used(given.rules("cwqi", wanted.last_day, own), given.method, own)
    chosen = used.rules
    others = read_others(sites, targets, flags)
    measurements, problems = read_measurements(table, year)
    if before is None:
        ranking = ass.rank_indices(_indices(measurements, others, wanted, by, used), chosen)
    else:
        now = _cities(measurements, others, wanted, used)
        ranking = ass.rank_changes(now, _cities(measurements, others, before, used), chosen)
    write_results((ass.period_cells(wanted) | row for row in ass.rows_of(ranking)), sites, export)
    if out is not None:
        content = ranking.as_dict() | {"period": wanted.label, "base": before.label if before else None}
        content["rules"] = chosen.as_dict()
        write_json(content | {"problems": [problem.as_dict() for problem in problems]}, out)
    if out != Path("-"):
        _show(ranking, wanted, before, wide_console())
        if opened is not None:
            named = measurements if others[0] is None else ass.with_ids(measurements, others[0])
            _open(ranking, opened, named)
    end_with(problems)


_Tables = tuple[pa.Table | None, pa.Table | None, pa.Table | None]


@dataclass(frozen=True, slots=True)
class _Used:
    """What the indices are made by."""

    rules: Rules
    method: Method | None
    override: Override | None

    def results(self, measurements: pa.Table, others: _Tables, period: ass.Period) -> ass.Assessment:
        """Assess the sections."""
        return ass.assess(measurements, *others, period=period, method=self.method, override=self.override)


def _indices(
    measurements: pa.Table, others: _Tables, period: ass.Period, by: str, used: _Used
) -> Iterable[ass.CityIndex | ass.QualityIndex]:
    if by == "city":
        return _cities(measurements, others, period, used)
    results = used.results(measurements, others, period)
    return [ass.section_index(result, used.rules, override=used.override) for result in results]


def _cities(measurements: pa.Table, others: _Tables, period: ass.Period, used: _Used) -> list[ass.CityIndex]:
    cities: dict[str, list[ass.SectionResult]] = {}
    for result in used.results(measurements, others, period):
        if result.division:
            cities.setdefault(result.division, []).append(result)
    if not cities:
        raise DataError(
            Text("没有断面属于任何城市，无法按城市排名。"),
            remedy=Text("请用 --sites 给出点位表，并在 division 列写明所属城市；或用 --by section。"),
        )
    return [
        ass.city_index(name, results, used.rules, override=used.override) for name, results in cities.items()
    ]


def _show(ranking: ass.IndexRanking, period: ass.Period, base: ass.Period | None, console: Console) -> None:
    title = Text("{period} 水质指数排名", period=period.label)
    if base is not None:
        title = Text("{period} 较 {base} 水质指数变化排名", period=period.label, base=base.label)
    table = Table(title=str(title), title_justify="left")
    add_heads(
        table, Text("名次"), Text("名称"), Text("变化程度（%）") if base else Text("水质指数"), Text("断面数")
    )
    for place in ranking.places:
        table.add_row(str(place.rank), escape(place.entry.name), str(place.printed), _sites(place.entry))
    console.print(table)
    names = "、".join(items()[key].name for key in ranking.items)
    console.print(str(Text("参评项目 {count} 项：{names}", count=len(ranking.items), names=names)))
    for name, reason in ranking.left_out.items():
        console.print(str(Text("未参加排名：{name}（{reason}）", name=escape(name), reason=reason.text)))


def _sites(entry: ass.Indexed) -> str:
    """Return k/n sites of a city, and 1 for a section."""
    city = entry.current if isinstance(entry, ass.IndexChange) else entry
    if not isinstance(city, ass.CityIndex):
        return "1"
    entered = sum(len(part.sites) for part in city.parts)
    return f"{entered}/{entered + len(city.left_out)}"


def _open(ranking: ass.IndexRanking, name: str, measurements: pa.Table) -> None:
    """Print what is behind one place: every item, its division, the rows of each section."""
    place = next((place for place in ranking.places if place.entry.name == name), None)
    if place is None:
        raise DataError(
            Text("排名里没有“{name}”。", name=name),
            remedy=Text("排名里有：{names}。", names="、".join(p.entry.name for p in ranking.places)),
        )
    for line in ass.open_result(place.entry, measurements).lines():
        click.echo(line)
