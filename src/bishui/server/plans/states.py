"""The state of a task on a day: derived from its reports and its due date, never stored."""

from __future__ import annotations

import tomllib
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

#: In the order in which a person should look at them.
STATES = ("overdue", "due_soon", "not_started", "in_progress", "late_done", "done")
FINISHED = frozenset({"done", "late_done"})


@dataclass(frozen=True, slots=True)
class Report:
    """One progress report: the day it speaks of, the unit and the percentage."""

    day: date
    unit: str
    percent: int


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a task stands on a day.

    `done_on` is the day it was finished, `percent` what was reported last.
    """

    state: str
    percent: int
    done_on: date | None


@cache
def rules() -> dict[str, Any]:
    """Return the data of ``rules/states.toml``."""
    return tomllib.loads((Path(__file__).parent / "rules" / "states.toml").read_text(encoding="utf-8"))


def completed_on(
    reports: Iterable[Report], leads: Collection[str], responsible: Collection[str]
) -> date | None:
    """Return the day on which a task was finished.

    It is finished when a lead unit (牵头单位) reports 100 %, or when each of the responsible units (责任单位)
    has; where the task names neither, when any unit does. A later, lower report does not undo it.

    Parameters
    ----------
    reports
        In any order.
    leads, responsible
        Identifiers of the task's units.
    """
    whole: dict[str, date] = {}
    for report in sorted(reports, key=lambda item: item.day):
        if report.percent >= 100:
            whole.setdefault(report.unit, report.day)
    days = [day for unit, day in whole.items() if unit in leads]
    if responsible and whole.keys() >= set(responsible):
        days.append(max(whole[unit] for unit in responsible))
    if not leads and not responsible:
        days += whole.values()
    return min(days, default=None)


def standing_on(
    day: date,
    due: date | None,
    reports: Iterable[Report],
    leads: Collection[str] = (),
    responsible: Collection[str] = (),
) -> Standing:
    """Return where a task stands at the end of `day`; reports of later days do not count yet."""
    known = sorted((item for item in reports if item.day <= day), key=lambda item: item.day)
    done_on = completed_on(known, leads, responsible)
    if done_on is not None:
        late = due is not None and done_on > due
        return Standing("late_done" if late else "done", 100, done_on)
    percent = known[-1].percent if known else 0
    return Standing(_open_state(day, due, started=bool(known)), percent, None)


def _open_state(day: date, due: date | None, *, started: bool) -> str:
    if due is not None and day > due:
        return "overdue"
    if due is not None and (due - day).days <= rules()["due_soon_days"]:
        return "due_soon"
    return "in_progress" if started else "not_started"


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
