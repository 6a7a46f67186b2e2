"""Result files of the Water Quality Portal (WQX): non-detects, mixed units, every row accounted for.

Which characteristic, fraction and unit is which item of ours stands in ``wqx.toml``. What has no item is set
aside by name, never dropped; times stay as the file gives them, local, and a note says so.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Context, Decimal
from fractions import Fraction
from functools import cache, lru_cache
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from bishui.errors import Problem
from bishui.i18n import Text
from bishui.observations.cells import SOURCES, UNSAID, Cells, Register
from bishui.observations.duplicates import combine, first_of
from bishui.observations.layouts import Layout
from bishui.observations.naming import known_items
from bishui.observations.numbers import Reading, check_value, parse_number, unknown_unit
from bishui.observations.records import Records
from bishui.observations.schema import VALUE_SCALE, Mark, Source
from bishui.observations.sheets import Body, Sheet
from bishui.observations.textforms import fold, load_data
from bishui.observations.times import parse_times
from bishui.observations.values import CODE, Values, place_reading
from bishui.standards import Item, unit_factor

KIND = "wqx"
_PLAIN = re.compile(r"-?[0-9]+(?:\.[0-9]+)?", re.ASCII)
#: Products are worked out to this many digits before the one rounding to the digits of the item.
_DIGITS = Context(prec=60)
#: Columns whose combination decides what a row is.
_DECIDING = (
    "media",
    "status",
    "activity_type",
    "characteristic",
    "fraction",
    "speciation",
    "unit",
    "limit_unit",
    "detection",
    "qualifier",
)


@dataclass(frozen=True, slots=True)
class _Meaning:
    """What rows of one combination of words are: an item and factors, or why they are left out."""

    item: Item | None = None
    factor: Fraction | None = None
    limit_factor: Fraction | None = None
    detection: str = ""
    unit: str = ""
    ignored: Text | None = None
    refused: Problem | None = None


def recognise_wqx(sheet: Sheet) -> Layout | None:
    """Return the layout of a result file of the Water Quality Portal, or None."""
    if not sheet.preview:
        return None
    heads = sheet.preview[0]
    known = {head: role for role, head in load_data("wqx.toml")["columns"].items()}
    roles = {
        known[plain]: place
        for place, head in reversed(list(enumerate(heads)))
        if (plain := fold(head).replace(".", "/")) in known
    }
    if not all(role in roles for role in load_data("wqx.toml")["recognised"]["needed"]):
        return None
    unread = [head.strip() for place, head in enumerate(heads) if place not in roles.values()]
    return Layout(KIND, 0, heads, roles | {"time": roles["date"]}, (), tuple(unread))


def read_results(
    body: Body, layout: Layout, records: Records, register: Register, notes: list[Text]
) -> tuple[Cells, Values]:
    """Return the results of a file as cells with their values; every other row is accounted for.

    Results of one site, time and item stand side by side where they differ (depths, replicates); rows that
    differ in nothing but their identifier repeat one another.
    """
    columns = _columns(body, layout)
    _set_repeats_aside(body, layout, records)
    combination = combine(*(columns[role].dictionary_encode().indices.to_numpy() for role in _DECIDING))
    first = first_of(combination)
    meanings = _meanings(columns, first)
    _set_others_aside(meanings, first, layout, records, notes)
    seconds = _times(columns, layout, records, notes)
    record = np.flatnonzero(records.open)
    taken = {role: column.take(pa.array(record)) for role, column in columns.items()}
    values = _values(taken, [meanings[place] for place in first[record].tolist()], notes)
    cells = _cells(taken, record, first, meanings=meanings, layout=layout, register=register, seconds=seconds)
    _note_several(cells, values, taken, notes)
    return cells, values


def _columns(body: Body, layout: Layout) -> dict[str, pa.Array]:
    """Return every column by role, blanks taken off; one that the file lacks is empty."""
    size = len(body.rows)
    blank = pa.array([""], pa.string()).take(pa.array(np.zeros(size, dtype=np.int8)))
    return {
        role: pc.utf8_trim_whitespace(body.columns[layout.roles[role]]) if role in layout.roles else blank
        for role in load_data("wqx.toml")["columns"]
    }


def _set_repeats_aside(body: Body, layout: Layout, records: Records) -> None:
    """Recognise records that have the text of an earlier one in every column but the identifier."""
    places = [place for place in range(len(body.columns)) if place != layout.roles.get("result")]
    first = first_of(
        combine(*(body.columns[place].dictionary_encode().indices.to_numpy() for place in places))
    )
    again = np.flatnonzero(first != np.arange(len(first)))
    records.repeat(again, first[again])


def _meanings(columns: dict[str, pa.Array], first: np.ndarray) -> dict[int, _Meaning]:
    """Return what each combination of words means, by the place of its first row."""
    places = np.flatnonzero(first == np.arange(len(first)))
    words = {role: columns[role].take(pa.array(places)).to_pylist() for role in _DECIDING}
    return {
        place: _meaning(tuple(words[role][number] for role in _DECIDING))
        for number, place in enumerate(places.tolist())
    }


@cache
def _meaning(words: tuple[str, ...]) -> _Meaning:
    row = dict(zip(_DECIDING, words, strict=True))
    taken = load_data("wqx.toml")["taken"]
    for role, group, told in (
        ("media", "media", Text("介质不是水：{word}", word=row["media"])),
        ("status", "status", Text("结果状态为“{word}”，不采用", word=row["status"])),
        ("activity_type", "activity", Text("质控样或其他活动：{word}", word=row["activity_type"])),
    ):
        if row[role].lower() not in taken[group]:
            return _Meaning(ignored=told)
    entry = _entry(row)
    if entry is None or entry["item"] not in known_items():
        name = f"{row['characteristic']}, {row['fraction']}" if row["fraction"] else row["characteristic"]
        return _Meaning(ignored=Text("不是本系统的项目：{name}", name=name))
    return _converted(row, known_items()[entry["item"]], entry)


def _entry(row: dict[str, str]) -> dict[str, Any] | None:
    """Return the entry of the table that fits a characteristic, its fraction and its unit."""
    fraction, unit = row["fraction"].lower(), (row["unit"] or row["limit_unit"]).lower()
    for entry in load_data("wqx.toml")["characteristic"]:
        fits = row["characteristic"].lower() in (name.lower() for name in entry["names"])
        if fits and fraction in entry.get("fractions", (fraction,)) and unit in entry.get("units", (unit,)):
            return dict(entry)
    return None


def _converted(row: dict[str, str], item: Item, entry: dict[str, Any]) -> _Meaning:
    """Return the factors to the item's own unit, of the result and of its detection limit."""
    speciation = _speciation(row, item, entry)
    if isinstance(speciation, Problem):
        return _Meaning(refused=speciation)
    unit = row["unit"] or row["limit_unit"]
    factor = _factor(item, unit)
    limit = _factor(item, row["limit_unit"] or unit)
    if factor is None or limit is None:
        return _Meaning(refused=unknown_unit(unit if factor is None else row["limit_unit"], item))
    return _Meaning(item, factor * speciation, limit * speciation, _detection(row), row["unit"])


