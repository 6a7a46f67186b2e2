"""Sheets to XLSX, written directly: fast over many rows, and equal sheets give equal bytes.

`openpyxl` needs several times as long for the same cells; see ``benchmarks/ledger.py``.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from io import BytesIO
from typing import Any

from openpyxl.utils import get_column_letter

from bishui.observations import escape_formula

_FIRST_DAY = date(1899, 12, 30)
#: Texts that begin like a formula, or hold a sign that XML keeps for itself.
_NOT_PLAIN = re.compile(r"\A[=+\-@\t\r\n']|[&<>\"]|_x")
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_HIDDEN = ' hidden="1"'
_HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'

#: The looks of cells: what each is called here, its font, fill, number format and whether it is locked.
#: Fonts: 0 plain, 1 bold, 2 title, 3 faint. Fills: 0 none, 2 head, 3 grey head, 4 grey.
_LOOKS: tuple[tuple[str, int, int, int, bool], ...] = (
    ("plain", 0, 0, 0, False),
    ("title", 2, 0, 49, True),
    ("head", 1, 2, 49, True),
    ("head-locked", 1, 3, 49, True),
    ("text", 0, 0, 49, False),
    ("date", 0, 0, 164, False),
    ("number", 0, 0, 0, False),
    ("text-locked", 3, 4, 49, True),
    ("date-locked", 3, 4, 164, True),
    ("number-locked", 3, 4, 0, True),
    ("percent-locked", 3, 4, 165, True),
)
LOOKS = {name: number for number, (name, *_rest) in enumerate(_LOOKS)}


@dataclass(frozen=True, slots=True)
class SheetColumn:
    """How one column looks: its head, width, the look of its cells and of the empty cells below them.

    `choices` are the words that may be chosen in it, `is_date` asks for a day.
    """

    head: str
    width: int
    look: str
    look_below: str = "text"
    hidden: bool = False
    choices: tuple[str, ...] = ()
    is_date: bool = False


@dataclass(frozen=True, slots=True)
class SheetContent:
    """One sheet: its title in the first row, the heads in the second, then the rows.

    Cells are texts, numbers (int, Decimal, written as they are), days or None.
    """

    name: str
    title: str
    columns: Sequence[SheetColumn]
    rows: Iterable[Sequence[Any]]
    protected: bool = True
    #: What the list of choices says where something else is typed.
    refusal: str = field(default="")


def to_xlsx(sheets: Sequence[SheetContent], title: str, day: date) -> bytes:
    """Return the sheets as one XLSX file, with `day` as every time in it."""
    packed = BytesIO()
    with zipfile.ZipFile(packed, "w", compresslevel=4) as archive:
        for name, content in _parts(sheets, title, day):
            entry = zipfile.ZipInfo(name, (day.year, day.month, day.day, 0, 0, 0))
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, content, compresslevel=4)
    return packed.getvalue()


def _parts(sheets: Sequence[SheetContent], title: str, day: date) -> Iterable[tuple[str, str]]:
    numbers = range(1, len(sheets) + 1)
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml"
    overrides = "".join(
        f'<Override PartName="/xl/worksheets/sheet{n}.xml" ContentType="{kind}.worksheet+xml"/>'
        for n in numbers
    )
    yield (
        "[Content_Types].xml",
        f'{_HEAD}<Types xmlns="{_PACKAGE}/content-types">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        '<Default Extension="xml" ContentType="application/xml"/>'
        f'<Override PartName="/xl/workbook.xml" ContentType="{kind}.sheet.main+xml"/>'
        f'<Override PartName="/xl/styles.xml" ContentType="{kind}.styles+xml"/>{overrides}'
        '<Override PartName="/docProps/core.xml" '
        'ContentType="application/vnd.openxmlformats-package.core-properties+xml"/></Types>',
    )
    yield (
        "_rels/.rels",
        f'{_HEAD}<Relationships xmlns="{_PACKAGE}/relationships">'
        f'<Relationship Id="rId1" Type="{_OFFICE}/officeDocument" Target="xl/workbook.xml"/>'
        f'<Relationship Id="rId2" Type="{_PACKAGE}/relationships/metadata/core-properties" '
        'Target="docProps/core.xml"/></Relationships>',
    )
    yield "docProps/core.xml", _properties(title, day)
    yield "xl/workbook.xml", _workbook(sheets)
    links = "".join(
        f'<Relationship Id="rId{n}" Type="{_OFFICE}/worksheet" Target="worksheets/sheet{n}.xml"/>'
        for n in numbers
    )
    styles = f'<Relationship Id="rId{len(sheets) + 1}" Type="{_OFFICE}/styles" Target="styles.xml"/>'
    yield (
        "xl/_rels/workbook.xml.rels",
        f'{_HEAD}<Relationships xmlns="{_PACKAGE}/relationships">{links}{styles}</Relationships>',
    )
    yield "xl/styles.xml", _styles()
    for number, sheet in zip(numbers, sheets, strict=True):
        yield f"xl/worksheets/sheet{number}.xml", _sheet(sheet)


def _properties(title: str, day: date) -> str:
    moment = f"{day.isoformat()}T00:00:00Z"
    return (
        f'{_HEAD}<cp:coreProperties xmlns:cp="{_PACKAGE}/metadata/core-properties" '
        'xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:dcterms="http://purl.org/dc/terms/" '
        'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">'
        f"<dc:title>{_escaped(title)}</dc:title>"
        f'<dcterms:created xsi:type="dcterms:W3CDTF">{moment}</dcterms:created>'
        f'<dcterms:modified xsi:type="dcterms:W3CDTF">{moment}</dcterms:modified></cp:coreProperties>'
    )


def _workbook(sheets: Sequence[SheetContent]) -> str:
    entries = "".join(
        f'<sheet name="{_escaped(sheet.name)}" sheetId="{n}" r:id="rId{n}"/>'
        for n, sheet in enumerate(sheets, 1)
    )
    titles = "".join(
        f'<definedName name="_xlnm.Print_Titles" localSheetId="{n}">'
        f"'{_escaped(sheet.name)}'!$2:$2</definedName>"
        for n, sheet in enumerate(sheets)
        if sheet.protected
    )
    names = f"<definedNames>{titles}</definedNames>" if titles else ""
    return (
        f'{_HEAD}<workbook xmlns="{_MAIN}" xmlns:r="{_OFFICE}">'
        '<bookViews><workbookView activeTab="0"/></bookViews>'
        f"<sheets>{entries}</sheets>{names}</workbook>"
    )


def _styles() -> str:
    fonts = "".join(
        f'<font>{bold}<sz val="{size}"/><color rgb="FF{colour}"/><name val="宋体"/></font>'
        for bold, size, colour in (
            ("", 11, "000000"),
            ("<b/>", 11, "000000"),
            ("<b/>", 14, "000000"),
            ("", 11, "555F66"),
        )
    )
    fills = (
        '<fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill>'
        + "".join(
            f'<fill><patternFill patternType="solid"><fgColor rgb="FF{colour}"/></patternFill></fill>'
            for colour in ("DCE9F5", "D9DDE0", "F1F3F4")
        )
    )
    looks = "".join(
        f'<xf numFmtId="{form}" fontId="{font}" fillId="{fill}" borderId="0" xfId="0" applyNumberFormat="1" '
        'applyFont="1" applyFill="1" applyAlignment="1" applyProtection="1">'
        f'<alignment vertical="top" wrapText="{0 if name in ("title", "plain") else 1}"/>'
        f'<protection locked="{int(locked)}"/></xf>'
        for name, font, fill, form, locked in _LOOKS
    )
    return (
        f'{_HEAD}<styleSheet xmlns="{_MAIN}">'
        '<numFmts count="2"><numFmt numFmtId="164" formatCode="yyyy\\-mm\\-dd"/>'
        '<numFmt numFmtId="165" formatCode="0&quot;%&quot;"/></numFmts>'
        f'<fonts count="4">{fonts}</fonts><fills count="5">{fills}</fills>'
        '<borders count="1"><border><left/><right/><top/><bottom/><diagonal/></border></borders>'
        '<cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs>'
        f'<cellXfs count="{len(_LOOKS)}">{looks}</cellXfs>'
        '<cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles></styleSheet>'
    )


def _sheet(sheet: SheetContent) -> str:
    columns = "".join(
        f'<col min="{n}" max="{n}" width="{column.width}" style="{LOOKS[column.look_below]}" customWidth="1"'
        f"{_HIDDEN if column.hidden else ''}/>"
        for n, column in enumerate(sheet.columns, 1)
    )
    rows, last = _rows(sheet)
    table = f"A2:{get_column_letter(len(sheet.columns))}{max(last, 3)}"
    locked = (
        '<sheetProtection sheet="1" formatCells="0" formatColumns="0" formatRows="0" insertColumns="0" '
        'insertRows="0" insertHyperlinks="0" deleteColumns="0" sort="0" autoFilter="0" pivotTables="0"/>'
        f'<autoFilter ref="{table}"/>'
    )
    return (
        f'{_HEAD}<worksheet xmlns="{_MAIN}"><sheetPr><pageSetUpPr fitToPage="1"/></sheetPr>'
        '<sheetViews><sheetView workbookViewId="0"><pane ySplit="2" topLeftCell="A3" activePane="bottomLeft" '
        'state="frozen"/></sheetView></sheetViews>'
        f"<cols>{columns}</cols><sheetData>{rows}</sheetData>{locked if sheet.protected else ''}"
        f"{_validations(sheet)}"
        '<pageSetup paperSize="9" orientation="landscape" fitToHeight="0"/></worksheet>'
    )


def _rows(sheet: SheetContent) -> tuple[str, int]:
    first = next((n for n, column in enumerate(sheet.columns) if not column.hidden), 0)
    letters = [get_column_letter(n) for n in range(1, len(sheet.columns) + 1)]
    looks = [LOOKS[column.look] for column in sheet.columns]
    heads = [LOOKS["head-locked" if column.look.endswith("-locked") else "head"] for column in sheet.columns]
    title = f'<row r="1">{_cell(f"{letters[first]}1", LOOKS["title"], sheet.title)}</row>'
    named = "".join(
        _cell(f"{letter}2", look, column.head)
        for letter, look, column in zip(letters, heads, sheet.columns, strict=True)
    )
    parts = [title, f'<row r="2">{named}</row>']
    number = 2
    for number, row in enumerate(sheet.rows, start=3):
        cells = [
            _cell(f"{letter}{number}", look, value)
            for letter, look, value in zip(letters, looks, row, strict=True)
        ]
        parts.append(f'<row r="{number}">{"".join(cells)}</row>')
    return "".join(parts), number


def _cell(place: str, look: int, value: Any) -> str:
    if value is None or value == "":
        return f'<c r="{place}" s="{look}"/>'
    if isinstance(value, str):
        text = _escaped(escape_formula(value)) if _NOT_PLAIN.search(value) else value
        # Line ends and blanks stay what they are.
        space = ' xml:space="preserve"' if "\n" in text or "  " in text else ""
        return f'<c r="{place}" s="{look}" t="inlineStr"><is><t{space}>{text}</t></is></c>'
    if isinstance(value, date):
        value = (value - _FIRST_DAY).days
    return f'<c r="{place}" s="{look}"><v>{value}</v></c>'


def _escaped(text: str) -> str:
    """Return a text as XML holds it; what looks like an escaped sign of the format is escaped once more."""
    if "_x" in text:
        text = text.replace("_x", "_x005F_x")
    if "&" in text or "<" in text or ">" in text or '"' in text:
        text = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace('"', "&quot;")
    return text


def _validations(sheet: SheetContent) -> str:
    found: list[str] = []
    for number, column in enumerate(sheet.columns, 1):
        area = f"{get_column_letter(number)}3:{get_column_letter(number)}1048576"
        if column.choices:
            words = _escaped(",".join(column.choices))
            found.append(
                f'<dataValidation type="list" allowBlank="1" showErrorMessage="1" '
                f'error="{_escaped(sheet.refusal)}" sqref="{area}">'
                f'<formula1>"{words}"</formula1></dataValidation>'
            )
        elif column.is_date:
            # A warning only: a day written in another form is read too.
            found.append(
                '<dataValidation type="date" operator="greaterThan" errorStyle="information" allowBlank="1" '
                f'showErrorMessage="1" error="2025-06-30" sqref="{area}">'
                "<formula1>36526</formula1></dataValidation>"
            )
    return f'<dataValidations count="{len(found)}">{"".join(found)}</dataValidations>' if found else ""
