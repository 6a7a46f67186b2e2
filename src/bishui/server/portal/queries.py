"""Reads of this app: what is released, and of it just what the law wants shown.

What a page shows of an outfall is written down field by field (`told`); nothing reaches the public by being
a field of a record. Contacts, phones of people, suspicions and draws under way are not in it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.apps import apps
from django.db.models import Q, QuerySet

from bishui.server.accounts import workspaces
from bishui.server.approvals import queries as approvals
from bishui.server.core import workflow
from bishui.server.inspections import queries as inspections
from bishui.server.outfalls import milestones
from bishui.server.outfalls import queries_supervision as outfalls
from bishui.server.portal.models import Complaint, Office, Release
from bishui.server.reporting import queries as reports

#: States in which an outfall is not one for the public yet, or is none at all.
_HIDDEN = ("", "suspected", "not_outfall")
#: States in which who answers for it is a suspicion that was not served.
_UNTRACED = ("verified", "sampled", "tracing")


def cities() -> list[workspaces.Workspace]:
    """Return the cities of which anything is released, in their order."""
    on = set(Release.objects.filter(on=True).values_list("division", flat=True))
    roots = apps.get_model("accounts", "Division")._default_manager.filter(parent="").order_by("code")
    return [workspaces.of_root(root) for root in roots if any(path.startswith(root.division) for path in on)]


def city(code: str) -> workspaces.Workspace | None:
    """Return a city of which anything is released, by its code."""
    return next((one for one in cities() if one.code == code), None)


def city_of(division: str) -> workspaces.Workspace | None:
    """Return the city that a division path lies in, where anything of it is released."""
    return next((one for one in cities() if division.startswith(one.division)), None)


def released(division: str, name: str) -> bool:
    """Tell whether a list is released for a division: what was said of the narrowest above it counts."""
    said = {one.division: one.on for one in Release.objects.filter(list=name)}
    holding = [path for path in said if division.startswith(path)]
    return bool(holding) and said[max(holding, key=len)]


def released_within(division: str, name: str) -> Q:
    """Return the condition that a record of a city belongs to a division for which a list is released."""
    condition = Q(pk__in=[])
    # From the widest to the narrowest, so that what was said of a county counts in it.
    for one in sorted(Release.objects.filter(list=name), key=lambda each: len(each.division)):
        inside = Q(division__startswith=one.division)
        condition = condition | inside if one.on else condition & ~inside
    return condition & Q(division__startswith=division)


def lists_of(division: str) -> list[str]:
    """Return the lists of which anything is released in a city."""
    on = Release.objects.filter(on=True, division__startswith=division).values_list("list", flat=True)
    return sorted(set(on))


def office_of(division: str) -> Office | None:
    """Return whom the public may turn to: the office of the narrowest division that has one."""
    holding = [one for one in Office.objects.all() if division.startswith(one.division)]
    return max(holding, key=lambda one: len(one.division), default=None)


def public_outfalls(division: str) -> QuerySet[Any]:
    """Return the outfalls of a city that are public."""
    found = outfalls.not_merged().filter(released_within(division, "outfalls"))
    return found.exclude(stage__in=_HIDDEN).select_related("responsible", "supervising")


def public_outfall(code: str) -> Any | None:
    """Return a public outfall by its local code: the stable address, also after the official code arrives."""
    one = outfalls.by_codes([code]).get(code)
    if one is None or one.stage in _HIDDEN or not released(one.division, "outfalls"):
        return None
    return one


@dataclass(frozen=True, slots=True)
class Told:
    """What the public is told of an outfall, and nothing else."""

    code: str
    official_code: str
    name: str
    kind: str
    water: str
    responsible: str
    supervising: str
    state: str
    result: tuple[date, bool] | None
    merged_into: str
    removed_on: date | None


def told(shown: Sequence[Any]) -> list[Told]:
    """Return what the public is told of outfalls: names of bodies, state, latest supervisory result."""
    waters = outfalls.water_names({one.water for one in shown if one.water})
    results = inspections.latest_results(shown)
    states = workflow.load_all()["outfall_round"].states
    return [
        Told(
            code=one.code,
            official_code=one.official_code,
            name=one.name,
            kind=str(one.type.label) if one.type else "",
            water=waters.get(one.water, ""),
            responsible="" if one.stage in _UNTRACED else one.responsible_name or str(one.responsible or ""),
            supervising=str(one.supervising or ""),
            state=str(states[one.stage].label) if one.stage in states else "",
            result=results.get(one.pk),
            merged_into=one.merged_into,
            removed_on=one.removed_on,
        )
        for one in shown
    ]


def public_settings(division: str) -> QuerySet[Any]:
    """Return the decided applications of a city that are public, newest first."""
    return approvals.decided().filter(released_within(division, "settings"))


def public_draws(division: str) -> list[Any]:
    """Return the draws of a city that are public: of one under way the commitment alone may be shown."""
    return [one for one in inspections.draws_of(division) if released(one.division, "draws")]


def public_draw(code: str) -> Any | None:
    """Return a draw by its name, where its division's draws are released."""
    one = inspections.draw_named(code)
    return one if one is not None and released(one.division, "draws") else None


def public_milestones(division: str) -> list[dict[str, Any]]:
    """Return the milestones of a city with each frozen count: done of the list that was frozen."""
    found = milestones.milestones_of(division).filter(released_within(division, "milestones"))
    return [
        {"milestone": one, "snapshots": sorted(one.snapshots.all(), key=lambda each: each.day, reverse=True)}
        for one in found.order_by("due", "name")
    ]


def public_bulletins(division: str) -> list[Any]:
    """Return the newest issued edition of each bulletin of a city; none that was withdrawn."""
    if not released(division, "bulletins"):
        return []
    model = apps.get_model("reporting", "Edition")
    found = model._default_manager.filter(
        report__division=division, report__kind__startswith="water_"
    ).select_related("report", "pdf")
    newest: dict[Any, Any] = {}
    for edition in found.order_by("number"):
        newest[edition.report_id] = edition
    standing = [one for one in newest.values() if one.number > reports.withdrawn_up_to(one.report)]
    return sorted(standing, key=lambda one: (one.report.year, one.report.month or 0), reverse=True)


def public_edition(pk: Any) -> Any | None:
    """Return an issued edition of a released bulletin; a draft is none, nor is what was withdrawn."""
    model = apps.get_model("reporting", "Edition")
    found = model._default_manager.filter(pk=pk, report__kind__startswith="water_")
    edition = found.select_related("report", "pdf").first()
    if edition is None or edition.number <= reports.withdrawn_up_to(edition.report):
        return None
    return edition if released(edition.report.division, "bulletins") else None


def complaints_of(division: str) -> QuerySet[Complaint]:
    """Return what the public reported in a division's subtree, newest first."""
    return Complaint.objects.filter(division__startswith=division).select_related("outfall")


def complaint_named(number: str) -> Complaint | None:
    """Return a report by the number that its sender was given."""
    return Complaint.objects.filter(number=number).first()


def agrees(draw: Any) -> bool:
    """Tell whether hash and seed of a draw follow from its list and public number, computed anew."""
    again = draw.drawing()
    return bool(again.commitment.list_hash == draw.list_hash and again.seed == draw.seed)