def _speciation(row: dict[str, str], item: Item, entry: dict[str, Any]) -> Fraction | Problem:
    """Return the factor from what a result is expressed as to what our item is expressed as."""
    if "as" not in entry:
        return Fraction(1)
    masses = load_data("wqx.toml")["molar_mass"]
    given = row["speciation"].lower()
    given = entry.get("unstated", "") if given in ("", "none") else given
    if given not in masses:
        return Problem(
            "speciation",
            Text("“{name}”没有说明以何种形态计，无法换算。", name=row["characteristic"]),
            Text("请向数据提供者核实（以 N 计还是以 NO3 计等），补填 MethodSpeciationName。"),
            raw=row["speciation"],
        )
    return Fraction(masses[entry["as"]]) / Fraction(masses[given])


@cache
def _factor(item: Item, unit: str) -> Fraction | None:
    if not unit:
        return Fraction(1) if item.dimension == "none" else None
    given, own = load_data("wqx.toml")["units"].get(unit.lower(), ("1", unit))
    factor = unit_factor(item, own)
    return None if factor is None else Fraction(given) * Fraction(factor)


def _detection(row: dict[str, str]) -> str:
    """Return what a row says about detection: a group of ``[detection]``, empty for nothing."""
    data = load_data("wqx.toml")
    for group, words in data["detection"].items():
        if row["detection"].lower() in words:
            return str(group)
    codes = {code.strip().lower() for code in row["qualifier"].replace(";", ",").split(",")}
    return "not_detected" if codes & set(data["qualifiers"]["not_detected"]) else ""


