"""Headings, tables, charts and attachments are numbered in the order in which they stand."""

import dataclasses

import pytest

from bishui import reports as r
from tests.reports.samples import document, table


def test_headings_count_anew_under_each_higher_one():
    blocks = tuple(r.Heading(level, "x") for level in (1, 2, 2, 3, 4, 4, 2, 3, 1, 2))
    found = r.numbered(document(blocks=blocks, attachments=()))
    written = [entry.number for entry in found.blocks]
    assert written == ["一、", "（一）", "（二）", "1.", "（1）", "（2）", "（三）", "1.", "二、", "（一）"]


def test_tables_and_charts_have_numbers_of_their_own_and_references_follow_them():
    found = r.numbered(document())
    assert found.labels == {
        "sections": "表1",
        "months": "图1",
        "fields": "图2",
        "targets": "图3",
        "line": "图4",
        "long": "表2",
        "none": "表3",
    }
    assert found.text(document().blocks[3].parts) == "优良比例为91.7%，见表1"
    assert found.text(document().blocks[14].parts) == "见图4和表2"


def test_one_attachment_bears_no_number_and_several_do():
    one = r.numbered(document(attachments=document().attachments[:1], blocks=()))
    assert [entry.head for entry in one.attachments] == ["附件"]
    assert one.attachment_lines() == ["明细表"]
    assert r.numbered(document()).attachment_lines() == ["1.明细表", "2.缺失清单"]


def test_two_tables_of_one_label_and_a_reference_to_none_are_refused():
    with pytest.raises(ValueError, match="sections"):
        r.numbered(document(blocks=(table(), table()), attachments=()))
    with pytest.raises(KeyError):
        r.to_pdf(document(blocks=(r.Paragraph((r.Reference("nowhere"),)),), attachments=()))


def test_a_row_of_another_length_than_the_head_is_refused():
    with pytest.raises(ValueError, match="cells"):
        dataclasses.replace(table(), rows=((r.Cell("x"),),))


def test_resolve_keeps_the_marks_of_the_caller():
    spans = r.resolve(document().blocks[3].parts, {"sections": "表1"})
    assert [(span.text, span.ref) for span in spans][1:] == [("91.7%", "figure:x"), ("，见", ""), ("表1", "")]
