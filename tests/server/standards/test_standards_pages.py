"""Pages of limits and settings, and an override file from the upload to its withdrawal."""

from datetime import date

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from bishui.errors import DataError, Forbidden
from bishui.server.core import audit, imports, workflow
from bishui.server.core.models import AuditEntry
from bishui.server.sites import services as sites
from bishui.server.standards import queries, services
from bishui.server.standards.models import OverrideFile
from tests.server.conftest import CITY, COUNTY_A, COUNTY_B, OTHER_CITY
from tests.server.standards.in_force import put_in_force, second_lead

pytestmark = pytest.mark.django_db
DAY = date(2026, 5, 1)
FILE = """
[override]
name = "甲市管控值"
basis = "甲文〔2026〕1号"
in_force_from = 2026-01-01

[[limit]]
standard = "gb3838"
item = "nh3n"
when = { water_type = "river" }
limits = { III = 0.8 }
unit = "mg/L"
source = "附件1"

[[setting]]
rules = "trend"
name = "least_periods"
value = 6
source = "第三条"
"""


@pytest.fixture
def people(instance, data_dir):
    """Two leads of the city's bureau and one member of its staff."""
    users = instance.users
    return {
        "lead": users["bureau_lead@city"],
        "second": second_lead(),
        "staff": users["bureau_staff@city"],
        "county": users["viewer@a"],
        "stranger": users["bureau_lead@other"],
    }


def client_of(user):
    client = Client(headers={"accept-language": "zh-hans"})
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


def page(user, name, *arguments, **asked):
    response = client_of(user).get(reverse(f"standards:{name}", args=arguments), asked)
    return response, response.content.decode()


def uploaded(people, text=FILE, division=CITY, who="lead"):
    return services.upload(
        text.encode(), "own.toml", division=division, why="市政府已印发", actor=people[who]
    )


def in_force(people, text=FILE, division=CITY):
    return put_in_force(text, division)


# -- limits --------------------------------------------------------------------------------------------


def test_a_limit_stands_with_value_clause_source_and_certainty(people):
    response, text = page(people["staff"], "limits", q="氨氮", on="2026-05-01")
    assert response.status_code == 200
    for said in (
        "GB 3838-2002 表1 第7项",
        "≤ 1.0",
        "Ⅲ类",
        "标准文本",
        "水温 &gt; 12 ℃",
        "仅凭记忆",
        "D 待核实",
    ):
        assert said in text


def test_the_edition_is_that_of_the_day_asked_for(people):
    for on, edition in (("2026-02-28", "GB 3095-2012"), ("2026-03-01", "GB 3095-2026")):
        _, text = page(people["staff"], "limits", q="pm2.5", on=on)
        assert f"{edition} 表1" in text
    _, text = page(people["staff"], "limits", standard="gb3838", on="1999-01-01")
    assert "早于" in text


def test_a_whole_standard_comes_with_its_editions_amendments_and_doubts(people):
    _, text = page(people["staff"], "limits", standard="gb18918", on="2026-05-01")
    for said in ("2006年修改单", "2026年修改单", "待核实", "一级A标准", "他处另见 5"):
        assert said in text
    assert "不得检出" not in text
    _, text = page(people["staff"], "limits", standard="gb18918", table="2", on="2026-05-01")
    assert "不得检出" in text


def test_without_a_question_the_standards_held_are_listed(people):
    _, text = page(people["county"], "limits")
    assert "所收标准" in text
    assert text.count('<th scope="row">') == 13


@pytest.mark.parametrize(
    ("word", "said"),
    [
        ("AQI", ("细颗粒物", "一氧化碳", "HJ 633")),
        ("夜间等效声级", ("GB 3096-2008", "夜间")),
        ("Leq", ("昼间", "夜间")),
    ],
)
def test_a_word_that_names_no_single_item_is_found(people, word, said):
    _, text = page(people["staff"], "limits", q=word, on="2026-05-01")
    assert [part for part in said if part not in text] == []


def test_a_near_miss_names_what_may_have_been_meant(people):
    assert "溶解氧" in page(people["staff"], "limits", q="溶氧量")[1]


@pytest.mark.parametrize("asked", [{"q": "没有这个"}, {"on": "x"}, {"standard": "no"}, {"q": "<i>"}])
def test_a_wrong_question_gets_an_answer_not_an_error(people, asked):
    response, text = page(people["staff"], "limits", **asked)
    assert response.status_code == 200
    assert "<i>" not in text


