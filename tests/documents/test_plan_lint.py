"""The linter asks about what a plan contradicts in itself; each fault is shown on a small invented plan."""

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from plan_samples import PLAN, TASK_HEAD, plan_with

from bishui.documents import (
    Indicator,
    IndicatorTable,
    IndicatorValue,
    PlanDraft,
    Project,
    UnitCell,
    lint,
    read_plan,
    read_plan_bytes,
)
from bishui.documents.linting import RULES
from bishui.documents.linting.shares import needed_of

SECTION_HEAD = "序号\t类别\t考核县\t所在水体\t断面名称\t水质目标"


def draft_of(*rows: str, head: str = TASK_HEAD) -> PlanDraft:
    return read_plan_bytes(plan_with(*rows, head=head), "p.txt")


def rules_of(*rows: str) -> list[str]:
    return [finding.rule for finding in draft_of(*rows).findings]


def row(
    content: str,
    *,
    lead: str = "市甲局",
    cooperating: str = "",
    responsible: str = "各县人民政府",
    deadline: str = "年底前",
    number: int = 1,
    theme: str = "题",
) -> str:
    return "\t".join((str(number), theme, content, lead, cooperating, responsible, deadline))


def body_with(sentence: str, *tables: str) -> PlanDraft:
    """Read a plan with one sentence of targets and tables in its annexes."""
    annexes = [f"附件{number}\n\n{table}" for number, table in enumerate(tables, start=1)]
    text = "\n\n".join(["云川市2031年度水污染防治工作计划", "一、水质目标", sentence, *annexes])
    return read_plan_bytes(text.encode(), "p.txt")


def sections(*rows: str, note: str = "") -> str:
    return "\n".join(["国控断面水质目标表", "", SECTION_HEAD, *rows, "", note])


def found(draft: PlanDraft, rule: str) -> list[str]:
    return [str(finding.message) for finding in draft.findings if finding.rule == rule]


def test_a_sound_plan_gives_no_findings() -> None:
    rows = (
        row(
            "污水处理率达到95%以上，6月底前完成整治。",
            lead="市生态环境局、市住房和城乡建设局",
            deadline="6月底前",
        ),
        row("污水处理率达到96%以上。", lead="市水利局等", deadline="全年", number=2, theme="云江"),
        row("到2031年底，用水总量控制在12亿立方米以内。", lead="市水利局", deadline="全年", number=3),
        row("印发方案（市水利局牵头）。", lead="市水利局", deadline="市公布计划后20个工作日内", number=4),
    )
    assert rules_of(rows[0], *rows[2:], row("做事。", number=5)) == ["task-number-gap"]
    assert rules_of(*(each.replace("96%", "95%") for each in rows)) == []


def test_a_sound_body_and_table_give_no_findings() -> None:
    draft = body_with(
        "2031年，全市3个国控断面水质优良比例不低于66.7%。",
        sections(
            "1\t国控\t云县\t云江\t上渡\tⅡ类",
            "2\t国控\t云县\t云江\t下渡\tⅢ类",
            "3\t国控\t云县\t雾江\t雾口\tⅢ类",
        ),
    )
    assert [finding.rule for finding in draft.findings if finding.rule in RULES] == []


@pytest.mark.parametrize(
    ("rows", "rules"),
    [
        ((row("污水处理率达到95%以上。"), row("污水处理率达到86%以上。", number=2)), ["figures-disagree"]),
        (
            (row("城镇污水处理率达到95%。"), row("全市生活污水集中处理率达到86%。", number=2)),
            ["figures-disagree"],
        ),
        ((row("污水处理率达到95%以上。"), row("污水处理率达到95.0%以上。", number=2)), []),
        ((row("云县污水处理率达到95%。"), row("雾县污水处理率达到86%。", number=2)), []),
        ((row("2030年污水处理率达到95%。"), row("污水处理率达到86%。", number=2)), []),
        ((row("甲园改造老旧设施15座。"), row("乙园改造老旧设施17座。", number=2)), []),
        (
            (row("用水总量控制在9万吨以内。"), row("用水总量控制在8万吨以内。", number=2)),
            ["figures-disagree"],
        ),
        ((row("收集率达到100%以上。"),), ["share-over-100"]),
        ((row("收集率达到100%。"),), []),
        ((row("增长率达到98%以上。"),), []),
        ((row("确保年底完成扩建。", deadline="全年"),), ["deadline-and-text"]),
        ((row("到年底，处理率达到95%。", deadline="全年"),), []),
        ((row("9月底前完成。", deadline="6月底前"),), ["deadline-and-text"]),
        ((row("6月底前完成。", deadline="6月底前"),), []),
        ((row("年内逐项销号。", deadline="6月底前"),), []),
        ((row("落实《2035年12月底前规划》。", deadline="6月底前"),), []),
        ((row("做事。", deadline="计划后20个工作日内"),), ["deadline-cut-off"]),
        ((row("做事。", deadline="后20个工作日内"),), ["deadline-cut-off"]),
        ((row("做事。", deadline="市公布计划后20个工作日内"),), []),
        ((row("做事。"), row("做事。", deadline="", number=2)), ["task-without-deadline"]),
        ((row("做事。", deadline=""),), []),
        ((row("做事。", lead="市甲急局水利局"),), ["missing-separator"]),
        ((row("做事。", lead="市港口管理局云县分局"),), []),
        ((row("做事。", lead="市甲局、水利局"),), []),
        ((row("做事。", lead="市甲局、水利局、"),), ["dangling-unit"]),
        ((row("做事。", lead="市甲局、市文化旅游"),), ["dangling-unit"]),
        ((row("做事。", cooperating="市水利局、市林业局、市水利局"),), ["unit-twice"]),
        ((row("做事。", lead="", responsible=""),), ["duty-without-unit"]),
        ((row("做事。", lead="", responsible="云县人民政府"),), []),
        ((row("定期检测供水（市卫生局牵头）。"),), ["unit-without-duty"]),
        ((row("定期检测供水（市卫生局牵头）。", cooperating="市卫生局"),), []),
        ((row("做事。"), row("做事。", number=3)), ["task-number-gap"]),
        ((row("做事。"), row("做事。", number=1)), []),
    ],
)
def test_rule(rows: tuple[str, ...], rules: list[str]) -> None:
    assert rules_of(*rows) == rules


