"""The account that is kept while a table is read: what becomes of each record, what is wrong, what is odd."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from bishui.errors import Problem
from bishui.i18n import Text
from bishui.network.formats.model import Account, Fate
from bishui.network.formats.records import Records

#: So many problems of one kind are listed one by one; the rest is counted.
_LISTED = 200


class Ledger:
    """Collects the fate of each record, problems and findings of one table."""

    def __init__(self, records: Records) -> None:
        self.records = records
        self.fate = np.full(len(records), Fate.REACH, np.int8)
        self.reasons: dict[int, Text] = {}
        self.problems: list[Problem] = []
        self.findings: list[Problem] = []
        self._listed: dict[str, int] = {}

    def ignore(self, record: int, why: Text) -> None:
        """Put a record aside."""
        self._set(record, Fate.IGNORED, why)

    def refuse(self, record: int, problem: Problem) -> None:
        """Say that a record could not be read."""
        self._set(record, Fate.UNREADABLE, problem.what)
        self.problem(problem)

    def mark_edge(self, record: int) -> None:
        """Say that a record is one more edge of a reach that stands already."""
        self._set(record, Fate.EDGE, None)

    def remark(self, record: int, why: Text) -> None:
        """Say something about a record that became a reach."""
        self.reasons.setdefault(int(self.records.rows[record]), why)

    def problem(self, problem: Problem) -> None:
        """Add a fault that stops the network from being used."""
        self._add(self.problems, problem)

    def finding(self, finding: Problem) -> None:
        """Add what a person should look at."""
        self._add(self.findings, finding)

    def _add(self, to: list[Problem], problem: Problem) -> None:
        count = self._listed.get(problem.code, 0)
        self._listed[problem.code] = count + 1
        if count < _LISTED:
            to.append(problem)
        elif count == _LISTED:
            more = Text("同类问题太多，只列出前 {count} 处。", count=_LISTED)
            to.append(replace(problem, what=more, raw=None))

    def _set(self, record: int, fate: Fate, why: Text | None) -> None:
        self.fate[record] = fate
        if why is not None:
            self.reasons[int(self.records.rows[record])] = why

    def account(self) -> Account:
        """Return what became of every row, those that hold no record among them."""
        records = self.records
        there = set(records.rows.tolist())
        told = (problem.where.row for problem in records.problems)
        unread = [row for row in told if row is not None and row not in there]
        other = np.array([*records.ignored, *unread], np.int64)
        fates = [Fate.IGNORED] * len(records.ignored) + [Fate.UNREADABLE] * len(unread)
        reasons = {
            **records.ignored,
            **{problem.where.row: problem.what for problem in records.problems if problem.where.row},
            **self.reasons,
        }
        rows = np.concatenate([records.rows, other])
        order = np.argsort(rows, kind="stable")
        fate = np.concatenate([self.fate, np.array(fates, np.int8)])
        return Account(records.file, records.table, rows[order], fate[order], reasons)
