"""Published facts about a real place, as frozen records; every fact names its document and line.

Numbers that a document prints are kept as text, so that their digits stay. What it does not print is None.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Document:
    """A published document (文件) that facts are taken from."""

    id: str
    title: str
    year: int
    kind: str


@dataclass(frozen=True, slots=True)
class Division:
    """An administrative division (行政区划) with its GB/T 2260 code."""

    code: str
    name_zh: str
    name_en: str
    level: str
    parent: str | None = None


@dataclass(frozen=True, slots=True)
class ClassTarget:
    """The target class (水质目标) of one section for one year; it says nothing about another year.

    `target_class` is 1–5; `line` counts in the document's text export.
    """

    target_class: int
    year: int
    document: str
    line: int


@dataclass(frozen=True, slots=True)
class OtherName:
    """Another way in which a document writes a name; whether both are one place is for a person to say."""

    name: str
    document: str
    line: int


@dataclass(frozen=True, slots=True)
class Section:
    """A section (断面) as published.

    Attributes
    ----------
    control
        国控 (national), 区控 (regional) or 市控 (city).
    county, counties
        The county as printed, and the codes it stands for.
    city, assessed
        Where it lies (设区市) and which city it counts for (考核城市), as printed.
    lon, lat
        Degrees as printed.
    water_type
        ``river`` or ``lake`` where the document's text calls the water so, at `water_type_line`.
    """

    id: str
    name_zh: str
    control: str
    water: str
    document: str
    line: int
    targets: tuple[ClassTarget, ...]
    counties: tuple[str, ...] = ()
    county: str | None = None
    city: str | None = None
    assessed: str | None = None
    basin: str | None = None
    lon: str | None = None
    lat: str | None = None
    water_type: str | None = None
    water_type_line: int | None = None
    also_written: tuple[OtherName, ...] = ()

    def target_of(self, year: int) -> ClassTarget | None:
        """Return the target of `year`; None where no document gives one for that year."""
        return next((target for target in self.targets if target.year == year), None)


@dataclass(frozen=True, slots=True)
class DrinkingSource:
    """A drinking-water source (饮用水水源地) as published; `kind` is 河流, 湖库型 … as printed."""

    id: str
    name_zh: str
    level: str
    year: int
    document: str
    line: int
    counties: tuple[str, ...] = ()
    county: str | None = None
    town: str | None = None
    status: str | None = None
    kind: str | None = None
    lon: str | None = None
    lat: str | None = None
    target: str | None = None


@dataclass(frozen=True, slots=True)
class Plant:
    """A sewage plant that takes the water of an industrial area; `capacity` in 10⁴ t/d, as printed."""

    id: str
    name_zh: str
    area: str
    park: str
    capacity: str
    standard: str
    year: int
    document: str
    line: int


@dataclass(frozen=True, slots=True)
class FlowTarget:
    """An ecological flow (生态流量) to be kept at a gauging section."""

    water: str
    section: str
    value: str
    unit: str
    kind: str
    region: str
    year: int
    document: str
    line: int


@dataclass(frozen=True, slots=True)
class Buffer:
    """A buffer strip (生态缓冲带) to be restored by `year`."""

    county: str
    section: str
    water: str
    water_type: str
    length_km: str
    year: int
    document: str
    line: int


@dataclass(frozen=True, slots=True)
class Target:
    """A quantitative target (指标) of a plan: `op` is =, >=, <= or increase; `unit` None means a ratio."""

    indicator: str
    op: str
    value: str
    year: int
    document: str
    line: int
    unit: str | None = None


@dataclass(frozen=True, slots=True)
class Readings:
    """A file of published readings, in the published layout; its times have no year, `year` is theirs."""

    path: Path
    year: int
    first_day: dt.date
    last_day: dt.date
    source: str
    sections: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Place:
    """What has been published about one city. `provenance` names every source, one sentence each."""

    key: str
    name_zh: str
    name_en: str
    division: str
    documents: tuple[Document, ...]
    divisions: tuple[Division, ...]
    sections: tuple[Section, ...]
    sources: tuple[DrinkingSource, ...]
    plants: tuple[Plant, ...]
    flow_targets: tuple[FlowTarget, ...]
    buffers: tuple[Buffer, ...]
    targets: tuple[Target, ...]
    readings: Readings
    provenance: tuple[str, ...]

    @property
    def readings_path(self) -> Path:
        """The file of published readings."""
        return self.readings.path
