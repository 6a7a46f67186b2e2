"""The whole system as a person meets it: the demonstration served, a real browser, a real worker."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time

import pytest
from playwright.sync_api import expect, sync_playwright
from scripts.pictures import CHROMIUM, FLAGS

from tests.server.serving import complaints_of, environment, examined, running, sign_in

pytestmark = [pytest.mark.browser, pytest.mark.slow]

LONG = (
    "断面,时间,项目,结果,单位\n"
    "苇镜桥,2025-10-19 09:00,化学需氧量,18,mg/L\n"
    "苇镜桥,2025-10-19 09:00,五日生化需氧量,<0.5,mg/L\n"
    "苇镜桥,2025-10-19 09:00,石油类,０．０２,mg/L\n"
    "苇镜桥,2025-13-45,总磷,0.1,mg/L\n"
    "没有的断面,2025-10-19 09:00,总磷,0.1,mg/L\n"
)


@pytest.fixture(scope="module")
def served(tmp_path_factory):
    """Load the demonstrations, serve them with web and worker; give address, password and process."""
    env = environment(tmp_path_factory.mktemp("whole"))
    with running("demo", env) as (address, process, lines):
        password = re.search(r"密码 (\S+?)（", "".join(lines))[1]
        yield {"address": address, "password": password, "process": process, "env": env}


@pytest.fixture(scope="module")
def browser():
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield chromium
        chromium.close()


@pytest.fixture(scope="module")
def signed_in(browser, served):
    """Sign in by the form, once; give the cookies."""
    context = browser.new_context(locale="zh-CN")
    opened = context.new_page()
    sign_in(opened, served["address"], "admin", served["password"])
    expect(opened.get_by_role("heading", level=1)).to_contain_text("岚津市")
    state = context.storage_state()
    context.close()
    return state


@pytest.fixture(scope="module")
def window(browser, signed_in):
    """The browser of a signed-in person: what it loaded for one page is not loaded again for the next."""
    context = browser.new_context(
        viewport={"width": 1440, "height": 900}, locale="zh-CN", storage_state=signed_in
    )
    yield context
    context.close()


@pytest.fixture
def page(window):
    """A signed-in page; a complaint of the browser fails the test."""
    opened = window.new_page()
    complaints = complaints_of(opened)
    yield opened
    opened.close()
    window.clear_cookies(name="django_language")
    assert complaints == []


def test_the_invented_city_opens_first_and_says_what_does_not_attain(page, served):
    page.goto(served["address"])
    expect(page.get_by_text("虚构示范城市")).to_be_visible()
    expect(page.get_by_text("数据截至 2025-10-20")).to_be_visible()
    expect(page.locator("main")).to_contain_text("苇镜桥")
    expect(page.locator("main")).to_contain_text("已逾期")


def test_the_map_draws_without_any_network_and_leads_to_a_section(page, served):
    foreign = []
    page.on(
        "request",
        lambda request: foreign.append(request.url) if served["address"] not in request.url else None,
    )
    page.goto(served["address"] + "/map/")
    expect(page.locator("[data-map] canvas")).to_be_visible()
    expect(page.get_by_text("示意图").first).to_be_visible()
    page.get_by_role("link", name="苇镜桥").first.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("苇镜桥")
    assert [url for url in foreign if not url.startswith(("data:", "blob:"))] == []


def test_a_spreadsheet_goes_in_with_preview_and_comes_back_out(page, served):
    page.goto(served["address"] + "/imports/new/observations/")
    page.locator("input[type=file]").set_input_files(
        {"name": "化验室10月.csv", "mimeType": "text/csv", "buffer": LONG.encode("gbk")}
    )
    page.get_by_role("button", name="上传并预览").click()
    expect(page.get_by_role("button", name="确认导入")).to_be_visible(timeout=30000)
    expect(page.locator("main")).to_contain_text("2025-13-45")
    expect(page.locator("main")).to_contain_text("没有的断面")
    page.get_by_role("button", name="确认导入").click()
    expect(page.get_by_text("已生效")).to_be_visible(timeout=30000)
    page.get_by_label("撤回原因").fill("练习")
    page.get_by_role("button", name="撤回导入").click()
    expect(page.locator("main")).to_contain_text("已撤回")


def test_the_real_cities_show_published_facts_only(page, served):
    page.goto(served["address"])
    page.locator("summary", has_text="岚津市").click()
    page.get_by_role("button", name="柳州市").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("柳州市")
    expect(page.get_by_text("虚构示范城市")).to_have_count(0)
    page.goto(served["address"] + "/cases/")
    expect(page.locator("main")).not_to_contain_text("苇镜")
    page.locator("summary", has_text="柳州市").click()
    page.get_by_role("button", name="岚津市").click()
    expect(page.locator("summary", has_text="岚津市")).to_be_visible()


PAGES = [
    "/",
    "/map/",
    "/sites/",
    "/plans/",
    "/plans/mine/",
    "/plans/waiting/",
    "/plans/ledger/",
    "/plans/calendar/?month=2025-07",
    "/plans/compare/",
    "/ledgers/",
    "/ledgers/fields/urban/",
    "/ledgers/filings/",
    "/indicators/",
    "/indicators/water/",
    "/sources/",
    "/sources/problems/",
    "/sources/surveys/",
    "/sources/releases/",
    "/sources/ecology/",
    "/sources/water-use/",
    "/waters/",
    "/waters/?kind=ytd",
    "/waters/ranking/",
    "/waters/calendar/",
    "/waters/calendar/years/",
    "/waters/changes/",
    "/waters/room/",
    "/waters/trend/",
    "/scores/",
    "/scores/plan-duties/",
    "/scores/plan-duties/subject/?id=990100-housing",
    "/scores/plan-duties/scheme/",
    "/reminders/",
    "/reminders/deliveries/",
    "/reports/",
    "/reports/new/",
    "/reports/bulletins/",
    "/reports/bulletins/new/",
    "/cases/",
    "/alerts/",
    "/alerts/subscriptions/",
    "/imports/",
    "/imports/new/plan/",
    "/registers/",
    "/registers/sites/",
    "/audit/",
    "/accounts/units/",
    "/accounts/users/",
    "/accounts/users/new/",
    "/accounts/tokens/",
]
#: Pages of a record: the page that lists it, and the link there.
RECORDS = {
    "plan": ("/plans/", "main a[href^='/plans/0']"),
    "document": ("/plans/", "main a[href^='/plans/0']", "a[href='?view=document']"),
    "task": ("/plans/ledger/", "main a[href^='/plans/tasks/']"),
    "report on a task": (
        "/plans/ledger/?state=overdue",
        "main a[href^='/plans/tasks/']",
        "a[href$='/report/']",
    ),
    "arrange": ("/plans/ledger/", "main a[href^='/plans/tasks/']", "a[href$='/arrange/']"),
    "progress": ("/plans/waiting/", "main a[href^='/plans/progress/']"),
    "report due": ("/plans/calendar/?month=2025-07", "main a[href^='/plans/reports/']"),
    "indicator": ("/indicators/", "main td a[href^='/indicators/'], main th a[href^='/indicators/']"),
    "filing": ("/ledgers/filings/", "main a[href^='/ledgers/filings/0']"),
    "succession": ("/accounts/units/", "main a[href$='/succeed/']"),
    "case": ("/cases/", "main a[href^='/cases/0']"),
    "source": ("/sources/", "main th a[href^='/sources/0']"),
    "construction checklist": (
        "/sources/",
        "main th a[href^='/sources/0']",
        "main a[href*='/checklist/']",
    ),
    "source problem": ("/sources/problems/", "main th a[href^='/sources/records/']"),
    "ecology survey": ("/sources/ecology/", "main th a[href^='/sources/ecology/0']"),
    "bulletin": ("/reports/bulletins/", "main a[href^='/reports/0']"),
    "sewage plant": ("/sites/?kind=sewage_plant", "main th a[href^='/sites/0']"),
    "plant outlet": ("/sites/?kind=plant_outlet", "main th a[href^='/sites/0']"),
    "outfall point": ("/sites/?kind=outfall_point", "main th a[href^='/sites/0']"),
    "hydrometric station": ("/sites/?kind=hydrometric_station", "main th a[href^='/sites/0']"),
    "black-odorous point": ("/sites/?kind=black_odorous_point", "main th a[href^='/sites/0']"),
    "lake point": ("/sites/?kind=lake_point", "main th a[href^='/sites/0']"),
    "function zone": ("/sites/?kind=function_zone", "main th a[href^='/sites/0']"),
    "groundwater well": ("/sites/?kind=groundwater_well", "main th a[href^='/sites/0']"),
    "room of a section": ("/waters/room/", "main a[href^='/waters/room/0']"),
    "alert": ("/alerts/", "main a[href^='/alerts/0']"),
    "review": ("/imports/", "main a[href^='/imports/0']:has-text('plan')", "a[href^='/plans/review/']"),
}


@pytest.mark.parametrize("language", ["zh-hans", "en"])
@pytest.mark.parametrize("path", PAGES)
def test_every_page_is_accessible_and_fits_a_desk_and_a_phone(page, served, path, language):
    set_up(page, served, language, 1440)
    page.goto(served["address"] + path)
    is_in_order(page)
    page.set_viewport_size({"width": 390, "height": 844})
    is_in_order(page)
    if language == "en":
        heading = page.get_by_role("heading", level=1).inner_text()
        assert path.endswith(OF_A_SUBJECT) or not re.search(r"[\u4e00-\u9fff]", heading), heading


#: A page whose heading is the name of a record, which has no English.
OF_A_SUBJECT = "?id=990100-housing"


@pytest.mark.parametrize(("language", "width"), [("zh-hans", 1440), ("en", 390)])
@pytest.mark.parametrize("record", RECORDS)
def test_every_page_of_a_record_is_accessible_and_fits_its_screen(page, served, record, language, width):
    start, *links = RECORDS[record]
    set_up(page, served, language, width)
    page.goto(served["address"] + start)
    for link in links:
        page.goto(served["address"] + address_of(page, link))
    is_in_order(page)


def address_of(page, link):
    found = page.locator(link).first.get_attribute("href")
    return found if found.startswith("/") else re.sub(r"^https?://[^/]+|[?].*", "", page.url) + found


def set_up(page, served, language, width):
    page.context.add_cookies([{"name": "django_language", "value": language, "url": served["address"]}])
    page.set_viewport_size({"width": width, "height": 844})


def is_in_order(page):
    results = examined(page)
    assert results.violations_count == 0, results.generate_report()
    overflow = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert overflow <= 0


REPORTER = "twin-990100-housing"


def test_the_reporter_of_a_unit_is_offered_only_what_is_allowed(browser, served):
    """Sign in as a unit's reporter: every entry of the menu opens, and none leads to another's work."""
    reset = [sys.executable, "-m", "bishui", "password", REPORTER]
    told = subprocess.run(reset, env=served["env"], capture_output=True, text=True, check=True).stdout
    context = browser.new_context(locale="zh-CN")
    opened = context.new_page()
    sign_in(opened, served["address"], REPORTER, re.search(r"密码 (\S+?)（", told)[1])
    menu = [link.get_attribute("href") for link in opened.locator("nav a[href^='/']").all()]
    assert "/plans/mine/" in menu
    for hidden in ("/plans/waiting/", "/imports/", "/reports/", "/ledgers/", "/audit/", "/accounts/users/"):
        assert hidden not in menu
        assert context.request.get(served["address"] + hidden).status == 403
    for offered in dict.fromkeys(menu):
        assert context.request.get(served["address"] + offered).ok, offered
    context.close()


def test_the_doctor_finds_this_instance_sound(served):
    result = subprocess.run(
        [sys.executable, "-m", "bishui", "doctor"],
        env=served["env"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 0, result.stdout
    assert "操作留痕" in result.stdout


def test_a_killed_worker_is_started_again(served):
    def workers():
        found = subprocess.run(
            ["pgrep", "-P", str(served["process"].pid), "-f", "bishui worker"],
            capture_output=True,
            text=True,
            check=False,
        )
        return found.stdout.split()

    first = workers()
    assert len(first) == 1
    os.kill(int(first[0]), signal.SIGKILL)
    for _ in range(50):
        time.sleep(0.2)
        if workers() and workers() != first:
            break
    assert workers() not in ([], first)
