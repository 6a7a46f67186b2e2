"""Reading a laboratory's spreadsheet by its confirmed mapping; what does not fit is refused by name."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from pathlib import Path

import numpy as np
import pyarrow as pa

from bishui.errors import DataError, Problem, Where
from bishui.i18n import Text
from bishui.observations.cells import SOURCES, UNSAID, Cells, Register, read_cells
from bishui.observations.heads import (
    JOINT,
    bare,
    day_in,
    day_of_name,
    is_word,
    joined,
    limit_row,
    site_in,
    starts_with,
    understand_head,
    unit_row,
)
from bishui.observations.laboratory_texts import are_days, limits_beside, moment, same, stripped
from bishui.observations.layouts import ItemColumn, Layout
from bishui.observations.mappings import Column, Mapping, MappingMismatch
from bishui.observations.naming import known_items, named_item
from bishui.observations.other_rows import LIMITS, UNITS, reason_of
from bishui.observations.reading import Part, Progress, ReadResult, finish
from bishui.observations.records import Records, outside_account
from bishui.observations.schema import Source
from bishui.observations.sheets import Body, Sheet, read_sheets, shown_sheets
from bishui.observations.times import parse_times, years_named
from bishui.observations.units_beside import units_beside
from bishui.standards import Item, unit_factor


@dataclass(frozen=True, slots=True)
class _Place:
    """Where heads that fit a mapping stand in a sheet: position of the first row, the heads as written."""

    at: int
    heads: list[str]


def read_with(
    mapping: Mapping,
    path: str | Path,
    *,
    name: str | None = None,
    day: date | None = None,
    year: int | None = None,
    progress: Progress | None = None,
) -> ReadResult:
    """Read a file of a laboratory by its mapping.

    Parameters
    ----------
    mapping
        As a person confirmed it.
    path, name, year, progress
        As for `read_table`.
    day
        Day of sampling, for mappings whose date is given.

    Raises
    ------
    MappingMismatch
        The file does not fit; `problems` names each difference: a column missing or new, a unit changed, a
        sheet missing, an item that the mapping does not know.
    UnreadableFile
        The file is damaged, empty, or in no known encoding.
    """
    _refuse_incomplete(mapping)
    path = Path(path).resolve()
    called = path.name if name is None else Path(name).name
    sheets = read_sheets(path, name=called)
    years = years_named(path if name is None else path.with_name(called))
    year = year if year is not None or len(years) != 1 else years[0]
    hidden: list[Text] = []
    if not mapping.sheets:
        sheets = shown_sheets(sheets, hidden)
    fitting, problems, notes = _fitting(mapping, sheets, called)
    if not problems:
        problems = [its for sheet, place in fitting for its in _changes_below(mapping, sheet, place, called)]
    if problems or not fitting:
        raise _mismatch(mapping, problems, called)
    register = Register()
    reader = _Reader(mapping, called, register, day, year)
    parts = [reader.part(sheet, place) for sheet, place in fitting]
    return finish(parts, register, [*hidden, *notes], progress)


def _refuse_incomplete(mapping: Mapping) -> None:
    """Refuse a mapping that does not say where item, result, site or day stand."""
    roles = {column.role for column in mapping.columns}
    needed = {"wide": {"result"}, "long": {"item", "value"}, "across": {"item"}}[mapping.kind]
    if mapping.kind != "across":
        needed |= {"site"} if mapping.site == "column" else set()
        needed |= {"time"} if mapping.date == "column" else set()
    if needed - roles:
        raise DataError(
            Text(
                "表格对照“{name}”没有指定：{roles}。",
                name=mapping.name,
                roles="、".join(sorted(needed - roles)),
            ),
            remedy=Text("请在对照中指定这些列，或说明它们在表头上方、工作表名中。"),
        )


def _mismatch(mapping: Mapping, problems: Sequence[Problem], file: str) -> MappingMismatch:
    return MappingMismatch(
        Text(
            "文件与“{name}”的表格对照不一致，有 {count} 处不同，没有导入。",
            name=mapping.name,
            count=len(problems),
        ),
        remedy=Text("请逐条核对：若是表格填错，改正后重新导入；若是格式已变，重新确认对照。"),
        where=Where(file=file),
        problems=problems,
    )


def _fitting(
    mapping: Mapping, sheets: Sequence[Sheet], file: str
) -> tuple[list[tuple[Sheet, _Place]], list[Problem], list[Text]]:
    """Return the sheets that fit with the place of their heads, the differences, and notes."""
    wanted = {bare(column.head) for column in mapping.columns}
    fitting: list[tuple[Sheet, _Place]] = []
    problems: list[Problem] = []
    notes: list[Text] = []
    present = {sheet.name for sheet in sheets}
    problems += [_missing_sheet(name, file) for name in mapping.sheets if name not in present]
    for sheet in sheets:
        if mapping.sheets and sheet.name not in mapping.sheets:
            notes.append(Text("工作表“{sheet}”不在对照之中，未读取。", sheet=sheet.name))
            continue
        place = _locate(mapping, sheet, wanted)
        if place is None:
            if any(map(any, sheet.preview)):
                notes.append(Text("工作表“{sheet}”没有对照中的表头，未读取。", sheet=sheet.name))
            continue
        differences = _differences(mapping, sheet, place, file)
        problems += differences
        fitting.append((sheet, place))
    if not fitting and not problems:
        problems = [_missing_column(column, Where(file=file)) for column in mapping.columns]
    return fitting, problems, notes


def _locate(mapping: Mapping, sheet: Sheet, wanted: set[str]) -> _Place | None:
    """Return where most of the mapping's heads stand, None where less than half of them do."""
    best, most = None, 0
    for at in range(len(sheet.preview) - mapping.head_rows + 1):
        heads = joined(sheet.preview, at, mapping.head_rows)
        count = len(wanted & set(map(bare, heads)))
        if count > most:
            best, most = _Place(at, heads), count
    return best if 2 * most >= len(wanted) else None


