"""The records of a register: parse a whole row, save it, write the list out, read a file in.

The template to download is the export of no records; what was exported can be read back unchanged.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from dataclasses import field as dataclass_field
from decimal import Decimal
from io import BytesIO
from typing import Any

from openpyxl import Workbook
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter

from bishui.errors import Problem, Where
from bishui.i18n import Text
from bishui.observations import escape_formula
from bishui.server.core import audit, rights, text_rows
from bishui.server.core.records import OwnedRecord
from bishui.server.core.registers import Field, Register, load_all, parse

_BATCH = 500
_NOT_GIVEN = object()
#: A place that the field at fault is put into.
_SOMEWHERE = Where()


@dataclass(slots=True)
class Memory:
    """What texts were found to mean while one file is read; the same text means the same in each row.

    Attributes
    ----------
    meanings
        Value or fault by field, whether it must be given, and text.
    records
        The records that references name, by register and text; None for a text that names none.
    """

    meanings: dict[tuple[str, bool, str | None], Any] = dataclass_field(default_factory=dict)
    records: dict[tuple[str, str], OwnedRecord | None] = dataclass_field(default_factory=dict)


def remembering(register: Register, raws: Iterable[Mapping[str, Any]]) -> Memory:
    """Return a memory that knows what the references of many rows mean, looked up together."""
    memory, named = Memory(), list(raws)
    for field in register.fields:
        if field.type == "reference":
            texts = {str(raw[field.name]) for raw in named if raw.get(field.name)}
            values = (parse(field, text, _SOMEWHERE) for text in texts)
            _find_together(field, {value for value in values if isinstance(value, str) and value}, memory)
    return memory


def _find_together(field: Field, values: Collection[str], memory: Memory) -> None:
    """Look the records up that texts name: by key, the others by a name that only one has."""
    target = load_all()[field.register]
    wanted = sorted(value for value in values if (field.register, value) not in memory.records)
    for name in (target.key_field, target.name_field):
        found: dict[str, list[OwnedRecord]] = {}
        for start in range(0, len(wanted), _BATCH):
            named = {f"{name}__in": wanted[start : start + _BATCH]}
            for record in target.model._default_manager.filter(**named):
                found.setdefault(str(getattr(record, name)), []).append(record)
        for value, records in found.items():
            one = name == target.key_field or len(records) == 1
            memory.records[field.register, value] = records[0] if one else None
        wanted = [value for value in wanted if value not in found]
    for value in wanted:
        memory.records[field.register, value] = None


def parse_row(
    register: Register, raw: Mapping[str, Any], where: Where | None = None, memory: Memory | None = None
) -> tuple[dict[str, Any], list[Problem]]:
    """Parse the texts of one record by field name.

    `memory` spares finding the meaning of the same text again for each row of a file.

    Returns
    -------
    values, problems
        Values by field name for the fields that are given and sound; each fault of the others.
    """
    values: dict[str, Any] = {}
    problems: list[Problem] = []
    memory = Memory() if memory is None else memory
    for written in register.fields:
        if written.when is not None and written.when.field not in values:
            continue  # its kind is at fault and says so
        value = _value(register, written.for_record(values), raw, values, memory)
        if isinstance(value, Problem):
            label = str(written.label)
            place = replace(where, column=label) if where else Where(field=label)
            problems.append(replace(value, where=place))
        elif value is not _NOT_GIVEN:
            values[written.name] = value
    return values, problems


def _value(
    register: Register, field: Field, raw: Mapping[str, Any], values: Mapping[str, Any], memory: Memory
) -> Any:
    """Return what a row says of a field, or the fault of it, wherever it is."""
    given = raw.get(field.name)
    if not field.applies(values):
        return _nothing(register, field, given, values, _SOMEWHERE)
    if field.name not in raw and not field.required:
        return _NOT_GIVEN
    asked = (field.name, field.required, None if given is None else str(given))
    if asked not in memory.meanings:
        value = parse(field, given, _SOMEWHERE)
        if field.type == "reference" and value and not isinstance(value, Problem):
            value = _resolve(field, value, memory)
        memory.meanings[asked] = value
    return memory.meanings[asked]


def _nothing(register: Register, field: Field, given: Any, values: Mapping[str, Any], where: Where) -> Any:
    """Return the blank of a field that this kind of record does not have, or refuse what is written there."""
    text = "" if given is None else str(given).strip()
    if not text:
        return parse(field, None, where)
    divider = register.divider
    assert divider is not None and field.when is not None
    kinds = "、".join(str(choice.label) for choice in divider.choices if choice.value in field.when.values)
    return Problem(
        "not-of-this-kind",
        Text(
            "“{kind}”没有“{label}”这一项：{given}",
            kind=divider.choice_label(values[divider.name]),
            label=field.label,
            given=text,
        ),
        Text("“{label}”只用于：{kinds}。请留空，或改正类别。", label=field.label, kinds=kinds),
        where,
        text,
    )


def _resolve(field: Field, value: str, memory: Memory) -> Any:
    """Return what is kept of the record that a text names, or why it names none."""
    target = load_all()[field.register]
    if (field.register, value) not in memory.records:
        _find_together(field, {value}, memory)
    found = memory.records[field.register, value]
    if found is None:
        return Problem(
            "reference",
            Text("“{title}”中没有“{value}”。", title=target.title, value=value),
            Text("请先在“{title}”台账中登记，或改填已有的编码。", title=target.title),
            _SOMEWHERE,
            value,
        )
    if field.among is not None and getattr(found, field.among.field) not in field.among.values:
        return _of_wrong_kind(field, target, str(found), _SOMEWHERE)
    return getattr(found, field.stores or target.key_field)


def _of_wrong_kind(field: Field, target: Register, name: str, where: Where) -> Problem:
    assert field.among is not None
    asked = target.field(field.among.field)
    kinds = "、".join(str(choice.label) for choice in asked.choices if choice.value in field.among.values)
    return Problem(
        "reference-kind",
        Text("“{label}”应填{kinds}，“{name}”不是。", label=field.label, kinds=kinds, name=name),
        Text("请核对所填的编码或名称。"),
        where,
        name,
    )


def find(register: Register, key: str) -> OwnedRecord | None:
    """Return the record with the key, or None."""
    return register.model._default_manager.filter(**{register.key_field: key}).first()


def apply(register: Register, values: Mapping[str, Any], record: OwnedRecord | None = None) -> OwnedRecord:
    """Return `record` (or a new one) with `values` set, not yet saved."""
    record = record or register.model()
    for name, value in values.items():
        setattr(record, name, value)
    record.prepare()
    return record


def save(register: Register, record: OwnedRecord, *, actor: Any, where: str = "", why: str = "") -> None:
    """Save a record of a register as one audited deed.

    Raises
    ------
    Forbidden
        If the actor may not edit records of that division.
    """
    if not isinstance(actor, str) and not rights.allowed_in(actor, register.edit_right, record.division):
        from bishui.server.core.middleware import no_right

        raise no_right()
    with audit.action(
        "core.register_saved",
        actor=actor,
        where=where,
        why=why,
        division=record.division,
        register=register.title.zh,
        name=str(record),
    ):
        adding = record._state.adding
        if register.assigns_keys and not getattr(record, register.key_field):
            record.assign_keys([record])
        record.save()
        if adding:
            record.after_adding([record])


def text_of(field: Field, record: OwnedRecord) -> str:
    """Return a field as it is written in the form and in files."""
    value = getattr(record, field.name)
    if value is None or value == "":
        return ""
    if field.type == "choice":
        return next((choice.label.zh for choice in field.choices if choice.value == value), str(value))
    if field.type == "reference" and field.stores == "division":
        return str(value).rstrip("/").rsplit("/", 1)[-1]
    if isinstance(value, Decimal):
        return format(value.normalize(), "f")
    return str(value)


def texts_of(register: Register, record: OwnedRecord) -> dict[str, str]:
    """Return every field of a record as it is written in files."""
    return {field.name: text_of(field, record) for field in register.fields}


def plain_of(field: Field, record: OwnedRecord) -> str | int | None:
    """Return a field as the API gives it: as `bishui.server.core.registers.Register.schema` says."""
    value = getattr(record, field.name)
    if field.type == "choice":
        return str(value)
    if isinstance(value, int):
        return value
    return None if value is None else text_of(field, record)


def workbook(register: Register, records: Sequence[OwnedRecord]) -> bytes:
    """Return the register's XLSX: one sheet of records, one of explanations.

    With no records it is the template.
    """
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = register.title.zh
    sheet.append([field.label.zh + ("*" if field.required else "") for field in register.fields])
    for index, cell in enumerate(sheet[1], start=1):
        cell.font, cell.fill = Font(bold=True), PatternFill("solid", fgColor="DCE9F5")
        cell.number_format = "@"
        column = sheet.column_dimensions[get_column_letter(index)]
        column.width, column.number_format = 18, "@"
    sheet.freeze_panes = "A2"
    _help_sheet(book, register)
    stream = BytesIO()
    book.save(stream)
    rows = ([escape_formula(text_of(field, record)) for field in register.fields] for record in records)
    return text_rows.fill(stream.getvalue(), rows, look=sheet.column_dimensions["A"].style_id)


def _help_sheet(book: Workbook, register: Register) -> None:
    sheet = book.create_sheet("填写说明 Help")
    sheet.append(["字段", "Field", "必填 Required", "可填内容 Choices", "说明", "Help"])
    for field in register.fields:
        choices = "、".join(f"{choice.label.zh} ({choice.label.en})" for choice in field.choices)
        sheet.append(
            [
                field.label.zh,
                field.label.en,
                "是 yes" if field.required else "",
                choices,
                field.help.zh,
                field.help.en,
            ]
        )
    for letter, width in zip("ABCDEF", (18, 22, 12, 40, 50, 50), strict=True):
        sheet.column_dimensions[letter].width = width
    for row in sheet.iter_rows():
        for cell in row:
            cell.alignment = Alignment(wrap_text=True, vertical="top")
