"""The styles of a Word file: body, title, four levels of headings, captions, tables, notes."""

from __future__ import annotations

from typing import Any

from docx.enum.style import WD_STYLE_TYPE
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_LINE_SPACING
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Pt, RGBColor

from bishui.reports import word_parts as parts
from bishui.reports.layout import TWIPS_PER_POINT, Layout, official
from bishui.reports.word_fonts import set_face

_CENTRE, _LEFT, _RIGHT = WD_ALIGN_PARAGRAPH.CENTER, WD_ALIGN_PARAGRAPH.LEFT, WD_ALIGN_PARAGRAPH.RIGHT
_BOTH = WD_ALIGN_PARAGRAPH.JUSTIFY


def prepare_styles(word: Any) -> None:
    """Set the styles of a new Word file as GB/T 9704-2012 has them."""
    layout = official()
    _defaults(word, layout)
    body = layout.points("body")
    indent = layout.count("indent_characters") * layout.character_pitch
    _style(word, "Normal", layout, "body", body, align=_BOTH, indent=indent)
    _style(
        word, "Title", layout, "title", layout.points("title"), align=_CENTRE, pitch=layout.line_pitch * 1.15
    )
    for level, face in enumerate(layout.level_faces, start=1):
        _style(word, f"Heading {level}", layout, face, body, align=_BOTH, indent=indent, follow=True)
    _style(word, parts.FLUSH, layout, "body", body, align=_LEFT)
    _style(word, parts.CENTRED, layout, "body", body, align=_CENTRE)
    _style(word, parts.RIGHT, layout, "body", body, align=_RIGHT, follow=True)
    _style(word, parts.ATTACHMENT, layout, "heading_1", body, align=_LEFT)
    _style(word, parts.RED_HEAD, layout, "title", layout.points("red_head"), align=_CENTRE, pitch=0)
    word.styles[parts.RED_HEAD].font.color.rgb = RGBColor(0xC8, 0x10, 0x2E)
    caption, small = layout.points("caption"), layout.points("table")
    _style(word, "Caption", layout, "heading_1", caption, align=_CENTRE, pitch=caption * 1.6)
    _style(word, parts.NOTE, layout, "body", layout.points("note"), align=_LEFT, pitch=small * 1.5)
    _style(word, parts.PICTURE, layout, "body", body, align=_CENTRE, pitch=0, follow=True)
    _style(word, parts.GAP, layout, "body", small, align=_LEFT, pitch=small)
    _style(word, parts.TABLE_TEXT, layout, "body", small, align=_LEFT, pitch=small * 1.4)
    _style(word, parts.TABLE_NUMBER, layout, "body", small, align=_CENTRE, pitch=small * 1.4)
    _style(word, parts.TABLE_HEAD, layout, "heading_1", small, align=_CENTRE, pitch=small * 1.4)
    number = layout.points("page_number")
    _style(word, "Footer", layout, "page_number", number, align=_LEFT, pitch=number)


def _defaults(word: Any, layout: Layout) -> None:
    """Set what holds for every style: the face of the body, Chinese, no Latin theme."""
    defaults = word.styles.element.find(qn("w:docDefaults"))
    run = defaults.find(qn("w:rPrDefault")).find(qn("w:rPr"))
    set_face(run, layout.faces["body"])
    language = run.find(qn("w:lang"))
    if language is None:
        language = OxmlElement("w:lang")
        run.append(language)
    language.set(qn("w:val"), "zh-CN")
    language.set(qn("w:eastAsia"), "zh-CN")


def _style(
    word: Any,
    name: str,
    layout: Layout,
    face: str,
    size: float,
    *,
    align: Any,
    indent: float = 0,
    pitch: float | None = None,
    follow: bool = False,
) -> None:
    """Set one paragraph style; `pitch` 0 means as high as the content, None the pitch of the body."""
    if name not in [style.name for style in word.styles]:
        word.styles.add_style(name, WD_STYLE_TYPE.PARAGRAPH)
    style = word.styles[name]
    if name != "Normal":
        style.base_style = word.styles["Normal"]
    font = style.font
    font.size, font.bold, font.italic = Pt(size), False, False
    font.color.rgb = RGBColor(0, 0, 0)
    properties = style.element.get_or_add_rPr()
    set_face(properties, layout.faces[face])
    for left in ("w:spacing", "w:kern", "w:szCs"):
        for found in properties.findall(qn(left)):
            properties.remove(found)
    _space(properties, layout.character_spacing if pitch is None else 0)
    form = style.paragraph_format
    form.alignment, form.space_before, form.space_after = align, Pt(0), Pt(0)
    form.first_line_indent, form.keep_with_next, form.widow_control = Pt(indent), follow, False
    if pitch == 0:
        form.line_spacing_rule = WD_LINE_SPACING.SINGLE
    else:
        form.line_spacing_rule = WD_LINE_SPACING.EXACTLY
        form.line_spacing = Pt(layout.line_pitch if pitch is None else pitch)
    _plain(style.element.get_or_add_pPr(), on_grid=pitch is None)


def _space(properties: Any, points: float) -> None:
    """Set what is added between characters."""
    value = str(round(points * TWIPS_PER_POINT))
    properties.insert_element_before(OxmlElement("w:spacing", attrs={qn("w:val"): value}), *_AFTER_SPACING)


def _plain(properties: Any, *, on_grid: bool) -> None:
    """Leave out borders and the space between Chinese and Latin; keep to the grid, or off it."""
    for border in properties.findall(qn("w:pBdr")):
        properties.remove(border)
    for name, value in (
        ("w:snapToGrid", "1" if on_grid else "0"),
        ("w:autoSpaceDE", "0"),
        ("w:autoSpaceDN", "0"),
    ):
        for found in properties.findall(qn(name)):
            properties.remove(found)
        element = OxmlElement(name, attrs={qn("w:val"): value})
        properties.insert_element_before(element, *_AFTER[name])


#: What must follow the spacing in a ``w:rPr``.
_AFTER_SPACING = (
    "w:w", "w:kern", "w:position", "w:sz", "w:szCs", "w:highlight", "w:u", "w:effect", "w:bdr", "w:shd",
    "w:fitText", "w:vertAlign", "w:rtl", "w:cs", "w:em", "w:lang", "w:eastAsianLayout", "w:specVanish",
    "w:oMath",
)  # fmt: skip
#: What must follow each of these in a ``w:pPr`` (its order is fixed).
_TAIL = (
    "w:bidi", "w:adjustRightInd", "w:spacing", "w:ind", "w:contextualSpacing", "w:mirrorIndents",
    "w:suppressOverlap", "w:jc", "w:textDirection", "w:textAlignment", "w:textboxTightWrap", "w:outlineLvl",
    "w:divId", "w:cnfStyle", "w:rPr", "w:sectPr", "w:pPrChange",
)  # fmt: skip
_AFTER = {
    "w:autoSpaceDE": ("w:autoSpaceDN", "w:bidi", "w:adjustRightInd", "w:snapToGrid", *_TAIL[2:]),
    "w:autoSpaceDN": ("w:bidi", "w:adjustRightInd", "w:snapToGrid", *_TAIL[2:]),
    "w:snapToGrid": _TAIL[2:],
}
