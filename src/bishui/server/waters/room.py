"""Room left (余量) of a city's year in the form that is kept: sections by item, rates as whole numbers."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from bishui.assessment import Period, RateTarget, SectionResult, assess, room_left
from bishui.errors import CallError
from bishui.observations import MEASUREMENTS, Mark, Source
from bishui.server.indicators.queries import RateAsked, rates_asked
from bishui.server.waters.kept import WaterResults
from bishui.standards import items, rules

_FORM = "1"
#: Class that a section must reach for a figure; None for its own target.
_CLASSES = {"good_percent": 3, "worst_percent": 5, "attained_percent": None}
#: Day of the month on which an assumed mean stands.
_MID_MONTH = 15


def room_of(results: WaterResults, user: Any) -> dict[str, Any]:
    """Return the JSON form of `bishui.assessment.RoomLeft` for this year, with the address of each rate."""
    today = results.workspace.today
    asked = _rates(results, rates_asked(results.workspace, today.year, user))
    named = hashlib.sha256(repr([rate for rate, _ in asked]).encode()).hexdigest()

    def make() -> dict[str, Any]:
        first = datetime(today.year - _history(results, today), 1, 1)
        given = results.judged_by()
        given["targets"] = _of_sections(results, given["targets"])
        rows = results.rows_from(first, _asked_of(given["targets"], [rate for rate, _ in asked]))
        return room_left(_known(rows), **given, on=today, rates=[rate for rate, _ in asked]).as_dict()

    kept: dict[str, Any] = results.kept(f"room {_FORM} {results.state} {today} {named}", make)
    return {
        **kept,
        "rates": [
            {**entry, "url": url, "sites": list(rate.sites)}
            for entry, (rate, url) in zip(kept["rates"], asked, strict=True)
        ],
    }


def _history(results: WaterResults, today: date) -> int:
    own = results.override_on(Period.year(today.year).last_day)
    years: int = rules("room", Period.year(today.year).last_day, own)["history_years"]
    return years


def _asked_of(targets: pa.Table, rates: Sequence[RateTarget]) -> list[str]:
    """Return the sections that a target or a rate asks for: only their readings are needed."""
    of_rates = {site for rate in rates for site in rate.sites}
    return sorted({*targets["site"].to_pylist(), *of_rates})


def _known(rows: pa.Table) -> pa.Table:
    return rows.filter(pc.is_in(rows["item"], value_set=pa.array(sorted(items()))))


def _of_sections(results: WaterResults, targets: pa.Table) -> pa.Table:
    ids = pa.array([str(site.pk) for site in results.sites], pa.string())
    return targets.filter(pc.is_in(targets["site"], value_set=ids))


def _rates(results: WaterResults, asked: Sequence[RateAsked]) -> list[tuple[RateTarget, str]]:
    """Return the rate targets over the sections that the user may see, each with its page."""
    found = []
    for entry in asked:
        sites = tuple(
            str(site.pk)
            for site in results.sites
            if site.kind in entry.rule["kinds"] and (not entry.level or site.control_level == entry.level)
        )
        percent = _percent(entry.percent)
        if not sites or percent is None or entry.rule["figure"] not in _CLASSES:
            continue
        target_class = _CLASSES[entry.rule["figure"]]
        rate = RateTarget(entry.name, sites, percent, target_class, at_most=entry.at_most)
        if _possible(rate):
            found.append((rate, entry.url))
    return found


def _percent(text: str) -> Decimal | None:
    try:
        return Decimal(text)
    except InvalidOperation:
        return None


def _possible(rate: RateTarget) -> bool:
    try:
        return rate.may_miss >= 0
    except CallError:
        return False


def assumed_year(
    results: WaterResults, site: str, assumed: Mapping[str, tuple[Decimal, Sequence[int]]]
) -> SectionResult:
    """Return the year of a section whose remaining months are assumed to have some means.

    Parameters
    ----------
    results
        The city.
    site
        The section.
    assumed
        By item the mean of each remaining month, and these months. Readings of such a month that is not over
        give way to it.
    """
    year = results.workspace.today.year
    rows = _known(results.rows_of(site, Period.year(year)))
    for item, (_value, months) in assumed.items():
        here = pc.and_(
            pc.equal(rows["item"], item), pc.is_in(pc.month(rows["time"]), value_set=pa.array(months))
        )
        rows = rows.filter(pc.invert(here))
    table = pa.concat_tables([rows, _assumed_rows(site, year, assumed)])
    found = assess(table, **results.judged_by(), period=Period.year(year))
    return next(result for result in found if result.site == site)


def _assumed_rows(site: str, year: int, assumed: Mapping[str, tuple[Decimal, Sequence[int]]]) -> pa.Table:
    rows = [
        {
            "site": site,
            "time": datetime(year, month, _MID_MONTH),
            "item": item,
            "value": value,
            "mark": Mark.MEASURED.value,
            "source": Source.MANUAL.value,
        }
        for item, (value, months) in assumed.items()
        for month in months
    ]
    return pa.Table.from_pylist(rows, schema=MEASUREMENTS)
