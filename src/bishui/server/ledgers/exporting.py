"""The standing ledgers as a workbook: a sheet of tasks, one of projects, one of what is missing."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from io import BytesIO
from typing import Any

from django.utils.translation import gettext as _
from openpyxl import Workbook
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter

from bishui.observations import escape_formula
from bishui.server.core.registers import load_all
from bishui.server.core.templatetags.words import STATES
from bishui.server.ledgers.gather import Ledger, unit_names
from bishui.server.ledgers.models import Project


def workbook(ledgers: Sequence[Ledger], city: str) -> bytes:
    """Return an XLSX file with the ledgers of the given fields.

    Parameters
    ----------
    city
        The city's name, for the title.
    """
    book = Workbook()
    book.remove(book.active)  # type: ignore[arg-type]
    day = ledgers[0].day.isoformat()
    title = _("%(city)s水污染防治重点工作台账（截至 %(day)s）") % {"city": city, "day": day}
    _sheet(book, _("任务"), title, _task_heads(), _task_rows(ledgers))
    _sheet(book, _("重点工程项目"), title, _project_heads(), _project_rows(ledgers))
    _sheet(book, _("缺项"), title, [_("领域"), _("缺什么"), _("对象")], _gap_rows(ledgers))
    stream = BytesIO()
    book.save(stream)
    return stream.getvalue()


def _task_heads() -> list[str]:
    return [
        _("领域"),
        _("序号"),
        _("任务内容"),
        _("牵头单位"),
        _("责任单位"),
        _("完成时限"),
        _("状态"),
        _("完成比例（%）"),
        _("佐证文件数"),
    ]


def _task_rows(ledgers: Iterable[Ledger]) -> Iterable[list[str]]:
    for ledger in ledgers:
        for item in ledger.tasks:
            yield [
                str(ledger.label),
                str(item.task.number),
                item.task.content,
                item.units.get("lead", ""),
                item.units.get("responsible", ""),
                item.task.deadline,
                str(STATES[item.standing.state].label),
                str(item.standing.percent),
                str(item.evidence),
            ]


def _project_heads() -> list[str]:
    names = ("code", "name", "unit", "content", "funds", "funds_placed", "funds_spent", "stage", "end")
    register = load_all()["projects"]
    return [_("领域"), *(str(register.field(name).label) for name in names), _("佐证")]


def _project_rows(ledgers: Iterable[Ledger]) -> Iterable[list[str]]:
    every = list(ledgers)
    names = unit_names(project.unit for ledger in every for project in ledger.projects)
    for ledger in every:
        for project in ledger.projects:
            yield [str(ledger.label), *_project_texts(project, names), project.evidence]


def _project_texts(project: Project, names: dict[str, str]) -> list[str]:
    stage = load_all()["projects"].field("stage").choice_label(project.stage)
    funds = (project.funds, project.funds_placed, project.funds_spent)
    return [
        project.code,
        project.name,
        names.get(project.unit, project.unit),
        project.content,
        *("" if amount is None else f"{amount:f}" for amount in funds),
        stage,
        project.end.isoformat() if project.end else "",
    ]


def _gap_rows(ledgers: Iterable[Ledger]) -> Iterable[list[str]]:
    for ledger in ledgers:
        for gap in ledger.gaps():
            yield [str(ledger.label), gap.what, gap.text]


def _sheet(book: Workbook, name: str, title: str, heads: list[str], rows: Iterable[list[str]]) -> Any:
    sheet = book.create_sheet(name)
    sheet.append([escape_formula(title)])
    sheet.append(heads)
    for row in rows:
        sheet.append([escape_formula(text) for text in row])
    for cells in sheet.iter_rows(min_row=2):
        for cell in cells:
            cell.number_format, cell.data_type = "@", "s"
            cell.alignment = Alignment(wrap_text=True, vertical="top")
    for index, cell in enumerate(sheet[2], start=1):
        cell.font, cell.fill = Font(bold=True), PatternFill("solid", fgColor="DCE9F5")
        sheet.column_dimensions[get_column_letter(index)].width = 48 if "内容" in str(cell.value) else 20
    sheet["A1"].font = Font(bold=True, size=14)
    sheet.freeze_panes = "A3"
