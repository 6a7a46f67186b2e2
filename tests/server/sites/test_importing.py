"""Measurements in: sites by name, repeats, contradictions, unknown names, undo."""

from decimal import Decimal

import pytest

from bishui.errors import Conflict
from bishui.server.core import imports
from bishui.server.sites import queries, services
from bishui.server.sites.models import Site
from tests.server.conftest import CITY, COUNTY_A
from tests.server.sites.conftest import ROWS, bring, csv, lead


def held():
    return queries.measurements(CITY)


def codes(session):
    return [problem["code"] for problem in imports.all_problems(session)]


def test_the_preview_tells_what_became_of_each_row(city):
    unknown = "无名断面,2021-04-01 08:00,氨氮,0.2,mg/L,,"
    nonsense = "甲断面,2021-04-02 08:00,氨氮,很多,mg/L,,"
    session = bring(csv(*ROWS, ROWS[0], unknown, nonsense, ",,,,,,"))
    told = session.summary["notes"][0]["zh"]
    assert told == (f"逐行去向：采用 {len(ROWS)} 行，重复 1 行，不含可用结果 1 行，不能采用 2 行。")
    assert session.summary["rows"] == len(ROWS) + 4


def test_a_long_table_becomes_rows_of_the_sites_that_it_names(city):
    session = bring(csv(*ROWS))
    assert session.state == "active"
    assert session.summary["kept"] == 6
    assert session.summary["from"] == "2021-04-01 08:00"
    rows = held().sort_by([("site", "ascending"), ("time", "ascending"), ("item", "ascending")]).to_pylist()
    assert {row["site"] for row in rows} == {
        str(city.sites[name].pk) for name in ("甲断面", "乙断面", "丙断面")
    }
    assert {row["import_id"] for row in rows} == {str(session.pk)}
    below = next(row for row in rows if row["mark"] == "below_detection")
    assert (below["value"], below["raw"]) == (Decimal("0.02"), "<0.02")


def test_a_name_is_found_whatever_its_width_and_white_space(city):
    services.save_site("S9", "A-1断面", kind="section", division=CITY, actor="tester")
    session = bring(csv("Ａ－1 断面,2021-04-01 08:00,氨氮,0.4,mg/L,,自动"))
    assert (session.state, session.summary["unknown"]) == ("active", 0)


def test_a_confirmed_alias_is_the_site(city):
    bring(csv("甲桥,2021-04-01 08:00,氨氮,0.4,mg/L,,自动"))
    assert held().num_rows == 0
    services.add_alias(city.sites["甲断面"], "甲桥", actor="tester")
    session = bring(csv("甲桥,2021-04-01 08:00,氨氮,0.4,mg/L,,自动"), "again.csv")
    assert session.state == "active"
    assert held()["site"].to_pylist() == [str(city.sites["甲断面"].pk)]


def test_an_alias_of_one_site_cannot_be_that_of_another(city):
    services.add_alias(city.sites["甲断面"], "甲桥", actor="tester")
    with pytest.raises(Conflict):
        services.add_alias(city.sites["乙断面"], "甲 桥", actor="tester")
    with pytest.raises(Conflict):
        services.add_alias(city.sites["甲断面"], "乙断面", actor="tester")


def test_an_unknown_name_is_listed_with_its_row_and_the_rest_is_taken(city):
    session = bring(csv(ROWS[0], "戊断面,2021-04-01 08:00,氨氮,0.4,mg/L,,自动"))
    assert (session.state, session.summary["kept"], session.summary["unknown"]) == ("active", 1, 1)
    (problem,) = imports.all_problems(session)
    assert (problem["code"], problem["where"]["row"], problem["raw"]) == ("unknown-site", 3, "戊断面")
    outcomes = imports.account(session).to_pylist()
    assert [row["outcome"] for row in outcomes] == ["accepted", "rejected"]
    assert not Site.objects.filter(name="戊断面").exists()


def test_an_unknown_name_becomes_a_site_of_unknown_water_type_where_asked(city):
    session = bring(csv("戊断面,2021-04-01 08:00,氨氮,0.4,mg/L,,自动"), unknown_sites="add")
    site = Site.objects.get(name="戊断面")
    assert (session.state, site.water_type, site.division) == ("active", "", CITY)
    assert held()["site"].to_pylist() == [str(site.pk)]


