"""From/to tables as CSV (UTF-8, UTF-16, GB 18030) and XLSX: the cells as text, with row numbers."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pyarrow as pa
from python_calamine import CalamineError, CalamineWorkbook

from bishui.errors import Problem, UnknownLayout, UnreadableFile, Where
from bishui.i18n import Text
from bishui.network.formats.heads import understand
from bishui.network.formats.records import Records

#: The heads stand within so many rows of the top.
_TOP = 12
#: A table of reaches has one of these columns.
_REACH_NAMES = ("id", "from_node")


def read_sheet(
    path: Path, sheet: str | None = None, *, vocabulary: str = "heads", names: tuple[str, ...] = _REACH_NAMES
) -> Records:
    """Read the table of a CSV or XLSX file.

    Parameters
    ----------
    path
        The file.
    sheet
        Sheet of a workbook; without it the first one that has heads with a meaning.
    vocabulary
        Words of the heads.
    names
        Roles of which a table of the wanted kind has one.

    Raises
    ------
    UnreadableFile
        It is neither text in a usual encoding nor a workbook.
    UnknownLayout
        No row near the top has heads that mean an id and what lies downstream.
    """
    content = path.read_bytes()
    if content.startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0")):
        tables = _workbook(content, path.name, sheet)
    else:
        tables = [(None, _text_rows(decode(content, path.name), path.name))]
    for name, rows in tables:
        at = _heads_at(rows, vocabulary, names)
        if at is not None:
            return _records(path.name, name, rows, at)
    raise _unknown(path.name, tables, vocabulary)


def decode(content: bytes, name: str) -> str:
    """Return the text of a file: UTF-16 with BOM, UTF-8, else GB 18030; no byte is dropped.

    Raises
    ------
    UnreadableFile
        Empty, or a byte fits none of them.
    """
    if not content.strip():
        raise UnreadableFile(
            Text("文件是空的。"), remedy=Text("请确认文件已保存并含有数据。"), where=Where(file=name)
        )
    encodings = ("utf-16",) if content[:2] in (b"\xff\xfe", b"\xfe\xff") else ("utf-8-sig", "gb18030")
    fault = 0
    for encoding in encodings:
        try:
            return content.decode(encoding)
        except UnicodeDecodeError as error:
            fault = error.start
    raise UnreadableFile(
        Text("第 {byte} 字节不属于 UTF-8 或 GBK 编码。", byte=fault),
        remedy=Text("请另存为“CSV UTF-8”或 XLSX 后再读入。"),
        where=Where(file=name, byte=fault),
    )


def _text_rows(text: str, name: str) -> list[tuple[int, list[str]]]:
    """Return the records with the line each begins on."""
    head = text.splitlines()[:_TOP]
    delimiter = max(",\t;", key=lambda mark: max((line.count(mark) for line in head), default=0))
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    rows, line = [], 1
    try:
        for record in reader:
            rows.append((line, record))
            line = reader.line_num + 1
    except csv.Error as error:
        raise UnreadableFile(
            Text("第 {line} 行分不出单元格：{fault}。", line=line, fault=error),
            remedy=Text("请检查英文引号是否成对，或另存为 XLSX。"),
            where=Where(file=name, line=line),
        ) from error
    return rows


def _workbook(
    content: bytes, name: str, sheet: str | None
) -> list[tuple[str | None, list[tuple[int, list[str]]]]]:
    try:
        book = CalamineWorkbook.from_filelike(io.BytesIO(content))
        wanted = book.sheet_names if sheet is None else [sheet]
        found = [(title, book.get_sheet_by_name(title).to_python(skip_empty_area=False)) for title in wanted]
    except (CalamineError, OSError, ValueError) as error:
        raise UnreadableFile(
            Text("无法打开这个工作簿：已损坏、加了密码、没有所指的工作表，或不是 Excel 文件。"),
            remedy=Text("请另存为 XLSX（不设密码）后再读入；工作表名请核对。"),
            where=Where(file=name, sheet=sheet),
        ) from error
    return [
        (title, [(number, [_cell(cell) for cell in row]) for number, row in enumerate(rows, 1)])
        for title, rows in found
    ]


def _cell(cell: object) -> str:
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() and abs(cell) < 1e15 else repr(cell)
    return str(cell)


def _heads_at(rows: Sequence[tuple[int, list[str]]], vocabulary: str, names: tuple[str, ...]) -> int | None:
    """Return the place of the first row near the top that has one of the names and one more role."""
    for place, (_, record) in enumerate(rows[:_TOP]):
        roles = understand([cell for cell in record if cell.strip()], Where(), vocabulary).columns
        if roles.keys() & set(names) and len(roles) >= 2:
            return place
    return None


def _records(file: str, table: str | None, rows: Sequence[tuple[int, list[str]]], at: int) -> Records:
    heads = [head.strip() for head in rows[at][1]]
    used = [place for place, head in enumerate(heads) if head and head not in heads[:place]]
    ignored: dict[int, Text] = {}
    problems: list[Problem] = []
    kept: list[tuple[int, list[str]]] = []
    for number, record in rows[at + 1 :]:
        if not any(cell.strip() for cell in record):
            ignored[number] = Text("空行")
        elif record[0].lstrip().startswith("#") and (
            len(record) != len(heads) or not any(cell.strip() for cell in record[1:])
        ):
            ignored[number] = Text("注释")
        elif len(record) > len(heads) and any(cell.strip() for cell in record[len(heads) :]):
            problems.append(_too_many(file, table, number, (len(record), len(heads))))
        else:
            record.extend([""] * (len(heads) - len(record)))
            kept.append((number, record))
    columns = {heads[place]: pa.array([record[place] for _, record in kept], pa.string()) for place in used}
    numbers = np.array([number for number, _ in kept], np.int64)
    return Records(file, table, columns, numbers, None, ignored, tuple(problems))


def _too_many(file: str, table: str | None, row: int, counts: tuple[int, int]) -> Problem:
    return Problem(
        "wrong-number-of-cells",
        Text("这一行有 {found} 个单元格，表头有 {wanted} 个。", found=counts[0], wanted=counts[1]),
        Text("请核对这一行的逗号和引号。"),
        Where(file=file, sheet=table, row=row),
    )


def _unknown(
    file: str, tables: Sequence[tuple[str | None, list[tuple[int, list[str]]]]], vocabulary: str
) -> UnknownLayout:
    first = next((record for _, rows in tables for _, record in rows if any(record)), [])
    wanted = {
        "heads": Text("表头至少要有“河段编号”和“下游编号”（或“起点”“终点”）。"),
        "places": Text("表头至少要有编号一列和里程、经纬度、浓度、降解系数中的一列。"),
    }
    return UnknownLayout(
        Text("没有找到认识的表头；最上面一行是“{heads}”。", heads="、".join(first[:12])),
        remedy=wanted[vocabulary],
        where=Where(file=file),
    )
