"""A DOCX file, opened again: page, grid, styles, fonts, page numbers, tables, charts (GB/T 9704-2012)."""

import io
import zipfile

import docx
import pytest
from docx.oxml.ns import qn

from bishui import reports as r
from tests.reports.samples import HOSTILE, document, table

MM = 36000


@pytest.fixture(scope="module")
def made():
    return r.to_docx(document())


@pytest.fixture(scope="module")
def word(made):
    return docx.Document(io.BytesIO(made))


def part(made, name):
    with zipfile.ZipFile(io.BytesIO(made)) as archive:
        return archive.read(name).decode()


def east_asian(style):
    fonts = style.element.rPr.rFonts
    assert not any("Theme" in key for key in fonts.attrib)
    return fonts.get(qn("w:eastAsia"))


def test_5_1_and_5_2_1_paper_and_margins(word):
    section = word.sections[0]
    assert (round(section.page_width / MM), round(section.page_height / MM)) == (210, 297)
    for length, wanted in (
        (section.top_margin, 37),
        (section.left_margin, 28),
        (section.right_margin, 26),
        (section.bottom_margin, 35),
    ):
        assert length / MM == pytest.approx(wanted, abs=0.02)


def test_5_2_3_the_grid_holds_22_lines_of_28_characters(word):
    grid = word.sections[0]._sectPr.find(qn("w:docGrid"))
    pitch = int(grid.get(qn("w:linePitch"))) / 20
    spacing = {name: word.styles[name].element.rPr.find(qn("w:spacing")) for name in ("Normal", "Caption")}
    character = 16 + int(spacing["Normal"].get(qn("w:val"))) / 20
    assert grid.get(qn("w:type")) == "lines"  # a grid of characters is drawn twice as wide by LibreOffice
    assert spacing["Caption"].get(qn("w:val")) == "0"
    assert int(225 / 25.4 * 72 / pitch) == 22
    assert int(156 / 25.4 * 72 / character) == 28


@pytest.mark.parametrize(
    ("style", "face", "size"),
    [
        ("Normal", "仿宋", 16),
        ("Title", "方正小标宋简体", 22),
        ("Heading 1", "黑体", 16),
        ("Heading 2", "楷体", 16),
        ("Heading 3", "仿宋", 16),
        ("Heading 4", "仿宋", 16),
        ("Footer", "宋体", 14),
    ],
)
def test_5_2_2_and_7_3_faces_and_sizes(word, style, face, size):
    found = word.styles[style]
    assert (east_asian(found), found.font.size.pt, found.font.bold) == (face, size, False)


def test_the_body_has_an_exact_pitch_and_every_paragraph_is_indented_by_two_characters(word):
    form = word.styles["Normal"].paragraph_format
    assert form.line_spacing.pt == 28.95
    assert form.first_line_indent.pt == pytest.approx(2 * 156 / 25.4 * 72 / 28, abs=0.1)


def test_faces_that_are_not_shipped_have_declared_fall_backs(made):
    table = part(made, "word/fontTable.xml")
    for face, instead in (("仿宋", "FangSong"), ("方正小标宋简体", "STZhongsong"), ("楷体", "KaiTi")):
        entry = table[table.index(f'w:name="{face}"') :]
        assert instead in entry[: entry.index("</w:font>")]


def test_7_5_page_numbers_stand_on_the_outer_side_between_dashes(word):
    assert word.settings.odd_and_even_pages_header_footer
    section = word.sections[0]
    odd, even = section.footer.paragraphs[0], section.even_page_footer.paragraphs[0]
    assert (odd.text, even.text) == ("— 1 —", "— 1 —")
    assert (odd.alignment, even.alignment) == (2, 0)
    assert (odd.paragraph_format.right_indent.pt, even.paragraph_format.left_indent.pt) == (14, 14)
    assert " PAGE " in odd._p.xml
    # the dashes, half-way up a line of 14 pt, lie 7 mm under the text area
    middle = section.footer_distance / MM + 14 / 72 * 25.4 / 2
    assert 35 - middle == pytest.approx(7, abs=0.05)


def test_title_recipient_headings_and_signature_stand_as_written(word):
    texts = [paragraph.text for paragraph in word.paragraphs]
    for line in ("甲市人民政府：", "一、总体情况", "（一）断面水质", "1.任务", "（1）说明", "二、下一步"):
        assert line in texts
    assert texts.index("甲市生态环境局") + 1 == texts.index("2025年7月1日")
    assert "附件：1.明细表" in texts
    assert "表1  断面水质" in texts
    assert "图4  优良比例变化" in texts


def test_a_hostile_text_stays_a_text(word):
    assert HOSTILE in [paragraph.text for paragraph in word.paragraphs]


