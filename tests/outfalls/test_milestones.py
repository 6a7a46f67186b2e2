"""Progress of remediation: sign-offs over a stated and frozen list."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bishui.errors import CallError
from bishui.outfalls import Denominator, Milestone, Numerator, Standing, progress

DAY = date(2023, 12, 31)


def aim(percent=30, denominator=Denominator.NEEDS_REMEDIATION, numerator=Numerator.SIGNED_OFF):
    return Milestone("一期", DAY, percent, denominator, numerator)


def one(code, *, identified=True, abnormal=True, needs=True, traced=True, signed=False):
    return Standing(code, identified, abnormal, needs, traced, signed)


def test_eleven_of_thirty_seven_is_not_thirty_per_cent():
    listed = [one(f"{n:02}", signed=n < 11) for n in range(37)]
    result = progress(aim(), listed, DAY)
    assert (len(result.done), len(result.codes), result.attained, result.lacking) == (11, 37, False, 1)


def test_an_empty_list_is_not_a_full_one():
    result = progress(aim(), [], DAY)
    assert (result.share, result.attained, result.lacking) == (None, None, 0)


@pytest.mark.parametrize(
    ("standing", "counted"),
    [
        (one("a"), {"needs_remediation", "abnormal", "identified"}),
        (one("a", needs=None), {"needs_remediation", "abnormal", "identified"}),
        (one("a", needs=False), {"abnormal", "identified"}),
        (one("a", abnormal=False, needs=True), {"needs_remediation", "abnormal", "identified"}),
        (one("a", abnormal=False, needs=None), {"identified"}),
        (one("a", identified=False), set()),
    ],
)
def test_denominators_differ(standing, counted):
    assert {kind.value for kind in Denominator if standing.counted(kind)} == counted


def test_what_no_action_needs_is_in_neither():
    listed = [one("a", needs=False, signed=False), one("b", signed=True)]
    result = progress(aim(100), listed, DAY)
    assert (result.codes, result.done, result.attained) == (("b",), ("b",), True)


def test_a_reopened_outfall_leaves_the_numerator_and_stays_in_the_denominator():
    before = progress(aim(100), [one("a", signed=True)], DAY)
    after = progress(aim(100), [one("a", signed=False)], DAY)
    assert (before.attained, after.attained, after.codes) == (True, False, ("a",))


def test_a_frozen_list_is_kept_beside_what_was_found_later():
    first = progress(aim(50), [one("a", signed=True), one("b")], DAY)
    later = [one("a", signed=True), one("b"), one("c"), one("d")]
    assert progress(aim(50), later, DAY, frozen=first.codes).attained is True
    assert progress(aim(50), later, DAY).attained is False


def test_one_that_is_gone_from_the_register_stays_in_the_frozen_list():
    assert progress(aim(100), [one("a", signed=True)], DAY, frozen=["a", "b"]).attained is False


def test_tracing_counts_the_fallback_to_a_government_as_traced():
    result = progress(aim(80, Denominator.IDENTIFIED, Numerator.TRACED), [one("a", needs=None)], DAY)
    assert result.attained


@given(st.lists(st.booleans(), min_size=1, max_size=60), st.integers(1, 100))
def test_attained_exactly_when_nothing_lacks(signed, percent):
    result = progress(aim(percent), [one(f"{n:02}", signed=done) for n, done in enumerate(signed)], DAY)
    assert result.attained == (result.lacking == 0) == (result.share * 100 >= percent)


@pytest.mark.parametrize("percent", [0, 101])
def test_a_share_that_is_none_is_refused(percent):
    with pytest.raises(CallError):
        aim(percent)
