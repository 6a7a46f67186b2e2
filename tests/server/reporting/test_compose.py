"""Documents follow from the rules: nothing typed where a figure belongs, nothing left out in silence."""

import json
import re

import pytest

from bishui.reports import Heading, Paragraph, Picture, Span, Table, numbered
from bishui.server.reporting import specification
from bishui.server.reporting.compose import FIGURE, Inputs, compose
from bishui.server.reporting.gather import gather
from bishui.server.reporting.periods import scope_of
from tests.server.conftest import CITY
from tests.server.reporting.conftest import TEXTS, TODAY

pytestmark = pytest.mark.django_db
HEAD = {
    "title": "甲市总结", "number": "", "issuer": "甲市生态环境局", "recipient": "", "signed_on": "2025-10-20", "red_head": False,
}  # fmt: skip


def inputs(kind, texts=TEXTS, year=2025):
    scope = scope_of(
        CITY,
        kind,
        year,
        6 if kind in ("monthly", "water_month", "water_quarter") else None,
        today=TODAY,
        as_of=None,
    )
    return Inputs(kind, year, scope.month, scope.as_of, CITY, "甲市", HEAD, gather(scope), texts)


def every_block(document):
    return [*document.blocks, *(block for found in document.attachments for block in found.blocks)]


@pytest.mark.parametrize("kind", sorted(specification.kinds()))
@pytest.mark.parametrize("year", [2025, 2023])
def test_every_kind_stands_with_data_and_without_any(planned, kind, year):
    document = compose(inputs(kind, year=year))
    found = numbered(document)
    for entry in found.blocks:
        if isinstance(entry.block, Paragraph):
            assert "{" not in found.text(entry.block.parts)
    assert any(isinstance(block, Heading) for block in document.blocks)


def test_no_digit_is_typed_in_a_rule(db):
    for blocks in specification.chapters().values():
        for rule in blocks:
            assert not re.search(r"\d", re.sub(r"\{[^}]*\}", "", rule.get("text", ""))), rule


def test_every_number_in_the_text_leads_to_its_figure(planned):
    document = compose(inputs("half_year"))
    allowed = ("2025年上半年", "2025年6月30日")
    for block in document.blocks:
        if not isinstance(block, Paragraph):
            continue
        for part in block.parts:
            if isinstance(part, Span) and not part.ref and part.text not in allowed:
                assert not re.search(r"\d", part.text) or part.text in "1234", part


def test_the_half_year_summary_has_its_chapters_tables_charts_and_the_list_of_what_is_missing(planned):
    document = compose(inputs("half_year"))
    headings = [block.text for block in document.blocks if isinstance(block, Heading) and block.level == 1]
    assert headings == [
        "总体情况", "水环境质量和目标完成情况", "重点任务进展", "重点项目", "材料报送和督办", "存在的问题", "下一步工作安排", "缺失数据说明",
    ]  # fmt: skip
    labels = [block.label for block in every_block(document) if isinstance(block, Table | Picture)]
    assert {"table:classes", "table:units", "chart:months", "chart:fields", "table:gaps"} <= set(labels)
    assert [entry.title for entry in document.attachments][-1] == "缺失数据清单"
    gaps = next(
        block for block in every_block(document) if isinstance(block, Table) and block.label == "table:gaps"
    )
    assert "丙断面" in [row[2].text for row in gaps.rows]


def test_what_the_bureau_has_not_written_is_shown_as_a_blank(planned):
    texts = [
        part.text
        for block in compose(inputs("half_year", texts={})).blocks
        if isinstance(block, Paragraph)
        for part in block.parts
        if isinstance(part, Span)
    ]
    assert {"（主要做法待填写）", "（存在的问题待填写）", "（下一步工作安排待填写）"} <= set(texts)
    assert not any("导语" in text for text in texts)


def test_a_written_part_cannot_bring_in_a_figure_or_markup(planned):
    document = compose(inputs("half_year", texts={**TEXTS, "next": "{tasks.total} #panic() <b>"}))
    written = [part for block in document.blocks if isinstance(block, Paragraph) for part in block.parts]
    assert Span("{tasks.total} #panic() <b>", "part:next") in written


def test_the_workbook_lists_every_figure_with_its_source_and_day(planned):
    given = inputs("half_year")
    rows = compose(given).sheets[0].rows
    assert len(rows) == len(given.facts.figures)
    assert all(row[2].text and row[-1].text == "2025-06-30" for row in rows)


def test_inputs_survive_being_kept(planned):
    given = inputs("annual")
    kept = json.loads(json.dumps(given.as_dict()))
    assert compose(Inputs.of(kept)) == compose(given)


def test_references_of_figures_stand_in_the_facts(planned):
    given = inputs("half_year")
    for block in compose(given).blocks:
        for part in getattr(block, "parts", ()):
            if isinstance(part, Span) and part.ref.startswith(FIGURE):
                assert part.ref.removeprefix(FIGURE) in given.facts.figures
