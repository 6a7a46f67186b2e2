"""Tables whose cells were broken over lines come out whole: every cell, every line, every character."""

import random
import re
from collections import Counter

import pytest
from broken_tables import Plan, Printer, invented, laid_out, shown_width
from hypothesis import given, settings
from hypothesis import strategies as st

from bishui.documents import PlanDraft, draft_of, read_plan_bytes
from bishui.documents.blocks import Blank, Blocks, Paragraph, Position, Ruler, Skipped, TableRow
from bishui.documents.readers.plain_text import read_text
from bishui.documents.rebuilding import rebuilt

CLASSIC = {
    "seq": ("序号", 2),
    "theme": ("主要任务", 3),
    "content": ("任务内容", 30),
    "lead": ("牵头单位", 5),
    "cooperating": ("配合单位", 7),
    "responsible": ("责任单位", 6),
    "deadline": ("完成时限", 4),
}
OTHER_ORDER = {
    "seq": ("编号", 2),
    "theme": ("工作任务", 5),
    "content": ("具体措施", 24),
    "deadline": ("时间节点", 6),
    "lead": ("主办单位", 8),
    "responsible": ("落实单位", 9),
    "cooperating": ("协办单位", 10),
}
NO_THEME = {
    "seq": ("序号", 2),
    "content": ("工作内容", 34),
    "deadline": ("完成时间", 5),
    "lead": ("牵头部门", 6),
    "cooperating": ("配合部门", 12),
}
NO_NUMBERS = {
    "theme": ("重点任务", 4),
    "content": ("任务内容", 28),
    "lead": ("牵头单位", 6),
    "responsible": ("责任单位", 8),
    "deadline": ("完成时限", 5),
}
LAYOUTS = {"classic": CLASSIC, "other order": OTHER_ORDER, "no theme": NO_THEME, "no numbers": NO_NUMBERS}
UNITS = ("lead", "cooperating", "responsible")


