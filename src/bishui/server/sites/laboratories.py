"""Spreadsheets of laboratories: a mapping is guessed, confirmed by a person, and reads what comes later."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

from django.db.models import QuerySet

from bishui.errors import Conflict, DataError
from bishui.i18n import Text
from bishui.observations import Mapping, Sheet, guess_mapping, read_sheets
from bishui.server.core import audit, files, imports
from bishui.server.core.models import ImportSession, StoredFile
from bishui.server.sites import services
from bishui.server.sites.models import LaboratoryMapping
from bishui.server.sites.names import fold
from bishui.server.sites.queries import IMPORT_KIND

_HEAD_JOINT = " / "


def newest(known: QuerySet[LaboratoryMapping]) -> dict[str, LaboratoryMapping]:
    """Return the newest confirmed edition of each laboratory among `known`, by name."""
    confirmed = known.filter(edition__gt=0).order_by("laboratory", "edition")
    return {record.laboratory: record for record in confirmed}


def fitting(saved: Iterable[LaboratoryMapping], sheets: Sequence[Sheet]) -> list[LaboratoryMapping]:
    """Return the saved mappings whose heads all stand in one of the sheets."""
    cells = [{fold(cell) for row in sheet.preview for cell in row if cell} for sheet in sheets]
    return [
        record
        for record in saved
        if any(_heads(record.as_mapping()) <= here for here in cells) and record.mapping["columns"]
    ]


def _heads(mapping: Mapping) -> set[str]:
    parts = [part for column in mapping.columns for part in column.head.split(_HEAD_JOINT)]
    return {fold(part) for part in parts if part}


def start(
    mapping: LaboratoryMapping,
    file: StoredFile,
    *,
    division: str,
    actor: Any,
    where: str = "",
    day: date | None = None,
) -> ImportSession:
    """Open an import that reads a file by a confirmed mapping; a file that does not fit is refused there.

    Raises
    ------
    Conflict
        If nobody has confirmed the mapping.
    """
    if not mapping.edition:
        raise Conflict(
            Text("“{name}”的版式还没有确认。", name=mapping.laboratory), remedy=Text("请先核对并保存版式。")
        )
    options = {"unknown_sites": "reject", "mapping": str(mapping.pk), "laboratory": mapping.laboratory}
    if day is not None:
        options["date"] = day.isoformat()
    return imports.receive(
        IMPORT_KIND,
        files.chunks_of(file.path),
        file.name,
        division=division,
        actor=actor,
        where=where,
        options=options,
    )


def guess(
    file: StoredFile, laboratory: str, *, division: str, actor: Any, where: str = ""
) -> LaboratoryMapping:
    """Keep a guess of how a laboratory writes its spreadsheets; it reads nothing before it is confirmed.

    Raises
    ------
    DataError
        If the laboratory has no name; with the heads that were found if no sheet is a table of results.
    """
    name = laboratory.strip()
    if not name:
        raise DataError(Text("没有填写化验室名称。"), remedy=Text("请填写出具该表格的化验室或监测站。"))
    found = guess_mapping(read_sheets(file.path, name=file.name), name=name, file=file.name)
    with audit.action("sites.mapping_guessed", actor=actor, where=where, division=division, name=name):
        record = LaboratoryMapping(
            division=division,
            laboratory=name[:120],
            mapping=found.mapping.as_dict(),
            findings=[problem.as_dict() for problem in found.findings],
            file=file,
            made_by=services.name_of(actor),
            made_at=services.now(),
        )
        record.save()
    return record


def confirm(record: LaboratoryMapping, mapping: Mapping, *, actor: Any, where: str = "") -> None:
    """Save a guess, as a person corrected it, as the next edition of its laboratory.

    Raises
    ------
    Conflict
        If it was confirmed before.
    """
    if record.edition:
        raise Conflict(
            Text("该版式已由 {by} 确认。", by=record.confirmed_by),
            remedy=Text("请上传文件，另行识别新的版式。"),
        )
    if not any(column.role in ("result", "value") for column in mapping.columns) and mapping.kind != "across":
        raise DataError(Text("没有一列是监测结果。"), remedy=Text("请至少把一列设为“监测结果”并选择项目。"))
    former = LaboratoryMapping.objects.filter(division=record.division, laboratory=record.laboratory)
    edition = 1 + max(former.values_list("edition", flat=True), default=0)
    with audit.action(
        "sites.mapping_saved",
        actor=actor,
        where=where,
        division=record.division,
        name=record.laboratory,
        edition=edition,
    ):
        record.mapping, record.edition = mapping.as_dict(), edition
        record.confirmed_by, record.confirmed_at = services.name_of(actor), services.now()
        record.save()


def discard(record: LaboratoryMapping, *, actor: Any, where: str = "") -> None:
    """Put a guess aside that nobody confirmed; its file stays."""
    if record.edition:
        raise Conflict(Text("已确认的版式不能删除。"), remedy=Text("请识别并保存新的一版，旧版保留备查。"))
    with audit.action(
        "sites.mapping_discarded", actor=actor, where=where, division=record.division, name=record.laboratory
    ):
        record.delete()


def differences(former: Mapping, mapping: Mapping) -> list[Text]:
    """Return in what `mapping` differs from the former edition, column by column."""
    before = {fold(column.head): column for column in former.columns}
    after = {fold(column.head): column for column in mapping.columns}
    found = [Text("少了列“{head}”", head=before[key].head) for key in before if key not in after]
    found += [Text("多了列“{head}”", head=after[key].head) for key in after if key not in before]
    for key in before.keys() & after.keys():
        old, new = before[key], after[key]
        if (old.role, old.item) != (new.role, new.item):
            found.append(Text("列“{head}”的含义不同", head=new.head))
        if (old.unit or "") != (new.unit or ""):
            found.append(
                Text(
                    "列“{head}”的单位由“{old}”变为“{new}”",
                    head=new.head,
                    old=old.unit or "—",
                    new=new.unit or "—",
                )
            )
    for label, old_value, new_value in (
        (Text("表格形式"), former.kind, mapping.kind),
        (Text("采样日期的位置"), former.date, mapping.date),
        (Text("点位名称的位置"), former.site, mapping.site),
    ):
        if old_value != new_value:
            found.append(Text("{label}不同", label=label))
    return found
