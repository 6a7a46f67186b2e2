"""The rules of reminding, read from ``rules/reminders.toml``."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import Any

#: Occasions that lie behind the day when the reminder is made.
AFTER = frozenset({"duty_overdue", "report_missing", "case_overdue"})


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule: on which occasion, at which distances in days, to whom, in which tone."""

    id: str
    occasion: str
    days: tuple[int, ...]
    to: tuple[str, ...]
    tone: str
    answer_days: int | None = None

    def step(self, day: date, due: date) -> int | None:
        """Return the latest step that has come by `day` for something due on `due`, or None.

        Before the day the steps count down to it, after it they count up; a missed step is not made up
        for once the next has come.
        """
        if self.occasion in AFTER:
            passed = [n for n in self.days if n <= (day - due).days]
            return max(passed, default=None)
        left = (due - day).days
        return min((n for n in self.days if 0 <= left <= n), default=None)

    def window(self, day: date) -> tuple[date, date]:
        """Return the first and the last due day that can give a reminder on `day`."""
        if self.occasion in AFTER:
            return date.min, day - timedelta(days=min(self.days))
        return day, day + timedelta(days=max(self.days))


@dataclass(frozen=True, slots=True)
class Pauses:
    """Minutes before each further attempt, seconds that one may take, deliveries in one round."""

    minutes: tuple[int, ...]
    seconds: int
    at_once: int


@cache
def _data() -> dict[str, Any]:
    path = Path(__file__).parent / "rules" / "reminders.toml"
    return tomllib.loads(path.read_text(encoding="utf-8"))


@cache
def rules() -> Sequence[Rule]:
    """Return the rules in the order of the file."""
    return tuple(
        Rule(
            entry["id"],
            entry["occasion"],
            tuple(entry["days"]),
            tuple(entry["to"]),
            entry["tone"],
            entry.get("open_case", {}).get("answer_days"),
        )
        for entry in _data()["rule"]
    )


@cache
def pauses() -> Pauses:
    """Return how deliveries are repeated."""
    entry = _data()["delivery"]
    return Pauses(tuple(entry["pauses"]), entry["seconds"], entry["at_once"])


def webhook_body(kind: str, fields: Mapping[str, str]) -> Any:
    """Return the JSON body that a webhook of `kind` takes, with `fields` in their places."""
    return _filled(_data()["webhook"][kind]["body"], fields)


def _filled(value: Any, fields: Mapping[str, str]) -> Any:
    if isinstance(value, dict):
        return {key: _filled(item, fields) for key, item in value.items()}
    return fields[value[1:-1]] if value.startswith("{") else value
