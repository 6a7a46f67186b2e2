"""What an assessment says: per site and period a class or the reason why none, with everything behind it."""

from __future__ import annotations

import json
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from itertools import accumulate
from typing import Any, overload

import pyarrow as pa
import pyarrow.compute as pc

from bishui.assessment.numbers import percent, shown
from bishui.assessment.periods import Period
from bishui.i18n import Text
from bishui.standards import Limit, Method, Range, water_class


class Reason(StrEnum):
    """Why there is no class, or no verdict. No data is never fine."""

    NO_DATA = "no_data"
    WATER_TYPE_UNKNOWN = "water_type_unknown"
    NOT_VALID_THEN = "not_valid_then"
    CANNOT_BE_JUDGED = "cannot_be_judged"
    MIXED_WATER_TYPES = "mixed_water_types"

    @property
    def text(self) -> Text:
        """The reason in words."""
        return _REASON_TEXTS[self]


_REASON_TEXTS = {
    Reason.NO_DATA: Text("无数据"),
    Reason.WATER_TYPE_UNKNOWN: Text("水体类型不明"),
    Reason.NOT_VALID_THEN: Text("点位当时未启用"),
    Reason.CANNOT_BE_JUDGED: Text("检出限高于标准限值，无法判定"),
    Reason.MIXED_WATER_TYPES: Text("既有河流又有湖库，均值无从定类"),
}


class State(StrEnum):
    """Attainment (达标情况) against a target."""

    ATTAINED = "attained"
    NOT_ATTAINED = "not_attained"
    NOT_JUDGED = "not_judged"
    NO_TARGET = "no_target"

    @property
    def text(self) -> Text:
        """The state in words."""
        return _STATE_TEXTS[self]


_STATE_TEXTS = {
    State.ATTAINED: Text("达标"),
    State.NOT_ATTAINED: Text("不达标"),
    State.NOT_JUDGED: Text("未判定"),
    State.NO_TARGET: Text("无目标"),
}


@dataclass(frozen=True, slots=True)
class Counts:
    """Rows behind a mean, by what they were: `used` and `below_detection` entered it, the others did not."""

    used: int = 0
    below_detection: int = 0
    no_reading: int = 0
    not_given: int = 0
    offline: int = 0
    no_detection_limit: int = 0
    excluded: int = 0
    under_review: int = 0
    days: int = 0
    months: int = 0

    @property
    def total(self) -> int:
        """All rows, with or without a value (n)."""
        return self.entered + self.missing

    @property
    def entered(self) -> int:
        """Rows that entered the mean (k of n)."""
        return self.used + self.below_detection

    @property
    def missing(self) -> int:
        """Rows that did not enter."""
        return (
            self.no_reading
            + self.not_given
            + self.offline
            + self.no_detection_limit
            + self.excluded
            + self.under_review
        )

    def as_dict(self) -> dict[str, int]:
        """Return every count by name, `entered` and `total` first."""
        own = {name: getattr(self, name) for name in self.__slots__}
        return {"entered": self.entered, "total": self.total, **own}


@dataclass(frozen=True, slots=True)
class Exceedance:
    """An exceedance multiple (超标倍数): what it is relative to, exact and rounded for print."""

    reference: str
    limit: Decimal
    exact: Fraction
    rounded: Decimal

    def as_dict(self) -> dict[str, str]:
        """Return the JSON form."""
        return {"reference": self.reference, "limit": str(self.limit), "multiple": str(self.rounded)}


