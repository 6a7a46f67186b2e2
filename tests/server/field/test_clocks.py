"""A device's clock: put right by what it differs from the server's, and marked where that cannot help."""

from datetime import datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from bishui.server.field.clocks import Made, doubts, moment, put_right

NOON = datetime(2025, 10, 20, 12)
HOUR = timedelta(hours=1)
RULES = {"offset": 0, "tolerance": 120, "slack": 300}


def test_milliseconds_are_universal_time_and_records_are_in_china_standard_time():
    assert moment(0) == datetime(1970, 1, 1, 8)


@given(st.integers(min_value=-(10**8), max_value=10**8))
def test_a_clock_off_by_any_amount_is_put_right_to_the_tolerance(off):
    shown = NOON + timedelta(seconds=off)
    assert abs(put_right(Made(shown), -off, 120) - NOON) <= timedelta(seconds=120)


def test_a_clock_set_between_the_form_and_the_sending_is_put_right_by_what_it_was_set():
    made = Made(NOON - HOUR, changed=3600)
    assert put_right(made, 0, 120) == NOON
    assert doubts(made, NOON, NOON, **RULES) == ["clock_changed"]


def test_what_is_right_is_not_marked():
    made = Made(NOON, contact=NOON - HOUR, former=NOON - HOUR)
    assert doubts(made, NOON, NOON + HOUR, **RULES) == []


def test_each_impossible_time_is_marked():
    assert doubts(Made(NOON), NOON, NOON - HOUR, **RULES) == ["future"]
    assert doubts(Made(NOON, contact=NOON + HOUR), NOON, NOON + HOUR, **RULES) == ["before_contact"]
    assert doubts(Made(NOON, former=NOON + HOUR), NOON, NOON + HOUR, **RULES) == ["out_of_order"]
    assert doubts(Made(NOON), NOON, NOON, **RULES | {"offset": -121}) == ["clock"]
