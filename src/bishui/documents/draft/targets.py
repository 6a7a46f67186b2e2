"""What is to be reached: figures of the sentences, and targets of sections and water sources."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from bishui.documents.draft.records import Lines, number_or_none, number_or_text


@dataclass(frozen=True, slots=True)
class Target:
    """One target stated in a sentence.

    `value` is the number as written (a decimal string), or the wording of a qualitative target; `op` one of
    ``=``, ``>=``, ``<=``, ``increase``, ``decrease``, ``meets``. `task` is the position (from 0) in the list
    of tasks of the one it stands in; None in the body. `scope` names the waters, places or bodies that the
    figure speaks of (全市, 某江流域内); it is empty where the sentence names none.
    """

    text: str
    indicator: str
    op: str
    value: str
    unit: str | None
    deadline: str | None
    qualitative: bool
    line: int
    task: int | None = None
    scope: str = ""

    def to_json(self) -> dict[str, Any]:
        """Return the JSON form."""
        return {
            "text": self.text,
            "indicator": self.indicator,
            "scope": self.scope,
            "op": self.op,
            "value": number_or_text(self.value),
            "unit": self.unit,
            "deadline": self.deadline,
            "qualitative": self.qualitative,
            "line": self.line,
        }


@dataclass(frozen=True, slots=True)
class SectionTarget:
    """The class a section (断面) must reach; `lon` and `lat` are decimal degrees as written."""

    section: str
    water: str
    basin: str
    level: str
    county: str
    city: str
    assessed: str
    lon: str | None
    lat: str | None
    target_class: str
    lines: Lines

    def to_json(self) -> dict[str, Any]:
        """Return the JSON form."""
        return {
            "section": self.section,
            "water": self.water,
            "basin": self.basin,
            "level": self.level,
            "county": self.county,
            "city": self.city,
            "assessed": self.assessed,
            "lon": number_or_none(self.lon),
            "lat": number_or_none(self.lat),
            "class": self.target_class,
            "lines": list(self.lines),
        }


@dataclass(frozen=True, slots=True)
class SourceTarget:
    """The target of a drinking-water source (饮用水水源地)."""

    source: str
    level: str
    county: str
    status: str
    type: str
    lon: str | None
    lat: str | None
    target: str
    lines: Lines

    def to_json(self) -> dict[str, Any]:
        """Return the JSON form."""
        return {
            "source": self.source,
            "level": self.level,
            "county": self.county,
            "status": self.status,
            "type": self.type,
            "lon": number_or_none(self.lon),
            "lat": number_or_none(self.lat),
            "target": self.target,
            "lines": list(self.lines),
        }
