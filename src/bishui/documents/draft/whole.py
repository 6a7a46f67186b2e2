"""A plan document as read: all its records."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from bishui.documents.blocks import Place, runs_of
from bishui.documents.draft.account import Became, Finding
from bishui.documents.draft.dates import Milestone, ReportDeadline
from bishui.documents.draft.head import DocumentHead
from bishui.documents.draft.indicators import IndicatorTable
from bishui.documents.draft.programme import OutlineHeading, Project, SpecialColumn
from bishui.documents.draft.records import Lines, all_to_json
from bishui.documents.draft.tables import Table
from bishui.documents.draft.targets import SectionTarget, SourceTarget, Target
from bishui.documents.draft.tasks import Task

_NUMBERED = {"task", "target", "table", "milestone", "report", "project", "special_column"}


@dataclass(frozen=True, slots=True)
class PlanDraft:
    """A plan document as read, before anybody has agreed to it.

    `places` says where each source line stands in the file (page, sheet and row, paragraph); it is empty for
    text files, whose lines are their own places.
    """

    reader_version: str
    doc: DocumentHead
    tasks: tuple[Task, ...]
    targets: tuple[Target, ...]
    tables: tuple[Table, ...]
    section_targets: tuple[SectionTarget, ...]
    source_targets: tuple[SourceTarget, ...]
    report_deadlines: tuple[ReportDeadline, ...]
    milestones: tuple[Milestone, ...]
    coverage: tuple[Became, ...]
    findings: tuple[Finding, ...]
    source_lines: tuple[str, ...] = field(repr=False)
    indicators: tuple[IndicatorTable, ...] = ()
    special_columns: tuple[SpecialColumn, ...] = ()
    projects: tuple[Project, ...] = ()
    outline: tuple[OutlineHeading, ...] = ()
    places: tuple[Place | None, ...] = field(default=(), repr=False)

    def source(self, lines: Lines) -> str:
        """Return the text of the source lines `lines` (first and last, counted from 1)."""
        return "\n".join(self.source_lines[lines[0] - 1 : lines[1]])

    def coverage_counts(self) -> Mapping[str, int]:
        """Return how many source lines became each kind of thing (``task``, ``not understood``, …)."""
        counts: dict[str, int] = {}
        for entry in self.coverage:
            for kind in dict.fromkeys(_kind(became) for became in entry.became):
                counts[kind] = counts.get(kind, 0) + 1
        return counts

    def to_json(self) -> dict[str, Any]:
        """Return the JSON shape of a plan document."""
        return {
            "reader": self.reader_version,
            "doc": self.doc.to_json(),
            "tasks": all_to_json(self.tasks),
            "targets": all_to_json(self.targets),
            "tables": all_to_json(self.tables),
            "section_targets": all_to_json(self.section_targets),
            "source_targets": all_to_json(self.source_targets),
            "report_deadlines": all_to_json(self.report_deadlines),
            "milestones": all_to_json(self.milestones),
            "indicators": {table.key: table.to_json() for table in self.indicators},
            "special_columns": all_to_json(self.special_columns),
            "projects": all_to_json(self.projects),
            "outline": all_to_json(self.outline),
            "coverage": [entry for line in self.coverage for entry in line.to_json()],
            "places": runs_of(self.places),
            "findings": all_to_json(self.findings),
        }


def _kind(became: str) -> str:
    if became.startswith(("ignored", "not understood")):
        return became
    return became.split(" ", maxsplit=1)[0] if became.split(" ", maxsplit=1)[0] in _NUMBERED else became
