"""The invented city, as at its fixed day."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from datetime import datetime, time, timedelta
from decimal import Decimal
from pathlib import Path

from bishui import twin
from bishui.i18n import Text
from bishui.server.accounts import services as accounts
from bishui.server.accounts import workspaces
from bishui.server.accounts.models import Division, Unit, User
from bishui.server.cases import queries as case_queries
from bishui.server.cases import services as cases
from bishui.server.core import audit, clock
from bishui.server.core.advancing import advance
from bishui.server.demonstrations.loading import (
    CONTROL,
    Say,
    fill_register,
    import_file,
    is_loaded,
    loaded,
    plant_fields,
    source_fields,
)
from bishui.server.demonstrations.supervision import load_supervision
from bishui.server.demonstrations.twin_network import load_network
from bishui.server.demonstrations.twin_outfalls import load_outfalls
from bishui.server.demonstrations.twin_results import load_results
from bishui.server.demonstrations.twin_work import People, load_work
from bishui.server.plans import queries as plan_queries
from bishui.server.sites import services as sites

_LEVELS = {"city": "city", "county": "county", "district": "county"}
_DAYS_TO_ANSWER = 15


def load_twin(operator: User, say: Say) -> None:
    """Load the invented city, as at its fixed day."""
    if is_loaded("twin"):
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
    load_work(city, paths[city.division], units, operator)
    _case(paths[city.division], operator)
    root = Division.objects.get(code=city.division)
    people = People(paths[city.division], units, operator)
    load_results(city, workspaces.of_root(root), people, operator)
    load_outfalls(city, paths, people, operator)
    with tempfile.TemporaryDirectory() as folder:
        load_network(city, Path(folder), workspaces.of_root(root), people, operator)
    load_supervision(workspaces.of_root(root), people, operator)
    loaded("twin", city.name_zh, operator)


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
            control_level=CONTROL.get(section.control, ""),
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
            county=paths.get(source.division, ""),
            lon=Decimal(source.lon),
            lat=Decimal(source.lat),
            datum="CGCS2000",
            **source_fields(source.level, source.kind, source.status),
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
            **plant_fields(plant.capacity, plant.standard),
        )
    fill_register("sites", (_place_row(place) for place in twin.places(city)), operator)


def _place_row(place: twin.Place) -> dict[str, str]:
    """Return a further place of measurement as a row of the register of sites."""
    return {
        "code": place.id,
        "name": place.name_zh,
        "kind": place.kind,
        "division": place.division,
        "county": place.division,
        "lon": place.lon,
        "lat": place.lat,
        "datum": "CGCS2000",
        **place.fields,
    }


def _degrees(value: float, digits: int) -> Decimal:
    return Decimal(f"{value:.{digits}f}")


def _measurements(city: twin.City, folder: Path, division: str, operator: User) -> None:
    written = twin.measurement_files(city, folder)
    import_file("observations", written["history"], division, operator)
    import_file("observations", written["automatic"], division, operator, year=city.year)
    import_file("observations", written["manual"], division, operator)
    import_file("observations", written["places"], division, operator)


def _plan(city: twin.City, folder: Path, division: str, operator: User) -> None:
    import_file("plan", twin.write_plan(city, folder)["txt"], division, operator)


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
    with clock.on(day):
        advance(notice, "issue", actor=operator)
