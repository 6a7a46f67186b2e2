"""Files on disk as sheets of text: CSV, XLSX, XLS, Parquet, packed or not, in any usual encoding.

Nothing is interpreted here. Each sheet shows its first records, so that a layout can be recognised, and then
gives its columns as text with the row number of each record.
"""

from __future__ import annotations

import csv
import gzip
import io
import re
import zipfile
import zlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from itertools import islice
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pacsv
import pyarrow.parquet as pq
from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook, SheetVisibleEnum

from bishui.errors import CallError, NotFound, Problem, UnreadableFile, Where
from bishui.i18n import Text

#: How many records are looked at to find the heads.
PREVIEW = 12
_TOP = 262_144
#: The apostrophe that exports put before a text which a spreadsheet program might run.
_DISARMED = re.compile(r"^'([=+\-@\t\r\n'])")
#: How a web page or another markup document begins.
_MARKUP = re.compile(rb"(?:\xef\xbb\xbf)?\s*<[a-zA-Z!?]")
_CJK_UTF8 = re.compile(rb"[\xe4-\xe9][\x80-\xbf]{2}")


@dataclass(frozen=True, slots=True)
class Body:
    """What stands below the heads.

    Attributes
    ----------
    columns
        One string array per head, without nulls, each of length n.
    rows
        Row number of each record in the file, from 1; int64, shape (n,).
    rejected
        Problems of records that do not have as many cells as there are heads, with the row in `where`.
    comments
        Rows that begin with ``#``.
    """

    columns: list[pa.Array]
    rows: np.ndarray
    rejected: tuple[Problem, ...] = ()
    comments: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Sheet:
    """One table of a file: its name (None for CSV), its first records and how to read what follows.

    `hidden` is a sheet that a spreadsheet program does not show.
    """

    name: str | None
    preview: list[list[str]]
    body: Callable[[int], Body]
    hidden: bool = False


def read_sheets(path: str | Path, *, name: str | None = None) -> list[Sheet]:
    """Return the sheets of the file `path`; its kind is told by its content, not by its name.

    Parameters
    ----------
    path
        The file.
    name
        What the user calls it, for messages, where it is kept under another name.

    Raises
    ------
    NotFound
        There is no such file.
    CallError
        `path` is a folder.
    UnreadableFile
        It is empty, damaged, or neither text nor a known workbook.
    """
    path = Path(path)
    name = name or path.name
    if path.is_dir():
        raise CallError(Text("“{path}”是文件夹，不是文件。", path=name), remedy=Text("请指定一个文件。"))
    if not path.is_file():
        raise NotFound(
            Text("找不到文件“{path}”。", path=str(path)), remedy=Text("请核对文件名和所在文件夹。")
        )
    with path.open("rb") as file:
        magic = file.read(8)
    packed = _packed_text(path, name) if magic.startswith(b"PK\x03\x04") else None
    if packed is not None:
        return [_text_sheet(decode(packed, name), name)]
    if magic.startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0")):
        return _workbook(path, name)
    if magic.startswith(b"PAR1"):
        return [_parquet(path, name)]
    content = path.read_bytes()
    if magic.startswith(b"\x1f\x8b"):
        content = _unpack(content, name)
    _refuse_no_table(content, name)
    return [_text_sheet(decode(content, name), name)]


def _refuse_no_table(content: bytes, name: str) -> None:
    """Refuse what is no table but is often called one: a web page that a platform exports as XLS, a PDF."""
    if _MARKUP.match(content):
        raise UnreadableFile(
            Text("内容是网页（HTML）或 XML，不是表格文件，尽管扩展名可能是 .xls。"),
            remedy=Text("请用表格软件打开并另存为 XLSX 后再导入。"),
            where=Where(file=name),
        )
    if content.startswith(b"%PDF-"):
        raise UnreadableFile(
            Text("这是 PDF 文件，不是表格。"),
            remedy=Text("请向出具单位索取表格文件（XLSX 或 CSV）后再导入。"),
            where=Where(file=name),
        )


def shown_sheets(sheets: Sequence[Sheet], notes: list[Text]) -> list[Sheet]:
    """Return the sheets that a person sees; the others are noted: nobody has looked at what stands there."""
    for sheet in sheets:
        if sheet.hidden and any(map(any, sheet.preview)):
            notes.append(
                Text("工作表“{sheet}”是隐藏的，未读取；要读取请先在表格软件中取消隐藏。", sheet=sheet.name)
            )
    return [sheet for sheet in sheets if not sheet.hidden]


