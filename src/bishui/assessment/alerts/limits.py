"""Values over their limit, values near it, and the room of the year that is nearly used."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import NamedTuple

import pyarrow as pa

from bishui.assessment.alerts.findings import AlertFinding, AlertKind, AlertRow, item_name, runs, unit_of
from bishui.assessment.numbers import shown
from bishui.assessment.periods import Period, PeriodKind
from bishui.assessment.results import ItemResult, SectionResult, limit_text, mean_text
from bishui.assessment.room.items import ItemRoom, RoomState
from bishui.assessment.room.left import RoomLeft, SectionRoom
from bishui.i18n import Text
from bishui.standards import Direction, Limit, Range, Rules, surface_water

_IN_A_ROW = {
    PeriodKind.READING: "readings_in_a_row",
    PeriodKind.DAY: "days_in_a_row",
    PeriodKind.MONTH: "months_in_a_row",
}


class Compared(NamedTuple):
    """One value beside its limit: of the target, of class III where there is none, of a discharge its own.

    A `limit` of None is 不得检出 (must not be detected); `clause` tells where a discharge's own limit stands.
    """

    site: str
    name: str
    period: Period
    item: str
    value: Decimal | Fraction
    limit: Limit | None
    exceeds: bool
    multiple: Decimal | None
    direction: Direction = Direction.MAX
    clause: str = ""

    @property
    def row(self) -> AlertRow:
        """The value as evidence."""
        period = self.period
        value = self.value if isinstance(self.value, Decimal) else shown(self.value)
        return AlertRow(self.site, self.item, period.start, period.label, value, self.limit, self.multiple)

    def near(self, percent: int) -> bool:
        """Tell whether the value keeps the limit but is within a share of it; a range has no such share."""
        if self.exceeds or self.limit is None or isinstance(self.limit, Range):
            return False
        share = Fraction(percent, 100)
        if self.direction is Direction.MIN:
            return Fraction(self.value) * share <= Fraction(self.limit)
        return Fraction(self.value) >= Fraction(self.limit) * share


def _direction(item: str, period: Period) -> Direction:
    criterion = surface_water(period.last_day).criteria.get(item)
    return criterion.direction if criterion else Direction.MAX


def classed_sites(sites: pa.Table, chosen: Rules) -> set[str]:
    """Return the sites that the limits of surface water are for, by the kinds that the rules name."""
    kinds = chosen["class_kinds"]
    found = zip(sites["id"].to_pylist(), sites["kind"].to_pylist(), strict=True)
    return {site for site, kind in found if kind in kinds}


def compared(results: Iterable[SectionResult]) -> dict[tuple[str, str], list[Compared]]:
    """Return the values that have a limit, by site and item, in order of time."""
    found: dict[tuple[str, str], list[Compared]] = {}
    for result in sorted(results, key=lambda result: (result.site, result.period.start)):
        for entry in result.items.values():
            value = _compared(result, entry)
            if value is not None:
                found.setdefault((result.site, entry.item), []).append(value)
    return found


def _compared(result: SectionResult, entry: ItemResult) -> Compared | None:
    if entry.compared is None:
        return None
    limit, exceeds, over = entry.target_limit, entry.exceeds_target, entry.over_target
    if limit is None and result.attainment.target_id is None and entry.decides_class:
        limit, exceeds, over = entry.reference_limit, entry.exceeds_reference, entry.over_reference
    if limit is None or exceeds is None:
        return None
    return Compared(
        site=result.site,
        name=result.name,
        period=result.period,
        item=entry.item,
        value=entry.compared,
        limit=limit,
        exceeds=exceeds,
        multiple=over.rounded if over else None,
        direction=_direction(entry.item, result.period),
    )


class Sought(NamedTuple):
    """What is looked for in the values of one level.

    Attributes
    ----------
    level
        Readings, days or months.
    over, near
        Whether exceedances are, and what approaches the limit.
    in_a_row
        How many values over the limit in a row are an exceedance.
    since
        When a run must have ended, or later, to be news.
    """

    level: PeriodKind
    over: bool
    near: bool
    in_a_row: int
    since: datetime


def sought(level: PeriodKind, moment: datetime, chosen: Rules) -> Sought:
    """Return what the rules look for in values that have the limit of a target or class."""
    return Sought(
        level=level,
        over=level.value in chosen["levels"],
        near=level.value in chosen["approaching_levels"],
        in_a_row=chosen[_IN_A_ROW[level]],
        since=_since(level, moment, chosen),
    )


def limit_findings(
    series: Iterable[Sequence[Compared]], wanted: Sought, moment: datetime, chosen: Rules
) -> Iterator[AlertFinding]:
    """Yield the exceedances of one level, and what approaches the limit at its end.

    Parameters
    ----------
    series
        For each site and item its values in order of time.
    wanted
        What is looked for in them.
    moment
        A period that is not over counts up to here.
    chosen
        Rules of ``alerts``.
    """
    percent, level = chosen["approaching_percent"], wanted.level
    for values in series:
        if values[-1].period.end < wanted.since:
            continue
        for run in runs(values, lambda value: value.exceeds) if wanted.over else ():
            if len(run) >= wanted.in_a_row and run[-1].period.end >= wanted.since:
                yield _finding(AlertKind.EXCEEDANCE, run, level, moment, chosen)
        at_end = list(runs(values, lambda value: value.near(percent))) if wanted.near else []
        if at_end and at_end[-1][-1] is values[-1]:
            yield _finding(AlertKind.APPROACHING, at_end[-1], level, moment, chosen)


def _since(level: PeriodKind, moment: datetime, chosen: Rules) -> datetime:
    """Return since when a run must have ended to be news."""
    if level is not PeriodKind.MONTH:
        return moment - timedelta(days=chosen["recent_days"])
    index = moment.year * 12 + moment.month - chosen["recent_months"]
    return datetime(index // 12, index % 12 + 1, 1)


def _finding(
    kind: AlertKind, run: Sequence[Compared], level: PeriodKind, moment: datetime, chosen: Rules
) -> AlertFinding:
    last = run[-1]
    rows = tuple(value.row for value in run)
    return AlertFinding(
        kind=kind,
        level=level,
        site=last.site,
        name=last.name,
        item=last.item,
        last=min(last.period.end, moment),
        rows=rows,
        text=_text(kind, run),
        rules=chosen,
    )


def _text(kind: AlertKind, run: Sequence[Compared]) -> Text:
    worst = max(run, key=lambda value: (value.row.distance, value.period.start))
    fields = {
        "name": worst.name,
        "item": item_name(worst.item),
        "count": len(run),
        "when": run[-1].period.label,
        "value": mean_text(worst.value),
        "limit": _limit_text(worst),
        "unit": unit_of(worst.item),
    }
    if kind is AlertKind.APPROACHING:
        return Text("{name}：{item} {when} 为 {value}{unit}，接近限值 {limit}", **fields)
    if len(run) == 1:
        return Text("{name}：{item} {when} 为 {value}{unit}，超过限值 {limit}", **fields)
    if worst.multiple is None:
        return Text("{name}：{item}连续 {count} 次超标至 {when}，{value}{unit}，限值 {limit}", **fields)
    return Text(
        "{name}：{item}连续 {count} 次超标至 {when}，最高 {value}{unit}，限值 {limit}，超标 {multiple} 倍",
        multiple=worst.multiple,
        **fields,
    )


def _limit_text(value: Compared) -> str | Text:
    said = Text("不得检出") if value.limit is None else limit_text(value.limit)
    return Text("{limit}（{clause}）", limit=said, clause=value.clause) if value.clause else said


def room_findings(room: RoomLeft, moment: datetime, chosen: Rules) -> Iterator[AlertFinding]:
    """Yield the items whose room of the year is nearly or wholly used, while months remain.

    Parameters
    ----------
    room
        From `room_left`.
    moment
        Now.
    chosen
        Rules of ``alerts``.
    """
    share = Fraction(chosen["room_percent"], 100)
    for section in room.sections:
        for entry in section.items:
            if entry.months.measured and entry.months.remaining and _nearly_used(entry, share):
                yield _room_finding(section, entry, room.on.year, moment, chosen)


def _nearly_used(entry: ItemRoom, share: Fraction) -> bool:
    if entry.state is RoomState.CANNOT_BE_MET:
        return True
    if entry.state is not RoomState.OPEN or isinstance(entry.limit, Range):
        return False
    limit = Fraction(entry.limit)
    if entry.most is not None:
        return entry.most.value <= limit * share
    return entry.least is not None and entry.least.value * share >= limit


def _room_finding(
    section: SectionRoom, entry: ItemRoom, year: int, moment: datetime, chosen: Rules
) -> AlertFinding:
    months = [(Period.month(year, month), mean) for month, mean in sorted(entry.months.measured.items())]
    return AlertFinding(
        kind=AlertKind.APPROACHING,
        level=PeriodKind.YEAR,
        site=section.site,
        name=section.name,
        item=entry.item,
        last=moment,
        rows=tuple(
            AlertRow(section.site, entry.item, month.start, month.label, shown(mean), entry.limit)
            for month, mean in months
        ),
        text=Text("{name}：年度目标余量将尽。{room}", name=section.name, room=entry.text),
        rules=chosen,
    )
