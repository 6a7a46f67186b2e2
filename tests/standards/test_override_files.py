"""A bureau's own values: what a file may say, what is refused and how, and where the values come to hold."""

import re
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from bishui.errors import DataError, UnreadableFile
from bishui.standards import (
    judge_against,
    limit_rows,
    limits,
    method,
    parse_override,
    read_override,
    rules,
    surface_water,
)

DAY = date(2026, 5, 1)
FILE = """
[override]
name = "某市管控值"
basis = "甲文〔2026〕1号"
in_force_from = 2026-01-01
in_force_to = 2027-12-31

[[limit]]
standard = "gb3838"
item = "氨氮"
when = { water_type = "river" }
limits = { III = 0.8, IV = 1.2 }
unit = "mg/L"
source = "附件1"

[[limit]]
standard = "gb18918"
item = "cod"
limits = { 1A = 40 }
unit = "mg/L"
source = "附件2"
in_force_from = 2026-07-01

[[setting]]
rules = "section_class"
name = "months_for_year"
value = 10
source = "第三条"

[[setting]]
rules = "trend"
name = "least_periods"
value = 6
source = "第四条"
in_force_to = 2026-12-31
"""


def parsed(old="", new=""):
    """Return the file as read, with one place changed."""
    assert old in FILE
    return parse_override(FILE.replace(old, new, 1).encode() if old else FILE.encode(), "own.toml")


def faults(old, new):
    """Return code and place of each problem that the changed file has."""
    with pytest.raises(DataError) as caught:
        parsed(old, new)
    return [(problem.code, problem.where.field) for problem in caught.value.problems]


def test_own_limits_stand_beside_the_national_ones():
    own = parsed()
    (row,) = limits("nh3n", standard="gb3838", on=DAY, override=own, band="III", water_type="river")
    assert (str(row.limit), str(row.national.limit)) == ("0.8", "1.0")
    assert row.override == "某市管控值"
    assert "甲文〔2026〕1号" in row.source
    assert "附件1" in row.source
    (lake,) = limits("nh3n", standard="gb3838", on=DAY, override=own, band="III", water_type="lake")
    assert lake.national is None


def test_nothing_but_the_named_values_changes():
    own = parsed()
    pairs = zip(limit_rows("gb3838", DAY), limit_rows("gb3838", DAY, own), strict=True)
    changed = [(one.item, one.band, dict(one.conditions)) for one, other in pairs if one != other]
    assert changed == [("nh3n", "III", {"water_type": "river"}), ("nh3n", "IV", {"water_type": "river"})]


def test_the_class_of_a_section_follows_the_file_and_says_so():
    own = parsed()
    national, local = surface_water(DAY), surface_water(DAY, override=own)
    assert national.class_of("nh3n", Decimal("0.9"), "river") == 3
    assert local.class_of("nh3n", Decimal("0.9"), "river") == 4
    assert local.class_of("nh3n", Decimal("0.9"), "lake") == 3
    assert local.edition == f"GB 3838-2002+local:{own.digest[:12]}"
    assert "附件1" in local.clause_of("nh3n")
    assert local.clause_of("cod") == national.clause_of("cod")


def test_settings_follow_the_file_and_the_version_says_so():
    own = parsed()
    changed = rules("trend", DAY, override=own)
    assert changed["least_periods"] == 6
    assert changed.version.endswith(own.version)
    assert changed.settings["least_periods"].national == 5
    assert "第四条" in changed.settings["least_periods"].source
    assert method(DAY, override=own).months_for_year == 10
    assert method(DAY, override=own, months_for_year=9).months_for_year == 9
    assert rules("cwqi", DAY, override=own) == rules("cwqi", DAY)


def test_a_judgement_follows_the_file_from_its_day_on():
    known = {"band": "1A"}
    own = parsed()

    def verdict(on):
        return judge_against("gb18918", "cod", Decimal(45), on, known, override=own).verdict

    assert [verdict(date(2026, 6, 30)), verdict(date(2026, 7, 1))] == ["meets", "exceeds"]
    assert [verdict(date(2027, 12, 31)), verdict(date(2028, 1, 1))] == ["exceeds", "meets"]


