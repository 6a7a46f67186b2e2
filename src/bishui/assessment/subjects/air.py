"""Ambient air (环境空气): the daily index AQI by the edition of HJ 633 in force on the day, and good days."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from fractions import Fraction
from typing import Any

import pyarrow as pa

from bishui.assessment.numbers import Exact
from bishui.assessment.periods import Period
from bishui.assessment.rates import LeftOut, Rate
from bishui.assessment.results import mean_text
from bishui.errors import DataError, Where
from bishui.i18n import Bilingual, Text
from bishui.observations import AIR_KEYS
from bishui.standards import AirIndex, AirLevel, Rules, air_index, any_item, edition_on, rules


@dataclass(frozen=True, slots=True)
class AirDay:
    """The index of one day.

    Attributes
    ----------
    index
        AQI, rounded up; None without a single pollutant.
    level
        Level of the index with its words and colour.
    individual
        Individual indices (IAQI), exact, by ``<item>_<period>``.
    primary
        Primary pollutants (首要污染物); none at or below the bound of the edition.
    exceeding
        Pollutants whose index is above the second level (超标污染物).
    lacking
        Pollutants of the daily index without a value.
    edition, rules
        Edition of HJ 633 and version of the rules.
    """

    day: date
    index: int | None
    level: AirLevel | None
    values: Mapping[str, Fraction]
    individual: Mapping[str, Fraction]
    primary: tuple[str, ...]
    exceeding: tuple[str, ...]
    lacking: tuple[str, ...]
    edition: str
    rules: str
    used: Rules = field(repr=False)

    def as_dict(self) -> dict[str, Any]:
        """Return the JSON form."""
        return {
            "day": self.day.isoformat(),
            "index": self.index,
            "level": self.level.level if self.level else None,
            "label": self.level.label.both() if self.level else None,
            "values": {key: mean_text(value) for key, value in self.values.items()},
            "individual": {key: mean_text(value) for key, value in self.individual.items()},
            "primary": list(self.primary),
            "exceeding": list(self.exceeding),
            "lacking": list(self.lacking),
            "edition": self.edition,
            "rules": self.rules,
        }


def air_day(day: date, values: Mapping[str, Exact | None], *, chosen: Rules | None = None) -> AirDay:
    """Return the AQI of a day (HJ 633, edition of the day).

    Parameters
    ----------
    day
        Which edition holds.
    values
        Daily means by ``<item>_<period>`` (``pm25_daily``, ``o3_daily_max_8h`` …) in µg/m³, carbon monoxide
        in mg/m³; None where there is no valid mean.
    chosen
        The rules; without them those in force on the day.

    Raises
    ------
    CallError
        If a key is not one of the edition, or a value is negative.
    """
    used, edition = chosen or rules("air", day), air_index(day)
    given = {key: Fraction(value) for key, value in values.items() if value is not None}
    computed = {key: edition.individual(key, value) for key, value in given.items()}
    individual = {key: index for key, index in computed.items() if index is not None}
    whole = max((edition.rounded(index) for index in individual.values()), default=None)
    return AirDay(
        day=day,
        index=whole,
        level=None if whole is None else edition.level(whole),
        values=given,
        individual=individual,
        primary=_primary(edition, individual, whole),
        exceeding=_exceeding(edition, individual, used),
        lacking=tuple(key for key in used["daily_keys"] if key not in individual),
        edition=edition.edition,
        rules=used.version,
        used=used,
    )


def _primary(edition: AirIndex, individual: Mapping[str, Fraction], whole: int | None) -> tuple[str, ...]:
    if whole is None or whole <= edition.primary_above:
        return ()
    return tuple(key for key, index in individual.items() if edition.rounded(index) == whole)


def _exceeding(edition: AirIndex, individual: Mapping[str, Fraction], used: Rules) -> tuple[str, ...]:
    good = used["good_level"]
    return tuple(
        key for key, index in individual.items() if edition.level(edition.rounded(index)).level > good
    )


@dataclass(frozen=True, slots=True)
class AirPeriod:
    """The days of a period, and the rate of good days (优良天数比例) among those that could be judged."""

    place: str
    period: Period
    days: tuple[AirDay, ...]
    rate: Rate
    rules: str
    used: Rules = field(repr=False)

    def as_dict(self) -> dict[str, Any]:
        """Return the JSON form."""
        return {
            "place": self.place,
            "period": self.period.label,
            "rate": self.rate.as_dict(),
            "days": [day.as_dict() for day in self.days],
            "rules": self.rules,
        }


def air_period(table: pa.Table, place: str, period: Period, *, chosen: Rules | None = None) -> AirPeriod:
    """Return the index of every day of a period, and the rate of good days.

    Parameters
    ----------
    table
        Table of `observations.AIR_DAYS`; rows without a place are of the one that is asked for.
    place
        City or point.
    period
        A day or longer; a day without a row is a day without data.
    chosen
        The rules; without them those in force on each day.

    Raises
    ------
    DataError
        If a day stands there twice.
    """
    rows: dict[date, Mapping[str, Any]] = {}
    for row in table.to_pylist():
        inside = period.start.date() <= row["day"] <= period.last_day
        if not inside or row["place"] not in (None, place):
            continue
        if row["day"] in rows:
            raise DataError(
                Text(
                    "{day} 有两行：第 {one} 行和第 {other} 行。",
                    day=row["day"],
                    one=rows[row["day"]]["id"],
                    other=row["id"],
                ),
                remedy=Text("一个城市或点位每天只填一行。"),
                where=Where(row=int(row["id"])),
            )
        rows[row["day"]] = row
    length = (period.last_day - period.start.date()).days + 1
    every = (period.start.date() + timedelta(days=step) for step in range(length))
    days = tuple(_of_row(day, rows.get(day), chosen) for day in every)
    return AirPeriod(place, period, days, good_days(days), days[-1].rules, days[-1].used)


def _of_row(day: date, row: Mapping[str, Any] | None, chosen: Rules | None) -> AirDay:
    used = chosen or rules("air", day)
    if row is None:
        return air_day(day, {}, chosen=used)
    below = row["below"] or ()
    values = {key: row[key] for key in AIR_KEYS if row[key] is not None}
    factor = _BELOW_DETECTION[used["below_detection"]]
    return air_day(
        day,
        {key: Fraction(value) * (factor if key in below else 1) for key, value in values.items()},
        chosen=used,
    )


#: What stands for a value below the detection limit, as a part of that limit.
_BELOW_DETECTION = {"half": Fraction(1, 2), "zero": Fraction(0), "limit": Fraction(1)}


def air_name(key: str, day: date) -> Text:
    """Return the name of ``<item>_<period>``: the pollutant and over what it was averaged."""
    averaged = edition_on("gb3095", day).conditions["period"].values
    for period, words in averaged.items():
        if key.endswith(f"_{period}"):
            item = any_item(key.removesuffix(f"_{period}"))
            return Text("{item}（{averaged}）", item=Bilingual(item.name_zh, item.name_en), averaged=words)
    return Text("{item}", item=key)


def good_days(days: Iterable[AirDay]) -> Rate:
    """Return the rate of good days (优良天数比例); days without a complete index are counted apart.

    A day that lacks a pollutant and is not good by the others is not good; else it is not judged.
    """
    good: list[bool] = []
    left_out: list[LeftOut] = []
    for day in days:
        fine = day.level is not None and not day.exceeding
        if day.level is None or (fine and day.lacking):
            left_out.append(LeftOut.NO_DATA)
        else:
            good.append(fine)
    return Rate.count(good, left_out)
