"""From the columns of a sheet to single cells with site, time, item and unit; wide and long tables alike."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TypeVar

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from bishui.errors import DataError, Problem
from bishui.i18n import Text
from bishui.observations.duplicates import combine, first_of
from bishui.observations.laboratory_texts import moment
from bishui.observations.layouts import Layout
from bishui.observations.naming import named_item
from bishui.observations.records import Records
from bishui.observations.schema import Mark, Source
from bishui.observations.sheets import Body
from bishui.observations.textforms import qualifier_mark, source_of, status_mark
from bishui.observations.times import Times, parse_times
from bishui.observations.values import CODE
from bishui.standards import Item

SOURCES = tuple(Source)
_HINTS = ("province", "basin", "city", "river")
_Meaning = TypeVar("_Meaning")
#: Code for "the file says nothing about the mark".
UNSAID = -1


@dataclass(slots=True)
class Register:
    """The distinct things that a file names: sites, items, units; shared by all its sheets."""

    sites: dict[tuple[str, str], int] = field(default_factory=dict)
    waters: dict[int, tuple[str, str, str]] = field(default_factory=dict)
    names: dict[int, str] = field(default_factory=dict)
    items: dict[str, Item] = field(default_factory=dict)
    units: dict[str, int] = field(default_factory=dict)

    def item(self, item: Item) -> int:
        """Return the place of `item` among the items."""
        self.items.setdefault(item.key, item)
        return list(self.items).index(item.key)

    def unit(self, unit: str) -> int:
        """Return the place of `unit` among the units."""
        return self.units.setdefault(unit, len(self.units))


@dataclass(slots=True)
class Cells:
    """Single cells, each array of shape (n,).

    `record` is the place of the cell's record in the sheet, `head` the place of its column; `site`, `item`
    and `unit` are places in the `Register`; `seconds` count from 1970-01-01; `said` is the code of the mark
    that the file gives beside the cell (`UNSAID` without one); `by_status` tells that it is a station status;
    `raw` is the text that was given first, where a column holds it apart; `apart` tells results of one site,
    time and item that are to stand side by side, by a code each.
    """

    record: np.ndarray
    head: np.ndarray
    site: np.ndarray
    seconds: np.ndarray
    item: np.ndarray
    unit: np.ndarray
    said: np.ndarray
    by_status: bool
    source: np.ndarray
    texts: pa.Array
    raw: pa.Array
    apart: np.ndarray | None = None


def read_cells(body: Body, layout: Layout, records: Records, register: Register, year: int | None) -> Cells:
    """Return the cells of one sheet; records that cannot be read are refused in `records`.

    Raises
    ------
    DataError
        The times have no year and none is known.
    """
    columns = {role: pc.utf8_trim_whitespace(body.columns[place]) for role, place in layout.roles.items()}
    _set_empty_aside(body, records)
    _set_repeats_aside(body, layout, records)
    site = _sites(columns, layout, records, register)
    times = _times(columns, layout, records, year)
    if layout.kind == "wide":
        return _wide_cells(body, layout, columns, records=records, register=register, site=site, times=times)
    return _long_cells(layout, columns, records=records, register=register, site=site, times=times)


def _set_empty_aside(body: Body, records: Records) -> None:
    empty = np.ones(len(body.rows), dtype=bool)
    for column in body.columns:
        empty &= np.asarray(pc.equal(pc.utf8_trim_whitespace(column), ""))
    records.ignore(np.flatnonzero(empty), Text("空行"))


def _set_repeats_aside(body: Body, layout: Layout, records: Records) -> None:
    """Recognise records whose every read cell has the same text as in an earlier record."""
    places = [*layout.roles.values(), *(column.place for column in layout.items)]
    codes = (body.columns[place].dictionary_encode().indices.to_numpy() for place in places)
    first = first_of(combine(*codes))
    again = np.flatnonzero((first != np.arange(len(first))) & records.open)
    records.repeat(again, first[again])


def _sites(
    columns: Mapping[str, pa.Array], layout: Layout, records: Records, register: Register
) -> np.ndarray:
    """Return the place of each record's site; the province tells sites of one name apart."""
    blank = pa.array([""]).take(pa.array(np.zeros(len(records.rows), dtype=np.int8)))
    parts = [columns.get(role, blank).dictionary_encode() for role in ("site", *_HINTS)]
    key = combine(*(part.indices.to_numpy() for part in parts[:2]))
    first = first_of(key)
    named = np.full(len(first), -1, dtype=np.int64)
    for place in np.unique(first[records.open]).tolist():  # what was set aside names no site
        name, province, basin, city, river = (part[place].as_py() for part in parts)
        if name:
            named[place] = register.sites.setdefault((name, province), len(register.sites))
            register.waters.setdefault(int(named[place]), (basin, city, river))
    site: np.ndarray = named[first]
    for place in np.flatnonzero((site < 0) & records.open).tolist():
        records.reject(place, _fault("no-site"), layout.head("site"))
    return site