def test_before_and_after_its_days_the_file_changes_nothing():
    own = parsed()
    for day in (date(2025, 12, 31), date(2028, 1, 1)):
        assert surface_water(day, override=own) == surface_water(day)
        assert method(day, override=own) == method(day)
        assert limit_rows("gb18918", day, own) == limit_rows("gb18918", day)
    assert rules("trend", date(2027, 1, 1), override=own) == rules("trend", date(2027, 1, 1))


def test_the_digest_is_that_of_what_is_said_not_of_how_it_is_written():
    spaced = parse_override(("# a remark\n" + re.sub(" = ", "=", FILE)).encode(), "other.toml")
    assert spaced.digest == parsed().digest
    assert parsed("0.8", "0.7").digest != parsed().digest


def test_values_are_converted_into_the_unit_of_the_standard():
    own = parsed('limits = { III = 0.8, IV = 1.2 }\nunit = "mg/L"', 'limits = { III = 800 }\nunit = "μg/L"')
    (row,) = limits("nh3n", standard="gb3838", on=DAY, override=own, band="III", water_type="river")
    assert row.limit == Decimal("0.8")


@pytest.mark.parametrize(
    ("old", "new", "code", "place"),
    [
        ('"gb3838"', '"gb9999"', "unknown-standard", "limit[1].standard"),
        ('"氨氮"', '"氨气"', "unknown-item", "limit[1].item"),
        ('"氨氮"', '"苯酚"', "item-not-limited", "limit[1].item"),
        ("III = 0.8", "VI = 0.8", "unknown-class", "limit[1].limits.VI"),
        ("III = 0.8", "III = '0.8'", "wrong-number", "limit[1].limits.III"),
        ("III = 0.8", "III = -1", "wrong-number", "limit[1].limits.III"),
        ("III = 0.8", "III = true", "wrong-number", "limit[1].limits.III"),
        ("III = 0.8", "III = nan", "wrong-number", "limit[1].limits.III"),
        ("III = 0.8", "III = 0.4", "not-monotone", "limit[1].limits"),
        ("IV = 1.2", "IV = 2.5", "not-monotone", "limit[1].limits"),
        ('unit = "mg/L"\nsource = "附件1"', 'source = "附件1"', "missing-text", "limit[1].unit"),
        ('unit = "mg/L"', 'unit = "℃"', "wrong-unit", "limit[1].unit"),
        ('"river"', '"sea"', "unknown-condition", "limit[1].when"),
        ('when = { water_type = "river" }', 'when = "river"', "wrong-type", "limit[1].when"),
        ("limits = { III = 0.8, IV = 1.2 }", "limits = {}", "wrong-type", "limit[1].limits"),
        ("limits = { III = 0.8, IV = 1.2 }", "low = 1\nhigh = 2", "wrong-type", "limit[1].low"),
        ("limits = { III = 0.8, IV = 1.2 }", "", "which-value", "limit[1].limit"),
        ('source = "附件1"', "", "missing-text", "limit[1].source"),
        ('source = "附件1"', 'sauce = "附件1"', "unknown-field", "limit[1].sauce"),
        ("in_force_from = 2026-07-01", "in_force_from = 2025-07-01", "dates-outside", "limit[2].in_force_from"),
        ("in_force_from = 2026-07-01", "in_force_from = 7", "wrong-date", "limit[2].in_force_from"),
        ('"section_class"', '"no_method"', "unknown-rules", "setting[1].rules"),
        ('"months_for_year"', '"no_setting"', "unknown-setting", "setting[1].name"),
        ("value = 10", "value = '10'", "wrong-type", "setting[1].value"),
        ("value = 10", "value = 10.5", "wrong-type", "setting[1].value"),
        ("value = 10", "", "missing-value", "setting[1].value"),
        (
            'name = "months_for_year"\nvalue = 10',
            'name = "below_detection_load"\nvalue = "double"',
            "not-a-choice",
            "setting[1].value",
        ),
        ("in_force_to = 2027-12-31", "in_force_to = 2025-12-31", "dates-reversed", "override.in_force_to"),
        ("in_force_from = 2026-01-01", "", "wrong-date", "override.in_force_from"),
        ('basis = "甲文〔2026〕1号"', "", "missing-text", "override.basis"),
        ("[override]", "[overide]", "no-head", "override"),
    ],
)  # fmt: skip
def test_each_wrong_entry_is_one_problem_with_its_place(old, new, code, place):
    assert (code, place) in faults(old, new)


