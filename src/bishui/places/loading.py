"""Reading the data files of the places."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

from bishui.errors import NotFound
from bishui.i18n import Text
from bishui.places.model import (
    Buffer,
    ClassTarget,
    Division,
    Document,
    DrinkingSource,
    FlowTarget,
    OtherName,
    Place,
    Plant,
    Readings,
    Section,
    Target,
)

_DATA = Path(__file__).parent / "data"
_KEYS = ("liuzhou", "qinzhou")

T = TypeVar("T")


def places() -> tuple[Place, ...]:
    """Return every place of which published facts are kept."""
    return tuple(_load(key) for key in _KEYS)


def place(key: str) -> Place:
    """Return the place called `key`.

    Raises
    ------
    NotFound
        When no facts of such a place are kept.
    """
    if key not in _KEYS:
        raise NotFound(
            Text("没有“{key}”的公开资料。", key=key),
            remedy=Text("现有：{keys}。", keys="、".join(_KEYS)),
        )
    return _load(key)


@cache
def _load(key: str) -> Place:
    data = tomllib.loads((_DATA / f"{key}.toml").read_text(encoding="utf-8"))
    head = data["place"]
    divisions = _all(Division, data, "division")
    documents = _all(Document, data, "document")
    readings = _readings(data["readings"])
    titles = tuple(f"《{document.title}》" for document in documents)
    return Place(
        key=head["key"],
        name_zh=next(division.name_zh for division in divisions if division.code == head["division"]),
        name_en=head["name_en"],
        division=head["division"],
        documents=documents,
        divisions=divisions,
        sections=tuple(_section(record) for record in data["section"]),
        sources=tuple(_source(record) for record in data["source"]),
        plants=_all(Plant, data, "plant"),
        flow_targets=_all(FlowTarget, data, "flow_target"),
        buffers=_all(Buffer, data, "buffer"),
        targets=_all(Target, data, "target"),
        readings=readings,
        provenance=(*titles, head["division_source"], readings.source),
    )


def _all(kind: type[T], data: Mapping[str, Any], table: str) -> tuple[T, ...]:
    return tuple(kind(**record) for record in data.get(table, ()))


def _section(record: Mapping[str, Any]) -> Section:
    targets = tuple(
        ClassTarget(target["class"], target["year"], target["document"], target["line"])
        for target in record["targets"]
    )
    names = tuple(OtherName(**name) for name in record.get("also_written", ()))
    counties = tuple(record.get("counties", ()))
    return Section(**{**record, "targets": targets, "also_written": names, "counties": counties})


def _source(record: Mapping[str, Any]) -> DrinkingSource:
    return DrinkingSource(**{**record, "counties": tuple(record.get("counties", ()))})


def _readings(record: Mapping[str, Any]) -> Readings:
    return Readings(
        path=_DATA / record["file"],
        year=record["year"],
        first_day=record["first_day"],
        last_day=record["last_day"],
        source=record["source"],
        sections=tuple(record["sections"]),
    )
