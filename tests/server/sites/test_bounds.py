"""The limits that a chart draws are those that judge: their names, their units, their conditions."""

from datetime import date
from decimal import Decimal

import pytest

from bishui.server.sites import bounds
from bishui.server.sites.bounds import Bound
from bishui.standards import Range

DAY = date(2025, 10, 1)


def drawn(lines):
    return [(str(line.value.normalize()), line.label) for line in lines]


@pytest.mark.parametrize(
    ("item", "lines"),
    [
        # 建城〔2015〕130号 table 1 gives 25 and 10 cm; transparency is kept in m.
        ("transparency", [("0.25", "轻度黑臭↓"), ("0.1", "重度黑臭↓")]),
        ("do", [("2", "轻度黑臭↓"), ("0.2", "重度黑臭↓")]),
        ("orp", [("5E+1", "轻度黑臭↓"), ("-2E+2", "重度黑臭↓")]),
        ("nh3n", [("8", "轻度黑臭↑"), ("15", "重度黑臭↑")]),
    ],
)
def test_the_grades_of_black_odorous_water_in_towns(item, lines):
    assert drawn(bounds.of_grades("black_odorous_urban", item, DAY, None)) == lines


def test_rural_water_has_one_threshold_and_none_of_its_potential():
    """环办土壤函〔2019〕826号: 25 cm, 2 mg/L, 15 mg/L."""
    rural = "black_odorous_rural"
    assert [str(line.value) for line in bounds.of_grades(rural, "nh3n", DAY, None)] == ["15"]
    assert bounds.of_grades(rural, "orp", DAY, None) == []


def test_a_limit_that_depends_on_a_fact_that_is_not_known_is_drawn_with_its_conditions():
    """GB 18918-2002 table 1 item 8, grade 1A: ammonia 5 mg/L above 12 ℃, 8 mg/L up to it."""
    lines = bounds.of_standard("gb18918", "nh3n", DAY, {"band": "1A"}, None)
    assert drawn(lines) == [("5", "一级A标准（水温 > 12 ℃）"), ("8", "一级A标准（水温 ≤ 12 ℃）")]


def test_a_range_has_two_lines_and_a_removal_rate_none():
    """GB 18918-2002 table 1: pH 6 to 9; COD of grade 3 is 120 mg/L, or 60 % removed."""
    assert drawn(bounds.of_standard("gb18918", "ph", DAY, {"band": "1A"}, None)) == [
        ("6", "下限"),
        ("9", "上限"),
    ]
    lines = bounds.of_standard("gb18918", "cod", DAY, {"band": "3"}, None)
    assert [line.value for line in lines] == [Decimal(120)]


def test_the_class_of_the_function_judges_and_classes_with_one_limit_share_a_line():
    """GB/T 14848-2017 table 1 item 11: manganese 0.05, 0.05, 0.10, 1.50 mg/L for Ⅰ to Ⅳ."""
    lines = bounds.of_classes("gb14848", "mn", DAY, 3, None)
    assert drawn(lines) == [("0.05", "Ⅰ、Ⅱ"), ("0.1", "Ⅲ"), ("1.5", "Ⅳ")]
    assert [line.judges for line in lines] == [False, True, False]


def test_an_item_that_a_standard_does_not_limit_has_no_line():
    assert bounds.of_standard("gb18918", "wtemp", DAY, {"band": "1A"}, None) == []
    assert bounds.of_surface("wtemp", 3, "river", DAY, None) == []


def test_the_limit_of_the_target_is_the_line_of_its_class():
    classes = bounds.classes({2: Decimal("0.1"), 3: Decimal("0.2")})
    found = bounds.together(classes, [Bound(Decimal("0.20"), "目标"), Bound(Decimal("0.15"), "目标")])
    assert drawn(found) == [("0.1", "Ⅱ"), ("0.2", "Ⅲ"), ("0.15", "目标")]
    assert [line.judges for line in found] == [False, True, True]


@pytest.mark.parametrize(
    ("text", "lines"),
    [("0.5", [("0.5", "目标")]), ("6~9", [("6", "下限"), ("9", "上限")])],
)
def test_a_printed_limit_is_read_back(text, lines):
    assert drawn(bounds.printed(text, "目标")) == lines


def test_the_form_of_a_line_for_the_chart():
    assert bounds.ends(Range(Decimal("6.0"), Decimal(9)))[0].as_dict() == {
        "value": "6",
        "class": None,
        "label": "下限",
        "target": True,
    }