@dataclass(frozen=True, slots=True)
class ItemResult:
    """One item of one site and period.

    Attributes
    ----------
    item
        Item key.
    mean
        Unrounded mean, exact, in the item's unit; None where nothing could be used.
    rounded
        The mean rounded to the evaluation decimals; None where the item has none.
    compared
        What was compared with the limits: `rounded` or `mean`, by the method and the kind of period.
    rank
        Class 1–6; None without a limit, a value or a water type.
    decides_class
        Whether the item takes part in the class of a section.
    limits
        Limits by rank of the site's water type.
    clause
        Clause that sets them.
    target_limit, reference_limit
        Limit of the target (class or own limit) and of the reference class (Ⅲ).
    over_target, over_reference
        Multiples relative to them, where the value exceeds the limit and the item has a multiple.
    exceeds_target, exceeds_reference
        Whether the limit is exceeded; None without one.
    detection_limit
        Largest detection limit among the rows that entered.
    doubtful
        The detection limit is above the limit of the class found.
    source
        Source of the values that entered.
    """

    item: str
    mean: Fraction | None
    rounded: Decimal | None
    compared: Decimal | Fraction | None
    rank: int | None
    decides_class: bool
    limits: Mapping[int, Limit]
    clause: str | None
    target_limit: Limit | None
    reference_limit: Limit | None
    over_target: Exceedance | None
    over_reference: Exceedance | None
    exceeds_target: bool | None
    exceeds_reference: bool | None
    detection_limit: Decimal | None
    doubtful: bool
    source: str
    counts: Counts

    def as_dict(self) -> dict[str, Any]:
        """Return the JSON form; decimals are strings."""
        return {
            "item": self.item,
            "mean": None if self.mean is None else str(shown(self.mean)),
            "rounded": None if self.rounded is None else str(self.rounded),
            "compared": None if self.compared is None else mean_text(self.compared),
            "class": self.rank,
            "decides_class": self.decides_class,
            "limits": {str(rank): limit_text(limit) for rank, limit in self.limits.items()},
            "clause": self.clause,
            "target_limit": None if self.target_limit is None else limit_text(self.target_limit),
            "reference_limit": None if self.reference_limit is None else limit_text(self.reference_limit),
            "over_target": self.over_target.as_dict() if self.over_target else None,
            "over_reference": self.over_reference.as_dict() if self.over_reference else None,
            "exceeds_target": self.exceeds_target,
            "exceeds_reference": self.exceeds_reference,
            "detection_limit": None if self.detection_limit is None else str(self.detection_limit),
            "doubtful": self.doubtful,
            "source": self.source,
            "counts": self.counts.as_dict(),
        }


def mean_text(value: Decimal | Fraction) -> str:
    """Return a number as it is printed: a decimal keeps its digits, a fraction at most ten."""
    return f"{value:f}" if isinstance(value, Decimal) else f"{shown(value):f}"


def limit_text(limit: Limit) -> str:
    """Return a limit as it is printed, a range with both ends."""
    return f"{limit.low}~{limit.high}" if isinstance(limit, Range) else f"{limit:f}"


@dataclass(frozen=True, slots=True)
class Attainment:
    """A verdict against one target.

    `failing` are the items over their limit; `reason` says why there is no verdict.
    """

    state: State
    target_id: str | None = None
    target_class: int | None = None
    overrides: Mapping[str, Decimal] = field(default_factory=dict)
    failing: tuple[str, ...] = ()
    reason: Reason | None = None
    source_file: str | None = None
    source_line: int | None = None

    def as_dict(self) -> dict[str, Any]:
        """Return the JSON form."""
        return {
            "state": self.state.value,
            "target_id": self.target_id,
            "target_class": self.target_class,
            "overrides": {item: str(limit) for item, limit in self.overrides.items()},
            "failing": list(self.failing),
            "reason": self.reason.value if self.reason else None,
            "source_file": self.source_file,
            "source_line": self.source_line,
        }


@dataclass(frozen=True, slots=True)
class MainPollutant:
    """A main pollution indicator (主要污染指标) with its multiple, where it has one."""

    item: str
    multiple: Decimal | None


