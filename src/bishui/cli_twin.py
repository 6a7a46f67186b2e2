"""``bishui twin``: writes the invented city with its plan, measurements, network and known truth."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import click

from bishui.errors import CallError
from bishui.i18n import Text
from bishui.twin import City, build_city, measurement_files, network_files, truth_files, write_plan

_WRITERS: dict[str, Callable[[City, Path], dict[str, Path]]] = {
    "plan": write_plan,
    "measurements": measurement_files,
    "network": network_files,
    "truth": truth_files,
}


@click.command(
    "twin",
    help="生成虚构城市岚津市：计划（五种格式）及标准答案、监测数据表、河网、事件和任务进度。 "
    "Write the invented city: its plan in five formats with the known truth, measurements, network, events.",
)
@click.argument("outdir", type=click.Path(path_type=Path))
@click.option("--seed", type=int, default=1, show_default=True, help="随机种子。 Seed of weather and noise.")
@click.option("--size", default="small", show_default=True, help="规模：small 或 medium。 Size of the city.")
@click.option("--json", "as_json", is_flag=True, help="以 JSON 列出文件。 List the files as JSON.")
def twin(outdir: Path, seed: int, size: str, as_json: bool) -> None:
    """Write the invented city into `outdir`, one folder for each kind of file."""
    city = build_city(seed, size)
    written = {}
    for kind, write in _WRITERS.items():
        folder = outdir / kind
        if not as_json:
            click.echo(str(Text("正在写出 {folder} …", folder=folder)), err=True)
        written[kind] = {name: str(path) for name, path in _write(write, city, folder).items()}
    if as_json:
        click.echo(json.dumps(written, ensure_ascii=False, indent=1))
        return
    for paths in written.values():
        for path in paths.values():
            click.echo(path)


def _write(write: Callable[[City, Path], dict[str, Path]], city: City, folder: Path) -> dict[str, Path]:
    try:
        return write(city, folder)
    except OSError as error:
        raise CallError(
            Text("无法写入文件夹“{folder}”（{reason}）。", folder=folder, reason=error.strerror),
            remedy=Text("请换一个可以写入的文件夹，或检查权限和磁盘空间。"),
        ) from error
