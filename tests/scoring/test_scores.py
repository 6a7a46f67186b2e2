"""Each kind of rule by its published wording, and laws that hold for every score."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bishui.scoring import Fact, Lists, find_rubric, lists, moves, ranks, rubric_of, score


def rubric(*rules, total=10, **more):
    return rubric_of(
        {
            "id": "r",
            "version": "1",
            "total": total,
            "rule": [{"title_zh": "项", "title_en": "line", "points": 10, **rule} for rule in rules],
            **more,
        }
    )


def facts(**values):
    return {
        name.replace("__", "."): Fact(None if v is None else Decimal(str(v))) for name, v in values.items()
    }


FAILED_TESTS = {"id": "f", "kind": "deduct_per_case", "points": 4, "measure": "counted.failed", "each": 2}
SHARE = {"id": "s", "kind": "proportional", "measure": "counted.done", "of": "counted.all"}


@pytest.mark.parametrize(("failed", "points"), [(0, 4), (1, 2), (2, 0), (7, 0)])
def test_line_12_two_points_off_for_each_failed_test_and_never_below_nothing(failed, points):
    assert score(rubric(FAILED_TESTS), facts(counted__failed=failed)).points == points


@pytest.mark.parametrize(
    ("provincial", "city", "county", "points"),
    [(0, 0, 0, 0), (1, 2, 2, 5), (0, 3, 1, Decimal("3.5")), (9, 0, 0, 5)],
)
def test_articles_count_two_one_and_a_half_up_to_five(provincial, city, county, points):
    articles = next(
        rule
        for rule in find_rubric("river-chief-township-2018").all_rules()
        if rule.id == "articles-published"
    )
    weights = {name: str(weight) for name, weight in articles.weights}
    made = rubric({"id": "a", "kind": "count", "points": 5, "weights": weights}, total=5)
    values = dict(zip(weights, (provincial, city, county), strict=True))
    assert score(made, {name: Fact(Decimal(n)) for name, n in values.items()}).points == points


@pytest.mark.parametrize(("rate", "points"), [("79.99", 0), ("80", 10), ("100", 10)])
def test_county_sewage_rate_at_least_80_or_no_points_for_that_line(rate, points):
    rule = {"id": "a", "kind": "all_or_nothing", "measure": "counted.rate", "threshold": 80}
    assert score(rubric(rule), facts(counted__rate=rate)).points == points


@pytest.mark.parametrize(
    ("done", "of", "points"), [(1, 3, "3.33"), (2, 3, "6.67"), (3, 3, "10"), (4, 3, "10")]
)
def test_a_share_is_rounded_once_and_never_more_than_whole(done, of, points):
    assert score(rubric(SHARE), facts(counted__done=done, counted__all=of)).points == Decimal(points)


@pytest.mark.parametrize(("days", "points"), [(-3, 10), (0, 10), (1, 9), (20, 0)])
def test_a_report_on_time_keeps_its_points_and_loses_one_for_each_day_late(days, points):
    rule = {"id": "t", "kind": "on_time", "measure": "counted.late", "each": 1}
    assert score(rubric(rule), facts(counted__late=days)).points == points


def test_a_bonus_moves_the_total_both_ways_within_its_bound_and_is_no_part_of_it():
    made = rubric(
        {"id": "j", "kind": "judged"},
        {"id": "b", "kind": "bonus_or_penalty", "points": 20, "weights": {"counted.p": 20, "counted.n": -10}},
    )
    base = facts(judged__j=8)
    assert score(made, {**base, **facts(counted__p=0, counted__n=1)}).points == -2
    assert score(made, {**base, **facts(counted__p=3, counted__n=0)}).points == 28
    assert score(made, {**base, **facts(counted__p=0, counted__n=0)}).possible == 10


def test_a_share_of_nothing_is_left_out_and_the_rest_is_raised_to_the_full_scale():
    made = rubric({"id": "j", "kind": "judged", "points": 6}, {**SHARE, "points": 4})
    got = score(made, facts(judged__j=3, counted__done=0, counted__all=0))
    assert (got.points, got.possible) == (Decimal("5.00"), Decimal(6))
    assert got.items[1].state == "excluded"


def test_what_is_unknown_is_pending_and_bounds_the_score_instead_of_being_nothing():
    made = rubric({"id": "j", "kind": "judged", "points": 6}, {**FAILED_TESTS})
    got = score(made, facts(judged__j=5))
    assert (got.points, got.lowest, got.highest) == (5, 5, 9)
    assert not got.complete and list(got.pending()) == ["counted.failed"]
    assert got.items[1].state == "pending" and got.items[1].points is None


def test_a_line_with_parts_opens_to_them():
    made = rubric(
        {
            "id": "p",
            "kind": "sum_of_parts",
            "points": 10,
            "parts": [
                {"id": "a", "kind": "judged", "title_zh": "甲", "points": 6},
                {**FAILED_TESTS, "title_zh": "乙"},
            ],
        }
    )
    got = score(made, facts(judged__a=6, counted__failed=1)).items[0]
    assert (got.points, [part.points for part in got.parts]) == (8, [6, 2])
    assert "6.00 + 2.00" in str(got.reckoning)


def test_a_rank_is_shared_by_equals_and_unsettled_while_something_is_unknown():
    made = rubric({"id": "j", "kind": "judged"})
    scores = {
        name: score(made, facts(judged__j=points))
        for name, points in [("甲", 9), ("乙", 9), ("丙", 3), ("丁", None)]
    }
    places = [(rank.subject, rank.place, rank.settled) for rank in ranks(scores)]
    assert places == [("乙", 1, False), ("甲", 1, False), ("丙", 3, False), ("丁", 4, False)]
    del scores["丁"]
    ranked = ranks(scores)
    good, bad = lists(ranked, Lists(2, Decimal(8), Decimal(5)))
    assert [r.subject for r in good] == ["乙", "甲"] and [r.subject for r in bad] == ["丙"]


def test_a_changed_weight_tells_who_moves_before_it_is_saved():
    def by(weight):
        made = rubric(
            {"id": "a", "kind": "judged", "points": weight},
            {"id": "b", "kind": "judged", "points": 10 - weight},
        )
        return ranks(
            {
                "甲": score(made, facts(judged__a=weight, judged__b=0)),
                "乙": score(made, facts(judged__a=0, judged__b=10 - weight)),
                "丙": score(made, facts(judged__a=0, judged__b=0)),
            }
        )

    told = moves(by(6), by(4))
    assert [(m.subject, m.place_before, m.place_after) for m in told if m.place_before != m.place_after] == [
        ("乙", 2, 1),
        ("甲", 1, 2),
    ]
    assert not any(m.moved for m in moves(by(6), by(6)))


known = st.decimals(0, 30, places=1)


@given(failed=known, done=known, everything=known, judged=known)
def test_law_a_score_lies_between_its_bounds_and_an_unknown_never_lifts_it_beyond_them(
    failed, done, everything, judged
):
    made = rubric({"id": "j", "kind": "judged", "points": 6}, {**FAILED_TESTS}, {**SHARE}, total=20)
    whole = facts(judged__j=judged, counted__failed=failed, counted__done=done, counted__all=everything)
    full = score(made, whole)
    assert full.lowest == full.points == full.highest
    assert 0 <= full.points <= made.total
    for name in ("judged.j", "counted.failed"):
        partly = score(made, {**whole, name: Fact(None)})
        assert partly.lowest <= full.points <= partly.highest


@given(failed=st.integers(0, 10))
def test_law_one_case_more_never_brings_points(failed):
    made = rubric(FAILED_TESTS)
    assert (
        score(made, facts(counted__failed=failed + 1)).points
        <= score(made, facts(counted__failed=failed)).points
    )
