"""Files of networks: the published cases come out, and a wrong expectation does not pass."""

import pytest

import bishui.network  # noqa: F401 - registers the layouts
from bishui.verification import Outcome, verify, verify_file

REACHES = (
    "case,reach_id,kind,length_m,velocity_m_s,volume_m3,temp_C,lateral_flow_m3_s,lateral_conc_mg_L,"
    "to(reach:fraction|...)\n"
    "C,r1,river,21600,0.5,,20,5,X=32,r2:1\n"
    "C,r2,river,21600,0.5,,20,0,,\n"
)
POLLUTANTS = "case,pollutant,K20_per_d,theta\nC,X,1.38629436111989061883,1\n"
LOADS = "case,load_id,reach_id,chainage_m,flow_m3_s,conc_mg_L\nC,o1,r2,21600,5,X=8\n"
SECTIONS = "case,section_id,reach_id,chainage_m,pollutant,K_T_per_d,flow_m3_s,load_g_s,conc_mg_L\n"
SOURCES = "case,section_id,pollutant,source_id,transmission,contribution_g_s,share_of_section_load\n"
BALANCE = "case,pollutant,load_in_g_s,load_out_g_s,load_decayed_g_s\n"
ERRORS = "case,edges(from>to:fraction),flows,expected_error\n"


@pytest.fixture
def folder(tmp_path):
    for name, text in (("a.csv", REACHES), ("b.csv", POLLUTANTS), ("c.csv", LOADS)):
        (tmp_path / name).write_text(text, encoding="utf-8")
    return tmp_path


def outcomes(folder, text):
    path = folder / "expected.csv"
    path.write_text(text, encoding="utf-8")
    report = verify_file(path)
    return report.failed, [check.outcome for check in report.checks]


@pytest.mark.parametrize("name", ["sections", "adjoint", "massbalance"])
def test_published_numbers_come_out(shared, name):
    report = verify_file(shared / f"reference/network-cases/net_{name}_expected.csv")
    assert not report.failed
    assert report.count(Outcome.OK) > 50


def test_published_errors_and_inputs(shared):
    cases = shared / "reference/network-cases"
    reports = verify([cases / f"net_{name}.csv" for name in ("errors", "reaches", "loads", "pollutants")])
    assert not any(report.failed for report in reports)
    assert reports[0].count(Outcome.OK) == 9
    assert [report.count(Outcome.INPUT) for report in reports[1:]] == [1, 1, 1]


def test_sections_by_hand_and_a_wrong_number(folder):
    right = SECTIONS + "C,s,r2,21600,X,1.38629436111989061883,10,80,8\n"
    assert outcomes(folder, right) == (False, [Outcome.OK] * 4)
    failed, found = outcomes(folder, right.replace(",80,8", ",80.0000001,8"))
    assert failed
    assert found == [Outcome.OK, Outcome.OK, Outcome.DIFFERENT, Outcome.OK]


def test_sources_by_hand_a_wrong_number_and_one_that_is_missing(folder):
    (folder / "s.csv").write_text(SECTIONS + "C,s,r2,21600,X,,10,80,8\n", encoding="utf-8")
    right = SOURCES + "C,s,X,lateral:r1,0.25,40,0.5\nC,s,X,o1,1,40,0.5\n"
    assert outcomes(folder, right) == (False, [Outcome.OK] * 7)
    failed, found = outcomes(folder, right.replace("o1,1,40,0.5", "o1,1,40,0.5001"))
    assert failed
    assert found.count(Outcome.DIFFERENT) == 1
    failed, found = outcomes(folder, SOURCES + "C,s,X,o1,1,40,0.5\n")
    assert failed
    assert found[-1] is Outcome.DIFFERENT


def test_balance_by_hand_and_a_wrong_number(folder):
    assert outcomes(folder, BALANCE + "C,X,200,80,120\n") == (False, [Outcome.OK] * 3)
    assert outcomes(folder, BALANCE + "C,X,200,80.001,120\n")[0]


@pytest.mark.parametrize(
    "row",
    [
        "D,s,r2,0,X,,,,1\n",
        "C,s,r9,0,X,,,,1\n",
        "C,s,r2,0,Y,,,,1\n",
        "C,s,r2,30000,X,,,,1\n",
        "C,s,r2,zero,X,,,,1\n",
    ],
)
def test_what_lacks_its_inputs_is_not_checkable(folder, row):
    assert outcomes(folder, SECTIONS + row) == (True, [Outcome.NOT_CHECKABLE])


@pytest.mark.parametrize(
    ("row", "fits"),
    [
        ("X,x>y:1|y>z:1|z>x:1,x=1,CycleError naming y z x", True),
        ("X,x>y:1|y>z:1|z>x:1,x=1,CycleError naming x z y", False),
        ("X,x>y:1|y>z:1|z>x:1,x=1,CycleError naming x and y", False),
        ("X,x>y:0.5|x>z:0.3,x=1,SplitError naming x and the sum 0.8", True),
        ("X,x>y:0.5|x>z:0.3,x=1,SplitError naming x and the sum 0.9", False),
        ("X,x>y:0.5|x>z:0.3,x=1,SplitError naming y", False),
        ("X,x>q9:1,x=1,UnknownDownstreamError naming x and q9", True),
        ("X,x>q9:1,x=1,DuplicateEdgeError naming x>q9", False),
        ("X,x>y:1|y>0:1,x=1,accepted", True),
        ("X,x>y:1|y>x:1,x=1,accepted", False),
        ("X,x>y:1|y>0:1,x=0 (load 2 g/s),ZeroFlowError naming x", True),
        ("X,x>y:1|y>0:1,x=1 (load 2 g/s),ZeroFlowError naming x", False),
    ],
)
def test_errors_are_compared_by_kind_and_by_whom_they_name(folder, row, fits):
    assert outcomes(folder, ERRORS + row + "\n") == (not fits, [Outcome.OK if fits else Outcome.DIFFERENT])
