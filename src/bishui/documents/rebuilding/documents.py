"""Documents with broken tables: where the tables begin and end, and blocks in the place of their lines."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby

from bishui.documents.blocks import Blank, Block, Blocks, Paragraph, Position, Ruler, Skipped, TableRow
from bishui.documents.layout import caption
from bishui.documents.rebuilding.broken import RebuiltTable, rebuild
from bishui.documents.rebuilding.fragments import Fragment, Line, fragments_of, text_of
from bishui.documents.rebuilding.heads import Head, find_head, run_of_head
from bishui.documents.rulebook import pattern, rules
from bishui.documents.text import join_wrapped, squeeze

# Groups and tables made here are numbered apart from those that the formats know.
_OWN = 1_000_000
_SHORTEST_TITLE = 6
_LONGEST_TITLE = 40
_TITLES_FROM = 12
_MOST_PARTS = 1000
_NOTE_ENDS = ("。", "；")


def rebuilt(document: Blocks) -> Blocks:
    """Return the document with its broken tables put together again; without any, as it is.

    The lines of a broken table become one row for its head and one for each of its rows, at the lines from
    the first to the last piece of them; heads and page numbers in between become remnants of pages. Section
    rows, notes and what cannot be placed stay the paragraphs they were.
    """
    blocks: list[Block] = []
    changed = False
    for in_text, group in groupby(document.blocks, key=_is_line):
        run = list(group)
        replaced = _Run(run, document).replaced() if in_text and not _is_damage(run) else None
        changed = changed or replaced is not None
        blocks.extend(run if replaced is None else replaced)
    return replace(document, blocks=tuple(blocks)) if changed else document


def _is_damage(run: Sequence[Block]) -> bool:
    """Tell whether a run holds a line of more parts than a page has room for: sorting them takes too long."""
    return any(isinstance(block, Paragraph) and len(block.text.split()) > _MOST_PARTS for block in run)


def _is_line(block: Block) -> bool:
    """Tell whether a block is a line, and no row whose cells are known."""
    return not isinstance(block, TableRow) or bool(block.lefts)


@dataclass(slots=True)
class _Run:
    """A run of blocks without table rows."""

    blocks: Sequence[Block]
    document: Blocks

    def replaced(self) -> list[Block] | None:
        """Return the blocks with tables in the place of their lines, None where there is no table."""
        paragraphs = [each for each in self.blocks if isinstance(each, Paragraph | TableRow)]
        fragments = fragments_of(paragraphs, self.document.source_lines)
        made: list[Block] = []
        gone: set[int] = set()
        index = 0
        while index < len(fragments):
            head = find_head(fragments, index)
            table, end = self._table(head, fragments, index, paragraphs) if head else (None, index)
            if head is None or table is None:
                index = _next_line(fragments, index)
                continue
            made.extend(_blocks_of(table, _OWN + len(gone)))
            others = {each.paragraph for each in table.others}
            gone.update({each.paragraph for each in fragments[index:end]} - others)
            gone.update(self._notes(paragraphs, fragments, end, made))
            index = end
        if not made:
            return None
        lost = {id(paragraphs[number]) for number in gone}
        made.extend(each for each in self.blocks if id(each) not in lost)
        return sorted(made, key=lambda each: (each.at.first, isinstance(each, Skipped | Blank | Ruler)))

    def _table(
        self, head: Head, fragments: Sequence[Fragment], begin: int, paragraphs: Sequence[Line]
    ) -> tuple[RebuiltTable | None, int]:
        """Return the table below a head and where it ends."""
        below = begin + len(head.fragments)
        end = _end_of_table(fragments, below, paragraphs, head)
        return rebuild(head, fragments[below:end], _titles(paragraphs, head)), end

    def _notes(
        self, paragraphs: Sequence[Line], fragments: Sequence[Fragment], begin: int, made: list[Block]
    ) -> Iterator[int]:
        """Put a note together that begins right below a table and was broken over lines."""
        number = fragments[begin].paragraph if begin < len(fragments) else len(paragraphs)
        rule = pattern(rules("document")["annex"]["note"])
        if number == len(paragraphs) or not rule.fullmatch(squeeze(text_of(paragraphs[number]))):
            return
        text, last = text_of(paragraphs[number]), number
        while not text.endswith(_NOTE_ENDS) and last + 1 < len(paragraphs):
            following = text_of(paragraphs[last + 1])
            if caption(following) or rule.fullmatch(squeeze(following)):
                break
            text, last = join_wrapped(text, following), last + 1
        if text.endswith(_NOTE_ENDS) and last > number:
            at = Position(paragraphs[number].at.first, paragraphs[last].at.last)
            made.append(Paragraph(text, at))
            yield from range(number, last + 1)


def _next_line(fragments: Sequence[Fragment], index: int) -> int:
    index += 1
    while index < len(fragments) and not fragments[index].begins_line:
        index += 1
    return index


def _titles(paragraphs: Sequence[Line], head: Head) -> frozenset[str]:
    """Return the lines above a table that pages may repeat: titles of the document and of the table."""
    number = head.fragments[0].paragraph
    above = [*paragraphs[: min(_TITLES_FROM, number)], *paragraphs[max(0, number - 2) : number]]
    words = rules("document")["head"]["title_words"]
    return frozenset(
        text
        for text in (squeeze(text_of(each)) for each in above)
        if _SHORTEST_TITLE <= len(text) <= _LONGEST_TITLE
        and any(word in text for word in words)
        and not any(mark in text for mark in "，。；：、")
    )


def _end_of_table(fragments: Sequence[Fragment], begin: int, paragraphs: Sequence[Line], head: Head) -> int:
    """Return where a table ends: at a caption, a note, an imprint, or the head of another table."""
    ends = [pattern(rules("document")["annex"]["note"]), pattern(rules("rebuilding")["page"]["after_table"])]
    index = begin
    while index < len(fragments):
        text = text_of(paragraphs[fragments[index].paragraph])
        if caption(text) or any(end.fullmatch(squeeze(text)) for end in ends):
            return index
        run, sure = run_of_head(fragments, index, head)
        if sure:
            index += run
            continue
        if find_head(fragments, index) is not None:
            return index
        index = _next_line(fragments, index)
    return len(fragments)


def _blocks_of(table: RebuiltTable, number: int) -> list[Block]:
    """Return a table as blocks."""
    first, last = table.head.fragments[0].first, table.head.fragments[-1].last
    made: list[Block] = [TableRow(table.head.cells, Position(first, last, table=number), number)]
    for row in table.rows:
        made.append(TableRow(row.cells, Position(*row.lines, table=number), number))
    for became, fragments in (("repeated head", table.heads_repeated), ("page head", table.page_marks)):
        for at in dict.fromkeys(Position(each.first, each.last) for each in fragments):
            made.append(Skipped(at, became))
    return made
