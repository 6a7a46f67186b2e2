"""Problems of sources: evidence, a second person for the re-inspection, reopened where it fails."""

from io import BytesIO

import pytest
from django.urls import reverse

from bishui.errors import DataError, Forbidden
from bishui.server.core.advancing import advance
from bishui.server.sources.models import SourceProblem
from tests.server.conftest import COUNTY_A
from tests.server.sources.conftest import client_of, enter

pytestmark = pytest.mark.django_db
ROW = {
    "code": "P1",
    "source": "甲水源地",
    "name": "养殖场1家",
    "zone": "二级保护区",
    "found_on": "2025-03-01",
    "found_by": "自查",
    "due": "2025-06-30",
    "unit": "a-bureau",
}


@pytest.fixture
def problem(source):
    return enter("source_problems", **ROW)


def rectified(problem, instance):
    upload = (BytesIO(b"%PDF-1.4 photo"), "photo.pdf")
    actor = instance.users["bureau_staff@a"]
    advance(problem, "rectify", actor=actor, texts={"text": "已搬迁"}, uploads={"file": upload})
    return problem


def test_a_problem_belongs_to_the_division_of_its_source(problem):
    assert (problem.source, problem.division, problem.state) == ("S1", COUNTY_A, "open")


def test_a_deadline_before_the_day_of_finding_is_refused(source):
    with pytest.raises(DataError, match="早于发现日期"):
        enter("source_problems", **ROW | {"due": "2025-02-01"})


def test_rectification_needs_evidence(problem, instance, data_dir):
    with pytest.raises(DataError, match="佐证材料"):
        advance(problem, "rectify", actor=instance.users["bureau_staff@a"], texts={"text": "已搬迁"})


def test_the_re_inspection_is_another_persons(problem, instance, data_dir):
    rectified(problem, instance)
    with pytest.raises(Forbidden, match="另一人"):
        advance(problem, "inspect", actor=instance.users["bureau_staff@a"], texts={"text": "好"})
    advance(problem, "inspect", actor=instance.users["bureau_lead@a"], texts={"text": "好"})
    advance(problem, "close", actor=instance.users["bureau_lead@a"])
    assert SourceProblem.objects.get().state == "closed"


def test_a_failed_re_inspection_reopens_the_problem(problem, instance, data_dir):
    rectified(problem, instance)
    advance(problem, "return", actor=instance.users["bureau_lead@a"], texts={"text": "仍在排放"})
    assert problem.state == "reopened"
    assert rectified(problem, instance).state == "rectified"


def test_the_page_offers_each_person_what_they_may_do(problem, instance, data_dir):
    rectified(problem, instance)
    url = reverse("sources:record", args=[problem.pk])
    own = client_of(instance, "bureau_staff@a").get(url).content.decode()
    assert "须由另一人办理" in own
    assert reverse("sources:act", args=[problem.pk, "inspect"]) not in own
    other = client_of(instance, "bureau_lead@a").get(url).content.decode()
    assert reverse("sources:act", args=[problem.pk, "inspect"]) in other
    assert reverse("sources:act", args=[problem.pk, "inspect"]) not in (
        client_of(instance, "viewer@a").get(url).content.decode()
    )
    assert client_of(instance, "bureau_lead@other").get(url).status_code == 404


def test_the_list_shows_what_is_not_closed_first(problem, instance):
    page = client_of(instance, "viewer@city").get(reverse("sources:problems")).content.decode()
    assert "养殖场1家" in page
    assert "甲水源地" in page
    closed = client_of(instance, "viewer@city").get(reverse("sources:problems"), {"state": "closed"})
    assert "没有符合条件的问题" in closed.content.decode()
