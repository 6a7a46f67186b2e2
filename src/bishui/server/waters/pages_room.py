"""Room left (剩余空间): what the rest of the year may bring for each target, and a trial of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET

from bishui.assessment import Period, RoomState, SectionResult
from bishui.server.accounts.workspaces import Workspace
from bishui.server.core import guard
from bishui.server.core.middleware import not_found
from bishui.server.sites import choosing
from bishui.server.sites.kinds.panel import value_text
from bishui.server.sites.pages_overview import PER_PAGE, no_city
from bishui.server.waters import room, words
from bishui.server.waters.kept import WaterResults
from bishui.server.waters.room_form import AssumedForm
from bishui.standards import items

_TONES = {
    RoomState.OPEN: "info",
    RoomState.CANNOT_BE_MET: "bad",
    RoomState.CANNOT_BE_MISSED: "good",
    RoomState.CANNOT_BE_JUDGED: "idle",
    RoomState.NO_DATA: "idle",
}
#: Where a section stands that may still meet its target and fails now.
_FAILING = "failing"
#: So many sections need no filters.
_AT_A_GLANCE = 10
#: A pH that nothing exceeds.
_HIGHEST_PH = Decimal(14)
_WAYS = {"same_month": gettext_lazy("逐月抽取往年同月"), "block": gettext_lazy("整年抽取")}


@guard.requires("sites.view")
@require_GET
def city_room(request: HttpRequest) -> HttpResponse:
    """Show the slack of each rate, and for each section what its remaining months may have."""
    city = choosing.city_of(request)
    if city is None:
        return no_city(request)
    results = WaterResults(city, choosing.sites_of(request, city))
    found = room.room_of(results, request.user) if results.newest_month() and results.sites else None
    every = found["sections"] if found else []
    asked = {"state": request.GET.get("state", ""), "q": request.GET.get("q", "").strip()}
    shown = [entry for entry in every if _asked(entry, **asked)]
    page = Paginator(sorted(shown, key=_urgency), PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "today": city.today,
        "rates": [_rate(entry, results) for entry in found["rates"]] if found else [],
        "targets": len(every),
        "sections": [_section(entry) for entry in page],
        "page": page,
        "filters": _filters(every, **asked),
        "filtered": any(asked.values()),
        "item_columns": _item_columns(),
        "source": _source(found) if found else None,
        "has_data": found is not None,
        "crumbs": [{"label": _("剩余空间")}],
    }
    return render(request, "waters/room.html", context)


def _urgency(entry: Mapping[str, Any]) -> int:
    """Return the place of a section in the list: first what is lost, then what fails now."""
    return list(_look_first()).index(_standing(entry))


def _look_first() -> dict[str, str]:
    """Return where a section can stand, in words, the most urgent first."""
    return {
        RoomState.CANNOT_BE_MET.value: str(RoomState.CANNOT_BE_MET.text),
        _FAILING: _("目前超标，仍可挽回"),
        RoomState.OPEN.value: _("尚有余量，目前未超标"),
        RoomState.CANNOT_BE_JUDGED.value: str(RoomState.CANNOT_BE_JUDGED.text),
        RoomState.NO_DATA.value: str(RoomState.NO_DATA.text),
        RoomState.CANNOT_BE_MISSED.value: str(RoomState.CANNOT_BE_MISSED.text),
    }


def _standing(entry: Mapping[str, Any]) -> str:
    state: str = entry["state"]
    return _FAILING if state == RoomState.OPEN and entry["failing"] else state


def _asked(entry: Mapping[str, Any], *, state: str, q: str) -> bool:
    return (not state or _standing(entry) == state) and q in entry["name"]


def _filters(every: Sequence[Mapping[str, Any]], *, state: str, q: str) -> list[dict[str, Any]]:
    """Return the filters of the list, each standing with its count; none where one look takes all in."""
    counts = Counter(map(_standing, every))
    if len(every) <= _AT_A_GLANCE:
        return []
    options = [{"value": "", "label": _("全部"), "selected": not state}]
    options += [
        {"value": key, "label": f"{label} · {counts[key]}", "selected": key == state}
        for key, label in _look_first().items()
        if counts[key] or key == state
    ]
    return [
        {"name": "state", "label": _("余量"), "kind": "select", "options": options},
        {"name": "q", "label": _("断面"), "kind": "search", "value": q, "placeholder": _("断面名称")},
    ]


def _rate(entry: Mapping[str, Any], results: WaterResults) -> dict[str, Any]:
    names = {site.name: str(site.pk) for site in results.sites}
    sign = "≤" if entry["at_most"] else "≥"
    return {
        "name": entry["name"],
        "url": entry["url"],
        "asked": f"{sign} {entry['percent']}%",
        "text": words.said(entry["text"]),
        "tone": "bad" if entry["left"] < 0 else "warn" if entry["left"] == 0 else "good",
        "total": entry["total"],
        "may_miss": entry["may_miss"],
        "lost": _links(entry["lost"], names),
        "failing": _links(entry["failing"], names),
        "at_risk": _links(entry["at_risk"], names),
        "without_data": _links(_named(entry["without_data"], names), names),
        "chance": _chance(entry["chance"]),
    }


def _named(given: Sequence[str], names: Mapping[str, str]) -> list[str]:
    by_id = {site: name for name, site in names.items()}
    return [by_id.get(entry, entry) for entry in given]


def _links(given: Sequence[str], names: Mapping[str, str]) -> list[dict[str, str]]:
    return [
        {"name": name, "url": reverse("waters:section_room", args=[names[name]]) if name in names else ""}
        for name in given
    ]


def _chance(chance: Mapping[str, Any] | None) -> dict[str, str] | None:
    """Return an estimate in words, with how it was drawn."""
    if chance is None:
        return None
    given = {"draws": chance["draws"], "seed": chance["seed"], "way": _WAYS[chance["resampling"]]}
    how = _("%(way)s，%(draws)s 次，随机种子 %(seed)s") % given if chance["draws"] else ""
    return {"text": words.said(chance["text"]), "how": how}


def _section(entry: Mapping[str, Any]) -> dict[str, Any]:
    state = RoomState(entry["state"])
    return {
        "id": entry["site"],
        "name": entry["name"],
        "url": reverse("waters:section_room", args=[entry["site"]]),
        "target_class": entry["target"]["class"],
        "tone": _TONES[state],
        "state": words.reason_word(entry["reason"]) if entry["reason"] else str(state.text),
        "so_far": {True: "attained", False: "not_attained", None: "not_judged"}[entry["meets_so_far"]],
        "failing": [items()[key].name for key in entry["failing"]],
        "remaining": max((len(item["months"]["remaining"]) for item in entry["items"]), default=0),
        "chance": _chance(entry["chance"]),
        "tightest": _tightest(entry["items"]),
        "rows": [{"cells": _item(item)} for item in entry["items"]],
    }


def _tightest(entries: Sequence[Mapping[str, Any]]) -> str:
    """Return the item whose remaining months may exceed its limit least, or must stay below it most."""
    upper = [entry for entry in entries if entry["most"] and entry["item"] != "ph"]
    if not upper:
        return ""
    least = min(upper, key=lambda entry: Decimal(entry["most"]["value"]) / Decimal(entry["limit"]))
    return f"{items()[least['item']].name} {_may(least)}"


def _item_columns() -> list[dict[str, Any]]:
    return [
        {"label": _("项目")},
        {"label": _("目标限值"), "numeric": True},
        {"label": _("至今均值"), "numeric": True},
        {"label": _("已有月份")},
        {"label": _("剩余月份的均值"), "long": True},
    ]


def _item(entry: Mapping[str, Any]) -> list[dict[str, Any]]:
    months = entry["months"]
    failing = entry["meets_so_far"] is False
    return [
        {"text": items()[entry["item"]].name, "note": entry["clause"] or ""},
        {"text": entry["limit"]},
        {"text": value_text(entry["mean"], entry["item"]), "note": _("目前超标") if failing else ""},
        {"k": len(months["measured"]), "n": months["counted"], "missing": len(months["without_data"])},
        {"text": _may(entry), "note": _left(entry)},
    ]


def _may(entry: Mapping[str, Any]) -> str:
    """Return what the remaining months may have, as a number with its sign, or why there is none."""
    state = RoomState(entry["state"])
    if state is not RoomState.OPEN:
        return str(state.text)
    ends = [f"≥ {entry['least']['printed']}"] if entry["least"] else []
    most = entry["most"]
    if entry["item"] == "ph" and most and Decimal(most["printed"]) >= _HIGHEST_PH:
        most = None
    ends += [f"≤ {most['printed']}"] if most else []
    unit = "" if entry["item"] == "ph" else f" {items()[entry['item']].unit}"
    return "，".join(ends) + unit


def _left(entry: Mapping[str, Any]) -> str:
    remaining = entry["months"]["remaining"]
    if RoomState(entry["state"]) is not RoomState.OPEN:
        return ""
    return _("剩余 %(count)s 个月：%(months)s月") % {
        "count": len(remaining),
        "months": _("、").join(map(str, remaining)),
    }


def _source(found: Mapping[str, Any]) -> dict[str, Any]:
    rules = found["rules"]
    return {
        "standard": found["standard"],
        "method": found["method"]["version"],
        "rules": rules["version"],
        "settings": [f"{name} = {_plain(setting['value'])}" for name, setting in rules["settings"].items()],
    }


def _plain(value: object) -> str:
    return _("、").join(map(str, value)) if isinstance(value, list) else str(value)


@guard.requires("sites.view")
@require_GET
def section_room(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Show a section's room, and what its year and the rates become with assumed means."""
    site = choosing.site_of(request, pk)
    city = choosing.city_of(request)
    if city is None:
        return no_city(request)
    results = WaterResults(city, choosing.sites_of(request, city))
    found = room.room_of(results, request.user) if results.newest_month() else {"sections": []}
    entry = next((one for one in found["sections"] if one["site"] == str(site.pk)), None)
    if entry is None:
        raise not_found()
    form = AssumedForm(request.GET or None, entry["items"])
    context: dict[str, Any] = {"form": form, "site": site}
    if form.is_bound and form.is_valid():
        context["answer"] = _answer(results, found, entry, form)
    if request.htmx:  # type: ignore[attr-defined]
        return render(request, "waters/parts/room_answer.html", context)
    return render(request, "waters/section_room.html", context | _around(city, entry, found))


