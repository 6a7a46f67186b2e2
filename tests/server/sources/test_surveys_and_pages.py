"""Condition surveys, ecology surveys, and the pages of sources with readings."""

import uuid

import pytest
from django.urls import reverse

from bishui.errors import Conflict, DataError, Forbidden
from bishui.server.core.advancing import advance
from tests.server.sources.conftest import client_of, enter

pytestmark = pytest.mark.django_db
SURVEY = {"code": "D1", "source": "S1", "year": "2024", "monitored": "12", "attained": "11"}


def test_a_survey_is_approved_by_a_second_person_and_then_unchanged(source, instance):
    survey = enter("source_surveys", **SURVEY)
    staff, lead = instance.users["bureau_staff@a"], instance.users["bureau_lead@a"]
    advance(survey, "submit", actor=staff)
    with pytest.raises(Forbidden, match="另一人"):
        advance(survey, "approve", actor=staff)
    advance(survey, "approve", actor=lead)
    with pytest.raises(Conflict, match="已审定"):
        enter("source_surveys", **SURVEY | {"attained": "12"})


def test_a_source_has_one_survey_a_year_and_no_more_attained_than_monitored(source):
    enter("source_surveys", **SURVEY)
    with pytest.raises(DataError, match="已有 2024 年的调查"):
        enter("source_surveys", **SURVEY | {"code": "D2"})
    with pytest.raises(DataError, match="多于监测"):
        enter("source_surveys", **SURVEY | {"year": "2023", "code": "D3", "attained": "13"})


def test_the_overview_and_the_source_say_what_is_missing(source, instance, data_dir):
    client = client_of(instance, "viewer@city")
    page = client.get(reverse("sources:overview")).content.decode()
    assert "甲水源地" in page
    assert "未采样" in page
    page = client.get(reverse("sources:source", args=[source.id])).content.decode()
    assert "没有登记环境问题" in page
    assert "没有环境状况调查" in page
    assert client.get(reverse("sources:source", args=[uuid.uuid4()])).status_code == 404


def test_a_city_without_sources_is_told_what_to_do(instance, data_dir):
    page = client_of(instance, "bureau_staff@city").get(reverse("sources:overview")).content.decode()
    assert "还没有饮用水水源地" in page
    assert "打开监测点位台账" in page


def test_a_score_needs_its_index_and_two_indices_make_no_trend(source, instance):
    row = {"site": "S1", "community": "fish", "method": "电捕", "score": "60"}
    with pytest.raises(DataError, match="没有填健康指数"):
        enter("ecology_surveys", code="E0", surveyed_on="2024-10-01", **row)
    enter("ecology_surveys", code="E1", surveyed_on="2024-10-01", index_name="F-IBI", **row)
    enter("ecology_surveys", code="E2", surveyed_on="2025-10-01", index_name="Shannon", **row)
    client = client_of(instance, "viewer@city")
    assert client.get(reverse("sources:ecology")).context["chart"] is None
    enter("ecology_surveys", code="E3", surveyed_on="2025-10-02", index_name="F-IBI", **row)
    (drawn,) = client.get(reverse("sources:ecology")).context["chart"]["items"]
    assert [point[1] for point in drawn["points"]] == ["60", "60"]


def test_a_survey_lists_its_species_with_protected_and_alien_ones(source, instance):
    survey = enter(
        "ecology_surveys", code="E1", site="S1", surveyed_on="2024-10-01", community="fish", method="电捕"
    )
    enter("ecology_species", code="W1", survey="E1", name="鳤", count="3", protected="national_2")
    enter("ecology_species", code="W2", survey="E1", name="罗非鱼", alien="invasive")
    page = client_of(instance, "viewer@city").get(reverse("sources:ecology_survey", args=[survey.pk]))
    assert "国家二级" in page.content.decode()
    assert "外来入侵种" in page.content.decode()
    assert "有，未计数" in page.content.decode()
