"""What is set into the running text: special columns (专栏) and tables of indicators, taken out of it."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace

from bishui.documents.blocks import Blank, Block, Blocks, Paragraph, Position, Ruler, TableRow
from bishui.documents.headings import heading_level
from bishui.documents.items import label_of
from bishui.documents.layout import caption as annex_caption
from bishui.documents.list_columns import is_indicator_head
from bishui.documents.rulebook import pattern, rules
from bishui.documents.text import close_gaps, fold, join_wrapped, number_of, squeeze

_LONGEST_GAP = 3
_OUTER_LEVEL = 1
_LONGEST_ITEM = 6
_WITH_BLANK_LINES = {"text", "spreadsheet"}


@dataclass(slots=True)
class Box:
    """A box: its caption, and either rows of a table with the notes under it, or paragraphs.

    `number` is None for a table of indicators that stands in the text without being a 专栏.
    """

    number: int | None
    key: str
    title: str
    caption: Position | None
    rows: list[TableRow] = field(default_factory=list)
    paragraphs: list[Paragraph] = field(default_factory=list)

    @property
    def lines(self) -> tuple[int, int]:
        """Return the first and last source line."""
        places = [row.at for row in self.rows] + [paragraph.at for paragraph in self.paragraphs]
        places += [self.caption] if self.caption else []
        return min(place.first for place in places), max(place.last for place in places)


def take_boxes(document: Blocks) -> tuple[Blocks, list[Box]]:
    """Return the document without its boxes, and the boxes."""
    walk = _Walk(document)
    walk.through()
    return replace(document, blocks=tuple(walk.rest)), walk.boxes


class _Walk:
    """Goes through the blocks once and sets aside what belongs to a box."""

    def __init__(self, document: Blocks) -> None:
        self._blocks = document.blocks
        self._lines = document.source_lines
        self._blank_lines_end = document.format in _WITH_BLANK_LINES
        self._in_annex = False
        self.rest: list[Block] = []
        self.boxes: list[Box] = []

    def through(self) -> None:
        index = 0
        while index < len(self._blocks):
            index = self._take(index)

    def _take(self, index: int) -> int:
        """Take the block at `index`, with the whole box where it begins one; return the next place."""
        block = self._blocks[index]
        if isinstance(block, Paragraph | TableRow):
            box = _captioned(block)
            if box is not None:
                end = self._box(box, index)
                if end is not None:
                    return end
            elif isinstance(block, TableRow) and self._is_bare_table(block, index):
                return self._bare_table(index)
            elif isinstance(block, Paragraph) and annex_caption(block.text):
                self._in_annex = True
        self.rest.append(block)
        return index + 1

    def _box(self, box: Box, index: int) -> int | None:
        """Fill a box with what stands below its caption; None where nothing does, and nothing is taken."""
        before = len(self.rest)
        end = self._content(box, self._title(box, index))
        if not box.rows and not box.paragraphs:
            del self.rest[before:]
            return None
        self.boxes.append(box)
        return end

    def _title(self, box: Box, index: int) -> int:
        """Take a box's title from the line below where the caption holds only the number."""
        below = self._blocks[index + 1] if index + 1 < len(self._blocks) else None
        if box.title or not isinstance(below, Paragraph) or self._is_outside(below):
            return index + 1
        if label_of(below.text) or pattern("[。；，]").search(below.text):
            return index + 1
        box.title = close_gaps(below.text)
        box.caption = replace(box.caption, last=below.at.last) if box.caption else below.at
        return index + 2

    def _content(self, box: Box, begin: int) -> int:
        first = self._next_text(begin)
        if first is None:
            return begin
        block = self._blocks[first]
        self.rest.extend(self._blocks[begin:first])
        if isinstance(block, TableRow):
            return self._notes(box, self._rows(box, first))
        return self._paragraphs(box, first)

    def _next_text(self, begin: int) -> int | None:
        """Return where text goes on after a small gap."""
        for index in range(begin, min(begin + _LONGEST_GAP, len(self._blocks))):
            if isinstance(self._blocks[index], Paragraph | TableRow):
                return index
        return None

    def _rows(self, box: Box, begin: int) -> int:
        group = self._blocks[begin].group  # type: ignore[union-attr]
        index = begin
        while index < len(self._blocks):
            block = self._blocks[index]
            in_table = isinstance(block, TableRow) and block.group == group
            if isinstance(block, TableRow) and in_table and (index == begin or not _captioned(block)):
                box.rows.append(block)
            elif isinstance(block, Blank | Ruler) and self._same_group_follows(index, group):
                self.rest.append(block)
            else:
                break
            index += 1
        return index

    def _same_group_follows(self, index: int, group: int) -> bool:
        following = self._next_text(index)
        block = self._blocks[following] if following is not None else None
        return isinstance(block, TableRow) and block.group == group

    def _notes(self, box: Box, begin: int) -> int:
        """Take the notes under a table: a paragraph that says so, and the lines right below it."""
        first = self._next_text(begin)
        if first is None or not isinstance(self._blocks[first], Paragraph):
            return begin
        note = self._blocks[first]
        assert isinstance(note, Paragraph)
        if not pattern(rules("document")["annex"]["note"]).fullmatch(squeeze(note.text)):
            return begin
        self.rest.extend(self._blocks[begin:first])
        index = first + 1
        while index < len(self._blocks):
            below = self._blocks[index]
            if not isinstance(below, Paragraph) or not re.match(r"\d{1,2}[、.．]", squeeze(below.text)):
                break
            text = join_wrapped(note.text, below.text)
            note = Paragraph(text, replace(note.at, last=below.at.last))
            index += 1
        box.paragraphs.append(note)
        return index

    def _paragraphs(self, box: Box, begin: int) -> int:
        """Take the paragraphs of a box to its end, and numbered ones that go on behind a blank line."""
        index = begin
        while index < len(self._blocks):
            block = self._blocks[index]
            if not isinstance(block, Paragraph):
                following = self._next_item(box, index)
                if following is None:
                    break
                self.rest.extend(self._blocks[index:following])
                index = following
            elif self._ends_box(box, block, index):
                break
            else:
                box.paragraphs.append(block)
                index += 1
        return index

    def _next_item(self, box: Box, begin: int) -> int | None:
        """Return where the next numbered item of a box stands behind a blank line."""
        index = self._next_text(begin)
        block = self._blocks[index] if index is not None else None
        if index is None or not isinstance(block, Paragraph) or self._is_outside(block):
            return None
        soon = not self._blank_lines_end and self._item_follows(box, index)
        return index if _continues(box, block) or soon else None

    def _ends_box(self, box: Box, block: Paragraph, index: int) -> bool:
        if (block.stray_cell and not box.paragraphs) or _continues(box, block):
            return False  # a cell of its own, or the next number, says that it stands in the box
        if self._is_outside(block):
            return True
        if not box.paragraphs:
            return False
        if not self._blank_lines_end:
            return not self._item_follows(box, index)
        return self._indent(block) != self._indent(box.paragraphs[-1])

    def _is_outside(self, block: Paragraph) -> bool:
        """Tell whether a paragraph can stand in no box: a heading of the plan, another caption, nothing."""
        squeezed = squeeze(block.text)
        level = heading_level(squeezed)
        outer = level is not None and level <= _OUTER_LEVEL
        return outer or not squeezed or bool(_captioned(block)) or bool(annex_caption(block.text))

    def _item_follows(self, box: Box, index: int) -> bool:
        """Tell whether the next numbered item comes soon: what stands before it belongs to the last one."""
        for block in self._blocks[index + 1 : index + 1 + _LONGEST_ITEM]:
            if isinstance(block, Paragraph) and not self._is_outside(block):
                if _continues(box, block):
                    return True
            elif not isinstance(block, Blank):
                return False
        return False

    def _indent(self, block: Paragraph) -> str:
        """Return the spaces that a paragraph begins with; a tab only says that a cell begins."""
        line = self._lines[block.at.first - 1].replace("\t", "")
        return line[: len(line) - len(line.lstrip(" \u3000"))]

    def _is_bare_table(self, row: TableRow, index: int) -> bool:
        before = self._blocks[index - 1] if index else None
        begins = not isinstance(before, TableRow) or before.group != row.group
        return begins and not self._in_annex and row.at.sheet is None and is_indicator_head(row.filled())

    def _bare_table(self, index: int) -> int:
        box = Box(None, "", "", None)
        above = len(self.rest) - 1
        while above >= 0 and not isinstance(self.rest[above], Paragraph | TableRow):
            above -= 1
        title = self.rest[above] if above >= 0 else None
        if isinstance(title, Paragraph) and _names_indicators(title.text):
            self.rest.pop(above)
            hit = pattern(rules("indicators")["caption"]["number"]).match(fold(title.text.strip()))
            box.key = squeeze(hit["key"]) if hit else ""
            box.title = close_gaps(title.text.strip()[hit.end() if hit else 0 :])
            box.caption = title.at
        end = self._notes(box, self._rows(box, index))
        self.boxes.append(box)
        return end


