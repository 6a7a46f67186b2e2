"""Word: numbers that Word itself writes, revisions, fields, text boxes, footnotes, nested and merged tables."""

import io
from typing import Any

import docx
import pytest
from docx.opc.constants import RELATIONSHIP_TYPE
from docx.opc.packuri import PackURI
from docx.opc.part import Part
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls

from bishui.documents.blocks import Blocks, Paragraph, Skipped, TableRow
from bishui.documents.readers import read_blocks
from bishui.documents.readers.numbering import chinese

W = nsdecls("w")


def blocks_of(document: Any) -> Blocks:
    packed = io.BytesIO()
    document.save(packed)
    return read_blocks(packed.getvalue(), "p.docx")


def texts(blocks: Blocks) -> list[str]:
    return [block.text for block in blocks.blocks if isinstance(block, Paragraph)]


def rows(blocks: Blocks) -> list[TableRow]:
    return [block for block in blocks.blocks if isinstance(block, TableRow)]


def with_body(xml: str, document: Any = None) -> Any:
    document = document or docx.Document()
    for element in parse_xml(f"<w:body {W} {nsdecls('wp', 'a')}>{xml}</w:body>"):
        document.element.body.insert(len(document.element.body) - 1, element)
    return document


def listed(levels: list[tuple[str, str]], paragraphs: list[tuple[int, str]]) -> Any:
    """A document with one list: (format, text) of each level, and paragraphs with their level."""
    document = docx.Document()
    numbering = document.part.numbering_part.element
    inner = "".join(
        f'<w:lvl w:ilvl="{depth}"><w:start w:val="1"/><w:numFmt w:val="{form}"/><w:lvlText w:val="{text}"/></w:lvl>'
        for depth, (form, text) in enumerate(levels)
    )
    numbering.insert(0, parse_xml(f'<w:abstractNum {W} w:abstractNumId="90">{inner}</w:abstractNum>'))
    numbering.append(parse_xml(f'<w:num {W} w:numId="90"><w:abstractNumId w:val="90"/></w:num>'))
    return with_body(
        "".join(
            f'<w:p><w:pPr><w:numPr><w:ilvl w:val="{depth}"/><w:numId w:val="90"/></w:numPr></w:pPr>'
            f"<w:r><w:t>{text}</w:t></w:r></w:p>"
            for depth, text in paragraphs
        ),
        document,
    )


@pytest.mark.parametrize(
    ("form", "text", "shown"),
    [
        ("chineseCounting", "%1、", ["一、甲", "二、甲", "三、甲"]),
        ("chineseCountingThousand", "（%1）", ["（一）甲", "（二）甲", "（三）甲"]),
        ("japaneseCounting", "第%1章", ["第一章甲", "第二章甲", "第三章甲"]),
        ("chineseLegalSimplified", "%1、", ["壹、甲", "贰、甲", "叁、甲"]),
        ("ideographDigital", "%1、", ["一、甲", "二、甲", "三、甲"]),
        ("ideographTraditional", "%1、", ["甲、甲", "乙、甲", "丙、甲"]),
        ("decimal", "%1.", ["1. 甲", "2. 甲", "3. 甲"]),
        ("decimalZero", "%1", ["01 甲", "02 甲", "03 甲"]),
        ("decimalEnclosedCircleChinese", "%1", ["①甲", "②甲", "③甲"]),
        ("upperRoman", "%1、", ["I、甲", "II、甲", "III、甲"]),
        ("lowerLetter", "%1）", ["a）甲", "b）甲", "c）甲"]),
        ("bullet", "", ["甲", "甲", "甲"]),
    ],
)
def test_automatic_numbers_are_what_a_reader_sees(form: str, text: str, shown: list[str]) -> None:
    assert texts(blocks_of(listed([(form, text)], [(0, "甲")] * 3))) == shown


