"""Two plans compared: what is kept, changed, added, dropped, split and merged, stronger and weaker."""

import json
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st
from plan_samples import PLAN

from bishui.cli.root import cli
from bishui.documents import (
    Comparison,
    DocumentHead,
    PlanDraft,
    ReportDeadline,
    SectionTarget,
    SourceTarget,
    Target,
    Task,
    UnitCell,
    compare,
    read_plan,
    read_plan_bytes,
)
from bishui.documents.comparison import verdict_word

HEAD = DocumentHead(
    file="plan.txt",
    kind="annual_plan",
    title="云川市2031年度水污染防治工作计划",
    region="云川市",
    region_level="city",
    year=2031,
    period=None,
    issuer="",
    issued=None,
    document_number=None,
    basis_doc_nos=(),
    annexes=(),
)
NEXT = replace(HEAD, year=2032)
COUNTY = replace(HEAD, region="云县", region_level="county")
FIVE_YEARS = replace(HEAD, kind="five_year_plan", period=(2031, 2035))


def plan(head: DocumentHead = HEAD, **records: Any) -> PlanDraft:
    """A draft that holds just these records."""
    parts = {
        name: tuple(records.get(name, ()))
        for name in ("tasks", "targets", "section_targets", "source_targets", "report_deadlines")
    }
    return PlanDraft(
        reader_version="test",
        doc=head,
        tables=(),
        milestones=(),
        coverage=(),
        findings=(),
        source_lines=tuple(records.get("source_lines", ())),
        **parts,
    )


def units(*names: str) -> UnitCell:
    return UnitCell(raw="、".join(names), units=names)


def task(content: str, line: int = 1, **fields: Any) -> Task:
    given_fields: dict[str, Any] = {
        "seq": line,
        "section": (),
        "theme": "",
        "theme_in_cell": True,
        "lead": units("市甲局"),
        "cooperating": UnitCell(),
        "responsible": UnitCell(),
        "deadline": "年底前",
        "deadline_norm": "2031-12-31",
        **fields,
    }
    return Task(content=content, lines=(line, line), **given_fields)


def target(indicator: str, op: str, value: str, unit: str | None = "%", **fields: Any) -> Target:
    given_fields: dict[str, Any] = {"deadline": "2031-12-31", "qualitative": False, "line": 1, **fields}
    return Target(text=indicator, indicator=indicator, op=op, value=value, unit=unit, **given_fields)


def section(name: str, asked: str, line: int = 1, **fields: Any) -> SectionTarget:
    texts = {key: fields.get(key, "") for key in ("water", "basin", "level", "county", "city", "assessed")}
    return SectionTarget(section=name, lon=None, lat=None, target_class=asked, lines=(line, line), **texts)


def only(comparison: Comparison) -> Any:
    (entry,) = comparison.entries
    return entry


SEWERS = "新建污水管网，优先补齐镇区空白，完成老旧管网的排查和修复。"
FARMS = "推进畜禽粪污资源化利用，建立规模养殖场粪肥利用台账。"
SHIPS = "加强运行船舶污染物接收转运处置监管，保障港口设施运转良好。"


# Tasks


def test_tasks_are_paired_by_content_and_never_by_number() -> None:
    before = plan(tasks=[task(SEWERS, 1), task(FARMS, 2)])
    after = plan(tasks=[task(FARMS, 1), task(SHIPS, 2), task(SEWERS, 3)])
    found = {
        (entry.verdict, *(mention.number for mention in (*entry.before, *entry.after)))
        for entry in compare(before, after).of("task")
    }
    assert found == {("kept", 1, 3), ("kept", 2, 1), ("added", 2)}


def test_the_plans_own_year_makes_no_difference() -> None:
    before = plan(tasks=[task("2031年完成12家企业整治。", deadline="6月底前", deadline_norm="2031-06-30")])
    after = plan(
        NEXT, tasks=[task("2032年完成12家企业整治。", deadline="6月底前", deadline_norm="2032-06-30")]
    )
    assert only(compare(before, after)).verdict == "kept"


