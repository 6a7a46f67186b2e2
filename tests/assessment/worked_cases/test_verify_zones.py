"""Case files of function zones and drinking-water sources, recognised by their header."""

import pytest

from bishui.verification import Outcome, verify

ZONES = (
    "case_id,city,zones_evaluated,zones_attained,control_target_pct,expected_rate_pct_1dp_computed,"
    "expected_verdict_published\n"
)
SOURCES = (
    "source_key,unit,period,sources_evaluated,sources_attained,volume_total_10kt,volume_attained_10kt,"
    "published_rate_count_pct,published_rate_volume_pct,note\n"
)


def run(tmp_path, text):
    path = tmp_path / "cases.csv"
    path.write_text(text, encoding="utf-8")
    (report,) = verify([path])
    return report


@pytest.mark.parametrize(
    ("row", "failed"),
    [
        ("a,甲市,44,38,78,86.4,达标", False),
        ("a,甲市,44,38,78,86.3,达标", True),
        ("a,甲市,44,38,78,86.4,不达标", True),
        ("a,甲市,44,30,78,68.2,未达标", False),
        ("a,甲市,7,6,85.7,85.7,达标", False),
        ("a,甲市,750,749,100,99.9,不达标", False),
        ("a,甲市,44,,78,86.4,达标", True),
        ("a,甲市,44,45,78,102.3,达标", True),
        ("a,甲市,44,x,78,86.4,达标", True),
        ("a,甲市,0,0,78,0.0,达标", True),
    ],
)
def test_function_zones(tmp_path, row, failed):
    report = run(tmp_path, ZONES + row + "\n")
    assert (report.layout, report.failed) == ("function-zone-attainment", failed)


@pytest.mark.parametrize(
    ("row", "failed"),
    [
        ("QZ,甲市,2016-06,7,7,1057.3,1057.3,100,100,", False),
        ("QZ,甲市,2016-06,7,7,1057.3,1057.2,100,100,", False),  # 99.99 printed without digits
        ("QZ,甲市,2016-06,7,7,1057.3,1057.2,100,100.0,", False),
        ("QZ,甲市,2016-06,7,7,1057.3,1047.3,100,100.0,", True),
        ("CN,全国,2016,897,811,,,90.4,,", False),
        ("CN,全国,2016,897,811,,,90.5,,", True),
        ("CN,全国,2016,897,811,,,90.2,,", True),
        ("JY,甲县,Q2,14,13,,,92.8,,", False),  # cut, not rounded: 92.857…
        ("JY,甲县,Q2,14,13,,,92.9,,", False),
        ("JY,甲县,Q2,,,,,92.9,,", True),
    ],
)
def test_drinking_water(tmp_path, row, failed):
    report = run(tmp_path, SOURCES + row + "\n")
    assert (report.layout, report.failed) == ("drinking-water-rate", failed)


def test_a_cut_percentage_is_told(tmp_path):
    (check,) = run(tmp_path, SOURCES + "JY,甲县,Q2,14,13,,,92.8,,\n").checks
    assert "截尾" in str(check.note)


def test_a_volume_rate_without_its_volumes_is_said_to_be_not_checked(tmp_path):
    report = run(tmp_path, SOURCES + "SC,甲省,2016-Q1,10,9,,,90.0,95.5,\n")
    assert (report.count(Outcome.NOT_CHECKED), report.failed) == (1, False)


@pytest.mark.parametrize("name", ["function-zone-attainment", "drinking-water-rate"])
def test_published_cases_are_reproduced(shared, name):
    (report,) = verify([shared / "reference" / "assessment-cases" / f"{name}.csv"])
    assert report.layout == name
    assert not report.failed, [check for check in report.checks if check.outcome.failed]