def test_numbers_of_several_levels_count_anew_below_each_heading() -> None:
    document = listed(
        [("chineseCounting", "%1、"), ("decimal", "%1.%2"), ("decimal", "（%3）")],
        [(0, "甲"), (1, "乙"), (1, "丙"), (2, "丁"), (0, "戊"), (1, "己")],
    )
    # ECMA-376 part 1, 17.9.11: a level is written in its own format; %1 of the second level is the first's.
    assert texts(blocks_of(document)) == ["一、甲", "一.1 乙", "一.2 丙", "（1）丁", "二、戊", "二.1 己"]


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (1, "一"),
        (10, "十"),
        (11, "十一"),
        (20, "二十"),
        (101, "一百零一"),
        (110, "一百一十"),
        (1001, "一千零一"),
    ],
)
def test_chinese_numbers(number: int, text: str) -> None:
    assert chinese(number) == text


def test_a_number_in_a_cell_of_its_own() -> None:
    document = listed([("decimal", "%1")], [])
    document = with_body(
        "<w:tbl>"
        + "".join(
            '<w:tr><w:tc><w:p><w:pPr><w:numPr><w:ilvl w:val="0"/><w:numId w:val="90"/></w:numPr></w:pPr></w:p></w:tc>'
            f"<w:tc><w:p><w:r><w:t>{text}</w:t></w:r></w:p></w:tc></w:tr>"
            for text in "甲乙"
        )
        + "</w:tbl>",
        document,
    )
    assert [row.cells for row in rows(blocks_of(document))] == [("1", "甲"), ("2", "乙")]


def test_deletions_are_left_out_insertions_kept_and_both_are_told() -> None:
    blocks = blocks_of(
        with_body(
            "<w:p><w:r><w:t>完成</w:t></w:r><w:del><w:r><w:delText>10</w:delText></w:r></w:del>"
            "<w:ins><w:r><w:t>12</w:t></w:r></w:ins><w:r><w:t>座</w:t></w:r></w:p>"
            "<w:p><w:pPr><w:rPr><w:del/></w:rPr></w:pPr><w:r><w:t>前半</w:t></w:r></w:p><w:p><w:r><w:t>后半</w:t></w:r></w:p>"
            "<w:tbl><w:tr><w:trPr><w:del/></w:trPr><w:tc><w:p><w:r><w:t>删</w:t></w:r></w:p></w:tc></w:tr>"
            "<w:tr><w:tc><w:p><w:r><w:t>留</w:t></w:r></w:p></w:tc></w:tr></w:tbl>"
        )
    )
    assert texts(blocks) == ["完成12座", "前半后半"]
    assert [row.cells for row in rows(blocks)] == [("留",)]
    assert [notice.rule for notice in blocks.notices] == ["tracked-changes"]


def test_field_codes_and_hidden_text_are_no_text_and_their_results_are() -> None:
    blocks = blocks_of(
        with_body(
            '<w:p><w:r><w:fldChar w:fldCharType="begin"/></w:r><w:r><w:instrText>PAGEREF _Toc1</w:instrText></w:r>'
            '<w:r><w:fldChar w:fldCharType="separate"/></w:r><w:r><w:t>12</w:t></w:r>'
            '<w:r><w:fldChar w:fldCharType="end"/></w:r><w:fldSimple w:instr="DATE"><w:r><w:t>年</w:t></w:r></w:fldSimple>'
            "<w:r><w:rPr><w:vanish/></w:rPr><w:t>隐</w:t></w:r></w:p>"
        )
    )
    assert texts(blocks) == ["12年"]
    assert blocks.notices == ()


def test_content_controls_text_boxes_and_ruby() -> None:
    box = "<w:txbxContent><w:p><w:r><w:t>框中</w:t></w:r></w:p></w:txbxContent>"
    blocks = blocks_of(
        with_body(
            "<w:sdt><w:sdtContent><w:p><w:r><w:t>控件中</w:t></w:r></w:p></w:sdtContent></w:sdt>"
            '<w:p><w:r><w:t>旁</w:t></w:r><w:r><mc:AlternateContent xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006">'
            f'<mc:Choice Requires="wps"><w:drawing>{box}</w:drawing></mc:Choice>'
            f"<mc:Fallback><w:pict>{box}</w:pict></mc:Fallback></mc:AlternateContent></w:r></w:p>"
            "<w:p><w:r><w:ruby><w:rt><w:r><w:t>hú</w:t></w:r></w:rt><w:rubyBase><w:r><w:t>湖</w:t></w:r></w:rubyBase></w:ruby></w:r></w:p>"
        )
    )
    assert texts(blocks) == ["控件中", "旁", "框中", "湖"]


