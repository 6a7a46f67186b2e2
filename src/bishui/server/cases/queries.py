"""Reads of this app."""

from __future__ import annotations

from typing import Any

from django.db.models import Count, QuerySet

from bishui.server.cases.models import Case
from bishui.server.core import rights, workflow
from bishui.server.core.city import City


def open_states() -> list[str]:
    """Return the states from which a case still has to go on."""
    states = workflow.load_all()[Case.workflow_name].states
    return [state.id for state in states.values() if not state.final]


def cases_of(workspace: City, user: Any = None) -> QuerySet[Case]:
    """Return the cases of a city; with `user` only those that the user may see."""
    found = Case.objects.filter(division__startswith=workspace.division)
    return found if user is None else seen_by(user, found)


def open_cases(workspace: City, user: Any = None) -> QuerySet[Case]:
    """Return the cases that are not ended, the next deadline first."""
    found = cases_of(workspace, user).filter(state__in=open_states())
    return found.select_related("unit").order_by("deadline", "opened_at")


def cases_about(object_type: str, object_id: str, user: Any = None) -> QuerySet[Case]:
    """Return the cases about one thing, newest first."""
    found = Case.objects.filter(object_type=object_type, object_id=str(object_id)).select_related("unit")
    return found if user is None else seen_by(user, found)


def seen_by(user: Any, cases: QuerySet[Case]) -> QuerySet[Case]:
    """Return those of `cases` that a user may see: a draft is seen only by those who may open one there."""
    issued = rights.visible(user, "cases.view", cases.exclude(state="drafted"))
    return issued | rights.visible(user, "cases.open", cases)


def counts(workspace: City, user: Any = None) -> dict[str, int]:
    """Return how many cases stand in each state, ``open`` and ``overdue`` among them."""
    states = workflow.load_all()[Case.workflow_name].states
    rows = cases_of(workspace, user).order_by().values_list("state").annotate(n=Count("pk"))
    found = {**dict.fromkeys(states, 0), **dict(rows)}
    late = open_cases(workspace, user).filter(deadline__lt=workspace.today, state__in=("issued", "returned"))
    return {**found, "open": sum(found[state] for state in open_states()), "overdue": late.count()}
