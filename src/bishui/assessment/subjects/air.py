"""Ambient air (环境空气): the daily index AQI by the edition of HJ 633 in force on the day, and good days."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction
from typing import Any

from bishui.assessment.numbers import Exact
from bishui.assessment.rates import LeftOut, Rate
from bishui.assessment.results import mean_text
from bishui.standards import AirIndex, AirLevel, Rules, air_index, rules


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
