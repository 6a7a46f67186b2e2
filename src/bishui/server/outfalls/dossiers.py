"""Everything that ever happened to an outfall (一口一档), and what waits for whom."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import F, QuerySet

from bishui.server.core import rights, workflow
from bishui.server.core.models import WorkflowEvent
from bishui.server.outfalls.models import (
    ChainLink,
    DateChange,
    Outfall,
    OutfallRound,
    Photo,
    Sample,
    Visit,
)


@dataclass(frozen=True)
class Dossier:
    """The file of one outfall, each list in order of time.

    Attributes
    ----------
    merged
        Records that were found to be the same outfall and merged into it.
    """

    outfall: Outfall
    rounds: Sequence[OutfallRound]
    events: Sequence[WorkflowEvent]
    visits: Sequence[Visit]
    photos: Sequence[Photo]
    samples: Sequence[Sample]
    date_changes: Sequence[DateChange]
    links: Sequence[ChainLink]
    merged: Sequence[Outfall]


def dossier(outfall: Outfall) -> Dossier:
    """Return the file of an outfall, by a fixed number of queries."""
    rounds = list(
        outfall.rounds.order_by("number").select_related(
            "plan", "trace_report", "decision", "department_unit"
        )
    )
    keys = [one.pk for one in rounds]
    return Dossier(
        outfall=outfall,
        rounds=rounds,
        events=list(WorkflowEvent.objects.filter(record_id__in=keys).order_by("at", "id")),
        visits=list(outfall.visits.order_by("made_at")),
        photos=list(outfall.photos.order_by("made_at").select_related("file", "public_file")),
        samples=list(
            outfall.samples.order_by("made_at")
            .select_related("report")
            .prefetch_related("results", "custody")
        ),
        date_changes=list(DateChange.objects.filter(round__in=keys).order_by("at")),
        links=list(ChainLink.objects.filter(lower_kind="outfall", lower=outfall.code).order_by("code")),
        merged=list(Outfall.objects.filter(merged_into=outfall.code).order_by("code")),
    )


def open_work(user: Any, division: str, *, right: str = "") -> QuerySet[OutfallRound]:
    """Return the open rounds that a user may move on, those with the nearest deadline first.

    Parameters
    ----------
    division
        The division path worked in.
    right
        Only what this right is for, such as ``outfalls.accept``.
    """
    steps = workflow.load_all()[OutfallRound.workflow_name].transitions.values()
    states: dict[str, set[str]] = {}
    for step in steps:
        if not step.begins_anew and not step.system and right in ("", step.right):
            states.setdefault(step.right, set()).update(step.sources)
    found = OutfallRound.objects.none()
    for needed, sources in states.items():
        waiting = OutfallRound.objects.filter(division__startswith=division, state__in=sorted(sources))
        found = found | rights.visible(user, needed, waiting)
    return found.select_related("outfall").order_by(
        F("planned_finish").asc(nulls_last=True), "opened_at", "pk"
    )
