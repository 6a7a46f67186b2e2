"""The review page of a plan: what it shows, who may do what, what it answers to a faulty request."""

import pytest
from django.test import Client
from django.urls import reverse

from bishui.server.core import imports
from bishui.server.plans.models import DraftCorrection, Plan, Task, TaskUnit
from bishui.server.plans.pages_review import PER_CHUNK
from tests.server.conftest import CITY
from tests.server.plans.conftest import PLAN

pytestmark = pytest.mark.django_db
QUERIES = 30
HTMX = {"HX-Request": "true"}


def signed_in(user):
    client = Client(headers={"accept-language": "zh-hans"})
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


@pytest.fixture
def staff(instance):
    return signed_in(instance.users["bureau_staff@city"])


@pytest.fixture
def lead(instance):
    return signed_in(instance.users["bureau_lead@city"])


@pytest.fixture
def session(read_in):
    return read_in(PLAN + "\n没有表头的内容\n另一行没有表头\n")


def url(name, session):
    return reverse(f"plans:{name}", args=[session.pk])


@pytest.mark.parametrize(
    ("show", "words"),
    [
        ("tasks", ["=涉水企业核查", "各县、区人民政府", "6月底前", "2025-06-30", "补录一条"]),
        ("doc", ["甲市2025年度水污染防治工作计划", "年度工作计划"]),
        ("targets", ["水质优良", "目标值"]),
        ("section_targets", ["甲河口", "109.4250"]),
        ("tables", ["国控断面水质目标表", "乙河桥"]),
        ("units", ["市某某局", "未识别", "统称", "乙县人民政府、丙县人民政府"]),
        ("changes", ["还没有更正"]),
    ],
)
def test_the_page_shows_the_document_and_what_was_read(
    session, staff, django_assert_max_num_queries, show, words
):
    with django_assert_max_num_queries(QUERIES):
        page = staff.get(url("review", session), {"show": show}).content.decode()
    assert [word for word in words if word not in page] == []
    assert "送审" in page
    part = staff.get(url("review", session), {"show": show}, headers=HTMX).content.decode()
    assert "<html" not in part
    assert words[0] in part


def test_each_line_knows_its_records_and_those_not_understood_stand_out(session, staff):
    page = staff.get(url("review_document", session)).content.decode()
    number = next(n for n, line in enumerate(PLAN.splitlines(), 1) if line.startswith("2\t管网改造"))
    line = next(part for part in page.split("<li ") if part.startswith(f'id="line-{number}"'))
    assert 'data-for="tasks/1 targets/1"' in line
    assert "任务 2" in line
    assert page.count("is-open") == 2
    assert page.count("<li ") == len(PLAN.splitlines()) + 3


def test_text_of_the_document_never_becomes_markup(read_in, staff):
    session = read_in(PLAN.replace("逐家核查", "<script>alert(1)</script>"))
    for name in ("review", "review_document"):
        page = staff.get(url(name, session)).content.decode()
        assert "<script>alert" not in page
        assert "&lt;script&gt;alert" in page


def test_a_field_is_corrected_in_place(session, staff):
    address = url("review_field", session)
    form = staff.get(address, {"path": "tasks/0/deadline"}, headers=HTMX).content.decode()
    assert 'value="6月底前"' in form
    given = {"path": "tasks/0/deadline", "seen": "0", "value": "9月底前", "reason": "原件如此"}
    answer = staff.post(address, given, headers=HTMX)
    page = answer.content.decode()
    assert answer.headers["HX-Trigger"] == "review:changed"
    assert "<s>6月底前</s>" in page
    assert "原件如此" in page
    changes = staff.get(url("review", session), {"show": "changes"}).content.decode()
    assert "完成时限" in changes
    assert "bureau_staff@city" in changes


def test_without_scripts_the_form_is_a_page_and_leads_back(session, staff):
    given = {"path": "tasks/0/theme", "seen": "0", "value": "核查"}
    page = staff.get(url("review_field", session), {"path": "tasks/0/theme"})
    assert "<html" in page.content.decode()
    answer = staff.post(url("review_field", session), given)
    assert answer.headers["Location"] == url("review", session) + "?show=tasks"


