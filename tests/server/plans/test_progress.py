"""Handing in progress and its review: who may, with which evidence, what counts, and two people at once."""

from datetime import datetime
from decimal import Decimal
from io import BytesIO

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from bishui.errors import Conflict, DataError, Forbidden
from bishui.server.accounts import services as accounts
from bishui.server.core.models import WorkflowEvent
from bishui.server.plans import duties, progress_reports, queries
from bishui.server.plans.models import Duty, Milestone, Progress, Task
from bishui.server.plans.progress_reports import Figure, Given, Link
from tests.server.conftest import CITY, PASSWORD

pytestmark = pytest.mark.django_db
AT = datetime(2025, 5, 1, 9)
PDF = b"%PDF-1.4 proof"


@pytest.fixture
def people(instance):
    """A reporter of the housing bureau (it leads tasks 1 and 2), and lead and staff of the city's bureau."""
    user = accounts.create_user("housing", PASSWORD, actor="system", unit=instance.units["city-housing"])
    accounts.grant(user, "unit_reporter", CITY, actor="system", unit=instance.units["city-housing"])
    return {
        "housing": user,
        "staff": instance.users["bureau_staff@city"],
        "lead": instance.users["bureau_lead@city"],
    }


def signed_in(user):
    client = Client(headers={"accept-language": "zh-hans"})
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


def task(position):
    return Task.objects.get(position=position)


def steps(position):
    return [str(step.pk) for step in Milestone.objects.filter(task__position=position)]


def proof(name="proof.pdf"):
    return (BytesIO(PDF), name)


def duty(position, unit):
    return Duty.objects.get(task__position=position, unit=unit)


def standing(position):
    record = task(position)
    return queries.standings(Task.objects.filter(pk=record.pk), AT.date())[record.pk]


@pytest.fixture
def handed_in(imported, instance, people):
    """The housing bureau's report on task 2 with evidence for its first quarter."""
    return progress_reports.hand_in(
        task(2),
        instance.units["city-housing"],
        Given("第一季度完成四公里。", milestones=steps(2)[:1], files=[proof()]),
        actor=people["housing"],
        at=AT,
    )


def test_what_is_handed_in_counts_once_somebody_else_has_accepted_it(handed_in, people, instance):
    before = standing(2)
    assert (before.percent, before.waiting) == (0, 1)
    with pytest.raises(Forbidden):
        progress_reports.accept(handed_in, actor=people["housing"])
    progress_reports.accept(handed_in, actor=people["staff"], text="属实。")
    after = standing(2)
    assert (after.percent, after.waiting) == (15, 0)  # the lead's 0.6 of the task, a quarter of the year
    assert duty(2, instance.units["city-housing"]).state == "in_progress"


def test_a_bureaus_writer_does_not_review_the_own_report(imported, instance, people):
    report = progress_reports.hand_in(
        task(1), instance.units["city-bureau"], Given("核查六十家。"), actor=people["staff"], at=AT
    )
    for decide in (
        progress_reports.accept,
        lambda item, **kwargs: progress_reports.send_back(item, "不实", **kwargs),
    ):
        with pytest.raises(Forbidden, match="另一人"):
            decide(report, actor=people["staff"])
    progress_reports.accept(report, actor=people["lead"])


def test_a_returned_report_is_handed_in_anew_and_stays(handed_in, people, instance):
    with pytest.raises(DataError, match="退回原因"):
        progress_reports.send_back(handed_in, " ", actor=people["staff"])
    progress_reports.send_back(handed_in, "缺竣工图。", actor=people["staff"])
    again = progress_reports.hand_in(
        task(2),
        instance.units["city-housing"],
        Given("补充竣工图。", milestones=steps(2)[:1], files=[proof("竣工图.pdf")], replaces=handed_in),
        actor=people["housing"],
        at=AT,
    )
    assert [report.state for report in Progress.objects.order_by("number")] == ["returned", "handed_in"]
    assert again.replaces == handed_in


def test_the_last_milestone_hands_the_duty_in_and_its_acceptance_ends_it(imported, instance, people):
    unit = instance.units["city-housing"]
    given = Given("全部完成。", milestones=steps(2), files=[proof()])
    report = progress_reports.hand_in(task(2), unit, given, actor=people["housing"], at=AT)
    assert duty(2, unit).state == "handed_in"
    progress_reports.accept(report, actor=people["staff"])
    assert duty(2, unit).state == "accepted"
    with pytest.raises(Conflict, match="已经验收"):
        progress_reports.hand_in(task(2), unit, Given("再报。"), actor=people["housing"], at=AT)


