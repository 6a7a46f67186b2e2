"""The rows of a ledger's workbook as somebody has edited and saved it, with columns in any order."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from pathlib import Path

from bishui.errors import Problem, UnknownLayout, Where
from bishui.i18n import Text
from bishui.observations import Sheet, parse_time, read_sheets
from bishui.server.plans import steps
from bishui.server.plans.ledger import exact
from bishui.server.plans.workbook_columns import (
    Column,
    SheetForm,
    folded,
    forms,
    mark_of,
    marks_of,
    rules,
    written,
)

#: So many digits before or behind the point a number may have.
_LARGEST = 15
_STATE = re.compile(r"(\d+)/(\d+)")


@dataclass(frozen=True, slots=True)
class GivenRow:
    """One row of a file.

    Attributes
    ----------
    form
        The kind of sheet it stands in.
    place
        File, sheet and row, for messages.
    heads
        How the file writes the head of each column that it has.
    texts
        The written cells by column; see `workbook_columns.written`.
    marks
        What each cell was when it was exported, as checksums; None where the row does not say.
    """

    form: SheetForm
    place: Where
    heads: Mapping[str, str]
    texts: Mapping[str, str]
    key: str
    marks: Mapping[str, str] | None

    def is_edited(self, name: str) -> bool:
        """Tell whether a cell is not what was exported; without marks every cell may be."""
        if name not in self.texts:
            return False
        return self.marks is None or mark_of(self.texts[name]) != self.marks[name]

    def where(self, name: str = "") -> Where:
        """Return the place of the row, or of one of its cells."""
        return Where(
            file=self.place.file, sheet=self.place.sheet, row=self.place.row, column=self.heads.get(name)
        )


@dataclass(slots=True)
class GivenBook:
    """All rows of a file, the state of the ledger that it was exported from, and what was not read."""

    rows: list[GivenRow] = field(default_factory=list)
    #: The newest entry of the audit trail at the time of the export; None where the file does not say.
    state: int | None = None
    #: Names of sheets that are none of the ledger's; columns of the ledger that a sheet does not have.
    unread: list[str] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)
    blank: int = 0
    problems: list[Problem] = field(default_factory=list)


def read_book(path: Path, name: str) -> GivenBook:
    """Read a file that was exported from the ledger and edited.

    Raises
    ------
    UnreadableFile
        If it is damaged or of another kind.
    UnknownLayout
        If no sheet has the heads of the ledger, or one has a head twice.
    """
    book = GivenBook()
    sheets = read_sheets(path, name=name)
    known = 0
    for sheet in sheets:
        found = _recognise(sheet)
        if found is None:
            if not _guide_read(sheet, book):
                book.unread.append(sheet.name or name)
            continue
        known += 1
        _read_sheet(sheet, *found, name, book)
    if not known:
        raise _unknown(name, sheets)
    return book


def _recognise(sheet: Sheet) -> tuple[SheetForm, int] | None:
    """Return which of the ledger's sheets it is and the row of its heads, from 0.

    The head of the key tells; without it, the columns that only that sheet has.
    """
    for at, row in enumerate(sheet.preview):
        heads = {folded(head) for head in row}
        known = {
            form.id: {column.id for column in form.columns if heads & _forms_of(column)}
            for form in forms().values()
        }
        keyed = next((form for form in forms().values() if "key" in known[form.id]), None)
        named = (form for form in forms().values() if {*form.needs, "number"} <= known[form.id])
        form = keyed or next(named, None)
        if form is not None:
            return form, at
    return None


def _forms_of(column: Column) -> set[str]:
    return {folded(column.head.zh), folded(column.head.en)}


def _unknown(name: str, sheets: Sequence[Sheet]) -> UnknownLayout:
    heads = "、".join(head for sheet in sheets[:1] for row in sheet.preview[:2] for head in row if head)
    return UnknownLayout(
        Text("文件“{name}”里没有任务台账的表；读到的表头：{heads}。", name=name, heads=heads[:200]),
        remedy=Text("请从计划页或任务台账页导出工作簿，在其中修改后再导入；不要改动列名。"),
    )


def _guide_read(sheet: Sheet, book: GivenBook) -> bool:
    """Read the state of the ledger from the sheet 说明; tell whether it is that sheet."""
    guide = rules()["guide"]
    body = sheet.body(0)
    columns = [column.to_pylist() for column in body.columns]
    for cells in zip(*columns, strict=True):
        if guide["state_zh"] in cells or guide["state_en"] in cells:
            found = next((match for cell in cells if (match := _STATE.fullmatch(cell.strip()))), None)
            if found and found[1] == str(rules()["version"]):
                book.state = int(found[2])
            return True
    return sheet.name in (guide["name_zh"], guide["name_en"])


def _read_sheet(sheet: Sheet, form: SheetForm, at: int, name: str, book: GivenBook) -> None:
    places = _places(form, sheet.preview[at], name, sheet.name)
    heads = {key: sheet.preview[at][place].strip() for key, place in places.items()}
    book.missing += [
        f"{sheet.name or name} · {column.head}"
        for column in form.columns
        if column.id not in places and column.mode == "edit"
    ]
    body = sheet.body(at)
    book.problems += [*body.rejected, *(_comment(name, sheet.name, row) for row in body.comments)]
    columns = {key: body.columns[place].to_pylist() for key, place in places.items()}
    kinds = {column.id: column for column in form.columns}
    for index, number in enumerate(body.rows.tolist()):
        texts = {key: cell_text(kinds[key], cells[index]) for key, cells in columns.items()}
        key, base = texts.pop("key", ""), texts.pop("base", "")
        if not any(texts.values()):
            book.blank += 1
            continue
        where = Where(file=name, sheet=sheet.name, row=number)
        book.rows.append(GivenRow(form, where, heads, texts, key, marks_of(base, form)))


def _places(form: SheetForm, row: Sequence[str], name: str, sheet: str | None) -> dict[str, int]:
    """Return the column of each head; those that the ledger does not know are a person's own."""
    known = {head: column.id for column in form.columns for head in _forms_of(column)}
    found = [(known[folded(head)], at) for at, head in enumerate(row) if folded(head) in known]
    doubled = [key for key, count in Counter(key for key, _ in found).items() if count > 1]
    if doubled:
        heads = "、".join(str(form.column(key).head) for key in doubled)
        raise UnknownLayout(
            Text("有两列都是：{heads}。", heads=heads),
            remedy=Text("请删除或改名多出的一列后再导入。"),
            where=Where(file=name, sheet=sheet),
        )
    return dict(found)


