"""The pages of reports as each role meets them."""

import re

import pytest
from django.test import Client
from django.urls import reverse

from bishui.server.reporting import files_of, services
from bishui.server.reporting.models import Report
from tests.server.reporting.conftest import TEXTS

pytestmark = pytest.mark.django_db


@pytest.fixture
def client_of(planned):
    def client(name):
        found = Client()
        found.force_login(planned.users[name], backend="django.contrib.auth.backends.ModelBackend")
        return found

    return client


def page(report, name="report", *rest):
    return reverse(f"reporting:{name}", args=[report.pk, *rest])


def test_a_report_is_begun_filled_and_shown_as_it_will_be_printed(client_of):
    client = client_of("bureau_staff@city")
    begun = client.post(
        reverse("reporting:new"), {"kind": "half_year", "year": "2025", "month": "", "as_of": ""}
    )
    report = Report.objects.get()
    assert begun.url == page(report)
    client.post(page(report, "text", "next"), {"text": "补办 <script>", "based_on": "0"})
    body = client.get(page(report)).content.decode()
    for wanted in (
        "甲市2025年上半年水污染防治工作总结",
        "一、总体情况",
        "表1  断面水质类别",
        "data:image/svg+xml;base64,",
        "丙断面",
        "补办 &lt;script&gt;",
    ):
        assert wanted in body
    assert "<script>" not in body.split("report-paper")[1].split("</main>")[0]


def test_every_figure_on_the_page_opens_to_where_it_comes_from(client_of, report):
    client = client_of("bureau_staff@city")
    links = re.findall(r'class="report-figure" href="([^"]+)"', client.get(page(report)).content.decode())
    assert len(links) > 20
    for link in set(links):
        opened = client.get(link).content.decode()
        assert "来源" in opened and "2025-06-30" in opened
    shown = client.get(page(report, "figure", "sections.failed")).content.decode()
    assert "甲河口：Ⅳ类" in shown and "/sites/" in shown
    assert client.get(page(report, "figure", "nothing.such")).status_code == 404


def test_the_three_files_come_from_the_page(client_of, report):
    client = client_of("bureau_staff@city")
    for kind, magic in (("docx", b"PK"), ("xlsx", b"PK"), ("pdf", b"%PDF")):
        found = client.get(page(report, "file", kind))
        assert found.content.startswith(magic)
        assert found.headers["Content-Type"] == files_of.TYPES[kind]
        assert "attachment" in found.headers["Content-Disposition"]
    assert client.get(page(report, "file", "exe")).status_code == 404


def test_a_text_that_was_refused_is_shown_beside_the_one_that_stands(client_of, report):
    first, second = client_of("bureau_staff@city"), client_of("bureau_lead@city")
    first.post(page(report, "text", "next"), {"text": "甲的文字", "based_on": "0"})
    refused = second.post(page(report, "text", "next"), {"text": "乙的文字", "based_on": "0"})
    assert refused.status_code == 409
    assert "甲的文字" in refused.content.decode() and "乙的文字" in refused.content.decode()
    assert second.post(page(report, "text", "next"), {"text": "合并", "based_on": "1"}).status_code == 302


def test_from_draft_to_edition_in_the_browser(client_of, written):
    staff, admin, lead = (
        client_of(f"{role}@city") for role in ("bureau_staff", "administrator", "bureau_lead")
    )
    staff.post(page(written, "act", "submit"))
    assert staff.post(page(written, "act", "check"), {"text": "好"}).status_code == 403
    admin.post(page(written, "act", "check"), {"text": "已核对"})
    lead.post(page(written, "act", "issue"))
    written.refresh_from_db()
    assert written.state == "issued"
    opened = staff.get(page(written, "edition", 1)).content.decode()
    assert written.editions.get().pdf.sha256 in opened
    kept = b"".join(staff.get(page(written, "edition_file", 1, "pdf")).streaming_content)
    assert kept == written.editions.get().pdf.path.read_bytes()
    assert staff.get(page(written, "edition", 2)).status_code == 404
    staff.post(page(written, "act", "correct"), {"text": "更正"})
    assert "第 1 稿" in staff.get(page(written)).content.decode()


