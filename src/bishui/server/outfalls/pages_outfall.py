"""The page of one outfall (一口一档) and the files that belong to it."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db.models import Prefetch
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from bishui.server.approvals import queries as approvals
from bishui.server.cases import queries as cases
from bishui.server.core import files, guard, rights
from bishui.server.core.middleware import not_found
from bishui.server.core.models import StoredFile, WorkflowEvent
from bishui.server.inspections import queries as inspections
from bishui.server.outfalls import (
    merging,
    shown_chain,
    shown_dossier,
    shown_history,
    shown_names,
    shown_photos,
    shown_rounds,
    shown_samples,
    shown_steps,
)
from bishui.server.outfalls.forms_step import StepForm
from bishui.server.outfalls.models import Discharger, Outfall, OutfallRound, Photo, Sample, WaterBody
from bishui.server.outfalls.shown_list import seen
from bishui.server.outfalls.shown_stages import kind_label, stage_label, stage_tone

#: Images that a browser may show; anything else is only handed out.
_IMAGES = {b"\xff\xd8\xff": "image/jpeg", b"\x89PNG": "image/png"}


def one(request: HttpRequest, code: str) -> Outfall:
    """Return the outfall with a code that the user may see.

    Raises
    ------
    NotFound
        If there is none, or the user may not know that there is.
    """
    found = seen(request.user, "").filter(code=code).first()
    if found is None:
        raise not_found()
    return found


@guard.requires("outfalls.view")
@require_GET
def outfall_page(request: HttpRequest, code: str) -> HttpResponse:
    """Show everything that is known of one outfall, and what the user can do now."""
    outfall = one(request, code)
    return render(request, "outfalls/outfall.html", context_of(request, outfall))


def context_of(request: HttpRequest, outfall: Outfall, tried: StepForm | None = None) -> dict[str, Any]:
    """Return what the page of an outfall is made of; `tried` is the form of a step that was refused."""
    city: Any = request.workspace  # type: ignore[attr-defined]
    water = WaterBody.objects.filter(code=outfall.water).first() if outfall.water else None
    discharger = Discharger.objects.filter(code=outfall.discharger).first() if outfall.discharger else None
    rounds = list(
        outfall.rounds.order_by("-number")
        .select_related("department_unit", "plan", "trace_report", "decision")
        .prefetch_related("date_changes")
    )
    visits = list(outfall.visits.order_by("-made_at"))
    photos = list(outfall.photos.order_by("-made_at"))
    samples = _samples(outfall)
    units = shown_names.units(outfall.division.split("/")[0])
    chain = shown_chain.chain(outfall, water, city.today)
    may_inspect = rights.allowed(request.user, "inspections.view", outfall)
    may_approve = rights.allowed(request.user, "approvals.view", outfall)
    links = [entry["link"] for entry in chain.links]
    happened = shown_history.Happened(rounds, visits, photos, samples, links)
    return {
        "outfall": outfall,
        "stage": {"label": stage_label(outfall.stage), "tone": stage_tone(outfall.stage)},
        "kind": kind_label(outfall),
        "county": shown_names.counties(outfall.division).get(outfall.division, ""),
        "codes": shown_dossier.codes(outfall, discharger),
        "warnings": shown_dossier.warnings(outfall, discharger),
        "groups": shown_dossier.facts(outfall, units),
        "water": shown_dossier.water_facts(outfall, water),
        "chain": chain,
        "discharger": discharger,
        "steps": shown_rounds.steps(rounds[0]) if rounds else [],
        "rounds": [shown_rounds.round_told(one, city.today) for one in rounds],
        "visits": [shown_rounds.visit_told(visit) for visit in visits],
        "photos": shown_photos.shown(photos),
        "samples": shown_samples.shown(outfall, samples),
        "sites": shown_dossier.sites_of(outfall),
        "cases": cases.cases_about("outfall", str(outfall.pk), request.user),
        "inspections": inspections.inspections_at(outfall) if may_inspect else [],
        "applications": approvals.applications_at(outfall) if may_approve else [],
        "merged": merging.merged_into(outfall),
        "entries": shown_history.history(outfall, happened),
        "acts": shown_steps.acts(rounds[0], request.user, tried) if rounds else [],
        "may": _may(request, outfall),
        "crumbs": [
            {"label": _("排污口台账"), "url": reverse("outfalls:list")},
            {"label": outfall.name or outfall.code},
        ],
    }


def _samples(outfall: Outfall) -> list[Sample]:
    """Return the samples with what the page tells of them."""
    return list(
        outfall.samples.order_by("-made_at")
        .select_related("report")
        .prefetch_related("results", Prefetch("custody"))
    )


def _may(request: HttpRequest, outfall: Outfall) -> dict[str, bool]:
    """Return which further forms stand on the page."""
    return {
        name: rights.allowed(request.user, f"outfalls.{name}", outfall)
        for name in ("edit", "survey", "sample", "trace", "remediate")
    } | {"open_case": rights.allowed_in(request.user, "cases.open", outfall.division)}


@guard.requires("outfalls.view")
@require_GET
def photo(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Show a photograph to who may see the outfall: the copy without EXIF where there is one."""
    found = _photo(request, pk)
    return _image(found.public_file or found.file)


@guard.requires("outfalls.survey")
@require_GET
def original(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Hand out the photograph as the device made it, with its EXIF, to who surveys there."""
    found = _photo(request, pk)
    guard.check(request, "outfalls.survey", found.outfall)
    return files.download(found.file)  # type: ignore[return-value]


def _photo(request: HttpRequest, pk: UUID) -> Photo:
    found = (
        rights.visible(request.user, "outfalls.view", Photo.objects.filter(pk=pk))
        .select_related("file", "public_file", "outfall")
        .first()
    )
    if found is None:
        raise not_found()
    return found


def _image(stored: StoredFile) -> HttpResponse:
    """Return a picture that a browser shows and never runs; what is none is handed out as a file."""
    with stored.path.open("rb") as file:
        data = file.read()
    kind = next((kind for start, kind in _IMAGES.items() if data.startswith(start)), "")
    if not kind:
        return files.download(stored)  # type: ignore[return-value]
    response = HttpResponse(data, content_type=kind)
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response.headers["Cache-Control"] = "private, max-age=3600"
    return response


@guard.requires("outfalls.view")
@require_GET
def evidence(request: HttpRequest, code: str, file: UUID) -> HttpResponse:
    """Hand out a file that was handed in with a step, a sample or a link of this outfall."""
    outfall = one(request, code)
    if not _belongs(outfall, str(file)):
        raise not_found()
    return files.download(StoredFile.objects.get(pk=file))  # type: ignore[return-value]


def _belongs(outfall: Outfall, key: str) -> bool:
    rounds = list(outfall.rounds.values_list("pk", "plan_id", "trace_report_id", "decision_id"))
    kept = {str(value) for row in rounds for value in row[1:] if value}
    kept |= {str(value) for value in outfall.samples.values_list("report_id", flat=True) if value}
    if key in kept:
        return True
    events = WorkflowEvent.objects.filter(record_id__in=[row[0] for row in rounds])
    if any(key in str(value) for event in events for value in event.evidence.values()):
        return True
    links = shown_chain.links_above(outfall)
    return any(str(link.evidence_file_id) == key for link in links)


def latest_round(outfall: Outfall) -> OutfallRound | None:
    """Return the round that is open, or was last."""
    return outfall.rounds.order_by("-number").first()
