"""The import of a network (河网导入): read, checked as a whole, and a new version when it lands."""

from __future__ import annotations

import shutil
import zipfile
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa
from django.conf import settings
from django.db.models import Max
from django.urls import reverse

from bishui.errors import DataError, UnreadableFile, Where
from bishui.i18n import Bilingual, Text
from bishui.server.core import imports, registers
from bishui.server.core.models import ImportSession
from bishui.server.network.models import NetworkVersion

if TYPE_CHECKING:
    from bishui.network import NetworkFile, ReadingOptions

IMPORT_KIND = "network"
READER_VERSION = "network 1"
#: What is taken out of an archive: a Shapefile has several parts.
_PARTS = (".shp", ".shx", ".dbf", ".prj", ".cpg", ".gpkg", ".geojson", ".csv", ".inp")
_MAIN = (".shp", ".gpkg", ".geojson", ".csv", ".inp")
#: Findings that are kept with a version; the preview counts all of them.
_SHOWN = 50
_YES = registers.Choice("yes", Bilingual("是", "Yes"))
_NO = registers.Choice("no", Bilingual("否", "No"))

OPTIONS = (
    registers.Field(
        name="crs",
        type="text",
        label=Bilingual("坐标系", "Coordinate system"),
        help=Bilingual(
            "文件没有说明坐标系时填写，如 EPSG:4490。", "Where the file does not say it, e.g. EPSG:4490."
        ),
    ),
    registers.Field(
        name="cut_out",
        type="choice",
        label=Bilingual("下游不在文件中的河段作为出口", "Downstream ids outside the file are outlets"),
        help=Bilingual(
            "截取的局部河网选“是”；否则列为错误。",
            "Yes for a cut-out of a larger network; else they are faults.",
        ),
        required=True,
        choices=(_NO, _YES),
    ),
    registers.Field(
        name="equal_shares",
        type="choice",
        label=Bilingual("没有分流比的分汊平均分配", "Share bifurcations equally where no shares are given"),
        help=Bilingual("没有资料时的权宜之计，结果会写明。", "A makeshift; results say so."),
        required=True,
        choices=(_NO, _YES),
    ),
)


class NetworkImport:
    """The kind of import that brings a version of the network."""

    key = IMPORT_KIND
    label = Text("河网")
    right = "network.edit"
    take_back_right = "network.edit"
    options: Sequence[registers.Field] = OPTIONS
    preview_template = "network/import_preview.html"
    two_persons = False

    def template_url(self) -> str:
        """Return the address of an empty table of reaches."""
        return reverse("network:template")

    def read(self, session: ImportSession, progress: imports.Progress) -> imports.Reading:
        """Read and check the file; a network with any fault has nothing to commit."""
        from bishui.network import problems_of

        _check_city(session)
        file = read_stored(
            session.file.path, session.file.name, session.options, imports.staged(session, ".")
        )
        progress(1, 2)
        problems = problems_of(file)
        return imports.Reading(
            summary=_summary(file),
            reader_version=READER_VERSION,
            problems=problems,
            account=_account(file),
            has_content=not problems and len(file.reaches) > 0,
        )

    def store(self, session: ImportSession, progress: imports.Progress) -> None:
        """Nothing is kept beside the file itself."""

    def is_stored(self, session: ImportSession) -> bool:
        """Tell whether the version can be made: its file is there from the beginning."""
        return session.file.path.is_file()

    def record(self, session: ImportSession) -> None:
        """Make the version; it is in force from now on."""
        last = NetworkVersion.objects.filter(division=session.division).aggregate(last=Max("number"))["last"]
        summary = session.summary
        NetworkVersion(
            division=session.division,
            number=(last or 0) + 1,
            name=session.file.name,
            file=session.file,
            imported=session.pk,
            options=session.options,
            reaches=summary["reaches"],
            edges=summary["edges"],
            drawn=summary["with_geometry"],
            length_km=summary["length_km"],
            report={name: summary[name] for name in ("assumptions", "findings", "ignored_columns")},
            at=datetime.now(),
            by=session.created_by,
        ).save()

    def take_back(self, session: ImportSession) -> None:
        """Let the version count no more; the one before it is in force again."""
        version = NetworkVersion.objects.get(imported=session.pk)
        version.taken_back = True
        version.save()

    def settle(self, session: ImportSession) -> None:
        """Nothing waits: a network is read when it is first asked for."""


def _check_city(session: ImportSession) -> None:
    """Refuse a network of a county: water does not end at its border."""
    if session.division.strip("/").count("/"):
        raise DataError(
            Text("河网由市级统一导入，您的辖区是区县。"),
            remedy=Text("请由市级用户导入；区县可在位置核对中核定本辖区的点位。"),
        )


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


def _summary(file: NetworkFile) -> dict[str, Any]:
    report = file.as_dict()
    return {
        "reaches": report["reaches"],
        "edges": report["edges"],
        "with_geometry": report["with_geometry"],
        "length_km": round(float(file.reaches.length.sum()) / 1000.0, 1),
        "assumptions": report["assumptions"],
        "findings": report["findings"][:_SHOWN],
        "finding_count": len(report["findings"]),
        "ignored_columns": report["ignored_columns"],
    }


def _account(file: NetworkFile) -> pa.Table:
    """Return what became of each row of each table of the file."""
    rows = [
        {
            "file": account.file,
            "table": account.table or "",
            "row": row,
            "fate": str(fate.text),
            "why": str(why) if why is not None else "",
        }
        for account in file.accounts
        for row, fate, why in account.entries()
    ]
    schema = pa.schema(
        [
            ("file", pa.string()),
            ("table", pa.string()),
            ("row", pa.int64()),
            ("fate", pa.string()),
            ("why", pa.string()),
        ]
    )
    return pa.Table.from_pylist(rows, schema=schema)
