"""The facts that scores are reckoned from, counted for every unit or division of a city at once.

Each definition stands in ``docs/reference/scoring.md``; each fact's source names the records that it counts.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from bishui.scoring import Fact
from bishui.server.accounts import queries as accounts
from bishui.server.cases import queries as cases
from bishui.server.core.city import AssessedCity
from bishui.server.plans import duty_queries
from bishui.server.plans.duty_queries import DutyBrief
from bishui.server.sites import queries as sites
from bishui.server.sites.assessed import Results
from bishui.server.sites.choosing import year_to_date

_SHOWN = 20
_FINISHED = ("done", "late_done")


@dataclass(frozen=True, slots=True)
class Subject:
    """Who is scored: a unit (identified by its code) or a division (by its path)."""

    id: str
    name: str
    division: str
    units: frozenset[str]

    def responsible_units(self) -> frozenset[str]:
        """Return the units whose score it is."""
        return self.units


@dataclass(slots=True)
class _Counted:
    """What was found for one subject: the records behind each fact, by name, and sums."""

    found: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    percents: list[tuple[int, int]] = field(default_factory=list)


def subjects(kind: str, city: AssessedCity) -> list[Subject]:
    """Return who can be scored: units that bear a duty, or the divisions directly below the city."""
    units = accounts.units_of(city.division)
    if kind == "division":
        return [
            Subject(
                path,
                name,
                path,
                frozenset(str(unit.pk) for unit in units if unit.division.startswith(path)),
            )
            for path, name in accounts.divisions_below(city.division)
        ]
    bearing = set(duty_queries.duties_of(city).order_by().values_list("unit_id", flat=True))
    return [
        Subject(unit.code, unit.name, unit.division, frozenset({str(unit.pk)}))
        for unit in units
        if unit.pk in bearing
    ]


def facts(kind: str, city: AssessedCity) -> dict[str, dict[str, Fact]]:
    """Return the computed facts of every subject by identifier; see ``scoring/data/facts.toml``."""
    everyone = subjects(kind, city)
    counted = {subject.id: _Counted() for subject in everyone}
    by_unit: dict[str, list[_Counted]] = defaultdict(list)
    for subject in everyone:
        for unit in subject.units:
            by_unit[unit].append(counted[subject.id])
    _count_duties(by_unit, duty_queries.briefs(city), city.today)
    _count_reports(by_unit, duty_queries.reports_due(city), city.today)
    _count_progress(by_unit, city)
    _count_notices(by_unit, city)
    found = {subject.id: _facts_of(counted[subject.id]) for subject in everyone}
    if kind == "division":
        _add_sections(found, city)
    return found


def _count_duties(by_unit: Mapping[str, list[_Counted]], duties: Iterable[DutyBrief], day: date) -> None:
    for duty in duties:
        if duty.role == "cooperating":
            continue
        name = _("任务 %(number)s") % {"number": duty.number}
        states = {
            "duties.total": True,
            "duties.accepted": duty.colour in _FINISHED,
            "duties.due": duty.due is not None and duty.due <= day,
            "duties.due_accepted": duty.due is not None and duty.due <= day and duty.colour == "done",
            "duties.overdue": duty.colour == "overdue",
            "duties.late": duty.colour == "late_done",
        }
        for counted in by_unit.get(duty.unit, ()):
            counted.percents.append((duty.percent, duty.expected))
            for fact, holds in states.items():
                if holds:
                    counted.found[fact].append(name)


def _count_reports(by_unit: Mapping[str, list[_Counted]], reports: Iterable[Any], day: date) -> None:
    for report in reports:
        if report.due is None or report.due > day:
            continue
        for counted in by_unit.get(str(report.unit_id), ()):
            name = f"{report.what} {report.due.isoformat()}"
            counted.found["reports.due"].append(name)
            if report.state in ("missing", "late"):
                counted.found[f"reports.{report.state}"].append(name)


def _count_progress(by_unit: Mapping[str, list[_Counted]], city: AssessedCity) -> None:
    for report in duty_queries.progress_of(city):
        for counted in by_unit.get(str(report.unit_id), ()):
            name = _("任务 %(number)s") % {"number": report.task.number}
            counted.found["progress.handed_in"].append(name)
            if report.state == "returned":
                counted.found["progress.returned"].append(name)


def _count_notices(by_unit: Mapping[str, list[_Counted]], city: AssessedCity) -> None:
    for case in cases.cases_of(city).exclude(state__in=("drafted", "withdrawn")):
        late = case.state in ("issued", "returned") and case.deadline < city.today
        for counted in by_unit.get(str(case.unit_id), ()):
            counted.found["notices.received"].append(case.title)
            if late:
                counted.found["notices.overdue"].append(case.title)


def _facts_of(counted: _Counted) -> dict[str, Fact]:
    made = {name: Fact(Decimal(len(found)), _named(found)) for name, found in counted.found.items()}
    for name in _COUNTS:
        made.setdefault(name, Fact(Decimal(0)))
    for name, index in (("duties.progress", 0), ("duties.expected", 1)):
        values = [pair[index] for pair in counted.percents]
        mean = (Decimal(sum(values)) / len(values)).quantize(Decimal("0.1")) if values else Decimal(0)
        made[name] = Fact(mean, _("%(count)s 项任务的平均值") % {"count": len(values)})
    return made


_COUNTS = (
    "duties.total",
    "duties.accepted",
    "duties.due",
    "duties.due_accepted",
    "duties.overdue",
    "duties.late",
    "reports.due",
    "reports.missing",
    "reports.late",
    "progress.handed_in",
    "progress.returned",
    "notices.received",
    "notices.overdue",
)


def _named(names: list[str]) -> str:
    shown = "、".join(dict.fromkeys(names[:_SHOWN]))
    return shown if len(names) <= _SHOWN else _("%(shown)s 等") % {"shown": shown}


def _add_sections(found: dict[str, dict[str, Fact]], city: AssessedCity) -> None:
    """Count the sections of each division by the year's mean so far.

    A section counts for the division that it is assessed for; one that is assessed for the city as a whole,
    for the division that it lies in.
    """
    names: dict[str, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    for name, path, state in _sections(city):
        owner = next((subject for subject in found if path.startswith(subject)), "")
        names[owner][state].append(name)
    for subject, made in found.items():
        groups = names[subject]
        for fact, states in _SECTION_FACTS.items():
            members = [name for state in states for name in groups[state]]
            made[fact] = Fact(Decimal(len(members)), _named(members))


_SECTION_FACTS = {
    "sections.judged": ("attained", "not_attained"),
    "sections.attained": ("attained",),
    "sections.unknown": ("not_judged",),
}


def _sections(city: AssessedCity) -> Iterator[tuple[str, str, str]]:
    """Yield name, division and verdict of each site that has a target."""
    results = Results(city)
    newest = results.newest_month()
    judged = results.attainment(year_to_date(newest))["sections"] if newest else {}
    lying_in = sites.lying_in(city.division)
    for site in sites.sites_table(city.division).to_pylist():
        result = judged.get(site["id"])
        state = result["attainment"]["state"] if result else "no_target"
        path = lying_in.get(site["id"]) or "" if site["division"] == city.division else site["division"]
        yield site["name"], path, state
