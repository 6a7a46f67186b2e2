"""Traces (溯源): the list with the hit rate, one trace with its suspects, and what was investigated."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
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
from bishui.i18n import Bilingual
from bishui.server.alerts import queries as alerts
from bishui.server.core import guard, rights
from bishui.server.core.middleware import not_found
from bishui.server.core.templatetags.bishui_ui import actor
from bishui.server.network import jobs, queries, services, shown
from bishui.server.network.forms import DispatchForm, FoundForm
from bishui.server.network.held import of_version
from bishui.server.network.models import Investigation, TraceRun
from bishui.server.network.trace_map import trace_map
from bishui.server.network.traced import Told, told
from bishui.server.sites.pages_overview import no_city

_PER_PAGE = 30
_OUTCOME_TONES = {"": "info", "confirmed": "good", "refuted": "idle"}


@guard.requires("traces.view")
@require_GET
def listing(request: HttpRequest) -> HttpResponse:
    """List the traces, with how often they were right."""
    city = shown.city_of(request)
    if city is None:
        return no_city(request)
    found = queries.traces_of(city, request.user)
    page = Paginator(found, _PER_PAGE).get_page(request.GET.get("page"))
    sent = found.filter(investigations__isnull=False).distinct().prefetch_related("investigations")
    rate = queries.hit_rate(sent)
    context = {
        "page": page,
        "columns": [
            {"label": _("预警")},
            {"label": _("结论"), "long": True},
            {"label": _("核查")},
            {"label": _("时间")},
            {"label": _("发起人")},
        ],
        "rows": [{"cells": _cells(run)} for run in page],
        "rates": [
            _rate(_("首位命中"), rate.first, _("查实的污染源在第一组")),
            _rate(_("前三位命中"), rate.first_three, _("查实的污染源在前三组")),
            _rate(_("点名的溯源命中"), rate.named, _("只计明确点名的溯源")),
        ],
        "still_open": rate.still_open,
        "has_network": queries.network_of(city.division) is not None,
    }
    return render(request, "network/traces.html", context)


def _rate(label: str, rate: Any, note: str) -> dict[str, Any]:
    interval = rate.interval
    if interval is not None:
        note = _("%(note)s；95%% 区间 %(low)s–%(high)s") % {
            "note": note,
            "low": f"{interval[0]:.0%}",
            "high": f"{interval[1]:.0%}",
        }
    if not rate.of:
        return {"label": label, "k": None, "n": None, "value": "—", "note": _("还没有核查结果")}
    return {"label": label, "k": rate.hits, "n": rate.of, "note": note}


def _cells(run: TraceRun) -> list[dict[str, Any]]:
    made = list(run.investigations.all())
    outcome = {"text": "—"} if not made else _outcome(made[-1])
    return [
        {"text": run.said_of, "url": reverse("network:trace", args=[run.pk])},
        {"text": _statement(run)},
        outcome,
        {"moment": run.at},
        {"text": actor(run.by)},
    ]


def _outcome(made: Investigation) -> dict[str, Any]:
    return {"state": _OUTCOME_TONES[made.outcome], "label": made.outcome_label}


def _statement(run: TraceRun) -> str:
    if run.fault is not None:
        return str(_say(run.fault["what"]))
    return str(run.said) if run.said is not None else _("正在计算")


def _say(text: Mapping[str, str]) -> Bilingual:
    return Bilingual(text["zh"], text["en"])


@guard.requires("traces.make")
@require_POST
def ask(request: HttpRequest, alert: UUID) -> HttpResponse:
    """Ask for a trace of an alert; a worker answers it."""
    city = shown.city_of(request)
    record = alerts.alert_seen(request.user, alert)
    if city is None or record is None:
        raise not_found()
    guard.check(request, "traces.make", record)
    try:
        run = services.ask_trace(record, city, actor=request.user, where=guard.address(request))
    except BishuiError as error:
        messages.error(request, str(error))
        return redirect("alerts:alert", pk=alert)
    jobs.answer_trace.enqueue(str(run.pk))
    return redirect("network:trace", pk=run.pk)


@guard.requires("traces.view")
@require_GET
def trace(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Show a trace; while a worker is at it, the page asks for its state."""
    run = guard.one(request, TraceRun, "traces.view", pk)
    if request.htmx and run.done_at is None:  # type: ignore[attr-defined]
        return render(request, "core/parts/job.html", {"job": _job(run)})
    if request.htmx:  # type: ignore[attr-defined]
        return HttpResponse(headers={"HX-Refresh": "true"})
    answered = told(run) if run.result is not None else None
    context = {
        "run": run,
        "data": trace_map(of_version(run.network), run, answered) if answered else {},
        "job": _job(run) if run.done_at is None else None,
        "fault": {name: str(_say(run.fault[name])) for name in ("what", "remedy")} if run.fault else None,
        "told": answered,
        "facts": _facts(run),
        "investigations": [_investigation(request, one) for one in queries.investigations_of(run)],
        "may_dispatch": run.result is not None and rights.allowed(request.user, "cases.open", run),
        "crumbs": [{"label": _("溯源"), "url": reverse("network:traces")}, {"label": run.said_of}],
    }
    return render(request, "network/trace.html", context)


