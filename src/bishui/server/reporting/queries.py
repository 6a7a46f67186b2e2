"""Reads of this app: reports, the standing texts of their parts, and what they now follow from."""

from __future__ import annotations

import hashlib
import json
from typing import Any

from django.apps import apps
from django.db.models import QuerySet

from bishui.server.core import rights
from bishui.server.core.models import WorkflowEvent
from bishui.server.reporting import specification
from bishui.server.reporting.compose import Inputs
from bishui.server.reporting.facts import Facts
from bishui.server.reporting.gather import gather
from bishui.server.reporting.models import Report, ReportText
from bishui.server.reporting.periods import Scope


def reports_of(division: str, user: Any, family: str) -> QuerySet[Report]:
    """Return the reports of a family (``summary``, ``bulletin``) in a division that the user may see."""
    kinds = [kind.id for kind in specification.kinds().values() if kind.family == family]
    found = Report.objects.filter(division__startswith=division, kind__in=kinds)
    return rights.visible(user, "reports.view", found)


def scope_of(report: Report) -> Scope:
    """Return what a report speaks of."""
    return Scope(report.division, report.kind, report.year, report.month, report.as_of)


def place_of(division: str) -> str:
    """Return the Chinese name of a division path."""
    found = apps.get_model("accounts", "Division")._default_manager.filter(division=division)
    return str(found.values_list("name", flat=True).first() or "")


def standing_texts(report: Report) -> dict[str, ReportText]:
    """Return the newest version of each written part."""
    return {text.part: text for text in ReportText.objects.filter(report=report).order_by("part", "number")}


def live_inputs(report: Report, facts: Facts | None = None) -> Inputs:
    """Return what the report follows from now; where `facts` are not given they are gathered anew."""
    texts = standing_texts(report)
    return Inputs(
        kind=report.kind,
        year=report.year,
        month=report.month,
        as_of=report.as_of,
        division=report.division,
        place=place_of(report.division),
        head={
            "title": report.title,
            "number": report.number,
            "issuer": report.issuer,
            "recipient": report.recipient,
            "signed_on": report.signed_on.isoformat(),
            "red_head": report.red_head,
        },
        facts=gather(scope_of(report)) if facts is None else facts,
        texts={
            part.id: texts[part.id].text
            for part in specification.parts_of(report.kind)
            if part.id in texts and texts[part.id].text
        },
    )


def inputs_of(report: Report) -> Inputs:
    """Return what the report follows from: frozen from its submission on, gathered anew before."""
    return Inputs.of(report.frozen) if report.frozen else live_inputs(report)


def digest(inputs: dict[str, Any]) -> str:
    """Return the SHA-256 of the JSON form of inputs."""
    text = json.dumps(inputs, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def withdrawn_up_to(report: Report) -> int:
    """Return the number of the newest edition that was withdrawn; it and those before it are not in force."""
    issued = withdrawn = 0
    events = WorkflowEvent.objects.filter(record_id=report.pk, transition__in=("land", "withdraw"))
    for transition in events.order_by("at", "id").values_list("transition", flat=True):
        if transition == "land":
            issued += 1
        else:
            withdrawn = issued
    return withdrawn


def unwritten(report: Report) -> list[specification.Part]:
    """Return the required parts that nobody has written yet."""
    texts = standing_texts(report)
    return [
        part
        for part in specification.parts_of(report.kind)
        if part.required and not (part.id in texts and texts[part.id].text.strip())
    ]
