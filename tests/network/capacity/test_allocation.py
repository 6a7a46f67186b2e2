"""Allocation of loads: greatest total with prices, fair rules with their cost, and who fails at the floors."""

import itertools

import numpy as np
import pytest
from hypothesis import given as drawn
from hypothesis import settings as effort
from hypothesis import strategies as st

from bishui.errors import CallError
from bishui.network.capacity.allocation import (
    AllocationCase,
    Infeasible,
    allocations,
    capped_differences,
    equal_concentration,
    equal_proportion,
    greatest_total,
    max_min_ratio,
)
from bishui.network.capacity.remaining import remaining_room
from bishui.network.settings import settings


def case(response, room, floor, present, margin=0.0):
    response = np.array(response, float)
    names = [tuple(f"{word}{at}" for at in range(n)) for word, n in zip("so", response.shape, strict=True)]
    return AllocationCase(
        response, np.array(room, float), np.array(floor, float), np.array(present, float), *names, margin
    )


A1 = case([[0.8, 0.5, 0], [0.6, 0.4, 0.9]], [40, 45], [5, 5, 5], [60, 50, 40])


@st.composite
def cases(draw):
    sections, outfalls = draw(st.integers(1, 4)), draw(st.integers(1, 5))
    figures = st.floats(0.05, 1.0)
    response = [[draw(st.just(0.0) | figures) for _ in range(outfalls)] for _ in range(sections)]
    present = np.array([draw(st.floats(1, 50)) for _ in range(outfalls)])
    floor = present * np.array([draw(st.floats(0, 0.5)) for _ in range(outfalls)])
    room = np.array(response) @ floor + np.array([draw(st.floats(0.1, 20)) for _ in range(sections)])
    return case(response, room, floor, present)


def test_the_greatest_total_and_its_prices_case_a1():
    found = greatest_total(A1)
    assert found.loads == pytest.approx([18.75, 50, 15.2777777778])
    assert found.shadow == pytest.approx([0.416666666667, 1.11111111111])
    assert found.binding == ("s0", "s1")
    assert found.used == pytest.approx([1.0, 1.0])


def test_equal_shares_cost_10_7_case_a2():
    found = equal_proportion(A1)
    assert found.total == pytest.approx(73.3695652174)
    assert found.price_of_fairness == pytest.approx(10.6582125604)
    assert found.reduction == pytest.approx([0.510869565217391] * 3)
    assert found.binding == ("s1",)


def test_the_fair_rules_side_by_side_name_rule_total_and_price():
    found = {one.rule.value: one for one in allocations(A1)}
    assert list(found) == ["max_total", "equal_proportion", "max_min_ratio", "capped_differences"]
    assert found["max_min_ratio"].loads.min() >= found["equal_proportion"].loads.min() - 1e-9
    cut = found["capped_differences"].reduction
    assert cut.max() - cut.min() == pytest.approx(0.1)
    assert found["max_total"].price_of_fairness == 0
    assert found["capped_differences"].as_dict()["price_of_fairness"] > 0


def test_the_section_that_fails_at_full_technology_is_named_with_the_amount():
    hard = case([[1, 1], [0.5, 0]], [5, 10], [4, 3], [10, 10])
    with pytest.raises(Infeasible) as caught:
        greatest_total(hard)
    (problem,) = caught.value.problems
    assert "s0" in str(problem) and "2" in str(problem)
    assert hard.excess_at_floor == pytest.approx([2, 0])


def test_exactly_at_the_floors_there_is_still_an_answer():
    tight = case([[1, 1]], [7], [4, 3], [10, 10])
    for found in allocations(tight, settings("allocation", rate_difference=1.0)):
        assert found.loads == pytest.approx([4, 3])


def test_a_cap_that_the_floors_break_is_said():
    with pytest.raises(Infeasible, match="rate_difference"):
        capped_differences(case([[1, 1]], [11], [10, 0], [10, 10]))


def test_the_margin_of_safety_lowers_every_limit_by_its_share():
    whole, reserved = case([[1.0]], [10], [0], [20]), case([[1.0]], [10], [0], [20], margin=0.1)
    assert (greatest_total(whole).total, greatest_total(reserved).total) == (10, 9)


def test_among_equal_optima_the_smallest_squared_change_or_the_first_outfall():
    twins = case([[1, 1]], [10], [0, 0], [10, 10])
    assert greatest_total(twins).loads == pytest.approx([5, 5])
    first = greatest_total(twins, settings("allocation", tie_break="lexicographic"))
    assert first.loads == pytest.approx([10, 0])
    uneven = case([[1, 1]], [10], [0, 0], [30, 10])
    assert greatest_total(uneven).loads == pytest.approx([10, 0])


def test_nobody_below_the_floor_and_the_others_bear_it():
    found = equal_proportion(case([[1, 1]], [12], [8, 0], [10, 10]))
    assert found.loads == pytest.approx([8, 4])


