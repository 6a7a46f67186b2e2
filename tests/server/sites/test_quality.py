"""Quality control: findings are kept once, a person decides, everything can be taken back."""

from datetime import datetime

import pytest
from django.urls import reverse

from bishui.errors import Conflict, DataError
from bishui.observations import check
from bishui.server.core import audit, imports
from bishui.server.sites import quality, queries, services
from bishui.server.sites.models import Flag, QualityFinding, QualityRun
from tests.server.conftest import CITY
from tests.server.kept import once
from tests.server.sites.conftest import ROWS, bring, brought, csv, lead

#: No instrument reads 25 mg/L of dissolved oxygen; ammonia cannot be more than total nitrogen.
WRONG = (
    "乙断面,2021-04-03 08:00,溶解氧,25,mg/L,,自动",
    "乙断面,2021-04-03 08:00,氨氮,2.0,mg/L,,自动",
    "乙断面,2021-04-03 08:00,总氮,1.0,mg/L,,自动",
)


def run():
    """Run the checks as the worker does."""
    asked = quality.ask(CITY, actor=lead())
    quality.check_quality.call(str(asked.pk))
    asked.refresh_from_db()
    return asked


@pytest.fixture
def checked(city, data_dir):
    brought(csv(*ROWS, *WRONG), data_dir)
    return once("checked readings", run, data_dir)


def of_rule(rule):
    return QualityFinding.objects.get(rule=rule)


def test_the_findings_are_those_of_the_checks(checked):
    table = check(queries.measurements(CITY), queries.sites_table(CITY))
    assert table.num_rows > 0
    assert (checked.progress, checked.rows) == ("done", 9)
    assert checked.found == checked.fresh == table.num_rows == QualityFinding.objects.count()
    assert {"instrument_range", "part_above_whole"} <= set(table["rule"].to_pylist())


def test_a_finding_says_what_was_found_as_the_checks_say_it(checked):
    finding = of_rule("instrument_range")
    assert "溶解氧" in str(finding.sentence) and "25" in str(finding.sentence)
    assert (finding.state, finding.site.name, finding.time_from) == ("new", "乙断面", datetime(2021, 4, 3, 8))


def test_a_stretch_copied_from_another_site_names_it_as_people_do(city, monkeypatch):
    monkeypatch.setattr(quality, "_HELD", 1)  # a site at a time: what is copied is found across
    course = [0.41, 0.52, 0.38, 0.77, 0.5, 0.62, 0.95, 0.44, 0.71, 0.6, 0.36, 0.84, 0.47, 0.9, 0.58, 0.66]
    bring(
        csv(
            *(
                f"{site},2021-04-{1 + step // 6:02d} {step % 6 * 4:02d}:00,氨氮,{value},mg/L,,自动"
                for site in ("甲断面", "乙断面")
                for step, value in enumerate(course)
            )
        )
    )
    run()
    finding = of_rule("copied_series")
    other = {"甲断面": "乙断面", "乙断面": "甲断面"}[finding.site.name]
    assert f"连续 16 个读数与 {other} 自 2021-04-01 00:00" in str(finding.sentence)
    assert (finding.severity, finding.proposed) == ("warning", "under_review")


def test_a_second_run_finds_nothing_twice(checked):
    again = run()
    assert (again.found, again.fresh, again.gone) == (checked.found, 0, 0)
    assert QualityFinding.objects.count() == checked.found


def test_a_decision_outlives_further_runs(checked):
    finding = of_rule("instrument_range")
    quality.dismiss_findings([finding], reason="探头已校准，读数单位有误", actor=lead())
    run()
    finding.refresh_from_db()
    assert (finding.state, finding.gone_at) == ("dismissed", None)


def test_what_is_found_no_more_leaves_the_list_and_stays_on_record(city):
    session = bring(csv(*WRONG))
    run()
    count = QualityFinding.objects.count()
    imports.take_back(session, actor=lead(), why="整批有误")
    again = run()
    assert (again.found, again.gone) == (0, count)
    assert QualityFinding.objects.filter(gone_at=None).count() == 0
    bring(csv(*WRONG), name="again.csv")
    assert run().fresh == 0
    assert QualityFinding.objects.filter(gone_at=None).count() == count


def test_a_flag_by_a_finding_leaves_the_reading_out_until_it_is_withdrawn(checked):
    finding = of_rule("part_above_whole")
    (flag,) = quality.flag_findings([finding], kind="excluded", reason="", actor=lead())
    assert (flag.site, flag.item, flag.time_from) == (finding.site, finding.item, finding.time_from)
    assert flag.reason == f"{finding.rule_label}：{finding.sentence}"
    assert queries.flags_table(CITY).num_rows == 1
    services.withdraw_flag(flag, why="复测属实", actor=lead())
    finding.refresh_from_db()
    assert (finding.state, finding.why, finding.flag) == ("new", "复测属实", None)
    assert queries.flags_table(CITY).num_rows == 0
    assert Flag.objects.count() == 1, "the flag itself is never deleted"


def test_reopening_withdraws_the_flag(checked):
    finding = of_rule("instrument_range")
    (flag,) = quality.flag_findings([finding], kind="under_review", reason="等待复测", actor=lead())
    finding.refresh_from_db()
    quality.reopen_findings([finding], reason="复测属实", actor=lead())
    flag.refresh_from_db()
    finding.refresh_from_db()
    assert (finding.state, flag.withdrawn_why) == ("new", "复测属实")


