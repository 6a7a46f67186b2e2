"""A day without signal at phone width: a visit with a photograph, the page closed, the signal back, one record."""

from __future__ import annotations

import subprocess
import sys

import pytest
from playwright.sync_api import expect, sync_playwright
from scripts.pictures import CHROMIUM, FLAGS

from tests.server.field.devices import jpeg
from tests.server.serving import complaints_of, environment, running, sign_in

pytestmark = [pytest.mark.browser, pytest.mark.slow]
PASSWORD = "long-enough-for-a-test"

PREPARE = """
import django; django.setup()
from decimal import Decimal
from bishui.server.console import prepare
prepare()
from bishui.server.accounts import services as accounts
from bishui.server.outfalls import services
accounts.save_division("990000", "甲市", actor="system", level="city")
accounts.save_division("990101", "乙县", parent="990000", actor="system", level="county")
user = accounts.create_user("surveyor", "PASSWORD", actor="system")
accounts.grant(user, "field_surveyor", "990000/990101/", actor="system")
services.find_outfall("柳埠排口", division="990000/990101/", actor="system",
                      lon=Decimal("109.12"), lat=Decimal("24.33"), datum="WGS84")
""".replace("PASSWORD", PASSWORD)

COUNT = """
import django; django.setup()
from bishui.server.field.models import Submission, Upload
from bishui.server.outfalls.models import Photo, Visit
visit, photo = Visit.objects.get(), Photo.objects.get()
print(visit.people, visit.lon, visit.accuracy, photo.visit_id == visit.pk, photo.file.sha256)
print(Submission.objects.filter(fate="done").count(), Upload.objects.count())
"""


def run(script, env):
    done = subprocess.run([sys.executable, "-c", script], env=env, check=True, capture_output=True, text=True)
    return done.stdout


@pytest.fixture(scope="module")
def env(tmp_path_factory):
    found = environment(tmp_path_factory.mktemp("field"))
    run(PREPARE, found)
    return found


@pytest.fixture
def phone():
    """A phone of 375 points with a camera roll and a position."""
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        context = chromium.new_context(
            viewport={"width": 375, "height": 720},
            locale="zh-CN",
            is_mobile=True,
            has_touch=True,
            permissions=["geolocation"],
            geolocation={"longitude": 109.1201, "latitude": 24.3301, "accuracy": 6},
        )
        yield context
        chromium.close()


def fill_visit(page):
    page.get_by_role("button", name="柳埠排口").click()
    page.get_by_role("button", name="现场记录").click()
    expect(page.get_by_text("精度 ±6 米")).to_be_visible()
    page.get_by_role("group", name="现场人员").get_by_role("textbox").fill("丁一")
    for name, answer in (("正在排水", "否"), ("有异常", "否"), ("可以采样", "是")):
        page.get_by_role("group", name=name, exact=True).get_by_role("button", name=answer).click()
    page.locator("input[type=file]").set_input_files(
        {"name": "image.jpg", "mimeType": "image/jpeg", "buffer": jpeg(5, size=700_000)}
    )
    expect(page.locator(".field-picture")).to_have_count(1)


def test_a_visit_made_without_signal_survives_a_reload_and_arrives_once(env, phone):
    page = phone.new_page()
    complaints = complaints_of(page)
    with running("serve", env) as (address, _process, _lines):
        sign_in(page, f"{address}/accounts/sign-in/?next=/field/", "surveyor", PASSWORD)
        page.get_by_role("link", name="本机").click()
        page.get_by_role("button", name="登记本机").click()
        page.get_by_role("button", name="下载点位").click()
        expect(page.get_by_text("已带上 1 个点位")).to_be_visible()
        page.evaluate("navigator.serviceWorker.ready.then(() => true)")
        phone.set_offline(True)
        page.goto(f"{address}/field/")
        expect(page.get_by_text("无信号，照常工作")).to_be_visible()
        fill_visit(page)
        page.reload()
        expect(page.get_by_role("group", name="现场人员").get_by_role("button", name="丁一")).to_be_visible()
        expect(page.locator(".field-picture")).to_have_count(1)
        assert page.evaluate("document.documentElement.scrollWidth") <= 375
        page.get_by_role("button", name="填好，待发送").click()
        expect(page.locator(".field-state")).to_have_text("待发送")
        page.reload()
        assert complaints == []
        phone.set_offline(False)
        page.get_by_role("link", name="待发送").click()
        page.get_by_role("button", name="现在发送").click()
        expect(page.locator(".field-state")).to_have_text("已入库", timeout=30000)
        expect(page.get_by_text("照片 1/1")).to_be_visible()
        page.get_by_role("button", name="现在发送").click()
        first, second = run(COUNT, env).splitlines()
    assert first.startswith("['丁一'] 109.1201")
    assert " 6.0 True " in first
    assert second == "2 0"
