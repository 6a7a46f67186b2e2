"""Rubrics are data: what is wrong with one is said line by line, and the published example keeps its faults."""

import copy

import pytest

from bishui.errors import CallError, DataError
from bishui.scoring import find_rubric, rubric_of, rubrics

PLAIN = {
    "id": "plain",
    "version": "1",
    "title_zh": "示例",
    "total": 10,
    "rule": [{"id": "a", "kind": "judged", "title_zh": "甲", "points": 10}],
}


def changed(**fields):
    data = copy.deepcopy(PLAIN)
    data["rule"][0].update(fields)
    return data


def test_every_rubric_that_comes_with_the_software_says_where_it_comes_from():
    assert len(rubrics()) >= 3
    for rubric in rubrics().values():
        assert rubric.source.zh and rubric.source.en and rubric.certainty
        assert all(rule.title.zh and rule.title.en != rule.title.zh for rule in rubric.all_rules())


def test_the_default_rubrics_add_up():
    for name in ("plan-duties", "division-year"):
        assert find_rubric(name).problems == ()


def test_the_published_township_table_of_2018_adds_up_to_102_and_one_of_its_lines_to_less_than_it_says():
    rubric = find_rubric("river-chief-township-2018")
    lines = [rule for rule in rubric.rules if rule.kind != "bonus_or_penalty"]
    assert sum(rule.points for rule in lines) == 102
    assert [(p.code, p.where.field) for p in rubric.problems] == [
        ("parts-do-not-add-up", "sand"),
        ("total-does-not-add-up", "total"),
    ]


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"kind": "guess"}, "unknown-kind"),
        ({"points": "十分"}, "not-a-number"),
        ({"points": True}, "not-a-number"),
        ({"points": "NaN"}, "not-a-number"),
        ({"points": -1}, "range"),
        ({"floor": 11}, "range"),
        ({"kind": "deduct_per_case"}, "missing-field"),
        ({"kind": "deduct_per_case", "measure": "duties.invented", "each": 1}, "unknown-fact"),
        ({"kind": "all_or_nothing", "measure": "duties.total", "threshold": 1, "comparison": "≥"}, "word"),
        ({"id": ""}, "id"),
    ],
)
def test_a_line_without_a_meaning_is_refused_and_named(fields, code):
    with pytest.raises(DataError) as refused:
        rubric_of(changed(**fields))
    assert code in {problem.code for problem in refused.value.problems}
    assert all(str(problem) for problem in refused.value.problems)


def test_all_faults_are_told_at_once():
    data = changed(points="x")
    data["rule"].append({"id": "a", "kind": "guess", "points": 1})
    with pytest.raises(DataError) as refused:
        rubric_of(data)
    assert {problem.code for problem in refused.value.problems} >= {"not-a-number", "unknown-kind", "id"}


def test_an_unknown_rubric_is_refused_with_the_names_there_are():
    with pytest.raises(CallError, match="plan-duties"):
        try:
            find_rubric("no-such")
        except CallError as error:
            raise CallError(error.what, remedy=error.remedy) from None
