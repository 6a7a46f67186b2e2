"""The list of outfalls (排污口台账) and the board by state and by responsible body (工作看板)."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from bishui.server.core import guard, rights
from bishui.server.outfalls import shown_names
from bishui.server.outfalls.models import Outfall
from bishui.server.outfalls.shown_list import BOUND, FIELDS, Asked, Found, find, matching, seen
from bishui.server.outfalls.shown_stages import (
    COLOURS,
    WITH_DEADLINE,
    choices,
    kind_label,
    stage_label,
    stage_tone,
    stages,
)

#: So many responsible bodies stand on the board; the list shows those of the rest.
_BODIES = 40


def no_city(request: HttpRequest) -> HttpResponse:
    """Say that there is no city yet, and what to do."""
    return render(request, "sites/no_city.html", {"heading": _("排污口")})


@guard.requires("outfalls.view")
@require_GET
def listing(request: HttpRequest) -> HttpResponse:
    """List the outfalls by the filters that are set."""
    city: Any = request.workspace or None  # type: ignore[attr-defined]
    if city is None:
        return no_city(request)
    asked = asked_of(request, city)
    found = find(request.user, asked, request.GET.get("page"))
    names = shown_names.counties(city.division)
    context = {
        "filters": filters_of(request, city.division),
        "columns": _columns(),
        "rows": _rows(found.outfalls, names, city.today),
        "page": found.page,
        "walk": _walk(request, found),
        "bound": BOUND,
        "narrowed": bool(asked.fields or asked.text or asked.overdue) or asked.division != city.division,
        "may_edit": rights.allowed_in(request.user, "outfalls.edit", city.acting),
        "may_find": rights.allowed_in(request.user, "outfalls.survey", city.acting),
    }
    return render(request, "outfalls/list.html", context)


def asked_of(request: HttpRequest, city: Any) -> Asked:
    """Return what the filters of a list ask for."""
    given = request.GET
    county = given.get("county", "")
    return Asked(
        division=county if county.startswith(city.division) else city.division,
        fields=tuple((name, given[name]) for name in FIELDS if given.get(name)),
        text=given.get("q", "").strip()[:60],
        overdue=given.get("overdue") == "yes",
        today=city.today,
        after=given.get("after", "")[:40],
        before=given.get("before", "")[:40],
    )


def filters_of(request: HttpRequest, division: str) -> list[dict[str, Any]]:
    """Return the filters that the list and the map offer."""
    counties = shown_names.counties(division)
    asked = request.GET
    selects = [
        ("stage", _("阶段"), {key: str(state.label) for key, state in stages().items()}),
        ("kind", _("分类"), choices("kind")),
        ("water", _("受纳水体"), shown_names.waters(division)),
        ("county", _("县（市、区）"), {path: name for path, name in counties.items() if path != division}),
        ("responsible_unit", _("责任单位"), shown_names.units(division)),
        ("abnormal", _("存在异常"), choices("abnormal")),
        ("overdue", _("整治逾期"), {"yes": _("是")}),
    ]
    text = {
        "name": "q",
        "label": _("名称或编码"),
        "kind": "search",
        "value": asked.get("q", ""),
        "placeholder": _("名称、本系统编码、国家编码"),
    }
    return [text, *(_select(name, label, among, asked.get(name, "")) for name, label, among in selects)]


def _select(name: str, label: str, among: dict[str, str], chosen: str) -> dict[str, Any]:
    options = [{"value": "", "label": _("全部"), "selected": not chosen}]
    options += [{"value": key, "label": text, "selected": key == chosen} for key, text in among.items()]
    return {"name": name, "label": label, "kind": "select", "options": options}


def _columns() -> list[dict[str, Any]]:
    labels = (
        _("排污口"),
        _("阶段"),
        _("分类"),
        _("受纳水体"),
        _("县（市、区）"),
        _("责任主体"),
        _("整治期限"),
    )
    return [{"label": label, "long": number in (2, 5)} for number, label in enumerate(labels)]


def _rows(outfalls: list[Outfall], counties: dict[str, str], today: Any) -> list[dict[str, Any]]:
    waters = shown_names.waters_named(outfall.water for outfall in outfalls)
    return [{"cells": _cells(outfall, counties, waters, today)} for outfall in outfalls]


def _cells(
    outfall: Outfall, counties: dict[str, str], waters: dict[str, str], today: Any
) -> list[dict[str, Any]]:
    late = outfall.due is not None and outfall.stage in WITH_DEADLINE and outfall.due < today
    merged = _("已并入 %(code)s") % {"code": outfall.merged_into} if outfall.merged_into else ""
    return [
        {
            "text": outfall.name or outfall.code,
            "url": reverse("outfalls:outfall", args=[outfall.code]),
            "note": merged or outfall.code,
        },
        {
            "state": stage_tone(outfall.stage),
            "label": stage_label(outfall.stage),
            "note": _("存在异常") if outfall.abnormal == "yes" else "",
        },
        {"text": kind_label(outfall)},
        {"text": waters.get(outfall.water) or "—"},
        {"text": counties.get(outfall.division, "—")},
        {"text": outfall.responsible_name or "—"},
        {
            "day": outfall.due,
            "note": _("逾期 %(days)s 天") % {"days": (today - outfall.due).days} if late else "",
        }
        if outfall.due
        else {"text": "—"},
    ]


def _walk(request: HttpRequest, found: Found) -> dict[str, str] | None:
    """Return the addresses of the next and former page where the list walks along the codes."""
    if found.page is not None:
        return None
    kept = {key: value for key, value in request.GET.items() if key not in ("after", "before", "page")}

    def address(**place: str) -> str:
        return f"?{urlencode({**kept, **place})}"

    return {
        "next": address(after=found.following) if found.following else "",
        "former": address(before=found.preceding) if found.preceding else "",
    }


@guard.requires("outfalls.view")
@require_GET
def board(request: HttpRequest) -> HttpResponse:
    """Show how many outfalls stand where, by state and by responsible body; each count opens its list."""
    city: Any = request.workspace or None  # type: ignore[attr-defined]
    if city is None:
        return no_city(request)
    outfalls = seen(request.user, city.division).order_by()
    by_stage = dict(outfalls.values_list("stage").annotate(n=Count("*")))
    total = sum(by_stage.values())
    known = stages()
    context = {
        "total": total,
        "stages": [
            {
                "id": key,
                "label": state.label,
                "tone": state.tone,
                "count": by_stage.get(key, 0),
                "url": _list_url(stage=key),
                "colour": COLOURS.get(key, "#8a9ba3"),
            }
            for key, state in known.items()
        ],
        "columns": [
            {"label": _("责任单位")},
            {"label": _("合计"), "numeric": True},
            *({"label": state.label, "numeric": True} for state in known.values()),
        ],
        "rows": _bodies(outfalls, list(known), city.division),
        "counties": _counties(outfalls, list(known), shown_names.counties(city.division)),
        "county_columns": [
            {"label": _("县（市、区）")},
            {"label": _("合计"), "numeric": True},
            *({"label": state.label, "numeric": True} for state in known.values()),
        ],
        "overdue": _overdue(request, city),
        "overdue_url": _list_url(overdue="yes"),
    }
    return render(request, "outfalls/board.html", context)


def _list_url(**asked: str) -> str:
    return f"{reverse('outfalls:list')}?{urlencode(asked)}"


def _overdue(request: HttpRequest, city: Any) -> int:
    outfalls = seen(request.user, city.division)
    return matching(outfalls, Asked(city.division, overdue=True, today=city.today)).count()


def _bodies(outfalls: Any, states: list[str], division: str) -> list[dict[str, Any]]:
    """Return a row for each responsible unit, those with most first."""
    counts = _table(outfalls.values_list("responsible_unit", "stage").annotate(n=Count("*")))
    names = shown_names.units(division)
    ordered = sorted(counts.items(), key=lambda item: (-sum(item[1].values()), item[0]))[:_BODIES]
    return [
        _counted(names.get(code, code) or _("尚未确定"), "responsible_unit", code, of, states)
        for code, of in ordered
    ]


def _counties(outfalls: Any, states: list[str], names: dict[str, str]) -> list[dict[str, Any]]:
    counts = _table(outfalls.values_list("division", "stage").annotate(n=Count("*")))
    return [_counted(names.get(path, path), "county", path, counts[path], states) for path in sorted(counts)]


def _table(rows: Any) -> dict[str, dict[str, int]]:
    found: dict[str, dict[str, int]] = {}
    for key, stage, count in rows:
        found.setdefault(key, {})[stage] = count
    return found


def _counted(name: str, field: str, key: str, of: dict[str, int], states: list[str]) -> dict[str, Any]:
    """Return a row of counts that open their lists; a list cannot be asked for what has no unit."""
    cells: list[dict[str, Any]] = [
        {"text": name, "url": _list_url(**{field: key}) if key else ""},
        {"number": sum(of.values())},
    ]
    for state in states:
        count = of.get(state, 0)
        link = (
            {"text": str(count), "url": _list_url(**{field: key}, stage=state)} if key else {"number": count}
        )
        cells.append(link if count else {"text": "·"})
    return {"cells": cells}
