"""The account of a file: every record became measurements, repeats another, says nothing, or is refused."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from enum import StrEnum

import numpy as np
import pyarrow as pa

from bishui.errors import Problem, Where
from bishui.i18n import Text

#: One row per record of the file. `of_row` is the row that is repeated; `results` counts measurement rows.
ACCOUNT = pa.schema(
    [
        pa.field("row", pa.int32(), nullable=False),
        pa.field("sheet", pa.string()),
        pa.field("outcome", pa.string(), nullable=False),  # Outcome
        pa.field("detail", pa.string(), nullable=False),
        pa.field("results", pa.int32(), nullable=False),
        pa.field("of_row", pa.int32()),
    ]
)


class Outcome(StrEnum):
    """What became of a record."""

    #: It became measurement rows, as many as `results` says; single cells may have been refused.
    ACCEPTED = "accepted"
    #: Its text is exactly that of an earlier record.
    REPEAT = "repeat"
    #: Written otherwise, but each of its results is also told, or told more fully, by another record.
    SUPERSEDED = "superseded"
    #: It holds nothing to take: an empty row, a comment, a station without time and readings.
    IGNORED = "ignored"
    #: It could not be taken; the problems say why.
    REJECTED = "rejected"


OUTCOMES = tuple(Outcome)
_CODE = {outcome: code for code, outcome in enumerate(OUTCOMES)}


@dataclass(slots=True)
class Records:
    """The records of one sheet and what becomes of them; places count the records of the sheet from 0."""

    file: str
    sheet: str | None
    rows: np.ndarray
    problems: list[Problem] = field(default_factory=list)
    outcomes: np.ndarray = field(init=False)
    results: np.ndarray = field(init=False)
    of: np.ndarray = field(init=False)
    refused_cells: np.ndarray = field(init=False)
    reasons: dict[int, Text] = field(default_factory=dict)

    def __post_init__(self) -> None:
        size = len(self.rows)
        self.outcomes = np.zeros(size, dtype=np.int8)
        self.results = np.zeros(size, dtype=np.int32)
        self.refused_cells = np.zeros(size, dtype=np.int32)
        self.of = np.full(size, -1, dtype=np.int64)

    @property
    def open(self) -> np.ndarray:
        """Whether each record may still become measurements, shape (n,)."""
        accepted: np.ndarray = self.outcomes == _CODE[Outcome.ACCEPTED]
        return accepted

    def where(self, place: int, column: str | None = None) -> Where:
        """Return the place of a record, or of one of its cells."""
        return Where(file=self.file, sheet=self.sheet, row=int(self.rows[place]), column=column)

    def reject(self, place: int, problem: Problem, column: str | None = None) -> None:
        """Refuse a whole record."""
        located = replace(problem, where=self.where(place, column))
        self.problems.append(located)
        self.outcomes[place] = _CODE[Outcome.REJECTED]
        self.reasons[place] = located.what

    def refuse_cell(self, place: int, problem: Problem, column: str | None) -> None:
        """Refuse one cell of a record; the record is refused when nothing else of it is taken."""
        located = replace(problem, where=self.where(place, column))
        self.problems.append(located)
        self.refused_cells[place] += 1
        self.reasons.setdefault(place, located.what)

    def ignore(self, places: np.ndarray, reason: Text) -> None:
        """Say that records hold nothing to take."""
        self.outcomes[places] = _CODE[Outcome.IGNORED]
        self.reasons.update(dict.fromkeys(places.tolist(), reason))

    def repeat(self, places: np.ndarray, of: np.ndarray) -> None:
        """Say that records repeat the earlier records `of`."""
        self.outcomes[places] = _CODE[Outcome.REPEAT]
        self.of[places] = of

    def supersede(self, place: int, of: int) -> None:
        """Say that the record `of` tells all that this record tells."""
        self.outcomes[place] = _CODE[Outcome.SUPERSEDED]
        self.of[place] = of

    def account(self) -> pa.Table:
        """Return the account of this sheet, one row per record, in the order of the file (`ACCOUNT`)."""
        empty = self.open & (self.results == 0) & (self.refused_cells > 0)
        self.outcomes[empty] = _CODE[Outcome.REJECTED]
        names = pa.DictionaryArray.from_arrays(pa.array(self.outcomes), pa.array(OUTCOMES)).cast(pa.string())
        of_row = pa.array(np.where(self.of >= 0, self.rows[self.of], 0).astype(np.int32), mask=self.of < 0)
        columns = [
            pa.array(self.rows.astype(np.int32)),
            pa.array([self.sheet], pa.string()).take(pa.array(np.zeros(len(self.rows), dtype=np.int8))),
            names,
            self._details(),
            pa.array(self.results),
            of_row,
        ]
        return pa.table(columns, schema=ACCOUNT)

    def _details(self) -> pa.Array:
        details = np.full(len(self.rows), "", dtype=object)
        for place in np.flatnonzero(self.of >= 0).tolist():
            row = int(self.rows[self.of[place]])
            exact = self.outcomes[place] == _CODE[Outcome.REPEAT]
            details[place] = str(
                Text("与第 {row} 行完全相同", row=row) if exact else Text("结果已由第 {row} 行给出", row=row)
            )
        for place, reason in self.reasons.items():
            details[place] = str(reason)
        for place in np.flatnonzero(self.refused_cells * self.results).tolist():
            details[place] = str(
                Text(
                    "{count} 个单元格未被采用：{reason}",
                    count=int(self.refused_cells[place]),
                    reason=self.reasons[place],
                )
            )
        return pa.array(details, pa.string())


def outside_account(
    file: str, sheet: str | None, problems: tuple[Problem, ...], comments: tuple[int, ...]
) -> Records:
    """Return the account of records that never became columns: of the wrong length, or comments."""
    numbers = [problem.where.row or 0 for problem in problems] + list(comments)
    records = Records(file, sheet, np.array(numbers, dtype=np.int64))
    for place, problem in enumerate(problems):
        records.reject(place, problem)
    records.ignore(np.arange(len(problems), len(numbers)), Text("注释行"))
    return records
