"""The page of limits (标准限值): what any standard says of any item on any day."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from bishui.errors import BishuiError
from bishui.server.core import guard
from bishui.server.standards import asked, queries
from bishui.standards import (
    LimitLine,
    LimitRow,
    Override,
    StandardEdition,
    edition_on,
    limit_lines,
    limit_rows,
    limits,
    resolve_item,
    search_word,
    standard_editions,
    standard_keys,
)

_SEVERAL = 2


@guard.requires("standards.view")
@require_GET
def listing(request: HttpRequest) -> HttpResponse:
    """Show the limits of an item or of a standard, or the standards that are held."""
    on = asked.day_of(request)
    text, key = request.GET.get("q", "").strip(), request.GET.get("standard", "")
    key = key if key in standard_keys() else ""
    record = asked.record_of(request, on)
    override = queries.content_of(record) if record else None
    rows, fault = _found(text, key, on, override)
    tables = list(dict.fromkeys(row.table for row in rows)) if key and not text else []
    shown = request.GET.get("table", "")
    shown = shown if shown in tables else next(iter(tables), "")
    if shown:
        rows = [row for row in rows if row.table == shown]
    context = {
        "filters": _filters(text, key, on) + _table_filter(key, on, tables, shown),
        "on": on,
        "own": asked.mark_of(request, record),
        "fault": fault,
        "word": search_word(text) if text else None,
        "asked": bool(text or key),
        "groups": _groups(rows, on),
        "about": _about(key, on) if key else None,
        "columns": _edition_columns(),
        "rows": []
        if text or key
        else [{"cells": _edition_cells(edition)} for edition in standard_editions()],
    }
    return render(request, "standards/limits.html", context)


def _filters(text: str, key: str, on: date) -> list[dict[str, Any]]:
    names = {edition.key: f"{edition.edition} {edition.name}" for edition in standard_editions()}
    options = [("", _("全部标准")), *((each, names[each]) for each in standard_keys())]
    return [
        {
            "name": "q",
            "label": _("项目"),
            "kind": "search",
            "value": text,
            "placeholder": _("名称、代码或 CAS 号"),
        },
        {
            "name": "standard",
            "label": _("标准"),
            "kind": "select",
            "options": [{"value": each, "label": name, "selected": each == key} for each, name in options],
        },
        {"name": "on", "label": _("按哪一天的版本"), "kind": "date", "value": on.isoformat()},
    ]


def _table_filter(key: str, on: date, tables: Sequence[str], shown: str) -> list[dict[str, Any]]:
    """Return the choice of one table of a standard; a whole standard is shown table by table."""
    if len(tables) < _SEVERAL:
        return []
    held = edition_on(key, on).tables
    options = [
        {"value": table, "label": f"{held[table].clause} {held[table].name}", "selected": table == shown}
        for table in tables
    ]
    return [{"name": "table", "label": _("表"), "kind": "select", "options": options}]


def _found(
    text: str, key: str, on: date, override: Override | None
) -> tuple[Sequence[LimitRow], BishuiError | None]:
    """Return the rows asked for; what cannot be looked up is told on the page."""
    try:
        if text:
            return limits(text, standard=key or None, on=on, override=override), None
        return (limit_rows(key, on, override) if key else ()), None
    except BishuiError as fault:
        return (), fault


def _groups(rows: Sequence[LimitRow], on: date) -> list[dict[str, Any]]:
    """Return one table for each table of each standard."""
    groups = []
    for standard, table in dict.fromkeys((row.standard, row.table) for row in rows):
        edition = edition_on(standard, on)
        lines = limit_lines(row for row in rows if (row.standard, row.table) == (standard, table))
        bands = [band for band in ("", *edition.bands) if any(band in line.cells for line in lines)]
        groups.append(
            {
                "title": f"{edition.edition} {edition.name}",
                "table": edition.tables[table].name,
                "clause": edition.tables[table].clause,
                "columns": _columns(edition, bands),
                "rows": [{"cells": _cells(line, bands)} for line in lines],
                "remarks": _remarks(lines),
            }
        )
    return groups


def _columns(edition: StandardEdition, bands: Iterable[str]) -> list[dict[str, Any]]:
    return [
        {"label": _("项目")},
        *({"label": edition.bands[band].label if band else _("限值"), "numeric": True} for band in bands),
        {"label": _("单位")},
        {"label": _("条件"), "long": True},
        {"label": _("条款")},
        {"label": _("可靠程度")},
        {"label": _("来源")},
    ]


def _cells(line: LimitLine, bands: Iterable[str]) -> list[dict[str, Any]]:
    first, found = line.first, line.cells
    return [
        {
            "text": first.name,
            "url": f"{reverse('standards:limits')}?{urlencode({'q': resolve_item(first.item).key})}",
        },
        *(_value(found.get(band)) for band in bands),
        {"text": first.unit},
        {"text": str(line.wording) or "—"},
        {"text": first.clause},
        asked.certainty_cell(max(row.certainty for row in line.rows)),
        {"text": _sources(line)},
    ]


def _value(row: LimitRow | None) -> dict[str, Any]:
    """Return one value; the bureau's own stands as such, with the national one beside it."""
    if row is None:
        return {"text": "—"}
    if row.national is None:
        return {"text": row.shown}
    return {"text": row.shown, "note": _("本级值；国家 %(value)s") % {"value": row.national.shown}}


