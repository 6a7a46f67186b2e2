"""Limits of every standard, looked up by item, day and what is known; each case names its clause."""

from datetime import date
from decimal import Decimal
from itertools import pairwise

import pytest

from bishui.errors import CallError
from bishui.i18n import use_language
from bishui.standards import (
    Direction,
    Range,
    any_item,
    cas_numbers,
    edition_on,
    items,
    limit_lines,
    limit_rows,
    limits,
    resolve_item,
    standard_editions,
    standard_keys,
    substances,
    unit_factor,
)
from bishui.standards.editions import NotInForce

DAY = date(2024, 5, 1)
NEW = date(2026, 5, 1)
FINAL = date(2031, 1, 1)


def numbers(item, standard, on=DAY, **conditions):
    """Return the limits of an item by band."""
    rows = limits(item, standard=standard, on=on, **conditions)
    return {row.band or "": "ND" if row.not_detectable else str(row.limit) for row in rows}


@pytest.mark.parametrize(
    ("item", "limit", "clause"),
    [
        ("sulfate", "250", "GB 3838-2002 表2 第1项"),
        ("nitrate", "10", "GB 3838-2002 表2 第3项"),
        ("mn", "0.1", "GB 3838-2002 表2 第5项"),
        ("三氯甲烷", "0.06", "GB 3838-2002 表3 第1项"),
        ("苯", "0.01", "GB 3838-2002 表3 第19项"),
        ("苯并（a）芘", "0.0000028", "GB 3838-2002 表3 第66项"),
        ("钛", "0.1", "GB 3838-2002 表3 第79项"),
        ("铊", "0.0001", "GB 3838-2002 表3 第80项"),
    ],
)
def test_gb3838_tables_2_and_3_have_one_limit_for_drinking_water_sources(item, limit, clause):
    (row,) = limits(item, standard="gb3838", on=DAY)
    assert str(row.limit) == limit
    assert row.clause == clause
    assert row.band is None


def test_gb3838_has_24_and_5_and_80_items():
    rows = limit_rows("gb3838", DAY)
    counts = [len({row.item for row in rows if row.table == table}) for table in ("1", "2", "3")]
    assert counts == [24, 5, 80]


def test_gb3838_table_1_item_8_phosphorus_of_rivers_and_lakes():
    assert numbers("tp", "gb3838", water_type="lake")["III"] == "0.05"
    assert numbers("总磷", "gb3838", water_type="river")["III"] == "0.2"
    assert limits("tn", standard="gb3838", on=DAY, water_type="river") == ()


@pytest.mark.parametrize(
    ("item", "conditions", "expected"),
    [
        ("cod", {}, {"1A": "50", "1B": "60", "2": "100"}),
        ("tn", {}, {"1A": "15", "1B": "20"}),
        ("nh3n", {"water_temperature": 13}, {"1A": "5", "1B": "8", "2": "25"}),
        ("nh3n", {"water_temperature": 12}, {"1A": "8", "1B": "15", "2": "30"}),
        ("tp", {"built": date(2005, 12, 31)}, {"1A": "1", "1B": "1.5", "2": "3", "3": "5"}),
        ("tp", {"built": date(2006, 1, 1)}, {"1A": "0.5", "1B": "1", "2": "3", "3": "5"}),
        ("fecal_coliform", {}, {"1A": "1000", "1B": "10000", "2": "10000"}),
    ],
)
def test_gb18918_table_1_by_grade_temperature_and_day_of_construction(item, conditions, expected):
    found = numbers(item, "gb18918", **conditions)
    assert {band: found[band] for band in expected} == expected


def test_gb18918_tables_2_and_3_have_no_grades_and_alkyl_mercury_must_not_be_found():
    assert numbers("总汞", "gb18918") == {"": "0.001"}
    assert numbers("烷基汞", "gb18918") == {"": "ND"}
    assert numbers("aox", "gb18918") == {"": "1.0"}


@pytest.mark.parametrize(
    ("item", "scope", "built", "grade", "limit"),
    [
        ("cod", "酒精", date(2001, 1, 1), "2", "300"),  # table 4, item 5
        ("cod", "石油化工", date(2001, 1, 1), "1", "60"),
        ("cod", "造船", date(2001, 1, 1), "2", "150"),  # no trade of the list: other units
        ("cod", "焦化", date(1990, 1, 1), "2", "200"),  # table 2, item 5
        ("oil", "造船", date(1997, 12, 31), "1", "10"),  # table 2, item 6: every unit
        ("oil", "造船", date(1998, 1, 1), "1", "5"),  # table 4, item 6
        ("bod5", "other", date(1998, 1, 1), "2", "30"),
        ("bod5", "other", date(1997, 12, 31), "2", "60"),
        ("fecal_coliform", "传染病医院", date(2001, 1, 1), "1", "100"),
    ],
)
def test_gb8978_takes_the_trades_own_row_else_other_units_else_all(item, scope, built, grade, limit):
    assert numbers(item, "gb8978", scope=scope, built=built)[grade] == limit


