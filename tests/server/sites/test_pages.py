"""The pages: both languages, rights, no query for each site, nothing said that is not known."""

import json
import re
from datetime import datetime
from decimal import Decimal
from io import BytesIO

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from bishui.observations import read_table
from bishui.server.sites import services
from bishui.server.sites.models import BaseMap, Flag, SiteAlias
from tests.server.conftest import CITY
from tests.server.sites.conftest import ROWS, brought, csv, lead

GEOJSON = {
    "type": "FeatureCollection",
    "features": [
        {"type": "Feature", "properties": {}, "geometry": {"type": "Point", "coordinates": [109.4, 24.3]}}
    ],
}


@pytest.fixture
def filled(city, data_dir):
    brought(csv(*ROWS), data_dir)
    return city


def addresses(city):
    site = city.sites["甲断面"]
    return {
        "overview": reverse("sites:overview"),
        "map": reverse("sites:map"),
        "list": reverse("sites:list"),
        "site": reverse("sites:site", args=[site.pk]),
        "rows": reverse("sites:rows", args=[site.pk, "nh3n"]),
        "basemap_import": reverse("sites:basemap_import"),
    }


def page(client, url, status=200):
    response = client.get(url)
    assert response.status_code == status, response.content.decode()[:2000]
    return response.content.decode()


def map_json(text):
    return json.loads(re.search(r'<script id="map-data"[^>]*>(.*?)</script>', text, re.S)[1])


@pytest.mark.parametrize("language", ["zh-hans", "en"])
@pytest.mark.parametrize("name", ["overview", "map", "list", "site", "rows", "basemap_import"])
def test_every_page_is_shown_in_both_languages(filled, at, name, language):
    text = page(at(language=language), addresses(filled)[name])
    assert f'lang="{"en" if language == "en" else "zh-Hans"}"' in text
    if name not in ("basemap_import",):
        assert "甲断面" in text


@pytest.mark.parametrize("name", ["overview", "map", "list", "site"])
def test_a_city_without_any_reading_is_shown_plainly(city, at, name):
    text = page(at(), addresses(city)[name])
    assert "没有监测数据" in text
    assert "state-good" not in text and "stat-value" not in text.replace('stat-value">—', "")


def test_the_overview_tells_who_fails_and_by_how_much(filled, at):
    text = page(at(), reverse("sites:overview"))
    assert "氨氮 1.10，限值 1.0 mg/L，超标 0.1 倍" in text
    # Two judged, one of them attains; the one without water type and the one without data are missing.
    assert "1 <small>/ 2</small>" in text
    assert "缺 2" in text


def test_a_site_of_unknown_water_type_is_shown_so(filled, at):
    text = page(at(), reverse("sites:site", args=[filled.sites["丙断面"].pk]))
    assert "水体类型未知" in text
    assert "klass-large" not in text


def test_the_site_page_names_item_limit_multiple_and_clause(filled, at):
    text = page(at(), addresses(filled)["site"])
    for part in ("1.10 mg/L", "GB 3838-2002", "超标 0.1 倍", "2021年断面水质目标", "chart-data-series"):
        assert part in text


def test_the_rows_page_leads_from_the_number_to_the_file(filled, at):
    text = page(at(), addresses(filled)["rows"])
    for part in ("table.csv", "第 2 行", "未修约 1.1 mg/L", "2021-04-01", "GB 3838-2002"):
        assert part in text


def test_the_list_is_filtered(filled, at):
    client = at()
    assert "乙断面" not in page(client, reverse("sites:list") + "?state=not_attained")
    assert "甲断面" not in page(client, reverse("sites:list") + "?class=2")
    assert "甲断面" not in page(client, reverse("sites:list") + "?kind=sewage_plant")
    assert "甲断面" in page(client, reverse("sites:list") + "?county=990000/990101/&control=national")


def test_the_map_has_a_point_for_each_site_with_coordinates(filled, at):
    services.save_site("S5", "戊断面", kind="section", division=CITY, water_type="river", actor=lead())
    services.save_reaches(CITY, [{"name": "东河", "points": [[109.4, 24.3], [109.5, 24.4]]}], actor=lead())
    text = page(at(), reverse("sites:map"))
    data = map_json(text)
    assert len(data["points"]) == 4
    first = next(point for point in data["points"] if point["name"] == "甲断面")
    assert (first["class"], first["state"], first["target"], first["digits"]) == (4, "not_attained", 3, 4)
    unknown = next(point for point in data["points"] if point["name"] == "丙断面")
    assert (unknown["class"], unknown["reason"]) == (None, "water_type_unknown")
    assert data["reaches"] == [
        {"name": "东河", "points": [[109.4, 24.3], [109.5, 24.4]], "kind": "river", "order": 1}
    ]
    assert "1 个点位没有公布坐标" in text


@pytest.mark.parametrize("name", ["overview", "map", "list"])
def test_more_sites_ask_no_more_queries(filled, at, name):
    client, url = at(), addresses(filled)[name]
    page(client, url)
    with CaptureQueriesContext(connection) as few:
        page(client, url)
    for number in range(20):
        services.save_site(
            f"M{number}", f"第{number}断面", kind="section", division=CITY, water_type="river", actor=lead()
        )
    page(client, url)
    with CaptureQueriesContext(connection) as many:
        page(client, url)
    assert len(many) == len(few) <= 40


