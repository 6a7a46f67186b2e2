"""Tables of monthly mean flows (月平均流量表), as yearbooks print them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal
from pathlib import Path

import numpy as np

from bishui.errors import Problem
from bishui.i18n import Text
from bishui.network.places import PlacesTable

_MONTHS = 12
_WIDE = tuple(f"m{month}" for month in range(1, _MONTHS + 1))


def read_monthly_flows(path: Path) -> dict[tuple[int, int], Decimal]:
    """Read monthly mean flows, m³/s by year and month: a row a month, or a row a year with twelve columns.

    Empty cells are months that are not there; the numbers stay as exact as they were typed.

    Raises
    ------
    DataError
        With every cell that is no flow, every month that stands twice, every year or month that is none.
    UnknownLayout
        The columns are neither 年, 月, 流量 nor 年, 1月 to 12月.
    """
    table = PlacesTable(path, "flows", ("year",))
    long = "month" in table.heads.columns
    table.needs("year", *(("month", "flow") if long else _WIDE))
    found: dict[tuple[int, int], Decimal] = {}
    for record, year, month, role, value in _months(table, ("flow",) if long else _WIDE):
        where = table.records.where(record, table.heads.head(role))
        if not (1 <= month <= _MONTHS and year >= 1 and year.is_integer() and month.is_integer()):
            what = Text("“{year} 年 {month} 月”不是月份。", year=f"{year:g}", month=f"{month:g}")
            table.problem(Problem("not-a-month", what, Text("请核对年份和月份。"), where))
        elif (int(year), int(month)) in found:
            what = Text("{year} 年 {month} 月重复。", year=int(year), month=int(month))
            table.problem(Problem("month-twice", what, Text("请只保留一个。"), where))
        elif value < 0:
            table.problem(table.negative(record, role, float(value)))
        else:
            found[int(year), int(month)] = value
    table.done()
    return found


def _months(table: PlacesTable, roles: Sequence[str]) -> Iterator[tuple[int, float, float, str, Decimal]]:
    """Yield record, year, month, role and flow of each cell that holds one; year or month 0: none given."""
    years, months = table.numbers("year", 0.0), table.numbers("month", 0.0)
    for role in roles:
        for record, value in enumerate(_decimals(table, role)):
            if value is not None:
                month = float(months[record]) if role == "flow" else float(role.removeprefix("m"))
                yield record, float(years[record]), month, role, value


def _decimals(table: PlacesTable, role: str) -> list[Decimal | None]:
    """Return the numbers of a column as decimals: what a cell says, times the factor of its unit."""
    values, factor = table.numbers(role, np.nan, scaled=False), table.heads.columns[role].factor
    # The shortest decimal of a double is what was typed, up to 15 digits.
    return [
        None if np.isnan(value) else Decimal(repr(value)) * Decimal(repr(factor)) for value in values.tolist()
    ]
