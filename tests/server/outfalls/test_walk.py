"""From a suspected point on the bank to sign-off, and open again by a bad sample; a draw repeated; the report written.

One walk through the pages by those whose part it is, each in a browser of their own: the surveyor with a phone at
the bank where there is no signal, the county's staff, its lead, and somebody from outside who is not signed in.
"""

from __future__ import annotations

import re
import subprocess
import sys
import time
from datetime import datetime, timedelta

import pytest
from docx import Document
from openpyxl import load_workbook
from playwright.sync_api import expect, sync_playwright
from scripts.pictures import CHROMIUM, FLAGS

from tests.server.field.devices import jpeg
from tests.server.serving import environment, running, sign_in

pytestmark = [pytest.mark.browser, pytest.mark.slow]
PASSWORD = "long-enough-for-a-test"
#: The fixed day of the invented city.
DAY = "2026-06-20"
NAME = "柳埠村暗管"
PAPER = {"name": "材料.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-1.4\n%%EOF\n"}
BUREAU = "乙县环境部门（b-bureau）"
NUMBER = "07 12 15 21 28 33 + 06"
DESK = {"viewport": {"width": 1280, "height": 900}}
PHONE = {
    "viewport": {"width": 375, "height": 720},
    "is_mobile": True,
    "has_touch": True,
    "permissions": ["geolocation"],
    "geolocation": {"longitude": 109.1201, "latitude": 24.3301, "accuracy": 6},
}

PREPARE = """
import django; django.setup()
from datetime import date
from bishui.server.console import prepare
prepare()
from bishui.server.accounts import services as accounts
from bishui.server.core import audit, clock
from bishui.server.inspections.models import Inspector
from bishui.server.outfalls import services
from bishui.server.outfalls.models import WaterBody
county, day = "990000/990101/", date(2026, 6, 20)
accounts.save_division("990000", "甲市", actor="system", level="city", fiction=True, as_of=day)
accounts.save_division("990101", "乙县", parent="990000", actor="system", level="county")
accounts.save_unit("b-bureau", "乙县环境部门", division=county, actor="system")
for name, role in (("surveyor", "field_surveyor"), ("staff", "bureau_staff"), ("lead", "bureau_lead")):
    accounts.grant(accounts.create_user(name, "PASSWORD", actor="system"), role, county, actor="system")
with audit.action("outfalls.saved", actor="system", name="W1"):
    WaterBody(code="W1", name="甲河", kind="river", division=county).save()
with audit.action("core.register_saved", actor="system", register="inspectors", name="E01"):
    for number in (1, 2):
        Inspector(code=f"E0{number}", name=f"检查员{number}", certificate=f"证号{number}", division=county).save()
with clock.on(date(2026, 6, 1)):
    for number in range(1, 13):
        services.find_outfall(f"甲河{number}号排口", division=county, actor="system", kind="hj1312-09")
""".replace("PASSWORD", PASSWORD)


@pytest.fixture
def served(tmp_path):
    """A served county with twelve outfalls of town plants; gives its address."""
    env = environment(tmp_path)
    subprocess.run([sys.executable, "-c", PREPARE], env=env, check=True, capture_output=True)
    with running("serve", env, "--workers", "1") as (address, _process, _lines):
        yield address


class People:
    """Those who walk, each with a page of their own; the surveyor's is a phone."""

    def __init__(self, chromium, address):
        self.chromium, self.address = chromium, address
        self.complaints = []
        self.surveyor, self.staff, self.lead = (self.come(name) for name in ("surveyor", "staff", "lead"))
        self.outsider = self.come("")

    def come(self, name):
        context = self.chromium.new_context(locale="zh-CN", **(PHONE if name == "surveyor" else DESK))
        page = context.new_page()
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        if name:
            sign_in(page, f"{self.address}/accounts/sign-in/", name, PASSWORD)
        return page


@pytest.fixture
def people(served):
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        found = People(chromium, served)
        yield found
        chromium.close()
    assert found.complaints == []


def test_an_outfall_from_the_bank_to_sign_off_and_open_again(people, tmp_path):
    freeze = begin_draw(people)
    find_on_the_bank(people.surveyor, people.address)
    page = send(people.surveyor, people.staff, people.address)
    verify(people, page)
    from_sample_to_remediation(people.staff, page)
    after_completion(people.surveyor, people.address)
    sign_off(people, page)
    fail_a_sample(people, page)
    draw_and_inspect(people, *freeze)
    repeat_the_draw(people, tmp_path)
    write_the_report(people, tmp_path)


# -- what everybody does on a page ----------------------------------------------------------------------


def field(scope, label):
    return scope.get_by_label(re.compile(f"^{re.escape(label)}( \\*|（|$)"))


