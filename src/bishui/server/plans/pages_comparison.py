"""The page that sets two plans side by side: of the ledger, or one on its way into it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from bishui.documents import Comparison, PlanDraft, compare
from bishui.documents.comparison import (
    VERDICTS,
    Change,
    Entry,
    Mention,
    Relation,
    field_word,
    kind_word,
    relation_sentence,
    verdict_word,
)
from bishui.server.core import guard, rights
from bishui.server.core.middleware import not_found
from bishui.server.core.models import ImportSession
from bishui.server.plans import stored_draft
from bishui.server.plans.importing import PlanImport
from bishui.server.plans.models import Plan, Task

_TONES = {
    "weakened": "bad",
    "dropped": "bad",
    "strengthened": "good",
    "added": "good",
    "outside": "idle",
    "kept": "idle",
}
#: What is shown without a filter: all that a person should look at.
_QUIET = frozenset({"kept", "outside"})
_IMPORT = "import-"
_OPEN = ("previewed", "submitted")


@dataclass(frozen=True, slots=True)
class Choice:
    """One plan that can be chosen: its key in the address, its title, and where its lines are shown."""

    key: str
    title: str
    lines_url: str
    url: str

    def line(self, number: int) -> str:
        """Return the address of a line."""
        return f"{self.lines_url}#line-{number}" if number else ""


@guard.requires("plans.view")
@require_GET
def comparison(request: HttpRequest) -> HttpResponse:
    """Show two plans entry by entry; with one of them chosen, the other is proposed."""
    choices = {choice.key: choice for choice in _choices(request)}
    asked = [request.GET.get(side, "") for side in ("before", "after")]
    if asked[1] and not asked[0]:
        asked[0] = _former(request, asked[1], choices)
    chosen = [choices.get(key) for key in asked]
    context = {
        "filters": [
            _filter("before", _("前一份（或上级）计划"), asked[0], choices.values()),
            _filter("after", _("后一份（或下级）计划"), asked[1], choices.values()),
        ],
        "enough": len(choices) > 1,
        "crumbs": [{"label": _("计划与任务"), "url": reverse("plans:list")}, {"label": _("两份计划比较")}],
    }
    if any(key and key not in choices for key in asked):
        raise not_found()
    if chosen[0] and chosen[1]:
        context |= _compared(request, (chosen[0], chosen[1]))
    return render(request, "plans/comparison.html", context)


def _plans(request: HttpRequest) -> QuerySet[Plan]:
    workspace = request.workspace  # type: ignore[attr-defined]
    found = Plan.objects.filter(division__startswith=workspace.division)
    return rights.visible(request.user, "plans.view", found).exclude(kind="published_targets")


def _imports(request: HttpRequest) -> Sequence[ImportSession]:
    """Return the plans on their way into the ledger that the user may see."""
    if not rights.holds(request.user, "imports.view"):
        return ()
    workspace = request.workspace  # type: ignore[attr-defined]
    found = ImportSession.objects.filter(
        kind=PlanImport.key, state__in=_OPEN, division__startswith=workspace.division
    )
    return list(rights.visible(request.user, "imports.view", found).select_related("file"))


def _choices(request: HttpRequest) -> Iterator[Choice]:
    for plan in _plans(request):
        url = reverse("plans:plan", args=[plan.pk])
        title = plan.title if plan.active else _("%(title)s（已撤回）") % {"title": plan.title}
        yield Choice(str(plan.pk), title, f"{url}?view=document", url)
    for session in _imports(request):
        title = session.summary.get("title") or session.file.name
        url = reverse("plans:review", args=[session.pk])
        yield Choice(f"{_IMPORT}{session.pk}", _("%(title)s（导入中）") % {"title": title}, url, url)


def _filter(name: str, label: str, value: str, choices: Any) -> dict[str, Any]:
    options = [{"value": "", "label": _("请选择"), "selected": not value}]
    options += [
        {"value": choice.key, "label": choice.title, "selected": choice.key == value} for choice in choices
    ]
    return {"name": name, "label": label, "kind": "select", "value": value, "options": options}


def _former(request: HttpRequest, key: str, choices: dict[str, Choice]) -> str:
    """Return the plan that another one follows: same division and kind, the newest before it."""
    if key not in choices:
        return ""
    plans = _plans(request).filter(active=True)
    if key.startswith(_IMPORT):
        session = ImportSession.objects.get(pk=key.removeprefix(_IMPORT))
        kind, year, division = session.summary.get("kind"), session.summary.get("year"), session.division
        plans = plans.exclude(import_session=session)
    else:
        plan = Plan.objects.get(pk=key)
        kind, year, division = plan.kind, plan.year, plan.division
        plans = plans.exclude(pk=plan.pk)
    plans = plans.filter(kind=kind, division=division)
    found = (plans.filter(year__lte=year) if year else plans).order_by("-year", "-period_from").first()
    return str(found.pk) if found else ""


def _draft(request: HttpRequest, choice: Choice) -> PlanDraft:
    if choice.key.startswith(_IMPORT):
        session = guard.one(request, ImportSession, "imports.view", UUID(choice.key.removeprefix(_IMPORT)))
        return stored_draft.of_import(session)
    plan = guard.one(request, Plan, "plans.view", UUID(choice.key))
    return stored_draft.of_plan(
        plan, rights.visible(request.user, "plans.view", Task.objects.filter(plan=plan))
    )


def _compared(request: HttpRequest, sides: tuple[Choice, Choice]) -> dict[str, Any]:
    found = compare(_draft(request, sides[0]), _draft(request, sides[1]))
    shown = request.GET.get("show", "")
    kept = {"before": sides[0].key, "after": sides[1].key}
    entries = [
        entry
        for entry in found.entries
        if (entry.verdict == shown or (not shown and entry.verdict not in _QUIET))
    ]
    return {
        "before": sides[0],
        "after": sides[1],
        "relation": str(relation_sentence(found.relation)),
        "verdicts": list(_verdicts(found, shown, kept)),
        "all_url": "?" + urlencode(kept),
        "asked": shown,
        "turned_url": "?" + urlencode({"before": sides[1].key, "after": sides[0].key}),
        "groups": list(_groups(found.relation, entries, sides)),
        "count": len(entries),
    }


def _verdicts(found: Comparison, shown: str, kept: dict[str, str]) -> Iterator[dict[str, Any]]:
    for verdict in VERDICTS:
        count = sum(entry.verdict == verdict for entry in found.entries)
        if count:
            yield {
                "word": str(verdict_word(verdict, found.relation)),
                "tone": _TONES.get(verdict, "warn"),
                "count": count,
                "url": "?" + urlencode({**kept, "show": verdict}),
                "active": verdict == shown,
            }


def _groups(
    relation: Relation, entries: Sequence[Entry], sides: tuple[Choice, Choice]
) -> Iterator[dict[str, Any]]:
    for kind in dict.fromkeys(entry.kind for entry in entries):
        rows = [_row(relation, entry, sides) for entry in entries if entry.kind == kind]
        yield {"label": str(kind_word(kind)), "rows": rows, "count": len(rows)}


def _row(relation: Relation, entry: Entry, sides: tuple[Choice, Choice]) -> dict[str, Any]:
    other = sides[1] if entry.before else sides[0]
    return {
        "word": str(verdict_word(entry.verdict, relation)),
        "tone": _TONES.get(entry.verdict, "warn"),
        "title": entry.title,
        "before": [_mention(entry, mention, sides[0]) for mention in entry.before],
        "after": [_mention(entry, mention, sides[1]) for mention in entry.after],
        "changes": [_change(relation, change) for change in entry.changes],
        "near": [_mention(entry, mention, other) for mention in entry.near],
        "note": str(entry.note) if entry.note else "",
        "similarity": f"{entry.similarity:.2f}" if entry.similarity and entry.similarity < 1 else "",
    }


def _mention(entry: Entry, mention: Mention, choice: Choice) -> dict[str, Any]:
    return {
        "number": mention.number if entry.kind == "task" else None,
        "text": mention.text,
        "line": mention.lines[0],
        "url": choice.line(mention.lines[0]),
    }


def _change(relation: Relation, change: Change) -> dict[str, Any]:
    judged = change.verdict != "changed"
    return {
        "label": str(field_word(change.field)),
        "word": str(verdict_word(change.verdict, relation)) if judged else "",
        "tone": _TONES.get(change.verdict, "warn"),
        "before": change.before,
        "after": change.after,
        "dropped": change.dropped,
        "added": change.added,
        "spans": [{"kind": span.kind, "text": span.text} for span in change.spans],
    }
