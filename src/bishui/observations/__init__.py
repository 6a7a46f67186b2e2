"""What was measured: table schemas, files of measurements in and out, and the store.

A value is kept as it was given, with its mark, unit and text; what it means is for `bishui.assessment`.
Sites, flags and imports as records belong to the server; here stand plain tables only.
"""

from bishui.observations.numbers import Reading, parse_cell
from bishui.observations.reading import ReadResult, SiteHint, read_table
from bishui.observations.records import ACCOUNT, Outcome
from bishui.observations.registers import read_flags, read_sites, read_targets
from bishui.observations.schema import (
    FLAGS,
    MEASUREMENTS,
    SITES,
    TARGETS,
    TIME_TYPE,
    VALUE_SCALE,
    VALUE_TYPE,
    Mark,
    Source,
)
from bishui.observations.sheets import Body, Sheet, read_sheets
from bishui.observations.store import CommitInfo, MeasurementStore
from bishui.observations.times import parse_time
from bishui.observations.writing import escape_formula, write_long_table, write_template

__all__ = [
    "ACCOUNT",
    "FLAGS",
    "MEASUREMENTS",
    "SITES",
    "TARGETS",
    "TIME_TYPE",
    "VALUE_SCALE",
    "VALUE_TYPE",
    "Body",
    "CommitInfo",
    "Mark",
    "MeasurementStore",
    "Outcome",
    "ReadResult",
    "Reading",
    "Sheet",
    "SiteHint",
    "Source",
    "escape_formula",
    "parse_cell",
    "parse_time",
    "read_flags",
    "read_sheets",
    "read_sites",
    "read_table",
    "read_targets",
    "write_long_table",
    "write_template",
]
