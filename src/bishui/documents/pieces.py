"""On which source lines the parts of a text stand that was put together from several lines."""

from __future__ import annotations

from collections.abc import Sequence

from bishui.documents.text import Compact, squeeze

Pieces = tuple[tuple[int, int], ...]


def pieces_of(text: str, lines: tuple[int, int], source_lines: Sequence[str]) -> Pieces:
    """Return for each part of a text its offset and its source line.

    Parameters
    ----------
    text
        The text, such as the content of a task.
    lines
        The first and last source line of the row it stands in; other cells stand there too.
    source_lines
        All lines of the document, the first of them line 1.

    Returns
    -------
    (offset, line) in order. Where the text cannot be followed through the lines, it all stands on the first.
    """
    compact = Compact.of(text)
    if lines[0] < lines[1]:
        for begin in range(lines[0], lines[1] + 1):
            pieces = _followed(compact, range(begin, lines[1] + 1), source_lines)
            if pieces:
                return pieces
    return ((0, lines[0]),)


def _followed(text: Compact, lines: range, source_lines: Sequence[str]) -> Pieces:
    """Return the pieces of a text that begins on the first of the lines; none if they do not give it all."""
    pieces: list[tuple[int, int]] = []
    done = 0
    for line in lines:
        for word in source_lines[line - 1].split():
            part = squeeze(word)
            if part and text.text.startswith(part, done):
                if not pieces or pieces[-1][1] != line:
                    pieces.append((text.place(done), line))
                done += len(part)
        if not pieces:
            return ()
        if done == len(text.text):
            return tuple(pieces)
    return ()
