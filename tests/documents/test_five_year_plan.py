"""A five-year plan: indicators, special columns (专栏), projects and outline, the same from every format."""

import json
from collections import Counter
from decimal import Decimal
from pathlib import Path

import pytest
from five_year_samples import (
    INDICATORS,
    PROJECTS,
    TITLE,
    as_cell_lines,
    as_markdown,
    as_page,
    as_word,
    as_workbook,
)
from hypothesis import given
from hypothesis import strategies as st

from bishui.documents import Indicator, PlanDraft, lint, read_plan, read_plan_bytes
from bishui.documents.cell_values import read_value

PARTS = ("indicators", "special_columns", "projects", "outline")


@pytest.fixture(scope="module")
def draft() -> PlanDraft:
    return read_plan_bytes(as_cell_lines(), "plan.txt")


def became(draft: PlanDraft, text: str) -> tuple[str, ...]:
    line = next(number for number, line in enumerate(draft.source_lines) if text in line)
    return draft.coverage[line].became


def without_lines(value: object) -> object:
    if isinstance(value, dict):
        return {key: without_lines(each) for key, each in value.items() if key not in {"lines", "line"}}
    return [without_lines(each) for each in value] if isinstance(value, list) else value


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("p.html", as_page()),
        ("p.docx", as_word()),
        ("p.xlsx", as_workbook()),
        ("p.md", as_markdown()),
    ],
)
def test_every_format_gives_the_same_records(draft: PlanDraft, name: str, data: bytes) -> None:
    other = read_plan_bytes(data, name)
    for part in PARTS:
        assert without_lines(other.to_json()[part]) == without_lines(draft.to_json()[part])
    assert "not understood" not in other.coverage_counts()


def test_head_and_title(draft: PlanDraft) -> None:
    assert (draft.doc.title, draft.doc.kind, draft.doc.period) == (TITLE, "five_year_plan", (2026, 2030))


def test_no_task_is_invented(draft: PlanDraft) -> None:
    assert draft.tasks == ()


class TestIndicators:
    def test_table_with_its_title_columns_and_notes(self, draft: PlanDraft) -> None:
        (table,) = draft.indicators
        assert (table.key, table.title) == ("专栏1", "岚津市碧水保护“十五五”规划指标")
        assert table.columns == ("类别", "序号", "指标", "单位", "2025年情况", "2030年目标", "指标属性")
        assert table.notes == ("注：1.[ ]为五年累计数。",)
        assert len(table.rows) == len(INDICATORS) - 1

    def test_category_number_and_indicator_are_carried_down(self, draft: PlanDraft) -> None:
        rows = [(row.no, row.category, row.indicator, row.sub) for row in draft.indicators[0].rows]
        assert rows == [
            (1, "水环境质量", "国控断面优良比例", ""),
            (2, "水环境质量", "水源水质达标率", "地表水"),
            (2, "水环境质量", "水源水质达标率", "地下水"),
            (3, "水环境质量", "水功能区达标率", ""),
            (4, "减排与用水", "化学需氧量减排量", ""),
            (5, "减排与用水", "生态用水保障率", ""),
            (6, "减排与用水", "漏损率", ""),
        ]

    def test_base_and_target_are_exact_and_structured(self, draft: PlanDraft) -> None:
        row = draft.indicators[0].rows[5]
        assert row.base is not None
        assert row.target is not None
        assert (row.base.year, row.base.value, row.base.number) == (2025, "81.20", Decimal("81.20"))
        assert (row.target.op, row.target.number, row.target.unit) == (">=", Decimal(85), "%")
        sub = draft.indicators[0].rows[2].target
        assert sub is not None
        assert (sub.op, sub.value) == (">", "90")

    def test_a_cumulative_value_and_one_in_words(self, draft: PlanDraft) -> None:
        total, words = draft.indicators[0].rows[4].target, draft.indicators[0].rows[3].target
        assert total is not None
        assert words is not None
        assert (total.value, total.unit, total.cumulative) == ("1250", "吨", True)
        assert (words.op, words.value, words.number, words.qualitative) == ("meets", "省考核要求", None, True)

    def test_a_merged_attribute_is_filled_and_its_cell_stays_as_written(self, draft: PlanDraft) -> None:
        attributes = [(row.attribute_raw, row.attribute) for row in draft.indicators[0].rows]
        assert attributes[1:3] == [("约束性", "约束性"), ("", "约束性")]
        assert attributes[4:6] == [("预期性", "预期性"), ("", "预期性")]

    def test_json_names_values_by_role_and_year(self, draft: PlanDraft) -> None:
        row = draft.to_json()["indicators"]["专栏1"]["rows"][0]
        assert (row["base2025"], row["target2030"], row["attr"], row["unit"]) == (
            "92.3",
            "≥93",
            "约束性",
            "%",
        )
        assert row["line"] == draft.indicators[0].rows[0].lines[0]

    def test_a_row_points_to_its_lines(self, draft: PlanDraft) -> None:
        row = draft.indicators[0].rows[2]
        assert draft.source(row.lines).split("\n") == [
            "\t",
            "\t",
            "\t",
            "\t地下水",
            "\t%",
            "\t88",
            "\t>90",
            "\t",
        ]


