"""A plan document becomes a draft in which everything knows its source line."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from plan_samples import PLAN, ROWS, TASK_HEAD, plan_with

from bishui.documents import READER_VERSION, PlanDraft, read_plan_bytes
from bishui.errors import BishuiError


@pytest.fixture(scope="module")
def draft() -> PlanDraft:
    return read_plan_bytes(PLAN.encode(), "plan.txt")


def line_of(draft: PlanDraft, text: str) -> int:
    return next(number for number, line in enumerate(draft.source_lines, start=1) if text in line)


def test_head_of_the_document(draft: PlanDraft) -> None:
    doc = draft.doc
    assert (doc.title, doc.region, doc.region_level, doc.year) == (
        "云川市2031年度水污染防治工作计划",
        "云川市",
        "city",
        2031,
    )
    assert (doc.kind, doc.basis_doc_nos) == ("annual_plan", ("云环发〔2030〕3号",))
    assert doc.annexes == ("2031年重点工作任务清单", "国控断面水质目标表")


def test_tasks_with_sections_theme_units_and_lines(draft: PlanDraft) -> None:
    first, second, third = draft.tasks
    assert [task.seq for task in draft.tasks] == [1, 2, 3]
    assert first.section == ("一、治理污染", "（一）工业")
    assert (second.theme, second.theme_in_cell, first.theme_in_cell) == ("管好园区", False, True)
    assert third.section == ("二、报告",)
    assert first.lead.units == ("市甲局", "乙局")
    assert first.lead.etc
    assert first.cooperating.units == ()
    assert first.responsible.units == ("各县、区人民政府", "东区管委会")
    assert (second.deadline, second.deadline_norm) == ("6月底前", "2031-06-30")
    assert draft.source(second.lines) == ROWS[3]


def test_targets_of_body_and_tasks(draft: PlanDraft) -> None:
    stated = [(each.indicator, each.op, each.value, each.deadline, each.task) for each in draft.targets]
    assert stated == [
        ("全市3个国控断面水质优良比例", ">=", "66.7", "2031-12-31", None),
        ("1个区控断面水质", "meets", "自治区考核要求", "2031-12-31", None),
        ("企业整治", ">=", "12", "2031-06-30", 1),
    ]
    assert [each.line for each in draft.targets] == [
        line_of(draft, "66.7"),
        line_of(draft, "自治区考核"),
        line_of(draft, "12家"),
    ]


def test_reports_that_are_due(draft: PlanDraft) -> None:
    assert [(each.what, each.due, each.to) for each in draft.report_deadlines] == [
        ("半年总结", "2031-07-05", "市甲局"),
        ("全年总结", "2031-12-20", "市甲局"),
    ]


def test_annex_table_as_written_and_filled_down(draft: PlanDraft) -> None:
    (table,) = draft.tables
    assert (table.annex, table.name) == ("附件2", "国控断面水质目标表")
    assert table.rows[1] == ("2", "", "云江", "下渡", "83.2", "39.4", "Ⅲ类", "")
    assert table.rows_filled[1] == ("2", "云县", "云江", "下渡", "83.2", "39.4", "Ⅲ类", "")
    assert table.notes == ("注：下渡断面自2032年起为Ⅱ类。",)


def test_section_targets_take_their_level_from_the_table_and_keep_their_digits(draft: PlanDraft) -> None:
    upper, lower = draft.section_targets
    assert (upper.section, upper.level, upper.county, upper.target_class) == ("上渡", "国控", "云县", "Ⅱ类")
    assert (upper.lon, upper.lat) == ("83.1200", "39.5")
    assert lower.county == "云县"


def test_every_line_is_accounted_for(draft: PlanDraft) -> None:
    assert [entry.line for entry in draft.coverage] == list(range(1, len(draft.source_lines) + 1))
    became = {entry.line: entry.became for entry in draft.coverage}
    assert became[line_of(draft, "管好园区")] == ("task 1",)
    assert became[line_of(draft, "6月底前")] == ("task 2", "target 3")
    assert became[line_of(draft, "上渡")] == ("table 附件2 row 1",)
    assert became[line_of(draft, "注：")] == ("note 附件2",)
    assert "not understood" not in draft.coverage_counts()
    heads = [number for number, line in enumerate(draft.source_lines, start=1) if line == TASK_HEAD]
    assert [became[number] for number in heads] == [("table 附件1 head",), ("ignored: repeated head",)]


def test_json_has_the_published_shape(draft: PlanDraft) -> None:
    record = draft.to_json()
    assert record["reader"] == READER_VERSION
    assert record["tasks"][1]["lead"] == {
        "raw": "市甲局",
        "units": ["市甲局"],
        "etc": False,
        "by_duty": False,
    }
    assert record["section_targets"][0]["class"] == "Ⅱ类"
    assert record["section_targets"][0]["lon"] == 83.12
    assert {"lines": [1, 1], "became": "title"} in record["coverage"]


def test_the_same_bytes_give_the_same_draft(draft: PlanDraft) -> None:
    assert read_plan_bytes(PLAN.encode(), "plan.txt") == draft


@pytest.mark.parametrize("encoding", ["utf-8-sig", "gbk", "gb18030", "utf-16"])
def test_encodings(draft: PlanDraft, encoding: str) -> None:
    plain = PLAN.replace("Ⅱ", "II").replace("Ⅲ", "III")
    assert read_plan_bytes(plain.encode(encoding), "plan.txt") == read_plan_bytes(plain.encode(), "plan.txt")


def test_windows_line_ends(draft: PlanDraft) -> None:
    assert read_plan_bytes(PLAN.replace("\n", "\r\n").encode(), "plan.txt") == draft


@pytest.mark.parametrize(
    ("lines", "title", "region", "issuer"),
    [
        (["2031年云川市雾霞县水污染防治方案"], "2031年云川市雾霞县水污染防治方案", "云川市雾霞县", ""),
        (["关于印发《云川市2031年工作计划》的通知"], "云川市2031年工作计划", "云川市", ""),
        (
            ["云川市人民政府办公室关于印发云川市2031年度", "水污染防治工作计划的通知"],
            "云川市2031年度水污染防治工作计划",
            "云川市",
            "",
        ),
        (
            ["云川市2031年工作计划", "发布机关：云川市生态环境局"],
            "云川市2031年工作计划",
            "云川市",
            "云川市生态环境局",
        ),
        (["云川市生态环境局", "云川市2031年工作计划"], "云川市2031年工作计划", "云川市", "云川市生态环境局"),
    ],
)
def test_titles_as_they_come(lines: list[str], title: str, region: str, issuer: str) -> None:
    text = "\n".join([*lines, "", "附件1 任务清单", "", TASK_HEAD, ROWS[2]])
    draft = read_plan_bytes(text.encode(), "p.txt")
    assert (draft.doc.title, draft.doc.region, draft.doc.issuer) == (title, region, issuer)
    assert len(draft.tasks) == 1


def test_a_sentence_about_an_annex_is_no_caption() -> None:
    text = "\n".join(
        ["云川市2031年工作计划", "", "一、任务", "附件2列出断面名单", "附件1：任务清单", TASK_HEAD, ROWS[2]]
    )
    draft = read_plan_bytes(text.encode(), "p.txt")
    assert draft.coverage[3].became == ("text",)
    assert draft.doc.annexes == ("任务清单",)


class TestMessyRows:
    def test_markup_left_in_a_cell_is_taken_out_and_nothing_else(self) -> None:
        row = "1\t题\t<p>浓度<0.02 mg/L，A&amp;B。</p>\t市甲局\t\t\t全年"
        (task,) = read_plan_bytes(plan_with(row), "p.txt").tasks
        assert task.content == "浓度<0.02 mg/L，A&B。"

    def test_a_cell_broken_over_lines_is_put_together(self) -> None:
        rows = [
            "1\t题\t前一半，",
            "",
            "中间，",
            "后一半。\t市甲局\t\t\t全年",
            "2\t题二\t另一项。\t市乙局\t\t\t全年",
        ]
        first, second = read_plan_bytes(plan_with(*rows), "p.txt").tasks
        assert (first.content, first.lead.units, first.lines) == (
            "前一半，中间，后一半。",
            ("市甲局",),
            (8, 11),
        )
        assert second.content == "另一项。"

    def test_a_row_broken_at_a_repeated_head(self) -> None:
        rows = ["1\t题\t前一半，", "", TASK_HEAD, "后一半。\t市甲局\t\t\t年底前"]
        (task,) = read_plan_bytes(plan_with(*rows), "p.txt").tasks
        assert (task.content, task.deadline_norm) == ("前一半，后一半。", "2031-12-31")

    def test_the_last_cell_goes_on_below_the_row(self) -> None:
        rows = [
            "1\t题\t内容。\t市甲局\t\t\t计划公布后20",
            "个工作日内",
            "2\t题二\t另一项。\t市乙局\t\t\t全年",
        ]
        first, _ = read_plan_bytes(plan_with(*rows), "p.txt").tasks
        assert first.deadline_norm == "relative:+20 workdays"

    def test_trailing_blank_cells_may_be_missing(self) -> None:
        rows = ["1\t题\t内容。\t市甲局", "2\t题二\t另一项。\t市乙局\t\t\t全年"]
        first, second = read_plan_bytes(plan_with(*rows), "p.txt").tasks
        assert (first.deadline, first.lead.units, second.deadline) == ("", ("市甲局",), "全年")

    def test_a_heading_between_two_pages_of_the_table(self) -> None:
        rows = [
            "1\t题\t内容。\t市甲局\t\t\t全年",
            "",
            "二、后一节",
            "",
            TASK_HEAD,
            "2\t题二\t另一项。\t市乙局\t\t\t全年",
        ]
        assert [task.section for task in read_plan_bytes(plan_with(*rows), "p.txt").tasks] == [
            (),
            ("二、后一节",),
        ]

    def test_the_theme_is_not_carried_over_a_section(self) -> None:
        rows = [
            "1\t题\t内容。\t市甲局\t\t\t全年",
            "二、后一节\t\t\t\t\t\t",
            "2\t\t另一项。\t市乙局\t\t\t全年",
        ]
        assert [task.theme for task in read_plan_bytes(plan_with(*rows), "p.txt").tasks] == ["题", ""]

    def test_a_ruler_is_ignored(self) -> None:
        draft = read_plan_bytes(plan_with("---\t---\t---\t---\t---\t---\t---", ROWS[2]), "p.txt")
        assert len(draft.tasks) == 1
        assert draft.coverage[7].became == ("ignored: ruler",)

    def test_data_that_name_lead_units_are_no_second_head(self) -> None:
        row = "2\t台账\t建立台账。\t本计划中所有牵头单位\t本计划中所有配合单位\t各县人民政府\t年底前"
        assert len(read_plan_bytes(plan_with(ROWS[2], row), "p.txt").tasks) == 2

    def test_columns_are_found_by_meaning(self) -> None:
        head = "编号\t工作内容\t责任部门\t时间要求"
        (task,) = read_plan_bytes(plan_with("1\t做一件事。\t市甲局\t6月底前", head=head), "p.txt").tasks
        assert (task.content, task.responsible.units, task.deadline_norm) == (
            "做一件事。",
            ("市甲局",),
            "2031-06-30",
        )

    def test_doubtful_rows_are_reported_and_the_rest_is_read(self) -> None:
        rows = ["1\t题\t\t市甲局\t\t\t全年", "x\t题\t内容。\t市甲局\t\t\t尽快"]
        draft = read_plan_bytes(plan_with(*rows), "p.txt")
        assert [finding.rule for finding in draft.findings] == [
            "row-without-content",
            "task-without-number",
            "deadline-not-understood",
            "lines-not-understood",
        ]
        assert [task.content for task in draft.tasks] == ["内容。"]


def test_text_after_the_table_is_reported_as_not_understood() -> None:
    draft = read_plan_bytes(plan_with(ROWS[2], "", "这里有一段没有位置的话"), "p.txt")
    assert draft.coverage[-1].became == ("not understood",)
    assert draft.findings[-1].lines == (10, 10)


@settings(deadline=None, max_examples=60)
@given(
    st.lists(
        st.one_of(
            st.sampled_from([*PLAN.split("\n"), "附件3", "注：无", "\t单格", "一、"]),
            st.text(alphabet="甲乙、，。\t 1附件（）一二5%达到年底前", max_size=20),
        ),
        max_size=30,
    )
)
def test_any_lines_are_accounted_for_or_refused_with_a_remedy(lines: list[str]) -> None:
    data = "\n".join(lines).encode()
    try:
        draft = read_plan_bytes(data, "any.txt")
    except BishuiError as error:
        assert error.remedy is not None
        return
    assert [entry.line for entry in draft.coverage] == list(range(1, len(draft.source_lines) + 1))
    for became in (each for entry in draft.coverage for each in entry.became):
        number = re.fullmatch(r"target (\d+)", became)
        assert number is None or int(number[1]) <= len(draft.targets)
