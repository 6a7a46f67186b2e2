"""The review page in a real browser: the two sides linked, corrections in place, the keyboard, the phone."""

import pytest
from playwright.sync_api import expect, sync_playwright
from scripts.pictures import CHROMIUM, FLAGS

from bishui.server.core import imports
from bishui.server.plans.models import DraftCorrection
from tests.server.conftest import CITY, PASSWORD, make_instance
from tests.server.plans.conftest import PLAN
from tests.server.serving import examined

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.django_db(transaction=True)]

TEXT = PLAN + "\n没有表头的内容\n另一行没有表头\n"
DESKTOP, PHONE = {"width": 1440, "height": 900}, {"width": 390, "height": 844}


@pytest.fixture
def session(transactional_db, data_dir):
    users = make_instance().users
    found = imports.receive(
        "plan", [TEXT.encode()], "plan.txt", division=CITY, actor=users["bureau_staff@city"]
    )
    imports.read(found)
    found.refresh_from_db()
    return found


@pytest.fixture
def opened(session, live_server, monkeypatch):
    """Give a function that opens the page, signed in; a complaint of the browser fails the test."""
    monkeypatch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")  # the browser's client runs a loop of its own
    complaints = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)

        def open_page(size=DESKTOP, language="zh-hans", show="tasks"):
            context = browser.new_context(viewport=size, locale="zh-CN")
            page = context.new_page()
            page.on("pageerror", lambda error: complaints.append(str(error)))
            page.on(
                "console",
                lambda message: complaints.append(message.text) if message.type == "error" else None,
            )
            page.goto(live_server.url)
            page.get_by_label("用户名").fill("bureau_staff@city")
            page.get_by_label("密码").fill(PASSWORD)
            page.get_by_role("button", name="登录").click()
            page.wait_for_url(lambda url: "sign-in" not in url)
            context.add_cookies([{"name": "django_language", "value": language, "url": live_server.url}])
            page.goto(f"{live_server.url}/plans/review/{session.pk}/?show={show}")
            page.wait_for_selector("[data-line]", state="attached")
            return page

        yield open_page
        browser.close()
    refused = "the server responded with a status of 409"  # told to the person on the page
    assert [text for text in complaints if refused not in text] == []


def line_of(text):
    return next(n for n, line in enumerate(TEXT.splitlines(), 1) if text in line)


def test_a_line_shows_what_it_became_and_a_record_its_lines(opened):
    page = opened()
    line = page.locator(f"#line-{line_of('改造污水管网')}")
    line.click()
    expect(line).to_have_attribute("aria-selected", "true")
    task = page.locator('[data-path="tasks/1"]')
    expect(task).to_have_class("review-entry is-linked")
    expect(task).to_be_in_viewport()
    page.locator("[data-chosen-links]").get_by_role("button", name="目标 2").click()
    expect(page.locator('[data-path="targets/1"]')).to_have_class("review-entry is-linked")
    page.locator("[data-tab=section_targets]").click()
    page.locator('[data-path="section_targets/1"] [data-go]').click()
    expect(page.locator(f"#line-{line_of('乙河桥')}")).to_have_attribute("aria-selected", "true")
    expect(page.locator(f"#line-{line_of('乙河桥')}")).to_be_in_viewport()


def test_lines_not_understood_are_stepped_through_and_checked_off(opened):
    page = opened()
    first = line_of("没有表头的内容")
    page.get_by_role("button", name="下一处未读懂").click()
    expect(page.locator(f"#line-{first}")).to_have_attribute("aria-selected", "true")
    expect(page.locator(f"#line-{first + 1}")).to_have_attribute("aria-selected", "true")
    page.locator(f"#line-{first}").click()
    page.get_by_role("button", name="无需录入").click()
    expect(page.locator("[data-open-count]")).to_have_text("1")
    expect(page.locator(f"#line-{first}")).to_contain_text("已核")


def test_a_field_is_corrected_in_place_by_keyboard_alone(opened):
    page = opened()
    page.get_by_role("link", name="更正 2 管网改造 的完成时限").focus()
    page.keyboard.press("Enter")
    field = page.get_by_label("完成时限", exact=True)
    expect(field).to_be_focused()
    field.fill("9月底前")
    page.keyboard.press("Enter")
    expect(page.locator('[data-path="tasks/1"] .is-changed')).to_contain_text("9月底前")
    expect(page.locator('[data-path="tasks/1"] .is-changed s')).to_have_text("全年")
    expect(page.locator("#review-change-count")).to_have_text("1")
    assert DraftCorrection.objects.get().corrected == "9月底前"


def test_lines_are_marked_by_keyboard_and_become_a_record(opened):
    page = opened()
    page.locator("[data-lines]").focus()
    for _ in range(line_of("没有表头的内容")):
        page.keyboard.press("ArrowDown")
    page.keyboard.press("Shift+ArrowDown")
    expect(page.locator('[aria-selected="true"]')).to_have_count(2)
    page.get_by_role("link", name="由此补录").click()
    expect(page.get_by_label("任务内容")).to_have_value("没有表头的内容另一行没有表头")
    page.get_by_role("button", name="补录").click()
    expect(page.locator('[data-path="tasks/3"]')).to_contain_text("没有表头的内容另一行没有表头")
    expect(page.locator(f"#line-{line_of('没有表头的内容')}")).to_contain_text("任务 4")


def test_a_colleagues_correction_is_shown_and_ones_own_text_kept(opened, session):
    from bishui.server.plans import review_corrections

    page = opened()
    page.get_by_role("link", name="更正 2 管网改造 的主要任务").click()
    page.get_by_label("主要任务", exact=True).fill("我的写法")
    review_corrections.correct(session, "tasks/1/theme", "同事的写法", seen=0, actor="system")
    page.get_by_role("button", name="保存").click()
    expect(page.get_by_role("alert")).to_contain_text("同事的写法")
    expect(page.get_by_label("主要任务", exact=True)).to_have_value("我的写法")


def test_on_a_phone_one_side_at_a_time(opened):
    page = opened(PHONE)
    document, records = page.locator("[data-side=document]"), page.locator("[data-side=records]")
    expect(records).to_be_visible()
    expect(document).to_be_hidden()
    page.locator('[data-path="tasks/1"] [data-go]').click()
    expect(document).to_be_visible()
    expect(records).to_be_hidden()
    expect(page.locator(f"#line-{line_of('改造污水管网')}")).to_be_in_viewport()
    page.locator("[data-chosen-links]").get_by_role("button", name="任务 2").click()
    expect(page.locator('[data-path="tasks/1"]')).to_be_in_viewport()


@pytest.mark.parametrize("size", [DESKTOP, PHONE])
def test_every_part_is_accessible_and_fits_its_screen(opened, size):
    page = opened(size)
    for show, button in FORMS.items():
        page.goto(page.url.split("?")[0] + f"?show={show}")
        page.wait_for_selector("[data-line]", state="attached")
        if button:
            page.get_by_role("link", name=button).first.click()
            page.wait_for_selector(".is-editing")
        look_at(page)
        if size == PHONE:
            page.locator("[data-view=document]").click()
        page.locator(f"#line-{line_of('没有表头的内容')}").click()
        look_at(page)


#: What is shown, and the link to a form in it.
FORMS = {"tasks": "更正 2 管网改造 的任务内容", "doc": "", "tables": "", "units": "指定", "changes": ""}


def look_at(page):
    results = examined(page)
    assert results.violations_count == 0, results.generate_report()
    assert page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") <= 0
