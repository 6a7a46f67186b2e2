"""Which column of a table means what: heads compared by the word lists in ``rules/columns.toml``."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from bishui.documents.rulebook import rules
from bishui.documents.text import squeeze

_BRACKETED = re.compile(r"[（(\[【〔].*?[）)\]】〕]")
_LONGEST_HEAD = 14
_YEAR = re.compile(r"20\d\d年?(?:底|末|度)?")

Columns = Mapping[str, int]


def plain_head(text: str) -> str:
    """Return a column head without spaces, brackets and year, as it is compared."""
    squeezed = _BRACKETED.sub("", squeeze(text))
    return _YEAR.sub("", squeezed).strip("：:*")


def columns_of(header: Sequence[str], kind: str) -> Columns:
    """Return the column of each role that the header has.

    Parameters
    ----------
    header
        The heads, left to right.
    kind
        The table of ``columns.toml`` to compare with: ``task``, ``section`` or ``source``.
    """
    roles: dict[str, dict[str, list[str]]] = rules("columns")[kind]
    heads = [plain_head(head) for head in header]
    found: dict[str, int] = {}
    for how in ("exact", "contains"):
        for role, words in roles.items():
            if role in found:
                continue
            column = _first(heads, words[how], how, set(found.values()))
            if column is not None:
                found[role] = column
    return found


def _first(heads: Sequence[str], words: Sequence[str], how: str, taken: set[int]) -> int | None:
    for column, head in enumerate(heads):
        if not head or column in taken or len(head) > _LONGEST_HEAD:
            continue
        if head in words if how == "exact" else any(word in head for word in words):
            return column
    return None


def task_columns(header: Sequence[str]) -> Columns | None:
    """Return the columns of a task table, or None where the header is none.

    A task table says what is to be done (任务内容) and who does it or by when.
    """
    rule: dict[str, Any] = rules("columns")["task_table"]
    found = dict(columns_of(header, "task"))
    # A row with a running number holds data, whatever its cells look like.
    if any(plain_head(head) in rule["not_with"] or squeeze(head).isdigit() for head in header):
        return None
    if "content" not in found and rule["content_may_be"] in found:
        found["content"] = found.pop(rule["content_may_be"])
    if "content" not in found or not any(role in found for role in rule["needs_one_of"]):
        return None
    return found


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