def test_two_reports_need_two_dates() -> None:
    text = "6月25日前向市甲局报送半年总结，12月31日前报送全年总结。"
    (message,) = found(draft_of(row(text)), "deadline-and-text")
    assert "2031-06-25、2031-12-31" in message
    assert not found(draft_of(row(text, deadline="6月25日前、12月31日前")), "deadline-and-text")


def test_a_share_that_no_whole_number_meets() -> None:
    draft = draft_of(row("开展31个市级水功能区水质监测，主要江河水功能区达标率达92%。"))
    (message,) = found(draft, "share-not-whole")
    assert "至少 29 个（93.5%），28 个只有 90.3%" in message
    assert not found(draft_of(row("开展25个市级水功能区水质监测，水功能区达标率达92%。")), "share-not-whole")
    assert not found(draft_of(row("排查31个工业园区，水功能区达标率达92%。")), "share-not-whole")


def test_a_share_of_sections_without_slack_and_one_out_of_reach() -> None:
    sentence = "2031年，全市3个国控断面水质优良比例不低于66.7%。"
    rows = (
        "1\t国控\t云县\t云江\t上渡\tⅡ类",
        "2\t国控\t云县\t云江\t下渡\tⅢ类",
        "3\t国控\t云县\t雾江\t雾口\tⅣ类",
    )
    assert "没有余量" in found(body_with(sentence, sections(*rows)), "no-slack")[0]
    worse = (rows[0], rows[1].replace("Ⅲ", "Ⅴ"), rows[2])
    (message,) = found(body_with(sentence, sections(*worse)), "share-out-of-reach")
    assert "只有 1 个" in message
    (message,) = found(body_with(sentence, sections(*rows[:2])), "section-count")
    assert "3 个断面，附表中列出 2 个" in message


def test_a_share_of_sources_that_only_all_can_reach() -> None:
    head = "序号\t级别\t县\t水源地名称\t水质目标"
    sources = [
        f"{number}\t县级\t云县\t{name}水源地\tⅢ类" for number, name in enumerate("甲乙丙丁戊", start=1)
    ]
    table = "\n".join(["饮用水水源考核表", "", head, *sources])
    draft = body_with("县级集中式饮用水水源水质达到或好于Ⅲ类比例不低于92%。", table)
    (message,) = found(draft, "no-slack")
    assert "80%" in message


def test_a_section_name_off_by_one_is_held_against_the_sections_of_the_same_water() -> None:
    plan = PLAN.replace("管好园区\t园区废水全部预处理", "云江\t确保下波口断面和上渡断面达标").replace(
        "下渡", "下渡口"
    )
    plan = plan.replace("2\t\t云江\t下渡口", "3\t\t雾江\t下河口\t83.1\t39.3\tⅢ类\t\n2\t\t云江\t下渡口")
    (message,) = found(read_plan_bytes(plan.encode(), "p.txt"), "name-differs-by-one")
    assert "“下波口”" in message
    assert "“下渡口”" in message


def test_a_unit_name_off_by_one() -> None:
    often = [row("做事。", lead="市住房城乡建设局", number=number) for number in (1, 2)]
    draft = draft_of(*often, row("做事。", lead="市住房城乡建局", number=3))
    (message,) = found(draft, "name-differs-by-one")
    assert "“住房城乡建局”" in message
    other_body = draft_of(*often, row("做事。", lead="市第二住房管理所", number=3))
    assert not found(other_body, "name-differs-by-one")


