"""Targets in sentences: found by grammar; conditions and descriptions are no targets."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bishui.documents.layout import Passage
from bishui.documents.quantities import chinese_number, share_of_fraction
from bishui.documents.targets import target_passages, targets_in


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
        ("优良率达到百分之九十以上", ("优良率", ">=", "90", "%")),
        ("三分之二以上的行政村完成污水治理", ("行政村完成污水治理", ">=", "66.67", "%")),
        ("新建两座污水处理厂", ("新建污水处理厂", ">=", "2", "座")),
        ("新建污水处理厂两座", ("新建污水处理厂", ">=", "2", "座")),
        ("全年开展执法检查不少于四次", ("全年开展执法检查", ">=", "4", "次")),
        ("监测频次为每月1次", ("监测频次", "=", "1", "次/月")),
        ("每季度至少开展一次监测", ("每季度至少开展监测", ">=", "1", "次/季度")),
        ("万元产值用水量较2030年下降16%以上", ("万元产值用水量", "decrease", "16", "%")),
        ("污水治理率由30%提高到45%", ("污水治理率", ">=", "45", "%")),
        ("天然气占比提高到5%左右", ("天然气占比", ">=", "5", "%")),
        ("劣Ⅴ类断面比例为零", ("劣Ⅴ类断面比例", "=", "0", None)),
        ("煤炭消费占比降至59%以下", ("煤炭消费占比", "<=", "59", "%")),
        ("自来水普及率在92%以上", ("自来水普及率", ">=", "92", "%")),
        ("累计完成改造老旧管网120公里", ("改造老旧管网", ">=", "120", "公里")),
        ("新增污水处理能力5万吨/日", ("新增污水处理能力", ">=", "5", "万吨/日")),
        ("计划植树造林5万公顷", ("植树造林", ">=", "5", "万公顷")),
        ("完成70%的整治任务", ("整治任务", ">=", "70", "%")),
        ("完成整治任务的80%", ("整治任务", ">=", "80", "%")),
        ("公务车、公交车等100%使用新能源", ("公务车、公交车等使用新能源", "=", "100", "%")),
        ("对市内26家重点单位开展调查", ("重点单位开展调查", ">=", "26", "家")),
        ("建设4条750吨/日焚烧线", ("建设750吨/日焚烧线", ">=", "4", "条")),
        ("配发终端206套及执法箱", ("配发终端", ">=", "206", "套")),
        ("县级以上城市黑臭水体全部消除", ("县级以上城市黑臭水体", "meets", "全部消除", None)),
        ("消除劣Ⅴ类断面", ("劣Ⅴ类断面", "meets", "消除", None)),
        ("确保干流水质稳定达标", ("干流水质", "meets", "稳定达标", None)),
        ("用水量完成上级下达的考核指标", ("用水量", "meets", "上级下达的考核指标", None)),
        ("各项指标达到示范市创建要求", ("各项指标", "meets", "示范市创建要求", None)),
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
        "2030年，全市污水处理率达到92%",
        "截至去年底，已建成污水处理厂12座",
        "投诉率同比下降12%",
        "排放量下降了7146吨",
        "在15条河流调查的基础上编制方案",
        "根据《水法》第三十条规定",
        "引入第三方机构运维",
        "全市共有河流56条",
        "推广利用率90%以上的技术",
        "10公里范围内的企业",
        "连接南北的两条生态廊道建设",
        "建设一个平台",
        "每月测一次浊度",
        "8月底前完成一次应急演练",
        "污水处理设施稳定达标排放",
        "消除安全隐患",
    ],
)
def test_what_is_no_target(text: str) -> None:
    assert read(text) == []


def test_deadlines_hold_until_the_next_one_in_the_sentence() -> None:
    passage = Passage("6月底前，甲率达到5%，乙率达到6%；9月底前，丙率达到7%。丁率达到8%。", ((0, 1),))
    found = targets_in(passage, 2031, "2031-12-31")
    assert [each.deadline for each in found] == ["2031-06-30", "2031-06-30", "2031-09-30", "2031-12-31"]


def test_a_season_does_not_override_the_date_of_the_task() -> None:
    passage = Passage("汛期前清掏城区雨水管网85公里", ((0, 1),))
    (target,) = targets_in(passage, 2031, "2031-04-15")
    assert target.deadline == "2031-04-15"


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


@pytest.mark.parametrize(
    ("text", "targets"),
    [
        (
            "烟气颗粒物、二氧化硫排放浓度分别不高于10、35毫克/立方米",
            [("烟气颗粒物排放浓度", "<=", "10"), ("二氧化硫排放浓度", "<=", "35")],
        ),
        (
            "甲城、乙城污水处理率分别达到98%和95%以上",
            [("甲城污水处理率", ">=", "98"), ("乙城污水处理率", ">=", "95")],
        ),
        (
            "治理率分别达到：云县100%、雾县75%",
            [("治理率（云县）", ">=", "100"), ("治理率（雾县）", ">=", "75")],
        ),
        ("推广3—5个试点", [("推广试点", ">=", "3"), ("推广试点", "<=", "5")]),
        (
            "完成5台烧结、2个球团项目改造",
            [("烧结", ">=", "5"), ("球团项目改造", ">=", "2")],
        ),
        (
            "红线面积达到25.44万公顷，占比18.02%",
            [("红线面积", ">=", "25.44"), ("红线面积占比", "=", "18.02")],
        ),
    ],
)
def test_lists_runs_and_ranges(text: str, targets: list[tuple[str, str, str]]) -> None:
    assert [target[:3] for target in read(text)] == targets


@pytest.mark.parametrize(
    ("text", "scopes"),
    [
        ("全市污水处理率达到95%，劣Ⅴ类水体比例为0；森林覆盖率达到60%", ["全市", "全市", "全市"]),
        ("云江、雾江流域内污水处理率达到95%", ["云江、雾江流域内"]),
        (
            "3个国控断面水质优良比例不低于66.7%，劣Ⅴ类比例为0；化肥利用率达到41%",
            ["3个国控断面", "3个国控断面", ""],
        ),
        ("云县污水处理率达到95%。化肥利用率达到41%", ["云县", ""]),
        ("县城污水处理率达到95%", ["县城"]),
        ("城市污水处理率达到95%", [""]),
        ("化工园区污水处理率达到95%", [""]),
        ("治理率分别达到：云县100%、雾县75%", ["云县", "雾县"]),
        ("主要江河水库达标率达到86%", ["主要江河水库"]),
    ],
)
def test_the_scope_is_the_waters_or_the_place_a_figure_speaks_of(text: str, scopes: list[str]) -> None:
    assert [each.scope for each in targets_in(Passage(text, ((0, 1),)), 2031, None)] == scopes


def test_a_heading_that_names_waters_is_the_scope_of_what_stands_below() -> None:
    passage = Passage("粪污综合利用率90%", ((0, 1),), ("五、重点流域", "（一）云溪河", "农业"))
    assert [each.scope for each in targets_in(passage, 2031, None)] == ["云溪河"]


def test_a_long_list_of_places_is_scope_and_no_part_of_the_indicator() -> None:
    text = "完成辖区内云江、雾江和霞江以及县城建成区内排污口总数30%的整治"
    (target,) = targets_in(Passage(text, ((0, 1),)), 2031, None)
    assert target.scope == "云江、雾江和霞江以及县城建成区内"
    assert target.indicator == "排污口总数的整治"


@pytest.mark.parametrize(
    ("path", "searched"),
    [
        (("一、水质目标",), True),
        (("第一章 形势", "第一节 取得积极进展"), False),
        (("一、总体要求", "（二）工作目标"), True),
        (("一、总体要求", "（一）指导思想"), False),
        (("五、组织保障",), False),
        ((), False),
    ],
)
def test_background_holds_no_targets(path: tuple[str, ...], searched: bool) -> None:
    passage = Passage("处理率达到95%", ((0, 1),), path)
    assert list(target_passages([passage])) == ([passage] if searched else [])


@pytest.mark.parametrize(
    ("numeral", "number"),
    [
        ("两", "2"),
        ("十", "10"),
        ("十二", "12"),
        ("二十", "20"),
        ("一百零五", "105"),
        ("两万", "20000"),
        ("甲", None),
    ],
)
def test_chinese_numerals(numeral: str, number: str | None) -> None:
    assert chinese_number(numeral) == number


@pytest.mark.parametrize(
    ("part", "whole", "percent"),
    [("一", "二", "50"), ("二", "三", "66.67"), ("三", "四", "75"), ("一", "零", None)],
)
def test_fractions_are_shares(part: str, whole: str, percent: str | None) -> None:
    assert share_of_fraction(part, whole) == percent


@given(st.integers(1, 99_999))
def test_every_numeral_reads_back(number: int) -> None:
    assert chinese_number(_written(number)) == str(number)


def _written(number: int) -> str:
    digits, out = "零一二三四五六七八九", ""
    for place, name in ((10_000, "万"), (1000, "千"), (100, "百"), (10, "十"), (1, "")):
        digit = number // place % 10
        out += digits[digit] + name if digit else "零" if out and number % place and out[-1] != "零" else ""
    return out
