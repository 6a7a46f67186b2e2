"""Whatever is done to a document, it is read or refused with a remedy, and soon."""

import random
import time
from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from unseen_plans import FORMATS, Cell, Table, UnseenPlan, unseen_plan

from bishui.documents import read_plan_bytes
from bishui.errors import BishuiError

SECONDS = 25
"""What reading a spoilt document may take at most, on a machine that is busy."""


def read_or_refuse(data: bytes, filename: str) -> None:
    began = time.process_time()
    try:
        draft = read_plan_bytes(data, filename)
    except BishuiError as error:
        assert error.remedy is not None
    else:
        assert [entry.line for entry in draft.coverage] == list(range(1, len(draft.source_lines) + 1))
        draft.to_json()
    assert time.process_time() - began < SECONDS


def the_table(plan: UnseenPlan) -> Table:
    return next(block for block in plan.blocks if isinstance(block, Table))


def flat(rows: list[list[Cell | None]]) -> list[list[Cell | None]]:
    """Rows whose cells cover one place each, so that they may be put anywhere."""
    return [[Cell(cell.text if cell else "") for cell in row] for row in rows]


def rows_again(plan: UnseenPlan, draw: random.Random) -> None:
    table = the_table(plan)
    rows = table.rows = flat(table.rows)
    for _ in range(draw.randint(1, 40)):
        rows.insert(draw.randrange(len(rows) + 1), draw.choice(rows))


def columns_swapped(plan: UnseenPlan, draw: random.Random) -> None:
    table = the_table(plan)
    table.rows = flat(table.rows)
    for row in table.rows:
        if len(row) > 1 and draw.random() < 0.7:
            draw.shuffle(row)


def giant_cells(plan: UnseenPlan, draw: random.Random) -> None:
    table = the_table(plan)
    table.rows = flat(table.rows)
    piece = draw.choice(["（", "达到9", "市甲局、", "。", "1.", "2031年6月底前", "附件1", "〃", "的", "\n"])
    for _ in range(3):
        cell = next(filter(None, draw.choice(table.rows)))
        cell.text = piece * draw.choice([100, 3000, 15_000])


def giant_paragraphs(plan: UnseenPlan, draw: random.Random) -> None:
    piece = draw.choice(
        ["（", "达到9%，", "市甲局、", "一、", "“", "年底前", "10、", "上、下半年各一次", "、"]
    )
    for _ in range(2):
        plan.blocks.insert(draw.randrange(len(plan.blocks) + 1), piece * draw.choice([100, 3000, 15_000]))


def heads_spoilt(plan: UnseenPlan, draw: random.Random) -> None:
    table = the_table(plan)
    for cell in filter(None, table.heads[0]):
        if draw.random() < 0.5:
            cell.text = draw.choice(["", "序号", "任务内容", "责任单位", "*", "2031年", "经度"])


def blocks_shuffled(plan: UnseenPlan, draw: random.Random) -> None:
    draw.shuffle(plan.blocks)


CHANGES: list[Callable[[UnseenPlan, random.Random], None]] = [
    rows_again,
    columns_swapped,
    giant_cells,
    giant_paragraphs,
    heads_spoilt,
    blocks_shuffled,
]


def spoilt(kind: str, seed: int) -> bytes:
    """A document of a kind, changed in one or two ways, and then sometimes cut, overwritten or recoded."""
    draw = random.Random(seed)
    plan = unseen_plan(draw.randrange(24))
    # A page of a PDF is set by a program that takes its time over giants.
    changes = [rows_again, columns_swapped, heads_spoilt, blocks_shuffled] if kind == "pdf" else CHANGES
    for change in draw.sample(changes, draw.randint(1, 2)):
        change(plan, draw)
    data = plan.write(kind)
    if draw.random() < 0.3:
        data = data[: draw.randrange(1, len(data))]
    if draw.random() < 0.3:
        spoiled = bytearray(data)
        for _ in range(draw.choice([1, 30, 500])):
            spoiled[draw.randrange(len(spoiled))] = draw.randrange(256)
        data = bytes(spoiled)
    if kind in {"csv", "txt", "md", "html"} and draw.random() < 0.3:
        text = data.decode("gb18030", errors="replace")
        data = text.encode(draw.choice(["utf-16", "utf-8", "big5", "utf-32", "utf-8-sig"]), errors="replace")
    return data


@pytest.mark.parametrize("kind", FORMATS)
@given(seed=st.integers(0, 10**6))
@settings(max_examples=4, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
def test_a_spoilt_document(kind: str, seed: int) -> None:
    read_or_refuse(spoilt(kind, seed), f"plan.{kind}")


@pytest.mark.parametrize("kind", ["html", "csv"])
def test_ten_thousand_rows(kind: str) -> None:
    plan = unseen_plan(3)
    table = the_table(plan)
    plain = flat(table.rows)
    table.rows = [plain[number % len(plain)] for number in range(10_000)]
    read_or_refuse(plan.write(kind), f"plan.{kind}")


@pytest.mark.parametrize(
    "page",
    [
        "<div>" * 50_000 + "岚津市2031年工作计划",
        "<table><tr><td>" * 5_000 + "1",
        "<table>" + "<tr>" * 3 + "<td colspan=9999999 rowspan=9999999>x</td></tr></table>" * 3,
        "<ol><li>" * 3_000 + "x",
    ],
)
def test_deep_pages(page: str) -> None:
    read_or_refuse(page.encode(), "page.html")


@pytest.mark.parametrize(
    "text",
    [
        "（" * 100_000,
        "\t" * 100_000,
        "序号\t任务内容\t责任单位\n" + "1\t" * 50_000,
        "附件\n" * 20_000,
        "一、" * 50_000,
        "岚津市2031年工作计划\n" + "2031年6月底前" * 20_000,
        "岚津市2031年工作计划\n一、目标\n" + "达到90%、" * 20_000,
        "\x00" * 10_000,
        "专栏1 甲\n" * 5_000,
        "| a | b |\n|---|---|\n" * 5_000,
    ],
)
def test_monotonous_texts(text: str) -> None:
    for name in ("plan.txt", "plan.md", "plan.csv"):
        read_or_refuse(text.encode(), name)
