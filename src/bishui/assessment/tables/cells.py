"""Cells that rows of several kinds of results share: subject, period, class, number, counts, rules."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

from bishui.assessment.periods import Period
from bishui.assessment.rates import Rate
from bishui.assessment.results import State
from bishui.assessment.waters.pooled import Pooled
from bishui.standards import Method, Rules, water_class

Row = dict[str, Any]


def period_cells(period: Period) -> Row:
    """Return a period in its columns."""
    return {
        "period_kind": period.kind.value,
        "period": period.label,
        "first_day": period.start.date(),
        "last_day": period.last_day,
    }


def settings_text(chosen: Method | Rules) -> str:
    """Return every setting of a method by name and value, as JSON."""
    settings = {name: entry["value"] for name, entry in chosen.as_dict()["settings"].items()}
    return json.dumps(settings, ensure_ascii=False, sort_keys=True, default=str)


def named_cells(name: str) -> Row:
    """Return a subject that is known by its name alone."""
    return {"subject": name, "name": name}


def class_cells(rank: int | None, *, ground: bool = False) -> Row:
    """Return a class in its columns; groundwater has five classes and no words for them."""
    if rank is None:
        return {"class": None, "class_label": None, "status": None}
    entry = water_class(rank)
    return {"class": rank, "class_label": entry.label_zh, "status": None if ground else entry.word_zh}


def value_cells(value: Decimal | None, unit: str | None) -> Row:
    """Return a number in its columns, with its digits as it is printed."""
    if value is None:
        return {"value": None, "value_text": None, "unit": None}
    return {"value": value, "value_text": f"{value:f}", "unit": unit}


def rate_cells(rate: Rate, counted: str) -> Row:
    """Return a rate with what was evaluated of all that there is."""
    evaluated = int(rate.evaluated)
    return {
        **value_cells(rate.percent, "%"),
        "met": int(rate.met),
        **count_cells(evaluated, evaluated + rate.missing, counted),
    }


def count_cells(entered: int, total: int, counted: str) -> Row:
    """Return k of n, m missing, and what they count."""
    return {"entered": entered, "total": total, "missing": total - entered, "counted": counted}


def rules_cells(used: Rules, clause: str | None = None) -> Row:
    """Return version, settings and clause; without a clause of its own the source of the rules."""
    return {"rules": used.version, "settings": settings_text(used), "clause": clause or used.source}


def verdict_key(attained: bool | None) -> str:
    """Return a verdict as its state; None was not judged."""
    if attained is None:
        return State.NOT_JUDGED.value
    return (State.ATTAINED if attained else State.NOT_ATTAINED).value


def joined(words: Iterable[str]) -> str | None:
    """Return a list as one cell, empty without an entry."""
    return ",".join(words) or None


def pollutants_text(entries: Iterable[Mapping[str, Any]], figure: str) -> str | None:
    """Return main pollution indicators with a figure in brackets where they have one."""
    return joined(
        f"{entry['item']}({entry[figure]})" if entry[figure] is not None else entry["item"]
        for entry in entries
    )


def pooled_text(pooled: Pooled) -> str | None:
    """Return the main pollution indicators of means over places."""
    return pollutants_text(pooled.as_dict()["main_pollutants"], "multiple")
