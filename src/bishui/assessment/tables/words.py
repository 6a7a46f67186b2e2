"""A table of results in words, for people who read it in a spreadsheet."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from enum import StrEnum
from functools import cache

import pyarrow as pa

from bishui.assessment.ranking.cwqi import NoIndex
from bishui.assessment.rates import LeftOut
from bishui.assessment.results import Reason, State
from bishui.assessment.rows import known_items
from bishui.assessment.waters.change import Caution
from bishui.i18n import Text

_METHODS = {
    "section": Text("断面"),
    "area": Text("河流与区域"),
    "class_share": Text("水质类别比例"),
    "good_rate": Text("优良比例"),
    "worst_rate": Text("劣Ⅴ类比例"),
    "attainment_rate": Text("达标率"),
    "change": Text("时段变化"),
    "lake": Text("湖库"),
    "zone": Text("功能区"),
    "zone_rate": Text("功能区达标率"),
    "source": Text("水源地"),
    "source_rate": Text("水源达标率"),
    "source_volume_rate": Text("水量达标率"),
    "flow": Text("生态流量"),
    "body": Text("黑臭水体"),
    "body_sign_off": Text("黑臭水体销号"),
    "well": Text("地下水"),
    "index": Text("水质指数"),
    "index_change": Text("水质指数变化"),
    "flood_season": Text("汛期污染强度"),
    "plant_load": Text("运行负荷率"),
    "discharge": Text("排污口"),
    "effluent": Text("出水"),
    "indicator": Text("规划指标"),
    "rank_trend": Text("秩相关趋势"),
    "kendall_trend": Text("肯德尔趋势"),
    "air": Text("环境空气"),
    "air_rate": Text("优良天数比例"),
}
_PERIODS = {
    "reading": Text("单次"),
    "day": Text("日"),
    "week": Text("周"),
    "ten_days": Text("旬"),
    "month": Text("月"),
    "quarter": Text("季度"),
    "half_year": Text("半年"),
    "ytd": Text("年初累计"),
    "year": Text("全年"),
}
_WATERS = {"river": Text("河流"), "lake": Text("湖库")}
_COUNTED = {
    "rows": Text("数据"),
    "sections": Text("断面"),
    "zones": Text("功能区"),
    "sources": Text("水源地"),
    "points": Text("点位"),
    "samples": Text("监测次数"),
    "months": Text("月"),
    "days": Text("日"),
    "values": Text("数值"),
    "periods": Text("时段"),
    "items": Text("项目"),
    "inputs": Text("参数"),
}
#: A list of items, each with a figure in brackets where it has one.
_ITEM = re.compile(r"([^,(]+)(\([^)]*\))?(,|$)")


def spoken(table: pa.Table) -> pa.Table:
    """Return a table of results whose keys are words in the language in use; numbers stay numbers.

    An item is its name, a state or reason what the pages say; what has no word is kept as it is.
    """
    for name, say in _speakers().items():
        place = table.schema.get_field_index(name)
        spoken_column = [None if value is None else say(value) for value in table[name].to_pylist()]
        table = table.set_column(place, table.schema.field(name), pa.array(spoken_column, pa.string()))
    return table


def _speakers() -> Mapping[str, Callable[[str], str]]:
    words: dict[str, Mapping[str, Text]] = {
        "method": _METHODS,
        "period_kind": _PERIODS,
        "water_type": _WATERS,
        "counted": _COUNTED,
        "verdict": {state.value: state.text for state in State},
        "reason": _reasons(),
    }
    items = ("deciding", "main_pollutants", "failing", "item_list", "items_missing")
    return {name: _word_of(table) for name, table in words.items()} | dict.fromkeys(items, _items)


@cache
def _reasons() -> Mapping[str, Text]:
    known: tuple[type[StrEnum], ...] = (LeftOut, NoIndex, Caution, Reason)
    return {reason.value: getattr(reason, "text") for kind in known for reason in kind}  # noqa: B009


def _word_of(table: Mapping[str, Text]) -> Callable[[str], str]:
    return lambda key: str(table.get(key, key))


def _items(text: str) -> str:
    """Return the names of a list of items, with their figures."""
    known = known_items()
    return "、".join(
        f"{known[key].name if key in known else key}{figure}" for key, figure, _ in _ITEM.findall(text)
    )
