"""How new the readings are, and which stations have fallen silent."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from bishui.observations import Source
from bishui.server.sites.models import Site

#: After so many days without a number a station is silent: automatic ones report every four hours, manual
#: samples are taken monthly. No rule names the days; they are our choice.
SILENT_AFTER = {Source.AUTOMATIC: 2, Source.MANUAL: 45, Source.UNKNOWN: 45}


@dataclass(frozen=True, slots=True)
class Silence:
    """A station without readings: `since` is its last number, None where there never was one."""

    site: Site
    since: datetime | None
    offline: bool


@dataclass(frozen=True, slots=True)
class Freshness:
    """The newest reading of all and by source; `stale` tells that even the newest is old."""

    newest: datetime | None
    by_source: dict[str, datetime]
    silent: tuple[Silence, ...]
    never: tuple[Site, ...]
    stale: bool


def freshness(coverage: Mapping[str, Any], sites: Sequence[Site], today: date) -> Freshness:
    """Return how new the readings of some sites are.

    A station is silent by comparison with the newest reading of the city: where all of them end on one day,
    it is the city's data that are old (`stale`), not the stations that are silent.
    """
    by_source = {source: datetime.fromisoformat(str(at)) for source, at in coverage["newest"].items()}
    newest = max(by_source.values(), default=None)
    silent, never = [], []
    for site in sites:
        entry = coverage["sites"].get(str(site.pk))
        if entry is None or entry["last_value"] is None:
            never.append(site)
            continue
        since = datetime.fromisoformat(str(entry["last_value"]))
        days = SILENT_AFTER[Source(entry["source"])]
        if entry["offline"] or (newest is not None and newest - since > timedelta(days=days)):
            silent.append(Silence(site, since, entry["offline"]))
    stale = newest is not None and today - newest.date() > timedelta(days=SILENT_AFTER[Source.MANUAL])
    return Freshness(newest, by_source, tuple(silent), tuple(never), stale)
