"""Results are right and never stale: a change of anything they follow from is seen at the next look."""

import json
from datetime import date, datetime

import pytest

from bishui.assessment import Period
from bishui.server.accounts import services as accounts
from bishui.server.core import audit, imports, remembered, workflow
from bishui.server.core.models import CachedResult
from bishui.server.plans import services as plans
from bishui.server.sites import assessed, queries, services
from bishui.server.sites.assessed import Results
from bishui.server.sites.covered import coverage_of
from bishui.server.sites.models import Site
from bishui.server.standards import services as standards
from tests.server.conftest import CITY
from tests.server.sites.conftest import ROWS, bring, csv, lead, workspace

APRIL = Period.month(2021, 4)


def of(city, name, period=APRIL, as_of=None):
    return Results(workspace(as_of)).attainment(period)["sections"][str(city.sites[name].pk)]


def item(section, key):
    return next(entry for entry in section["items"] if entry["item"] == key)


def test_the_month_of_a_small_case_gb3838_table_1(city):
    bring(csv(*ROWS))
    failing = of(city, "甲断面")
    assert (failing["class"], failing["attainment"]["state"]) == (4, "not_attained")
    nitrogen = item(failing, "nh3n")
    # (1.2 + 1.0) / 2 = 1.1 against 1.0 of class Ⅲ: exceeded 0.1 times.
    assert (nitrogen["compared"], nitrogen["target_limit"], nitrogen["over_target"]["multiple"]) == (
        "1.10",
        "1.0",
        "0.1",
    )
    assert nitrogen["clause"].startswith("GB 3838-2002")
    assert failing["attainment"]["failing"] == ["nh3n"]
    assert (failing["attainment"]["source_file"], failing["attainment"]["source_line"]) == ("targets.txt", 1)
    attaining = of(city, "乙断面")
    assert (attaining["class"], attaining["attainment"]["state"]) == (2, "attained")
    assert item(attaining, "tp")["counts"]["below_detection"] == 1


def test_a_site_without_water_type_has_no_class_and_one_without_data_none_either(city):
    bring(csv(*ROWS))
    unknown, empty = of(city, "丙断面"), of(city, "丁断面")
    assert (unknown["class"], unknown["reason"]) == (None, "water_type_unknown")
    assert (empty["class"], empty["reason"], empty["attainment"]["state"]) == (None, "no_data", "not_judged")


def test_a_second_look_is_read_from_what_was_kept(city, monkeypatch):
    bring(csv(*ROWS))
    first = of(city, "甲断面")
    kept = CachedResult.objects.count()
    monkeypatch.setattr("bishui.server.sites.assessed.assess", None)
    assert of(city, "甲断面") == first
    assert CachedResult.objects.count() == kept


def test_a_flag_changes_the_result_and_its_withdrawal_brings_it_back(city):
    bring(csv(*ROWS))
    assert of(city, "甲断面")["class"] == 4
    flag = services.flag(
        city.sites["甲断面"],
        item="nh3n",
        time_from=datetime(2021, 4, 1, 8),
        time_to=datetime(2021, 4, 1, 8),
        kind="excluded",
        reason="仪器校准",
        actor=lead(),
    )
    flagged = of(city, "甲断面")
    assert (flagged["class"], item(flagged, "nh3n")["compared"]) == (3, "1.00")
    assert item(flagged, "nh3n")["counts"]["excluded"] == 1
    services.withdraw_flag(flag, why="校准记录有误", actor=lead())
    assert of(city, "甲断面")["class"] == 4


def test_a_water_type_that_becomes_known_gives_a_class(city):
    bring(csv(*ROWS))
    assert of(city, "丙断面")["class"] is None
    services.save_site("S3", "丙断面", kind="section", division=CITY, water_type="river", actor=lead())
    assert of(city, "丙断面")["class"] == 2


