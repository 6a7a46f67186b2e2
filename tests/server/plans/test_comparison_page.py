"""The page that compares two plans: choices, entries with their lines, rights."""

import uuid

import pytest
from django.test import Client
from django.urls import reverse

from bishui.documents import compare, read_plan_bytes
from bishui.server.accounts import services as accounts
from bishui.server.plans import stored_draft
from bishui.server.plans.models import Plan, Task
from tests.server.conftest import CITY, PASSWORD
from tests.server.plans.conftest import PLAN

pytestmark = pytest.mark.django_db
QUERIES = 45
LATER = (
    PLAN.replace("2025", "2026")
    .replace("管网10公里", "管网15公里")
    .replace("甲河口\t109.4250\t24.3470\tⅢ类", "甲河口\t109.4250\t24.3470\tⅣ类")
    .replace("市生态环境局、住房城乡建设局\t/", "市生态环境局\t/")
)


@pytest.fixture
def client(instance):
    def of(name):
        client = Client(headers={"accept-language": "zh-hans"})
        client.force_login(instance.users[name], backend="django.contrib.auth.backends.ModelBackend")
        return client

    return of


@pytest.fixture
def in_review(imported, read_in):
    """The plan of the next year, read and not yet in the ledger."""
    return read_in(LATER, "later.txt")


def tasks_of(plan):
    return Task.objects.filter(plan=plan)


def test_a_stored_plan_is_the_draft_that_was_read(imported):
    draft = read_plan_bytes(PLAN.encode(), "plan.txt")
    plan = Plan.objects.get()
    stored = stored_draft.of_plan(plan, tasks_of(plan))
    comparison = compare(draft, stored)
    assert {entry.verdict for entry in comparison.entries} == {"kept"}
    for kind in ("task", "figure", "section"):
        lines = [(entry.before[0].lines, entry.after[0].lines) for entry in comparison.of(kind)]
        assert lines
        assert all(before == after for before, after in lines)


def test_an_import_is_the_draft_that_was_read(in_review):
    draft = read_plan_bytes(LATER.encode(), "later.txt")
    assert {entry.verdict for entry in compare(draft, stored_draft.of_import(in_review)).entries} == {"kept"}


def test_an_import_is_set_against_the_plan_before_it(client, in_review, django_assert_max_num_queries):
    with django_assert_max_num_queries(QUERIES):
        response = client("bureau_staff@city").get(
            reverse("plans:compare"), {"after": f"import-{in_review.pk}"}
        )
    page = response.content.decode()
    plan = Plan.objects.get()
    line = stored_draft.of_plan(plan, tasks_of(plan)).section_targets[0].lines[0]
    for words in (
        "甲市2025年度水污染防治工作计划",
        "导入中",
        "放宽",
        "收严",
        "≥10公里",
        "≥15公里",
        "<del>住房城乡建设局</del>",
        f"{reverse('plans:plan', args=[plan.pk])}?view=document#line-{line}",
        f"{reverse('plans:review', args=[in_review.pk])}#line-{line}",
    ):
        assert words in page, words


def test_one_verdict_alone(client, in_review):
    plan = Plan.objects.get()
    asked = {"before": str(plan.pk), "after": f"import-{in_review.pk}", "show": "weakened"}
    page = client("bureau_staff@city").get(reverse("plans:compare"), asked).content.decode()
    assert page.count('class="state state-bad"') == 1
    assert "甲河口" in page


def test_two_plans_of_the_ledger(client, commit, in_review):
    commit(in_review)
    before, after = Plan.objects.order_by("year")
    asked = {"before": str(before.pk), "after": str(after.pk)}
    page = client("viewer@city").get(reverse("plans:compare"), asked).content.decode()
    assert "同一地区先后的计划" in page
    proposed = client("viewer@city").get(reverse("plans:compare"), {"after": str(after.pk)}).content.decode()
    assert "同一地区先后的计划" in proposed


def test_without_a_choice_the_page_asks_for_one(client, in_review):
    page = client("bureau_staff@city").get(reverse("plans:compare")).content.decode()
    assert "请选择" in page
    assert "前后互换" not in page


def test_one_plan_alone_cannot_be_compared(client, imported):
    assert "还没有两份可以比较的计划" in client("viewer@city").get(reverse("plans:compare")).content.decode()


def test_plans_of_others_and_made_up_ones_are_not_found(client, in_review):
    plan = Plan.objects.get()
    for key in (str(uuid.uuid4()), "nonsense", f"import-{uuid.uuid4()}"):
        asked = {"before": str(plan.pk), "after": key}
        assert client("bureau_staff@city").get(reverse("plans:compare"), asked).status_code == 404
    asked = {"before": str(plan.pk), "after": str(plan.pk)}
    assert client("bureau_staff@other").get(reverse("plans:compare"), asked).status_code == 404
    hidden = {"before": str(plan.pk), "after": f"import-{in_review.pk}"}
    assert client("unit_reporter@city").get(reverse("plans:compare"), hidden).status_code == 404


def test_a_unit_compares_its_own_tasks_only(client, instance, commit, in_review):
    commit(in_review)
    housing = instance.units["city-housing"]
    user = accounts.create_user("housing", PASSWORD, actor="system", unit=housing)
    accounts.grant(user, "unit_reporter", CITY, actor="system", unit=housing)
    instance.users["housing"] = user
    before, after = Plan.objects.order_by("year")
    asked = {"before": str(before.pk), "after": str(after.pk), "show": "kept"}
    whole = client("viewer@city").get(reverse("plans:compare"), asked).content.decode()
    assert "印发实施方案。" in whole
    response = client("housing").get(reverse("plans:compare"), {**asked, "show": ""})
    assert response.status_code == 200
    assert "改造污水管网15公里以上" in response.content.decode()
    assert "印发实施方案。" not in client("housing").get(reverse("plans:compare"), asked).content.decode()
