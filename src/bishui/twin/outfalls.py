"""The city's outfalls from the bank to sign-off: what lies where, who discharges, what happened.

The five that the rivers and plants know already (``city.toml``) are the first; the others stand in
``data/outfalls.toml``. Equal cities give equal stories.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from bishui.twin.city import load
from bishui.twin.geometry import point_at
from bishui.twin.model import City

Record = Mapping[str, Any]

#: The steps of a whole way and the days from the finding on which they are taken.
_STEPS = {
    "verified": 14,
    "sampled": 26,
    "tracing": 34,
    "traced": 70,
    "planned": 105,
    "remediating": 130,
    "pending_acceptance": 215,
    "signed_off": 232,
}
_NO_ACTION, _NOT_OUTFALL = 92, 9
#: The day on which the one that had been signed off fails a sample of the bureau.
_FAILED_AGAIN = dt.date(2025, 9, 18)
#: Kinds that treat what they discharge, and those that let rain out.
_PLANTS = ("hj1312-07", "hj1312-09", "hj1312-17")
_RAIN = ("hj1312-04", "hj1312-05", "hj1312-06", "hj1312-08", "hj1312-19")
#: Around which levels the results lie. Of GB 8978 only items whose limit hangs on no date of approval.
_LEVELS = {
    "gb8978": {"codmn": 12.0, "nh3n": 15.0},
    "gb18918": {"cod": 50.0, "nh3n": 5.0, "ss": 10.0},
}
_METHODS = (("desk", "walk"), ("walk", "dye"), ("desk", "fingerprint"), ("walk", "pipe_cctv"))
_MEASURES = {
    "ban": "拆除口门并封堵，停止排放。",
    "merge": "新建截污管接入市政污水管网，封堵口门。",
    "standardise": "清理错接支管，修复口门，设置采样点和标识牌。",
}
_PROBLEMS = {
    "ban": ("illegal_setting", "sewage_direct"),
    "merge": ("sewage_direct",),
    "standardise": ("no_sign", "broken"),
    "": ("other",),
}


@dataclass(frozen=True)
class OutfallStory:
    """An outfall and its way to the stage that it has reached.

    Attributes
    ----------
    county
        Division code; `lon` and `lat` are texts with the digits that the device gave.
    fate
        The stage by the city's day; ``reopened`` = signed off, and begun anew by a failing sample.
    days
        The day of each step that was taken, ``found`` first; ``failed_again`` where there is one.
    """

    id: str
    name_zh: str
    county: str
    village: str
    reach: str
    river: str
    lon: str
    lat: str
    kind: str
    entry: str
    fate: str
    category: str
    unit: str
    abnormal: bool
    days: Mapping[str, dt.date]
    number: int

    @property
    def is_rain(self) -> bool:
        """Whether it lets rain out."""
        return self.kind in _RAIN

    @property
    def standard(self) -> tuple[str, str]:
        """The discharge standard and grade that apply to it; empty texts for none."""
        if self.kind in _PLANTS:
            return "gb18918", "1A"
        scattered = self.category in ("merge", "ban") or not self.kind
        return ("", "") if scattered else ("gb8978", "1")

    @property
    def is_sealed(self) -> bool:
        """Whether its mouth goes when it is put right."""
        return self.category in ("ban", "merge")

    @property
    def measures(self) -> str:
        """What is done to put it right."""
        return _MEASURES.get(self.category, "")

    @property
    def problems(self) -> tuple[str, ...]:
        """What was found wrong with it."""
        return _PROBLEMS[self.category] if self.abnormal else ()

    @property
    def methods(self) -> tuple[str, ...]:
        """How it was traced."""
        return _METHODS[self.number % len(_METHODS)]

    @property
    def funds(self) -> str:
        """What it costs, in 10,000 yuan."""
        return f"{6 + 7 * (self.number % 9)}.5"

    def results(self, *, passing: bool, turn: int = 0) -> dict[str, str]:
        """Return what a laboratory reports of a sample, by item, as written."""
        limits = _LEVELS[self.standard[0] or "gb8978"]
        rng = np.random.default_rng([11, self.number, turn])
        level = 0.45 if passing else 1.35
        found = {"ph": f"{7.0 + 0.6 * float(rng.random()):.1f}"}
        for item, limit in limits.items():
            found[item] = f"{limit * level * (0.8 + 0.3 * float(rng.random())):.3g}"
        return found


@dataclass(frozen=True, slots=True)
class OutfallOwner:
    """A discharger and the outfalls that it reaches; `known` are the outfalls' ids."""

    id: str
    name_zh: str
    county: str
    trade: str
    sewage: str
    credit_code: str
    permit: str
    known: tuple[str, ...]


