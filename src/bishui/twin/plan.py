"""The city's annual plan (年度工作计划) as one document model, from which every format is written."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from bishui.twin.city import load
from bishui.twin.model import City, Division, Section

Record = Mapping[str, Any]

CLASS_NUMERALS = ("Ⅰ", "Ⅱ", "Ⅲ", "Ⅳ", "Ⅴ")
_BY_DUTY = "按职责分工负责"


@dataclass(frozen=True, slots=True)
class UnitCell:
    """The units of one cell: the text as written and what it means."""

    raw: str
    units: tuple[str, ...]
    etc: bool = False
    by_duty: bool = False


@dataclass(frozen=True, slots=True)
class Task:
    """One task (任务); `targets` are the quantitative targets in its text, as in the data file."""

    seq: int
    section: tuple[str, ...]
    theme: str
    theme_in_cell: bool
    content: str
    lead: UnitCell
    cooperating: UnitCell
    responsible: UnitCell
    deadline: str
    deadline_norm: str
    targets: tuple[Record, ...]


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A line of text; `kind` is title, notice, heading, text, annex_list, annex_head or table_name."""

    kind: str
    text: str
    targets: tuple[Record, ...] = ()


@dataclass(frozen=True, slots=True)
class Row:
    """A row of a table; `heading` rows carry one text across all columns."""

    cells: tuple[str, ...]
    heading: bool = False
    task: int | None = None


@dataclass(frozen=True, slots=True)
class Table:
    """A table of an annex; in the columns `merge` a blank cell belongs to the cell above it."""

    annex: int
    key: str
    name: str
    header: tuple[str, ...]
    rows: tuple[Row, ...]
    merge: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class PlanDocument:
    """The whole plan: its head data, its blocks in reading order, its tasks."""

    stem: str
    title: str
    head: Record
    blocks: tuple[Paragraph | Table, ...]
    tasks: tuple[Task, ...]
    annexes: tuple[str, ...] = field(default=())

    @property
    def tables(self) -> tuple[Table, ...]:
        """The tables in reading order."""
        return tuple(block for block in self.blocks if isinstance(block, Table))


def plan_document(city: City) -> PlanDocument:
    """Return the city's annual plan; sections beyond the small city extend its annexes."""
    data = load("plan.toml")
    tasks = _tasks(data["task"])
    paragraphs = [
        Paragraph(record["kind"], record["text"], tuple(record.get("target", ())))
        for record in data["paragraph"]
    ]
    names = tuple(record["name"] for record in data["annex"])
    listed = [
        Paragraph("annex_list", f"{'附件：' if number == 1 else ''}{number}. {name}")
        for number, name in enumerate(names, start=1)
    ]
    annexes: list[Paragraph | Table] = []
    for record in data["annex"]:
        rows = _ROWS[record["key"]](city, tasks, data)
        annexes += [
            Paragraph("annex_head", f"附件 {record['number']}"),
            Paragraph("table_name", record["name"]),
            Table(
                record["number"],
                record["key"],
                record["name"],
                tuple(record["header"]),
                tuple(rows),
                frozenset(record["merge"]),
            ),
        ]
    title = [Paragraph("title", data["title"]), Paragraph("notice", data["notice"])]
    blocks = (*title, *paragraphs, *listed, *annexes)
    return PlanDocument(data["file"], data["title"], data, blocks, tasks, names)


def _tasks(records: Sequence[Record]) -> tuple[Task, ...]:
    """Return the tasks with section and theme carried down from the rows above."""
    tasks: list[Task] = []
    section: tuple[str, ...] = ()
    theme = ""
    for seq, record in enumerate(records, start=1):
        section = tuple(record.get("section", section))
        theme = record.get("theme", theme)
        tasks.append(
            Task(
                seq=seq,
                section=section,
                theme=theme,
                theme_in_cell="theme" in record,
                content=record["content"],
                lead=_unit_cell(record, "lead"),
                cooperating=_unit_cell(record, "cooperating"),
                responsible=_unit_cell(record, "responsible"),
                deadline=record["deadline"],
                deadline_norm=record["deadline_norm"],
                targets=tuple(record.get("target", ())),
            )
        )
    return tuple(tasks)


def _unit_cell(record: Record, role: str) -> UnitCell:
    units = tuple(record.get(role, ()))
    etc, by_duty = record.get(f"{role}_etc", False), record.get(f"{role}_by_duty", False)
    # A collective name holds the enumeration comma itself, so the units beside it need another one.
    separator = "，" if any("、" in unit for unit in units) else "、"
    raw = separator.join(units) + ("等" if etc else "") + (_BY_DUTY if by_duty else "")
    return UnitCell(raw or record.get(f"{role}_none", ""), units, etc, by_duty)


def row_spans(table: Table) -> list[list[int]]:
    """Return for each cell how many rows it covers: 1 or more, and 0 where a cell above covers it."""
    spans = [[1] * len(table.header) for _ in table.rows]
    for column in table.merge:
        top = 0
        for index, row in enumerate(table.rows):
            if row.heading or row.cells[column] or table.rows[max(index - 1, 0)].heading:
                top = index
            elif index > top:
                spans[top][column] += 1
                spans[index][column] = 0
    return spans