def _set_others_aside(
    meanings: dict[int, _Meaning], first: np.ndarray, layout: Layout, records: Records, notes: list[Text]
) -> None:
    """Account for rows of other media, of quality control, and of characteristics that are no item."""
    aside: Counter[str] = Counter()
    for place, meaning in meanings.items():
        if meaning.item is not None:
            continue
        its = np.flatnonzero((first == place) & records.open)
        if meaning.refused is not None:
            for record in its.tolist():
                records.reject(record, meaning.refused, layout.head("characteristic"))
        elif meaning.ignored is not None and its.size:
            records.ignore(its, meaning.ignored)
            aside[str(meaning.ignored)] += its.size
    if aside:
        told = "；".join(f"{reason}（{count}）" for reason, count in aside.most_common(12))
        notes.append(
            Text(
                "未采用 {count} 行，共 {kinds} 种原因，最多的是：{told}。",
                count=sum(aside.values()),
                kinds=len(aside),
                told=told,
            )
        )


def _times(columns: dict[str, pa.Array], layout: Layout, records: Records, notes: list[Text]) -> np.ndarray:
    """Return seconds of the local time as given; rows without a day are refused."""
    clock = pc.if_else(pc.equal(columns["clock"], ""), "00:00:00", columns["clock"])
    times = parse_times(pc.binary_join_element_wise(columns["date"], clock, " "))
    for place in np.flatnonzero(~times.known & records.open).tolist():
        text = f"{columns['date'][place].as_py()} {clock[place].as_py()}"
        problem = times.problems.get(text) or times.problems[text.strip()]
        records.reject(place, problem, layout.head("time"))
    zones = Counter(columns["zone"].filter(pa.array(records.open)).to_pylist())
    told = "、".join(f"{zone} {count}" for zone, count in zones.most_common() if zone)
    dated = int(np.count_nonzero(np.asarray(pc.equal(columns["clock"], "")) & records.open))
    notes.append(
        Text(
            "时间是当地时间（时区：{zones}），未换算为北京时间；{dated} 行只有日期，计为当日 0 时。",
            zones=told or Text("未说明"),
            dated=dated,
        )
    )
    return times.seconds


def _values(taken: dict[str, pa.Array], meanings: list[_Meaning], notes: list[Text]) -> Values:
    """Understand each distinct combination of value, limit and meaning once."""
    size = len(meanings)
    values = Values(
        np.zeros(size, dtype=np.int64),
        np.zeros(size, dtype=bool),
        np.zeros(size, dtype=np.int8),
        np.full(size, -1, dtype=np.int64),
    )
    distinct: dict[tuple[str, str, int], list[int]] = {}
    texts = zip(taken["value"].to_pylist(), taken["limit"].to_pylist(), map(id, meanings), strict=True)
    for cell, key in enumerate(texts):
        distinct.setdefault(key, []).append(cell)
    rounded = 0
    for (text, limit, _), cells in distinct.items():
        meaning, its = meanings[cells[0]], np.array(cells)
        reading = _reading(text, limit, meaning)
        if isinstance(reading, Reading) and reading.value is not None:
            kept = _kept(reading.value, meaning)
            rounded += len(cells) * (kept != reading.value)
            reading = check_value(kept, _item_of(meaning), text or limit) or Reading(kept, reading.mark)
        if isinstance(reading, Problem):
            values.reject(its, reading)
        else:
            place_reading(values, its, reading)
    if rounded:
        notes.append(
            Text("{count} 个数值换算后按项目所保存的小数位修约（GB/T 8170），原文保留。", count=rounded)
        )
    return values


