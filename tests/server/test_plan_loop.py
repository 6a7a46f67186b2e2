"""The loop of a plan as each role walks it in a browser: from the file to the signed-off report.

One city, served with its worker; every person has a browser of their own. What one does, the next one sees.
"""

from __future__ import annotations

import io
import re
import subprocess
import sys

import docx
import pypdfium2
import pytest
from playwright.sync_api import expect, sync_playwright
from scripts.pictures import CHROMIUM, FLAGS

from bishui import twin
from tests.server import loop_city
from tests.server.serving import complaints_of, environment, examined, running, sign_in

pytestmark = [pytest.mark.browser, pytest.mark.slow]

FLAGGED = "12月20日前"
EVIDENCE = {"name": "竣工验收单.pdf", "mimeType": "application/pdf", "buffer": b""}
LEAKS = "城市公共供水管网漏损率控制在8.5%以内"
DOWNLOADS = ("docx", "pdf")


@pytest.fixture(scope="module")
def documents(tmp_path_factory):
    """The plan's files as the city's office hands them out."""
    return twin.write_plan(twin.build_city(), tmp_path_factory.mktemp("plan"))


@pytest.fixture(scope="module")
def city(tmp_path_factory):
    """A fresh instance with the city's units and people, served; gives the address and a way to the later day."""
    env = environment(tmp_path_factory.mktemp("loop"))

    def do(*command):
        subprocess.run([sys.executable, "-m", *command], env=env, check=True, capture_output=True)

    do("bishui", "init")
    do("tests.server.loop_city", "build")
    with running("serve", env) as (address, _process, _lines):
        yield address, lambda: do("tests.server.loop_city", "day")


@pytest.fixture
def people(city):
    """A page for each person, signed in; a complaint of any browser fails the test."""
    address, _later = city
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        pages, complaints = {}, []
        for name in loop_city.PEOPLE:
            context = browser.new_context(
                viewport={"width": 1440, "height": 900}, locale="zh-CN", base_url=address
            )
            pages[name] = context.new_page()
            complaints.append(complaints_of(pages[name]))
            sign_in(pages[name], address, name, loop_city.PASSWORD)
        yield pages
        browser.close()
    assert [text for found in complaints for text in found] == []


def test_from_the_file_to_the_signed_off_report(people, city, documents):
    _address, later_day = city
    staff, lead, housing, farming = (people[name] for name in loop_city.PEOPLE)
    imported = the_bureau_imports_corrects_and_submits(staff, documents["docx"])
    plan = a_second_person_commits(lead, imported)
    the_findings_and_the_comparison_open(staff, plan, documents["txt"])
    task = a_unit_sees_only_its_own_and_hands_in(housing)
    another_unit_neither_sees_nor_changes_it(farming, housing, task)
    the_bureau_returns_with_a_reason(staff)
    the_unit_hands_in_again(housing)
    another_person_accepts_and_the_percentage_moves(lead, task)
    later_day()
    what_is_late_is_noticed(lead, housing)
    scores_appear_and_a_weight_is_tried_and_saved(lead)
    the_half_year_report_is_written_checked_and_issued(staff, lead)


def accessible(page):
    """Check the page that stands there; give it back."""
    results = examined(page)
    assert results.violations_count == 0, f"{page.url}\n{results.generate_report()}"
    return page


def upload_plan(page, path):
    page.goto("/imports/new/plan/")
    page.locator("input[type=file]").set_input_files(path)
    page.get_by_role("button", name="上传并预览").click()
    expect(page.get_by_role("link", name="对照原文逐行核对")).to_be_visible(timeout=30000)
    return page.url


def the_bureau_imports_corrects_and_submits(staff, path):
    imported = upload_plan(staff, path)
    staff.get_by_role("link", name="对照原文逐行核对").click()
    staff.wait_for_selector("[data-line]", state="attached")
    finding = staff.locator(".review-findings li", has_text="2025-12-20")
    expect(finding).to_contain_text("年底前")
    staff.get_by_role("link", name="更正 34 报送工作总结 的完成时限").click()
    staff.get_by_label("完成时限", exact=True).fill(FLAGGED)
    staff.get_by_label("更正原因").fill("任务内容写明12月20日")
    staff.get_by_role("button", name="保存").click()
    expect(staff.locator('[data-path="tasks/33"] .is-changed').first).to_contain_text(FLAGGED)
    staff.locator("[data-tab=units]").click()
    name = staff.locator("article.review-unit", has_text="霓川工业集中区管委会")
    expect(name).to_contain_text("未识别")
    name.get_by_role("link", name="指定").click()
    name.get_by_label("其他单位（输入名称）").fill(loop_city.RENAMED[1])
    name.get_by_role("button", name="指定为所选单位").click()
    expect(name).to_contain_text("人工指定")
    accessible(staff).get_by_role("button", name="送审").click()
    expect(staff.locator("main")).to_contain_text("须由另一位有权限的人员复核")
    expect(staff.get_by_role("button", name="复核确认")).to_have_count(0)
    return imported


