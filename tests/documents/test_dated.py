"""Reports that are due and dated steps, as sentences state them."""

import pytest

from bishui.documents.dated import milestones_in, reports_in
from bishui.documents.layout import Passage

YEAR = 2031


def passage(text: str, line: int = 7) -> Passage:
    return Passage(text, ((0, line),))


class TestReports:
    @pytest.mark.parametrize(
        ("text", "expected"),
        [
            ("7月5日前向市甲局报送半年总结。", [("半年总结", "2031-07-05", "市甲局")]),
            ("7月5日前将半年总结报送至市甲局。", [("半年总结", "2031-07-05", "市甲局")]),
            ("各单位于7月5日前把半年工作总结报送市甲局。", [("半年工作总结", "2031-07-05", "市甲局")]),
            ("2031年12月底前将全年工作情况报市甲局备案。", [("全年工作情况", "2031-12-31", "市甲局")]),
            (
                "半年总结和全年总结分别于7月5日前和12月25日前报送市甲局。",
                [("半年总结", "2031-07-05", "市甲局"), ("全年总结", "2031-12-25", "市甲局")],
            ),
            (
                "各乡镇每年12月25日前将年度、6月25日前将上半年整治工作完成情况报送至云县甲局。",
                [
                    ("年度整治工作完成情况", "every year 12-25", "云县甲局"),
                    ("上半年整治工作完成情况", "every year 06-25", "云县甲局"),
                ],
            ),
            ("6月底前将河岸清理完毕，12月25日前报送工作总结。", [("工作总结", "2031-12-25", "")]),
            ("每月5日前报送调度表。", [("调度表", "every month 05", "")]),
            (
                "计划公布后20个工作日内将本县实施方案报市甲局。",
                [("本县实施方案", "relative:+20 workdays", "市甲局")],
            ),
        ],
    )
    def test_what_is_due_when_and_to_whom(self, text: str, expected: list[tuple[str, str, str]]) -> None:
        found = reports_in(passage(text), YEAR)
        assert [(each.what, each.due, each.to) for each in found] == expected

    @pytest.mark.parametrize(
        "text",
        [
            "6月底前完成12家企业整治。",
            "6月底前编制完成评估报告。",
            "定期报送治理情况。",
            "6月底前将管网接入污水厂。",
            "12月底前公布监测报告。",
            "12月底前建成预报系统，掌握水质情况。",
            "6月底前将项目方案申报入库。",
        ],
    )
    def test_what_is_no_report(self, text: str) -> None:
        assert reports_in(passage(text), YEAR) == []

    def test_a_report_knows_its_line_and_task(self) -> None:
        (report,) = reports_in(Passage("首句。7月5日前报送总结。", ((0, 3), (3, 4))), YEAR, 2)
        assert (report.line, report.task) == (4, 2)


class TestMilestones:
    def test_steps_share_the_date_their_sentence_begins_with(self) -> None:
        steps = milestones_in(
            passage("2031年6月底前，完成甲江排查，基本完成乙江排查；建成监督制度体系。"), YEAR
        )
        assert [(each.due, each.text, each.kind) for each in steps] == [
            ("2031-06-30", "完成甲江排查", "survey"),
            ("2031-06-30", "基本完成乙江排查", "survey"),
            ("2031-06-30", "建成监督制度体系", "system"),
        ]

    def test_each_date_begins_its_own_steps(self) -> None:
        steps = milestones_in(passage("2031年底前，完成30%的整治；2032年底前，完成70%的整治。"), YEAR)
        assert [(each.due, each.op, each.value) for each in steps] == [
            ("2031-12-31", ">=", "30"),
            ("2032-12-31", ">=", "70"),
        ]

    def test_a_sentence_without_a_date_is_no_step(self) -> None:
        steps = milestones_in(passage("2031年底前，完成整治。各单位要高度重视。"), YEAR)
        assert [each.text for each in steps] == ["完成整治"]

    def test_a_list_of_places_stands_aside(self) -> None:
        (step,) = milestones_in(passage("2031年底前，完成甲江、乙江以及城区内问题排污口50%的整治。"), YEAR)
        assert (step.text, step.scope) == ("完成问题排污口50%的整治", "甲江、乙江以及城区内")

    def test_one_word_for_the_area_stays(self) -> None:
        (step,) = milestones_in(passage("2031年底前，完成辖区内甲江、乙江排查。"), YEAR)
        assert (step.text, step.scope) == ("完成辖区内甲江、乙江排查", "")

    def test_a_clause_that_goes_on_belongs_to_its_step(self) -> None:
        (step,) = milestones_in(passage("到2032年底，完成管网改造，做到雨污分开。"), YEAR)
        assert step.text == "完成管网改造，做到雨污分开"

    def test_a_paragraph_with_a_date_further_on_has_no_steps(self) -> None:
        assert milestones_in(passage("各单位于2031年底前完成整治。"), YEAR) == []
