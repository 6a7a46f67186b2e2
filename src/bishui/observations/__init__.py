"""What was measured: table schemas, files of measurements in and out, and the store.

A value is kept as it was given, with its mark, unit and text; what it means is for `bishui.assessment`.
Sites, flags and imports as records belong to the server; here stand plain tables only.
"""

from bishui.observations.findings import FINDINGS, QUALITY_RULES, describe_finding, rule_name
from bishui.observations.guessing import Guess, guess_mapping
from bishui.observations.laboratory import read_with
from bishui.observations.mappings import Column, Mapping, MappingMismatch
from bishui.observations.numbers import Reading, parse_cell
from bishui.observations.quality import check
from bishui.observations.quality_copies import Copies
from bishui.observations.reading import ReadResult, SiteHint, read_table
from bishui.observations.records import ACCOUNT, Outcome
from bishui.observations.registers import (
    read_background,
    read_flags,
    read_members,
    read_positions,
    read_sites,
    read_targets,
)
from bishui.observations.schema import (
    BACKGROUND,
    FLAGS,
    MEASUREMENTS,
    MEMBERS,
    POSITIONS,
    SITES,
    TARGETS,
    TIME_TYPE,
    VALUE_SCALE,
    VALUE_TYPE,
    Mark,
    Source,
)
from bishui.observations.sheets import Body, Sheet, read_sheets
from bishui.observations.store import CommitInfo, MeasurementStore, Selection
from bishui.observations.subject_tables import (
    AIR_DAYS,
    AIR_KEYS,
    INDICATOR_INPUTS,
    PLANT_DAYS,
    SIGN_OFF_RECORDS,
    read_air_days,
    read_indicator_inputs,
    read_plant_days,
    read_sign_off_records,
)
from bishui.observations.supersession import effective
from bishui.observations.times import parse_time
from bishui.observations.writing import escape_formula, write_long_table, write_template

__all__ = [
    "ACCOUNT",
    "AIR_DAYS",
    "AIR_KEYS",
    "BACKGROUND",
    "FINDINGS",
    "FLAGS",
    "INDICATOR_INPUTS",
    "MEASUREMENTS",
    "MEMBERS",
    "PLANT_DAYS",
    "POSITIONS",
    "QUALITY_RULES",
    "SIGN_OFF_RECORDS",
    "SITES",
    "TARGETS",
    "TIME_TYPE",
    "VALUE_SCALE",
    "VALUE_TYPE",
    "Body",
    "Column",
    "CommitInfo",
    "Copies",
    "Guess",
    "Mapping",
    "MappingMismatch",
    "Mark",
    "MeasurementStore",
    "Outcome",
    "ReadResult",
    "Reading",
    "Selection",
    "Sheet",
    "SiteHint",
    "Source",
    "check",
    "describe_finding",
    "effective",
    "escape_formula",
    "guess_mapping",
    "parse_cell",
    "parse_time",
    "read_air_days",
    "read_background",
    "read_flags",
    "read_indicator_inputs",
    "read_members",
    "read_plant_days",
    "read_positions",
    "read_sheets",
    "read_sign_off_records",
    "read_sites",
    "read_table",
    "read_targets",
    "read_with",
    "rule_name",
    "write_long_table",
    "write_template",
]
