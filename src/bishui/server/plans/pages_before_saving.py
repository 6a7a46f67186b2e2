"""See before saving (保存前先看): what the section targets of a plan that is not in force yet would move."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from bishui.assessment import Target
from bishui.server.core import guard
from bishui.server.core.models import ImportSession
from bishui.server.plans import ledger, rereading
from bishui.server.plans.models import Plan, SectionTarget
from bishui.server.plans.pages_review import session_of
from bishui.server.plans.review_corrections import draft_of
from bishui.server.waters import before_saving

_WAITING = ("previewed", "submitted")


@guard.requires("imports.view")
@require_GET
def target_moves(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Show which verdicts the targets of a plan would move once it counts."""
    session = session_of(request, pk)
    targets = _targets(session) if session.state in _WAITING else ()
    if not targets:
        return before_saving.nothing(request, _("没有可以推演的断面目标。"))
    back_url = reverse("core:import", args=[pk])
    return before_saving.answer(request, targets, heading=_("确认前先看断面目标"), back_url=back_url)


def _targets(session: ImportSession) -> tuple[Target, ...]:
    """Return the targets of the sections that are known; those of an amended plan stand for the old ones."""
    amended = rereading.amended_plan(session)
    data = draft_of(session).effective()
    rows = ledger.section_targets(amended or ledger.plan_of(session, data), data["section_targets"])
    known = _ids(amended) if amended else {}
    return tuple(
        Target(
            id=known.get(row.section, str(row.pk)),
            site=row.site,
            target_class=row.target_class,
            overrides={},
            period_from=row.period_from,
            period_to=row.period_to,
            source_file=session.file.name,
            source_line=row.line,
        )
        for row in rows
        if row.site and row.target_class and row.period_from and row.period_to
    )


def _ids(plan: Plan) -> dict[str, str]:
    found = SectionTarget.objects.filter(plan=plan).values_list("section", "pk")
    return {section: str(pk) for section, pk in found}
