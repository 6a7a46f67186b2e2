"""The draft that a plan document is read into: frozen records, each with the source lines it came from.

Records and their JSON form only; how they are read out of a document is not said here.
"""

from bishui.documents.draft.account import Became, Finding
from bishui.documents.draft.dates import Milestone, ReportDeadline
from bishui.documents.draft.head import DocumentHead
from bishui.documents.draft.indicators import Indicator, IndicatorTable, IndicatorValue
from bishui.documents.draft.programme import ColumnItem, OutlineHeading, Project, SpecialColumn
from bishui.documents.draft.records import Lines
from bishui.documents.draft.tables import Table
from bishui.documents.draft.targets import SectionTarget, SourceTarget, Target
from bishui.documents.draft.tasks import Task, UnitCell
from bishui.documents.draft.whole import PlanDraft

__all__ = [
    "Became",
    "ColumnItem",
    "DocumentHead",
    "Finding",
    "Indicator",
    "IndicatorTable",
    "IndicatorValue",
    "Lines",
    "Milestone",
    "OutlineHeading",
    "PlanDraft",
    "Project",
    "ReportDeadline",
    "SectionTarget",
    "SourceTarget",
    "SpecialColumn",
    "Table",
    "Target",
    "Task",
    "UnitCell",
]
