"""How an outfall (入河排污口) is kept: codes, types, progress by sign-off, the random draw (双随机).

Here live the rules, as data and functions; the records live in `server.outfalls`.
"""

from bishui.outfalls.codes import (
    CodeVerdict,
    Level,
    check_credit_code,
    check_division,
    check_local_code,
    check_official_code,
    check_permit,
    check_permit_outlet,
    local_code,
)
from bishui.outfalls.divisions import Division, Divisions, known_divisions, read_divisions
from bishui.outfalls.drawing import Commitment, Draw, commit, draw, draw_rule, pair_inspectors
from bishui.outfalls.duplicates import Entry, Likeness, duplicate_rules, likenesses
from bishui.outfalls.duties import (
    Fulfilment,
    HalfYear,
    Owed,
    class_label,
    class_of,
    drawn_classes,
    fulfilment,
    share_of,
    supplements,
)
from bishui.outfalls.flows import flow_per_day
from bishui.outfalls.kinds import (
    LegacyType,
    OutfallType,
    legacy_types,
    outfall_types,
    proposed_name,
    proposed_type,
)
from bishui.outfalls.life_cycle import (
    HandOver,
    LifeCycle,
    PhotoSeen,
    SampleSeen,
    Snapshot,
    Trigger,
    VisitSeen,
    custody_faults,
    custody_gaps,
    is_rain_outfall,
    lacking,
    life_cycle,
    proposed_categories,
    trigger_of_sample,
    trigger_of_visit,
)
from bishui.outfalls.milestones import Denominator, Milestone, Numerator, Progress, Standing, progress
from bishui.outfalls.photographs import is_photograph, read_exif, without_metadata
from bishui.outfalls.report_days import ReportDay, next_report, report_days
from bishui.verification import register_module

register_module("bishui.outfalls.worked_cases")

__all__ = [
    "CodeVerdict",
    "Commitment",
    "Denominator",
    "Division",
    "Divisions",
    "Draw",
    "Entry",
    "Fulfilment",
    "HalfYear",
    "HandOver",
    "LegacyType",
    "Level",
    "LifeCycle",
    "Likeness",
    "Milestone",
    "Numerator",
    "OutfallType",
    "Owed",
    "PhotoSeen",
    "Progress",
    "ReportDay",
    "SampleSeen",
    "Snapshot",
    "Standing",
    "Trigger",
    "VisitSeen",
    "check_credit_code",
    "check_division",
    "check_local_code",
    "check_official_code",
    "check_permit",
    "check_permit_outlet",
    "class_label",
    "class_of",
    "commit",
    "custody_faults",
    "custody_gaps",
    "draw",
    "draw_rule",
    "drawn_classes",
    "duplicate_rules",
    "flow_per_day",
    "fulfilment",
    "is_photograph",
    "is_rain_outfall",
    "known_divisions",
    "lacking",
    "legacy_types",
    "life_cycle",
    "likenesses",
    "local_code",
    "next_report",
    "outfall_types",
    "pair_inspectors",
    "progress",
    "proposed_categories",
    "proposed_name",
    "proposed_type",
    "read_divisions",
    "read_exif",
    "report_days",
    "share_of",
    "supplements",
    "trigger_of_sample",
    "trigger_of_visit",
    "without_metadata",
]
