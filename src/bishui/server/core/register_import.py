"""A register's file in: the same columns as its template, previewed, committed as one, taken back as one."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import pyarrow as pa
from django.db import models
from django.urls import reverse

from bishui.errors import Conflict, Problem, UnknownLayout, Where
from bishui.i18n import Text
from bishui.observations import read_sheets
from bishui.server.core import imports, registers
from bishui.server.core.models import ImportSession
from bishui.server.core.records import OwnedRecord
from bishui.server.core.register_records import apply, find, parse_row, text_of

READER_VERSION = "register 1"


class RegisterImport:
    """The kind of import that fills one register."""

    options: Sequence[registers.Field] = ()
    preview_template = "core/register_preview.html"
    two_persons = False

    def __init__(self, register: registers.Register) -> None:
        self.register = register
        self.key = f"register:{register.key}"
        self.label = Text("{title}台账", title=register.title)
        self.right = self.take_back_right = register.edit_right

    def template_url(self) -> str:
        """Return the address of the empty template."""
        return reverse("core:register_export", args=[self.register.key]) + "?template=1"

    def read(self, session: ImportSession, progress: imports.Progress) -> imports.Reading:
        """Parse every row and tell new, changed and unchanged records apart."""
        rows: list[dict[str, Any]] = []
        written, misshapen = self._rows(session)
        problems = list(misshapen)
        fates = [(fault.where.row or 0, "rejected", fault.code) for fault in misshapen]
        seen: dict[str, int] = {}
        for number, raw in written:
            values, faults = parse_row(self.register, raw, Where(file=session.file.name, row=number))
            key = str(values.get(self.register.key_field, ""))
            faults += self._scope_faults(session, key, values, number)
            if key in seen:
                faults.append(_repeated(session, number, key, seen[key]))
            if faults:
                problems += faults
                fates.append((number, "rejected", faults[0].code))
                continue
            seen[key] = number
            fate = self._fate(key, values)
            fates.append((number, fate, key))
            if fate != "unchanged":
                rows.append(raw)
        imports.staged(session, "rows.json").write_text(json.dumps(rows, ensure_ascii=False), "utf-8")
        counts = {word: sum(fate == word for _, fate, _ in fates) for word in _FATES}
        return imports.Reading(
            summary={"register": self.register.key, "rows": len(fates), **counts},
            reader_version=READER_VERSION,
            problems=problems,
            account=_account(sorted(fates)),
            has_content=bool(rows),
        )

    def _rows(self, session: ImportSession) -> tuple[list[tuple[int, dict[str, str]]], Sequence[Problem]]:
        """Return each row's number with its texts by field, and the rows that have not a cell per head."""
        sheet = read_sheets(session.file.path, name=session.file.name)[0]
        fields = self._fields(session.file.name, (sheet.preview or [[]])[0])
        body = sheet.body(0)
        columns = [column.to_pylist() for column in body.columns]
        found = []
        for index, number in enumerate(body.rows.tolist()):
            texts = {field.name: columns[at][index] for at, field in enumerate(fields) if field is not None}
            if any(text.strip() for text in texts.values()):
                found.append((number, texts))
        return found, body.rejected

    def _fields(self, name: str, heads: Sequence[str]) -> list[registers.Field | None]:
        """Return the field of each column.

        Raises
        ------
        UnknownLayout
            If a required column is missing, or two columns mean one field.
        """
        fields = [self.register.field_of_head(head) for head in heads]
        named = [field.name for field in fields if field]
        remedy = Text("请下载本台账的模板，按模板的列名填写。")
        missing = [item.label.zh for item in self.register.fields if item.required and item.name not in named]
        if missing:
            what = Text("文件“{name}”缺少列：{missing}。", name=name, missing="、".join(missing))
            raise UnknownLayout(what, remedy=remedy)
        doubled = [item.label.zh for item in self.register.fields if named.count(item.name) > 1]
        if doubled:
            what = Text("文件“{name}”中有两列都是：{doubled}。", name=name, doubled="、".join(doubled))
            raise UnknownLayout(what, remedy=remedy)
        return fields

    def _scope_faults(
        self, session: ImportSession, key: str, values: dict[str, Any], number: int
    ) -> list[Problem]:
        """Refuse what would belong, or belongs already, to a division outside the session's."""
        record = apply(self.register, {k: v for k, v in values.items() if v is not None})
        former = find(self.register, key) if key else None
        divisions = {record.division, former.division if former else ""}
        return [
            Problem(
                "outside",
                Text("区划 {division} 不在本次导入的辖区之内。", division=division),
                Text("请在该区划所在的城市中导入。"),
                Where(file=session.file.name, row=number),
            )
            for division in sorted(divisions - {""})
            if not division.startswith(session.division)
        ]

    def _fate(self, key: str, values: dict[str, Any]) -> str:
        record = find(self.register, key)
        if record is None:
            return "created"
        before = {field.name: text_of(field, record) for field in self.register.fields}
        apply(self.register, values, record)
        after = {field.name: text_of(field, record) for field in self.register.fields}
        return "unchanged" if before == after else "changed"

    def store(self, session: ImportSession, progress: imports.Progress) -> None:
        """Nothing lies outside the records."""

    def is_stored(self, session: ImportSession) -> bool:
        """Nothing lies outside the records, so a half-done commit goes back to its review."""
        return False

    def record(self, session: ImportSession) -> None:
        """Save the rows and keep what was before, for the undo."""
        undo: list[dict[str, Any]] = []
        for raw in json.loads(imports.staged(session, "rows.json").read_text("utf-8")):
            values, faults = parse_row(self.register, raw)
            if faults:
                raise Conflict(faults[0].what, remedy=Text("请重新上传文件，再次预览。"))
            former = find(self.register, str(values[self.register.key_field]))
            before = {f.name: text_of(f, former) for f in self.register.fields} if former else None
            record = apply(self.register, values, former)
            record.save()
            undo.append({"id": str(record.pk), "version": record.version, "before": before})
        session.summary = {**session.summary, "undo": undo}

    def take_back(self, session: ImportSession) -> None:
        """Put every record back to what it was.

        Raises
        ------
        Conflict
            If somebody changed or uses one of the records since.
        """
        for step in reversed(session.summary["undo"]):
            record = self.register.model._default_manager.filter(pk=step["id"]).first()
            if record is None or record.version != step["version"]:
                raise Conflict(
                    Text("“{name}”在导入之后又被修改，不能整批撤回。", name=str(record or step["id"])),
                    remedy=Text("请在台账中逐条改回。"),
                )
            self._restore(record, step["before"])

    def settle(self, session: ImportSession) -> None:
        """Nothing waits for a register."""

    def _restore(self, record: OwnedRecord, before: dict[str, str] | None) -> None:
        if before is not None:
            values, faults = parse_row(self.register, before)
            if faults:
                raise Conflict(faults[0].what, remedy=faults[0].remedy)
            apply(self.register, values, record).save()
            return
        try:
            if record.is_used() or _is_referenced(self.register, record):
                raise _in_use(record)
            record.delete()
        except models.ProtectedError as error:
            raise _in_use(record) from error


