"""The state of a task and of its duties on a day: derived from accepted evidence and deadlines, never typed.

A milestone is reached by an accepted report that names it, or in part by an accepted figure where it is
measured against a target. A duty's share is that of its milestones by weight, a task's that of its duties.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_FLOOR, Decimal
from functools import cache
from pathlib import Path
from typing import Any

#: In the order in which a person should look at them. Colours: red, orange, yellow, grey, green, blue, blue.
STATES = ("overdue", "behind", "due_soon", "not_started", "in_progress", "late_done", "done")
FINISHED = frozenset({"done", "late_done"})
FOREVER = date.max

_NONE, _ALL = Decimal(0), Decimal(1)


@dataclass(frozen=True, slots=True)
class Step:
    """A milestone as the derivation needs it.

    `duty` is the duty that it belongs to, empty for one of the whole task; `amount` is the value of the
    target that it is measured against.
    """

    id: str
    due: date | None
    weight: Decimal
    duty: str = ""
    target: str = ""
    amount: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Owed:
    """One unit's duty: identifier, unit, role and its weight in the task."""

    id: str
    unit: str
    role: str
    weight: Decimal


@dataclass(frozen=True, slots=True)
class Report:
    """A progress report as the derivation needs it: accepted, or awaiting its review (``waiting``).

    `reached` are the milestones that it names, `figures` the values it states by target; `for_all` is a
    lead unit's report for all responsible units.
    """

    day: date
    unit: str
    reached: frozenset[str] = frozenset()
    figures: Mapping[str, Decimal] | None = None
    for_all: bool = False
    waiting: bool = False


@dataclass(frozen=True, slots=True)
class Facts:
    """All that a task's standing is derived from; `begin` is the day on which its time starts to run."""

    due: date | None
    begin: date | None
    steps: Sequence[Step] = ()
    duties: Sequence[Owed] = ()
    reports: Sequence[Report] = ()


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a task or a duty stands on a day.

    Attributes
    ----------
    state
        One of `STATES`.
    percent, expected
        The whole percents that accepted evidence has reached, and that it should have by the day.
    done_on
        The day on which the last accepted evidence spoke of the end.
    waiting
        How many reports await their review; they count for nothing yet.
    next_due
        The day of the next milestone that is not reached.
    until
        The day on which the passing of time alone changes the standing.
    """

    state: str
    percent: int
    done_on: date | None
    expected: int = 0
    waiting: int = 0
    next_due: date | None = None
    until: date = FOREVER


@dataclass(frozen=True, slots=True)
class Share:
    """How much of a milestone is reached (0–1), on which day wholly, and what is expected."""

    step: Step
    reached: Decimal
    on: date | None
    expected: Decimal
    #: Whether what is expected grows from day to day.
    growing: bool = False


@cache
def rules() -> dict[str, Any]:
    """Return the data of ``rules/states.toml``."""
    return tomllib.loads((Path(__file__).parent / "rules" / "states.toml").read_text(encoding="utf-8"))


def standing_on(day: date, facts: Facts) -> Standing:
    """Return where a task stands at the end of `day`; reports of later days do not count yet."""
    return standings_on(day, facts)[0]


def standings_on(day: date, facts: Facts) -> tuple[Standing, dict[str, Standing]]:
    """Return where a task stands at the end of `day`, and each of its duties by identifier.

    A duty without milestones of its own and without weight (配合单位) stands where the task stands.
    """
    known = sorted((report for report in facts.reports if report.day <= day), key=lambda item: item.day)
    begun = bool(known)
    parts = {owed.id: _shares(day, facts, owed, known) for owed in facts.duties}
    weighed = [(owed.weight, parts[owed.id]) for owed in facts.duties if owed.weight and parts[owed.id]]
    if not weighed:  # no unit is known, or none bears weight: whoever reports, reports for the task
        weighed = [(_ALL, _shares(day, facts, None, known))]
    whole = _standing(day, facts, weighed, sum(report.waiting for report in known), begun)
    found: dict[str, Standing] = {}
    for owed in facts.duties:
        own = [report for report in known if report.unit == owed.unit]
        waiting = sum(report.waiting for report in own)
        if owed.weight == 0 and not any(step.duty == owed.id for step in facts.steps):
            found[owed.id] = Standing(
                whole.state,
                whole.percent,
                whole.done_on,
                whole.expected,
                waiting,
                whole.next_due,
                whole.until,
            )
            continue
        reported = bool(own) or any(report.for_all for report in known)
        found[owed.id] = _standing(day, facts, [(_ALL, parts[owed.id])], waiting, reported)
    return whole, found


def shares_of(day: date, facts: Facts, owed: Owed | None) -> list[Share]:
    """Return how much of each milestone of a duty (of the whole task where None) is reached on `day`."""
    known = sorted((report for report in facts.reports if report.day <= day), key=lambda item: item.day)
    return _shares(day, facts, owed, known)


def steps_of(facts: Facts, owed: Owed) -> list[Step]:
    """Return the milestones of a duty: its own, else the task's, which cooperating units have not."""
    own = [step for step in facts.steps if step.duty == owed.id]
    if own or owed.role == "cooperating":
        return own
    return [step for step in facts.steps if not step.duty]


