"""Discharger, channel, outfall, receiving reach: evidence, dates, shares, and the same solver over it."""

from datetime import date

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bishui.errors import Conflict, DataError, NotFound
from bishui.network.chain import Chain, ChainEdge, ChainObject, EvidenceKind, ObjectKind, join_chain
from bishui.network.graph import build
from bishui.network.solve import solve
from bishui.network.tables import Edges, Pollutant, Reaches

SPRING, SUMMER = date(2025, 3, 1), date(2025, 7, 1)
OBJECTS = (
    ChainObject("plant", ObjectKind.DISCHARGER, "示例纸厂"),
    ChainObject("mill", ObjectKind.DISCHARGER, "示例糖厂"),
    ChainObject("pipe", ObjectKind.CHANNEL, length=864.0, velocity=0.5),
    ChainObject("ditch", ObjectKind.CHANNEL, length=432.0, velocity=0.25),
    ChainObject("o1", ObjectKind.OUTFALL, chainage=400.0),
    ChainObject("o2", ObjectKind.OUTFALL, chainage=1000.0),
    ChainObject("r1", ObjectKind.REACH),
)


def edge(up: str, down: str, share: float = 1.0, *dates: date | None, proven: bool = True) -> ChainEdge:
    first, last = (*dates, None, None)[:2]
    kind, text = (EvidenceKind.DYE_TEST, "2025-02-11 示踪记录 3 号") if proven else (None, "")
    return ChainEdge(up, down, share, first, last, kind, text)


EDGES = (
    edge("plant", "pipe", 0.75), edge("plant", "ditch", 0.25), edge("mill", "ditch", proven=False),
    edge("pipe", "o1"), edge("ditch", "o2"), edge("o1", "r1"), edge("o2", "r1"),
)  # fmt: skip
CHAIN = Chain.of(OBJECTS, EDGES)


def river() -> tuple[Reaches, Edges]:
    return (
        Reaches(
            np.array(["r0", "r1", "r2"]), np.zeros(3, np.int8), np.array([1000.0, 2000.0, 1000.0]),
            np.full(3, 0.5), np.full(3, np.nan), np.full(3, 20.0), np.array([4.0, 0.0, 1.0]),
        ),
        Edges(np.array([0, 1]), np.array([1, 2]), np.ones(2)),
    )  # fmt: skip


def test_an_edge_without_evidence_is_a_hypothesis_and_says_so() -> None:
    day = CHAIN.as_of(SPRING)
    assert [(entry.upstream, entry.downstream) for entry in day.hypotheses] == [("mill", "ditch")]
    assert day.hypotheses[0].as_dict()["hypothesis"] is True
    assert ChainEdge("a", "b", evidence=EvidenceKind.DRAWING).is_hypothesis, (
        "a drawing that nobody can find is none"
    )


def test_a_cleaned_outfall_is_an_edge_closed_on_that_day() -> None:
    closed = CHAIN.close("ditch", "o2", SUMMER, "封堵，验收单第 3 号").add(edge("ditch", "o1", 1.0, SUMMER))
    before, after = closed.as_of(date(2025, 6, 30)), closed.as_of(SUMMER)
    assert {entry.downstream for entry in before.leaving["ditch"]} == {"o2"}
    assert {entry.downstream for entry in after.leaving["ditch"]} == {"o1"}
    assert not before.problems() and not after.problems()
    assert len(closed.history("ditch")) == 4 and len(closed.edges) == len(CHAIN.edges) + 1, (
        "nothing is taken out"
    )
    assert [entry.closed_because for entry in closed.edges if entry.valid_to] == ["封堵，验收单第 3 号"]
    assert CHAIN.edges[4].valid_to is None, "the chain of before is untouched"


def test_what_is_closed_stays_closed_and_what_holds_is_not_overwritten() -> None:
    closed = CHAIN.close("ditch", "o2", SUMMER, "封堵")
    with pytest.raises(NotFound):
        closed.close("ditch", "o2", date(2025, 8, 1), "又封堵")
    with pytest.raises(Conflict):
        CHAIN.add(edge("ditch", "o2", 0.5))
    with pytest.raises(DataError, match="原因"):
        CHAIN.close("ditch", "o2", SUMMER, " ")
    with pytest.raises(DataError, match="不晚于"):
        Chain.of(OBJECTS, [edge("ditch", "o2", 1.0, SUMMER)]).close("ditch", "o2", SPRING, "封堵")
    assert closed.add(edge("ditch", "o2", 1.0, SUMMER)).as_of(SUMMER).leaving["ditch"]


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        (edge("plant", "r1"), "不能直接通向"),
        (edge("o1", "pipe"), "不能直接通向"),
        (edge("pipe", "o1", 1.5), "不在 0 与 1"),
        (edge("pipe", "o2", 1.0, SUMMER, SPRING), "不晚于"),
        (edge("pipe", "o9"), "没有编号"),
    ],
)
def test_edges_that_cannot_be(wrong: ChainEdge, said: str) -> None:
    with pytest.raises((DataError, NotFound), match=said):
        Chain.of(OBJECTS).add(wrong)
    with pytest.raises(Conflict):
        Chain.of([OBJECTS[0], OBJECTS[0]])


