"""Classes of each section by month or year, each state that is not a class told apart."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

from bishui.assessment import Period, SectionResult
from bishui.server.waters.missing import NOT_DUE, reason_of


def cells(results: Iterable[SectionResult], today: date) -> dict[str, dict[str, dict[str, Any]]]:
    """Return by site and label of the period its class or the reason why none; later periods are not due."""
    found: dict[str, dict[str, dict[str, Any]]] = {}
    for result in results:
        found.setdefault(result.site, {})[result.period.label] = _cell(result, today)
    return found


def _cell(result: SectionResult, today: date) -> dict[str, Any]:
    if result.rank is not None:
        return {
            "class": result.rank,
            "state": result.attainment.state.value,
            "deciding": list(result.deciding),
            "enough": result.enough_periods,
        }
    due = result.period.start.date() <= today
    return {"class": None, "reason": reason_of(result) if due else NOT_DUE}


def months_of(year: int) -> list[Period]:
    """Return the twelve months of a year."""
    return [Period.month(year, month) for month in range(1, 13)]