def test_a_new_target_changes_the_verdict(city):
    bring(csv(*ROWS))
    assert of(city, "乙断面")["attainment"]["state"] == "attained"
    plans.record_published_targets(
        CITY,
        "2021年4月加严目标",
        published_by="甲市生态环境局",
        period=(date(2021, 4, 1), date(2021, 4, 30)),
        actor="tester",
        section_targets=[{"section": "乙断面", "class": "Ⅰ", "line": 1}],
    )
    assert of(city, "乙断面")["attainment"]["state"] == "not_attained"


def test_an_import_and_its_undo_change_the_results(city):
    bring(csv(*ROWS))
    more = bring(csv("甲断面,2021-04-03 08:00,氨氮,0.2,mg/L,,自动"), "more.csv")
    assert of(city, "甲断面")["class"] == 3
    imports.take_back(more, actor=lead(), why="误导入")
    assert of(city, "甲断面")["class"] == 4


def test_readings_after_the_fixed_day_of_an_invented_city_do_not_count(city):
    bring(csv(*ROWS))
    assert item(of(city, "甲断面", as_of=date(2021, 4, 1)), "nh3n")["compared"] == "1.20"
    coverage = Results(workspace(date(2021, 3, 31))).coverage()
    assert (coverage["months"], coverage["sites"]) == ([], {})


def test_coverage_tells_months_and_how_new_the_readings_are(city):
    bring(csv(*ROWS, "丁断面,2021-05-01 08:00,氨氮,--,mg/L,停站,自动"))
    coverage = Results(workspace()).coverage()
    assert coverage["months"] == ["2021-04"]
    assert coverage["newest"] == {"automatic": "2021-04-02 08:00:00"}
    silent = coverage["sites"][str(city.sites["丁断面"].pk)]
    assert (silent["offline"], silent["last_value"]) == (True, None)


def test_coverage_of_imports_that_lie_over_one_another_counts_each_row_once(city):
    bring(csv(*ROWS))
    bring(csv(*ROWS, "甲断面,2021-04-03 08:00,氨氮,0.2,mg/L,,自动"), "again.csv")
    results = Results(workspace())
    batched, whole = results.coverage(), coverage_of(results.rows())
    assert batched == json.loads(json.dumps(whole, default=str))


def test_several_periods_made_at_once_are_those_made_one_by_one(city):
    bring(csv(*ROWS, "甲断面,2021-05-01 08:00,氨氮,0.2,mg/L,,自动"))
    periods = [APRIL, Period.month(2021, 5), Period.parse("2021")]
    Results(workspace()).prepare(periods)
    together = [Results(workspace()).attainment(period) for period in periods]
    assessed.drop(CITY)
    assert [Results(workspace()).attainment(period) for period in periods] == together


def test_a_list_of_sites_is_asked_for_again_only_when_something_was_written(city, django_assert_num_queries):
    seen = Site.objects.filter(division__startswith=CITY)
    assert len(remembered.listed(seen)) == 4
    with django_assert_num_queries(1):  # for the state of the audit trail
        assert {site.name for site in remembered.listed(seen)} == set(city.sites)
    services.save_site("S9", "新断面", kind="section", division=CITY, actor=lead())
    assert "新断面" in {site.name for site in remembered.listed(seen)}


def test_what_was_made_of_sites_is_made_again_only_when_one_of_them_changed(city):
    seen = Site.objects.filter(division__startswith=CITY)
    sites = remembered.held(seen)
    made = remembered.made_of(sites, "names", lambda: [site.name for site in sites])
    bring(csv(*ROWS))
    assert remembered.held(seen) is sites
    assert remembered.made_of(remembered.held(seen), "names", list) is made
    services.save_site(sites[0].code, "改名断面", kind="section", division=CITY, actor=lead())
    assert "改名断面" in {site.name for site in remembered.held(seen)}
    assert remembered.made_of(remembered.held(seen), "names", list) == []


