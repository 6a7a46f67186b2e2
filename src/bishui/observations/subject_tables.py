"""Tables of what is no measurement of water: treated volumes, indicator inputs, sign-off papers, air days.

Small tables made by hand, read as the registers are: every fault is listed, and one fault refuses the file.
"""

from __future__ import annotations

import re
from dataclasses import replace
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import Any

import pyarrow as pa

from bishui.errors import CallError, Problem, Where
from bishui.i18n import Text
from bishui.observations.numbers import Reading, parse_number
from bishui.observations.registers import read_register, word_of
from bishui.observations.schema import VALUE_SCALE, VALUE_TYPE, Mark
from bishui.observations.textforms import fold
from bishui.standards import (
    Indicator,
    IndicatorInput,
    any_item,
    find_indicator,
    indicator_factor,
    indicator_units,
    indicators,
    unit_factor,
)

#: One row per works and day: the water that it treated.
PLANT_DAYS = pa.schema(
    [
        pa.field("id", pa.string(), nullable=False),  # row in the file
        pa.field("plant", pa.string(), nullable=False),
        pa.field("day", pa.date32(), nullable=False),
        pa.field("volume", VALUE_TYPE),  # m³; null = not known
        pa.field("capacity", VALUE_TYPE),  # m³/d
        pa.field("running", pa.string()),  # yes, no; null = not stated
    ]
)

#: One row per input of an indicator of the plans, and per works or district where it has several.
INDICATOR_INPUTS = pa.schema(
    [
        pa.field("id", pa.string(), nullable=False),  # row in the file
        pa.field("indicator", pa.string(), nullable=False),  # key of bishui.standards.indicators()
        pa.field("period", pa.string()),  # null = whatever period
        pa.field("input", pa.string(), nullable=False),  # key of the indicator's input
        pa.field("of", pa.string()),  # works, district
        pa.field("value", VALUE_TYPE),  # null = not known
        pa.field("unit", pa.string()),  # null = the input's own
        pa.field("source", pa.string()),
    ]
)

#: One row per paper of a sign-off (销号材料) of a black-odorous water body.
SIGN_OFF_RECORDS = pa.schema(
    [
        pa.field("id", pa.string(), nullable=False),  # row in the file
        pa.field("body", pa.string(), nullable=False),
        pa.field("record", pa.string(), nullable=False),  # survey, engineering_record, …
        pa.field("day", pa.date32(), nullable=False),
        pa.field("answers", pa.int32()),  # of a survey
        pa.field("satisfied", pa.int32()),
        pa.field("document", pa.string(), nullable=False),
    ]
)

#: The pollutants of a day's index, as `assessment.air_day` names them.
AIR_KEYS = (
    "so2_daily",
    "no2_daily",
    "pm10_daily",
    "pm25_daily",
    "carbon_monoxide_daily",
    "o3_daily_max_8h",
)

#: One row per place and day: the means of the day.
AIR_DAYS = pa.schema(
    [
        pa.field("id", pa.string(), nullable=False),  # row in the file
        pa.field("place", pa.string()),
        pa.field("day", pa.date32(), nullable=False),
        # μg/m³, carbon monoxide mg/m³; the detection limit where the key stands in `below`
        *(pa.field(key, VALUE_TYPE) for key in AIR_KEYS),
        pa.field("below", pa.list_(pa.string())),
    ]
)

_UNIT_IN_HEAD = re.compile(r"[(\[（【]([^()\[\]（）【】]*)[)\]）】]\s*$")
_DIGITS = Decimal(1).scaleb(-VALUE_SCALE)


def read_plant_days(path: str | Path) -> pa.Table:
    """Read treated volumes by works and day (`PLANT_DAYS`); the unit may stand in the head: 处理水量（万m³）.

    Raises
    ------
    DataError, UnknownLayout
        As `read_sites`.
    """
    return read_register(
        Path(path),
        "plant_days",
        PLANT_DAYS,
        needed=("plant", "day", "volume"),
        defaults={},
        fault_of=_no_fault,
        parsers={
            "volume": partial(_amount, "m³"),
            "capacity": partial(_amount, "m³/d"),
            "running": lambda text, _head: word_of("running", text),
        },
    )


