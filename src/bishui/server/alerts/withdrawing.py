"""Alerts of which no row holds any more are withdrawn by the system (系统撤销), with the reason.

Their data were taken back or flagged, or a target, a limit or a setting was changed.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from itertools import product

from bishui.assessment import JUDGED_AGAIN as KINDS
from bishui.assessment import AlertEvidence, AlertKind, Period, RowStands, standing_rows
from bishui.i18n import Text
from bishui.server.alerts.aims import aims_of, discharges_of
from bishui.server.alerts.models import Alert
from bishui.server.core import workflow
from bishui.server.sites import queries as sites
from bishui.server.standards import queries as standards

_OPEN = ("new", "confirmed")
#: The levels whose rows are periods that can be judged again.
_LEVELS = ("reading", "day", "month")
_REASONS = {
    RowStands.GONE: Text("所依据的数据已撤回或已标记，不再参与评价。"),
    RowStands.WITHIN: Text("按现在的数据、目标和评价规则，所列数值已不构成这一预警。"),
}


def withdraw(division: str, until: datetime) -> int:
    """Withdraw the open alerts of a city of which no row holds any more; return how many.

    An alert that became a supervision notice stays: the notice is ended by people.

    Parameters
    ----------
    until
        The present moment; rows after it do not count.
    """
    waiting = Alert.objects.filter(
        division__startswith=division, state__in=_OPEN, case=None, level__in=_LEVELS
    )
    gone = 0
    for kind, level in product(KINDS, _LEVELS):
        alerts = [
            alert for alert in waiting if alert.level == level and (alert.of_kind or alert.kind) == kind
        ]
        for alert, why in _not_standing(alerts, kind, division, until):
            workflow.fire(alert, "withdraw", actor="system", evidence={"text": str(why)})
            gone += 1
    return gone


def _not_standing(
    alerts: list[Alert], kind: AlertKind, division: str, until: datetime
) -> Iterable[tuple[Alert, Text]]:
    """Yield the alerts of one kind of which no row stands, with the reason."""
    rows = list(dict.fromkeys(row for alert in alerts for row in evidence(alert)))
    if not rows:
        return
    periods = [Period.parse(row.label) for row in rows]
    first, last = min(period.start for period in periods), max(period.end for period in periods)
    table = sites.measurements(division, {row.site for row in rows}, first, min(last, until))
    states = standing_rows(
        rows,
        table,
        sites.sites_table(division),
        aims_of(division, last.date()),
        sites.flags_table(division),
        kind=kind,
        discharges=discharges_of(division),
        override=standards.by_day(division),
    )
    by_row = dict(zip(rows, states, strict=True))
    for alert in alerts:
        found = {by_row[row] for row in evidence(alert)}
        if found and RowStands.STANDS not in found:
            yield alert, _REASONS[RowStands.WITHIN if RowStands.WITHIN in found else RowStands.GONE]


def evidence(alert: Alert) -> list[AlertEvidence]:
    """Return the rows that an alert stands on."""
    return [AlertEvidence(row["site"], row["item"], row["label"]) for row in alert.rows]
