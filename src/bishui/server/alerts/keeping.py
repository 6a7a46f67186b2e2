"""From findings to alerts: what is known is extended while it is open, and nothing is made twice."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from os.path import commonpath
from typing import Any

from django.db import transaction

from bishui.assessment import AlertFinding, AlertKind
from bishui.i18n import Text
from bishui.server.alerts.models import Alert
from bishui.server.alerts.rows import distance_of
from bishui.server.core import audit, clock, workflow
from bishui.server.sites import queries as sites

_WITHDRAWN = "withdrawn"
_FOUND_AGAIN = Text("数据、目标或评价规则恢复后再次发现。")


def keep(findings: Sequence[AlertFinding], division: str) -> list[Alert]:
    """Keep the findings of a city; return the alerts that are new.

    A finding that overlaps an open alert of its series extends it, and brings a withdrawn one back. What a
    person has ended is not found again; what goes on after it is a new alert, to be looked at anew.
    """
    if not findings:
        return []
    keeper = _Keeper(findings, division)
    singles = [finding for finding in findings if not finding.members]
    kept = {finding.key: alert for finding in singles if (alert := keeper.kept(finding)) is not None}
    for finding in findings:
        if finding.members:
            keeper.kept_group(finding, [kept[member.key] for member in finding.members if member.key in kept])
    keeper.write()
    return keeper.made


class _Keeper:
    """What is known of a city's series, and what has to be written."""

    def __init__(self, findings: Iterable[AlertFinding], division: str) -> None:
        self.made: list[Alert] = []
        self.changed: list[Alert] = []
        self.returned: list[Alert] = []
        self.at = clock.now()
        self.divisions = {row["id"]: row["division"] for row in sites.sites_table(division).to_pylist()}
        self.known: dict[str, list[Alert]] = {}
        wanted = {finding.series for finding in findings}
        for alert in Alert.objects.filter(division__startswith=division, series__in=wanted):
            self.known.setdefault(alert.series, []).append(alert)

    def kept(self, finding: AlertFinding) -> Alert | None:
        """Return the open alert that holds a finding, extended or new; None where an ended one covers it."""
        touching = [
            alert
            for alert in self.known.get(finding.series, ())
            if alert.first <= finding.last and finding.first <= alert.last
        ]
        for alert in touching:
            if alert.is_open or alert.state == _WITHDRAWN:
                self._extend(alert, finding)
                if alert.state == _WITHDRAWN and alert not in self.returned:
                    self.returned.append(alert)
                return alert
        ended = max((alert.last for alert in touching), default=None)
        going_on = finding if ended is None else finding.after(ended)
        return None if going_on is None else self._new(going_on)

    def kept_group(self, finding: AlertFinding, members: Sequence[Alert]) -> None:
        """Keep a finding of several stations, with those of its members that are open."""
        if len({member.site_id for member in members}) < finding.rules["several_least"]:
            return
        group = self.kept(finding)
        for member in members if group is not None else ():
            if member.group_id is None:
                member.group = group
                self._note(member)

    def _extend(self, alert: Alert, finding: AlertFinding) -> None:
        rows = _merged(alert.rows, finding)
        if rows == alert.rows and finding.last <= alert.last:
            return
        alert.rows, alert.in_a_row = rows, len(rows)
        alert.last = max(alert.last, finding.last)
        alert.text, alert.rules = finding.text.both(), finding.rules.version
        _set_worst(alert)
        self._note(alert)

    def _new(self, finding: AlertFinding) -> Alert:
        paths = [self.divisions[row.site] for row in finding.rows]
        alert = Alert(
            division=_common(paths),
            key=finding.key,
            series=finding.series,
            kind=finding.kind.value,
            of_kind=finding.of_kind.value if finding.of_kind else "",
            level=finding.level.value if finding.level else "",
            site_id=None if finding.kind is AlertKind.SEVERAL_STATIONS else finding.site,
            name=finding.name,
            item=finding.item,
            first=finding.first,
            last=finding.last,
            in_a_row=finding.in_a_row,
            text=finding.text.both(),
            rows=[row.as_dict() for row in finding.rows],
            rules=finding.rules.version,
            found_at=self.at,
        )
        _set_worst(alert)
        self.made.append(alert)
        self.known.setdefault(alert.series, []).append(alert)
        return alert

    def _note(self, alert: Alert) -> None:
        if alert not in self.made and alert not in self.changed:
            self.changed.append(alert)

    def write(self) -> None:
        """Write everything at once; the groups first, since their members point at them."""
        if not (self.made or self.changed or self.returned):
            return
        made, extended = len(self.made), len(self.changed)
        with (
            transaction.atomic(),
            audit.action("alerts.found", actor="system", made=made, extended=extended),
        ):
            for alert in sorted(self.made, key=lambda alert: alert.kind != AlertKind.SEVERAL_STATIONS):
                alert.save()
            for alert in self.changed:
                alert.save()
            for alert in self.returned:
                workflow.fire(alert, "return", actor="system", evidence={"text": str(_FOUND_AGAIN)})


def _merged(rows: Sequence[Mapping[str, Any]], finding: AlertFinding) -> list[dict[str, Any]]:
    """Return the rows of an alert with those of a finding; the newer statement of the same moment counts."""
    found = {(row["at"], row["site"]): dict(row) for row in rows}
    found.update({(row.at.isoformat(), row.site): row.as_dict() for row in finding.rows})
    return [found[key] for key in sorted(found)]


def _set_worst(alert: Alert) -> None:
    worst = max(alert.rows, key=lambda row: (distance_of(row), row["at"]))
    for name in ("value", "against", "multiple"):
        setattr(alert, name, worst[name] or "")


def _common(paths: Sequence[str]) -> str:
    """Return the narrowest division path that holds all of these."""
    return f"{commonpath(paths)}/"
