"""A supervision notice from draft to sign-off, and what nobody may do."""

from datetime import date, datetime, timedelta
from io import BytesIO

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from bishui.errors import Conflict, DataError, Forbidden
from bishui.server.accounts import services as accounts
from bishui.server.accounts.workspaces import of_user
from bishui.server.cases import queries, services
from bishui.server.cases.models import Case
from bishui.server.core import audit
from bishui.server.core.advancing import advance
from bishui.server.core.models import StoredFile, WorkflowEvent
from tests.server.conftest import CITY, COUNTY_A, PASSWORD

pytestmark = pytest.mark.django_db
AT = datetime(2025, 5, 1, 9)
PROOF = b"%PDF-1.4 proof"


@pytest.fixture
def people(instance, data_dir):
    """The bureau's lead and staff, two reporters of the housing bureau and one of another unit."""
    found = {"lead": instance.users["bureau_lead@city"], "staff": instance.users["bureau_staff@city"]}
    for name, unit in (("housing", "city-housing"), ("housing2", "city-housing"), ("bureau", "city-bureau")):
        user = accounts.create_user(name, PASSWORD, actor="system", unit=instance.units[unit])
        accounts.grant(user, "unit_reporter", CITY, actor="system", unit=instance.units[unit])
        found[name] = user
    return found


@pytest.fixture
def case(instance, people):
    """A draft for the housing bureau."""
    return services.open_case(
        "管网改造滞后",
        "请说明原因。",
        division=CITY,
        unit=instance.units["city-housing"],
        deadline=date(2025, 5, 20),
        actor=people["lead"],
        at=AT,
    )


def proof():
    return {"file": (BytesIO(PROOF), "proof.pdf")}


def answer(case, person):
    advance(case, "answer", actor=person, texts={"text": "已整改。"}, uploads=proof())


def client_of(user):
    client = Client(headers={"accept-language": "zh-hans"})
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


def test_the_whole_way_to_sign_off_and_back(case, people):
    advance(case, "issue", actor=people["lead"])
    answer(case, people["housing"])
    advance(case, "return", actor=people["lead"], texts={"text": "缺照片。"})
    answer(case, people["housing"])
    advance(case, "accept", actor=people["lead"], texts={"text": "属实。"})
    assert Case.objects.get().state == "accepted"
    advance(case, "reopen", actor=people["lead"], texts={"text": "反弹。"})
    assert [event.transition for event in WorkflowEvent.objects.all()] == [
        "issue", "answer", "return", "answer", "accept", "reopen",
    ]  # fmt: skip


def test_nobody_signs_off_an_answer_of_their_own(case, people, instance):
    advance(case, "issue", actor=people["lead"])
    accounts.grant(people["lead"], "bureau_staff", CITY, actor="system")
    lead = type(people["lead"]).objects.get(pk=people["lead"].pk)
    answer(case, lead)
    for transition in ("accept", "return"):
        with pytest.raises(Forbidden, match="另一人"):
            advance(case, transition, actor=lead, texts={"text": "属实。"})
    advance(case, "accept", actor=instance.users["administrator@city"], texts={"text": "属实。"})
    assert case.state == "accepted"


def test_the_state_is_not_set_by_saving(case):
    case.state = "accepted"
    with audit.action("cases.opened", actor="system", title="", unit=""), pytest.raises(Conflict):
        case.save()
    assert Case.objects.get().state == "drafted"


def test_an_answer_needs_its_text_and_its_file(case, people):
    advance(case, "issue", actor=people["lead"])
    with pytest.raises(DataError, match="佐证材料"):
        advance(case, "answer", actor=people["housing"], texts={"text": "已整改。"})
    with pytest.raises(DataError, match="整改情况"):
        advance(case, "answer", actor=people["housing"], uploads=proof())
    assert not StoredFile.objects.exists()
    assert Case.objects.get().state == "issued"


def test_a_unit_without_the_duty_neither_sees_nor_answers(case, people):
    advance(case, "issue", actor=people["lead"])
    with pytest.raises(Forbidden):
        answer(case, people["bureau"])
    assert not StoredFile.objects.exists()
    client = client_of(people["bureau"])
    assert client.get(reverse("cases:case", args=[case.pk])).status_code == 404
    assert client.post(reverse("cases:act", args=[case.pk, "answer"])).status_code == 404
    assert client_of(people["housing"]).get(reverse("cases:case", args=[case.pk])).status_code == 200


def test_of_two_people_who_answer_at_once_the_second_is_told(case, people):
    advance(case, "issue", actor=people["lead"])
    mine, theirs = Case.objects.get(), Case.objects.get()
    answer(mine, people["housing"])
    with pytest.raises(Conflict):
        answer(theirs, people["housing2"])
    assert StoredFile.objects.count() == 1


