"""Which milestones (节点) a deadline gives, which weight a duty has, which field a task lies in: by rule."""

from __future__ import annotations

import re
import tomllib
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

from bishui.i18n import Bilingual


@dataclass(frozen=True, slots=True)
class Measure:
    """A numeric target of a task as the rules see it; `id` names it for the caller."""

    id: str
    text: str
    op: str
    value: Decimal | None
    unit: str


@dataclass(frozen=True, slots=True)
class Planned:
    """A milestone that the rules give; `target` is the `Measure` it is measured against."""

    due: date | None
    what: str
    weight: Decimal
    target: str = ""


@cache
def rules(name: str) -> dict[str, Any]:
    """Return the data of ``rules/<name>.toml``."""
    return tomllib.loads((Path(__file__).parent / "rules" / f"{name}.toml").read_text(encoding="utf-8"))


def planned(
    norm: str,
    due: date | None,
    *,
    begin: date | None,
    end: date | None,
    dates: Sequence[date] = (),
    measures: Iterable[Measure] = (),
) -> list[Planned]:
    """Return the milestones of a task by ``rules/milestones.toml``, the earliest first.

    Parameters
    ----------
    norm, due
        The normalised deadline and the day it means, if it means one.
    begin, end
        The first and the last day of the plan's time.
    dates
        The days that the deadline names, where it names several.
    measures
        The task's numeric targets.
    """
    repeated = _repeated(norm, begin, end)
    if repeated:
        return repeated
    measured = [item for item in measures if is_measured(item)]
    if measured:
        weight = Decimal(rules("milestones")["last"]["weight"]) / len(measured)
        return [Planned(due, item.text, weight.quantize(Decimal("0.0001")), item.id) for item in measured]
    last = rules("milestones")["last"]
    if len(set(dates)) > 1:
        return [Planned(day, last["what"], Decimal(1)) for day in sorted(set(dates))]
    return [*_interim(due, begin, end), Planned(due, last["what"], Decimal(last["weight"]))]


def is_measured(measure: Measure) -> bool:
    """Tell whether a target's figure grows to its value, so that a part of it is a part of the work."""
    rule = rules("weights")["measured"]
    return (
        measure.value is not None
        and measure.value > 0
        and measure.op in rule["operators"]
        and measure.unit not in rule["ratios"]
        and not any(mark in measure.unit for mark in rule["per"])
    )


def _repeated(norm: str, begin: date | None, end: date | None) -> list[Planned]:
    if begin is None or end is None:
        return []
    for words, rule in rules("milestones")["repeated"].items():
        if norm == words or norm.startswith(f"{words} "):
            own = norm[len(words) :].strip()
            days = [own] if words == "every year" and re.fullmatch(r"\d\d-\d\d", own) else rule["days"]
            return [
                Planned(day, rule["what"].format(n=_numeral(number), year=day.year), Decimal(1))
                for number, day in _days(days, begin.year, end.year)
            ]
    return []


def _interim(due: date | None, begin: date | None, end: date | None) -> list[Planned]:
    if due is None or begin is None or end is None:
        return []
    long = end.year - begin.year + 1 > rules("milestones")["interim_long"]["more_than_years"]
    rule = rules("milestones")["interim_long" if long else "interim"]
    first = begin + timedelta(days=rule.get("days_after_begin", 0))
    last = due - timedelta(days=rule["days_before_end"])
    return [
        Planned(day, rule["what"].format(n=number, year=day.year), Decimal(rule["weight"]))
        for number, day in _days(rule["days"], begin.year, due.year)
        if first <= day <= last
    ]


def _days(days: Sequence[str], first: int, last: int) -> list[tuple[int, date]]:
    return [
        (number, date.fromisoformat(f"{year}-{day}"))
        for year in range(first, last + 1)
        for number, day in enumerate(days, start=1)
    ]


def _numeral(number: int) -> str:
    return "一二三四五六七八九十"[number - 1]


def role_weights(roles: Sequence[str]) -> list[Decimal]:
    """Return the weight of each duty of a task by the role it has, by ``rules/weights.toml``.

    The units of one role bear its part in equal shares; the weights of a task sum to 1 as far as four
    decimals allow.
    """
    parts = {role: Decimal(text) for role, text in rules("weights")["duty"].items()}
    counts = Counter(roles)
    total = sum(parts[role] for role in counts)
    if not total:
        return [Decimal(0)] * len(roles)
    return [(parts[role] / total / counts[role]).quantize(Decimal("0.0001")) for role in roles]


def field_of(headings: Sequence[str], theme: str, content: str) -> str:
    """Return the field of work (领域) of a task by ``rules/fields.toml``; the nearest heading decides."""
    for text in [*reversed(headings), theme, content]:
        for field in rules("fields")["field"]:
            if field["id"] != "other" and re.search(field["pattern"], text):
                return str(field["id"])
    return "other"


def field_labels() -> dict[str, Bilingual]:
    """Return the name of each field of work, in their order."""
    return {
        field["id"]: Bilingual(field["label_zh"], field["label_en"]) for field in rules("fields")["field"]
    }
