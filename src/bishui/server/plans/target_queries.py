"""Reads of targets: numeric ones, the figures accepted for them, those of sections and water sources."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet

from bishui.server.core import rights
from bishui.server.core.city import City
from bishui.server.plans import directory
from bishui.server.plans.models import ProgressFigure, SectionTarget, SourceTarget, Target


@dataclass(frozen=True, slots=True)
class WaterTarget:
    """The target of a section or a drinking-water source; `site` is empty where none is known by the name."""

    name: str
    site: str
    target_class: int | None
    written: str
    plan_title: str


def numeric_targets(workspace: City, user: Any = None) -> QuerySet[Target]:
    """Return the numeric targets of the plans that count; with `user` those that the user may see."""
    found = Target.objects.filter(
        division__startswith=workspace.division,
        plan__active=True,
        qualitative=False,
        value__isnull=False,
    )
    seen: QuerySet[Target] = found if user is None else rights.visible(user, "plans.view", found)
    return seen.select_related("plan", "task").order_by("plan__title", "plan", "position")


def accepted_figures(targets: Iterable[Target]) -> QuerySet[ProgressFigure]:
    """Return the figures of accepted progress reports that are tied to one of `targets`, the oldest first."""
    found = ProgressFigure.objects.filter(target__in=list(targets), report__state="accepted")
    return found.select_related("report__unit").order_by("report__at", "pk")


def sources_of_plan(plan: Any) -> list[str]:
    """Return the identifiers of the sources that a plan has targets for, where their sites are known."""
    found = list(SourceTarget.objects.filter(plan=plan))
    open_names = [item.source for item in found if not item.site]
    known = directory.sites_of(plan.division, open_names) if open_names else {}
    return [site for item in found if (site := item.site or known.get(item.source))]


def water_targets(workspace: City, user: Any = None) -> list[WaterTarget]:
    """Return the targets of sections, then those of sources, each with the site that its name means."""
    division = workspace.division
    sections = SectionTarget.objects.filter(division__startswith=division, plan__active=True)
    sources = SourceTarget.objects.filter(division__startswith=division, plan__active=True)
    if user is not None:
        sections = rights.visible(user, "plans.view", sections)
        sources = rights.visible(user, "plans.view", sources)
    chosen_sections = list(sections.select_related("plan"))
    chosen_sources = list(sources.select_related("plan"))
    open_names = [item.section for item in chosen_sections if not item.site]
    open_names += [item.source for item in chosen_sources if not item.site]
    known = directory.sites_of(division, open_names) if open_names else {}
    return [
        *(
            WaterTarget(
                item.section,
                item.site or known.get(item.section) or "",
                item.target_class,
                item.class_text,
                item.plan.title,
            )
            for item in chosen_sections
        ),
        *(
            WaterTarget(
                item.source, item.site or known.get(item.source) or "", None, item.target, item.plan.title
            )
            for item in chosen_sources
        ),
    ]
