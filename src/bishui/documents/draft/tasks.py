"""Tasks, and the bodies named in their cells."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from bishui.documents.draft.records import Lines


@dataclass(frozen=True, slots=True)
class UnitCell:
    """The bodies named in one cell: `raw` as written, `units` split at the top level.

    `etc`: the list was left open with 等. `by_duty`: 按职责分工… was cut off.
    """

    raw: str = ""
    units: tuple[str, ...] = ()
    etc: bool = False
    by_duty: bool = False

    def to_json(self) -> dict[str, Any]:
        """Return the JSON form."""
        return {"raw": self.raw, "units": list(self.units), "etc": self.etc, "by_duty": self.by_duty}


@dataclass(frozen=True, slots=True)
class Task:
    """One row of the task list (重点工作任务清单).

    `section` holds the headings above it, the outermost first; `theme` (主要任务) is carried down through
    merged or blank cells and `theme_in_cell` is false then. `deadline` is as written, `deadline_norm` what it
    means.
    """

    seq: int | None
    section: tuple[str, ...]
    theme: str
    theme_in_cell: bool
    content: str
    lead: UnitCell
    cooperating: UnitCell
    responsible: UnitCell
    deadline: str
    deadline_norm: str | None
    lines: Lines

    def to_json(self) -> dict[str, Any]:
        """Return the JSON form."""
        return {
            "seq": self.seq,
            "section": list(self.section),
            "theme": self.theme,
            "theme_in_cell": self.theme_in_cell,
            "content": self.content,
            "lead": self.lead.to_json(),
            "cooperating": self.cooperating.to_json(),
            "responsible": self.responsible.to_json(),
            "deadline": self.deadline,
            "deadline_norm": self.deadline_norm,
            "lines": list(self.lines),
        }
