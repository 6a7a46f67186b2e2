"""What the invented city consists of, as frozen records."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

import pyarrow as pa
import pyarrow.compute as pc

Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Division:
    """An administrative division (行政区划); `level` is province, city, district or county."""

    code: str
    name_zh: str
    name_en: str
    level: str
    parent: str | None = None


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit (单位) that leads, cooperates or is responsible; `aliases` are the short forms plans use."""

    id: str
    name_zh: str
    name_en: str
    division: str
    kind: str
    aliases: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Collective:
    """A collective name (统称) in a plan and the ids of the units it stands for."""

    name: str
    units: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Reach:
    """A stretch of river or lake (河段).

    `points` are longitude and latitude in degrees (EPSG:4490), from upstream to downstream; `order`
    counts from 1 and is always smaller than that of the reach flowed into; `kind` is main, tributary
    or lake; `length_km` is measured along `points`.
    """

    id: str
    river: str
    kind: str
    order: int
    from_node: str
    to_node: str
    downstream: str | None
    points: tuple[Point, ...]
    length_km: float


@dataclass(frozen=True, slots=True)
class Section:
    """A monitored section (断面).

    `division` is where it lies, `assessed` the division it counts for (考核), `target` the class 1–5,
    `water_type` river or lake or None where nobody has decided it, `monitoring` automatic or manual,
    `levels` the typical level of each item that the generator starts from.
    """

    id: str
    name_zh: str
    name_en: str
    water: str
    basin: str
    reach: str
    control: str
    target: int
    division: str
    assessed: str
    lon: float
    lat: float
    coordinate_digits: int
    water_type: str | None
    monitoring: str
    levels: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class DrinkingSource:
    """A drinking-water source (饮用水水源地); coordinates as text, with the digits that are published."""

    id: str
    name_zh: str
    name_en: str
    level: str
    division: str
    status: str
    kind: str
    lon: str
    lat: str


@dataclass(frozen=True, slots=True)
class SewagePlant:
    """A sewage plant (污水处理厂); `capacity` in 10⁴ t/d, as text."""

    id: str
    name_zh: str
    name_en: str
    division: str
    capacity: str
    standard: str
    lon: float
    lat: float


@dataclass(frozen=True, slots=True)
class Park:
    """An industrial area (工业集聚区) and the ids of the plants that take its water."""

    name_zh: str
    name_en: str
    division: str
    plants: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Discharger:
    """A discharger (排污单位)."""

    id: str
    name_zh: str
    name_en: str
    kind: str
    division: str


@dataclass(frozen=True, slots=True)
class Outfall:
    """An outfall into a river (入河排污口)."""

    id: str
    name_zh: str
    discharger: str
    reach: str
    lon: float
    lat: float


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened, as known truth.

    `sites` or `items` empty means all of them; `end` still belongs to the event. `effect` names the
    mechanism and `size` its strength: millimetres of rain, a factor, or milligrams per litre; an item of
    `ratios` takes so much of it.
    """

    id: str
    kind: str
    start: dt.datetime
    end: dt.datetime
    sites: tuple[str, ...]
    items: tuple[str, ...]
    cause_zh: str
    cause_en: str
    effect: str
    size: float | None = None
    outfall: str | None = None
    ratios: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Progress:
    """One progress report (进度填报) of a unit on a task, and what was decided on it.

    Attributes
    ----------
    reached
        The places (from 1) of the task's milestones that it says are reached.
    figure
        A cumulative value with its unit as written (``23.0公里``), or empty.
    for_all
        A lead unit speaks for all responsible units.
    evidence
        The names of the files handed in.
    sites
        The names of the sections that it points to.
    review
        ``accepted``, ``returned`` (with `reason`) or empty while it waits; `reviewed` is the day.
    """

    date: dt.date
    unit: str
    text: str
    reached: tuple[int, ...] = ()
    figure: str = ""
    for_all: bool = False
    outlook: str = "normal"
    evidence: tuple[str, ...] = ()
    sites: tuple[str, ...] = ()
    review: str = ""
    reviewed: dt.date | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class SetMilestone:
    """A milestone that the bureau has set for a task: what, by when, with which weight."""

    what: str
    due: dt.date
    weight: int


@dataclass(frozen=True, slots=True)
class HandedIn:
    """A report (报送) that a unit handed in on a day."""

    what: str
    unit: str
    date: dt.date
    file: str


@dataclass(frozen=True, slots=True)
class TaskProgress:
    """The reports on a task up to the city's day, the milestones set for it, and the state that follows.

    States: done, late_done, in_progress, behind, due_soon, overdue or not_started.
    """

    seq: int
    state: str
    entries: tuple[Progress, ...]
    milestones: tuple[SetMilestone, ...] = ()


@dataclass(frozen=True)
class City:
    """The invented city as it stands at `as_of`; the same seed and size give the same city."""

    name_zh: str
    name_en: str
    division: str
    year: int
    as_of: dt.date
    seed: int
    size: str
    divisions: tuple[Division, ...]
    units: tuple[Unit, ...]
    collectives: tuple[Collective, ...]
    reaches: tuple[Reach, ...]
    sections: tuple[Section, ...]
    sources: tuple[DrinkingSource, ...]
    plants: tuple[SewagePlant, ...]
    parks: tuple[Park, ...]
    dischargers: tuple[Discharger, ...]
    outfalls: tuple[Outfall, ...]
    events: tuple[Event, ...]

    @cached_property
    def _year_of_measurements(self) -> pa.Table:
        from bishui.twin.readings import measure

        return measure(self)

    def measurements(self, until: dt.date | None = None) -> pa.Table:
        """Return the measurements of the year.

        Parameters
        ----------
        until
            The last day to return, itself included; None gives the whole year, whose part after
            `as_of` lies in the future of the demonstration.

        Returns
        -------
        pyarrow.Table
            Schema `bishui.observations.schema.MEASUREMENTS`, ordered by site, time and item.
        """
        table = self._year_of_measurements
        if until is None:
            return table
        end = dt.datetime.combine(until, dt.time.max).replace(microsecond=0)
        return table.filter(pc.less_equal(table["time"], pa.scalar(end, pa.timestamp("s"))))

    def sites(self) -> pa.Table:
        """Return the sections as a table of schema `bishui.observations.schema.SITES`."""
        from bishui.twin.tables import sites_table

        return sites_table(self)

    def targets(self) -> pa.Table:
        """Return the year's targets as a table of schema `bishui.observations.schema.TARGETS`."""
        from bishui.twin.tables import targets_table

        return targets_table(self)

    def division_named(self, code: str) -> Division:
        """Return the division with `code`."""
        return next(division for division in self.divisions if division.code == code)