def read_indicator_inputs(path: str | Path) -> pa.Table:
    """Read the inputs of indicators of the plans (`INDICATOR_INPUTS`): an input a row.

    Raises
    ------
    DataError, UnknownLayout
        As `read_sites`.
    """
    return read_register(
        Path(path),
        "indicator_inputs",
        INDICATOR_INPUTS,
        needed=("indicator", "input", "value"),
        defaults={},
        fault_of=_input_fault,
        parsers={
            "indicator": lambda text, _head: _indicator(text),
            "value": lambda text, _head: _number(text),
        },
    )


def read_sign_off_records(path: str | Path) -> pa.Table:
    """Read the papers of sign-offs (`SIGN_OFF_RECORDS`); a survey says how many answered and were satisfied.

    Raises
    ------
    DataError, UnknownLayout
        As `read_sites`.
    """
    return read_register(
        Path(path),
        "sign_off_records",
        SIGN_OFF_RECORDS,
        needed=("body", "record", "day", "document"),
        defaults={},
        fault_of=_survey_fault,
        parsers={
            "record": lambda text, _head: word_of("record", text),
            "answers": lambda text, _head: _count(text),
            "satisfied": lambda text, _head: _count(text),
        },
    )


def read_air_days(path: str | Path) -> pa.Table:
    """Read the means of days of the air's pollutants (`AIR_DAYS`): a day a row, a pollutant a column.

    The unit may stand in the head. A mean below the detection limit (``<3``, ``3L``) keeps the limit, and its
    column stands in `below`; 未检出 without the limit is no number.

    Raises
    ------
    DataError, UnknownLayout
        As `read_sites`.
    """
    as_text = [field.with_type(pa.string()) if field.name in AIR_KEYS else field for field in AIR_DAYS]
    table = read_register(
        Path(path),
        "air_days",
        pa.schema(as_text),
        needed=("day", "|".join(AIR_KEYS)),
        defaults={},
        fault_of=_no_fault,
        parsers={key: partial(_air_mean, key) for key in AIR_KEYS},
    )
    return pa.Table.from_pylist([_air_row(row) for row in table.to_pylist()], schema=AIR_DAYS)


def _air_row(row: dict[str, Any]) -> dict[str, Any]:
    """Return a row with numbers in the place of texts; a leading ``<`` says below the detection limit."""
    given = {key: row[key] for key in AIR_KEYS if row[key] is not None}
    below = [key for key, text in given.items() if text.startswith("<")]
    return row | {key: Decimal(text.removeprefix("<")) for key, text in given.items()} | {"below": below}


def _air_mean(key: str, text: str, head: str) -> str | Problem | None:
    item = any_item(key.removesuffix("_daily_max_8h").removesuffix("_daily"))
    reading = parse_number(text)
    if isinstance(reading, Problem):
        return reading
    if reading.value is None:
        return None
    unit = reading.unit or _unit_of(head) or item.unit
    factor = unit_factor(item, unit)
    if factor is None:
        return _unknown_unit(item.name, unit, (item.unit,))
    value = reading.value * factor
    if value < 0:
        return _negative(text)
    sign = "<" if reading.mark is Mark.BELOW_DETECTION else ""
    return f"{sign}{value.quantize(_DIGITS)}"


def _amount(own: str, text: str, head: str) -> Decimal | Problem | None:
    """Read an amount into its own unit; the unit stands behind the number, in the head, or is the own one."""
    number, behind = _split(text, indicator_units(own))
    reading = _measured(number)
    if not isinstance(reading, Reading) or reading.value is None:
        return replace(reading, raw=text) if isinstance(reading, Problem) else None
    unit = behind or reading.unit or _unit_of(head) or own
    factor = indicator_factor(own, unit)
    if factor is None:
        return _unknown_unit(_UNIT_IN_HEAD.sub("", head), unit, indicator_units(own))
    return (reading.value * factor).quantize(_DIGITS)


def _split(text: str, units: tuple[str, ...]) -> tuple[str, str | None]:
    """Return a number and the unit behind it, which may itself hold a digit (``400 m³``)."""
    for unit in sorted(units, key=len, reverse=True):
        found = re.fullmatch(rf"(.*[0-9０-９])\s*{re.escape(fold(unit))}", fold(text))
        if found:
            return found[1], unit
    return text, None