def test_another_city_sees_nothing_of_it(filled, at):
    client = at("bureau_lead@other")
    assert "甲断面" not in page(client, reverse("sites:list"))
    page(client, addresses(filled)["site"], 404)
    page(client, addresses(filled)["rows"], 404)
    assert client.get(reverse("sites:export")).status_code == 404


def test_a_county_sees_only_what_is_its_own(filled, at):
    own = services.save_site("A1", "乙县断面", kind="section", division="990000/990101/", actor=lead())
    client = at("viewer@a")
    text = page(client, reverse("sites:list"))
    assert "乙县断面" in text and "甲断面" not in text
    assert client.post(reverse("sites:flag", args=[own.pk])).status_code == 403


def test_a_flag_is_set_and_withdrawn_with_a_reason(filled, at):
    client, site = at(), filled.sites["甲断面"]
    form = {
        "item": "nh3n",
        "time_from": "2021-04-01T08:00",
        "time_to": "2021-04-01T08:00",
        "flag": "excluded",
        "reason": "",
    }
    client.post(reverse("sites:flag", args=[site.pk]), form)
    assert not Flag.objects.exists()
    client.post(reverse("sites:flag", args=[site.pk]), {**form, "reason": "仪器校准"})
    flag = Flag.objects.get()
    assert (flag.time_from, flag.by) == (datetime(2021, 4, 1, 8), "bureau_lead@city")
    text = page(client, addresses(filled)["site"])
    assert "仪器校准" in text and "1.00 mg/L" in text
    client.post(reverse("sites:flag_withdraw", args=[flag.pk]), {"why": "校准记录有误"})
    assert "1.10 mg/L" in page(client, addresses(filled)["site"])


def test_a_viewer_may_not_flag(filled, at):
    site = filled.sites["甲断面"]
    assert at("viewer@city").post(reverse("sites:flag", args=[site.pk])).status_code == 403
    assert at("viewer@city").get(reverse("sites:export")).status_code == 403


def test_an_alias_is_confirmed_and_removed(filled, at):
    client, site = at(), filled.sites["甲断面"]
    client.post(reverse("sites:alias", args=[site.pk]), {"alias-name": "甲桥"})
    alias = SiteAlias.objects.get()
    assert (alias.name, alias.confirmed_by) == ("甲桥", "bureau_lead@city")
    client.post(reverse("sites:alias_remove", args=[alias.pk]))
    assert not SiteAlias.objects.exists()


@pytest.mark.parametrize("kind", ["xlsx", "csv"])
def test_what_is_exported_can_be_read_back(filled, at, tmp_path, kind):
    response = at().get(reverse("sites:export") + f"?format={kind}")
    path = tmp_path / f"back.{kind}"
    path.write_bytes(response.content)
    found = read_table(path)
    assert (found.table.num_rows, found.problems) == (6, ())
    assert sorted(found.table["value"].to_pylist())[0] == Decimal("0.02")


def test_the_template_is_an_empty_export(filled, at, tmp_path):
    response = at().get(reverse("sites:template"))
    assert response["Content-Disposition"].startswith("attachment")
    path = tmp_path / "template.xlsx"
    path.write_bytes(BytesIO(response.content).getvalue())
    assert read_table(path).table.num_rows == 0


def test_a_base_map_is_kept_with_its_review_number_and_never_served_as_a_page(filled, at):
    client = at()
    upload = SimpleUploadedFile("base.geojson", json.dumps(GEOJSON).encode())
    response = client.post(
        reverse("sites:basemap_import"), {"file": upload, "review_number": "甲S（2021）1号"}
    )
    assert response.status_code == 302, response.content.decode()[-3000:]
    record = BaseMap.objects.get()
    drawn = map_json(page(client, reverse("sites:map")))["basemap"]
    assert (drawn["review_number"], drawn["url"]) == (
        "甲S（2021）1号",
        reverse("sites:basemap", args=[record.pk]),
    )
    served = client.get(reverse("sites:basemap", args=[record.pk]))
    assert served["Content-Type"] == "application/geo+json"
    assert served["X-Content-Type-Options"] == "nosniff"
    assert served["Content-Disposition"].startswith("attachment")
    assert json.loads(served.content) == GEOJSON


@pytest.mark.parametrize(
    "content",
    [
        b"<html><script>alert(1)</script></html>",
        b'{"type": "FeatureCollection", "features": []}',
        b'{"type": "FeatureCollection", "features": [{"geometry": {"type": "Point", "coordinates": [4e6, 2e6]}}]}',
    ],
)
def test_a_base_map_that_is_none_is_refused_with_a_sentence(filled, at, content):
    upload = SimpleUploadedFile("base.geojson", content)
    response = at().post(reverse("sites:basemap_import"), {"file": upload, "review_number": "甲S（2021）1号"})
    assert response.status_code == 200
    assert "base.geojson" in response.content.decode()
    assert not BaseMap.objects.exists()
