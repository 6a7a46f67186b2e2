"""What a trace is asked (溯源输入): everything that goes in, as plain data that is kept with the answer."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from typing import Any

from bishui.errors import DataError
from bishui.i18n import Text
from bishui.server.network.held import Held
from bishui.server.network.limits import limits_of, target_classes
from bishui.server.network.placing import Placed, unsure, usable
from bishui.server.network.rules import item_keys, pollutants, rules, traceable
from bishui.server.sites import queries as sites
from bishui.standards import items

_DAY_S = 86_400.0
_BELOW = "below_detection"
_MEASURED = ("measured", _BELOW)


def question_of(
    found: Held, placed: Sequence[Placed], alert: Any, division: str, until: datetime | None
) -> dict[str, Any]:
    """Return what a trace of an alert is asked.

    Parameters
    ----------
    alert
        A single exceedance or sudden change of one item at one site.
    until
        Last moment whose results count; None = all.

    Raises
    ------
    DataError
        The alert's site is not on the network, its item has no limit there, or nobody is a candidate.
    """
    own = next((entry for entry in usable(placed, "section") if entry.thing.site == alert.site_id), None)
    if own is None:
        raise DataError(
            Text("“{name}”还没有挂接到河网上，不能溯源。", name=alert.name),
            remedy=Text("请先在“位置核对”中核定它的河段。"),
        )
    window = rules()["trace"]
    begin = datetime.combine(alert.first.date(), time()) - timedelta(days=window["lead_days"])
    end = datetime.combine(alert.first.date(), time(23, 59, 59)) + timedelta(days=window["after_days"])
    last = min(moment for moment in (end, until) if moment is not None)
    targets = target_classes(division, alert.first.date())
    limits = limits_of(own.thing, targets, traceable(), alert.first.date())
    if alert.item not in limits:
        raise DataError(
            Text("“{name}”没有{item}的限值，不能溯源。", name=alert.name, item=items()[alert.item].name),
            remedy=Text("请先为该断面设定水质目标；总氮在河流上没有限值。"),
        )
    sections = _connected(found, own, usable(placed, "section"))
    candidates = _candidates(found, sections, usable(placed, "outfall"))
    if not candidates:
        raise DataError(
            Text("“{name}”上游没有可作候选的排污口。", name=alert.name),
            remedy=Text("请在“排污口许可排放量”台账中登记上游排污口并核定位置。"),
        )
    first = begin - timedelta(days=window["history_days"])
    asked = [_candidate(found, entry) for entry in candidates]
    keys = _items_of(alert.item, asked)
    return {
        "alert": _alert(alert),
        "network": {"number": found.version.number, "digest": found.digest},
        "sections": [_place(found, entry) for entry in sections],
        "pollutants": [
            {"item": one.key, "decay_per_day": one.decay_per_day, "theta": one.theta}
            for one in pollutants(keys)
        ],
        "candidates": _with_history(division, asked, keys, begin),
        "samples": _samples(division, sections, keys, first, last),
        "limits": {key: limits.get(key) for key in keys},
        "background": _background(found, keys),
        "fingerprints": {
            one["key"]: [one["typical"], one["spread"], one.get("failing", {})] for one in rules()["kind"]
        },
        "rules": rules()["version"],
        "event_from": begin.isoformat(),
        "until": last.isoformat(),
        "left_out": sorted(entry.thing.name for entry in _left_out(placed)),
    }


def _items_of(item: str, candidates: Iterable[Mapping[str, Any]]) -> tuple[str, ...]:
    """Return the items a trace looks at: those of every network, the alert's, and what permits name."""
    named = {item, *(key for entry in candidates for key in entry["permitted"])}
    return tuple(key for key in traceable() if key in named or key in item_keys())


def _alert(alert: Any) -> dict[str, Any]:
    return {
        "id": str(alert.pk),
        "site": str(alert.site_id),
        "item": alert.item,
        "first": alert.first.isoformat(),
        "last": alert.last.isoformat(),
        "said": alert.text,
    }


def _connected(found: Held, own: Placed, sections: Iterable[Placed]) -> list[Placed]:
    """Return the sections from which water comes to the alert's own, or to which it goes."""
    row = own.section.reach
    rows = {*found.network.upstream(row).tolist(), *found.network.downstream(row).tolist()}
    return [entry for entry in sections if entry.reach in rows]


