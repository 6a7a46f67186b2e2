"""The office's pages: what devices sent and what became of it, decisions, files, devices."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Count
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from bishui.errors import BishuiError
from bishui.i18n import Bilingual, Text
from bishui.server.core import files, guard, rights
from bishui.server.core.middleware import not_found
from bishui.server.field import clocks, deciding, importing, points, specification
from bishui.server.field import devices as keys
from bishui.server.field.forms import DecisionForm, FileForm
from bishui.server.field.models import FATES, Device, Submission

_PER_PAGE = 30
_TONES = {"waiting": "idle", "done": "good", "conflict": "warn", "refused": "bad", "set_aside": "idle"}
_OPEN = ("conflict", "refused", "waiting")


def _visible(request: HttpRequest) -> Any:
    found = rights.visible(request.user, "outfalls.survey", Submission.objects.all())
    return found.filter(division__startswith=guard.division_of(request))


@guard.requires("outfalls.survey")
@require_safe
def received(request: HttpRequest) -> HttpResponse:
    """List what devices sent, with what waits for a person first."""
    everything = _visible(request)
    chosen = request.GET.get("fate", "open")
    found = everything
    if chosen == "open":
        found = everything.filter(fate__in=_OPEN)
    elif chosen in FATES:
        found = everything.filter(fate=chosen)
    elif chosen == "doubtful":
        found = everything.exclude(flags=[])
    counts = dict(everything.values_list("fate").annotate(n=Count("id")).order_by())
    page = Paginator(found.select_related("user"), _PER_PAGE).get_page(request.GET.get("page"))
    labels = [_("表单"), _("结果"), _("排污口"), _("填写人"), _("填写时间"), _("存疑")]
    context = {
        "page": page,
        "counts": {fate: counts.get(fate, 0) for fate in FATES},
        "filters": _filters(chosen),
        "columns": [{"label": label} for label in labels],
        "rows": [{"cells": _cells(item)} for item in page],
        "filtered": chosen != "open",
    }
    return render(request, "field/received.html", context)


def _filters(chosen: str) -> list[dict[str, Any]]:
    options = [("open", _("未办结")), ("all", _("全部")), ("doubtful", _("存疑"))]
    options += [(key, str(text)) for key, text in FATES.items()]
    shown = [{"value": key, "label": label, "selected": key == chosen} for key, label in options]
    return [{"name": "fate", "label": _("结果"), "kind": "select", "options": shown}]


def _cells(item: Submission) -> list[dict[str, Any]]:
    return [
        {
            "text": str(specification.label(item.kind)),
            "url": reverse("field:submission", args=[item.pk]),
        },
        {"state": _TONES[item.fate], "label": str(FATES[item.fate])},
        {"text": item.outfall_name or "—"},
        {"text": item.user.get_username()},
        {"moment": item.at},
        {"text": _flags(item)},
    ]


def _flags(item: Submission) -> str:
    return str(Text("、")).join(str(clocks.FLAGS[key]) for key in item.flags) or "—"


@guard.requires("outfalls.survey")
@require_safe
def one(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Show one form: what was sent, what became of it, what it contradicts."""
    item = guard.one(request, Submission, "outfalls.survey", pk)
    return _show(request, item, DecisionForm(kind=item.kind))


def _show(request: HttpRequest, item: Submission, form: DecisionForm, status: int = 200) -> HttpResponse:
    context = {
        "item": item,
        "title": str(specification.label(item.kind)),
        "tone": _TONES[item.fate],
        "fate": str(FATES[item.fate]),
        "facts": _facts(item),
        "answers": list(_answers(item)),
        "differences": [_difference(entry) for entry in item.differences],
        "reason": _reason(item.reason),
        "form": form,
        "may_decide": item.fate in ("conflict", "refused")
        and rights.allowed(request.user, "outfalls.edit", item),
        "crumbs": [
            {"label": _("现场收到的表单"), "url": reverse("field:received")},
            {"label": str(specification.label(item.kind))},
        ],
    }
    return render(request, "field/submission.html", context, status=status)


def _facts(item: Submission) -> list[dict[str, Any]]:
    place = item.payload.get("position") or {}
    shown = f"{place['lon']}, {place['lat']} ± {place['accuracy']} m (WGS-84)" if place else "—"
    came = _("网络") if item.came_by == "network" else _("文件")
    facts: list[dict[str, Any]] = [
        {"label": _("排污口"), "text": item.outfall_name or "—"},
        {"label": _("填写人"), "text": item.user.get_username()},
        {"label": _("设备时间"), "moment": item.made_at},
        {
            "label": _("改正后的时间"),
            "moment": item.at,
            "note": _("时钟相差 %(n)s 秒") % {"n": item.clock_offset},
        },
        {"label": _("收到时间"), "moment": item.received_at, "note": came},
        {"label": _("定位"), "text": shown},
        {"label": _("存疑"), "text": _flags(item)},
        {"label": _("表单编号"), "technical": str(item.client_id)},
    ]
    if item.decision:
        facts.append(
            {"label": _("裁定"), "text": str(deciding.DECISIONS[item.decision]), "note": item.decided_why}
        )
        facts.append({"label": _("裁定人"), "text": item.decided_by})
        facts.append({"label": _("裁定时间"), "moment": item.decided_at})
    return facts


