"""Case files of rivers, shares and trophic state: by header, in any order, wrong expectations fail."""

import csv
import io

import pytest

from bishui.verification import Outcome, verify

RIVER = "case_id,unit,period,n_sections,pct_I_III,pct_IV,pct_V,pct_worse_V,expected_status\n"
PERCENT = "case_id,what,denominator,counts,published_percent,plain_half_up_1dp\n"
SUM = "year,TLI_chla,TLI_TP,TLI_TN,TLI_SD,expected_TLI_sum,expected_trophic\n"
GRADE = "water,period,TLI,published_grade,rule_grade,consistent\n"


def run(tmp_path, text):
    path = tmp_path / "anything.csv"
    path.write_text(text, encoding="utf-8")
    (report,) = verify([path])
    return report


@pytest.mark.parametrize(
    ("text", "layout"),
    [
        (RIVER + "B1,全省,2021-11,275,94.1,5.5,0.4,0,优\n", "river-status"),
        (PERCENT + "P1,shares,83,49|9|6|19,59.0|10.9|7.2|22.9,59.0|10.8|7.2|22.9\n", "percentages"),
        (SUM + "2011,37.749,69.802,68.909,81.743,61.837,中度富营养\n", "tli-sum"),
        (GRADE + "东湖,May,56.42,轻度富营养,轻度富营养,yes\n", "tli-grade"),
    ],
)
def test_a_layout_is_recognised_with_heads_in_any_order_and_more_of_them(tmp_path, text, layout):
    assert (run(tmp_path, text).layout, run(tmp_path, text).failed) == (layout, False)
    rows = [[*reversed(row), "x"] for row in csv.reader(io.StringIO(text))]
    rows[0][-1] = "remark"
    turned = io.StringIO()
    csv.writer(turned).writerows(rows)
    report = run(tmp_path, turned.getvalue())
    assert (report.layout, report.failed) == (layout, False)


@pytest.mark.parametrize(
    "text",
    [
        RIVER + "B1,全省,2021-11,275,94.1,5.5,0.4,0,良好\n",
        PERCENT + "P1,shares,83,49|9|6|19,59.1|10.9|7.2|22.9,59.0|10.8|7.2|22.9\n",
        PERCENT + "P1,shares,83,49|9|6|19,59.0|10.9|7.2|22.9,59.0|10.9|7.2|22.9\n",
        PERCENT + "P3,some,114,104|98|2,91.3|86.0|1.8,\n",
        SUM + "2011,37.749,69.802,68.909,81.743,61.839,中度富营养\n",
        SUM + "2011,37.749,69.802,68.909,81.743,61.837,轻度富营养\n",
        GRADE + "东湖,May,56.42,中度富营养,轻度富营养,yes\n",
        GRADE + "东湖,May,56.42,轻度富营养,中营养,yes\n",
        GRADE + "东湖,May,56.42,轻度富营养,轻度富营养,no\n",
    ],
)
def test_a_wrong_expectation_fails(tmp_path, text):
    report = run(tmp_path, text)
    assert report.count(Outcome.DIFFERENT) == 1
    assert report.failed


def test_a_published_grade_that_contradicts_the_rule_must_not_come_out(tmp_path):
    report = run(tmp_path, GRADE + "东湖,Mar,47.71,中度富营养,中营养,no\n")
    assert [(check.what, check.got, check.outcome) for check in report.checks] == [
        ("rule_grade", "中营养", Outcome.OK),
        ("published_grade", "中营养", Outcome.OK),
    ]


@pytest.mark.parametrize(
    ("counts", "whole", "published", "way"),
    [
        ("13", "14", "92.9", "四舍五入"),
        ("13|1", "14", "93%|7%", "四舍五入"),
        ("13", "14", "92.8", "截尾"),
        ("13|1", "14", "92.8|7.2", "合计强制"),
        ("17|49", "66", "25.7|74.3", "合计强制"),
        ("6|37|17|6", "66", "9.1|56.1|25.7|9.1", "最大余数"),
        ("37|17|6", "66", "56.1|25.7|9.1", "最大余数"),
    ],
)
def test_the_way_in_which_a_publisher_rounded_is_told(tmp_path, counts, whole, published, way):
    (check,) = run(tmp_path, PERCENT + f"P,x,{whole},{counts},{published},\n").checks
    assert (check.outcome, way in str(check.note)) == (Outcome.OK, True)


@pytest.mark.parametrize(
    ("row", "outcome"),
    [
        ("B,a,2011,94,80.9,,,,良好", "ok"),  # 劣Ⅴ does not matter from 75 on
        ("B,a,2011,62,72.6,10,9.3,,轻度污染", "ok"),  # 劣Ⅴ is what is left
        ("B,a,2011,62,72.6,,,,轻度污染", "not_checkable"),  # 0 … 27.4: light or moderate
        ("B,a,2011,62,85,,,,良好", "ok"),
        ("B,a,2011,62,,5.9,0,0,优", "ok"),
        ("B,a,2011,62,,5.9,,,优", "not_checkable"),
        ("B,a,2011,4,100,,,0,优", "ok"),
    ],
)
def test_shares_that_were_not_published_are_not_invented(tmp_path, row, outcome):
    (check,) = run(tmp_path, RIVER + row + "\n").checks
    assert check.outcome.value == outcome


def test_few_sections_are_said_to_need_their_means(tmp_path):
    (check,) = run(tmp_path, RIVER + "B,a,2011,4,100,,,0,优\n").checks
    assert "均值" in str(check.note)


def test_a_row_without_a_single_index_is_not_checkable(tmp_path):
    assert run(tmp_path, SUM + "2011,,,,,61.837,中度富营养\n").failed


def test_multiples_are_checked_where_the_row_has_the_values(tmp_path):
    head = "period,river,section,target_class,class,expected_attained,published_over_indicators,COD_mgL,NH3N_mgL,DO_mgL\n"
    right = "2018-05,河,断面,Ⅲ,Ⅳ,不达标,化学需氧量(0.05)、溶解氧,21,0.9,4.5\n"
    assert run(tmp_path, head + right).count(Outcome.OK) == 2
    assert run(tmp_path, head + right.replace("(0.05)", "(0.5)")).failed
    without = run(tmp_path, head + "2018-05,河,断面,Ⅲ,Ⅳ,不达标,化学需氧量(0.05),,,\n")
    assert (without.failed, without.count(Outcome.NOT_CHECKED)) == (False, 1)


@pytest.mark.parametrize("name", ["river-status", "percentages", "tli-sum", "tli-grade"])
def test_published_cases_are_reproduced(shared, name):
    (report,) = verify([shared / "reference" / "assessment-cases" / f"{name}.csv"])
    assert report.layout == name
    assert not report.failed, [check for check in report.checks if check.outcome.failed]


def test_as_many_percentages_as_counts(tmp_path):
    (check,) = run(tmp_path, PERCENT + "P,x,14,13|1,92.9,\n").checks
    assert check.outcome is Outcome.NOT_CHECKABLE