def _differences(mapping: Mapping, sheet: Sheet, place: _Place, file: str) -> list[Problem]:
    """Return the columns that are missing, new, or in another unit."""
    where = Where(file=file, sheet=sheet.name, row=place.at + mapping.head_rows)
    found = {bare(head): head for head in place.heads if head}
    problems = []
    for column in mapping.columns:
        head = found.get(bare(column.head))
        if head is None:
            problems.append(_missing_column(column, where))
        elif column.role == "result":
            problems += _changed_unit(column, understand_head(head).unit, understand_head(column.head).unit,
                                      replace(where, column=head))  # fmt: skip
    if mapping.kind != "across":
        known = {bare(column.head) for column in mapping.columns}
        problems += [_new_column(head, where) for key, head in found.items() if key not in known]
    return problems


def _changes_below(mapping: Mapping, sheet: Sheet, place: _Place, file: str) -> list[Problem]:
    """Return the differences that stand below the heads: the row of units, the items that stand down."""
    where = Where(file=file, sheet=sheet.name)
    last = place.at + mapping.head_rows - 1
    if mapping.kind == "wide" and mapping.unit_row is not None:
        row = last + mapping.unit_row
        columns = {at: its for at, its in _by_place(mapping, place).items() if its.role == "result"}
        said = unit_row(sheet.preview[row], _items_at(columns)) if row < len(sheet.preview) else None
        if said is None:
            return [_missing_unit_row(replace(where, row=row + 1))]
        return [
            its
            for at, column in columns.items()
            for its in _changed_unit(
                column, said.get(at), column.unit, replace(where, row=row + 1, column=column.head)
            )
        ]
    if mapping.kind == "across":
        return _changes_down(mapping, sheet, place, where)
    if mapping.kind == "wide":
        return units_beside(_by_place(mapping, place), place.heads, sheet.body(last), where)
    return []


def _changes_down(mapping: Mapping, sheet: Sheet, place: _Place, where: Where) -> list[Problem]:
    body = sheet.body(place.at + mapping.head_rows - 1)
    by_role = {its.role: at for at, its in _by_place(mapping, place).items()}
    problems = []
    for number, (row, written) in enumerate(
        zip(body.rows.tolist(), _texts(body, by_role["item"]), strict=True)
    ):
        item = _written_item(mapping, written)
        at = replace(where, row=row, column=place.heads[by_role["item"]])
        if item is None:
            if written and not _is_other_row(written):
                problems.append(_new_item(written, at))
            continue
        unit = _texts(body, by_role["unit"])[number] if "unit" in by_role else understand_head(written).unit
        saved = mapping.units.get(item.key)
        column = Column(written, "result", item.key, saved)
        problems += _changed_unit(column, unit or None, saved, at)
    return problems


