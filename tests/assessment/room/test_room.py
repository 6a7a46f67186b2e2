"""Room left in the year: ends are exact, decided cases are said, rate targets count whole sections."""

from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bishui.assessment import (
    Period,
    RateTarget,
    RoomState,
    State,
    assess,
    room_left,
)
from bishui.errors import CallError
from bishui.standards import rules
from tests.assessment.tables import measurements, reading, sites, targets

ON = date(2024, 6, 30)


def year(values, item="nh3n", site="S", months=None, of=2024, source="manual"):
    months = months or range(1, len(values) + 1)
    return [
        reading(item, value, datetime(of, month, 5), site=site, source=source)
        for month, value in zip(months, values, strict=True)
    ]


def room(rows, *, on=ON, target=None, **keywords):
    given_targets = targets(target or {"target_class": 3})
    return room_left(measurements(rows), sites("S"), given_targets, on=on, **keywords)


def item(rows, key="nh3n", **keywords):
    return next(entry for entry in room(rows, **keywords).of("S").items if entry.item == key)


def test_the_remaining_months_may_have_what_the_rounded_limit_leaves():
    # Limit of class III 1.0; at two decimals 1.005 rounds half to even to 1.00, so the year may have 1.005.
    found = item(year(["1.2"] * 6))
    assert found.most.value == (12 * Fraction("1.005") - 6 * Fraction("1.2")) / 6 == Fraction("0.81")
    assert (found.most.closed, found.most.printed) == (True, Decimal("0.81"))
    assert (len(found.months.measured), found.months.remaining, found.months.counted) == (
        6,
        (7, 8, 9, 10, 11, 12),
        12,
    )
    assert found.meets_so_far is False
    assert found.state is RoomState.OPEN
    assert str(found.text) == "氨氮：剩余 6 个月的均值不得高于 0.81 mg/L"


def test_an_open_tie_leaves_its_end_out():
    # Total phosphorus, class II 0.1 at three decimals: the tie 0.1005 rounds to 0.100, class III 0.2: 0.2005 too;
    # a limit of 0.015 (own): the tie 0.0155 rounds to 0.016 and misses.
    found = item(
        year(["0.0155"] * 6, "tp"),
        "tp",
        target={"target_class": None, "overrides": [("tp", Decimal("0.015"))]},
    )
    assert (found.most.value, found.most.closed, found.most.printed) == (
        Fraction("0.0155"),
        False,
        Decimal("0.015"),
    )


@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.integers(1, 300), min_size=1, max_size=11),
    st.sampled_from([("nh3n", 100), ("do", 10), ("tp", 1000)]),
)
def test_a_year_at_the_end_attains_and_one_step_beyond_does_not(values, given_item):
    key, unit = given_item
    rows = year([str(Decimal(value) / unit) for value in values], key)
    found = item(rows, key, on=date(2024, len(values), 28))
    step = Decimal(1) / unit
    end = found.least if key == "do" else found.most
    if end is None or found.state is not RoomState.OPEN or end.printed <= step:
        return
    beyond = end.printed - step if key == "do" else end.printed + step
    verdicts = []
    for value in (end.printed, beyond):
        rest = year([str(value)] * (12 - len(values)), key, months=range(len(values) + 1, 13))
        (result,) = assess(
            measurements(rows + rest), sites("S"), targets({"target_class": 3}), period=Period.year(2024)
        )
        verdicts.append(result.attainment.state)
    assert verdicts == [State.ATTAINED, State.NOT_ATTAINED]


def test_oxygen_asks_for_at_least():
    found = item(year(["4.0"] * 6, "do"), "do")
    assert (found.most, found.least.value, found.least.printed) == (None, Fraction("5.9"), Decimal("5.9"))


def test_ph_leaves_a_range_through_hydrogen_ions():
    found = item(year(["7"] * 6, "ph"), "ph")
    # Means of [H⁺] up to 10^-5.5: twelve of it less six of 10^-7, over six months.
    acid = (12 * 10**-5.5 - 6 * 10**-7) / 6
    assert 10 ** -float(found.least.value) == pytest.approx(acid, rel=1e-12)
    assert found.most.value == 14
    assert found.state is RoomState.OPEN


def test_ph_too_acid_cannot_be_mended():
    assert item(year(["4"] * 6, "ph"), "ph").state is RoomState.CANNOT_BE_MET


@pytest.mark.parametrize(
    ("key", "value", "count", "state"),
    [
        ("nh3n", "2.5", 6, RoomState.CANNOT_BE_MET),
        ("nh3n", "2.01", 6, RoomState.OPEN),  # exactly nothing: only zeros would do
        ("nh3n", "1.0", 12, RoomState.CANNOT_BE_MISSED),
        ("nh3n", "1.1", 12, RoomState.CANNOT_BE_MET),
        ("do", "19.9", 11, RoomState.CANNOT_BE_MISSED),
        ("do", "1", 11, RoomState.CANNOT_BE_MET),
        ("ph", "7", 12, RoomState.CANNOT_BE_MISSED),
    ],
)
def test_what_is_decided_is_said(key, value, count, state):
    on = date(2024, count, 30)
    found = room(year([value] * count, key), on=date(2024, 12, 31) if count == 12 else on).of("S")
    assert found.state is state


def test_months_without_data_are_named_and_do_not_count():
    found = item(year(["0.5"] * 4, months=[1, 2, 5, 6]))
    assert found.months.without_data == (3, 4)
    assert found.months.counted == 10