class TestSpecialColumns:
    def test_numbered_items_with_label_and_title(self, draft: PlanDraft) -> None:
        tasks = draft.special_columns[1]
        assert (tasks.no, tasks.title) == (2, "管网修复重点任务")
        assert [(item.label, item.title) for item in tasks.items] == [
            ("（一）", "摸底"),
            ("（二）", "修复"),
            ("（三）", "验收"),
        ]
        assert tasks.items[1].text == "（二）修复。老城区先修。"

    def test_a_box_without_numbers_and_one_with_a_table(self, draft: PlanDraft) -> None:
        assert [item.title for item in draft.special_columns[2].items] == ["岚湖湿地恢复项目"]
        assert (draft.special_columns[0].items, draft.special_columns[0].table) == ((), "专栏1")

    def test_the_text_below_a_box_is_no_part_of_it(self, draft: PlanDraft) -> None:
        assert became(draft, "建好湿地。") == ("text",)
        assert became(draft, "老城区先修") == ("special_column 2",)

    def test_another_indent_ends_a_box_that_no_blank_line_ends(self) -> None:
        text = "专栏1 任务\n\t（一）甲。做甲。\n（二）乙。做乙。\n  正文接着写。\n正文又一段。"
        (box,) = read_plan_bytes(f"岚津市五年规划\n\n第一章 任务\n{text}".encode(), "p.txt").special_columns
        assert [item.title for item in box.items] == ["甲", "乙"]

    def test_the_title_of_an_item_ends_with_its_paragraph(self) -> None:
        text = "专栏1 任务\n\t（一）甲\n乙先做。\n（二）丙。做丙。"
        (box,) = read_plan_bytes(f"岚津市五年规划\n\n第一章 任务\n{text}".encode(), "p.txt").special_columns
        assert [item.title for item in box.items] == ["甲", "丙"]

    def test_a_caption_in_the_first_row_of_the_frame(self) -> None:
        text = "<p>岚津市五年规划</p><p>第一章 任务</p><table><tr><td colspan=2>专栏1：治水任务</td></tr>"
        rows = "<tr><td colspan=2>（一）甲。做甲。（二）乙。做乙。</td></tr></table><p>正文。</p>"
        draft = read_plan_bytes(f"<html>{text}{rows}</html>".encode(), "p.html")
        (box,) = draft.special_columns
        assert (box.no, box.title, [item.title for item in box.items]) == (1, "治水任务", ["甲", "乙"])
        assert "not understood" not in draft.coverage_counts()

    def test_a_title_on_the_line_below_its_number(self) -> None:
        text = "岚津市五年规划\n\n第一章 任务\n\n专栏一\n治水任务\n\t1.甲。做甲。\n2.乙。做乙。\n\n正文。"
        draft = read_plan_bytes(text.encode(), "p.txt")
        (box,) = draft.special_columns
        assert (box.no, box.title, [item.title for item in box.items]) == (1, "治水任务", ["甲", "乙"])
        assert "not understood" not in draft.coverage_counts()

    def test_items_numbered_like_headings_of_the_plan(self) -> None:
        box = "专栏1 治水\n\t一、甲。做甲。\n二、乙。做乙。"
        text = f"岚津市五年规划\n\n第一章 任务\n\n{box}\n\n第二章 保障\n\n正文。"
        draft = read_plan_bytes(text.encode(), "p.txt")
        assert [(item.label, item.title) for item in draft.special_columns[0].items] == [
            ("一、", "甲"),
            ("二、", "乙"),
        ]
        assert [each.title for each in draft.outline] == ["任务", "保障"]

    def test_a_list_of_captions_is_no_box(self) -> None:
        text = "岚津市五年规划\n\n专栏1 甲\n专栏2 乙\n\n第一章 任务\n\n2031年底前，完成清淤5公里。"
        draft = read_plan_bytes(text.encode(), "p.txt")
        assert draft.special_columns == ()
        assert [entry.line for entry in draft.coverage] == list(range(1, 9))

    def test_a_sentence_about_a_box_is_no_caption(self, draft: PlanDraft) -> None:
        assert became(draft, "见专栏1。") == ("text",)


