"""Alerts from the import to the notice: made once, extended, judged by people with reasons."""

from datetime import date, timedelta

import pytest
from django.urls import reverse
from django_tasks import TaskResultStatus
from django_tasks_db.models import DBTaskResult

from bishui.errors import Conflict, DataError, Forbidden
from bishui.server.alerts import queries, schedule, services
from bishui.server.alerts.aims import aims_of
from bishui.server.alerts.models import Alert, Subscription
from bishui.server.cases.models import Case
from bishui.server.core import audit, imports
from bishui.server.core.models import AuditEntry, WorkflowEvent
from bishui.server.plans import services as plans
from bishui.server.reminders.models import Message
from bishui.server.sites import services as sites
from bishui.server.sites.services import save_site
from tests.server.alerts.conftest import DAY, land, look, readings
from tests.server.conftest import CITY, COUNTY_A
from tests.server.sites.conftest import lead, workspace
from tests.server.standards.in_force import put_in_force

pytestmark = pytest.mark.django_db


def of_kind(kind, level="reading"):
    return list(Alert.objects.filter(kind=kind, level=level).order_by("name"))


def test_a_function_zone_without_a_plan_is_compared_with_its_registered_class(city):
    zone = save_site(
        "F1", "甲工业用水区", kind="function_zone", division=CITY, function_class=4, actor="tester"
    )
    rows = {row["period_from"]: row for row in aims_of(CITY, DAY.date()).to_pylist()}
    row = rows[date(2021, 1, 1)]
    assert (row["site"], row["target_class"]) == (str(zone.pk), 4)


# -- found and kept ------------------------------------------------------------------------------------


def test_an_exceedance_is_kept_with_its_rows_and_rules(exceeding, city):
    assert exceeding.site == city.sites["甲断面"]
    assert (exceeding.value, exceeding.against, exceeding.multiple) == ("1.5", "1.0", "0.5")
    assert [row["value"] for row in exceeding.rows] == ["1.2", "1.5", "1.3"]
    assert exceeding.rules.startswith("alerts.")
    assert exceeding.state == "new"


def test_a_second_look_makes_nothing_twice_and_writes_nothing(exceeding):
    count, written = Alert.objects.count(), AuditEntry.objects.count()
    assert look() == 0
    assert (Alert.objects.count(), AuditEntry.objects.count()) == (count, written)


def test_a_continuing_exceedance_extends_the_open_alert(exceeding):
    land(*readings("甲断面", ["1.9"], end=DAY + timedelta(days=1)), name="next.csv")
    assert look(DAY + timedelta(days=1)) == 0
    (alert,) = of_kind("exceedance")
    assert (alert.in_a_row, alert.value, alert.last) == (4, "1.9", DAY + timedelta(days=1))
    assert (alert.key, alert.first) == (exceeding.key, exceeding.first)


def test_what_goes_on_after_it_was_ended_is_a_new_alert(exceeding):
    services.decide(exceeding, "dismiss", "仪器校准。", actor=lead())
    assert look() == 0
    land(*readings("甲断面", ["1.9"] * 3, end=DAY + timedelta(days=2)), name="next.csv")
    look(DAY + timedelta(days=2))
    old, new = sorted(of_kind("exceedance"), key=lambda alert: alert.first)
    assert (old.state, new.state) == ("not_genuine", "new")
    assert new.first > old.last


def test_a_silent_station_is_an_alert_of_its_own(city):
    land(*readings("甲断面", ["0.2"] * 30, end=DAY - timedelta(days=3)))
    look()
    (alert,) = of_kind("missing_data", level="")
    assert "停报" in str(alert)
    look(DAY + timedelta(days=1))
    (longer,) = of_kind("missing_data", level="")
    assert longer.last > alert.last


def test_stations_of_another_city_do_not_count(exceeding):
    assert {alert.division for alert in Alert.objects.all()} == {CITY}


# -- several stations ----------------------------------------------------------------------------------


@pytest.fixture
def group(city):
    """Three stations of one river at once; the third has no water type but ammonia has one limit."""
    for name in ("甲断面", "乙断面", "丁断面"):
        land(*readings(name, ["0.4", "1.2", "1.5", "1.3"]), name=f"{name}.csv")
    look()
    return Alert.objects.get(kind="several_stations", level="reading")


