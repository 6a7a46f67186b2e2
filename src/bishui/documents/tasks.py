"""Rows of a task list turned into tasks."""

from __future__ import annotations

import re

from bishui.documents.columns import Columns
from bishui.documents.coverage import Coverage
from bishui.documents.deadlines import normalise
from bishui.documents.draft import Finding, Task
from bishui.documents.headings import HeadingPath, heading_level
from bishui.documents.names import split_units
from bishui.documents.tables import RawTable, Row, SectionRow
from bishui.documents.text import close_gaps, squeeze
from bishui.i18n import Text

_NUMBER = re.compile(r"(\d{1,4})[.．、]?")
_PLAIN_LEVEL = 1


class TaskReader:
    """Reads the rows of one task table in order, carrying down the headings and the theme."""

    def __init__(self, table: RawTable, columns: Columns, year: int | None, coverage: Coverage) -> None:
        self._table = table
        self._columns = columns
        self._year = year
        self._coverage = coverage
        self._path = HeadingPath()
        self._theme = ""
        self.tasks: list[Task] = []
        self.findings: list[Finding] = []

    def read(self) -> None:
        """Read all rows."""
        for row in self._table.rows:
            if isinstance(row, SectionRow):
                level = heading_level(squeeze(row.text))
                self._path.enter(_PLAIN_LEVEL if level is None else level, close_gaps(row.text))
                self._theme = ""
            else:
                self._row(row)

    def _row(self, row: Row) -> None:
        content = self._cell(row, "content")
        if not content:
            self._finding(
                "row-without-content",
                row,
                Text("这一行没有任务内容：{cells}。", cells=" | ".join(filter(None, row.cells))),
            )
            return
        written = row.cells[self._columns["theme"]] if "theme" in self._columns else ""
        theme = written or self._cell(row, "theme")
        self._theme = theme or self._theme
        deadline = self._cell(row, "deadline")
        task = Task(
            seq=self._sequence(row),
            section=self._path.path(),
            theme=self._theme,
            theme_in_cell=bool(written),
            content=content,
            lead=split_units(self._cell(row, "lead")),
            cooperating=split_units(self._cell(row, "cooperating")),
            responsible=split_units(self._cell(row, "responsible")),
            deadline=deadline,
            deadline_norm=normalise(deadline, self._year),
            lines=row.lines,
        )
        self._check(task, row)
        self.tasks.append(task)
        for line in range(row.lines[0], row.lines[1] + 1):
            self._coverage.mark_line(line, f"task {task.seq if task.seq is not None else len(self.tasks)}")

    def _cell(self, row: Row, role: str) -> str:
        column = self._columns.get(role)
        return "" if column is None else row.filled[column]

    def _sequence(self, row: Row) -> int | None:
        """Return the number as written; where the list has no such column, the running number."""
        if "seq" not in self._columns:
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
