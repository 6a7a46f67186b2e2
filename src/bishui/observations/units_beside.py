"""Units that stand in a column of their own beside the results of an item (结果 | 单位)."""

from __future__ import annotations

from collections.abc import Mapping as Lookup
from collections.abc import Sequence
from dataclasses import replace

from bishui.errors import Problem, Where
from bishui.i18n import Text
from bishui.observations.laboratory_texts import stripped
from bishui.observations.mappings import Column
from bishui.observations.naming import known_items
from bishui.observations.sheets import Body
from bishui.observations.textforms import is_unit
from bishui.standards import unit_factor


def units_beside(
    columns: Lookup[int, Column], heads: Sequence[str], body: Body, where: Where
) -> list[Problem]:
    """Return each row whose unit, in the column right of a result, is not the one that the mapping says.

    Parameters
    ----------
    columns
        By place, what the mapping makes of each head.
    heads
        The sheet's heads, "" where there is none.
    body
        What stands below them.
    where
        File and sheet.
    """
    problems: list[Problem] = []
    for at, column in columns.items():
        beside = columns.get(at + 1)
        free = at + 1 < len(heads) and (beside is None or beside.role in ("ignore", "note"))
        if column.role != "result" or column.item is None or not free:
            continue
        said = stripped(body.columns[at + 1])
        if any(said) and all(is_unit(text) for text in said if text):
            problems += _others(column, said, body, replace(where, column=heads[at + 1] or column.head))
    return problems


def _others(column: Column, said: Sequence[str], body: Body, where: Where) -> list[Problem]:
    item = known_items()[column.item or ""]
    usual = column.unit or item.unit
    factor = unit_factor(item, usual)
    return [
        Problem(
            "unit-beside",
            Text(
                "“{head}”旁边写的单位是“{found}”，对照中是“{saved}”。",
                head=column.head,
                found=text,
                saved=usual,
            ),
            Text("请把单位写在表头或表头下一行，全列一致；或把结果换算成对照中的单位。"),
            replace(where, row=row),
            raw=text,
        )
        for row, text in zip(body.rows.tolist(), said, strict=True)
        if text and unit_factor(item, text) != factor
    ]