@pytest.mark.parametrize(("title", "text", "days"), [(" ", "要求", 1), ("标题", "", 1), ("标题", "要求", -1)])
def test_a_case_without_words_or_with_a_past_deadline_is_refused(instance, people, title, text, days):
    with pytest.raises(DataError):
        services.open_case(
            title, text, division=CITY, unit=instance.units["city-housing"],
            deadline=AT.date() + timedelta(days=days), actor=people["lead"], at=AT,
        )  # fmt: skip


def test_open_and_overdue_are_counted(case, people):
    workspace = of_user(people["lead"])[0]
    assert list(queries.open_cases(workspace)) == [case]
    assert queries.counts(workspace)["overdue"] == 0
    advance(case, "issue", actor=people["lead"])
    assert queries.counts(workspace)["overdue"] == 1
    advance(case, "withdraw", actor=people["lead"], texts={"text": "误发。"})
    assert not queries.open_cases(workspace).exists()


def test_the_page_offers_only_what_the_user_may_do(case, people, django_assert_max_num_queries):
    client = client_of(people["lead"])
    with django_assert_max_num_queries(25):
        page = client.get(reverse("cases:case", args=[case.pk])).content.decode()
    assert reverse("cases:act", args=[case.pk, "issue"]) in page
    assert reverse("cases:act", args=[case.pk, "answer"]) not in page
    client.post(reverse("cases:act", args=[case.pk, "issue"]))
    page = client_of(people["housing"]).get(reverse("cases:case", args=[case.pk])).content.decode()
    assert reverse("cases:act", args=[case.pk, "answer"]) in page
    assert reverse("cases:act", args=[case.pk, "withdraw"]) not in page


def test_evidence_handed_in_on_the_page_comes_back_as_an_attachment(case, people):
    advance(case, "issue", actor=people["lead"])
    client = client_of(people["housing"])
    upload = SimpleUploadedFile("proof.pdf", PROOF)
    client.post(reverse("cases:act", args=[case.pk, "answer"]), {"text": "已整改。", "file": upload})
    kept = StoredFile.objects.get()
    page = client.get(reverse("cases:case", args=[case.pk])).content.decode()
    address = reverse("cases:evidence", args=[case.pk, kept.pk])
    assert address in page
    response = client.get(address)
    assert response["Content-Disposition"].startswith("attachment")
    assert response["X-Content-Type-Options"] == "nosniff"
    assert client.get(reverse("cases:evidence", args=[case.pk, case.pk])).status_code == 404


def test_a_case_is_opened_from_the_page(instance, people, django_assert_max_num_queries):
    client = client_of(people["lead"])
    today = of_user(people["lead"])[0].today
    data = {"title": "甲", "text": "乙", "unit": instance.units["city-housing"].pk}
    assert (
        client.post(reverse("cases:new"), {**data, "deadline": today - timedelta(days=1)}).status_code == 200
    )
    assert not Case.objects.exists()
    assert client.post(reverse("cases:new"), {**data, "deadline": today}).status_code == 302
    with django_assert_max_num_queries(25):
        page = client.get(reverse("cases:list")).content.decode()
    assert reverse("cases:case", args=[Case.objects.get().pk]) in page
    assert client_of(people["housing"]).get(reverse("cases:new")).status_code == 403
    assert client.get(reverse("cases:new") + "?task=nonsense").status_code == 404


def test_a_countys_lead_opens_a_case_of_the_county_for_its_own_units(instance, people):
    client = client_of(instance.users["bureau_lead@a"])
    today = of_user(people["lead"])[0].today
    data = {"title": "甲", "text": "乙", "deadline": today}
    assert (
        client.post(reverse("cases:new"), {**data, "unit": instance.units["b-bureau"].pk}).status_code == 200
    )
    assert not Case.objects.exists()
    assert (
        client.post(reverse("cases:new"), {**data, "unit": instance.units["a-bureau"].pk}).status_code == 302
    )
    assert Case.objects.get().division == COUNTY_A


def test_a_draft_is_not_seen_by_the_unit_that_it_will_ask(instance):
    from django.test import Client

    unit = instance.units["a-bureau"]
    case = services.open_case(
        "督办",
        "请办理。",
        division="990000/990101/",
        unit=unit,
        deadline=date(2030, 1, 1),
        actor="system",
        at=datetime(2029, 12, 1, 9),
    )
    seen = {}
    for name in ("unit_reporter@a", "bureau_staff@a"):
        client = Client()
        client.force_login(instance.users[name], backend="django.contrib.auth.backends.ModelBackend")
        seen[name] = client.get(f"/cases/{case.pk}/").status_code
    assert seen == {"unit_reporter@a": 404, "bureau_staff@a": 200}
    advance(case, "issue", actor=instance.users["bureau_lead@a"])
    client = Client()
    client.force_login(instance.users["unit_reporter@a"], backend="django.contrib.auth.backends.ModelBackend")
    assert client.get(f"/cases/{case.pk}/").status_code == 200