def press(page, name, scope=None):
    """Press a button that leads to another page."""
    with page.expect_navigation():
        (scope or page).get_by_role("button", name=name, exact=True).click()


def follow(page, name, scope=None):
    with page.expect_navigation():
        (scope or page).get_by_role("link", name=name).first.click()


def step(page, address, label, *, files=(), **answers):
    """Take a step that the outfall's page offers."""
    page.goto(address)
    acts = page.locator("#acts details", has=page.get_by_text(label, exact=True))
    if acts.get_attribute("open") is None:
        acts.locator("summary").click()
    for name, said in answers.items():
        asked = field(acts, name)
        if asked.evaluate("element => element.tagName") == "SELECT":
            asked.select_option(label=said)
        else:
            asked.fill(said)
    for name in files:
        field(acts, name).set_input_files(PAPER)
    press(page, label, acts)
    assert "/step/" not in page.url, page.locator("#acts").inner_text()


def state(page):
    return page.locator(".subtitle .state").inner_text()


# -- in the field ---------------------------------------------------------------------------------------


def group(page, name):
    return page.get_by_role("group", name=re.compile(f"^{re.escape(name)}"))


def answer(page, **answers):
    for name, said in answers.items():
        group(page, name).get_by_role("button", name=said, exact=True).click()


def photograph(page, kind, number):
    page.get_by_label("照片").select_option(label=kind)
    before = page.locator(".field-picture").count()
    picture = {"name": f"{number}.jpg", "mimeType": "image/jpeg", "buffer": jpeg(number, size=300_000)}
    page.locator("input[type=file]").set_input_files(picture)
    expect(page.locator(".field-picture")).to_have_count(before + 1)


def finish(page):
    assert page.evaluate("document.documentElement.scrollWidth") <= 375
    page.get_by_role("button", name="填好，待发送").click()
    expect(page.get_by_role("button", name="现在发送")).to_be_visible()


def at_point(page, kind):
    page.get_by_role("link", name="点位").click()
    page.get_by_role("button", name=re.compile(f"^{NAME}")).click()
    page.get_by_role("button", name=kind, exact=True).click()


def take_sample(page, number, purpose):
    """Sample with two people and two bottles, seal, hand over, receive."""
    at_point(page, "采样")
    page.get_by_label("采样编号").fill(number)
    answer(page, 目的=purpose, 测流="未测")
    for name, words in (("采样人员", ("丁一", "丁二")), ("样品瓶编码", (f"{number}-A", f"{number}-B"))):
        for word in words:
            if not group(page, name).get_by_role("button", name=word).count():
                group(page, name).get_by_role("textbox").fill(word)
                group(page, name).get_by_role("button", name="添加").click()
    finish(page)
    for link, giver, taker in (("封样", "丁一", "丁一"), ("交接", "丁一", "丙"), ("收样", "丙", "丁")):
        at_point(page, f"样品交接 {number}")
        answer(page, 环节=link)
        page.get_by_label("交出人").fill(giver)
        page.get_by_label("接收人").fill(taker)
        finish(page)


def find_on_the_bank(phone, address):
    """Without signal: a new point with photographs, a visit that outlives the page, a sample with its bottles."""
    phone.goto(f"{address}/field/")
    phone.get_by_role("link", name="本机").click()
    phone.get_by_role("button", name="登记本机").click()
    phone.get_by_role("button", name="下载点位").click()
    expect(phone.get_by_text("已带上 12 个点位")).to_be_visible()
    phone.evaluate("navigator.serviceWorker.ready.then(() => true)")
    phone.context.set_offline(True)
    phone.goto(f"{address}/field/")
    expect(phone.get_by_text("无信号，照常工作")).to_be_visible()
    phone.get_by_role("button", name="发现新排口").click()
    expect(phone.get_by_text("精度 ±6 米")).to_be_visible()
    phone.get_by_label("暂用名称").fill(NAME)
    answer(phone, 入河方式="管道")
    finish(phone)
    at_point(phone, "现场记录")
    group(phone, "现场人员").get_by_role("textbox").fill("丁一")
    answer(phone, 正在排水="是", 有异常="是", 可以采样="是", 异常情况="排放超标")
    photograph(phone, "排口", 1)
    photograph(phone, "周边", 2)
    phone.reload()
    expect(group(phone, "现场人员").get_by_role("button", name="丁一")).to_be_visible()
    expect(phone.locator(".field-picture")).to_have_count(2)
    finish(phone)
    take_sample(phone, "YP-001", "排查监测")


