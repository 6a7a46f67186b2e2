"""Heads of broken tables: found by the words they spell, and found again where a page repeats them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache

from bishui.documents.columns import columns_of, has_sequence_head, plain_head, task_columns
from bishui.documents.rebuilding.fragments import Fragment, joined, lines_of, marked
from bishui.documents.rulebook import pattern, rules
from bishui.documents.text import squeeze

_KINDS = ("task", "section", "source")
# Fragments at the beginning of a head that show whether its lines stand as on the page.
_LONGEST_HEAD = 60  # characters, with what stands in brackets
_FIRST_LINES = 16
_OPENING, _CLOSING = "（(", "）)"
_YEAR_SO_FAR = re.compile(r"(?:2|20\d?)?")


@dataclass(frozen=True, slots=True)
class Head:
    """A head: the heads of its columns as written, the role of each, and its fragments.

    `columns` are the fragments by column. Columns stand in the order in which they begin; where their places
    are known (`laid_out`), from left to right.
    """

    cells: tuple[str, ...]
    roles: tuple[str, ...]
    fragments: tuple[Fragment, ...]
    columns: tuple[tuple[Fragment, ...], ...]
    laid_out: bool

    @property
    def numbered(self) -> bool:
        """Tell whether the first column holds running numbers."""
        return self.roles[0] == "seq"


def find_head(fragments: Sequence[Fragment], begin: int) -> Head | None:
    """Return the head that begins with the fragment at `begin`, or None. It ends where a line ends."""
    if not fragments[begin].begins_line or not _may_go_on(fragments[begin].bare):
        return None
    longest = begin + int(rules("rebuilding")["heads"]["longest"])
    best: Head | None = None
    for end, columns in _spellings(fragments[:longest], begin):
        at_line_end = end == len(fragments) or fragments[end].begins_line
        if not at_line_end or (best and end <= begin + len(best.fragments)):
            continue
        head = _head(columns, tuple(fragments[begin:end]))
        best = head or best
    return best or _plain_head(fragments, begin)


def _spellings(
    fragments: Sequence[Fragment], begin: int
) -> Iterator[tuple[int, tuple[tuple[Fragment, ...], ...]]]:
    """Give the ways to share out fragments among columns so that each column spells a head, and their ends.

    A fragment goes on with a column already begun (a head broken over lines, which may interleave) or begins
    the next one.
    """
    laid_out = is_laid_out(fragments[begin : begin + _FIRST_LINES])
    waiting: list[tuple[int, tuple[tuple[Fragment, ...], ...]]] = [(begin, ())]
    seen: set[tuple[int, tuple[str, ...]]] = set()
    while waiting:
        index, columns = waiting.pop()
        if columns and all(_is_head(_spelled(cell)) for cell in columns):
            yield index, columns
        if index == len(fragments):
            continue
        part = fragments[index]
        ways = [(*columns, (part,))] if _may_go_on(part.bare) else []
        for place in range(len(columns)):
            below = not laid_out or _stands_below(part, columns[place])
            if below and _may_go_on(_spelled(columns[place]) + part.bare):
                ways.append((*columns[:place], (*columns[place], part), *columns[place + 1 :]))
        for way in ways:
            key = (index + 1, tuple(_spelled(cell) for cell in way))
            if key not in seen:
                seen.add(key)
                waiting.append((index + 1, way))


def _stands_below(part: Fragment, column: Sequence[Fragment]) -> bool:
    """Tell whether a fragment stands under a column's head begun above, and not beside it."""
    return part.left < max(each.right for each in column) and min(each.left for each in column) < part.right


def _spelled(cell: Sequence[Fragment]) -> str:
    return "".join(each.bare for each in cell)


@cache
def _words() -> frozenset[str]:
    """Return every word that heads a column, of whatever kind of table."""
    known = {word for kind in _KINDS for words in rules("columns")[kind].values() for word in words["exact"]}
    return frozenset(known | set(rules("rebuilding")["heads"]["other"]))


@cache
def _beginnings() -> frozenset[str]:
    return frozenset(word[:length] for word in _words() for length in range(1, len(word) + 1))


@lru_cache(maxsize=4096)
def _is_head(text: str) -> bool:
    return plain_head(text) in _words()


@lru_cache(maxsize=4096)
def _may_go_on(text: str) -> bool:
    """Tell whether a head may begin with `text`; a year or an open bracket may still be unfinished."""
    if len(text) > _LONGEST_HEAD:
        return False
    opened = max(text.rfind(bracket) for bracket in _OPENING)
    if opened > max(text.rfind(bracket) for bracket in _CLOSING):
        return _may_go_on(text[:opened]) and len(text) - opened < 16
    plain = plain_head(text)
    return plain in _beginnings() or bool(_YEAR_SO_FAR.fullmatch(plain))


def _head(spelled: Sequence[tuple[Fragment, ...]], fragments: tuple[Fragment, ...]) -> Head | None:
    """Return the head that the fragments of the columns make, if a table can have it."""
    laid_out = is_laid_out(fragments)
    places = tuple(sorted(spelled, key=_middle)) if laid_out else tuple(spelled)
    cells = tuple(joined(cell) for cell in places)
    if len(cells) < rules("rebuilding")["heads"]["fewest_columns"]:
        return None
    columns = task_columns(cells)
    if columns is None:
        columns = next(
            (found for kind in ("section", "source") if (found := _annex_columns(cells, kind))), None
        )
    if columns is None:
        return None
    return Head(cells, _roles(len(cells), columns), fragments, places, laid_out)