def _candidates(found: Held, sections: Iterable[Placed], outfalls: Iterable[Placed]) -> list[Placed]:
    """Return the outfalls with a permit from which water reaches one of the sections."""
    rows: set[int] = set()
    for entry in sections:
        if entry.reach not in rows:
            rows.update(found.network.upstream(entry.section.reach).tolist())
    return [entry for entry in outfalls if entry.thing.discharge is not None and entry.reach in rows]


def _left_out(placed: Iterable[Placed]) -> list[Placed]:
    """Return what could not be asked: outfalls without place or permit, sections without place."""
    entries = list(placed)
    without = [entry for entry in usable(entries, "outfall") if entry.thing.discharge is None]
    return [*without, *(entry for entry in unsure(entries) if entry.thing.kind != "intake")]


def _place(found: Held, entry: Placed) -> dict[str, Any]:
    section = entry.section
    return {
        "key": entry.thing.key,
        "name": entry.thing.name,
        "reach": found.network.name(section.reach),
        "chainage_m": section.chainage,
    }


def _candidate(found: Held, entry: Placed) -> dict[str, Any]:
    permit = entry.thing.discharge
    assert permit is not None
    permitted = {item: float(value) for item, value in permit.permitted().items() if value is not None}
    return _place(found, entry) | {
        "code": permit.code,
        "discharger": permit.discharger,
        "kind": permit.kind,
        "flow_m3_s": float(permit.flow) / _DAY_S,
        "permitted": permitted,
    }


def _with_history(
    division: str, candidates: list[dict[str, Any]], keys: Sequence[str], begin: datetime
) -> list[dict[str, Any]]:
    """Add what was measured at the outfalls themselves in the year before the event, mg/L by item."""
    codes = {entry["code"] for entry in candidates}
    points = {
        str(site.id): site.outfall
        for site in sites.places_of(division, ("outfall_point",))
        if site.outfall in codes
    }
    found: dict[str, dict[str, list[float]]] = {}
    first = begin - timedelta(days=rules()["trace"]["outfall_days"])
    for row in counting(division, list(points), keys, first, begin - timedelta(seconds=1)):
        found.setdefault(points[row["site"]], {}).setdefault(row["item"], []).append(float(row["value"]))
    return [entry | {"history": found.get(entry["code"], {})} for entry in candidates]


def counting(
    division: str, wanted: list[str], keys: Sequence[str], first: datetime, last: datetime
) -> Iterator[Mapping[str, Any]]:
    """Yield the results of sites that count: not flagged, not zero, given at all."""
    if not wanted:
        return
    flags = sites.flags_table(division).to_pylist()
    table = sites.measurements(division, wanted, first, last, keys)
    for row in table.select(["site", "item", "time", "value", "mark", "source"]).to_pylist():
        given = row["value"] is not None and row["value"] > 0 and row["mark"] in _MEASURED
        if given and not _flagged(row, flags):
            yield row


def _samples(
    division: str, sections: Sequence[Placed], keys: Sequence[str], first: datetime, last: datetime
) -> dict[str, Any]:
    """Return the results of the sections as columns."""
    row_of = {str(entry.thing.site): row for row, entry in enumerate(sections)}
    columns: dict[str, list[Any]] = {
        name: [] for name in ("section", "item", "time", "value", "below", "auto")
    }
    for row in counting(division, list(row_of), keys, first, last):
        columns["section"].append(row_of[row["site"]])
        columns["item"].append(keys.index(row["item"]))
        columns["time"].append(row["time"].isoformat(timespec="minutes"))
        columns["value"].append(float(row["value"]))
        columns["below"].append(int(row["mark"] == _BELOW))
        columns["auto"].append(int(row["source"] == "automatic"))
    return columns


def _flagged(row: Mapping[str, Any], flags: Iterable[Mapping[str, Any]]) -> bool:
    return any(
        flag["site"] == row["site"]
        and flag["item"] in (None, row["item"])
        and flag["time_from"] <= row["time"] <= flag["time_to"]
        for flag in flags
    )


def _background(found: Held, keys: Sequence[str]) -> dict[str, float]:
    """Return the mean concentration of the local inflows, by flow; 0 where the network does not say it."""
    flow = found.file.reaches.lateral_flow
    total = float(flow.sum())
    given = {key.casefold(): values for key, values in found.file.lateral.items()}
    return {key: float(flow @ given[key]) / total if key in given and total > 0 else 0.0 for key in keys}


def last_moment(as_of: date | None) -> datetime | None:
    """Return the last moment that a city knows of; None where its day goes on."""
    return None if as_of is None else datetime.combine(as_of, time(23, 59, 59))
