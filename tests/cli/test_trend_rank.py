"""``bishui trend`` and ``bishui rank`` with their exit statuses."""

import json

import pytest

click = pytest.importorskip("click")
from click.testing import CliRunner  # noqa: E402

from bishui.cli.root import cli  # noqa: E402

SERIES = "year,value\n2001,1.700\n2002,1.722\n2003,1.648\n2004,1.695\n2005,1.505\n"
HEAD = "site,time,item,value,unit,qualifier\n"
SITES = "id,name,water_type,division\na,甲断面,river,甲市\nb,乙断面,river,乙市\n"


def rows(year, *values):
    pairs = zip(("甲断面", "乙断面"), values, strict=True)
    return "".join(f"{site},{year}-02-01 08:00,溶解氧,{value},mg/L,\n" for site, value in pairs)


@pytest.fixture
def files(tmp_path):
    texts = {
        "series.csv": SERIES,
        "t.csv": HEAD + rows(2023, 4, 4) + rows(2024, 8, 5),
        "s.csv": SITES,
    }
    for name, text in texts.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    return tmp_path


def call(*arguments):
    return CliRunner().invoke(cli, [str(argument) for argument in arguments])


class TestTrend:
    def test_a_series_file_shows_both_tests_and_the_official_words(self, files):
        found = call("trend", files / "series.csv", "--item", "总磷")
        assert found.exit_code == 0, found.output
        assert "r_s = -0.8000" in found.output
        assert "W(N=5, 0.05) = 0.900" in found.output
        assert "S = -6" in found.output
        assert "无显著变化趋势（平稳）" in found.output

    def test_json_holds_ranks_and_settings(self, files):
        found = json.loads(call("trend", files / "series.csv", "--json", "-", "--test", "spearman").output)
        (trend,) = found["trends"]
        assert (trend["coefficient"], trend["squares"], trend["course"]) == ("-0.8000", "36", "no_trend")
        assert trend["ranks"]["2002"] == "5"
        assert found["rules"]["settings"]["spearman_critical"]["certainty"] == "C"

    def test_measurements_of_one_site(self, files):
        table = HEAD + "".join(
            f"甲断面,{year}-02-01 08:00,总磷,0.0{year - 2015},mg/L,\n" for year in range(2016, 2024)
        )
        (files / "m.csv").write_text(table, encoding="utf-8")
        found = call("trend", files / "m.csv", "--site", "甲断面", "--item", "总磷", "--open")
        assert found.exit_code == 0, found.output
        assert "2016-02-01 08:00 0.01" in found.output
        assert "依据 环办〔2011〕22号" in found.output
        assert "显著上升，水质变差" in found.output
        assert "月数不足的年份" in found.output

    @pytest.mark.parametrize(
        "arguments",
        [["nothing.csv"], ["t.csv", "--site", "甲断面"], ["series.csv", "--item", "金"],
         ["series.csv", "--set", "level=1"], ["series.csv", "--test", "seasonal"]],
    )  # fmt: skip
    def test_a_wrong_call_ends_in_a_sentence_and_status_2(self, files, arguments):
        paths = [str(files / word) if word.endswith(".csv") else word for word in arguments]
        found = call("trend", *paths)
        assert found.exit_code == 2
        assert "Traceback" not in found.output
        assert "。" in found.output

    def test_a_setting_is_changed_by_name(self, files):
        found = json.loads(
            call("trend", files / "series.csv", "--set", "spearman_level=0.01", "--json", "-").output
        )
        assert found["trends"][0]["critical"] == "1.000"
        assert found["trends"][0]["rules"] == "22-2011.1+spearman_level=0.01"


class TestRank:
    def test_cities_by_index(self, files):
        found = call("rank", files / "t.csv", "--sites", files / "s.csv", "--period", "2024-01~06")
        assert found.exit_code == 0, found.output
        assert found.output.index("甲市") < found.output.index("乙市")
        assert "0.6250" in found.output
        assert "参评项目 1 项：溶解氧" in found.output

    def test_cities_by_change(self, files):
        found = call(
            "rank",
            files / "t.csv",
            "--sites",
            files / "s.csv",
            "--period",
            "2024",
            "--base",
            "2023",
            "--json",
            "-",
        )
        ranking = json.loads(found.output)
        assert [(place["name"], place["index"]) for place in ranking["places"]] == [
            ("甲市", "-50.00"),
            ("乙市", "-20.00"),
        ]

    def test_sections_and_one_sum_opened(self, files):
        found = call(
            "rank",
            files / "t.csv",
            "--sites",
            files / "s.csv",
            "--period",
            "2024",
            "--by",
            "section",
            "--open",
            "甲断面",
        )
        assert found.exit_code == 0, found.output
        assert "5 / 8" in found.output
        assert "2024-02-01 08:00 8" in found.output

    def test_other_item_lists_are_refused(self, files):
        more = HEAD + rows(2024, 8, 5) + "甲断面,2024-02-01 08:00,总磷,0.1,mg/L,\n"
        (files / "t.csv").write_text(more, encoding="utf-8")
        found = call("rank", files / "t.csv", "--sites", files / "s.csv", "--period", "2024")
        assert found.exit_code == 1
        assert "不能排名" in found.output
        assert "“乙市”缺少 总磷" in found.output

    def test_without_divisions_there_is_no_city(self, files):
        found = call("rank", files / "t.csv", "--period", "2024")
        assert found.exit_code == 1
        assert "division" in found.output