def _changed_unit(column: Column, found: str | None, saved: str | None, where: Where) -> list[Problem]:
    """Return the problem of a unit that is not the saved one; another spelling of it is the same unit."""
    item = known_items()[column.item or ""]
    if found is None or saved is None or unit_factor(item, found) == unit_factor(item, saved):
        return []
    return [
        Problem(
            "unit-changed",
            Text("“{head}”的单位由“{saved}”变为“{found}”。", head=column.head, saved=saved, found=found),
            Text("请向实验室核实；确实改了单位的，重新确认对照。"),
            where,
            raw=found,
        )
    ]


def _missing_column(column: Column, where: Where) -> Problem:
    return Problem(
        "column-missing",
        Text("缺少“{head}”列。", head=column.head),
        Text("请补上这一列，或重新确认对照。"),
        replace(where, column=column.head),
    )


def _new_column(head: str, where: Where) -> Problem:
    return Problem(
        "column-new",
        Text("“{head}”列不在对照之中。", head=head),
        Text("请删去这一列，或重新确认对照。"),
        replace(where, column=head),
        raw=head,
    )


def _missing_sheet(name: str, file: str) -> Problem:
    return Problem(
        "sheet-missing",
        Text("缺少工作表“{sheet}”。", sheet=name),
        Text("请补上这个工作表，或重新确认对照。"),
        Where(file=file, sheet=name),
    )


def _missing_unit_row(where: Where) -> Problem:
    return Problem(
        "unit-row-missing",
        Text("这一行应当是各项目的单位。"),
        Text("请补上单位行，或重新确认对照。"),
        where,
    )


def _new_item(written: str, where: Where) -> Problem:
    return Problem(
        "item-new",
        Text("项目“{item}”不在对照之中。", item=written),
        Text("请核对项目名称，或重新确认对照。"),
        where,
        raw=written,
    )


def _by_place(mapping: Mapping, place: _Place) -> dict[int, Column]:
    """Return place → column of the mapping."""
    known = {bare(column.head): column for column in mapping.columns}
    return {at: known[bare(head)] for at, head in enumerate(place.heads) if head and bare(head) in known}


def _items_at(columns: dict[int, Column]) -> dict[int, Item]:
    return {at: known_items()[column.item] for at, column in columns.items() if column.item}


def _texts(body: Body, place: int) -> list[str]:
    return [text.strip() for text in body.columns[place].to_pylist()]


def _written_item(mapping: Mapping, written: str) -> Item | None:
    key = mapping.items.get(written)
    return known_items()[key] if key is not None else understand_head(written).item


def _is_other_row(text: str) -> bool:
    """Return whether a row's first text says that the row holds no result."""
    return (
        starts_with("note", text)
        or any(is_word(group, text) for group in ("summary", "unit", "limit"))
        or understand_head(text).role is not None
    )


