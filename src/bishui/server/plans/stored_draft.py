"""Plans of the ledger and plans on their way into it, as drafts that can be compared."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from django.db.models import QuerySet

from bishui import documents
from bishui.server.core.models import ImportSession
from bishui.server.plans import review_corrections
from bishui.server.plans.models import Plan, PlanDocument, Task, TaskUnit

Lines = tuple[int, int]


def of_plan(plan: Plan, tasks: QuerySet[Task]) -> documents.PlanDraft:
    """Return a plan of the ledger as a draft.

    Parameters
    ----------
    plan
        The plan; its targets, sections, sources and reports are all taken.
    tasks
        Those of its tasks that the user may see; a target that stands in another task is left out.
    """
    shown = list(tasks.order_by("position"))
    places = {task.pk: index for index, task in enumerate(shown)}
    document = PlanDocument.objects.filter(plan=plan).first()
    cells = _cells(shown)
    targets = [target for target in plan.targets.all() if target.task_id is None or target.task_id in places]
    return documents.PlanDraft(
        reader_version=plan.reader_version,
        doc=_head_of_plan(plan),
        tasks=tuple(_task(task, cells) for task in shown),
        targets=tuple(
            _target_of_row(target, places[target.task_id] if target.task_id else None) for target in targets
        ),
        tables=(),
        section_targets=tuple(_section(_row(row, row.class_text)) for row in plan.section_targets.all()),
        source_targets=tuple(_source(_row(row, row.target)) for row in plan.source_targets.all()),
        report_deadlines=tuple(
            documents.ReportDeadline(row.what, row.due, row.to, row.line or 0)
            for row in plan.report_deadlines.all()
        ),
        milestones=tuple(map(_milestone, document.milestones if document else ())),
        coverage=(),
        findings=(),
        source_lines=tuple(document.lines if document else ()),
        indicators=_indicators(document.indicators if document else ()),
        projects=tuple(map(_project, document.projects if document else ())),
    )


def of_import(session: ImportSession) -> documents.PlanDraft:
    """Return a plan on its way into the ledger as a draft, with what people corrected so far."""
    data = review_corrections.draft_of(session).effective()
    return documents.PlanDraft(
        reader_version=data["reader"],
        doc=_head_of_data(data["doc"]),
        tasks=tuple(map(_task_of_data, data["tasks"])),
        targets=tuple(map(_target_of_data, data["targets"])),
        tables=(),
        section_targets=tuple(map(_section, data["section_targets"])),
        source_targets=tuple(map(_source, data["source_targets"])),
        report_deadlines=tuple(
            documents.ReportDeadline(row["what"], row["due"] or "", row["to"] or "", row["line"] or 0)
            for row in data["report_deadlines"]
        ),
        milestones=tuple(map(_milestone, data["milestones"])),
        coverage=(),
        findings=(),
        source_lines=tuple(data["lines"]),
        indicators=_indicators(data.get("indicator_rows", ())),
        projects=tuple(map(_project, data.get("projects", ()))),
    )


def _head_of_plan(plan: Plan) -> documents.DocumentHead:
    years = (plan.period_from, plan.period_to)
    period = (years[0].year, years[1].year) if years[0] and years[1] else None
    return documents.DocumentHead(
        file=plan.file_name or plan.title,
        kind=plan.kind,
        title=plan.title,
        region=plan.region,
        region_level="",
        year=plan.year,
        period=period if period and period[0] != period[1] else None,
        issuer=plan.issuer,
        issued=plan.issued.isoformat() if plan.issued else None,
        document_number=plan.document_number or None,
        basis_doc_nos=(),
        annexes=(),
    )


def _head_of_data(doc: Mapping[str, Any]) -> documents.DocumentHead:
    return documents.DocumentHead(
        file=doc["file"],
        kind=doc["kind"],
        title=doc["title"],
        region=doc["region"] or "",
        region_level=doc.get("region_level") or "",
        year=doc["year"],
        period=(doc["period"][0], doc["period"][1]) if doc["period"] else None,
        issuer=doc["issuer"] or "",
        issued=doc["issued"],
        document_number=doc.get("document_number"),
        basis_doc_nos=(),
        annexes=(),
    )


def _cells(tasks: Sequence[Task]) -> dict[tuple[Any, str], documents.UnitCell]:
    """Return the cells of units by task and role; a collective name stands there once."""
    rows: dict[tuple[Any, str], list[TaskUnit]] = {}
    for row in TaskUnit.objects.filter(task__in=tasks).order_by("task", "role", "position", "id"):
        rows.setdefault((row.task_id, row.role), []).append(row)
    return {key: _cell(found) for key, found in rows.items()}


def _cell(rows: Sequence[TaskUnit]) -> documents.UnitCell:
    names = tuple(dict.fromkeys(row.written for row in rows))
    first = rows[0]
    return documents.UnitCell(raw="、".join(names), units=names, etc=first.etc, by_duty=first.by_duty)


def _task(task: Task, cells: Mapping[tuple[Any, str], documents.UnitCell]) -> documents.Task:
    lead, cooperating, responsible = (
        cells.get((task.pk, role), documents.UnitCell()) for role in ("lead", "cooperating", "responsible")
    )
    return documents.Task(
        seq=task.seq,
        section=tuple(task.section),
        theme=task.theme,
        theme_in_cell=True,
        content=task.content,
        lead=lead,
        cooperating=cooperating,
        responsible=responsible,
        deadline=task.deadline,
        deadline_norm=task.deadline_norm or None,
        lines=(task.line_from or 0, task.line_to or task.line_from or 0),
    )


def _task_of_data(task: Mapping[str, Any]) -> documents.Task:
    return documents.Task(
        seq=task["seq"],
        section=tuple(task["section"]),
        theme=task["theme"],
        theme_in_cell=task["theme_in_cell"],
        content=task["content"],
        lead=_cell_of_data(task["lead"]),
        cooperating=_cell_of_data(task["cooperating"]),
        responsible=_cell_of_data(task["responsible"]),
        deadline=task["deadline"],
        deadline_norm=task["deadline_norm"],
        lines=_lines(task),
    )


def _cell_of_data(cell: Mapping[str, Any]) -> documents.UnitCell:
    return documents.UnitCell(cell["raw"], tuple(cell["units"]), cell["etc"], cell["by_duty"])


def _target_of_row(target: Any, task: int | None) -> documents.Target:
    return documents.Target(
        text=target.text,
        indicator=target.indicator,
        op=target.op,
        value=target.value_text,
        unit=target.unit or None,
        deadline=target.deadline or None,
        qualitative=target.qualitative,
        line=target.line or 0,
        task=task,
        scope=target.scope,
    )


def _target_of_data(target: Mapping[str, Any]) -> documents.Target:
    return documents.Target(
        text=target.get("text") or "",
        indicator=target["indicator"],
        op=target["op"],
        value="" if target["value"] is None else str(target["value"]),
        unit=target.get("unit") or None,
        deadline=target.get("deadline") or None,
        qualitative=bool(target.get("qualitative")),
        line=target.get("line") or 0,
        task=target.get("task"),
        scope=target.get("scope") or "",
    )


def _row(row: Any, asked: str) -> dict[str, Any]:
    """Return a row of a section or a source in the shape of the plan's JSON."""
    names = ("section", "source", "water", "basin", "level", "county", "city", "assessed", "status", "type")
    texts = {name: getattr(row, name, "") for name in (*names, "lon", "lat")}
    return {**texts, "class": asked, "target": asked, "lines": (row.line or 0, row.line or 0)}


