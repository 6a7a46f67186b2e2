"""The page on which people check what was read from a plan document, against the document itself."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from bishui.server.core import guard, rights, workflow
from bishui.server.core.middleware import not_found
from bishui.server.core.models import ImportSession
from bishui.server.plans import review_differences, review_units, staging
from bishui.server.plans.findings import shown_findings
from bishui.server.plans.importing import PlanImport
from bishui.server.plans.pages_plans import kind_word
from bishui.server.plans.review_corrections import draft_of
from bishui.server.plans.review_draft import Draft, Entry, others
from bishui.server.plans.review_fields import listings

PER_CHUNK = 60


def session_of(request: HttpRequest, pk: UUID) -> ImportSession:
    """Return the session of a plan that the user may see."""
    session = guard.one(request, ImportSession, "imports.view", pk)
    if session.kind != PlanImport.key:
        raise not_found()
    return session


def may_correct(request: HttpRequest, session: ImportSession) -> bool:
    """Tell whether the user may correct the draft now."""
    return session.state == "previewed" and rights.allowed(request.user, PlanImport.right, session)


@guard.requires("imports.view")
@require_GET
def review(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Show the document beside what was read from it; by htmx only the list that is asked for."""
    session = session_of(request, pk)
    draft = draft_of(session)
    shown = request.GET.get("show", "tasks" if draft.size("tasks") else "targets")
    context = {
        "session": session,
        "open": may_correct(request, session),
        "show": shown,
        "field_url": reverse("plans:review_field", args=[session.pk]),
        "tabs": _tabs(session, draft, shown),
        **_part(request, session, draft, shown),
    }
    if request.htmx:  # type: ignore[attr-defined]
        part = "entries" if context.get("is_more") else "records"
        return render(request, f"plans/review/{part}.html", context)
    return render(request, "plans/review.html", {**context, **_frame(request, session, draft)})


def _frame(request: HttpRequest, session: ImportSession, draft: Draft) -> dict[str, Any]:
    doc = draft.entries("doc")[0].record
    return {
        "title": doc["title"] or session.file.name,
        "state": workflow.of(session).states[session.state],
        "transitions": workflow.available(session, request.user),
        "for_others": workflow.for_others(session, request.user),
        "findings": shown_findings(draft.data["findings"]),
        "open_lines": draft.open_lines(),
        "crumbs": [
            {"label": _("数据导入"), "url": reverse("core:imports")},
            {"label": session.file.name, "url": reverse("core:import", args=[session.pk])},
            {"label": _("核对")},
        ],
    }


def _tabs(session: ImportSession, draft: Draft, shown: str) -> list[dict[str, Any]]:
    tabs = [
        {"key": key, "label": str(listing.label), "count": None if listing.single else draft.size(key)}
        for key, listing in listings().items()
        if draft.size(key) or key in ("tasks", "targets")
    ]
    tabs += [{"key": key, "label": _label(key), "count": len(rows)} for key, rows in others(draft.data)]
    if draft.data["tables"]:
        tabs.append({"key": "tables", "label": _("附件表格"), "count": len(draft.data["tables"])})
    open_names = review_units.count_open(session, draft)
    tabs.append({"key": "units", "label": _("单位"), "count": open_names, "bad": bool(open_names)})
    tabs.append({"key": "changes", "label": _("更正"), "count": _corrections(draft)})
    if "amends" in session.options:
        tabs.insert(0, {"key": "differences", "label": _("与台账的差异"), "count": None})
    return [
        {**tab, "active": tab["key"] == shown, "url": "?" + urlencode({"show": tab["key"]})} for tab in tabs
    ]


def _corrections(draft: Draft) -> int:
    return sum(item.stands for item in draft.corrections.values())


def _label(key: str) -> str:
    return {"special_columns": _("专栏"), "outline": _("目录")}.get(key, key)


def _part(request: HttpRequest, session: ImportSession, draft: Draft, shown: str) -> dict[str, Any]:
    if shown in listings():
        return {"part": "list", "listing": listings()[shown], **_chunk(request, draft.entries(shown))}
    if shown == "units":
        return {"part": "units", "names": review_units.names(session, draft)}
    if shown == "tables":
        return {"part": "tables", "tables": list(_tables(draft))}
    if shown == "changes":
        return {"part": "changes", "changes": list(_changes(draft))}
    if shown == "differences" and "amends" in session.options:
        return {"part": "differences", **review_differences.shown(session, draft)}
    rows = dict(others(draft.data)).get(shown)
    if rows is None:
        raise not_found()
    return {"part": "others", "rows": [_other(row) for row in rows]}


