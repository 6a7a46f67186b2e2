"""Case files of pulses, oxygen, dispersion and loads: recognised by header, met, and a wrong number fails."""

import pytest

import bishui.network  # noqa: F401 - registers its layouts
from bishui.verification import verify

FILES = {
    "capacity.csv": ("52.5,g/s", "52.6,g/s"),
    "pulse_uniform.csv": ("2.7556444430222677", "2.7556445"),
    "pulse_path.csv": ("0.92108461845137669", "0.9210847"),
    "streeter_phelps.csv": ("2.0284340734857534", "2.0284340735"),
    "dispersion.csv": ("139.91323569385089", "139.913236"),
    "mixing_length.csv": ("17750.199167410568", "17750.1991675"),
    "loads_uncertainty.csv": ("3362.2227692307692", "3362.223"),
}


def run(tmp_path, text):
    path = tmp_path / "any name.csv"
    path.write_text(text, encoding="utf-8")
    return verify([path])[0]


@pytest.mark.parametrize("name", FILES)
def test_the_files_of_the_reference_are_met_and_a_changed_number_fails(name, shared, tmp_path):
    text = (shared / "reference" / "network-cases" / name).read_text(encoding="utf-8")
    right, wrong = FILES[name]
    assert right in text
    assert not run(tmp_path, text).failed
    report = run(tmp_path, text.replace(right, wrong, 1))
    assert [check.outcome.value for check in report.checks if check.outcome.failed] == ["different"]


PULSE = (
    "case,mass_kg,area_m2,U_m_s,D_m2_s,K_per_d,x_m,threshold_mg_L,t_peak_h,C_peak_mg_L,t_arrive_h,t_leave_h\n"
    "a,10,50,0.5,20,0.2,5000,0.5,2.7546325576942139,0.12353996437348428,{arrive},\n"
)


def test_a_pulse_that_is_never_over_has_empty_times_and_nothing_else_will_do(tmp_path):
    assert not run(tmp_path, PULSE.format(arrive="")).failed
    assert run(tmp_path, PULSE.format(arrive="2.5")).failed


LOADS = "case,what,inputs,expected,unit\n"


def test_a_row_without_inputs_takes_those_before_and_an_unknown_one_is_said(tmp_path):
    rows = 'L1,load,"C=35 mg/L;Q=1200 m3/d",42,kg/d\nL1,same in t/a,,15.33,t/a\n'
    assert not run(tmp_path, LOADS + rows).failed
    report = run(tmp_path, LOADS + "X,something,Z=4,1,kg/d\n")
    assert [check.outcome.value for check in report.checks] == ["not_checkable"]
    assert run(tmp_path, LOADS + 'L1,load,"C=a;Q=1",42,kg/d\n').failed
    assert run(tmp_path, LOADS + 'L1,load,"C=1;Q=1",42,pounds\n').failed


def test_a_unit_that_is_not_known_is_never_read_as_another(tmp_path):
    rows = 'L1,load,"C=35000 ug/L;Q=1200 m3/d",42,kg/d\nL1,load,"C=35 ppm;Q=1200 m3/d",42,kg/d\n'
    report = run(tmp_path, LOADS + rows)
    assert [check.outcome.value for check in report.checks] == ["ok", "not_checkable"]
    assert "ppm" in str(report.checks[1].note) and report.checks[1].line == 3


def test_the_first_flush_is_that_of_the_part_a_row_names(tmp_path):
    curve = "V%:M% 0:0;25:45;40:60;100:100"
    rows = (
        f"F,first-flush ratio MFF30,{curve},0.5,-\nF,mass share in the first 20% of runoff,{curve},0.36,-\n"
    )
    assert not run(tmp_path, LOADS + rows).failed


WINDOW = (
    "case,what,matrix,data,expected\n"
    'W,"candidate A at 9000 m above the section; exceedance seen 2026-07-01 22:00 to {end}; velocity 0.3-0.75 m/s",'
    ",,{hours}\n"
)


@pytest.mark.parametrize("end", ["2026-07-02 03:00", "03:00"])
def test_a_window_may_run_over_midnight(tmp_path, end):
    earliest, latest = 9000 / 0.3 / 3600, 9000 / 0.75 / 3600 - 5
    assert not run(tmp_path, WINDOW.format(end=end, hours=f"{earliest!r};{latest!r}")).failed
    assert run(tmp_path, WINDOW.format(end=end, hours=f"{earliest!r};{latest + 24!r}")).failed
