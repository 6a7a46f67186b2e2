"""Reads of this app: which rates of sections the plans ask for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.urls import reverse

from bishui.server.core.city import City
from bishui.server.indicators.series import figure_of, level_of
from bishui.server.plans import target_queries as plans


@dataclass(frozen=True, slots=True)
class RateAsked:
    """A rate that a plan asks for, by its wording.

    Attributes
    ----------
    name, percent
        As the plan writes them.
    at_most
        The rate may be at most so high.
    rule
        The figure, and the kinds of sites that it is taken over (``rules/computed.toml``).
    level
        Control level that the wording names, empty for all.
    url
        Page of the indicator.
    """

    name: str
    percent: str
    at_most: bool
    rule: Mapping[str, Any]
    level: str
    url: str


def rates_asked(city: City, year: int, user: Any = None) -> list[RateAsked]:
    """Return the rates of a year that assessments can give, in the order of the plans."""
    found = []
    for target in plans.numeric_targets(city, user):
        rule = figure_of(target.indicator, target.text) if target.unit == "%" else None
        first, last = target.plan.period_from, target.plan.period_to
        covered = (first is None or first.year <= year) and (last is None or last.year >= year)
        if rule is None or target.task_id is not None or not covered or target.op not in _KNOWN:
            continue
        found.append(
            RateAsked(
                name=target.indicator,
                percent=target.value_text,
                at_most=target.op == "<=" or rule["figure"] == "worst_percent",
                rule=rule,
                level=level_of(target.indicator, target.text),
                url=reverse("indicators:target", args=[target.pk]),
            )
        )
    return found


#: Wordings that ask for a share itself, not for a change of it.
_KNOWN = (">=", "=", "<=")