@dataclass(frozen=True, slots=True)
class _Reader:
    """Turns sheets that fit a mapping into parts for the common reading."""

    mapping: Mapping
    file: str
    register: Register
    day: date | None
    year: int | None

    def part(self, sheet: Sheet, place: _Place) -> Part:
        """Return one sheet with its cells."""
        body = sheet.body(place.at + self.mapping.head_rows - 1)
        records = Records(self.file, sheet.name, body.rows)
        outside = outside_account(self.file, sheet.name, body.rejected, body.comments)
        columns = _by_place(self.mapping, place)
        limits = {key: Decimal(limit) for key, limit in self.mapping.limits.items()}
        if self.mapping.kind == "across":
            layout = Layout("across", place.at, place.heads, {its.role: at for at, its in columns.items()})
            cells = self._across(sheet, body, layout, records, limits)
            return Part(layout, records, outside, cells, limits=limits)
        self._set_others_aside(body, place, columns, records)
        layout, body = self._layout(sheet, body, place, columns)
        self._limits_of_file(sheet, place, columns, limits)
        cells = read_cells(body, layout, records, self.register, self.year)
        if "source" not in layout.roles:
            cells.source[:] = SOURCES.index(Source(self.mapping.source))
        beside: dict[int, Decimal] = {}
        if self.mapping.kind == "long" and "limit" in layout.roles:
            named = ("value", "limit", "item", "unit")
            beside = limits_beside(*(stripped(body.columns[layout.roles[role]]) for role in named))
        return Part(layout, records, outside, cells, limits=limits, limits_beside=beside)

    def _limits_of_file(
        self, sheet: Sheet, place: _Place, columns: dict[int, Column], limits: dict[str, Decimal]
    ) -> None:
        """Add the detection limits of the columns and of the file's own row, which comes first."""
        row = place.at + self.mapping.head_rows - 1 + (self.mapping.limit_row or 0)
        own = {}
        if self.mapping.limit_row is not None and row < len(sheet.preview):
            own = limit_row(sheet.preview[row], _items_at(columns)) or {}
        for at, column in columns.items():
            limit = own.get(at) or column.limit
            if column.item is not None and limit is not None:
                item = known_items()[column.item]
                limits[item.key] = Decimal(limit) * (unit_factor(item, column.unit or item.unit) or 1)

    def _set_others_aside(
        self, body: Body, place: _Place, columns: dict[int, Column], records: Records
    ) -> None:
        """Account for rows that hold no results: units, limits, notes, means, heads that stand again."""
        reasons = {self.mapping.unit_row: UNITS, self.mapping.limit_row: LIMITS}
        texts = [_texts(body, at) for at in range(len(body.columns))]
        answers = [at for at, its in columns.items() if its.role in ("result", "value")]
        heads = [bare(head) for head in place.heads]
        for number, record in enumerate(zip(*texts, strict=True)):
            reason = reasons.get(number + 1) or reason_of(record, answers, heads)
            if reason is not None:
                records.ignore(np.array([number]), reason)

    def _layout(
        self, sheet: Sheet, body: Body, place: _Place, columns: dict[int, Column]
    ) -> tuple[Layout, Body]:
        """Return the layout by the mapping; what stands outside the table becomes a column of its own."""
        roles = {
            its.role: at for at, its in reversed(columns.items()) if its.role not in ("result", "ignore")
        }
        heads, texts = list(place.heads), list(body.columns)
        heads += [""] * (len(texts) - len(heads))

        def add(role: str, head: str, column: pa.Array) -> None:
            roles[role] = len(texts)
            texts.append(column)
            heads.append(head)

        if self.mapping.date != "column":
            add("time", str(Text("采样日期（表外）")), same(self._day(sheet, place), body))
        elif "clock" in roles:
            clock = _texts(body, roles.pop("clock"))
            both = zip(_texts(body, roles["time"]), clock, strict=True)
            add("time", heads[roles["time"]], pa.array([moment(*its) for its in both], pa.string()))
        if self.mapping.site != "column":
            add("site", str(Text("断面名称（表外）")), same(self._site(sheet, place), body))
        sites = [self.mapping.sites.get(text, text) for text in stripped(texts[roles["site"]])]
        texts[roles["site"]] = pa.array(sites, pa.string())
        if self.mapping.kind == "long":
            self._fill_long(roles, texts, add)
        results = tuple(
            ItemColumn(at, its.head, known_items()[its.item], its.unit)
            for at, its in columns.items()
            if its.role == "result" and its.item
        )
        layout = Layout(self.mapping.kind, place.at, heads, roles, results)
        return layout, replace(body, columns=texts)

    def _fill_long(
        self, roles: dict[str, int], texts: list[pa.Array], add: Callable[[str, str, pa.Array], None]
    ) -> None:
        """Write items as they are known, and the units that the laboratory does not write."""
        written = stripped(texts[roles["item"]])
        texts[roles["item"]] = pa.array([self.mapping.items.get(its, its) for its in written], pa.string())
        units = stripped(texts[roles["unit"]]) if "unit" in roles else [""] * len(written)
        filled = [
            unit or self._usual_unit(item)
            for unit, item in zip(units, stripped(texts[roles["item"]]), strict=True)
        ]
        add("unit", str(Text("单位")), pa.array(filled, pa.string()))

    def _usual_unit(self, written: str) -> str:
        item = named_item(written)
        return "" if item is None else self.mapping.units.get(item.key, "")

    def _day(self, sheet: Sheet, place: _Place) -> str:
        """Return the written day of sampling of a sheet, empty where it has none."""
        if self.mapping.date == "given":
            return self.day.isoformat() if self.day is not None else ""
        if self.mapping.date == "sheet":
            return day_of_name(sheet.name) or ""
        return day_in([text for record in sheet.preview[: place.at] for text in record]) or ""

    def _site(self, sheet: Sheet, place: _Place) -> str:
        if self.mapping.site == "sheet":
            return sheet.name or ""
        return site_in([text for record in sheet.preview[: place.at] for text in record]) or ""

    def _across(
        self, sheet: Sheet, body: Body, layout: Layout, records: Records, limits: dict[str, Decimal]
    ) -> Cells:
        """Return the cells of a sheet whose items stand down and whose sites stand across."""
        item_at = layout.roles["item"]
        fixed = set(layout.roles.values())
        places = [at for at, head in enumerate(layout.heads) if head and at not in fixed]
        written = _texts(body, item_at)
        rows, found = [], []
        days: list[str] | None = None
        for number, text in enumerate(written):
            item = _written_item(self.mapping, text)
            if item is not None:
                rows.append(number)
                found.append(item)
            elif understand_head(text).role == "time" or (
                days is None and are_days([body.columns[at][number].as_py().strip() for at in places])
            ):
                days = [body.columns[at][number].as_py().strip() for at in places]
                records.ignore(np.array([number]), Text("采样日期行"))
            else:
                records.ignore(np.array([number]), Text("空行") if not text else Text("表外说明"))
        self._limits_down(body, layout, rows, found, limits)
        seconds = self._seconds(sheet, layout, records, days, places)
        return self._melted(body, layout, rows, found, places=places, seconds=seconds)

    def _limits_down(
        self, body: Body, layout: Layout, rows: list[int], found: list[Item], limits: dict[str, Decimal]
    ) -> None:
        if "limit" not in layout.roles:
            return
        texts = _texts(body, layout.roles["limit"])
        for row, item in zip(rows, found, strict=True):
            given = limit_row(["检出限", texts[row]], {1: item}) or {}
            if 1 in given:
                unit = self._unit_down(body, layout, row, item)
                limits[item.key] = Decimal(given[1]) * (unit_factor(item, unit or item.unit) or 1)

    def _unit_down(self, body: Body, layout: Layout, row: int, item: Item) -> str:
        written = _texts(body, layout.roles["item"])[row]
        beside = _texts(body, layout.roles["unit"])[row] if "unit" in layout.roles else ""
        return beside or understand_head(written).unit or self.mapping.units.get(item.key, "")

    def _seconds(
        self, sheet: Sheet, layout: Layout, records: Records, days: list[str] | None, places: list[int]
    ) -> np.ndarray:
        """Return the seconds of each site's sampling; a day that cannot be read refuses the sheet."""
        place = _Place(layout.head_at, layout.heads)
        texts = days if days is not None else [self._day(sheet, place)] * len(places)
        times = parse_times(pa.array(texts, pa.string()), self.year)
        if times.known.all():
            return times.seconds
        wrong = int(np.flatnonzero(~times.known)[0])
        problem = replace(
            times.problems[texts[wrong]],
            where=Where(self.file, sheet.name, column=layout.heads[places[wrong]]),
        )
        raise MappingMismatch(problem.what, remedy=problem.remedy, where=problem.where, problems=[problem])

    def _melted(
        self,
        body: Body,
        layout: Layout,
        rows: list[int],
        found: list[Item],
        *,
        places: list[int],
        seconds: np.ndarray,
    ) -> Cells:
        written = [layout.heads[at].rsplit(JOINT, 1)[-1] for at in places]
        names = [self.mapping.sites.get(name, name) for name in written]
        sites = [self.register.sites.setdefault((name, ""), len(self.register.sites)) for name in names]
        for site in sites:
            self.register.waters.setdefault(site, ("", "", ""))
        units = [self._unit_down(body, layout, row, item) for row, item in zip(rows, found, strict=True)]
        down, across = len(rows), len(places)
        columns = [_texts(body, at) for at in places]
        texts = pa.array([column[row] for row in rows for column in columns], pa.string())
        return Cells(
            record=np.repeat(np.array(rows, dtype=np.int64), across),
            head=np.tile(np.array(places, dtype=np.int64), down),
            site=np.tile(np.array(sites, dtype=np.int64), down),
            seconds=np.tile(seconds, down),
            item=np.repeat(np.array([self.register.item(its) for its in found], dtype=np.int64), across),
            unit=np.repeat(np.array([self.register.unit(its) for its in units], dtype=np.int64), across),
            said=np.full(down * across, UNSAID, dtype=np.int8),
            by_status=False,
            source=np.full(down * across, SOURCES.index(Source(self.mapping.source)), dtype=np.int8),
            texts=texts,
            raw=texts,
        )
