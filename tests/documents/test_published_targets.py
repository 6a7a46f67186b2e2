"""Targets of the published plans: read in full by a person, counted and compared figure by figure."""

from pathlib import Path

import pytest

from bishui.documents import PlanDraft, read_plan

Figure = tuple[int, str, str, str | None]

QINZHOU: list[Figure] = [
    (0, ">=", "85.7", "%"),
    (0, "=", "0", None),
    (5, ">=", "95", "%"),
    (5, ">=", "65", "%"),
    (5, ">=", "72", "%"),
    (5, ">=", "130", "mg/L"),
    (6, ">=", "30", "公里"),
    (8, ">=", "41", "%"),
    (8, ">=", "56", "%"),
    (9, ">=", "95", "%"),
    (9, "=", "95", "%"),
    (9, ">=", "80", "%"),
    (9, ">=", "90", "%"),
    (11, ">=", "27", "%"),
    (11, ">=", "3", "条"),
    (15, "=", "1", "次/半年"),
    (15, ">=", "10", "%"),
    (16, ">=", "70", "%"),
    (17, ">=", "86", "%"),
    (19, ">=", "5", "个"),
    (19, ">=", "1", "个"),
    (31, ">=", "0.522", None),
]
LIUJIANG: list[Figure] = [
    (5, ">=", "68", "%"),
    (5, ">=", "95", "%"),
    (5, ">=", "65", "%"),
    (8, "increase", "2", "个百分点"),
    (9, ">=", "93.9", "%"),
    (11, ">=", "44.6", "%"),
    (13, "=", "1", "次/半年"),
    (13, ">=", "10", "%"),
    (14, ">=", "70", "%"),
    (15, ">=", "31", "个"),
    (15, "=", "1", "次/月"),
    (15, ">=", "92", "%"),
    (26, "<=", "22.6", "亿立方米"),
    (28, ">=", "94", "%"),
    (30, ">=", "0.527", None),
    (31, "decrease", "9", "%"),
    (31, "decrease", "9", "%"),
]


def figures(draft: PlanDraft) -> list[Figure]:
    """Return the numeric targets with the number of the task they stand in, 0 for the body."""
    return [
        (0 if each.task is None else draft.tasks[each.task].seq or 0, each.op, each.value, each.unit)
        for each in draft.targets
        if not each.qualitative and each.op != "meets"
    ]


@pytest.mark.parametrize(
    ("name", "expected"), [("qinzhou-2024-annual-plan", QINZHOU), ("liujiang-2024-annual-plan", LIUJIANG)]
)
def test_every_figure_of_an_annual_plan(shared: Path, name: str, expected: list[Figure]) -> None:
    assert figures(read_plan(shared / "plans" / f"{name}.txt")) == expected


@pytest.fixture(scope="module")
def five_years(shared: Path) -> PlanDraft:
    return read_plan(shared / "plans" / "liuzhou-14th-five-year-plan.txt")


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        (195, [(">=", "25", "%"), (">=", "500", "亿元"), (">=", "5", "%"), (">=", "10", "%")]),
        (555, [(">=", "65.02", "%"), (">=", "14", "平方米/人")]),
        (556, [(">=", "33.77", "公顷"), (">=", "37", "%"), (">=", "100", "%")]),
        (557, [(">=", "25.44", "万公顷"), ("=", "18.02", "%")]),
        (560, [(">=", "5", "万公顷"), (">=", "50", "万公顷"), (">=", "90", "%"), (">=", "45.8", "公里")]),
        (574, [("<=", "59", "%"), (">=", "5", "%"), (">=", "10", "%"), (">=", "60", "%")]),
        (627, [(">=", "5", "个"), (">=", "100", "%"), (">=", "86", "%"), (">=", "100", "%")]),
        (638, [(">=", "25", "%"), (">=", "40", "%")]),
        (656, [("<=", value, "毫克/立方米") for value in ("10", "35", "50", "10", "50", "200")]),
        (667, [(">=", "5", "台"), (">=", "5", "台"), (">=", "2", "个")]),
        (717, [(">=", "95", "%"), (">=", "90", "%"), (">=", "100", "%")]),
    ],
)
def test_figures_of_the_five_year_plan(
    five_years: PlanDraft, line: int, expected: list[tuple[str, str, str]]
) -> None:
    got = [(each.op, each.value, each.unit) for each in five_years.targets if each.line == line]
    assert [each for each in got if each[2] is not None] == expected


def test_what_the_five_year_plan_tells_of_the_past_is_no_target(five_years: PlanDraft) -> None:
    first_of_the_plan = 186
    assert min(each.line for each in five_years.targets) >= first_of_the_plan


def test_the_districts_of_a_list_are_the_scopes_of_its_figures(five_years: PlanDraft) -> None:
    listed = [each for each in five_years.targets if each.line == 645]
    assert [(each.scope, each.value) for each in listed[:3]] == [
        ("城中区", "100"),
        ("柳北区", "75"),
        ("鱼峰区", "50"),
    ]
    assert [(each.scope, each.value) for each in listed[-2:]] == [("", "207"), ("", "25")]


def test_deadlines_of_steps_inside_the_period(five_years: PlanDraft) -> None:
    steps = [(each.value, each.deadline) for each in five_years.targets if each.line == 562]
    assert steps == [("80", "2021-12-31"), ("100", "2022-12-31")]