def test_every_wrong_entry_is_told_not_only_the_first():
    text = FILE.replace('"氨氮"', '"氨气"').replace("1A = 40", "9 = 40").replace("value = 6", "value = []")
    with pytest.raises(DataError) as caught:
        parse_override(text.encode(), "own.toml")
    assert [problem.where.field for problem in caught.value.problems] == [
        "limit[1].item",
        "limit[2].limits.9",
        "setting[2].value",
    ]
    assert all(str(problem.remedy) for problem in caught.value.problems)


def test_one_value_is_set_once():
    twice = FILE + FILE[FILE.index("[[limit]]") : FILE.index('[[limit]]\nstandard = "gb18918"')]
    with pytest.raises(DataError) as caught:
        parse_override(twice.encode(), "own.toml")
    assert [problem.code for problem in caught.value.problems] == ["twice"]


def test_one_setting_may_follow_another_in_time():
    later = '\n[[setting]]\nrules = "trend"\nname = "least_periods"\nvalue = 7\nsource = "第五条"\n'
    own = parse_override((FILE + later + "in_force_from = 2027-01-01\n").encode(), "own.toml")
    assert rules("trend", date(2026, 12, 31), override=own)["least_periods"] == 6
    assert rules("trend", date(2027, 1, 1), override=own)["least_periods"] == 7
    with pytest.raises(DataError):
        parse_override((FILE + later).encode(), "own.toml")


def test_ranges_and_limits_without_classes():
    text = FILE[: FILE.index("[[limit]]")] + (
        '[[limit]]\nstandard = "gb18918"\nitem = "pH值"\nlow = 6.5\nhigh = 8.5\nunit = "无量纲"\nsource = "一"\n'
        '[[limit]]\nstandard = "gb3838"\nitem = "苯"\nlimit = 5\nunit = "μg/L"\nsource = "二"\n'
    )
    own = parse_override(text.encode(), "own.toml")
    (ph,) = limits("ph", standard="gb18918", on=DAY, override=own)
    (benzene,) = limits("benzene", standard="gb3838", on=DAY, override=own)
    assert (ph.shown, benzene.shown) == ("6.5–8.5", "≤ 0.005")


@pytest.mark.parametrize("content", [b"\xff\xfe", b"[override", b"x" * 1_000_001])
def test_what_is_no_toml_is_refused_as_a_whole(content):
    with pytest.raises(UnreadableFile):
        parse_override(content, "own.toml")


def test_a_missing_file_is_told(tmp_path):
    with pytest.raises(UnreadableFile, match="打不开"):
        read_override(tmp_path / "no.toml")
    path = tmp_path / "own.toml"
    path.write_text(FILE, encoding="utf-8")
    assert read_override(path).digest == parsed().digest


def test_the_how_to_page_shows_what_the_code_does(capsys):
    """The example file of the page is taken, and its Python block prints what stands below it."""
    page = (Path(__file__).resolve().parents[2] / "docs" / "how-to" / "look-up-a-limit.md").read_text("utf-8")
    (example,) = re.findall(r"```toml\n(.*?)```", page, re.DOTALL)
    assert len(parse_override(example.encode(), "own.toml").limits) == 1
    (code,) = re.findall(r"```python\n(.*?)```", page, re.DOTALL)
    (printed,) = re.findall(r"```text\n(.*?)```", page, re.DOTALL)
    exec(code, {})
    assert capsys.readouterr().out == printed