def _item_of(meaning: _Meaning) -> Item:
    if meaning.item is None:
        raise TypeError(meaning)
    return meaning.item


def _reading(text: str, limit: str, meaning: _Meaning) -> Reading | Problem:
    """Return what one row says, in the item's own unit and not yet rounded."""
    factor, limit_factor = meaning.factor or Fraction(1), meaning.limit_factor or Fraction(1)
    below = text.lower() in load_data("wqx.toml")["words"]["below"]
    given = Reading(None, Mark.BELOW_DETECTION) if below else _number(text)
    bound = _limit(limit, limit_factor)
    if meaning.detection == "above":
        return _above(text or limit)
    if isinstance(given, Problem):
        return given
    number = None if given.value is None else _times_factor(given.value, factor)
    if meaning.detection == "not_detected":
        return Reading(bound if bound is not None else number, Mark.BELOW_DETECTION)
    if meaning.detection == "below_quantification" and number is None:
        return Reading(bound, Mark.BELOW_DETECTION)
    if given.mark is Mark.BELOW_DETECTION:
        return Reading(number if number is not None else bound, Mark.BELOW_DETECTION)
    return Reading(number, given.mark)


def _limit(text: str, factor: Fraction) -> Decimal | None:
    """Return a detection limit; one that is no positive number says nothing."""
    if not text:
        return None
    given = _number(text)
    if isinstance(given, Problem) or given.value is None or given.value <= 0:
        return None
    return _times_factor(given.value, factor)


@lru_cache(maxsize=65_536)
def _number(text: str) -> Reading | Problem:
    """Return what a cell says; plain numbers without the search for other written forms."""
    if _PLAIN.fullmatch(text):
        return Reading(Decimal(text), Mark.MEASURED)
    return parse_number(text)


def _times_factor(number: Decimal, factor: Fraction) -> Decimal:
    """Return a product, exact or with far more digits than any item keeps."""
    if factor == 1:
        return number
    if factor.denominator == 1:
        return number * factor.numerator
    return _DIGITS.divide(_DIGITS.multiply(number, Decimal(factor.numerator)), Decimal(factor.denominator))


def _kept(value: Decimal, meaning: _Meaning) -> Decimal:
    """Return a value rounded half to even to the digits that its item keeps."""
    step = Decimal(1).scaleb(-min(_item_of(meaning).scale, VALUE_SCALE))
    return value.quantize(step) if value != value.quantize(step) else value


def _above(text: str) -> Problem:
    return Problem(
        "bound",
        Text("“{raw}”只给出了上限，结果高于定量上限。", raw=text),
        Text("请采用稀释复测后的数值。"),
        raw=text,
    )


def _cells(
    taken: dict[str, pa.Array],
    record: np.ndarray,
    first: np.ndarray,
    *,
    meanings: dict[int, _Meaning],
    layout: Layout,
    register: Register,
    seconds: np.ndarray,
) -> Cells:
    size = len(record)
    item_at = {place: register.item(its.item) for place, its in meanings.items() if its.item is not None}
    unit_at = {place: register.unit(its.unit) for place, its in meanings.items() if its.item is not None}
    source = np.full(size, SOURCES.index(Source.MANUAL), dtype=np.int8)
    texts = pc.if_else(pc.equal(taken["value"], ""), _said(taken), taken["value"])
    return Cells(
        record=record,
        head=np.full(size, layout.roles["value"], dtype=np.int64),
        site=_sites(taken, register),
        seconds=seconds[record],
        item=np.array([item_at[place] for place in first[record].tolist()], dtype=np.int64),
        unit=np.array([unit_at[place] for place in first[record].tolist()], dtype=np.int64),
        said=np.full(size, UNSAID, dtype=np.int8),
        by_status=False,
        source=source,
        texts=texts,
        raw=texts,
        apart=np.arange(size),
    )


