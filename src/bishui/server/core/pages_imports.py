"""Pages of imports: the list, the upload, the preview, the account of rows, commit, discard, take back."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterable, Iterator
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import FileResponse, HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.template.defaultfilters import filesizeformat
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from bishui.errors import BishuiError, Conflict, Forbidden, Problem, Where
from bishui.i18n import Bilingual, Text
from bishui.observations import escape_formula
from bishui.server.core import files, guard, imports, jobs, registers, rights, workflow
from bishui.server.core.forms import field_for
from bishui.server.core.middleware import not_found
from bishui.server.core.models import ImportSession, WorkflowEvent
from bishui.server.core.templatetags.bishui_ui import actor

PER_PAGE = 30


def _kinds(request: HttpRequest) -> list[imports.ImportKind]:
    division = guard.acting_division(request)
    return [kind for kind in imports.kinds() if rights.allowed_in(request.user, kind.right, division)]


@guard.requires("imports.view")
def listing(request: HttpRequest) -> HttpResponse:
    """List the imports of the city, newest first."""
    found = rights.visible(request.user, "imports.view", ImportSession.objects.select_related("file"))
    found = found.filter(division__startswith=guard.division_of(request))
    page = Paginator(found, PER_PAGE).get_page(request.GET.get("page"))
    columns = [_("文件"), _("种类"), _("状态"), _("收到时间"), _("经办人"), _("问题")]
    context = {
        "page": page,
        "kinds": [kind for kind in _kinds(request) if not kind.key.startswith("register:")],
        "columns": [{"label": label} for label in columns],
        "rows": [{"cells": _cells(session)} for session in page],
    }
    return render(request, "core/imports.html", context)


def _cells(session: ImportSession) -> list[dict[str, Any]]:
    state = workflow.of(session).states[session.state]
    return [
        {"text": session.file.name, "url": reverse("core:import", args=[session.pk])},
        {"text": imports.kind(session.kind).label},
        {"state": state.tone, "label": state.label},
        {"moment": session.created_at},
        {"text": actor(session.created_by)},
        {"number": session.problem_count},
    ]


def _kind(request: HttpRequest, key: str) -> imports.ImportKind:
    found = next((kind for kind in imports.kinds() if kind.key == key), None)
    if found is None:
        raise not_found()
    if not rights.allowed_in(request.user, found.right, guard.acting_division(request)):
        raise Forbidden(Text("您没有导入“{kind}”的权限。", kind=found.label))
    return found


def _upload_form(kind: imports.ImportKind, data: Any = None, uploads: Any = None) -> forms.Form:
    form = forms.Form(data, uploads)
    form.fields["file"] = forms.FileField(label=_("文件"))
    for field in kind.options:
        form.fields[field.name] = field_for(field)
    return form


@guard.requires("imports.view")
@require_http_methods(["GET", "POST"])
def upload(request: HttpRequest, kind_key: str) -> HttpResponse:
    """Take a file; a worker reads it, then the preview is shown."""
    kind = _kind(request, kind_key)
    sent = request.method == "POST"
    form = _upload_form(kind, request.POST if sent else None, request.FILES if sent else None)
    if sent and form.is_valid():
        options, problems = _options(kind, form.cleaned_data)
        for problem in problems:
            form.add_error(problem.where.field if problem.where.field in form.fields else None, str(problem))
        if not problems:
            uploaded = form.cleaned_data["file"]
            session = imports.receive(
                kind.key,
                files.upload_chunks(uploaded),
                uploaded.name,
                division=guard.acting_division(request),
                actor=request.user,
                where=guard.address(request),
                options=options,
            )
            jobs.read_import.enqueue(str(session.pk))
            return redirect("core:import", pk=session.pk)
    context = {
        "kind": kind,
        "form": form,
        "cancel_url": reverse("core:imports"),
        "crumbs": [{"label": _("数据导入"), "url": reverse("core:imports")}, {"label": kind.label}],
        "template_url": kind.template_url(),
    }
    return render(request, "core/upload.html", context)


def _options(kind: imports.ImportKind, data: dict[str, Any]) -> tuple[dict[str, Any], list[Problem]]:
    options: dict[str, Any] = {}
    problems: list[Problem] = []
    for field in kind.options:
        value = registers.parse(field, data.get(field.name), Where(field=field.name))
        if isinstance(value, Problem):
            problems.append(value)
        elif value not in (None, ""):
            options[field.name] = value
    return options, problems


@guard.requires("imports.view")
def preview(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Show what a file would do, or has done, with every rejected cell.

    While a worker is at it, the page asks for its progress (the same address, by htmx).
    """
    session = guard.one(request, ImportSession, "imports.view", pk)
    job = _job(session)
    if request.htmx:  # type: ignore[attr-defined]
        if job is None:
            return HttpResponse(headers={"HX-Refresh": "true"})
        return render(request, "core/parts/job.html", {"job": job})
    kind = imports.kind(session.kind)
    context = {
        "session": session,
        "kind": kind,
        "state": workflow.of(session).states[session.state],
        "transitions": workflow.available(session, request.user),
        "for_others": workflow.for_others(session, request.user),
        "entries": _entries(session),
        "job": job,
        "problems": [_problem(problem) for problem in session.problems],
        "error": _localised_error(session.summary.get("error")),
        "facts": [
            {"label": _("种类"), "text": kind.label},
            {"label": _("大小"), "text": filesizeformat(session.file.size)},
            {"label": _("收到时间"), "moment": session.created_at},
            {"label": _("经办人"), "text": actor(session.created_by)},
            {"label": "SHA-256", "text": session.file.sha256[:16] + "…"},
        ],
        "crumbs": [{"label": _("数据导入"), "url": reverse("core:imports")}, {"label": session.file.name}],
    }
    return render(request, "core/import.html", context)


