"""The values of targets over time, from three sources: entered, accepted progress, assessments."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any
from uuid import UUID

from django.urls import reverse
from django.utils.translation import gettext as _

from bishui.assessment import Period
from bishui.server.core.city import AssessedCity
from bishui.server.indicators.forecast import Outlook, outlook
from bishui.server.indicators.models import IndicatorValue
from bishui.server.plans import target_queries as plans
from bishui.server.plans.states import due_day
from bishui.server.sites import queries as sites
from bishui.server.sites.assessed import Results
from bishui.server.sources.queries import source_rate

_SPACES = re.compile(r"\s")


@dataclass(frozen=True, slots=True)
class Value:
    """One value of an indicator: ``entered``, ``progress`` or ``computed``, with its source in words.

    `counted` is what a computed rate is made of: how many count, of how many, how many have no result.
    """

    day: date
    value: Decimal
    text: str
    kind: str
    source: str
    url: str = ""
    pk: UUID | None = None
    counted: tuple[int, int, int] | None = None


@dataclass(frozen=True, slots=True)
class Indicator:
    """A target with its values, the oldest first, and where they lead."""

    target: Any
    deadline: date | None
    values: Sequence[Value]
    outlook: Outlook

    @property
    def last(self) -> Value | None:
        """The newest value."""
        return self.values[-1] if self.values else None


@cache
def _rules() -> dict[str, Any]:
    path = Path(__file__).parent / "rules" / "computed.toml"
    return tomllib.loads(path.read_text(encoding="utf-8"))


def figure_of(indicator: str, text: str) -> dict[str, Any] | None:
    """Return the rule of ``rules/computed.toml`` that a target's wording means, or None."""
    words = _SPACES.sub("", indicator + text)
    return next((rule for rule in _rules()["computed"] if re.search(rule["pattern"], words)), None)


def level_of(indicator: str, text: str) -> str:
    """Return the control level that a target's wording names, empty for all."""
    words = _SPACES.sub("", indicator + text)
    return next((key for key, pattern in _rules()["levels"].items() if re.search(pattern, words)), "")


def source_levels_of(indicator: str, text: str) -> tuple[str, ...]:
    """Return the levels of drinking-water sources that a target's wording names, empty for all."""
    words = _SPACES.sub("", indicator + text)
    rules = _rules()["source_levels"]
    return next((tuple(rule["levels"]) for rule in rules if re.search(rule["pattern"], words)), ())


def indicators(city: AssessedCity, user: Any = None) -> list[Indicator]:
    """Return the numeric targets of the plans that count, in the order of the plans, each with its values."""
    targets = list(plans.numeric_targets(city, user))
    entered = _entered(targets)
    handed_in = _handed_in(targets)
    computed = _Computed(city)
    return [_indicator(target, city, entered, handed_in, computed) for target in targets]


def warm(city: AssessedCity) -> None:
    """Compute and keep the figures that the list of indicators shows, after an import: nobody waits there."""
    indicators(city)


def indicator(city: AssessedCity, target: Any) -> Indicator:
    """Return one target with its values."""
    return _indicator(target, city, _entered([target]), _handed_in([target]), _Computed(city))


def _indicator(
    target: Any,
    city: AssessedCity,
    entered: Mapping[UUID, list[Value]],
    handed_in: Mapping[UUID, list[Value]],
    computed: _Computed,
) -> Indicator:
    values = [*computed.of(target), *handed_in.get(target.pk, ()), *entered.get(target.pk, ())]
    by_day = {value.day: value for value in values if value.day <= city.today}
    ordered = [by_day[day] for day in sorted(by_day)]
    deadline = _deadline(target)
    points = [(value.day, value.value) for value in ordered]
    return Indicator(
        target,
        deadline,
        ordered,
        outlook(
            points,
            target.op,
            target.value,
            deadline,
            city.today,
            most=Decimal(100) if target.unit == "%" else None,
        ),
    )


def _deadline(target: Any) -> date | None:
    """Return the day by which a target holds: its own, its task's, or the end of the plan's period."""
    year = target.plan.period_to.year if target.plan.period_to else target.plan.year
    own = due_day(target.deadline, year)
    task = target.task.due if target.task else None
    return own or task or target.plan.period_to


def _entered(targets: Iterable[Any]) -> dict[UUID, list[Value]]:
    found: dict[UUID, list[Value]] = {}
    for item in IndicatorValue.objects.filter(target__in=targets, withdrawn_why=""):
        value = Value(item.day, item.value, item.value_text, "entered", item.source, "", item.pk)
        found.setdefault(item.target_id, []).append(value)
    return found


def _handed_in(targets: Iterable[Any]) -> dict[UUID, list[Value]]:
    found: dict[UUID, list[Value]] = {}
    for figure in plans.accepted_figures(targets):
        report = figure.report
        source = _("%(unit)s填报，已认可") % {"unit": report.unit}
        url = reverse("plans:progress", args=[report.pk])
        value = Value(report.day, figure.value, figure.value_text, "progress", source, url)
        if figure.target_id is not None:
            found.setdefault(figure.target_id, []).append(value)
    return found


