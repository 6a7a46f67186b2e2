"""The import of an edited workbook of the ledger: read, compared, chosen row by row, written, taken back."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Collection, Sequence
from typing import Any

import pyarrow as pa
from django.urls import reverse

from bishui.errors import Conflict
from bishui.i18n import Text
from bishui.server.core import audit, imports, registers, workflow
from bishui.server.core.models import ImportSession
from bishui.server.plans import workbook_applying, workbook_history
from bishui.server.plans.workbook_changes import Comparison, RowChange, compare, of_dict
from bishui.server.plans.workbook_columns import rules
from bishui.server.plans.workbook_reading import GivenBook, read_book

_STAGED, _DONE = "changes.json", "applied.json"
_FATES = ("changed", "new", "conflict", "unchanged", "rejected")
_LISTED = 50


class LedgerImport:
    """A workbook of the ledger (任务台账), edited in a spreadsheet program, changes the ledger."""

    key = "ledger"
    label = Text("任务台账工作簿")
    right = "plans.manage"
    take_back_right = "plans.manage"
    options: Sequence[registers.Field] = ()
    preview_template = "plans/ledger_preview.html"
    two_persons = False

    def template_url(self) -> str:
        """Return the address of the ledger's export: it is what one edits."""
        return reverse("plans:ledger_export")

    def read(self, session: ImportSession, progress: imports.Progress) -> imports.Reading:
        """Compare each row of the file with the ledger as it stands."""
        book = read_book(session.file.path, session.file.name)
        progress(1, 2)
        found = compare(book, session.division)
        workbook_history.add_authors(
            [row for row in found.rows if row.is_conflict], session.division, book.state
        )
        progress(2, 2)
        _stage(session, found.rows)
        return imports.Reading(
            summary=_summary(book, found),
            reader_version=f"ledger {rules()['version']}",
            problems=found.problems,
            account=_account(found),
            has_content=any(not row.is_conflict for row in found.rows),
        )

    def store(self, session: ImportSession, progress: imports.Progress) -> None:
        """Do nothing: the ledger lies in the records alone."""

    def is_stored(self, session: ImportSession) -> bool:
        """Tell that nothing lies outside the records, so that a half-done commit goes back to its review."""
        return False

    def record(self, session: ImportSession) -> None:
        """Write the chosen rows into the ledger, all or none."""
        notes = workbook_applying.apply(chosen(session))
        text = json.dumps(notes, ensure_ascii=False)
        imports.staged(session, _DONE).write_text(text, "utf-8")

    def take_back(self, session: ImportSession) -> None:
        """Give back what the file changed, where it has not been changed again since."""
        notes = json.loads(imports.staged(session, _DONE).read_text("utf-8"))
        kept = workbook_applying.undo(notes)
        session.summary = {**session.summary, "kept": kept[:_LISTED], "kept_count": len(kept)}
        session.save()

    def settle(self, session: ImportSession) -> None:
        """Nothing waits for the ledger."""


def _summary(book: GivenBook, found: Comparison) -> dict[str, Any]:
    counts = Counter(fate for _sheet, _row, fate in found.fates)
    return {
        "counts": {fate: counts[fate] for fate in _FATES},
        "cells": sum(len(row.cells) for row in found.rows),
        "unread": book.unread[:_LISTED],
        "missing": book.missing,
        "blank": book.blank,
        "dated": book.state is not None,
        "without_marks": sum(bool(row.key) and row.marks is None for row in book.rows),
        "take": [],
        "leave": [],
    }


def _account(found: Comparison) -> pa.Table:
    fates = sorted(found.fates)
    return pa.table(
        {
            "sheet": [sheet for sheet, _row, _fate in fates],
            "row": pa.array([row for _sheet, row, _fate in fates], pa.int32()),
            "outcome": [fate for _sheet, _row, fate in fates],
        }
    )


def _stage(session: ImportSession, rows: Sequence[RowChange]) -> None:
    text = json.dumps([row.as_dict() for row in rows], ensure_ascii=False)
    imports.staged(session, _STAGED).write_text(text, "utf-8")


def changes(session: ImportSession) -> list[RowChange]:
    """Return the rows that a file would change, in the order of the file; a row's number names it."""
    path = imports.staged(session, _STAGED)
    return [of_dict(row) for row in json.loads(path.read_text("utf-8"))] if path.is_file() else []


def is_taken(session: ImportSession, number: int, row: RowChange) -> bool:
    """Tell whether a row would be written: a conflict only if somebody chose it, another unless left out."""
    if row.is_conflict:
        return number in session.summary.get("take", [])
    return number not in session.summary.get("leave", [])


def chosen(session: ImportSession) -> list[RowChange]:
    """Return the rows that would be written."""
    return [row for number, row in enumerate(changes(session)) if is_taken(session, number, row)]


def choose(
    session: ImportSession,
    shown: Collection[int],
    taken: Collection[int],
    *,
    version: int,
    actor: Any,
    where: str = "",
) -> None:
    """Say which of the rows that were shown are to be written.

    Parameters
    ----------
    shown, taken
        Numbers of rows; those that were not shown stay as they are.
    version
        The session's version that the person had before the eyes.

    Raises
    ------
    Conflict
        If somebody else has chosen meanwhile, or the import is no longer open.
    """
    with audit.action(
        "plans.ledger_rows_chosen",
        actor=actor,
        where=where,
        division=session.division,
        name=str(session),
    ):
        held = _open(session, version)
        take, leave = set(held.summary["take"]), set(held.summary["leave"])
        rows = changes(held)
        for number in {number for number in shown if 0 <= number < len(rows)}:
            group, other = (
                (take, number in taken) if rows[number].is_conflict else (leave, number not in taken)
            )
            (group.add if other else group.discard)(number)
        held.summary = {**held.summary, "take": sorted(take), "leave": sorted(leave)}
        held.summary["has_content"] = any(is_taken(held, number, row) for number, row in enumerate(rows))
        held.summary.pop("error", None)
        held.save()


def compare_again(session: ImportSession, *, actor: Any, where: str = "") -> None:
    """Compare the file with the ledger anew, after it or the register of units has changed."""
    with audit.action(
        "plans.ledger_compared_again",
        actor=actor,
        where=where,
        division=session.division,
        name=str(session),
    ):
        held = _open(session, session.version)
        imports.read_again(held)


def _open(session: ImportSession, version: int) -> ImportSession:
    held = ImportSession.objects.select_for_update().get(pk=session.pk)
    if held.state != "previewed":
        state = workflow.of(held).states[held.state].label
        raise Conflict(
            Text("“{name}”当前为“{state}”，不能再选择。", name=str(held), state=state),
            remedy=Text("要再改台账，请重新导出、修改后再导入。"),
        )
    if held.version != version:
        raise Conflict(
            Text("“{name}”的预览已被他人改动。", name=str(held)),
            remedy=Text("请核对现在的选择后再保存。"),
        )
    return held
