"""The one tree of errors: what happened, where, and what to do now.

The command line, the API and the pages render the same object; each text is a `bishui.i18n.Text`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from bishui.i18n import Text


@dataclass(frozen=True, slots=True)
class Where:
    """The place of a fault, as far as it is known.

    `row` and `line` count from 1, `byte` from 0. `column` is the head of the column as the user wrote it.
    """

    file: str | None = None
    sheet: str | None = None
    row: int | None = None
    column: str | None = None
    line: int | None = None
    byte: int | None = None
    field: str | None = None

    def as_dict(self) -> dict[str, Any]:
        """Return the known parts only."""
        return {key: value for key, value in asdict(self).items() if value is not None}

    def __str__(self) -> str:
        parts: list[str] = []
        if self.file is not None:
            parts.append(str(Text("文件 {file}", file=self.file)))
        if self.sheet is not None:
            parts.append(str(Text("工作表 {sheet}", sheet=self.sheet)))
        if self.row is not None:
            parts.append(str(Text("第 {row} 行", row=self.row)))
        if self.line is not None:
            parts.append(str(Text("第 {line} 行", line=self.line)))
        if self.column is not None:
            parts.append(str(Text("“{column}”列", column=self.column)))
        if self.field is not None:
            parts.append(str(Text("“{field}”项", field=self.field)))
        if self.byte is not None:
            parts.append(str(Text("第 {byte} 字节", byte=self.byte)))
        return str(Text("，")).join(parts)


@dataclass(frozen=True, slots=True)
class Problem:
    """One fault found in data: where it is, what it is, what to do about it.

    An importer collects problems and goes on; it raises only when it cannot go on.
    `code` is a stable word for machines, `raw` the text that was given.
    """

    code: str
    what: Text
    remedy: Text
    where: Where = Where()
    raw: str | None = None

    def as_dict(self) -> dict[str, Any]:
        """Return the JSON form, with both languages."""
        return {
            "code": self.code,
            "what": self.what.both(),
            "remedy": self.remedy.both(),
            "where": self.where.as_dict(),
            "raw": self.raw,
        }

    def __str__(self) -> str:
        place = str(self.where)
        return f"{place}{Text('：')}{self.what} {self.remedy}" if place else f"{self.what} {self.remedy}"


class BishuiError(Exception):
    """The root of all errors that a user may see.

    Parameters
    ----------
    what
        What happened, as a full sentence that holds the offending value.
    remedy
        What the user can do now.
    where
        The place of the fault.
    problems
        The single faults, where there are several.
    """

    code = "error"
    exit_status = 1
    http_status = 400

    def __init__(
        self,
        what: Text,
        *,
        remedy: Text | None = None,
        where: Where | None = None,
        problems: Sequence[Problem] = (),
    ) -> None:
        super().__init__(what.template)
        self.what = what
        self.remedy = remedy
        self.where = where or Where()
        self.problems = tuple(problems)

    def as_dict(self) -> dict[str, Any]:
        """Return the one JSON shape of an error."""
        return {
            "error": self.code,
            "what": self.what.both(),
            "remedy": self.remedy.both() if self.remedy else None,
            "where": self.where.as_dict(),
            "problems": [problem.as_dict() for problem in self.problems],
        }

    def __str__(self) -> str:
        place = str(self.where)
        text = f"{place}{Text('：')}{self.what}" if place else str(self.what)
        return f"{text} {self.remedy}" if self.remedy else text


class DataError(BishuiError):
    """The data are at fault: a file, a row, a value."""

    code = "data"
    http_status = 422


class UnreadableFile(DataError):
    """The file as a whole cannot be read: wrong format, wrong encoding, empty, damaged."""

    code = "unreadable-file"


class UnknownLayout(DataError):
    """The file can be read, but no known layout has its header."""

    code = "unknown-layout"


class CallError(BishuiError):
    """The call is at fault: a wrong option, a missing file, two options that exclude each other."""

    code = "call"
    exit_status = 2


class NotFound(BishuiError):
    """What was asked for does not exist, or the asker may not know that it does."""

    code = "not-found"
    http_status = 404


class Forbidden(BishuiError):
    """The asker has no right to do this."""

    code = "forbidden"
    http_status = 403


class Conflict(BishuiError):
    """Somebody else changed it first, or its state does not allow this."""

    code = "conflict"
    http_status = 409


class StoreError(BishuiError):
    """A store is damaged, locked or out of reach."""

    code = "store"
    http_status = 503


class BishuiWarning(UserWarning):
    """Something a developer should mend; never shown to users."""
