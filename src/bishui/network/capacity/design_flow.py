"""The design flow (设计流量) of a capacity, by both definitions of GB/T 25173-2010, from monthly means."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from typing import Any, TypeAlias

import numpy as np

from bishui.errors import DataError
from bishui.i18n import Text
from bishui.network.settings import Settings, settings

#: Monthly mean flow (m³/s) by year and month; exact numbers stay exact.
MonthlyFlows: TypeAlias = Mapping[tuple[int, int], Decimal | Fraction | int | float]
_MONTHS = 12


class ShortSeries(DataError):
    """The series has fewer years than the standard asks for."""

    code = "short-series"


@dataclass(frozen=True, slots=True)
class DesignFlow:
    """A design flow.

    Attributes
    ----------
    value
        m³/s, exact where the flows were.
    method
        ``driest-month``, ``recent-lowest`` or ``pearson``.
    years
        The whole years behind it.
    left_out
        Years that lack months, with how many they have; they are not used.
    short
        Whether there were fewer years than the standard asks for.
    place
        Rank between which was interpolated, or the year and month of the value.
    """

    value: Fraction
    method: str
    years: tuple[int, ...]
    left_out: Mapping[int, int]
    short: bool
    place: str
    settings: Settings = field(repr=False)

    @property
    def zero(self) -> bool:
        """Whether the river falls dry: the standard then takes the smallest month that is not zero."""
        return self.value == 0

    def as_dict(self) -> dict[str, Any]:
        """Return the JSON form."""
        return {
            "value": float(self.value),
            "unit": "m3/s",
            "method": self.method,
            "years": list(self.years),
            "left_out": {str(year): count for year, count in self.left_out.items()},
            "short": self.short,
            "place": self.place,
            "zero": self.zero,
            "settings": self.settings.version,
        }


def driest_month_flow(flows: MonthlyFlows, chosen: Settings | None = None) -> DesignFlow:
    """Return the monthly mean of the driest month with 90 % guarantee (90%保证率最枯月平均流量).

    The smallest monthly mean of each whole year, in descending order, has the empirical exceedance m/(n + 1)
    (Weibull); between two ranks the flow is interpolated linearly.

    Raises
    ------
    ShortSeries
        If there are fewer whole years than the settings ask for, unless they say to mark it.

    Notes
    -----
    GB/T 25173-2010, from memory.
    """
    used = chosen or settings("capacity")
    by_year, left_out = _whole_years(flows)
    short = _short(by_year, used)
    lowest = sorted((min(months) for months in by_year.values()), reverse=True)
    guarantee = Fraction(str(used["design_guarantee"]))
    rank = min(max(guarantee * (len(lowest) + 1), Fraction(1)), Fraction(len(lowest)))
    below = min(math.floor(rank), len(lowest) - 1) if len(lowest) > 1 else 1
    upper = lowest[below - 1]
    value = upper + (rank - below) * (lowest[min(below, len(lowest) - 1)] - upper)
    return DesignFlow(value, "driest-month", tuple(by_year), left_out, short, f"m = {float(rank):g}", used)


def lowest_recent_month(flows: MonthlyFlows, chosen: Settings | None = None) -> DesignFlow:
    """Return the lowest monthly mean of the last 10 years (近10年最枯月平均流量).

    Raises
    ------
    ShortSeries
        If the last ten years are not whole, unless the settings say to mark it.

    Notes
    -----
    GB/T 25173-2010, from memory.
    """
    used = chosen or settings("capacity")
    last = max((year for year, _ in flows), default=0)
    recent = {key: flow for key, flow in flows.items() if key[0] > last - used["design_recent_years"]}
    by_year, left_out = _whole_years(recent)
    short = _short(by_year, used)
    value, year, month = min(
        (_exact(flow), year, month) for (year, month), flow in recent.items() if year in by_year
    )
    place = f"{year}-{month:02d}"
    return DesignFlow(value, "recent-lowest", tuple(by_year), left_out, short, place, used)


def pearson_flow(flows: MonthlyFlows, chosen: Settings | None = None) -> DesignFlow:
    """Return the 90 % driest month by a Pearson type III curve (P-Ⅲ型曲线) fitted by moments.

    SL 44 asks for a fit that a person adjusts by eye; the moments are where that fit begins.

    Raises
    ------
    ShortSeries
        As for `driest_month_flow`.
    """
    used = chosen or settings("capacity")
    by_year, left_out = _whole_years(flows)
    short = _short(by_year, used)
    lowest = np.array([float(min(months)) for months in by_year.values()])
    mean, count = float(lowest.mean()), len(lowest)
    spread = float(lowest.std(ddof=1)) if count > 1 else 0.0
    skew = 0.0
    if spread > 0 and count > 3:
        skew = float(((lowest - mean) ** 3).sum() / ((count - 3) * spread**3))
    from scipy.stats import pearson3  # slow to import, and hardly ever asked for

    value = float(pearson3.ppf(1.0 - used["design_guarantee"], skew, mean, spread)) if spread > 0 else mean
    variation = spread / mean if mean else 0.0
    place = f"Cv = {variation:.3g}, Cs = {skew:.3g}"
    return DesignFlow(Fraction(max(value, 0.0)), "pearson", tuple(by_year), left_out, short, place, used)


def _exact(flow: Decimal | Fraction | int | float) -> Fraction:
    return Fraction(flow)


def _whole_years(flows: MonthlyFlows) -> tuple[dict[int, list[Fraction]], dict[int, int]]:
    by_year: dict[int, list[Fraction]] = {}
    for (year, _month), flow in sorted(flows.items()):
        by_year.setdefault(year, []).append(_exact(flow))
    whole = {year: months for year, months in by_year.items() if len(months) == _MONTHS}
    return whole, {year: len(months) for year, months in by_year.items() if year not in whole}


def _short(years: Sequence[int] | Mapping[int, Any], chosen: Settings) -> bool:
    """Tell whether there are too few years; refuse if the settings say so, and always if there is none."""
    if len(years) >= chosen["design_least_years"]:
        return False
    if not years or chosen["short_series"] == "refuse":
        raise ShortSeries(
            Text(
                "月平均流量只有 {count} 个完整年，少于 {least} 年。",
                count=len(years),
                least=chosen["design_least_years"],
            ),
            remedy=Text(
                "请补足资料，或用相邻站插补；若仍要计算，请把 short_series 设为 mark，结果将注明系列不足。"
            ),
        )
    return True
