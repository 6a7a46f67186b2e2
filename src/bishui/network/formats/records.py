"""A table of a network file before it is understood: columns as given, row numbers, lines."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from bishui.errors import Problem, Where
from bishui.i18n import Text
from bishui.network.formats.heads import fold, words
from bishui.network.tables import Floats, Integers

#: Full-width forms that people type in ids: ！ to ～ stand 0xFEE0 above ! to ~.
_HALF_WIDTH = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)} | {0x3000: 0x20}
#: What most cells hold; longer ones may overflow and are looked at more closely.
_PLAIN = re.compile(r"[0-9]{1,15}(\.[0-9]{1,20})?")


@dataclass(frozen=True, slots=True)
class Records:
    """One table of a file.

    Attributes
    ----------
    file, table
        The file's name and the sheet or layer (None where there is only one).
    columns
        Arrow arrays by head.
    rows
        Row number of each record in the file, from 1: the line of a sheet, the number of a feature.
    lines
        `shapely` geometries in longitude and latitude, one per record; None where the table has none.
    ignored
        Row numbers that hold no record, with the reason.
    problems
        Rows that could not be read at all.
    """

    file: str
    table: str | None
    columns: Mapping[str, pa.Array]
    rows: Integers
    lines: NDArray[np.object_] | None = None
    ignored: Mapping[int, Text] = field(default_factory=dict)
    problems: tuple[Problem, ...] = ()

    def __len__(self) -> int:
        """Return how many records there are."""
        return len(self.rows)

    def where(self, record: int, head: str | None = None) -> Where:
        """Return the place of a record, for messages."""
        return Where(file=self.file, sheet=self.table, row=int(self.rows[record]), column=head)


def texts(column: pa.Array) -> list[str]:
    """Return the cells as trimmed text; a whole number without ``.0``."""
    column = flat(column)
    if pa.types.is_floating(column.type):
        return [_number_text(value) for value in column.to_pylist()]
    if not pa.types.is_string(column.type):
        column = pc.cast(column, pa.string())
    distinct = column.dictionary_encode()
    known = [(text or "").strip() for text in distinct.dictionary.to_pylist()]
    places = distinct.indices.to_pylist()
    return ["" if place is None else known[place] for place in places]


def half_width(text: str) -> str:
    """Return a text with full-width signs as plain ones."""
    return text.translate(_HALF_WIDTH).strip()


def flat(column: pa.Array | pa.ChunkedArray) -> pa.Array:
    """Return a column as one array, a dictionary as its values."""
    if isinstance(column, pa.ChunkedArray):
        column = column.combine_chunks()
    if isinstance(column, pa.ChunkedArray):  # no chunk at all
        column = pa.array([], column.type)
    return column.dictionary_decode() if pa.types.is_dictionary(column.type) else column


def _number_text(value: float | None) -> str:
    if value is None or math.isnan(value):
        return ""
    return str(int(value)) if float(value).is_integer() else repr(value)


def ids(column: pa.Array) -> NDArray[np.generic]:
    """Return ids: integers where the column holds integers without gaps, else texts."""
    column = flat(column)
    if pa.types.is_integer(column.type) and not column.null_count:
        return np.asarray(column.to_numpy(zero_copy_only=False), np.int64)
    return np.array(texts(column), dtype=np.str_)


def numbers(column: pa.Array, factor: float = 1.0) -> tuple[Floats, Integers]:
    """Return a column as numbers, missing ones as not a number, and the records that hold no number.

    Text is read after NFKC, so that full-width digits count; commas may part thousands.
    """
    column = flat(column)
    if pa.types.is_integer(column.type) or pa.types.is_floating(column.type):
        values = np.array(pc.cast(column, pa.float64()).to_numpy(zero_copy_only=False), np.float64)
        return _scaled(values, factor), np.flatnonzero(np.isinf(values))
    distinct = pc.cast(column, pa.string()).dictionary_encode()
    known = [number(text or "") for text in distinct.dictionary.to_pylist()]
    table = np.array([np.nan if value is None else value for value in known] + [np.nan])
    wrong = np.array([value is None for value in known] + [False])
    places = np.array(pc.fill_null(distinct.indices, len(known)).to_numpy(zero_copy_only=False), np.int64)
    return _scaled(table[places], factor), np.flatnonzero(wrong[places])


def _scaled(values: Floats, factor: float) -> Floats:
    return values if factor == 1.0 else values * factor


def number(text: str) -> float | None:
    """Return what a cell says: a number, not a number where it is blank, None where it is neither."""
    if _PLAIN.fullmatch(text):
        return float(text)
    folded = fold(text)
    if folded in words()["words"]["missing"]:
        return float("nan")
    parts = folded.lstrip("+-").split(".")[0].split(",")
    if len(parts) > 1 and all(len(part) == 3 for part in parts[1:]) and 0 < len(parts[0]) <= 3:
        folded = folded.replace(",", "")
    if not folded.isascii() or set(folded) - set("0123456789.+-e"):
        return None
    try:
        value = float(folded)
    except ValueError:
        return None
    return value if np.isfinite(value) else None


def bad_number(records: Records, record: int, head: str) -> Problem:
    """Return the problem of a cell that should hold a number."""
    raw = str(records.columns[head][record].as_py())
    return Problem(
        "not-a-number",
        Text("“{raw}”不是数。", raw=raw[:80]),
        Text("请填写数字，单位写在表头里；没有数据请留空。"),
        records.where(record, head),
        raw=raw,
    )


def is_empty(records: Records, heads: Sequence[str]) -> NDArray[np.bool_]:
    """Return which records have no text in any of the columns, and no line."""
    empty = np.ones(len(records), np.bool_)
    for head in heads:
        column = flat(records.columns[head])
        if pa.types.is_string(column.type):
            blank = pc.equal(pc.utf8_length(pc.utf8_trim_whitespace(pc.fill_null(column, ""))), 0)
        else:
            blank = pc.is_null(column)
        empty &= np.asarray(blank.to_numpy(zero_copy_only=False), np.bool_)
    if records.lines is not None:
        empty &= np.array([line is None for line in records.lines], np.bool_)
    return empty
