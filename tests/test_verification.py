"""Known answers: layouts by header, expectations in columns, what cannot be checked fails."""

import pytest

import bishui.assessment  # noqa: F401 - registers its layouts
from bishui.errors import CallError
from bishui.verification import Layout, Outcome, compare, layouts, register_layout, verify


def run(tmp_path, text, name="cases.csv"):
    path = tmp_path / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    (report,) = verify([path])
    return report


HEAD = (
    "case_id,section,period,water_type,pH,DO_mgL,CODMn_mgL,COD_mgL,NH3N_mgL,TP_mgL,TN_mgL,petroleum_mgL,"
    "target_class,expected_class,expected_over_III_set,expected_TN_class,round_before_compare\n"
)


def outcomes(report):
    return [(check.what, check.expected, check.got, check.outcome.value) for check in report.checks]


def test_a_class_is_recomputed_both_ways_where_either_is_allowed(tmp_path):
    report = run(tmp_path, HEAD + "a,x,2024-02,river,8,11.5,3.8,16,0.07,0.04,0.35,<0.01,Ⅲ,Ⅲ,,,either\n")
    assert report.layout == "section-class"
    assert outcomes(report) == [("expected_class", "Ⅲ", "Ⅲ", "ok")] * 2
    assert not report.failed


def test_rounding_switched_off_by_the_row(tmp_path):
    # CODMn 6.03 is class Ⅳ unrounded and class Ⅲ at one decimal.
    row = "a,x,2019-Q3,river,,,6.03,,,,,,,Ⅳ,CODMn,,"
    assert not run(tmp_path, HEAD + row + "no\n").failed
    report = run(tmp_path, HEAD + row + "either\n")
    assert report.failed
    assert ("expected_class", "Ⅳ", "Ⅲ", "different") in outcomes(report)


def test_the_set_over_class_3_is_compared_without_order(tmp_path):
    report = run(tmp_path, HEAD + "a,x,2019-Q3,river,,,7.1,22,,0.18,,,,IV类,COD;CODMn,,either\n")
    assert not report.failed
    assert report.count(Outcome.OK) == 4


def test_total_nitrogen_is_judged_beside_by_lake_limits(tmp_path):
    report = run(tmp_path, HEAD + "a,x,2015-01,river,,,1.43,,0.043,0.013,1.16,,,Ⅰ,,Ⅳ,either\n")
    assert ("expected_TN_class", "Ⅳ", "Ⅳ", "ok") in outcomes(report)
    assert not report.failed


def test_a_wrong_expectation_is_found(tmp_path):
    report = run(tmp_path, HEAD + "a,x,2024-02,lake,8,,,,,0.03,,,,Ⅱ,,,yes\n")
    assert outcomes(report) == [("expected_class", "Ⅱ", "Ⅲ", "different")]
    assert report.failed


def test_a_trophic_index_without_its_five_inputs_is_said_to_be_not_checked(tmp_path):
    head = HEAD.strip() + ",expected_TLI\n"
    report = run(tmp_path, head + "a,x,2015-01,lake,,,0.97,,0.012,0.005,0.89,,,Ⅰ,,,either,21.2\n")
    assert report.count(Outcome.NOT_CHECKED) == 1
    assert not report.failed


def test_a_trophic_index_with_its_five_inputs_is_checked(tmp_path):
    head = "water_type,period,chla_ugL,TP_mgL,TN_mgL,transparency_m,CODMn_mgL,expected_class,expected_TLI,expected_trophic\n"
    report = run(tmp_path, head + "lake,2024-05,10,0.05,1.0,1.0,4.0,Ⅲ,48.0,中营养\n")
    assert [check.outcome for check in report.checks if "class" not in check.what] == [Outcome.OK] * 2