def test_several_stations_stand_in_the_list_as_one(group):
    assert group.members.count() == 3
    assert (group.name, group.of_kind) == ("东河", "exceedance")
    shown = queries.standing_alone(queries.alerts_of(workspace(), lead()))
    assert group in shown
    assert not shown.filter(group=group).exists()
    count = Alert.objects.count()
    assert look() == 0
    assert Alert.objects.count() == count


def test_what_is_decided_on_several_holds_for_those_nobody_judged_before(group):
    own = group.members.first()
    services.decide(own, "dismiss", "仪器故障。", actor=lead())
    assert services.decide(group, "confirm", "现场核实。", actor=lead()) == 3
    assert sorted(group.members.values_list("state", flat=True)) == ["confirmed", "confirmed", "not_genuine"]


# -- judged by people ----------------------------------------------------------------------------------


def test_the_whole_way_has_a_reason_at_every_step(exceeding):
    for transition, reason in (
        ("confirm", "比对手工监测属实。"),
        ("handle", "已查封排口。"),
        ("reopen", "再次超标。"),
        ("dismiss", "仪器漂移。"),
    ):
        with pytest.raises(DataError):
            services.decide(exceeding, transition, " ", actor=lead())
        services.decide(exceeding, transition, reason, actor=lead())
    assert [event.evidence["text"] for event in WorkflowEvent.objects.filter(record_id=exceeding.pk)] == [
        "比对手工监测属实。",
        "已查封排口。",
        "再次超标。",
        "仪器漂移。",
    ]


def test_a_new_alert_is_not_handled_before_it_is_confirmed(exceeding):
    with pytest.raises(Conflict):
        services.decide(exceeding, "handle", "已处置。", actor=lead())


def test_the_state_is_not_set_by_saving(exceeding):
    exceeding.state = "handled"
    with audit.action("alerts.found", actor="system", made=0, extended=1), pytest.raises(Conflict):
        exceeding.save()


@pytest.mark.parametrize("role", ["unit_reporter@city", "viewer@city", "auditor@city", "bureau_lead@a"])
def test_others_do_not_judge(exceeding, instance, role):
    with pytest.raises(Forbidden):
        services.decide(exceeding, "confirm", "属实。", actor=instance.users[role])


# -- the notice ----------------------------------------------------------------------------------------


def test_a_confirmed_alert_becomes_one_notice(exceeding, at, city):
    client, address = at(), reverse("alerts:case", args=[exceeding.pk])
    assert client.get(address).status_code == 302  # not confirmed yet
    services.decide(exceeding, "confirm", "属实。", actor=lead())
    assert "氨氮" in client.get(address).content.decode()
    asked = {
        "title": "关于甲断面超标的督办",
        "text": "请查明原因。",
        "unit": city.instance.units["city-housing"].pk,
        "deadline": "2099-01-31",
    }
    assert client.post(address, asked).status_code == 302
    case = Case.objects.get()
    assert (case.object_type, case.object_id) == ("alert", str(exceeding.pk))
    assert Alert.objects.get(pk=exceeding.pk).case == case
    assert (
        reverse("alerts:alert", args=[exceeding.pk])
        in client.get(reverse("cases:case", args=[case.pk])).content.decode()
    )
    client.post(address, asked)
    assert Case.objects.count() == 1


# -- pages ---------------------------------------------------------------------------------------------


def test_the_list_filters_by_state_kind_and_place(exceeding, at):
    client, address = at(), reverse("alerts:list")
    link = reverse("alerts:alert", args=[exceeding.pk])
    for query, shown in (
        ("", True),
        ("?kind=exceedance", True),
        ("?kind=missing_data", False),
        ("?state=new", True),
        ("?state=handled", False),
        ("?place=甲断", True),
        ("?place=乙断", False),
        ("?mine=1", False),
    ):
        assert (link in client.get(address + query).content.decode()) is shown, query


def test_a_page_shows_the_rows_and_the_days_around(exceeding, at):
    page = at().get(reverse("alerts:alert", args=[exceeding.pk])).content.decode()
    assert "2021-04-20 16:00" in page
    assert "alerts.1" in page
    assert 'data-chart="around-0"' in page
    assert "确认属实" in page
    seen = at("auditor@city").get(reverse("alerts:alert", args=[exceeding.pk])).content.decode()
    assert "2021-04-20 16:00" in seen
    assert "确认属实" not in seen


