"""Measurement tables as arrays: codes, half units and a status per row, sorted for the kernels."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from types import MappingProxyType

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from bishui.assessment import kernels
from bishui.errors import DataError, Where
from bishui.i18n import Text
from bishui.observations.schema import MEASUREMENTS, VALUE_SCALE, Mark
from bishui.standards import Item, items, substances

#: Items that are not averaged.
NOT_AVERAGED = frozenset({"published_class"})
FLAG_STATUS = {"excluded": kernels.EXCLUDED, "under_review": kernels.UNDER_REVIEW}
MARK_STATUS = {
    Mark.MEASURED: kernels.USED,
    Mark.BELOW_DETECTION: kernels.USED_BELOW,
    Mark.NO_READING: kernels.NO_READING,
    Mark.NOT_GIVEN: kernels.NOT_GIVEN,
    Mark.OFFLINE: kernels.OFFLINE,
}


@dataclass(frozen=True, slots=True)
class Rows:
    """Rows sorted by site, item, source and time.

    Attributes
    ----------
    sites, keys
        Site names and item keys by code.
    site, item, source, second
        Codes and seconds since 1970, one per row; `source` is its place in the method's priority.
    value
        Half units, ``value × 2 × 10**scale``.
    status
        Row status of `kernels`.
    index
        Place of each row in the measurement table, without the rows that are not averaged.
    """

    sites: tuple[str, ...]
    keys: tuple[str, ...]
    site: npt.NDArray[np.int64]
    item: npt.NDArray[np.int64]
    source: npt.NDArray[np.int64]
    second: npt.NDArray[np.int64]
    value: npt.NDArray[np.int64]
    status: npt.NDArray[np.uint8]
    index: npt.NDArray[np.int64]

    @property
    def span(self) -> tuple[datetime, datetime] | None:
        """First and last time, None without rows."""
        if not self.second.size:
            return None
        first, last = int(self.second.min()), int(self.second.max())
        epoch = np.datetime64(0, "s")
        return ((epoch + first).astype(datetime), (epoch + last).astype(datetime))


def item_keys() -> tuple[str, ...]:
    """Return the items that are averaged; their order gives the item codes."""
    return tuple(key for key in items() if key not in NOT_AVERAGED)


@cache
def known_items() -> Mapping[str, Item]:
    """Return every item that a table of means may name: those of the item table, and of any standard."""
    return MappingProxyType({**substances(), **items()})


def prepare(
    measurements: pa.Table,
    flags: pa.Table | None,
    priority: Sequence[str],
    aliases: dict[str, str] | None = None,
    *,
    keys: Sequence[str] | None = None,
) -> Rows:
    """Turn a measurement table into sorted rows with the flags applied.

    Parameters
    ----------
    measurements
        Table of `schema.MEASUREMENTS`.
    flags
        Table of `schema.FLAGS`; flagged rows are counted and not used.
    priority
        Sources in the order of preference.
    aliases
        Site id by the name used in the rows, where they differ.
    keys
        Items that the table may name, in the order of their codes; without it `item_keys()`.

    Raises
    ------
    DataError
        If a column is missing, an item or mark is unknown, or a value does not fit its item's scale.
    """
    check_columns(measurements)
    skipped = pa.array(sorted(NOT_AVERAGED))
    table = measurements.filter(pc.invert(pc.is_in(measurements["item"], value_set=skipped)))
    sites, site = _codes(table["site"])
    sites, site = _renamed(sites, site, aliases or {})
    keys = item_keys() if keys is None else tuple(keys)
    item = _known_codes(table, "item", keys)
    source = _known_codes(table, "source", list(priority))
    status = _status(table)
    value = _half_units(table, item, keys, status)
    second = table["time"].cast(pa.timestamp("s")).cast(pa.int64()).to_numpy(zero_copy_only=False)
    order = _order(site, item, source, second)
    rows = Rows(
        tuple(sites),
        keys,
        site[order],
        item[order],
        source[order],
        second[order],
        value[order],
        status[order],
        np.arange(site.size)[order],
    )
    apply_flags(rows, flags)
    return rows


def check_columns(table: pa.Table) -> None:
    """Raise a `DataError` if a column is missing."""
    needed = [field.name for field in MEASUREMENTS if not field.nullable] + ["value"]
    for name in needed:
        if name not in table.column_names:
            raise DataError(
                Text("测量表缺少“{name}”列。", name=name),
                remedy=Text("请用本软件的测量模板，或先用 bishui observations import 导入。"),
                where=Where(column=name),
            )


def _codes(column: pa.ChunkedArray) -> tuple[list[str], npt.NDArray[np.int64]]:
    encoded = pc.dictionary_encode(column.combine_chunks() if column.num_chunks != 1 else column.chunk(0))
    if isinstance(encoded, pa.ChunkedArray):
        encoded = encoded.combine_chunks()
    return encoded.dictionary.to_pylist(), encoded.indices.to_numpy(zero_copy_only=False).astype(np.int64)


def _renamed(
    sites: list[str], codes: npt.NDArray[np.int64], aliases: dict[str, str]
) -> tuple[list[str], npt.NDArray[np.int64]]:
    """Return site codes in alphabetical order of the site ids that the names stand for."""
    ids = [aliases.get(site, site) for site in sites]
    known = sorted(set(ids))
    place = {site: code for code, site in enumerate(known)}
    lookup = np.array([place[site] for site in ids], np.int64)
    return known, lookup[codes] if codes.size else codes


def _known_codes(table: pa.Table, column: str, known: Sequence[str]) -> npt.NDArray[np.int64]:
    words, codes = _codes(table[column])
    place = {word: code for code, word in enumerate(known)}
    for code, word in enumerate(words):
        if word not in place:
            raise unknown_word(table, int(np.argmax(codes == code)), column, word, known)
    lookup = np.array([place[word] for word in words], np.int64)
    return lookup[codes] if codes.size else codes


def unknown_word(
    table: pa.Table, index: int, column: str, word: str, known: Sequence[str], *, offset: int = 0
) -> DataError:
    """Return the fault of a word that is no item, source or mark; `offset` rows lie before the table."""
    return DataError(
        Text("“{word}”不是可识别的{what}。", word=word, what=_COLUMN_NAMES[column]),
        remedy=Text("可用的值：{known}。", known="、".join(known)),
        where=_where(table, index, column, offset),
    )


_COLUMN_NAMES = {"item": Text("监测项目"), "source": Text("数据来源"), "mark": Text("数据标记")}


def _where(table: pa.Table, index: int, column: str, offset: int = 0) -> Where:
    row = table["row"][index].as_py() if "row" in table.column_names else None
    return Where(row=row if row is not None else offset + index + 1, column=column)


def _status(table: pa.Table) -> npt.NDArray[np.uint8]:
    marks = [mark.value for mark in Mark]
    lookup = np.array([MARK_STATUS[Mark(mark)] for mark in marks], np.uint8)
    status = lookup[_known_codes(table, "mark", marks)]
    empty = pc.is_null(table["value"]).to_numpy(zero_copy_only=False).astype(bool)
    status[(status == kernels.USED) & empty] = kernels.NO_READING
    status[(status == kernels.USED_BELOW) & empty] = kernels.NO_LIMIT
    return status


def _half_units(
    table: pa.Table, item: npt.NDArray[np.int64], keys: Sequence[str], status: npt.NDArray[np.uint8]
) -> npt.NDArray[np.int64]:
    column = table["value"].cast(pa.decimal128(38, VALUE_SCALE)).combine_chunks()
    if isinstance(column, pa.ChunkedArray):
        column = pa.concat_arrays(column.chunks) if column.num_chunks else pa.array([], column.type)
    words = decimal_words(column)
    divisor = np.array([10 ** (VALUE_SCALE - known_items()[key].scale) for key in keys], np.int64)
    used = status <= kernels.USED_BELOW
    value, fault = kernels.fixed_point(words, divisor, item, used)
    if fault >= 0:
        raise value_fault(table, fault)
    return value


def value_fault(table: pa.Table, index: int, offset: int = 0) -> DataError:
    """Return the fault of a value that its item's scale or 61 bits do not hold."""
    item = known_items()[table["item"][index].as_py()]
    return DataError(
        Text(
            "{name}的值 {value} 放不进该项目保留的 {scale} 位小数或超出可计算的范围。",
            name=item.name_zh,
            value=table["value"][index].as_py(),
            scale=item.scale,
        ),
        remedy=Text("请核对数值与单位。"),
        where=_where(table, index, "value", offset),
    )