def test_shares_sum_to_one_on_each_day() -> None:
    ended = CHAIN.close("plant", "ditch", SUMMER, "改道")
    assert ended.as_of(SPRING).problems() == ()
    (found,) = ended.as_of(SUMMER).problems()
    assert (found.code, found.raw) == ("split", "0.75") and "plant" in str(found.what)


def test_an_outfall_has_one_river_and_a_place_on_it_and_channels_make_no_ring() -> None:
    objects = [*OBJECTS, ChainObject("r2", ObjectKind.REACH), ChainObject("o3", ObjectKind.OUTFALL)]
    two = Chain.of(objects, [edge("o1", "r1", 0.5), edge("o1", "r2", 0.5), edge("o3", "r1")]).as_of(SPRING)
    assert {problem.code for problem in two.problems()} == {"several-waters", "no-chainage"}
    ring = Chain.of(
        OBJECTS,
        [
            edge("plant", "pipe"),
            edge("pipe", "ditch"),
            edge("ditch", "pipe", 0.5),
            edge("ditch", "o1", 0.5),
            edge("o1", "r1"),
        ],
    )
    assert [(problem.code, problem.raw) for problem in ring.as_of(SPRING).problems()] == [
        ("cycle", "ditch>pipe")
    ]


def test_ways_to_the_river_with_their_shares() -> None:
    ways = CHAIN.as_of(SPRING).ways("plant")
    assert [([step.downstream for step in way], share) for way, share in ways] == [
        (["pipe", "o1", "r1"], 0.75),
        (["ditch", "o2", "r1"], 0.25),
    ]


def test_the_solver_of_the_river_runs_over_the_chain() -> None:
    joined = join_chain(CHAIN.as_of(SPRING), *river())
    network = build(joined.reaches, joined.edges)
    assert [name for name in joined.reaches.ids if str(name).startswith("r1")] == ["r1", "r1@400", "r1@1000"]
    cod = Pollutant("COD", 2.0, 1.0)
    solution = solve(network, [cod], [joined.load("plant", 0.4, {"COD": 100.0})])
    reading = solution.at(joined.section("s", "r1", 1500.0))
    k = 2.0 / 86400
    first = 40 * 0.75 * np.exp(-k * 864 / 0.5) * np.exp(-k * 1100 / 0.5)
    second = 40 * 0.25 * np.exp(-k * 432 / 0.25) * np.exp(-k * 500 / 0.5)
    assert reading.flow == pytest.approx(4.4, rel=1e-12)
    assert reading.loads[0] == pytest.approx(first + second, rel=1e-12)
    above = solution.at(joined.section("s", "r1", 399.0))
    assert above.loads[0] == 0.0 and solution.at(joined.section("s", "r1", 400.0)).loads[0] > 0, (
        "a load on the chainage is in"
    )


def test_a_receiving_reach_that_is_not_there_and_a_chainage_beyond_it() -> None:
    reaches, edges = river()
    far = Chain.of([ChainObject("o", ObjectKind.OUTFALL, chainage=9999.0), ChainObject("r1", ObjectKind.REACH), ChainObject("rx", ObjectKind.REACH),
                    ChainObject("p", ObjectKind.OUTFALL, chainage=1.0)], [edge("o", "r1"), edge("p", "rx")])  # fmt: skip
    with pytest.raises(DataError) as refused:
        join_chain(far.as_of(SPRING), reaches, edges)
    assert {problem.code for problem in refused.value.problems} == {"beyond-reach", "unknown-reach"}


@given(st.lists(st.floats(0, 2000), max_size=6, unique=True), st.floats(0, 2000))
def test_cutting_the_river_at_outfalls_changes_nothing_that_passes(places: list[float], at: float) -> None:
    objects = [
        ChainObject("r1", ObjectKind.REACH),
        *(ChainObject(f"o{n}", ObjectKind.OUTFALL, chainage=place) for n, place in enumerate(places)),
    ]
    chain = Chain.of(objects, [edge(f"o{n}", "r1") for n in range(len(places))])
    reaches, edges = river()
    joined = join_chain(chain.as_of(SPRING), reaches, edges)
    cod = Pollutant("COD", 1.0)
    lateral = {"COD": np.array([10.0, 0.0, 10.0])}
    spread = np.zeros(len(joined.reaches))
    spread[[joined.pieces[name][0][1] for name in ("r0", "r1", "r2")]] = lateral["COD"]
    whole = solve(build(reaches, edges), [cod], [], lateral)
    cut = solve(build(joined.reaches, joined.edges), [cod], [], {"COD": spread})
    from bishui.network.tables import Section

    one, other = whole.at(Section("s", 1, at)), cut.at(joined.section("s", "r1", at))
    assert other.loads[0] == pytest.approx(one.loads[0], rel=1e-10) and other.flow == one.flow
