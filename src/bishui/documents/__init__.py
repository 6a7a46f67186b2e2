"""What was decided: reads plan documents into drafts in which everything knows its source line.

Here live the readers of file formats, the rules by which a plan is understood (word lists and patterns in
``rules/``) and the records of a draft. Nothing here stores a plan, judges measurements or knows a real city.
"""

from bishui.documents.blocks import Blocks
from bishui.documents.cell_values import read_value as read_indicator_value
from bishui.documents.comparison import Comparison, compare
from bishui.documents.deadlines import Resolved, resolve_relative
from bishui.documents.deadlines import meanings as deadline_meanings
from bishui.documents.deadlines import normalise as normalise_deadline
from bishui.documents.draft import (
    Became,
    ColumnItem,
    DocumentHead,
    Finding,
    Indicator,
    IndicatorTable,
    IndicatorValue,
    Milestone,
    OutlineHeading,
    PlanDraft,
    Project,
    ReportDeadline,
    SectionTarget,
    SourceTarget,
    SpecialColumn,
    Table,
    Target,
    Task,
    UnitCell,
)
from bishui.documents.linting import lint
from bishui.documents.names import split_units
from bishui.documents.reading import READER_VERSION, draft_of, read_plan, read_plan_bytes

__all__ = [
    "READER_VERSION",
    "Became",
    "Blocks",
    "ColumnItem",
    "Comparison",
    "DocumentHead",
    "Finding",
    "Indicator",
    "IndicatorTable",
    "IndicatorValue",
    "Milestone",
    "OutlineHeading",
    "PlanDraft",
    "Project",
    "ReportDeadline",
    "Resolved",
    "SectionTarget",
    "SourceTarget",
    "SpecialColumn",
    "Table",
    "Target",
    "Task",
    "UnitCell",
    "compare",
    "deadline_meanings",
    "draft_of",
    "lint",
    "normalise_deadline",
    "read_indicator_value",
    "read_plan",
    "read_plan_bytes",
    "resolve_relative",
    "split_units",
]
