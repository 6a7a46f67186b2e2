"""Case files of allocation: inputs and answers in one column, a wrong answer fails."""

import bishui.network.worked_cases.allocation  # noqa: F401 - registers its layout
from bishui.verification import verify

TEXT = """case,item,value
A,transmission rows=sections cols=outfalls,"0.8,0.5,0|0.6,0.4,0.9"
A,section capacity,"40,45"
A,lower bound,"5,5,5"
A,upper bound,"60,50,40"
A,objective_g_s,84.0277777778
B,"equal-proportion reduction c",0.510869565217391
"""


def run(tmp_path, text):
    path = tmp_path / "x.csv"
    path.write_text(text, encoding="utf-8")
    return verify([path])[0]


def test_a_row_without_inputs_belongs_to_the_case_before(tmp_path):
    report = run(tmp_path, TEXT)
    assert report.layout == "allocation" and not report.failed
    assert [check.case for check in report.checks] == ["A", "B"]


def test_a_wrong_optimum_an_unknown_row_and_missing_inputs_fail(tmp_path):
    assert run(tmp_path, TEXT.replace("84.0277777778", "84.02778")).failed
    assert run(tmp_path, TEXT + "B,no such thing,1\n").failed
    assert run(tmp_path, "case,item,value\nA,objective_g_s,1\n").failed


def test_the_file_of_the_reference(shared):
    (report,) = verify([shared / "reference" / "network-cases" / "allocation_lp.csv"])
    assert not report.failed and len(report.checks) == 15


def test_a_case_that_cannot_be_answered_is_said_at_its_line_and_the_next_is_answered(tmp_path):
    rows = [
        "case,item,value",
        'A,transmission,"1,1"',
        "A,section capacity,1",
        'A,lower bound,"5,5"',
        'A,upper bound,"9,9"',
        "A,objective_g_s,1",
        'B,transmission,"1,1"',
        "B,section capacity,10",
        'B,lower bound,"6,1"',
        'B,upper bound,"10,10"',
        "B,equal-proportion reduction c,0.6",
        "B,objective_g_s,ten",
    ]
    checks = {check.line: check.outcome.value for check in run(tmp_path, "\n".join(rows)).checks}
    assert checks == {2: "not_checkable", 6: "not_checkable", 11: "ok", 12: "not_checkable"}