class _Computed:
    """The figures that assessments give, month by month; reckoned once for a page, when first asked for."""

    def __init__(self, city: AssessedCity) -> None:
        self._city = city
        self._months: list[tuple[date, Period, Mapping[str, Any]]] | None = None
        self._sites: list[Mapping[str, Any]] = []
        self._levels: Mapping[str, str] = {}
        self._held: Results | None = None

    def of(self, target: Any) -> list[Value]:
        """Return the values of a target whose wording means a computed figure: the year's mean so far."""
        rule = figure_of(target.indicator, target.text) if target.unit in ("%", "") else None
        if rule is None or target.task_id is not None:
            return []
        if rule["figure"] == "sources_percent":
            return [value for value in self._of_sources(target) if _holds(target, value.day)]
        level = level_of(target.indicator, target.text)
        return [value for value in self._values(rule, level) if _holds(target, value.day)]

    def _values(self, rule: Mapping[str, Any], level: str) -> Iterable[Value]:
        for day, period, results in self._read():
            chosen = [
                results[site["id"]]
                for site in self._sites
                if site["kind"] in rule["kinds"]
                and site["id"] in results
                and (not level or self._levels.get(site["id"]) == level)
            ]
            counted = _share(rule["figure"], chosen)
            if counted is None:
                continue
            k, n, missing = counted
            share = (Decimal(k) * 100 / n).quantize(Decimal("0.1"))
            source = _("%(k)s / %(n)s 个断面，另有 %(missing)s 个无结果；%(period)s") % {
                "k": k,
                "n": n,
                "missing": missing,
                "period": period.label,
            }
            url = f"{reverse('sites:list')}?period={period.label}"
            yield Value(day, share, f"{share:f}", "computed", source, url, counted=counted)

    def _of_sources(self, target: Any) -> Iterable[Value]:
        """Yield the rate of the sources that the plan has targets for, of all where it names none."""
        levels = source_levels_of(target.indicator, target.text)
        only = sorted(plans.sources_of_plan(target.plan))
        results = self._results()
        url = reverse("sources:overview")
        for label in reversed(results.coverage()["months"][:12]):
            period = year_so_far(Period.parse(label))
            name = f"source rate {period.label} {levels} {only}"
            rate = results.kept(name, lambda: self._rate(period, levels, only))  # noqa: B023 -- called at once
            if rate["percent"] is None:
                continue
            source = _("%(met)s / %(of)s 个水源地达标，另有 %(missing)s 个无结果；%(period)s") % {
                "met": rate["met"],
                "of": rate["evaluated"],
                "missing": rate["missing"],
                "period": period.label,
            }
            share = Decimal(rate["percent"])
            counted = rate["met"], rate["evaluated"], rate["missing"]
            yield Value(period.last_day, share, rate["percent"], "computed", source, url, counted=counted)

    def _rate(self, period: Period, levels: Sequence[str], only: Sequence[str]) -> dict[str, Any]:
        found = source_rate(self._city, period, levels=levels, only=only)
        return {
            "met": int(found.met),
            "evaluated": int(found.evaluated),
            "missing": found.missing,
            "percent": None if found.percent is None else str(found.percent),
        }

    def _results(self) -> Results:
        if self._held is None:
            self._held = Results(self._city)
        return self._held

    def _read(self) -> list[tuple[date, Period, Mapping[str, Any]]]:
        if self._months is None:
            results = self._results()
            months = [Period.parse(label) for label in results.coverage()["months"][:12]]
            periods = [year_so_far(month) for month in reversed(months)]
            self._months = [
                (period.last_day, period, results.attainment(period)["sections"]) for period in periods
            ]
            self._sites = sites.sites_table(self._city.division).to_pylist()
            self._levels = sites.control_levels(self._city.division)
        return self._months


def year_so_far(month: Period) -> Period:
    """Return January to the last month of a period."""
    return Period.year_to_date(month.end.year, month.end.month)


def _holds(target: Any, day: date) -> bool:
    first, last = target.plan.period_from, target.plan.period_to
    return (first is None or day >= first) and (last is None or day <= last)


def _share(figure: str, results: Sequence[Mapping[str, Any]]) -> tuple[int, int, int] | None:
    """Return how many of how many count, and how many have no result; None where none has one."""
    if figure == "attained_percent":
        states = [result["attainment"]["state"] for result in results]
        k, n = states.count("attained"), states.count("attained") + states.count("not_attained")
        missing = states.count("not_judged")
    else:
        ranks = [result["class"] for result in results]
        known = [rank for rank in ranks if rank is not None]
        k = sum(rank <= 3 if figure == "good_percent" else rank == 6 for rank in known)
        n, missing = len(known), len(ranks) - len(known)
    return (k, n, missing) if n else None