def a_second_person_commits(lead, imported):
    lead.goto(imported)
    lead.get_by_role("link", name="查看原文与读取结果").click()
    lead.get_by_role("button", name="复核确认").click()
    expect(lead.get_by_text("已生效").first).to_be_visible(timeout=30000)
    lead.goto("/plans/")
    lead.locator("main").get_by_role("link", name="岚津市2025年度水污染防治工作计划").first.click()
    lead.get_by_label("印发日期").fill("2025-02-28")
    lead.get_by_role("button", name="保存并推算期限").click()
    expect(lead.locator("main")).to_contain_text("第 1–34 条，共 34 条")
    last = accessible(lead).locator("tr", has_text="报送工作总结")
    expect(last).to_contain_text(FLAGGED)
    expect(last).to_contain_text("2025-12-20")
    return lead.url.partition("?")[0]


def the_findings_and_the_comparison_open(staff, plan, path):
    staff.goto(plan + "?view=document")
    expect(staff.get_by_role("heading", name="处疑点")).to_be_visible()
    changed = path.read_text(encoding="utf-8").replace("32公里以上", "30公里以上")
    staff.goto("/imports/new/plan/")
    staff.locator("input[type=file]").set_input_files(
        {"name": "调整稿.txt", "mimeType": "text/plain", "buffer": changed.encode()}
    )
    staff.get_by_role("button", name="上传并预览").click()
    staff.get_by_role("link", name="与现行计划比较").click(timeout=30000)
    weakened = staff.locator("tr", has_text="放宽").filter(has_text="≥32公里")
    expect(weakened).to_contain_text("≥30公里")
    accessible(staff)


def a_unit_sees_only_its_own_and_hands_in(housing):
    housing.goto("/plans/ledger/")
    expect(housing.locator("main")).to_contain_text(LEAKS)
    expect(housing.locator("main")).not_to_contain_text("种植业减肥减药")
    menu = housing.locator("header").first
    expect(menu).not_to_contain_text("待审核")
    expect(menu).not_to_contain_text("数据导入")
    housing.goto("/plans/mine/")
    own = housing.locator("li", has_text=LEAKS)
    own.get_by_role("button", name="签收").click()
    expect(own).to_contain_text("已签收")
    accessible(housing)
    own.get_by_role("link", name="填报进展").click()
    hand_in(housing, "老旧小区换管12公里。")
    expect(housing.locator("main")).to_contain_text("待审核")
    return re.sub(r"[?#].*", "", housing.url)


def hand_in(page, text):
    page.get_by_label("2025年上半年阶段进展").check()
    page.get_by_label("进展说明").fill(text)
    page.get_by_label("佐证文件").set_input_files(EVIDENCE | {"buffer": twin.evidence_file("a.pdf", text)})
    accessible(page).get_by_role("button", name="提交进展").click()
    expect(page.get_by_text("进展已提交")).to_be_visible()


def another_unit_neither_sees_nor_changes_it(farming, housing, task):
    file = housing.get_by_role("link", name="竣工验收单.pdf").first.get_attribute("href")
    report = re.sub(r"evidence/.*", "", file)
    farming.goto("/plans/ledger/")
    expect(farming.locator("main")).to_contain_text("种植业减肥减药")
    expect(farming.locator("main")).not_to_contain_text(LEAKS)
    token = farming.locator("input[name=csrfmiddlewaretoken]").first.input_value()
    for address in (task, task + "report/", task + "arrange/", report, file, "/plans/waiting/"):
        assert farming.request.get(address).status in (403, 404), address
    for address in (task + "report/", report + "do/accept/", report + "do/withdraw/", task + "arrange/"):
        answer = farming.request.post(address, form={"csrfmiddlewaretoken": token, "text": "无"})
        assert answer.status in (403, 404), address
        assert "CSRF" not in answer.text()
    assert housing.request.get(file).ok


def the_bureau_returns_with_a_reason(staff):
    staff.goto("/plans/waiting/")
    accessible(staff).get_by_role("link", name="审核", exact=True).click()
    staff.get_by_label("退回原因").fill("缺少竣工测量数据")
    accessible(staff).get_by_role("button", name="退回", exact=True).click()
    expect(staff.get_by_text("已办理")).to_be_visible()