def _times(columns: Mapping[str, pa.Array], layout: Layout, records: Records, year: int | None) -> Times:
    if "snapshot" in columns:
        return _times_of_snapshots(columns, layout, records)
    if "clock" in columns:
        both = zip(columns["time"].to_pylist(), columns["clock"].to_pylist(), strict=True)
        columns = {**columns, "time": pa.array([moment(*its) for its in both], pa.string())}
    times = parse_times(columns["time"], year)
    for place in np.flatnonzero(~times.known & ~times.absent & records.open).tolist():
        problem = times.problems[columns["time"][place].as_py()]
        if problem.code == "no-year":
            raise DataError(
                problem.what, remedy=problem.remedy, where=records.where(place, layout.head("time"))
            )
        records.reject(place, problem, layout.head("time"))
    return times


def _times_of_snapshots(columns: Mapping[str, pa.Array], layout: Layout, records: Records) -> Times:
    """Return times whose year is that of the day on which the row was published (快照日期).

    A row without a time says that the station had nothing on that day: it stands at the day's 0:00.
    """
    days = parse_times(columns["snapshot"])
    seconds, known, absent = days.seconds.copy(), days.known.copy(), ~days.known
    problems = dict(days.problems)
    dates = days.seconds.astype("datetime64[s]").astype("datetime64[Y]").astype(int) + 1970
    for year in np.unique(dates[days.known]).tolist():
        its = np.flatnonzero(days.known & (dates == year))
        read = parse_times(columns["time"].take(pa.array(its)), year)
        # A December reading published in January belongs to the year before.
        late = read.known & (read.seconds > days.seconds[its] + 2 * 86400)
        before = parse_times(columns["time"].take(pa.array(its[late])), year - 1)
        read.seconds[late], read.known[late] = before.seconds, before.known
        seconds[its] = np.where(read.known, read.seconds, days.seconds[its])
        known[its], absent[its] = read.known, read.absent
        problems.update(read.problems)
    for place in np.flatnonzero(~known & ~absent & records.open).tolist():
        records.reject(place, problems[columns["time"][place].as_py()], layout.head("time"))
    return Times(seconds, known, absent, problems)


def _refuse_timeless(
    times: Times, numbers: np.ndarray, layout: Layout, records: Records, dated: bool
) -> None:
    """Refuse records without a time that hold numbers, and set those without numbers aside."""
    timeless = times.absent & records.open
    nothing = np.flatnonzero(timeless & ~numbers)
    if not dated:
        records.ignore(nothing, Text("没有监测时间，也没有读数"))
    for place in np.flatnonzero(timeless & numbers).tolist():
        records.reject(place, _fault("no-time"), layout.head("time"))


def _wide_cells(
    body: Body,
    layout: Layout,
    columns: Mapping[str, pa.Array],
    *,
    records: Records,
    register: Register,
    site: np.ndarray,
    times: Times,
) -> Cells:
    texts = [pc.utf8_trim_whitespace(body.columns[column.place]) for column in layout.items]
    numbers = np.zeros(len(records.rows), dtype=bool)
    for text in texts:
        numbers |= np.asarray(pc.match_substring_regex(text, "[0-9]"))
    _refuse_timeless(times, numbers, layout, records, "snapshot" in layout.roles)
    said = _status(columns, layout, records)
    record = np.flatnonzero(records.open)
    taken = pa.array(record)
    count = len(layout.items)
    chunks = [text.take(taken) for text in texts]
    stacked = pa.concat_arrays(chunks)
    return Cells(
        record=np.tile(record, count),
        head=np.repeat([column.place for column in layout.items], len(record)),
        site=np.tile(site[record], count),
        seconds=np.tile(times.seconds[record], count),
        item=np.repeat([register.item(column.item) for column in layout.items], len(record)),
        unit=np.repeat([register.unit(column.unit or "") for column in layout.items], len(record)),
        said=np.tile(said[record], count),
        by_status=True,
        source=np.full(len(record) * count, _source_code(layout), dtype=np.int8),
        texts=stacked,
        raw=stacked,
    )


def _source_code(layout: Layout) -> int:
    # Only automatic stations (自动站) are published with a station status.
    return SOURCES.index(Source.AUTOMATIC if "status" in layout.roles else Source.UNKNOWN)