def test_a_span_within_rows_that_were_read_is_not_read_again(city, monkeypatch):
    bring(csv(*ROWS, "甲断面,2021-05-01 08:00,氨氮,0.2,mg/L,,自动"))
    results, site = Results(workspace()), str(city.sites["甲断面"].pk)
    whole = results.site_rows(site)
    monkeypatch.setattr(queries, "measurements", None)
    april = results.site_rows(site, APRIL.start, APRIL.end)
    assert april.num_rows == whole.num_rows - 1 > 0


def test_several_imports_may_be_followed_by_one_computation(city, monkeypatch):
    bring(csv(*ROWS))
    asked = []
    monkeypatch.setattr(services, "_warmed", [lambda workspace: asked.append(workspace.division)])
    with services.warmed_at_end():
        services.warm(CITY)
        services.warm(CITY)
        assert asked == []
    assert asked == [CITY]


def test_nothing_is_asked_again_of_the_inputs_until_something_is_written(city, monkeypatch):
    bring(csv(*ROWS))
    of(city, "甲断面")
    monkeypatch.setattr(assessed, "_inputs", None)
    assert of(city, "甲断面")["class"] == 4
    with pytest.raises(TypeError), audit.action("sites.saved", actor=lead(), name="x"):
        of(city, "甲断面")


def test_the_history_holds_each_month(city):
    bring(csv(*ROWS, "甲断面,2021-05-01 08:00,氨氮,0.2,mg/L,,自动"))
    months = Results(workspace()).history()[str(city.sites["甲断面"].pk)]
    assert [(month["period"], month["class"], month["state"]) for month in months] == [
        ("2021-05", 2, "attained"),
        ("2021-04", 4, "not_attained"),
    ]


def test_published_classes_stand_beside_the_computed_ones(city):
    bring(
        csv(
            ROWS[0],
            "甲断面,2021-04-01 08:00,水质类别,Ⅳ,,,自动",
            ROWS[1],
            "甲断面,2021-04-02 08:00,水质类别,Ⅱ,,,自动",
        )
    )
    found = Results(workspace()).published(str(city.sites["甲断面"].pk), APRIL)
    assert (found["printed"], found["compared"], found["same"]) == (2, 2, 1)
    assert found["differ"] == [{"time": "2021-04-02 08:00", "published": 2, "computed": 3}]


def test_every_write_stands_in_the_trail_with_its_reason(city):
    services.flag(
        city.sites["甲断面"],
        time_from=datetime(2021, 4, 1),
        time_to=datetime(2021, 4, 2),
        kind="under_review",
        reason="疑似仪器故障",
        actor=lead(),
    )
    from bishui.server.core.models import AuditEntry

    entry = AuditEntry.objects.order_by("-sequence")[0]
    assert (entry.action, entry.why, entry.division) == ("sites.flagged", "疑似仪器故障", CITY)
    assert "甲断面" in audit.message(entry.action, entry.params)
    assert audit.verify()[1] == []


OWN = """[override]
name = "甲市管控值"
basis = "甲文〔2021〕1号"
in_force_from = 2021-01-01

[[limit]]
standard = "gb3838"
item = "nh3n"
when = { water_type = "river" }
limits = { III = 1.2 }
unit = "mg/L"
source = "附件1"
"""


def test_a_bureaus_own_limit_judges_from_its_day_once_a_second_person_has_confirmed_it(city):
    bring(csv(*ROWS))
    assert of(city, "甲断面")["class"] == 4
    record = standards.upload(OWN.encode(), "own.toml", division=CITY, why="已印发", actor=lead())
    assert of(city, "甲断面")["class"] == 4
    second = accounts.create_user("second", "long-enough-for-a-test", actor="system")
    accounts.grant(second, "bureau_lead", CITY, actor="system")
    workflow.fire(record, "confirm", actor=second, evidence={"text": "与文件一致"})
    own = of(city, "甲断面")
    assert (own["class"], own["attainment"]["state"]) == (3, "attained")
    assert own["standard"].startswith("GB 3838-2002+local:")