def test_the_second_of_two_is_told_keeps_the_text_and_may_save_again(session, staff, lead):
    address, given = url("review_field", session), {"path": "tasks/0/theme", "seen": "0"}
    assert staff.post(address, {**given, "value": "甲"}, headers=HTMX).status_code == 200
    answer = lead.post(address, {**given, "value": "乙"}, headers=HTMX)
    page = answer.content.decode()
    assert answer.status_code == 409
    assert 'value="乙"' in page
    assert "对方填写的是：“甲”" in page
    assert 'name="seen" value="1"' in page
    assert lead.post(address, {**given, "seen": "1", "value": "乙"}, headers=HTMX).status_code == 200


def test_a_faulty_value_comes_back_with_the_reason(session, staff):
    given = {"path": "tasks/0/seq", "seen": "0", "value": "<b>一"}
    answer = staff.post(url("review_field", session), given, headers=HTMX)
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "应是整数" in page
    assert "<b>一" not in page


def test_a_record_is_left_out_and_taken_in_again(session, staff):
    address = url("review_record", session)
    staff.post(address, {"path": "tasks/1", "seen": "0"})
    assert "不录入" in staff.get(url("review", session)).content.decode()
    staff.post(address, {"path": "tasks/1", "seen": "1", "reset": "1"})
    assert not DraftCorrection.objects.get().stands


def test_a_missed_record_is_added_from_marked_lines(session, staff):
    address = url("review_add", session)
    form = staff.get(address, {"kind": "tasks", "from": "4", "to": "4"}).content.decode()
    assert "2025年，全市2个国控断面水质优良比例达100%。</textarea>" in form
    given = {"kind": "tasks", "from": "4", "to": "4", "content": "补录的任务。", "deadline": "年底前"}
    assert staff.post(address, given).status_code == 302
    page = staff.get(url("review", session)).content.decode()
    assert "补录的任务。" in page
    assert "2025-12-31" in page
    refused = staff.post(address, {**given, "content": ""})
    assert refused.status_code == 422
    assert "不能为空" in refused.content.decode()


def test_a_line_is_checked_off(session, staff):
    number = len(PLAN.splitlines()) + 2
    assert staff.post(url("review_line", session), {"line": number}, headers=HTMX).status_code == 204
    assert staff.get(url("review_document", session)).content.decode().count("is-open") == 1


def test_an_unknown_unit_is_mapped_or_said_to_be_none(session, staff, instance):
    address = url("review_unit", session)
    form = staff.get(address, {"written": "市某某局"}, headers=HTMX).content.decode()
    assert "新增并指定" not in form, "staff may not edit the register of units"
    answer = staff.post(
        address, {"written": "市某某局", "seen": "0", "other": "市住房城乡建设局"}, headers=HTMX
    )
    assert "生效时记入单位台账" in answer.content.decode()
    wrong = staff.post(address, {"written": "市某某局", "seen": "1", "other": "没有的局"}, headers=HTMX)
    assert wrong.status_code == 422
    staff.post(address, {"written": "市某某局", "seen": "1", "no_unit": "1"}, headers=HTMX)
    assert DraftCorrection.objects.get().corrected["no_unit"]


def test_a_new_unit_takes_the_right_to_edit_units_in_its_division(session, staff, lead):
    given = {"written": "市某某局", "seen": "0", "new": "1", "name": "市某某局", "kind": "department"}
    address = url("review_unit", session)
    assert staff.post(address, {**given, "division": CITY}).status_code == 403
    assert lead.post(address, {**given, "division": "980000/"}).status_code == 403
    assert lead.post(address, {**given, "division": CITY}).status_code == 302


@pytest.mark.parametrize(
    "name", ["review_record", "review_line", "review_field", "review_add", "review_unit"]
)
def test_who_may_only_look_changes_nothing(session, instance, name):
    client = signed_in(instance.users["auditor@city"])
    page = client.get(url("review", session)).content.decode()
    assert "data-edit" not in page
    assert "送审" not in page
    assert client.post(url(name, session), {"path": "tasks/0/theme", "value": "x"}).status_code == 403
    assert not DraftCorrection.objects.exists()


