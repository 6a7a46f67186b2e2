"""The parts of a trace that have closed answers: inversion, windows, groups, hit rate."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bishui.errors import CallError
from bishui.network.tracing import (
    Finding,
    Found,
    Window,
    gaussian_posterior,
    hit_rate,
    intersection,
    least_squares,
    non_negative,
    release_window,
)
from bishui.network.tracing.groups import groups
from bishui.verification import verify_file

HOUR = 3600.0


def test_case_i1_exact_data_are_fitted_and_said_not_to_be_unique():
    matrix = np.array([[0.9, 0.8, 0, 0], [0.7, 0.62, 0.85, 0], [0.5, 0.44, 0.6, 0.9]])
    found = non_negative(matrix, np.array([9.0, 24.0, 17.0]))
    assert found.residual == pytest.approx(0.0, abs=1e-9)
    assert not found.unique


def test_case_i3_a_negative_load_becomes_none():
    matrix, values = np.array([[1.0, 0.9], [0.8, 0.85], [0.1, 0.7]]), np.array([10.0, 7.6, 0.5])
    found = non_negative(matrix, values)
    assert found.loads == pytest.approx([9.77575757575758, 0.0], rel=1e-9)
    assert found.residual == pytest.approx(0.571865633720285, rel=1e-9)
    assert least_squares(matrix, values)[1] < 0.0


def test_case_i4_windows_in_hours_before_the_first_exceedance():
    window = release_window((0.0, 4 * HOUR), 6000.0, (0.35, 0.6))
    assert -window.earliest / HOUR == pytest.approx(4.7619047619, rel=1e-9)
    assert -window.latest / HOUR == pytest.approx(-1.22222222222, rel=1e-9)


def test_windows_that_do_not_meet_leave_no_single_release():
    assert intersection([Window(-10.0, -5.0), Window(-4.0, 0.0)]).empty
    assert intersection([Window(-10.0, -3.0), Window(-4.0, 0.0)]) == Window(-4.0, -3.0)


@pytest.mark.parametrize(("distance", "velocity"), [(-1.0, (0.3, 0.5)), (1.0, (0.5, 0.3)), (1.0, (0.0, 0.3))])
def test_an_impossible_way_is_refused(distance, velocity):
    with pytest.raises(CallError, match="不成立"):
        release_window((0.0, 1.0), distance, velocity)


def test_a_matrix_that_does_not_fit_its_values_is_refused():
    with pytest.raises(CallError, match="响应矩阵"):
        non_negative(np.eye(2), np.ones(3))


@given(st.integers(0, 2**32 - 1))
def test_a_posterior_is_surer_than_its_prior(seed):
    rng = np.random.default_rng(seed)
    matrix = rng.uniform(0, 1, (3, 2))
    _, found = gaussian_posterior(matrix, rng.uniform(0, 9, 3), np.ones(2), 4 * np.eye(2), np.eye(3))
    assert np.linalg.eigvalsh(4 * np.eye(2) - found).min() > -1e-12


def test_every_two_of_a_group_are_close_even_in_a_chain_of_neighbours():
    angles = np.radians([0.0, 12.0, 24.0, 36.0, 80.0])
    response = np.stack([np.cos(angles), np.sin(angles)], axis=1)
    found = groups(response, 0.95)
    assert sorted(row for group in found for row in group.tolist()) == [0, 1, 2, 3, 4]
    for group in found:
        apart = np.ptp(angles[group])
        assert np.cos(apart) > 0.95


@given(st.permutations(range(6)))
def test_groups_do_not_depend_on_the_order(order):
    rng = np.random.default_rng(4)
    response = rng.uniform(0, 1, (6, 4))
    response[3] = response[0] * 2.0
    order = np.array(order)
    plain = {frozenset(group.tolist()) for group in groups(response, 0.95)}
    turned = {frozenset(order[group].tolist()) for group in groups(response[order], 0.95)}
    assert plain == turned


def test_who_responds_nowhere_is_alone():
    assert [group.tolist() for group in groups(np.zeros((2, 3)), 0.95)] == [[0], [1]]


def test_the_hit_rate_counts_what_inspections_found():
    findings = [
        Finding((("a", "b"), ("c",)), True, Found.CONFIRMED, frozenset({"b"})),
        Finding((("a",), ("b",), ("c",)), False, Found.CONFIRMED, frozenset({"c"})),
        Finding((("a",),), True, Found.REFUTED),
        Finding((("a",),), True, Found.OPEN),
    ]
    rate = hit_rate(findings)
    assert (rate.first.hits, rate.first.of) == (1, 3)
    assert (rate.first_three.hits, rate.first_three.of) == (2, 3)
    assert (rate.named.hits, rate.named.of) == (1, 2)
    assert rate.still_open == 1
    low, high = rate.first.interval
    assert low < rate.first.share < high


def test_without_findings_there_is_no_rate():
    assert hit_rate([]).first.share is None
    assert hit_rate([]).first.interval is None


def test_the_published_inversions_come_out(shared):
    report = verify_file(shared / "reference" / "network-cases" / "inverse.csv")
    assert report.layout == "inversion"
    assert not report.failed


def test_a_wrong_expectation_fails(tmp_path):
    file = tmp_path / "inversion.csv"
    file.write_text(
        "case,what,matrix,data,expected\n"
        'X,NNLS solution,"1,0|0,1","2,3",2;3;residual=0\n'
        'Y,NNLS solution,"1,0|0,1","2,3",2;3.0001;residual=0\n'
        'Z,some other thing,"1,0|0,1","2,3",1\n',
        encoding="utf-8",
    )
    report = verify_file(file)
    assert report.failed
    assert [check.outcome.value for check in report.checks] == ["ok"] * 4 + [
        "different",
        "ok",
        "not_checkable",
    ]
