"""The random draw (双随机): frozen list, committed seed, repeatable by anybody."""

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bishui.errors import CallError, DataError
from bishui.outfalls import commit, draw, local_code, pair_inspectors

IDS = [local_code("450222", number) for number in range(1, 24)]
NUMBER = "2024-10-08:07 12 15 21 28 33 + 06"
codes = st.lists(st.integers(1, 99_999).map(lambda one: local_code("450222", one)), unique=True, max_size=40)


@pytest.fixture
def drawn():
    return draw(commit("450222-2024H2", IDS), NUMBER)


def test_published_vector(drawn):
    assert drawn.commitment.list_hash == "7fdb9a335cd32486622dc57e224a89a654dd2e9a29f48e0c48f9a592ace66842"
    assert drawn.seed == "663fb6f3b476953d3e06a7b27dd701f5e6ac4cc4a2007c7bb13df396ce2631e8"
    assert drawn.drawn == ("L450222-00011-3", "L450222-00015-W", "L450222-00014-Y")
    assert drawn.order[3:5] == ("L450222-00023-W", "L450222-00010-5")


def test_published_vector_of_inspectors(drawn):
    pairs = pair_inspectors(drawn, ["E01", "E02", "E03", "E04"], {("L450222-00011-3", "E02")})
    assert pairs == {
        "L450222-00011-3": ("E01", "E03"),
        "L450222-00015-W": ("E04", "E02"),
        "L450222-00014-Y": ("E03", "E04"),
    }


@pytest.mark.parametrize(("size", "count"), [(0, 0), (1, 1), (10, 1), (11, 2), (23, 3), (100, 10), (101, 11)])
def test_not_less_than_a_tenth_rounds_up(size, count):
    ids = [local_code("450222", number) for number in range(1, size + 1)]
    assert commit("a", ids).count == count


@given(codes, st.randoms())
def test_order_of_the_list_changes_nothing(ids, random):
    shuffled = random.sample(ids, len(ids))
    assert draw(commit("a", ids), NUMBER) == draw(commit("a", shuffled), NUMBER)


@given(codes.filter(bool))
def test_an_object_slipped_off_the_list_changes_the_published_hash(ids):
    assert commit("a", ids).list_hash != commit("a", ids[1:]).list_hash


@given(codes)
def test_each_is_drawn_or_in_reserve_once(ids):
    result = draw(commit("a", ids), NUMBER)
    assert sorted(result.drawn + result.reserve) == sorted(ids)
    assert len(result.drawn) * 10 >= len(ids)


def test_a_stranger_repeats_it_with_sha_256_alone(drawn):
    def sha(text):
        return hashlib.sha256(text.encode()).hexdigest()

    ids = sorted(IDS)
    listed = sha("".join(one + "\n" for one in ids))
    seed = sha(f"bishui-draw-v1|450222-2024H2|{listed}|{NUMBER}")
    assert tuple(sorted(ids, key=lambda one: (sha(f"{seed}|{one}"), one))) == drawn.order


def test_every_outfall_has_the_same_chance():
    times = dict.fromkeys(IDS, 0)
    for number in range(4_000):
        for one in draw(commit("a", IDS), str(number)).drawn:
            times[one] += 1
    expected = 4_000 * 3 / 23
    chi_square = sum((got - expected) ** 2 / expected for got in times.values()) * 22 / 23
    assert chi_square < 48.3  # 0.1 % of a chi-square of 22 degrees


def test_repeated_codes_are_refused():
    with pytest.raises(DataError, match=IDS[0]):
        commit("a", [*IDS, IDS[0]])


@pytest.mark.parametrize(("name", "percent"), [("", 10), ("a|b", 10), ("a", 9), ("a", 101)])
def test_a_draw_below_the_rule_is_refused(name, percent):
    with pytest.raises(CallError):
        commit(name, IDS, percent)


def test_no_public_number_no_draw():
    with pytest.raises(CallError, match="公开随机数"):
        draw(commit("a", IDS), "  ")


class TestInspectors:
    def test_the_load_is_shared(self, drawn):
        pairs = pair_inspectors(drawn, ["A", "B", "C"])
        tasks = [one for pair in pairs.values() for one in pair]
        assert max(map(tasks.count, "ABC")) == 2

    def test_recusal_is_never_overruled(self, drawn):
        first = drawn.drawn[0]
        with pytest.raises(DataError, match=first):
            pair_inspectors(drawn, ["A", "B"], {(first, "A")})

    @given(st.sets(st.tuples(st.sampled_from(IDS), st.sampled_from("ABCD")), max_size=20))
    def test_two_different_ones_who_are_not_recused(self, recused):
        result = draw(commit("450222-2024H2", IDS), NUMBER)
        free = [sum((one, person) not in recused for person in "ABCD") for one in result.drawn]
        if min(free) < 2:
            with pytest.raises(DataError):
                pair_inspectors(result, "ABCD", recused)
            return
        for outfall, pair in pair_inspectors(result, "ABCD", recused).items():
            assert len(set(pair)) == 2
            assert all((outfall, person) not in recused for person in pair)
