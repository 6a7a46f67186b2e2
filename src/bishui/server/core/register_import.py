"""A register's file in: the same columns as its template, previewed, committed as one, taken back as one."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import pyarrow as pa
from django.db import IntegrityError, models
from django.urls import reverse

from bishui.errors import Conflict, DataError, Problem, UnknownLayout, Where
from bishui.i18n import Text
from bishui.observations import read_sheets
from bishui.server.core import imports, registers
from bishui.server.core.models import ImportSession
from bishui.server.core.records import OwnedRecord, Record
from bishui.server.core.register_records import Memory, apply, parse_row, remembering, texts_of

READER_VERSION = "register 2"


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
        written, misshapen = self._rows(session)
        raws = [raw for _, raw in written]
        sheet = _Sheet(self.register, session, misshapen, remembering(self.register, raws))
        known = self._known([raw.get(self.register.key_field, "") for raw in raws])
        with self.register.model.preparing(raws):
            for index, (number, raw) in enumerate(written):
                sheet.take(number, raw, known)
                progress(index + 1, len(written))
        imports.staged(session, "rows.json").write_text(json.dumps(sheet.rows, ensure_ascii=False), "utf-8")
        counts = {word: sum(fate == word for _, fate, _ in sheet.fates) for word in _FATES}
        return imports.Reading(
            summary={"register": self.register.key, "rows": len(sheet.fates), **counts},
            reader_version=READER_VERSION,
            problems=sheet.problems,
            account=_account(sorted(sheet.fates)),
            has_content=bool(sheet.rows),
        )

    def _known(self, keys: Iterable[str]) -> dict[str, OwnedRecord]:
        """Return the records that are there already, by key."""
        field = self.register.field(self.register.key_field)
        wanted = sorted({str(value) for key in keys if (value := registers.parse(field, key))})
        found: dict[str, OwnedRecord] = {}
        for start in range(0, len(wanted), _BATCH):
            named = {f"{field.name}__in": wanted[start : start + _BATCH]}
            for record in self.register.model._default_manager.filter(**named):
                found[str(getattr(record, field.name))] = record
        return found

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

    def store(self, session: ImportSession, progress: imports.Progress) -> None:
        """Nothing lies outside the records."""

    def is_stored(self, session: ImportSession) -> bool:
        """Nothing lies outside the records, so a half-done commit goes back to its review."""
        return False

    def record(self, session: ImportSession) -> None:
        """Save the rows and keep what was before, for the undo."""
        raws = json.loads(imports.staged(session, "rows.json").read_text("utf-8"))
        known = self._known([raw.get(self.register.key_field, "") for raw in raws])
        memory = remembering(self.register, raws)
        undo: list[dict[str, Any]] = []
        new: list[OwnedRecord] = []
        with self.register.model.preparing(raws):
            for raw in raws:
                values, faults = parse_row(self.register, raw, memory=memory)
                if faults:
                    raise Conflict(faults[0].what, remedy=Text("请重新上传文件，再次预览。"))
                former = known.get(str(values.get(self.register.key_field) or ""))
                before = texts_of(self.register, former) if former else None
                record = apply(self.register, values, former)
                if former is None:
                    new.append(record)
                    continue
                record.save()
                undo.append({"id": str(record.pk), "version": record.version, "before": before})
        self._create(new)
        undo += [{"id": str(record.pk), "version": record.version, "before": None} for record in new]
        session.summary = {**session.summary, "undo": undo}

    def _create(self, new: Sequence[OwnedRecord]) -> None:
        """Save new records, together where the model does nothing more on saving."""
        model = self.register.model
        unnamed = [record for record in new if not getattr(record, self.register.key_field)]
        if unnamed:
            model.assign_keys(unnamed)
        try:
            if model.save is Record.save:
                model._default_manager.bulk_create(new, batch_size=_BATCH)
            else:
                for record in new:
                    record.save()
        except IntegrityError as error:
            raise Conflict(
                Text("“{title}”中已有编码相同的记录。", title=self.register.title),
                remedy=Text("请重新上传文件，再次预览。"),
            ) from error
        model.after_adding(new)

    def take_back(self, session: ImportSession) -> None:
        """Put every record back to what it was.

        Raises
        ------
        Conflict
            If somebody changed or uses one of the records since.
        """
        steps = list(reversed(session.summary["undo"]))
        present = _by_id(self.register.model, [step["id"] for step in steps])
        for step in steps:
            record = present.get(step["id"])
            if record is None or record.version != step["version"]:
                raise Conflict(
                    Text("“{name}”在导入之后又被修改，不能整批撤回。", name=str(record or step["id"])),
                    remedy=Text("请在台账中逐条改回。"),
                )
        self._remove([present[step["id"]] for step in steps if step["before"] is None])
        changed = [(present[step["id"]], step["before"]) for step in steps if step["before"] is not None]
        memory = remembering(self.register, [before for _, before in changed])
        with self.register.model.preparing([before for _, before in changed]):
            for record, before in changed:
                self._restore(record, before, memory)

    def settle(self, session: ImportSession) -> None:
        """Nothing waits for a register."""

    def _restore(self, record: OwnedRecord, before: dict[str, str], memory: Memory) -> None:
        values, faults = parse_row(self.register, before, memory=memory)
        if faults:
            raise Conflict(faults[0].what, remedy=faults[0].remedy)
        apply(self.register, values, record).save()

    def _remove(self, records: Sequence[OwnedRecord]) -> None:
        """Delete what the import added, unless something rests on it by now."""
        for record in _referenced(self.register, records):
            raise _in_use(record)
        for start in range(0, len(records), _BATCH):
            some = records[start : start + _BATCH]
            try:
                used = self.register.model.remove_unused(some)
            except models.ProtectedError as error:
                named = {key for other in error.protected_objects for key in _named_by(other)}
                raise _in_use(next((record for record in some if record.pk in named), some[0])) from error
            if used is not None:
                raise _in_use(used)


class _Sheet:
    """The rows of one file as they are taken one after another, each with its fate."""

    def __init__(
        self,
        register: registers.Register,
        session: ImportSession,
        misshapen: Sequence[Problem],
        memory: Memory,
    ) -> None:
        self.register, self.session, self._memory = register, session, memory
        self.problems: list[Problem] = list(misshapen)
        self.fates = [(fault.where.row or 0, "rejected", fault.code) for fault in misshapen]
        self.rows: list[dict[str, Any]] = []
        self._distinct = [
            field for field in register.fields if field.distinct or field.name == register.key_field
        ]
        self._seen: dict[tuple[str, str], int] = {}

    def take(self, number: int, raw: dict[str, Any], known: Mapping[str, OwnedRecord]) -> None:
        """Judge one row of the file."""
        where = Where(file=self.session.file.name, row=number)
        values, faults = parse_row(self.register, raw, where, self._memory)
        key = str(values.get(self.register.key_field) or "")
        former = known.get(key)
        before = self._content(former)
        faults += self._repeats(number, values)
        faults += self._cannot_stand(values, former, where)
        if faults:
            self.problems += faults
            self.fates.append((number, "rejected", faults[0].code))
            return
        fate = "created" if former is None else "changed"
        if former is not None and before == self._content(former):
            fate = "unchanged"
        self.fates.append((number, fate, key))
        if fate != "unchanged":
            self.rows.append(raw)

    def _content(self, record: OwnedRecord | None) -> list[Any]:
        """Return the fields of a record to compare by; a blank is a blank, whichever way it is kept."""
        values = [getattr(record, field.name) for field in self.register.fields] if record else []
        return [None if value == "" else value for value in values]

    def _repeats(self, number: int, values: Mapping[str, Any]) -> list[Problem]:
        """Refuse what stands in the file twice and may stand only once."""
        found = []
        for field in self._distinct:
            value = str(values.get(field.name) or "")
            if not value:
                continue
            first = self._seen.setdefault((field.name, registers.fold(value)), number)
            if first != number:
                found.append(_repeated(self.session, number, value, first))
        return found

    def _cannot_stand(
        self, values: Mapping[str, Any], former: OwnedRecord | None, where: Where
    ) -> list[Problem]:
        """Refuse what the record itself refuses, and what is or would be outside the session's division."""
        divisions = {former.division} if former else set()
        given = values if former else {name: value for name, value in values.items() if value is not None}
        try:
            record = apply(self.register, given, former)
        except DataError as error:
            remedy = error.remedy or Text("请核对后重新导入。")
            return [Problem(error.code, error.what, remedy, replace(where, column=self._label(error)))]
        return [
            Problem(
                "outside",
                Text("区划 {division} 不在本次导入的辖区之内。", division=division),
                Text("请在该区划所在的城市中导入。"),
                where,
            )
            for division in sorted((divisions | {record.division}) - {""})
            if not division.startswith(self.session.division)
        ]

    def _label(self, error: DataError) -> str | None:
        """Return the head of the column that a record finds fault with."""
        named = error.where.field
        return next((str(field.label) for field in self.register.fields if field.name == named), named)


