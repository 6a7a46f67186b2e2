"""The upload page and the import's own pages: what is refused, whose it is, what can be downloaded."""

import csv as csv_reader
import io

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from tests.server.conftest import CITY, COUNTY_A
from tests.server.core.test_register_import import csv
from tests.server.core.test_registers import signed_in

from bishui.server.accounts.models import Unit
from bishui.server.core import imports
from bishui.server.core.models import ImportSession, StoredFile

URL = "/imports/new/register:units/"
ROW = "n-1,市水利局,部门,990000"


@pytest.fixture
def lead(instance, data_dir):
    return signed_in(instance.users["bureau_lead@city"])


def upload(client, content, name="units.csv"):
    """Upload and let the worker's job run; return the response and the session."""
    response = client.post(URL, {"file": SimpleUploadedFile(name, content)})
    session = ImportSession.objects.order_by("-pk").first() if response.status_code == 302 else None
    if session:
        imports.read(session)
        session.refresh_from_db()
    return response, session


def download(client, session, what):
    response = client.get(reverse("core:account", args=[session.pk, what]))
    text = b"".join(response.streaming_content).decode("utf-8")
    assert text.startswith("\ufeff"), "so that a spreadsheet program reads it as UTF-8"
    return response, list(csv_reader.reader(io.StringIO(text.removeprefix("\ufeff"))))


def test_an_empty_file_and_no_file_are_refused_on_the_page(lead):
    for data in ({}, {"file": SimpleUploadedFile("empty.csv", b"")}):
        response = lead.post(URL, data)
        assert response.status_code == 200
        assert response.context["form"].errors["file"]
    assert not ImportSession.objects.exists()


def test_a_file_over_the_limit_is_refused_with_the_way_out_and_leaves_nothing(lead, settings, data_dir):
    settings.UPLOAD_LIMIT = 64
    response, _ = upload(lead, csv(*[ROW] * 10))
    assert response.status_code == 422
    assert "拆分" in response.content.decode()
    assert not StoredFile.objects.exists()
    assert [path for path in (data_dir / "files").rglob("*") if path.is_file()] == []


@pytest.mark.parametrize(
    "content", [b"\x89PNG\r\n\x1a\n\x00\x00", b"PK\x03\x04broken", b"%PDF-1.7\n\x00\xff"]
)
def test_a_file_of_a_wrong_format_ends_as_unreadable_with_the_reason(lead, content):
    _, session = upload(lead, content, "units.xlsx")
    assert session.state == "unreadable"
    page = lead.get(reverse("core:import", args=[session.pk])).content.decode()
    assert "units.xlsx" in page
    assert session.problems[0]["remedy"]["zh"] in page


def test_the_same_file_again_is_recognised_as_repeated(lead):
    _, first = upload(lead, csv(ROW))
    assert first.state == "previewed"
    assert lead.post(reverse("core:act", args=[first.pk, "commit"])).status_code == 302
    imports.finish_commit(first)
    _, second = upload(lead, csv(ROW), "again.csv")
    assert second.state == "repeat"
    assert second.repeat_of == first
    lead.post(reverse("core:act", args=[second.pk, "commit"]))
    second.refresh_from_db()
    assert second.state == "repeat"
    assert Unit.objects.filter(code="n-1").count() == 1


def test_from_upload_to_taking_back_through_the_pages(lead):
    _, session = upload(lead, csv(ROW))
    lead.post(reverse("core:act", args=[session.pk, "commit"]))
    session.refresh_from_db()
    assert session.state == "committing"
    imports.finish_commit(session)
    assert Unit.objects.filter(code="n-1").exists()
    lead.post(reverse("core:act", args=[session.pk, "take_back"]), {"why": ""})
    assert Unit.objects.filter(code="n-1").exists(), "no reason, no undo"
    lead.post(reverse("core:act", args=[session.pk, "take_back"]), {"why": "填错"})
    assert not Unit.objects.filter(code="n-1").exists()
    assert lead.post(reverse("core:act", args=[session.pk, "explode"])).status_code == 404


