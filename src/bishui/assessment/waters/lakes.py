"""Lakes and reservoirs (湖泊、水库): first over time at each point, then over the points, then the class.

The trophic state stands beside the class and is found from the same means.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from bishui.assessment.overrides import Overrides, override_on
from bishui.assessment.periods import Period
from bishui.assessment.results import Attainment, ItemResult, Reason, SectionResult, State
from bishui.assessment.waters.pooled import Pooled, pool
from bishui.assessment.waters.tli import TrophicState, trophic_state
from bishui.errors import DataError
from bishui.i18n import Text
from bishui.standards import Method, Rules, WaterType, rules, trophic_rules, water_class


@dataclass(frozen=True, slots=True)
class LakeStatus:
    """A lake or reservoir in one period.

    Attributes
    ----------
    name, period
        What was assessed, and when.
    pooled
        Means over the points and their class; None with a `reason`.
    points
        Points whose means entered.
    left_out
        Points that were left out by their role, such as inflow sections.
    not_evaluated
        Points without usable values, by site.
    trophic
        Trophic state of the means; `official` is False with fewer than five items. None without any.
    trophic_missing
        Items of the index without a positive value.
    separate
        Class of the reference items that are printed beside (total nitrogen …).
    """

    name: str
    period: Period
    water_type: WaterType
    pooled: Pooled | None
    reason: Reason | None
    points: tuple[SectionResult, ...]
    left_out: Mapping[str, str]
    not_evaluated: Mapping[str, Reason]
    trophic: TrophicState | None
    trophic_missing: tuple[str, ...]
    separate: Mapping[str, int]
    rules: Rules

    @property
    def rank(self) -> int | None:
        """The class 1–6; None with a `reason`."""
        return self.pooled.rank if self.pooled is not None else None

    def as_section(self) -> SectionResult:
        """Return the lake as one section, for the status of a group of lakes and for its change."""
        items = self.pooled.items if self.pooled is not None else {}
        return SectionResult(
            site=self.name,
            name=self.name,
            division=None,
            period=self.period,
            water_type=self.water_type.value,
            rank=self.rank,
            reason=self.reason,
            items=items,
            deciding=self.pooled.deciding if self.pooled is not None else (),
            main_pollutants=self.pooled.main_pollutants if self.pooled is not None else (),
            item_list=tuple(
                key for key, item in items.items() if item.decides_class and item.rank is not None
            ),
            attainment=Attainment(State.NO_TARGET),
            further_attainments=(),
            enough_periods=all(point.enough_periods for point in self.points),
            standard=self.pooled.standard if self.pooled is not None else "",
            method=self.pooled.method if self.pooled is not None else "",
        )

    def as_dict(self) -> dict[str, Any]:
        """Return the JSON form, without the points' items."""
        return {
            "name": self.name,
            "period": self.period.label,
            "water_type": self.water_type.value,
            "class": self.rank,
            "status": water_class(self.rank).word_zh if self.rank else None,
            "reason": self.reason.value if self.reason else None,
            "pooled": self.pooled.as_dict() if self.pooled else None,
            "points": [point.site for point in self.points],
            "left_out": dict(self.left_out),
            "not_evaluated": {site: reason.value for site, reason in self.not_evaluated.items()},
            "trophic": _trophic_dict(self.trophic),
            "trophic_missing": list(self.trophic_missing),
            "separate": dict(self.separate),
            "rules": self.rules.as_dict(),
        }


def _trophic_dict(state: TrophicState | None) -> dict[str, Any] | None:
    if state is None:
        return None
    return {
        "index": str(state.rounded),
        "grade": state.grade,
        "official": state.official,
        "items": {key: round(value, 3) for key, value in state.indices.items()},
    }


def _measured(result: SectionResult) -> bool:
    """Tell whether a point has a mean of any item: rows without a reading are no data."""
    return any(item.mean is not None for item in result.items.values())


def lake_status(
    name: str,
    results: Iterable[SectionResult],
    *,
    roles: Mapping[str, str] | None = None,
    water_type: WaterType | None = None,
    method: Method | None = None,
    override: Overrides | None = None,
    **changes: Any,
) -> LakeStatus:
    """Assess a lake or reservoir from the results of its points (环办〔2011〕22号 二.3).

    Each result is the mean over time at its point; the points are averaged next, item by item, and the
    means over the points are classified. The trophic index comes last, from the same means.

    Parameters
    ----------
    name
        Of the lake, or of one part of a large lake.
    results
        One result for each point, all of one period.
    roles
        Role of a point by site id; points with a role such as ``inflow`` are left out.
    water_type
        Whose limits hold. Without it those of the points, the lake limits where no point says.
    method
        How the points were judged; without it the edition in force on the period's last day.
    override
        A bureau's own limits and settings, as `assess` takes them.
    **changes
        Settings of the rules ``lake`` by name.

    Raises
    ------
    DataError
        If there is no point, or the results are of several periods.
    CallError
        If a changed name is not a setting.
    """
    given = sorted(results, key=lambda result: result.site)
    if not given or len({result.period for result in given}) > 1:
        raise DataError(
            Text("“{name}”须有至少一个点位，且各点位结果同属一个时段。", name=name),
            remedy=Text("请按时段分别评价。"),
        )
    own = override_on(override, given[0].period.last_day)
    rule = rules("lake", given[0].period.last_day, own, **changes)
    left_out = {site: role for site, role in (roles or {}).items() if role in rule["leave_out_roles"]}
    inside = [result for result in given if result.site not in left_out]
    usable = [result for result in inside if _measured(result) and result.reason is not Reason.NOT_VALID_THEN]
    kind, mixed = _water_type(usable, water_type)
    pooled = pool(usable, kind, method=method, override=own) if usable and mixed is None else None
    trophic, missing = _trophic(pooled)
    return LakeStatus(
        name=name,
        period=given[0].period,
        water_type=kind,
        pooled=pooled,
        reason=mixed or (pooled.reason if pooled is not None else Reason.NO_DATA),
        points=tuple(usable),
        left_out={result.site: left_out[result.site] for result in given if result.site in left_out},
        not_evaluated={
            result.site: result.reason or Reason.NO_DATA for result in inside if result not in usable
        },
        trophic=trophic,
        trophic_missing=missing,
        separate=_separate(pooled, rule),
        rules=rule,
    )


def _water_type(points: Sequence[SectionResult], given: WaterType | None) -> tuple[WaterType, Reason | None]:
    if given is not None:
        return given, None
    types = {point.water_type for point in points if point.water_type is not None}
    if len(types) > 1:
        return WaterType.LAKE, Reason.MIXED_WATER_TYPES
    return WaterType(types.pop()) if types else WaterType.LAKE, None


def _trophic(pooled: Pooled | None) -> tuple[TrophicState | None, tuple[str, ...]]:
    """Return the trophic state of the means, and the items that it lacks."""
    needed = tuple(trophic_rules().items)
    items = pooled.items if pooled is not None else {}
    values: dict[str, Fraction] = {}
    for key in needed:
        value = items[key].mean if key in items else None
        if value is not None and value > 0:
            values[key] = value
    state = trophic_state(values) if values else None
    return state, tuple(key for key in needed if key not in values)


def _separate(pooled: Pooled | None, rule: Rules) -> dict[str, int]:
    """Return the class of each reference item that was measured, beside the class of the lake."""
    items: Mapping[str, ItemResult] = pooled.items if pooled is not None else {}
    found = {}
    for key in rule["separate_items"]:
        rank = items[key].rank if key in items else None
        if rank is not None:
            found[key] = rank
    return found
