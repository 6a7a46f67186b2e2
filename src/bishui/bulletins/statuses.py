"""What several chapters ask: the status of an area, and sections as things behind a figure."""

from __future__ import annotations

from collections.abc import Iterable

from bishui.assessment import AreaStatus, By, Period, SectionResult, area_status
from bishui.bulletins import words
from bishui.bulletins.given import Given, Water
from bishui.bulletins.told import Behind


def status_of(water: Water, given: Given, period: Period) -> AreaStatus:
    """Return the status of an area in a period."""
    results = [given.results[period][site] for site in water.sites]
    return area_status(water.name, results, administrative=water.administrative, override=given.own)


def behind(given: Given, results: Iterable[SectionResult]) -> list[Behind]:
    """Return sections as things behind a figure."""
    return [words.section_behind(entry, given.why(entry), given.names[entry.site]) for entry in results]


def way(status: AreaStatus) -> str:
    """Return how a status was found."""
    return "断面均值" if status.by is By.MEANS else "类别比例"
