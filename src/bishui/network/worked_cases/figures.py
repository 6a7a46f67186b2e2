"""Numbers in files of worked cases: read with a message that names the cell, compared to a tolerance."""

from __future__ import annotations

import math

from bishui.errors import DataError, Where
from bishui.i18n import Text
from bishui.verification import Case, Check, Outcome


def number(case: Case, head: str) -> float:
    """Return the number in a cell.

    Raises
    ------
    DataError
        If the cell holds none.
    """
    return number_in(case.get(head), case, head)


def number_in(text: str, case: Case, head: str) -> float:
    """Return the number that a part of a cell holds.

    Raises
    ------
    DataError
        If it holds none.
    """
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        raise DataError(
            Text("“{text}”不是数。", text=text),
            remedy=Text("请填写数字。"),
            where=Where(line=case.line, column=head),
        )
    return value


def row_of(text: str, case: Case, head: str, split: str = ",") -> list[float]:
    """Return the numbers of a list such as ``1,2,3``."""
    return [number_in(part.strip(), case, head) for part in text.split(split)]


def matrix_of(text: str, case: Case, head: str) -> list[list[float]]:
    """Return the rows of a matrix such as ``1,2|3,4``."""
    return [row_of(row, case, head) for row in text.split("|")]


def inputs_of(text: str, case: Case, head: str) -> dict[str, str]:
    """Return the parts of ``name=value;…`` by name.

    Raises
    ------
    DataError
        If a part has no equals sign.
    """
    parts: dict[str, str] = {}
    for part in text.split(";"):
        name, equals, value = part.partition("=")
        if not equals:
            raise DataError(
                Text("“{part}”不是“名=值”。", part=part),
                remedy=Text("请写成 名=值;名=值。"),
                where=Where(line=case.line, column=head),
            )
        parts[name.strip()] = value.strip()
    return parts


def close(
    case: Case,
    name: str,
    what: str,
    expected: float,
    got: float,
    *,
    relative: float,
    absolute: float = 0.0,
    note: Text | None = None,
) -> Check:
    """Return the check of two numbers that agree within a tolerance, or do not.

    Parameters
    ----------
    relative
        Allowed difference per size of the expected number.
    absolute
        Allowed difference where that is larger.
    """
    fits = abs(got - expected) <= max(relative * abs(expected), absolute)
    outcome = Outcome.OK if fits else Outcome.DIFFERENT
    return Check(case.line, name, what, f"{expected:.17g}", f"{got:.17g}", outcome, note)
