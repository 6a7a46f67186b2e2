"""Which column of a table means what: heads compared by the word lists in ``rules/columns.toml``."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from bishui.documents.rulebook import pattern, rules
from bishui.documents.text import squeeze

_BRACKETED = re.compile(r"[（(\[【〔].*?[）)\]】〕]")
_LONGEST_HEAD = 14
_LONGEST_WRITTEN = 200  # with brackets and all
_YEAR = re.compile(r"20\d\d年?(?:底|末|度)?")

Columns = Mapping[str, int]


def plain_head(text: str) -> str:
    """Return a column head without spaces, brackets and year, as it is compared; no head is a long text."""
    if len(text) > _LONGEST_WRITTEN:
        return text
    squeezed = _BRACKETED.sub("", squeeze(text))
    return _YEAR.sub("", squeezed).strip("：:*")


def columns_of(header: Sequence[str], kind: str, *, by_sense: bool = False) -> Columns:
    """Return the column of each role that the header has.

    Parameters
    ----------
    header
        The heads, left to right.
    kind
        The table of ``columns.toml`` to compare with: ``task``, ``section`` or ``source``.
    by_sense
        Also read heads that no list names, by the sense of their words.
    """
    roles: dict[str, dict[str, Any]] = rules("columns")[kind]
    persons = pattern(rules("columns")["task_table"]["persons"])
    heads = ["" if persons.search(plain) else plain for plain in map(plain_head, header)]
    found: dict[str, int] = {}
    for how in ("exact", "contains", "means") if by_sense else ("exact", "contains"):
        for role, words in roles.items():
            if role in found or how not in words:
                continue
            column = _first(heads, words, how, set(found.values()))
            if column is not None:
                found[role] = column
    return found


def _first(heads: Sequence[str], words: Mapping[str, Any], how: str, taken: set[int]) -> int | None:
    for column, head in enumerate(heads):
        if head and column not in taken and len(head) <= _LONGEST_HEAD and _fits(head, words, how):
            return column
    return None


def _fits(head: str, words: Mapping[str, Any], how: str) -> bool:
    if how == "exact":
        return head in words["exact"]
    if how == "contains":
        return any(word in head for word in words["contains"])
    return bool(pattern(words["means"]).search(head)) and not pattern(words["never"]).search(head)


def task_columns(header: Sequence[str], rows: Sequence[Sequence[str]] | None = None) -> Columns | None:
    """Return the columns of a task table, or None where the header is none.

    A task table says what is to be done (任务内容) and who does it or by when.

    Parameters
    ----------
    header
        The heads, left to right.
    rows
        Some rows below it. With them, heads that no list names are read by their sense, and of the columns
        that may say what is to be done the one with the longest texts does.
    """
    rule: dict[str, Any] = rules("columns")["task_table"]
    found = dict(columns_of(header, "task"))
    # A row with a running number holds data, whatever its cells look like.
    if any(plain_head(head) in rule["not_with"] or squeeze(head).isdigit() for head in header):
        return None
    if "content" not in found and rule["content_may_be"] in found:
        found["content"] = found.pop(rule["content_may_be"])
    if "content" not in found or not any(role in found for role in rule["needs_one_of"]):
        return None if rows is None else _by_sense(header, rows, certain=False)
    return found if rows is None else _by_sense(header, rows, certain=True)


def _by_sense(header: Sequence[str], rows: Sequence[Sequence[str]], *, certain: bool) -> Columns | None:
    """Return the columns with every head read by its sense; without a `certain` head, units must be named."""
    rule: dict[str, Any] = rules("columns")["task_table"]
    heads = [plain_head(head) for head in header]
    if not certain and any(pattern(rule["never_with"]).search(head) for head in heads):
        return None
    found = dict(columns_of(header, "task", by_sense=True))
    if "lead" not in found and heads[found.get("responsible", 0)] in rule["lead_may_be"]:
        found["lead"] = found.pop("responsible")
        others = ["" if column == found["lead"] else head for column, head in enumerate(header)]
        again = columns_of(others, "task", by_sense=True)
        found.update({"responsible": again["responsible"]} if "responsible" in again else {})
    _settle_content(found, heads, rows)
    units = [role for role in ("lead", "cooperating", "responsible") if role in found]
    return found if "content" in found and (certain or units) else None


def _settle_content(found: dict[str, int], heads: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Let the column with the longest texts say what is to be done, and the first of the others its theme."""
    words = rules("columns")["task"]
    others = {column for role, column in found.items() if role not in {"content", "theme"}}
    may_be = [
        column
        for column, head in enumerate(heads)
        if column not in others
        and (
            column in {found.get("content"), found.get("theme")}
            or any(_fits(head, words[role], "means") for role in ("content", "theme"))
        )
    ]
    if not may_be:
        return
    told = pattern(rules("columns")["task_table"]["told"])
    lengths = {column: 0.0 if told.search(heads[column]) else _mean_length(rows, column) for column in may_be}
    longest = max(may_be, key=lambda column: lengths[column])
    now = found.get("content")
    if now is None or lengths[longest] > rules("columns")["task_table"]["longer"] * lengths[now]:
        found["content"] = longest
    rest = [column for column in may_be if column != found["content"]]
    if found.get("theme") == found["content"] or ("theme" not in found and rest):
        found.pop("theme", None)
        if rest:
            found["theme"] = rest[0]