def filled_rows(table: Table) -> list[tuple[str, ...]]:
    """Return the cells of the rows with merged cells filled from above; heading rows left out."""
    filled: list[tuple[str, ...]] = []
    for row in table.rows:
        if row.heading:
            continue
        above = filled[-1] if filled else row.cells
        filled.append(
            tuple(
                above[column] if column in table.merge and not cell else cell
                for column, cell in enumerate(row.cells)
            )
        )
    return filled


def target_lines(document: PlanDocument) -> dict[str, int]:
    """Return for each section its line in the text form of the plan, counted from 1."""
    from bishui.twin.plan_text import lay_out

    names = {
        row.cells[table.header.index("断面名称")]: f"table 附件{table.annex} row {number}"
        for table in document.tables
        if "断面名称" in table.header
        for number, row in enumerate(table.rows, start=1)
    }
    where = {line.became: number for number, line in enumerate(lay_out(document), start=1)}
    return {name: where[became] for name, became in names.items()}


# --- rows of the annexes ---------------------------------------------------------------------------------


def _task_rows(city: City, tasks: Sequence[Task], data: Record) -> list[Row]:
    rows: list[Row] = []
    open_section: tuple[str, ...] = ()
    for task in tasks:
        for depth, heading in enumerate(task.section):
            if open_section[: depth + 1] != task.section[: depth + 1]:
                rows.append(Row((heading, *[""] * 6), heading=True))
        open_section = task.section
        cells = (
            str(task.seq),
            task.theme if task.theme_in_cell else "",
            task.content,
            task.lead.raw,
            task.cooperating.raw,
            task.responsible.raw,
            task.deadline,
        )
        rows.append(Row(cells, task=task.seq))
    return rows


def _city_of(city: City, code: str) -> Division:
    division = city.division_named(code)
    return (
        division if division.level == "city" or division.parent is None else _city_of(city, division.parent)
    )


def _county_of(city: City, code: str) -> str:
    division = city.division_named(code)
    return division.name_zh if division.level in ("district", "county") else ""


def _degrees(value: float, digits: int) -> str:
    return f"{value:.{digits}f}"


def _place(section: Section) -> tuple[str, str]:
    digits = section.coordinate_digits
    return _degrees(section.lon, digits), _degrees(section.lat, digits)


def _national_rows(city: City, tasks: Sequence[Task], data: Record) -> list[Row]:
    chosen = [section for section in city.sections if section.control == "国控"]
    return [
        Row(
            (
                str(number),
                _city_of(city, section.division).name_zh,
                _city_of(city, section.assessed).name_zh,
                _county_of(city, section.division),
                section.basin,
                section.water,
                section.name_zh,
                *_place(section),
                f"{CLASS_NUMERALS[section.target - 1]}类",
                "",
            )
        )
        for number, section in enumerate(chosen, start=1)
    ]


def _local_rows(city: City, tasks: Sequence[Task], data: Record) -> list[Row]:
    chosen = [s for control in ("区控", "市控") for s in city.sections if s.control == control]
    rows = []
    above = ""
    for number, section in enumerate(chosen, start=1):
        rows.append(
            Row(
                (
                    str(number),
                    section.control if section.control != above else "",
                    _county_of(city, section.division),
                    section.water,
                    section.name_zh,
                    *_place(section),
                    f"{CLASS_NUMERALS[section.target - 1]}类",
                )
            )
        )
        above = section.control
    return rows


def _source_rows(city: City, tasks: Sequence[Task], data: Record) -> list[Row]:
    rows = []
    above = ""
    for number, source in enumerate(city.sources, start=1):
        level = source.level if source.level != above else ""
        above = source.level
        rows.append(
            Row(
                (
                    str(number),
                    level,
                    _county_of(city, source.division),
                    source.name_zh,
                    source.status,
                    source.kind,
                    source.lon,
                    source.lat,
                    "达到或好于Ⅲ类",
                )
            )
        )
    return rows


def _report_rows(city: City, tasks: Sequence[Task], data: Record) -> list[Row]:
    return [
        Row((str(number), record["what"], record["from"], record["written"], data["receiver"]))
        for number, record in enumerate(data["report"], start=1)
    ]


def _park_rows(city: City, tasks: Sequence[Task], data: Record) -> list[Row]:
    plants = {plant.id: plant for plant in city.plants}
    rows = []
    for number, park in enumerate(city.parks, start=1):
        for first, plant in ((i == 0, plants[key]) for i, key in enumerate(park.plants)):
            own = (str(number), city.name_zh, _county_of(city, park.division), park.name_zh)
            rows.append(Row((*(own if first else ("",) * 4), plant.name_zh, plant.capacity, plant.standard)))
    return rows


_ROWS = {
    "tasks": _task_rows,
    "national": _national_rows,
    "local": _local_rows,
    "sources": _source_rows,
    "reports": _report_rows,
    "parks": _park_rows,
}