class TestProjects:
    def test_categories_are_carried_down(self, draft: PlanDraft) -> None:
        assert [(each.category, each.subcategory, each.name) for each in draft.projects] == [
            ("一、截污工程", "（一）管网", "东岸干管项目"),
            ("一、截污工程", "（一）管网", "西岸支管项目（2026—2027年）"),
            ("一、截污工程", "（二）厂站", "北厂扩建项目"),
            ("二、生态工程", "（一）湿地", "岚湖湿地项目"),
        ]

    def test_content_years_and_units(self, draft: PlanDraft) -> None:
        first, *_, last = draft.projects
        assert (first.content, first.years) == ("建设内容：新建干管。建设规模：干管12公里。", "2026-2028")
        assert first.units.units == ("市住房城乡建设局", "各县、区人民政府")
        assert last.units.units == ("市林业局", "市水利局")
        assert draft.projects[2].units.etc

    def test_investment_with_its_unit_from_the_cell_or_the_head(self, draft: PlanDraft) -> None:
        money = [(each.investment, each.investment_unit) for each in draft.projects]
        assert money == [("3600", "万元"), ("850.5", "万元"), ("1.2", "亿元"), ("", None)]

    def test_the_list_is_an_annex_table_too(self, draft: PlanDraft) -> None:
        (table,) = draft.tables
        assert (table.annex, table.name) == ("附件", "岚津市碧水保护“十五五”规划重点工程项目")
        assert len(table.rows) == len(PROJECTS) - 1

    def test_content_that_goes_on_over_a_page_and_totals(self) -> None:
        rows = [
            "序号\t项目名称\t建设内容\t建设期限\t估算投资\t实施单位",
            "1\t东渠项目\t清淤，\t2026年\t30万元\t市甲局",
            "\t\t护岸。\t\t\t",
            "合计\t\t\t\t30万元\t",
        ]
        text = "\n".join(["岚津市五年规划", "", "附件1 项目表", "", *rows])
        (project,) = read_plan_bytes(text.encode(), "p.txt").projects
        assert (project.no, project.content, project.units.units) == (1, "清淤，护岸。", ("市甲局",))


class TestOutlineAndAccount:
    def test_levels_numbers_and_titles(self, draft: PlanDraft) -> None:
        assert [(each.level, each.number, each.title) for each in draft.outline] == [
            (1, "", "前言"),
            (1, "第一章", "现状与目标"),
            (2, "第一节", "主要目标"),
            (1, "第2章", "任务安排"),
            (1, "第三章", "重点工程"),
        ]
        assert all(each.title in draft.source_lines[each.line - 1] for each in draft.outline[1:])

    def test_contents_and_bookmarks_are_left_out_and_accounted_for(self, draft: PlanDraft) -> None:
        assert became(draft, "目 录") == ("ignored: table of contents",)
        assert became(draft, "第一节 主要目标\t2") == ("ignored: table of contents",)
        assert became(draft, "]第三章") == ("heading", "ignored: bookmark")

    def test_fields_of_a_table_of_contents(self) -> None:
        lines = [
            "岚津市五年规划",
            'TOC \\o "1-3" \\h \\z \\u',
            "第一章 形势 PAGEREF _Toc11 \\h 1",
            "第二章 任务 PAGEREF _Toc12 \\h 7",
            "第一章 形势",
            "形势不错。",
            "第二章 任务",
            "2027年底前，完成清淤5公里。",
        ]
        draft = read_plan_bytes("\n".join(lines).encode(), "p.txt")
        assert [each.line for each in draft.outline] == [5, 7]
        assert draft.coverage[2].became == ("ignored: table of contents", "ignored: bookmark")
        assert "not understood" not in draft.coverage_counts()

    def test_a_heading_that_ends_like_an_organ_is_a_heading(self) -> None:
        text = "岚津市五年规划\n\n第一章 任务\n\n第一节 构建保护新格局\n\n2027年底前，完成清淤5公里。"
        assert [each.title for each in read_plan_bytes(text.encode(), "p.txt").outline] == [
            "任务",
            "构建保护新格局",
        ]

    def test_every_line_is_accounted_for(self, draft: PlanDraft) -> None:
        assert [entry.line for entry in draft.coverage] == list(range(1, len(draft.source_lines) + 1))
        assert "not understood" not in draft.coverage_counts()

    def test_the_same_bytes_give_the_same_draft(self, draft: PlanDraft) -> None:
        assert read_plan_bytes(as_cell_lines(), "plan.txt") == draft