def _mean_length(rows: Sequence[Sequence[str]], column: int) -> float:
    texts = [squeeze(row[column]) for row in rows if column < len(row) and row[column]]
    return sum(map(len, texts)) / len(texts) if texts else 0.0


def joined_heads(upper: Sequence[str], lower: Sequence[str]) -> tuple[str, ...] | None:
    """Return the heads that two rows say together, or None where the second row is no part of the head.

    A head over several columns (责任分工) has its parts (牵头, 配合) below it; the other columns say nothing
    there. The second row belongs to the head when more columns are understood with it.
    """
    width = max(len(upper), len(lower))
    above, below = [[*row, *[""] * (width - len(row))] for row in (upper, lower)]
    parts = [column for column in range(width) if below[column]]
    if len(parts) < 2:
        return None
    if any(len(squeeze(below[each])) > _LONGEST_HEAD or below[each].isdigit() for each in parts):
        return None
    if any(above[each] and not _heads_a_group(above, below, each) for each in parts):
        return None
    whole = tuple(second or first for first, second in zip(above, below, strict=True))
    return whole if _understood(whole) > _understood(above) else None


def _heads_a_group(above: Sequence[str], below: Sequence[str], column: int) -> bool:
    following = column + 1
    return following < len(above) and not above[following] and bool(below[following])


def _understood(header: Sequence[str]) -> int:
    kinds = ("task", "section", "source")
    return max(len(columns_of(header, kind, by_sense=kind == "task")) for kind in kinds)


def repeats_above(cell: str) -> bool:
    """Tell whether a cell says no more than that it repeats the one above it (同上, 〃)."""
    return bool(pattern(rules("columns")["task_table"]["same_as_above"]).fullmatch(squeeze(cell)))


def lacks_content(header: Sequence[str]) -> bool:
    """Tell whether a header names units and a deadline but nothing that is to be done."""
    found = columns_of(header, "task")
    units = [role for role in ("lead", "cooperating", "responsible") if role in found]
    not_with = rules("columns")["task_table"]["not_with"]
    if any(plain_head(head) in not_with for head in header):
        return False
    return bool(units) and "deadline" in found and "content" not in found and "theme" not in found


def has_sequence_head(header: Sequence[str]) -> bool:
    """Tell whether the first head that is not blank is 序号 or the like."""
    first = next((plain_head(head) for head in header if head.strip()), "")
    return first in rules("columns")["task"]["seq"]["exact"]
