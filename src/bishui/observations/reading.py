"""Reading one file of measurements: any known layout in, the table of the seam and a full account out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import pairwise
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from bishui.errors import CallError, Problem
from bishui.i18n import Text
from bishui.observations import wqx
from bishui.observations.cells import SOURCES, Cells, Register, read_cells
from bishui.observations.duplicates import combine, dense, judge
from bishui.observations.laboratory_texts import limits_beside, stripped
from bishui.observations.layouts import Layout, recognise, unknown_layout
from bishui.observations.numbers import Reading
from bishui.observations.other_rows import set_others_aside
from bishui.observations.records import ACCOUNT, Records, outside_account
from bishui.observations.schema import MEASUREMENTS, TIME_TYPE, VALUE_TYPE, Mark
from bishui.observations.sheets import Body, Sheet, read_sheets, shown_sheets
from bishui.observations.times import years_named
from bishui.observations.values import CODE, MARKS, Values, place_reading, understand, value_codes

Progress = Callable[[int, int], None]
#: Shares of the work that are done after reading, after understanding and in the end.
_READ, _UNDERSTOOD, _ALL = 60, 80, 100


@dataclass(frozen=True, slots=True)
class SiteHint:
    """What a file says about one site, so that its register entry can be found.

    `site` is what stands in the table's `site` column: the name, or where the file has several sites of one
    name, the name with its province in brackets behind it.
    """

    site: str
    name: str
    province: str | None = None
    basin: str | None = None
    city: str | None = None
    river: str | None = None
    results: int = 0


@dataclass(frozen=True, slots=True)
class ReadResult:
    """What a file holds.

    Attributes
    ----------
    table
        Measurements (`MEASUREMENTS`), `import_id` null, in the order of the file.
    problems
        What could not be taken, each with its place, reason and remedy, in the order of the file.
    account
        One row per record of the file (`ACCOUNT`).
    layout
        ``wide`` or ``long``; both where sheets differ, joined by ``+``.
    sites
        The sites that the file names.
    rows_read
        Records below the heads.
    notes
        What was assumed or left unread.
    """

    table: pa.Table
    problems: tuple[Problem, ...]
    account: pa.Table
    layout: str
    sites: tuple[SiteHint, ...]
    rows_read: int
    notes: tuple[Text, ...]


@dataclass(slots=True)
class Part:
    """One sheet with its cells.

    Attributes
    ----------
    values
        The understood cells, where the layout has its own way; otherwise they are understood later.
    limits
        Item key → detection limit in the item's own unit, for cells that say "below" and no more.
    limits_beside
        Record → the limit that stands beside its result; it comes before that of the item.
    """

    layout: Layout
    records: Records
    outside: Records
    cells: Cells
    values: Values | None = None
    limits: Mapping[str, Decimal] = field(default_factory=dict)
    limits_beside: Mapping[int, Decimal] = field(default_factory=dict)


def read_table(
    path: str | Path, *, name: str | None = None, year: int | None = None, progress: Progress | None = None
) -> ReadResult:
    """Read a file of measurements.

    Parameters
    ----------
    path
        CSV (comma, tab or semicolon; UTF-8, GBK; packed or not), XLSX, XLS or Parquet, in the published wide
        layout of the national automatic stations or as a long table.
    name
        What the user calls the file, where it is kept under another name.
    year
        The year of times without one; otherwise that of the file's or its folder's name.
    progress
        Called with (done, total) as the work goes on.

    Raises
    ------
    UnknownLayout
        No sheet has known heads; the message names those found and those wanted.
    UnreadableFile
        The file is damaged, empty, or in no known encoding.
    DataError
        The times have no year and none can be found, or two columns mean the same.
    """
    path = Path(path).resolve()
    called = path if name is None else path.with_name(Path(name).name)
    if year is not None and not 1900 <= year <= 2200:
        raise CallError(Text("年份“{year}”不合理。", year=year), remedy=Text("请写四位年份，例如 2024。"))
    notes: list[Text] = []
    register = Register()
    _tell(progress, 0)
    parts = _parts(path, called, register, year, notes)
    _tell(progress, _READ)
    return finish(parts, register, notes, progress)


def finish(
    parts: list[Part], register: Register, notes: list[Text], progress: Progress | None = None
) -> ReadResult:
    """Understand the cells of all sheets, settle repeats and contradictions, and account for every record."""
    values = []
    for number, part in enumerate(parts, start=1):
        values.append(_understand(part, register))
        _tell(progress, _READ + (_UNDERSTOOD - _READ) * number // len(parts))
    kept = _settle(parts, values, register)
    names = _site_names(register)
    tables = [
        _table(part, its, keep, names, register) for part, its, keep in zip(parts, values, kept, strict=True)
    ]
    table = pa.concat_tables(tables).combine_chunks()
    account = _account(parts)
    problems = [problem for part in parts for problem in _problems(part)]
    _tell(progress, _ALL)
    kinds = "+".join(dict.fromkeys(part.layout.kind for part in parts))
    sites = _hints(register, names, table)
    return ReadResult(table, tuple(problems), account, kinds, sites, account.num_rows, tuple(notes))


def _tell(progress: Progress | None, done: int) -> None:
    if progress is not None:
        progress(done, _ALL)


def _parts(path: Path, called: Path, register: Register, year: int | None, notes: list[Text]) -> list[Part]:
    sheets = shown_sheets(read_sheets(path, name=called.name), notes)
    known = [(sheet, layout) for sheet in sheets if (layout := _layout(sheet, called.name)) is not None]
    if not known:
        raise unknown_layout(sheets, called.name)
    for sheet in sheets:
        if all(sheet is not its for its, _ in known) and any(map(any, sheet.preview)):
            notes.append(Text("工作表“{sheet}”不是监测数据，未读取。", sheet=sheet.name))
    assumed = year if year is not None else _year_of(called, notes)
    parts = []
    for sheet, layout in known:
        if layout.unread:
            notes.append(Text("未读取的列：{heads}。", heads="、".join(layout.unread)))
        body = sheet.body(layout.head_at)
        records = Records(called.name, sheet.name, body.rows)
        records.problems.extend(layout.problems)
        outside = outside_account(called.name, sheet.name, body.rejected, body.comments)
        if layout.kind == wqx.KIND:
            part = Part(layout, records, outside, *wqx.read_results(body, layout, records, register, notes))
        else:
            below = set_others_aside(body, layout, records)
            cells = read_cells(body, below.layout, records, register, assumed)
            beside = _limits_beside(body, layout)
            part = Part(below.layout, records, outside, cells, limits=below.limits, limits_beside=beside)
        parts.append(part)
    return parts


def _limits_beside(body: Body, layout: Layout) -> dict[int, Decimal]:
    """Return record → the detection limit that stands beside its result in a long table."""
    if layout.kind != "long" or "limit" not in layout.roles:
        return {}
    nothing = [""] * len(body.rows)
    value, limit, item, unit = (
        stripped(body.columns[layout.roles[role]]) if role in layout.roles else nothing
        for role in ("value", "limit", "item", "unit")
    )
    return limits_beside(value, limit, item, unit)


def _layout(sheet: Sheet, file: str) -> Layout | None:
    return wqx.recognise_wqx(sheet) or recognise(sheet, file)


def _year_of(path: Path, notes: list[Text]) -> int | None:
    years = years_named(path)
    if len(years) != 1:
        return None
    notes.append(Text("没有年份的时间按文件名（或文件夹名）中的 {year} 年计。", year=years[0]))
    return years[0]


def _understand(part: Part, register: Register) -> Values:
    """Understand the cells of one sheet and join them with the marks that stand beside them."""
    cells = part.cells
    if part.values is not None:
        return part.values
    values = understand(
        cells.texts, cells.item, list(register.items.values()), cells.unit, list(register.units) or [""]
    )
    for mark in (Mark.BELOW_DETECTION, Mark.NO_READING, Mark.NOT_GIVEN, Mark.OFFLINE):
        its = cells.said == CODE[mark]
        if not its.any():
            continue
        if mark in (Mark.NO_READING, Mark.NOT_GIVEN):
            for cell in np.flatnonzero(its & values.present).tolist():
                values.reject(np.array([cell]), _qualifier_conflict(cells.texts[cell].as_py()))
        if mark is Mark.OFFLINE and cells.by_status:
            its &= values.marks != CODE[Mark.NOT_GIVEN]
        values.marks[its] = CODE[mark]
    _fill_limits(part, values, register)
    return values


def _fill_limits(part: Part, values: Values, register: Register) -> None:
    """Give "below detection" without a number the limit that the file or the laboratory names."""
    bare = (values.marks == CODE[Mark.BELOW_DETECTION]) & ~values.present
    for cell in np.flatnonzero(bare).tolist() if part.limits_beside else ():
        beside = part.limits_beside.get(int(part.cells.record[cell]))
        if beside is not None:
            place_reading(values, np.array([cell]), Reading(beside, Mark.BELOW_DETECTION))
            bare[cell] = False
    for place, item in enumerate(register.items):
        limit = part.limits.get(item)
        its = np.flatnonzero(bare & (part.cells.item == place))
        if limit is not None and its.size:
            place_reading(values, its, Reading(limit, Mark.BELOW_DETECTION))


def _qualifier_conflict(raw: str) -> Problem:
    return Problem(
        "qualifier-conflict",
        Text("结果“{raw}”是数值，标记却说没有读数。", raw=raw),
        Text("请核对：有数值时标记留空或写“正常”，没有读数时结果留空。"),
        raw=raw,
    )


def _settle(parts: list[Part], values: list[Values], register: Register) -> list[np.ndarray]:
    """Refuse faulty cells, recognise repeats and contradictions over all sheets; return what is kept."""
    for part, its in zip(parts, values, strict=True):
        for cell in np.flatnonzero(its.faults >= 0).tolist():
            part.records.refuse_cell(
                int(part.cells.record[cell]), its.problems[its.faults[cell]], _head(part, cell)
            )
    sizes = [len(part.cells.record) for part in parts]
    ends = np.cumsum([0, *sizes])
    fine = np.concatenate([its.faults < 0 for its in values])
    site, item, seconds = (
        np.concatenate([getattr(part.cells, name) for part in parts]) for name in ("site", "item", "seconds")
    )
    key = combine(site, item, dense(seconds), _apart(parts))
    marks = np.concatenate([its.marks for its in values])
    codes = np.concatenate([value_codes(its) for its in values])
    places = np.flatnonzero(fine)
    verdict = judge(key[places], marks[places], codes[places])
    kept = fine.copy()
    kept[places[list(verdict.repeats)]] = False
    for group in verdict.contradictions:
        _contradict([int(places[cell]) for cell in group], parts, ends)
        kept[places[group]] = False
    _note_repeats(verdict.repeats, places, kept, parts, ends)
    return [kept[start:end] for start, end in pairwise(ends)]


def _apart(parts: list[Part]) -> np.ndarray:
    """Return one code per cell that tells results apart which are meant to stand side by side."""
    codes, reach = [], 1
    for part in parts:
        its = part.cells.apart
        codes.append(np.zeros(len(part.cells.record), dtype=np.int64) if its is None else its + reach)
        reach += 0 if its is None else len(its)
    return np.concatenate(codes)


def _head(part: Part, cell: int) -> str:
    return part.layout.heads[int(part.cells.head[cell])].strip()


def _locate(cell: int, parts: list[Part], ends: np.ndarray) -> tuple[Part, int]:
    """Return the sheet of a cell that is counted over all sheets, and its place there."""
    sheet = int(np.searchsorted(ends, cell, side="right")) - 1
    return parts[sheet], cell - int(ends[sheet])


def _contradict(group: list[int], parts: list[Part], ends: np.ndarray) -> None:
    """Refuse cells of the same site, time and item that give different results; each names the others."""
    located = [_locate(cell, parts, ends) for cell in group]
    several = len({part.records.sheet for part, _ in located}) > 1
    told = "、".join(str(_told(part, cell, several)) for part, cell in located[:10])
    for part, cell in located:
        problem = Problem(
            "contradiction",
            Text("同一断面、时间、项目有不同的结果：{told}。都未采用。", told=told),
            Text("请核对原始记录，只保留正确的一行后重新导入。"),
            raw=part.cells.texts[cell].as_py(),
        )
        part.records.refuse_cell(int(part.cells.record[cell]), problem, _head(part, cell))


def _told(part: Part, cell: int, several: bool) -> Text:
    """Return where a cell stands and what it says, with its sheet where there are `several`."""
    row, raw = int(part.records.rows[part.cells.record[cell]]), part.cells.texts[cell].as_py()
    if several:
        return Text("工作表“{sheet}”第 {row} 行“{raw}”", sheet=part.records.sheet, row=row, raw=raw)
    return Text("第 {row} 行“{raw}”", row=row, raw=raw)


def _note_repeats(
    repeats: dict[int, int], places: np.ndarray, kept: np.ndarray, parts: list[Part], ends: np.ndarray
) -> None:
    """Account for records of which nothing is left because other records say the same or more."""
    left = [
        np.bincount(part.cells.record[kept[start:end]], minlength=len(part.records.rows))
        for part, start, end in zip(parts, ends[:-1], ends[1:], strict=True)
    ]
    for part, count in zip(parts, left, strict=True):
        part.records.results[:] = count
    for cell, first in repeats.items():
        part, its = _locate(int(places[cell]), parts, ends)
        other, origin = _locate(int(places[first]), parts, ends)
        record = int(part.cells.record[its])
        if part.records.results[record] == 0 and not part.records.refused_cells[record]:
            row = int(other.records.rows[other.cells.record[origin]])
            of = other.cells.record[origin] if other is part else -1
            part.records.supersede(record, int(of))
            if other is not part:
                part.records.reasons[record] = Text(
                    "与工作表“{sheet}”第 {row} 行重复", sheet=other.records.sheet, row=row
                )


def _site_names(register: Register) -> list[str]:
    """Return what stands for each site: its name, with the province where two sites share the name."""
    shared = Counter(name for name, _ in register.sites)
    return [
        f"{name}（{province}）" if shared[name] > 1 and province else name
        for name, province in register.sites
    ]


def _table(part: Part, values: Values, keep: np.ndarray, names: list[str], register: Register) -> pa.Table:
    """Return the kept cells as measurements, in the order of the file."""
    cells = part.cells
    places = np.flatnonzero(keep)
    places = places[np.lexsort((cells.head[places], cells.record[places]))]
    taken = pa.array(places)
    size = len(places)
    units = [unit or None for unit in register.units] or [None]
    columns = [
        pa.nulls(size, pa.string()),
        pa.array(part.records.rows[cells.record[places]].astype(np.int32)),
        _words(cells.site[places], names),
        pa.array(cells.seconds[places]).cast(TIME_TYPE),
        _words(cells.item[places], list(register.items)),
        values.decimals().take(taken) if size else pa.array([], VALUE_TYPE),
        _words(values.marks[places], list(MARKS)),
        _given_units(values, cells, places, units),
        _raw(cells, values).take(taken),
        _words(cells.source[places], list(SOURCES)),
    ]
    return pa.table(columns, schema=MEASUREMENTS)


def _words(codes: np.ndarray, words: list[str]) -> pa.Array:
    return pa.array(words, pa.string()).take(pa.array(codes))


def _given_units(values: Values, cells: Cells, places: np.ndarray, units: list[str | None]) -> pa.Array:
    beside = pa.array(units, pa.string()).take(pa.array(cells.unit[places]))
    if not values.units:
        return beside
    inside = [values.units.get(cell) for cell in places.tolist()]
    return pc.coalesce(beside, pa.array(inside, pa.string()))


def _raw(cells: Cells, values: Values) -> pa.Array:
    """Return the text as given: that of the column of original texts where it still means the same number."""
    if cells.raw is cells.texts:
        return cells.texts
    plain = r"^-?[0-9]{1,18}(\.[0-9]{1,10})?$"
    both = np.asarray(
        pc.and_(pc.match_substring_regex(cells.raw, plain), pc.match_substring_regex(cells.texts, plain))
    )
    same = np.asarray(pc.equal(cells.raw, cells.texts)).copy()
    if both.any():
        mask = pa.array(both)
        same[both] = pc.equal(
            cells.raw.filter(mask).cast(VALUE_TYPE), cells.texts.filter(mask).cast(VALUE_TYPE)
        )
    # An empty result cell stands for an original text without a number, such as "--" or "停站".
    same |= np.asarray(pc.equal(cells.texts, "")) & ~np.asarray(pc.match_substring_regex(cells.raw, "[0-9]"))
    return pc.if_else(pa.array(same), cells.raw, cells.texts)


def _account(parts: list[Part]) -> pa.Table:
    tables = []
    for part in parts:
        both = [part.records.account()]
        if len(part.outside.rows):
            both.append(part.outside.account())
        joined = pa.concat_tables(both)
        tables.append(joined.sort_by("row") if len(both) > 1 else joined)
    return pa.concat_tables(tables) if tables else ACCOUNT.empty_table()


def _problems(part: Part) -> list[Problem]:
    found = [*part.records.problems, *part.outside.problems]
    return sorted(found, key=lambda problem: problem.where.row or 0)


def _hints(register: Register, names: list[str], table: pa.Table) -> tuple[SiteHint, ...]:
    counted = {its["values"]: its["counts"] for its in pc.value_counts(table["site"]).to_pylist()}
    hints = []
    for place, (name, province) in enumerate(register.sites):
        basin, city, river = register.waters.get(place, ("", "", ""))
        site = names[place]
        hints.append(
            SiteHint(
                site,
                register.names.get(place) or name,
                province or None,
                basin or None,
                city or None,
                river or None,
                counted.get(site, 0),
            )
        )
    return tuple(hints)