def _shares(day: date, facts: Facts, owed: Owed | None, known: Sequence[Report]) -> list[Share]:
    steps = [step for step in facts.steps if not step.duty] if owed is None else steps_of(facts, owed)
    counted = [report for report in known if not report.waiting and _speaks_for(report, owed)]
    found, before = [], facts.begin
    for step in sorted(steps, key=lambda item: item.due or FOREVER):
        reached, on = _reached(step, owed, counted)
        expected, growing = _expected(day, step, before)
        found.append(Share(step, reached, on, expected, growing and reached < 1))
        before = step.due or before
    return found


def _speaks_for(report: Report, owed: Owed | None) -> bool:
    return owed is None or report.unit == owed.unit or (report.for_all and owed.role == "responsible")


def _reached(step: Step, owed: Owed | None, reports: Sequence[Report]) -> tuple[Decimal, date | None]:
    """Return the reached part of a milestone, and the day on which it was reached wholly."""
    part = _NONE
    for report in reports:
        if step.id in report.reached:
            return _ALL, report.day
        if step.amount and report.figures and step.target in report.figures:
            # What one county adds says nothing of the whole target: the lead's figure does.
            own = owed is None or owed.role == "lead" or report.for_all or step.duty == owed.id
            value = max(_NONE, report.figures[step.target] / step.amount) if own else part
            if value >= 1:
                return _ALL, report.day
            part = value
    return part, None


def _expected(day: date, step: Step, before: date | None) -> tuple[Decimal, bool]:
    """Return the part of a milestone that should be reached on `day`, and whether it grows daily."""
    if step.due is None or (step.amount is None and day <= step.due):
        return _NONE, False
    if day > step.due:
        return _ALL, False
    if before is None or before >= step.due or day <= before:
        return _NONE, before is not None and before < step.due
    return Decimal((day - before).days) / (step.due - before).days, True


def _standing(
    day: date, facts: Facts, weighed: Sequence[tuple[Decimal, Sequence[Share]]], waiting: int, begun: bool
) -> Standing:
    shares = [share for _weight, found in weighed for share in found]
    done = bool(shares) and all(share.reached == 1 for share in shares)
    reached = _mean([(weight, _part(found, "reached")) for weight, found in weighed])
    expected = _mean([(weight, _part(found, "expected")) for weight, found in weighed])
    if done:
        done_on = max(share.on for share in shares if share.on)
        late = facts.due is not None and done_on > facts.due
        return Standing("late_done" if late else "done", 100, done_on, 100, waiting)
    open_days = sorted({share.step.due for share in shares if share.step.due and share.reached < 1})
    upcoming = next((due for due in open_days if due >= day), None)
    last = facts.due or (open_days[-1] if open_days else None)
    colour = _colour(day, last, upcoming, behind=_is_behind(reached, expected), begun=begun)
    growing = any(share.growing for share in shares)
    until = day + timedelta(days=1) if growing else _next_change(day, [*open_days, *([last] if last else [])])
    return Standing(
        colour,
        min(99, _whole(reached)),
        None,
        _whole(expected),
        waiting,
        upcoming or (open_days[-1] if open_days else None),
        until,
    )


def _is_behind(reached: Decimal, expected: Decimal) -> bool:
    return bool((expected - reached) * 100 > rules()["behind_percent"])


def _colour(day: date, last: date | None, upcoming: date | None, *, behind: bool, begun: bool) -> str:
    if last is not None and day > last:
        return "overdue"
    if behind:
        return "behind"
    next_day = upcoming or last
    if next_day is not None and (next_day - day).days <= rules()["due_soon_days"]:
        return "due_soon"
    return "in_progress" if begun else "not_started"


def _next_change(day: date, deadlines: Iterable[date]) -> date:
    """Return the next day on which one of the deadlines comes near or has passed."""
    near = timedelta(days=rules()["due_soon_days"])
    days = [moment for due in deadlines for moment in (due - near, due + timedelta(days=1))]
    return min((moment for moment in days if moment > day), default=FOREVER)


def _part(shares: Sequence[Share], name: str) -> Decimal:
    return _mean([(share.step.weight, getattr(share, name)) for share in shares])


def _mean(parts: Sequence[tuple[Decimal, Decimal]]) -> Decimal:
    total = sum((weight for weight, _value in parts), _NONE)
    return sum((weight * value for weight, value in parts), _NONE) / total if total else _NONE


def _whole(part: Decimal) -> int:
    """Return whole percents, rounded down: nothing looks finished that is not."""
    return int((part * 100).to_integral_value(ROUND_FLOOR))


def due_day(norm: str | None, last_year: int | None) -> date | None:
    """Return the day that a normalised deadline means.

    Parameters
    ----------
    norm
        As in a plan's JSON: an ISO date, ``all year``, ``every quarter``, ``every year 12-25``,
        ``relative:+20 workdays``.
    last_year
        The last year of the plan's period.

    Returns
    -------
    date or None
        None for a relative deadline, for none at all, and for an open one where the year is unknown.
    """
    if not norm:
        return None
    try:
        return date.fromisoformat(norm)
    except ValueError:
        pass
    if last_year is None:
        return None
    for words, month_day in rules()["open_deadlines"].items():
        if norm == words or norm.startswith(f"{words} "):
            return _day_of(last_year, norm[len(words) :].strip(), month_day)
    return None


def _day_of(year: int, given: str, fallback: str) -> date:
    try:
        return date.fromisoformat(f"{year}-{given}")
    except ValueError:
        return date.fromisoformat(f"{year}-{fallback}")