def test_an_open_month_counts_with_its_manual_sample_and_not_with_readings():
    rows = year(["0.5"] * 6)
    assert item(rows, on=date(2024, 6, 10)).months.remaining == (7, 8, 9, 10, 11, 12)
    rows = year(["0.5"] * 6, source="automatic")
    assert item(rows, on=date(2024, 6, 10)).months.remaining == (6, 7, 8, 9, 10, 11, 12)
    chosen = rules("room", ON, open_month="measured")
    assert len(item(rows, on=date(2024, 6, 10), chosen=chosen).months.remaining) == 6


def test_rows_after_the_day_do_not_count():
    assert item(year(["0.5"] * 12), on=ON).months.counted == 12
    assert len(item(year(["0.5"] * 12), on=ON).months.measured) == 6


def test_a_detection_limit_above_the_limit_cannot_be_judged():
    rows = [reading("hg", "0.001", datetime(2024, 1, 5), mark="below_detection", source="manual")]
    assert room(rows).of("S").state is RoomState.CANNOT_BE_JUDGED


def test_nothing_measured_is_no_data():
    rows = year(["0.5"], site="other")
    found = room(rows).of("S")
    assert (found.state, found.chance) == (RoomState.NO_DATA, None)


def history(level, site="S", years=range(2019, 2024)):
    return [row for of in years for row in year(level(of), site=site, of=of)]


def test_probability_follows_the_history_and_gives_an_interval():
    rows = history(lambda of: ["0.6" if of % 2 else "1.4"] * 12) + year(["1.0"] * 6)
    found = room(rows).of("S").chance
    assert 0 < found.share < 1
    assert found.interval[0] < found.share < found.interval[1]
    assert (found.years, found.seed, found.draws) == (5, 20240101, 2000)
    assert found == room(rows).of("S").chance
    assert "不是保证" in str(found.text)


def test_a_probability_is_never_printed_as_certain():
    found = room(history(lambda _: ["0.5"] * 12) + year(["0.5"] * 6)).of("S").chance
    assert found.successes == found.draws
    assert str(found.text).startswith("按 5 年历史重抽样，2000 次全部达标（区间 56.6%")
    assert found.interval[0] < Fraction(6, 10)


def test_too_little_history_is_refused():
    found = room(history(lambda _: ["0.5"] * 12, years=[2022, 2023]) + year(["0.5"] * 6)).of("S").chance
    assert found.share is None
    assert "历史资料不足" in str(found.text)


def test_a_block_draws_one_year_for_all_months():
    rows = history(lambda of: ["0.6" if of % 2 else "1.4"] * 12) + year(["1.0"] * 6)
    chosen = rules("room", ON, resampling="block")
    # 2019, 2021, 2023 attain, 2020 and 2022 do not: three of five.
    assert float(room(rows, chosen=chosen).of("S").chance.share) == pytest.approx(0.6, abs=0.05)


NAMES = ("A", "B", "C", "D", "E", "F", "G")


def seven(bad, *, level="1.3", past=None):
    rows = []
    for name in NAMES:
        rows += year([level if name in bad else "0.5"] * 6, site=name)
        if past:
            rows += history(past, site=name)
    rate = RateTarget("优良比例", NAMES, Decimal("85.7"))
    table = sites(*({"id": name, "name": f"断面{name}"} for name in NAMES))
    return room_left(measurements(rows), table, None, on=ON, rates=[rate]).rates[0]


def test_six_of_seven_reach_a_target_printed_85_7():
    found = seven({"C"})
    assert (found.total, found.may_miss, found.left, found.failing) == (7, 1, 0, ("断面C",))
    assert str(found.text) == "7 个断面中最多可有 1 个不达标，现在已经是断面C。"


@pytest.mark.parametrize(
    ("bad", "level", "words"),
    [
        ((), "1.3", "目前没有不达标的"),
        (("A", "B"), "1.3", "断面A、断面B，超出 1 个"),
        (("A", "B"), "3", "断面A、断面B 已不可能达标，目标无法实现"),
    ],
)
def test_the_slack_is_told_in_words(bad, level, words):
    assert words in str(seven(bad, level=level).text)


def test_joint_draws_keep_bad_years_bad_for_all():
    found = seven((), past=lambda of: ["0.5" if of % 2 else "3"] * 12)
    assert found.chance.share is not None
    single = seven((), past=lambda of: ["0.5"] * 12)
    assert single.chance.successes == single.chance.draws
    assert found.chance.share < 1
    assert found.at_risk == tuple(f"断面{name}" for name in NAMES)


def test_shares_of_the_worst_class_are_at_most():
    rate = RateTarget("劣Ⅴ类比例", NAMES, Decimal("15"), target_class=5, at_most=True)
    assert rate.may_miss == 1
    assert RateTarget("劣Ⅴ类比例", NAMES, Decimal("0"), target_class=5, at_most=True).may_miss == 0


def test_a_rate_that_cannot_be_is_refused():
    with pytest.raises(CallError):
        _ = RateTarget("优良比例", (), Decimal("85.7")).may_miss


def test_room_opens_down_to_its_inputs():
    found = room(year(["1.2"] * 6)).as_dict()
    (section,) = found["sections"]
    (entry,) = section["items"]
    assert entry["months"]["measured"]["1"] == "1.2"
    assert entry["clause"].startswith("GB 3838-2002")
    assert (found["rules"]["version"], found["method"]["version"]) == ("room.1", "82-2020.1")