@dataclass(frozen=True, slots=True)
class SectionResult:
    """One site in one period.

    Attributes
    ----------
    site, name
        Site id and name.
    period
        The period.
    water_type
        ``river`` or ``lake`` from the register, None where it is not known.
    rank
        Class 1–6; None with a `reason`.
    items
        Every measured item, in the order of the standard's table.
    deciding
        Items whose class is the section's class, where it is worse than Ⅰ.
    main_pollutants
        Of a section worse than Ⅲ.
    item_list
        Items that took part in the class; results with other lists are not comparable.
    attainment, further_attainments
        Against the target of the shortest period that covers this one; against further targets.
    enough_periods
        False where the number of months or results is below what a quarter or year needs.
    standard, method
        Edition of the limits and version of the method.
    item_list_rule, items_missing
        Name and version of the item list that was asked for, None where every measured item took part; and
        the items of that list without a value.
    """

    site: str
    name: str
    division: str | None
    period: Period
    water_type: str | None
    rank: int | None
    reason: Reason | None
    items: Mapping[str, ItemResult]
    deciding: tuple[str, ...]
    main_pollutants: tuple[MainPollutant, ...]
    item_list: tuple[str, ...]
    attainment: Attainment
    further_attainments: tuple[Attainment, ...]
    enough_periods: bool
    standard: str
    method: str
    item_list_rule: str | None = None
    items_missing: tuple[str, ...] = ()

    def as_dict(self) -> dict[str, Any]:
        """Return the JSON form."""
        return {
            "site": self.site,
            "name": self.name,
            "division": self.division,
            "period": {
                "kind": self.period.kind.value,
                "label": self.period.label,
                "start": self.period.start.isoformat(),
                "end": self.period.end.isoformat(),
            },
            "water_type": self.water_type,
            "class": self.rank,
            "class_label": water_class(self.rank).label_zh if self.rank else None,
            "status": water_class(self.rank).word_zh if self.rank else None,
            "reason": self.reason.value if self.reason else None,
            "deciding": list(self.deciding),
            "main_pollutants": [
                {"item": entry.item, "multiple": None if entry.multiple is None else str(entry.multiple)}
                for entry in self.main_pollutants
            ],
            "item_list": list(self.item_list),
            "item_list_rule": self.item_list_rule,
            "items_missing": list(self.items_missing),
            "enough_periods": self.enough_periods,
            "attainment": self.attainment.as_dict(),
            "further_attainments": [entry.as_dict() for entry in self.further_attainments],
            "items": [item.as_dict() for item in self.items.values()],
            "standard": self.standard,
            "method": self.method,
        }


@dataclass(frozen=True, slots=True)
class Summary:
    """Counts over some results: how many were judged, how many not and why, with shares of the judged."""

    total: int
    judged: int
    not_judged: Mapping[str, int]
    by_class: Mapping[int, int]
    attained: int
    with_verdict: int
    good_percent: Decimal | None
    worst_percent: Decimal | None
    attained_percent: Decimal | None

    def as_dict(self) -> dict[str, Any]:
        """Return the JSON form."""
        return {
            "total": self.total,
            "judged": self.judged,
            "not_judged": dict(self.not_judged),
            "by_class": {str(rank): count for rank, count in self.by_class.items()},
            "attained": self.attained,
            "with_verdict": self.with_verdict,
            "good_percent": _text(self.good_percent),
            "worst_percent": _text(self.worst_percent),
            "attained_percent": _text(self.attained_percent),
        }


def _text(value: Decimal | None) -> str | None:
    return None if value is None else str(value)


class OnDemand(Sequence[SectionResult]):
    """Results by period and site whose objects are made when they are asked for, and kept."""

    def __init__(self, parts: Iterable[tuple[Period, Sequence[str], Callable[[int], SectionResult]]]) -> None:
        self._parts = tuple(parts)
        self._starts = list(accumulate((len(names) for _, names, _ in self._parts), initial=0))
        self._made: dict[int, SectionResult] = {}

    def __len__(self) -> int:
        return self._starts[-1]

    @overload
    def __getitem__(self, index: int) -> SectionResult: ...

    @overload
    def __getitem__(self, index: slice) -> Sequence[SectionResult]: ...

    def __getitem__(self, index: int | slice) -> SectionResult | Sequence[SectionResult]:
        if isinstance(index, slice):
            return tuple(self[place] for place in range(*index.indices(len(self))))
        place = range(len(self))[index]
        if place not in self._made:
            part = bisect_right(self._starts, place) - 1
            self._made[place] = self._parts[part][2](place - self._starts[part])
        return self._made[place]

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Sequence) and tuple(self) == tuple(other)

    __hash__ = None  # type: ignore[assignment]

    def of(self, site: str, period: Period) -> SectionResult | None:
        """Return the result of one site and period, or None."""
        for start, (wanted, names, _) in zip(self._starts, self._parts, strict=False):
            if wanted == period and site in names:
                return self[start + names.index(site)]
        return None


