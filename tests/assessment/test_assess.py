"""From tables to classes and verdicts, clause by clause."""

import json
from datetime import date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bishui.assessment import Period, PeriodKind, Reason, State, assess
from bishui.errors import DataError
from bishui.standards import method
from bishui.standards.editions import NotInForce
from tests.assessment.tables import flags, measurements, reading, sites, targets

FEBRUARY = Period.month(2024, 2)
RIVER = sites("S")


def one(rows, period=FEBRUARY, register=RIVER, **tables):
    found = assess(measurements(rows), register, period=period, **tables)
    return found.of("S", period)


def month(**values):
    return one([reading(item, value) for item, value in values.items()])


def test_worked_example_of_a_section_in_class_3():
    # GB 3838 table 1, river: 15 < COD 16 <= 20 decides; BOD5 3.0 equals its limit; TN is left aside.
    found = month(
        ph="8", do="11.5", codmn="3.8", cod="16", bod5="3.0", nh3n="0.07", tp="0.04", tn="9.9",
        phenol="0.0004", oil="0.005",
    )  # fmt: skip
    assert (found.rank, found.deciding) == (3, ("cod",))
    ranks = {key: entry.rank for key, entry in found.items.items()}
    assert ranks == {
        "ph": 1, "do": 1, "codmn": 2, "cod": 3, "bod5": 1, "nh3n": 1, "tp": 2, "tn": None, "phenol": 1, "oil": 1,
    }  # fmt: skip
    assert found.item_list == ("ph", "do", "codmn", "cod", "bod5", "nh3n", "tp", "phenol", "oil")
    assert found.main_pollutants == ()


def test_main_pollution_indicators_by_class_then_multiple():
    found = month(nh3n="2.3", tp="0.32", cod="24", codmn="6.6", do="4.9")
    assert [(entry.item, str(entry.multiple)) for entry in found.main_pollutants] == [
        ("nh3n", "1.3"),
        ("tp", "0.6"),
        ("cod", "0.2"),
    ]


def test_oxygen_is_named_without_a_multiple():
    found = month(do="4.9", tp="0.1")
    assert [(entry.item, entry.multiple) for entry in found.main_pollutants] == [("do", None)]


def test_heavy_metals_and_cyanide_come_first():
    found = month(nh3n="2.3", tp="0.5", cod="50", pb="0.06")
    assert [entry.item for entry in found.main_pollutants] == ["pb", "cod", "tp"]


@pytest.mark.parametrize(("water_type", "rank"), [("river", 2), ("lake", 3)])
def test_the_water_type_comes_from_the_register_never_from_the_published_class(water_type, rank):
    rows = [reading("tp", "0.03"), reading("published_class", "1")]
    assert one(rows, register=sites({"id": "S", "water_type": water_type})).rank == rank


@pytest.mark.parametrize("register", [None, sites({"id": "S", "water_type": None})])
def test_without_a_water_type_there_is_no_class(register):
    found = one([reading("tp", "0.03"), reading("codmn", "3")], register=register)
    assert (found.rank, found.reason) == (None, Reason.WATER_TYPE_UNKNOWN)


def test_a_site_that_was_not_valid_then_has_no_class():
    register = sites({"id": "S", "valid_from": date(2024, 3, 1)})
    assert one([reading("tp", "0.03")], register=register).reason is Reason.NOT_VALID_THEN


def test_a_site_changes_its_water_type_with_its_version():
    register = sites(
        {"id": "S", "water_type": "lake", "valid_to": date(2024, 1, 31)},
        {"id": "S", "water_type": "river", "valid_from": date(2024, 2, 1)},
    )
    rows = [reading("tp", "0.03", "2024-01-10"), reading("tp", "0.03", "2024-02-10")]
    found = assess(measurements(rows), register, period=PeriodKind.MONTH)
    assert [entry.rank for entry in found] == [3, 2]


