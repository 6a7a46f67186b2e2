"""Permitted concentrations of further items (其他项目许可浓度), as one cell of a register says them."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation

from bishui.errors import DataError, Where
from bishui.i18n import Text
from bishui.server.network.rules import item_keys, traceable
from bishui.standards import find_item, items

_UNIT = "mg/L"


def other_concentrations(text: str) -> dict[str, Decimal]:
    """Return ``氟化物=5；铜=0.5`` as concentrations by item, mg/L.

    Raises
    ------
    DataError
        With the first part that names no further item a trace may use, or has no number.
    """
    found: dict[str, Decimal] = {}
    for part in text.replace("；", ";").replace("，", ";").replace("＝", "=").split(";"):
        if not part.strip():
            continue
        name, _, given = part.partition("=")
        item, value = find_item(name.strip()), _number(given)
        if item is None or item.key not in traceable() or item.key in item_keys():
            names = "、".join(items()[key].name_zh for key in traceable() if key not in item_keys())
            raise _refusal(
                Text("“{part}”不是可填的项目。", part=part.strip()), Text("可填：{names}。", names=names)
            )
        if value is None:
            raise _refusal(
                Text("“{part}”没有浓度。", part=part.strip()),
                Text("写法：氟化物=5；铜=0.5，单位 {unit}。", unit=_UNIT),
            )
        found[item.key] = value
    return found


def _number(text: str) -> Decimal | None:
    try:
        value = Decimal(text.strip())
    except InvalidOperation:
        return None
    return value if value.is_finite() and value >= 0 else None


def _refusal(what: Text, remedy: Text) -> DataError:
    return DataError(what, remedy=remedy, where=Where(field="others"))