def _chunk(request: HttpRequest, entries: list[Entry]) -> dict[str, Any]:
    """Return so many records at a time that a long plan opens as fast as a short one."""
    asked = request.GET.get("from", "0")
    first = int(asked) if asked.isdecimal() else 0
    rest = len(entries) - first - PER_CHUNK
    return {
        "entries": entries[first : first + PER_CHUNK],
        "is_more": first > 0,
        "more_url": "?" + urlencode({"show": request.GET.get("show", "tasks"), "from": first + PER_CHUNK})
        if rest > 0
        else "",
        "rest": rest,
    }


def _other(row: Mapping[str, Any]) -> dict[str, Any]:
    """Return a record that is only shown: its texts, and the line it stands on."""
    lines = row.get("lines") or ([row["line"]] if row.get("line") else [])
    hidden = {"lines", "line", "items"}
    texts = [str(value) for key, value in row.items() if key not in hidden and value not in (None, "", [])]
    items = [item.get("text") or item.get("title", "") for item in row.get("items", [])]
    return {"text": " ".join(texts), "items": items, "line": lines[0] if lines else None}


def _tables(draft: Draft) -> Iterator[dict[str, Any]]:
    for number, table in enumerate(draft.data["tables"]):
        lines = table.get("row_lines") or [table["lines"]] * len(table["rows"])
        merged = [
            [{"text": full, "merged": not raw and bool(full)} for raw, full in zip(row, filled, strict=False)]
            for row, filled in zip(table["rows"], table["rows_filled"], strict=True)
        ]
        yield {
            "path": f"tables/{number}",
            "name": " ".join(filter(None, [table["annex"], table["name"]])),
            "header": table["header"],
            "rows": [
                {"cells": cells, "first": span[0], "last": span[-1]}
                for cells, span in zip(merged, lines, strict=True)
            ],
            "notes": table.get("notes", []),
        }


def _changes(draft: Draft) -> Iterator[dict[str, Any]]:
    """Yield every standing correction as one line: what, from what, to what, who, when."""
    words = {"omit": _("不录入"), "add": _("补录"), "unit": _("单位写法"), "line": _("无需录入")}
    for item in draft.corrections.values():
        if not item.stands:
            continue
        row: dict[str, Any] = {"item": item, "word": words.get(item.what, "")}
        if item.what == "field":
            entry = draft.entry(item.path.rpartition("/")[0])
            view = next((view for view in entry.fields if view.path == item.path), None) if entry else None
            if entry is None or view is None:
                continue
            row |= {"entry": entry, "word": view.field.label, "before": view.as_read, "after": view.text}
        elif item.what in ("omit", "add"):
            row["entry"] = draft.entry(item.path)
        elif item.what == "unit":
            row["after"] = item.path.removeprefix("units/")
        else:
            row["line"] = int(item.path.split("/")[1])
        yield row


@guard.requires("imports.view")
@require_GET
def document(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Give the document line by line with what became of each, for the left side of the page."""
    session = session_of(request, pk)
    draft = draft_of(session)
    return render(
        request,
        "plans/review/document.html",
        {"session": session, "lines": list(_lines(draft)), "open": may_correct(request, session)},
    )


def _lines(draft: Draft) -> Iterator[dict[str, Any]]:
    records = draft.by_line()
    places = draft.data.get("places") or []
    checked = {int(item.path.split("/")[1]) for item in draft.standing("line")}
    open_lines = set(draft.open_lines())
    word_of = cache(kind_word)
    for number, (text, marks) in enumerate(zip(draft.data["lines"], draft.data["became"], strict=True), 1):
        entries = records.get(number, [])
        found = dict.fromkeys(map(staging.kind_of, marks))
        kinds = [kind for kind in found if kind != "ignored"]
        yield {
            "number": number,
            "cells": text.split("\t"),
            "is_blank": not text.strip(),
            "is_open": number in open_lines,
            "is_checked": number in checked,
            "is_head": "heading" in kinds or "title" in kinds,
            "place": place_text(places[number - 1]) if number <= len(places) else "",
            "chips": [_chip(entry) for entry in entries],
            "word": "" if entries else " ".join(map(word_of, kinds)),
        }


def _chip(entry: Entry) -> dict[str, str]:
    number = entry.record.get("seq") or int(entry.path.split("/")[1]) + 1
    return {"path": entry.path, "text": f"{entry.listing.label} {number}", "out": entry.is_omitted}  # type: ignore[dict-item]


def place_text(place: Mapping[str, Any] | None) -> str:
    """Return where a line stands in the file itself: its page, or its sheet and row."""
    if not place:
        return ""
    parts = []
    if place.get("page"):
        parts.append(_("第 %(page)s 页") % {"page": place["page"]})
    if place.get("sheet"):
        parts.append(str(place["sheet"]))
    if place.get("table"):
        parts.append(_("表 %(table)s") % {"table": place["table"]})
    if place.get("row"):
        parts.append(_("第 %(row)s 行") % {"row": place["row"]})
    if place.get("paragraph"):
        parts.append(_("第 %(paragraph)s 段") % {"paragraph": place["paragraph"]})
    return " · ".join(parts)