# -- settings ------------------------------------------------------------------------------------------


def test_every_setting_stands_with_value_source_and_what_is_not_verified(people):
    _, text = page(people["staff"], "rules", on="2026-05-01")
    for said in ("main_pollutant_count", "主要污染指标个数", "C 待核实", "环办〔2011〕22号"):
        assert said in text
    _, text = page(people["staff"], "rules", on="2026-05-01", method="trend")
    assert "least_periods" in text
    _, only = page(people["staff"], "rules", on="2026-05-01", method="section_class", only="unsure")
    assert "main_pollutant_count" in only
    assert "least_periods" not in only
    assert "below_detection_load" not in only  # certainty A


# -- override files ------------------------------------------------------------------------------------


def test_a_file_holds_only_after_another_person_has_confirmed_it(people):
    record = uploaded(people)
    assert record.state == "submitted"
    assert queries.override_in_force(CITY, DAY) is None
    with pytest.raises(Forbidden):
        workflow.fire(record, "confirm", actor=people["lead"], evidence={"text": "一致"})
    with pytest.raises(Forbidden):
        workflow.fire(record, "confirm", actor=people["staff"], evidence={"text": "一致"})
    workflow.fire(record, "confirm", actor=people["second"], evidence={"text": "一致"})
    assert queries.override_in_force(CITY, DAY).digest == record.digest
    assert queries.override_in_force(CITY, date(2025, 12, 31)) is None
    workflow.fire(record, "withdraw", actor=people["lead"], evidence={"text": "文件废止"})
    assert queries.override_in_force(CITY, DAY) is None


def test_it_holds_in_its_subtree_and_the_nearest_file_counts(people):
    city = in_force(people)
    county = in_force(people, FILE.replace("0.8", "0.7"), COUNTY_A)
    assert queries.override_in_force(COUNTY_B, DAY).digest == city.digest
    assert queries.override_in_force(COUNTY_A, DAY).digest == county.digest
    assert queries.override_in_force(OTHER_CITY, DAY) is None


def test_a_later_version_counts_from_its_day_and_the_earlier_one_is_kept(people):
    first = in_force(people)
    later = in_force(people, FILE.replace("0.8", "0.7").replace("2026-01-01", "2026-07-01"))
    assert (first.number, later.number) == (1, 2)
    assert queries.override_in_force(CITY, date(2026, 6, 30)).digest == first.digest
    assert queries.override_in_force(CITY, date(2026, 7, 1)).digest == later.digest
    assert OverrideFile.objects.count() == 2


def test_what_the_living_version_says_already_is_not_taken_again(people):
    uploaded(people)
    with pytest.raises(DataError, match="相同"):
        uploaded(people, FILE + "\n# a remark\n")


def test_who_when_why_and_on_what_basis_stand_in_the_trail(people):
    uploaded(people)
    entry = AuditEntry.objects.get(action="standards.override_uploaded")
    assert "甲文〔2026〕1号" in audit.message(entry.action, entry.params)
    assert entry.why == "市政府已印发"
    assert entry.actor_name == "bureau_lead@city"


def test_by_the_pages_upload_confirm_see_and_download(people):
    lead, second = client_of(people["lead"]), client_of(people["second"])
    given = {
        "file": SimpleUploadedFile("own.toml", FILE.encode()),
        "basis": SimpleUploadedFile("basis.pdf", b"%PDF-1.4 basis"),
        "why": "市政府已印发",
    }
    response = lead.post(reverse("standards:new"), given)
    record = OverrideFile.objects.get()
    assert response.url == reverse("standards:override", args=[record.pk])
    shown = lead.get(response.url).content.decode()
    assert "确认须由上传人以外的人办理" in shown
    for said in ("≤ 0.8", "≤ 1.0", "least_periods", "市政府已印发"):
        assert said in shown
    act = reverse("standards:act", args=[record.pk, "confirm"])
    assert lead.post(act, {"text": "一致"}).status_code == 403
    assert second.post(act, {"text": "一致"}).status_code == 302
    record.refresh_from_db()
    assert record.state == "in_force"
    kept = second.get(reverse("standards:file", args=[record.pk, "file"]))
    assert b"".join(kept.streaming_content).decode() == FILE
    assert second.get(reverse("standards:file", args=[record.pk, "basis"])).status_code == 200
    assert "现在采用" in second.get(reverse("standards:overrides")).content.decode()


