"""Reading a stored file as a network: under the name it was brought with, out of its archive."""

from __future__ import annotations

import shutil
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.conf import settings

from bishui.errors import UnreadableFile, Where
from bishui.i18n import Text

if TYPE_CHECKING:
    from bishui.network import NetworkFile, ReadingOptions

#: What is taken out of an archive: a Shapefile has several parts.
_PARTS = (".shp", ".shx", ".dbf", ".prj", ".cpg", ".gpkg", ".geojson", ".csv", ".inp")
_MAIN = (".shp", ".gpkg", ".geojson", ".csv", ".inp")


def read_stored(path: Path, name: str, options: dict[str, Any], folder: Path) -> NetworkFile:
    """Read a kept file as a network.

    Parameters
    ----------
    path, name
        Where its bytes lie, and what it was called: the ending says of what kind it is.
    options
        What was asked at the upload.
    folder
        A folder for the file under its name, or for the parts of an archive.

    Raises
    ------
    BishuiError
        As `bishui.network.read_network`.
    """
    from bishui.network import read_network

    folder = folder / "network"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    try:
        if Path(name).suffix.casefold() == ".zip":
            found = _unpacked(path, name, folder)
        else:
            found = folder / Path(name).name
            found.symlink_to(path.resolve())
        return read_network(found, _reading(options))
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _reading(options: dict[str, Any]) -> ReadingOptions:
    from bishui.network import ReadingOptions

    return ReadingOptions(
        crs=options.get("crs") or None,
        outside="outlet" if options.get("cut_out") == "yes" else "refuse",
        equal_shares=options.get("equal_shares") == "yes",
    )


def _unpacked(path: Path, name: str, folder: Path) -> Path:
    """Take the parts of one network out of an archive, by their last names only."""
    try:
        with zipfile.ZipFile(path) as archive:
            members = [
                entry
                for entry in archive.infolist()
                if not entry.is_dir() and Path(entry.filename).suffix.casefold() in _PARTS
            ]
            _check_archive(members, name)
            for entry in members:
                with archive.open(entry) as source, (folder / Path(entry.filename).name).open("wb") as target:
                    shutil.copyfileobj(source, target)
    except zipfile.BadZipFile as error:
        raise UnreadableFile(
            Text("“{name}”不是完好的压缩包。", name=name), remedy=Text("请重新压缩后上传。")
        ) from error
    return next(entry for entry in sorted(folder.iterdir()) if entry.suffix.casefold() in _MAIN)


def _check_archive(members: Sequence[zipfile.ZipInfo], name: str) -> None:
    main = [entry for entry in members if Path(entry.filename).suffix.casefold() in _MAIN]
    if len(main) != 1:
        raise UnreadableFile(
            Text("压缩包“{name}”中应有一个河网文件，找到 {count} 个。", name=name, count=len(main)),
            remedy=Text("请把一个 Shapefile 的各部分（.shp、.shx、.dbf、.prj）压缩在一起。"),
            where=Where(file=name),
        )
    if sum(entry.file_size for entry in members) > settings.UPLOAD_LIMIT:
        raise UnreadableFile(
            Text("压缩包“{name}”展开后太大。", name=name), remedy=Text("请按流域拆分，或改用 GeoPackage。")
        )