def is_laid_out(fragments: Sequence[Fragment]) -> bool:
    """Tell whether the lines of a head stand as on the page: a line has several parts with wide gaps."""
    fewest = int(rules("rebuilding")["heads"]["fewest_columns"])
    return any(sum(each.begins_part for each in line) >= fewest for line in lines_of(fragments))


def _middle(cell: Sequence[Fragment]) -> float:
    return (min(each.left for each in cell) + max(each.right for each in cell)) / 2


def _annex_columns(cells: Sequence[str], kind: str) -> Mapping[str, int] | None:
    needed = {"section": ("section", "class"), "source": ("source", "target")}[kind]
    found = columns_of(cells, kind)
    if not has_sequence_head(cells) or not all(role in found for role in needed):
        return None
    return {"seq": 0, **found}


def _roles(count: int, columns: Mapping[str, int]) -> tuple[str, ...]:
    by_place = {place: role for role, place in columns.items()}
    return tuple(by_place.get(place, "other") for place in range(count))


def _plain_head(fragments: Sequence[Fragment], begin: int) -> Head | None:
    """Return a head of unknown columns: on one line, beginning with 序号, with a number below it."""
    (line, *following) = lines_of(fragments[begin:])[:2]
    cells = tuple(each.text for each in line)
    numbered = bool(following) and squeeze(following[0][0].text).isdigit()
    if not numbered or not has_sequence_head(cells[:1]) or len(cells) < _fewest():
        return None
    columns = tuple((each,) for each in line)
    return Head(cells, ("seq", *("other" for _ in cells[1:])), tuple(line), columns, is_laid_out(line))


def _fewest() -> int:
    return int(rules("rebuilding")["heads"]["fewest_columns"])


def repeated_heads(fragments: Sequence[Fragment], head: Head) -> tuple[list[Fragment], list[Fragment]]:
    """Take the heads that pages repeat out of the fragments of a table.

    Returns
    -------
    The other fragments, and those taken out. A lost head's remnant too short to be sure of stays among the
    others and is marked.
    """
    kept: list[Fragment] = []
    taken: list[Fragment] = []
    index = 0
    while index < len(fragments):
        run, sure = run_of_head(fragments, index, head)
        here = list(fragments[index : index + run])
        if sure:
            taken.extend(here)
        elif run:
            kept.extend(marked(here, "page" if here[0].opens_page else "head"))
        else:
            kept.append(fragments[index])
        index += max(run, 1)
    return kept, taken


def run_of_head(fragments: Sequence[Fragment], begin: int, head: Head) -> tuple[int, bool]:
    """Return how many fragments from `begin` on say a run of the head again, and whether it surely is one."""
    parts = [each.bare for each in head.fragments]
    run = _run(fragments, begin, parts)
    return run, run >= min(int(rules("rebuilding")["heads"]["sure_run"]), len(parts))


def _run(fragments: Sequence[Fragment], begin: int, parts: Sequence[str]) -> int:
    """Return how many fragments from `begin` on are a run of the head's parts and fill their lines."""
    if not fragments[begin].begins_line:
        return 0
    whole = _same_characters(fragments, begin, "".join(parts))
    if whole:
        return whole
    best = 0
    for first in range(len(parts)):
        length = 0
        while (
            first + length < len(parts)
            and begin + length < len(fragments)
            and fragments[begin + length].bare == parts[first + length]
        ):
            length += 1
        while length and not _ends_line(fragments, begin + length):
            length -= 1
        best = max(best, length)
    return best


def _same_characters(fragments: Sequence[Fragment], begin: int, wanted: str) -> int:
    """Return how many fragments from `begin` on spell the head, however their lines were broken."""
    text = ""
    for count, each in enumerate(fragments[begin:], start=1):
        text += each.bare
        if not wanted.startswith(text):
            return 0
        if text == wanted:
            return count if _ends_line(fragments, begin + count) else 0
    return 0


def _ends_line(fragments: Sequence[Fragment], end: int) -> bool:
    return end >= len(fragments) or fragments[end].begins_line


def page_marks(
    fragments: Sequence[Fragment], titles: frozenset[str]
) -> tuple[list[Fragment], list[Fragment]]:
    """Take page numbers and running titles out of the fragments of a table; return the others and those."""
    kept: list[Fragment] = []
    taken: list[Fragment] = []
    for line in lines_of(fragments):
        text = "".join(each.bare for each in line)
        is_mark = text in titles or any(
            pattern(each).fullmatch(text) for each in rules("rebuilding")["page"]["marks"]
        )
        (taken if is_mark else kept).extend(line)
    return kept, taken


def numbers_at_breaks(fragments: Sequence[Fragment], breaks: Sequence[int]) -> list[Fragment]:
    """Mark numbers that stand alone right beside a page's head: they may be the page's own.

    `breaks` are the source lines of what was taken out at page breaks.
    """
    edges = {line + step for line in breaks for step in (-1, 1)}
    number = pattern(rules("rebuilding")["page"]["number"])
    shown: list[Fragment] = []
    for line in lines_of(fragments):
        alone = len(line) == 1 and number.fullmatch(line[0].bare)
        shown.extend(marked(line, "number") if alone and {line[0].first, line[0].last} & edges else line)
    return shown