def _answers(item: Submission) -> Any:
    given = item.payload.get("fields") or {}
    for field in specification.forms()[item.kind]["field"]:
        value = given.get(field["name"])
        if value not in (None, "", []):
            yield {
                "label": str(Bilingual(field["label_zh"], field["label_en"])),
                "text": _worded(field, value),
            }


def _worded(field: Mapping[str, Any], value: Any) -> str:
    named = {
        option["value"]: str(Bilingual(option["label_zh"], option["label_en"]))
        for option in field.get("choice", [])
    }
    if field["type"] == "yesno":
        named = {"yes": _("是"), "no": _("否")}
    items = value if isinstance(value, list) else [value]
    return str(Text("、")).join(named.get(entry, str(entry)) for entry in items)


def _difference(entry: Mapping[str, str]) -> dict[str, str]:
    shown = points.worded(entry)
    return {"label": _said(shown["label"]), "seen": shown["seen"] or "—", "now": shown["now"] or "—"}


def _said(pair: Mapping[str, str] | None) -> str:
    return str(Bilingual(pair["zh"], pair["en"])) if pair else ""


def _reason(reason: Mapping[str, Any]) -> dict[str, Any]:
    if not reason:
        return {}
    return {
        "what": _said(reason["what"]),
        "remedy": _said(reason["remedy"]),
        "problems": [_said(problem["what"]) for problem in reason["problems"]],
    }


@guard.requires("outfalls.edit")
@require_POST
def decide(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Decide on a form that contradicts what is known now, or was refused."""
    item = guard.one(request, Submission, "outfalls.edit", pk)
    form = DecisionForm(request.POST, kind=item.kind)
    if form.is_valid():
        try:
            deciding.decide(
                item,
                form.cleaned_data["decision"],
                actor=request.user,
                why=form.cleaned_data["why"],
                code=form.cleaned_data["code"],
                where=guard.address(request),
            )
        except BishuiError as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, _("已裁定。"))
            return redirect("field:submission", pk=item.pk)
    return _show(request, item, form, status=422)


@guard.requires("outfalls.survey")
@require_safe
def photograph(request: HttpRequest, pk: UUID) -> FileResponse:
    """Download the photograph of a form that was set aside."""
    item = guard.one(request, Submission, "outfalls.survey", pk)
    if item.file is None:
        raise not_found()
    return files.download(item.file)


@guard.requires("outfalls.survey")
@require_http_methods(["GET", "POST"])
def import_file(request: HttpRequest) -> HttpResponse:
    """Take in a file that a device exported."""
    form = FileForm(request.POST or None, request.FILES or None)
    context: dict[str, Any] = {
        "crumbs": [
            {"label": _("现场收到的表单"), "url": reverse("field:received")},
            {"label": _("导入文件")},
        ],
    }
    if request.method == "POST" and form.is_valid():
        upload = form.cleaned_data["file"]
        try:
            done = importing.import_file(
                upload,
                upload.name,
                user=request.user,
                division=guard.acting_division(request),
                where=guard.address(request),
            )
        except BishuiError as error:
            form.add_error("file", str(error))
        else:
            context["rows"] = [{"cells": _cells(item)} for item in done.submissions]
            context["columns"] = [
                {"label": label}
                for label in (_("表单"), _("结果"), _("排污口"), _("填写人"), _("填写时间"), _("存疑"))
            ]
            context["problems"] = [str(problem) for problem in done.problems]
            context["done"] = True
    return render(request, "field/import.html", context | {"form": form})


@guard.requires("outfalls.survey")
@require_safe
def devices_list(request: HttpRequest) -> HttpResponse:
    """List the user's own devices."""
    own = Device.objects.filter(user=request.user)  # type: ignore[misc]
    today = date.today()
    context = {
        "devices": [{"record": device, "valid": device.is_valid(today)} for device in own],
        "crumbs": [
            {"label": _("现场收到的表单"), "url": reverse("field:received")},
            {"label": _("我的设备")},
        ],
    }
    return render(request, "field/devices.html", context)


@guard.requires("outfalls.survey")
@require_POST
def revoke(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Put one of the user's own devices out of use."""
    device = Device.objects.filter(user=request.user, pk=pk).first()  # type: ignore[misc]
    if device is None:
        raise not_found()
    keys.revoke(device, actor=request.user, where=guard.address(request))
    messages.success(request, _("设备已停用。"))
    return redirect("field:devices")
