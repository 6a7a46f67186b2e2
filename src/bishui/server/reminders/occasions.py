"""What is due or was: asked of the apps that keep it, city by city."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any

from django.urls import reverse

from bishui.server.accounts import queries as accounts
from bishui.server.cases import queries as cases
from bishui.server.plans import duty_queries as duties
from bishui.server.plans import standings
from bishui.server.plans.states import FINISHED
from bishui.server.reminders.making import Occurrence

Window = tuple[date, date]


@dataclass
class City:
    """A city of the instance with the day on which it stands: the present one, or its own fixed day."""

    division: str
    today: date

    @cached_property
    def bureaus(self) -> Mapping[str, Any]:
        """The unit that keeps the plans of each division: that of the people who may open notices there."""
        return accounts.units_holding("cases.open", self.division)

    def bureau_of(self, division: str) -> Any:
        """Return the unit that keeps the plans of `division`, or of the nearest one above it; or None."""
        steps = division.rstrip("/").split("/")
        paths = ("/".join(steps[:n]) + "/" for n in range(len(steps), 0, -1))
        return next((self.bureaus[path] for path in paths if path in self.bureaus), None)


def cities(day: date) -> list[City]:
    """Return the cities of the instance, with the standings of their tasks made to hold on the day."""
    standings.daily(day)
    return [City(path, fixed or day) for path, fixed in standings.roots()]


def of(occasion: str, city: City, window: Window) -> Iterator[Occurrence]:
    """Yield what `occasion` means in a city, due within `window` (first and last day)."""
    yield from _SOURCES[occasion.partition("_")[0]](city, window)


def _duties(city: City, window: Window) -> Iterator[Occurrence]:
    due = {"kept_standing__next_due__gte": window[0], "kept_standing__next_due__lte": window[1]}
    found = duties.duties_of(city).filter(weight__gt=0, **due).exclude(kept_standing__colour__in=FINISHED)
    for duty in found.select_related("task", "unit", "kept_standing"):
        yield Occurrence(
            about="duty",
            about_id=str(duty.pk),
            name=str(duty.task),
            unit=duty.unit,
            bureau=city.bureau_of(duty.division),
            due=duty.kept_standing.next_due or city.today,
            division=duty.division,
            path=reverse("plans:task", args=[duty.task_id]),
        )


def _reports(city: City, window: Window) -> Iterator[Occurrence]:
    found = duties.reports_due(city).filter(
        state__in=("due", "missing", "returned"), due__gte=window[0], due__lte=window[1]
    )
    for item in found:
        yield Occurrence(
            about="report",
            about_id=str(item.pk),
            name=item.what,
            unit=item.unit,
            bureau=city.bureau_of(item.division),
            due=item.due or city.today,
            division=item.division,
            path=reverse("plans:calendar"),
        )


def _cases(city: City, window: Window) -> Iterator[Occurrence]:
    first, last = window
    for item in cases.open_cases(city).filter(state__in=("issued", "returned")):
        if first <= item.deadline <= last:
            yield Occurrence(
                about="case",
                about_id=str(item.pk),
                name=item.title,
                unit=item.unit,
                bureau=city.bureau_of(item.division),
                due=item.deadline,
                division=item.division,
                path=reverse("cases:case", args=[item.pk]),
            )


_SOURCES: Mapping[str, Callable[[City, Window], Iterator[Occurrence]]] = {
    "duty": _duties,
    "report": _reports,
    "case": _cases,
}