_FATES = ("created", "changed", "unchanged", "rejected")
_BATCH = 500


def _by_id(model: type[OwnedRecord], identifiers: Sequence[str]) -> dict[str, OwnedRecord]:
    """Return the records that are there, by identifier."""
    found: dict[str, OwnedRecord] = {}
    for start in range(0, len(identifiers), _BATCH):
        for record in model._default_manager.filter(pk__in=identifiers[start : start + _BATCH]):
            found[str(record.pk)] = record
    return found


def _referenced(register: registers.Register, records: Sequence[OwnedRecord]) -> list[OwnedRecord]:
    """Return those of `records` that another record of some register names in one of its fields."""
    going, found = {record.pk for record in records}, []
    for other in registers.load_all().values():
        for field in other.fields:
            if field.register != register.key:
                continue
            by_value = {getattr(record, field.stores or register.key_field): record for record in records}
            values = list(by_value)
            for start in range(0, len(values), _BATCH):
                named = {f"{field.name}__in": values[start : start + _BATCH]}
                naming = other.model._default_manager.filter(**named).values_list("pk", field.name)
                found += [by_value[value] for key, value in naming if key not in going]
    return found


def _named_by(record: models.Model) -> list[Any]:
    """Return the keys that a record's foreign keys hold."""
    fields = record._meta.concrete_fields
    return [getattr(record, field.attname) for field in fields if isinstance(field, models.ForeignKey)]


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
