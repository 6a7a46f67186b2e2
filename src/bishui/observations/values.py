"""Many cells at once: plain numbers in bulk, each other distinct text through `numbers` once.

Values are kept as int64 ``value × 10**10``; the few that do not fit stand beside as `Decimal`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from bishui.errors import Problem
from bishui.observations.numbers import (
    PUBLISHED_CLASS,
    Reading,
    bounds,
    check_value,
    out_of_range,
    parse_class,
    parse_number,
    too_many_digits,
    unknown_unit,
)
from bishui.observations.schema import VALUE_SCALE, VALUE_TYPE, Mark
from bishui.standards import Item, unit_factor

Parse = Callable[[str], Reading | Problem]
#: Marks by their code in arrays.
MARKS = tuple(Mark)
CODE = {mark: code for code, mark in enumerate(MARKS)}
ONE = 10**VALUE_SCALE
_PLAIN = r"^-?[0-9]{1,8}(\.[0-9]{1,10})?$"
_FITS = Decimal(10) ** 8


@dataclass(slots=True)
class Values:
    """Understood cells.

    Attributes
    ----------
    unscaled
        ``value × 10**10`` in the item's own unit; int64, shape (n,); 0 where there is no value.
    present
        Whether there is a value, shape (n,).
    marks
        Code of the mark (place in `MARKS`); int8, shape (n,).
    faults
        Place in `problems` of what is wrong with the cell, -1 for nothing; int64, shape (n,).
    problems
        Distinct problems, without a place.
    large
        Cell → value, for values that int64 does not hold.
    units
        Cell → unit that was written inside the cell.
    """

    unscaled: np.ndarray
    present: np.ndarray
    marks: np.ndarray
    faults: np.ndarray
    problems: list[Problem] = field(default_factory=list)
    large: dict[int, Decimal] = field(default_factory=dict)
    units: dict[int, str] = field(default_factory=dict)

    def reject(self, cells: np.ndarray, problem: Problem) -> None:
        """Say that `cells` have `problem`; a cell keeps the first problem it got."""
        cells = cells[self.faults[cells] < 0]
        if cells.size:
            self.faults[cells] = len(self.problems)
            self.problems.append(problem)

    def decimals(self) -> pa.Array:
        """Return the values as `VALUE_TYPE`, null where there is none."""
        halves = np.empty((len(self.unscaled), 2), dtype=np.int64)
        halves[:, 0] = self.unscaled
        halves[:, 1] = self.unscaled >> 63
        for cell, value in self.large.items():
            whole = int(value.scaleb(VALUE_SCALE))
            halves[cell] = np.frombuffer(whole.to_bytes(16, "little", signed=True), dtype=np.int64)
        valid = np.packbits(self.present, bitorder="little")
        return pa.Array.from_buffers(VALUE_TYPE, len(halves), [pa.py_buffer(valid), pa.py_buffer(halves)])


def understand(
    texts: pa.Array, item_of: np.ndarray, items: Sequence[Item], unit_of: np.ndarray, units: Sequence[str]
) -> Values:
    """Understand cells.

    Parameters
    ----------
    texts
        The cells as given; string array without nulls, shape (n,).
    item_of
        Place in `items` of what each cell measures, shape (n,).
    items
        The distinct items.
    unit_of
        Place in `units` of the unit given beside the cell, shape (n,).
    units
        The distinct units as given; empty means the item's own.
    """
    size = len(texts)
    values = Values(
        np.zeros(size, dtype=np.int64),
        np.zeros(size, dtype=bool),
        np.zeros(size, dtype=np.int8),
        np.full(size, -1, dtype=np.int64),
    )
    plain = np.asarray(pc.match_substring_regex(texts, _PLAIN))
    if plain.any():
        numbers = pc.cast(texts.filter(pa.array(plain)), VALUE_TYPE)
        values.unscaled[plain] = low_words(numbers)
        values.present[plain] = True
    is_class = np.array([item.key == PUBLISHED_CLASS for item in items], dtype=bool)[item_of]
    for cells, parse in (
        (np.flatnonzero(~plain & ~is_class), parse_number),
        (np.flatnonzero(~plain & is_class), parse_class),
    ):
        _odd_cells(values, texts, cells, parse)
    _convert(values, item_of, items, unit_of, units)
    _check(values, texts, item_of, items)
    return values


def low_words(numbers: pa.Array) -> np.ndarray:
    """Return the low 64 bits of each decimal128; they are the unscaled value where that fits int64."""
    data = np.frombuffer(numbers.buffers()[1], dtype=np.int64)
    return data[2 * numbers.offset : 2 * (numbers.offset + len(numbers)) : 2]


def value_codes(values: Values) -> np.ndarray:
    """Return one int64 code per cell that is equal where the values are equal."""
    codes = np.where(values.present, values.unscaled, np.int64(2**63 - 1))
    distinct: dict[Decimal, int] = {}
    for cell, value in values.large.items():
        codes[cell] = -(2**63) + distinct.setdefault(value, len(distinct))
    return codes


def groups(codes: np.ndarray) -> list[tuple[int, np.ndarray]]:
    """Return (code, places) for each distinct code of a small non-negative array, by one sort."""
    if not codes.size:
        return []
    order = np.argsort(codes, kind="stable")
    found, starts = np.unique(codes[order], return_index=True)
    return list(zip(found.tolist(), np.split(order, starts[1:]), strict=True))


def _odd_cells(values: Values, texts: pa.Array, cells: np.ndarray, parse: Parse) -> None:
    if not cells.size:
        return
    encoded = texts.take(pa.array(cells)).dictionary_encode()
    for place, its in groups(encoded.indices.to_numpy()):
        reading = parse(encoded.dictionary[place].as_py())
        same = cells[its]
        if isinstance(reading, Problem):
            values.reject(same, reading)
            continue
        values.marks[same] = CODE[reading.mark]
        if reading.unit is not None:
            values.units.update(dict.fromkeys(same.tolist(), reading.unit))
        if reading.value is not None:
            _put(values, same, reading)


def place_reading(values: Values, cells: np.ndarray, reading: Reading) -> None:
    """Say that `cells` hold `reading`, whose value stands in the item's own unit."""
    values.marks[cells] = CODE[reading.mark]
    if reading.value is not None:
        _put(values, cells, reading)