def test_changed_units_are_named_on_both_sides() -> None:
    before = plan(tasks=[task(SEWERS, lead=units("市住房和城乡建设局", "生态环境局"))])
    after = plan(
        NEXT, tasks=[task(SEWERS, lead=units("市住房城乡建设局", "市水利局"), deadline_norm="2032-12-31")]
    )
    (change,) = only(compare(before, after)).changes
    assert (change.field, change.dropped, change.added) == ("lead", ("生态环境局",), ("市水利局",))


@pytest.mark.parametrize(
    ("norm", "verdict"),
    [("2032-06-30", "strengthened"), ("2032-12-31", None), ("all year", "changed"), (None, "changed")],
)
def test_a_day_is_compared_by_its_place_in_the_plans_own_period(
    norm: str | None, verdict: str | None
) -> None:
    before = plan(tasks=[task(SEWERS)])
    after = plan(NEXT, tasks=[task(SEWERS, deadline_norm=norm)])
    verdicts = {change.field: change.verdict for change in only(compare(before, after)).changes}
    assert verdicts == ({} if verdict is None else {"deadline": verdict})


def test_a_changed_text_shows_the_pieces() -> None:
    before = plan(tasks=[task("全面排查涉水企业的排水去向。")])
    after = plan(tasks=[task("全面排查涉水企业和园区的排水去向。")])
    (change,) = only(compare(before, after)).changes
    assert [(span.kind, span.text) for span in change.spans] == [
        ("same", "全面排查涉水企业"),
        ("added", "和园区"),
        ("same", "的排水去向。"),
    ]


def test_tasks_left_over_under_one_theme_are_paired_with_a_caution() -> None:
    first = "加大农业节水力度，全市新建高效节水灌溉面积2万亩。"
    second = "加大农业节水力度，补齐灌溉排水短板，完成高标准农田建设任务，系数达到要求。"
    others = [task(text, line, theme="其他") for line, text in enumerate((SEWERS, FARMS, SHIPS), start=2)]
    before = plan(tasks=[task(first, 1, theme="提高效率"), *others])
    after = plan(tasks=[task(second, 1, theme="提高效率"), *others])
    (entry,) = compare(before, after).of("task", ["changed"])
    assert (entry.before[0].number, entry.after[0].number, entry.note is not None) == (1, 1, True)
    elsewhere = plan(tasks=[task(second, 1, theme="建设农田"), *others])
    assert {entry.verdict for entry in compare(before, elsewhere).of("task")} == {"kept", "added", "dropped"}


def test_a_task_that_was_split_and_one_that_was_merged() -> None:
    whole = plan(tasks=[task(SEWERS + FARMS, 1)])
    parts = plan(tasks=[task(SEWERS, 1), task(FARMS, 2)])
    split, merged = only(compare(whole, parts)), only(compare(parts, whole))
    assert (split.verdict, len(split.before), len(split.after)) == ("split", 1, 2)
    assert (merged.verdict, len(merged.before), len(merged.after)) == ("merged", 2, 1)


# Figures


@pytest.mark.parametrize(
    ("op", "before", "after", "verdict"),
    [
        (">=", "60", "68", "strengthened"),
        (">=", "60", "55.5", "weakened"),
        ("<=", "10", "9", "strengthened"),
        ("<=", "10", "12", "weakened"),
        ("increase", "1", "2", "strengthened"),
        ("decrease", "9", "5", "weakened"),
        ("=", "95", "95.0", "kept"),
        ("=", "90", "100", "strengthened"),
    ],
)
def test_direction_decides_what_is_stronger(op: str, before: str, after: str, verdict: str) -> None:
    comparison = compare(
        plan(targets=[target("收集率", op, before)]),
        plan(NEXT, targets=[target("收集率", op, after, deadline="2032-12-31")]),
    )
    assert only(comparison).verdict == verdict