def test_a_reservoir_off_by_one() -> None:
    rows = ("1\t国控\t云县\t雾溪江水库\t上渡\tⅡ类",)
    plan = PLAN.replace("园区废水全部预处理", "保护雾漂江水库").replace("云江\t上渡", "雾溪江水库\t上渡")
    (message,) = found(read_plan_bytes(plan.encode(), "p.txt"), "name-differs-by-one")
    assert "雾漂江水库" in message
    assert not found(body_with("水质达标率达到90%。", sections(*rows)), "name-differs-by-one")


def test_places_with_like_names_are_other_places() -> None:
    rows = [row("做事。", responsible="云溪县人民政府", number=number) for number in (1, 2)]
    other = row("做事。", responsible="云岭县人民政府", number=3)
    assert not found(draft_of(*rows, other), "name-differs-by-one")


def test_numbers_and_directions_make_other_names_of_purpose() -> None:
    rows = [row("做事。", lead="市交通执法局第一支队", number=number) for number in (1, 2)]
    assert not found(
        draft_of(*rows, row("做事。", lead="市交通执法局第二支队", number=3)), "name-differs-by-one"
    )


def test_a_section_of_another_city() -> None:
    head = "序号\t设区市\t考核城市\t断面名称\t水质目标"
    table = "\n".join(
        ["国控断面表", "", head, "1\t雾川市\t云川市\t雾口\tⅡ类", "2\t云川市\t云川市\t云口\tⅡ类"]
    )
    (message,) = found(body_with("水质达标率达到90%。", table), "counted-elsewhere")
    assert "雾川市" in message


def test_a_capacity_counted_twice() -> None:
    head = "序号\t园区名称\t污水集中处理设施名称\t处理规模(万吨/日)"
    rows = ["1\t东园\t云岭污水处理厂\t35", "2\t西园\t云岭污水处理厂\t35", "3\t南园\t雾岭污水处理厂\t35"]
    (message,) = found(
        body_with("水质达标率达到90%。", "\n".join(["园区名单", "", head, *rows])), "counted-twice"
    )
    assert "云岭污水处理厂" in message


def test_a_target_that_a_note_changes() -> None:
    rows = ("1\t国控\t云县\t云江\t上渡\tⅣ类", "2\t国控\t云县\t云江\t下渡\tⅢ类")
    draft = body_with("水质达标率达到90%。", sections(*rows, note="注：上渡断面2032年水质目标为III类。"))
    (message,) = found(draft, "target-changes-by-note")
    assert "Ⅳ类" in message
    assert "III" in message
    same = body_with("水质达标率达到90%。", sections(*rows, note="注：下渡断面水质目标为III类。"))
    assert not found(same, "target-changes-by-note")


def test_a_place_that_is_assessed_and_given_no_duty() -> None:
    plan = PLAN.replace("各县、区人民政府，东区管委会", "雾县人民政府").replace(
        "云县人民政府", "雾县人民政府"
    )
    (message,) = found(read_plan_bytes(plan.encode(), "p.txt"), "unit-without-duty")
    assert "云县" in message
    assert not found(read_plan_bytes(PLAN.encode(), "p.txt"), "unit-without-duty")


def test_a_project_of_nobody() -> None:
    project = Project(1, "一、碧水", "", "云江项目", "治理", "2031", UnitCell(), "", None, (7, 8))
    findings = lint(replace(draft_of(row("做事。")), projects=(project,)))
    assert [(finding.rule, finding.lines) for finding in findings] == [("duty-without-unit", (7, 8))]


def indicator(name: str, sub: str, base: str, op: str, target: str, unit: str = "%") -> Indicator:
    values = (
        IndicatorValue("2030年", "base", 2030, base, base, "=", base, None, unit),
        IndicatorValue("2031年", "target", 2031, f"{op}{target}", "", op, target, None, unit),
    )
    return Indicator(1, "类", name, sub, unit, values, "", "", "", "", (), (3, 4))


def with_indicators(draft: PlanDraft, *rows: Indicator) -> list[tuple[str, str]]:
    table = IndicatorTable("专栏1", "指标表", (), rows, (), (1, 9))
    return [(each.rule, str(each.message)) for each in lint(replace(draft, indicators=(table,)))]


def test_the_text_against_the_table_of_indicators() -> None:
    draft = body_with("2031年，县城生活污水集中处理率达到86%以上。")
    ((rule, message),) = with_indicators(draft, indicator("城镇污水处理率", "县城", "85", ">=", "90"))
    assert rule == "figures-disagree"
    assert "86%" in message
    assert "90%" in message
    assert with_indicators(draft, indicator("城镇污水处理率", "市区", "85", ">=", "90")) == []
    assert with_indicators(draft, indicator("城镇污水处理率", "县城", "85", ">=", "86")) == []