def test_dismissing_needs_a_reason_and_an_open_finding(checked):
    finding = of_rule("instrument_range")
    with pytest.raises(DataError):
        quality.dismiss_findings([finding], reason=" ", actor=lead())
    with pytest.raises(DataError):
        quality.flag_findings([], kind="excluded", reason="x", actor=lead())
    quality.dismiss_findings([finding], reason="属实", actor=lead())
    with pytest.raises(Conflict):
        quality.flag_findings([finding], kind="excluded", reason="x", actor=lead())


def test_of_several_findings_all_are_flagged_or_none(checked):
    decided, other = of_rule("instrument_range"), of_rule("part_above_whole")
    quality.dismiss_findings([decided], reason="属实", actor=lead())
    with pytest.raises(Conflict):
        quality.flag_findings([other, decided], kind="excluded", reason="x", actor=lead())
    assert not Flag.objects.exists()


def test_a_run_that_waits_is_not_asked_for_twice(city):
    assert quality.ask(CITY, actor=lead()) == quality.ask(CITY, actor=lead())
    assert QualityRun.objects.count() == 1


def test_a_period_is_held_back_at_several_sites(city):
    bring(csv(*ROWS))
    sites = [city.sites["甲断面"], city.sites["乙断面"]]
    span = {"time_from": datetime(2021, 4, 1), "time_to": datetime(2021, 4, 30, 23, 59)}
    made = quality.hold_back(sites, **span, reason="停电期间读数可疑", actor=lead())
    assert [(flag.flag, flag.item) for flag in made] == [("under_review", "")] * 2
    assert queries.flags_table(CITY).num_rows == 2
    with pytest.raises(DataError):
        quality.hold_back([], **span, reason="x", actor=lead())


def test_every_deed_is_in_the_trail(checked):
    quality.flag_findings([of_rule("instrument_range")], kind="excluded", reason="", actor=lead())
    assert audit.verify()[1] == []


def test_the_page_tells_what_to_do_where_nothing_was_checked(city, at):
    assert "还没有运行过检查" in at().get(reverse("sites:quality")).content.decode()


def test_the_page_runs_lists_and_decides(checked, at):
    client, address = at(), reverse("sites:quality")
    text = client.get(address).content.decode()
    assert "超出仪器量程" in text and "乙断面" in text
    shown = client.get(address + "?rule=instrument_range").content.decode()
    assert "部分大于整体" not in shown.split("<tbody>")[1]
    finding, other = of_rule("instrument_range"), of_rule("part_above_whole")
    decide = reverse("sites:quality_decide")
    client.post(decide, {"one": f"under_review:{finding.pk}", "reason": ""})
    assert Flag.objects.get().flag == "under_review"
    client.post(decide, {"finding": [str(other.pk)], "deed": "dismiss", "reason": ""})
    other.refresh_from_db()
    assert other.state == "new", "no dismissal without a reason"
    client.post(decide, {"finding": [str(other.pk)], "deed": "dismiss", "reason": "属实"})
    assert "属实" in client.get(address + "?state=dismissed").content.decode()
    client.post(decide, {"finding": [str(finding.pk)], "deed": "reopen", "reason": "复测属实"})
    assert Flag.objects.get().withdrawn_why == "复测属实"


def test_the_page_shows_the_progress_of_a_run(city, at):
    client = at()
    client.post(reverse("sites:quality_run"))
    text = client.get(reverse("sites:quality")).content.decode()
    assert "正在检查全部监测数据" in text
    part = client.get(reverse("sites:quality"), headers={"HX-Request": "true"}).content.decode()
    assert 'class="job' in part and "<html" not in part
    run()
    assert "HX-Refresh" in client.get(reverse("sites:quality"), headers={"HX-Request": "true"}).headers


def test_the_list_of_flags_shows_who_when_why_and_the_withdrawn(checked, at):
    (flag,) = quality.flag_findings(
        [of_rule("instrument_range")], kind="excluded", reason="探头故障", actor=lead()
    )
    client, address = at(), reverse("sites:flags")
    assert "探头故障" in client.get(address).content.decode()
    client.post(reverse("sites:flag_withdraw", args=[flag.pk]), {"why": "已修复", "back": "flags"})
    assert "已修复" in client.get(address + "?standing=no").content.decode()
    assert "探头故障" not in client.get(address + "?standing=yes").content.decode()


def test_the_form_holds_a_period_back(city, at):
    client, address = at(), reverse("sites:hold")
    form = {
        "sites": [str(city.sites["甲断面"].pk), str(city.sites["乙断面"].pk)],
        "time_from": "2021-04-01T00:00",
        "time_to": "2021-04-30T23:59",
        "reason": "停电",
    }
    assert client.post(address, {**form, "sites": []}).status_code == 200
    assert client.post(address, form).status_code == 302
    assert Flag.objects.count() == 2


def test_a_viewer_reads_and_another_city_sees_nothing(checked, at):
    text = at("viewer@city").get(reverse("sites:quality")).content.decode()
    assert "超出仪器量程" in text and "运行检查</span>" not in text
    client = at("bureau_lead@other")
    assert "乙断面" not in client.get(reverse("sites:quality")).content.decode()
    finding = of_rule("instrument_range")
    assert client.post(reverse("sites:quality_decide"), {"one": f"excluded:{finding.pk}"}).status_code == 404