def _continues(box: Box, block: Paragraph) -> bool:
    """Tell whether a paragraph bears the number after that of the last numbered one in a box."""
    label = label_of(block.text)
    last = next((each for one in reversed(box.paragraphs) if (each := label_of(one.text))), None)
    return bool(label and last and label.kind == last.kind and label.number == last.number + 1)


def _names_indicators(text: str) -> bool:
    rule = rules("indicators")["caption"]
    squeezed = squeeze(text)
    short = len(squeezed) <= rule["longest"] and not re.search("[。；，]", squeezed)
    return short and any(word in squeezed for word in rule["words"]) and heading_level(squeezed) is None


def _captioned(block: Paragraph | TableRow) -> Box | None:
    """Return an empty box where a paragraph, or a row with nothing else in it, is the caption of a 专栏."""
    rule = rules("boxes")["caption"]
    texts = [block.text] if isinstance(block, Paragraph) else [cell for cell in block.cells if cell.strip()]
    if len(texts) != 1 or len(texts[0]) > rule["longest"] or re.search(rule["sentence"], texts[0]):
        return None
    hit = pattern(rule["pattern"]).fullmatch(fold(texts[0].strip()))
    if hit is None:
        return None
    number = number_of(hit["number"])
    return Box(number, f"专栏{number}", close_gaps(hit["title"] or ""), block.at)