def test_a_county_s_site_shows_readings_that_the_city_imported(city, at):
    site = city.sites["甲断面"]
    save_site(site.code, site.name, kind="section", division=COUNTY_A, water_type="river", actor="tester")
    land(*readings("甲断面", ["0.4", "1.2", "1.5", "1.3"]))
    look()
    alert = Alert.objects.get(level="reading")
    assert alert.division == COUNTY_A
    assert 'data-chart="around-0"' in at().get(reverse("alerts:alert", args=[alert.pk])).content.decode()


def test_a_reason_left_out_is_said_on_the_page(exceeding, at):
    client = at()
    client.post(reverse("alerts:act", args=[exceeding.pk, "confirm"]), {"text": ""})
    assert "确认依据" in client.get(reverse("alerts:alert", args=[exceeding.pk])).content.decode()
    assert Alert.objects.get(pk=exceeding.pk).state == "new"
    client.post(reverse("alerts:act", args=[exceeding.pk, "confirm"]), {"text": "属实。"})
    assert Alert.objects.get(pk=exceeding.pk).state == "confirmed"


def test_of_two_people_at_once_the_second_is_told_what_the_first_did(exceeding, at):
    client = at()
    page = client.get(reverse("alerts:alert", args=[exceeding.pk])).content.decode()
    assert 'name="seen" value="new"' in page
    services.decide(exceeding, "confirm", "属实。", actor=lead())
    client.post(reverse("alerts:act", args=[exceeding.pk, "dismiss"]), {"text": "仪器漂移。", "seen": "new"})
    assert Alert.objects.get(pk=exceeding.pk).state == "confirmed"
    assert "刚由他人办理" in client.get(reverse("alerts:alert", args=[exceeding.pk])).content.decode()


def test_another_county_does_not_find_it(exceeding, at):
    assert at("bureau_lead@a").get(reverse("alerts:alert", args=[exceeding.pk])).status_code == 404
    assert at("bureau_lead@other").get(reverse("alerts:alert", args=[exceeding.pk])).status_code == 404


def test_looking_at_pages_finds_nothing(city, at):
    land(*readings("甲断面", ["1.5"] * 4))
    at().get(reverse("alerts:list"))
    assert not Alert.objects.exists()


# -- the worker ----------------------------------------------------------------------------------------


def work_off():
    """Do the job that waits, as a worker does."""
    job = DBTaskResult.objects.get(task_path=schedule.look_at.module_path, status=TaskResultStatus.READY)
    schedule.look_at.call(*job.args_kwargs["args"])
    job.delete()


def test_the_worker_looks_again_after_an_import_and_after_it_was_taken_back(city):
    assert schedule.wake() == 0
    session = land(*readings("甲断面", ["1.5"] * 4))
    assert schedule.wake() == 1
    assert schedule.wake() == 0  # it waits already
    work_off()
    assert schedule.wake() == 0
    imports.take_back(session, actor=lead(), why="练习")
    assert schedule.wake() == 1


# -- subscriptions -------------------------------------------------------------------------------------


def test_a_subscriber_s_unit_is_told_once(city, instance, at):
    person = instance.users["bureau_staff@city"]
    client = at("bureau_staff@city")
    client.post(reverse("alerts:subscriptions"), {"place": CITY, "kinds": ["exceedance"]})
    land(*readings("甲断面", ["0.4", "1.2", "1.5", "1.3"]))
    look()
    look()
    message = Message.objects.get(about_id=str(Alert.objects.get(level="reading").pk))
    assert (message.unit, message.about) == (person.unit, "alert")
    assert "甲断面" in message.subject
    listed = client.get(reverse("alerts:list") + "?mine=1").content.decode()
    assert message.path in listed


def test_a_subscription_covers_its_place_and_kinds_only(exceeding, city, instance):
    def covers(site, kinds, division=CITY):
        return Subscription(
            user=instance.users["bureau_lead@city"],
            division=division,
            site=city.sites[site] if site else None,
            kinds=kinds,
        ).covers(exceeding)

    assert covers("甲断面", ["exceedance"])
    assert not covers("乙断面", ["exceedance"])
    assert not covers("甲断面", ["missing_data"])
    assert covers(None, ["exceedance"])
    assert not covers(None, ["exceedance"], "990000/990101/")


def test_a_subscription_is_ended_by_its_owner_only(city, at):
    at("bureau_staff@city").post(reverse("alerts:subscriptions"), {"place": CITY, "kinds": ["exceedance"]})
    end = reverse("alerts:unsubscribe", args=[Subscription.objects.get().pk])
    assert at("bureau_lead@city").post(end).status_code == 404
    assert at("bureau_staff@city").post(end).status_code == 302
    assert not Subscription.objects.exists()


