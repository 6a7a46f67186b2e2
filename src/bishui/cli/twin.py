"""``bishui twin``: writes an invented city with known truth, the demonstration's or one of any size."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import click

from bishui.errors import CallError
from bishui.i18n import Text
from bishui.twin import SIZES, City, build_city, measurement_files, network_files, truth_files, write_plan

_WRITERS: dict[str, Callable[[City, Path], dict[str, Path]]] = {
    "plan": write_plan,
    "measurements": measurement_files,
    "network": network_files,
    "truth": truth_files,
}


@click.command(
    "twin",
    help="生成虚构城市。规模为 small 或 medium：岚津市的计划（五种格式）及答案、监测数据、河网、事件和进度；"
    "规模为断面个数：任意规模的河网、排污口、监测数据及全部真实情况。 "
    "Write an invented city: Lanjin with its plan, measurements, network and events, "
    "or with a number of sections as its size one of any size, and all that is true of it.",
)
@click.argument("outdir", type=click.Path(path_type=Path))
@click.option("--seed", type=int, default=1, show_default=True, help="随机种子。 Seed of all that is random.")
@click.option(
    "--size",
    default="small",
    show_default=True,
    metavar="SIZE",
    help="规模：small、medium 或断面个数，如 1000。 Size: small, medium or a number of sections, as 1000.",
)
@click.option(
    "--days",
    type=int,
    help="从年初起生成多少天（仅用于断面个数），默认全年。 Days of the year, of a city by number.",
)
@click.option("--json", "as_json", is_flag=True, help="以 JSON 列出文件。 List the files as JSON.")
def twin(outdir: Path, seed: int, size: str, days: int | None, as_json: bool) -> None:
    """Write the invented city into `outdir`, one folder for each kind of file."""
    written = (
        _lanjin(outdir, seed, size, days, as_json) if size in SIZES else _scaled(outdir, seed, size, days)
    )
    if as_json:
        click.echo(json.dumps(written, ensure_ascii=False, indent=1))
        return
    for paths in written.values():
        for path in paths.values():
            click.echo(path)


def _lanjin(outdir: Path, seed: int, size: str, days: int | None, quiet: bool) -> dict[str, dict[str, str]]:
    if days is not None:
        raise CallError(
            Text("岚津市的数据固定为一年，不能用 --days。"),
            remedy=Text("请去掉 --days，或把 --size 改为断面个数。"),
        )
    city = build_city(seed, size)
    written = {}
    for kind, write in _WRITERS.items():
        folder = outdir / kind
        if not quiet:
            click.echo(str(Text("正在写出 {folder} …", folder=folder)), err=True)
        written[kind] = {name: str(path) for name, path in _write(write, city, folder).items()}
    return written


def _scaled(outdir: Path, seed: int, size: str, days: int | None) -> dict[str, dict[str, str]]:
    # Solver and Parquet are loaded only for this.
    from bishui.twin.scaled import days_of_year, write_scaled

    if not (size.isascii() and size.isdigit()):
        raise CallError(
            Text("不认识的城市规模“{size}”。", size=size),
            remedy=Text("请改用 {sizes} 或断面个数（如 1000）。", sizes="、".join(SIZES)),
        )
    days = days_of_year() if days is None else days
    paths = _tried(lambda: write_scaled(int(size), seed, days, outdir), outdir)
    written: dict[str, dict[str, str]] = {}
    for name, path in paths.items():
        written.setdefault(path.parent.relative_to(outdir).name or "city", {})[name] = str(path)
    return written


def _write(write: Callable[[City, Path], dict[str, Path]], city: City, folder: Path) -> dict[str, Path]:
    return _tried(lambda: write(city, folder), folder)


def _tried(write: Callable[[], dict[str, Path]], folder: Path) -> dict[str, Path]:
    try:
        return write()
    except OSError as error:
        raise CallError(
            Text("无法写入文件夹“{folder}”（{reason}）。", folder=folder, reason=error.strerror),
            remedy=Text("请换一个可以写入的文件夹，或检查权限和磁盘空间。"),
        ) from error
