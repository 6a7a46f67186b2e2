"""The tags and parts of the pages, as their users see them."""

from __future__ import annotations

import json
import re
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.core.paginator import Paginator
from django.utils import translation
from frontend_samples import (
    AS_OF,
    CHART,
    CLASS_COUNTS,
    COLUMNS,
    CRUMBS,
    ERROR,
    FACT,
    FICTION,
    FILTERS,
    FRAME,
    MAP,
    PROBLEMS,
    TIMELINE,
    SampleForm,
    job,
    table_rows,
)

from bishui.errors import StoreError
from bishui.server.core.templatetags import assets, bishui_ui
from bishui.server.core.templatetags.bishui_ui import STATES

LOAD = "{% load bishui_ui %}"


def plain(html: str) -> str:
    """What a reader reads: tags gone, white space folded."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]*>", "", html)).strip()


# -- built files


@pytest.fixture
def manifest(tmp_path: Path) -> Path:
    path = tmp_path / "manifest.json"
    path.write_text(
        json.dumps(
            {
                "src/map.ts": {
                    "file": "assets/map-1.js",
                    "css": ["assets/map-1.css"],
                    "imports": ["_both.js"],
                },
                "src/app.ts": {"file": "assets/app-1.js", "css": ["assets/app-1.css"]},
                "_both.js": {
                    "file": "assets/both-1.js",
                    "css": ["assets/both-1.css"],
                    "imports": ["_deep.js"],
                },
                "_deep.js": {"file": "assets/deep-1.js", "imports": ["_both.js"]},
            }
        ),
        encoding="utf-8",
    )
    return path


def test_an_entry_brings_the_styles_and_preloads_of_all_it_imports(manifest: Path) -> None:
    found = assets.find_asset("map", manifest)
    assert found.script == "assets/map-1.js"
    assert found.styles == ("assets/map-1.css", "assets/both-1.css")
    assert found.preloads == ("assets/both-1.js", "assets/deep-1.js")


def test_asset_emits_addresses_below_the_static_root(manifest: Path, monkeypatch: Any, render: Any) -> None:
    monkeypatch.setattr(assets, "MANIFEST", manifest)
    html = render(LOAD + '{% asset "app" %}')
    assert '<link rel="stylesheet" href="/static/built/assets/app-1.css">' in html
    assert '<script type="module" src="/static/built/assets/app-1.js"></script>' in html


def test_a_new_build_is_seen_without_a_restart(manifest: Path) -> None:
    assert assets.find_asset("app", manifest).script == "assets/app-1.js"
    manifest.write_text(json.dumps({"src/app.ts": {"file": "assets/app-22.js"}}), encoding="utf-8")
    assert assets.find_asset("app", manifest).script == "assets/app-22.js"


@pytest.mark.parametrize("content", [None, "{", '{"src/other.ts": {"file": "x.js"}}'])
def test_an_unbuilt_front_end_names_the_remedy(tmp_path: Path, content: str | None) -> None:
    path = tmp_path / "manifest.json"
    if content is not None:
        path.write_text(content, encoding="utf-8")
    with pytest.raises(StoreError) as caught:
        assets.find_asset("app", path)
    assert "make run" in str(caught.value.remedy)
    assert "app" in str(caught.value.what)


def test_the_error_page_can_be_shown_without_a_front_end(
    tmp_path: Path, monkeypatch: Any, render: Any
) -> None:
    monkeypatch.setattr(assets, "MANIFEST", tmp_path / "none.json")
    assert "是空的" in render("core/error.html", error=ERROR)


# -- classes, states, counts


@pytest.mark.parametrize(("klass", "numeral"), [(1, "Ⅰ"), (2, "Ⅱ"), (3, "Ⅲ"), (4, "Ⅳ"), (5, "Ⅴ"), (6, "劣Ⅴ")])
def test_a_class_is_shown_by_its_numeral_and_its_colour(klass: int, numeral: str) -> None:
    html = bishui_ui.class_badge(klass)
    assert plain(html) == numeral
    assert f"klass-{klass}" in html


def test_a_class_may_say_its_word_of_condition() -> None:
    assert plain(bishui_ui.class_badge(4, word=True)) == "Ⅳ轻度污染"


@pytest.mark.parametrize(
    ("reason", "text"),
    [("", "无数据"), ("water_type_unknown", "水体类型未知"), ("offline", "停站"), ("本月冰封", "本月冰封")],
)
def test_no_class_gives_its_reason(reason: str, text: str) -> None:
    assert plain(bishui_ui.class_badge(None, reason)) == text


def test_a_class_that_does_not_exist_is_refused() -> None:
    with pytest.raises(KeyError):
        bishui_ui.class_badge(7)


@pytest.mark.parametrize(
    ("state", "text", "tone"),
    [
        ("attained", "达标", "good"),
        ("not_attained", "未达标", "bad"),
        ("not_judged", "未评价", "idle"),
        ("no_target", "无目标", "idle"),
        ("done", "已完成", "info"),
        ("in_progress", "正常推进", "good"),
        ("overdue", "已逾期", "bad"),
        ("due_soon", "即将到期", "warn"),
        ("not_started", "未开始", "idle"),
    ],
)
def test_a_state_is_shown_by_word_tone_and_icon(state: str, text: str, tone: str) -> None:
    html = bishui_ui.state_pill(state)
    assert plain(html) == text
    assert f"state-{tone}" in html
    assert "<svg" in html


def test_a_state_of_a_workflow_brings_its_tone_and_word() -> None:
    html = bishui_ui.state_pill("warn", "待确认")
    assert plain(html) == "待确认"
    assert "state-warn" in html


def test_states_of_one_tone_differ_by_icon_or_word() -> None:
    assert len({str(state.label) for state in STATES.values()}) == len(STATES)


def test_counts_tell_what_is_missing() -> None:
    assert plain(bishui_ui.count_of(6, 7, 1)) == "6 / 7，缺 1"
    assert plain(bishui_ui.count_of(7, 7)) == "7 / 7"


@pytest.mark.parametrize(
    ("k", "n", "text"),
    [(6, 7, "85.7%"), (1, 8, "12.5%"), (1, 16, "6.3%"), (3, 16, "18.8%"), (0, 0, "—"), (7, 7, "100.0%")],
)
def test_shares_are_rounded_as_the_rates_of_results_are(k: int, n: int, text: str) -> None:
    assert bishui_ui.share(k, n) == text


def test_the_ring_keeps_a_place_for_what_is_missing() -> None:
    html = bishui_ui.ring(6, 7, 1)
    assert 'stroke-dasharray="75.00 100"' in html
    assert 'class="ring-missing"' in html
    assert "ring-part" not in bishui_ui.ring(0, 5)


# -- values and sources


@pytest.mark.parametrize(
    ("value", "text"),
    [(Decimal("0.120"), "0.120"), (Decimal("1E-10"), "0.0000000001"), (12000, "12,000"), (None, "—")],
)
def test_a_number_keeps_exactly_its_digits(value: Any, text: str) -> None:
    assert bishui_ui.number(value) == text


def test_a_float_is_no_measured_value() -> None:
    with pytest.raises(TypeError, match="float"):
        bishui_ui.number(0.1)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("value", "mark", "text"),
    [
        (Decimal("0.12"), "measured", "0.12 mg/L"),
        (Decimal("0.02"), "below_detection", "<0.02 mg/L 未检出"),
        (None, "offline", "停站"),
        (None, "no_reading", "无读数"),
        (None, "measured", "—"),
    ],
)
def test_a_reading_is_shown_with_its_mark(value: Decimal | None, mark: str, text: str) -> None:
    assert plain(bishui_ui.measured(value, mark, "mg/L")) == text.replace("<", "&lt;")


def test_a_source_line_names_file_and_line_and_escapes_both() -> None:
    assert plain(bishui_ui.source_line("计划.txt", 12)) == "计划.txt 第 12 行"
    assert "<b>" not in bishui_ui.source_line("<b>.txt", 1)
    assert 'href="/plans/1/"' in bishui_ui.source_line("计划.txt", 12, "/plans/1/")


@pytest.mark.parametrize(
    ("due", "text"),
    [
        (date(2026, 7, 12), "剩 12 天"),
        (AS_OF, "今天到期"),
        (date(2026, 6, 27), "逾期 3 天"),
        (None, "无期限"),
    ],
)
def test_a_deadline_is_counted_from_the_as_of_date(due: date | None, text: str) -> None:
    assert bishui_ui.days_left(due, AS_OF) == text


# -- the frame


def test_the_frame_holds_navigation_city_and_version(render: Any) -> None:
    html = render("base.html", **FRAME)
    assert 'lang="zh-Hans"' in html
    assert html.count('aria-current="page"') == 2  # desktop and phone
    assert 'action="/accounts/workspace/"' in html
    assert 'name="code" value="real"' in html
    assert 'action="/i18n/"' in html
    assert "0.1.0" in html
    assert "style=" not in html, "style attributes would need unsafe-inline"


def test_an_invented_city_is_called_invented_with_its_date_on_each_page(render: Any) -> None:
    text = plain(render("base.html", workspace=FICTION))
    assert "虚构示范城市" in text
    assert "数据截至 2026-06-30" in text


def test_a_real_city_promises_published_facts_only(render: Any) -> None:
    text = plain(render("base.html", workspace=FACT))
    assert "仅收录已公开发布的资料" in text
    assert "虚构" not in text


def test_the_frame_stands_with_nothing_at_all(render: Any) -> None:
    assert 'id="content"' in render("base.html")


def test_the_page_says_which_language_it_is_in(render: Any) -> None:
    with translation.override("en"):
        assert '<html lang="en"' in render("base.html")


def test_sign_in_sends_name_password_and_where_to_go(render: Any) -> None:
    html = render("accounts/login.html", next="/plans/")
    for field in ("username", "password", "next", "csrfmiddlewaretoken"):
        assert f'name="{field}"' in html
    assert 'value="/plans/"' in html


# -- parts


def test_the_error_page_tells_what_where_and_what_to_do(render: Any) -> None:
    text = plain(render("core/error.html", error=ERROR, status=422, reference="a1b2"))
    for part in ("422", "文件“监测.csv”是空的。", "请确认导出成功后重新上传。", "a1b2", "共 2 处问题"):
        assert part in text


def test_the_error_page_of_an_unforeseen_fault_gives_no_details(render: Any) -> None:
    text = plain(render("core/error.html", status=500))
    assert "操作没有完成" in text


def test_problems_name_row_column_value_and_remedy(render: Any) -> None:
    text = plain(render("core/parts/problems.html", problems=PROBLEMS, total=250))
    for part in ("共 250 处问题", "第 12 行", "“总磷”列", "0.1.2", "请改为一个数"):
        assert part in text


def test_a_table_labels_each_cell_for_the_phone(render: Any) -> None:
    html = render("core/parts/table.html", columns=COLUMNS, rows=table_rows(), caption="断面")
    assert 'data-label="水质类别"' in html
    assert 'aria-sort="ascending"' in html
    assert html.count('<th scope="row">') == len(table_rows())


def test_a_row_of_another_length_than_its_head_is_refused(render: Any) -> None:
    with pytest.raises(ValueError, match="zip"):
        render("core/parts/table.html", columns=COLUMNS, rows=[{"cells": [{"text": "甲"}]}])


def test_an_empty_table_says_so(render: Any) -> None:
    assert "没有符合条件的记录" in plain(render("core/parts/table.html", columns=COLUMNS, rows=[]))


def test_pages_of_a_list_keep_the_other_parameters(render: Any) -> None:
    page = Paginator(range(95), 10).page(3)
    html = render("core/parts/pagination.html", path="/sections/?state=overdue&page=3", page=page)
    assert "第 21–30 条，共 95 条" in plain(html)
    assert "?state=overdue&amp;page=4" in html


def test_filters_keep_what_was_chosen(render: Any) -> None:
    html = render("core/parts/filter_bar.html", filters=FILTERS, reset_url="/sections/")
    assert '<option value="" selected>' in html
    assert 'value="2026-01-01"' in html
    for name in ("q", "state", "since"):
        assert f'for="filter-{name}"' in html


@pytest.mark.parametrize(
    ("state", "asks_again"), [("queued", True), ("running", True), ("succeeded", False), ("failed", False)]
)
def test_a_job_asks_again_until_it_has_ended(render: Any, state: str, asks_again: bool) -> None:
    html = render("core/parts/job.html", job=job(state))
    assert ("hx-trigger" in html) is asks_again
    assert ('href="/imports/7/"' in html) is (state == "succeeded")


def test_a_confirmation_carries_token_hidden_values_and_reason(render: Any) -> None:
    html = render(
        "core/parts/confirm.html",
        action="/imports/7/undo/",
        question="撤回这次导入？",
        consequences=["5,000 行将不再参与评价。"],
        submit="撤回",
        danger=True,
        hidden=[("version", "3")],
        reason=True,
        cancel_url="/imports/7/",
    )
    assert "csrfmiddlewaretoken" in html
    assert '<input type="hidden" name="version" value="3">' in html
    assert 'name="reason"' in html


def test_a_stat_card_shows_k_of_n_with_m_missing(render: Any) -> None:
    html = render("core/parts/stat_card.html", label="达标断面", k=6, n=7, missing=1, tone="good")
    assert "6 / 7" in plain(html)
    assert "缺 1" in plain(html)
    assert '<svg class="ring"' in html


def test_the_class_bar_adds_up_to_its_whole_width() -> None:
    rows = bishui_ui.class_bar(CLASS_COUNTS)["rows"]
    assert sum(float(row["width"]) for row in rows) == pytest.approx(1000, abs=0.5)
    assert [row["width"] for row in bishui_ui.class_bar([{"klass": 1, "count": 0}])["rows"]] == ["0"]


def test_a_timeline_tells_who_when_and_why(render: Any) -> None:
    text = plain(render("core/parts/timeline.html", entries=TIMELINE))
    for part in ("2026-06-30 09:05", "张甲（水科）", "理由：三日均值复核属实", "复核单.pdf"):
        assert part in text


def test_the_breadcrumb_ends_with_the_page_itself(render: Any) -> None:
    html = render("core/parts/breadcrumb.html", crumbs=CRUMBS)
    assert '<li aria-current="page">甲河中桥</li>' in html


def test_a_faulty_form_field_is_marked_and_explained(render: Any) -> None:
    html = render("core/parts/form.html", form=SampleForm({"kind": "river"}))
    assert 'enctype="multipart/form-data"' in html
    assert "is-invalid" in html
    described = re.findall(r'aria-describedby="([^"]+)"', html)
    assert described
    for name in " ".join(described).split():
        assert f'id="{name}"' in html


def test_the_data_of_map_and_chart_come_with_translated_texts(render: Any) -> None:
    found = re.search(
        r'<script id="map-data" type="application/json">(.*?)</script>',
        render("core/parts/map.html", data=MAP),
    )
    assert found
    data = json.loads(found[1])
    assert data["labels"]["schematic"] == "示意图"
    assert len(data["points"]) == len(MAP["points"])
    html = render("core/parts/chart.html", name="tp", data=CHART | {"labels": {"zoom": "拖"}})
    assert 'data-chart="tp"' in html
    assert 'id="chart-data-tp"' in html
    assert "拖动滑块" not in json.loads(re.search(r">(\{.*?\})</script>", html)[1])["labels"]["zoom"]  # type: ignore[index]


def test_data_cannot_break_out_of_its_script(render: Any) -> None:
    html = render("core/parts/map.html", data=MAP | {"reaches": [{"name": "</script><script>alert(1)"}]})
    assert "<script>alert" not in html