def _sources(line: LimitLine) -> str:
    return "；".join(dict.fromkeys(row.source for row in line.rows))


def _remarks(lines: Iterable[LimitLine]) -> list[dict[str, Any]]:
    """Return the notes and the doubts about single values below a table, each once."""
    told: dict[tuple[str, str], dict[str, Any]] = {}
    for line in lines:
        said = [("", str(line.first.note))] if line.first.note else []
        said += [(doubt.source, str(doubt.text)) for row in line.rows for doubt in row.doubts]
        for found, text in said:
            told.setdefault(
                (line.first.item, f"{found}{text}"), {"item": line.first.name, "found": found, "text": text}
            )
    return list(told.values())


def _about(key: str, on: date) -> dict[str, Any] | None:
    """Return what is said of a standard as a whole: editions, amendments, rules in words."""
    editions = [edition for edition in standard_editions() if edition.key == key]
    shown = max(
        (each for each in editions if each.in_force_from <= on), key=lambda e: e.in_force_from, default=None
    )
    if shown is None:
        return None
    return {
        "columns": _edition_columns(),
        "rows": [{"cells": _edition_cells(edition)} for edition in editions],
        "bands": [band for band in shown.bands.values() if band.use.zh],
        "amendments": shown.amendments,
        "notes": shown.notes,
    }


def _edition_columns() -> list[dict[str, Any]]:
    return [
        {"label": _("标准")},
        {"label": _("名称"), "long": True},
        {"label": _("施行起")},
        {"label": _("施行止")},
        {"label": _("项目数"), "numeric": True},
        {"label": _("限值数"), "numeric": True},
        {"label": _("可靠程度")},
        {"label": _("来源"), "long": True},
    ]


def _edition_cells(edition: StandardEdition) -> list[dict[str, Any]]:
    asking = urlencode({"standard": edition.key, "on": _day_within(edition).isoformat()})
    return [
        {"text": edition.edition, "url": f"{reverse('standards:limits')}?{asking}"},
        {"text": edition.name},
        {"day": edition.in_force_from},
        {"day": edition.in_force_to},
        {"text": len(edition.items)},
        {"text": len(edition.rows)},
        {
            **asked.certainty_cell(edition.certainty),
            "note": "、".join(f"{grade} {count}" for grade, count in edition.certainties().items()),
        },
        {"text": edition.source},
    ]


def _day_within(edition: StandardEdition) -> date:
    """Return a day on which an edition is in force: today where it still is, else its last."""
    return edition.in_force_to or max(date.today(), edition.in_force_from)
