"""Case files as bureaus save them: other orders of columns, full-width digits, blanks, GBK, a mark, CRLF."""

import pytest

from bishui.verification import Outcome, verify

CLASSES = """# source: a bulletin of our own
note,section,expected_class,target_class,expected_attained,water_type,TP_mgL,DO_mgL,pH,NH3N_mgL,expected_over_III_set,round_before_compare,period,case_id
,甲,Ⅲ,Ⅲ,达标,river,０．２０,６．０,８,1.0,无,either,2024-03,N1
,乙,四类,Ⅲ,未达标,lake,0.051,7.5,7.0,0.15,TP,yes,2023-Q1,N2
,丙,劣五类,Ⅲ,否,河流,0.41,1.9,5.4,2.01,TP；DO；pH；氨氮,是,2024-01~06,N3
,丁,II,Ⅲ,是,River,<0.02,7.4,7.0,0.15L,,yes,2024,N4
,戊,3,Ⅲ,yes,湖泊,0.05,—,7.0,/,,yes,2024年5月,N5
,,,,,,,,,,,,,
"""
RANKS = """published_rank,published_CWQI,city,period
1,3.0000,甲,2020-01..03
2,3.1000,乙,2020-01..03
２,３．１０００,丙,2020-01..03
4,3.2000,丁,2020-01..03
"""


def run(tmp_path, text, encoding="utf-8"):
    path = tmp_path / "cases.csv"
    path.write_bytes(text.encode(encoding))
    (report,) = verify([path])
    return report


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_encoding_and_line_ends_change_nothing(tmp_path, encoding, end):
    report = run(tmp_path, CLASSES.replace("\n", end), encoding)
    assert report.layout == "section-class"
    assert {check.outcome for check in report.checks} == {Outcome.OK}
    assert [check.line for check in report.checks][-1] == 7


@pytest.mark.parametrize(
    ("right", "wrong", "line", "what"),
    [
        ("０．２０", "０．２１", 3, "expected_class"),
        ("未达标", "达标", 4, "expected_attained"),
        ("劣五类", "五类", 5, "expected_class"),
        ("；氨氮", "", 5, "expected_over_III_set"),
        ("0.15L", "1.1", 6, "expected_class"),
    ],
)
def test_a_wrong_expectation_or_value_is_found_in_its_row(tmp_path, right, wrong, line, what):
    report = run(tmp_path, CLASSES.replace(right, wrong))
    assert report.failed
    assert (line, what) in {(check.line, check.what) for check in report.checks if check.outcome.failed}


def test_a_verdict_in_unknown_words_cannot_be_checked(tmp_path):
    report = run(tmp_path, CLASSES.replace("未达标", "尚可"))
    (lost,) = [check for check in report.checks if check.outcome is Outcome.NOT_CHECKABLE]
    assert (lost.line, lost.what, lost.expected) == (4, "expected_attained", "尚可")


def test_equal_indices_share_a_rank_in_full_width_digits(tmp_path):
    assert not run(tmp_path, RANKS, "utf-8-sig").failed


def test_an_unreadable_index_is_said_once_in_its_row(tmp_path):
    report = run(tmp_path, RANKS.replace("3.2000", "x"))
    assert [check.line for check in report.checks if check.outcome.failed] == [5]


def test_percent_signs_may_stand_in_any_percentage(tmp_path):
    text = "case_id,pct_I_III,pct_worse_V,expected_status\na,89.9%,０％,良好\n"
    assert not run(tmp_path, text).failed
    zones = "zones_evaluated,zones_attained,control_target_pct,expected_verdict_published\n50,43,86％,达标\n"
    assert not run(tmp_path, zones).failed
    parts = "denominator,counts,published_percent\n16,２｜1,12.5％｜６.３％\n"
    assert not run(tmp_path, parts).failed


def test_a_comment_in_quotation_marks_and_a_cell_of_two_lines_keep_the_count(tmp_path):
    """A spreadsheet program quotes a comment that holds a comma, and pads it with empty cells."""
    text = (
        '"# source: one, two",,,\nkind,input,decimals,expected,origin\n'
        'round,0.0035,3,0.004,"first\nsecond"\nround,0.0045,3,0.005,x\n'
    )
    report = run(tmp_path, text)
    assert [(check.line, check.outcome.value) for check in report.checks] == [(3, "ok"), (5, "different")]