def test_gb8978_table_1_holds_whatever_the_trade_and_the_day():
    assert numbers("总镉", "gb8978", scope="酒精", built=date(2001, 1, 1)) == {"": "0.1"}


def test_gb8978_table_4_item_55_chlorine_is_below_for_grade_1_and_above_for_the_others():
    rows = limits("总余氯", standard="gb8978", on=DAY, scope="医院", built=date(2001, 1, 1))
    assert [row.shown for row in rows] == ["< 0.5", "> 3", "> 2"]


@pytest.mark.parametrize(
    ("item", "expected"),
    [
        ("nh3n", "0.02 0.10 0.50 1.50"),
        ("总硬度", "150 300 450 650"),
        ("mn", "0.05 0.05 0.10 1.50"),
        ("benzene", "0.5 1.0 10.0 120"),
        ("atrazine", "0.05 0.40 2.00 600"),
    ],
)
def test_gb14848_limits_classes_i_to_iv(item, expected):
    assert list(numbers(item, "gb14848").values()) == expected.split()


def test_gb14848_has_39_regular_and_54_further_items():
    rows = limit_rows("gb14848", DAY)
    assert [len({row.item for row in rows if row.table == table}) for table in "12"] == [39, 54]
    (ph, *_) = limits("ph", standard="gb14848", on=DAY, band="IV")
    assert ph.limit == Range(Decimal("5.5"), Decimal("9.0"))


@pytest.mark.parametrize(
    ("on", "edition", "daily"),
    [
        (date(2026, 2, 28), "GB 3095-2012", "75"),
        (date(2026, 3, 1), "GB 3095-2026", "60"),
        (date(2030, 12, 31), "GB 3095-2026", "60"),
        (FINAL, "GB 3095-2026", "50"),
    ],
)
def test_gb3095_changes_on_its_days(on, edition, daily):
    (row,) = limits("pm25", standard="gb3095", on=on, grade="2", period="daily")
    assert (row.edition, str(row.limit)) == (edition, daily)


def test_gb12523_changes_with_2026_and_noise_has_day_and_night():
    assert edition_on("gb12523", date(2025, 12, 31)).edition == "GB 12523-2011"
    assert edition_on("gb12523", NEW).edition == "GB 12523-2025"
    assert numbers("noise", "gb3096", period="night")["4b"] == "60"
    assert numbers("噪声", "gb12348", period="day")["4"] == "70"


def test_black_odorous_borders_of_towns_and_villages():
    assert numbers("transparency", "black_odorous_urban") == {"none": "25", "light": "10"}
    assert numbers("orp", "black_odorous_urban") == {"none": "50", "light": "-200"}
    assert numbers("nh3n", "black_odorous_rural") == {"none": "15"}


def test_without_a_standard_all_that_limit_the_item_are_given():
    assert {row.standard for row in limits("总铜", on=DAY)} == {"gb3838", "gb14848", "gb18918", "gb8978"}
    assert {row.standard for row in limits("co", standard="gb3095", on=DAY)} == {"gb3095"}
    assert {row.item for row in limits("co", standard="gb14848", on=DAY)} == {"cobalt"}
    assert {row.item for row in limits("71-43-2", on=DAY)} == {"benzene"}


def test_a_day_before_the_first_edition_and_unknown_names_are_refused():
    with pytest.raises(NotInForce):
        limits("cod", standard="gb3838", on=date(2000, 1, 1))
    with pytest.raises(CallError, match="没有名为"):
        limits("cod", standard="gb1", on=DAY)
    with pytest.raises(CallError, match="没有名为"):
        limits("不存在的项目", on=DAY)
    with pytest.raises(CallError, match="条件"):
        limits("cod", on=DAY, colour="red")
    with pytest.raises(CallError, match="类型不对"):
        limits("cod", standard="gb8978", on=DAY, built="1998")
    with pytest.raises(CallError, match="没有"):
        limits("cod", standard="gb8978", on=DAY, band="III")


