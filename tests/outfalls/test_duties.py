"""Duties by half-year: the span, the share rounded up, what lacks by name, classes each with their share."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bishui.errors import CallError
from bishui.outfalls import (
    HalfYear,
    Owed,
    class_of,
    commit,
    draw,
    drawn_classes,
    fulfilment,
    share_of,
    supplements,
)

INDUSTRY, PARK, TOWN = "hj1312-01", "hj1312-07", "hj1312-09"


def test_half_years_run_from_january_and_from_july():
    first, second = HalfYear.of(date(2026, 6, 30)), HalfYear.of(date(2026, 7, 1))
    assert (str(first), str(second)) == ("2026H1", "2026H2")
    assert (second.first, second.last) == (date(2026, 7, 1), date(2026, 12, 31))
    assert second.before == first and first.before == HalfYear(2025, 2)
    assert date(2026, 6, 30) in first and date(2026, 6, 30) not in second
    assert HalfYear.named("2026H2") == second
    for name in ("2026", "2026H3", "H1"):
        with pytest.raises(CallError):
            HalfYear.named(name)


def test_the_draw_is_over_three_classes_and_not_over_rain_outfalls():
    assert len(drawn_classes()) == 3
    assert class_of(INDUSTRY) == "工矿企业排污口"
    assert class_of("hj1312-04") == class_of("") == ""


@given(st.integers(0, 400), st.integers(1, 100))
def test_a_share_is_never_less_than_asked_and_never_one_too_many(size, percent):
    share = share_of(percent, size)
    assert 100 * share >= percent * size
    assert share == 0 or 100 * (share - 1) < percent * size


@given(st.integers(1, 40), st.integers(0, 12), st.integers(0, 12), st.text(min_size=1, max_size=8))
def test_with_supplements_each_class_reaches_its_share_and_the_drawn_stay(industry, park, town, number):
    kinds = {f"I{n:03}": INDUSTRY for n in range(industry)}
    kinds |= {f"P{n:03}": PARK for n in range(park)} | {f"T{n:03}": TOWN for n in range(town)}
    drawn = draw(commit("990100-2026H2", kinds, 10), f"n{number}")
    added = supplements(drawn, kinds)
    assert not set(added) & set(drawn.drawn)
    for group in drawn_classes():
        members = [code for code in kinds if class_of(kinds[code]) == group]
        chosen = [code for code in (*drawn.drawn, *added) if code in members]
        assert len(chosen) >= share_of(10, len(members))


def test_a_visit_without_a_sample_lacks_the_sample_by_name():
    owed = [Owed("A", "", True, True), Owed("B", "", True, False), Owed("C", "", False, False)]
    found = fulfilment("", 30, owed, wanted=3)
    assert (found.done, found.lacking, found.fulfilled) == (1, 2, False)
    assert (found.unvisited, found.unsampled) == (("C",), ("B",))
    assert fulfilment("", 30, owed, needs_sample=False).done == 2
    assert found.without_names().unvisited == ()


def test_where_nothing_is_wanted_nothing_is_proved():
    assert fulfilment("", 0, []).fulfilled is None


def test_what_is_wanted_and_not_even_drawn_is_short():
    found = fulfilment("", 23, [], wanted=3)
    assert (found.short, found.lacking, found.fulfilled) == (3, 3, False)