def send(phone, staff, address):
    """With signal again everything arrives, once; gives the outfall's page."""
    phone.context.set_offline(False)
    phone.get_by_role("button", name="现在发送").click()
    expect(phone.locator(".field-state", has_text="已入库")).to_have_count(6, timeout=60_000)
    expect(phone.get_by_text("照片 2/2")).to_be_visible(timeout=60_000)
    phone.get_by_role("button", name="现在发送").click()
    staff.goto(f"{address}/outfalls/work/")
    follow(staff, NAME)
    assert state(staff) == "疑似"
    expect(staff.locator("#photos figure")).to_have_count(2)
    expect(staff.locator("#photos")).to_contain_text("109.1201, 24.3301 ±6 m")
    expect(staff.locator("#visits article")).to_have_count(1)
    expect(staff.locator("#samples")).to_contain_text("样品瓶 YP-001-A、YP-001-B")
    return staff.url


def after_completion(phone, address):
    """Without signal again: how it looks now, and a sample."""
    phone.goto(f"{address}/field/#device")
    phone.get_by_role("button", name="下载点位").click()
    expect(phone.get_by_text("已带上 13 个点位")).to_be_visible()
    phone.context.set_offline(True)
    at_point(phone, "现场记录")
    answer(phone, 目的="验收", 正在排水="是", 有异常="否", 可以采样="是", 有标识牌="是")
    photograph(phone, "整治后", 3)
    finish(phone)
    take_sample(phone, "YP-002", "整治后")
    phone.context.set_offline(False)
    phone.get_by_role("button", name="现在发送").click()
    expect(phone.locator(".field-state", has_text="已入库")).to_have_count(11, timeout=60_000)
    expect(phone.get_by_text("照片 1/1")).to_be_visible(timeout=60_000)


# -- in the office --------------------------------------------------------------------------------------


def verify(people, address):
    """The office says which water it is and which standard holds; the surveyor verifies on the phone."""
    staff, phone = people.staff, people.surveyor
    follow(staff, "修改台账")
    field(staff, "受纳水体").fill("甲河")
    for name, said in (("排放标准", "GB 18918"), ("执行等级", "一级A"), ("监测采样点", "是")):
        field(staff, name).select_option(label=said)
    press(staff, "保存")
    assert staff.url == address
    step(phone, address, "核实为排污口")
    assert state(phone) == "已核实"
    assert phone.evaluate("document.documentElement.scrollWidth") <= 375


def enter_results(page, address, number, cod):
    page.goto(address)
    follow(page, "登记检测结果", page.locator("#samples article", has_text=number))
    told = {
        "检测机构": "某监测站",
        "报告编号": f"R-{number}",
        "pH值": "7.2",
        "化学需氧量": cod,
        "氨氮": "0.025L",
    }
    for name, text in told.items():
        field(page, name).fill(text)
    field(page, "检测报告").set_input_files(PAPER)
    press(page, "保存")


def from_sample_to_remediation(staff, address):
    enter_results(staff, address, "YP-001", "320")
    expect(staff.locator("#samples article", has_text="YP-001").get_by_role("heading")).to_contain_text(
        "超标"
    )
    step(staff, address, "完成监测")
    step(staff, address, "开始溯源", 溯源方法=["资料溯源", "人工排查"])
    papers = ["溯源报告", "责任主体确认书或送达回证"]
    step(staff, address, "确定责任主体", files=papers, **{
        "责任主体名称": "某镇污水处理站", "分类（HJ 1312）": "城镇污水处理厂排污口",
    })  # fmt: skip
    step(
        staff, address, "确定整治方案", files=["“一口一策”整治方案"], 整治类型="规范整治", 存在的问题=["排放超标"],
        整治措施="更新设施", 资金="12.5", 牵头部门=BUREAU, 责任人="某人", 计划完成时间="2026-06-30",
    )  # fmt: skip
    step(staff, address, "开始整治", 开工日期=DAY, 进展="进场")
    assert state(staff) == "整治中"


def sign_off(people, address):
    """Applied for by one person, accepted by another, with before and after of one view and a passing sample."""
    staff, lead = people.staff, people.lead
    step(staff, address, "申请验收", files=["完工报告"], 完工日期=DAY)
    expect(staff.locator("#acts")).not_to_contain_text("验收销号")
    follow(staff, "指明同一视角的照片")
    press(staff, "是这一张", staff.locator("form div", has=staff.locator("img[alt^=排污口]")).first)
    enter_results(staff, address, "YP-002", "32")
    answers = {"方案措施全部完成": "是", "是否保留排污口": "是", "监管单位": BUREAU, "验收人员": "某某、某某"}
    step(lead, address, "验收销号", files=["验收记录", "销号证明材料"], **answers)
    assert state(lead) == "已销号"


