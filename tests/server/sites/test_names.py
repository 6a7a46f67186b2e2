"""Names that mean no site: a person decides once, for all further files; it is audited and reversible."""

import pytest
from django.urls import reverse

from bishui.errors import BishuiError, Conflict, DataError
from bishui.server.core import imports
from bishui.server.core.models import AuditEntry, ImportSession
from bishui.server.sites import naming, queries, services
from bishui.server.sites.models import FoundName, NameDecision, Site, SiteAlias
from tests.server.conftest import CITY, COUNTY_A
from tests.server.sites.conftest import ROWS, bring, csv, lead

OTHER = "甲断靣,2021-05-01 08:00,氨氮,0.7,mg/L,,手工"


def previewed(*rows, name="table.csv", division=CITY):
    session = imports.receive(
        "observations",
        [csv(*rows)],
        name,
        division=division,
        actor=lead(),
        options={"unknown_sites": "reject"},
    )
    imports.read(session)
    session.refresh_from_db()
    return session


def names(session=None):
    return [entry.name for entry in naming.open_names(CITY, session)]


def test_a_name_that_means_no_site_waits_with_what_it_is_near_to(city):
    session = bring(csv(*ROWS, OTHER, OTHER.replace("05-01", "05-02")))
    (entry,) = naming.open_names(CITY)
    assert (entry.name, entry.rows, [found.session for found in entry.found]) == ("甲断靣", 2, [session])
    naming.propose([entry], CITY)
    assert entry.proposals[0].site == str(city.sites["甲断面"].pk)
    assert queries.measurements(CITY).num_rows == 6, "nothing is taken for a site by itself"


def test_names_are_listed_of_one_import_and_of_all(city):
    first = previewed(*ROWS, OTHER)
    previewed("东门桥,2021-05-01 08:00,氨氮,0.7,mg/L,,手工", name="other.csv")
    assert names(first) == ["甲断靣"]
    assert set(names()) == {"甲断靣", "东门桥"}


def test_a_name_written_in_two_ways_is_one_question(city):
    previewed(OTHER, name="a.csv")
    previewed(OTHER.replace("甲断靣", "甲 断靣").replace("05-01", "06-01"), name="b.csv")
    (entry,) = naming.open_names(CITY)
    assert (entry.rows, len(entry.found)) == (2, 2)


def test_a_discarded_file_asks_nothing(city):
    imports.discard(previewed(OTHER), actor=lead())
    assert names() == []


def test_an_alias_answers_for_all_further_files(city):
    previewed(OTHER)
    services.add_alias(city.sites["甲断面"], "甲断靣", actor=lead(), why="异体字")
    assert names() == []
    session = bring(csv(OTHER.replace("05-01", "06-01")), name="june.csv")
    assert (session.state, session.summary["unknown"]) == ("active", 0)


def test_not_ours_is_left_out_of_all_further_files_without_a_problem(city):
    previewed(OTHER)
    naming.decide_not_ours("甲断靣", division=CITY, why="邻市断面", actor=lead())
    session = bring(csv(*ROWS, OTHER), name="later.csv")
    assert (session.summary["kept"], session.summary["foreign"], session.summary["unknown_names"]) == (
        6,
        1,
        0,
    )
    assert [problem["code"] for problem in imports.all_problems(session)] == []
    account = imports.account(session).to_pylist()
    assert account[-1]["detail"] == "已确认不是本市的点位，未导入"


def test_not_ours_is_not_added_as_a_new_site_either(city):
    naming.decide_not_ours("甲断靣", division=CITY, why="邻市断面", actor=lead())
    bring(csv(*ROWS, OTHER), unknown_sites="add")
    assert not Site.objects.filter(name="甲断靣").exists()


def test_a_new_site_bears_the_name_of_the_file(city):
    previewed("东门桥,2021-05-01 08:00,氨氮,0.7,mg/L,,手工")
    site = naming.decide_new("东门桥", code="N1", kind="section", division=CITY, actor=lead())
    assert (site.name, site.water_type) == ("东门桥", "")
    assert names() == []


@pytest.mark.parametrize("verdict", ["alias", "new", "not_ours"])
def test_each_decision_can_be_withdrawn_and_stays_on_record(city, verdict):
    session = previewed("东门桥,2021-05-01 08:00,氨氮,0.7,mg/L,,手工")
    decide(city, verdict)
    (decision,) = NameDecision.objects.all()
    naming.withdraw_decision(decision, why="看错了", actor=lead())
    (decision,) = NameDecision.objects.all()
    assert (decision.withdrawn_by, decision.withdrawn_why) == ("bureau_lead@city", "看错了")
    assert names(session) == ["东门桥"]
    assert not SiteAlias.objects.exists() and not Site.objects.filter(name="东门桥").exists()
    done = set(AuditEntry.objects.values_list("action", flat=True))
    assert "sites.name_withdrawn" in done or "sites.alias_removed" in done


def decide(city, verdict):
    if verdict == "alias":
        services.add_alias(city.sites["甲断面"], "东门桥", actor=lead())
    elif verdict == "new":
        naming.decide_new("东门桥", code="N1", kind="section", division=CITY, actor=lead())
    else:
        naming.decide_not_ours("东门桥", division=CITY, why="邻市", actor=lead())


def test_a_withdrawal_needs_a_reason_and_happens_once(city):
    decide(city, "not_ours")
    decision = NameDecision.objects.get()
    with pytest.raises(DataError):
        naming.withdraw_decision(decision, why=" ", actor=lead())
    naming.withdraw_decision(decision, why="看错了", actor=lead())
    with pytest.raises(Conflict):
        naming.withdraw_decision(decision, why="再来", actor=lead())


