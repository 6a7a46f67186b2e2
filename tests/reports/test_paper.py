"""A PDF file, read again and drawn: every figure, the page, the lines, the page numbers (GB/T 9704-2012)."""

from itertools import pairwise

import pypdfium2
import pytest

from bishui import reports as r
from tests.reports.samples import HOSTILE, SENTENCE, document

POINT = 25.4 / 72


def pages(content):
    pdf = pypdfium2.PdfDocument(content)
    try:
        return [page.get_textpage().get_text_range() for page in pdf]
    finally:
        pdf.close()


def squeezed(text):
    return "".join(text.split())


@pytest.fixture(scope="module")
def made():
    return r.to_pdf(document())


def boxes(content, number=0):
    """Each character of a page with its box in mm from the upper left corner."""
    pdf = pypdfium2.PdfDocument(content)
    page = pdf[number]
    height, text = page.get_height(), page.get_textpage()
    found = []
    for index in range(text.count_chars()):
        left, bottom, right, top = text.get_charbox(index, loose=False)
        found.append(
            (
                text.get_text_range(index, 1),
                left * POINT,
                (height - top) * POINT,
                right * POINT,
                (height - bottom) * POINT,
            )
        )
    pdf.close()
    return found


def test_every_text_and_figure_is_in_the_pdf(made):
    text = squeezed("".join(pages(made)))
    for wanted in (
        "甲市2025年上半年水污染防治工作总结",
        "甲市人民政府：",
        "一、总体情况",
        "（一）断面水质",
        "1.任务",
        "（1）说明",
        "优良比例为91.7%，见表1",
        "表1断面水质",
        "断面2",
        "0.2",
        "图1逐月类别",
        "劣Ⅴ",
        "83.3",
        "图4优良比例变化",
        "表2明细",
        "断面59",
        "附件：1.明细表",
        "附件2",
        "缺失清单",
        "无数据",
        "甲市生态环境局",
        "2025年7月1日",
        "注：本文为示例。",
    ):
        assert squeezed(wanted) in text, wanted


def test_a_hostile_text_is_printed_and_not_run(made):
    assert squeezed(HOSTILE) in squeezed("".join(pages(made)))


def test_5_1_every_page_is_a4_and_5_2_1_no_character_of_the_body_leaves_the_text_area(made):
    pdf = pypdfium2.PdfDocument(made)
    for page in pdf:
        assert (page.get_width() * POINT, page.get_height() * POINT) == pytest.approx((210, 297), abs=0.2)
    count = len(pdf)
    pdf.close()
    for number in range(count):
        body = [box for box in boxes(made, number) if box[0].strip() and box[2] < 262]
        assert min(box[1] for box in body) >= 27.5
        assert max(box[3] for box in body) <= 184.5
        assert min(box[2] for box in body) >= 36.5


def test_5_2_3_a_full_page_has_22_lines_of_28_characters():
    full = r.to_pdf(document(title="题", recipient="", blocks=(r.Paragraph.of("水" * 2000),), attachments=()))
    body = [box for box in boxes(full, 1) if box[0] == "水"]
    lines = sorted({round(box[2], 1) for box in body})
    assert len(lines) == 22
    per_line = [sum(round(box[2], 1) == line for box in body) for line in lines]
    assert set(per_line) == {28}
    pitches = [(after - before) / POINT for before, after in pairwise(lines)]
    assert pitches == pytest.approx([28.95] * 21, abs=0.3)


def test_7_5_page_numbers_stand_on_the_outer_side_7_mm_under_the_text_area(made):
    for number, side in ((0, "right"), (1, "left")):
        foot = [box for box in boxes(made, number) if box[2] > 262 and box[0].strip()]
        assert "".join(box[0] for box in foot) == f"—{number + 1}—"
        dash = foot[0]
        assert (dash[2] + dash[4]) / 2 - (37 + 225) == pytest.approx(7, abs=0.6)
        if side == "right":
            assert 184 - max(box[3] for box in foot) == pytest.approx(14 * POINT, abs=1)
        else:
            assert min(box[1] for box in foot) - 28 == pytest.approx(14 * POINT, abs=1)


def test_a_long_table_repeats_its_head_on_every_page(made):
    texts = [squeezed(page) for page in pages(made)]
    detailed = [
        page for page in texts if "断面59" in page or ("附件1" in page and "明细表" in page and "表2" in page)
    ]
    assert len(detailed) == 2
    assert all("断面目标浓度" in page for page in detailed)


def test_the_title_is_not_broken_unless_the_author_wants_it():
    broken = r.to_pdf(document(title="甲市2025年上半年\n水污染防治工作总结", blocks=(), attachments=()))
    lines = pages(broken)[0].split()
    assert lines[:2] == ["甲市2025年上半年", "水污染防治工作总结"]


def test_no_attachments_leave_no_list_and_the_signature_never_stands_alone():
    made = r.to_pdf(document(blocks=(r.Paragraph.of(SENTENCE * 13),)))
    texts = [squeezed(page) for page in pages(made)]
    assert any("附件：1.明细表" in page and "甲市生态环境局" in page for page in texts)
    without = squeezed("".join(pages(r.to_pdf(document(blocks=(), attachments=())))))
    assert "附件" not in without


def test_the_same_document_gives_the_same_bytes(made):
    assert r.to_pdf(document()) == made
    assert r.to_pdf(document(issuer="乙市生态环境局")) != made


def test_the_pages_are_drawn_in_black_apart_from_charts_and_the_red_head():
    def colours(content):
        pdf = pypdfium2.PdfDocument(content)
        image = pdf[0].render(scale=0.5).to_pil().convert("RGB")
        pdf.close()
        return {rgb for _n, rgb in image.getcolors(1 << 20) if max(rgb) - min(rgb) > 40}

    plain = document(blocks=(r.Paragraph.of(SENTENCE * 3),), attachments=())
    assert colours(r.to_pdf(plain)) == set()
    red = document(
        blocks=(r.Paragraph.of(SENTENCE),), attachments=(), red_head=True, number="甲环〔2025〕1号"
    )
    assert any(rgb[0] > 150 and rgb[1] < 90 for rgb in colours(r.to_pdf(red)))
