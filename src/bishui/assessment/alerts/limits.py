"""Values over their limit, values near it, and the room of the year that is nearly used."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import NamedTuple

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
    """One value beside its limit: that of the target, or of class III where there is no target."""

    site: str
    name: str
    period: Period
    item: str
    value: Decimal | Fraction
    limit: Limit
    exceeds: bool
    multiple: Decimal | None

    @property
    def row(self) -> AlertRow:
        """The value as evidence."""
        period = self.period
        value = self.value if isinstance(self.value, Decimal) else shown(self.value)
        return AlertRow(self.site, self.item, period.start, period.label, value, self.limit, self.multiple)

    def near(self, percent: int) -> bool:
        """Tell whether the value keeps the limit but is within a share of it; a range has no such share."""
        if self.exceeds or isinstance(self.limit, Range):
            return False
        share = Fraction(percent, 100)
        if _direction(self.item, self.period) is Direction.MIN:
            return Fraction(self.value) * share <= Fraction(self.limit)
        return Fraction(self.value) >= Fraction(self.limit) * share


def _direction(item: str, period: Period) -> Direction:
    criterion = surface_water(period.last_day).criteria.get(item)
    return criterion.direction if criterion else Direction.MAX


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
    multiple = over.rounded if over else None
    return Compared(
        result.site, result.name, result.period, entry.item, entry.compared, limit, exceeds, multiple
    )


def limit_findings(
    results: Iterable[SectionResult], level: PeriodKind, moment: datetime, chosen: Rules
) -> Iterator[AlertFinding]:
    """Yield the exceedances of one level, and what approaches the limit at its end.

    Parameters
    ----------
    results
        Results of `assess` for readings, days or months.
    level
        Which of them.
    moment
        A period that is not over counts up to here.
    chosen
        Rules of ``alerts``.
    """
    near = level.value in chosen["approaching_levels"]
    over = level.value in chosen["levels"]
    since = _since(level, moment, chosen)
    for values in compared(results).values():
        if values[-1].period.end < since:
            continue
        for run in runs(values, lambda value: value.exceeds) if over else ():
            if len(run) >= chosen[_IN_A_ROW[level]] and run[-1].period.end >= since:
                yield _finding(AlertKind.EXCEEDANCE, run, level, moment, chosen)
        at_end = list(runs(values, lambda value: value.near(chosen["approaching_percent"]))) if near else []
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
    worst = max(run, key=lambda value: (value.multiple or 0, value.period.start))
    fields = {
        "name": worst.name,
        "item": item_name(worst.item),
        "count": len(run),
        "when": run[-1].period.label,
        "value": mean_text(worst.value),
        "limit": limit_text(worst.limit),
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
