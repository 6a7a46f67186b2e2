"""The commands that take the register of outfalls in and give it out, by the same doors as its pages."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from bishui.errors import CallError
from bishui.i18n import Text
from bishui.server.console import city_named, city_option, platform, prepare, run_import

if TYPE_CHECKING:
    from bishui.server.outfalls.exchange.mapping import ExchangeMapping

#: The columns of our own template.
OWN = "own"


@click.command(
    "import", help="导入排污口：XLSX、CSV、GeoPackage、GeoJSON、Shapefile 压缩包。 Import outfalls."
)
@click.argument("file", type=click.Path(path_type=Path))
@city_option
@click.option(
    "--system", default=OWN, help="文件由哪个外部系统导出；不写即本系统的模板。 Whose columns it has."
)
@platform
def import_outfalls(file: Path, city: str | None, system: str) -> None:
    """Import outfalls; rejected cells are listed with row and column, and the rest is imported."""
    if system != OWN:
        _mapping(system)
    run_import("register:outfalls", file, city, {"mapping": system})


@click.command("export", help="导出排污口台账：.xlsx、.gpkg、.geojson、.zip（Shapefile）。 Export outfalls.")
@click.argument("out", type=click.Path(path_type=Path))
@city_option
@click.option(
    "--system", default=OWN, help="写成某外部系统的列和用语（.xlsx）。 In an outside system's columns."
)
@platform
def export_outfalls(out: Path, city: str | None, system: str) -> None:
    """Write the outfalls of a city to a file; its ending says which kind."""
    from bishui.server.outfalls.exchange.writing import ENDINGS, mapped_workbook, register_file
    from bishui.server.outfalls.queries_supervision import not_merged

    ending = out.suffix.casefold().removeprefix(".")
    known = ENDINGS if system == OWN else ("xlsx",)
    if ending not in known:
        raise CallError(
            Text("不能写成“{name}”这样的文件。", name=out.name),
            remedy=Text("文件名应以 {endings} 结尾。", endings="、".join(f".{each}" for each in known)),
        )
    mapping = None if system == OWN else _mapping(system)
    out.touch()  # a place that cannot be written is told before the register is read
    prepare()
    outfalls = list(not_merged().filter(division__startswith=city_named(city)).order_by("code"))
    out.write_bytes(mapped_workbook(outfalls, mapping) if mapping else register_file(outfalls, ending))
    click.echo(str(Text("{file}：{count} 个排污口", file=str(out), count=len(outfalls))))


def _mapping(system: str) -> ExchangeMapping:
    """Return the mapping of an outside system.

    Raises
    ------
    CallError
        With the systems there are.
    """
    from bishui.server.outfalls.exchange.mapping import mappings

    known = mappings()
    if system not in known:
        listed = "、".join(f"{key} {mapping.title}" for key, mapping in known.items())
        raise CallError(
            Text("没有外部系统“{system}”的字段对照表。", system=system),
            remedy=Text("可用的：{listed}。", listed=listed),
        )
    return known[system]