def _said(taken: dict[str, pa.Array]) -> pa.Array:
    """Return the original words of rows without a value: the condition and the limit with its unit."""
    parts = pc.binary_join_element_wise(taken["detection"], taken["limit"], taken["limit_unit"], " ")
    return pc.utf8_trim_whitespace(parts)


def _sites(taken: dict[str, pa.Array], register: Register) -> np.ndarray:
    encoded = taken["site"].dictionary_encode()
    places = encoded.indices.to_numpy()
    codes = np.zeros(len(encoded.dictionary), dtype=np.int64)
    for code, first in zip(*np.unique(places, return_index=True), strict=True):
        codes[code] = register.sites.setdefault(
            (encoded.dictionary[int(code)].as_py(), ""), len(register.sites)
        )
        register.names[int(codes[code])] = taken["site_name"][int(first)].as_py()
    return codes[places] if len(codes) else np.zeros(0, dtype=np.int64)


def _note_several(cells: Cells, values: Values, taken: dict[str, pa.Array], notes: list[Text]) -> None:
    """Say where a site, time and item has several results, and where two organisations tell the same."""
    fine = values.faults < 0
    day = cells.seconds - int(cells.seconds.min(initial=0))
    together = combine(cells.site[fine], cells.item[fine], day[fine])
    _, counts = np.unique(together, return_counts=True)
    if (counts > 1).any():
        notes.append(
            Text(
                "{groups} 组同一点位、时间、项目有多个结果（分层、平行或不同活动），共 {count} 个，均保留。",
                groups=int((counts > 1).sum()),
                count=int(counts[counts > 1].sum()),
            )
        )
    twice = _told_twice(cells, values, taken, fine & (values.marks == CODE[Mark.MEASURED]))
    if twice:
        notes.append(
            Text("{count} 个结果由不同机构在同一坐标、时间给出相同数值，可能重复，请核对。", count=twice)
        )


def _told_twice(cells: Cells, values: Values, taken: dict[str, pa.Array], fine: np.ndarray) -> int:
    """Count results that two organisations give alike within about 100 m (three decimals of a degree)."""
    where = [_thousandths(taken[role]) for role in ("latitude", "longitude")]
    place = combine(*(_codes(its[fine]) for its in where))
    key = combine(place, cells.item[fine], _codes(cells.seconds[fine]), _codes(values.unscaled[fine]))
    organisation = taken["organisation"].dictionary_encode().indices.to_numpy()[fine]
    first = first_of(key)
    return int(np.count_nonzero(organisation != organisation[first]))


def _codes(numbers: np.ndarray) -> np.ndarray:
    codes: np.ndarray = np.unique(numbers, return_inverse=True)[1].astype(np.int64)
    return codes


def _thousandths(column: pa.Array) -> np.ndarray:
    distinct = column.dictionary_encode()
    numbers = [_thousandth(text) for text in _texts(distinct.dictionary)]
    return (
        np.array(numbers, dtype=np.int64)[distinct.indices.to_numpy()] if numbers else np.zeros(0, np.int64)
    )


def _texts(column: pa.Array) -> Iterable[str]:
    return [text or "" for text in column.to_pylist()]


def _thousandth(text: str) -> int:
    given = parse_number(text)
    return 10**6 if isinstance(given, Problem) or given.value is None else round(given.value * 1000)
