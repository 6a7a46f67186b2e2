"""Alerts of which no row holds any more are withdrawn by the system (系统撤销), with the reason.

Their data were taken back or flagged, what was missing has come in, or a target, a limit or a setting was
changed. An alert that became a supervision notice stays with people; its history and its page say so.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from itertools import product

from django.db.models import QuerySet

from bishui.assessment import JUDGED_AGAIN as KINDS
from bishui.assessment import (
    AlertEvidence,
    AlertKind,
    Period,
    RowStands,
    gaps_look_back,
    standing_gaps,
    standing_rows,
)
from bishui.i18n import Text
from bishui.server.alerts import queries
from bishui.server.alerts.aims import aims_of, discharges_of
from bishui.server.alerts.models import Alert
from bishui.server.core import workflow
from bishui.server.sites import queries as sites
from bishui.server.standards import queries as standards
from bishui.standards import rules

_OPEN = ("new", "confirmed")
#: The levels whose rows are periods that can be judged again.
_LEVELS = ("reading", "day", "month")
_GONE = Text("所依据的数据已撤回或已标记，不再参与评价。")
_WITHIN = Text("按现在的数据、目标和评价规则，所列数值已不构成这一预警。")
_CAME_IN = Text("缺失的数据已补报。")
_STANDS_AGAIN = Text("数据、目标或评价规则恢复后，所列数值重新构成这一预警。")


def withdraw(division: str, until: datetime) -> int:
    """Withdraw the open alerts of a city of which no row holds any more; return how many.

    An alert that became a supervision notice stays: the notice is ended by people. That its rows hold no
    more, or hold again, is written down once.

    Parameters
    ----------
    until
        The present moment; rows after it do not count.
    """
    waiting = Alert.objects.filter(division__startswith=division, state__in=_OPEN)
    gone = 0
    for alert, why in _judged(waiting, division, until):
        if alert.case_id is not None:
            _say(alert, why)
        elif why is not None:
            _fire(alert, "withdraw", why)
            gone += 1
    return gone


def _say(alert: Alert, why: Text | None) -> None:
    """Write down that an alert with a notice holds no more, or holds again, where that is news."""
    known = queries.unsupported(alert) is not None
    if why is not None and not known:
        _fire(alert, "lose_support", why)
    elif why is None and known:
        _fire(alert, "regain_support", _STANDS_AGAIN)


def _fire(alert: Alert, transition: str, why: Text) -> None:
    workflow.fire(alert, transition, actor="system", evidence={"text": str(why)})


def _judged(waiting: QuerySet[Alert], division: str, until: datetime) -> Iterator[tuple[Alert, Text | None]]:
    """Yield the alerts whose rows can be judged again, with why they stand no more; None where they stand."""
    by_kind: dict[tuple[str, str], list[Alert]] = {}
    for alert in waiting:
        by_kind.setdefault((alert.of_kind or alert.kind, alert.level), []).append(alert)
    for kind, level in product(KINDS, _LEVELS):
        yield from _values_judged(by_kind.get((kind, level), []), kind, division, until)
    for level in ("", "month"):
        yield from _gaps_judged(by_kind.get((AlertKind.MISSING_DATA, level), []), division, until)


def _values_judged(
    alerts: Sequence[Alert], kind: AlertKind, division: str, until: datetime
) -> Iterator[tuple[Alert, Text | None]]:
    rows = _rows_of(alerts)
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
    yield from _reasons(alerts, rows, states, _WITHIN)


def _gaps_judged(
    alerts: Sequence[Alert], division: str, until: datetime
) -> Iterator[tuple[Alert, Text | None]]:
    rows = _rows_of(alerts)
    if not rows:
        return
    chosen = rules("alerts", until.date(), standards.override_in_force(division, until.date()))
    first = gaps_look_back(min(Period.parse(row.label).start for row in rows), chosen)
    table = sites.measurements(division, {row.site for row in rows}, first, until)
    states = standing_gaps(rows, table, sites.sites_table(division), moment=until, chosen=chosen)
    yield from _reasons(alerts, rows, states, _CAME_IN)


def _rows_of(alerts: Sequence[Alert]) -> list[AlertEvidence]:
    """Return the rows of some alerts, each once."""
    return list(dict.fromkeys(row for alert in alerts for row in evidence(alert)))


def _reasons(
    alerts: Sequence[Alert], rows: Sequence[AlertEvidence], states: Iterable[RowStands], within: Text
) -> Iterator[tuple[Alert, Text | None]]:
    """Yield each alert with why it stands no more: none of its rows does."""
    by_row = dict(zip(rows, states, strict=True))
    for alert in alerts:
        found = {by_row[row] for row in evidence(alert)}
        if RowStands.STANDS in found:
            yield alert, None
        elif found:
            yield alert, within if RowStands.WITHIN in found else _GONE


def evidence(alert: Alert) -> list[AlertEvidence]:
    """Return the rows that an alert stands on."""
    return [AlertEvidence(row["site"], row["item"], row["label"]) for row in alert.rows]
