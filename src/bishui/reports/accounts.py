"""What stands behind each figure (依据): numbered once, told alike in a Word file, a workbook and a page."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from bishui.reports.document import Cell, Column, Span, Table

#: What the mark of the things behind a figure begins with, in a workbook.
_COUNTED = "counted:"
#: How many of them stand on one line of a workbook; all stand on the sheet that the line leads to.
_SHOWN_THINGS = 6
_NOTHING = "—"


@dataclass(frozen=True, slots=True)
class Account:
    """What stands behind one figure.

    Attributes
    ----------
    mark
        The mark that the figure bears (`bishui.reports.Span.ref`).
    label, text
        What the figure is, and as it is printed.
    source
        The rule, the method with its version, or the register that gave it.
    as_of
        The last day whose data count, as ISO text.
    things
        All that was counted, each with the mark of what it opens.
    number
        The figure where it is a plain number: a workbook calculates with it.
    """

    mark: str
    label: str
    text: str
    source: str
    as_of: str
    things: tuple[Span, ...] = ()
    number: Decimal | None = None


def numbered_accounts(accounts: Iterable[Account]) -> list[tuple[int, Account]]:
    """Return accounts with their numbers, from 1, which are the same in every file of a document."""
    return list(enumerate(accounts, start=1))


def appended(accounts: Sequence[Account], note: str = "") -> Table:
    """Return the table for a Word file: where each figure leads, with everything that was counted."""
    return Table(
        "appended",
        "各数字的依据",
        (
            Column("序号", 0.9, numeric=True),
            Column("数据", 2),
            Column("数值", 2),
            Column("依据和计入的对象", 8),
        ),
        tuple(
            (
                Cell(str(number), number, account.mark),
                Cell(account.label),
                Cell(account.text),
                Cell(f"{account.source}。计入：{_all(account)}"),
            )
            for number, account in numbered_accounts(accounts)
        ),
        note=note,
    )


def sources(accounts: Sequence[Account]) -> Table:
    """Return the sheet of a workbook with each figure, where it comes from, and the first things counted."""
    return Table(
        "sources",
        "各数字的依据",
        (
            Column("序号", 0.6, numeric=True),
            Column("数据", 2.8),
            Column("数值", 2),
            Column("来源", 2.8),
            Column("计入", 3.8),
            Column("截至", 1),
        ),
        tuple(
            (
                Cell(str(number), number, account.mark),
                Cell(account.label, ref=f"{_COUNTED}{account.mark}"),
                Cell(account.text, account.number),
                Cell(account.source),
                Cell(_first(account)),
                Cell(account.as_of),
            )
            for number, account in numbered_accounts(accounts)
        ),
        "数据来源",
    )


def counted(accounts: Sequence[Account]) -> Table:
    """Return the sheet of a workbook with everything behind each figure, one thing a line."""
    return Table(
        "counted",
        "各数字计入的对象",
        (Column("序号", 0.6, numeric=True), Column("数据", 3), Column("计入", 6)),
        tuple(
            (
                Cell(str(number), number, f"{_COUNTED}{account.mark}"),
                Cell(account.label),
                Cell(thing.text, ref=thing.ref),
            )
            for number, account in numbered_accounts(accounts)
            for thing in account.things
        ),
        "计入的对象",
    )


def _all(account: Account) -> str:
    return "；".join(thing.text for thing in account.things) or _NOTHING


def _first(account: Account) -> str:
    """Return what was counted on one line; a long list ends with how many there are."""
    shown = "；".join(thing.text for thing in account.things[:_SHOWN_THINGS])
    rest = len(account.things) - _SHOWN_THINGS
    return f"{shown}……共{len(account.things)}项" if rest > 0 else shown or _NOTHING
