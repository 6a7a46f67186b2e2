"""Who may discharge how much (允许排放量分配): the greatest total the sections bear, what fairness costs.

One pollutant at a time. The unknowns are the loads of the outfalls (g/s); each section bears what its
target leaves after upstream and lateral loads. Everything is linear, so a programme finds the greatest
total, and its shadow prices (影子价格) name the sections that bind.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, NamedTuple

import numpy as np

from bishui.errors import CallError, DataError, Problem, Where
from bishui.i18n import Text
from bishui.network.settings import Settings, settings
from bishui.network.tables import Floats

_ROUNDING = 1e-12


class Infeasible(DataError):
    """Not even the technology floors keep every section under its target."""

    code = "allocation-infeasible"


class Rule(StrEnum):
    """How the total is divided."""

    MAX_TOTAL = "max_total"
    EQUAL_PROPORTION = "equal_proportion"
    MAX_MIN_RATIO = "max_min_ratio"
    CAPPED_DIFFERENCES = "capped_differences"
    EQUAL_CONCENTRATION = "equal_concentration"


@dataclass(frozen=True, slots=True)
class AllocationCase:
    """What is to be divided.

    Attributes
    ----------
    response
        (sections, outfalls): what arrives at a section per unit of load; transmission, or transmission over
        flow.
    room
        (sections,): what each section bears of these loads, in the unit of response times load: target load
        less what arrives from elsewhere, or target concentration less background.
    floor
        (outfalls,): load that technology cannot go below (技术可行下限), g/s.
    present
        (outfalls,): present or permitted load, g/s; nobody may discharge more.
    sections, outfalls
        Their names.
    margin
        Share of the room that is kept in reserve (安全余量), from 0 to below 1.
    unit
        Of the room, for messages.
    """

    response: Floats
    room: Floats
    floor: Floats
    present: Floats
    sections: tuple[str, ...]
    outfalls: tuple[str, ...]
    margin: float = 0.0
    unit: str = "g/s"

    def __post_init__(self) -> None:
        shape = (len(self.sections), len(self.outfalls))
        wanted = {"response": shape, "room": shape[:1], "floor": shape[1:], "present": shape[1:]}
        for name, size in wanted.items():
            column = getattr(self, name)
            if column.shape != size or not np.isfinite(column).all():
                raise CallError(
                    Text("{name} 的形状是 {shape}，或含有非数。", name=name, shape=column.shape),
                    remedy=Text("应为 {size} 个有限的数。", size=size),
                )
        if (self.response < 0).any() or (self.floor < 0).any():
            raise CallError(Text("响应系数和下限不能是负数。"), remedy=Text("请核对响应矩阵与技术可行下限。"))
        if not 0 <= self.margin < 1:
            raise CallError(
                Text("安全余量不能是 {margin}。", margin=self.margin), remedy=Text("请填写 0 到 1 之间的数。")
            )
        for row in np.flatnonzero(self.floor > self.present):
            raise CallError(
                Text(
                    "“{name}”的下限 {floor} 大于现状 {present}。",
                    name=self.outfalls[row],
                    floor=float(self.floor[row]),
                    present=float(self.present[row]),
                ),
                remedy=Text("下限不能高于现状或许可负荷。"),
            )

    @property
    def limit(self) -> Floats:
        """What each section bears after the margin of safety; one over its target already keeps its lack."""
        return np.where(self.room > 0, self.room * (1.0 - self.margin), self.room)

    @property
    def excess_at_floor(self) -> Floats:
        """How far each section is over at full technology; nobody can discharge less (phase 1)."""
        return np.maximum(self.response @ self.floor - self.limit, 0.0)

    def require_feasible(self) -> None:
        """Refuse a case that no allocation satisfies, naming each section that fails and by how much.

        Raises
        ------
        Infeasible
            If a section is over its target although every outfall is at its floor.
        """
        over = self.excess_at_floor
        slack = _ROUNDING * np.maximum(np.abs(self.limit), 1.0)
        failing = np.flatnonzero(over > slack)
        if not len(failing):
            return
        remedy = Text("该断面须调整目标、削减面源和上游来水，或进一步降低下限。")
        problems = [
            Problem(
                "section-fails",
                Text(
                    "断面“{name}”在全部排口降到下限后仍超出 {over:.6g} {unit}。",
                    name=self.sections[row],
                    over=float(over[row]),
                    unit=self.unit,
                ),
                remedy,
                Where(field=self.sections[row]),
            )
            for row in failing
        ]
        raise Infeasible(
            Text("有 {count} 个断面在最大削减下仍不达标，无可行分配。", count=len(failing)),
            remedy=remedy,
            problems=problems,
        )


@dataclass(frozen=True, slots=True)
class Allocation:
    """An allocation, and what it rests on.

    Attributes
    ----------
    loads
        (outfalls,) allowed loads, g/s.
    shadow
        (sections,) g/s more in total per unit more room at the section; not a number where the rule has none.
    floor_price, present_price
        (outfalls,) the same for raising the floor (zero or less) and the present load (zero or more).
    used
        (sections,) share of the limit that is used.
    best_total
        The greatest total that the sections bear, g/s.
    """

    case: AllocationCase = field(repr=False)
    rule: Rule
    loads: Floats
    shadow: Floats
    floor_price: Floats
    present_price: Floats
    used: Floats
    best_total: float
    settings: Settings = field(repr=False)

    @property
    def total(self) -> float:
        """Total of the allowed loads, g/s."""
        return float(self.loads.sum())

    @property
    def price_of_fairness(self) -> float:
        """What the rule costs against the greatest total, g/s."""
        return self.best_total - self.total

    @property
    def reduction(self) -> Floats:
        """Reduction rate (削减率) of each outfall against the present; 0 where it discharges nothing."""
        present = self.case.present
        return np.where(present > 0, 1.0 - self.loads / np.where(present > 0, present, 1.0), 0.0)

    @property
    def binding(self) -> tuple[str, ...]:
        """The sections that bind: those with a shadow price, or used up where the rule gives no prices."""
        tolerance = self.settings["binding_tolerance"]
        priced = np.isfinite(self.shadow)
        bound = np.where(priced, self.shadow > tolerance, self.used >= 1.0 - tolerance)
        return tuple(self.case.sections[row] for row in np.flatnonzero(bound))

    def as_dict(self) -> dict[str, Any]:
        """Return the JSON form."""
        return {
            "rule": self.rule.value,
            "total": self.total,
            "best_total": self.best_total,
            "price_of_fairness": self.price_of_fairness,
            "margin_of_safety": self.case.margin,
            "binding": list(self.binding),
            "sections": [
                {
                    "section": name,
                    "shadow_price": None if np.isnan(price) else float(price),
                    "used": float(used),
                }
                for name, price, used in zip(self.case.sections, self.shadow, self.used, strict=True)
            ],
            "outfalls": [
                {"outfall": name, "load": float(load), "reduction": float(cut)}
                for name, load, cut in zip(self.case.outfalls, self.loads, self.reduction, strict=True)
            ],
            "settings": self.settings.version,
        }


def greatest_total(case: AllocationCase, chosen: Settings | None = None) -> Allocation:
    """Return the allocation with the greatest total load; among equal ones as the settings say.

    Raises
    ------
    Infeasible
        If a section fails at the floors.
    """
    used = chosen or settings("allocation")
    case.require_feasible()
    optimum = _optimum(case)
    loads = np.clip(optimum.values, case.floor, case.present)
    if used["tie_break"] == "least_change":
        loads = _least_change(case, loads, optimum)
    else:
        loads = _lexicographic(case, float(loads.sum()))
    return _made(case, Rule.MAX_TOTAL, loads, used, optimum)


def equal_proportion(case: AllocationCase, chosen: Settings | None = None) -> Allocation:
    """Return the allocation in which all are cut by the same share (等比例削减), nobody below the floor.

    Raises
    ------
    Infeasible
        If a section fails at the floors.
    """
    case.require_feasible()
    share, _ = _greatest_factor(case, case.present, np.ones(len(case.outfalls), bool), 1.0)
    return _made(case, Rule.EQUAL_PROPORTION, _at(case, case.present, share), chosen)


def equal_concentration(case: AllocationCase, flow: Floats, chosen: Settings | None = None) -> Allocation:
    """Return the allocation with one concentration for all, between floor and present; `flow` in m³/s.

    Raises
    ------
    Infeasible
        If a section fails at the floors.
    """
    case.require_feasible()
    enough = float(np.max(case.present / np.where(flow > 0, flow, np.inf), initial=0.0))
    level, _ = _greatest_factor(case, flow, np.ones(len(case.outfalls), bool), enough)
    return _made(case, Rule.EQUAL_CONCENTRATION, _at(case, flow, level), chosen)


def max_min_ratio(case: AllocationCase, chosen: Settings | None = None) -> Allocation:
    """Return the allocation in which the smallest share kept is greatest, then the next, and so on.

    All shares rise together; whoever reaches a section that is used up, or the present load, stays there.

    Raises
    ------
    Infeasible
        If a section fails at the floors.
    """
    case.require_feasible()
    free = np.ones(len(case.outfalls), bool)
    loads = case.floor.copy()
    share = 0.0
    while free.any():
        factor, section = _greatest_factor(case, case.present, free, 1.0, loads)
        share = max(share, factor)
        loads = np.where(free, _at(case, case.present, share), loads)
        if section is None:
            break
        free &= case.response[section] == 0
    return _made(case, Rule.MAX_MIN_RATIO, loads, chosen)


def capped_differences(case: AllocationCase, chosen: Settings | None = None) -> Allocation:
    """Return the greatest total under which no two reduction rates differ by more than the settings' cap.

    Outfalls that discharge nothing at present have no rate and stand outside the cap.

    Raises
    ------
    Infeasible
        If a section fails at the floors, or the floors alone need greater differences.
    """
    used = chosen or settings("allocation")
    case.require_feasible()
    cap = used.number("rate_difference")
    having = np.flatnonzero(case.present > 0)
    count = len(case.outfalls)
    # The last unknown is the least share kept: share_k - least >= 0 and share_k - least <= cap.
    shares = np.zeros((len(having), count + 1))
    shares[np.arange(len(having)), having] = 1.0 / case.present[having]
    shares[:, count] = -1.0
    above = np.vstack([np.hstack([case.response, np.zeros((len(case.sections), 1))]), -shares, shares])
    limit = np.concatenate([case.limit, np.zeros(len(having)), np.full(len(having), cap)])
    goal = np.append(np.ones(count), 0.0)
    floor, present = np.append(case.floor, 0.0), np.append(case.present, 1.0)
    found = _programme(goal, above, limit, floor, present)
    if found is None:
        raise Infeasible(
            Text("削减率差异上限 {cap} 太小：各排口下限之间的差异已大于它。", cap=cap),
            remedy=Text("请放宽 rate_difference，或核对技术可行下限。"),
        )
    loads = np.clip(found.values[:count], case.floor, case.present)
    prices = _Optimum(
        loads, found.shadow[: len(case.sections)], found.floor_price[:count], found.present_price[:count]
    )
    return _made(case, Rule.CAPPED_DIFFERENCES, loads, used, prices)


def allocations(case: AllocationCase, chosen: Settings | None = None) -> tuple[Allocation, ...]:
    """Return the greatest total and the fair allocations, each with its price of fairness."""
    return (
        greatest_total(case, chosen),
        equal_proportion(case, chosen),
        max_min_ratio(case, chosen),
        capped_differences(case, chosen),
    )


class _Optimum(NamedTuple):
    """A solution: its values, and what one more unit of each limit and bound adds to the total."""

    values: Floats
    shadow: Floats
    floor_price: Floats
    present_price: Floats


def _programme(goal: Floats, above: Floats, limit: Floats, floor: Floats, present: Floats) -> _Optimum | None:
    """Return the solution of max goal·x, above·x ≤ limit, floor ≤ x ≤ present (HiGHS), or None.

    Rows are scaled to a largest entry of one, so that the solver's tolerances do not depend on units.
    """
    from scipy.optimize import linprog

    size = np.abs(above).max(axis=1, initial=0.0)
    size = np.where(size > 0, size, 1.0)
    bounds = np.column_stack([floor, present])
    found = linprog(-goal, A_ub=above / size[:, None], b_ub=limit / size, bounds=bounds, method="highs-ds")
    if found.status != 0:
        return None
    shadow = -found.ineqlin.marginals / size
    return _Optimum(found.x, shadow, -found.lower.marginals, -found.upper.marginals)


def _optimum(case: AllocationCase) -> _Optimum:
    """Return the greatest total of a case that `AllocationCase.require_feasible` has let pass."""
    count = len(case.outfalls)
    found = _programme(np.ones(count), case.response, case.limit, case.floor, case.present)
    # On the edge of what is possible the solver may see nothing: then the floors are the only answer.
    nothing = np.zeros(count)
    return found or _Optimum(case.floor, np.full(len(case.sections), np.nan), nothing, nothing)


def _at(case: AllocationCase, unit: Floats, factor: float) -> Floats:
    return np.clip(factor * unit, case.floor, case.present)


def _greatest_factor(
    case: AllocationCase, unit: Floats, free: Any, most: float, loads: Floats | None = None
) -> tuple[float, int | None]:
    """Return the greatest common factor of the free outfalls that every section bears, and which binds.

    The others keep their loads. What arrives at a section is a piecewise linear, rising function of the
    factor, with corners where an outfall leaves its floor or reaches its present load: on each piece the
    factor is solved for.
    """
    kept = np.zeros(len(unit)) if loads is None else np.where(free, 0.0, loads)
    with np.errstate(divide="ignore", invalid="ignore"):
        corners = np.concatenate([case.floor / unit, case.present / unit])
    corners = np.unique(np.append(corners[np.isfinite(corners) & (corners < most)], [0.0, most]))
    best, binding = most, None
    rows = zip(case.response * free, case.limit - case.response @ kept, strict=True)
    for section, (row, limit) in enumerate(rows):
        if not row.any():
            continue
        arriving = np.array([row @ _at(case, unit, float(corner)) for corner in corners])
        beyond = np.flatnonzero(arriving > limit)
        if not len(beyond):
            continue
        found, at = 0.0, int(beyond[0]) - 1
        if at >= 0:
            step = (limit - arriving[at]) / (arriving[at + 1] - arriving[at])
            found = float(corners[at] + step * (corners[at + 1] - corners[at]))
        if found < best:
            best, binding = found, section
    return best, binding


def _least_change(case: AllocationCase, loads: Floats, optimum: _Optimum) -> Floats:
    """Return, of all allocations with the same total, the one with the smallest squared change.

    By complementary slackness every optimum keeps the sections and bounds that have a price. On what they
    leave free this is a least-distance problem (Lawson and Hanson), solved through non-negative least
    squares.
    """
    from scipy.linalg import null_space

    count = len(loads)
    tolerance = 1e-10
    fixed = (np.abs(optimum.floor_price) > tolerance) | (optimum.present_price > tolerance)
    priced = optimum.shadow * np.abs(case.response).max(axis=1, initial=0.0) > tolerance
    kept = np.vstack([case.response[priced], np.eye(count)[fixed], np.ones((1, count))])
    free = null_space(kept)
    if free.shape[1] == 0:
        return loads
    wanted = free.T @ (case.present - loads)
    rows = np.vstack([-case.response, np.eye(count), -np.eye(count)])
    least = np.concatenate([-case.limit, case.floor, -case.present])
    short = np.minimum(least - rows @ loads, 0.0)
    turned = rows @ free
    moving = np.linalg.norm(turned, axis=1) > tolerance
    move = _least_distance(turned[moving], (short - turned @ wanted)[moving])
    moved: Floats = np.clip(loads + free @ (wanted + move), case.floor, case.present)
    return moved


def _least_distance(rows: Floats, least: Floats) -> Floats:
    """Return the shortest z with rows·z ≥ least."""
    from scipy.optimize import nnls

    stacked = np.vstack([rows.T, least])
    goal = np.zeros(len(stacked))
    goal[-1] = 1.0
    factors, _ = nnls(stacked, goal, maxiter=50 * stacked.shape[1])
    left = stacked @ factors - goal
    return np.asarray(-left[:-1] / left[-1])


def _lexicographic(case: AllocationCase, total: float) -> Floats:
    """Return, of all allocations with the same total, the one in which earlier outfalls have most."""
    count = len(case.outfalls)
    floor, present = case.floor.copy(), case.present.copy()
    above = np.vstack([case.response, -np.ones((1, count))])
    limit = np.append(case.limit, -total * (1.0 - _ROUNDING))
    for row in range(count):
        goal = np.zeros(count)
        goal[row] = 1.0
        found = _programme(goal, above, limit, floor, present)
        if found is None:
            break
        floor[row] = present[row] = float(np.clip(found.values[row], case.floor[row], case.present[row]))
    return np.minimum(floor, present)


def _made(
    case: AllocationCase,
    rule: Rule,
    loads: Floats,
    chosen: Settings | None,
    prices: _Optimum | None = None,
) -> Allocation:
    none = np.full(len(case.outfalls), np.nan)
    prices = prices or _Optimum(loads, np.full(len(case.sections), np.nan), none, none)
    limit, arriving = case.limit, case.response @ loads
    over = np.where(arriving > limit, np.inf, 1.0)
    used = np.where(limit > 0, arriving / np.where(limit > 0, limit, 1.0), over)
    best = float((loads if rule is Rule.MAX_TOTAL else _optimum(case).values).sum())
    return Allocation(
        case,
        rule,
        loads,
        prices.shadow,
        prices.floor_price,
        prices.present_price,
        used,
        best,
        chosen or settings("allocation"),
    )
