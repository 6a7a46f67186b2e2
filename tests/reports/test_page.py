"""A document as one HTML file: marks lead to what stands behind them, nothing leads out, no text is markup."""

import re
from datetime import date
from decimal import Decimal

from bishui.reports import (
    Account,
    Attachment,
    Cell,
    Column,
    Document,
    Heading,
    Paragraph,
    Reference,
    Shortened,
    Span,
    Table,
    appended,
    counted,
    sources,
    to_body,
    to_html,
)

ROWS = Table(
    "rows",
    "逐项结果",
    (Column("断面"), Column("项目")),
    ((Cell("甲桥", ref="site:1"), Cell("氨氮")), (Cell("甲桥", ref="site:1"), Cell("总磷"))),
)
ACCOUNTS = (
    Account(
        "figure:all", "登记的断面", "7", "台账", "2024-02-29", (Span("甲桥：Ⅱ类", "site:1"),), Decimal(7)
    ),
    Account("figure:none", "劣Ⅴ类断面", "0", "评价", "2024-02-29"),
)


def document(text="7", ref="figure:all"):
    table = Table(
        "t", "断面", (Column("断面"),), ((Cell("甲桥", ref="site:1"),), (Cell("乙桥", ref="site:9"),))
    )
    blocks = (Heading(1, "总体状况"), Paragraph((Span("断面"), Span(text, ref), Reference("t"))), table)
    return Document("月报", "甲市", date(2024, 2, 29), blocks, (Attachment("附表", ()),))


def test_a_figure_leads_to_its_account_and_a_thing_to_its_first_row():
    page = to_html(document(), ACCOUNTS, (ROWS,)).decode()
    assert '断面<a class="report-figure" href="#figure-1">7</a>表1' in page
    assert "<summary>1. 登记的断面：7</summary>" in page
    assert '<li><a href="#row-1-1">甲桥：Ⅱ类</a></li>' in page
    for place in re.findall(r'href="#([^"]+)"', page):
        assert page.count(f'id="{place}"') == 1, place


def test_a_mark_without_a_place_is_plain_text_and_nothing_leads_out_of_the_file():
    page = to_html(document(), ACCOUNTS, (ROWS,)).decode()
    assert "<td>乙桥</td>" in page
    assert {link[0] for link in re.findall(r'href="([^"]*)"', page)} == {"#"}
    assert "<script" not in page and "http" not in page


def test_no_text_is_markup():
    evil = '<script>alert("x")</script>'
    page = to_html(
        document(evil, ""), [Account("m", evil, evil, evil, "", (Span(evil),))], stamp=evil
    ).decode()
    assert "<script" not in page and page.count("&lt;script&gt;") == 6


def test_equal_documents_give_equal_bytes():
    assert to_html(document(), ACCOUNTS, (ROWS,)) == to_html(document(), ACCOUNTS, (ROWS,))


def test_a_page_of_the_callers_leads_where_it_says_and_says_how_many_rows_it_left_out():
    body = to_body(document(), lambda mark: f"/open/{mark}", Shortened(1, lambda rest: f"其余 {rest} 行"))
    assert 'href="/open/figure:all"' in body and 'href="/open/site:1"' in body
    assert "乙桥" not in body and "其余 1 行" in body


def test_a_table_without_rows_says_so():
    empty = Table("e", "空表", (Column("断面"), Column("项目")), (), empty="没有断面")
    body = to_body(Document("月报", "甲市", date(2024, 2, 29), (empty,)), lambda mark: "")
    assert '<td colspan="2" class="report-empty">没有断面</td>' in body


def test_accounts_bear_the_same_numbers_in_every_file():
    on_paper, sheet, things = appended(ACCOUNTS), sources(ACCOUNTS), counted(ACCOUNTS)
    assert [row[0].text for row in on_paper.rows] == [row[0].text for row in sheet.rows] == ["1", "2"]
    assert [row[0].ref for row in on_paper.rows] == ["figure:all", "figure:none"]
    assert [(row[0].text, row[2].text) for row in things.rows] == [("1", "甲桥：Ⅱ类")]
    assert (sheet.rows[0][1].ref, things.rows[0][0].ref) == ("counted:figure:all",) * 2
    assert sheet.rows[0][2].number == 7 and "计入：—" in on_paper.rows[1][3].text


def test_paper_lists_all_that_was_counted_and_the_sheet_the_first_of_a_long_list():
    many = Account("m", "断面", "9", "台账", "", tuple(Span(f"断面{number}") for number in range(1, 10)))
    assert appended([many]).rows[0][3].text.endswith("断面8；断面9")
    assert sources([many]).rows[0][4].text.endswith("断面6……共9项")
    assert len(counted([many]).rows) == 9
