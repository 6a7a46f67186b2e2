"""Wrong networks are refused: what is wrong, whom it concerns, what to do; every fault at once."""

import numpy as np
import pytest

from bishui.network import (
    Edges,
    Load,
    NetworkFault,
    Pollutant,
    ReachKind,
    Section,
    adjoint,
    build,
    find_edges,
    flows,
    mean_travel_time,
    solve,
)
from tests.network.networks import COD, SALT, edges, network, reaches

LAKE, TIDAL, RIVER = ReachKind.LAKE, ReachKind.TIDAL, ReachKind.RIVER


def refused(call, *arguments, **named):
    with pytest.raises(NetworkFault) as raised:
        call(*arguments, **named)
    return raised.value.problems


def only(problems, code):
    assert [problem.code for problem in problems] == [code]
    assert str(problems[0].remedy)
    return problems[0]


WRONG = {
    "E1 two reaches in a ring": ("a>b|b>a", {}, "cycle", "河段首尾相接成环：a → b → a。"),
    "E2 into itself": ("a>a", {}, "self-loop", "河段“a”流入自身。"),
    "E4 shares that lack": ("a>b:0.6|a>c:0.3", {}, "split", "河段“a”各去向的分流比之和为 0.9，应为 1。"),
    "E5 twice": ("a>b|a>b", {}, "duplicate-edge", "上下游关系“a → b”重复。"),
    "E8 only the members": ("a>b|b>c|c>d|d>b", {}, "cycle", "河段首尾相接成环：b → c → d → b。"),
    "length": ("a>b", {"length": [-1.0, 5.0]}, "length", "河段“a”的长度（m）为 -1。"),
    "length unknown": ("a>b", {"length": [5.0, np.nan]}, "length", "河段“b”的长度（m）为 nan。"),
    "velocity": ("a>b", {"velocity": [0.5, -0.1]}, "velocity", "河段“b”的流速（m/s）为 -0.1。"),
    "lateral flow": (
        "a>b",
        {"lateral_flow": [-2.0, 1.0]},
        "lateral-flow",
        "河段“a”的区间入流（m³/s）为 -2。",
    ),
    "temperature": ("a>b", {"temperature": [20, np.inf]}, "temperature", "河段“b”的水温（℃）为 inf。"),
    "lake": ("a>b", {"kind": [RIVER, LAKE]}, "lake-without-volume", "湖库“b”没有蓄水量。"),
    "kind": ("a>b", {"kind": [RIVER, 99]}, "unknown-kind", "河段“b”的类型 99 未定义。"),
    "tide": (
        "a>b|b>c",
        {"kind": [RIVER, TIDAL, RIVER]},
        "tidal",
        "感潮河段“b”在非感潮河段“c”的上游，往复流不能按单向稳态计算。",
    ),
}


@pytest.mark.parametrize(("text", "columns", "code", "what"), WRONG.values(), ids=WRONG.keys())
def test_refused_with_the_right_sentence_and_a_remedy(text, columns, code, what):
    assert str(only(refused(network, text, **columns), code).what) == what


def test_e3_an_unknown_downstream_reach_is_named_with_who_flows_there():
    ids = np.array(["a"])
    found, wrong = find_edges(ids, ["a"], ["zz"])
    problem = only(refused(build, reaches(ids), found, wrong), "unknown-downstream")
    assert str(problem.what) == "河段“a”的下游“zz”不在河段表中。"
    assert problem.reaches == ("a", "zz")


def test_an_edge_that_is_lost_is_one_fault_not_two():
    ids = np.array(["a", "b"])
    found, wrong = find_edges(ids, ["a", "a"], ["b", "zz"], np.array([0.6, 0.4]))
    only(refused(build, reaches(ids), found, wrong), "unknown-downstream")


def test_an_edge_from_nowhere_is_named():
    found, wrong = find_edges(np.array([1, 2]), [1, 7], [2, 2])
    problem = only(refused(build, reaches(np.array([1, 2])), found, wrong), "unknown-upstream")
    assert problem.reaches == ("7", "2")


def test_rows_outside_the_table_are_refused():
    wrong = Edges(np.array([0]), np.array([5]), np.ones(1))
    only(refused(build, reaches(["a", "b"]), wrong), "unknown-downstream")


@pytest.mark.parametrize("ids", [np.array(["a", "b", "a"]), np.array([4, 5, 4])])
def test_names_are_unique(ids):
    problem = only(
        refused(build, reaches(ids), Edges(*np.zeros((2, 0), np.int64), np.ones(0))), "duplicate-id"
    )
    assert "出现 2 次" in str(problem.what)


def test_e7_a_negative_share_is_an_edge_the_other_way():
    problems = refused(network, "a>b:1.2|a>c:-0.2")
    assert {problem.code for problem in problems} == {"split"}
    assert "反向水流请改写为相反的上下游关系" in str(problems[1].remedy)


