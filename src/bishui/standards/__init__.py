"""What the law says: items, limits, classes, assessment settings and their editions, as data files.

Everything here is looked up by key and by date; numbers are exact decimals. No measurement is read or judged
here, and no other room is imported.
"""

from bishui.standards.classes import WaterClass, find_class, water_class, water_classes
from bishui.standards.items import Item, find_item, items, unit_factor
from bishui.standards.methods import Method, method, methods
from bishui.standards.rules import Rules, Setting, rule_keys, rules
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
    "Alternative",
    "Counted",
    "Criterion",
    "Direction",
    "Item",
    "Limit",
    "Method",
    "Range",
    "Reached",
    "Rules",
    "Setting",
    "SurfaceWaterStandard",
    "TrophicItem",
    "TrophicRules",
    "WaterClass",
    "WaterType",
    "Workday",
    "add_workdays",
    "find_class",
    "find_item",
    "items",
    "meets",
    "method",
    "methods",
    "rule_keys",
    "rules",
    "standard",
    "surface_water",
    "trophic_rules",
    "unit_factor",
    "water_class",
    "water_classes",
    "workday",
    "workdays_between",
]
