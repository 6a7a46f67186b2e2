"""Reporting progress: who may, on what, with which evidence, and two people at once."""

from datetime import datetime
from io import BytesIO

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from bishui.errors import Conflict, DataError
from bishui.server.accounts import services as accounts
from bishui.server.accounts.workspaces import of_user
from bishui.server.plans import queries, services
from bishui.server.plans.models import Progress, Task
from tests.server.conftest import CITY, PASSWORD

pytestmark = pytest.mark.django_db
AT = datetime(2025, 5, 1, 9)


@pytest.fixture
def reporter(instance):
    """The reporter of the housing bureau, which leads tasks 1 and 2 and has nothing to do with task 3."""
    user = accounts.create_user("housing", PASSWORD, actor="system", unit=instance.units["city-housing"])
    accounts.grant(user, "unit_reporter", CITY, actor="system", unit=instance.units["city-housing"])
    return user


def signed_in(user):
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


def task(position):
    return Task.objects.get(position=position)


def report(position, unit, percent, **kwargs):
    return services.report_progress(
        task(position), unit, percent, "已排查。", actor="system", at=AT, **kwargs
    )


def test_a_lead_unit_that_reports_everything_done_finishes_the_task(imported, instance):
    report(1, instance.units["city-bureau"], 100)
    workspace = of_user(instance.users["viewer@city"])[0]
    assert queries.standings(Task.objects.filter(position=1), workspace.today)[task(1).pk].state == "done"


@pytest.mark.parametrize(
    ("percent", "state"), [(101, "normal"), (-1, "normal"), (50, "done"), (50, "unknown")]
)
def test_a_report_that_cannot_be_is_refused(imported, instance, percent, state):
    with pytest.raises(DataError):
        report(1, instance.units["city-bureau"], percent, state=state)


def test_of_two_people_of_a_unit_the_second_is_told_of_the_first(imported, instance):
    unit = instance.units["city-bureau"]
    report(1, unit, 30, seen=0)
    with pytest.raises(Conflict, match="同事"):
        report(1, unit, 40, seen=0)
    report(1, unit, 40, seen=1)
    report(1, instance.units["city-housing"], 10, seen=0)
    assert list(Progress.objects.values_list("percent", flat=True)) == [30, 40, 10]


def test_what_was_reported_as_done_is_not_reported_again(imported, instance):
    report(1, instance.units["city-bureau"], 100)
    with pytest.raises(Conflict):
        report(1, instance.units["city-bureau"], 80)


def test_a_unit_sees_its_own_tasks_only(imported, reporter):
    client = signed_in(reporter)
    page = client.get(reverse("plans:plan", args=[task(1).plan_id])).content.decode()
    assert "管网改造" in page
    assert "印发实施方案。" not in page
    assert client.get(reverse("plans:task", args=[task(2).pk])).status_code == 200
    assert client.get(reverse("plans:task", args=[task(3).pk])).status_code == 404


def test_a_unit_reports_on_its_own_tasks_only_and_for_itself(imported, instance, reporter):
    client = signed_in(reporter)
    data = {"percent": 40, "state": "normal", "text": "已完成四公里。", "seen": ""}
    own, other = instance.units["city-housing"], instance.units["city-bureau"]
    assert (
        client.post(reverse("plans:report", args=[task(3).pk]), {**data, "unit": own.pk}).status_code == 404
    )
    assert (
        client.post(reverse("plans:report", args=[task(2).pk]), {**data, "unit": other.pk}).status_code == 422
    )
    assert not Progress.objects.exists()
    assert (
        client.post(reverse("plans:report", args=[task(2).pk]), {**data, "unit": own.pk}).status_code == 302
    )
    assert Progress.objects.get().by == str(reporter)


def test_a_viewer_may_not_report(imported, instance):
    client = signed_in(instance.users["viewer@city"])
    assert client.post(reverse("plans:report", args=[task(2).pk]), {}).status_code == 403
    assert "提交进展" not in client.get(reverse("plans:task", args=[task(2).pk])).content.decode()


def test_evidence_comes_back_as_an_attachment_that_no_browser_runs(imported, instance, reporter):
    client = signed_in(reporter)
    data = {"unit": instance.units["city-housing"].pk, "percent": 40, "state": "normal", "text": "见附件。"}
    upload = SimpleUploadedFile("照片.pdf", b"%PDF-1.4 proof")
    client.post(reverse("plans:report", args=[task(2).pk]), {**data, "evidence": upload})
    progress = Progress.objects.get()
    response = client.get(reverse("plans:evidence", args=[task(2).pk, progress.pk]))
    assert b"".join(response.streaming_content) == b"%PDF-1.4 proof"
    assert response["Content-Disposition"].startswith("attachment")
    assert response["X-Content-Type-Options"] == "nosniff"
    assert client.get(reverse("plans:evidence", args=[task(1).pk, progress.pk])).status_code == 404


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("page.html", b"<script>"),
        ("photo.jpg", b"<script>"),
        ("list.csv", b"a\x00b"),
        ("proof.svg", b"<svg/>"),
        ("empty.txt", b""),
    ],
)
def test_a_file_of_another_kind_than_its_name_is_refused(imported, instance, name, content):
    with pytest.raises(DataError):
        report(2, instance.units["city-housing"], 40, evidence_file=(BytesIO(content), name))
    assert not Progress.objects.exists()
