"""Pages of registers: the list, the form, the export, the template. Importing goes through imports."""

from __future__ import annotations

from datetime import date
from typing import Any
from urllib.parse import quote
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from bishui.errors import Conflict, Forbidden
from bishui.i18n import Text
from bishui.server.core import guard, register_records, registers, rights
from bishui.server.core.forms import RegisterForm
from bishui.server.core.middleware import not_found
from bishui.server.core.records import OwnedRecord

PER_PAGE = 50
_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def _register(request: HttpRequest, key: str) -> registers.Register:
    found = registers.load_all().get(key)
    if found is None:
        raise not_found()
    if not rights.holds(request.user, found.view_right):
        raise Forbidden(Text("您没有查看“{title}”台账的权限。", title=found.title))
    return found


def _records(request: HttpRequest, register: registers.Register) -> QuerySet[OwnedRecord]:
    found = rights.visible(request.user, register.view_right, register.model._default_manager.all())
    found = found.filter(division__startswith=guard.division_of(request))
    return found.order_by(register.key_field)


@guard.requires("units.view")
def index(request: HttpRequest) -> HttpResponse:
    """List the registers."""
    shown = [
        (register, _records(request, register).count())
        for register in registers.load_all().values()
        if rights.holds(request.user, register.view_right)
    ]
    return render(request, "core/registers.html", {"registers": shown})


@guard.requires("units.view")
def listing(request: HttpRequest, key: str) -> HttpResponse:
    """List the records of a register."""
    register = _register(request, key)
    found = _records(request, register)
    kinds = _kinds(request, register, found)
    if kinds and (kind := request.GET.get("kind", "")):
        found = found.filter(**{kinds["name"]: kind})
        register = register.narrowed(kind)
    wanted = request.GET.get("q", "").strip()
    if wanted:
        found = found.filter(
            Q(**{f"{register.name_field}__icontains": wanted})
            | Q(**{f"{register.key_field}__icontains": wanted})
        )
    page = Paginator(found, PER_PAGE).get_page(request.GET.get("page"))
    shown = [field for field in register.fields if field.in_list]
    may_edit = rights.holds(request.user, register.edit_right)
    context = {
        "register": register,
        "columns": [{"label": field.label} for field in shown],
        "rows": [{"cells": _cells(register, shown, record, may_edit)} for record in page],
        "page": page,
        "filters": [
            {"name": "q", "label": _("名称或编码"), "kind": "search", "value": wanted},
            *([kinds["filter"]] if kinds else []),
        ],
        "kinds": kinds["templates"] if kinds else [],
        "may_edit": may_edit,
        "upload_url": reverse("core:upload", args=[f"register:{key}"]),
        "crumbs": [{"label": _("台账"), "url": reverse("core:registers")}, {"label": register.title}],
    }
    return render(request, "core/register.html", context)


def _kinds(
    request: HttpRequest, register: registers.Register, found: QuerySet[OwnedRecord]
) -> dict[str, Any] | None:
    """Return the filter by kind of record with how many there are, and a template for each kind."""
    divider = register.divider
    if divider is None:
        return None
    counts = dict(found.order_by().values_list(divider.name).annotate(Count("pk")))
    chosen = request.GET.get("kind", "")
    options = [{"value": "", "label": f"{_('全部')} {sum(counts.values())}", "selected": not chosen}]
    templates = []
    address = reverse("core:register_export", args=[register.key])
    for choice in divider.choices:
        label = f"{choice.label} {counts.get(choice.value, 0)}"
        options.append({"value": choice.value, "label": label, "selected": choice.value == chosen})
        templates.append({"label": choice.label, "url": f"{address}?template=1&kind={choice.value}"})
    shown = {"name": "kind", "label": divider.label, "kind": "select", "value": chosen, "options": options}
    return {"name": divider.name, "filter": shown, "templates": templates}


def _cells(
    register: registers.Register, shown: list[registers.Field], record: OwnedRecord, may_edit: bool
) -> list[dict[str, str]]:
    cells = [{"text": _cell(field, record)} for field in shown]
    if may_edit:
        cells[0]["url"] = reverse("core:register_edit", args=[register.key, record.pk])
    return cells


def _cell(field: registers.Field, record: OwnedRecord) -> str:
    if field.type == "choice":
        return field.choice_label(getattr(record, field.name))
    return register_records.text_of(field, record)


@guard.requires("units.view")
@require_http_methods(["GET", "POST"])
def edit(request: HttpRequest, key: str, pk: UUID | None = None) -> HttpResponse:
    """Add or change one record."""
    register = _register(request, key)
    if not rights.holds(request.user, register.edit_right):
        raise Forbidden(Text("您没有修改“{title}”台账的权限。", title=register.title))
    record = guard.one(request, register.model, register.view_right, pk) if pk else None
    form = RegisterForm(register, record, request.POST or None, draft=request.GET.dict())
    if request.method == "POST" and form.is_valid():
        if record is None and register_records.find(register, form.values[register.key_field]):
            form.add_error(register.key_field, _("该编码已经存在。"))
        else:
            saved = _save(request, register, record, form)
            messages.success(request, _("已保存“{name}”。").format(name=saved))
            return redirect(_back(request) or reverse("core:register", args=[key]))
    context = {
        "register": register,
        "back": _back(request),
        "record": record,
        "form": form,
        "crumbs": [
            {"label": _("台账"), "url": reverse("core:registers")},
            {"label": register.title, "url": reverse("core:register", args=[key])},
            {"label": str(record) if record else _("新增")},
        ],
    }
    return render(request, "core/register_form.html", context)


def _back(request: HttpRequest) -> str:
    """Return the page of this site that the form was opened from, where it says so."""
    back = request.GET.get("back", "")
    return back if url_has_allowed_host_and_scheme(back, allowed_hosts=None) else ""


def _save(
    request: HttpRequest, register: registers.Register, record: OwnedRecord | None, form: RegisterForm
) -> OwnedRecord:
    if record is not None and form.cleaned_data.get("version") != record.version:
        raise Conflict(
            Text("“{name}”在您打开之后已被他人修改。", name=str(record)),
            remedy=Text("请刷新页面，核对对方的修改后再保存。"),
        )
    if record is not None:
        guard.check(request, register.edit_right, record)
    saved = register_records.apply(register, form.values, record)
    register_records.save(register, saved, actor=request.user, where=guard.address(request))
    return saved


@guard.requires("units.view")
def export(request: HttpRequest, key: str) -> HttpResponse:
    """Download the register, or one kind of its records; with ``?template=1`` the empty template."""
    register = _register(request, key)
    empty = request.GET.get("template") == "1"
    found, kind = _records(request, register), request.GET.get("kind", "")
    divider, of_kind = register.divider, ""
    if divider is not None and kind in {choice.value for choice in divider.choices}:
        found, of_kind = found.filter(**{divider.name: kind}), f"-{divider.choice_label(kind)}"
        register = register.narrowed(kind)
    records = [] if empty else list(found)
    name = f"{register.title.zh}{of_kind}{_('模板') if empty else ''}-{date.today():%Y%m%d}.xlsx"
    response = HttpResponse(register_records.workbook(register, records), content_type=_XLSX)
    response["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(name)}"
    return response
