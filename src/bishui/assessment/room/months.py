"""The months of a year as room left needs them: which are measured, which are lost, which remain."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from bishui.assessment.periods import Period, PeriodKind
from bishui.assessment.results import mean_text
from bishui.assessment.site_means import SiteMean, site_means
from bishui.standards import Method, Rules

MonthKey = tuple[int, int]


@dataclass(frozen=True, slots=True)
class MonthsOf:
    """Monthly means of one item at one site, exact, by (year, month); and detection limits of this year."""

    means: Mapping[MonthKey, SiteMean]

    def value(self, key: MonthKey) -> Fraction | None:
        """Return the mean of a month, None without one."""
        found = self.means.get(key)
        return found.value if found is not None else None


@dataclass(frozen=True, slots=True)
class YearSoFar:
    """One item in the course of a year.

    Attributes
    ----------
    measured
        Monthly means that count, by month.
    without_data
        Months that are over, or whose sampling is done, without a mean.
    remaining
        Months that may still bring one.
    detection_limit
        Largest detection limit among the months measured.
    """

    measured: Mapping[int, Fraction]
    without_data: tuple[int, ...]
    remaining: tuple[int, ...]
    detection_limit: Decimal | None

    @property
    def counted(self) -> int:
        """How many months the year's mean will be taken over, if the remaining ones all have data."""
        return len(self.measured) + len(self.remaining)

    def as_dict(self) -> dict[str, Any]:
        """Return the JSON form; means as text."""
        return {
            "measured": {str(month): mean_text(mean) for month, mean in self.measured.items()},
            "without_data": list(self.without_data),
            "remaining": list(self.remaining),
            "counted": self.counted,
        }


def monthly(
    measurements: pa.Table, flags: pa.Table | None, method: Method, on: date
) -> dict[str, dict[str, MonthsOf]]:
    """Return the monthly means up to a day, by site and item.

    Parameters
    ----------
    measurements, flags
        The tables of `assess`, with site ids.
    method
        Rules of averaging.
    on
        Rows after this day do not count.
    """
    end = pa.scalar(datetime.combine(on, time(23, 59, 59)), pa.timestamp("s"))
    known = measurements.filter(pc.less_equal(measurements["time"].cast(pa.timestamp("s")), end))
    known = known.filter(pc.not_equal(known["item"], "published_class"))
    found: dict[str, dict[str, dict[MonthKey, SiteMean]]] = {}
    for mean in site_means(known, flags, PeriodKind.MONTH, method):
        start = mean.period.start
        by_item = found.setdefault(mean.site, {}).setdefault(mean.item, {})
        by_item[start.year, start.month] = mean
    return {site: {item: MonthsOf(means) for item, means in entry.items()} for site, entry in found.items()}


def so_far(months: MonthsOf, on: date, chosen: Rules) -> YearSoFar:
    """Sort the sampled months of the year of `on` into measured, without data, and remaining."""
    measured: dict[int, Fraction] = {}
    without: list[int] = []
    remaining: list[int] = []
    limits: list[Decimal] = []
    for month in chosen["sampled_months"]:
        found = months.means.get((on.year, month))
        value = found.value if found is not None else None
        over = Period.month(on.year, month).last_day <= on
        settled = found is not None and value is not None and _counts(found, chosen, over=over)
        if settled and found is not None and value is not None:
            measured[month] = value
            if found.detection_limit is not None:
                limits.append(found.detection_limit)
        elif over:
            without.append(month)
        else:
            remaining.append(month)
    return YearSoFar(measured, tuple(without), tuple(remaining), max(limits, default=None))


def _counts(found: SiteMean, chosen: Rules, *, over: bool) -> bool:
    """Tell whether the mean of a month is final."""
    if over or chosen["open_month"] == "measured":
        return True
    return bool(chosen["open_month"] == "manual_only" and found.source == "manual")
