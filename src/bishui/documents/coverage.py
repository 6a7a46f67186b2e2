"""The account of every source line: what it became, or that it was not understood."""

from __future__ import annotations

from bishui.documents.blocks import Position
from bishui.documents.draft import Became

NOT_UNDERSTOOD = "not understood"


class Coverage:
    """Notes, line by line, what became of the source."""

    def __init__(self, lines: int) -> None:
        self._became: list[list[str]] = [[] for _ in range(lines)]

    def mark(self, at: Position, became: str) -> None:
        """Note what the lines of a block became."""
        for line in range(at.first, at.last + 1):
            self.mark_line(line, became)

    def mark_line(self, line: int, became: str) -> None:
        """Note what one line became; a line may become several things."""
        entries = self._became[line - 1]
        if became not in entries:
            entries.append(became)

    def mark_rows(self, lines: tuple[int, int], became: str) -> None:
        """Note what the lines from the first to the last became, but for those ignored between them."""
        for line in range(lines[0], lines[1] + 1):
            if not any(entry.startswith("ignored") for entry in self._became[line - 1]):
                self.mark_line(line, became)

    def knows(self, at: Position) -> bool:
        """Tell whether it was noted what a block became."""
        return bool(self._became[at.first - 1])

    def knows_line(self, line: int) -> bool:
        """Tell whether it was noted what a line became."""
        return bool(self._became[line - 1])

    def finish(self) -> tuple[Became, ...]:
        """Return the account; lines of which nothing was noted were not understood."""
        return tuple(
            Became(number, tuple(entries) or (NOT_UNDERSTOOD,))
            for number, entries in enumerate(self._became, start=1)
        )
