"""One result opened down to its rows: rows → daily → monthly → mean → rounding → limit and clause."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from bishui.assessment import kernels
from bishui.assessment.assess import assess
from bishui.assessment.item_lists import ItemLists
from bishui.assessment.means import Means, base_means, daily_means, monthly_means
from bishui.assessment.numbers import shown, substitute
from bishui.assessment.periods import Period, PeriodKind
from bishui.assessment.register import Register
from bishui.assessment.results import ItemResult, SectionResult, limit_text, mean_text
from bishui.assessment.rows import Rows, prepare
from bishui.errors import NotFound
from bishui.i18n import Bilingual, Text
from bishui.standards import Method, Override, items, water_class
from bishui.standards import method as method_on

#: What each row was to the mean, in the order of the kernels' row status.
_USE = (
    "used",
    "below_detection",
    "no_reading",
    "not_given",
    "offline",
    "no_detection_limit",
    "excluded",
    "under_review",
)

#: Kinds of periods whose means are made of days only.
_WITHOUT_MONTHS = (PeriodKind.READING, PeriodKind.DAY, PeriodKind.WEEK, PeriodKind.TEN_DAYS)


@dataclass(frozen=True, slots=True)
class RowStep:
    """One measurement row and what was done with it: where it came from, as given, as used."""

    import_id: str | None
    row: int | None
    time: datetime
    raw: str | None
    value: Decimal | None
    entered_as: Decimal | None
    use: str
    source: str

    def as_dict(self) -> dict[str, Any]:
        """Return the JSON form."""
        return {
            "import_id": self.import_id,
            "row": self.row,
            "time": self.time.isoformat(),
            "raw": self.raw,
            "value": None if self.value is None else str(self.value),
            "entered_as": None if self.entered_as is None else str(self.entered_as),
            "use": self.use,
            "source": self.source,
        }


@dataclass(frozen=True, slots=True)
class MeanStep:
    """A mean of a day or a month, exact, with what entered it and the source that was taken."""

    label: str
    mean: Fraction | None
    entered: int
    total: int
    source: str

    def as_dict(self) -> dict[str, Any]:
        """Return the JSON form."""
        return {
            "label": self.label,
            "mean": None if self.mean is None else str(shown(self.mean)),
            "entered": self.entered,
            "total": self.total,
            "source": self.source,
        }


@dataclass(frozen=True, slots=True)
class Explanation:
    """The chain behind one item of one site and period."""

    section: SectionResult
    result: ItemResult
    rows: tuple[RowStep, ...]
    daily: tuple[MeanStep, ...]
    monthly: tuple[MeanStep, ...]
    method: Method
    rounded: bool

    def steps(self) -> Iterator[tuple[Text, Text]]:
        """Yield the steps after the rows, each as a name and a sentence."""
        unit, decimals = items()[self.result.item].unit, items()[self.result.item].evaluation_decimals
        if self.result.mean is not None:
            mean = f"{shown(self.result.mean):f}"
            yield Text("均值"), Text("未修约 {mean} {unit}", mean=mean, unit=unit)
        if self.rounded and self.result.rounded is not None:
            yield (
                Text("修约"),
                Text(
                    "保留 {decimals} 位小数（四舍六入五成双，结果为 0 时保留一位有效数字）：{rounded}",
                    decimals=decimals,
                    rounded=f"{self.result.rounded:f}",
                ),
            )
        else:
            yield Text("修约"), Text("比较前不修约")
        yield from self._limit_steps()

    def _limit_steps(self) -> Iterator[tuple[Text, Text]]:
        result = self.result
        for rank, limit in result.limits.items():
            met = result.rank is not None and rank >= result.rank
            printed = limit_text(limit)
            verdict = Text("{limit}：符合", limit=printed) if met else Text("{limit}：不符合", limit=printed)
            yield Text("{label}限值", label=_class_name(rank)), verdict
        if result.clause:
            yield Text("依据"), Text("{clause}", clause=result.clause)
        if result.rank is not None:
            yield Text("类别"), Text("{label}", label=_class_name(result.rank))
        for over in (result.over_target, result.over_reference):
            if over is not None:
                yield (
                    Text("超标倍数"),
                    Text("{multiple}（对照限值 {limit}）", multiple=over.rounded, limit=over.limit),
                )
        yield Text("评价办法"), Text("{version}", version=self.method.version)
        if self.section.item_list_rule is not None:
            yield Text("评价项目清单"), Text("{rule}", rule=self.section.item_list_rule)

    def as_dict(self) -> dict[str, Any]:
        """Return the JSON form."""
        return {
            "section": self.section.as_dict(),
            "item": self.result.as_dict(),
            "compared": None if self.result.compared is None else mean_text(self.result.compared),
            "rows": [row.as_dict() for row in self.rows],
            "daily": [step.as_dict() for step in self.daily],
            "monthly": [step.as_dict() for step in self.monthly],
            "steps": [{"name": name.both(), "text": text.both()} for name, text in self.steps()],
            "method": self.method.as_dict(),
        }


def _class_name(rank: int) -> Bilingual:
    named = water_class(rank)
    return Bilingual(named.label_zh, named.label_en)


def explain(
    measurements: pa.Table,
    sites: pa.Table | None = None,
    targets: pa.Table | None = None,
    flags: pa.Table | None = None,
    *,
    site: str,
    item: str,
    period: Period,
    method: Method | None = None,
    item_list: ItemLists | None = None,
    override: Override | None = None,
) -> Explanation:
    """Open one result down to its rows.

    Parameters
    ----------
    measurements, sites, targets, flags
        The tables given to `assess`.
    site, item, period
        Which result.
    method, item_list, override
        Those given to `assess`, if any.

    Raises
    ------
    NotFound
        If the site has no row of this item in the period.
    """
    register = Register(sites)
    names = [name for name, known in register.aliases.items() if known == site]
    here = _rows_of(measurements, [site, *names], item, period)
    chosen = method or method_on(period.last_day, override)
    whole = _rows_of(measurements, [site, *names], None, period)
    found = assess(
        whole,
        sites,
        targets,
        flags,
        period=period,
        method=chosen,
        item_list=item_list,
        override=override,
    )
    section = next((result for result in found if result.site == site), None)
    if section is None or item not in section.items:
        raise NotFound(
            Text("点位“{site}”在 {period} 没有“{item}”的数据行。", site=site, period=period.label, item=item),
            remedy=Text("请核对点位、时段和项目；bishui assess 可列出已有的结果。"),
        )
    rows = prepare(here, flags, chosen.source_priority, register.aliases)
    base = base_means(rows, chosen)
    single = period.kind is PeriodKind.READING
    return Explanation(
        section=section,
        result=section.items[item],
        rows=tuple(_row_steps(here, rows, chosen)),
        daily=() if single else tuple(_mean_steps(daily_means(base), chosen, "D")),
        monthly=()
        if period.kind in _WITHOUT_MONTHS
        else tuple(_mean_steps(monthly_means(base, chosen), chosen, "M")),
        method=chosen,
        rounded=chosen.round_single_readings if single else chosen.round_before_compare,
    )


def _rows_of(measurements: pa.Table, names: list[str], item: str | None, period: Period) -> pa.Table:
    times = measurements["time"].cast(pa.timestamp("s"))
    inside = pc.and_(
        pc.greater_equal(times, pa.scalar(period.start, pa.timestamp("s"))),
        pc.less_equal(times, pa.scalar(period.end, pa.timestamp("s"))),
    )
    chosen = pc.and_(inside, pc.is_in(measurements["site"], value_set=pa.array(names, pa.string())))
    if item is not None:
        chosen = pc.and_(chosen, pc.equal(measurements["item"], item))
    return measurements.filter(chosen)


def _row_steps(table: pa.Table, rows: Rows, method: Method) -> Iterator[RowStep]:
    given = table.to_pylist()
    for place in np.argsort(rows.second, kind="stable").tolist():
        row: Mapping[str, Any] = given[int(rows.index[place])]
        status = int(rows.status[place])
        yield RowStep(
            import_id=row.get("import_id"),
            row=row.get("row"),
            time=row["time"],
            raw=row.get("raw"),
            value=row["value"],
            entered_as=_entered(row["value"], status, method),
            use=_USE[status],
            source=row["source"],
        )


def _entered(value: Decimal | None, status: int, method: Method) -> Decimal | None:
    if value is None or status > kernels.USED_BELOW:
        return None
    if status == kernels.USED_BELOW:
        return shown(substitute(value, method.below_detection_concentration))
    return shown(value)


def _mean_steps(means: Means, method: Method, level: str) -> Iterator[MeanStep]:
    for index in range(means.unit.size):
        counts = means.counts[index]
        yield MeanStep(
            label=_label(int(means.unit[index]), level),
            mean=means.exact(index),
            entered=int(counts[: kernels.NO_READING].sum()),
            total=int(counts.sum()),
            source=method.source_priority[int(means.source[index])],
        )


def _label(unit: int, level: str) -> str:
    if level == "M":
        return f"{unit // 12:04}-{unit % 12 + 1:02}"
    return (date(1970, 1, 1) + timedelta(days=unit)).isoformat()
