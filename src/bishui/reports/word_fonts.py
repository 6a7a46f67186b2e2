"""The font table of a Word file: each face that is named, with those to take instead where it is missing."""

from __future__ import annotations

from typing import Any

from docx.opc.oxml import serialize_part_xml
from docx.oxml import OxmlElement
from docx.oxml.ns import qn

from bishui.reports.layout import Face, Layout

FONT_TABLE = "word/fontTable.xml"


def font_table(layout: Layout) -> bytes:
    """Return the part ``word/fontTable.xml``."""
    root = OxmlElement("w:fonts")
    for face in layout.faces.values():
        root.append(_font(face))
    written: bytes = serialize_part_xml(root)
    return written


def _font(face: Face) -> Any:
    font = OxmlElement("w:font", attrs={qn("w:name"): face.name})
    for name, value in (
        ("w:altName", ",".join(face.instead)),
        ("w:panose1", face.panose),
        ("w:charset", "86"),
        ("w:family", "auto"),
        ("w:pitch", "variable"),
    ):
        font.append(OxmlElement(name, attrs={qn("w:val"): value}))
    return font


def set_face(properties: Any, face: Face) -> None:
    """Name `face` for every script in a ``w:rPr``, leaving no theme face that would go before it."""
    fonts = properties.get_or_add_rFonts()
    for attribute in list(fonts.attrib):
        del fonts.attrib[attribute]
    for script in ("ascii", "hAnsi", "eastAsia", "cs"):
        fonts.set(qn(f"w:{script}"), face.name)