def printer(chance: random.Random, columns: dict[str, tuple[str, int]], **options: object) -> Printer:
    """Return a printer whose columns are somewhat wider or narrower than usual."""
    widths = [
        width if role == "seq" else max(2, width + chance.randint(-width // 5, width // 5))
        for role, (_, width) in columns.items()
    ]
    heads = [head for head, _ in columns.values()]
    return Printer(chance, list(columns), heads, widths, **options)  # type: ignore[arg-type]


def squeezed(text: str) -> str:
    return "".join(text.split())


def names(text: str) -> list[str]:
    return list(dict.fromkeys(text.removesuffix("等").split("、"))) if text else []


def measured(plan: Plan, draft: PlanDraft, roles: list[str]) -> dict[str, float]:
    """Return F1 by field: what is right among what was read and what there was to read."""
    right: Counter[str] = Counter()
    there: Counter[str] = Counter()
    got = {task.seq: task for task in draft.tasks}
    theme = ""
    for number, row in enumerate(plan.rows, start=1):
        task = got.get(number)
        theme = row["theme"] or theme
        for role in roles:
            if role == "seq":
                continue
            wanted = (
                names(row[role]) if role in UNITS else [squeezed(theme if role == "theme" else row[role])]
            )
            found: list[str] = []
            if task is not None:
                value = getattr(task, role)
                found = list(value.units) if role in UNITS else [squeezed(value)]
            right[role] += 2 * len(set(wanted) & set(found))
            there[role] += len(wanted) + len(found)
    return {role: right[role] / there[role] for role in roles if there[role]}


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("layout", LAYOUTS)
def test_an_invented_plan_comes_out_whole(layout: str, seed: int) -> None:
    chance = random.Random(seed)
    columns = LAYOUTS[layout]
    plan = invented(chance)
    draft = read_plan_bytes(printer(chance, columns).document(plan).encode(), "plan.txt")
    assert len(draft.tasks) == len(plan.rows)
    scores = measured(plan, draft, list(columns))
    assert all(score >= 0.95 for score in scores.values()), scores


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("marks", [("rest",), ("title",), ("number", "title", "head"), ()])
def test_what_pages_leave_in_the_table_is_told_apart(marks: tuple[str, ...], seed: int) -> None:
    chance = random.Random(seed)
    plan = invented(chance)
    printed = printer(chance, CLASSIC, marks=marks, page=25)
    draft = read_plan_bytes(printed.document(plan).encode(), "plan.txt")
    scores = measured(plan, draft, list(CLASSIC))
    assert all(score >= 0.95 for score in scores.values()), scores
    ignored = Counter(
        squeezed(draft.source_lines[entry.line - 1])
        for entry in draft.coverage
        if entry.became in {("ignored: page head",), ("ignored: repeated head",)}
    )
    assert ignored == Counter(squeezed(line) for line in printed.ignored if line)


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("layout", ["classic", "other order", "no theme"])
def test_a_column_that_is_always_blank_stays_blank(layout: str, seed: int) -> None:
    chance = random.Random(seed)
    plan = invented(chance, nobody_cooperates=True)
    columns = LAYOUTS[layout]
    draft = read_plan_bytes(printer(chance, columns).document(plan).encode(), "plan.txt")
    assert [task.seq for task in draft.tasks if task.cooperating.units] == []
    scores = measured(plan, draft, list(columns))
    assert all(score >= 0.95 for score in scores.values()), scores


@pytest.mark.parametrize("centred", [False, True])
@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("layout", LAYOUTS)
def test_columns_side_by_side_interleave_line_by_line(layout: str, seed: int, centred: bool) -> None:
    chance = random.Random(seed)
    columns = LAYOUTS[layout]
    plan = invented(chance)
    text = laid_out(printer(chance, columns), plan, centred=centred)
    draft = read_plan_bytes(text.encode(), "plan.txt")
    assert len(draft.tasks) == len(plan.rows)
    scores = measured(plan, draft, list(columns))
    assert all(score >= 0.95 for score in scores.values()), scores
    assert "not understood" not in draft.coverage_counts()


def lines_of_a_page(text: str) -> Blocks:
    """Return a text as a format gives it that knows only where the parts of each line begin on the page."""
    blocks: list[Paragraph | TableRow | Blank] = []
    for number, line in enumerate(text.split("\n"), start=1):
        at = Position(number, number)
        parts = [(hit.group(), shown_width(line[: hit.start()]) / 2) for hit in re.finditer(r"\S+", line)]
        cells, lefts = tuple(part for part, _ in parts), tuple(left for _, left in parts)
        if len(parts) > 1:
            blocks.append(TableRow(cells, at, 0, lefts=lefts))
        else:
            blocks.append(Paragraph(cells[0], at, lefts=lefts) if parts else Blank(at))
    return Blocks("p.pdf", "pdf", tuple(blocks), tuple(text.split("\n")))


@pytest.mark.parametrize("centred", [False, True])
def test_lines_of_a_page_without_ruled_lines(centred: bool) -> None:
    chance = random.Random(3)
    plan = invented(chance)
    draft = draft_of(lines_of_a_page(laid_out(printer(chance, CLASSIC), plan, centred=centred)))
    scores = measured(plan, draft, list(CLASSIC))
    assert all(score >= 0.95 for score in scores.values()), scores


@pytest.fixture(scope="module")
def plan() -> Plan:
    return invented(random.Random(7))


@pytest.fixture(scope="module")
def draft(plan: Plan) -> PlanDraft:
    return read_plan_bytes(printer(random.Random(7), CLASSIC).document(plan).encode(), "plan.txt")


def test_tasks_know_their_first_and_last_line(draft: PlanDraft) -> None:
    for task in draft.tasks:
        first, *_, last = [line for line in draft.source(task.lines).split("\n") if line.strip()]
        assert first.split()[0] == str(task.seq)
        assert squeezed(task.deadline).endswith(squeezed(last.split()[-1]))


def test_every_line_is_accounted_for_once(draft: PlanDraft) -> None:
    assert [entry.line for entry in draft.coverage] == list(range(1, len(draft.source_lines) + 1))
    assert "not understood" not in draft.coverage_counts()
    tasks = {task.seq: task.lines for task in draft.tasks}
    for entry in draft.coverage:
        numbers = [int(found[1]) for became in entry.became if (found := re.fullmatch(r"task (\d+)", became))]
        assert len(numbers) <= 1
        for number in numbers:
            assert tasks[number][0] <= entry.line <= tasks[number][1]
        if not draft.source_lines[entry.line - 1].strip():
            assert entry.became == ("ignored: blank",)


def test_section_rows_stand_above_their_tasks(plan: Plan, draft: PlanDraft) -> None:
    path: list[str] = []
    for number, task in enumerate(draft.tasks):
        if number in plan.sections:
            title = plan.sections[number]
            path = [*path[:1], title] if title.startswith("（") and path and path[0][1] == "、" else [title]
        assert list(task.section) == path


def test_annex_tables_broken_in_the_same_way(draft: PlanDraft) -> None:
    (table,) = draft.tables
    assert table.header == ("序号", "考核县", "所在水体", "断面名称", "经度", "纬度", "水质目标")
    assert table.rows == (
        ("1", "西津县", "岚江", "上浦", "83.1200", "39.5000", "Ⅱ类"),
        ("2", "南浦县", "岚江支流", "下浦", "83.2", "39.4", "Ⅲ类"),
    )
    assert [(each.section, each.level, each.lon) for each in draft.section_targets] == [
        ("上浦", "国控", "83.1200"),
        ("下浦", "国控", "83.2"),
    ]


HEAD = ["序", "", "号", "主要任务 任务内容", "牵头", "", "单位", "配合单位 责任单位", "完成", "", "时限"]


def plan_of(*lines: str) -> PlanDraft:
    return read_plan_bytes(
        "\n".join(["岚津市2031年工作计划", "", "附件1", "", *HEAD, *lines]).encode(), "p.txt"
    )


class TestDetails:
    def test_a_list_without_cooperating_units_goes_on_with_the_territory(self) -> None:
        (task,) = plan_of(
            "1", "管住源头", "关停三家作坊。", "市生态环", "境局、市", "水利局", "各县人民政府 全年"
        ).tasks
        assert task.lead.units == ("市生态环境局", "市水利局")
        assert (task.cooperating.units, task.responsible.units) == ((), ("各县人民政府",))

    def test_a_number_in_a_text_is_no_running_number(self) -> None:
        first, second = plan_of(
            *("1", "管住源头", "在南浦县的乡镇新建小型污水处理站，全年共计建成", "2", "座，并稳定运行。"),
            *("市住建局", "市水利局", "南浦县人民政府", "全年"),
            *("2", "管住末端", "清理河面漂浮物。", "市水利局", "市住建局", "各县人民政府", "全年"),
        ).tasks
        assert first.content == "在南浦县的乡镇新建小型污水处理站，全年共计建成2座，并稳定运行。"
        assert (second.seq, second.content) == (2, "清理河面漂浮物。")

    def test_a_content_without_a_full_stop_ends_where_units_begin(self) -> None:
        (task,) = plan_of(
            *(
                "1",
                "恢复鱼群",
                "通过增殖放流等办法恢复岚江本地鱼类种群和数量",
                "市生态环",
                "境局、市",
                "水利局",
            ),
            *("各县人民政府", "全年"),
        ).tasks
        assert task.content == "通过增殖放流等办法恢复岚江本地鱼类种群和数量"
        assert task.lead.units == ("市生态环境局", "市水利局")

    def test_a_deadline_that_lost_its_beginning_is_kept_as_written(self) -> None:
        (task,) = plan_of(
            *("1", "压实责任", "制定年度计划并报备。", "市水利局", "市住建局", "各县人民政府"),
            *("工作计", "", "划后 30", "个工作", "", "日内"),
        ).tasks
        assert (task.deadline, task.deadline_norm) == ("工作计划后 30个工作日内", "relative:+30 workdays")

    def test_a_stroke_says_that_nobody_is_named(self) -> None:
        (task,) = plan_of("1", "压实责任", "制定年度计划。", "市水利局", "/ 各县人民政府 全年").tasks
        assert (task.cooperating.raw, task.cooperating.units) == ("/", ())
        assert task.responsible.units == ("各县人民政府",)

    def test_prose_that_names_the_heads_is_no_table(self) -> None:
        lines = ["一、任务", "", "任务内容", "牵头单位", "完成时限", "由各县自行确定，并于年底前报送总结。"]
        document = read_text("\n".join(lines).encode(), "p.txt")
        assert rebuilt(document) is document

    def test_a_note_below_the_table_is_put_together(self) -> None:
        draft = plan_of(
            "1",
            "节水",
            "推广节水器具。",
            "市水利局",
            "市住建局",
            "各县人民政府 全年",
            "注：本表自",
            "公布之日起施行。",
        )
        assert draft.coverage[-1].became == ("note 附件1",)
        assert "not understood" not in draft.coverage_counts()


def characters(lines: list[str]) -> Counter[str]:
    return Counter(each for line in lines for each in line if not each.isspace())


@settings(deadline=None, max_examples=25)
@given(st.integers(0, 10_000), st.sampled_from(sorted(LAYOUTS)), st.lists(st.integers(0, 400), max_size=12))
def test_no_character_is_lost_or_invented(seed: int, layout: str, damaged: list[int]) -> None:
    """Whatever lines are missing or stand elsewhere: cells, paragraphs and what is ignored are the source."""
    chance = random.Random(seed)
    lines = printer(chance, LAYOUTS[layout], page=30).document(invented(chance, 8)).split("\n")
    for place in damaged:
        line = lines.pop(place % len(lines))
        if place % 3:
            lines.insert((place * 7) % len(lines), line)
    document = rebuilt(read_text("\n".join(lines).encode(), "p.txt"))
    kept: list[str] = []
    for block in document.blocks:
        if isinstance(block, TableRow):
            kept.extend(block.cells)
        elif isinstance(block, Paragraph):
            kept.append(block.text)
        elif isinstance(block, Skipped):
            kept.extend(document.source_lines[block.at.first - 1 : block.at.last])
    rulers = [document.source_lines[each.at.first - 1] for each in document.blocks if isinstance(each, Ruler)]
    assert characters([*kept, *rulers]) == characters(list(document.source_lines))
