"""The year's work of the invented city: who handed in what, what was decided, which reports came in."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import date, datetime, time
from decimal import Decimal
from io import BytesIO
from typing import Any, BinaryIO

from bishui import twin
from bishui.server.accounts import services as accounts
from bishui.server.accounts.models import Unit, User
from bishui.server.core import audit, clock
from bishui.server.plans import calendar, duties, progress_reports, services, standings
from bishui.server.plans import queries as plans
from bishui.server.plans.models import Duty, Plan, Progress, ReportDue, Task
from bishui.server.plans.progress_reports import Figure, Given, Link
from bishui.server.sites import queries as sites

#: How the names of the city's users begin; the code of the unit follows, or ``reviewer``, ``lead``.
PEOPLE = "twin-"
_BUREAU = "990100-ecology"
_MORNING, _AFTERNOON = time(9, 0), time(15, 0)


def load_work(city: twin.City, division: str, units: Mapping[str, Unit], operator: User) -> None:
    """Load what the units have handed in up to the city's day; once done it is left as it is."""
    with audit.action("core.demonstration", actor=operator, name=city.name_zh, division=division):
        if plans.has_progress(division):
            return
        people = People(division, units, operator)
        with standings.gathered(city.as_of):
            _issue(city, division, operator)
            _set_milestones(city, division, people)
            for day, _order, deed in sorted(_deeds(city, division, people), key=lambda item: item[:2]):
                with clock.on(day):
                    deed(day)
            with clock.on(city.as_of):
                _take_on(division, people)
        calendar.daily(city.as_of)
        standings.daily(city.as_of)


class People:
    """The city's users: a reporter for each unit, a reviewer and a lead; they have no passwords."""

    def __init__(self, division: str, units: Mapping[str, Unit], operator: User) -> None:
        self.division, self.units, self._operator = division, units, operator
        self._made: dict[str, User] = {}
        self.reviewer = self._user("reviewer", "bureau_staff", units[_BUREAU], "审核员")
        self.lead = self._user("lead", "bureau_lead", units[_BUREAU], "负责人")

    def reporter(self, unit: str) -> User:
        """Return the user who reports for a unit."""
        if unit not in self._made:
            self._made[unit] = self._user(unit, "unit_reporter", self.units[unit], "填报员")
        return self._made[unit]

    def _user(self, name: str, role: str, unit: Unit, title: str) -> User:
        username = f"{PEOPLE}{name}"
        found: User | None = User.objects.filter(username=username).first()
        if found is None:
            found = accounts.create_user(
                username,
                None,
                actor=self._operator,
                full_name=f"{unit.name}{title}",
                unit=unit,
            )
            accounts.grant(found, role, self.division, actor=self._operator, unit=unit)
        return found


def _issue(city: twin.City, division: str, operator: User) -> None:
    """Say on which day the plan was issued: its document leaves that out, as many do."""
    plan = Plan.objects.filter(division=division, active=True).exclude(kind="published_targets").get()
    if plan.issued is None:
        issued = date.fromisoformat(twin.plan_document(city).head["issued"])
        services.set_issued(plan, issued, version=plan.version, actor=operator)


def _set_milestones(city: twin.City, division: str, people: People) -> None:
    for found in twin.task_progress(city):
        if found.milestones:
            task = plans.task_of(division, found.seq)
            wanted = [
                duties.EditedStep("", step.what, step.due, Decimal(step.weight)) for step in found.milestones
            ]
            duties.set_milestones(task, wanted, version=task.version, actor=people.reviewer)


def _deeds(city: twin.City, division: str, people: People) -> Iterator[tuple[date, tuple[int, ...], Any]]:
    """Give what was done: the day, its place on the day, and the deed itself."""
    names = {name: key for key, name in sites.site_names(division).items()}
    for found in twin.task_progress(city):
        task = plans.task_of(division, found.seq)
        for number, entry in enumerate(found.entries):
            handing_in = _HandingIn(task, entry, people, names)
            yield entry.date, (0, found.seq, number), handing_in
            if entry.review and entry.reviewed and entry.reviewed <= city.as_of:
                yield entry.reviewed, (1, found.seq, number), handing_in.decide
    for number, item in enumerate(twin.handed_in(city)):
        yield item.date, (2, number), _Summary(division, item, people)


class _HandingIn:
    """One progress report: handed in first, decided on later."""

    def __init__(self, task: Task, entry: twin.Progress, people: People, sites: Mapping[str, str]) -> None:
        self._task, self._entry, self._people, self._sites = task, entry, people, sites
        self._report: Progress | None = None

    def __call__(self, day: date) -> None:
        entry, task = self._entry, self._task
        steps = list(task.milestones.order_by("position"))
        given = Given(
            text=entry.text,
            milestones=[str(steps[place - 1].pk) for place in entry.reached],
            files=[_file(name, entry.text) for name in entry.evidence],
            figures=_figures(task, entry.figure),
            links=[Link("site", self._sites[name], name) for name in entry.sites],
            outlook=entry.outlook,
            for_all=entry.for_all,
        )
        self._report = progress_reports.hand_in(
            task,
            self._people.units[entry.unit],
            given,
            actor=self._people.reporter(entry.unit),
            at=datetime.combine(day, _MORNING),
        )

    def decide(self, day: date) -> None:
        """Accept or return the report."""
        assert self._report is not None
        report = Progress.objects.get(pk=self._report.pk)
        if self._entry.review == "accepted":
            progress_reports.accept(report, actor=self._people.reviewer, on=day)
        else:
            progress_reports.send_back(report, self._entry.reason, actor=self._people.reviewer, on=day)


class _Summary:
    """A half-year or annual summary that came in; what was due before is missing already."""

    def __init__(self, division: str, item: twin.HandedIn, people: People) -> None:
        self._division, self._item, self._people = division, item, people

    def __call__(self, day: date) -> None:
        calendar.record_missing(self._division, day)
        item = self._item
        owed = ReportDue.objects.filter(
            division=self._division, what=item.what, unit=self._people.units[item.unit]
        )
        for due in owed.order_by("due")[:1]:
            calendar.hand_in(
                due,
                _file(item.file, item.what),
                actor=self._people.reporter(item.unit),
                at=datetime.combine(day, _AFTERNOON),
            )


def _file(name: str, text: str) -> tuple[BinaryIO, str]:
    return BytesIO(twin.evidence_file(name, text)), name


def _figures(task: Task, written: str) -> list[Figure]:
    """Return a figure as ``23.0公里`` states it, tied to the task's target in the same unit."""
    match = re.fullmatch(r"([0-9.]+)(.*)", written)
    if match is None:
        return []
    target = next((item for item in task.targets.all() if item.unit == match[2]), None)
    if target is None:
        return [Figure(task.theme or "完成情况", match[1], match[2])]
    return [Figure(target.indicator, match[1], match[2], str(target.pk))]


def _take_on(division: str, people: People) -> None:
    """Let the lead units take on what they have not begun, but for the newest."""
    waiting = Duty.objects.filter(division=division, role="lead", state="issued").exclude(task__seq=23)
    by_unit = {str(unit.pk): code for code, unit in people.units.items()}
    for duty in waiting.select_related("task", "unit"):
        duties.take(duty, actor=people.reporter(by_unit[str(duty.unit_id)]))
