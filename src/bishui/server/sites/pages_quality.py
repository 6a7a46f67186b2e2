"""Pages of quality control (质控): what the checks found, what a person decided, and every flag there is."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from bishui.errors import BishuiError, CallError, Forbidden
from bishui.i18n import Text
from bishui.observations import QUALITY_RULES, rule_name
from bishui.server.core import guard, rights
from bishui.server.sites import choosing, previews, quality
from bishui.server.sites.forms import HoldForm
from bishui.server.sites.models import FLAGS, Flag, QualityFinding, QualityRun
from bishui.server.sites.models_quality import SEVERITIES, STATES
from bishui.server.sites.pages_overview import no_city

PER_PAGE = 50


@guard.requires("sites.view")
@require_safe
def listing(request: HttpRequest) -> HttpResponse:
    """List what the checks found; while a worker is at it, its progress is asked for (by htmx)."""
    city = choosing.city_of(request)
    if city is None:
        return no_city(request)
    run = QualityRun.objects.filter(division=city.division).first()
    job = _job(run)
    if request.htmx:  # type: ignore[attr-defined]
        if job is None:
            return HttpResponse(headers={"HX-Refresh": "true"})
        return render(request, "core/parts/job.html", {"job": job})
    inside = rights.visible(request.user, "sites.view", QualityFinding.objects.all())
    inside = inside.filter(division__startswith=city.division, gone_at=None)
    found = _chosen(request, inside)
    page = Paginator(found.select_related("site", "flag"), PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "run": run,
        "job": job,
        "page": page,
        "filters": _filters(request, inside),
        "may_flag": rights.allowed_in(request.user, "observations.flag", city.acting),
        "decided": request.GET.get("state", "new") not in ("", "new"),
        "flags": {key: str(label) for key, label in FLAGS.items()},
    }
    return render(request, "sites/quality.html", context)


def _job(run: QualityRun | None) -> dict[str, Any] | None:
    if run is None or run.progress not in ("queued", "running") or not quality.is_queued(run):
        return None
    return {
        "id": run.pk,
        "title": _("正在检查全部监测数据"),
        "state": "queued",
        "done": 0,
        "total": 0,
        "message": "",
        "poll_url": reverse("sites:quality"),
    }


def _chosen(request: HttpRequest, found: QuerySet[QualityFinding]) -> QuerySet[QualityFinding]:
    """Return the findings that the filters leave; those that wait for a decision, unless asked otherwise."""
    wanted = {"state": request.GET.get("state", "new")}
    wanted |= {name: request.GET.get(name, "") for name in ("rule", "severity", "item")}
    for name, value in wanted.items():
        if value:
            found = found.filter(**{name: value})
    if site := request.GET.get("site", "").strip():
        found = found.filter(site__name__icontains=site)
    if day := request.GET.get("from", ""):
        try:
            found = found.filter(time_to__date__gte=choosing.day_of(day))
        except CallError as error:
            messages.error(request, str(error))
    return found


def _filters(request: HttpRequest, inside: QuerySet[QualityFinding]) -> list[dict[str, Any]]:
    states = dict(inside.order_by().values_list("state").annotate(Count("pk")))
    waiting = inside.order_by().filter(state="new")
    by_rule = dict(waiting.values_list("rule").annotate(Count("pk")))
    by_severity = dict(waiting.values_list("severity").annotate(Count("pk")))
    chosen = request.GET.get("state", "new")
    state = [
        {"value": key, "label": f"{label} {states.get(key, 0)}", "selected": key == chosen}
        for key, label in STATES.items()
    ]
    everything = {"value": "", "label": _("全部"), "selected": chosen == ""}
    rules = {key: f"{rule_name(key)} {by_rule.get(key, 0)}" for key in QUALITY_RULES}
    severities = {key: f"{label} {by_severity.get(key, 0)}" for key, label in SEVERITIES.items()}
    return [
        {"name": "state", "label": _("处理情况"), "kind": "select", "options": [*state, everything]},
        *choosing.filters(request, [("rule", _("规则"), rules), ("severity", _("程度"), severities)]),
        {"name": "site", "label": _("点位"), "kind": "search", "value": request.GET.get("site", "")},
        {"name": "from", "label": _("自"), "kind": "date", "value": request.GET.get("from", "")},
    ]


@guard.requires("observations.flag")
@require_POST
def run_checks(request: HttpRequest) -> HttpResponse:
    """Queue a run of all checks; a worker does it."""
    city = choosing.city_of(request)
    if city is None:
        return no_city(request)
    if not rights.allowed_in(request.user, "observations.flag", city.acting):
        raise Forbidden(Text("您没有在“{city}”运行质控检查的权限。", city=city.name))
    quality.ask(city.division, actor=request.user, where=guard.address(request))
    return redirect("sites:quality")


@guard.requires("observations.flag")
@require_POST
def decide(request: HttpRequest) -> HttpResponse:
    """Flag, dismiss or reopen one finding or all that were ticked."""
    deed, reason = request.POST.get("deed", ""), request.POST.get("reason", "")
    back, chosen = request.POST.get("back", ""), request.POST.getlist("finding")
    if one := request.POST.get("one", ""):  # the button of one row: what to do, and with which
        deed, _colon, only = one.partition(":")
        chosen = [only]
    found = [
        guard.one(request, QualityFinding, "observations.flag", pk)
        for pk in dict.fromkeys(filter(None, map(_uuid, chosen)))
    ]
    if kind := request.POST.get("preview", ""):
        return previews.findings(request, found, kind)
    try:
        _do(deed, found, reason, request)
    except BishuiError as error:
        if error.http_status in (403, 404):
            raise
        messages.error(request, str(error))
    else:
        messages.success(request, _("已处理 %(count)s 处。") % {"count": len(found)})
    return redirect(f"{reverse('sites:quality')}?{back}" if back else "sites:quality")


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


def _do(deed: str, found: list[QualityFinding], reason: str, request: HttpRequest) -> None:
    given: dict[str, Any] = {"reason": reason, "actor": request.user, "where": guard.address(request)}
    if deed == "dismiss":
        quality.dismiss_findings(found, **given)
    elif deed == "reopen":
        quality.reopen_findings(found, **given)
    else:
        quality.flag_findings(found, kind=deed, **given)


@guard.requires("observations.flag")
@require_http_methods(["GET", "POST"])
def hold(request: HttpRequest) -> HttpResponse:
    """Hold a suspect period back at one or several sites."""
    city = choosing.city_of(request)
    if city is None:
        return no_city(request)
    sites = choosing.sites_of(request, city, "observations.flag")
    form = HoldForm(sites, request.POST or None)
    if "preview" in request.POST:
        url, held = reverse("sites:hold"), request.POST.getlist("sites")
        return previews.flags(request, form, held, url=url, back_url=url, kind="under_review")
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        chosen = [site for site in sites if str(site.pk) in data["sites"]]
        made = quality.hold_back(
            chosen,
            item=data["item"],
            time_from=data["time_from"],
            time_to=data["time_to"],
            reason=data["reason"],
            actor=request.user,
            where=guard.address(request),
        )
        messages.success(request, _("已暂停使用 %(count)s 个点位的数据，可随时撤销。") % {"count": len(made)})
        return redirect("sites:flags")
    context = {"form": form, "heading": _("暂停使用一段可疑数据"), "cancel_url": reverse("sites:quality")}
    return render(request, "sites/hold.html", context)


@guard.requires("sites.view")
@require_safe
def flags(request: HttpRequest) -> HttpResponse:
    """List every flag: who, when, why; withdrawn ones stay visible."""
    city = choosing.city_of(request)
    if city is None:
        return no_city(request)
    inside = rights.visible(request.user, "sites.view", Flag.objects.select_related("site"))
    found = inside.filter(site__division__startswith=city.division)
    standing = found.filter(withdrawn_at=None).count()
    total = found.count()
    if kind := request.GET.get("flag", ""):
        found = found.filter(flag=kind)
    shown = request.GET.get("standing", "")
    if shown:
        found = found.filter(withdrawn_at__isnull=shown == "yes")
    if text := request.GET.get("q", "").strip():
        found = found.filter(
            Q(site__name__icontains=text) | Q(reason__icontains=text) | Q(by__icontains=text)
        )
    page = Paginator(found.order_by("-at", "-id"), PER_PAGE).get_page(request.GET.get("page"))
    states = {
        "yes": _("生效中 %(count)s") % {"count": standing},
        "no": _("已撤销 %(count)s") % {"count": total - standing},
    }
    context = {
        "page": page,
        "filters": [
            *choosing.filters(
                request,
                [
                    ("standing", _("状态"), states),
                    ("flag", _("处理"), {key: str(label) for key, label in FLAGS.items()}),
                ],
            ),
            {"name": "q", "label": _("点位、原因或经办人"), "kind": "search", "value": text},
        ],
        "may_flag": rights.allowed_in(request.user, "observations.flag", city.acting),
    }
    return render(request, "sites/flags.html", context)