def test_own_values_are_marked_in_limits_and_settings(people):
    in_force(people)
    _, text = page(people["staff"], "limits", q="nh3n", standard="gb3838", on="2026-05-01")
    assert "≤ 0.8" in text
    assert "本级值；国家 ≤ 1.0" in text
    assert "甲文〔2026〕1号" in text
    _, text = page(people["staff"], "rules", method="trend", only="own", on="2026-05-01")
    assert "本级值；国家 5" in text
    _, before = page(people["staff"], "limits", q="nh3n", standard="gb3838", on="2025-05-01")
    assert "本级值" not in before


def test_each_fault_of_a_file_is_told_and_nothing_is_kept(people):
    bad = FILE.replace("III = 0.8", "III = 0.3").replace("value = 6", 'value = "六"')
    given = {"file": SimpleUploadedFile("own.toml", bad.encode()), "why": "试"}
    response = client_of(people["lead"]).post(reverse("standards:new"), given)
    text = response.content.decode()
    assert response.status_code == 422
    assert "setting[1].value" in text
    assert not OverrideFile.objects.exists()


def test_a_file_of_another_city_is_not_found_and_a_viewer_uploads_nothing(people):
    record = in_force(people)
    address = reverse("standards:override", args=[record.pk])
    assert client_of(people["stranger"]).get(address).status_code == 404
    assert client_of(people["county"]).get(address).status_code == 404
    assert client_of(people["county"]).get(reverse("standards:new")).status_code == 403
    _, text = page(people["county"], "limits", q="nh3n", on="2026-05-01")
    assert "本级值；国家 ≤ 1.0" in text
    assert address not in text


def test_pages_ask_the_database_a_fixed_number_of_times(people, django_assert_max_num_queries):
    in_force(people)
    client = client_of(people["lead"])
    for name in ("limits", "rules", "overrides"):
        client.get(reverse(f"standards:{name}"))
        with django_assert_max_num_queries(20):
            client.get(reverse(f"standards:{name}"))


# -- see before confirming -----------------------------------------------------------------------------

MEASURED = """断面名称,监测时间,项目,结果,单位,标记,来源
甲断面,2026-04-01 08:00,氨氮,0.9,mg/L,,自动
"""


@pytest.fixture
def measured(people):
    """A section with 0.9 mg/L ammonia: class Ⅲ by the national limit 1.0, Ⅳ by the bureau's 0.8."""
    sites.save_site(
        "S1", "甲断面", kind="section", division=CITY, county=COUNTY_A, water_type="river", actor="system"
    )
    session = imports.receive(
        "observations", [MEASURED.encode()], "t.csv", division=CITY, actor=people["lead"], options={}
    )
    imports.run_now(session, actor=people["lead"])


def moved(people, record, **headers):
    url = reverse("standards:override_moves", args=[record.pk])
    return client_of(people["lead"]).get(url, headers=headers).content.decode()


def test_what_a_file_moves_is_seen_before_it_is_confirmed_and_before_it_is_withdrawn(people, measured):
    record = uploaded(people)
    text = moved(people, record)
    assert "采用本级覆盖“甲市管控值”" in text
    assert "klass-3" in text and "klass-4" in text and "变差 1" in text
    assert "<html" not in moved(people, record, **{"HX-Request": "true"})
    workflow.fire(record, "confirm", actor=people["second"], evidence={"text": "与文件一致"})
    text = moved(people, record)
    assert "不再采用本级覆盖" in text and "变好 1，变差 0" in text


def test_a_refused_file_moves_nothing_and_the_page_of_a_version_leads_there(people, measured):
    record = uploaded(people)
    assert "确认前先看" in page(people["lead"], "override", record.pk)[1]
    workflow.fire(record, "refuse", actor=people["second"], evidence={"text": "依据不足"})
    assert "已经失效" in moved(people, record)


def test_which_files_would_hold_goes_by_place_and_day(people):
    record = uploaded(people)
    on = queries.files_with(record, f"{CITY}")
    assert on(DAY).name == "甲市管控值" and on(date(2025, 12, 31)) is None
    assert queries.files_with(record, OTHER_CITY)(DAY) is None