def test_no_data_is_neither_class_1_nor_class_6():
    found = assess(measurements([reading("tp", "0.03")]), sites("S", "T"), period=FEBRUARY)
    silent = found.of("T", FEBRUARY)
    assert (silent.rank, silent.reason, silent.attainment.state) == (None, Reason.NO_DATA, State.NO_TARGET)
    summary = found.summary()
    assert (summary.total, summary.judged, summary.not_judged) == (2, 1, {"no_data": 1})
    assert str(summary.good_percent) == "100.0"


def test_day_is_the_mean_of_readings_and_month_the_mean_of_days():
    rows = [
        reading("codmn", value, f"2024-02-01T{hour:02}:00") for hour, value in ((0, "2"), (4, "4"), (8, "6"))
    ]
    rows.append(reading("codmn", "10", "2024-02-02"))
    entry = one(rows).items["codmn"]
    assert entry.mean == 7
    assert (entry.counts.entered, entry.counts.days, entry.counts.months) == (4, 2, 1)


def test_manual_results_of_a_month_are_averaged_singly_and_verticals_first():
    rows = [
        reading("codmn", value, time, source="manual")
        for time, value in (
            ("2024-02-01T08:00", "2"),
            ("2024-02-01T08:00", "4"),
            ("2024-02-01T16:00", "6"),
            ("2024-02-09T08:00", "9"),
        )
    ]
    entry = one(rows).items["codmn"]
    assert entry.mean == Fraction(3 + 6 + 9, 3)
    assert entry.counts.days == 2


def test_quarter_and_year_to_date_are_means_of_months_not_the_worst():
    rows = [reading("cod", value, f"2024-{month:02}-05") for month, value in ((1, "12"), (2, "16"))]
    rows.append(reading("cod", "16", "2024-02-06"))
    cumulative = one(rows, Period.year_to_date(2024, 2))
    assert (cumulative.items["cod"].mean, cumulative.rank) == (14, 1)
    assert one(rows, Period.month(2024, 2)).rank == 3
    assert one(rows, Period.quarter(2024, 1)).items["cod"].counts.months == 2


def test_a_year_needs_eight_months_and_says_so():
    rows = [reading("cod", "12", f"2024-{month:02}-05") for month in range(1, 8)]
    assert one(rows, Period.year(2024)).enough_periods is False
    rows.append(reading("cod", "12", "2024-08-05"))
    assert one(rows, Period.year(2024)).enough_periods is True


def test_automatic_values_come_before_manual_ones_of_the_month():
    rows = [reading("tp", "0.05"), reading("tp", "0.5", "2024-02-03", source="manual")]
    entry = one(rows).items["tp"]
    assert (entry.mean, entry.source) == (Fraction("0.05"), "automatic")


def test_a_manual_value_replaces_a_missing_automatic_one():
    rows = [
        reading("tp", None, mark="offline"),
        reading("tp", "0.5", "2024-02-03", source="manual"),
    ]
    entry = one(rows).items["tp"]
    assert (entry.mean, entry.source, entry.counts.offline) == (Fraction("0.5"), "manual", 1)


def test_below_detection_enters_as_half_its_limit():
    rows = [reading("oil", "0.01", mark="below_detection"), reading("oil", "0.02", "2024-02-02")]
    entry = one(rows).items["oil"]
    assert entry.mean == Fraction("0.0125")
    assert (entry.counts.used, entry.counts.below_detection) == (1, 1)


def test_a_bare_not_detected_is_missing_and_not_zero():
    found = one([reading("oil", None, mark="below_detection")])
    assert found.items["oil"].mean is None
    assert found.items["oil"].counts.no_detection_limit == 1
    assert found.reason is Reason.NO_DATA


def test_a_detection_limit_above_the_class_limit_cannot_be_judged():
    rows = [reading("hg", "0.00009", mark="below_detection")]
    found = one(rows)
    assert (found.rank, found.reason) == (None, Reason.CANNOT_BE_JUDGED)
    changed = method(date(2024, 2, 1), detection_above_limit="substitute")
    assert one(rows, method=changed).rank == 1


def test_another_item_as_bad_as_the_detection_limit_settles_the_class():
    found = one([reading("hg", "0.00009", mark="below_detection"), reading("cod", "18")])
    assert (found.rank, found.deciding) == (3, ("cod",))


