"""How it is told: tables and figures to DOCX, XLSX and PDF in the official layout (公文格式), data to files.

Here lives how something looks on paper, never what it means. No other room is imported: colours, words and
what makes a text safe in a spreadsheet come from the caller.
"""

from bishui.reports.accounts import Account, appended, counted, sources
from bishui.reports.charts import Bar, BarChart, Chart, LineChart, StripChart, Swatch, draw_png, draw_svg
from bishui.reports.document import (
    Attachment,
    Block,
    Cell,
    Column,
    Document,
    Heading,
    Inline,
    Note,
    Paragraph,
    Picture,
    Reference,
    Span,
    Table,
)
from bishui.reports.files import DATA_FORMATS, SPREADSHEETS, data_bytes, data_format, write_data
from bishui.reports.geographic import ABOUT_COORDINATES, feature, features
from bishui.reports.layout import Layout, official
from bishui.reports.numbering import Numbered, NumberedAttachment, NumberedDocument, numbered, resolve
from bishui.reports.page import Shortened, to_body, to_html
from bishui.reports.paper import to_pdf
from bishui.reports.word import to_docx
from bishui.reports.workbook import to_xlsx

__all__ = [
    "ABOUT_COORDINATES",
    "DATA_FORMATS",
    "SPREADSHEETS",
    "Account",
    "Attachment",
    "Bar",
    "BarChart",
    "Block",
    "Cell",
    "Chart",
    "Column",
    "Document",
    "Heading",
    "Inline",
    "Layout",
    "LineChart",
    "Note",
    "Numbered",
    "NumberedAttachment",
    "NumberedDocument",
    "Paragraph",
    "Picture",
    "Reference",
    "Shortened",
    "Span",
    "StripChart",
    "Swatch",
    "Table",
    "appended",
    "counted",
    "data_bytes",
    "data_format",
    "draw_png",
    "draw_svg",
    "feature",
    "features",
    "numbered",
    "official",
    "resolve",
    "sources",
    "to_body",
    "to_docx",
    "to_html",
    "to_pdf",
    "to_xlsx",
    "write_data",
]