@dataclass(frozen=True, slots=True)
class Assessment:
    """All results, by period and site, with the methods that made them.

    `table` has one row of `RESULTS` for each of the `results`, in their order.
    """

    results: Sequence[SectionResult]
    methods: Mapping[str, Method]
    table: pa.Table

    def __iter__(self) -> Iterator[SectionResult]:
        return iter(self.results)

    def __len__(self) -> int:
        return len(self.results)

    def of(self, site: str, period: Period) -> SectionResult | None:
        """Return one result, or None."""
        if isinstance(self.results, OnDemand):
            return self.results.of(site, period)
        return next((r for r in self.results if r.site == site and r.period == period), None)

    def summary(self, period: Period | None = None) -> Summary:
        """Count the results of a period, or of all; shares are of what was judged (优良比例、达标率)."""
        chosen = self.table
        if period is not None:
            label = pc.equal(chosen["period"], period.label)
            chosen = chosen.filter(pc.and_(label, pc.equal(chosen["kind"], period.kind.value)))
        ranks = chosen["class"].drop_null().to_pylist()
        reasons = chosen["reason"].drop_null().to_pylist()
        verdicts = chosen["state"].to_pylist()
        attained, failed = verdicts.count(State.ATTAINED.value), verdicts.count(State.NOT_ATTAINED.value)
        decimals = next(iter(self.methods.values())).percent_decimals if self.methods else 1
        return Summary(
            total=chosen.num_rows,
            judged=len(ranks),
            not_judged={reason: reasons.count(reason) for reason in sorted(set(reasons))},
            by_class={rank: ranks.count(rank) for rank in range(1, 7)},
            attained=attained,
            with_verdict=attained + failed,
            good_percent=percent(sum(rank <= 3 for rank in ranks), len(ranks), decimals),
            worst_percent=percent(ranks.count(6), len(ranks), decimals),
            attained_percent=percent(attained, attained + failed, decimals),
        )

    def as_dict(self) -> dict[str, Any]:
        """Return the JSON form: methods with all settings, summaries by period, results."""
        periods = dict.fromkeys(result.period for result in self.results)
        return {
            "methods": [method.as_dict() for method in self.methods.values()],
            "summary": {period.label: self.summary(period).as_dict() for period in periods},
            "results": [result.as_dict() for result in self.results],
        }

    def to_json(self) -> str:
        """Return `as_dict` as JSON text, readable, in UTF-8."""
        return json.dumps(self.as_dict(), ensure_ascii=False, indent=2)

    def to_table(self) -> pa.Table:
        """Return one row per site and period as an Arrow table of `RESULTS`."""
        return self.table


#: The results without their items, for tables and engines.
RESULTS = pa.schema(
    [
        pa.field("site", pa.string()),
        pa.field("name", pa.string()),
        pa.field("kind", pa.string()),  # PeriodKind
        pa.field("period", pa.string()),  # label
        pa.field("water_type", pa.string()),
        pa.field("class", pa.int32()),  # 1-6
        pa.field("reason", pa.string()),  # Reason
        pa.field("deciding", pa.string()),  # item keys, joined by commas
        pa.field("items", pa.string()),  # item list, joined by commas
        pa.field("entered", pa.int64()),  # rows of deciding items that entered a mean (k)
        pa.field("total", pa.int64()),  # all their rows (n)
        pa.field("target_class", pa.int32()),
        pa.field("state", pa.string()),  # State
        pa.field("failing", pa.string()),  # items over the target, joined by commas
        pa.field("days", pa.int64()),  # days of the item with most
        pa.field("standard", pa.string()),
        pa.field("method", pa.string()),
    ]
)


def row_of(result: SectionResult) -> dict[str, Any]:
    """Return the row of `RESULTS` that a result's object stands for."""
    counts = [entry.counts for entry in result.items.values() if entry.decides_class]
    return {
        "site": result.site,
        "name": result.name,
        "kind": result.period.kind.value,
        "period": result.period.label,
        "water_type": result.water_type,
        "class": result.rank,
        "reason": result.reason.value if result.reason else None,
        "deciding": ",".join(result.deciding),
        "items": ",".join(result.item_list),
        "entered": sum(count.entered for count in counts),
        "total": sum(count.total for count in counts),
        "target_class": result.attainment.target_class,
        "state": result.attainment.state.value,
        "failing": ",".join(result.attainment.failing),
        "days": max((entry.counts.days for entry in result.items.values()), default=0),
        "standard": result.standard,
        "method": result.method,
    }
