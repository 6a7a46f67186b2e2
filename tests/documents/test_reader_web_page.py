"""Web pages: what a browser shows, as paragraphs and tables."""

import pytest

from bishui.documents.blocks import Blocks, Paragraph, TableRow
from bishui.documents.readers import read_blocks


def page(body: str, encoding: str = "utf-8", head: str = "") -> Blocks:
    return read_blocks(
        f"<html><head>{head}<title>不是正文</title></head><body>{body}</body></html>".encode(encoding),
        "p.html",
    )


def texts(blocks: Blocks) -> list[str]:
    return [block.text for block in blocks.blocks if isinstance(block, Paragraph)]


def cells(blocks: Blocks) -> list[tuple[str, ...]]:
    return [block.cells for block in blocks.blocks if isinstance(block, TableRow)]


@pytest.mark.parametrize(
    ("encoding", "declared"),
    [("gb18030", "gb2312"), ("gbk", "GBK"), ("utf-8", "utf-8"), ("utf-8", "gb2312"), ("utf-16", "")],
)
def test_the_encoding_is_that_of_the_content(encoding: str, declared: str) -> None:
    assert texts(page("<p>云川市</p>", encoding, f'<meta charset="{declared}">')) == ["云川市"]


def test_paragraphs_line_breaks_and_numbered_lists() -> None:
    blocks = page("<div>甲<p>乙<br>丙</p>丁</div><ol start=3><li>戊</li><li>己</li></ol><ul><li>庚</li></ul>")
    assert texts(blocks) == ["甲", "乙", "丙", "丁", "3.戊", "4.己", "庚"]


def test_what_a_browser_does_not_show_is_no_text() -> None:
    blocks = page(
        "<!-- 注释 --><script>x</script><nav>导航</nav><p style='display: none'>隐</p><p hidden>藏</p><p>见</p>"
    )
    assert texts(blocks) == ["见"]


def test_spans_across_and_down_together() -> None:
    blocks = page(
        "<table><thead><tr><th rowspan=2>甲<th colspan=2>乙</tr><tr><th>丙<th>丁</tr></thead>"
        "<tr><td rowspan=2 colspan=2>戊</td><td>己</td></tr><tr><td>庚</td></tr></table>"
    )
    assert cells(blocks) == [("甲", "乙", ""), ("", "丙", "丁"), ("戊", "", "己"), ("", "", "庚")]
    assert [block.filled()[0] for block in blocks.blocks if isinstance(block, TableRow)] == [
        "甲",
        "甲",
        "戊",
        "戊",
    ]


def test_line_breaks_in_cells() -> None:
    blocks = page(
        "<table><tr><td>完成管网<br>20公里</td><td><p>市甲局</p><p>市乙局</p></td><td>查清 A\nB 类</td></tr></table>"
    )
    assert cells(blocks) == [("完成管网20公里", "市甲局\n市乙局", "查清 A B 类")]


def test_tables_used_for_the_layout_of_the_page() -> None:
    inner = "<table><tr><td>序号</td><td>内容</td></tr><tr><td>1</td><td>甲</td></tr></table>"
    assert cells(page(f"<table><tr><td>栏目</td><td><p>题</p>{inner}</td></tr></table>")) == [
        ("序号", "内容"),
        ("1", "甲"),
    ]
    assert texts(
        page(f"<table><tr><td><p>第一段</p><p>第二段</p></td></tr><tr><td>{inner}</td></tr></table>")
    ) == ["第一段", "第二段"]


def test_a_small_table_inside_a_cell_is_text_of_the_cell() -> None:
    blocks = page(
        "<table><tr><td>很长很长的一格文字</td><td><table><tr><td>甲</td><td>乙</td></tr></table></td></tr></table>"
    )
    assert cells(blocks) == [("很长很长的一格文字", "甲乙")]


def test_places_are_paragraphs_and_rows_of_tables() -> None:
    blocks = page("<p>题</p><table><tr><td>甲</td><td>乙</td></tr></table>")
    assert [place.as_dict() for place in blocks.places if place] == [{"paragraph": 1}, {"table": 1, "row": 1}]


def test_unclosed_tags_and_stray_ends_are_forgiven() -> None:
    assert texts(page("</td><p>甲<p>乙</div><b>丙")) == ["甲", "乙丙"]
