"""Tables of indicators (规划指标表): their rows with base values and targets, merged cells carried down."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from bishui.documents.cell_values import read_value
from bishui.documents.draft import Indicator, IndicatorTable, IndicatorValue
from bishui.documents.list_columns import (
    ValueColumn,
    indicator_columns,
    is_indicator_head,
)
from bishui.documents.rulebook import pattern, rules
from bishui.documents.tables import RawTable, Row
from bishui.documents.text import close_gaps, squeeze

_CARRIED = ("category", "no", "indicator")
_FILLED = ("attribute", "status")


def indicator_table(raw: RawTable, number: int) -> IndicatorTable | None:
    """Return the indicators of a table, or None where it holds none; `number` names one without a name."""
    if not is_indicator_head(raw.header):
        return None
    header, data = _whole_head(raw)
    reader = _Reader(header, data)
    return IndicatorTable(
        key=raw.annex or f"指标表{number}",
        title=close_gaps(raw.name),
        columns=tuple(close_gaps(head) for head in header if head.strip()),
        rows=tuple(reader.rows()),
        notes=tuple(raw.notes),
        lines=(raw.head_line, data[-1].lines[1] if data else raw.head_end),
    )


def _whole_head(raw: RawTable) -> tuple[tuple[str, ...], list[Row]]:
    """Return the head and the rows below; a first row that only divides heads (2028年, 2030年) is head."""
    data, columns = raw.data, indicator_columns(raw.header)
    if not data:
        return raw.header, data
    divided = {value.column for value in columns.values}
    for column in range(len(raw.header)):
        if not raw.header[column].strip() and column - 1 in divided:
            divided.add(column)
    below = data[0].cells
    parts = {column for column, cell in enumerate(below) if cell.strip()}
    if not parts or not parts <= divided or not all(_is_part_of_head(below[column]) for column in parts):
        return raw.header, data
    header, above = [], ""
    for column, head in enumerate(raw.header):
        above = head if head.strip() else above
        header.append(above + below[column] if column in parts else head)
    return tuple(header), data[1:]


def _is_part_of_head(cell: str) -> bool:
    bare_year = pattern(rules("indicators")["values"]["bare_year"])
    return bool(bare_year.fullmatch(squeeze(cell))) or read_value(cell).op == "meets"


class _Reader:
    """Reads the rows in order, carrying down what merged cells hold."""

    def __init__(self, header: Sequence[str], data: Sequence[Row]) -> None:
        self._header = header
        self._data = data
        self._columns = indicator_columns(header)
        self._knows_merging = any(row.cells != row.filled for row in data)
        self._above: dict[str, str] = {}

    def rows(self) -> Iterator[Indicator]:
        for row in self._data:
            texts = [cell for cell in row.filled if cell.strip()]
            if len(texts) == 1 and row.filled[0]:
                self._above = {"category": close_gaps(texts[0])}
            else:
                yield self._indicator(row)

    def _indicator(self, row: Row) -> Indicator:
        self._carry(row)
        unit = self._text(row, "unit")
        attribute, status = (self._fill(row, role, self._columns.roles.get(role)) for role in _FILLED)
        number = self._above.get("no", "")
        return Indicator(
            no=int(number) if number.isdigit() else None,
            category=self._above.get("category", ""),
            indicator=self._above.get("indicator", ""),
            sub=self._text(row, "sub"),
            unit=unit,
            values=tuple(self._value(row, each, unit) for each in self._columns.values),
            attribute=attribute,
            attribute_raw=self._text(row, "attribute", as_written=True),
            status=status,
            status_raw=self._text(row, "status", as_written=True),
            others=tuple((close_gaps(self._header[at]), row.filled[at]) for at in self._columns.others),
            lines=row.lines,
        )

    def _carry(self, row: Row) -> None:
        """Carry category, number and indicator down; a new category begins everything anew."""
        category = self._text(row, "category")
        if category and category != self._above.get("category"):
            self._above = {}
        for role in _CARRIED:
            self._above[role] = self._text(row, role) or self._above.get(role, "")

    def _text(self, row: Row, role: str, *, as_written: bool = False) -> str:
        column = self._columns.roles.get(role)
        if column is None:
            return ""
        return close_gaps((row.cells if as_written else row.filled)[column])

    def _fill(self, row: Row, name: str, column: int | None) -> str:
        """Return a cell; in a table that knows nothing of merging, a blank one takes what stands above."""
        if column is None:
            return ""
        text = close_gaps(row.filled[column])
        if not text and not self._knows_merging:
            text = self._above.get(name, "")
        self._above[name] = text
        return text

    def _value(self, row: Row, at: ValueColumn, unit: str) -> IndicatorValue:
        raw = close_gaps(row.cells[at.column])
        filled = close_gaps(row.filled[at.column])
        if at.role == "target":
            filled = self._fill(row, at.head, at.column)
        read = read_value(filled, unit)
        return IndicatorValue(
            column=at.head,
            role=at.role,
            year=at.year,
            raw=raw,
            filled=filled,
            op=read.op,
            value=read.value,
            upper=read.upper,
            unit=read.unit,
            cumulative=read.cumulative,
        )
