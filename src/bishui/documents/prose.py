"""Tasks of a programme in prose: a heading, what is to be done, and the duties in brackets at its end."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby

from bishui.documents.coverage import Coverage
from bishui.documents.deadlines import is_deadline, normalise
from bishui.documents.draft import Task, UnitCell
from bishui.documents.headings import without_numbering
from bishui.documents.layout import Passage
from bishui.documents.names import split_units
from bishui.documents.rulebook import pattern, rules
from bishui.documents.text import depth_split

_ROLES = ("lead", "cooperating", "responsible")


def prose_tasks(passages: list[Passage], year: int | None, coverage: Coverage) -> list[Task]:
    """Return a task for each heading whose text ends with duties in brackets."""
    tasks: list[Task] = []
    for path, group in groupby((each for each in passages if each.path), key=lambda passage: passage.path):
        tasks.extend(_of_heading(path, list(group), len(tasks), year))
    for task in tasks:
        for line in range(task.lines[0], task.lines[1] + 1):
            coverage.mark_line(line, f"task {task.seq}")
    return tasks


def _of_heading(
    path: tuple[str, ...], passages: list[Passage], before: int, year: int | None
) -> Iterator[Task]:
    texts: list[str] = []
    first: int | None = None
    for passage in passages:
        first = passage.pieces[0][1] if first is None else first
        text, duty = _cut_duty(passage.text.rstrip())
        texts.append(text)
        if duty is None:
            continue
        before += 1
        duty, deadline = _cut_deadline(duty)
        roles = duties(duty)
        yield Task(
            seq=before,
            section=path[:-1],
            theme=without_numbering(path[-1]),
            theme_in_cell=True,
            content="".join(texts).strip(),
            lead=roles["lead"],
            cooperating=roles["cooperating"],
            responsible=roles["responsible"],
            deadline=deadline,
            deadline_norm=normalise(deadline, year),
            lines=(first, passage.pieces[-1][1]),
        )
        texts, first = [], None


def _cut_duty(text: str) -> tuple[str, str | None]:
    """Cut the bracket at the end of a text off, if it speaks of duties."""
    split = rules("units")["split"]
    bare = text.rstrip("。；; ")
    if not bare.endswith(("）", ")")):
        return text, None
    depth = 0
    for index in range(len(bare) - 1, -1, -1):
        depth += (bare[index] in split["closing"]) - (bare[index] in split["opening"])
        if depth == 0:
            duty = bare[index + 1 : -1]
            return (
                (bare[:index], duty)
                if pattern(rules("units")["duty"]["words"]).search(duty)
                else (text, None)
            )
    return text, None


def _cut_deadline(duty: str) -> tuple[str, str]:
    """Cut the part that says by when (完成时限：6月底前; 6月底前完成) off the text of a bracket."""
    rule, split = rules("units")["duty"], rules("units")["split"]
    kept, written = "", ""
    for part, separator in depth_split(duty, "，,；;。", split["opening"], split["closing"]):
        label = pattern(rule["deadline"]).search(part.strip())
        if label or is_deadline(part):
            written = label["written"] if label else part.strip()
        else:
            kept += part + separator
    return kept.rstrip("，,；;。"), written


def duties(text: str) -> dict[str, UnitCell]:
    """Return who leads, cooperates and is responsible, from the text of a bracket.

    Parts without a word for their role belong to the next part that has one, at the end to the responsible.
    """
    rule = rules("units")["duty"]
    cells: dict[str, list[str]] = {role: [] for role in _ROLES}
    waiting: list[str] = []
    split = rules("units")["split"]
    for part, separator in depth_split(text, "，,；;", split["opening"], split["closing"]):
        waiting.append(part.strip())
        role = next((role for role in _ROLES if pattern(rule[role]).search(part.strip())), None)
        if role or separator in {"；", ";", ""}:
            cells[role or "responsible"].append("，".join(filter(None, waiting)))
            waiting = []
    return {role: _cell("，".join(texts), rule["role_word"]) for role, texts in cells.items()}


def _cell(raw: str, role_word: str) -> UnitCell:
    cell = split_units(pattern(role_word).sub("", raw))
    return UnitCell(raw, cell.units, cell.etc, cell.by_duty)
