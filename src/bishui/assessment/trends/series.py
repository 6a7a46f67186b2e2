"""Series in time for trend tests: plain numbers, a file of months, or the means of one site and item."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from bishui.assessment.assess import assess
from bishui.assessment.numbers import Exact, mean, ph_mean, shown, substitute
from bishui.assessment.periods import Period, PeriodKind
from bishui.assessment.results import ItemResult, SectionResult
from bishui.errors import CallError, DataError, Where
from bishui.i18n import Text
from bishui.standards import Method

MONTHS = 12
_PH = "ph"
_STEPS = (PeriodKind.MONTH, PeriodKind.YEAR)


@dataclass(frozen=True, slots=True)
class SeriesPoint:
    """One period of a series.

    Attributes
    ----------
    year, month
        When; `month` is None in a series of years, and of plain numbers, whose `year` counts them from 1.
    value
        The value, exact; None where there is none.
    below_detection
        Whether all that it is made of was below the detection limit (未检出).
    results
        Results or months that it is a mean of.
    complete
        False for a year with fewer months than it needs.
    """

    year: int
    month: int | None
    value: Fraction | None
    below_detection: bool = False
    results: int = 1
    complete: bool = True

    @property
    def period(self) -> Period:
        """The month or the year; of no meaning for plain numbers."""
        return Period.year(self.year) if self.month is None else Period.month(self.year, self.month)

    @property
    def label(self) -> str:
        """The period as a short label."""
        return f"{self.year}" if self.month is None else f"{self.year:04}-{self.month:02}"

    def as_dict(self) -> dict[str, Any]:
        """Return the JSON form."""
        return {
            "period": self.label,
            "value": None if self.value is None else str(shown(self.value)),
            "below_detection": self.below_detection,
            "results": self.results,
            "complete": self.complete,
        }


@dataclass(frozen=True, slots=True)
class Series:
    """Values in time, one for each period from the first to the last; what is missing has its place.

    `item` is the item's key where it is known: it tells whether a rise is better or worse. `site` is the site
    that was measured, where the values are the means of its rows.
    """

    name: str
    item: str | None
    points: tuple[SeriesPoint, ...]
    site: str | None = None

    @classmethod
    def of(cls, values: Sequence[Exact | None], *, name: str = "", item: str | None = None) -> Series:
        """Return a series of plain values one step apart; None is a gap."""
        points = (
            SeriesPoint(step, None, None if value is None else Fraction(value))
            for step, value in enumerate(values, 1)
        )
        return cls(name, item, tuple(points))

    @classmethod
    def dated(cls, points: Iterable[SeriesPoint], *, name: str = "", item: str | None = None) -> Series:
        """Return a series of months or years in any order; periods without a point become gaps.

        Raises
        ------
        DataError
            If a period has two values, or years and months are mixed.
        """
        given = list(points)
        places: dict[int, SeriesPoint] = {}
        monthly = {point.month is not None for point in given}
        if len(monthly) > 1:
            raise DataError(Text("序列“{name}”里既有年又有月。", name=name))
        for point in given:
            place = _place(point)
            if place in places:
                raise DataError(
                    Text("序列“{name}”的 {period} 有两个值。", name=name, period=point.label),
                    remedy=Text("每个时段只能有一个值，请先求均值。"),
                )
            places[place] = point
        if not places:
            return cls(name, item, ())
        by_month = monthly == {True}
        filled = (places.get(at) or _gap(at, by_month=by_month) for at in range(min(places), max(places) + 1))
        return cls(name, item, tuple(filled))

    @property
    def monthly(self) -> bool:
        """Whether the periods are months."""
        return any(point.month is not None for point in self.points)

    @property
    def present(self) -> tuple[SeriesPoint, ...]:
        """The periods that have a value."""
        return tuple(point for point in self.points if point.value is not None)

    @property
    def missing(self) -> int:
        """How many periods have none."""
        return len(self.points) - len(self.present)

    def yearly(self, months_for_year: int) -> Series:
        """Return the series of annual means of months; a year with fewer months is not `complete`.

        Parameters
        ----------
        months_for_year
            Months that a year needs (环办〔2011〕22号 1.(2)).
        """
        if not self.monthly:
            return self
        years: dict[int, list[SeriesPoint]] = {}
        for point in self.points:
            years.setdefault(point.year, []).append(point)
        means = (self._year(year, months, months_for_year) for year, months in years.items())
        return replace(Series.dated(means, name=self.name, item=self.item), site=self.site)

    def _year(self, year: int, months: Iterable[SeriesPoint], least: int) -> SeriesPoint:
        there = [point for point in months if point.value is not None]
        values = [point.value for point in there if point.value is not None]
        return SeriesPoint(
            year=year,
            month=None,
            value=_mean(self.item, values) if values else None,
            below_detection=bool(there) and all(point.below_detection for point in there),
            results=len(there),
            complete=len(there) >= least,
        )

    def grid(self, seasons: int) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.bool_]]:
        """Return values as (years, seasons), gaps as NaN, and which of them are below detection.

        Parameters
        ----------
        seasons
            Seasons a year, a divisor of twelve; several months of one season are averaged.
        """
        if not self.points or not self.monthly or MONTHS % seasons:
            raise CallError(
                Text("序列“{name}”不能按 {seasons} 个季节检验。", name=self.name, seasons=seasons),
                remedy=Text("季节性检验需要逐月的序列，季节数须整除 12。"),
            )
        first = self.points[0].year
        cells: dict[tuple[int, int], list[SeriesPoint]] = {}
        for point in self.present:
            season = ((point.month or 1) - 1) * seasons // MONTHS
            cells.setdefault((point.year - first, season), []).append(point)
        shape = (self.points[-1].year - first + 1, seasons)
        values, below = np.full(shape, np.nan), np.zeros(shape, np.bool_)
        for place, inside in cells.items():
            values[place] = float(_mean(self.item, [p.value for p in inside if p.value is not None]))
            below[place] = all(point.below_detection for point in inside)
        return values, below

    def line(self) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.bool_]]:
        """Return values in time, (n,), gaps as NaN, and which of them are below detection."""
        values = [np.nan if point.value is None else float(point.value) for point in self.points]
        return np.array(values, float), np.array([point.below_detection for point in self.points], np.bool_)

    def as_dict(self) -> dict[str, Any]:
        """Return the JSON form with every period."""
        return {
            "name": self.name,
            "item": self.item,
            "present": len(self.present),
            "missing": self.missing,
            "points": [point.as_dict() for point in self.points],
        }


def _place(point: SeriesPoint) -> int:
    return point.year if point.month is None else point.year * MONTHS + point.month - 1


def _gap(place: int, *, by_month: bool) -> SeriesPoint:
    year, month = (place // MONTHS, place % MONTHS + 1) if by_month else (place, None)
    return SeriesPoint(year, month, None, results=0, complete=False)


def _mean(item: str | None, values: Sequence[Fraction]) -> Fraction:
    if len(values) == 1:
        return values[0]
    return Fraction(ph_mean(values)) if item == _PH else mean(values)


def measured_series(
    measurements: pa.Table,
    *,
    site: str,
    item: str,
    step: PeriodKind = PeriodKind.MONTH,
    sites: pa.Table | None = None,
    flags: pa.Table | None = None,
    method: Method | None = None,
) -> Series:
    """Return the unrounded means of one item at one site by month or year.

    Parameters
    ----------
    measurements
        Table of `observations.schema.MEASUREMENTS`.
    site, item
        Site id or name, and item key.
    step
        ``month`` or ``year``.
    sites, flags
        Register (for names and validity) and flags; flagged rows are not used.
    method
        How means are made; without it the edition of each period.

    Raises
    ------
    CallError
        If the step is neither month nor year.
    DataError
        If the site has no value of the item.
    """
    if step not in _STEPS:
        raise CallError(
            Text("“{step}”不能作为趋势的时段。", step=step), remedy=Text("可用的时段：month、year。")
        )
    chosen = measurements.filter(pc.equal(measurements["item"], item))
    if sites is None:
        chosen = chosen.filter(pc.equal(chosen["site"], site))
    results = assess(chosen, sites, None, flags, period=step, method=method)
    here = [result for result in results if site in (result.site, result.name) and item in result.items]
    points = [_point(result, result.items[item], step) for result in here]
    if not any(point.value is not None for point in points):
        raise DataError(
            Text("点位“{site}”没有“{item}”的可用数值。", site=site, item=item),
            remedy=Text("请核对点位名、监测项目和标识。"),
        )
    return replace(Series.dated(points, name=site, item=item), site=here[0].site)


def _point(result: SectionResult, entry: ItemResult, step: PeriodKind) -> SeriesPoint:
    counts = entry.counts
    return SeriesPoint(
        year=result.period.start.year,
        month=result.period.start.month if step is PeriodKind.MONTH else None,
        value=entry.mean,
        below_detection=counts.entered > 0 and counts.used == 0,
        results=counts.entered if step is PeriodKind.MONTH else counts.months,
        complete=result.enough_periods,
    )


def read_series(
    rows: Iterable[tuple[int, Mapping[str, str]]], value: str, *, name: str, item: str | None = None
) -> Series:
    """Return a series from rows with the columns year, month (or none) and value; blank is missing.

    A value below detection (``<0.02``, ``0.02L``) enters as half its limit and is marked.

    Parameters
    ----------
    rows
        Lines of the file with their cells as text by head.
    value
        Head of the column of values.
    name, item
        Name of the series, and the item's key where it is known.

    Raises
    ------
    DataError
        If a cell is not a number.
    """
    points = []
    for line, row in rows:
        number, below = _cell(row.get(value) or "", Where(line=line, column=value))
        month = (row.get("month") or "").strip()
        points.append(
            SeriesPoint(
                year=_whole(row.get("year") or "", Where(line=line, column="year")),
                month=_month(month, Where(line=line, column="month")) if month else None,
                value=number,
                below_detection=below,
            )
        )
    return Series.dated(points, name=name, item=item)


def _whole(text: str, where: Where) -> int:
    if not text.strip().isdecimal():
        raise DataError(
            Text("“{text}”不是整数。", text=text), remedy=Text("年写四位数，月写 1 至 12。"), where=where
        )
    return int(text)


def _month(text: str, where: Where) -> int:
    month = _whole(text, where)
    if not 1 <= month <= MONTHS:
        raise DataError(Text("“{text}”不是月份。", text=text), remedy=Text("月写 1 至 12。"), where=where)
    return month


def _cell(text: str, where: Where) -> tuple[Fraction | None, bool]:
    plain = text.strip().replace("＜", "<")
    below = plain.startswith("<") or plain[-1:] in ("L", "l")
    number = plain.strip("<Ll ")
    if not number:
        return None, False
    try:
        value = Decimal(number)
    except ArithmeticError:
        value = Decimal("NaN")
    if not value.is_finite():
        raise DataError(
            Text("“{text}”不是数。", text=text),
            remedy=Text("请改为数值；没有数值的留空，未检出写作 <0.02 或 0.02L。"),
            where=where,
        )
    return Fraction(substitute(value, "half") if below else value), below