def _job(session: ImportSession) -> dict[str, Any] | None:
    if session.state not in ("received", "committing"):
        return None
    done, total = imports.progress_of(session) or (0, 0)
    return {
        "id": session.pk,
        "title": workflow.of(session).states[session.state].label,
        "state": "running" if total else "queued",
        "done": done,
        "total": total,
        "message": "",
        "poll_url": reverse("core:import", args=[session.pk]),
    }


def _entries(session: ImportSession) -> list[dict[str, Any]]:
    flow = workflow.of(session)
    return [
        {
            "when": event.at,
            "who": event.by_name,
            "what": flow.transitions[event.transition].label,
            "why": event.why or event.evidence.get("why", ""),
            "tone": flow.states[event.target].tone,
        }
        for event in WorkflowEvent.objects.filter(record_id=session.pk)
    ]


def _say(text: dict[str, str] | None) -> str:
    return str(Bilingual(text["zh"], text["en"])) if text else ""


def _problem(problem: dict[str, Any]) -> dict[str, Any]:
    return {
        "where": imports.where_of(problem),
        "raw": problem["raw"],
        "what": _say(problem["what"]),
        "remedy": _say(problem["remedy"]),
    }


def _localised_error(error: dict[str, Any] | None) -> dict[str, str] | None:
    return {"what": _say(error["what"]), "remedy": _say(error["remedy"])} if error else None


@guard.requires("imports.view")
@require_POST
def act(request: HttpRequest, pk: UUID, transition: str) -> HttpResponse:
    """Do one step of the review: submit, withdraw, confirm, return, commit, discard, take back."""
    session = guard.one(request, ImportSession, "imports.view", pk)
    where = guard.address(request)
    try:
        _do(session, transition, request.user, where, request.POST.get("why", "").strip())
        if said := _done(transition):
            messages.success(request, said)
    except BishuiError as error:
        if error.http_status in (403, 404):
            raise
        messages.error(request, str(error))
    return redirect("core:import", pk=pk)


def _do(session: ImportSession, transition: str, actor: Any, where: str, why: str) -> None:
    if transition in ("commit", "confirm"):
        if transition == "confirm" and session.state != "submitted":
            raise _moved_on(session)
        imports.start_commit(session, actor=actor, where=where)
        jobs.commit_import.enqueue(str(session.pk))
    elif transition in _PLAIN:
        _PLAIN[transition](session, actor=actor, where=where)
    elif transition in _WITH_REASON:
        _WITH_REASON[transition](session, actor=actor, why=why, where=where)
    else:
        raise not_found()


_PLAIN: dict[str, Callable[..., None]] = {
    "submit": imports.submit,
    "withdraw": imports.withdraw,
    "discard": imports.discard,
}
_WITH_REASON: dict[str, Callable[..., None]] = {"return": imports.send_back, "take_back": imports.take_back}


def _moved_on(session: ImportSession) -> Conflict:
    return Conflict(
        Text("“{name}”已不在待复核状态。", name=str(session)), remedy=Text("请刷新页面查看最新状态。")
    )


def _done(transition: str) -> str:
    """Return what to say after a step; a commit shows its own progress."""
    return {
        "submit": _("已送审，等待另一人复核。"),
        "withdraw": _("已收回，可以继续修改。"),
        "return": _("已退回，等待修改后重新送审。"),
        "discard": _("已放弃，文件仍保留。"),
        "take_back": _("已整批撤回，相关结果将重新计算。"),
    }.get(transition, "")


class _Line:
    """A file-like object whose written line is handed back."""

    def write(self, text: str) -> str:
        return text


def _csv(rows: Iterable[list[Any]]) -> Iterator[str]:
    writer = csv.writer(_Line())
    yield "\ufeff"
    for row in rows:
        yield writer.writerow([escape_formula("" if cell is None else str(cell)) for cell in row])


@guard.requires("imports.view")
def account(request: HttpRequest, pk: UUID, what: str) -> StreamingHttpResponse:
    """Download every problem, or what became of each row, as CSV."""
    session = guard.one(request, ImportSession, "imports.view", pk)
    rows = _problem_rows(session) if what == "problems" else _account_rows(session)
    response = StreamingHttpResponse(_csv(rows), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{what}-{session.pk}.csv"'
    return response


def _problem_rows(session: ImportSession) -> list[list[Any]]:
    """Return the lines at once: what is streamed later no longer knows the language of the request."""
    rows: list[list[Any]] = [[_("行"), _("列"), _("原文"), _("问题"), _("处理办法")]]
    for problem in imports.all_problems(session):
        where, shown = imports.where_of(problem), _problem(problem)
        place = [where.row or where.line, where.column or where.field]
        rows.append([*place, shown["raw"], shown["what"], shown["remedy"]])
    return rows


def _account_rows(session: ImportSession) -> Iterator[list[Any]]:
    table = imports.account(session)
    if table is None:
        return
    yield table.column_names
    for batch in table.to_batches(max_chunksize=5000):
        yield from (list(row.values()) for row in batch.to_pylist())


@guard.requires("imports.view")
def original(request: HttpRequest, pk: UUID) -> FileResponse:
    """Download the original file as it was given."""
    session = guard.one(request, ImportSession, "imports.view", pk)
    return files.download(session.file)