def test_one_concentration_for_all():
    found = equal_concentration(case([[1, 1]], [12], [0, 0], [10, 10]), np.array([1.0, 3.0]))
    assert found.loads == pytest.approx([3, 9])


def test_max_min_goes_on_with_those_that_are_not_stopped():
    # The first two share a section with room 4; the third meets nothing.
    found = max_min_ratio(case([[1, 1, 0]], [4], [0, 0, 0], [10, 10, 10]))
    assert found.loads == pytest.approx([2, 2, 10])


@effort(max_examples=25)
@drawn(cases())
def test_weak_and_strong_duality_prices_times_limits_are_the_optimum(given_case):
    found = greatest_total(given_case)
    assert (found.shadow >= -1e-9).all() and (found.floor_price <= 1e-9).all()
    worth = found.shadow @ given_case.limit + found.floor_price @ given_case.floor
    worth += found.present_price @ given_case.present
    assert worth == pytest.approx(found.total, rel=1e-8, abs=1e-8)


@effort(max_examples=25)
@drawn(cases())
def test_every_rule_keeps_targets_and_bounds_and_none_beats_the_optimum(given_case):
    best = greatest_total(given_case)
    rules = [best, equal_proportion(given_case), max_min_ratio(given_case)]
    rules.append(capped_differences(given_case, settings("allocation", rate_difference=0.6)))
    for found in rules:
        assert (given_case.response @ found.loads <= given_case.limit * (1 + 1e-9) + 1e-9).all()
        assert (found.loads >= given_case.floor - 1e-9).all()
        assert (found.loads <= given_case.present + 1e-9).all()
        assert found.total <= best.total * (1 + 1e-7) + 1e-9
    shares = [found.loads / given_case.present for found in rules[:3]]
    assert shares[2].min() >= shares[1].min() - 1e-9
    assert shares[2].min() >= shares[0].min() - 1e-9


@effort(max_examples=25)
@drawn(cases())
def test_the_lexicographic_choice_has_the_same_total(given_case):
    first = greatest_total(given_case, settings("allocation", tie_break="lexicographic"))
    assert first.total == pytest.approx(greatest_total(given_case).total, rel=1e-8)


@effort(max_examples=25)
@drawn(cases(), st.randoms(use_true_random=False))
def test_the_order_of_outfalls_changes_nothing(given_case, random):
    order = list(range(len(given_case.outfalls)))
    random.shuffle(order)
    turned = case(
        given_case.response[:, order], given_case.room, given_case.floor[order], given_case.present[order]
    )
    for rule in (greatest_total, equal_proportion, max_min_ratio):
        assert rule(turned).loads == pytest.approx(rule(given_case).loads[order], rel=1e-6, abs=1e-6)


@pytest.mark.parametrize(
    "wrong",
    [
        lambda: case([[1, 1]], [1, 2], [0, 0], [1, 1]),
        lambda: case([[1, np.nan]], [1], [0, 0], [1, 1]),
        lambda: case([[1, -1]], [1], [0, 0], [1, 1]),
        lambda: case([[1, 1]], [1], [2, 0], [1, 1]),
        lambda: case([[1, 1]], [1], [0, 0], [1, 1], margin=1.0),
    ],
)
def test_what_is_no_case_is_refused(wrong):
    with pytest.raises(CallError):
        wrong()


def test_the_room_of_a_new_outfall_is_what_the_tightest_section_below_leaves():
    response = np.array([[0.8, 0.0], [0.5, 0.9]])
    room = remaining_room(
        response, np.array([40.0, 50.0]), np.array([32.0, 20.0]), places=("a", "b"), sections=("s", "t")
    )
    assert room.load == pytest.approx([10.0, 100 / 3])
    assert (room.binds(0), room.binds(1)) == ("s", "t")
    for place, section in itertools.product(range(2), range(2)):
        arriving = np.array([32.0, 20.0])[section] + response[section, place] * room.load[place]
        assert arriving <= np.array([40.0, 50.0])[section] + 1e-12
    assert "s" in str(room.explain(0)) and "864 kg/d" in str(room.explain(0))


def test_a_section_over_its_target_leaves_no_room_above_it_and_its_lack_is_said():
    room = remaining_room(
        np.array([[0.8, 0.0]]), np.array([40.0]), np.array([42.0]), places=("a", "b"), sections=("s",)
    )
    assert room.load[0] == 0 and room.lack[0] == 2 and "2" in str(room.explain(0))
    assert room.load[1] == np.inf and room.binds(1) is None
    assert room.as_dict()[1]["load"] is None


def test_a_margin_is_taken_off_the_limit_of_new_room():
    room = remaining_room(
        np.ones((1, 1)), np.array([40.0]), np.array([32.0]), places=("a",), sections=("s",), margin=0.1
    )
    assert room.load[0] == pytest.approx(4.0)
    with pytest.raises(CallError):
        remaining_room(np.ones((2, 1)), np.ones(1), np.ones(1), places=("a",), sections=("s",))
