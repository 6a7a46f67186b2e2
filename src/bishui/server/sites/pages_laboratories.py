"""Pages of laboratories' spreadsheets (化验室版式): upload, check against the sheet, save, import."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from bishui.errors import BishuiError, DataError, Forbidden
from bishui.i18n import Bilingual, Text
from bishui.observations import Sheet, read_sheets
from bishui.server.core import audit, files, guard, jobs, rights
from bishui.server.core.models import StoredFile
from bishui.server.sites import choosing, laboratories
from bishui.server.sites.forms import LaboratoryFileForm
from bishui.server.sites.mapping_form import KINDS, MappingForm
from bishui.server.sites.models import LaboratoryMapping
from bishui.server.sites.pages_overview import no_city

_ROWS_SHOWN, _COLUMNS_SHOWN = 12, 30


@guard.requires("observations.import")
@require_http_methods(["GET", "POST"])
def listing(request: HttpRequest) -> HttpResponse:
    """List the laboratories with their editions, and take a file of one."""
    city = choosing.city_of(request)
    if city is None:
        return no_city(request)
    if not rights.allowed_in(request.user, "observations.import", city.acting):
        raise Forbidden(Text("您没有在“{city}”导入监测数据的权限。", city=city.name))
    known = rights.visible(request.user, "observations.import", LaboratoryMapping.objects.all())
    known = known.filter(division__startswith=city.division)
    saved = laboratories.newest(known)
    form = LaboratoryFileForm(sorted(saved), request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        try:
            return redirect(_taken(request, form, saved, city.acting))
        except BishuiError as error:
            form.add_error("file", str(error))
            for problem in error.problems:
                form.add_error("file", str(problem))
    context = {
        "form": form,
        "columns": [
            {"label": label} for label in (_("化验室"), _("版式"), _("列数"), _("确认人"), _("确认时间"))
        ],
        "rows": [{"cells": _cells(record)} for record in saved.values()],
        "drafts": known.filter(edition=0).order_by("-made_at"),
    }
    return render(request, "sites/laboratories.html", context)


def _cells(record: LaboratoryMapping) -> list[dict[str, Any]]:
    return [
        {"text": record.laboratory, "url": reverse("sites:laboratory", args=[record.pk])},
        {"text": _("第 %(edition)s 版") % {"edition": record.edition}},
        {"number": len(record.mapping["columns"])},
        {"text": record.confirmed_by},
        {"moment": record.confirmed_at},
    ]


def _taken(request: HttpRequest, form: forms.Form, saved: dict[str, LaboratoryMapping], division: str) -> str:
    """Keep the file; return the address of its import, or of the guess that has to be checked first."""
    data, upload = form.cleaned_data, form.cleaned_data["file"]
    given: dict[str, Any] = {"actor": request.user, "where": guard.address(request)}
    with audit.action("core.import_received", division=division, name=files.safe_name(upload.name), **given):
        file = files.keep(files.upload_chunks(upload), upload.name, division=division)
    name = data["name"].strip() or data["laboratory"]
    record = None if data["anew"] else saved.get(name)
    if record is None and not name:
        fits = laboratories.fitting(saved.values(), read_sheets(file.path, name=file.name))
        record = fits[0] if len(fits) == 1 else None
    if record is None:
        guessed = laboratories.guess(file, name, division=division, **given)
        return reverse("sites:laboratory", args=[guessed.pk])
    if record.as_mapping().date == "given" and not data["day"]:
        raise DataError(
            Text("“{name}”的文件中没有采样日期。", name=record.laboratory),
            remedy=Text("请在“采样日期”中填写。"),
        )
    shown = {"name": record.laboratory, "edition": record.edition}
    messages.info(request, _("按“%(name)s”第 %(edition)s 版版式读取。") % shown)
    return _started(record, file, request, division, data["day"])


def _started(
    record: LaboratoryMapping, file: StoredFile, request: HttpRequest, division: str, day: Any
) -> str:
    session = laboratories.start(
        record, file, division=division, actor=request.user, where=guard.address(request), day=day
    )
    jobs.read_import.enqueue(str(session.pk))
    return reverse("core:import", args=[session.pk])


@guard.requires("observations.import")
@require_http_methods(["GET", "POST"])
def laboratory(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Show a mapping beside the first rows of its sheet; a guess is corrected and saved here."""
    record = guard.one(request, LaboratoryMapping, "observations.import", pk)
    form = MappingForm(record.as_mapping(), request.POST or None)
    if request.method == "POST" and form.is_valid() and form.mapping is not None:
        try:
            laboratories.confirm(record, form.mapping, actor=request.user, where=guard.address(request))
            messages.success(request, _("已保存版式，以后该化验室的文件都按它读取。"))
            return redirect(_started(record, record.file, request, record.division, form.cleaned_data["day"]))
        except BishuiError as error:
            form.add_error(None, str(error))
    if record.edition:
        for field in form.fields.values():
            field.disabled = True
    return render(request, "sites/laboratory.html", _context(record, form))


def _context(record: LaboratoryMapping, form: MappingForm) -> dict[str, Any]:
    editions = LaboratoryMapping.objects.filter(
        division=record.division, laboratory=record.laboratory, edition__gt=0
    ).order_by("-edition")
    before = editions.exclude(pk=record.pk)
    former = (before.filter(edition__lt=record.edition) if record.edition else before).first()
    changed = laboratories.differences(former.as_mapping(), record.as_mapping()) if former else []
    return {
        "record": record,
        "form": form,
        "kind": KINDS[record.mapping["kind"]],
        "findings": [_said(finding) for finding in record.findings],
        "former": former,
        "changed": changed,
        "editions": editions,
        "sheets": [_shown(sheet) for sheet in read_sheets(record.file.path, name=record.file.name)],
        "crumbs": [
            {"label": _("化验室版式"), "url": reverse("sites:laboratories")},
            {"label": record.laboratory},
        ],
    }


def _said(finding: dict[str, Any]) -> dict[str, str]:
    what, remedy = finding["what"], finding["remedy"]
    return {
        "what": str(Bilingual(what["zh"], what["en"])),
        "remedy": str(Bilingual(remedy["zh"], remedy["en"])) if remedy else "",
    }


def _shown(sheet: Sheet) -> dict[str, Any]:
    """Return the first rows of a sheet, cut to what a page holds."""
    rows = [row[:_COLUMNS_SHOWN] for row in sheet.preview[:_ROWS_SHOWN]]
    return {"name": sheet.name or "", "rows": list(enumerate(rows, 1))}


@guard.requires("observations.import")
@require_POST
def discard(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Put a guess aside that nobody confirmed."""
    record = guard.one(request, LaboratoryMapping, "observations.import", pk)
    try:
        laboratories.discard(record, actor=request.user, where=guard.address(request))
        messages.success(request, _("已放弃，文件仍保留。"))
    except BishuiError as error:
        messages.error(request, str(error))
    return redirect("sites:laboratories")
