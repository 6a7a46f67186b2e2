"""Writes a staged plan into the ledger: every part with the source line it came from."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from bishui.server.core.models import ImportSession
from bishui.server.plans import directory, staging
from bishui.server.plans.models import (
    Plan,
    PlanDocument,
    ReportDeadline,
    SectionTarget,
    SourceTarget,
    Target,
    Task,
    TaskUnit,
)
from bishui.server.plans.states import due_day
from bishui.server.plans.unit_names import Given, Resolved, resolve_plan
from bishui.standards import find_class


@dataclass(frozen=True, slots=True)
class Parts:
    """The parts of a plan as rows that are not saved yet."""

    document: PlanDocument
    tasks: list[Task]
    units: list[TaskUnit]
    targets: list[Target]
    section_targets: list[SectionTarget]
    source_targets: list[SourceTarget]
    reports: list[ReportDeadline]


def write(session: ImportSession, data: Mapping[str, Any], given: Given | None = None) -> Plan:
    """Write the plan of an import with all its parts; call inside an audited action.

    `given` is what people said that written unit names mean; see `unit_names.resolve_plan`.
    """
    plan = plan_of(session, data)
    plan.save()
    parts = parts_of(plan, data, given)
    PlanDocument.objects.bulk_create([parts.document])
    Task.objects.bulk_create(parts.tasks)
    TaskUnit.objects.bulk_create(parts.units)
    Target.objects.bulk_create(parts.targets)
    SectionTarget.objects.bulk_create(parts.section_targets)
    SourceTarget.objects.bulk_create(parts.source_targets)
    ReportDeadline.objects.bulk_create(parts.reports)
    return plan


def parts_of(plan: Plan, data: Mapping[str, Any], given: Given | None = None) -> Parts:
    """Return the parts that the JSON of a plan gives it."""
    tasks = _tasks(plan, data["tasks"])
    return Parts(
        document=_document(plan, data),
        tasks=tasks,
        units=_units(plan, tasks, data, given),
        targets=_targets(plan, tasks, data["targets"]),
        section_targets=section_targets(plan, data["section_targets"]),
        source_targets=source_targets(plan, data["source_targets"]),
        reports=_reports(plan, data["report_deadlines"]),
    )


def plan_of(session: ImportSession, data: Mapping[str, Any]) -> Plan:
    """Return the head of a plan, not saved yet."""
    doc = data["doc"]
    first, last = staging.period(doc)
    return Plan(
        division=session.division,
        title=doc["title"] or session.file.name,
        kind=doc["kind"],
        year=doc["year"],
        period_from=first,
        period_to=last,
        issuer=doc["issuer"],
        issued=iso_day(doc["issued"]),
        document_number=doc["document_number"] or "",
        region=doc["region"],
        import_session=session,
        reader_version=data["reader"],
        source=session.file,
        file_name=session.file.name,
    )


def _document(plan: Plan, data: Mapping[str, Any]) -> PlanDocument:
    return PlanDocument(
        division=plan.division,
        plan=plan,
        lines=data["lines"],
        became=data["became"],
        tables=data["tables"],
        milestones=data["milestones"],
        findings=data["findings"],
        indicators=data.get("indicator_rows", []),
        projects=data.get("projects", []),
    )


def _tasks(plan: Plan, tasks: Iterable[Mapping[str, Any]]) -> list[Task]:
    last_year = plan.period_to.year if plan.period_to else None
    return [
        Task(
            division=plan.division,
            plan=plan,
            position=position,
            seq=task["seq"],
            section=list(task["section"]),
            theme=task["theme"],
            content=task["content"],
            deadline=task["deadline"],
            deadline_norm=task["deadline_norm"] or "",
            due=due_day(task["deadline_norm"], last_year),
            line_from=task["lines"][0],
            line_to=task["lines"][1],
        )
        for position, task in enumerate(tasks, start=1)
    ]


def _units(plan: Plan, tasks: list[Task], data: Mapping[str, Any], given: Given | None) -> list[TaskUnit]:
    cells = staging.unit_cells(data)
    resolved = resolve_plan(cells, directory.directory_of(plan.division), given)
    rows: list[TaskUnit] = []
    for (position, role), names in resolved.items():
        cell = data["tasks"][position - 1][role]
        for place, name in enumerate((name for name in names if name.reason != "no-unit"), start=1):
            rows += _unit_rows(tasks[position - 1], role, place, name, cell)
    return rows


def _unit_rows(task: Task, role: str, place: int, name: Resolved, cell: Mapping[str, Any]) -> list[TaskUnit]:
    return [
        TaskUnit(
            division=task.division,
            task=task,
            role=role,
            position=place,
            written=name.written,
            unit_id=unit,
            etc=cell["etc"],
            by_duty=cell["by_duty"],
        )
        for unit in (name.units or (None,))
    ]


def _targets(plan: Plan, tasks: list[Task], targets: Iterable[Mapping[str, Any]]) -> list[Target]:
    return [
        target_of(plan, position, target, None if target["task"] is None else tasks[target["task"]])
        for position, target in enumerate(targets, start=1)
    ]


def target_of(plan: Plan, position: int, target: Mapping[str, Any], task: Task | None) -> Target:
    """Return one target; `target` as in a plan's JSON, its value as written."""
    written = "" if target["value"] is None else str(target["value"])
    return Target(
        division=plan.division,
        plan=plan,
        task=task,
        position=position,
        indicator=target["indicator"],
        text=target.get("text", ""),
        op=target["op"],
        value=None if target.get("qualitative") else exact(written),
        value_text=written,
        unit=target.get("unit") or "",
        deadline=target.get("deadline") or "",
        qualitative=bool(target.get("qualitative")),
        scope=target.get("scope", ""),
        line=target.get("line"),
    )


