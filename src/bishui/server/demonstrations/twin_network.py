"""The invented city's network: its file, what its outfalls may discharge, places, and one trace."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from bishui import twin
from bishui.i18n import Text
from bishui.server.accounts.models import User
from bishui.server.alerts import queries as alerts
from bishui.server.core import clock
from bishui.server.core.advancing import advance
from bishui.server.demonstrations.loading import fill_register, import_file
from bishui.server.demonstrations.twin_work import People
from bishui.server.network import queries, services
from bishui.server.network.held import needed
from bishui.server.network.placing import places, unsure

#: The unit that investigates.
_INVESTIGATOR = "990102-ecology"
_DAYS_TO_ANSWER = 14


def load_network(city: twin.City, folder: Path, workspace: Any, people: People, operator: User) -> None:
    """Load all of it; what is there already is left as it is."""
    if queries.network_of(workspace.division) is None:
        written = twin.network_files(city, folder)
        import_file(
            "network",
            written["reaches.geojson"],
            workspace.division,
            operator,
            cut_out="no",
            equal_shares="no",
        )
    fill_register("discharges", (_row(entry) for entry in twin.discharges(city)), operator)
    _places(city, workspace, people)
    _trace(city, workspace, people)


def _row(entry: dict[str, str]) -> dict[str, str]:
    """Return what an outfall may discharge as a row of the register."""
    kept = ("name", "discharger", "kind", "flow", "cod", "nh3n", "tp", "tn", "division", "lon", "lat")
    return {"code": entry["outfall"]} | {name: entry[name] for name in kept}


def _places(city: twin.City, workspace: Any, people: People) -> None:
    """Say where the intakes lie whose published coordinates are too coarse to tell."""
    found = needed(workspace.division)
    known = twin.intake_places(city)
    for entry in unsure(places(found, workspace.division)):
        if entry.thing.code in known:
            reach, chainage = known[entry.thing.code]
            with clock.on(city.as_of):
                services.decide_place(
                    found,
                    entry.thing,
                    reach,
                    Decimal(chainage),
                    reason=str(Text("水源地划定方案中的取水口位置")),
                    actor=people.reviewer,
                )


def _trace(city: twin.City, workspace: Any, people: People) -> None:
    """Trace the first spill by the alert that it raised, and send its first suspects to be investigated."""
    if queries.traces_of(workspace, people.lead).exists():
        return
    spill = next(event for event in city.events if event.kind == "spill")
    seen = alerts.alerts_of(workspace, people.lead).filter(
        site__code__in=spill.sites,
        item=spill.items[0],
        kind="exceedance",
        level="reading",
        first__range=(spill.start, spill.end),
    )
    alert = seen.order_by("first").first()
    if alert is None:
        return
    with clock.on(city.as_of):
        run = services.ask_trace(alert, workspace, actor=people.reviewer)
        services.run_trace(run)
        if run.result is None:
            return
        made = services.dispatch(
            run,
            run.result["groups"][0]["keys"],
            str(Text("溯源线索核查：{name}", name=run.name[:150])),
            str(Text("请核查运行台账、在线数据和雨污排口，采样取证，并反馈核查情况。")),
            unit=people.units[_INVESTIGATOR],
            deadline=city.as_of + timedelta(days=_DAYS_TO_ANSWER),
            actor=people.lead,
        )
        # Somebody of the unit can sign in and answer it.
        people.reporter(_INVESTIGATOR)
        advance(made.case, "issue", actor=people.lead)
