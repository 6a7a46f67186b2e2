"""Who changed what a workbook would change too, and when: read from the audit trail."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from bishui.server.core import audit
from bishui.server.core.models import AuditEntry
from bishui.server.plans.duty_models import ROLES
from bishui.server.plans.models import TaskUnit
from bishui.server.plans.workbook_changes import RowChange

#: How far back the trail is read where a file does not say when it was exported.
_FAR = 5000


def add_authors(rows: Sequence[RowChange], division: str, state: int | None) -> None:
    """Say of each row who last changed one of its cells in conflict, when and in which deed.

    Parameters
    ----------
    rows
        Rows with a conflict.
    state
        The newest entry of the trail at the time of the export, None where it is not known.
    """
    wanted = {position: _Sought(row) for position, row in enumerate(rows)}
    root = division.partition("/")[0]
    entries = AuditEntry.objects.filter(division__startswith=f"{root}/").order_by("-sequence")
    entries = entries.filter(sequence__gt=state) if state is not None else entries[:_FAR]
    for entry in entries.iterator(chunk_size=500) if wanted else ():
        for position in [key for key, sought in wanted.items() if sought.is_in(entry.changes)]:
            row = wanted.pop(position).row
            row.by, row.at = entry.actor_name, entry.at.isoformat(timespec="minutes")
            row.what = audit.message(entry.action, entry.params)
        if not wanted:
            return


class _Sought:
    """A row whose author is looked for: its record, its fields in conflict, and its units' records."""

    def __init__(self, row: RowChange) -> None:
        self.row = row
        columns = {cell.column for cell in row.cells if cell.moved}
        self.fields = {"duty" if column == "unit" else column for column in columns}
        self.units: set[str] = set()
        if columns & set(ROLES):
            found = TaskUnit.objects.filter(task_id=row.task).values_list("pk", flat=True)
            self.units = {str(pk) for pk in found} | {row.task}

    def is_in(self, changes: Sequence[Mapping[str, Any]]) -> bool:
        """Tell whether a deed changed one of the cells."""
        for change in changes:
            if change.get("id") == self.row.record and self.fields & set(change.get("fields", {})):
                return True
            if self.units and (change.get("id") in self.units or self.units & set(change.get("ids", []))):
                return True
        return False
