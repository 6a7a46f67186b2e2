"""Results downloaded from the pages: the same rows, the same rights, in every format, and written down."""

import csv as csv_file
import io
import json
from urllib.parse import unquote

import openpyxl
import pyarrow.parquet as pq
import pyogrio
import pytest
from django.urls import reverse

from bishui.reports import DATA_FORMATS
from bishui.server.core.models import AuditEntry
from bishui.server.sites.services import save_site
from tests.server.conftest import CITY, COUNTY_A
from tests.server.sites.conftest import ROWS, brought, csv
from tests.server.test_api import check_error

ROUTES = ("sites:results", "waters:areas_file", "waters:ranking_file")


@pytest.fixture
def filled(city, data_dir):
    brought(csv(*ROWS), data_dir)
    return city


def rows(response):
    assert response.status_code == 200, response.content.decode()[:2000]
    return list(csv_file.DictReader(io.StringIO(response.content.decode("utf-8-sig"), newline="")))


@pytest.mark.parametrize("route", ROUTES)
def test_each_table_comes_in_every_format(filled, at, tmp_path, route):
    client, counts = at(), {}
    for ending in DATA_FORMATS:
        response = client.get(reverse(route), {"format": ending})
        assert response.status_code == 200
        assert response["Content-Type"] == DATA_FORMATS[ending]
        assert f".{ending}" in response["Content-Disposition"]
        path = tmp_path / f"table.{ending}"
        path.write_bytes(response.content)
        if ending == "xlsx":
            counts[ending] = openpyxl.load_workbook(path).worksheets[0].max_row - 1
        elif ending == "csv":
            counts[ending] = len(rows(response))
        elif ending == "parquet":
            counts[ending] = pq.read_table(path).num_rows
        else:
            counts[ending] = pyogrio.read_info(path, force_feature_count=True)["features"]
    assert len(set(counts.values())) == 1 and counts["csv"] > 0


def test_the_rows_are_those_of_the_list_with_its_filters(filled, at):
    everything = rows(at().get(reverse("sites:results"), {"format": "csv"}))
    assert [
        (row["对象编号"], row["水质类别"], row["达标情况"], row["无结果的原因"]) for row in everything
    ] == [
        ("S1", "4", "不达标", ""),
        ("S2", "2", "达标", ""),
        ("S4", "", "未判定", "无数据"),
        ("S3", "", "未判定", "水体类型不明"),
    ]
    failed = rows(at().get(reverse("sites:results"), {"format": "csv", "state": "not_attained"}))
    assert [row["对象名称"] for row in failed] == ["甲断面"]


def test_a_river_is_named_with_its_missing_sections(filled, at):
    found = rows(at().get(reverse("waters:areas_file"), {"format": "csv"}))
    river = next(row for row in found if row["对象编号"] == "东河")
    assert (river["水质类别"], river["参加数"], river["应有数"], river["缺失数"]) == ("3", "2", "4", "2")
    assert river["依据"]


def test_the_ranking_names_its_sections_by_code_and_who_was_not_ranked_why(filled, at):
    found = rows(at().get(reverse("waters:ranking_file"), {"format": "csv"}))
    assert {"S1", "S2", "S3", "S4", COUNTY_A} <= {row["对象编号"] for row in found}
    assert {row["对象编号"]: row["无结果的原因"] for row in found}["S3"] == "水体类型不明"
    assert all(row["时段"] == "2021-04" for row in found)


def test_what_may_not_be_seen_is_not_downloaded(filled, at):
    save_site("S7", "乙县断面", kind="section", division=COUNTY_A, actor="tester")
    found = rows(at("viewer@a").get(reverse("sites:results"), {"format": "csv"}))
    assert [row["对象名称"] for row in found] == ["乙县断面"]
    assert at("nobody").get(reverse("sites:results")).status_code == 403


def test_a_download_is_written_down(filled, at):
    at("viewer@city").get(reverse("sites:results"), {"format": "gpkg"})
    entry = AuditEntry.objects.filter(action="sites.results_exported").get()
    assert (entry.actor_name, entry.division) == ("viewer@city", CITY)
    assert entry.params["name"].endswith(".gpkg")
    assert entry.params["count"] == 4


@pytest.mark.parametrize("route", ROUTES)
def test_an_unknown_format_is_refused_and_those_there_are_named(filled, at, route):
    response = at().get(reverse(route), {"format": "pdf"}, headers={"Accept": "application/json"})
    error = check_error(response, 400)
    assert all(ending in json.dumps(error) for ending in DATA_FORMATS)


@pytest.mark.parametrize("route", ROUTES)
def test_without_readings_there_is_nothing_to_download(city, at, route):
    assert at().get(reverse(route)).status_code == 404


@pytest.mark.parametrize("name", ["sites:overview", "sites:list", "waters:areas", "waters:ranking"])
def test_the_pages_offer_what_they_show(filled, at, name):
    client = at()
    text = client.get(reverse(name)).content.decode().replace("&amp;", "&")
    links = [part.split('"')[0] for part in text.split('href="')[1:] if "format=" in part.split('"')[0]]
    assert len(links) == len(DATA_FORMATS)
    assert all(client.get(unquote(address)).status_code == 200 for address in links)