def outfall_stories(city: City) -> tuple[OutfallStory, ...]:
    """Return the outfalls with what happened to each up to the city's day."""
    lines = {reach.id: np.array(reach.points) for reach in city.reaches}
    rivers = {reach.id: reach.river for reach in city.reaches}
    known = {outfall.id: outfall for outfall in city.outfalls}
    owners = {owner.id: owner for owner in city.dischargers}
    data = load("outfalls.toml")
    found: list[OutfallStory] = []
    for record in data["known"]:
        outfall = known[record["id"]]
        place = {
            "name": outfall.name_zh,
            "county": owners[outfall.discharger].division,
            "village": "",
            "reach": outfall.reach,
        }
        found.append(_story({**place, **record}, (outfall.lon, outfall.lat), rivers, city, len(found)))
    for record in data["outfall"]:
        where = _beside(point_at(lines[record["reach"]], record["at"]), len(found))
        found.append(_story(record, where, rivers, city, len(found)))
    return tuple(found)


def _beside(middle: tuple[float, float], number: int) -> tuple[float, float]:
    """Return a place on the bank, a little off the middle of the river."""
    rng = np.random.default_rng([12, number])
    return tuple(value + 0.004 * (float(rng.random()) - 0.5) for value in middle)  # type: ignore[return-value]


def _story(
    record: Record, where: tuple[float, float], rivers: Mapping[str, str], city: City, number: int
) -> OutfallStory:
    days = {name: day for name, day in _days(record).items() if day <= city.as_of}
    digits = 2 if number % 17 == 16 else 6
    return OutfallStory(
        id=record["id"],
        name_zh=record["name"],
        county=record["county"],
        village=record["village"],
        reach=record["reach"],
        river=rivers[record["reach"]],
        lon=f"{where[0]:.{digits}f}",
        lat=f"{where[1]:.{digits}f}",
        kind=record["kind"],
        entry=record["entry"],
        fate=record["fate"],
        category=record.get("category", ""),
        unit=record.get("unit", ""),
        abnormal=record.get("abnormal", bool(record.get("category")) or record["fate"] == "traced"),
        days=days,
        number=number,
    )


def _days(record: Record) -> dict[str, dt.date]:
    """Return the day of each step up to the fate, ``found`` first."""
    found, fate = record["found"], record["fate"]
    days = {"found": found}
    if fate == "not_outfall":
        return days | {"not_outfall": found + dt.timedelta(_NOT_OUTFALL)}
    last = {"reopened": "signed_off", "no_action": "traced", "suspected": ""}.get(fate, fate)
    for name, after in _STEPS.items():
        if not last:
            break
        days[name] = found + dt.timedelta(after)
        if name == last:
            break
    if fate == "no_action":
        days["no_action"] = found + dt.timedelta(_NO_ACTION)
    if fate == "reopened":
        days["failed_again"] = _FAILED_AGAIN
    return days


def outfall_owners(city: City) -> tuple[OutfallOwner, ...]:
    """Return who discharges: those that the city knows, and those of ``data/outfalls.toml``."""
    own = [
        OutfallOwner(
            discharger.id,
            discharger.name_zh,
            discharger.division,
            discharger.kind,
            "plant" if "污水" in discharger.kind else "industrial",
            "",
            "",
            tuple(outfall.id for outfall in city.outfalls if outfall.discharger == discharger.id),
        )
        for discharger in city.dischargers
    ]
    others = [
        OutfallOwner(
            record["id"],
            record["name"],
            record["county"],
            record["trade"],
            record["sewage"],
            record["credit_code"],
            record["permit"],
            (record["of"],),
        )
        for record in load("outfalls.toml")["discharger"]
    ]
    return (*own, *others)
