"""Case files of load allocation: a matrix, limits and bounds, then the optimum, its prices, equal shares."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import numpy as np

from bishui.errors import BishuiError, DataError
from bishui.i18n import Text
from bishui.network.capacity.allocation import AllocationCase, equal_proportion, greatest_total
from bishui.network.tables import Floats
from bishui.network.worked_cases.figures import close, matrix_of, row_of
from bishui.verification import Case, Check, Layout, Outcome, register_layout

TOLERANCE = 1e-9
_ITEM, _VALUE = "item", "value"
#: Beginnings of the rows that are inputs.
_INPUTS = ("transmission", "section capacity", "lower bound", "upper bound")


def _never(_case: Case, _header: Sequence[str]) -> Iterable[Check]:
    return ()


def _given(rows: Mapping[str, Case]) -> AllocationCase | None:
    """Return the case that the input rows describe; None where one is missing."""
    found = {
        start: next((row for item, row in rows.items() if item.startswith(start)), None) for start in _INPUTS
    }
    response, room, floor, present = (found[start] for start in _INPUTS)
    if response is None or room is None or floor is None or present is None:
        return None
    matrix = np.array(matrix_of(response.get(_VALUE), response, _VALUE))
    limit, least, most = (np.array(row_of(row.get(_VALUE), row, _VALUE)) for row in (room, floor, present))
    sections, outfalls = (
        [f"{word}{at}" for at in range(1, n + 1)] for word, n in zip("sk", matrix.shape, strict=True)
    )
    return AllocationCase(matrix, limit, least, most, tuple(sections), tuple(outfalls))


def _answers(case: AllocationCase) -> dict[str, Floats]:
    """Return what may be asked for, by the beginning of the row's name."""
    best, equal = greatest_total(case), equal_proportion(case)
    # Those at their floor keep more than the common share.
    free = (case.present > 0) & (equal.loads > case.floor * (1.0 + 1e-12))
    kept = equal.loads / np.where(case.present > 0, case.present, np.inf)
    cut = 1.0 - float(kept[free].max() if free.any() else kept.max(initial=0.0))
    return {
        "x": best.loads,
        "objective": np.array([best.total]),
        "dual_section": best.shadow,
        "dual_lower": best.floor_price,
        "dual_upper": best.present_price,
        "equal-proportion": np.array([cut]),
        "total load kept": np.array([equal.total]),
        "price of equal": np.array([equal.price_of_fairness]),
    }


def _allocations(_path: Path, cases: Sequence[Case], _header: Sequence[str]) -> Iterable[Check]:
    """Solve each case once; rows of a case without inputs of its own belong to the case before."""
    by_name: dict[str, dict[str, Case]] = {}
    for case in cases:
        by_name.setdefault(case.get("case"), {})[case.get(_ITEM)] = case
    answers: dict[str, Floats] | None = None
    for name, rows in by_name.items():
        try:
            given = _given(rows)
            answers = answers if given is None else _answers(given)
        except BishuiError as fault:
            first = next(iter(rows.values()))
            note = Text("{what}", what=fault)
            yield Check(first.line, name, _VALUE, "", "", Outcome.NOT_CHECKABLE, note)
            answers = None
        for item, row in rows.items():
            if not item.startswith(_INPUTS):
                yield from _compared(row, name, item, answers)


def _compared(row: Case, name: str, item: str, answers: Mapping[str, Floats] | None) -> Iterable[Check]:
    found = [value for start, value in (answers or {}).items() if item == start or item.startswith(start)]
    if not found:
        note = Text("没有输入，或不认识“{item}”。", item=item)
        yield Check(row.line, name, item, row.get(_VALUE), "", Outcome.NOT_CHECKABLE, note)
        return
    got = found[0]
    try:
        expected = row_of(row.get(_VALUE), row, _VALUE, ";")
    except DataError as fault:
        note = Text("{what}", what=fault)
        yield Check(row.line, name, item, row.get(_VALUE), "", Outcome.NOT_CHECKABLE, note)
        return
    if len(expected) != len(got):
        note = Text("有 {count} 个数，应有 {wanted} 个。", count=len(expected), wanted=len(got))
        yield Check(row.line, name, item, row.get(_VALUE), "", Outcome.NOT_CHECKABLE, note)
        return
    # A floor's price is printed with either sign: loss, or gain if it were lower.
    size = np.abs if item.startswith("dual_lower") else np.asarray
    for wanted, value in zip(size(np.array(expected)), size(got), strict=True):
        yield close(row, name, item, float(wanted), float(value), relative=TOLERANCE, absolute=TOLERANCE)


register_layout(Layout("allocation", frozenset({"case", _ITEM, _VALUE}), _never, whole=_allocations))