def test_a_new_site_with_measurements_is_not_taken_away(city):
    decide(city, "new")
    bring(csv("东门桥,2021-05-01 08:00,氨氮,0.7,mg/L,,手工"))
    with pytest.raises(Conflict):
        naming.withdraw_decision(NameDecision.objects.get(), why="看错了", actor=lead())
    assert Site.objects.filter(name="东门桥").exists()


@pytest.mark.parametrize("again", ["alias", "new", "not_ours"])
@pytest.mark.parametrize("verdict", ["alias", "new", "not_ours"])
def test_a_name_is_decided_once(city, verdict, again):
    decide(city, verdict)
    with pytest.raises(BishuiError):
        decide(city, again)


def test_what_a_county_calls_foreign_the_city_may_still_own(city):
    naming.decide_not_ours("甲断靣", division=COUNTY_A, why="不是本县的断面", actor=lead())
    previewed(OTHER)
    assert names() == ["甲断靣"]
    assert names(previewed(OTHER, name="county.csv", division=COUNTY_A)) == []


def test_a_name_that_two_sites_share_is_decided_by_a_person(city):
    for code in ("D1", "D2"):
        services.save_site(code, "双名断面", kind="section", division=CITY, actor="tester")
    session = previewed("双名断面,2021-05-01 08:00,氨氮,0.7,mg/L,,手工")
    (entry,) = naming.open_names(CITY, session)
    naming.propose([entry], CITY)
    assert len([found for found in entry.proposals if found.nearness == 1]) == 2
    site = Site.objects.get(code="D2")
    services.add_alias(site, "双名断面", actor=lead())
    assert queries.find_sites(CITY, ["双名断面"]) == {"双名断面": str(site.pk)}


def test_the_rows_that_were_left_out_come_in_once_their_name_is_known(city, at):
    session = bring(csv(*ROWS, OTHER))
    assert not naming.can_come_in(session)
    services.add_alias(city.sites["甲断面"], "甲断靣", actor=lead())
    assert naming.can_come_in(session)
    response = at().post(reverse("sites:names_complete", args=[session.pk]))
    again = ImportSession.objects.exclude(pk=session.pk).get()
    assert response.url == reverse("core:import", args=[again.pk])
    imports.run_now(again, actor=lead())
    again.refresh_from_db()
    assert (again.state, again.summary["kept"], again.summary["repeats"]) == ("active", 1, 6)
    assert queries.measurements(CITY).num_rows == 7
    assert not naming.can_come_in(session)


def test_a_file_under_review_is_read_again(city, at):
    session = previewed(OTHER)
    assert not session.summary["has_content"]
    services.add_alias(city.sites["甲断面"], "甲断靣", actor=lead())
    at().post(reverse("sites:names_complete", args=[session.pk]))
    session.refresh_from_db()
    assert (session.state, session.summary["kept"]) == ("previewed", 1)
    assert not FoundName.objects.exists()


def test_the_page_proposes_and_a_click_decides(city, at):
    session = bring(csv(*ROWS, OTHER))
    client, address = at(), reverse("sites:names")
    text = client.get(f"{address}?import={session.pk}").content.decode()
    assert "就是“甲断面”" in text and "只差一个字：靣／面" in text
    assert address in client.get(reverse("core:import", args=[session.pk])).content.decode()
    site = city.sites["甲断面"]
    client.post(reverse("sites:names_decide"), {"name": "甲断靣", "verdict": f"alias:{site.pk}"})
    text = client.get(address).content.decode()
    assert "是“甲断面”的别名" in text and "没有待核对的名称" in text and "补导入这些行" in text
    decision = NameDecision.objects.get()
    client.post(reverse("sites:names_withdraw", args=[decision.pk]), {"why": "看错了"})
    assert "看错了" in client.get(address).content.decode()


def test_the_page_takes_new_and_not_ours(city, at):
    client, address = at(), reverse("sites:names_decide")
    client.post(address, {"name": "东门桥", "verdict": "new", "code": "N1", "kind": "section"})
    assert Site.objects.get(code="N1").name == "东门桥"
    client.post(address, {"name": "西门桥", "verdict": "not_ours", "why": ""})
    assert not NameDecision.objects.filter(verdict="not_ours").exists()
    client.post(address, {"name": "西门桥", "verdict": "not_ours", "why": "邻市"})
    assert NameDecision.objects.get(verdict="not_ours").why == "邻市"


def test_a_viewer_sees_and_does_not_decide(city, at):
    bring(csv(*ROWS, OTHER))
    client = at("viewer@city")
    text = client.get(reverse("sites:names")).content.decode()
    assert "甲断靣" in text and "<select" not in text
    assert client.post(reverse("sites:names_decide"), {"name": "x"}).status_code == 403


def test_a_county_neither_sees_nor_decides_for_the_city(city, at):
    bring(csv(*ROWS, OTHER))
    client = at("bureau_staff@a")
    foreign = city.sites["甲断面"]
    client.post(reverse("sites:names_decide"), {"name": "甲断靣", "verdict": f"alias:{foreign.pk}"})
    assert not SiteAlias.objects.exists()
    decide(city, "not_ours")
    response = client.post(
        reverse("sites:names_withdraw", args=[NameDecision.objects.get().pk]), {"why": "x"}
    )
    assert response.status_code == 404
