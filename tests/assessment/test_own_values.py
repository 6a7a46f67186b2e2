"""A bureau's own limits and settings (本级覆盖) reach every method that takes tables: one question, one answer."""

from datetime import datetime
from decimal import Decimal as D

import pytest

from bishui.assessment import (
    Body,
    BodyPoint,
    Grade,
    Period,
    Plant,
    Verdict,
    area_change,
    area_status,
    effluent,
    grade_body,
    groundwater_classes,
    section_change,
)
from bishui.standards import parse_override
from tests.assessment.places import MONTH, of_classes
from tests.assessment.tables import measurements, reading

LATER = Period.month(2024, 3)
HEAD = """[override]
name = "甲市管控值"
basis = "甲文〔2021〕1号"
in_force_from = {since}
"""
LIMIT = """
[[limit]]
standard = "{standard}"
item = "nh3n"
limits = {{ {band} = {value} }}
unit = "mg/L"
source = "附件1"
"""
LITTLE = """
[[setting]]
rules = "change"
name = "little_up_to"
value = 5
source = "第三条"
"""


def own(*parts, since="2021-01-01"):
    return parse_override("".join([HEAD.format(since=since), *parts]).encode(), "own.toml")


def ammonia(value, site="P1"):
    return measurements([reading("nh3n", value, datetime(2024, 2, 5, 8), site=site)])


def well(override):
    (found,) = groundwater_classes(ammonia("1.1"), MONTH, override=override)
    return found.rank, bool(found.exceeding)


def body(override):
    found = grade_body(Body("B", "河", (BodyPoint("P1"),)), ammonia("9"), MONTH, override=override)
    return found.points[0].readings[0].grade


def works(override):
    plant = Plant("A", "甲厂", D(10000), outlet="P1", grade="1A")
    return effluent(plant, ammonia("4"), MONTH, override=override).exceeded["nh3n"]


@pytest.mark.parametrize(
    ("method", "standard", "band", "value", "national", "locally"),
    [
        (well, "gb14848", "III", "1.2", (4, True), (3, False)),
        (body, "black_odorous_urban", "none", "10", Grade.LIGHT, Grade.NONE),
        (works, "gb18918", "1A", "3", 0, 1),
    ],
)
def test_an_own_limit_decides_instead_of_the_national_one(method, standard, band, value, national, locally):
    limit = LIMIT.format(standard=standard, band=band, value=value)
    assert (method(None), method(own(limit))) == (national, locally)
    assert method(own(limit, since="2025-01-01")) == national
    by_day = own(limit)
    assert method(lambda day: by_day if day.year == 2024 else None) == locally


def test_an_own_setting_of_the_change_decides_its_word_and_stands_in_its_version():
    """Of 14 sections one more is good: 7.1 points, no clear change up to 10, some change beyond 5."""
    before, after = (
        area_status("甲河", of_classes(*([2] * good + [4] * (14 - good)), period=period))
        for good, period in ((12, MONTH), (13, LATER))
    )
    assert area_change(before, after).verdict is Verdict.NO_CHANGE
    found = area_change(before, after, override=own(LITTLE))
    assert found.verdict is Verdict.BETTER and "local:" in found.rules.version
    sections = (of_classes(3)[0], of_classes(2, period=LATER)[0])
    assert "local:" in section_change(*sections, override=own(LITTLE)).rules.version
