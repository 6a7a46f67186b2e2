"""Cells of case files as bureaus write them: full-width digits, percent signs, dashes, words of verdicts."""

from __future__ import annotations

import unicodedata
from decimal import Decimal, InvalidOperation

from bishui.assessment.results import State
from bishui.errors import DataError, Where
from bishui.i18n import Text
from bishui.verification import Case

#: What people write into a cell that has no value.
_NOTHING = frozenset({"-", "--", "—", "——", "/", "\\"})
_VERDICTS = {
    State.ATTAINED: ("达标", "已达标", "是", "yes", "true", "attained"),
    State.NOT_ATTAINED: ("不达标", "未达标", "超标", "否", "no", "false", "not attained"),
    State.NOT_JUDGED: ("未判定", "无法判定", "not judged"),
    State.NO_TARGET: ("无目标", "no target"),
}


def given(case: Case, head: str) -> str:
    """Return a cell in plain width, empty where it says that there is nothing."""
    text = plain(case.get(head))
    return "" if text in _NOTHING else text


def plain(text: str) -> str:
    """Return a text with full-width digits, signs and brackets as plain ones."""
    return unicodedata.normalize("NFKC", text).strip()


def number(text: str, line: int, column: str) -> Decimal:
    """Return the number of a cell, exact.

    Raises
    ------
    DataError
        If it is not a number.
    """
    try:
        found = Decimal(plain(text))
    except InvalidOperation:
        found = Decimal("NaN")
    if not found.is_finite():
        raise DataError(
            Text("“{text}”不是数。", text=text),
            remedy=Text("请改为数值，未检出写作 <0.02 或 0.02L。"),
            where=Where(line=line, column=column),
        )
    return found


def percentage(text: str, line: int, column: str) -> Decimal:
    """Return the number of a percentage, written with its sign or without.

    Raises
    ------
    DataError
        If it is not a number.
    """
    return number(plain(text).removesuffix("%"), line, column)


def verdict_of(text: str) -> State | None:
    """Return the verdict that a cell names (``达标``, ``未达标``, ``否``, ``yes``), or None."""
    wanted = plain(text).casefold()
    return next(
        (state for state, words in _VERDICTS.items() if wanted in (state.text.template, *words)), None
    )