@pytest.mark.parametrize(
    ("target", "rank", "expected", "failed"),
    [
        ("Ⅲ", "Ⅱ", "达标", False),
        ("Ⅲ", "Ⅳ", "不达标", False),
        ("Ⅲ", "Ⅳ", "达标", True),
        ("Ⅲ", "劣Ⅴ", "不达标", False),
    ],
)
def test_attainment_of_a_class_against_its_target(tmp_path, target, rank, expected, failed):
    text = (
        f"period,river,section,target_class,class,expected_attained\n2018-05,r,s,{target},{rank},{expected}\n"
    )
    report = run(tmp_path, text)
    assert (report.layout, report.failed) == ("section-attainment", failed)


def test_rounding_and_ph(tmp_path):
    text = "kind,input,decimals,expected\nround,0.0045,3,0.004\nph_mean,6.5|7.9|8.8|9|6.78|8.87,2,7.08\n"
    report = run(tmp_path, text)
    assert (report.layout, report.failed, report.count(Outcome.OK)) == ("rounding-and-ph", False, 2)


def test_a_layout_is_recognised_by_its_header_never_by_its_name(tmp_path):
    text = "# source: somewhere\n\nkind,input,decimals,expected\n# between\nround,9.5,0,10\n"
    report = run(tmp_path, text, "section-class.csv")
    assert report.layout == "rounding-and-ph"
    assert report.checks[0].line == 5


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("a,b\n1,2\n", "a、b"),
        ("water_type,expected_class\nriver,Ⅲ\n", "监测项目"),
        ("# nothing\n", "表头"),
        (b"\xff\xfe\x00\x81", "编码"),
    ],
)
def test_a_file_that_cannot_be_checked_fails_and_says_why(tmp_path, text, word):
    report = run(tmp_path, text)
    assert report.failed
    assert word in str(report.problem)


def test_a_file_without_a_single_expectation_fails(tmp_path):
    assert run(tmp_path, HEAD + "a,x,2024-02,river,8,,,,,,,,,,,,\n").failed


@pytest.mark.parametrize(
    "row",
    ["a,x,2024-02,pond,8,,,,,,,,,Ⅰ,,,yes\n", "a,x,2024-02,river,eight,,,,,,,,,Ⅰ,,,yes\n",
     "a,x,2024-02,river,8,,,,,,,,,Ⅷ,,,yes\n"],
)  # fmt: skip
def test_a_row_that_cannot_be_read_is_not_checkable(tmp_path, row):
    report = run(tmp_path, HEAD + row)
    assert report.count(Outcome.NOT_CHECKABLE) == 1
    assert report.failed


def test_gb18030_is_read(tmp_path):
    text = "period,river,section,target_class,class,expected_attained\n2018-05,江,纱帽,Ⅲ,Ⅱ,达标\n"
    assert not run(tmp_path, text.encode("gb18030")).failed


def test_a_missing_path_is_the_fault_of_the_call(tmp_path):
    with pytest.raises(CallError, match="找不到"):
        verify([tmp_path / "nothing.csv"])


def test_another_room_adds_a_layout(tmp_path):
    from bishui.verification import _LAYOUTS

    def check(case, _header):
        yield compare(
            case, "sum", "c", expected=case.get("c"), got=str(int(case.get("a")) + int(case.get("b")))
        )

    register_layout(Layout("sums", frozenset({"a", "b", "c"}), check))
    try:
        assert "sums" in {layout.name for layout in layouts()}
        assert not run(tmp_path, "a,b,c\n1,2,3\n").failed
        assert run(tmp_path, "a,b,c\n1,2,4\n").failed
    finally:
        del _LAYOUTS["sums"]


@pytest.mark.parametrize("name", ["section-class", "section-attainment", "rounding-and-ph"])
def test_published_cases_are_reproduced(shared, name):
    path = shared / "reference" / "assessment-cases" / f"{name}.csv"
    (report,) = verify([path])
    assert report.layout == name
    assert not report.failed, [check for check in report.checks if check.outcome.failed]