def _status(columns: Mapping[str, pa.Array], layout: Layout, records: Records) -> np.ndarray:
    if "status" not in columns:
        return np.full(len(records.rows), UNSAID, dtype=np.int8)
    marks = _meanings(columns["status"], status_mark, "unknown-status", layout.head("status"), records)
    codes = [CODE[Mark.OFFLINE] if mark is Mark.OFFLINE else UNSAID for mark in marks[0]]
    said: np.ndarray = np.array(codes, dtype=np.int8)[marks[1]]
    return said


def _long_cells(
    layout: Layout,
    columns: Mapping[str, pa.Array],
    *,
    records: Records,
    register: Register,
    site: np.ndarray,
    times: Times,
) -> Cells:
    size = len(records.rows)
    _refuse_timeless(times, np.ones(size, dtype=bool), layout, records, False)
    found, which = _meanings(columns["item"], named_item, "unknown-item", layout.head("item"), records)
    item = np.array([register.item(its) if its else 0 for its in found], dtype=np.int64)[which]
    unit = _codes(columns.get("unit"), size, register.unit)
    said = np.full(size, UNSAID, dtype=np.int8)
    if "qualifier" in columns:
        marks, which = _meanings(
            columns["qualifier"], _said, "unknown-qualifier", layout.head("qualifier"), records
        )
        said = np.array(
            [UNSAID if mark in (None, "") else CODE[Mark(mark)] for mark in marks], dtype=np.int8
        )[which]
    source = np.full(size, SOURCES.index(Source.UNKNOWN), dtype=np.int8)
    if "source" in columns:
        ways, which = _meanings(
            columns["source"], source_of, "unknown-source", layout.head("source"), records
        )
        source = np.array([SOURCES.index(way or Source.UNKNOWN) for way in ways], dtype=np.int8)[which]
    record = np.flatnonzero(records.open)
    taken = pa.array(record)
    texts = columns["value"].take(taken)
    return Cells(
        record=record,
        head=np.full(len(record), layout.roles["value"], dtype=np.int64),
        site=site[record],
        seconds=times.seconds[record],
        item=item[record],
        unit=unit[record],
        said=said[record],
        by_status=False,
        source=source[record],
        texts=texts,
        raw=columns["raw"].take(taken) if "raw" in columns else texts,
    )


def _said(text: str) -> str | None:
    """Return the mark of a qualifier, empty for an empty cell, None for an unknown word."""
    return qualifier_mark(text) if text else ""


def _meanings(
    column: pa.Array, meaning: Callable[[str], _Meaning | None], code: str, head: str, records: Records
) -> tuple[list[_Meaning | None], np.ndarray]:
    """Return the meaning of each distinct text and the place of each record's; refuse records without one."""
    encoded = column.dictionary_encode()
    which = encoded.indices.to_numpy()
    texts = encoded.dictionary.to_pylist()
    found = [meaning(text) for text in texts]
    unknown = np.array([its is None for its in found], dtype=bool)
    if unknown.any():
        for place in np.flatnonzero(unknown[which] & records.open).tolist():
            records.reject(place, _fault(code, texts[which[place]]), head)
    return found, which


def _codes(column: pa.Array | None, size: int, code: Callable[[str], int]) -> np.ndarray:
    if column is None:
        return np.full(size, code(""), dtype=np.int64)
    encoded = column.dictionary_encode()
    codes = np.array([code(text) for text in encoded.dictionary.to_pylist()], dtype=np.int64)
    return codes[encoded.indices.to_numpy()] if len(codes) else np.zeros(0, dtype=np.int64)


def _fault(code: str, raw: str = "") -> Problem:
    what, remedy = _FAULTS[code]
    return Problem(code, Text(what.template, raw=raw), remedy, raw=raw)


_FAULTS: dict[str, tuple[Text, Text]] = {
    "no-site": (Text("没有断面（站点）名称。", raw=""), Text("请补填断面（站点）名称。")),
    "no-time": (
        Text("没有监测时间，这一行的数值无法使用。", raw=""),
        Text("请补填监测时间，例如 2024-03-05 08:00。"),
    ),
    "unknown-item": (
        Text("不认识监测项目“{raw}”。", raw=""),
        Text("请使用模板“说明”页所列的项目名称或代码。"),
    ),
    "unknown-qualifier": (
        Text("不认识标记“{raw}”。", raw=""),
        Text("请填写：正常、未检出、无读数、不提供、停站或维护；也可留空。"),
    ),
    "unknown-status": (
        Text("不认识站点情况“{raw}”。", raw=""),
        Text("请填写：正常、维护、停站、不具备运行条件。"),
    ),
    "unknown-source": (
        Text("不认识数据来源“{raw}”。", raw=""),
        Text("请填写：自动、手工；也可留空。"),
    ),
}
