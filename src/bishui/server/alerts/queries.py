"""Reads of this app."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.db.models import Count, Q, QuerySet

from bishui.server.alerts.models import Alert, Subscription
from bishui.server.core import rights, workflow
from bishui.server.core.city import City
from bishui.server.core.models import WorkflowEvent
from bishui.server.sites import queries as sites


def open_states() -> list[str]:
    """Return the states in which an alert still waits for somebody."""
    states = workflow.load_all()[Alert.workflow_name].states
    return [state.id for state in states.values() if not state.final]


def alerts_of(city: City, user: Any) -> QuerySet[Alert]:
    """Return the alerts of a city that a user may see."""
    inside = Alert.objects.filter(division__startswith=city.division)
    return rights.visible(user, "alerts.view", inside)


def alert_seen(user: Any, pk: Any) -> Alert | None:
    """Return one alert that a user may see."""
    return rights.visible(user, "alerts.view", Alert.objects.filter(pk=pk)).first()


def standing_alone(alerts: QuerySet[Alert]) -> QuerySet[Alert]:
    """Leave out those that an alert of several stations stands for, as long as it has the same state."""
    return alerts.exclude(group__isnull=False, group__state__in=open_states(), state__in=open_states())


def counts(city: City, user: Any) -> dict[str, int]:
    """Return how many alerts stand in each state, those of several stations counted once."""
    states = workflow.load_all()[Alert.workflow_name].states
    rows = standing_alone(alerts_of(city, user)).order_by().values_list("state").annotate(n=Count("pk"))
    return {**dict.fromkeys(states, 0), **dict(rows)}


def unsupported(alert: Alert) -> WorkflowEvent | None:
    """Return when and why the rows of an alert that is kept ceased to hold; None where they hold."""
    told = WorkflowEvent.objects.filter(record_id=alert.pk, transition__in=("lose_support", "regain_support"))
    last = told.order_by("-at", "-id").first()
    return last if last is not None and last.transition == "lose_support" else None


def subscriptions_of(city: City, user: Any) -> list[Subscription]:
    """Return what a user subscribed to in a city."""
    found = Subscription.objects.filter(user=user, division__startswith=city.division)
    return list(found.select_related("site"))


def subscribed(alerts: QuerySet[Alert], subscriptions: list[Subscription]) -> QuerySet[Alert]:
    """Return those of `alerts` that some subscriptions cover."""
    wanted = Q(pk__in=[])
    for entry in subscriptions:
        place = Q(division__startswith=entry.division)
        if entry.site_id is not None:
            place = Q(site=entry.site_id) | Q(members__site=entry.site_id)
        elif entry.water:
            place &= Q(site__water=entry.water) | Q(members__site__water=entry.water)
        wanted |= place & Q(kind__in=entry.kinds)
    return alerts.filter(wanted).distinct()


def waters_of(alerts: Iterable[Alert]) -> dict[UUID, set[str]]:
    """Return by alert the names of the waters that its sites lie at."""
    by_alert = {alert.pk: {row["site"] for row in alert.rows} for alert in alerts}
    waters = sites.waters_of(site for found in by_alert.values() for site in found)
    return {pk: {waters[site] for site in found & waters.keys()} for pk, found in by_alert.items()}