def fail_a_sample(people, address):
    """A supervisory sample fails: a new round stands there with the reason, the old one stays closed."""
    staff = people.staff
    staff.goto(address)
    follow(staff, "登记采样")
    field(staff, "采样编号").fill("YP-003")
    staff.get_by_label("采样人员").fill("丁一、丁二")
    field(staff, "目的").select_option(label="监督监测")
    field(staff, "测流状态").select_option(label="未测流")
    press(staff, "保存")
    enter_results(staff, address, "YP-003", "180")
    assert state(staff) == "已核实"
    told = staff.locator("section", has=staff.get_by_role("heading", name="第 2 轮"))
    expect(told).to_contain_text("重新整治的原因")
    expect(told).to_contain_text("样品“YP-003”超标：化学需氧量")
    expect(staff.locator("section", has=staff.get_by_role("heading", name="第 1 轮"))).to_contain_text(
        "已销号"
    )


# -- the draw -------------------------------------------------------------------------------------------


def begin_draw(people):
    """Freeze the list and commit to a number that nobody knows yet; gives the draw's page and the moment."""
    lead = people.lead
    now = datetime.now()
    if now.hour == 23 and now.minute > 50:  # the invented day has no other after it
        time.sleep((timedelta(minutes=61 - now.minute)).total_seconds())
        now = datetime.now()
    due = (now + timedelta(seconds=80)).replace(second=0, microsecond=0)
    lead.goto(f"{people.address}/inspections/")
    follow(lead, "冻结本半年名单")
    field(lead, "约定的公开随机数").fill("某全国性彩票第2026131期开奖号码")
    field(lead, "公布时间").fill(f"{DAY}T{due:%H:%M}")
    press(lead, "冻结并承诺")
    expect(lead.get_by_text("名单摘要 SHA-256")).to_be_visible()
    expect(lead.get_by_role("button", name="按公开随机数抽取")).to_have_count(0)
    return lead.url, due


def draw_and_inspect(people, address, due):
    lead, phone = people.lead, people.surveyor
    time.sleep(max(0.0, (due - datetime.now()).total_seconds() + 1))
    lead.goto(address)
    field(lead, "公开随机数").fill(NUMBER)
    field(lead, "公布的地方").fill("某报")
    press(lead, "按公开随机数抽取")
    expect(lead.get_by_role("link", name="填报检查")).to_have_count(2)
    for _number in range(2):
        phone.goto(address)
        follow(phone, "填报检查")
        for asked in phone.locator("select[name^=item_]").all():
            asked.select_option(label="是")
        field(phone, "未采样的原因").fill("停产")
        press(phone, "保存检查")
        expect(phone.locator("main")).to_contain_text("合格")
    lead.goto(address)
    press(lead, "公开名单和结果")
    lead.goto(f"{people.address}/portal/")
    press(lead, "公开", lead.get_by_role("listitem").filter(has_text="双随机抽查"))


def kept(page, name, folder):
    """Download what a link offers; give the path."""
    with page.expect_download() as download:
        page.get_by_role("link", name=name).click()
    path = folder / download.value.suggested_filename
    download.value.save_as(path)
    return path


def repeat_the_draw(people, folder):
    """Anybody repeats it: the public page's script makes the published list of the published data."""
    page = people.outsider
    page.goto(f"{people.address}/public/")
    follow(page, "甲市")
    follow(page, "双随机抽查")
    follow(page, "990101-2026H1")
    drawn = page.locator("section", has=page.get_by_role("heading", name="抽中的排污口和检查结果"))
    shown = [text.split()[0] for text in drawn.locator("tbody tr").all_inner_texts()]
    data, script = kept(page, "draw.json", folder), kept(page, "repeat_draw.py", folder)
    done = subprocess.run([sys.executable, script, data], check=True, capture_output=True, text=True)
    assert len(shown) == 2
    assert done.stdout.split() == shown


# -- the report -----------------------------------------------------------------------------------------


def write_the_report(people, folder):
    staff = people.staff
    staff.goto(f"{people.address}/outfalls/progress/")
    follow(staff, "半年报告")
    follow(staff, "新建")
    press(staff, "新建")
    for part, text in (("存在的问题", "一处反弹。"), ("下一步工作安排", "重新溯源。")):
        entry = staff.locator("details", has=staff.locator("summary", has_text=part))
        entry.locator("summary").click()
        entry.get_by_role("textbox").fill(text)
        press(staff, "保存", entry)
    document = Document(kept(staff, "DOCX", folder))
    told = "\n".join(paragraph.text for paragraph in document.paragraphs)
    assert "本期采样3个，其中达标1个、超标2个" in told
    assert "一处反弹。" in told
    book = load_workbook(kept(staff, "XLSX", folder))
    rows = [[str(cell) for cell in row] for sheet in book for row in sheet.iter_rows(values_only=True)]
    assert any(NAME in row and "样品“YP-003”超标：化学需氧量。" in row for row in rows)