def test_a_lead_may_speak_for_all_responsible_units(imported, instance, people):
    given = Given("全市完成。", milestones=steps(2), files=[proof()], for_all=True)
    report = progress_reports.hand_in(
        task(2), instance.units["city-housing"], given, actor=people["housing"], at=AT
    )
    progress_reports.accept(report, actor=people["staff"])
    assert (standing(2).state, standing(2).done_on) == ("done", AT.date())
    states = dict(Duty.objects.filter(task=task(2)).values_list("role", "state"))
    assert states == {"lead": "accepted", "responsible": "accepted", "cooperating": "issued"}


def test_a_cooperating_unit_adds_but_does_not_complete(imported, instance, people):
    unit = instance.units["city-bureau"]
    with pytest.raises(DataError, match="不是本单位的节点"):
        progress_reports.hand_in(
            task(2), unit, Given("代报。", milestones=steps(2), files=[proof()]), actor=people["staff"], at=AT
        )
    with pytest.raises(DataError, match="牵头"):
        progress_reports.hand_in(task(2), unit, Given("代报。", for_all=True), actor=people["staff"], at=AT)
    report = progress_reports.hand_in(task(2), unit, Given("已会同检查。"), actor=people["staff"], at=AT)
    progress_reports.accept(report, actor=people["lead"])
    assert standing(2).percent == 0


def test_a_milestone_asks_for_evidence_and_is_reached_once(handed_in, people, instance):
    unit = instance.units["city-housing"]
    with pytest.raises(DataError, match="佐证"):
        progress_reports.hand_in(
            task(2), unit, Given("完成。", milestones=steps(2)[1:2]), actor=people["housing"], at=AT
        )
    progress_reports.accept(handed_in, actor=people["staff"])
    with pytest.raises(Conflict, match="已经认可"):
        progress_reports.hand_in(
            task(2),
            unit,
            Given("又报。", milestones=steps(2)[:1], files=[proof()]),
            actor=people["housing"],
            at=AT,
        )


def test_figures_keep_their_digits_and_links_their_names(imported, instance, people):
    report = progress_reports.hand_in(
        task(2),
        instance.units["city-housing"],
        Given("见数据。", figures=[Figure("管网", "11.20", "公里")], links=[Link("site", "s1", "甲河口")]),
        actor=people["housing"],
        at=AT,
    )
    figure = report.figures.get()
    assert (figure.value, figure.value_text, figure.unit) == (Decimal("11.2"), "11.20", "公里")
    assert str(report.links.get()) == "甲河口"
    with pytest.raises(DataError, match="不是数字"):
        progress_reports.hand_in(
            task(2),
            instance.units["city-housing"],
            Given("错。", figures=[Figure("管网", "约十", "公里")]),
            actor=people["housing"],
            at=AT,
        )


def test_what_was_wrongly_accepted_is_reopened_with_a_reason_and_the_event_stays(handed_in, people, instance):
    progress_reports.accept(handed_in, actor=people["staff"])
    progress_reports.reopen(handed_in, "照片为旧照。", actor=people["lead"])
    assert (handed_in.state, standing(2).percent) == ("handed_in", 0)
    progress_reports.send_back(handed_in, "照片为旧照。", actor=people["lead"])
    events = WorkflowEvent.objects.filter(record_id=handed_in.pk)
    assert [event.transition for event in events] == ["hand_in", "accept", "reopen", "return"]


def test_reopening_the_evidence_reopens_the_accepted_duty(imported, instance, people):
    unit = instance.units["city-housing"]
    report = progress_reports.hand_in(
        task(2), unit, Given("完成。", milestones=steps(2), files=[proof()]), actor=people["housing"], at=AT
    )
    progress_reports.accept(report, actor=people["staff"])
    progress_reports.reopen(report, "误认。", actor=people["lead"])
    assert duty(2, unit).state == "in_progress"


def test_a_unit_takes_its_report_back_before_the_review_only(handed_in, people):
    progress_reports.withdraw(handed_in, "传错附件。", actor=people["housing"])
    assert handed_in.state == "withdrawn"
    assert standing(2).waiting == 0
    progress_reports.reopen(handed_in, "恢复。", actor=people["staff"])
    progress_reports.accept(handed_in, actor=people["staff"])
    with pytest.raises(Conflict):
        progress_reports.withdraw(handed_in, "再撤。", actor=people["housing"])


def test_of_two_people_of_a_unit_the_second_is_told_of_the_first(imported, instance, people):
    unit = instance.units["city-housing"]

    def report(seen):
        progress_reports.hand_in(task(2), unit, Given("四公里。"), actor=people["housing"], at=AT, seen=seen)

    report(0)
    with pytest.raises(Conflict, match="同事"):
        report(0)
    report(1)
    assert list(Progress.objects.values_list("number", flat=True)) == [1, 2]