def test_less_is_stronger_where_the_indicator_says_so() -> None:
    comparison = compare(
        plan(targets=[target("管网漏损率", "=", "10")]), plan(targets=[target("管网漏损率", "=", "9")])
    )
    assert only(comparison).verdict == "strengthened"


def test_units_of_measure_are_converted() -> None:
    first = plan(targets=[target("新增处理能力", ">=", "2", "万吨/日")])
    second = plan(targets=[target("新增处理能力", ">=", "20000", "立方米/日")])
    assert only(compare(first, second)).verdict == "kept"


def test_a_figure_by_a_later_day_is_weaker_and_a_mixed_one_just_changed() -> None:
    first = plan(targets=[target("收集率", ">=", "60", deadline="2031-06-30")])
    later = plan(targets=[target("收集率", ">=", "60")])
    later_and_more = plan(targets=[target("收集率", ">=", "65")])
    assert only(compare(first, later)).verdict == "weakened"
    assert only(compare(first, later_and_more)).verdict == "changed"


def test_a_number_that_became_words_is_not_judged() -> None:
    words = target("全市用水总量", "meets", "上级下达的控制目标", None, qualitative=True)
    entry = only(
        compare(plan(targets=[target("全市用水总量", "<=", "22", "亿立方米")]), plan(targets=[words]))
    )
    assert entry.verdict == "changed"
    assert entry.note is not None


def test_level_and_step_of_one_indicator_are_paired_and_not_judged() -> None:
    entry = only(
        compare(
            plan(targets=[target("绿色防控覆盖率", "increase", "1", "个百分点")]),
            plan(targets=[target("病虫害绿色防控覆盖率", ">=", "56")]),
        )
    )
    assert (entry.verdict, entry.note is not None) == ("changed", True)


def test_amounts_of_two_levels_are_shared_out_and_not_judged() -> None:
    city = plan(targets=[target("全市建设污水管网长度", ">=", "25", "公里")])
    county = plan(COUNTY, targets=[target("建设污水管网长度", ">=", "5", "公里")])
    assert only(compare(city, county)).verdict == "changed"


# Sections and sources


@pytest.mark.parametrize(
    ("before", "after", "verdict"),
    [
        ("Ⅲ类", "Ⅱ类", "strengthened"),
        ("II类", "III类", "weakened"),
        ("Ⅲ类", "III类", "kept"),
        ("达到或好于Ⅲ类", "达到或优于III类", "kept"),
        ("Ⅳ类", "达到考核要求", "changed"),
    ],
)
def test_classes_of_sections(before: str, after: str, verdict: str) -> None:
    comparison = compare(
        plan(section_targets=[section("上渡", before)]), plan(section_targets=[section("上渡", after)])
    )
    assert only(comparison).verdict == verdict


def test_a_near_name_is_proposed_and_not_assumed() -> None:
    comparison = compare(
        plan(section_targets=[section("东边涌", "Ⅱ类")]), plan(section_targets=[section("东边埇", "Ⅲ类")])
    )
    assert {entry.verdict for entry in comparison.entries} == {"dropped", "added"}
    assert {entry.near[0].text for entry in comparison.entries} == {"东边涌 Ⅱ类", "东边埇 Ⅲ类"}


def test_one_name_on_two_waters_is_paired_by_the_water() -> None:
    before = [section("渡口", "Ⅱ类", 1, water="云江"), section("渡口", "Ⅲ类", 2, water="雨江")]
    after = [section("渡口", "Ⅲ类", 1, water="雨江"), section("渡口", "Ⅱ类", 2, water="云江")]
    comparison = compare(plan(section_targets=before), plan(section_targets=after))
    assert Counter(entry.verdict for entry in comparison.entries) == {"kept": 2}


