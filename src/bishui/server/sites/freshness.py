"""How new the readings are, and which stations have fallen silent."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from bishui.observations import Source
from bishui.server.sites.models import Site


@cache
def silent_after() -> Mapping[Source, timedelta]:
    """Return the time without a number after which a station of each source is silent."""
    path = Path(__file__).parent / "rules" / "silence.toml"
    data = tomllib.loads(path.read_text(encoding="utf-8"))
    return {Source(name): timedelta(days=days) for name, days in data["silent_after_days"].items()}


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
        entry = coverage["sites"].get(site.key)
        if entry is None or entry["last_value"] is None:
            never.append(site)
            continue
        since = datetime.fromisoformat(str(entry["last_value"]))
        wait = silent_after()[Source(entry["source"])]
        if entry["offline"] or (newest is not None and newest - since > wait):
            silent.append(Silence(site, since, entry["offline"]))
    stale = newest is not None and today - newest.date() > silent_after()[Source.MANUAL]
    return Freshness(newest, by_source, tuple(silent), tuple(never), stale)