@pytest.mark.parametrize(("target", "state"), [(1, State.NOT_JUDGED), (3, State.ATTAINED)])
def test_a_target_is_judged_where_the_detection_limit_allows_it(target, state):
    rows = [reading("hg", "0.00009", mark="below_detection")]
    found = one(rows, targets=targets({"target_class": target}))
    assert found.attainment.state is state


def test_means_are_rounded_and_single_readings_are_not():
    rows = [reading("codmn", "6.03")]
    assert one(rows).rank == 3
    assert one(rows, Period.reading(datetime(2024, 2, 1, 8))).rank == 4
    assert one(rows, method=method(date(2024, 2, 1), round_before_compare=False)).rank == 4


def test_periods_before_2020_are_compared_unrounded():
    found = one([reading("codmn", "6.03", "2019-08-01")], Period.quarter(2019, 3))
    assert (found.rank, found.method) == (4, "22-2011.1")


def test_ph_is_shown_unrounded_beside_its_whole_number():
    entry = month(ph="9.4").items["ph"]
    assert (entry.mean, entry.rounded, entry.rank) == (Fraction("9.4"), 9, 1)


@pytest.mark.parametrize(
    ("mark", "count"), [("no_reading", "no_reading"), ("not_given", "not_given"), ("offline", "offline")]
)
def test_what_is_missing_is_counted_and_never_used(mark, count):
    entry = one([reading("tp", "0.05"), reading("tp", "9", "2024-02-01T12:00", mark=mark)]).items["tp"]
    assert entry.mean == Fraction("0.05")
    assert getattr(entry.counts, count) == 1
    assert (entry.counts.entered, entry.counts.total, entry.counts.missing) == (1, 2, 1)


@pytest.mark.parametrize("flag", ["excluded", "under_review"])
def test_flagged_readings_are_counted_and_not_used(flag):
    noon = datetime(2024, 2, 1, 12)
    rows = [reading("tp", "0.05"), reading("tp", "9", noon), reading("cod", "10", noon)]
    held = flags({"item": "tp", "flag": flag, "time_from": noon, "time_to": noon})
    found = one(rows, flags=held)
    assert found.items["tp"].mean == Fraction("0.05")
    assert getattr(found.items["tp"].counts, flag) == 1
    assert found.items["cod"].mean == 10


def test_a_flag_without_an_item_holds_for_every_item():
    start, end = datetime(2024, 2, 1), datetime(2024, 2, 1, 23, 59)
    found = one(
        [reading("tp", "9"), reading("cod", "10")],
        flags=flags({"item": None, "time_from": start, "time_to": end}),
    )
    assert found.reason is Reason.NO_DATA


def test_attainment_against_a_class():
    rows = [reading("cod", "21"), reading("tp", "0.05")]
    found = one(rows, targets=targets({"target_class": 3, "source_file": "plan.txt", "source_line": 12}))
    verdict = found.attainment
    assert (verdict.state, verdict.failing, verdict.source_line) == (State.NOT_ATTAINED, ("cod",), 12)
    over = found.items["cod"].over_target
    assert (str(over.rounded), over.reference, over.limit) == ("0.05", "target", 20)


def test_an_interim_target_overrides_the_limit_of_one_item():
    rows = [reading("nh3n", "2.4"), reading("cod", "25")]
    goal = targets({"target_class": 4, "overrides": [("nh3n", Decimal("2.5"))]})
    assert one(rows, targets=goal).attainment.state is State.ATTAINED
    assert one([reading("nh3n", "2.6")], targets=goal).attainment.failing == ("nh3n",)


def test_a_target_outside_its_period_does_not_count():
    goal = targets({"target_class": 1, "period_to": date(2024, 1, 31)})
    assert one([reading("cod", "99")], targets=goal).attainment.state is State.NO_TARGET


def test_no_verdict_without_data_says_why():
    found = one([reading("cod", None, mark="offline")], targets=targets({"target_class": 3}))
    assert (found.attainment.state, found.attainment.reason) == (State.NOT_JUDGED, Reason.NO_DATA)


