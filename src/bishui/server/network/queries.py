"""Reads of this app."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django.db.models import QuerySet

from bishui.errors import NotFound
from bishui.i18n import Text
from bishui.server.accounts.workspaces import is_beside_fiction
from bishui.server.core import rights
from bishui.server.core.city import City
from bishui.server.network.held import in_force, needed
from bishui.server.network.models import Investigation, NetworkVersion, TraceRun
from bishui.server.network.points import SECTIONS
from bishui.server.network.rules import traceable

if TYPE_CHECKING:
    from bishui.network import Section
    from bishui.network.tracing import HitRate

#: Kinds of alerts that can be traced, see `bishui.assessment.AlertKind`.
_TRACED = ("exceedance", "sudden_change", "approaching")


def network_of(division: str) -> NetworkVersion | None:
    """Return the version of the network in force in a division; None where there is none."""
    return in_force(division)


def versions(division: str) -> QuerySet[NetworkVersion]:
    """Return all versions of a division's network, the newest first."""
    return NetworkVersion.objects.filter(division=division).select_related("file").order_by("-number")


def may_trace(alert: Any, user: Any) -> bool:
    """Tell whether a user may ask for a trace of an alert, and it is one of a section that can be traced."""
    of_section = alert.site is not None and alert.site.kind in SECTIONS
    fitting = of_section and alert.kind in _TRACED and alert.item in traceable()
    if not fitting or not rights.allowed(user, "traces.make", alert):
        return False
    return in_force(alert.division) is not None and not is_beside_fiction(alert.division)


def traces_of(city: City, user: Any) -> QuerySet[TraceRun]:
    """Return the traces of a city that a user may see, the newest first."""
    inside = TraceRun.objects.filter(division__startswith=city.division)
    return rights.visible(user, "traces.view", inside).order_by("-at", "-pk")


def traces_about(alert: Any, user: Any) -> QuerySet[TraceRun]:
    """Return the traces of one alert that a user may see."""
    return rights.visible(user, "traces.view", TraceRun.objects.filter(alert=alert.pk)).order_by("-at")


def hit_rate(runs: Iterable[TraceRun]) -> HitRate:
    """Return how good some traces were, as inspections found; those not sent anywhere count nowhere."""
    from bishui.network.tracing import hit_rate as rate

    return rate([finding for run in runs if (finding := _finding(run)) is not None])


def _finding(run: TraceRun) -> Any:
    """Return a trace with what all its inspections found; None where it was not sent to any."""
    from bishui.network.tracing import Finding, Found

    made = list(run.investigations.all())
    if run.result is None or not made:
        return None
    groups = tuple(tuple(group["keys"]) for group in run.result["groups"] if group["probability"] > 0)
    sources = frozenset(key for one in made for key in one.sources)
    outcomes = {one.outcome for one in made}
    found = Found.CONFIRMED if sources else Found.OPEN if "" in outcomes else Found.REFUTED
    return Finding(groups, run.result["verdict"] == "named", found, sources)


def investigations_of(run: TraceRun) -> list[Investigation]:
    """Return what a trace was sent to, with the cases."""
    return list(run.investigations.select_related("case__unit").order_by("at"))


@dataclass(frozen=True, slots=True)
class RoomAnswer:
    """What a place may still take.

    Attributes
    ----------
    reach, chainage
        Where it was taken to lie, m from the top of the reach.
    kg_per_day
        None where no section with a target lies below: then nothing can be said.
    binding
        Name of the section that binds; empty where none does.
    said
        The answer in a sentence.
    doubts
        Why a person should look at the place, in words; empty where it is certain.
    network
        The version that was computed with.
    """

    reach: str
    chainage: float
    kg_per_day: float | None
    binding: str
    said: Text
    doubts: tuple[str, ...]
    network: str


def remaining_room(
    division: str,
    place: str | tuple[Decimal, Decimal],
    item: str,
    *,
    on: date,
    water: str = "",
) -> RoomAnswer:
    """Return what a place may still take of an item (剩余容量), for the application for a new outfall.

    Parameters
    ----------
    division
        Path of the city.
    place
        Code of an outfall that has a place on the network, or longitude and latitude (EPSG:4490).
    item
        One of `rules.item_keys`.
    on
        The day on which targets and limits hold.
    water
        Name of the receiving water, against which a found reach is checked.

    Raises
    ------
    NotFound
        There is no network, no such outfall on it, or no reach near the coordinates.
    NetworkFault
        The network cannot be computed.
    """
    from bishui.server.network.limits import target_classes
    from bishui.server.network.placing import places
    from bishui.server.network.steady import Wanted, capacity_of

    found = needed(division)
    placed = places(found, division)
    section, doubts = _where(found, placed, place, water)
    capacity = capacity_of(found, placed, Wanted(item, on, target_classes(division, on)), [section])
    room = capacity.rooms[0]
    name = found.name(section.reach)
    return RoomAnswer(
        found.network.name(section.reach),
        section.chainage,
        room.load,
        room.binding.thing.name if room.binding else "",
        _said(name, room),
        doubts,
        str(found.version),
    )


def _where(found: Any, placed: Any, place: Any, water: str) -> tuple[Section, tuple[str, ...]]:
    """Return a place on the network, and why a person should look at it."""
    from bishui.network import Section, SnapPoint, snap_points
    from bishui.server.network.placing import usable

    if isinstance(place, str):
        entry = next((one for one in usable(placed, "outfall") if place in one.thing.codes), None)
        if entry is None:
            raise NotFound(
                Text("排污口“{code}”还没有挂接到河网上。", code=place),
                remedy=Text("请先在“位置核对”中核定它的河段。"),
            )
        return entry.section, ()
    lon, lat = place
    digits = max(-int(value.as_tuple().exponent) for value in (lon, lat))
    snap = snap_points([SnapPoint("place", float(lon), float(lat), water, digits)], found.file)[0]
    if snap.place is None:
        raise NotFound(
            Text("（{lon}，{lat}）附近没有河网中的河段。", lon=lon, lat=lat),
            remedy=Text("请核对坐标，或先在“位置核对”中指定河段。"),
        )
    length = float(found.file.reaches.length[snap.place.reach])
    section = Section("place", snap.place.reach, min(snap.place.chainage, length))
    return section, tuple(str(doubt.text) for doubt in snap.doubts)


def _said(name: str, room: Any) -> Text:
    if room.binding is None:
        return Text("{place}下游没有设定目标的断面，无法判断还能接纳多少。", place=name)
    section = room.binding.thing.name
    if room.over:
        return Text(
            "{place}下游断面“{section}”按许可排放量计算已超标，不能再接纳。", place=name, section=section
        )
    return Text(
        "{place}还可接纳 {load:.4g} kg/d，受断面“{section}”约束。",
        place=name,
        load=room.load,
        section=section,
    )
