"""The built pages in a real browser, served without any network, under the narrow content security policy."""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Iterator
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from frontend_samples import (
    CHART,
    CLASS_COUNTS,
    COLUMNS,
    CRUMBS,
    ERROR,
    FACT,
    FILTERS,
    FRAME,
    MAP,
    POINTS,
    PROBLEMS,
    TIMELINE,
    SampleForm,
    job,
    table_rows,
)
from playwright.sync_api import Browser, Page, sync_playwright
from scripts.pictures import CHROMIUM, FLAGS

from bishui.server.core.templatetags.assets import MANIFEST

pytestmark = pytest.mark.browser

NO_WEBGL = ["--no-sandbox", "--disable-gpu", "--disable-3d-apis"]
#: Nothing inline, nothing evaluated, nobody else's host.
POLICY = (
    "default-src 'self'; img-src 'self' data: blob:; style-src 'self'; script-src 'self'; worker-src 'self'"
)
DESKTOP = {"width": 1440, "height": 900}
TABLET = {"width": 1024, "height": 768}
PHONE = {"width": 390, "height": 844}

AREA = {
    "type": "Feature",
    "properties": {},
    "geometry": {
        "type": "Polygon",
        "coordinates": [[[30.0, 5.1], [30.6, 5.1], [30.6, 5.5], [30.0, 5.5], [30.0, 5.1]]],
    },
}

HEAD = '{% extends "base.html" %}{% load bishui_ui %}{% block title %}样张{% endblock %}'
MAP_PAGE = (
    HEAD
    + """{% block heading %}断面分布图{% endblock %}
{% block subtitle %}<p class="subtitle">2026 年 6 月 · {% count_of 3 7 3 %}</p>{% endblock %}
{% block content %}<div class="card">{% include "core/parts/map.html" with data=map %}</div>
<div class="card mt-3" id="map-table">{% include "core/parts/table.html" with caption="全部断面" %}</div>{% endblock %}
{% block scripts %}{% asset "map" %}{% endblock %}"""
)
CHART_PAGE = (
    HEAD
    + """{% block breadcrumb %}{% include "core/parts/breadcrumb.html" %}{% endblock %}
{% block heading %}甲河中桥 {% class_badge 2 size="large" %}{% endblock %}
{% block actions %}<a class="btn btn-primary" href="/x/">下载数据</a>{% endblock %}
{% block content %}<div class="card card-body">{% include "core/parts/chart.html" with name="series" data=chart %}</div>{% endblock %}
{% block scripts %}{% asset "chart" %}{% endblock %}"""
)
PARTS_PAGE = (
    HEAD
    + """{% block heading %}总览{% endblock %}{% block content %}
<div class="row row-cards mb-3">
<div class="col-6 col-lg-3">{% include "core/parts/stat_card.html" with label="断面达标" k=6 n=7 missing=1 note="本月" tone="good" url="/a/" %}</div>
<div class="col-6 col-lg-3">{% include "core/parts/stat_card.html" with label="任务完成" k=12 n=40 note="全年" %}</div>
<div class="col-6 col-lg-3">{% include "core/parts/stat_card.html" with label="逾期任务" value=3 unit="项" icon="warning" tone="bad" note="最长 21 天" url="/b/" %}</div>
<div class="col-6 col-lg-3">{% include "core/parts/stat_card.html" with label="最新数据" value="06-30" icon="clock" note="08:00" %}</div>
</div>
<div class="card card-body mb-3"><h2 class="card-title mb-3">水质类别构成</h2>{% class_bar counts %}</div>
<div class="card mb-3">{% include "core/parts/filter_bar.html" with reset_url="/c/" %}{% include "core/parts/table.html" %}</div>
{% include "core/parts/problems.html" %}
{% include "core/parts/job.html" %}
{% include "core/parts/confirm.html" with action="/u/" question="撤回这次导入？" submit="撤回" danger=True reason=True cancel_url="/d/" %}
<div class="card card-body my-3">{% include "core/parts/timeline.html" with entries=timeline %}</div>
{% include "core/parts/form.html" %}
<div class="card mt-3">{% include "core/parts/empty.html" with title="还没有数据" text="导入监测数据后即可查看。" url="/e/" label="导入数据" %}</div>
{% endblock %}"""
)


class Handler(SimpleHTTPRequestHandler):
    """Serve rendered pages from memory and the built files from disk."""

    pages: dict[str, str] = {}

    def do_GET(self) -> None:
        page = self.pages.get(self.path.split("?")[0])
        if page is None:
            super().do_GET()
            return
        body = page.encode()
        self.send_response(200)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Security-Policy", POLICY)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def translate_path(self, path: str) -> str:
        return str(MANIFEST.parents[2]) + path.split("?")[0]

    def log_message(self, *_: Any) -> None:
        """Stay silent."""


