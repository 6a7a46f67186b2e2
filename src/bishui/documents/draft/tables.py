"""Tables of annexes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from bishui.documents.draft.records import Lines


@dataclass(frozen=True, slots=True)
class Table:
    """A table of an annex: `rows` as written (blank where a cell is merged), `rows_filled` carried down."""

    annex: str
    name: str
    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    rows_filled: tuple[tuple[str, ...], ...]
    notes: tuple[str, ...]
    row_lines: tuple[Lines, ...]
    lines: Lines

    def to_json(self) -> dict[str, Any]:
        """Return the JSON form."""
        return {
            "annex": self.annex,
            "name": self.name,
            "header": list(self.header),
            "rows": [list(row) for row in self.rows],
            "rows_filled": [list(row) for row in self.rows_filled],
            "notes": list(self.notes),
            "lines": list(self.lines),
        }
