"""What may lie on a network: sections, intakes of drinking water and outfalls, with their coordinates."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.urls import reverse

from bishui.server.network.models import Discharge
from bishui.server.outfalls import queries as outfalls
from bishui.server.sites import queries as sites

SECTIONS = ("section", "lake_point")
_SOURCE = "drinking_water_source"
_OUTFALL = "outfall_point"


@dataclass(frozen=True, slots=True)
class Thing:
    """Something that lies on a network.

    Attributes
    ----------
    key
        ``site:…`` or ``outfall:…``; by this its place is decided.
    kind
        Key of `models.PLACE_KINDS`.
    code
        Of the site or the outfall, as it is written in files.
    division
        Who decides its place.
    digits
        How many decimals its coordinates were given with.
    discharge
        What it may discharge; None of a section, and of an outfall that is not in the register.
    """

    key: str
    kind: str
    code: str
    name: str
    division: str
    water: str
    lon: Decimal | None
    lat: Decimal | None
    digits: int
    url: str
    site: UUID | None = None
    water_type: str = ""
    discharge: Discharge | None = None

    @property
    def codes(self) -> tuple[str, ...]:
        """Its code, and that of its permit where registers differ."""
        return (self.code, self.discharge.code) if self.discharge else (self.code,)


def things(division: str) -> list[Thing]:
    """Return everything in a division's subtree that may lie on its network, by kind and name.

    An outfall lies where the register of outfalls says; else where that of permitted discharges does; a
    sampling point stands for an outfall that neither has.
    """
    permits = {entry.code: entry for entry in Discharge.objects.filter(division__startswith=division)}
    found = [_of_site(site) for site in sites.places_of(division, (*SECTIONS, _SOURCE)) if _on_rivers(site)]
    listed: dict[str, Thing] = {}
    for entry in outfalls.outfalls_of(division):
        codes = _codes(entry)
        thing = _of_outfall(entry, next((permits[code] for code in codes if code in permits), None))
        listed |= dict.fromkeys(codes, thing)
    for code, permit in permits.items():
        listed.setdefault(code, _of_discharge(permit))
    for site in sites.places_of(division, (_OUTFALL,)):
        listed.setdefault(site.outfall or site.code, _of_site(site))
    single = {thing.key: thing for thing in [*found, *listed.values()]}
    return sorted(single.values(), key=lambda thing: (thing.kind, thing.name, thing.key))


def _codes(entry: Any) -> tuple[str, ...]:
    """Return the codes by which other registers may name an outfall, its own first."""
    return tuple(code for code in (entry.code, entry.official_code, entry.regional_code) if code)


def _on_rivers(site: Any) -> bool:
    return bool(site.source_water != "ground")


def _of_site(site: Any) -> Thing:
    kinds = {_SOURCE: "intake", _OUTFALL: "outfall"}
    kind = kinds.get(site.kind, "section")
    code = (site.outfall or site.code) if kind == "outfall" else site.code
    return Thing(
        key=f"outfall:{code}" if kind == "outfall" else f"site:{site.id}",
        kind=kind,
        code=code,
        name=site.name,
        division=site.division,
        water=site.water,
        lon=site.lon,
        lat=site.lat,
        digits=site.digits or 0,
        url=reverse("sites:site", args=[site.id]),
        site=site.id,
        water_type=site.water_type,
    )


def _of_outfall(entry: Any, permit: Discharge | None) -> Thing:
    """Return an outfall of the register of outfalls, with what it may discharge."""
    return Thing(
        key=f"outfall:{entry.code}",
        kind="outfall",
        code=entry.code,
        name=entry.name or entry.code,
        division=entry.division,
        water=permit.water if permit else "",
        lon=entry.lon,
        lat=entry.lat,
        digits=entry.coordinate_digits or 0,
        url=reverse("outfalls:outfall", args=[entry.code]),
        discharge=permit,
    )


def _of_discharge(entry: Discharge) -> Thing:
    return Thing(
        key=f"outfall:{entry.code}",
        kind="outfall",
        code=entry.code,
        name=entry.name,
        division=entry.division,
        water=entry.water,
        lon=entry.lon,
        lat=entry.lat,
        digits=entry.coordinate_digits or 0,
        url="",
        discharge=entry,
    )