def test_footnotes_stand_below_their_paragraph_as_notes() -> None:
    document = with_body(
        '<w:p><w:r><w:t>正文</w:t></w:r><w:r><w:footnoteReference w:id="2"/></w:r></w:p><w:p><w:r><w:t>下文</w:t></w:r></w:p>'
    )
    xml = f'<w:footnotes {W}><w:footnote w:id="2"><w:p><w:r><w:t>脚注文字。</w:t></w:r></w:p></w:footnote></w:footnotes>'
    part = Part(
        PackURI("/word/footnotes.xml"),
        "application/vnd.openxmlformats-officedocument.wordprocessingml.footnotes+xml",
        xml.encode(),
        document.part.package,
    )
    document.part.relate_to(part, RELATIONSHIP_TYPE.FOOTNOTES)
    assert texts(blocks_of(document)) == ["正文", "注1：脚注文字。", "下文"]


def test_heads_and_feet_of_pages_are_accounted_for() -> None:
    document = with_body("<w:p><w:r><w:t>正文</w:t></w:r></w:p>")
    document.sections[0].header.paragraphs[0].text = "内部资料"
    document.sections[0].footer.paragraphs[0].text = "云川市"
    blocks = blocks_of(document)
    skipped = [
        (block.why, blocks.source_lines[block.at.first - 1])
        for block in blocks.blocks
        if isinstance(block, Skipped)
    ]
    assert skipped == [("page head", "内部资料"), ("page foot", "云川市")]


RESTART, TWO_WIDE = '<w:vMerge w:val="restart"/>', '<w:gridSpan w:val="2"/>'


def cell(text: str, properties: str = "") -> str:
    return f"<w:tc><w:tcPr>{properties}</w:tcPr><w:p><w:r><w:t>{text}</w:t></w:r></w:p></w:tc>"


def test_cells_merged_across_and_down() -> None:
    blocks = blocks_of(
        with_body(
            f"<w:tbl><w:tr>{cell('甲', RESTART)}{cell('乙', TWO_WIDE)}</w:tr>"
            f"<w:tr>{cell('', '<w:vMerge/>')}{cell('丙')}{cell('丁')}</w:tr></w:tbl>"
        )
    )
    first, second = rows(blocks)
    assert (first.cells, second.cells) == (("甲", "乙", ""), ("", "丙", "丁"))
    assert second.filled() == ("甲", "丙", "丁")


def test_a_table_that_only_arranges_the_page_is_unpacked_and_a_small_inner_one_closed() -> None:
    inner = f"<w:tbl><w:tr>{cell('甲')}{cell('乙')}</w:tr><w:tr>{cell('丙')}{cell('丁')}</w:tr></w:tbl>"
    arranged = blocks_of(
        with_body(
            f"<w:tbl><w:tr><w:tc><w:p><w:r><w:t>题</w:t></w:r></w:p>{inner}<w:p/></w:tc></w:tr></w:tbl>"
        )
    )
    assert texts(arranged) == ["题"]
    assert [row.cells for row in rows(arranged)] == [("甲", "乙"), ("丙", "丁")]
    outer = f"<w:tbl><w:tr>{cell('很长的第一格文字')}<w:tc>{inner}<w:p/></w:tc></w:tr></w:tbl>"
    assert [row.cells for row in rows(blocks_of(with_body(outer)))] == [("很长的第一格文字", "甲 乙丙 丁")]


def test_places_are_paragraphs_and_rows_of_tables() -> None:
    document = with_body(
        f"<w:p><w:r><w:t>题</w:t></w:r></w:p><w:tbl><w:tr>{cell('甲')}</w:tr><w:tr>{cell('乙')}</w:tr></w:tbl>"
    )
    blocks = blocks_of(document)
    assert [place.as_dict() if place else None for place in blocks.places] == [
        {"paragraph": 1},
        {"table": 1, "row": 1},
        {"table": 1, "row": 2},
    ]
