"""Lists of projects (重点工程项目表) as records, with category and subcategory carried down."""

from __future__ import annotations

from dataclasses import replace

from bishui.documents.coverage import Coverage
from bishui.documents.draft import Project
from bishui.documents.headings import heading_level
from bishui.documents.list_columns import project_columns
from bishui.documents.names import split_units
from bishui.documents.rulebook import pattern, rules
from bishui.documents.tables import RawTable, Row, SectionRow
from bishui.documents.text import close_gaps, join_wrapped, squeeze

_INNER_LEVEL = 2


def projects_of(raw: RawTable, before: int, coverage: Coverage) -> list[Project]:
    """Return the projects of a table, none where it is no list of projects.

    Parameters
    ----------
    raw
        The table.
    before
        How many projects stand in the tables before it; coverage counts on from there.
    coverage
        Where it is noted what the lines became.
    """
    columns = project_columns(raw.header)
    if raw.tasks is not None or columns is None:
        return []
    reader = _Reader(raw, columns)
    for row in raw.rows:
        reader.read(row)
    for number, project in enumerate(reader.projects, start=before + 1):
        for line in range(project.lines[0], project.lines[1] + 1):
            coverage.mark_line(line, f"project {number}")
    return reader.projects


class _Reader:
    """Reads the rows of one list in order."""

    def __init__(self, raw: RawTable, columns: dict[str, int]) -> None:
        self._header = raw.header
        self._columns = columns
        self._heading = ""
        self._subheading = ""
        self._in_column = ""
        self.projects: list[Project] = []

    def read(self, row: Row | SectionRow) -> None:
        if isinstance(row, SectionRow):
            self._enter(close_gaps(row.text))
        elif self._is_heading(row):
            self._enter(next(close_gaps(cell) for cell in row.filled if cell.strip()))
        else:
            self._row(row)

    def _is_heading(self, row: Row) -> bool:
        """Tell whether a row holds one text alone, in front of the columns that describe a project."""
        filled = [column for column, cell in enumerate(row.filled) if cell.strip()]
        return len(filled) == 1 and filled[0] != self._columns.get("content") and not self._is_total(row)

    def _enter(self, text: str) -> None:
        """Go below a row that names what the projects under it have in common."""
        if heading_level(squeeze(text)) == _INNER_LEVEL and self._heading:
            self._subheading = text
        else:
            self._heading, self._subheading = text, ""
        self._in_column = ""

    def _row(self, row: Row) -> None:
        self._in_column = self._text(row, "category") or self._in_column
        name = self._text(row, "name")
        if self._is_total(row):
            return
        if not name:
            self._go_on(row)
            return
        category, subcategory = self._categories(row)
        number = squeeze(self._text(row, "no"))
        investment, unit = self._investment(row)
        self.projects.append(
            Project(
                no=int(number) if number.isdigit() else None,
                category=category,
                subcategory=subcategory,
                name=name,
                content=self._text(row, "content"),
                years=self._text(row, "years"),
                units=split_units(self._text(row, "units")),
                investment=investment,
                investment_unit=unit,
                lines=row.lines,
            )
        )

    def _categories(self, row: Row) -> tuple[str, str]:
        """Return category and subcategory: rows that are headings stand above what the columns say."""
        within = self._text(row, "subcategory") or self._subheading
        if not self._heading:
            return self._in_column, within
        return self._heading, within or self._in_column

    def _is_total(self, row: Row) -> bool:
        first = next((squeeze(cell) for cell in row.cells if cell.strip()), "")
        return first in rules("projects")["list"]["totals"]

    def _go_on(self, row: Row) -> None:
        """Put a row without a name to the project above: its content was broken at the end of a page."""
        if self.projects:
            last = self.projects[-1]
            content = join_wrapped(last.content, self._text(row, "content"))
            self.projects[-1] = replace(last, content=content, lines=(last.lines[0], row.lines[1]))

    def _investment(self, row: Row) -> tuple[str, str | None]:
        """Return the amount and its unit, from the cell or from the head (总投资（万元）)."""
        if "investment" not in self._columns:
            return "", None
        rule = rules("projects")["list"]
        text = squeeze(self._text(row, "investment"))
        amount = pattern(rule["amount"]).search(text)
        if amount is None:
            return "", None
        head = squeeze(self._header[self._columns["investment"]])
        unit = pattern(rule["money"]).search(text) or pattern(rule["money"]).search(head)
        return amount.group().replace(",", ""), unit.group() if unit else None

    def _text(self, row: Row, role: str) -> str:
        column = self._columns.get(role)
        return "" if column is None else close_gaps(row.filled[column])
