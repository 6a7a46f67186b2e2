"""Known answers (已知答案): files of worked cases, expected against got, row by row.

A layout is recognised by its header, never by its file name. Other rooms add layouts with `register_layout`.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from importlib import import_module
from pathlib import Path
from typing import Any

from bishui.errors import BishuiError, CallError, Problem, UnreadableFile, Where
from bishui.i18n import Text
from bishui.text_files import read_text


class Outcome(StrEnum):
    """What became of an expectation."""

    OK = "ok"
    DIFFERENT = "different"
    #: The inputs of the expectation are not in the file, or cannot be read.
    NOT_CHECKABLE = "not_checkable"
    #: A column that is printed beside and that nothing in the file could reproduce.
    NOT_CHECKED = "not_checked"
    #: The file holds no expectation: another file of worked cases names it as its input.
    INPUT = "input"

    @property
    def failed(self) -> bool:
        """Whether it counts as a failure."""
        return self in (Outcome.DIFFERENT, Outcome.NOT_CHECKABLE)


@dataclass(frozen=True, slots=True)
class Case:
    """One data row of a file: its line, counted from 1, its cells by head, and the folder of the file."""

    line: int
    cells: Mapping[str, str]
    folder: Path = Path()

    def get(self, head: str) -> str:
        """Return a cell without surrounding white space; empty where it is blank or absent."""
        return (self.cells.get(head) or "").strip()


@dataclass(frozen=True, slots=True)
class Check:
    """One expectation of one row, and what came out."""

    line: int
    case: str
    what: str
    expected: str
    got: str
    outcome: Outcome
    note: Text | None = None

    def as_dict(self) -> dict[str, Any]:
        """Return the JSON form."""
        return {
            "line": self.line,
            "case": self.case,
            "what": self.what,
            "expected": self.expected,
            "got": self.got,
            "outcome": self.outcome.value,
            "note": self.note.both() if self.note else None,
        }


def compare(case: Case, name: str, what: str, *, expected: str, got: str, note: Text | None = None) -> Check:
    """Return the check of two texts that are equal or not."""
    outcome = Outcome.OK if expected == got else Outcome.DIFFERENT
    return Check(case.line, name, what, expected, got, outcome, note)


@dataclass(frozen=True, slots=True)
class Layout:
    """A kind of case file.

    `needs` are the heads that mark it; `check` turns rows into checks. A layout whose `inputs` function
    returns a text cannot be checked, for the reason given. `whole` makes the checks that need all rows.
    """

    name: str
    needs: frozenset[str]
    check: Callable[[Case, Sequence[str]], Iterable[Check]]
    inputs: Callable[[Sequence[str]], Text | None] = lambda _header: None
    whole: Callable[[Path, Sequence[Case], Sequence[str]], Iterable[Check]] | None = None


@dataclass(frozen=True, slots=True)
class FileReport:
    """What became of one file; `problem` says why the file as a whole is not checkable."""

    path: str
    layout: str | None
    checks: tuple[Check, ...]
    problem: Problem | None = None

    @property
    def failed(self) -> bool:
        """A file fails by a failed check, by being not checkable, or by holding nothing to check."""
        checked = [check for check in self.checks if check.outcome is not Outcome.NOT_CHECKED]
        return self.problem is not None or not checked or any(check.outcome.failed for check in checked)

    def count(self, outcome: Outcome) -> int:
        """Return how many checks came out so."""
        return sum(check.outcome == outcome for check in self.checks)

    def as_dict(self) -> dict[str, Any]:
        """Return the JSON form."""
        return {
            "path": self.path,
            "layout": self.layout,
            "failed": self.failed,
            "counts": {outcome.value: self.count(outcome) for outcome in Outcome},
            "problem": self.problem.as_dict() if self.problem else None,
            "checks": [check.as_dict() for check in self.checks],
        }


_LAYOUTS: dict[str, Layout] = {}
_MODULES: list[str] = []


def register_layout(layout: Layout) -> None:
    """Add a layout; the one with the most marking heads in a header wins."""
    _LAYOUTS[layout.name] = layout


def register_module(name: str) -> None:
    """Name a module that registers layouts; it is imported when layouts are first asked for, not before."""
    _MODULES.append(name)


def layouts() -> tuple[Layout, ...]:
    """Return the known layouts."""
    while _MODULES:
        import_module(_MODULES[0])
        _MODULES.pop(0)
    return tuple(_LAYOUTS.values())


def verify(paths: Iterable[Path]) -> list[FileReport]:
    """Run files of worked cases; a folder stands for the CSV files in it.

    Parameters
    ----------
    paths
        Files or folders.

    Raises
    ------
    CallError
        If a path does not exist, or there is no file.
    """
    files: list[Path] = []
    for path in paths:
        if not path.exists():
            raise CallError(
                Text("找不到“{path}”。", path=path), remedy=Text("请核对路径。"), where=Where(file=str(path))
            )
        files.extend(sorted(path.glob("*.csv")) if path.is_dir() else [path])
    if not files:
        raise CallError(Text("没有可核对的文件。"), remedy=Text("请给出算例文件（CSV）或其所在文件夹。"))
    return [verify_file(path) for path in files]


def verify_file(path: Path) -> FileReport:
    """Run one file of worked cases."""
    try:
        header, cases = read_cases(path)
    except UnreadableFile as fault:
        remedy = fault.remedy or Text("请核对文件。")
        return FileReport(str(path), None, (), Problem(fault.code, fault.what, remedy, fault.where))
    layout = recognise(header)
    if layout is None:
        return FileReport(
            str(path),
            None,
            (),
            Problem(
                "unknown-layout",
                Text("表头不是已知的算例格式：{header}。", header="、".join(header)),
                Text("已知格式：{names}。", names="、".join(sorted(known.name for known in layouts()))),
                Where(file=str(path)),
            ),
        )
    lacking = layout.inputs(header)
    if lacking is not None:
        problem = Problem("not-checkable", lacking, Text("请补上输入列后再核对。"), Where(file=str(path)))
        return FileReport(str(path), layout.name, (), problem)
    checks = [check for case in cases for check in _checked(layout, case, header)]
    if layout.whole is not None:
        whole = layout.whole
        checks.extend(_guarded(layout, 0, lambda: whole(path, cases, header)))
    return FileReport(str(path), layout.name, tuple(checks))


def recognise(header: Sequence[str]) -> Layout | None:
    """Return the layout whose marking heads all stand in the header; the most specific of several."""
    heads = frozenset(header)
    fitting = [layout for layout in layouts() if layout.needs <= heads]
    return max(fitting, key=lambda layout: len(layout.needs), default=None)


def _checked(layout: Layout, case: Case, header: Sequence[str]) -> Iterable[Check]:
    return _guarded(layout, case.line, lambda: layout.check(case, header))


def _guarded(layout: Layout, line: int, checks: Callable[[], Iterable[Check]]) -> Iterable[Check]:
    try:
        return list(checks())
    except BishuiError as fault:
        note = Text("{what}", what=fault)
        return [Check(line, "", layout.name, "", "", Outcome.NOT_CHECKABLE, note)]


def read_cases(path: Path) -> tuple[list[str], list[Case]]:
    """Read a CSV of cases: the header and its rows with their lines; lines that begin with # are comments.

    Raises
    ------
    UnreadableFile
        If the file is not text in UTF-8 or GB 18030, or has no header.
    """
    lines = read_text(path).splitlines()
    kept = [(number, line) for number, line in enumerate(lines, 1) if line.strip() and not _is_comment(line)]
    if not kept:
        raise UnreadableFile(
            Text("文件里没有表头。"), remedy=Text("请核对文件内容。"), where=Where(file=str(path))
        )
    rows = _numbered(kept)
    header = [head.strip() for head in rows[0][1]]
    cases = [
        Case(number, dict(zip(header, row, strict=False)), path.parent)
        for number, row in rows[1:]
        if any(cell.strip() for cell in row)
    ]
    return header, cases


def _is_comment(line: str) -> bool:
    """Tell whether a line is a comment; a spreadsheet puts one that holds a comma into quotation marks."""
    return line.lstrip(' "').startswith("#")


def _numbered(kept: Sequence[tuple[int, str]]) -> list[tuple[int, list[str]]]:
    """Return the rows with the line on which each begins; a quoted cell may run over several lines."""
    reader = csv.reader(f"{line}\n" for _, line in kept)
    rows, begun = [], 0
    for row in reader:
        rows.append((kept[begun][0], row))
        begun = reader.line_num
    return rows