def test_a_large_report_is_made_by_a_worker_and_the_page_waits(client_of, written, planned, monkeypatch):
    services.advance(written, "submit", actor=planned.users["bureau_staff@city"])
    services.advance(written, "check", actor=planned.users["administrator@city"], texts={"text": "已核对"})
    monkeypatch.setattr(files_of, "ROWS_AT_ONCE", 0)
    lead = client_of("bureau_lead@city")
    lead.post(page(written, "act", "issue"))
    written.refresh_from_db()
    assert written.state == "issuing"
    assert page(written, "production") in lead.get(page(written)).content.decode()
    services.produce(written)
    assert "文件已存档" in lead.get(page(written, "production")).content.decode()


def test_changes_of_the_data_after_submission_are_shown(client_of, written, planned):
    from tests.server.sites.conftest import bring, csv

    services.advance(written, "submit", actor=planned.users["bureau_staff@city"])
    bring(csv("丙断面,2025-06-20 08:00,氨氮,0.3,mg/L,,手工"), "later.csv")
    body = client_of("administrator@city").get(page(written)).content.decode()
    assert "处数据发生变化" in body and "2 → 3" in body


@pytest.mark.parametrize("name", ["viewer@city", "unit_reporter@city"])
def test_who_has_no_right_sees_nothing(client_of, report, name):
    assert client_of(name).get(reverse("reporting:list")).status_code == 403
    assert client_of(name).get(page(report)).status_code == 403


def test_auditors_see_and_do_not_write_and_other_places_do_not_know_of_it(client_of, report):
    auditor = client_of("auditor@city")
    body = auditor.get(page(report)).content.decode()
    assert "甲市2025年上半年" in body and 'name="text"' not in body
    assert auditor.post(page(report, "text", "next"), {"text": "x", "based_on": "0"}).status_code == 403
    for name in ("bureau_lead@other", "bureau_lead@a"):
        assert client_of(name).get(page(report)).status_code == 404
        assert client_of(name).post(page(report, "act", "submit")).status_code == 404


def test_writes_are_posts(client_of, report):
    client = client_of("bureau_lead@city")
    assert client.get(page(report, "act", "submit")).status_code == 405
    assert client.get(page(report, "text", "next")).status_code == 405
    assert client.post(page(report, "act", "land")).status_code == 404
    assert client.post(page(report)).status_code == 405


def test_the_head_is_changed_by_its_form(client_of, report):
    client = client_of("bureau_staff@city")
    form = client.get(page(report, "head")).content.decode()
    version = re.search(r'name="version" value="(\d+)"', form)[1]
    given = {"version": version, "title": "甲市半年总结", "number": "甲环〔2025〕9号", "recipient": "甲市人民政府",
             "issuer": "甲市生态环境局", "signed_on": "2025-07-03"}  # fmt: skip
    assert client.post(page(report, "head"), given).status_code == 302
    assert client.post(page(report, "head"), given).status_code == 200  # the version it was based on is gone
    body = client.get(page(report)).content.decode()
    assert "甲环〔2025〕9号" in body and "2025年7月3日" in body


def test_a_period_that_has_a_report_is_refused_in_the_form(client_of, report):
    client = client_of("bureau_staff@city")
    again = client.post(
        reverse("reporting:new"), {"kind": "half_year", "year": "2025", "month": "", "as_of": ""}
    )
    assert "已经建立" in again.content.decode()
    no_month = client.post(
        reverse("reporting:new"), {"kind": "monthly", "year": "2025", "month": "", "as_of": ""}
    )
    assert "没有给出月份" in no_month.content.decode()


def test_a_monthly_sheet_fits_one_page(client_of, planned):
    import pypdfium2

    client = client_of("bureau_staff@city")
    client.post(reverse("reporting:new"), {"kind": "monthly", "year": "2025", "month": "6", "as_of": ""})
    report = Report.objects.get(kind="monthly")
    pdf = pypdfium2.PdfDocument(client.get(page(report, "file", "pdf")).content)
    count = len(pdf)
    pdf.close()
    assert count == 1


def test_the_pages_speak_english_and_the_document_stays_chinese(client_of, report):
    client = client_of("bureau_staff@city")
    client.post(reverse("set_language"), {"language": "en"})
    body = client.get(page(report)).content.decode()
    assert "Half-year summary" in body and "一、总体情况" in body and "去年同期" in body
    assert TEXTS["next"] not in body