def test_a_sentence_that_gives_a_class_to_named_sections_counts() -> None:
    sentence = "确保上渡、下渡2个国控断面水质达到或优于Ⅲ类比例持续达到100%。"
    annual = plan(
        section_targets=[section("上渡", "Ⅱ类", 1), section("下渡", "Ⅲ类", 2), section("中渡", "Ⅱ类", 3)]
    )
    comparison = compare(annual, plan(FIVE_YEARS, source_lines=["第一章", sentence]))
    found = {
        entry.title: (entry.verdict, [each.lines for each in entry.after]) for entry in comparison.entries
    }
    assert found == {
        "上渡": ("weakened", [(2, 2)]),
        "下渡": ("kept", [(2, 2)]),
        "中渡": ("dropped", []),
    }


def test_a_share_below_one_hundred_gives_no_section_a_class() -> None:
    sentence = "确保上渡、下渡2个国控断面水质达到或优于Ⅲ类比例达到50%。"
    comparison = compare(plan(section_targets=[section("上渡", "Ⅱ类")]), plan(source_lines=[sentence]))
    assert only(comparison).verdict == "dropped"


# City and county


def test_what_belongs_to_other_counties_is_not_missing() -> None:
    city = plan(
        tasks=[
            task(SEWERS, 1, responsible=units("雨县人民政府")),
            task(FARMS, 2, responsible=units("各县、区人民政府")),
        ],
        section_targets=[
            section("上渡", "Ⅱ类", 3, county="雨县"),
            section("下渡", "Ⅱ类", 4, county="云彝族自治县"),
        ],
    )
    comparison = compare(city, plan(COUNTY))
    assert (comparison.relation.kind, comparison.relation.upper) == ("levels", "before")
    assert [entry.verdict for entry in comparison.of("task")] == ["outside", "dropped"]
    assert [entry.verdict for entry in comparison.of("section")] == ["outside", "dropped"]
    assert str(verdict_word("dropped", comparison.relation)) == "未承接"
    turned = compare(plan(COUNTY), city)
    assert [entry.verdict for entry in turned.of("section")] == ["outside", "added"]
    assert str(verdict_word("added", turned.relation)) == "未承接"


# Laws

WORDS = ("污水", "管网", "养殖", "断面", "巡查", "企业", "台账", "水库", "船舶", "监测", "整治", "公开")
CONTENTS = st.lists(st.sampled_from(WORDS), min_size=2, max_size=9).map("".join)
NORMS = st.sampled_from(["2031-06-30", "2031-12-31", "all year", "every quarter", None])
CELLS = st.lists(st.sampled_from(["市甲局", "市乙局", "丙委"]), max_size=2, unique=True).map(
    lambda names: units(*names)
)
TASKS = st.lists(st.tuples(CONTENTS, NORMS, CELLS, CELLS), max_size=6).map(
    lambda rows: [
        task(content, line, deadline=norm or "", deadline_norm=norm, lead=lead, responsible=responsible)
        for line, (content, norm, lead, responsible) in enumerate(rows, start=1)
    ]
)
TARGETS = st.lists(
    st.tuples(
        st.sampled_from(["收集率", "污水收集率", "漏损率", "用水总量", "管网长度"]),
        st.sampled_from([">=", "<=", "=", "increase"]),
        st.integers(1, 99).map(str),
        st.sampled_from(["%", "公里", "万亩", "亩"]),
        st.sampled_from(["2031-06-30", "2031-12-31", None]),
    ),
    max_size=5,
).map(
    lambda rows: [
        target(name, op, value, unit, deadline=day, line=line)
        for line, (name, op, value, unit, day) in enumerate(rows, start=1)
    ]
)
SECTIONS = st.lists(
    st.tuples(
        st.sampled_from(["上渡", "下渡", "中渡口", "中渡"]),
        st.sampled_from(["Ⅱ类", "Ⅲ类", "达标"]),
        st.sampled_from(["云江", "雨江", ""]),
    ),
    max_size=5,
).map(
    lambda rows: [
        section(name, asked, line, water=water) for line, (name, asked, water) in enumerate(rows, start=1)
    ]
)
REPORTS = st.lists(
    st.tuples(st.sampled_from(["半年总结", "全年总结", "进展情况"]), NORMS.filter(bool)), max_size=3
).map(
    lambda rows: [ReportDeadline(what, due, "市甲局", line) for line, (what, due) in enumerate(rows, start=1)]
)
PLANS = st.builds(
    lambda head, tasks, targets, sections, reports: plan(
        head, tasks=tasks, targets=targets, section_targets=sections, report_deadlines=reports
    ),
    st.sampled_from([HEAD, NEXT, COUNTY, FIVE_YEARS]),
    TASKS,
    TARGETS,
    SECTIONS,
    REPORTS,
)
EXCHANGED = {
    "added": "dropped",
    "dropped": "added",
    "strengthened": "weakened",
    "weakened": "strengthened",
    "split": "merged",
    "merged": "split",
}