def test_what_a_countys_staff_upload_belongs_to_their_county(instance, data_dir):
    client = signed_in(instance.users["bureau_lead@a"])
    _, session = upload(client, csv("n-1,水利局,部门,990101", "b-bureau,夺来的,部门,990101"))
    assert session.division == COUNTY_A
    assert (session.summary["created"], session.summary["rejected"]) == (1, 1)


def test_a_county_neither_sees_nor_touches_the_citys_imports(instance, lead):
    _, session = upload(lead, csv(ROW))
    assert session.division == CITY
    county = signed_in(instance.users["bureau_lead@a"])
    for name in ("core:import", "core:original"):
        assert county.get(reverse(name, args=[session.pk])).status_code == 404
    assert county.get(reverse("core:account", args=[session.pk, "rows"])).status_code == 404
    for what in ("commit", "discard", "take_back"):
        assert county.post(reverse("core:act", args=[session.pk, what])).status_code == 404
    session.refresh_from_db()
    assert session.state == "previewed"


def test_who_may_only_look_neither_uploads_nor_commits(instance, lead):
    _, session = upload(lead, csv(ROW))
    auditor = signed_in(instance.users["auditor@city"])
    assert auditor.get(reverse("core:import", args=[session.pk])).status_code == 200
    assert auditor.post(URL, {"file": SimpleUploadedFile("x.csv", csv(ROW))}).status_code == 403
    assert auditor.post(reverse("core:act", args=[session.pk, "commit"])).status_code == 403
    session.refresh_from_db()
    assert session.state == "previewed"


@pytest.mark.parametrize("name", ["page.html", "picture.svg", "../../etc/passwd.html", 'q".html'])
def test_a_download_is_an_attachment_that_no_browser_runs(lead, name):
    content = b"<script>alert(1)</script>"
    _, session = upload(lead, content, name)
    response = lead.get(reverse("core:original", args=[session.pk]))
    assert b"".join(response.streaming_content) == content
    assert response["Content-Disposition"].startswith("attachment")
    assert "/" not in response["Content-Disposition"]
    assert response["Content-Type"] == "application/octet-stream"
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Content-Security-Policy"] == "default-src 'none'; sandbox"


def test_the_list_of_problems_holds_each_with_place_text_and_remedy(lead):
    _, session = upload(lead, csv(ROW, "n-3,市财政局,=1+1,990000", "n-4,,部门,990000"))
    response, rows = download(lead, session, "problems")
    assert rows[0] == ["行", "列", "原文", "问题", "处理办法"]
    assert [row[:3] for row in rows[1:]] == [["3", "类别", "'=1+1"], ["4", "单位名称", ""]]
    assert all(row[3] and row[4] for row in rows[1:])
    assert response["Content-Disposition"].startswith("attachment")
    assert response["X-Content-Type-Options"] == "nosniff"


def test_the_account_says_what_became_of_every_row(lead):
    _, session = upload(lead, csv(ROW, "a-bureau,乙县生态环境局,部门,990101", "n-4,,部门,990000"))
    _, rows = download(lead, session, "rows")
    assert rows == [
        ["row", "outcome", "detail"],
        ["2", "created", "n-1"],
        ["3", "unchanged", "a-bureau"],
        ["4", "rejected", "required"],
    ]


def test_the_problems_are_given_in_english_where_english_is_asked_for(lead):
    _, session = upload(lead, csv("n-4,,部门,990000"))
    lead.cookies["django_language"] = "en"
    _, rows = download(lead, session, "problems")
    assert rows[1][3:] == [session.problems[0][key]["en"] for key in ("what", "remedy")]
    assert rows[1][3] != session.problems[0]["what"]["zh"]
    page = lead.get(reverse("core:import", args=[session.pk])).content.decode()
    assert 'lang="en"' in page


def test_an_unknown_kind_of_import_is_not_found(lead):
    assert lead.get("/imports/new/no-such-kind/").status_code == 404