def _put(values: Values, cells: np.ndarray, reading: Reading) -> None:
    value = reading.value or Decimal(0)
    values.present[cells] = True
    if abs(value) < _FITS and value == value.quantize(Decimal(1).scaleb(-VALUE_SCALE)):
        values.unscaled[cells] = int(value.scaleb(VALUE_SCALE))
    else:
        values.large.update(dict.fromkeys(cells.tolist(), value))


def _convert(
    values: Values,
    item_of: np.ndarray,
    items: Sequence[Item],
    unit_of: np.ndarray,
    units: Sequence[str],
) -> None:
    """Bring every value into its item's own unit, exactly."""
    known = list(units)
    unit_of = unit_of.copy()
    for cell, unit in values.units.items():
        beside = known[unit_of[cell]]
        if beside and unit_factor(items[item_of[cell]], beside) != unit_factor(items[item_of[cell]], unit):
            values.reject(np.array([cell]), unknown_unit(f"{unit} / {beside}", items[item_of[cell]]))
        if unit not in known:
            known.append(unit)
        unit_of[cell] = known.index(unit)
    pairs = item_of.astype(np.int64) * len(known) + unit_of
    for pair, cells in groups(pairs):
        item, unit = items[pair // len(known)], known[pair % len(known)]
        if not unit:
            continue
        factor = unit_factor(item, unit)
        given = cells[values.present[cells]]
        if factor is None:
            values.reject(given, unknown_unit(unit, item))
        elif factor != 1:
            _multiply(values, given, factor)


def _multiply(values: Values, cells: np.ndarray, factor: Decimal) -> None:
    up, down = factor.as_integer_ratio()
    for cell in values.large.keys() & set(cells.tolist()) if values.large else ():
        values.large[cell] *= factor
    old = values.unscaled[cells]
    exact = (np.abs(old) <= (2**63 - 1) // up) & (old * up % down == 0)
    values.unscaled[cells[exact]] = old[exact] * up // down
    for cell in cells[~exact].tolist():
        if cell not in values.large:
            values.large[cell] = Decimal(int(values.unscaled[cell])).scaleb(-VALUE_SCALE) * factor


def _check(values: Values, texts: pa.Array, item_of: np.ndarray, items: Sequence[Item]) -> None:
    """Refuse values with more digits than the item keeps, or outside what it can be."""
    for cell in list(values.large):
        problem = check_value(values.large[cell], items[item_of[cell]], texts[cell].as_py())
        if problem is not None:
            values.reject(np.array([cell]), problem)
            values.large.pop(cell)
    modulus = np.array([10 ** (VALUE_SCALE - min(item.scale, VALUE_SCALE)) for item in items])[item_of]
    limits = np.array([_limits(item) for item in items], dtype=np.int64).reshape(-1, 2)[item_of]
    for wrong, describe in (
        (values.unscaled % modulus != 0, too_many_digits),
        ((values.unscaled < limits[:, 0]) | (values.unscaled > limits[:, 1]), out_of_range),
    ):
        for cell in np.flatnonzero(wrong & values.present).tolist():
            if cell not in values.large:
                values.reject(np.array([cell]), describe(texts[cell].as_py(), items[item_of[cell]]))


def _limits(item: Item) -> tuple[int, int]:
    low, high = bounds(item.key)
    return (
        -(2**63) if low is None else int(low * ONE),
        2**63 - 1 if high is None else int(high * ONE),
    )
