"""Known answers of rankings and trends: layouts by header, tolerances in columns, series beside."""

import pytest

from bishui.verification import Outcome, verify

RANKING = "period,city,published_CWQI,published_rank\n"
TREND = "series,values,test,expected_trend,S,var_S,Z,p,Tau,slope,rs,critical,tolerance\n"
FIVE = "means,1.700 1.722 1.648 1.695 1.505,"
MONTHS = "year,month,value\n" + "".join(
    f"{year},{month},{year - 2000 + month}\n" for year in range(2001, 2007) for month in range(1, 13)
)


def run(folder, **files):
    for name, text in files.items():
        (folder / f"{name}.csv").write_text(text, encoding="utf-8")
    return {report.path.rpartition("/")[2].removesuffix(".csv"): report for report in verify([folder])}


def outcomes(report):
    return {check.what: check.outcome for check in report.checks}


class TestRanking:
    def test_each_period_is_ranked_by_itself_in_any_order_of_rows(self, tmp_path):
        text = RANKING + "a,乙,4.0,2\nb,甲,2.0000,1\na,甲,3.0229,1\nb,乙,2.0001,2\n"
        report = run(tmp_path, a=text)["a"]
        assert (report.layout, report.failed, report.count(Outcome.OK)) == ("cwqi-ranking", False, 8)

    def test_equal_values_share_a_rank(self, tmp_path):
        assert not run(tmp_path, a=RANKING + "a,甲,3.1,1\na,乙,3.1,1\na,丙,3.2,3\n")["a"].failed

    @pytest.mark.parametrize(
        "rows",
        [
            "a,甲,3.1,2\na,乙,3.2,1\n",
            "a,甲,3.1,1\na,乙,3.2,3\n",
            "a,甲,3.10001,1\n",
            "a,甲,x,1\n",
            "a,甲,,1\n",
        ],
    )
    def test_a_wrong_order_rank_or_number_of_digits_fails(self, tmp_path, rows):
        assert run(tmp_path, a=RANKING + rows)["a"].failed


class TestTrend:
    def test_numbers_are_compared_within_the_tolerance_of_the_row(self, tmp_path):
        row = FIVE + "mann_kendall,no trend,-6,16.666667,-1.224745,0.220671,-0.6,-0.037375,,,1e-5\n"
        report = run(tmp_path, a=TREND + row)["a"]
        assert (report.layout, report.failed, report.count(Outcome.OK)) == ("trend-expected", False, 7)

    @pytest.mark.parametrize(
        ("right", "wrong", "what"),
        [
            ("no trend", "increasing", "expected_trend"),
            (",-6,", ",-5,", "S"),
            ("16.666667", "16.67", "var_S"),
            ("-1.224745", "1.224745", "Z"),
            ("0.220671", "0.2207", "p"),
            ("-0.6,", "-0.61,", "Tau"),
            ("-0.037375", "-0.03739", "slope"),
        ],
    )
    def test_a_wrong_expectation_is_found(self, tmp_path, right, wrong, what):
        row = FIVE + "mann_kendall,no trend,-6,16.666667,-1.224745,0.220671,-0.6,-0.037375,,,1e-5\n"
        assert right in row
        report = run(tmp_path, a=TREND + row.replace(right, wrong))["a"]
        assert report.failed
        assert [check.what for check in report.checks if check.outcome.failed] == [what]

    def test_spearman_with_its_critical_value(self, tmp_path):
        right = FIVE + "spearman_daniel,not significant,,,,,,,-0.8000,0.900,1e-4\n"
        wrong = FIVE + "spearman_daniel,not significant,,,,,,,-0.8000,0.829,1e-4\n"
        assert not run(tmp_path, a=TREND + right)["a"].failed
        assert run(tmp_path, a=TREND + wrong)["a"].failed

    def test_a_tiny_probability_needs_its_own_digits(self, tmp_path):
        values = " ".join(str(value) for value in range(40))
        row = f"s,{values},mann_kendall,increasing,780,,,{{p}},,1,,,1e-5\n"
        report = run(tmp_path, a=TREND + row.format(p="1e-17"))["a"]
        assert outcomes(report)["p"] is Outcome.OK  # below what a difference from one can tell
        report = run(tmp_path, a=TREND + row.format(p="2e-9"))["a"]
        assert outcomes(report)["p"] is Outcome.DIFFERENT

    @pytest.mark.parametrize(
        "row", ["s,1 2 x 4,mann_kendall,no trend\n", "s,1 2 3,guess,no trend\n", "s,1 2 3,mann_kendall,perhaps\n",
                "s,,mann_kendall,no trend\n", "../s.csv,,mann_kendall,no trend\n"],
    )  # fmt: skip
    def test_what_cannot_be_read_is_not_checkable_and_fails(self, tmp_path, row):
        report = run(tmp_path, a=TREND + row)["a"]
        assert report.failed
        assert report.count(Outcome.NOT_CHECKABLE) == 1


class TestSeriesFile:
    CASE = TREND + "b.csv,,seasonal_mann_kendall,increasing,180,,,,1,1,,,1e-9\n"

    def test_a_series_that_a_case_names_is_an_input_and_no_failure(self, tmp_path):
        reports = run(tmp_path, a=self.CASE, b=MONTHS)
        assert not reports["a"].failed
        assert (reports["b"].layout, reports["b"].failed) == ("series", False)
        (check,) = reports["b"].checks
        assert check.outcome is Outcome.INPUT
        assert "a.csv" in str(check.note)

    def test_a_series_that_none_names_cannot_be_checked(self, tmp_path):
        report = run(tmp_path, b=MONTHS)["b"]
        assert report.failed
        assert report.count(Outcome.NOT_CHECKABLE) == 1

    def test_a_series_with_a_fault_fails_where_it_is_named_and_by_itself(self, tmp_path):
        reports = run(tmp_path, a=self.CASE, b=MONTHS.replace("2003,5,8", "2003,5,acht"))
        assert reports["a"].failed
        assert reports["b"].failed

    def test_a_series_has_one_column_of_values(self, tmp_path):
        report = run(tmp_path, b="year,month,x,y\n2001,1,2,3\n")["b"]
        assert report.failed
        assert "一列数值" in str(report.problem)


@pytest.mark.parametrize("name", ["cwqi-ranking", "trend-expected", "trend-series-monthly-nitrate"])
def test_published_cases_are_reproduced(shared, name):
    (report,) = verify([shared / "reference" / "assessment-cases" / f"{name}.csv"])
    assert not report.failed, [check for check in report.checks if check.outcome.failed]