def _comment(name: str, sheet: str | None, row: int) -> Problem:
    return Problem(
        "comment-row",
        Text("这一行以“#”开头，按批注跳过，没有比较。"),
        Text("如果它是台账的内容，请在第一个单元格去掉“#”。"),
        Where(file=name, sheet=sheet, row=row),
    )


# -- cells ---------------------------------------------------------------------------------------------


def cell_text(column: Column, raw: str) -> str:
    """Return the written form of a cell: of a day or a number where it is one, else of its text."""
    text = written(raw)
    if not text:
        return ""
    if column.kind == "field":
        return next(
            (label.zh for label in steps.field_labels().values() if text in (label.zh, label.en)), text
        )
    if column.kind == "date":
        day = day_of(text)
        return day.isoformat() if day else text
    if column.kind in ("number", "percent"):
        number = number_of(text.removesuffix("%") if column.kind == "percent" else text)
        return written(number) if number is not None else text
    return text


def day_of(text: str) -> date | None:
    """Return the day that a text writes, or None: ``2025-06-30``, ``2025/6/30``, ``２０２５年６月３０日``."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        pass
    moment = parse_time(text)
    return None if isinstance(moment, Problem) else moment.date()


def number_of(text: str) -> Decimal | None:
    """Return the number that a text writes, in half or full width, or None; one beyond all use is none."""
    number = exact(unicodedata.normalize("NFKC", text).replace(",", "").strip())
    return number if number is not None and abs(number.adjusted()) <= _LARGEST else None
