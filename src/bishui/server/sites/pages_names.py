"""Pages of names that mean no site yet (名称核对): what they are near to, who decided what, and when."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from bishui.errors import BishuiError, DataError, Forbidden
from bishui.i18n import Text
from bishui.server.core import audit, guard, imports, jobs, rights
from bishui.server.core.middleware import not_found
from bishui.server.core.models import ImportSession
from bishui.server.sites import choosing, naming, services
from bishui.server.sites.forms import NewSiteForm
from bishui.server.sites.models import NameDecision, Site
from bishui.server.sites.pages_overview import no_city

PER_PAGE = 20
_DECIDED_PER_PAGE = 50


@guard.requires("sites.view")
@require_safe
def listing(request: HttpRequest) -> HttpResponse:
    """List the names that mean no site, of one import or of all, and what was decided about others."""
    city = choosing.city_of(request)
    if city is None:
        return no_city(request)
    session = _session(request)
    found = naming.open_names(city.division, session)
    page = Paginator(found, PER_PAGE).get_page(request.GET.get("page"))
    naming.propose(page.object_list, city.division)
    decisions = rights.visible(request.user, "sites.view", NameDecision.objects.all())
    decisions = decisions.filter(division__startswith=city.division)
    if text := request.GET.get("q", "").strip():
        decisions = decisions.filter(name__icontains=text)
    may_edit = rights.allowed_in(request.user, "sites.edit", city.acting)
    context = {
        "session": session,
        "page": page,
        "decisions": Paginator(decisions, _DECIDED_PER_PAGE).get_page(request.GET.get("decided")),
        "filters": [{"name": "q", "label": _("已处理的名称"), "kind": "search", "value": text}],
        "sites": [(str(site.pk), site.name) for site in choosing.sites_of(request, city, "sites.edit")],
        "new_form": NewSiteForm(auto_id=False) if may_edit else None,
        "may_edit": may_edit,
        "left_out": _left_out(request, city.division, session),
    }
    return render(request, "sites/names.html", context)


def _session(request: HttpRequest) -> ImportSession | None:
    """Return the import that the page is narrowed to."""
    given = request.GET.get("import", "")
    if not given:
        return None
    try:
        return guard.one(request, ImportSession, "imports.view", UUID(given))
    except ValueError as error:
        raise not_found() from error


def _left_out(request: HttpRequest, division: str, session: ImportSession | None) -> list[ImportSession]:
    """Return the imports that left rows out whose names mean a site now."""
    if not rights.holds(request.user, "observations.import"):
        return []
    return [found for found in naming.sessions_to_complete(division, session) if naming.can_come_in(found)]


@guard.requires("sites.edit")
@require_POST
def decide(request: HttpRequest) -> HttpResponse:
    """Say what a name means: a site that is there, a new one, or none of ours."""
    city = choosing.city_of(request)
    name = request.POST.get("name", "").strip()
    if city is None or not name:
        raise not_found()
    if not rights.allowed_in(request.user, "sites.edit", city.acting):
        raise Forbidden(Text("您没有在“{city}”核对名称的权限。", city=city.name))
    try:
        said = _decided(request, name, city.acting)
    except BishuiError as error:
        if error.http_status in (403, 404):
            raise
        messages.error(request, str(error))
    else:
        messages.success(request, said)
    return redirect(_back(request))


def _decided(request: HttpRequest, name: str, division: str) -> str:
    """Do what was asked for and return what to say of it."""
    verdict = request.POST.get("verdict", "")
    given: dict[str, Any] = {"actor": request.user, "where": guard.address(request)}
    if verdict.startswith("alias"):
        site = _site(request, verdict.partition(":")[2] or request.POST.get("site", ""))
        services.add_alias(site, name, why=request.POST.get("why", ""), **given)
        return _("已确认“%(name)s”就是“%(site)s”，以后的文件都按它识别。") % {"name": name, "site": site.name}
    if verdict == "new":
        form = NewSiteForm(request.POST)
        if not form.is_valid():
            raise DataError(Text("没有填写点位编码或类别。"), remedy=Text("请填写后再登记。"))
        naming.decide_new(
            name, division=division, water=request.POST.get("water", ""), **form.cleaned_data, **given
        )
        return _("已登记新点位“%(name)s”，请补全台账中决定评价的字段。") % {"name": name}
    if verdict == "not_ours":
        naming.decide_not_ours(name, division=division, why=request.POST.get("why", ""), **given)
        return _("已注明“%(name)s”不是本市的点位。") % {"name": name}
    raise DataError(
        Text("没有选择处理方式。"), remedy=Text("请选择点位、登记为新点位，或注明不是本市的点位。")
    )


def _site(request: HttpRequest, given: str) -> Site:
    try:
        return guard.one(request, Site, "sites.edit", UUID(given))
    except ValueError as error:
        raise DataError(Text("没有选择点位。"), remedy=Text("请从列表中选择一个点位。")) from error


def _back(request: HttpRequest) -> str:
    session = request.POST.get("import", "")
    address = reverse("sites:names")
    return f"{address}?{urlencode({'import': session})}" if session else address


@guard.requires("sites.edit")
@require_POST
def withdraw(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Take a decision back, with the reason."""
    decision = guard.one(request, NameDecision, "sites.edit", pk)
    try:
        naming.withdraw_decision(
            decision, why=request.POST.get("why", ""), actor=request.user, where=guard.address(request)
        )
        messages.success(request, _("已撤销，该名称恢复为待核对。"))
    except BishuiError as error:
        messages.error(request, str(error))
    return redirect("sites:names")


@guard.requires("observations.import")
@require_POST
def complete(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Bring in the rows of a file that were left out and whose names mean a site now."""
    session = guard.one(request, ImportSession, "imports.view", pk)
    guard.check(request, "observations.import", session)
    where = guard.address(request)
    if session.state == "previewed":
        with audit.action(
            "sites.names_reread",
            actor=request.user,
            where=where,
            division=session.division,
            name=str(session),
        ):
            imports.read_again(session)
        return redirect("core:import", pk=session.pk)
    again = naming.import_left_out(session, actor=request.user, where=where)
    jobs.read_import.enqueue(str(again.pk))
    return redirect("core:import", pk=again.pk)