@pytest.mark.parametrize(
    ("base", "op", "target", "rules"),
    [
        ("67.02", ">=", "65", ["below-base"]),
        ("100", ">", "98", ["below-base"]),
        ("56.1", "<=", "60", ["below-base"]),
        ("64.9", ">=", "65", []),
        ("65", ">=", "65", []),
        ("50", "<=", "39", []),
    ],
)
def test_a_target_below_its_base(base: str, op: str, target: str, rules: list[str]) -> None:
    draft = body_with("水质达标率达到90%。")
    assert [rule for rule, _ in with_indicators(draft, indicator("覆盖率", "", base, op, target))] == rules


def test_a_target_below_what_the_plan_tells_as_reached() -> None:
    text = "\n\n".join(
        [
            "云川市“十五五”水生态规划",
            "第一章 形势",
            "2025年，全市森林覆盖率已达到66.75%。",
            "第二章 目标",
            "到2030年，全市森林覆盖率达到{}%以上。",
        ]
    )
    (message,) = found(read_plan_bytes(text.format("65").encode(), "p.txt"), "below-base")
    assert "66.75%" in message
    assert not found(read_plan_bytes(text.format("67").encode(), "p.txt"), "below-base")


@pytest.mark.parametrize(
    ("content", "rules"),
    [
        ("利用率由67%提高到65%。", ["below-base"]),
        ("漏损率由9%下降到10%。", ["below-base"]),
        ("利用率由65%提高到67%。", []),
        ("漏损率由10%降至9%。", []),
    ],
)
def test_a_figure_turned_round(content: str, rules: list[str]) -> None:
    assert rules_of(row(content)) == rules


def test_a_target_out_of_proportion_to_what_exists() -> None:
    text = "\n\n".join(
        [
            "云川市“十五五”水生态规划",
            "第一章 形势",
            "全市湿地面积42126公顷，占国土面积的2.2%。",
            "第二章 目标",
            "到2030年，全市湿地保护面积不低于{}公顷。",
        ]
    )
    (message,) = found(read_plan_bytes(text.format("33.77").encode(), "p.txt"), "out-of-proportion")
    assert "42126公顷" in message
    assert not found(read_plan_bytes(text.format("33770").encode(), "p.txt"), "out-of-proportion")
    assert not found(read_plan_bytes(text.format("3.377万").encode(), "p.txt"), "out-of-proportion")


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


def test_every_rule_has_a_known_severity_and_both_languages() -> None:
    for rule in RULES.values():
        assert rule.severity in {"error", "warning", "note"}
        assert rule.what.zh
        assert rule.what.en


@given(
    st.lists(st.text(alphabet="市甲乙局水利、，断面率达到95%以上12个年底前（）\t", max_size=30), max_size=6)
)
def test_no_table_breaks_the_linter(rows: list[str]) -> None:
    lines = [row("做事。"), *(row(text.replace("\t", " ") or "做事") for text in rows)]
    assert all(finding.lines[0] <= finding.lines[1] for finding in draft_of(*lines).findings)


FAULTS = {
    "liuzhou-2022-annual-plan": {
        ("no-slack", 13),  # 92 % of five county sources
        ("missing-separator", 152),  # task 40
        ("deadline-and-text", 155),  # task 41
        ("deadline-and-text", 184),  # task 54
        ("counted-elsewhere", 199),  # section 9
        ("counted-twice", 243),  # annex 6
    },
    "liujiang-2024-annual-plan": {
        ("share-not-whole", 553),  # task 15
        ("deadline-cut-off", 1182),  # task 45
        ("deadline-and-text", 1417),  # task 54
    },
    "qinzhou-2024-annual-plan": {
        ("no-slack", 13),  # 85.7 % of seven sections
        ("name-differs-by-one", 134),  # task 46 against annex 2
        ("deadline-and-text", 156),  # task 56
        ("target-changes-by-note", 182),
    },
    "liuzhou-14th-five-year-plan": {
        ("below-base", 476),  # forest cover
        ("out-of-proportion", 556),  # wetland
        ("figures-disagree", 627),  # sewage treatment of county towns, table and text
        ("share-over-100", 627),
    },
    "liucheng-outfall-programme": set(),
}
TOO_MANY = 6
"""At most five further findings in a document."""


@pytest.mark.parametrize("name", sorted(FAULTS))
def test_the_known_faults_of_published_plans(shared: Path, name: str) -> None:
    findings = read_plan(shared / "plans" / f"{name}.txt").findings
    places = [(finding.rule, finding.lines[0]) for finding in findings]
    assert FAULTS[name] <= set(places)
    assert len([place for place in places if place not in FAULTS[name]]) < TOO_MANY
