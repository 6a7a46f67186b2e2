"""A step on the way of an outfall: the evidence is kept and the engine moves the round."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from bishui.errors import BishuiError, Problem, Where
from bishui.i18n import Text
from bishui.server.core import audit, evidence, guard, workflow
from bishui.server.core.middleware import not_found
from bishui.server.outfalls.forms_step import StepForm
from bishui.server.outfalls.models import OutfallRound
from bishui.server.outfalls.pages_outfall import context_of, latest_round, one


@guard.requires("outfalls.view")
@require_POST
def step(request: HttpRequest, code: str, transition: str) -> HttpResponse:
    """Take one step with the evidence that was handed in; show the page again with what is wrong."""
    outfall = one(request, code)
    round_ = latest_round(outfall)
    found = workflow.of(round_).transitions.get(transition) if round_ else None
    if round_ is None or found is None or found.system:
        raise not_found()
    form = StepForm(found, round_, request.POST, request.FILES)
    try:
        _take(request, round_, form)
    except BishuiError as error:
        if error.http_status in (403, 404):
            raise
        form.refuse(_problems(error))
        context = context_of(request, one(request, code), tried=form)
        return render(request, "outfalls/outfall.html", context, status=error.http_status)
    return redirect("outfalls:outfall", code=code)


def _take(request: HttpRequest, round_: OutfallRound, form: StepForm) -> None:
    """Keep the files and fire the step, all of it or nothing."""
    user: Any = request.user
    transition = form.transition
    with audit.action(
        "core.transition",
        actor=user,
        where=guard.address(request),
        division=round_.division,
        name=str(round_),
        transition=transition.label.zh,
    ):
        if transition.id not in {item.id for item in workflow.available(round_, user)}:
            workflow.fire(round_, transition.id, actor=user)  # says why not, before a file is kept
        given = form.given()
        for part in transition.evidence:
            if part.is_file:
                kept = [
                    str(evidence.keep(upload.file, upload.name, division=round_.division).pk)
                    for upload in form.uploads()[part.key]
                ]
                given[part.key] = kept if part.is_list else (kept[0] if kept else "")
        workflow.fire(round_, transition.id, actor=user, evidence=given, where=guard.address(request))


def _problems(error: BishuiError) -> list[Problem]:
    problems = list(getattr(error, "problems", None) or [])
    return problems or [
        Problem(
            "refused", error.what, error.remedy or Text("请刷新页面查看最新状态。"), error.where or Where()
        )
    ]