def test_another_division_does_not_know_of_it(session, instance):
    for user in ("bureau_lead@a", "bureau_lead@other"):
        client = signed_in(instance.users[user])
        for name in ("review", "review_document"):
            assert client.get(url(name, session)).status_code == 404
        given = {"path": "tasks/0/theme", "value": "x", "seen": "0"}
        assert client.post(url("review_field", session), given).status_code == 404


def test_an_import_of_another_kind_has_no_review(instance, staff, data_dir):
    other = imports.receive(
        "register:units", [b"x"], "units.csv", division=CITY, actor=instance.users["bureau_staff@city"]
    )
    assert staff.get(url("review", other)).status_code == 404


@pytest.mark.parametrize("query", ["?show=nonsense", "?show=differences", "?show="])
def test_what_is_not_there_is_not_found(session, staff, query):
    assert staff.get(url("review", session) + query).status_code == 404


def test_from_submitting_to_the_ledger_through_the_pages(session, staff, lead):
    act = lambda client, step, **data: client.post(reverse("core:act", args=[session.pk, step]), data)  # noqa: E731
    act(staff, "submit")
    page = staff.get(url("review", session)).content.decode()
    assert "须由另一位有权限的人员复核" in page
    assert "data-edit" not in page
    assert act(staff, "confirm").status_code == 403
    act(lead, "return", why="单位有误")
    assert "单位有误" in staff.get(reverse("core:import", args=[session.pk])).content.decode()
    act(staff, "submit")
    assert "复核确认" in lead.get(url("review", session)).content.decode()
    act(lead, "confirm")
    imports.finish_commit(session)
    session.refresh_from_db()
    assert session.state == "active"
    assert Task.objects.count() == 3


def test_a_plan_in_force_is_read_again_from_its_page(imported, staff, lead, commit):
    plan = Plan.objects.get()
    page = reverse("plans:plan", args=[plan.pk])
    assert "重新识读" in staff.get(page).content.decode()
    answer = staff.post(reverse("plans:reread", args=[plan.pk]))
    session = plan.amendments.model._meta.get_field("session").related_model.objects.get(state="received")
    assert answer.headers["Location"] == reverse("core:import", args=[session.pk])
    imports.read(session)
    session.refresh_from_db()
    assert "与台账没有差异" in staff.get(url("review", session), {"show": "differences"}).content.decode()
    assert "办理中的修订" in staff.get(page).content.decode()
    staff.post(url("review_record", session), {"path": "tasks/1", "seen": "0"})
    shown = staff.get(url("review", session), {"show": "differences"}).content.decode()
    assert "停用" in shown
    commit(session)
    page = staff.get(page).content.decode()
    assert "1 项任务已随修订停用" in page
    retired = Task.every.get(retired__isnull=False)
    assert staff.get(reverse("plans:task", args=[retired.pk])).status_code == 200
    assert not TaskUnit.objects.filter(task=retired, task__retired__isnull=True).exists()


def long_plan(tasks):
    head, tail = PLAN.split("1\t=涉水企业核查")[0], PLAN[PLAN.index("\n附件2\n国控") :]
    rows = [
        f"{n}\t主题{n}\t完成第{n}项工作，改造管网{n}公里以上，建成泵站{n}座。\t市生态环境局、住房城乡建设局"
        f"\t市住房城乡建设局\t各县、区人民政府\t6月底前"
        for n in range(1, tasks + 1)
    ]
    return head + "\n".join(rows) + "\n" + tail


def test_a_long_list_comes_in_parts(read_in, staff):
    session = read_in(long_plan(PER_CHUNK + 5))
    page = staff.get(url("review", session)).content.decode()
    assert page.count("<article") == PER_CHUNK
    assert "再显示其余 5 条" in page
    rest = staff.get(
        url("review", session), {"show": "tasks", "from": PER_CHUNK}, headers=HTMX
    ).content.decode()
    assert rest.count("<article") == 5
    assert "review-tabs" not in rest
