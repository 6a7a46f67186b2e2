"""What the plan says, as the JSON that a plan document is read into: the known truth for the reader."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bishui.twin.model import City
from bishui.twin.plan import PlanDocument, Table, Task, UnitCell, filled_rows, target_lines
from bishui.twin.plan_text import Line, lay_out

Record = Mapping[str, Any]


def plan_truth(city: City, document: PlanDocument) -> dict[str, Any]:
    """Return the truth for the text form of `document`; line numbers count from 1.

    Besides the fields that a reader gives, a target may name equally right answers (``op_accept``,
    ``unit_accept``, ``deadline_accept``), and a cell the full names of its shortened units (``accept``).
    """
    lines = lay_out(document)
    where: dict[str, int] = {}
    for number, line in enumerate(lines, start=1):
        where.setdefault(line.became, number)
    return {
        "doc": _doc(document),
        "tasks": [_task(task, where[f"task {task.seq}"]) for task in document.tasks],
        "targets": _targets(document, lines, where),
        "report_deadlines": _report_deadlines(document, where),
        "tables": [_table(table, where) for table in document.tables if table.key != "tasks"],
        "section_targets": _section_targets(city, document),
        "source_targets": _source_targets(city, document),
        "coverage": [
            {"lines": [number, number], "became": line.became} for number, line in enumerate(lines, start=1)
        ],
    }


def _doc(document: PlanDocument) -> dict[str, Any]:
    head = document.head
    return {
        "file": f"{document.stem}.txt",
        "kind": "annual_plan",
        "title": document.title,
        "region": head["region"],
        "region_level": head["region_level"],
        "year": head["year"],
        "basis_doc_nos": [head["basis"]],
        "annexes": list(document.annexes),
    }


def _cell(cell: UnitCell) -> dict[str, Any]:
    record: dict[str, Any] = {"raw": cell.raw, "units": list(cell.units)}
    if cell.etc:
        record["etc"] = True
    if cell.by_duty:
        record["by_duty"] = True
    if cell.units and cell.units[0].startswith("市"):
        accept = {unit: [f"市{unit}"] for unit in cell.units if not unit.startswith("市")}
        if accept:
            record["accept"] = accept
    return record


def _task(task: Task, line: int) -> dict[str, Any]:
    return {
        "seq": task.seq,
        "section": list(task.section),
        "theme": task.theme,
        "theme_in_cell": task.theme_in_cell,
        "content": task.content,
        "lead": _cell(task.lead),
        "cooperating": _cell(task.cooperating),
        "responsible": _cell(task.responsible),
        "deadline": task.deadline,
        "deadline_norm": task.deadline_norm,
        "lines": [line, line],
    }


def _targets(document: PlanDocument, lines: list[Line], where: Mapping[str, int]) -> list[dict[str, Any]]:
    """Return the targets of the body, then of the tasks; one without its own deadline ends the year."""
    year_end = f"{document.head['year']}-12-31"
    found = []
    for paragraph in document.head["paragraph"]:
        line = next(number for number, line in enumerate(lines, start=1) if line.text == paragraph["text"])
        found += [_target(record, year_end, line, "body") for record in paragraph.get("target", ())]
    for task in document.tasks:
        line = where[f"task {task.seq}"]
        found += [_target(record, year_end, line, f"task {task.seq}") for record in task.targets]
    return found


def _target(record: Record, year_end: str, line: int, place: str) -> dict[str, Any]:
    return {"unit": None, "deadline": year_end, **record, "where": place, "line": line}


def _report_deadlines(document: PlanDocument, where: Mapping[str, int]) -> list[dict[str, Any]]:
    """Return the dated reports; they stand in the text of the last task as well as in annex 5."""
    line = where[f"task {document.tasks[-1].seq}"]
    return [
        {"what": record["what"], "due": record["due"], "to": document.head["receiver"], "line": line}
        for record in document.head["report"]
        if "due" in record
    ]


def _table(table: Table, where: Mapping[str, int]) -> dict[str, Any]:
    first = where[f"table 附件{table.annex} row 1"]
    record: dict[str, Any] = {
        "annex": f"附件{table.annex}",
        "name": table.name,
        "header": list(table.header),
        "rows": [list(row.cells) for row in table.rows],
        "lines": [first, first + len(table.rows) - 1],
    }
    if table.merge:
        record["rows_filled"] = [list(cells) for cells in filled_rows(table)]
    return record


def _named_rows(document: PlanDocument, key: str) -> list[dict[str, str]]:
    table = next(table for table in document.tables if table.key == key)
    return [dict(zip(table.header, cells, strict=True)) for cells in filled_rows(table)]


def _section_targets(city: City, document: PlanDocument) -> list[dict[str, Any]]:
    lines = target_lines(document)
    found = []
    for row in _named_rows(document, "national") + _named_rows(document, "local"):
        found.append(
            {
                "section": row["断面名称"],
                "water": row.get("所在水体名称") or row["所在水体"],
                "basin": row.get("所属流域", ""),
                "level": row.get("类别", "国控"),
                "county": row.get("考核县") or row.get("考核县区", ""),
                "city": row.get("设区市", ""),
                "assessed": row.get("考核城市", ""),
                "lon": float(row["经度"]),
                "lat": float(row["纬度"]),
                "class": row.get("2025年水质目标") or row["水质目标"],
                "line": lines[row["断面名称"]],
            }
        )
    return found


def _source_targets(city: City, document: PlanDocument) -> list[dict[str, Any]]:
    return [
        {
            "source": row["水源地名称"],
            "level": row["级别"],
            "county": row["县（区）"],
            "status": row["水源地使用状态"],
            "type": row["水源地类型"],
            "lon": float(row["经度"]),
            "lat": float(row["纬度"]),
            "target": row["水质考核目标"],
        }
        for row in _named_rows(document, "sources")
    ]