def test_nobody_subscribes_to_what_they_may_not_see(city, at):
    answer = at("bureau_lead@a").post(
        reverse("alerts:subscriptions"), {"place": CITY, "kinds": ["exceedance"]}
    )
    assert answer.status_code == 200  # the city is not among what is offered
    assert not Subscription.objects.exists()


# -- withdrawn by the system ---------------------------------------------------------------------------


def flag_all(alert, kind="excluded"):
    return sites.flag(
        alert.site,
        item=alert.item,
        time_from=alert.first,
        time_to=alert.last,
        kind=kind,
        reason="仪器校准",
        actor=lead(),
    )


def last_step(alert):
    return WorkflowEvent.objects.filter(record_id=alert.pk).latest("pk")


def test_an_alert_is_withdrawn_when_its_rows_are_taken_back(city):
    session = land(*readings("甲断面", ["0.4", "1.2", "1.5", "1.3"]))
    look()
    alert = Alert.objects.get(kind="exceedance", level="reading")
    imports.take_back(session, actor=lead(), why="练习")
    look()
    alert.refresh_from_db()
    assert (alert.state, alert.is_open) == ("withdrawn", False)
    event = last_step(alert)
    assert event.evidence["text"] == "所依据的数据已撤回或已标记，不再参与评价。"
    assert event.by_name == "system"


def test_an_alert_is_withdrawn_when_its_rows_are_flagged_and_returns_with_them(exceeding):
    record = flag_all(exceeding)
    look()
    exceeding.refresh_from_db()
    assert exceeding.state == "withdrawn"
    sites.withdraw_flag(record, why="校准记录有误", actor=lead())
    look()
    exceeding.refresh_from_db()
    assert exceeding.state == "new"
    assert last_step(exceeding).transition == "return"
    assert Alert.objects.filter(kind="exceedance", level="reading").count() == 1


def test_an_alert_of_which_one_row_holds_stays(exceeding):
    sites.flag(
        exceeding.site,
        item=exceeding.item,
        time_from=exceeding.first,
        time_to=exceeding.first,
        kind="excluded",
        reason="仪器校准",
        actor=lead(),
    )
    look()
    exceeding.refresh_from_db()
    assert exceeding.state == "new"


def test_an_alert_is_withdrawn_when_the_limit_is_changed(exceeding):
    put_in_force(OWN)
    look()
    exceeding.refresh_from_db()
    assert exceeding.state == "withdrawn"
    assert last_step(exceeding).evidence["text"].startswith("按现在的数据、目标和评价规则")


OWN = """
[override]
name = "甲市管控值"
basis = "甲文〔2021〕1号"
in_force_from = 2021-01-01

[[limit]]
standard = "gb3838"
item = "nh3n"
when = { water_type = "river" }
limits = { III = 1.5, IV = 1.8, V = 2.5 }
unit = "mg/L"
source = "附件1"
"""


def test_what_a_person_has_ended_is_left_alone(exceeding):
    services.decide(exceeding, "dismiss", "仪器校准。", actor=lead())
    flag_all(exceeding)
    look()
    exceeding.refresh_from_db()
    assert exceeding.state == "not_genuine"


def test_people_do_not_withdraw(exceeding):
    with pytest.raises(Forbidden):
        services.decide(exceeding, "withdraw", "不需要", actor=lead())


def test_the_worker_looks_again_at_once_after_a_flag_a_target_or_a_setting(exceeding):
    schedule.wake()
    work_off()
    assert schedule.wake() == 0
    flag_all(exceeding)
    assert schedule.wake() == 1
    work_off()
    plans.record_published_targets(
        CITY,
        "2021年更严目标",
        published_by="甲市生态环境局",
        year=2021,
        file_name="stricter.txt",
        actor="tester",
        section_targets=[{"section": "甲断面", "class": "Ⅱ", "line": 1}],
    )
    assert schedule.wake() == 1
    work_off()
    put_in_force(OWN)
    assert schedule.wake() == 1


def test_a_withdrawn_alert_says_so_on_its_pages(exceeding, at):
    flag_all(exceeding)
    look()
    text = at().get(reverse("alerts:list"), {"state": "withdrawn"}).content.decode()
    assert "甲断面" in text and "已撤销" in text
    text = at().get(reverse("alerts:alert", args=[exceeding.pk])).content.decode()
    assert "系统撤销" in text and "所依据的数据已撤回或已标记" in text
