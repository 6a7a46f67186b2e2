"""Pages of inspections: the list, a new one, one with its findings and what became of them."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from bishui.errors import BishuiError
from bishui.server.accounts import queries as accounts
from bishui.server.core import clock, files, guard, rights
from bishui.server.core.middleware import not_found
from bishui.server.inspections import drawing, norms, queries, services, shown
from bishui.server.inspections.forms import ANSWERS, FINDINGS, InspectionForm
from bishui.server.inspections.models import DrawnOutfall, Finding, Inspection
from bishui.server.outfalls import queries_supervision as outfalls

_PER_PAGE = 30


@guard.requires("inspections.view")
@require_GET
def listing(request: HttpRequest) -> HttpResponse:
    """List the inspections of the city, newest first; of a draw under way only to those who may see it."""
    workspace = request.workspace  # type: ignore[attr-defined]
    found = rights.visible(request.user, "inspections.view", queries.inspections_of(workspace.division))
    if not rights.holds(request.user, "inspections.record"):
        found = found.exclude(pk__in=queries.confidential().values("pk"))
    purpose, wanted = request.GET.get("purpose", ""), request.GET.get("q", "").strip()
    if purpose in norms.purposes():
        found = found.filter(purpose=purpose)
    if request.GET.get("verdict") == "failed":
        found = found.filter(passed=False)
    if wanted:
        found = found.filter(outfall__name__icontains=wanted) | found.filter(outfall__code=wanted)
    page = Paginator(found, _PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "page": page,
        "columns": shown.inspection_columns(),
        "rows": [{"cells": shown.inspection_cells(one)} for one in page],
        "filters": _filters(request, purpose, wanted),
        "may_record": rights.holds(request.user, "inspections.record"),
        "crumbs": [_home(), {"label": _("检查记录")}],
    }
    return render(request, "inspections/list.html", context)


def _filters(request: HttpRequest, purpose: str, wanted: str) -> list[dict[str, Any]]:
    failed = request.GET.get("verdict") == "failed"
    purposes = [("", _("全部")), *((key, str(label)) for key, label in norms.purposes().items())]
    verdicts = [("", _("全部"), not failed), ("failed", _("不合格"), failed)]
    return [
        {"name": "q", "label": _("名称或编码"), "kind": "search", "value": wanted},
        {
            "name": "purpose",
            "label": _("目的"),
            "kind": "select",
            "options": [
                {"value": key, "label": label, "selected": key == purpose} for key, label in purposes
            ],
        },
        {
            "name": "verdict",
            "label": _("结论"),
            "kind": "select",
            "options": [{"value": key, "label": label, "selected": now} for key, label, now in verdicts],
        },
    ]


def _home() -> dict[str, Any]:
    return {"label": _("抽查检查"), "url": reverse("inspections:overview")}


@guard.requires("inspections.record")
@require_http_methods(["GET", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """Record an inspection, for an outfall that a draw named or any other."""
    workspace = request.workspace  # type: ignore[attr-defined]
    named = _named(request)
    people = drawing.active_inspectors(workspace.division, workspace.today)
    with clock.on(workspace.as_of):
        now = clock.now()
    initial = {
        "outfall": named.code if named else request.GET.get("outfall", ""),
        "purpose": "draw" if named else request.GET.get("purpose", "routine"),
        "made_at": now,
        "inspectors": named.inspectors if named else [],
        "deadline_1": workspace.today
        + timedelta(days=int(norms.settings(workspace.division, workspace.today)["finding_days"])),
    }
    form = InspectionForm(request.POST or None, request.FILES or None, people=people, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            record = _record(request, form, named)
            return redirect("inspections:one", pk=record.pk)
        except BishuiError as error:
            form.add_error(None, str(error))
    context = {
        "form": form,
        "named": named,
        "cancel_url": reverse("inspections:list"),
        "crumbs": [_home(), {"label": _("填报检查")}],
    }
    return render(request, "inspections/new.html", context)


def _named(request: HttpRequest) -> DrawnOutfall | None:
    key = request.GET.get("named", "")
    if not key:
        return None
    found = DrawnOutfall.objects.filter(pk=UUID(key)) if _is_key(key) else DrawnOutfall.objects.none()
    named = rights.visible(request.user, "inspections.record", found).select_related("draw").first()
    if named is None:
        raise not_found()
    return named


def _is_key(text: str) -> bool:
    try:
        UUID(text)
    except ValueError:
        return False
    return True


def _record(request: HttpRequest, form: InspectionForm, named: DrawnOutfall | None) -> Inspection:
    given = form.cleaned_data
    outfall = outfalls.by_codes([given["outfall"]]).get(given["outfall"])
    if outfall is None or not rights.allowed(request.user, "inspections.record", outfall):
        raise not_found()
    seen = services.Seen(
        answers={item: given[f"item_{item}"] for item in norms.checklist()},
        **{key: given[key] for key in ("flowing", "rain", "sample", "no_sample_why", "text")},
    )
    deadlines = [given[f"deadline_{number}"] for number in range(1, FINDINGS + 1)]
    texts = [given[f"finding_{number}"] for number in range(1, FINDINGS + 1)]
    latest = given["made_at"].date() + timedelta(
        days=int(norms.settings(outfall.division, given["made_at"].date())["finding_days"])
    )
    upload = given["file"]
    return services.record_inspection(
        outfall,
        seen,
        purpose=given["purpose"],
        made_at=given["made_at"],
        inspectors=given["inspectors"],
        others_why=given["others_why"],
        named=named,
        findings=[
            services.Found("", text, day or latest)
            for text, day in zip(texts, deadlines, strict=True)
            if text
        ],
        upload=(upload.file, upload.name) if upload else None,
        actor=request.user,
        where=guard.address(request),
    )


@guard.requires("inspections.view")
@require_GET
def one(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Show an inspection with its answers and findings."""
    record = guard.one(request, Inspection, "inspections.view", pk)
    secret = queries.confidential().filter(pk=record.pk).exists()
    if secret and not rights.allowed(request.user, "inspections.record", record):
        raise not_found()
    workspace = request.workspace  # type: ignore[attr-defined]
    context = {
        "record": record,
        "facts": _facts(record),
        "answers": [
            {
                "label": str(item.label),
                "answer": record.answers.get(item.id, ""),
                "word": str(ANSWERS.get(record.answers.get(item.id, ""), "—")),
            }
            for item in norms.checklist().values()
        ],
        "findings": record.findings.all(),
        "units": accounts.units_of(workspace.division),
        "may_open": rights.allowed(request.user, "cases.open", record),
        "crumbs": [
            _home(),
            {"label": _("检查记录"), "url": reverse("inspections:list")},
            {"label": record.outfall.name},
        ],
    }
    return render(request, "inspections/one.html", context)