def section_targets(plan: Plan, targets: Iterable[Mapping[str, Any]]) -> list[SectionTarget]:
    """Return the targets of sections; each is tied to its site where the name is known."""
    given = list(targets)
    sites = directory.sites_of(plan.division, [target["section"] for target in given])
    return [
        SectionTarget(
            division=plan.division,
            plan=plan,
            position=position,
            section=target["section"],
            site=sites.get(target["section"]) or "",
            target_class=target_rank(target["class"]),
            class_text=target["class"],
            period_from=plan.period_from,
            period_to=plan.period_to,
            line=_first_line(target),
            **{
                name: target.get(name) or ""
                for name in ("water", "basin", "level", "county", "city", "assessed", "lon", "lat")
            },
        )
        for position, target in enumerate(given, start=1)
    ]


def source_targets(plan: Plan, targets: Iterable[Mapping[str, Any]]) -> list[SourceTarget]:
    """Return the targets of drinking-water sources; each is tied to its site where the name is known."""
    given = list(targets)
    sites = directory.sites_of(plan.division, [target["source"] for target in given])
    return [
        SourceTarget(
            division=plan.division,
            plan=plan,
            position=position,
            source=target["source"],
            site=sites.get(target["source"]) or "",
            line=_first_line(target),
            **{
                name: target.get(name) or ""
                for name in ("level", "county", "status", "type", "lon", "lat", "target")
            },
        )
        for position, target in enumerate(given, start=1)
    ]


def _reports(plan: Plan, deadlines: Iterable[Mapping[str, Any]]) -> list[ReportDeadline]:
    last_year = plan.period_to.year if plan.period_to else None
    return [
        ReportDeadline(
            division=plan.division,
            plan=plan,
            position=position,
            what=item["what"],
            due=item["due"] or "",
            due_day=due_day(item["due"], last_year),
            to=item["to"] or "",
            line=item["line"],
        )
        for position, item in enumerate(deadlines, start=1)
    ]


def _first_line(record: Mapping[str, Any]) -> int | None:
    lines = record.get("lines")
    return lines[0] if lines else record.get("line")


def target_rank(text: str) -> int | None:
    """Return the class (1–5) that a target names, also inside words (达到或好于Ⅲ类), or None."""
    rank = find_class(text)
    if rank is None:
        named = {find_class(mark) for mark in text if find_class(mark) and not mark.isdigit()}
        rank = named.pop() if len(named) == 1 else None
    return rank if rank is not None and rank <= 5 else None


def exact(text: str) -> Decimal | None:
    """Return the number that `text` writes, or None."""
    try:
        value = Decimal(text)
    except InvalidOperation:
        return None
    return value if value.is_finite() else None


def iso_day(text: str | None) -> date | None:
    """Return the day that an ISO text names, or None."""
    try:
        return date.fromisoformat(text or "")
    except ValueError:
        return None
