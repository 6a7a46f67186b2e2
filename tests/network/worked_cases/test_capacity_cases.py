"""Case files of capacities and design flows: recognised by header, a wrong expectation fails."""

import pytest

import bishui.network
import bishui.network.worked_cases.capacity  # noqa: F401
from bishui.verification import verify

HEAD = "case,model,inputs,expected,unit,t_per_a\n"
RIVER = 'a,river-0D: any words,"Q=10;Qp=0.5;C0=15;Cs=20;K=0.2;L=10000;u=0.3",{value},g/s,{yearly}\n'


def run(tmp_path, text, name="x.csv"):
    (tmp_path / name).write_text(text, encoding="utf-8")
    return verify([tmp_path / name])[0]


def test_a_model_by_its_name_and_a_wrong_number_fails(tmp_path):
    assert not run(tmp_path, HEAD + RIVER.format(value="52.5", yearly="1655.64")).failed
    assert run(tmp_path, HEAD + RIVER.format(value="52.500000001", yearly="")).failed
    assert run(tmp_path, HEAD + RIVER.format(value="52.5", yearly="1655.65")).failed


@pytest.mark.parametrize(
    "row", ["a,river-4D,Q=1,1,g/s,\n", "a,river-0D,Q=1,1,g/s,\n", "a,river-0D,Q,1,g/s,\n"]
)
def test_what_cannot_be_computed_is_a_failure_with_the_reason(tmp_path, row):
    report = run(tmp_path, HEAD + row)
    assert report.failed
    assert [check.outcome.value for check in report.checks] == ["not_checkable"]


def test_the_files_of_the_reference(shared):
    folder = shared / "reference" / "network-cases"
    names = ("capacity.csv", "design_flow_expected.csv", "design_flow_monthly.csv")
    reports = verify([folder / name for name in names])
    assert [report.failed for report in reports] == [False] * 3
    assert len(reports[0].checks) == 31


def test_a_design_flow_off_by_one_digit_fails(tmp_path, shared):
    folder = shared / "reference" / "network-cases"
    (tmp_path / "flows.csv").write_bytes((folder / "design_flow_monthly.csv").read_bytes())
    text = (folder / "design_flow_expected.csv").read_text(encoding="utf-8")
    assert not run(tmp_path, text, "e.csv").failed
    assert run(tmp_path, text.replace("5.406", "5.407"), "e.csv").failed


def test_without_the_flows_beside_it_nothing_can_be_checked(tmp_path):
    assert run(tmp_path, "quantity,value_m3_s\ndriest monthly mean,1\n").failed