def decimal_words(column: pa.Array) -> npt.NDArray[np.int64]:
    """Return the two little-endian 64-bit words of each decimal128, without copying, (n, 2)."""
    buffer = column.buffers()[1]
    if buffer is None or not len(column):
        return np.empty((0, 2), np.int64)
    words = np.frombuffer(buffer, np.int64).reshape(-1, 2)
    return words[column.offset : column.offset + len(column)]


def _order(*codes: npt.NDArray[np.int64]) -> npt.NDArray[np.int64] | slice:
    """Return the order by site, item, source, time; a slice of everything where it holds already."""
    site, item, source, second = codes
    if not site.size:
        return slice(None)
    offset = second - second.min()
    if int(offset.max()) >= 1 << 35 or int(site.max()) >= 1 << 20 or int(item.max()) >= 1 << 6:
        return np.lexsort((second, source, item, site))
    key = (((site << 6) | item) << 2 | source) << 35 | offset
    if bool(np.all(key[1:] >= key[:-1])):
        return slice(None)
    return np.argsort(key, kind="stable")


def apply_flags(rows: Rows, flags: pa.Table | None) -> None:
    """Mark the used rows that a flag holds back; an exclusion outweighs a review."""
    if flags is None or not flags.num_rows or not rows.site.size:
        return
    place = {site: code for code, site in enumerate(rows.sites)}
    items_by_key = {key: code for code, key in enumerate(rows.keys)}
    for flag in sorted(flags.to_pylist(), key=lambda entry: str(entry["flag"]), reverse=True):
        code = place.get(flag["site"])
        if flag["flag"] not in FLAG_STATUS:
            raise flag_fault(flag["flag"])
        if code is None:
            continue
        begin, end = np.searchsorted(rows.site, [code, code + 1])
        span = slice(int(begin), int(end))
        first, last = (np.datetime64(flag[name], "s").astype(np.int64) for name in ("time_from", "time_to"))
        hit = (rows.second[span] >= first) & (rows.second[span] <= last)
        hit &= (rows.status[span] <= kernels.USED_BELOW) | (rows.status[span] == kernels.UNDER_REVIEW)
        if flag["item"] is not None:
            hit &= rows.item[span] == items_by_key.get(flag["item"], -1)
        rows.status[span][hit] = FLAG_STATUS[flag["flag"]]


def flag_fault(word: str) -> DataError:
    """Return the fault of a flag that is no flag."""
    return DataError(
        Text("“{flag}”不是可识别的标识。", flag=word),
        remedy=Text("可用的值：excluded（剔除）、under_review（待审核）。"),
        where=Where(column="flag"),
    )