class TestOtherShapes:
    HEAD = "序号\t指标\t单位\t2025年\t2030年\t属性"

    def read(self, *rows: str, before: str = "表1 主要指标") -> list[Indicator]:
        text = "\n".join(["岚津市五年规划", "", "第一章 目标", "", before, self.HEAD, *rows, "", "正文。"])
        draft = read_plan_bytes(text.encode(), "p.txt")
        assert became(draft, "正文。") == ("text",)
        (table,) = draft.indicators
        assert (table.key, table.title) == ("表1", "主要指标")
        return list(table.rows)

    def test_heads_that_are_only_years(self) -> None:
        (row,) = self.read("1\t优良比例\t%\t80\t85\t约束性")
        assert [(each.role, each.year, each.value) for each in row.values] == [
            ("base", 2025, "80"),
            ("target", 2030, "85"),
        ]

    def test_a_row_that_divides_the_column_of_indicators(self) -> None:
        rows = self.read(
            "1\t优良比例\t%\t80\t85\t约束性", "2\t达标率\t市级\t%\t90\t95\t预期性", "\t\t县级\t%\t70\t75\t"
        )
        assert [(row.no, row.indicator, row.sub, row.unit) for row in rows] == [
            (1, "优良比例", "", "%"),
            (2, "达标率", "市级", "%"),
            (2, "达标率", "县级", "%"),
        ]

    def test_a_row_alone_is_a_category(self) -> None:
        rows = self.read("一、水质\t\t\t\t\t", "1\t优良比例\t%\t80\t85\t约束性")
        assert [row.category for row in rows] == ["一、水质"]

    def test_a_head_repeated_at_the_end_of_a_page(self) -> None:
        rows = self.read("1\t优良比例\t%\t80\t85\t约束性", self.HEAD, "2\t达标率\t%\t70\t75\t约束性")
        assert [row.no for row in rows] == [1, 2]

    def test_a_head_over_two_rows(self) -> None:
        head = "<tr><td rowspan=2>指标<td rowspan=2>单位<td rowspan=2>2025年现状<td colspan=2>目标<td rowspan=2>属性</tr>"
        rows = "<tr><td>2028年<td>2030年</tr><tr><td>优良比例<td>%<td>80<td>83<td>85<td>约束性</tr>"
        page = f"<html><p>岚津市五年规划</p><p>表2 主要指标</p><table>{head}{rows}</table></html>"
        page = page.replace("<td", "</td><td").replace("<tr></td>", "<tr>").replace("</tr>", "</td></tr>")
        (table,) = read_plan_bytes(page.encode(), "p.html").indicators
        (row,) = table.rows
        assert [(each.key, each.value) for each in row.values] == [
            ("base2025", "80"),
            ("target2028", "83"),
            ("target2030", "85"),
        ]
        assert row.target is not None
        assert row.target.year == 2030

    def test_an_annex_of_indicators_stays_a_table(self) -> None:
        text = "\n".join(
            ["岚津市2031年工作计划", "", "附件1 指标表", "", self.HEAD, "1\t优良比例\t%\t80\t85\t约束性"]
        )
        draft = read_plan_bytes(text.encode(), "p.txt")
        assert [table.annex for table in draft.tables] == ["附件1"]
        assert [table.key for table in draft.indicators] == ["附件1"]

    def test_a_target_below_its_base_is_found_by_the_linter(self) -> None:
        text = "\n".join(
            ["岚津市五年规划", "", "附件1 指标表", "", self.HEAD, "1\t森林覆盖率\t%\t67\t≥65\t约束性"]
        )
        findings = lint(read_plan_bytes(text.encode(), "p.txt"))
        assert any("67" in str(finding.message) and "65" in str(finding.message) for finding in findings)


