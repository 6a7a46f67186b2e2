"""From the draft to the edition: written by one, checked by another, issued, kept, corrected beside."""

import hashlib
import io
from datetime import timedelta

import docx
import pypdfium2
import pytest

from bishui.errors import Conflict, DataError, Forbidden
from bishui.server.core import audit, files
from bishui.server.core.models import AuditEntry
from bishui.server.reporting import jobs, queries, services
from bishui.server.reporting.differences import differences
from bishui.server.reporting.models import Edition, Report, ReportText
from tests.server.reporting.conftest import NOON, TEXTS, half_year
from tests.server.sites.conftest import bring, csv

pytestmark = pytest.mark.django_db


def staff(city):
    return city.users["bureau_staff@city"]


def test_there_is_one_report_of_a_kind_for_a_period(report, planned):
    with pytest.raises(Conflict, match="已经建立"):
        services.create(half_year(), actor=staff(planned), at=NOON)
    assert report.title == "甲市2025年上半年水污染防治工作总结"
    assert report.issuer == "甲市生态环境局"


def test_a_part_keeps_every_version_and_the_newest_stands(report, planned):
    for number, text in enumerate(("一稿", "二稿", "二稿改"), start=0):
        services.save_text(report, "next", text, based_on=number, actor=staff(planned), at=NOON)
    assert [text.text for text in ReportText.objects.filter(part="next")] == ["一稿", "二稿", "二稿改"]
    assert queries.standing_texts(report)["next"].text == "二稿改"


def test_two_people_on_one_part_never_overwrite_each_other_silently(report, planned):
    services.save_text(report, "next", "甲写的", based_on=0, actor=staff(planned), at=NOON)
    with pytest.raises(Conflict, match="他人"):
        services.save_text(
            report, "next", "乙写的", based_on=0, actor=planned.users["bureau_lead@city"], at=NOON
        )
    assert queries.standing_texts(report)["next"].text == "甲写的"


def test_two_people_on_one_head_never_overwrite_each_other_silently(report, planned):
    head = {
        name: getattr(report, name)
        for name in ("title", "number", "issuer", "recipient", "signed_on", "red_head")
    }
    first, second = (Report.objects.get(pk=report.pk) for _ in range(2))
    services.save_head(
        first, head | {"number": "甲环〔2025〕1号"}, version=first.version, actor=staff(planned)
    )
    with pytest.raises(Conflict):
        services.save_head(
            second, head | {"number": "甲环〔2025〕2号"}, version=second.version, actor=staff(planned)
        )
    assert Report.objects.get(pk=report.pk).number == "甲环〔2025〕1号"


def test_an_unknown_part_and_a_text_too_long_are_refused(report, planned):
    for part, text in (("nowhere", "x"), ("next", "长" * 8001)):
        with pytest.raises(DataError):
            services.save_text(report, part, text, based_on=0, actor=staff(planned), at=NOON)


def test_nothing_is_submitted_before_the_required_parts_are_written(report, planned):
    with pytest.raises(DataError, match="主要做法、存在的问题、下一步工作安排"):
        services.advance(report, "submit", actor=staff(planned))
    assert Report.objects.get(pk=report.pk).state == "draft"


def test_the_one_who_submits_does_not_check(written, planned):
    services.advance(written, "submit", actor=staff(planned))
    with pytest.raises(Forbidden, match="另一人"):
        services.advance(written, "check", actor=staff(planned), texts={"text": "好"})
    with pytest.raises(Conflict):
        services.advance(written, "issue", actor=planned.users["bureau_lead@city"])


def test_staff_check_and_only_the_lead_issues(written, planned):
    services.advance(written, "submit", actor=planned.users["bureau_lead@city"])
    services.advance(written, "check", actor=staff(planned), texts={"text": "已核对"})
    with pytest.raises(Forbidden):
        services.advance(written, "issue", actor=staff(planned))


def test_what_is_submitted_is_frozen_and_what_is_returned_follows_the_data_again(written, planned):
    services.advance(written, "submit", actor=staff(planned))
    bring(csv("丙断面,2025-06-20 08:00,氨氮,0.3,mg/L,,手工"), "later.csv")
    assert queries.inputs_of(written).facts.figures["sections.judged"].text == "2"
    moved = differences(written.frozen, queries.live_inputs(written).as_dict())
    assert ("有评价结果的断面", "2", "3") in [(c["name"], c["before"], c["after"]) for c in moved]
    with pytest.raises(Conflict, match="不能修改"):
        services.save_text(written, "next", "改", based_on=1, actor=staff(planned), at=NOON)
    services.advance(
        written, "return", actor=planned.users["administrator@city"], texts={"text": "数据有变化"}
    )
    assert written.frozen == {}
    assert queries.inputs_of(written).facts.figures["sections.judged"].text == "3"


