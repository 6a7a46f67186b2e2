"""What was decided: reads plan documents into drafts in which everything knows its source line.

Here live the readers of file formats, the rules by which a plan is understood (word lists and patterns in
``rules/``) and the records of a draft. Nothing here stores a plan, judges measurements or knows a real city.
"""

from bishui.documents.blocks import Blocks
from bishui.documents.draft import (
    Became,
    DocumentHead,
    Finding,
    Milestone,
    PlanDraft,
    ReportDeadline,
    SectionTarget,
    SourceTarget,
    Table,
    Target,
    Task,
    UnitCell,
)
from bishui.documents.lint import lint
from bishui.documents.reading import READER_VERSION, draft_of, read_plan, read_plan_bytes

__all__ = [
    "READER_VERSION",
    "Became",
    "Blocks",
    "DocumentHead",
    "Finding",
    "Milestone",
    "PlanDraft",
    "ReportDeadline",
    "SectionTarget",
    "SourceTarget",
    "Table",
    "Target",
    "Task",
    "UnitCell",
    "draft_of",
    "lint",
    "read_plan",
    "read_plan_bytes",
]