def _number(text: str) -> Decimal | Problem | None:
    reading = _measured(text)
    if isinstance(reading, Problem):
        return reading
    if reading.unit is not None:
        return Problem(
            "unit-beside",
            Text("“{raw}”中有单位。", raw=text),
            Text("请把单位写在“单位”一列。"),
            raw=text,
        )
    return None if reading.value is None else reading.value.quantize(_DIGITS)


def _measured(text: str) -> Reading | Problem:
    """Understand a cell that holds an amount: never below a detection limit, never negative."""
    reading = parse_number(text)
    if isinstance(reading, Problem):
        return reading
    if reading.mark is Mark.BELOW_DETECTION:
        return Problem(
            "below-detection",
            Text("“{raw}”是低于检出限的结果，这里需要一个确定的数。", raw=text),
            Text("请填写统计所用的数值；没有数据请留空或写 --。"),
            raw=text,
        )
    return _negative(text) if reading.value is not None and reading.value < 0 else reading


def _count(text: str) -> int | Problem:
    reading = parse_number(text)
    value = reading.value if isinstance(reading, Reading) and reading.mark is Mark.MEASURED else None
    if value is None or value < 0 or value != int(value):
        return Problem("not-a-count", Text("“{raw}”不是份数。", raw=text), Text("请填写非负整数。"), raw=text)
    return int(value)


def _negative(text: str) -> Problem:
    return Problem("negative", Text("“{raw}”是负数。", raw=text), Text("请核对该项数值。"), raw=text)


def _unit_of(head: str) -> str | None:
    found = _UNIT_IN_HEAD.search(head)
    return found[1].strip() or None if found else None


def _unknown_unit(name: str, unit: str, usable: tuple[str, ...]) -> Problem:
    return Problem(
        "unknown-unit",
        Text("“{name}”的单位“{unit}”不能换算为 {own}。", name=name, unit=unit, own=usable[0]),
        Text("可用的单位：{units}。", units="、".join(usable)),
        raw=unit,
    )


def _indicator(text: str) -> str | Problem:
    try:
        return find_indicator(text).key
    except CallError:
        pass
    return Problem(
        "unknown-indicator",
        Text("没有名为“{name}”的指标。", name=text),
        Text("可用的指标：{names}。", names="、".join(each.name.zh for each in indicators().values())),
        raw=text,
    )


def _input_fault(row: dict[str, Any]) -> Problem | None:
    """Check the input and its unit against the indicator, and store the input's key."""
    if row["indicator"] is None or row["input"] is None:
        return None
    wanted = indicators()[row["indicator"]]
    spec = _input_of(wanted, row["input"])
    if spec is None:
        names = "、".join(each.name.zh for each in wanted.inputs.values())
        return Problem(
            "unknown-input",
            Text("指标“{name}”没有名为“{key}”的输入。", name=wanted.name, key=row["input"]),
            Text("可用的输入：{names}。", names=names),
            Where(field="input"),
            raw=row["input"],
        )
    row["input"] = spec.key
    unit = row["unit"]
    if unit is not None and indicator_factor(spec.unit, unit) is None:
        found = _unknown_unit(str(spec.name), unit, indicator_units(spec.unit))
        return Problem(found.code, found.what, found.remedy, Where(field="unit"), unit)
    return None


def _input_of(wanted: Indicator, text: str) -> IndicatorInput | None:
    for spec in wanted.inputs.values():
        if fold(text) in map(fold, (spec.key, spec.name.zh, spec.name.en)):
            return spec
    return None


def _survey_fault(row: dict[str, Any]) -> Problem | None:
    if row["record"] != "survey":
        return None
    answers, satisfied = row["answers"], row["satisfied"]
    if answers is None or satisfied is None:
        return Problem(
            "survey-without-numbers",
            Text("公众评议没有写明有效问卷数和满意问卷数。"),
            Text("请两项都填写。"),
            Where(field="answers"),
        )
    if satisfied > answers:
        return Problem(
            "more-than-all",
            Text(
                "满意问卷 {satisfied} 份，多于有效问卷 {answers} 份。", satisfied=satisfied, answers=answers
            ),
            Text("请核对两个份数。"),
            Where(field="satisfied"),
        )
    return None


def _no_fault(_row: dict[str, Any]) -> Problem | None:
    return None