def _section(row: Mapping[str, Any]) -> documents.SectionTarget:
    names = ("section", "water", "basin", "level", "county", "city", "assessed")
    return documents.SectionTarget(
        **{name: row.get(name) or "" for name in names},
        lon=row.get("lon") or None,
        lat=row.get("lat") or None,
        target_class=row["class"] or "",
        lines=_lines(row),
    )


def _source(row: Mapping[str, Any]) -> documents.SourceTarget:
    names = ("source", "level", "county", "status", "type", "target")
    return documents.SourceTarget(
        **{name: row.get(name) or "" for name in names},
        lon=row.get("lon") or None,
        lat=row.get("lat") or None,
        lines=_lines(row),
    )


def _milestone(step: Mapping[str, Any]) -> documents.Milestone:
    value = step.get("value")
    return documents.Milestone(
        due=step["due"],
        text=step["text"],
        kind=step["kind"],
        op=step.get("op"),
        value=None if value is None else str(value),
        unit=step.get("unit"),
        line=step["line"],
    )


def _project(project: Mapping[str, Any]) -> documents.Project:
    investment = project.get("investment")
    return documents.Project(
        no=project.get("no"),
        category=project.get("category") or "",
        subcategory=project.get("subcategory") or "",
        name=project["name"],
        content=project.get("content") or "",
        years=project.get("years") or "",
        units=documents.UnitCell(project.get("units_raw") or "", tuple(project.get("units") or ())),
        investment="" if investment is None else str(investment),
        investment_unit=project.get("investment_unit"),
        lines=_lines(project),
    )


def _indicators(rows: Iterable[Mapping[str, Any]]) -> tuple[documents.IndicatorTable, ...]:
    """Return the tables of indicators, their values read anew from the text that is kept."""
    tables: dict[str, list[documents.Indicator]] = {}
    for row in rows:
        tables.setdefault(row["table"], []).append(_indicator(row))
    return tuple(
        documents.IndicatorTable(key, key, (), tuple(held), (), (held[0].lines[0], held[-1].lines[1]))
        for key, held in tables.items()
    )


def _indicator(row: Mapping[str, Any]) -> documents.Indicator:
    return documents.Indicator(
        no=row["no"],
        category=row["category"],
        indicator=row["indicator"],
        sub=row["sub"],
        unit=row["unit"],
        values=tuple(_values(row)),
        attribute=row["attribute"],
        attribute_raw=row["attribute"],
        status="",
        status_raw="",
        others=(),
        lines=_lines(row),
    )


def _values(row: Mapping[str, Any]) -> Iterator[documents.IndicatorValue]:
    if row["target"]:
        read = documents.read_indicator_value(str(row["target"]), row["unit"])
        yield documents.IndicatorValue(
            column="",
            role="target",
            year=row["year"],
            raw=str(row["target"]),
            filled=str(row["target"]),
            op=read.op,
            value=read.value,
            upper=read.upper,
            unit=read.unit,
            cumulative=read.cumulative,
        )


def _lines(record: Mapping[str, Any]) -> Lines:
    lines = record.get("lines")
    if lines:
        return int(lines[0]), int(lines[1])
    line = int(record.get("line") or 0)
    return line, line
