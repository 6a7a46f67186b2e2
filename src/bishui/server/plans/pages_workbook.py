"""The choices on the preview of an edited workbook of the ledger."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from bishui.errors import BishuiError
from bishui.server.core import guard
from bishui.server.core.middleware import not_found
from bishui.server.core.models import ImportSession
from bishui.server.plans import workbook_import


@guard.requires("plans.manage")
@require_POST
def choose(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Keep which of the rows that were shown are to be written."""
    session = _session(request, pk)
    given = request.POST
    return _try(
        request,
        pk,
        _("已保存选择。"),
        lambda: workbook_import.choose(
            session,
            _numbers(given.getlist("shown")),
            _numbers(given.getlist("take")),
            version=next(iter(_numbers([given.get("version", "")])), 0),
            actor=request.user,
            where=guard.address(request),
        ),
    )


@guard.requires("plans.manage")
@require_POST
def again(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Compare the file with the ledger as it stands now."""
    session = _session(request, pk)
    return _try(
        request,
        pk,
        _("已与台账现值重新比较，请再次核对。"),
        lambda: workbook_import.compare_again(session, actor=request.user, where=guard.address(request)),
    )


def _session(request: HttpRequest, pk: UUID) -> ImportSession:
    session = guard.one(request, ImportSession, "plans.manage", pk)
    if session.kind != workbook_import.LedgerImport.key:
        raise not_found()
    return session


def _numbers(texts: list[str]) -> set[int]:
    return {int(text) for text in texts if text.isdecimal()}


def _try(request: HttpRequest, pk: UUID, said: str, deed: Callable[[], Any]) -> HttpResponse:
    try:
        deed()
        messages.success(request, said)
    except BishuiError as error:
        if error.http_status in (403, 404):
            raise
        messages.error(request, str(error))
    page = request.POST.get("page", "")
    query = f"?{urlencode({'page': page})}" if page else ""
    return redirect(f"{reverse('core:import', args=[pk])}{query}")
