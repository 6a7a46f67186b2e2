"""Tables of catchments (汇水区表): people, animals and farmland by the reach that they drain to."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np

from bishui.errors import Problem
from bishui.i18n import Text
from bishui.network.formats.heads import fold, words
from bishui.network.formats.model import NetworkFile
from bishui.network.loads.catchments import Catchment
from bishui.network.places import PlacesTable
from bishui.network.tables import Floats

_ANIMALS = ("pig", "layer", "broiler", "sheep", "dairy_cow", "beef_cow")
_SHARES = ("collected", "used_on_fields")
_COUNTS = ("rural", "town", "farmland", *_ANIMALS)


def read_catchments(path: Path, file: NetworkFile) -> tuple[Catchment, ...]:
    """Read catchments: reach, people, animals, farmland, and the shares of it that do not reach the water.

    Raises
    ------
    DataError
        With every row whose reach or correction is not known, or whose numbers cannot be.
    """
    table = PlacesTable(path, "catchments", ("reach",))
    table.needs("reach")
    names = table.texts("key") if "key" in table.heads.columns else table.texts("reach")
    rows = table.reach_rows(file, names)
    numbers = {role: table.numbers(role, 0.0) for role in (*_COUNTS, *_SHARES)}
    for role, values in numbers.items():
        _check(table, role, values)
    corrections = [
        _corrections(table, record, text) for record, text in enumerate(table.texts("corrections"))
    ]
    table.done()
    return tuple(
        _catchment(names[record], row, {role: float(given[record]) for role, given in numbers.items()}, said)
        for record, (row, said) in enumerate(zip(rows, corrections, strict=True))
        if row is not None
    )


def _catchment(key: str, row: int, given: Mapping[str, float], corrections: tuple[str, ...]) -> Catchment:
    return Catchment(
        key,
        row,
        given["rural"],
        given["town"],
        given["collected"],
        {kind: given[kind] for kind in _ANIMALS if given[kind]},
        given["used_on_fields"],
        given["farmland"],
        corrections,
    )


def _check(table: PlacesTable, role: str, values: Floats) -> None:
    """Refuse negative numbers, and shares above 1."""
    for record in np.flatnonzero(values < 0).tolist():
        table.problem(table.negative(record, role, float(values[record])))
    for record in np.flatnonzero(values > 1).tolist() if role in _SHARES else ():
        table.problem(
            Problem(
                "not-a-share",
                Text("比例 {value} 大于 1。", value=f"{values[record]:g}"),
                Text("请填写 0 到 1 之间的数；用百分数的，在表头写明（%）。"),
                table.records.where(record, table.heads.head(role)),
                raw=f"{values[record]:g}",
            )
        )


def _corrections(table: PlacesTable, record: int, text: str) -> tuple[str, ...]:
    """Return the names of the settings that a cell such as ``坡地；多雨`` means."""
    known = {fold(word): name for name, said in words("catchments")["correction"].items() for word in said}
    found = []
    for part in text.replace("；", ";").replace("、", ";").split(";"):
        if not part.strip():
            continue
        if fold(part) in known:
            found.append(known[fold(part)])
            continue
        table.problem(
            Problem(
                "unknown-correction",
                Text("不认识农田修正“{part}”。", part=part.strip()),
                Text("可用：{known}。", known="、".join(known)),
                table.records.where(record, table.heads.head("corrections")),
                raw=part,
            )
        )
    return tuple(found)
