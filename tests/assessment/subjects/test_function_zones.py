"""Water function zones (SL 395-2007): annual mean and frequency, items, what leaves the denominator."""

from datetime import date
from decimal import Decimal as D

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bishui.assessment import LeftOut, Period, State, Zone, assess_zones
from bishui.errors import CallError
from bishui.standards import rules
from tests.assessment.tables import measurements, reading, sites

YEAR = Period.year(2024)
REGISTER = sites("S", "T", {"id": "L", "water_type": "lake"})


def monthly(item, values, site="S"):
    return [
        reading(item, value, f"2024-{month:02}-05T08:00", site=site, source="manual")
        for month, value in enumerate(values, 1)
        if value is not None
    ]


def run(rows, *zones, target=None, period=YEAR, **changes):
    chosen = rules("function_zone", date(2024, 12, 31), **changes)
    given = zones or (Zone("Z", "z", ("S",), 3),)
    return assess_zones(measurements(rows), REGISTER, given, period, control_target=target, chosen=chosen)


TWO_OF_TWELVE = monthly("codmn", ["5"] * 12) + monthly("nh3n", ["1.5"] * 3 + ["0.8"] * 9)


def test_the_two_methods_give_different_results():
    # Mean of ammonia nitrogen 0.975 → 0.98 ≤ 1.0; but 9 of 12 samples are 75 %, below 80 %.
    by_mean = run(TWO_OF_TWELVE).results[0]
    by_share = run(TWO_OF_TWELVE, method="frequency").results[0]
    assert (by_mean.attained, by_mean.rank) == (True, 3)
    assert (by_share.attained, by_share.share.percent, by_share.failing) == (False, D("75.0"), ("nh3n",))
    assert by_share.rules == "sl395-2007.1+method=frequency"


@pytest.mark.parametrize(("good", "attained"), [(8, True), (7, False)])
def test_eighty_percent_of_the_samples_attain(good, attained):
    rows = monthly("codmn", ["6"] * good + ["6.1"] * (10 - good))
    assert run(rows, method="frequency").results[0].attained is attained


@pytest.mark.parametrize(
    ("value", "attained"), [("6.0", True), ("6.05", True), ("6.06", False), ("0", True), ("-1", True)]
)
def test_the_limit_itself_attains_and_the_mean_is_rounded_first(value, attained):
    # 6.05 rounds to even, 6.0; a limit of 6 is met.
    assert run(monthly("codmn", [value])).results[0].attained is attained


def test_too_few_samples_leave_the_rate_of_the_frequency_method():
    found = run(monthly("codmn", ["5"] * 5), method="frequency")
    assert (found.results[0].left_out, found.rate.percent) == (LeftOut.TOO_FEW_SAMPLES, None)
    assert run(monthly("codmn", ["5"] * 6), method="frequency").rate.percent == 100


def test_zones_without_target_dry_ones_and_those_without_data_leave_the_denominator():
    found = run(
        monthly("codmn", ["5"] * 12),
        Zone("A", "a", ("S",), 3),
        Zone("B", "b", ("S",), 1),
        Zone("C", "c", ("S",), None),
        Zone("D", "d", ("S",), 3, dry=True),
        Zone("E", "e", ("T",), 3),
        target=D(50),
    )
    assert (found.rate.met, found.rate.evaluated, found.state) == (1, 2, State.ATTAINED)
    assert dict(found.rate.left_out) == {LeftOut.NO_TARGET: 1, LeftOut.DRY: 1, LeftOut.NO_DATA: 1}


def test_two_indicators_leave_other_items_aside_and_take_cod_where_codmn_is_missing():
    rows = monthly("cod", ["18"] * 12) + monthly("nh3n", ["0.5"] * 12) + monthly("tp", ["0.5"] * 12)
    two, every = run(rows, items="two").results[0], run(rows).results[0]
    assert (two.attained, tuple(two.samples[0].items)) == (True, ("cod", "nh3n"))
    assert (every.attained, every.failing) == (False, ("tp",))


def test_one_of_the_two_indicators_alone_does_not_attain_but_may_fail():
    one = run(monthly("nh3n", ["0.5"] * 12), items="two").results[0]
    assert (one.attained, one.left_out, one.samples[0].lacking) == (None, LeftOut.NO_DATA, ("codmn",))
    assert run(monthly("nh3n", ["1.5"] * 12), items="two").results[0].attained is False


def test_all_items_leave_out_temperature_coliform_and_nitrogen_of_rivers_only():
    high = [*monthly("fecal_coliform", ["99999"]), *monthly("tn", ["9"]), *monthly("codmn", ["3"])]
    assert run(high).results[0].attained is True
    lake = [{**row, "site": "L"} for row in high]
    assert run(lake, Zone("Z", "z", ("L",), 3)).results[0].failing == ("tn",)


def test_a_zone_with_several_sections_by_each_or_by_their_mean():
    zone = Zone("Z", "z", ("S", "T"), 3)
    rows = monthly("codmn", ["7"] * 12) + monthly("codmn", ["3"] * 12, site="T")
    assert run(rows, zone).results[0].attained is False
    assert run(rows, zone, several_sites="mean").results[0].attained is True


def test_samples_of_automatic_stations_may_be_days_or_months():
    rows = [reading("codmn", "7" if hour == 0 else "4", f"2024-0{month}-05T{hour:02}:00")
            for month in range(1, 7) for hour in (0, 4, 8, 12)]  # fmt: skip
    assert run(rows, method="frequency").results[0].share.percent == 75
    assert run(rows, method="frequency", sample="month").results[0].share.percent == 100


def test_a_detection_limit_above_the_limit_does_not_attain():
    rows = [reading("nh3n", "1.5", "2024-01-05T08:00", mark="below_detection", source="manual")]
    assert run(rows, Zone("Z", "z", ("S",), 3)).results[0].left_out is LeftOut.CANNOT_BE_JUDGED


@pytest.mark.parametrize("changes", [{"items": "three"}, {"sample": "week", "method": "frequency"}])
def test_a_setting_with_a_word_that_is_no_choice_is_refused(changes):
    with pytest.raises(CallError, match="不可用"):
        run(monthly("codmn", ["5"]), **changes)


def test_a_result_says_how_it_came_about():
    told = run(TWO_OF_TWELVE, method="frequency", target=D("80")).as_dict()
    zone = told["results"][0]
    assert (told["state"], zone["share"]["percent"], zone["samples"][0]["failing"]) == (
        "not_attained", "75.0", ["nh3n"],
    )  # fmt: skip
    assert told["rules"]["settings"]["least_share_percent"]["certainty"] == "C"


@settings(max_examples=15)
@given(st.lists(st.integers(0, 120), min_size=6, max_size=12), st.randoms())
def test_law_the_share_counts_samples_in_any_order(tenths, random):
    rows = monthly("codmn", [str(D(value) / 10) for value in tenths])
    random.shuffle(rows)
    share = run(rows, method="frequency").results[0].share
    assert (share.met, share.evaluated) == (sum(value <= 60 for value in tenths), len(tenths))
