"""The spill drill (突发推演): who is hit when, the list to notify, and the sheet for one river."""

from __future__ import annotations

from datetime import datetime, time
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from bishui.errors import BishuiError
from bishui.server.accounts.workspaces import Workspace
from bishui.server.core import guard
from bishui.server.network import shown
from bishui.server.network.forms import SpillForm
from bishui.server.network.held import Held
from bishui.server.network.mapping import SIGNS, map_data, spot
from bishui.server.network.models import PLACE_KINDS
from bishui.server.network.placing import Placed, places, unsure
from bishui.server.sites.pages_overview import no_city
from bishui.standards import items

if TYPE_CHECKING:
    from bishui.server.network.spill import Answer, Struck

_MORNING = time(8, 0)
_UNITS = {"m3/s": "m³/s", "m2/s": "m²/s"}
#: In the place of a template: the sheet as a document.
DOCX = "docx"


@guard.requires("network.view")
@require_GET
def drill(request: HttpRequest) -> HttpResponse:
    """Ask for a drill and show who is hit when."""
    return _page(request, "network/spill.html")


@guard.requires("network.view")
@require_GET
def sheet(request: HttpRequest) -> HttpResponse:
    """Show the notice list and the sheet for one river (一河一策一图), to be printed."""
    return _page(request, "network/sheet.html")


@guard.requires("network.view")
@require_GET
def sheet_docx(request: HttpRequest) -> HttpResponse:
    """Give the sheet as a document to be worked over and sent."""
    return _page(request, DOCX)


def _page(request: HttpRequest, template: str) -> HttpResponse:
    city = shown.city_of(request)
    if city is None:
        return no_city(request)
    found = shown.network_of(request)
    if found is None:
        return shown.no_network(request, _("突发推演"))
    placed = places(found, city.division)
    asked = "mass" in request.GET
    form = SpillForm(request.GET if asked else None, initial=_initial(request, city))
    context: dict[str, Any] = {
        "form": form,
        "version": found.version,
        "city": city,
        "reaches": _reaches(found),
    }
    answer = _answer(found, placed, city, form) if asked and _is_whole(found, form) else None
    if answer is not None:
        context |= _shown(found, placed, city, answer)
        context["sheet_url"] = f"{reverse('network:sheet')}?{request.GET.urlencode()}"
        context["back_url"] = f"{reverse('network:spill')}?{request.GET.urlencode()}"
        context["docx_url"] = f"{reverse('network:sheet_docx')}?{request.GET.urlencode()}"
        if template == DOCX:
            return _document(city, context)
    else:
        template = "network/spill.html"
    return render(request, template, context)


def _document(city: Workspace, told: dict[str, Any]) -> HttpResponse:
    from bishui.server.network import paper

    name = quote(f"一河一策一图 {told['substance']} {told['answer'].question.begin:%Y-%m-%d}.docx")
    response = HttpResponse(paper.sheet(city, told), content_type=paper.TYPE)
    response.headers["Content-Disposition"] = f"attachment; filename*=utf-8''{name}"
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response


def _initial(request: HttpRequest, city: Workspace) -> dict[str, Any]:
    return {
        "reach": request.GET.get("reach", ""),
        "chainage": request.GET.get("chainage", ""),
        "begin": datetime.combine(city.today, _MORNING),
        "item": "nh3n",
    }


def _reaches(found: Held) -> list[dict[str, Any]]:
    return shown.reach_options(found, "")


def _is_whole(found: Held, form: SpillForm) -> bool:
    """Return whether all is given and the place is on the network; else the form says what is wrong."""
    form.is_valid()
    reach = form.cleaned_data.get("reach")
    row = found.row(reach) if reach else None
    if reach and row is None:
        said = _("河网中没有编号为“%(reach)s”的河段；请在图上选，或从列表中选。") % {"reach": reach}
        form.add_error("reach", said)
    if row is not None:
        length = float(found.network.reaches.length[row])
        if (form.cleaned_data.get("chainage") or 0.0) > length:
            form.add_error("chainage", _("该河段只长 %(length)s m。") % {"length": f"{length:.0f}"})
    return not form.errors


def _answer(found: Held, placed: list[Placed], city: Workspace, form: SpillForm) -> Answer | None:
    """Return the drill; where it cannot be computed the form says why."""
    from bishui.server.network.spill import Question, answer

    given = form.cleaned_data
    asked = Question(
        found.row(given["reach"]) or 0,
        given["chainage"] or 0.0,
        given["item"],
        given["name"],
        given["mass"],
        given["hours"] or 0.0,
        form.begin(),
        given["limit"],
        given["flow_factor"] or 1.0,
    )
    try:
        return answer(found, placed, city.division, asked)
    except BishuiError as error:
        form.add_error(None, str(error))
        return None


