"""Pieces of a Word file that its library has no words for: grid, page number, table heads, red line."""

from __future__ import annotations

from typing import Any

from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm, Pt

from bishui.reports.layout import TWIPS_PER_POINT, Layout, official

FLUSH, CENTRED, RIGHT = "公文顶格", "公文居中", "公文署名"
ATTACHMENT, RED_HEAD = "附件标注", "发文机关标志"
NOTE, PICTURE, GAP = "公文注释", "公文图", "表后空"
TABLE_TEXT, TABLE_NUMBER, TABLE_HEAD = "表格文字", "表格数字", "表头"


def set_grid(section: Any, layout: Layout) -> None:
    """Set the grid of lines (每面 22 行); the characters (每行 28 字) are set closer by the styles.

    A grid of characters narrower than their type is drawn twice as wide by some programs.
    """
    properties = section._sectPr
    for found in properties.findall(qn("w:docGrid")):
        properties.remove(found)
    grid = {"w:type": "lines", "w:linePitch": str(round(layout.line_pitch * TWIPS_PER_POINT))}
    properties.append(OxmlElement("w:docGrid", attrs={qn(key): value for key, value in grid.items()}))


def page_number(footer: Any, side: str) -> None:
    """Write ``— 1 —`` on the outer side of a page: right on odd ones, left on even ones."""
    layout = official()
    footer.is_linked_to_previous = False
    paragraph = footer.paragraphs[0]
    paragraph.style = "Footer"
    form = paragraph.paragraph_format
    free = Pt(layout.count("page_number_side_characters") * layout.points("page_number"))
    if side == "right":
        form.alignment, form.right_indent = WD_ALIGN_PARAGRAPH.RIGHT, free
    else:
        form.alignment, form.left_indent = WD_ALIGN_PARAGRAPH.LEFT, free
    paragraph.add_run("— ")
    for kind, text in (("begin", ""), ("", " PAGE "), ("separate", ""), ("text", "1"), ("end", "")):
        run = paragraph.add_run("1" if kind == "text" else "")
        if kind in ("begin", "separate", "end"):
            run._r.append(OxmlElement("w:fldChar", attrs={qn("w:fldCharType"): kind}))
        elif text == " PAGE ":
            instruction = OxmlElement("w:instrText", attrs={qn("xml:space"): "preserve"})
            instruction.text = text
            run._r.append(instruction)
    paragraph.add_run(" —")


def empty_lines(word: Any, count: int, *, follow: bool = False) -> None:
    """Leave so many lines of the body empty; with `follow` on the page of what comes after them."""
    for _ in range(count):
        word.add_paragraph(style=FLUSH).paragraph_format.keep_with_next = follow or None


def red_head(word: Any, issuer: str, number: str) -> None:
    """Write the red head (红头): the issuer, the number, the red line under it."""
    layout = official()
    paragraph = word.add_paragraph(issuer, style=RED_HEAD)
    paragraph.paragraph_format.space_before = Mm(layout.mm("red_head_drop"))
    empty_lines(word, 2)
    paragraph = word.add_paragraph(number, style=CENTRED)
    paragraph.paragraph_format.space_after = Mm(layout.mm("red_line_gap"))
    border = OxmlElement("w:pBdr")
    line = {"w:val": "single", "w:sz": "12", "w:space": "11", "w:color": "C8102E"}
    border.append(OxmlElement("w:bottom", attrs={qn(key): value for key, value in line.items()}))
    properties = paragraph._p.get_or_add_pPr()
    properties.insert_element_before(border, "w:shd", "w:tabs", "w:spacing", "w:ind", "w:jc", "w:rPr")
