"""The real cities: published facts only; no tasks, no cases, nothing invented."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from bishui import places
from bishui.i18n import Text
from bishui.server.accounts import services as accounts
from bishui.server.accounts.models import User
from bishui.server.core import audit
from bishui.server.demonstrations.loading import (
    CONTROL,
    Say,
    import_file,
    is_loaded,
    loaded,
    plant_fields,
    source_fields,
)
from bishui.server.plans import services as plans
from bishui.server.sites import services as sites


def load_places(operator: User, say: Say) -> None:
    """Load the published facts of the real cities: no tasks, no cases, nothing invented."""
    for place in places.places():
        if is_loaded(place.key):
            continue
        say(Text("载入{city}的公开资料 …", city=place.name_zh))
        with audit.action("core.demonstration", actor=operator, name=place.name_zh):
            paths = _place_divisions(place, operator)
            _place_sites(place, paths, operator)
            for document in place.documents:
                _published(place, document, paths[place.division], operator)
        root = paths[place.division]
        import_file("observations", place.readings.path, root, operator, year=place.readings.year)
        loaded(place.key, place.name_zh, operator)


def _place_divisions(place: places.Place, operator: User) -> dict[str, str]:
    """Save the city and its counties; the city is a workspace of its own."""
    paths: dict[str, str] = {}
    for division in place.divisions:
        if place.division not in (division.code, division.parent):
            continue
        parent = "" if division.code == place.division else place.division
        saved = accounts.save_division(
            division.code,
            division.name_zh,
            parent=parent,
            actor=operator,
            level=division.level,
            name_en=division.name_en,
        )
        paths[division.code] = saved.division
    return paths


def _place_sites(place: places.Place, paths: Mapping[str, str], operator: User) -> None:
    root = paths[place.division]
    for section in place.sections:
        sites.save_site(
            section.id,
            section.name_zh,
            kind="section",
            division=root,
            actor=operator,
            water_type=section.water_type or "",
            water=section.water,
            basin=section.basin or "",
            control_level=CONTROL.get(section.control, ""),
            county=_one(section.counties, paths),
            note=_cited(place, section.document, section.line),
            **_coordinates(section.lon, section.lat),
        )
    for source in place.sources:
        sites.save_site(
            source.id,
            source.name_zh,
            kind="drinking_water_source",
            division=root,
            actor=operator,
            county=_one(source.counties, paths),
            note=_cited(place, source.document, source.line),
            **source_fields(source.level, source.kind, source.status),
            **_coordinates(source.lon, source.lat),
        )
    for plant in place.plants:
        sites.save_site(
            plant.id,
            plant.name_zh,
            kind="sewage_plant",
            division=root,
            actor=operator,
            note=_cited(place, plant.document, plant.line),
            **plant_fields(plant.capacity, plant.standard),
        )
    for number, flow in enumerate(place.flow_targets, 1):
        sites.save_site(
            f"{place.key}-flow-{number}",
            flow.section,
            kind="hydrometric_station",
            division=root,
            actor=operator,
            water=flow.water,
            base_flow=Decimal(flow.value),
            note=_cited(place, flow.document, flow.line),
        )


def _one(counties: tuple[str, ...], paths: Mapping[str, str]) -> str:
    return paths.get(counties[0], "") if len(counties) == 1 else ""


def _coordinates(lon: str | None, lat: str | None) -> dict[str, Any]:
    """Return the coordinates as printed; their datum is not published."""
    return {"lon": Decimal(lon), "lat": Decimal(lat)} if lon and lat else {}


def _cited(place: places.Place, document: str, line: int) -> str:
    title = next(item.title for item in place.documents if item.id == document)
    return f"《{title}》第 {line} 行"


def _published(place: places.Place, document: places.Document, division: str, operator: User) -> None:
    plans.record_published_targets(
        division,
        document.title,
        published_by=place.name_zh,
        actor=operator,
        year=document.year,
        file_name=document.id,
        targets=[_target(item) for item in place.targets if item.document == document.id],
        section_targets=[
            _section_target(section, target)
            for section in place.sections
            for target in section.targets
            if target.document == document.id and target.year == document.year
        ],
        source_targets=[_source_target(item) for item in place.sources if item.document == document.id],
    )


def _target(item: places.Target) -> dict[str, Any]:
    return {
        "indicator": item.indicator,
        "op": item.op,
        "value": item.value,
        "unit": item.unit,
        "deadline": f"{item.year}-12-31",
        "line": item.line,
    }


def _section_target(section: places.Section, target: places.ClassTarget) -> dict[str, Any]:
    return {
        "section": section.name_zh,
        "class": "ⅠⅡⅢⅣⅤ"[target.target_class - 1] + "类",
        "water": section.water,
        "basin": section.basin,
        "level": section.control,
        "county": section.county,
        "city": section.city,
        "assessed": section.assessed,
        "lon": section.lon,
        "lat": section.lat,
        "line": target.line,
    }


def _source_target(source: places.DrinkingSource) -> dict[str, Any]:
    return {
        "source": source.name_zh,
        "level": source.level,
        "county": source.county,
        "status": source.status,
        "type": source.kind,
        "lon": source.lon,
        "lat": source.lat,
        "target": source.target,
        "line": source.line,
    }