def test_the_second_reviewer_is_told_and_what_was_typed_stays(handed_in, people):
    first, second = signed_in(people["staff"]), signed_in(people["lead"])
    address = reverse("plans:progress_act", args=[handed_in.pk, "accept"])
    version = handed_in.version
    assert first.post(address, {"version": version, "text": "属实。"}).status_code == 302
    send_back = reverse("plans:progress_act", args=[handed_in.pk, "return"])
    answer = second.post(send_back, {"version": version, "text": "缺附件三。"})
    assert answer.status_code == 409
    assert "他人" in answer.content.decode()
    assert "缺附件三。" in answer.content.decode()
    assert Progress.objects.get().state == "accepted"


def test_the_second_writer_keeps_what_was_typed(imported, instance, people):
    client = signed_in(people["housing"])
    address = reverse("plans:report", args=[task(2).pk])
    data = {
        "unit": instance.units["city-housing"].pk,
        "text": "五公里已完工。",
        "outlook": "normal",
        "seen": "",
    }
    progress_reports.hand_in(
        task(2), instance.units["city-housing"], Given("四公里。"), actor=people["housing"], at=AT
    )
    answer = client.post(address, data)
    assert answer.status_code == 409
    assert "五公里已完工。" in answer.content.decode()
    seen = answer.context["form"]["seen"].value()
    assert client.post(address, {**data, "seen": seen}).status_code == 302


def test_a_unit_sees_its_own_tasks_only(imported, people):
    client = signed_in(people["housing"])
    page = client.get(reverse("plans:plan", args=[task(1).plan_id])).content.decode()
    assert "管网改造" in page
    assert "印发实施方案。" not in page
    assert client.get(reverse("plans:task", args=[task(2).pk])).status_code == 200
    assert client.get(reverse("plans:task", args=[task(3).pk])).status_code == 404
    assert "印发实施方案。" not in client.get(reverse("plans:ledger")).content.decode()


def test_a_unit_reports_on_its_own_tasks_only_and_for_itself(imported, instance, people):
    client = signed_in(people["housing"])
    data = {"outlook": "normal", "text": "已完成四公里。", "seen": ""}
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
    assert Progress.objects.get().by == str(people["housing"])


def test_another_units_duty_is_not_taken_on(imported, instance, people):
    client = signed_in(people["housing"])
    own, other = duty(2, instance.units["city-housing"]), duty(2, instance.units["city-bureau"])
    assert client.post(reverse("plans:take", args=[other.pk])).status_code == 404
    assert client.post(reverse("plans:take", args=[own.pk])).status_code == 302
    assert duty(2, own.unit).state == "taken"
    with pytest.raises(Forbidden):
        duties.take(other, actor=people["housing"])


def test_a_unit_does_not_review(handed_in, people):
    client = signed_in(people["housing"])
    assert client.post(reverse("plans:progress_act", args=[handed_in.pk, "accept"])).status_code == 403
    assert client.get(reverse("plans:waiting")).status_code == 403
    assert client.get(reverse("plans:arrange", args=[handed_in.task_id])).status_code == 403


def test_a_viewer_may_not_report(imported, instance):
    client = signed_in(instance.users["viewer@city"])
    assert client.post(reverse("plans:report", args=[task(2).pk]), {}).status_code == 403
    page = client.get(reverse("plans:task", args=[task(2).pk])).content.decode()
    assert reverse("plans:report", args=[task(2).pk]) not in page


def test_several_files_come_back_as_attachments_that_no_browser_runs(imported, instance, people):
    client = signed_in(people["housing"])
    data = {"unit": instance.units["city-housing"].pk, "outlook": "normal", "text": "见附件。"}
    uploads = [SimpleUploadedFile(f"照片{number}.pdf", PDF) for number in (1, 2)]
    client.post(reverse("plans:report", args=[task(2).pk]), {**data, "files": uploads})
    report = Progress.objects.get()
    assert [item.file.name for item in report.files.all()] == ["照片1.pdf", "照片2.pdf"]
    kept = report.files.first()
    response = client.get(reverse("plans:evidence", args=[report.pk, kept.pk]))
    assert b"".join(response.streaming_content) == PDF
    assert response["Content-Disposition"].startswith("attachment")
    assert response["X-Content-Type-Options"] == "nosniff"
    stranger = signed_in(instance.users["unit_reporter@a"])
    assert stranger.get(reverse("plans:evidence", args=[report.pk, kept.pk])).status_code == 404


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
def test_a_file_of_another_kind_than_its_name_is_refused(imported, instance, people, name, content):
    with pytest.raises(DataError):
        progress_reports.hand_in(
            task(2),
            instance.units["city-housing"],
            Given("见附件。", files=[(BytesIO(content), name)]),
            actor=people["housing"],
            at=AT,
        )
    assert not Progress.objects.exists()


def test_the_state_of_a_report_is_not_set_by_saving(handed_in):
    handed_in.state = "accepted"
    with pytest.raises(Conflict):
        handed_in.save()
