"""The import of a network (河网导入): read, checked as a whole, and a new version when it lands."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

import pyarrow as pa
from django.db.models import Max
from django.urls import reverse

from bishui.errors import DataError
from bishui.i18n import Bilingual, Text
from bishui.server.core import imports, registers
from bishui.server.core.models import ImportSession
from bishui.server.network.held import digest, keep
from bishui.server.network.models import NetworkVersion
from bishui.server.network.stored import read_stored

if TYPE_CHECKING:
    from bishui.network import NetworkFile

IMPORT_KIND = "network"
READER_VERSION = "network 1"
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
        if not problems:
            # The first page that computes on it need not read it again.
            keep(digest(session.file.sha256, session.options), file)
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