def the_unit_hands_in_again(housing):
    housing.goto("/plans/mine/")
    own = housing.locator("li", has_text=LEAKS)
    own.get_by_role("link", name="修改重报").click()
    expect(housing.locator("main")).to_contain_text("缺少竣工测量数据")
    hand_in(housing, "老旧小区换管12公里，附竣工测量数据。")


def another_person_accepts_and_the_percentage_moves(lead, task):
    lead.goto(task)
    duty = lead.locator("tr", has_text="岚津市住房和城乡建设局").first
    expect(duty).to_contain_text("0%")
    lead.goto("/plans/waiting/")
    lead.get_by_role("link", name="审核", exact=True).click()
    lead.get_by_role("button", name="认可").click()
    expect(lead.get_by_text("已办理")).to_be_visible()
    expect(duty).to_contain_text("33%")
    accessible(lead)


def reload_until(page, wanted):
    """Open the page again until a worker has done what is waited for."""
    for _ in range(40):
        if wanted.count():
            return
        page.wait_for_timeout(1000)
        page.reload()
    raise AssertionError(f"not done by the worker: {wanted}")


def what_is_late_is_noticed(lead, housing):
    lead.goto("/reminders/")
    reload_until(lead, lead.get_by_text("任务逾期"))
    expect(lead.locator("main")).to_contain_text("材料缺报")
    lead.goto("/plans/ledger/?state=overdue")
    expect(lead.locator("main")).to_contain_text("涉水企业达标整治")
    lead.goto("/plans/calendar/")
    missing = accessible(lead).locator("section", has=lead.get_by_role("heading", name="缺报"))
    expect(missing.locator("tr", has_text="岚津市住房和城乡建设局")).to_contain_text("2025-07-06")
    lead.goto("/cases/")
    expect(lead.locator("main")).to_contain_text("逾期的督办")
    expect(lead.locator("main")).to_contain_text("草稿")
    housing.goto("/plans/mine/")
    expect(housing.get_by_role("link", name="补报")).to_be_visible()
    housing.goto("/reminders/")
    expect(housing.locator("main")).to_contain_text("半年工作总结")
    expect(housing.locator("main")).not_to_contain_text("岚津市农业农村局")


def scores_appear_and_a_weight_is_tried_and_saved(lead):
    lead.goto("/scores/")
    lead.locator("form", has_text="计划任务").get_by_role("button", name="启用").first.click()
    lead.goto("/scores/plan-duties/")
    accessible(lead).get_by_role("link", name="岚津市住房和城乡建设局").click()
    accessible(lead)
    lead.goto("/scores/plan-duties/scheme/")
    weight = lead.locator("input[name$='.points']").first
    weight.fill("10")
    lead.get_by_role("button", name="试算").click()
    expect(lead.get_by_role("heading", name="个对象的得分或名次会变")).to_be_visible()
    lead.get_by_label("调整原因").fill("突出按时完成")
    accessible(lead).get_by_role("button", name="保存为新版本").click()
    expect(lead.locator("main")).to_contain_text("第 2 版")


def the_half_year_report_is_written_checked_and_issued(staff, lead):
    staff.goto("/reports/new/")
    accessible(staff).get_by_role("button", name="新建", exact=True).click()
    report = staff.url
    missing = staff.locator(".written-part", has_text="待填写")
    for part in [item.get_attribute("id") for item in missing.all()]:
        own = staff.locator(f"#{part}")
        own.locator("summary").click()
        own.locator("textarea").fill("按计划推进。")
        own.get_by_role("button", name="保存").click()
    accessible(staff).get_by_role("button", name="提交校核").click()
    expect(staff.get_by_role("button", name="校核通过")).to_have_count(0)
    lead.goto(report)
    lead.get_by_label("校核意见").fill("数字与台账一致")
    lead.get_by_role("button", name="校核通过").click()
    lead.get_by_role("button", name="签发", exact=True).click()
    reload_until(lead, lead.get_by_role("link", name="第 1 版"))
    figure = re.search(r"台账共有任务(\d+)项，已完成(\d+)项", lead.locator("main").inner_text())
    assert figure[1] == "34"
    for kind in DOWNLOADS:
        content = lead.request.get(f"{report}edition/1/{kind}/").body()
        assert figure[0] in text_of(kind, content)


def text_of(kind, content):
    """Return the text of a downloaded file without its spaces and line ends."""
    if kind == "docx":
        text = "".join(line.text for line in docx.Document(io.BytesIO(content)).paragraphs)
    else:
        with pypdfium2.PdfDocument(content) as pdf:
            text = "".join(page.get_textpage().get_text_range() for page in pdf)
    return "".join(text.split())