@pytest.mark.parametrize("edition", standard_editions(), ids=lambda edition: edition.edition)
def test_every_limit_names_a_known_item_unit_clause_and_certainty(edition):
    for row in edition.rows:
        item = any_item(row.item)
        assert row.unit == "%" or unit_factor(item, row.unit) is not None, row
        assert row.clause.startswith(edition.tables[row.table].clause)
        assert row.certainty in "ABCD"
        assert row.source
        assert row.in_force_to is None or row.in_force_from <= row.in_force_to
        assert row.name.zh


@pytest.mark.parametrize("edition", standard_editions(), ids=lambda edition: edition.edition)
def test_a_better_class_is_never_laxer_than_a_worse_one(edition):
    groups = {}
    for row in edition.rows:
        if row.band is not None and row.direction in (Direction.MAX, Direction.MIN) and not row.exclusive:
            key = (row.table, row.item, row.in_force_from, row.direction, *map(str, row.conditions.items()))
            groups.setdefault(key, []).append(row)
    for rows in groups.values():
        values = [
            Decimal(0) if row.not_detectable else row.limit for row in sorted(rows, key=lambda r: r.rank)
        ]
        lax = [one > other for one, other in pairwise(values)]
        strict = [one < other for one, other in pairwise(values)]
        assert not any(strict if rows[0].direction is Direction.MIN else lax), rows


def test_new_units_have_no_laxer_limits_than_old_ones_gb8978():
    old = {row.item: row for row in limit_rows("gb8978", DAY) if row.table == "2" and row.band == "1"}
    for row in limit_rows("gb8978", DAY):
        if row.table == "4" and row.band == "1" and row.conditions["scope"] == "all" and row.item in old:
            before = old[row.item]
            if before.conditions["scope"] == "all" and isinstance(before.limit, Decimal) and row.limit:
                assert row.limit <= before.limit, row


def test_what_is_doubtful_is_told_with_the_row():
    (row,) = limits("f", standard="gb14848", on=DAY, band="I")
    assert [doubt.source for doubt in row.doubts] == ["0.5"]
    assert row.certainty == "B"
    assert not row.unsure
    (row,) = limits("cod", standard="gb3838", on=DAY, band="I", water_type="river")
    assert row.doubts == ()
    assert limits("atrazine", standard="gb14848", on=DAY)[0].unsure


def test_conditions_stand_in_words_in_both_languages():
    (row,) = limits("nh3n", standard="gb18918", on=DAY, band="1A", water_temperature=20)
    assert row.wording.zh == "水温 > 12 ℃"
    with use_language("en"):
        assert str(row.wording) == "water temperature > 12 ℃"


def test_lines_gather_classes_and_tell_equal_rivers_and_lakes_once():
    (line,) = limit_lines(limits("codmn", standard="gb3838", on=DAY))
    assert list(line.cells) == ["I", "II", "III", "IV", "V"]
    assert line.wording.zh == "河流／湖泊、水库"
    assert len(limit_lines(limits("tp", standard="gb3838", on=DAY))) == 2


def test_items_of_standards_beyond_the_item_table_are_found_by_every_name():
    assert not set(substances()) & set(items())
    assert resolve_item("苯并(a)芘").key == "benzo_a_pyrene"
    assert resolve_item("PM2.5").key == "pm25"
    assert resolve_item("阿特拉津").key == "atrazine"
    assert resolve_item("总铜").key == "cu"
    assert resolve_item("总铜", edition_on("gb8978", DAY).items).key == "cu_total"
    assert len(cas_numbers("xylenes")) == 3


@pytest.mark.parametrize("number", sorted({n for key in substances() for n in cas_numbers(key)}))
def test_cas_numbers_have_their_check_digit(number):
    digits = number.replace("-", "")
    assert sum(place * int(digit) for place, digit in enumerate(reversed(digits))) % 10 == int(digits[-1])


def test_every_standard_says_what_it_is_in_both_languages():
    assert len(standard_keys()) == 11
    for edition in standard_editions():
        record = edition.as_dict()
        assert record["name"]["zh"] != record["name"]["en"]
        assert all(note["text"]["en"] != note["text"]["zh"] for note in record["notes"])


def test_a_row_as_json_keeps_the_printed_digits():
    (row,) = limits("mn", standard="gb14848", on=DAY, band="III")
    assert row.as_dict()["limit"] == "0.10"
    assert row.as_dict()["clause"] == "GB/T 14848-2017 表1 第11项"
