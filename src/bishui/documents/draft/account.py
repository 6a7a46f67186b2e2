"""The account of the source, and the doubts about it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from bishui.documents.draft.records import Lines
from bishui.i18n import Text


@dataclass(frozen=True, slots=True)
class Became:
    """What one source line became: ``task 12``, ``target 3``, ``table 附件2 row 4``, ``heading``."""

    line: int
    became: tuple[str, ...]

    def to_json(self) -> list[dict[str, Any]]:
        """Return the JSON form: one entry for each thing that the line became."""
        return [{"lines": [self.line, self.line], "became": became} for became in self.became]


@dataclass(frozen=True, slots=True)
class Finding:
    """A doubt about the document or its reading. `severity` is ``error``, ``warning`` or ``note``."""

    rule: str
    severity: str
    message: Text
    lines: Lines

    def to_json(self) -> dict[str, Any]:
        """Return the JSON form, with both languages."""
        return {
            "rule": self.rule,
            "severity": self.severity,
            "message": self.message.both(),
            "lines": list(self.lines),
        }
