"""What a word processor leaves in the text it exports: bookmarks, fields, and the table of contents."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from bishui.documents.blocks import Blank, Block, Blocks, Paragraph, Ruler, Skipped, TableRow
from bishui.documents.coverage import Coverage
from bishui.documents.rulebook import pattern, rules
from bishui.documents.text import has_residue, squeeze

_FEWEST_ENTRIES = 2
_LONGEST_ENTRY = 80


def without_residue(document: Blocks) -> Blocks:
    """Return the document with lines of bookmarks alone, and its table of contents, set aside as skipped."""
    blocks = [_unless_empty(block) for block in document.blocks]
    contents = set(_contents(blocks))
    return replace(
        document,
        blocks=tuple(
            Skipped(block.at, "table of contents") if place in contents else block
            for place, block in enumerate(blocks)
        ),
    )


def account_for_residue(document: Blocks, coverage: Coverage) -> None:
    """Note the lines that bookmarks or fields were taken out of, beside what else they became."""
    for number, line in enumerate(document.source_lines, start=1):
        if has_residue(line) and coverage.knows_line(number):
            coverage.mark_line(number, "ignored: bookmark")


def _unless_empty(block: Block) -> Block:
    if isinstance(block, Paragraph) and not block.text.strip():
        return Skipped(block.at, "bookmark")
    return block


def _contents(blocks: Sequence[Block]) -> Iterator[int]:
    """Give the places of the table of contents: entries whose titles come again as lines further down."""
    texts = [_text(block) for block in blocks]
    lines = {text: place for place, text in enumerate(texts)}
    place = 0
    while place < len(blocks):
        if isinstance(blocks[place], Blank | Ruler | Skipped):
            place += 1  # begun at a text only: blank lines would be gone through again from each of them
            continue
        titled = texts[place] in rules("document")["contents"]["titles"]
        entries = list(_entries(blocks, texts, lines, place + titled, titled=titled))
        if len(entries) >= _FEWEST_ENTRIES:
            yield from ([place, *entries] if titled else entries)
            place = entries[-1]
        place += 1


def _entries(
    blocks: Sequence[Block], texts: Sequence[str], lines: dict[str, int], begin: int, *, titled: bool
) -> Iterator[int]:
    entry = pattern(rules("document")["contents"]["entry"])
    for place in range(begin, len(blocks)):
        if isinstance(blocks[place], Blank | Ruler | Skipped):
            continue
        if len(texts[place]) > _LONGEST_ENTRY:
            return
        hit = entry.fullmatch(texts[place])
        title = hit["title"] if hit else texts[place]
        comes_again = lines.get(title, place) > place
        if not comes_again or not (hit or titled):
            return
        yield place


def _text(block: Block) -> str:
    if isinstance(block, Paragraph):
        return squeeze(block.text)
    if isinstance(block, TableRow):
        return squeeze("".join(block.cells))
    return ""
