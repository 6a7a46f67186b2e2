"""The pages of plans in Chinese, with a bounded number of queries."""

from io import BytesIO

import openpyxl
import pytest
from django.test import Client
from django.urls import reverse

from bishui.server.plans.models import Plan, Task

pytestmark = pytest.mark.django_db
QUERIES = 30


@pytest.fixture
def client(instance):
    client = Client(headers={"accept-language": "zh-hans"})
    client.force_login(
        instance.users["bureau_staff@city"], backend="django.contrib.auth.backends.ModelBackend"
    )
    return client


@pytest.mark.parametrize(
    ("route", "query", "words"),
    [
        ("list", "", ["计划与任务", "甲市2025年度水污染防治工作计划", "导入计划"]),
        ("plan", "", ["管网改造", "各县、区人民政府", "2025-12-31"]),
        ("plan", "?view=targets", ["甲河口", "109.4250, 24.3470", "断面水质目标"]),
        ("plan", "?view=document", ["原文共", "附件表格"]),
        ("units", "", ["市某某局", "乙县人民政府", "重新识别单位"]),
    ],
)
def test_pages_of_a_plan(imported, client, django_assert_max_num_queries, route, query, words):
    arguments = [] if route == "list" else [Plan.objects.get().pk]
    with django_assert_max_num_queries(QUERIES):
        response = client.get(reverse(f"plans:{route}", args=arguments) + query)
    assert response.status_code == 200
    assert [word for word in words if word not in response.content.decode()] == []


def test_the_page_of_a_task_shows_its_source_line(imported, client, django_assert_max_num_queries):
    task = Task.objects.get(position=2)
    with django_assert_max_num_queries(QUERIES):
        page = client.get(reverse("plans:task", args=[task.pk])).content.decode()
    assert f"第 {task.line_from} 行" in page
    assert "改造污水管网10公里以上。" in page
    assert "填报进展" in page


def test_my_units_tasks(imported, client):
    page = client.get(reverse("plans:mine")).content.decode()
    assert page.count("签收</button>") == 3
    assert all(reverse("plans:report", args=[task.pk]) in page for task in Task.objects.all())


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ("", 3),
        ("?theme=管网改造", 1),
        ("?q=公里", 1),
        ("?before=2025-06-30", 1),
        ("?role=cooperating", 2),
        ("?unit=written:市某某局", 1),
        ("?unit=nonsense", 0),
        ("?before=nonsense", 3),
        ("?state=done", 0),
    ],
)
def test_filters(imported, client, query, count):
    page = client.get(reverse("plans:plan", args=[Plan.objects.get().pk]) + query).content.decode()
    assert page.count("/plans/tasks/") == count


def test_the_export_runs_nothing(imported, client):
    response = client.get(reverse("plans:export", args=[Plan.objects.get().pk]))
    sheet = openpyxl.load_workbook(BytesIO(response.content)).active
    texts = [str(value) for row in sheet.iter_rows(min_row=3, values_only=True) for value in row]
    assert sum("涉水企业核查" in text for text in texts) == 1
    assert not [text for text in texts if text.startswith("=")]
    assert all(cell.data_type != "f" for row in sheet.iter_rows() for cell in row)
