"""The preview of an edited workbook in a real browser: from the upload to the choice, on a desk and a phone."""

from decimal import Decimal
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect, sync_playwright
from scripts.pictures import CHROMIUM, FLAGS

from bishui.server.core import imports
from bishui.server.plans import duties
from bishui.server.plans.models import Task
from tests.server.conftest import CITY, PASSWORD, make_instance
from tests.server.plans.conftest import PLAN
from tests.server.plans.test_workbook import Book

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.django_db(transaction=True)]
SIZES = {"desktop": {"width": 1440, "height": 900}, "phone": {"width": 390, "height": 844}}


@pytest.fixture
def session(transactional_db, data_dir):
    users = make_instance().users
    plan = imports.receive(
        "plan", [PLAN.encode()], "plan.txt", division=CITY, actor=users["bureau_staff@city"]
    )
    imports.read(plan)
    imports.submit(plan, actor=users["bureau_staff@city"])
    imports.start_commit(plan, actor=users["bureau_lead@city"])
    imports.finish_commit(plan)
    book = Book().put("tasks", 3, "theme", "涉水企业全面核查").put("tasks", 4, "weight", 3)
    book.put("tasks", 5, "due", "6月底").put("tasks", 4, "percent", 80).put(
        "tasks", 3, "lead", "市环境保护局"
    )
    book.add("milestones", number=2, what="完成设计", due="2025/6/15")
    task = Task.objects.get(position=2)
    duties.set_weights(task, Decimal(2), {}, version=task.version, actor=users["bureau_lead@city"])
    found = imports.receive(
        "ledger", [book.saved()], "任务台账.xlsx", division=CITY, actor=users["bureau_staff@city"]
    )
    imports.read(found)
    return found


@pytest.mark.parametrize("size", SIZES)
def test_the_preview_is_read_and_chosen_from(session, live_server, monkeypatch, size, tmp_path):
    monkeypatch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")  # the browser's client runs a loop of its own
    complaints = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        page = browser.new_context(viewport=SIZES[size], locale="zh-CN").new_page()
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.goto(live_server.url)
        page.get_by_label("用户名").fill("bureau_staff@city")
        page.get_by_label("密码").fill(PASSWORD)
        page.get_by_role("button", name="登录").click()
        page.wait_for_url(lambda url: "sign-in" not in url)
        page.goto(f"{live_server.url}/imports/{session.pk}/")
        conflict = page.locator("tr", has_text="冲突").get_by_role("checkbox")
        expect(conflict).not_to_be_checked()
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        assert [item["id"] for item in Axe().run(page).response["violations"]] == []
        conflict.check()
        page.get_by_role("button", name="保存选择").click()
        expect(page.locator("tr", has_text="冲突").get_by_role("checkbox")).to_be_checked()
        page.screenshot(path=str(Path(tmp_path) / f"{size}.png"), full_page=True)
        browser.close()
    assert complaints == []
