"""Black-odorous water: grades of readings, points, stretches, bodies; sign-off; return."""

from datetime import date, datetime, timedelta
from decimal import Decimal as D

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bishui.assessment import (
    Body,
    BodyPoint,
    Grade,
    Period,
    Record,
    Stage,
    Survey,
    grade_body,
    returns,
    sign_off,
)
from bishui.standards import rules
from tests.assessment.tables import measurements, reading

MAY = Period.month(2024, 5)
FINE = {"transparency": "0.5", "do": "5", "orp": "100", "nh3n": "1"}
STARTED = datetime(2024, 5, 6, 9)


def rounds(*samples, site="P1", start=STARTED, every=3):
    return [
        reading(item, value, start + timedelta(days=every * number), site=site, source="manual")
        for number, sample in enumerate(samples)
        for item, value in sample.items()
    ]


def body(*sites, **attributes):
    points = tuple(BodyPoint(site, D(300 * place)) for place, site in enumerate(sites or ("P1",)))
    return Body("B", "河", points, **attributes)


def grade(rows, water=None, **options):
    return grade_body(water or body(), measurements(rows), MAY, **options)


@pytest.mark.parametrize(
    ("item", "value", "expected"),
    [
        ("transparency", "0.26", "none"), ("transparency", "0.25", "none"), ("transparency", "0.249999", "light"),
        ("transparency", "0.10", "light"), ("transparency", "0.099999", "severe"), ("transparency", "0", "severe"),
        ("do", "2.0", "none"), ("do", "1.99", "light"), ("do", "0.2", "light"), ("do", "0.19", "severe"),
        ("orp", "50", "none"), ("orp", "49", "light"), ("orp", "-200", "light"), ("orp", "-201", "severe"),
        ("nh3n", "8.0", "none"), ("nh3n", "8.01", "light"), ("nh3n", "15", "light"), ("nh3n", "15.01", "severe"),
    ],
)  # fmt: skip
def test_borders_of_the_urban_table(item, value, expected):
    (point,) = grade(rounds({item: value})).points
    assert point.readings[0].grade is Grade(expected)


def test_a_border_may_belong_to_the_worse_grade():
    chosen = rules("black_odorous", MAY.last_day, border="worse")
    (point,) = grade(rounds({"do": "2.0"}), chosen=chosen).points
    assert point.readings[0].grade is Grade.LIGHT


@pytest.mark.parametrize(
    ("depth", "seen", "expected"),
    [("0.2", "0.2", "none"), ("0.2", "0.08", "light"), ("0.2", "0.07", "severe"), ("0.25", "0.25", "none"),
     ("0.25", "0.09", "severe"), ("0.3", "0.2", "light")],
)  # fmt: skip
def test_shallow_water_is_judged_by_its_depth(depth, seen, expected):
    (point,) = grade(rounds({"transparency": seen, "water_depth": depth})).points
    assert point.readings[0].grade is Grade(expected)


def test_shallow_water_by_the_share_of_the_depth():
    chosen = rules("black_odorous", MAY.last_day, shallow_rule="share_of_depth")
    (point,) = grade(rounds({"transparency": "0.2", "water_depth": "0.2"}), chosen=chosen).points
    assert point.readings[0].grade is Grade.SEVERE  # 40 % of 20 cm is 8 cm


@pytest.mark.parametrize(
    ("severe", "of", "expected"), [(3, 5, Grade.SEVERE), (2, 4, Grade.LIGHT), (0, 5, Grade.LIGHT)]
)
def test_a_point_is_severe_with_sixty_percent_of_one_indicator(severe, of, expected):
    rows = rounds(*[{"do": "0.1"}] * severe, *[{"do": "1"}] * (of - severe))
    assert grade(rows).points[0].grade is expected


@pytest.mark.parametrize(("second", "expected"), [("20", Grade.SEVERE), ("10", Grade.LIGHT)])
def test_a_point_is_severe_with_thirty_percent_of_two_indicators(second, expected):
    bad = {"do": "0.1", "nh3n": second}
    assert grade(rounds(bad, *[{"do": "1", "nh3n": "10"}] * 2)).points[0].grade is expected


def test_a_body_that_was_recognised_is_at_least_light():
    rows = rounds(FINE, FINE, FINE)
    assert grade(rows).grade is Grade.NONE
    assert grade(rows, body(recognised=True)).grade is Grade.LIGHT


SITES = ("P1", "P2", "P3", "P4", "P5")


@pytest.mark.parametrize(
    ("severe", "stretches", "expected"),
    [
        (("P1", "P2", "P3"), (("P1", "P3"),), Grade.SEVERE),  # 3 of 5 = 60 %
        (("P1", "P2", "P4"), (), Grade.SEVERE),
        (("P4", "P5"), (), Grade.LIGHT),
        ((), (), Grade.LIGHT),
    ],
)
def test_stretches_and_bodies(severe, stretches, expected):
    rows = [row for site in SITES for row in rounds({"do": "0.1" if site in severe else "1"}, site=site)]
    found = grade(rows, body(*SITES))
    assert (found.severe_stretches, found.grade) == (stretches, expected)


def test_a_point_without_data_is_no_fine_point():
    found = grade(rounds({"do": "5"}), body("P1", "P2"))
    assert (found.points[1].grade, found.severe_share.evaluated, found.severe_share.missing) == (None, 1, 1)
    assert grade([]).grade is None


