"""Rows of a task list turned into tasks."""

from __future__ import annotations

import re
from dataclasses import replace
from itertools import zip_longest

from bishui.documents.columns import Columns, repeats_above
from bishui.documents.coverage import Coverage
from bishui.documents.deadlines import normalise
from bishui.documents.draft import Finding, Task, UnitCell
from bishui.documents.duty_cells import first_leads, roles_in_cell
from bishui.documents.headings import HeadingPath, heading_level
from bishui.documents.names import split_units
from bishui.documents.tables import RawTable, Row, SectionRow
from bishui.documents.text import close_gaps, squeeze
from bishui.i18n import Text

_NUMBER = re.compile(r"[（(]?(\d{1,4})[）)]?[.．、]?")
_NUMBER_OF_LEVELS = re.compile(r"\d{1,3}(?:\.\d{1,3}){0,3}")
_PLAIN_LEVEL = 1
_ROLES = ("lead", "cooperating", "responsible")


class TaskReader:
    """Reads the rows of one task table in order, carrying down the headings and the theme."""

    def __init__(
        self,
        table: RawTable,
        columns: Columns,
        year: int | None,
        coverage: Coverage,
        *,
        first_leads: bool = False,
    ) -> None:
        self._table = table
        self._columns = columns
        self._year = year
        self._coverage = coverage
        self._first_leads = first_leads
        self._path = HeadingPath()
        self._theme = ""
        self.tasks: list[Task] = []
        self.findings: list[Finding] = []

    def read(self) -> None:
        """Read all rows."""
        for level, text in self._table.above:
            self._path.enter(level, text)
        for row, below in zip_longest(self._table.rows, self._table.rows[1:]):
            if isinstance(row, SectionRow):
                numbered = heading_level(squeeze(row.text))
                self._enter(_PLAIN_LEVEL if numbered is None else numbered, row.text)
            elif self._heads_numbers_of(row, below):
                self._enter(_depth(self._number(row)), self._numbered_heading(row))
                self._coverage.mark_rows(row.lines, "heading")
            else:
                self._row(row)

    def _enter(self, level: int, text: str) -> None:
        self._path.enter(level, close_gaps(text))
        self._theme = ""

    def _heads_numbers_of(self, row: Row, below: Row | SectionRow | None) -> bool:
        """Tell whether a row is the heading of those below it: 1 above 1.1, with a text and nothing else."""
        if not isinstance(below, Row) or "seq" not in self._columns:
            return False
        number = self._number(row)
        texts = {column for column, cell in enumerate(row.cells) if cell} - {self._columns["seq"]}
        return (
            bool(number)
            and len(texts) == 1
            and _depth(self._number(below)) > _depth(number)
            and (self._number(below).startswith(f"{number}."))
        )

    def _number(self, row: Row) -> str:
        """Return a number of one or more levels (1.2) as it stands in the column of numbers, or nothing."""
        text = squeeze(row.cells[self._columns["seq"]]).rstrip(".．、")
        return text if _NUMBER_OF_LEVELS.fullmatch(text) else ""

    def _numbered_heading(self, row: Row) -> str:
        text = next(cell for column, cell in enumerate(row.cells) if cell and column != self._columns["seq"])
        return f"{self._number(row)}.{text}"

    def _row(self, row: Row) -> None:
        content = self._cell(row, "content")
        if not content and self._names_bodies_only(row):
            self._add_to_last(row)
            return
        if not content:
            self._finding(
                "row-without-content",
                row,
                Text("这一行没有任务内容：{cells}。", cells=" | ".join(filter(None, row.cells))),
            )
            return
        written = row.cells[self._columns["theme"]] if "theme" in self._columns else ""
        written = "" if repeats_above(written) else written
        theme = written or self._cell(row, "theme")
        self._theme = theme or self._theme
        if self._is_more_of_last(row):
            self._add_to_last(row)
            return
        deadline = self._cell(row, "deadline")
        units = self._units(row)
        task = Task(
            seq=self._sequence(row),
            section=self._path.path(),
            theme=self._theme,
            theme_in_cell=bool(written),
            content=content,
            lead=units["lead"],
            cooperating=units["cooperating"],
            responsible=units["responsible"],
            deadline=deadline,
            deadline_norm=normalise(deadline, self._year),
            lines=row.lines,
        )
        self._check(task, row)
        self.tasks.append(task)
        number = task.seq if task.seq is not None else len(self.tasks)
        self._coverage.mark_rows(row.lines, f"task {number}")

    def _is_more_of_last(self, row: Row) -> bool:
        """Tell whether a row only names further bodies for the task above, whose text covers it."""
        content, number = self._columns["content"], self._columns.get("seq")
        if not self.tasks or row.cells[content] or (number is not None and row.cells[number]):
            return False
        deadline = self._columns.get("deadline")
        return deadline is None or not row.cells[deadline] or row.cells[deadline] == self.tasks[-1].deadline

    def _names_bodies_only(self, row: Row) -> bool:
        """Tell whether a row holds nothing but bodies: exports leave the merged cells beside them blank."""
        bodies = {self._columns[role] for role in _ROLES if role in self._columns}
        filled = {column for column, cell in enumerate(row.cells) if cell}
        return bool(self.tasks) and filled <= bodies

    def _add_to_last(self, row: Row) -> None:
        last, units = self.tasks[-1], self._units(row)
        self.tasks[-1] = replace(
            last,
            lines=(last.lines[0], row.lines[1]),
            lead=_with(last.lead, units["lead"]),
            cooperating=_with(last.cooperating, units["cooperating"]),
            responsible=_with(last.responsible, units["responsible"]),
        )
        number = last.seq if last.seq is not None else len(self.tasks)
        self._coverage.mark_rows(row.lines, f"task {number}")

    def _units(self, row: Row) -> dict[str, UnitCell]:
        """Return the bodies of each role; where there is one column for all, its cells say who does what."""
        columns = [role for role in _ROLES if role in self._columns]
        if len(columns) == 1:
            found = roles_in_cell(self._cell(row, columns[0]))
            if found is not None:
                return found
            if self._first_leads:
                return first_leads(split_units(self._cell(row, columns[0])))
        return {role: split_units(self._cell(row, role)) for role in _ROLES}

    def _cell(self, row: Row, role: str) -> str:
        column = self._columns.get(role)
        return "" if column is None else row.filled[column]

    def _sequence(self, row: Row) -> int | None:
        """Return the number as written; the running number where there is no such column, or levels in it."""
        if "seq" not in self._columns or _depth(self._number(row)) > 1:
            return len(self.tasks) + 1
        match = _NUMBER.fullmatch(squeeze(row.cells[self._columns["seq"]]))
        return int(match[1]) if match else None

    def _check(self, task: Task, row: Row) -> None:
        if task.seq is None:
            self._finding("task-without-number", row, Text("这一行有任务内容，但序号不是数字。"))
        if task.deadline and task.deadline_norm is None:
            self._finding(
                "deadline-not-understood",
                row,
                Text("完成时限“{deadline}”无法换算成日期，已原样保留。", deadline=task.deadline),
            )
        if len(row.cells) > len(self._table.header):
            self._finding(
                "row-too-wide",
                row,
                Text(
                    "这一行有 {got} 个单元格，表头只有 {want} 列。",
                    got=len(row.cells),
                    want=len(self._table.header),
                ),
            )

    def _finding(self, rule: str, row: Row, message: Text) -> None:
        self.findings.append(Finding(rule, "warning", message, row.lines))


def _depth(number: str) -> int:
    """Return of how many levels a number is: 1 of one, 1.2 of two, nothing of none."""
    return number.count(".") + 1 if number else 0


def _with(cell: UnitCell, more: UnitCell) -> UnitCell:
    """Return a cell with the bodies of another one added."""
    if cell == more or not more.raw:
        return cell
    units = tuple(dict.fromkeys((*cell.units, *more.units)))
    raw = "\n".join(filter(None, (cell.raw, more.raw)))
    return UnitCell(raw, units, cell.etc or more.etc, cell.by_duty or more.by_duty)
