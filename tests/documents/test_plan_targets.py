"""Targets in sentences: found by grammar; conditions and descriptions are no targets."""

import pytest

from bishui.documents.layout import Passage
from bishui.documents.targets import targets_in


def read(text: str) -> list[tuple[str, str, str, str | None]]:
    passage = Passage(text, ((0, 1),))
    return [
        (each.indicator, each.op, each.value, each.unit) for each in targets_in(passage, 2031, "2031-12-31")
    ]


@pytest.mark.parametrize(
    ("text", "target"),
    [
        ("污水收集率达到60%", ("污水收集率", ">=", "60", "%")),
        ("全市污水处理率均达到 95% 以上", ("全市污水处理率", ">=", "95", "%")),
        ("优良比例不低于85.7%", ("优良比例", ">=", "85.7", "%")),
        ("劣V类水体比例为0", ("劣V类水体比例", "=", "0", None)),
        ("无害化处理率100%", ("无害化处理率", "=", "100", "%")),
        ("用水总量控制在22.91亿立方米以内", ("用水总量", "<=", "22.91", "亿立方米")),
        ("供水管网漏损率力争保持控制在10%以内", ("供水管网漏损率", "<=", "10", "%")),
        ("万元产值用水量达到15.3m ³ /万元", ("万元产值用水量", "<=", "15.3", "m³/万元")),
        ("绿色防控覆盖率比上年提高1个百分点", ("绿色防控覆盖率", "increase", "1", "个百分点")),
        ("万元产值用水量比2030年下降3%", ("万元产值用水量", "decrease", "3", "%")),
        ("化肥利用率提高到43%", ("化肥利用率", ">=", "43", "%")),
        ("有效利用系数达到 0.522 以上", ("有效利用系数", ">=", "0.522", None)),
        ("完成45个行政村的污水治理", ("行政村的污水治理", ">=", "45", "个")),
        ("新建灌溉面积2万亩", ("新建灌溉面积", ">=", "2", "万亩")),
        ("2031年全市力争完成污水管网改造25公里以上", ("污水管网改造", ">=", "25", "公里")),
        ("95%以上养殖场建立台账", ("养殖场建立台账", ">=", "95", "%")),
        ("每次抽查比例不低于辖区内排污口总数量的10%", ("每次抽查比例", ">=", "10", "%")),
        ("雨前清掏城区雨水管网85公里", ("清掏城区雨水管网", ">=", "85", "公里")),
        ("排查10个工业园区", ("排查工业园区", ">=", "10", "个")),
        ("排污口整治完成80%以上", ("排污口整治", ">=", "80", "%")),
        (
            "镇级污水厂（规模3000m³/d以上的除外）负荷率达到65%以上",
            ("镇级污水厂（规模3000m³/d以上的除外）负荷率", ">=", "65", "%"),
        ),
        ("确保上渡断面水质年均值达到III类", ("上渡断面水质年均值", "meets", "III类", None)),
        ("2个区控断面水质达到自治区考核要求", ("2个区控断面水质", "meets", "自治区考核要求", None)),
        ("用水总量控制在自治区下达目标以内", ("用水总量", "meets", "自治区下达目标以内", None)),
    ],
)
def test_a_target_is_read(text: str, target: tuple[str, str, str, str | None]) -> None:
    assert read(text) == [target]


@pytest.mark.parametrize(
    "text",
    [
        "进水浓度低于100mg/L的城市，要制定方案",
        "常住人口5万以上的建制镇收集管网全覆盖",
        "按照《2035年远景目标纲要》推进工作",
        "符合《排放标准》（GB 3552-2018）等标准",
        "企业进管水质应达到纳管要求",
        "达到或好于Ⅲ类比例持续提高",
        "贯彻“1+1+4+3”目标体系和4·27讲话",
        "计划公布后20个工作日内印发",
    ],
)
def test_what_is_no_target(text: str) -> None:
    assert read(text) == []


def test_deadlines_hold_until_the_next_one_in_the_sentence() -> None:
    passage = Passage("6月底前，甲率达到5%，乙率达到6%；9月底前，丙率达到7%。丁率达到8%。", ((0, 1),))
    found = targets_in(passage, 2031, "2031-12-31")
    assert [each.deadline for each in found] == ["2031-06-30", "2031-06-30", "2031-09-30", "2031-12-31"]


def test_the_text_is_a_piece_of_the_source_with_the_value_in_it() -> None:
    source = "到 2031 年底，" + "很" * 40 + "长的名字的污水处理率达到 95% 以上。"
    (target,) = targets_in(Passage(source, ((0, 7),)), 2031, None)
    assert target.text in source
    assert "95%" in target.text.replace(" ", "")
    assert len("".join(target.text.split())) <= 30
    assert (target.line, target.deadline) == (7, "2031-12-31")


def test_a_passage_broken_over_lines_knows_the_line_of_each_target() -> None:
    passage = Passage("甲率达到5%，乙率达到6%", ((0, 3), (7, 5)))
    assert [each.line for each in targets_in(passage, 2031, None)] == [3, 5]