def _around(city: Workspace, entry: Mapping[str, Any], found: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "today": city.today,
        "year": city.today.year,
        "section": _section(entry),
        "item_columns": _item_columns(),
        "source": _source(found),
        "crumbs": [{"label": _("剩余空间"), "url": reverse("waters:room")}, {"label": entry["name"]}],
    }


def _answer(
    results: WaterResults, found: Mapping[str, Any], entry: Mapping[str, Any], form: AssumedForm
) -> dict[str, Any]:
    """Return the year of the section with what is assumed, and each rate that it is counted in."""
    year = room.assumed_year(results, entry["site"], form.assumed())
    return {
        "klass": year.rank,
        "reason": year.reason.value if year.reason else "",
        "state": year.attainment.state.value,
        "deciding": [items()[key].name for key in year.deciding],
        "failing": [items()[key].name for key in year.attainment.failing],
        "means": [
            {"name": items()[key].name, "value": value_text(str(year.items[key].compared), key)}
            for key in form.assumed()
            if key in year.items and year.items[key].compared is not None
        ],
        "rates": [_rate_then(rate, entry, year) for rate in found["rates"] if entry["site"] in rate["sites"]],
        "period": Period.year(results.workspace.today.year).label,
    }


def _rate_then(rate: Mapping[str, Any], entry: Mapping[str, Any], year: SectionResult) -> dict[str, Any]:
    """Return a rate with this section as assumed and the others as they stand so far."""
    others = [name for name in (*rate["lost"], *rate["failing"]) if name != entry["name"]]
    wanted = rate["target_class"]
    if wanted is None:
        misses: bool | None = {"attained": False, "not_attained": True}.get(year.attainment.state.value)
    else:
        misses = None if year.rank is None else year.rank > wanted
    missing = [*others, entry["name"]] if misses else others
    met = rate["total"] - len(missing)
    k = len(missing) if rate["at_most"] else met
    percent = (Decimal(100 * k) / rate["total"]).quantize(Decimal("0.1"))
    return {
        "name": rate["name"],
        "asked": rate["percent"],
        "percent": f"{percent}%",
        "k": k,
        "n": rate["total"],
        "missing": missing,
        "may_miss": rate["may_miss"],
        "left": rate["may_miss"] - len(missing),
        "unknown": len([name for name in rate["without_data"] if name not in (entry["name"], entry["site"])]),
        "reached": len(missing) <= rate["may_miss"],
        "undecided": misses is None,
    }
