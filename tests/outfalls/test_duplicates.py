"""Entries that may be one outfall are proposed by place, by name and by another system's code."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from bishui.outfalls import Entry, duplicate_rules, likenesses

METRE = 1 / 111_320.0
HERE = Entry("L990101-00001-A", "甲河东岸1#雨洪排口", 109.0, 24.0, 6)


def beside(metres, **fields):
    return replace(HERE, code="L990101-00002-B", name="乙渠排口", lat=24.0 + metres * METRE, **fields)


def reasons(*entries):
    return [pair.reasons for pair in likenesses(entries)]


def test_mouths_within_twenty_metres_are_asked_about_whatever_their_names():
    assert reasons(HERE, beside(19)) == [("near",)]
    assert reasons(HERE, beside(21)) == []
    assert likenesses([HERE, beside(19)])[0].distance == 19.0


def test_equal_or_contained_names_are_asked_about_further_off():
    assert reasons(HERE, replace(beside(400), name="甲河东岸1＃雨洪排口")) == [("same_name",)]
    assert reasons(HERE, replace(beside(400), name="甲河东岸")) == [("same_name",)]
    assert reasons(HERE, replace(beside(600), name=HERE.name)) == []


def test_a_coarse_coordinate_says_too_little_to_be_near():
    assert reasons(HERE, beside(0, digits=2)) == []


def test_the_same_code_of_another_system_is_asked_about_without_a_place():
    one = replace(HERE, regional_code="R1")
    other = replace(beside(0, regional_code="R1"), lon=None, lat=None)
    (pair,) = likenesses([one, other])
    assert (pair.reasons, pair.distance) == (("same_code",), None)


def test_each_rule_says_its_source_and_certainty():
    assert all(rule["source"] and rule["certainty"] for rule in duplicate_rules().values())


places = st.lists(
    st.tuples(
        st.floats(109.0, 109.02, allow_nan=False), st.floats(24.0, 24.02, allow_nan=False), st.integers(3, 6)
    ),
    max_size=14,
)


@given(places, st.randoms(use_true_random=False))
def test_order_changes_nothing_and_the_grid_misses_no_pair(drawn, random):
    entries = [
        Entry(f"L990101-{number:05d}-0", "排口" if digits == 5 else f"排口{number}号", lon, lat, digits)
        for number, (lon, lat, digits) in enumerate(drawn)
    ]
    shuffled = entries[:]
    random.shuffle(shuffled)
    found = likenesses(entries)
    assert likenesses(shuffled) == found
    pairs = {
        (one.code, other.code)
        for index, one in enumerate(entries)
        for other in entries[index + 1 :]
        if likenesses([one, other])
    }
    assert {(pair.first, pair.second) for pair in found} == pairs
