"""How an outfall (入河排污口) is kept: codes, types, progress by sign-off, the random draw (双随机).

Here live the rules, as data and functions; the records live in `server.outfalls`.
"""

from bishui.outfalls import worked_cases as _worked_cases  # noqa: F401 - registers the layouts
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
from bishui.outfalls.kinds import (
    LegacyType,
    OutfallType,
    legacy_types,
    outfall_types,
    proposed_name,
    proposed_type,
)
from bishui.outfalls.milestones import Denominator, Milestone, Numerator, Progress, Standing, progress

__all__ = [
    "CodeVerdict",
    "Commitment",
    "Denominator",
    "Division",
    "Divisions",
    "Draw",
    "LegacyType",
    "Level",
    "Milestone",
    "Numerator",
    "OutfallType",
    "Progress",
    "Standing",
    "check_credit_code",
    "check_division",
    "check_local_code",
    "check_official_code",
    "check_permit",
    "check_permit_outlet",
    "commit",
    "draw",
    "draw_rule",
    "known_divisions",
    "legacy_types",
    "local_code",
    "outfall_types",
    "pair_inspectors",
    "progress",
    "proposed_name",
    "proposed_type",
    "read_divisions",
]
