"""In which months a site has numbers, and what a page says of a period in which it has none."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from bishui.assessment import Period
from bishui.observations import Source
from bishui.server.sites import queries
from bishui.server.sites.assessed import Results
from bishui.server.sites.models import Site


@dataclass(frozen=True, slots=True)
class Sampled:
    """The months in which a site has a number.

    Attributes
    ----------
    runs
        First and last month of each unbroken run (``2025-01``).
    automatic
        Whether its newest number is of a monitor: such a station is not sampled by hand.
    """

    runs: tuple[tuple[str, str], ...] = ()
    automatic: bool = False

    @property
    def newest(self) -> Period | None:
        """The newest month with a number; None where there never was one."""
        return Period.parse(max(last for _first, last in self.runs)) if self.runs else None

    def covers(self, period: Period) -> bool:
        """Tell whether a period has a month with a number."""
        begin, end = (f"{moment:%Y-%m}" for moment in (period.start, period.end))
        return any(first <= end and last >= begin for first, last in self.runs)

    def absence(self, period: Period) -> str:
        """Return why a period has no number (key of ``words.REASONS``); empty where it has some."""
        if self.covers(period):
            return ""
        return "not_sampled" if self.runs and not self.automatic else "no_data"


def sampled_of(site: Site, results: Results) -> Sampled:
    """Return the months of a site; of a sewage plant those of its inlet and outlet with its own."""
    sites = [site, *queries.points_of(site)] if site.kind == "sewage_plant" else [site]
    held = results.coverage()["sites"]
    return _sampled(held[str(place.pk)] for place in sites if str(place.pk) in held)


def _sampled(entries: Iterable[Mapping[str, Any]]) -> Sampled:
    found = list(entries)
    runs = tuple((first, last) for entry in found for first, last in entry["months"])
    return Sampled(runs, any(entry["source"] == Source.AUTOMATIC for entry in found))
