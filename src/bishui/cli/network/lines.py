"""``bishui network build | check | up | down | snap``: a network from a file, and who lies where on it."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import click
from rich.markup import escape
from rich.table import Table

from bishui.cli.network.options import (
    checked_chainage,
    existing,
    json_option,
    opened,
    reading_options,
    sound,
    working,
)
from bishui.cli.output import write_json
from bishui.cli.tables import PATH, add_heads, end_with, wide_console
from bishui.errors import CallError
from bishui.i18n import Text
from bishui.network import (
    Load,
    NetworkFile,
    ReachKind,
    ReadingOptions,
    Section,
    Snap,
    problems_of,
    read_loads,
    read_points,
    read_sections,
    snap_points,
    write_network,
)
from bishui.network.settings import Settings, settings

KIND_TEXTS = {
    ReachKind.RIVER: Text("河流"),
    ReachKind.CANAL: Text("渠道"),
    ReachKind.CHANNEL: Text("排污通道"),
    ReachKind.LAKE: Text("湖泊"),
    ReachKind.RESERVOIR: Text("水库"),
    ReachKind.TIDAL: Text("感潮河段"),
    ReachKind.DRY: Text("干涸河段"),
}
_SHOWN = 20


@click.command(
    "build",
    help="读入、核对并写出河网。 "
    "Read a network (table, GeoPackage, Shapefile, GeoJSON, SWMM), check it and write it.",
)
@click.argument("file", type=PATH)
@click.option(
    "-o", "--out", "target", type=PATH, help="写到 .gpkg、.geojson 或 .csv。 Where to write the network."
)
@reading_options
@json_option
def build(*, file: Path, target: Path | None, reading: ReadingOptions, out: Path | None) -> None:
    """Read FILE and write it; exit with 1 and the list if something is wrong, and write nothing then."""
    read = opened(file, reading)
    problems = problems_of(read)
    if target is not None and not problems:
        with working(Text("正在写出 {path} …", path=target.name)):
            write_network(read, target)
    _report(read, problems, out, str(target) if target is not None and not problems else None)


@click.command(
    "check",
    help="核对河网文件，列出全部错误、疑点和假定值。 Check a network file: every fault, doubt and guess.",
)
@click.argument("file", type=PATH)
@reading_options
@json_option
def check(*, file: Path, reading: ReadingOptions, out: Path | None) -> None:
    """Check FILE; exit with 1 and the list if something is wrong."""
    read = opened(file, reading)
    _report(read, problems_of(read), out, None)


def _report(read: NetworkFile, problems: tuple[Any, ...], out: Path | None, written: str | None) -> None:
    if out is not None:
        content = read.as_dict() | {
            "problems": [problem.as_dict() for problem in problems],
            "written": written,
        }
        write_json(content, out)
    if out != Path("-"):
        _show_report(read, written)
    end_with(problems)


def _show_report(read: NetworkFile, written: str | None) -> None:
    console = wide_console()
    table = Table(title=escape(read.origin.file), title_justify="left")
    add_heads(table, Text("行"), *(fate.text for fate in next(iter(read.accounts)).counts()))
    for account in read.accounts:
        counts = account.counts()
        table.add_row(str(sum(counts.values())), *(str(count) for count in counts.values()))
    console.print(table)
    summary = Text(
        "{reaches} 个河段，{edges} 条上下游关系，{lines} 个有线形。",
        reaches=len(read.reaches),
        edges=len(read.edges.upstream),
        lines=read.as_dict()["with_geometry"],
    )
    console.print(str(summary))
    for assumption in read.assumptions:
        console.print(f"[{'yellow' if assumption.guess else 'dim'}]{escape(str(assumption.text))}[/]")
    for finding in read.findings[:_SHOWN]:
        console.print(f"[yellow]{escape(str(finding))}[/]")
    if len(read.findings) > _SHOWN:
        console.print(str(Text("……还有 {count} 处，见 --json 的输出。", count=len(read.findings) - _SHOWN)))
    if read.ignored_columns:
        console.print(str(Text("没有读取的列：{heads}", heads=escape("、".join(read.ignored_columns)))))
    if written is not None:
        console.print(str(Text("已写出 {path}", path=escape(written))))


def _places_options(command: Callable[..., Any]) -> Callable[..., Any]:
    options = (
        click.option(
            "--at",
            "chainage",
            type=float,
            help="里程（m，从河段上端起算）；默认为下端（上游）或上端（下游）。 Chainage, m from the top.",
        ),
        click.option("--loads", type=PATH, help="排口表。 Outfalls."),
        click.option("--sections", type=PATH, help="断面表。 Sections."),
    )
    return functools.reduce(lambda wrapped, option: option(wrapped), reversed(options), command)


@click.command(
    "up", help="某河段（点）的上游：河段、排口、断面。 What lies upstream of a reach or a point on it."
)
@click.argument("file", type=PATH)
@click.argument("reach")
@_places_options
@reading_options
@json_option
def up(**given: Any) -> None:
    """List what lies upstream of REACH."""
    _list_side(upstream=True, **given)


@click.command(
    "down", help="某河段（点）的下游：河段、排口、断面。 What lies downstream of a reach or a point on it."
)
@click.argument("file", type=PATH)
@click.argument("reach")
@_places_options
@reading_options
@json_option
def down(**given: Any) -> None:
    """List what lies downstream of REACH."""
    _list_side(upstream=False, **given)


def _list_side(
    *,
    file: Path,
    reach: str,
    chainage: float | None,
    loads: Path | None,
    sections: Path | None,
    reading: ReadingOptions,
    out: Path | None,
    upstream: bool,
) -> None:
    read, network = sound(file, reading)
    row = read.row_of(reach)
    at = checked_chainage(read, row, chainage, default=float(read.reaches.length[row]) if upstream else 0.0)
    rows = (network.upstream(row) if upstream else network.downstream(row)).tolist()
    there: dict[str, Sequence[Load | Section]] = {
        "loads": read_loads(existing(loads), read) if loads else (),
        "sections": read_sections(existing(sections), read) if sections else (),
    }
    content = {
        "reach": reach,
        "chainage_m": at,
        "side": "upstream" if upstream else "downstream",
        "reaches": [reach_dict(read, other) for other in rows],
        **{
            kind: [
                {"key": place.key, "reach": str(read.reaches.ids[place.reach]), "chainage_m": place.chainage}
                for place in places
                if _lies(place, row, at, set(rows), upstream=upstream)
            ]
            for kind, places in there.items()
        },
    }
    if out is not None:
        write_json(content, out)
    if out != Path("-"):
        _show_side(content)


def _lies(place: Load | Section, row: int, at: float, rows: set[int], *, upstream: bool) -> bool:
    if place.reach != row:
        return place.reach in rows
    return place.chainage <= at if upstream else place.chainage >= at


def reach_dict(file: NetworkFile, row: int) -> dict[str, Any]:
    """Return what a list says of a reach."""
    return {
        "id": file.reaches.ids[row].item(),
        "name": file.names[row],
        "kind": ReachKind(int(file.reaches.kind[row])).name.lower(),
        "length_m": float(file.reaches.length[row]),
    }


def _show_side(content: Mapping[str, Any]) -> None:
    console = wide_console()
    table = Table()
    add_heads(table, Text("河段"), Text("名称"), Text("类型"), Text("长度（km）"))
    for entry in content["reaches"]:
        kind = str(KIND_TEXTS[ReachKind[entry["kind"].upper()]])
        table.add_row(
            escape(str(entry["id"])), escape(entry["name"]), kind, f"{entry['length_m'] / 1000:.3f}"
        )
    console.print(table)
    total = sum(entry["length_m"] for entry in content["reaches"]) / 1000
    console.print(
        str(Text("共 {count} 个河段，{length} km。", count=len(content["reaches"]), length=f"{total:.1f}"))
    )
    for kind, name in (("loads", Text("排口")), ("sections", Text("断面"))):
        if content[kind]:
            listed = "、".join(
                f"{entry['key']}（{entry['reach']} {entry['chainage_m']:.0f} m）" for entry in content[kind]
            )
            console.print(f"{name}：{escape(listed)}")


@click.command(
    "snap",
    help="把带经纬度的排口、断面挂接到河段：里程、距离、把握、候选。 "
    "Place points on reaches: chainage, distance, confidence, candidates.",
)
@click.argument("file", type=PATH)
@click.argument("points", type=PATH)
@click.option(
    "--limit", type=float, help="自动挂接的最大距离（m）。 Farthest distance that is snapped by itself."
)
@reading_options
@json_option
def snap(*, file: Path, points: Path, limit: float | None, reading: ReadingOptions, out: Path | None) -> None:
    """Place POINTS on the reaches of FILE; exit with 1 if a place is not certain."""
    read = opened(file, reading)
    if not read.has_geometry:
        raise CallError(
            Text("“{file}”没有线形，不能挂接。", file=read.origin.file), remedy=Text("请给出带线形的河网。")
        )
    chosen = settings("snapping") if limit is None else settings("snapping", limit_m=limit)
    with working(Text("正在挂接 …")):
        found = snap_points(read_points(existing(points)), read, chosen)
    ids = [str(name) for name in read.reaches.ids.tolist()]
    if out is not None:
        write_json({"settings": chosen.as_dict(), "points": [_snap_dict(entry, ids) for entry in found]}, out)
    if out != Path("-"):
        _show_snaps(found, ids, chosen)
    if any(entry.doubts for entry in found):
        raise click.exceptions.Exit(1)


def _snap_dict(found: Snap, ids: Sequence[str]) -> dict[str, Any]:
    content = found.as_dict()
    for candidate in content["candidates"]:
        candidate["reach"] = ids[candidate["reach"]]
    return content


def _show_snaps(found: Sequence[Snap], ids: Sequence[str], chosen: Settings) -> None:
    table = Table()
    add_heads(
        table,
        Text("编号"),
        Text("河段"),
        Text("里程（m）"),
        Text("距离（m）"),
        Text("疑点"),
        Text("其他候选"),
    )
    for entry in found:
        first = entry.candidates[0] if entry.candidates else None
        doubts = "、".join(str(doubt.text) for doubt in entry.doubts)
        others = "；".join(f"{ids[other.reach]} {other.distance:.0f} m" for other in entry.candidates[1:])
        place = entry.place
        table.add_row(
            escape(entry.key),
            escape(ids[place.reach]) if place else "—",
            f"{place.chainage:.0f}" if place else "—",
            f"{first.distance:.1f}" if first else "—",
            f"[yellow]{escape(doubts)}[/]" if doubts else "",
            escape(others),
        )
    console = wide_console()
    console.print(table)
    console.print(str(Text("自动挂接的最大距离 {limit} m。", limit=f"{chosen.number('limit_m'):g}")))
