"""The results of this app, kept as `bishui.server.sites.assessed` keeps its own, by the hash of inputs."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, datetime
from functools import cached_property
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from bishui.assessment import Assessment, Period, PeriodKind, SectionResult, assess
from bishui.observations import Selection
from bishui.server.core.city import AssessedCity
from bishui.server.sites import queries
from bishui.server.sites.assessed import Results
from bishui.server.sites.models import Site
from bishui.server.standards import queries as standards
from bishui.server.waters import areas, calendar, indices, periods, trends
from bishui.standards import Override, items, rules, surface_water

#: Changes when the form of what is kept changes.
_FORM = "2"
#: Kinds of sites that are assessed here; sources of drinking water have rules of their own.
KINDS = ("section", "lake_point")
#: Years that a calendar shows at most, the newest.
MOST_YEARS = 15
#: Items that the trend of a section opens with, the first that it has.
_TREND_FIRST = ("nh3n", "tp", "codmn", "do")
_RULES = ("area_status", "shares", "change", "cwqi", "trend")


class WaterResults(Results):
    """The results of some sections of a city at one state of their inputs; made once for each request.

    Parameters
    ----------
    workspace
        The city.
    sites
        Sites that the user may see; those of the `KINDS` count.
    """

    def __init__(self, workspace: AssessedCity, sites: Iterable[Site]) -> None:
        super().__init__(workspace)
        self.sites = [site for site in sites if site.kind in KINDS]
        self._ids = sorted(site.key for site in self.sites)
        self._seen = hashlib.sha256(" ".join(self._ids).encode()).hexdigest()

    @property
    def state(self) -> str:
        """The hash of what these results follow from: the inputs, and which sections may be seen."""
        return f"{self._inputs} {self._seen}"

    def all_rows(self) -> pa.Table:
        """Return every measurement of the sections that counts."""
        return queries.measurements(self.workspace.division, self._ids, end=queries.end_of(self.workspace))

    def rows_from(self, first: datetime, sites: Sequence[str]) -> pa.Table:
        """Return the measurements of some sections from a moment on."""
        return queries.measurements(self.workspace.division, sites, first, queries.end_of(self.workspace))

    def rows_of(self, site: str, period: Period) -> pa.Table:
        """Return the measurements of one section in a period."""
        last = queries.end_of(self.workspace)
        end = min(period.end, last) if last else period.end
        return queries.measurements(self.workspace.division, [site], period.start, end)

    @cached_property
    def override_on(self) -> Callable[[date], Override | None]:
        """The bureau's own values by day."""
        return standards.by_day(self.workspace.division)

    def areas(self, period: Period) -> list[dict[str, Any]]:
        """Return the status of the city, its waters, basins and counties; see `areas.statuses`."""
        earlier = [entry for entry in (periods.previous(period), periods.last_year(period)) if entry]

        def make() -> list[dict[str, Any]]:
            found = {when: self.sections(when) for when in (period, *earlier)}
            inside = areas.areas_of(self.sites, self.workspace.division)
            return areas.statuses(inside, found, period, self.override_on)

        found: list[dict[str, Any]] = self.kept(self._name("areas", period), make) if self._ids else []
        return found

    def indices(self, period: Period, names: Mapping[str, str]) -> dict[str, Any]:
        """Return the indices and rankings of a period; see `indices.rankings`."""
        of_names = hashlib.sha256(repr(sorted(names.items())).encode()).hexdigest()

        def make() -> dict[str, Any]:
            now, base = self.sections(period), self.sections(periods.last_year(period))
            inside = areas.areas_of(self.sites, self.workspace.division)
            chosen = rules("cwqi", period.last_day, self.override_on(period.last_day))
            return indices.rankings(inside, names, now, base, chosen, override=self.override_on)

        found: dict[str, Any] = self.kept(self._name(f"indices {of_names}", period), make)
        return found

    def months(self, year: int) -> dict[str, dict[str, dict[str, Any]]]:
        """Return the class of each section in each month of a year; see `calendar.cells`."""

        def make() -> dict[str, dict[str, dict[str, Any]]]:
            whole = Period.year(year)
            rows = queries.selection(self.workspace, whole.start, whole.end)
            return self._cells(rows, calendar.months_of(year))

        found: dict[str, dict[str, dict[str, Any]]] = self.kept(
            self._name("months", Period.year(year)) + self._today(), make
        )
        return found

    def years(self, shown: Sequence[int]) -> dict[str, dict[str, dict[str, Any]]]:
        """Return the class of each section in each of some years; see `calendar.cells`."""

        def make() -> dict[str, dict[str, dict[str, Any]]]:
            rows = queries.selection(self.workspace)
            return self._cells(rows, [Period.year(year) for year in shown])

        name = f"{self._name('years', Period.year(shown[-1]))} {len(shown)}"
        found: dict[str, dict[str, dict[str, Any]]] = self.kept(name + self._today(), make)
        return found

    def years_covered(self) -> list[int]:
        """Return the years with readings, the earliest first, and those between."""
        found = {int(label[:4]) for label in self.coverage()["months"]}
        return list(range(min(found), max(found) + 1)) if found else []

    def trend(self, site: str, item: str) -> dict[str, Any]:
        """Return the trend of one item at one section; see `trends.trends`."""
        today = self.workspace.today
        chosen = rules("trend", today, self.override_on(today))

        def make() -> dict[str, Any]:
            rows = self.site_rows(site)
            return trends.trends(rows.filter(pc.equal(rows["item"], item)), self.tables(), site, item, chosen)

        name = f"waters {_FORM} trend {site} {item} {chosen.version}"
        found: dict[str, Any] = self.kept(name, make)
        return found

    def section_first(self) -> Site | None:
        """Return the section that a page of one section opens with: the first by name that has readings."""
        ordered = sorted(self.sites, key=lambda site: site.name)
        with_readings = self.coverage()["sites"]
        return next((site for site in ordered if site.key in with_readings), ordered[0] if ordered else None)

    def items_in_order(self, site: str) -> list[str]:
        """Return the items of a section that a trend can be told of, in the order of the standards."""
        there = set(self.items_of(site)) - {"published_class"}
        return [key for key in items() if key in there]

    def item_first(self, site: str) -> str:
        """Return the item that the trend of a section opens with; empty where it has no readings."""
        keys = self.items_in_order(site)
        return next((key for key in (*_TREND_FIRST, *keys) if key in keys), "")

    def items_of(self, site: str) -> list[str]:
        """Return the items with readings at a section."""

        def make() -> list[str]:
            return sorted(self.site_rows(site)["item"].unique().to_pylist())

        found: list[str] = self.kept(f"waters {_FORM} items {site}", make)
        return found

    def sections(self, period: Period) -> dict[str, SectionResult]:
        """Return the result of each section in a period, whether it has readings or not."""
        found = self._assessed(queries.selection(self.workspace, period.start, period.end), [period])
        return {result.site: result for result in found if result.site in self._ids}

    def _cells(self, rows: Selection, wanted: Sequence[Period]) -> dict[str, dict[str, dict[str, Any]]]:
        found = self._assessed(rows, wanted)
        inside = (result for result in found if result.site in self._ids)
        return calendar.cells(inside, self.workspace.today)

    def _assessed(self, rows: Selection, wanted: Sequence[Period | PeriodKind]) -> Assessment:
        return assess(rows, **self.judged_by(), period=wanted)

    def _name(self, what: str, period: Period) -> str:
        """Return the name that results are kept under: sections, period, rules and editions."""
        on: date = period.last_day
        versions = [surface_water(on).edition, *(rules(key, on).version for key in _RULES)]
        return " ".join(["waters", _FORM, what, period.label, self._seen, *versions])

    def _today(self) -> str:
        return f" {self.workspace.today:%Y-%m}"