@pytest.fixture
def site(render: Any) -> Iterator[str]:
    """The address of a server with one page for each thing to look at."""
    common = FRAME | {"map": MAP, "chart": CHART, "columns": COLUMNS, "rows": table_rows(), "crumbs": CRUMBS}
    parts = common | {
        "counts": CLASS_COUNTS,
        "filters": FILTERS,
        "problems": PROBLEMS,
        "job": job("running"),
        "timeline": TIMELINE,
        "consequences": ["5,000 行将不再参与评价。"],
        "form": SampleForm({"kind": "river"}),
        "workspace": FACT,
    }
    base = {
        "kind": "geojson",
        "url": "/base.geojson",
        "attribution": "甲乙市测绘院",
        "review_number": "样张〔2026〕1 号",
    }
    Handler.pages = {
        "/base": render(MAP_PAGE, **common | {"map": MAP | {"basemap": base}}),
        "/lost": render(MAP_PAGE, **common | {"map": MAP | {"basemap": base | {"url": "/lost.geojson"}}}),
        "/base.geojson": json.dumps(AREA),
        "/map": render(MAP_PAGE, **common),
        "/chart": render(CHART_PAGE, **common),
        "/parts": render(PARTS_PAGE, **parts),
        "/error": render("core/error.html", **FRAME, error=ERROR),
        "/login": render("accounts/login.html", next="/"),
        "/jobs/7/": render("core/parts/job.html", job=job("succeeded")),
    }
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """Debian's browser with software drawing; the front end must have been built."""
    assert MANIFEST.is_file(), "the front end is not built: run `npm run build` in frontend/ first"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()


def visit(browser: Browser, address: str, size: dict[str, int]) -> tuple[Page, list[str]]:
    """Open a page; return it with the list into which its complaints go."""
    page = browser.new_page(viewport=size)  # type: ignore[arg-type]
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("requestfailed", lambda request: complaints.append(f"failed: {request.url}"))
    page.goto(address)
    return page, complaints


def picture(page: Page, name: str) -> None:
    """Keep what the page looks like, for those who run with BISHUI_SHOTS=folder."""
    folder = os.environ.get("BISHUI_SHOTS")
    if folder:
        page.screenshot(path=Path(folder) / f"{name}-{page.viewport_size['width']}.png", full_page=True)  # type: ignore[index]


def wide(page: Page) -> int:
    """How many pixels the page is wider than its window."""
    return int(page.evaluate("document.documentElement.scrollWidth - innerWidth"))


SIZES = pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])


@SIZES
def test_the_map_draws_and_has_a_marker_for_each_point(
    chromium: Browser, site: str, size: dict[str, int]
) -> None:
    page, complaints = visit(chromium, f"{site}/map", size)
    page.wait_for_selector("[data-map][data-ready]", timeout=20_000)
    assert page.locator(".pin").count() == len(POINTS)
    assert page.locator(".reach-name").all_text_contents() == ["甲河", "乙溪", "丙渠"]
    assert "示意图" in page.locator(".map-credits").inner_text()
    drawn = page.locator("canvas.maplibregl-canvas").bounding_box()
    assert drawn
    assert drawn["width"] > 300
    picture(page, "map")
    assert wide(page) == 0
    assert complaints == []
    page.close()


def test_markers_do_not_cover_each_other_on_a_phone(chromium: Browser, site: str) -> None:
    page, _ = visit(chromium, f"{site}/map", PHONE)
    page.wait_for_selector("[data-map][data-ready]", timeout=20_000)
    boxes = [disc.bounding_box() for disc in page.locator(".pin .pin-disc").all()]
    middles = [(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2) for box in boxes if box]
    assert len(middles) == len(POINTS)
    nearest = min(
        max(abs(a[0] - b[0]), abs(a[1] - b[1])) for i, a in enumerate(middles) for b in middles[i + 1 :]
    )
    assert nearest >= 24
    page.close()


def test_a_marker_opens_by_keyboard_and_leads_to_its_section(chromium: Browser, site: str) -> None:
    page, complaints = visit(chromium, f"{site}/map", DESKTOP)
    page.wait_for_selector("[data-map][data-ready]", timeout=20_000)
    pin = page.get_by_role("button", name="丙渠闸，水质类别 劣Ⅴ 重度污染，目标 Ⅴ，未达标")
    pin.focus()
    page.keyboard.press("Enter")
    popup = page.locator(".maplibregl-popup")
    assert popup.get_by_role("link", name="查看详情").get_attribute("href") == "/sections/s7/"
    picture(page, "map-popup")
    assert complaints == []
    page.close()


