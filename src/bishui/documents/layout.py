"""The parts of a document: head, body, annex list and annexes. Nothing is read from tables here."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from bishui.documents.blocks import Blank, Block, Blocks, Paragraph, Ruler, Skipped, TableRow
from bishui.documents.coverage import Coverage
from bishui.documents.headings import HeadingPath, heading_level, parse_heading
from bishui.documents.rulebook import pattern, rules
from bishui.documents.text import close_gaps, fold, join_wrapped, number_of, squeeze

_ENDS = tuple("。；：！？;:!?”")
_DATE_ALONE = re.compile(r"20\d\d年\d{1,2}月\d{1,2}日")
_LONGEST_CAPTION = 60


@dataclass(frozen=True, slots=True)
class Passage:
    """A paragraph of the body, put together where it was broken over lines.

    `pieces` give for each part its offset in `text` and its source line; `path` the headings above it.
    """

    text: str
    pieces: tuple[tuple[int, int], ...]
    path: tuple[str, ...] = ()

    def line_at(self, offset: int) -> int:
        """Return the source line of the character at `offset`."""
        return max((piece for piece in self.pieces if piece[0] <= offset), default=self.pieces[0])[1]


@dataclass(slots=True)
class Part:
    """The body, an annex or a sheet: its number (附件2, empty for the body), its name, what stands in it.

    `above` are the headings of the body that its first table stands under, each with its level.
    """

    annex: str = ""
    name: str = ""
    of_sheet: bool = False
    items: list[Paragraph | TableRow] = field(default_factory=list)
    above: tuple[tuple[int, str], ...] = ()

    @property
    def is_body(self) -> bool:
        """Tell whether this is the body of the document."""
        return not self.annex and not self.of_sheet


@dataclass(slots=True)
class Layout:
    """A document taken apart."""

    head: list[Paragraph]
    passages: list[Passage]
    parts: list[Part]
    annexes: list[str]
    issuers: list[str]
    dates: list[str]
    headings: list[tuple[int, str, int]] = field(default_factory=list)


def take_apart(document: Blocks, coverage: Coverage) -> Layout:
    """Divide a document into its head, its body and its annexes."""
    blocks = list(_with_text(document.blocks, coverage))
    end = _end_of_head(blocks)
    head = [block for block in blocks[:end] if isinstance(block, Paragraph)]
    layout = Layout(head, [], [Part()], [], [], [])
    _Walk(layout, coverage).through(blocks[end:])
    return layout


def caption(text: str) -> tuple[str, str] | None:
    """Return the number (附件2) and the name that stand over an annex, or None.

    A name on the same line is set apart from the number; otherwise this is a sentence (附件2列出断面).
    """
    match = pattern(rules("document")["annex"]["caption"]).fullmatch(fold(text.strip()))
    if match is None or len(text) > _LONGEST_CAPTION or re.search("[。；]", text):
        return None
    return f"{squeeze(text)[:2]}{number_of(match['number'])}", close_gaps(match["name"] or "")


def is_note(text: str) -> bool:
    """Tell whether a paragraph is a note (注：……) to the table above it."""
    return bool(pattern(rules("document")["annex"]["note"]).fullmatch(squeeze(text)))


def _with_text(blocks: Sequence[Block], coverage: Coverage) -> Iterator[Paragraph | TableRow]:
    for block in blocks:
        if isinstance(block, Blank):
            coverage.mark(block.at, "ignored: blank")
        elif isinstance(block, Ruler):
            coverage.mark(block.at, "ignored: ruler")
        elif isinstance(block, Skipped):
            coverage.mark(block.at, f"ignored: {block.why}")
        else:
            yield block


def _end_of_head(blocks: list[Paragraph | TableRow]) -> int:
    """Return where the head ends: at the first heading, table or sentence."""
    for index, block in enumerate(blocks):
        if isinstance(block, TableRow) or block.at.sheet != blocks[0].at.sheet:
            return index
        squeezed = squeeze(block.text)
        if caption(block.text) and isinstance(blocks[min(index + 1, len(blocks) - 1)], TableRow):
            return index
        if heading_level(squeezed) is not None or squeezed.endswith(_ENDS) or "，" in squeezed:
            return index
        if index > 0 and caption(block.text) and _has_title(blocks[:index]):
            return index
    return len(blocks)


def _has_title(blocks: list[Paragraph | TableRow]) -> bool:
    words = rules("document")["head"]["title_words"]
    return any(isinstance(block, Paragraph) and any(word in block.text for word in words) for block in blocks)


class _Walk:
    """Goes through the blocks after the head, once."""

    def __init__(self, layout: Layout, coverage: Coverage) -> None:
        self._layout = layout
        self._coverage = coverage
        self._path = HeadingPath()
        self._in_list = False
        self._name_due = False
        self._open: Passage | None = None
        self._sheet = layout.head[0].at.sheet if layout.head else None

    def through(self, blocks: list[Paragraph | TableRow]) -> None:
        for block in blocks:
            self._enter_sheet(block.at.sheet)
            if isinstance(block, TableRow) and (self._annex_row(block) or self._imprint_row(block)):
                continue
            if isinstance(block, TableRow):
                self._close()
                self._in_list = self._name_due = False
                self._row(block)
            else:
                self._paragraph(block)
        self._close()
        self._text_after_tables()

    def _row(self, row: TableRow) -> None:
        part = self._layout.parts[-1]
        if part.is_body and not part.items:
            part.above = self._path.entries()
        part.items.append(row)

    def _text_after_tables(self) -> None:
        """Read what stands in the body behind its last table as the text of the body that it is."""
        body = self._layout.parts[0]
        rows = [place for place, item in enumerate(body.items) if isinstance(item, TableRow)]
        if not body.is_body or not rows:
            return
        kept = rows[-1] + 1
        behind = [item for item in body.items[kept:] if isinstance(item, Paragraph)]
        notes = next((place for place, item in enumerate(behind) if not is_note(item.text)), len(behind))
        del body.items[kept + notes :]
        for block in behind[notes:]:
            self._in_body(block)
        self._close()

    def _annex_row(self, row: TableRow) -> bool:
        """Take a row that holds nothing but the caption of an annex: sheets set captions in merged cells."""
        texts = [cell for cell in row.cells if cell]
        return len(texts) == 1 and self._annex_caption(Paragraph(texts[0], row.at))

    def _imprint_row(self, row: TableRow) -> bool:
        """Take a row that says who filled a sheet in and when (填报单位：……, 填报日期：……)."""
        imprint = pattern(rules("document")["head"]["imprint"])
        texts = [squeeze(cell) for cell in row.cells if cell]
        if not all("：" in text and imprint.fullmatch(text) for text in texts):
            return False
        self._coverage.mark(row.at, "ignored: imprint")
        return True

    def _enter_sheet(self, sheet: str | None) -> None:
        """Begin a part with each further sheet of a workbook; a sheet may be named like an annex (附件2)."""
        if sheet == self._sheet:
            return
        if self._sheet is not None:
            self._close()
            self._in_list = False
            annex, name = caption(sheet or "") or ("", "")
            self._layout.parts.append(Part(annex, name, of_sheet=True))
            self._name_due = not name
        self._sheet = sheet

    def _paragraph(self, block: Paragraph) -> None:
        if self._annex_caption(block) or self._annex_list(block) or self._annex_by_name(block):
            return
        part = self._layout.parts[-1]
        if part.is_body and (not part.items or self._is_text_between_tables(block, part.items[-1])):
            self._in_body(block)
        else:
            self._in_annex(block)

    @staticmethod
    def _is_text_between_tables(block: Paragraph, before: Paragraph | TableRow) -> bool:
        """Tell whether a sentence stands under a table whose end is known: it is no part of a cell then."""
        whole = isinstance(before, TableRow) and before.at.table is not None
        return whole and block.text.rstrip().endswith(_ENDS) and not is_note(block.text)

    def _annex_caption(self, block: Paragraph) -> bool:
        found = caption(block.text)
        if found is None:
            return False
        self._close()
        self._in_list = False
        self._layout.parts.append(Part(found[0], found[1]))
        self._name_due = not found[1]
        self._coverage.mark(block.at, f"heading {found[0]}")
        return True

    def _annex_list(self, block: Paragraph) -> bool:
        rule = rules("document")["annex"]
        squeezed = squeeze(block.text).lstrip("-•*")
        start = pattern(rule["list_head"]).fullmatch(squeezed)
        text = start["rest"] if start else squeezed
        item = pattern(rule["list_item"]).fullmatch(text)
        if not start and not (self._in_list and item):
            self._in_list = False
            return False
        self._close()
        self._in_list = True
        if item or text:
            self._layout.annexes.append(item["name"] if item else text)
        self._coverage.mark(block.at, "annex list")
        return True

    def _annex_by_name(self, block: Paragraph) -> bool:
        """Begin the only annex, which has no number, where its name comes again."""
        named = [squeeze(name) for name in self._layout.annexes]
        part = self._layout.parts[-1]
        if len(named) != 1 or part.annex or part.items or squeeze(block.text) not in named:
            return False
        self._close()
        self._layout.parts.append(Part("附件", close_gaps(block.text)))
        self._coverage.mark(block.at, "heading 附件")
        return True

    def _in_annex(self, block: Paragraph) -> None:
        part = self._layout.parts[-1]
        if self._name_due:
            part.name = close_gaps(block.text)
            self._name_due = False
            self._coverage.mark(block.at, f"heading {part.annex}".strip())
        else:
            part.items.append(block)

    def _in_body(self, block: Paragraph) -> None:
        squeezed = squeeze(block.text)
        head = rules("document")["head"]
        if block.stray_cell:
            self._close()  # a cell without its row: left to be reported as not understood
        elif heading_level(squeezed) is None and pattern(head["issuer"]).fullmatch(squeezed):
            self._signature(block, self._layout.issuers, "issuer")
        elif _DATE_ALONE.fullmatch(squeezed):
            self._signature(block, self._layout.dates, "date of issue")
        elif pattern(head["imprint"]).fullmatch(squeezed):
            self._close()
            self._coverage.mark(block.at, "ignored: imprint")
        else:
            self._body_text(block)

    def _signature(self, block: Paragraph, into: list[str], became: str) -> None:
        self._close()
        into.append(squeeze(block.text))
        self._coverage.mark(block.at, became)

    def _body_text(self, block: Paragraph) -> None:
        heading = parse_heading(block.text)
        if heading is None:
            self._coverage.mark(block.at, "text")
            self._add(block.text, block.at.first)
            return
        self._close()
        self._path.enter(heading.level, close_gaps(heading.text))
        self._layout.headings.append((heading.level, heading.text, block.at.first))
        self._coverage.mark(block.at, "heading")
        if heading.rest_begins is not None:
            self._coverage.mark(block.at, "text")
            self._add(block.text[heading.rest_begins :], block.at.first)

    def _add(self, text: str, line: int) -> None:
        """Begin a passage, or go on with one that was broken off in the middle of a sentence."""
        if self._open is None:
            self._open = Passage(text, ((0, line),), self._path.path())
        else:
            joined = join_wrapped(self._open.text, text)
            offset = len(joined) - len(text.lstrip())
            self._open = Passage(joined, (*self._open.pieces, (offset, line)), self._open.path)
        if text.rstrip().endswith(_ENDS):
            self._close()

    def _close(self) -> None:
        if self._open is not None:
            self._layout.passages.append(self._open)
            self._open = None