@given(PLANS)
@settings(max_examples=30, deadline=None)
def test_a_plan_compared_with_itself_is_kept_as_a_whole(one: PlanDraft) -> None:
    comparison = compare(one, one)
    assert {entry.verdict for entry in comparison.entries} <= {"kept"}
    assert all(entry.changes == () for entry in comparison.entries)


def _account(comparison: Comparison) -> Counter[Any]:
    return Counter(
        (
            entry.kind,
            entry.verdict,
            tuple(sorted(each.text for each in entry.before)),
            tuple(sorted(each.text for each in entry.after)),
        )
        for entry in comparison.entries
    )


@given(PLANS, PLANS)
@settings(max_examples=30, deadline=None)
def test_exchanged_plans_exchange_added_and_dropped_stronger_and_weaker(
    one: PlanDraft, other: PlanDraft
) -> None:
    turned = Counter(
        {
            (kind, EXCHANGED.get(verdict, verdict), after, before): count
            for (kind, verdict, before, after), count in _account(compare(other, one)).items()
        }
    )
    assert _account(compare(one, other)) == turned


@given(PLANS, PLANS, st.randoms(use_true_random=False))
@settings(max_examples=30, deadline=None)
def test_the_order_of_records_changes_nothing(one: PlanDraft, other: PlanDraft, chance: Any) -> None:
    tasks, sections, targets = list(one.tasks), list(one.section_targets), list(one.targets)
    for records in (tasks, sections, targets):
        chance.shuffle(records)
    shuffled = replace(one, tasks=tuple(tasks), section_targets=tuple(sections), targets=tuple(targets))
    assert _account(compare(shuffled, other)) == _account(compare(one, other))


@given(PLANS, PLANS)
@settings(max_examples=30, deadline=None)
def test_every_record_of_both_plans_stands_in_just_one_entry(one: PlanDraft, other: PlanDraft) -> None:
    comparison = compare(one, other)
    for side, draft in (("before", one), ("after", other)):
        for kind, count in (
            ("task", len(draft.tasks)),
            ("figure", len(draft.targets)),
            ("section", len(draft.section_targets)),
            ("report", len(draft.report_deadlines)),
        ):
            indices = [
                mention.index
                for entry in comparison.entries
                if entry.kind == kind
                for mention in getattr(entry, side)
            ]
            assert sorted(indices) == list(range(1, count + 1))


def test_sources_are_compared_by_their_target() -> None:
    def source(asked: str) -> SourceTarget:
        return SourceTarget("云江水源地", "市级", "", "在用", "河流", None, None, asked, (1, 1))

    comparison = compare(plan(source_targets=[source("Ⅲ类")]), plan(source_targets=[source("Ⅱ类")]))
    assert (only(comparison).kind, only(comparison).verdict) == ("source", "strengthened")


# Published plans


@pytest.fixture(scope="module")
def plans(shared: Path) -> dict[str, PlanDraft]:
    return {path.stem: read_plan(path) for path in (shared / "plans").glob("*.txt")}


