"""By what an alert was found (判定依据): the clause of its limit, and the rule in words."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import gettext as _

from bishui.assessment import AlertKind
from bishui.server.alerts.models import Alert
from bishui.server.sites import choosing
from bishui.server.sites.clauses import clause_text
from bishui.server.sites.models import Site
from bishui.server.standards import queries as standards
from bishui.standards import Limit, Rules, rules, surface_water, water_class

_OVER = (AlertKind.EXCEEDANCE, AlertKind.APPROACHING)


def basis_facts(alert: Alert, division: str) -> list[dict[str, Any]]:
    """Return by what an alert was found, as facts of its page.

    Parameters
    ----------
    division
        The city, whose own limits and settings count.
    """
    day = alert.last.date()
    override = standards.override_in_force(division, day)
    found = []
    if (alert.of_kind or alert.kind) in _OVER:
        found += _limit(alert, day, override)
    used = rules("alerts", day, override)
    query = urlencode({"method": "alerts", "on": day.isoformat()})
    rule = {
        "label": _("判定规则"),
        "text": _("；").join(_said(alert, used)),
        "url": f"{reverse('standards:rules')}?{query}",
    }
    return [*found, rule]


def _limit(alert: Alert, day: date, override: Any) -> list[dict[str, Any]]:
    """Return where the limit of surface water stands; the text of another limit's alert names its clause."""
    site = _latest_site(alert)
    if site is None or site.kind not in choosing.SURFACE or not alert.item:
        return []
    standard = surface_water(day, override)
    if alert.item not in standard.criteria:
        return []
    against = tuple(Decimal(end) for end in alert.rows[-1]["against"].split("~"))
    # Some items have one limit for rivers and lakes alike, so that a water of unknown type is judged by them.
    kinds = [site.water_type] if site.water_type else ["river", "lake"]
    ranks = {
        rank
        for kind in kinds
        for rank, limit in standard.limits(alert.item, kind).items()
        if _ends(limit) == against
    }
    classes = _("、").join(water_class(rank).label for rank in sorted(ranks))
    return [
        {
            "label": _("限值依据"),
            "text": clause_text(standard.clause_of(alert.item)),
            "note": classes or _("计划目标为该项目另定的限值"),
        }
    ]


def _latest_site(alert: Alert) -> Site | None:
    """Return the site of the latest row; an alert of several stations has rows of each."""
    return Site.objects.filter(pk=alert.rows[-1]["site"]).first() if alert.rows else None


def _ends(limit: Limit) -> tuple[Decimal, ...]:
    """Return both ends of a range, or the one limit."""
    return (limit,) if isinstance(limit, Decimal) else tuple(limit)


def _said(alert: Alert, used: Rules) -> list[str]:
    """Return the rules behind an alert in words, of several stations those of each of them too."""
    several = alert.kind == AlertKind.SEVERAL_STATIONS
    found = [_said_of(AlertKind(alert.of_kind or alert.kind), alert, used)]
    if several:
        found.append(
            _("同一水体或区县 %(least)s 个及以上站点在 %(hours)s 小时之内开始")
            % {"least": used["several_least"], "hours": used["several_hours"]}
        )
    return found


def _said_of(kind: AlertKind, alert: Alert, used: Rules) -> str:
    if kind is AlertKind.SUDDEN_CHANGE:
        return _sudden(alert, used)
    if kind is AlertKind.MISSING_DATA:
        return _missing(alert, used)
    if kind is AlertKind.APPROACHING and alert.level == "year":
        return _("年内剩余月份的均值只能达到限值的 %(share)s%% 以内") % {"share": used["room_percent"]}
    if kind is AlertKind.APPROACHING:
        return _("达到限值的 %(share)s%% 而未超过") % {"share": used["approaching_percent"]}
    return _("连续 %(count)s 次超过限值") % {"count": _in_a_row(alert, used)}


def _in_a_row(alert: Alert, used: Rules) -> int:
    """Return how many values over the limit in a row were asked for."""
    of_level = {"reading": "readings_in_a_row", "month": "months_in_a_row", "day": "days_in_a_row"}
    site = _latest_site(alert)
    name = of_level.get(alert.level, "months_in_a_row")
    if alert.level == "day" and site is not None and site.kind in used["discharge_kinds"]:
        name = "discharge_days_in_a_row"
    count: int = used[name]
    return count


def _sudden(alert: Alert, used: Rules) -> str:
    absolute = dict(used["sudden_absolute"])
    least = (
        absolute[alert.item]
        if alert.item in absolute
        else _("中位数的 %(share)s%%") % {"share": used["sudden_percent"]}
    )
    return _(
        "连续 %(count)s 次偏离此前 %(days)s 天中位数达 %(deviations)s 倍稳健标准差，且不小于%(least)s"
    ) % {
        "count": used["sudden_in_a_row"],
        "days": used["sudden_days"],
        "deviations": used["sudden_deviations"],
        "least": least,
    }


def _missing(alert: Alert, used: Rules) -> str:
    if alert.level == "month":
        return _("此前连续 %(months)s 个月有手工监测数据，%(day)s 日起仍无当月数据") % {
            "months": used["manual_months"],
            "day": used["manual_due_day"],
        }
    return _("无读数超过 %(hours)s 小时，且超过平常间隔的 %(gaps)s 倍") % {
        "hours": used["silent_hours"],
        "gaps": used["silent_gaps"],
    }