def _shown(found: Held, placed: list[Placed], city: Workspace, answer: Answer) -> dict[str, Any]:
    from bishui.server.network.spill import points_of_control, schematic

    asked = answer.question
    marks = dict.fromkeys(answer.side.rows, "side") | {asked.reach: "chosen"}
    hit = {entry.placed.thing.key for entry in answer.struck}
    return {
        "answer": answer,
        "substance": items()[asked.item].name if asked.item else asked.name,
        "place": _("%(reach)s，里程 %(at)s m")
        % {"reach": found.name(asked.reach), "at": f"{asked.chainage:.0f}"},
        "facts": _facts(answer),
        "columns": _columns(),
        "rows": [{"cells": _cells(entry)} for entry in answer.struck],
        "over": [entry for entry in answer.struck if entry.hit.over_limit is not None],
        "notices": [_notice(entry) for entry in answer.struck],
        "clear": [entry.thing.name for entry in answer.clear],
        "unsure": [entry.thing.name for entry in unsure(placed) if entry.thing.kind != "outfall"],
        "assumptions": [
            {
                "name": one.name,
                "value": f"{one.value:.4g} {_UNITS.get(one.unit, one.unit)}".strip(),
                "source": _source(one.source, answer),
            }
            for one in answer.drilled.assumptions
        ],
        "seconds": f"{answer.drilled.seconds:.2f}",
        "schematic": schematic(found, answer),
        "controls": points_of_control(found, answer),
        "data": map_data(
            found,
            [entry for entry in placed if entry.thing.key in hit],
            city.division,
            marks,
            lambda row: f"{reverse('network:spill')}?{urlencode({'reach': found.network.name(row)})}",
            spots=[spot(found, asked.reach, asked.chainage, ("spill", str(SIGNS["spill"]), _("泄漏点")))],
        ),
    }


def _source(source: str, answer: Answer) -> str:
    """Return where a number comes from, in words; sources of settings stand with the settings."""
    if source == "network":
        return _("河网文件")
    settings = answer.drilled.settings.settings.values()
    if not source or any(setting.source == source for setting in settings):
        return _("模型设置或填报")
    return source


def _facts(answer: Answer) -> list[dict[str, Any]]:
    asked = answer.question
    lasting = _("瞬时") if not asked.hours else _("持续 %(count)s 小时") % {"count": f"{asked.hours:g}"}
    return [
        {"label": _("开始"), "moment": asked.begin},
        {"label": _("泄漏量"), "text": f"{asked.mass_kg:g} kg", "note": lasting},
        {"label": _("受影响河长"), "text": f"{answer.side.length_km:.1f} km"},
        {"label": _("受影响的断面和取水口"), "text": str(len(answer.struck))},
    ]


def _columns() -> list[dict[str, Any]]:
    return [
        {"label": _("断面、取水口")},
        {"label": _("距离（km）"), "numeric": True},
        {"label": _("到达")},
        {"label": _("峰现")},
        {"label": _("峰值（mg/L）"), "numeric": True},
        {"label": _("过去")},
        {"label": _("超限可能")},
    ]


def _cells(entry: Struck) -> list[dict[str, Any]]:
    peak = entry.hit.peak
    return [
        shown.thing_cell(entry.placed),
        {"text": shown.km(entry.km)},
        _moment(entry.moments("arrival")),
        _moment(entry.moments("peak_time")),
        {
            "text": shown.figure(peak.likely),
            "note": f"{shown.figure(peak.low)} – {shown.figure(peak.high)}",
        },
        _moment(entry.moments("leaving")),
        _chance(entry),
    ]


def _moment(band: list[datetime | None]) -> dict[str, Any]:
    """Return the likely moment, with the early and the late one beneath."""
    low, likely, high = band
    if likely is None:
        return {"text": _("不超限") if low is None else _("可能不超限"), "note": _span(low, high)}
    return {"text": f"{likely:%m-%d %H:%M}", "note": _span(low, high)}


def _span(low: datetime | None, high: datetime | None) -> str:
    if low is None or high is None:
        return ""
    last = f"{high:%H:%M}" if low.date() == high.date() else f"{high:%m-%d %H:%M}"
    return f"{low:%m-%d %H:%M} – {last}"


def _chance(entry: Struck) -> dict[str, Any]:
    limit = entry.hit.receptor.limit
    if limit is None:
        return {"text": "—", "note": _("没有限值")}
    chance = float(entry.hit.exceeds)
    tone = "bad" if chance >= 0.5 else "warn" if chance >= 0.05 else "good"
    return {
        "state": tone,
        "label": shown.percent(chance),
        "note": _("限值 %(limit)s mg/L") % {"limit": f"{limit:g}"},
    }


def _notice(entry: Struck) -> dict[str, Any]:
    """Return a line of the list to notify: who, until when, and what for."""
    arrival, leaving = entry.moments("arrival"), entry.moments("leaving")
    intake = entry.placed.thing.kind == "intake"
    first = arrival[0] or entry.moments("peak_time")[0]
    chance = float(entry.hit.exceeds) if entry.hit.receptor.limit is not None else None
    if chance is not None and chance < 0.05:
        deed = _("通报情况，加强监测")
    elif intake:
        deed = _("通知供水单位：到达前停止取水或启用备用水源，过去并经检测合格后恢复")
    else:
        deed = _("派员加密监测，到达前采背景样")
    return {
        "name": entry.placed.thing.name,
        "kind": str(PLACE_KINDS[entry.placed.thing.kind]),
        "before": first,
        "until": leaving[2] or leaving[1],
        "peak": shown.figure(entry.hit.peak.high),
        "deed": deed,
    }
