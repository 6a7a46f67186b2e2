"""What the law says: items, limits, classes, assessment settings and their editions, as data files.

Everything here is looked up by key and by date; numbers are exact decimals. A single value can be compared
with a limit; no table of measurements is read or assessed here, and no other room is imported.
"""

from bishui.standards.air import AirIndex, AirLevel, air_index, air_indices
from bishui.standards.classes import WaterClass, find_class, water_class, water_classes
from bishui.standards.finding import Sought, resolve_item, search_word, sought_name
from bishui.standards.indicators import (
    Indicator,
    IndicatorInput,
    find_indicator,
    indicator,
    indicator_factor,
    indicator_units,
    indicators,
    units_must_agree,
)
from bishui.standards.items import Item, find_item, items, unit_factor
from bishui.standards.judging import Grading, Judgement, UnknownFact, classify, judge_against
from bishui.standards.limit_lines import LimitLine, limit_lines
from bishui.standards.limit_rows import LimitRow, Remark
from bishui.standards.limit_tables import StandardEdition, edition_on, standard_editions, standard_keys
from bishui.standards.local import Override, OwnLimit, OwnRange, OwnSetting
from bishui.standards.lookup import limit_rows, limits
from bishui.standards.methods import Method, method, methods
from bishui.standards.override_files import parse_override, read_override
from bishui.standards.rules import Rules, Setting, rule_editions, rule_keys, rules
from bishui.standards.substances import any_item, cas_numbers, substances
from bishui.standards.surface import (
    Alternative,
    Criterion,
    Direction,
    Limit,
    Range,
    SurfaceWaterStandard,
    WaterType,
    meets,
    standard,
    surface_water,
)
from bishui.standards.trophic import TrophicItem, TrophicRules, trophic_rules
from bishui.standards.workdays import Counted, Reached, Workday, add_workdays, workday, workdays_between

__all__ = [
    "AirIndex",
    "AirLevel",
    "Alternative",
    "Counted",
    "Criterion",
    "Direction",
    "Grading",
    "Indicator",
    "IndicatorInput",
    "Item",
    "Judgement",
    "Limit",
    "LimitLine",
    "LimitRow",
    "Method",
    "Override",
    "OwnLimit",
    "OwnRange",
    "OwnSetting",
    "Range",
    "Reached",
    "Remark",
    "Rules",
    "Setting",
    "Sought",
    "StandardEdition",
    "SurfaceWaterStandard",
    "TrophicItem",
    "TrophicRules",
    "UnknownFact",
    "WaterClass",
    "WaterType",
    "Workday",
    "add_workdays",
    "air_index",
    "air_indices",
    "any_item",
    "cas_numbers",
    "classify",
    "edition_on",
    "find_class",
    "find_indicator",
    "find_item",
    "indicator",
    "indicator_factor",
    "indicator_units",
    "indicators",
    "items",
    "judge_against",
    "limit_lines",
    "limit_rows",
    "limits",
    "meets",
    "method",
    "methods",
    "parse_override",
    "read_override",
    "resolve_item",
    "rule_editions",
    "rule_keys",
    "rules",
    "search_word",
    "sought_name",
    "standard",
    "standard_editions",
    "standard_keys",
    "substances",
    "surface_water",
    "trophic_rules",
    "unit_factor",
    "units_must_agree",
    "water_class",
    "water_classes",
    "workday",
    "workdays_between",
]
