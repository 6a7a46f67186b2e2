"""The network: numbering, up and down, compiled against plain, long chains."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_array_equal

from bishui.network import Edges, Load, build, plain, solve
from bishui.network.layout import rows_by_id
from tests.network.networks import COD, network, reaches, shuffled, tables


def closure(count: int, edges: Edges, row: int, *, upward: bool) -> set[int]:
    of, to = (edges.downstream, edges.upstream) if upward else (edges.upstream, edges.downstream)
    met, stack = {row}, [row]
    while stack:
        here = stack.pop()
        for other in to[of == here].tolist():
            if other not in met:
                met.add(other)
                stack.append(other)
    return met


@given(tables())
def test_the_order_is_upstream_first_and_each_reach_stands_in_it_once(given):
    net = build(*given)
    assert sorted(net.order.tolist()) == list(range(len(net)))
    assert_array_equal(net.order[net.position], np.arange(len(net)))
    assert (net.position[net.edges.upstream] < net.position[net.edges.downstream]).all()


@given(tables())
def test_upstream_and_downstream_are_what_a_walk_along_the_edges_finds(given):
    net = build(*given)
    for row in range(len(net)):
        up, down = net.upstream(row), net.downstream(row)
        assert set(up.tolist()) == closure(len(net), net.edges, row, upward=True)
        assert set(down.tolist()) == closure(len(net), net.edges, row, upward=False)
        assert len(set(up.tolist())) == len(up)
        assert (np.diff(net.position[up]) > 0).all()
        assert (np.diff(net.position[down]) > 0).all()
        assert {other for other in range(len(net)) if net.is_upstream(other, row)} == set(up.tolist())


@given(tables(splits=False))
def test_in_a_tree_what_lies_upstream_is_one_range(given):
    net = build(*given)
    assert not net.has_splits
    for row in range(len(net)):
        last = int(net.position[row])
        assert_array_equal(net.upstream(row), net.order[last - net.size[last] + 1 : last + 1])


@given(tables())
def test_the_compiled_numbering_is_that_of_the_plain_twin(given):
    rows, edges = given
    net = build(rows, edges)
    order, size, parent = plain.arrange(
        rows.ids.tolist(), edges.upstream.tolist(), edges.downstream.tolist(), edges.fraction.tolist()
    )
    assert order == net.order.tolist()
    assert size == net.size.tolist()
    assert parent == net.layout.parent.tolist()


@given(tables(), st.integers(0, 2**32 - 1))
def test_the_numbering_does_not_depend_on_the_order_of_rows_and_edges(given, seed):
    net = build(*given)
    other, order = shuffled(net, seed)
    assert_array_equal(order[other.order], net.order)


@given(tables(splits=False))
def test_the_running_sums_of_a_tree_are_no_more_than_the_logarithm_of_its_size(given):
    net = build(*given)
    assert net.layout.slots.count <= np.log2(len(net) + 1) + 2


def test_a_chain_of_two_hundred_thousand_reaches_is_a_legal_network():
    count = 200_000
    ids = np.random.default_rng(5).permutation(count)
    row = np.argsort(ids)
    flow = np.zeros(count)
    flow[row[0]] = 1.0
    net = build(reaches(ids, lateral_flow=flow, length=1.0), Edges(row[:-1], row[1:], np.ones(count - 1)))
    assert len(net.upstream(int(row[-1]))) == len(net.downstream(int(row[0]))) == count
    solution = solve(net, [COD], [Load("o", int(row[0]), 0.0, 1.0, {"COD": 10.0})])
    expected = 10 * np.exp(-0.2 / 86400 * count / 0.5)
    assert abs(solution.bottom[row[-1], 0] / expected - 1) < 1e-9


@pytest.mark.parametrize("tributaries", [3, 254, 255, 300])
def test_many_tributaries_stand_behind_the_largest_by_their_ids(tributaries):
    ids = np.arange(tributaries + 2)
    # Row 0 is the outlet, row 2 flows into row 1; all but row 2 flow into the outlet.
    down = np.where(ids == 2, 1, 0)[1:]
    net = build(reaches(ids), Edges(ids[1:], down, np.ones(tributaries + 1)))
    assert net.order.tolist() == [2, 1, *range(3, tributaries + 2), 0]


@pytest.mark.parametrize(("count", "doubles"), [(1, 0), (300, 200), (70_000, 70_000), (200_000, 10)])
def test_rows_are_found_by_id_the_first_of_double_ones_and_none_for_others(count, doubles):
    rng = np.random.default_rng(7)
    ids = rng.integers(-(2**62), 2**62, count)
    ids[: doubles // 2] = ids[-1]
    ids[doubles // 2 : doubles] = 5
    wanted = np.concatenate([rng.permutation(ids), [-1, 0, 2**62 + 1]])
    first = {name: row for row, name in reversed(list(enumerate(ids.tolist())))}
    (rows,) = rows_by_id(ids, wanted)
    assert rows.tolist() == [first.get(name, -1) for name in wanted.tolist()]


def test_a_bifurcation_that_rejoins_counts_its_reaches_once():
    net = network("up>main:0.7|up>canal:0.3|main>down|canal>down|down>0")
    assert net.has_splits
    assert {net.name(row) for row in net.upstream(net.rows["down"])} == {"up", "main", "canal", "down"}
    assert {net.name(row) for row in net.upstream(net.rows["canal"])} == {"up", "canal"}
    assert [net.name(row) for row in net.downstream(net.rows["up"])][-1] == "down"


def test_a_single_reach_is_a_legal_network():
    net = network("a>0")
    assert net.upstream(0).tolist() == net.downstream(0).tolist() == [0]


def test_texts_and_numbers_serve_as_ids():
    named, counted = network("b>a|c>a|d>a|a>0"), network("2>1|3>1|4>1|1>0")
    assert [named.name(row) for row in named.order] == ["b", "c", "d", "a"]
    assert [counted.name(row) for row in counted.order] == ["2", "3", "4", "1"]


@pytest.mark.parametrize("window", [3, 200, 20_000])
def test_a_wide_branching_tree_is_numbered_as_the_plain_twin_does(window):
    rng, count, outlets = np.random.default_rng(window), 20_000, 7
    below = [rng.integers(max(0, row - window), row) for row in range(outlets, count)]
    names = rng.permutation(count)
    upstream, downstream = names[outlets:], names[np.array(below)]
    shuffle = rng.permutation(len(below))
    edges = Edges(upstream[shuffle], downstream[shuffle], np.ones(len(below)))
    net = build(reaches(range(count)), edges)
    order, size, parent = plain.arrange(
        net.reaches.ids.tolist(), edges.upstream.tolist(), edges.downstream.tolist(), [1.0] * len(below)
    )
    assert net.order.tolist() == order
    assert net.size.tolist() == size
    assert net.layout.parent.tolist() == parent