def test_an_edition_keeps_three_files_and_all_that_they_follow_from(written, issue):
    edition = issue(written)
    assert Report.objects.get(pk=written.pk).state == "issued"
    for stored in (edition.docx, edition.pdf, edition.xlsx):
        assert files.check_content(stored) == []
    assert edition.inputs_hash == queries.digest(edition.inputs)
    assert edition.inputs["texts"] == TEXTS
    pdf = pypdfium2.PdfDocument(edition.pdf.path.read_bytes())
    text = "".join("".join(page.get_textpage().get_text_range().split()) for page in pdf)
    pdf.close()
    for key in ("sections.total", "sections.good_percent", "tasks.total", "gaps.total"):
        assert edition.inputs["facts"]["figures"][key]["text"] in text
    assert "推进管网建设。" in text
    word = docx.Document(io.BytesIO(edition.docx.path.read_bytes()))
    assert "二、水环境质量和目标完成情况" in [paragraph.text for paragraph in word.paragraphs]


def test_the_files_of_an_edition_can_be_made_again_byte_for_byte(written, issue):
    from bishui.server.reporting import files_of
    from bishui.server.reporting.compose import Inputs

    edition = issue(written)
    made = files_of.make(Inputs.of(edition.inputs))
    for kind in files_of.FORMATS:
        assert hashlib.sha256(getattr(made, kind)).hexdigest() == getattr(edition, kind).sha256


def test_an_edition_never_changes(written, issue):
    edition = issue(written)
    edition.title = "别的"
    with audit.action("reporting.issued", actor="system", title="x", number=1), pytest.raises(TypeError):
        edition.save()
    with pytest.raises(TypeError):
        Edition.objects.update(title="别的")


def test_a_correction_makes_a_new_edition_beside_the_old_with_the_differences(written, issue, planned):
    first = issue(written)
    bring(csv("丙断面,2025-06-20 08:00,氨氮,0.3,mg/L,,手工"), "later.csv")
    services.advance(written, "correct", actor=staff(planned), texts={"text": "补录丙断面数据"})
    services.save_text(written, "problems", "改写的问题。", based_on=1, actor=staff(planned), at=NOON)
    second = issue(written)
    assert (first.number, second.number, second.reason) == (1, 2, "补录丙断面数据")
    assert Edition.objects.get(number=1).inputs == first.inputs
    changed = {
        (entry["what"], entry["name"]): (entry["before"], entry["after"]) for entry in second.differences
    }
    assert changed["figure", "有评价结果的断面"] == ("2", "3")
    assert changed["part", "存在的问题"] == ("甲河口超标。", "改写的问题。")
    assert ("gap", "缺失数据") in changed
    assert first.differences == []


def test_producing_twice_makes_one_edition(written, issue):
    issue(written)
    assert services.produce(written) is None
    assert Edition.objects.count() == 1


def test_the_job_produces_and_one_that_fails_gives_the_report_back(written, planned, monkeypatch):
    services.advance(written, "submit", actor=staff(planned))
    services.advance(written, "check", actor=planned.users["administrator@city"], texts={"text": "已核对"})
    services.advance(written, "issue", actor=planned.users["bureau_lead@city"])

    def full(*_args, **_kwargs):
        raise DataError(jobs.services.Text("磁盘已满。"))

    with monkeypatch.context() as broken:
        broken.setattr(files, "keep", full)
        assert jobs.produce_report.func(str(written.pk)) == "checked"
    assert not Edition.objects.exists()
    written.refresh_from_db()
    services.advance(written, "issue", actor=planned.users["bureau_lead@city"])
    assert jobs.produce_report.func(str(written.pk)) == "issued"


def test_every_step_is_in_the_trail(written, issue):
    issue(written)
    actions = set(AuditEntry.objects.values_list("action", flat=True))
    assert {"reporting.created", "reporting.text_saved", "reporting.issued", "core.transition"} <= actions
    assert audit.verify()[1] == []


def test_a_report_whose_files_nobody_makes_is_taken_up_once(written, planned, monkeypatch):
    services.advance(written, "submit", actor=staff(planned))
    services.advance(written, "check", actor=planned.users["administrator@city"], texts={"text": "已核对"})
    services.advance(written, "issue", actor=planned.users["bureau_lead@city"])
    assert jobs.take_up() == 0  # it may still be under way
    monkeypatch.setattr(jobs, "PATIENCE", timedelta(0))
    assert (jobs.take_up(), jobs.take_up()) == (1, 0)
    assert jobs.produce_report.func(str(written.pk)) == "issued"
    assert (jobs.take_up(), Edition.objects.count()) == (0, 1)


def test_a_title_broken_over_lines_is_one_line_in_names(written, planned, issue):
    head = {
        name: getattr(written, name) for name in ("number", "issuer", "recipient", "signed_on", "red_head")
    }
    title = "甲市2025年上半年\n水污染防治工作总结"
    services.save_head(written, head | {"title": title}, version=written.version, actor=staff(planned))
    edition = issue(written)
    assert edition.pdf.name == "甲市2025年上半年水污染防治工作总结（第1版）.pdf"