def test_the_same_rows_in_another_file_change_nothing(city):
    bring(csv(*ROWS))
    again = bring(csv(*reversed(ROWS)), "other.csv")
    assert again.state == "previewed"
    assert (again.summary["repeats"], again.summary["kept"], again.summary["has_content"]) == (6, 0, False)
    assert {row["outcome"] for row in imports.account(again).to_pylist()} == {"repeat"}
    assert held().num_rows == 6


def test_the_same_file_again_is_recognised(city):
    bring(csv(*ROWS))
    assert bring(csv(*ROWS)).state == "repeat"


def test_another_value_for_a_held_reading_is_a_contradiction_and_not_stored(city):
    bring(csv(*ROWS), "first.csv")
    session = bring(
        csv("甲断面,2021-04-01 08:00,氨氮,9.9,mg/L,,自动", "甲断面,2021-04-03 08:00,氨氮,0.9,mg/L,,自动")
    )
    assert (session.summary["contradictions"], session.summary["kept"]) == (1, 1)
    (problem,) = imports.all_problems(session)
    assert problem["code"] == "contradicts-import"
    assert "1.2" in problem["what"]["zh"] and "first.csv" in problem["what"]["zh"]
    assert problem["where"]["row"] == 2
    assert Decimal("9.9") not in held()["value"].to_pylist()


def test_no_reading_says_nothing_against_a_held_reading(city):
    bring(csv(*ROWS))
    session = bring(csv("甲断面,2021-04-01 08:00,氨氮,--,mg/L,,自动"), "late.csv")
    assert (session.summary["repeats"], session.summary["contradictions"]) == (1, 0)


def test_an_import_that_was_taken_back_counts_no_more_and_may_come_again(city):
    first = bring(csv(*ROWS))
    imports.take_back(first, actor=lead(), why="错表")
    assert held().num_rows == 0
    again = bring(csv(*ROWS))
    assert again.state == "active"
    assert held().num_rows == 6


def test_a_preview_that_became_stale_is_not_stored(city):
    session = imports.receive("observations", [csv(*ROWS)], "a.csv", division=CITY, actor="tester")
    imports.read(session)
    session.refresh_from_db()
    bring(csv(ROWS[0]), "b.csv")
    imports.start_commit(session, actor=lead())
    with pytest.raises(Conflict):
        imports.finish_commit(session)
    session.refresh_from_db()
    assert session.state == "previewed"
    assert held().num_rows == 1


def test_a_name_outside_the_division_of_the_import_is_unknown(city):
    session = bring(csv(ROWS[0]), division="980000/")
    assert codes(session) == ["unknown-site"]


def test_what_the_city_holds_is_recognised_in_the_import_of_a_county(city):
    services.save_site("A1", "乙县断面", kind="section", division=COUNTY_A, actor="tester")
    row = "乙县断面,2021-04-01 08:00,氨氮,0.4,mg/L,,自动"
    bring(csv(row))
    again = bring(csv(row), "county.csv", COUNTY_A)
    assert (again.state, again.summary["repeats"]) == ("previewed", 1)


def test_times_without_a_year_take_the_asked_one(city):
    session = bring(csv("甲断面,04-01 08:00,氨氮,0.4,mg/L,,自动"), year=2021)
    assert (session.state, session.summary["from"]) == ("active", "2021-04-01 08:00")
    without = bring(csv("甲断面,04-01 12:00,氨氮,0.4,mg/L,,自动"))
    assert without.state == "unreadable"
    named = bring(csv("甲断面,04-01 16:00,氨氮,0.4,mg/L,,自动"), "2021年4月.csv")
    assert (named.state, named.summary["from"]) == ("active", "2021-04-01 16:00")


def test_a_file_of_another_kind_is_refused_with_a_sentence(city):
    session = bring("姓名,年龄\n张三,30\n".encode())
    assert session.state == "unreadable"
    assert "表头" in session.problems[0]["what"]["zh"]
