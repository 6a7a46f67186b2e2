"""The linter asks about what a plan contradicts in itself; it finds the faults that are known to stand in real plans."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from plan_samples import PLAN, plan_with

from bishui.documents import lint, read_plan, read_plan_bytes
from bishui.documents.lint import needed_of


def rules_of(*rows: str) -> list[str]:
    return [finding.rule for finding in lint(read_plan_bytes(plan_with(*rows), "p.txt"))]


def row(content: str, *, lead: str = "市甲局", deadline: str = "年底前", number: int = 1) -> str:
    return f"{number}\t题\t{content}\t{lead}\t\t\t{deadline}"


@pytest.mark.parametrize(
    ("rows", "rules"),
    [
        ((row("污水处理率达到95%以上。"), row("污水处理率达到86%以上。", number=2)), ["figures-disagree"]),
        ((row("污水处理率达到95%以上。"), row("污水处理率达到95.0%以上。", number=2)), []),
        ((row("确保年底完成。", deadline="全年"),), ["deadline-and-text"]),
        ((row("9月底前完成。", deadline="6月底前"),), ["deadline-and-text"]),
        ((row("6月底前完成。", deadline="6月底前"),), []),
        ((row("落实《2035年12月底前规划》。", deadline="6月底前"),), []),
        ((row("做事。", lead="市甲急局水利局"),), ["missing-separator"]),
        ((row("做事。", lead="市港口管理局云县分局"),), []),
        ((row("做事。", lead="市甲局、水利局"),), []),
    ],
)
def test_rule(rows: tuple[str, ...], rules: list[str]) -> None:
    assert rules_of(*rows) == rules


def test_a_name_that_differs_by_one_character() -> None:
    plan = (
        PLAN.replace("园区废水全部预处理", "确保下波断面和上渡断面达标")
        .replace("下渡", "下渡口")
        .replace("下波", "下波口")
    )
    (finding,) = [
        each
        for each in read_plan_bytes(plan.encode(), "p.txt").findings
        if each.rule == "name-differs-by-one"
    ]
    assert "下波口" in str(finding.message)
    assert "下渡口" in str(finding.message)


def test_the_count_of_sections_in_text_and_table() -> None:
    findings = read_plan_bytes(PLAN.encode(), "p.txt").findings
    assert "section-count" in [finding.rule for finding in findings]


@pytest.mark.parametrize(
    ("count", "share", "needed"),
    [
        (7, "85.7", 6),
        (5, "92", 5),
        (10, "100", 10),
        (31, "92", 29),
        (3, "66.7", 2),
        (3, "0", 0),
        (4, "101", None),
    ],
)
def test_how_many_a_share_needs(count: int, share: str, needed: int | None) -> None:
    assert needed_of(count, share) == needed


@given(st.integers(1, 200), st.integers(0, 100))
def test_the_needed_number_is_the_least_that_reaches_the_share(count: int, share: int) -> None:
    needed = needed_of(count, f"{share}.00")
    assert needed is not None
    assert 100 * needed / count >= share - 0.005
    assert needed == 0 or 100 * (needed - 1) / count < share + 0.005


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        (
            "liuzhou-2022-annual-plan",
            {
                ("no-slack", 13),
                ("missing-separator", 152),
                ("deadline-and-text", 155),
                ("deadline-and-text", 184),
                ("counted-elsewhere", 199),
            },
        ),
        (
            "qinzhou-2024-annual-plan",
            {
                ("no-slack", 13),
                ("deadline-and-text", 104),
                ("deadline-and-text", 106),
                ("name-differs-by-one", 134),
                ("deadline-and-text", 156),
            },
        ),
    ],
)
def test_faults_of_published_plans(shared: Path, name: str, expected: set[tuple[str, int]]) -> None:
    draft = read_plan(shared / "plans" / f"{name}.txt")
    assert {(finding.rule, finding.lines[0]) for finding in draft.findings} == expected