def _job(run: TraceRun) -> dict[str, Any]:
    return {
        "id": run.pk,
        "title": _("正在溯源"),
        "state": "running",
        "done": 0,
        "total": 0,
        "message": _("逐一检验候选排污口能否解释监测结果，通常需要几秒到一分钟。"),
        "poll_url": reverse("network:trace", args=[run.pk]),
    }


def _facts(run: TraceRun) -> list[dict[str, Any]]:
    asked = run.asked
    return [
        {"label": _("预警"), "text": run.said_of, "url": reverse("alerts:alert", args=[run.alert])},
        {"label": _("断面"), "text": "、".join(entry["name"] for entry in asked["sections"])},
        {"label": _("候选排污口"), "text": str(len(asked["candidates"]))},
        {"label": _("监测结果"), "text": str(len(asked["samples"]["value"]))},
        {"label": _("事件起始"), "text": asked["event_from"][:10]},
        {"label": _("结果截止"), "text": asked["until"].replace("T", " ")[:16]},
        {"label": _("河网"), "text": str(run.network)},
        {"label": _("方法"), "technical": run.method},
        {"label": _("输入摘要"), "technical": run.digest[:16]},
        {"label": _("发起"), "text": actor(run.by), "note": f"{run.at:%Y-%m-%d %H:%M}"},
    ]


def _investigation(request: HttpRequest, made: Investigation) -> dict[str, Any]:
    names = {entry["code"]: entry["name"] for entry in made.trace.asked["candidates"]}
    ended = made.case.step.final
    may = ended and not made.outcome and rights.allowed(request.user, "traces.make", made)
    return {
        "record": made,
        "case": made.case,
        "suspects": "、".join(names.get(key, key) for key in made.suspects),
        "sources": "、".join(names.get(key, key) for key in made.sources),
        "form": FoundForm(candidates=_likeliest_first(made.trace, names)) if may else None,
        "outcome": _outcome(made),
    }


def _likeliest_first(run: TraceRun, names: Mapping[str, str]) -> list[tuple[str, str]]:
    """Return the candidates of a trace to choose from, in the order in which its page has them."""
    ranked = [key for group in (run.result or {})["groups"] for key in group["keys"] if key in names]
    return [(key, names[key]) for key in dict.fromkeys([*ranked, *names])]


@guard.requires("cases.open")
@require_http_methods(["GET", "POST"])
def dispatch(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Send suspects of a trace to be investigated."""
    workspace = shown.city_of(request)
    run = guard.one(request, TraceRun, "traces.view", pk)
    guard.check(request, "cases.open", run)
    if workspace is None or run.result is None:
        return redirect("network:trace", pk=pk)
    answered = told(run)
    units: Any = Investigation._meta.get_field("case").related_model._meta.get_field("unit").related_model
    chosen = request.GET.getlist("suspect") or answered.first_group
    form = DispatchForm(
        request.POST or None,
        suspects=[(one.key, one.name) for one in answered.suspects],
        units=units.objects.filter(division__startswith=workspace.acting),
        today=workspace.today,
        initial=_draft(run, answered, chosen),
    )
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        made = services.dispatch(
            run,
            given["suspects"],
            given["title"],
            given["text"],
            unit=given["unit"],
            deadline=given["deadline"],
            actor=request.user,
            where=guard.address(request),
        )
        return redirect("cases:case", pk=made.case_id)
    context = {
        "form": form,
        "run": run,
        "cancel_url": reverse("network:trace", args=[pk]),
        "crumbs": [
            {"label": _("溯源"), "url": reverse("network:traces")},
            {"label": run.said_of, "url": reverse("network:trace", args=[pk])},
            {"label": _("派发核查")},
        ],
    }
    return render(request, "network/dispatch.html", context)


def _draft(run: TraceRun, answered: Told, chosen: Sequence[str]) -> dict[str, Any]:
    """Return what an investigation is asked for, to be worked over."""
    lines = [answered.caution, run.name]
    for one in answered.suspects:
        if one.key in chosen:
            window = _("，推算排放时段 %(window)s") % {"window": one.window} if one.window else ""
            lines.append(_("核查对象：%(name)s%(window)s") % {"name": one.label, "window": window})
    if answered.next_samples:
        lines.append(_("建议先采样：%(place)s") % {"place": answered.next_samples[0]["text"]})
    lines.append(_("请核查运行台账、在线数据和雨污排口，采样取证，并于期限前反馈核查情况。"))
    return {
        "suspects": list(chosen),
        "title": _("溯源线索核查：%(name)s") % {"name": run.name[:150]},
        "text": "\n".join(lines),
    }


@guard.requires("traces.make")
@require_POST
def found(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Record what an investigation found."""
    made = guard.one(request, Investigation, "traces.make", pk)
    candidates = [(entry["code"], entry["name"]) for entry in made.trace.asked["candidates"]]
    form = FoundForm(request.POST, candidates=candidates)
    if not form.is_valid():
        messages.error(request, _("核查结果不完整：请选择结论并写明现场核查情况。"))
        return redirect("network:trace", pk=made.trace_id)
    given = form.cleaned_data
    try:
        services.record_found(
            made,
            given["outcome"],
            given["sources"],
            given["found"],
            actor=request.user,
            where=guard.address(request),
        )
    except BishuiError as error:
        messages.error(request, str(error))
    return redirect("network:trace", pk=made.trace_id)