def test_an_approximate_place_is_no_exact_pin(chromium: Browser, site: str) -> None:
    page, _ = visit(chromium, f"{site}/map", DESKTOP)
    page.wait_for_selector("[data-map][data-ready]", timeout=20_000)
    vague = page.locator(".pin.is-approximate")
    assert vague.count() == 1
    assert "概略位置" in (vague.get_attribute("aria-label") or "")
    page.close()


def test_without_webgl_the_page_says_so_and_keeps_the_table(chromium: Browser, site: str) -> None:
    browser = chromium.browser_type.launch(executable_path=CHROMIUM, args=NO_WEBGL)
    page = browser.new_page()
    page.goto(f"{site}/map")
    page.wait_for_selector(".map-message")
    assert "WebGL" in page.locator(".map-message").inner_text()
    assert page.locator("#map-table tbody tr").count() == len(POINTS)
    browser.close()


@SIZES
def test_the_chart_draws_and_items_can_be_chosen(chromium: Browser, site: str, size: dict[str, int]) -> None:
    page, complaints = visit(chromium, f"{site}/chart", size)
    page.wait_for_selector(".chart-canvas canvas")
    one = page.locator(".chart-canvas").bounding_box()
    picture(page, "chart")
    page.get_by_role("button", name="pH").click()
    assert page.locator('.chart-choice [aria-pressed="true"]').count() == 2
    two = page.locator(".chart-canvas").bounding_box()
    assert one
    assert two
    assert two["height"] > one["height"]
    label = page.locator(".chart-canvas").get_attribute("aria-label") or ""
    assert "总磷 84 个值" in label
    picture(page, "chart-two")
    page.mouse.move(two["x"] + two["width"] / 2, two["y"] + 120)
    page.wait_for_selector(".chart-tip")
    assert "mg/L" in page.locator(".chart-tip").inner_text()
    assert wide(page) == 0
    assert complaints == []
    page.close()


@SIZES
@pytest.mark.parametrize("name", ["map", "chart", "parts", "error", "login"])
def test_pages_are_accessible_and_fit_the_screen(
    chromium: Browser, site: str, name: str, size: dict[str, int]
) -> None:
    page, complaints = visit(chromium, f"{site}/{name}", size)
    if name == "map":
        page.wait_for_selector("[data-map][data-ready]", timeout=20_000)
    picture(page, f"page-{name}")
    found = Axe().run(page).response["violations"]
    assert [(fault["id"], [node["html"][:160] for node in fault["nodes"][:4]]) for fault in found] == []
    assert wide(page) == 0
    assert complaints == []
    page.close()


def test_the_header_fits_a_tablet(chromium: Browser, site: str) -> None:
    page, _ = visit(chromium, f"{site}/parts", TABLET)
    assert wide(page) == 0
    for link in page.locator(".main-nav a").all():
        box = link.bounding_box()
        assert box
        assert box["height"] >= 44
    picture(page, "tablet")
    page.close()


def test_an_imported_base_map_is_drawn_with_its_review_number(chromium: Browser, site: str) -> None:
    page, complaints = visit(chromium, f"{site}/base", DESKTOP)
    page.wait_for_selector("[data-map][data-ready]", timeout=20_000)
    credits = page.locator(".map-credits").inner_text()
    assert "甲乙市测绘院" in credits
    assert "审图号：样张〔2026〕1 号" in credits
    page.wait_for_timeout(500)
    assert page.locator(".map-message").count() == 0
    assert complaints == []
    page.close()


def test_a_base_map_that_cannot_be_loaded_is_said_to_be_missing(chromium: Browser, site: str) -> None:
    page, _ = visit(chromium, f"{site}/lost", DESKTOP)
    page.wait_for_selector(".map-message", timeout=20_000)
    assert "底图无法加载" in page.locator(".map-message").inner_text()
    assert page.locator(".pin").count() == len(POINTS)
    page.close()


def test_menus_open_without_script_and_close_by_escape(chromium: Browser, site: str) -> None:
    page, _ = visit(chromium, f"{site}/parts", PHONE)
    page.get_by_label("主菜单", exact=True).first.click()
    assert page.get_by_role("navigation", name="主菜单（手机）").is_visible()
    picture(page, "menu")
    page.keyboard.press("Escape")
    assert not page.get_by_role("navigation", name="主菜单（手机）").is_visible()
    page.close()


def test_a_running_job_is_asked_again_until_it_ends(chromium: Browser, site: str) -> None:
    page, complaints = visit(chromium, f"{site}/parts", DESKTOP)
    page.wait_for_selector('#job-7 a[href="/imports/7/"]', timeout=6_000)
    assert complaints == []
    page.close()


def test_touch_targets_of_the_header_are_large_enough(chromium: Browser, site: str) -> None:
    page, _ = visit(chromium, f"{site}/parts", PHONE)
    for summary in page.locator(".top summary").all():
        box = summary.bounding_box()
        assert box
        assert box["height"] >= 44
        assert box["width"] >= 44
    page.close()