def test_tables_repeat_their_head_keep_rows_whole_and_fill_the_text_area(word):
    for grid in word.tables:
        assert grid.rows[0]._tr.trPr.find(qn("w:tblHeader")) is not None
        assert all(row._tr.trPr.find(qn("w:cantSplit")) is not None for row in grid.rows)
        assert sum(column.width for column in grid.columns) / MM == pytest.approx(156, abs=0.1)
    assert [cell.text for cell in word.tables[0].rows[1].cells] == ["断面0", "Ⅲ类", "0.0"]
    assert len(word.tables[1].rows) == 61


def test_a_short_table_stays_on_one_page_and_a_long_one_may_break(word):
    def held(grid):
        return grid.rows[1].cells[0].paragraphs[0].paragraph_format.keep_with_next

    assert held(word.tables[0]) is True
    assert held(word.tables[1]) is None


def test_no_page_begins_with_a_single_last_row(word):
    rows = [row.cells[0].paragraphs[0].paragraph_format.keep_with_next for row in word.tables[1].rows]
    assert rows[-3:-1] == [True, True] and rows[-4] is None


def test_a_mark_has_one_place_and_only_long_rows_of_an_appendix_are_torn():
    rows = [(r.Cell("甲桥", ref="site:1"), r.Cell(text)) for text in ("氨氮", "总磷" * 400)]
    appendix = r.Table("a", "逐项结果", (r.Column("断面"), r.Column("项目")), tuple(rows), note="注意。")
    paragraph = r.Paragraph((r.Span("甲桥", "site:1"),))
    made = docx.Document(io.BytesIO(r.to_docx(document(blocks=(paragraph,), appendix=(appendix,)))))
    assert made.element.xml.count('w:name="_R1"') == made.element.xml.count('w:anchor="_R1"') == 1
    torn = [row._tr.trPr.find(qn("w:cantSplit")) is None for row in made.tables[-1].rows[1:]]
    assert torn == [False, True]
    assert made.paragraphs[-1].text == "注：注意。"


def test_a_table_without_rows_says_that_there_is_no_data(word):
    assert [cell.text for cell in word.tables[2].rows[1].cells] == ["无数据"] * 3


def test_charts_are_pictures_with_words(word, made):
    described = [shape._inline.docPr.get("descr") for shape in word.inline_shapes]
    assert described == ["某桥一月Ⅱ类", "工业完成5项", "优良比例91.7%", "一月83.3%"]
    assert all(round(shape.width / MM) == 156 for shape in word.inline_shapes)


def test_attachments_begin_on_pages_of_their_own(word):
    heads = [paragraph for paragraph in word.paragraphs if paragraph.style.name == "附件标注"]
    assert [head.text for head in heads] == ["附件1", "附件2"]
    assert all(head.paragraph_format.page_break_before for head in heads)


def test_the_red_head_is_off_unless_it_is_asked_for(made):
    assert "C8102E" not in part(made, "word/document.xml")
    red = r.to_docx(document(red_head=True, number="甲环〔2025〕1号", blocks=(table(),), attachments=()))
    assert "C8102E" in part(red, "word/document.xml")
    assert docx.Document(io.BytesIO(red)).paragraphs[0].text == "甲市生态环境局"


def test_the_same_document_gives_the_same_bytes_and_no_time_but_its_own(made):
    assert r.to_docx(document()) == made
    with zipfile.ZipFile(io.BytesIO(made)) as archive:
        assert {entry.date_time for entry in archive.infolist()} == {(2025, 7, 1, 0, 0, 0)}
        assert archive.namelist()[0] == "[Content_Types].xml"
    assert docx.Document(io.BytesIO(made)).core_properties.modified.isoformat()[:19] == "2025-07-01T00:00:00"


#: The order that ECMA-376 part 1, 17.3.1.26 gives the children of a paragraph's properties.
ORDER = [
    "pStyle", "keepNext", "keepLines", "pageBreakBefore", "framePr", "widowControl", "numPr",
    "suppressLineNumbers", "pBdr", "shd", "tabs", "suppressAutoHyphens", "kinsoku", "wordWrap",
    "overflowPunct", "topLinePunct", "autoSpaceDE", "autoSpaceDN", "bidi", "adjustRightInd",
    "snapToGrid", "spacing", "ind", "contextualSpacing", "mirrorIndents", "suppressOverlap", "jc",
    "textDirection", "textAlignment", "textboxTightWrap", "outlineLvl", "divId", "cnfStyle", "rPr",
    "sectPr", "pPrChange",
]  # fmt: skip


def test_the_properties_of_paragraphs_stand_in_the_order_of_the_schema():
    made = r.to_docx(document(red_head=True, number="甲环〔2025〕1号"))
    word = docx.Document(io.BytesIO(made))
    for root in (word.element, word.styles.element, word.sections[0].footer._element):
        for properties in root.iter(qn("w:pPr")):
            places = [ORDER.index(child.tag.rpartition("}")[2]) for child in properties]
            assert places == sorted(places), properties.xml