def decode(content: bytes, name: str) -> str:
    """Return the text of `content`: UTF-8 (with or without BOM), UTF-16 with BOM, or GB 18030.

    The encoding is decided strictly: no byte is replaced or dropped. A file that begins as UTF-8 with Chinese
    characters and then breaks is damaged UTF-8, not GB 18030 that happens to fit.

    Raises
    ------
    UnreadableFile
        Empty, or a byte fits no encoding; the message names its offset.
    """
    if not content[:_TOP].strip(b"\xef\xbb\xbf\r\n\t ,"):
        raise UnreadableFile(
            Text("文件是空的。"), remedy=Text("请确认文件已保存并含有数据。"), where=Where(file=name)
        )
    if content[:2] in (b"\xff\xfe", b"\xfe\xff"):
        encoding, start = "utf-16", 0
    else:
        encoding, start = "utf-8", 3 if content.startswith(b"\xef\xbb\xbf") else 0
    nothing = -1 if encoding == "utf-16" else content.find(0)
    if nothing >= 0:
        raise UnreadableFile(
            Text("第 {byte} 字节是空字符，文件不是 UTF-8 或 GBK 编码的文本。", byte=nothing),
            remedy=Text("请用表格软件重新打开，另存为“CSV UTF-8”或 XLSX 后再导入。"),
            where=Where(file=name, byte=nothing),
        )
    try:
        return content[start:].decode(encoding)
    except UnicodeDecodeError as error:
        fault = error.start + start
    if encoding == "utf-8" and start == 0 and len(_CJK_UTF8.findall(content, 0, fault)) < 3:
        try:
            return content.decode("gb18030")
        except UnicodeDecodeError as error:
            fault = error.start
    raise UnreadableFile(
        Text(
            "第 {byte} 字节（十六进制 {value}）不属于 UTF-8 或 GBK 编码。",
            byte=fault,
            value=content[fault : fault + 1].hex(),
        ),
        remedy=Text("请用表格软件重新打开，另存为“CSV UTF-8”或 XLSX 后再导入。"),
        where=Where(file=name, byte=fault),
    )


def _packed_text(path: Path, name: str) -> bytes | None:
    """Return the one text file of a zip archive; None for a workbook, which is an archive too."""
    try:
        with zipfile.ZipFile(path) as archive:
            inside = [its for its in archive.infolist() if not its.is_dir()]
            names = [its.filename for its in inside]
            if {"[Content_Types].xml", "mimetype"} & set(names):
                return None
            if len(inside) != 1:
                raise UnreadableFile(
                    Text("压缩包中有 {count} 个文件。", count=len(inside)),
                    remedy=Text("请只压缩一个数据文件，或解压后逐个导入。"),
                    where=Where(file=name),
                )
            return archive.read(inside[0])
    except (zipfile.BadZipFile, EOFError, OSError, RuntimeError, zlib.error):
        return None


def _unpack(content: bytes, name: str) -> bytes:
    try:
        return gzip.decompress(content)
    except (EOFError, OSError, zlib.error) as error:
        raise UnreadableFile(
            Text("压缩文件已损坏或不完整。"), remedy=Text("请重新下载或重新压缩。"), where=Where(file=name)
        ) from error


def _text_sheet(text: str, name: str) -> Sheet:
    # A fast look at the top of the file; a long file is not copied for it.
    top = text[:_TOP]
    head = list(islice(io.StringIO(top, newline=""), PREVIEW))
    delimiter = max(",\t;", key=lambda mark: max((line.count(mark) for line in head), default=0))
    preview, ends = [], []
    reader = csv.reader(io.StringIO(top, newline=""), delimiter=delimiter)
    try:
        for record in islice(reader, PREVIEW):
            preview.append(record)
            ends.append(reader.line_num)
    except csv.Error as error:
        raise _broken_text(name) from error

    def body(head_at: int) -> Body:
        above = sum(map(len, islice(io.StringIO(top, newline=""), ends[head_at])))
        return _text_body(text[above:], len(preview[head_at]), head_at + 1, delimiter, name)

    return Sheet(None, preview, body)


def _text_body(text: str, width: int, above: int, delimiter: str, name: str) -> Body:
    """Read the records below `above` rows of preamble and heads."""
    names = [str(position) for position in range(width)]
    odd: list[pacsv.InvalidRow] = []

    def keep(row: pacsv.InvalidRow) -> str:
        odd.append(row)
        return "skip"

    if not text.strip("\r\n"):
        return Body([pa.array([], pa.string()) for _ in names], np.zeros(0, dtype=np.int64))
    content = text.encode("utf-8")
    try:
        table = pacsv.read_csv(
            io.BytesIO(content),
            read_options=pacsv.ReadOptions(
                use_threads=False, column_names=names, block_size=len(content) + 1
            ),
            parse_options=pacsv.ParseOptions(
                delimiter=delimiter,
                newlines_in_values='"' in text,
                ignore_empty_lines=False,
                invalid_row_handler=keep,
            ),
            convert_options=pacsv.ConvertOptions(
                column_types=dict.fromkeys(names, pa.string()), strings_can_be_null=False
            ),
        )
    except pa.ArrowInvalid as error:
        raise _broken_text(name) from error
    skipped = np.array([row.number - 1 for row in odd], dtype=np.int64)
    rows = np.delete(np.arange(table.num_rows + len(odd), dtype=np.int64), skipped) + above + 1
    comments = tuple(row.number + above for row in odd if row.text.lstrip().startswith("#"))
    rejected = tuple(_odd_record(row, above, name) for row in odd if not row.text.lstrip().startswith("#"))
    columns = [column.combine_chunks() for column in table.columns]
    if "'" in text:
        columns = [pc.replace_substring_regex(column, _DISARMED.pattern, r"\1") for column in columns]
    return Body(columns, rows, rejected, comments)