def _facts(record: Inspection) -> list[dict[str, Any]]:
    flowing = {"yes": _("是"), "no": _("否")}.get(record.flowing, _("未观察"))
    facts: list[dict[str, Any]] = [
        {"label": _("结论"), "text": shown.verdict(record)},
        {"label": _("排污口"), "text": record.outfall.name, "note": record.outfall.code},
        {"label": _("目的"), "text": str(norms.purposes()[record.purpose])},
        {"label": _("检查时间"), "moment": record.made_at},
        {
            "label": _("检查人员"),
            "text": "、".join(one["name"] for one in record.inspectors),
            "note": record.others_why,
        },
        {"label": _("正在排水"), "text": flowing},
        {"label": _("此前雨量（mm）"), "text": "—" if record.rain is None else f"{record.rain}"},
        {"label": _("样品"), "text": record.sample or record.no_sample_why or "—"},
        {"label": _("填报"), "text": record.by_name, "note": f"{record.received_at:%Y-%m-%d %H:%M}"},
    ]
    if record.reopened:
        facts.append({"label": _("后续"), "text": _("排污口已重新进入整治流程")})
    if record.file:
        address = reverse("inspections:file", args=[record.pk])
        facts.append({"label": _("附件"), "text": record.file.name, "url": address})
    return facts


@guard.requires("inspections.view")
@require_GET
def file(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Give the file of an inspection to those who record inspections there."""
    record = guard.one(request, Inspection, "inspections.record", pk)
    if record.file is None:
        raise not_found()
    return files.download(record.file)  # type: ignore[return-value]


@guard.requires("cases.open")
@require_POST
def case(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Make a finding a case with its deadline."""
    finding = guard.one(request, Finding, "cases.open", pk)
    workspace = request.workspace  # type: ignore[attr-defined]
    key = request.POST.get("unit", "")
    unit = next((one for one in accounts.units_of(workspace.division) if str(one.pk) == key), None)
    if unit is None:
        messages.error(request, _("请选择责任单位。"))
        return redirect("inspections:one", pk=finding.inspection_id)
    try:
        opened = services.open_case(finding, unit, actor=request.user, where=guard.address(request))
    except BishuiError as error:
        messages.error(request, str(error))
        return redirect("inspections:one", pk=finding.inspection_id)
    return redirect("cases:case", pk=opened.pk)
