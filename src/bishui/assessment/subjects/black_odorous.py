"""Black-odorous water (黑臭水体): grading of readings, points, stretches and bodies.

Urban: 建城〔2015〕130号; rural: 环办土壤函〔2019〕826号. Thresholds are limits of the standards
``black_odorous_urban`` and ``black_odorous_rural``; counting rules are settings of ``black_odorous``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from itertools import pairwise
from typing import Any, Literal

import pyarrow as pa

from bishui.assessment.overrides import Overrides, override_on
from bishui.assessment.periods import Period, PeriodKind
from bishui.assessment.rates import LeftOut, Rate
from bishui.assessment.results import mean_text
from bishui.assessment.rows import known_items
from bishui.assessment.site_means import SiteMean, by_site, site_means
from bishui.i18n import Bilingual, Text
from bishui.standards import Rules, classify, method, rules

TRANSPARENCY, DEPTH = "transparency", "water_depth"


class Grade(StrEnum):
    """Grades; urban water is light or severe, rural water black-odorous or not."""

    NONE = "none"
    LIGHT = "light"
    SEVERE = "severe"
    BLACK_ODOROUS = "black_odorous"

    @property
    def text(self) -> Text:
        """The grade in words."""
        return _GRADE_TEXTS[self]


_GRADE_TEXTS = {
    Grade.NONE: Text("不黑臭"),
    Grade.LIGHT: Text("轻度黑臭"),
    Grade.SEVERE: Text("重度黑臭"),
    Grade.BLACK_ODOROUS: Text("黑臭"),
}


@dataclass(frozen=True, slots=True)
class BodyPoint:
    """A sampling point of a body: its site id and its distance along the body in m, where it is known."""

    site: str
    position_m: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Body:
    """A water body: its points in the order along it, by urban or rural rules.

    `recognised` says that it was found black-odorous already (by complaints and survey): the counting rule
    then knows only light and severe.
    """

    id: str
    name: str
    points: tuple[BodyPoint, ...]
    regime: Literal["urban", "rural"] = "urban"
    recognised: bool = False
    division: str | None = None

    @property
    def standard(self) -> str:
        """Key of the standard that holds its thresholds."""
        return f"black_odorous_{self.regime}"


@dataclass(frozen=True, slots=True)
class GradedReading:
    """One reading of one indicator: its grade, and the depth where it was judged by the depth."""

    mean: SiteMean
    grade: Grade
    depth: Fraction | None = None

    def as_dict(self) -> dict[str, Any]:
        """Return the JSON form."""
        return {
            **self.mean.as_dict(),
            "grade": self.grade.value,
            "depth_m": None if self.depth is None else mean_text(self.depth),
        }


@dataclass(frozen=True, slots=True)
class PointGrade:
    """The grade of a point over its samplings; None without a reading.

    `severe` holds the share of severe readings by indicator, `lacking` the indicators without any.
    """

    site: str
    grade: Grade | None
    readings: tuple[GradedReading, ...]
    severe: Mapping[str, Rate]
    lacking: tuple[str, ...]

    def as_dict(self) -> dict[str, Any]:
        """Return the JSON form."""
        return {
            "site": self.site,
            "grade": self.grade.value if self.grade else None,
            "severe": {item: rate.as_dict() for item, rate in self.severe.items()},
            "lacking": list(self.lacking),
            "readings": [reading.as_dict() for reading in self.readings],
        }


@dataclass(frozen=True, slots=True)
class BodyGrade:
    """The grade of a body.

    Attributes
    ----------
    grade
        None without a graded point.
    points
        In the order along the body.
    severe_stretches
        First and last point of each stretch of consecutive severe points.
    severe_share
        Severe points of graded points; points without a reading are counted apart.
    shortcomings
        Where the sampling falls short of the guide; the grade stands beside them.
    """

    body: Body
    period: Period
    grade: Grade | None
    points: tuple[PointGrade, ...]
    severe_stretches: tuple[tuple[str, str], ...]
    severe_share: Rate
    shortcomings: tuple[Text, ...]
    indicators: tuple[str, ...]
    rules: str
    used: Rules = field(repr=False)
    clause: str

    def as_dict(self) -> dict[str, Any]:
        """Return the JSON form."""
        return {
            "body": self.body.id,
            "regime": self.body.regime,
            "period": self.period.label,
            "grade": self.grade.value if self.grade else None,
            "severe_share": self.severe_share.as_dict(),
            "severe_stretches": [list(stretch) for stretch in self.severe_stretches],
            "indicators": list(self.indicators),
            "shortcomings": [entry.both() for entry in self.shortcomings],
            "points": [point.as_dict() for point in self.points],
            "rules": self.rules,
            "clause": self.clause,
        }


def grade_body(
    body: Body,
    measurements: pa.Table,
    period: Period,
    *,
    flags: pa.Table | None = None,
    indicators: Sequence[str] | None = None,
    chosen: Rules | None = None,
    override: Overrides | None = None,
) -> BodyGrade:
    """Grade a body and its points (建城〔2015〕130号 table 2; rural: any one indicator decides).

    Parameters
    ----------
    body
        With its points.
    measurements
        Table of `observations.schema.MEASUREMENTS`: ``transparency`` and ``water_depth`` in m, ``do`` and
        ``nh3n`` in mg/L, ``orp`` in mV.
    period
        Whose samplings count.
    flags
        Table of `FLAGS`.
    indicators
        Other indicators than those of the rules (checks after sign-off use fewer).
    chosen
        The rules; without them those in force on the period's last day.
    override
        A bureau's own limits and settings, as `assess` takes them.
    """
    used = chosen or rules("black_odorous", period.last_day, override_on(override, period.last_day))
    wanted = tuple(indicators or used[f"{body.regime}_indicators"])
    readings = graded_readings(body, measurements, period, wanted, used, flags=flags, override=override)
    found = by_point(body, readings)
    points = tuple(_point(body, point.site, found[point.site], wanted, used) for point in body.points)
    severe = [point.grade is Grade.SEVERE for point in points if point.grade is not None]
    share = Rate.count(severe, [LeftOut.NO_DATA for point in points if point.grade is None])
    return BodyGrade(
        body=body,
        period=period,
        grade=_body_grade(points, share, used),
        points=points,
        severe_stretches=_stretches(points, used["stretch_points"]),
        severe_share=share,
        shortcomings=tuple(_shortcomings(body, readings, wanted, used)),
        indicators=wanted,
        rules=used.version,
        used=used,
        clause=used.source,
    )


def graded_readings(
    body: Body,
    measurements: pa.Table,
    period: Period,
    wanted: Sequence[str],
    used: Rules,
    *,
    flags: pa.Table | None = None,
    override: Overrides | None = None,
) -> tuple[GradedReading, ...]:
    """Return every reading of the indicators at the points of a body, graded by itself."""
    means = site_means(
        measurements,
        flags,
        PeriodKind.READING,
        method(period.last_day, override_on(override, period.last_day)),
        sites=[point.site for point in body.points],
        wanted=(*wanted, DEPTH),
    )
    inside = [mean for mean in means if period.start <= mean.period.start <= period.end]
    depths = {(mean.site, mean.period): mean.value for mean in inside if mean.item == DEPTH}
    found = (
        _graded(body, mean, depths.get((mean.site, mean.period)), used, override)
        for mean in inside
        if mean.item != DEPTH and mean.value is not None
    )
    return tuple(reading for reading in found if reading is not None)


def by_point(body: Body, readings: Iterable[GradedReading]) -> dict[str, list[GradedReading]]:
    """Return readings by site, an empty list for a point without any."""
    found: dict[str, list[GradedReading]] = {point.site: [] for point in body.points}
    for reading in readings:
        found[reading.mean.site].append(reading)
    return found


def _graded(
    body: Body, mean: SiteMean, depth: Fraction | None, used: Rules, override: Overrides | None
) -> GradedReading | None:
    value = mean.value
    if value is None:
        return None
    if mean.item == TRANSPARENCY and is_shallow(depth, used):
        shallow = _shallow(body, mean, value, depth or Fraction(0), used, override=override)
        return GradedReading(mean, shallow, depth)
    day = mean.period.last_day
    grade = grade_of(body, mean.item, value, day, used, detected=mean.detected, override=override)
    return None if grade is None else GradedReading(mean, grade)


def grade_of(
    body: Body,
    item: str,
    value: Fraction,
    on: date,
    used: Rules,
    *,
    detected: bool = True,
    override: Overrides | None = None,
) -> Grade | None:
    """Return the grade of one value by the table; None where the standard does not limit the item."""
    own = override_on(override, on)
    found = classify(body.standard, item, value, on, detected=detected, override=own, border=used["border"])
    return None if found.band is None else Grade(found.band)


def is_shallow(depth: Fraction | None, used: Rules) -> bool:
    """Tell whether transparency is judged by the depth (table 2, footnote)."""
    return depth is not None and 100 * depth < used["shallow_depth_cm"]


def _shallow(
    body: Body, mean: SiteMean, value: Fraction, depth: Fraction, used: Rules, *, override: Overrides | None
) -> Grade:
    """Return the grade of transparency in shallow water."""
    part = depth * Fraction(used["shallow_share_percent"], 100)
    if body.regime == "rural":
        return Grade.NONE if value >= part else Grade.BLACK_ODOROUS
    if used["shallow_rule"] == "share_of_depth":
        on = mean.period.last_day
        return grade_of(body, TRANSPARENCY, part, on, used, override=override) or Grade.NONE
    if value >= depth:
        return Grade.NONE
    return Grade.SEVERE if value < part else Grade.LIGHT


def _point(
    body: Body, site: str, readings: Sequence[GradedReading], wanted: Sequence[str], used: Rules
) -> PointGrade:
    by_item = {item: [entry for entry in readings if entry.mean.item == item] for item in wanted}
    severe = {
        item: Rate.count(entry.grade is Grade.SEVERE for entry in entries)
        for item, entries in by_item.items()
        if entries
    }
    return PointGrade(
        site=site,
        grade=_point_grade(body, readings, severe, used),
        readings=tuple(readings),
        severe=severe,
        lacking=tuple(item for item, entries in by_item.items() if not entries),
    )


def _point_grade(
    body: Body, readings: Sequence[GradedReading], severe: Mapping[str, Rate], used: Rules
) -> Grade | None:
    """Severe by the share of severe data; else light where it was recognised or any reading is not none."""
    if not readings:
        return None
    if body.regime == "rural":
        bad = any(entry.grade is Grade.BLACK_ODOROUS for entry in readings)
        return Grade.BLACK_ODOROUS if bad else Grade.NONE
    shares = [rate.exact or Fraction(0) for rate in severe.values()]
    one = any(share >= used["one_indicator_share_percent"] for share in shares)
    two = sum(share >= used["two_indicators_share_percent"] for share in shares) >= 2
    if one or two:
        return Grade.SEVERE
    if body.recognised or any(entry.grade is not Grade.NONE for entry in readings):
        return Grade.LIGHT
    return Grade.NONE


def _body_grade(points: Sequence[PointGrade], share: Rate, used: Rules) -> Grade | None:
    """Severe by the share of severe points; else the mildest grade that covers every point."""
    grades = {point.grade for point in points if point.grade is not None}
    if share.exact is None:
        return None
    if Grade.BLACK_ODOROUS in grades:
        return Grade.BLACK_ODOROUS
    if share.exact >= used["body_share_percent"]:
        return Grade.SEVERE
    return Grade.NONE if grades == {Grade.NONE} else Grade.LIGHT


def _stretches(points: Sequence[PointGrade], least: int) -> tuple[tuple[str, str], ...]:
    """Return the runs of at least `least` consecutive severe points."""
    found, run = [], list[str]()
    for point in (*points, None):
        if point is not None and point.grade is Grade.SEVERE:
            run.append(point.site)
            continue
        if len(run) >= least:
            found.append((run[0], run[-1]))
        run = []
    return tuple(found)


def _shortcomings(
    body: Body, readings: Sequence[GradedReading], wanted: Sequence[str], used: Rules
) -> Iterable[Text]:
    """Say where the sampling falls short of the guide."""
    if body.regime == "rural":
        return
    if len(body.points) < used["least_points"]:
        yield Text(
            "监测点位 {count} 个，少于 {least} 个。", count=len(body.points), least=used["least_points"]
        )
    yield from _spacing(body, used)
    for site, entries in by_site(entry.mean for entry in readings).items():
        days = sorted({entry.period.start.date() for entry in entries})
        if len(days) < used["least_rounds"]:
            yield Text(
                "{site} 监测 {count} 次，少于 {least} 次。",
                site=site,
                count=len(days),
                least=used["least_rounds"],
            )
        yield from _intervals(site, days, used["round_interval_days"])
        for item in wanted:
            if item not in {entry.item for entry in entries}:
                yield Text("{site} 缺少指标：{item}。", site=site, item=item_name(item))


def item_name(key: str) -> Bilingual:
    """Return the name of an indicator in both languages."""
    item = known_items()[key]
    return Bilingual(item.name_zh, item.name_en)


def _spacing(body: Body, used: Rules) -> Iterable[Text]:
    low, high = used["spacing_m"]
    for before, after in pairwise(body.points):
        if before.position_m is None or after.position_m is None:
            continue
        distance = after.position_m - before.position_m
        if not low <= distance <= high:
            yield Text(
                "{first} 与 {second} 相距 {distance} m，不在 {low}～{high} m 之间。",
                first=before.site,
                second=after.site,
                distance=distance,
                low=low,
                high=high,
            )


def _intervals(site: str, days: Sequence[date], allowed: Sequence[int]) -> Iterable[Text]:
    low, high = allowed
    apart = [(after - before).days for before, after in pairwise(days)]
    wrong = [place for place, gap in enumerate(apart) if not low <= gap <= high]
    if len(wrong) == 1:
        yield Text(
            "{site} 在 {first} 与 {second} 之间相隔 {gap} 天，不在 {low}～{high} 天之间。",
            site=site,
            first=days[wrong[0]],
            second=days[wrong[0] + 1],
            gap=apart[wrong[0]],
            low=low,
            high=high,
        )
    elif wrong:
        yield Text(
            "{site} 有 {count} 次采样与前一次相隔 {least} 至 {most} 天，不在 {low}～{high} 天之间。",
            site=site,
            count=len(wrong),
            least=min(apart[place] for place in wrong),
            most=max(apart[place] for place in wrong),
            low=low,
            high=high,
        )
