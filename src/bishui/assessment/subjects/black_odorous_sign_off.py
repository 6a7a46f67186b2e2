"""Sign-off (销号) of a black-odorous water body, and its return (返黑返臭) afterwards.

建城〔2015〕130号: a public survey, samples over six months, the engineering record, the maintenance file and
the publication are separate records; each stage names those that it needs (settings of ``black_odorous``).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum
from fractions import Fraction
from itertools import pairwise
from typing import Any, NamedTuple

import pyarrow as pa

from bishui.assessment.numbers import mean
from bishui.assessment.overrides import Overrides, override_on
from bishui.assessment.periods import Period, PeriodKind, periods_between
from bishui.assessment.results import mean_text
from bishui.assessment.subjects.black_odorous import (
    TRANSPARENCY,
    Body,
    Grade,
    GradedReading,
    by_point,
    grade_of,
    graded_readings,
    is_shallow,
    item_name,
)
from bishui.i18n import Text
from bishui.standards import Rules, rules


class Stage(StrEnum):
    """The two stages of the evaluation."""

    FIRST_RESULTS = "first"
    LASTING_RESULTS = "second"

    @property
    def text(self) -> Text:
        """The stage in words."""
        return Text("初见成效") if self is Stage.FIRST_RESULTS else Text("长制久清")


@dataclass(frozen=True, slots=True)
class Survey:
    """A public survey (公众评议): valid answers of people nearby, and how many of them are satisfied."""

    day: date
    answers: int
    satisfied: int
    document: str


@dataclass(frozen=True, slots=True)
class Record:
    """A document of the sign-off: ``engineering_record``, ``maintenance_file`` or ``publication``."""

    kind: str
    day: date
    document: str


@dataclass(frozen=True, slots=True)
class PointMean:
    """The mean of one indicator at one point, and its grade; shallow readings are graded one by one."""

    site: str
    item: str
    value: Fraction | None
    grade: Grade
    readings: int

    def as_dict(self) -> dict[str, Any]:
        """Return the JSON form."""
        return {
            "site": self.site,
            "item": self.item,
            "value": None if self.value is None else mean_text(self.value),
            "grade": self.grade.value,
            "readings": self.readings,
        }


@dataclass(frozen=True, slots=True)
class Requirement:
    """One record that a stage needs: whether it is met, what was found, and the documents."""

    key: str
    met: bool
    found: tuple[Text, ...]
    documents: tuple[str, ...] = ()

    def as_dict(self) -> dict[str, Any]:
        """Return the JSON form."""
        return {
            "key": self.key,
            "met": self.met,
            "found": [entry.both() for entry in self.found],
            "documents": list(self.documents),
        }


@dataclass(frozen=True, slots=True)
class SignOff:
    """The test of a stage: passed where every requirement is met."""

    body: Body
    stage: Stage
    requirements: tuple[Requirement, ...]
    means: tuple[PointMean, ...]
    readings: tuple[GradedReading, ...] = field(repr=False)
    rules: str
    used: Rules = field(repr=False)
    clause: str

    @property
    def passed(self) -> bool:
        """Whether every requirement is met."""
        return all(entry.met for entry in self.requirements)

    def as_dict(self) -> dict[str, Any]:
        """Return the JSON form."""
        return {
            "body": self.body.id,
            "stage": self.stage.value,
            "passed": self.passed,
            "requirements": [entry.as_dict() for entry in self.requirements],
            "means": [entry.as_dict() for entry in self.means],
            "rules": self.rules,
            "clause": self.clause,
        }


def sign_off(
    body: Body,
    stage: Stage,
    measurements: pa.Table,
    period: Period,
    *,
    surveys: Iterable[Survey] = (),
    records: Iterable[Record] = (),
    flags: pa.Table | None = None,
    chosen: Rules | None = None,
    override: Overrides | None = None,
) -> SignOff:
    """Test whether a body may be signed off at a stage (建城〔2015〕130号).

    Parameters
    ----------
    body
        With its points.
    stage
        First or lasting results.
    measurements
        Table of `observations.schema.MEASUREMENTS`, with the samples of the period.
    period
        When the samples were taken and the survey was made.
    surveys, records
        What there is; the latest survey of the period counts.
    flags
        Table of `FLAGS`.
    chosen
        The rules; without them those in force on the period's last day.
    override
        A bureau's own limits and settings, as `assess` takes them.
    """
    used = chosen or rules("black_odorous", period.last_day, override_on(override, period.last_day))
    wanted = used[f"{body.regime}_indicators"]
    readings = graded_readings(body, measurements, period, wanted, used, flags=flags, override=override)
    means = point_means(body, readings, wanted, used, override)
    given = list(records)
    made = [entry for entry in surveys if period.start.date() <= entry.day <= period.last_day]
    checks = {
        "survey": lambda: _survey(made, used),
        "samples": lambda: _samples(body, readings, means, wanted, used),
    }
    needs = used[f"{stage.value}_stage_needs"]
    return SignOff(
        body=body,
        stage=stage,
        requirements=tuple(checks[key]() if key in checks else _document(key, given) for key in needs),
        means=means,
        readings=readings,
        rules=used.version,
        used=used,
        clause=used.source,
    )


def _survey(surveys: Sequence[Survey], used: Rules) -> Requirement:
    latest = max(surveys, key=lambda entry: entry.day, default=None)
    if latest is None:
        return Requirement("survey", False, (Text("没有公众评议。"),))
    share = Fraction(100 * latest.satisfied, latest.answers) if latest.answers else Fraction(0)
    enough = latest.answers >= used["survey_answers"] and share >= used["survey_satisfied_percent"]
    found = Text(
        "{day} 有效问卷 {answers} 份（应≥{least}），满意 {satisfied} 份，占 {share}%（应≥{percent}%）。",
        day=latest.day,
        answers=latest.answers,
        least=used["survey_answers"],
        satisfied=latest.satisfied,
        share=mean_text(share),
        percent=used["survey_satisfied_percent"],
    )
    return Requirement("survey", enough, (found,), (latest.document,))


def _document(key: str, records: Iterable[Record]) -> Requirement:
    there = [record for record in records if record.kind == key]
    found = tuple(Text("{day} {document}", day=entry.day, document=entry.document) for entry in there)
    none = (Text("没有该项材料。"),)
    return Requirement(key, bool(there), found or none, tuple(entry.document for entry in there))


def _samples(
    body: Body,
    readings: Sequence[GradedReading],
    means: Sequence[PointMean],
    wanted: Sequence[str],
    used: Rules,
) -> Requirement:
    found: list[Text] = []
    for site, entries in by_point(body, readings).items():
        days = sorted({entry.mean.period.start.date() for entry in entries})
        found.extend(_span(site, days, used))
        there = {entry.mean.item for entry in entries}
        found.extend(
            Text("{site} 缺少指标：{item}。", site=site, item=item_name(item))
            for item in wanted
            if item not in there
        )
    for entry in means:
        if entry.grade is not Grade.NONE:
            name, grade = item_name(entry.item), entry.grade.text
            found.append(Text("{site} 的{item}为{grade}。", site=entry.site, item=name, grade=grade))
    documents = tuple(dict.fromkeys(entry.mean.site for entry in readings))
    return Requirement("samples", not found, tuple(found) or (Text("各点位均值均不黑臭。"),), documents)


def _span(site: str, days: Sequence[date], used: Rules) -> Iterable[Text]:
    """Say where sampling was shorter than the months asked for, or rarer than the interval."""
    if not days:
        yield Text("{site} 没有监测数据。", site=site)
        return
    longest = used["sign_off_interval_days"][1]
    gap = max((after - before for before, after in pairwise(days)), default=timedelta(0))
    if gap.days > longest:
        yield Text("{site} 最长间隔 {gap} 天，超过 {longest} 天。", site=site, gap=gap.days, longest=longest)
    reached = _months_later(days[0], used["sign_off_months"])
    # A series sampled every so many days covers the time up to the next sample that would be due.
    if days[-1] + timedelta(days=longest) < reached:
        yield Text(
            "{site} 监测自 {first} 至 {last}，不足 {months} 个月。",
            site=site,
            first=days[0],
            last=days[-1],
            months=used["sign_off_months"],
        )


def _months_later(day: date, months: int) -> date:
    """Return the first day of the month in which the months have passed, plus the days into the month."""
    whole = day.year * 12 + day.month - 1 + months
    return date(whole // 12, whole % 12 + 1, 1) + timedelta(days=day.day - 1)


def point_means(
    body: Body,
    readings: Iterable[GradedReading],
    wanted: Iterable[str],
    used: Rules,
    override: Overrides | None = None,
) -> tuple[PointMean, ...]:
    """Return the mean of each indicator at each point with its grade.

    Transparency of shallow water has no mean to be held against the table: those readings keep their own
    grade, and the worst of them counts.
    """
    found = []
    items = tuple(wanted)
    for site, entries in by_point(body, readings).items():
        for item in items:
            given = [entry for entry in entries if entry.mean.item == item]
            if given:
                found.append(_point_mean(body, (site, item), given, used, override))
    return tuple(found)


def _point_mean(
    body: Body,
    of: tuple[str, str],
    entries: Sequence[GradedReading],
    used: Rules,
    override: Overrides | None,
) -> PointMean:
    site, item = of
    shallow = [entry for entry in entries if item == TRANSPARENCY and is_shallow(entry.depth, used)]
    values = [entry.mean.value for entry in entries if entry not in shallow and entry.mean.value is not None]
    grades = [entry.grade for entry in shallow]
    value = mean(values) if values else None
    if value is not None:
        on = max(entry.mean.period.last_day for entry in entries)
        grades.append(grade_of(body, item, value, on, used, override=override) or Grade.NONE)
    return PointMean(site, item, value, max(grades, key=_SEVERITY.__getitem__), len(entries))


_SEVERITY: Mapping[Grade, int] = {
    grade: place for place, grade in enumerate((Grade.NONE, Grade.LIGHT, Grade.SEVERE, Grade.BLACK_ODOROUS))
}


@dataclass(frozen=True, slots=True)
class ReturnCheck:
    """A quarter after sign-off: returned (返黑返臭), fine, or None where it was not sampled.

    `not_sampled` are the points without a reading; a body is fine only where every point was sampled.
    """

    period: Period
    returned: bool | None
    means: tuple[PointMean, ...]
    failing: tuple[PointMean, ...]
    not_sampled: tuple[str, ...]
    body: Body
    readings: tuple[GradedReading, ...] = field(repr=False)
    used: Rules = field(repr=False)

    def as_dict(self) -> dict[str, Any]:
        """Return the JSON form."""
        return {
            "period": self.period.label,
            "returned": self.returned,
            "failing": [entry.as_dict() for entry in self.failing],
            "means": [entry.as_dict() for entry in self.means],
            "not_sampled": list(self.not_sampled),
        }


def returns(
    body: Body,
    signed_off: date,
    measurements: pa.Table,
    as_of: date,
    *,
    flags: pa.Table | None = None,
    chosen: Rules | None = None,
    override: Overrides | None = None,
) -> tuple[ReturnCheck, ...]:
    """Return the checks after sign-off, one for each quarter that is to be sampled, up to a day.

    Parameters
    ----------
    body
        The body that was signed off.
    signed_off
        Day of the sign-off; quarters that begin after it count.
    measurements
        Table of `observations.schema.MEASUREMENTS`.
    as_of
        Quarters that end after this day are not due yet and are left out unless they were sampled.
    flags, chosen, override
        As for `sign_off`; the rules are those of each quarter.
    """
    start, end = Period.day(signed_off).start, Period.day(as_of).end
    checks = []
    for quarter in periods_between(PeriodKind.QUARTER, start, end):
        own = override_on(override, quarter.last_day)
        used = chosen or rules("black_odorous", quarter.last_day, own)
        if quarter.start <= start or (quarter.end.month // 3) not in used["check_quarters"]:
            continue
        found = _return_check(body, _Samples(measurements, flags, override), quarter, used)
        if quarter.last_day <= as_of or found.means:
            checks.append(found)
    return tuple(checks)


class _Samples(NamedTuple):
    """The tables that a check reads, and the bureau's own values."""

    measurements: pa.Table
    flags: pa.Table | None
    override: Overrides | None


def _return_check(body: Body, samples: _Samples, quarter: Period, used: Rules) -> ReturnCheck:
    wanted, own = used["check_indicators"], samples.override
    rows, flags = samples.measurements, samples.flags
    readings = graded_readings(body, rows, quarter, wanted, used, flags=flags, override=own)
    means = point_means(body, readings, wanted, used, own)
    failing = tuple(entry for entry in means if entry.grade is not Grade.NONE)
    sampled = {(entry.site, entry.item) for entry in means}
    missing = tuple(
        point.site for point in body.points if any((point.site, item) not in sampled for item in wanted)
    )
    complete = None if missing else False
    return ReturnCheck(
        period=quarter,
        returned=True if failing else complete,
        means=means,
        failing=failing,
        not_sampled=missing,
        body=body,
        readings=readings,
        used=used,
    )
