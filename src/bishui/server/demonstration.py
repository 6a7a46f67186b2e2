"""The demonstrations: the invented city at full depth, and two real cities with published facts only.

Everything goes in by the doors that users have: registers, imports, progress reports, cases.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Mapping
from datetime import datetime, time, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from bishui import places, twin
from bishui.i18n import Text
from bishui.server.accounts import services as accounts
from bishui.server.accounts import workspaces
from bishui.server.accounts.models import Division, Unit, User
from bishui.server.cases import queries as case_queries
from bishui.server.cases import services as cases
from bishui.server.core import audit, files, imports
from bishui.server.core.models import AuditEntry, ImportSession
from bishui.server.plans import queries as plan_queries
from bishui.server.plans import services as plans
from bishui.server.sites import services as sites

Say = Callable[[Text], None]
_LEVELS = {"city": "city", "county": "county", "district": "county"}
_DAYS_TO_ANSWER = 15
_CONTROL = {"国控": "national", "区控": "regional", "市控": "city"}


def load_all(say: Say) -> None:
    """Load what is not there yet; running it again changes nothing."""
    operator = accounts.console_user()
    load_twin(operator, say)
    load_places(operator, say)


def _is_loaded(key: str) -> bool:
    return AuditEntry.objects.filter(action="core.demonstration_loaded", params__key=key).exists()


def _loaded(key: str, name: str, operator: User) -> None:
    """Write down that a demonstration is whole; a load that was cut off is done again, step by step."""
    with audit.action("core.demonstration_loaded", actor=operator, key=key, name=name):
        pass


def load_twin(operator: User, say: Say) -> None:
    """Load the invented city, as at its fixed day."""
    if _is_loaded("twin"):
        return
    say(Text("载入虚构示范城市 …"))
    city = twin.build_city()
    with audit.action("core.demonstration", actor=operator, name=city.name_zh):
        paths = _divisions(city, operator)
        units = _units(city, paths, operator)
        _sites(city, paths, operator)
        sites.save_reaches(paths[city.division], twin.schematic(city), actor=operator)
    with tempfile.TemporaryDirectory() as folder:
        _measurements(city, Path(folder), paths[city.division], operator)
        _plan(city, Path(folder), paths[city.division], operator)
    _progress(city, paths[city.division], units, operator)
    _case(paths[city.division], operator)
    _loaded("twin", city.name_zh, operator)


def _divisions(city: twin.City, operator: User) -> dict[str, str]:
    paths: dict[str, str] = {}
    for division in city.divisions:
        if division.code == city.division:
            saved = accounts.save_division(
                division.code,
                division.name_zh,
                actor=operator,
                level="city",
                name_en=division.name_en,
                fiction=True,
                as_of=city.as_of,
            )
        elif division.parent == city.division:
            saved = accounts.save_division(
                division.code,
                division.name_zh,
                parent=city.division,
                actor=operator,
                level=_LEVELS[division.level],
                name_en=division.name_en,
            )
        else:
            continue
        paths[division.code] = saved.division
    return paths


def _units(city: twin.City, paths: Mapping[str, str], operator: User) -> dict[str, Unit]:
    return {
        unit.id: accounts.save_unit(
            unit.id,
            unit.name_zh,
            division=paths[unit.division],
            actor=operator,
            kind="government" if unit.kind == "government" else "department",
            aliases="；".join(unit.aliases),
        )
        for unit in city.units
        if unit.division in paths
    }


def _sites(city: twin.City, paths: Mapping[str, str], operator: User) -> None:
    root = paths[city.division]
    for section in city.sections:
        sites.save_site(
            section.id,
            section.name_zh,
            kind="section",
            division=paths.get(section.assessed, root),
            actor=operator,
            water_type=section.water_type or "",
            water=section.water,
            basin=section.basin,
            control_level=_CONTROL.get(section.control, ""),
            county=paths.get(section.division, ""),
            lon=_degrees(section.lon, section.coordinate_digits),
            lat=_degrees(section.lat, section.coordinate_digits),
            datum="CGCS2000",
        )
    for source in city.sources:
        sites.save_site(
            source.id,
            source.name_zh,
            kind="drinking_water_source",
            division=paths.get(source.division, root),
            actor=operator,
            water_type={"河流": "river", "湖库": "lake"}.get(source.kind, ""),
            county=paths.get(source.division, ""),
            lon=Decimal(source.lon),
            lat=Decimal(source.lat),
            datum="CGCS2000",
        )
    for plant in city.plants:
        sites.save_site(
            plant.id,
            plant.name_zh,
            kind="sewage_plant",
            division=paths.get(plant.division, root),
            actor=operator,
            county=paths.get(plant.division, ""),
            lon=_degrees(plant.lon, 4),
            lat=_degrees(plant.lat, 4),
            datum="CGCS2000",
            note=str(
                Text(
                    "设计规模 {capacity} 万吨/日，{standard}",
                    capacity=plant.capacity,
                    standard=plant.standard,
                )
            ),
        )


def _degrees(value: float, digits: int) -> Decimal:
    return Decimal(f"{value:.{digits}f}")


def _import(kind: str, path: Path, division: str, operator: User, **options: Any) -> ImportSession:
    session = imports.receive(
        kind, files.chunks_of(path), path.name, division=division, actor=operator, options=options
    )
    imports.run_now(session, actor=operator)
    return session


def _measurements(city: twin.City, folder: Path, division: str, operator: User) -> None:
    written = twin.measurement_files(city, folder)
    _import("observations", written["automatic"], division, operator, year=city.year)
    _import("observations", written["manual"], division, operator)


def _plan(city: twin.City, folder: Path, division: str, operator: User) -> None:
    _import("plan", twin.write_plan(city, folder)["txt"], division, operator)


def _progress(city: twin.City, division: str, units: Mapping[str, Unit], operator: User) -> None:
    reports = [
        (entry.date, found.seq, entry) for found in twin.task_progress(city) for entry in found.entries
    ]
    with audit.action("core.demonstration", actor=operator, name=city.name_zh, division=division):
        if plan_queries.has_progress(division):
            return
        for day, seq, entry in sorted(reports, key=lambda report: report[:2]):
            plans.report_progress(
                plan_queries.task_of(division, seq),
                units[entry.unit],
                percent=entry.percent,
                text=entry.text,
                actor=operator,
                at=datetime.combine(day, time(9, 0)),
            )


def _case(division: str, operator: User) -> None:
    """Open one supervision notice on the task that is overdue longest, and issue it."""
    workspace = workspaces.of_root(Division.objects.get(division=division))
    late = plan_queries.overdue(workspace, limit=1)
    if not late or case_queries.open_cases(workspace):
        return
    task = plan_queries.task_of(division, late[0].number)
    unit = next(role.unit for role in task.unit_roles.all() if role.role == "lead" and role.unit)
    day = workspace.today
    notice = cases.open_case(
        str(Text("督办：{title}", title=late[0].title)),
        str(Text("任务已超过完成时限 {due}，请说明原因、补办措施和完成日期。", due=late[0].due)),
        division=unit.division,
        unit=unit,
        deadline=day + timedelta(days=_DAYS_TO_ANSWER),
        actor=operator,
        at=datetime.combine(day, time(10, 0)),
        about=("task", str(task.pk), str(task)),
    )
    cases.advance(notice, "issue", actor=operator)


def load_places(operator: User, say: Say) -> None:
    """Load the published facts of the real cities: no tasks, no cases, nothing invented."""
    for place in places.places():
        if _is_loaded(place.key):
            continue
        say(Text("载入{city}的公开资料 …", city=place.name_zh))
        with audit.action("core.demonstration", actor=operator, name=place.name_zh):
            paths = _place_divisions(place, operator)
            _place_sites(place, paths, operator)
            for document in place.documents:
                _published(place, document, paths[place.division], operator)
        root = paths[place.division]
        _import("observations", place.readings.path, root, operator, year=place.readings.year)
        _loaded(place.key, place.name_zh, operator)


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
            control_level=_CONTROL.get(section.control, ""),
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
            water_type={"河流": "river", "河流型": "river", "湖库": "lake", "湖库型": "lake"}.get(
                source.kind or "", ""
            ),
            county=_one(source.counties, paths),
            note=_cited(place, source.document, source.line),
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