def test_every_fault_is_found_at_once():
    codes = [p.code for p in refused(network, "a>b:0.5|b>c|c>b|d>d", length=[-1, 1, 1, 1])]
    assert sorted(codes) == ["cycle", "length", "self-loop", "split"]


def test_two_rings_are_two_faults_and_one_ring_of_many_is_named_in_flow_order():
    problems = refused(network, "a>b|b>a|c>d|d>e|e>c|b>c")
    assert [p.reaches for p in problems if p.code == "cycle"] == [("a", "b"), ("c", "d", "e")]
    count = 50_000
    ring = Edges(np.arange(count), np.roll(np.arange(count), -1), np.ones(count))
    problem = only(refused(build, reaches(np.arange(count)), ring), "cycle")
    assert problem.reaches == tuple(str(row) for row in range(count))
    assert len(str(problem.what)) < 200


def test_a_table_without_rows_or_with_a_short_column_is_refused():
    none = Edges(*np.zeros((2, 0), np.int64), np.ones(0))
    only(refused(build, reaches(np.array([], np.int64)), none), "empty")
    short = reaches(["a", "b"])
    short.length.resize(1, refcheck=False)
    only(refused(build, short, none), "column-length")


def test_e6_a_load_where_no_water_flows_is_refused():
    net = network("a>b", lateral_flow=0.0)
    problem = only(refused(solve, net, [COD], [Load("o", 0, 0.0, 0.0, rates={"COD": 1.0})]), "zero-flow")
    assert problem.reaches == ("a",)
    reading = refused(solve(net, [COD]).at, Section("s", 1, 0.0))
    assert str(only(reading, "zero-flow").what) == "断面“s”所在河段“b”没有流量，没有浓度。"


def test_standing_water_passes_what_does_not_decay_and_nothing_else():
    net = network("a>b", velocity=[0.0, 0.5])
    assert solve(net, [SALT], [], {"Cl": np.ones(2)}).balance.left[0] == pytest.approx(2.0)
    assert only(refused(solve, net, [SALT, COD]), "zero-velocity").reaches == ("a",)
    only(refused(mean_travel_time, net, Section("s", 1, 0.0)), "standing-water")


@pytest.mark.parametrize(
    ("load", "code"),
    [
        (Load("o", 0, 1001.0, 0.1), "beyond-reach"),
        (Load("o", 0, -1.0, 0.1), "beyond-reach"),
        (Load("o", 0, np.nan, 0.1), "beyond-reach"),
        (Load("o", 7, 0.0, 0.1), "unknown-reach"),
        (Load("o", 0, 0.0, -0.1), "bad-load"),
        (Load("o", 0, 0.0, 0.1, {"COD": np.nan}), "bad-load"),
        (Load("o", 0, 0.0, 0.1, rates={"COD": -3.0}), "bad-load"),
        (Load("o", 1, 0.0, 0.1), "tidal"),
    ],
)
def test_loads_that_cannot_be(load, code):
    net = network("a>b", kind=[RIVER, TIDAL])
    only(refused(flows, net, [load]), code)
    only(refused(solve, net, [COD], [load]), code)


@pytest.mark.parametrize(
    ("section", "code"),
    [
        (Section("s", 0, 1000.5), "beyond-reach"),
        (Section("s", 3, 0.0), "unknown-reach"),
        (Section("s", 1, 0.0), "tidal"),
    ],
)
def test_sections_that_cannot_be(section, code):
    net = network("a>b", kind=[RIVER, TIDAL])
    only(refused(solve(net, [COD]).at, section), code)
    only(refused(adjoint, net, section, [COD]), code)


def test_lateral_concentrations_are_numbers_not_below_zero():
    net = network("a>b")
    for value in (np.nan, -1.0):
        problem = only(refused(solve, net, [COD], [], {"COD": np.array([1.0, value])}), "bad-lateral")
        assert problem.reaches == ("b",)


def test_tidal_reaches_at_the_end_stop_the_computation_and_say_so():
    net = network("a>b|b>c", kind=[RIVER, TIDAL, TIDAL])
    solution = solve(net, [SALT], [], {"Cl": np.full(3, 10.0)})
    assert solution.balance.left[0] == solution.balance.entered[0] == pytest.approx(10.0)
    assert np.isnan(solution.top[1:]).all()
    assert np.isnan(solution.concentration[1:]).all()


def test_a_lake_through_which_nothing_flows_lets_nothing_out():
    net = network("a>b", kind=[LAKE, RIVER], volume=[1e6, np.nan], lateral_flow=[0.0, 1.0])
    assert solve(net, [COD]).bottom[0, 0] == 0.0


def test_the_error_has_the_one_shape_of_all_errors():
    ends = edges("a>b:0.6|a>c:0.3")
    ids = np.array(["a", "b", "c"])
    found, wrong = find_edges(ids, *ends)
    with pytest.raises(NetworkFault) as raised:
        build(reaches(ids), found, wrong)
    assert raised.value.as_dict()["problems"][0]["code"] == "split"
    assert Pollutant("COD", 0.2).key == "COD"