@pytest.mark.parametrize(
    ("text", "unit", "expected"),
    [
        ("≥90", "%", (">=", "90", "%", False)),
        ("＞98", "%", (">", "98", "%", False)),
        ("≤39", "ug/m3", ("<=", "39", "ug/m3", False)),
        ("100%以上", "", (">=", "100", "%", False)),
        ("不低于66.70%", "", (">=", "66.70", "%", False)),
        ("[13]", "%", ("=", "13", "%", True)),
        ("〔18〕", "%", ("=", "18", "%", True)),
        ("累计1,200", "吨", ("=", "1200", "吨", True)),
        ("[ / ]", "%", (None, None, "%", True)),
        ("——", "%", (None, None, "%", False)),
        ("/", "——", (None, None, None, False)),
        ("下降14%", "", ("decrease", "14", "%", False)),
        ("达到自治区考核要求", "%", ("meets", "自治区考核要求", None, False)),
        ("完成自治区下达任务", "%", ("meets", "自治区下达任务", None, False)),
        ("二级", "ug/m3", ("meets", "二级", None, False)),
        ("不低于2025年水平", "%", ("meets", "不低于2025年水平", None, False)),
    ],
)
def test_what_a_cell_asks_for(
    text: str, unit: str, expected: tuple[str | None, str | None, str | None, bool]
) -> None:
    read = read_value(text, unit)
    assert (read.op, read.value, read.unit, read.cumulative) == expected


def test_a_range_keeps_both_ends() -> None:
    read = read_value("65-70", "%")
    assert (read.op, read.value, read.upper) == ("range", "65", "70")


@given(
    value=st.decimals(min_value=0, max_value=10**9, allow_nan=False, allow_infinity=False, places=4),
    before=st.sampled_from(["", "≥", "≤", "不低于", ">"]),
    unit=st.sampled_from(["", "%", "吨", "公里"]),
)
def test_a_number_in_a_cell_is_kept_to_the_last_digit(value: Decimal, before: str, unit: str) -> None:
    read = read_value(f"{before}{value}{unit}")
    assert read.value is not None
    assert Decimal(read.value) == value
    assert len(read.value) == len(str(value))
    assert read.unit == (unit or None)


@pytest.fixture(scope="module")
def published(shared: Path) -> PlanDraft:
    return read_plan(shared / "plans" / "liuzhou-14th-five-year-plan.txt")


class TestThePublishedPlan:
    def test_counts(self, published: PlanDraft) -> None:
        assert [(table.key, len(table.rows), table.rows[-1].no) for table in published.indicators] == [
            ("专栏1", 14, 8),
            ("专栏2", 38, 21),
        ]
        assert [column.no for column in published.special_columns] == list(range(1, 16))
        assert Counter(project.category[2:4] for project in published.projects) == {
            "碧水": 8,
            "蓝天": 3,
            "净土": 8,
            "清废": 4,
            "应对": 3,
            "能力": 8,
        }
        assert [heading.level for heading in published.outline].count(1) == 12

    def test_facts_the_linter_needs(self, published: PlanDraft) -> None:
        rows = {(row.indicator, row.sub): row for row in published.indicators[1].rows}
        forest, sewage = rows["森林覆盖率", ""], rows["城镇污水处理率", "县城"]
        assert (forest.base and forest.base.value, forest.target and forest.target.value) == ("67.02", "65")
        assert sewage.target is not None
        assert (sewage.target.op, sewage.target.value, sewage.attribute) == (">=", "90", "指导性")
        assert rows["污染地块安全利用率", ""].attribute == "约束性"

    def test_everything_is_understood(self, published: PlanDraft) -> None:
        assert "not understood" not in published.coverage_counts()
        assert published.tasks == ()

    def test_json_is_plain(self, published: PlanDraft) -> None:
        record = published.to_json()
        assert json.loads(json.dumps(record, ensure_ascii=False)) == record