def test_oxygen_saturation_of_90_percent_is_class_1():
    assert one([reading("do", "7.17"), reading("do_saturation", "91")]).rank == 1
    assert one([reading("do", "7.17"), reading("do_saturation", "89.9")]).rank == 2


def test_rows_may_name_a_site_by_its_name():
    register = sites({"id": "S", "name": "甲断面"})
    assert one([reading("cod", "16", site="甲断面")], register=register).rank == 3


def test_results_carry_method_settings_and_counts_into_json():
    found = assess(measurements([reading("cod", "21")]), RIVER, period=FEBRUARY)
    content = json.loads(found.to_json())
    assert content["methods"][0]["settings"]["round_before_compare"] == {
        "value": True, "source": "环办监测函〔2020〕82号", "certainty": "C",
    }  # fmt: skip
    item = content["results"][0]["items"][0]
    assert (item["mean"], item["clause"], item["counts"]["entered"]) == ("21", "GB 3838-2002 表1 第5项", 1)
    assert item["over_reference"] == {"reference": "class_III", "limit": "20", "multiple": "0.05"}


@pytest.mark.parametrize(
    ("row", "word"),
    [(reading("nonesuch", "1"), "nonesuch"), (reading("cod", "1", mark="guess"), "guess"),
     (reading("algal_density", "0.5"), "0.5")],
)  # fmt: skip
def test_wrong_rows_end_in_a_sentence_with_row_and_remedy(row, word):
    with pytest.raises(DataError) as caught:
        one([reading("cod", "1"), row])
    assert word in str(caught.value)
    assert caught.value.where.row == 3
    assert caught.value.remedy is not None


def test_a_date_before_the_standard_is_an_error():
    with pytest.raises(NotInForce):
        one([reading("cod", "1", "1999-01-01")], Period.month(1999, 1))


def test_a_kind_of_period_means_every_one_that_holds_a_row():
    rows = [reading("cod", "12", "2024-01-05"), reading("cod", "12", "2024-04-05")]
    found = assess(measurements(rows), RIVER, period=PeriodKind.MONTH)
    assert [entry.period.label for entry in found] == ["2024-01", "2024-04"]


def test_an_empty_table_gives_no_data():
    assert one([]).reason is Reason.NO_DATA


values = st.lists(st.integers(1, 400).map(lambda n: str(Decimal(n) / 1000)), min_size=1, max_size=20)


def spread(readings):
    start = datetime(2024, 2, 1)
    return [reading("tp", value, start + timedelta(hours=4 * n)) for n, value in enumerate(readings)]


@settings(deadline=None, max_examples=30)
@given(values, st.randoms())
def test_the_order_of_rows_does_not_matter(readings, random):
    rows = spread(readings)
    shuffled = random.sample(rows, len(rows))
    assert one(rows).items["tp"].mean == one(shuffled).items["tp"].mean


@settings(deadline=None, max_examples=30)
@given(values)
def test_the_month_is_the_mean_of_daily_means(readings):
    days = [readings[n : n + 6] for n in range(0, len(readings), 6)]
    expected = sum(sum(Fraction(v) for v in day) / len(day) for day in days) / len(days)
    assert one(spread(readings)).items["tp"].mean == expected


@settings(deadline=None, max_examples=30)
@given(values, st.integers(0, 19), st.integers(1, 400))
def test_a_worse_value_never_gives_a_better_class(readings, place, more):
    worse = list(readings)
    at = place % len(worse)
    worse[at] = str(Decimal(worse[at]) + Decimal(more) / 1000)
    assert one(spread(worse)).rank >= one(spread(readings)).rank


def test_an_item_that_no_class_of_surface_water_knows_is_passed_by():
    rows = measurements([reading("nh3n", "0.4"), reading("orp", "-250"), reading("total_hardness", "100")])
    (result,) = assess(rows, sites("S"), period=Period.month(2024, 2))
    assert (result.rank, list(result.items)) == (2, ["nh3n"])