def test_the_five_year_plan_is_weaker_than_the_annual_one_for_nine_of_ten_sections(
    plans: dict[str, PlanDraft],
) -> None:
    """The annual plan wants class Ⅱ of nine national sections and Ⅲ of one; the five-year plan Ⅲ or better of all."""
    comparison = compare(plans["liuzhou-2022-annual-plan"], plans["liuzhou-14th-five-year-plan"])
    assert (comparison.relation.kind, comparison.relation.upper) == ("periods", "after")
    found = {entry.title: entry.verdict for entry in comparison.of("section")}
    assert Counter(found.values()) == {"weakened": 9, "kept": 1, "dropped": 2}
    assert found["脚板洲"] == "kept"
    assert {each.lines for entry in comparison.of("section", ["weakened"]) for each in entry.after} == {
        (613, 613)
    }


def test_figures_of_two_cities(plans: dict[str, PlanDraft]) -> None:
    comparison = compare(plans["liuzhou-2022-annual-plan"], plans["qinzhou-2024-annual-plan"])
    found = {entry.title: entry.verdict for entry in comparison.of("figure")}
    assert found["全市10个国家考核断面水质优良比例"] == "weakened"
    assert found["建设改造污水管网长度"] == "strengthened"
    assert found["全市主要农作物化肥利用率"] == "kept"
    pairs = {
        entry.before[0].number: entry.after[0].number
        for entry in comparison.of("task")
        if entry.before and entry.after
    }
    assert {1: 1, 6: 6, 9: 9, 17: 20, 24: 28, 36: 40, 47: 49, 54: 56}.items() <= pairs.items()


@pytest.mark.parametrize(
    "name", ["liuzhou-2022-annual-plan", "qinzhou-2024-annual-plan", "liuzhou-14th-five-year-plan"]
)
def test_a_published_plan_compared_with_itself_is_kept(plans: dict[str, PlanDraft], name: str) -> None:
    assert {entry.verdict for entry in compare(plans[name], plans[name]).entries} == {"kept"}


# Command line


@pytest.fixture
def files(tmp_path: Path) -> tuple[Path, Path]:
    before, after = tmp_path / "before.txt", tmp_path / "after.txt"
    before.write_text(PLAN, encoding="utf-8")
    changed = PLAN.replace("2031", "2032").replace(
        "云江\t上渡\t83.1200\t39.5\tⅡ类", "云江\t上渡\t83.1200\t39.5\tⅢ类"
    )
    after.write_text(changed.replace("66.7%", "100%"), encoding="utf-8")
    return before, after


def test_the_command_prints_a_readable_account(files: tuple[Path, Path]) -> None:
    result = CliRunner().invoke(cli, ["plan", "diff", *map(str, files)])
    assert result.exit_code == 0
    for text in ("云川市2032年度水污染防治工作计划", "放宽 上渡", "水质类别（放宽）：Ⅱ类 → Ⅲ类", "收严"):
        assert text in result.output
    assert "管好园区" not in result.output
    everything = CliRunner().invoke(cli, ["plan", "diff", "--all", *map(str, files)])
    assert "管好园区" in everything.output


def test_the_command_writes_json(files: tuple[Path, Path], tmp_path: Path) -> None:
    out = tmp_path / "out.json"
    assert CliRunner().invoke(cli, ["plan", "diff", *map(str, files), "--json", str(out)]).exit_code == 0
    written = json.loads(out.read_text(encoding="utf-8"))
    assert written["counts"]["section"] == {"weakened": 1, "kept": 1}
    assert written["relation"] == {"kind": "successive", "upper": None}
    shown = CliRunner().invoke(cli, ["plan", "diff", *map(str, files), "--json", "-"])
    assert json.loads(shown.stdout) == written


def test_a_missing_file_is_a_wrong_call(files: tuple[Path, Path], tmp_path: Path) -> None:
    assert CliRunner().invoke(cli, ["plan", "diff", str(files[0]), str(tmp_path / "none.txt")]).exit_code == 2


def test_the_draft_of_a_file_compared_with_itself(files: tuple[Path, Path]) -> None:
    draft = read_plan_bytes(files[0].read_bytes(), "plan.txt")
    assert {entry.verdict for entry in compare(draft, draft).entries} == {"kept"}
