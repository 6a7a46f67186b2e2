"""What is due: reports and dated steps."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from bishui.documents.draft.records import number_or_none


@dataclass(frozen=True, slots=True)
class ReportDeadline:
    """A report that is due: what, when, to whom."""

    what: str
    due: str
    to: str
    line: int
    task: int | None = None

    def to_json(self) -> dict[str, Any]:
        """Return the JSON form."""
        return {"what": self.what, "due": self.due, "to": self.to, "line": self.line}


@dataclass(frozen=True, slots=True)
class Milestone:
    """A dated step stated in the body; `scope` lists the places in which it has to be done, out of `text`."""

    due: str
    text: str
    kind: str
    op: str | None
    value: str | None
    unit: str | None
    line: int
    scope: str = ""

    def to_json(self) -> dict[str, Any]:
        """Return the JSON form."""
        return {
            "due": self.due,
            "text": self.text,
            "kind": self.kind,
            "op": self.op,
            "value": number_or_none(self.value),
            "unit": self.unit,
            "scope": self.scope,
            "line": self.line,
        }