def _odd_record(row: pacsv.InvalidRow, above: int, name: str) -> Problem:
    return Problem(
        "wrong-number-of-cells",
        Text(
            "这一行有 {found} 个单元格，表头有 {wanted} 个。",
            found=row.actual_columns,
            wanted=row.expected_columns,
        ),
        Text("请核对这一行的逗号和引号；没有内容的单元格也要保留分隔符。"),
        where=Where(file=name, row=row.number + above),
        raw=row.text[:200],
    )


def _broken_text(name: str) -> UnreadableFile:
    return UnreadableFile(
        Text("文件的引号不成对，无法分出单元格。"),
        remedy=Text("请检查单元格中的英文引号，或另存为 XLSX 后再导入。"),
        where=Where(file=name),
    )


def _workbook(path: Path, name: str) -> list[Sheet]:
    try:
        book = CalamineWorkbook.from_filelike(io.BytesIO(path.read_bytes()))
        hidden = {its.name for its in book.sheets_metadata if its.visible != SheetVisibleEnum.Visible}
        sheets = [book.get_sheet_by_name(title) for title in book.sheet_names]
        found = [replace(_workbook_sheet(sheet), hidden=sheet.name in hidden) for sheet in sheets]
    except (CalamineError, OSError, ValueError) as error:
        raise UnreadableFile(
            Text("无法打开这个工作簿：它已损坏、加了密码，或不是 Excel 文件。"),
            remedy=Text("请用表格软件打开并另存为 XLSX（不设密码）后再导入。"),
            where=Where(file=name),
        ) from error
    return found


def _workbook_sheet(sheet: CalamineSheet) -> Sheet:
    records = [[_cell_text(cell) for cell in record] for record in sheet.to_python(skip_empty_area=False)]
    for (top, left), (bottom, right) in sheet.merged_cell_ranges or ():
        # A merged cell says the same for every cell that it covers.
        for row in range(top, min(bottom + 1, len(records))):
            for column in range(left, min(right + 1, len(records[row]))):
                records[row][column] = records[top][left]

    def body(head_at: int) -> Body:
        below = records[head_at + 1 :]
        width = len(records[head_at])
        columns = [pa.array((record[place] for record in below), pa.string()) for place in range(width)]
        comments = tuple(
            head_at + 2 + offset for offset, record in enumerate(below) if record[0].startswith("#")
        )
        rows = np.arange(len(below), dtype=np.int64) + head_at + 2
        if comments:
            keep = np.isin(rows, comments, invert=True)
            columns, rows = [column.filter(pa.array(keep)) for column in columns], rows[keep]
        return Body(columns, rows, (), comments)

    return Sheet(sheet.name, records[:PREVIEW], body)


def _cell_text(cell: object) -> str:
    """Return a workbook's cell as text; a number as the shortest text that means the same number."""
    if isinstance(cell, str):
        return _DISARMED.sub(r"\1", cell) if cell.startswith("'") else cell
    if isinstance(cell, bool):
        return "TRUE" if cell else "FALSE"
    if isinstance(cell, float):
        return _number_text(cell)
    if isinstance(cell, datetime):
        return cell.isoformat(sep=" ", timespec="seconds")
    if isinstance(cell, date):
        return f"{cell.isoformat()} 00:00"
    if isinstance(cell, time):
        return cell.isoformat(timespec="seconds")
    if isinstance(cell, timedelta):
        return str(cell)
    return _DISARMED.sub(r"\1", str(cell))


def _number_text(number: float) -> str:
    if number.is_integer() and abs(number) < 1e15:
        return str(int(number))
    return format(Decimal(repr(number)), "f")


def _parquet(path: Path, name: str) -> Sheet:
    try:
        table = pq.read_table(path)
    except (pa.ArrowInvalid, OSError) as error:
        raise UnreadableFile(
            Text("无法读取这个 Parquet 文件。"), remedy=Text("请重新导出该文件。"), where=Where(file=name)
        ) from error
    columns = [_plain_text(column.combine_chunks()) for column in table.columns]

    def body(head_at: int) -> Body:
        return Body(columns, np.arange(table.num_rows, dtype=np.int64) + 1)

    return Sheet(None, [list(table.column_names)], body)


def _plain_text(column: pa.Array | pa.ChunkedArray) -> pa.Array:
    """Return an Arrow column as text; decimals without the zeros that their type adds."""
    if isinstance(column, pa.ChunkedArray):
        column = pa.concat_arrays(column.chunks) if column.num_chunks else pa.array([], column.type)
    if pa.types.is_dictionary(column.type):
        column = column.dictionary_decode()
    if pa.types.is_string(column.type) or pa.types.is_large_string(column.type):
        return column.cast(pa.string()).fill_null("")
    return pa.array(list(_texts(column)), pa.string())


def _texts(column: pa.Array) -> Iterator[str]:
    for value in column.to_pylist():
        if value is None:
            yield ""
        elif isinstance(value, Decimal):
            yield format(value.normalize(), "f")
        else:
            yield _cell_text(value)
