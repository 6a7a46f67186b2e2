"""GB 3838-2002 table 1, and editions in force by date."""

from datetime import date
from decimal import Decimal

import pytest

from bishui.errors import DataError, UnreadableFile
from bishui.standards import Range, find_class, standard, surface_water, water_class, water_classes
from bishui.standards.editions import NotInForce

STANDARD = surface_water(date(2024, 1, 1))


def test_table_1_has_24_items_of_which_21_decide_the_class():
    assert len(STANDARD.criteria) == 24
    assert len(STANDARD.deciding_items) == 21
    assert not {"wtemp", "tn", "fecal_coliform"} & set(STANDARD.deciding_items)


@pytest.mark.parametrize(
    ("item", "limits"),
    [
        ("do", "7.5 6 5 3 2"),
        ("codmn", "2 4 6 10 15"),
        ("cod", "15 15 20 30 40"),
        ("bod5", "3 3 4 6 10"),
        ("nh3n", "0.15 0.5 1.0 1.5 2.0"),
        ("tp", "0.02 0.1 0.2 0.3 0.4"),
        ("cu", "0.01 1.0 1.0 1.0 1.0"),
        ("hg", "0.00005 0.00005 0.0001 0.001 0.001"),
        ("phenol", "0.002 0.002 0.005 0.01 0.1"),
        ("oil", "0.05 0.05 0.05 0.5 1.0"),
        ("fecal_coliform", "200 2000 10000 20000 40000"),
    ],
)
def test_limits_are_the_printed_decimals(item, limits):
    assert list(STANDARD.limits(item, "river").values()) == [Decimal(limit) for limit in limits.split()]


def test_lakes_have_their_own_phosphorus_and_rivers_no_nitrogen():
    assert STANDARD.limits("tp", "lake")[3] == Decimal("0.05")
    assert STANDARD.limits("tn", "lake")[3] == Decimal("1.0")
    assert STANDARD.limits("tn", "river") == {}
    assert STANDARD.class_of("tn", Decimal(99), "river") is None


@pytest.mark.parametrize(
    ("item", "value", "rank"),
    [("codmn", "6", 3), ("codmn", "6.0000000001", 4), ("do", "5", 3), ("do", "4.99", 4), ("do", "1.99", 6),
     ("ph", "6", 1), ("ph", "9", 1), ("ph", "9.01", 6), ("ph", "5.99", 6), ("codmn", "15.1", 6)],
)  # fmt: skip
def test_a_value_equal_to_the_limit_belongs_to_the_better_class(item, value, rank):
    assert STANDARD.class_of(item, Decimal(value), "river") == rank


def test_ph_is_a_range_and_temperature_is_not_judged():
    assert STANDARD.limits("ph", "river")[3] == Range(Decimal(6), Decimal(9))
    assert STANDARD.limits("wtemp", "river") == {}


def test_each_limit_names_its_clause():
    assert STANDARD.clause_of("codmn") == "GB 3838-2002 表1 第4项"


def test_facts_equal_the_shared_reference(shared):
    import tomllib

    path = shared / "reference" / "standards" / "gb3838-2002.toml"
    reference = tomllib.loads(path.read_text(encoding="utf-8"), parse_float=Decimal)
    for entry in reference["basic"]:
        for head, water_type in (("limits", "river"), ("limits_lake", "lake")):
            if head in entry:
                assert list(STANDARD.limits(entry["key"], water_type).values()) == list(entry[head].values())


def edition(folder, name, start, limit):
    (folder / f"{name}.toml").write_text(
        f"""
[standard]
key = "surface_water"
family = "invented"
edition = "{name}"
name_zh = "示例"
name_en = "example"
in_force_from = {start}
clause = "{name} 表1"
certainty = "C"

[[criterion]]
no = 1
item = "codmn"
direction = "max"
decides_class = true
limits = {{ I = 1, II = 2, III = {limit}, IV = 10, V = 15 }}
""",
        encoding="utf-8",
    )


@pytest.fixture
def two_editions(tmp_path):
    edition(tmp_path, "X-2000", "2000-01-01", "6")
    edition(tmp_path, "X-2020", "2020-07-01", "5.5")
    return tmp_path


@pytest.mark.parametrize(
    ("on", "name", "limit"),
    [("2000-01-01", "X-2000", "6"), ("2020-06-30", "X-2000", "6"), ("2020-07-01", "X-2020", "5.5"),
     ("2030-01-01", "X-2020", "5.5")],
)  # fmt: skip
def test_a_sample_is_judged_by_the_edition_of_its_own_date(two_editions, on, name, limit):
    found = standard("invented", on=date.fromisoformat(on), folder=two_editions)
    assert found.edition == name
    assert found.limits("codmn", "lake")[3] == Decimal(limit)


def test_a_date_before_the_first_edition_is_an_error_with_a_remedy(two_editions):
    with pytest.raises(NotInForce) as caught:
        standard("invented", on=date(1999, 12, 31), folder=two_editions)
    assert "1999-12-31" in str(caught.value)
    assert "X-2000" in str(caught.value)
    assert caught.value.remedy is not None


def test_an_unknown_standard_is_an_error_with_its_name(two_editions):
    with pytest.raises(NotInForce, match="标准"):
        standard("nonesuch", on=date(2024, 1, 1), folder=two_editions)


def test_a_faulty_data_file_is_named(tmp_path):
    edition(tmp_path, "X-1", "2000-01-01", "6")
    path = tmp_path / "X-1.toml"
    path.write_text(path.read_text("utf-8").replace('direction = "max"\n', ""), "utf-8")
    with pytest.raises(DataError) as caught:
        standard("invented", on=date(2024, 1, 1), folder=tmp_path)
    assert caught.value.where.file == str(path)


def test_a_file_that_is_no_toml_is_named(tmp_path):
    (tmp_path / "X.toml").write_text("= nothing", "utf-8")
    with pytest.raises(UnreadableFile):
        standard("invented", on=date(2024, 1, 1), folder=tmp_path)


@pytest.mark.parametrize(
    ("text", "rank"),
    [("Ⅰ", 1), ("I", 1), ("Ⅱ类", 2), ("III类", 3), ("iv", 4), ("5", 5), ("劣Ⅴ", 6), ("劣V类", 6), (" Ⅲ ", 3)],
)
def test_classes_are_read_in_every_spelling(text, rank):
    assert find_class(text) == rank


@pytest.mark.parametrize("text", ["", "*", "--", "7", "0", "Ⅵ"])
def test_other_texts_are_no_class(text):
    assert find_class(text) is None


def test_words_and_colours_of_the_six_classes():
    words = [water_class(rank).word_zh for rank in range(1, 7)]
    assert words == ["优", "优", "良好", "轻度污染", "中度污染", "重度污染"]
    assert [entry.colour_zh for entry in water_classes().values()] == [
        "蓝色",
        "蓝色",
        "绿色",
        "黄色",
        "橙色",
        "红色",
    ]
    assert water_class(6).numeral == "劣Ⅴ"
