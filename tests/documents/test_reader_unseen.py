"""Plans of invented authorities, laid out in ways the reader was not written for: F1 at least 0.95 on each field."""

import random
from collections import Counter

import pytest
from unseen_plans import FIELDS, FORMATS, UnseenPlan, f1, score, unseen_plan

from bishui.documents import read_plan_bytes
from bishui.documents.duty_cells import roles_in_cell
from bishui.errors import BishuiError

SEEDS = range(24)


@pytest.fixture(scope="module")
def plans() -> list[UnseenPlan]:
    return [unseen_plan(seed) for seed in SEEDS]


@pytest.mark.parametrize("kind", FORMATS)
def test_task_fields_of_unseen_plans(kind: str, plans: list[UnseenPlan]) -> None:
    counts = {name: Counter[str]() for name in ("tasks", *FIELDS)}
    for plan in plans:
        draft = read_plan_bytes(plan.write(kind), f"plan.{kind}")
        for name, count in score(plan.tasks, draft.to_json()["tasks"]).items():
            counts[name].update(count)
        assert len(draft.coverage) == len(draft.source_lines)
    assert {name: f1(count) for name, count in counts.items() if f1(count) < 0.95} == {}


def test_the_scorer_tells_losses_from_inventions() -> None:
    truth = unseen_plan(0).tasks
    assert all(f1(count) == 1 for count in score(truth, truth).values())
    lost = score(truth, truth[1:])
    assert (lost["tasks"]["fn"], lost["tasks"]["fp"]) == (1, 0)
    invented = score(truth, [*truth, {**truth[0], "content": "凭空多出来的一项任务"}])
    assert (invented["tasks"]["fn"], invented["tasks"]["fp"]) == (0, 1)
    wrong = score(truth, [{**truth[0], "lead": ["市某局"]}, *truth[1:]])
    assert wrong["lead"]["fp"] == 1


def test_a_seed_gives_the_same_plan_again_and_seeds_differ() -> None:
    assert unseen_plan(5).write("html") == unseen_plan(5).write("html")
    assert len({tuple(unseen_plan(seed).layout["roles"]) for seed in SEEDS}) > 8


@pytest.mark.parametrize(
    ("raw", "lead", "cooperating", "responsible"),
    [
        (
            "牵头单位：市甲局；配合单位：市乙局、市丙局；责任单位：云县人民政府",
            ["市甲局"],
            ["市乙局", "市丙局"],
            ["云县人民政府"],
        ),
        ("牵头：市甲局，市乙局\n配合：市丙局", ["市甲局", "市乙局"], ["市丙局"], []),
        (
            "市甲局、市乙局牵头，市丙局配合，云县人民政府落实",
            ["市甲局", "市乙局"],
            ["市丙局"],
            ["云县人民政府"],
        ),
        ("市甲局（牵头）、市乙局（配合）、云县人民政府", ["市甲局"], ["市乙局"], ["云县人民政府"]),
        ("云县人民政府；配合单位：市乙局", [], ["市乙局"], ["云县人民政府"]),
    ],
)
def test_one_cell_for_all_roles(
    raw: str, lead: list[str], cooperating: list[str], responsible: list[str]
) -> None:
    found = roles_in_cell(raw)
    assert found is not None
    assert [list(found[role].units) for role in ("lead", "cooperating", "responsible")] == [
        lead,
        cooperating,
        responsible,
    ]


@pytest.mark.parametrize("raw", ["市甲局、市乙局", "各牵头单位", "", "市配合协作中心"])
def test_a_cell_without_roles_is_left_to_its_column(raw: str) -> None:
    assert roles_in_cell(raw) is None


@pytest.mark.parametrize("kind", FORMATS)
def test_a_damaged_file_is_read_or_refused_and_nothing_else(kind: str, plans: list[UnseenPlan]) -> None:
    whole = plans[3].write(kind)
    draw = random.Random(kind)
    for _ in range(25):
        data = bytearray(whole)
        for _ in range(draw.choice([1, 20, 400])):
            data[draw.randrange(len(data))] = draw.randrange(256)
        damaged = bytes(data[: draw.randrange(1, len(data))] if draw.random() < 0.3 else data)
        try:
            read_plan_bytes(damaged, f"plan.{kind}")
        except BishuiError as error:
            assert error.remedy is not None