def test_the_sampling_is_held_against_the_guide():
    rows = rounds(FINE, FINE, every=9)
    water = Body("B", "河", (BodyPoint("P1", D(0)), BodyPoint("P2", D(900))))
    told = " ".join(str(entry) for entry in grade(rows, water).shortcomings)
    for word in ("点位 2 个", "相距 900 m", "监测 2 次", "相隔 9 天"):
        assert word in told
    whole = [row for site in ("P1", "P2", "P3") for row in rounds(FINE, FINE, FINE, site=site)]
    assert not grade(whole, body("P1", "P2", "P3")).shortcomings


@pytest.mark.parametrize(
    ("sample", "expected"),
    [
        ({"nh3n": "15"}, Grade.NONE), ({"nh3n": "15.01"}, Grade.BLACK_ODOROUS), ({"nh3n": "9"}, Grade.NONE),
        ({"do": "2"}, Grade.NONE), ({"do": "1.99"}, Grade.BLACK_ODOROUS),
        ({"transparency": "0.24"}, Grade.BLACK_ODOROUS),
        ({"transparency": "0.08", "water_depth": "0.2"}, Grade.NONE),
        ({"transparency": "0.079", "water_depth": "0.2"}, Grade.BLACK_ODOROUS),
    ],
)  # fmt: skip
def test_rural_water_by_any_one_indicator(sample, expected):
    assert grade(rounds(sample), body(regime="rural")).grade is expected


HALF_YEAR = Period.year(2024)
RECORDS = [
    Record(kind, date(2024, 11, 1), f"{kind}.pdf")
    for kind in ("engineering_record", "maintenance_file", "publication")
]
GOOD = Survey(date(2024, 11, 1), 100, 90, "公众评议.pdf")


def outcome(rows, stage=Stage.LASTING_RESULTS, surveys=(GOOD,), records=RECORDS):
    return sign_off(body(), stage, measurements(rows), HALF_YEAR, surveys=surveys, records=records)


def met(result):
    return {entry.key: entry.met for entry in result.requirements}


def test_sign_off_with_every_record():
    result = outcome(rounds(*[FINE] * 14, every=14))
    assert result.passed, met(result)
    assert [entry.grade for entry in result.means] == [Grade.NONE] * 4


@pytest.mark.parametrize(
    ("answers", "satisfied", "enough"), [(100, 90, True), (99, 99, False), (100, 89, False), (0, 0, False)]
)
def test_the_survey_asks_a_hundred_and_satisfies_ninety_percent(answers, satisfied, enough):
    survey = Survey(date(2024, 11, 1), answers, satisfied, "公众评议.pdf")
    assert met(outcome([], surveys=[survey]))["survey"] is enough


@pytest.mark.parametrize(
    ("rows", "word"),
    [
        (rounds(*[FINE] * 6, every=14), "不足 6 个月"),
        (rounds(*[FINE] * 10, every=20), "超过 14 天"),
        (rounds(*[FINE | {"nh3n": "9"}] * 14, every=14), "轻度黑臭"),
        (rounds(*[{"do": "5"}] * 14, every=14), "缺少指标"),
        ([], "没有监测数据"),
    ],
)
def test_samples_that_do_not_suffice(rows, word):
    result = outcome(rows)
    (samples,) = [entry for entry in result.requirements if entry.key == "samples"]
    assert not samples.met
    assert word in " ".join(map(str, samples.found))


def test_one_bad_sample_does_not_spoil_a_fine_mean():
    assert met(outcome(rounds(FINE | {"nh3n": "9"}, *[FINE] * 13, every=14)))["samples"]


def test_each_stage_names_the_records_it_needs():
    assert set(met(outcome([], Stage.FIRST_RESULTS, (), []))) == {"survey", "samples", "engineering_record"}
    result = outcome([], Stage.LASTING_RESULTS, (), [])
    assert not any(met(result).values())
    assert not result.passed


def test_return_after_sign_off_is_found_in_the_second_and_third_quarter():
    rows = rounds({"transparency": "0.3", "do": "3", "nh3n": "2"}, start=datetime(2025, 5, 6))
    rows += rounds({"transparency": "0.3", "do": "1.9", "nh3n": "2"}, start=datetime(2025, 8, 6))
    checks = returns(body(), date(2024, 12, 1), measurements(rows), date(2026, 7, 1))
    assert [(entry.period.label, entry.returned) for entry in checks] == [
        ("2025-Q2", False), ("2025-Q3", True), ("2026-Q2", None),
    ]  # fmt: skip
    assert [entry.item for entry in checks[1].failing] == ["do"]
    assert checks[2].not_sampled == ("P1",)


def test_a_quarter_that_is_not_over_is_told_only_if_sampled():
    assert returns(body(), date(2024, 12, 1), measurements([]), date(2025, 5, 1)) == ()


@settings(max_examples=20)
@given(st.lists(st.sampled_from(["0.1", "1", "3"]), min_size=1, max_size=8), st.randoms())
def test_law_the_order_of_samplings_changes_no_grade(values, random):
    shuffled = list(values)
    random.shuffle(shuffled)
    first, second = (grade(rounds(*[{"do": value} for value in order])) for order in (values, shuffled))
    assert first.grade is second.grade
    share = D(100 * values.count("0.1")) / len(values)
    assert (first.grade is Grade.SEVERE) == (share >= 60)