_FATES = ("created", "changed", "unchanged", "rejected")


def _is_referenced(register: registers.Register, record: OwnedRecord) -> bool:
    """Tell whether a record of some register names `record` in one of its fields."""
    for other in registers.load_all().values():
        for field in other.fields:
            if field.register == register.key:
                value = getattr(record, field.stores or register.key_field)
                named = other.model._default_manager.filter(**{field.name: value})
                if named.exclude(pk=record.pk).exists():
                    return True
    return False


def _in_use(record: OwnedRecord) -> Conflict:
    return Conflict(
        Text("“{name}”已被其他记录使用，不能撤回。", name=str(record)),
        remedy=Text("请先处理引用它的记录。"),
    )


def _repeated(session: ImportSession, number: int, key: str, first: int) -> Problem:
    return Problem(
        "repeated-key",
        Text("“{key}”在第 {first} 行已经出现。", key=key, first=first),
        Text("请删除其中一行，或改正编码。"),
        Where(file=session.file.name, row=number),
        key,
    )


def _account(fates: list[tuple[int, str, str]]) -> pa.Table:
    return pa.table(
        {
            "row": pa.array([row for row, _, _ in fates], pa.int32()),
            "outcome": [fate for _, fate, _ in fates],
            "detail": [detail for _, _, detail in fates],
        }
    )


def register_kinds() -> None:
    """Make every register importable."""
    for register in registers.load_all().values():
        imports.register(RegisterImport(register))
