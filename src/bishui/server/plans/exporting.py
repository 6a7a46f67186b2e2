"""The tasks of a plan as a workbook that no spreadsheet program runs anything from."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from io import BytesIO
from typing import Any

from django.utils.translation import gettext as _
from openpyxl import Workbook
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter

from bishui.observations import escape_formula
from bishui.server.plans.models import Plan, role_labels

_WIDTHS = (8, 28, 60, 28, 28, 32, 16, 14, 12, 12)


def workbook(plan: Plan, rows: Sequence[dict[str, Any]], day: date) -> bytes:
    """Return an XLSX file with one row for each task.

    Parameters
    ----------
    rows
        As `bishui.server.plans.choosing.rows` gives them.
    day
        The day that the states hold for.
    """
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = _("任务")
    sheet.append(
        [escape_formula(_("%(plan)s（截至 %(day)s）") % {"plan": plan.title, "day": day.isoformat()})]
    )
    sheet.append(_heads())
    for row in rows:
        sheet.append([escape_formula(text) for text in _texts(row)])
    for cells in sheet.iter_rows(min_row=2):
        for cell in cells:
            cell.number_format, cell.data_type = "@", "s"
            cell.alignment = Alignment(wrap_text=True, vertical="top")
    for cell in sheet[2]:
        cell.font, cell.fill = Font(bold=True), PatternFill("solid", fgColor="DCE9F5")
    for index, width in enumerate(_WIDTHS, start=1):
        sheet.column_dimensions[get_column_letter(index)].width = width
    sheet["A1"].font = Font(bold=True, size=14)
    sheet.freeze_panes = "A3"
    stream = BytesIO()
    book.save(stream)
    return stream.getvalue()


def _heads() -> list[str]:
    roles = [_("%(role)s单位") % {"role": label} for label in role_labels().values()]
    return [
        _("序号"),
        _("主要任务"),
        _("任务内容"),
        *roles,
        _("完成时限"),
        _("到期日"),
        _("状态"),
        _("完成比例"),
    ]


def _texts(row: dict[str, Any]) -> list[str]:
    task, standing = row["task"], row["standing"]
    written = {cell["label"]: "、".join(name["name"] for name in cell["names"]) for cell in row["units"]}
    return [
        str(task.number),
        task.theme,
        task.content,
        *(written.get(label, "") for label in role_labels().values()),
        task.deadline,
        task.due.isoformat() if task.due else "",
        str(row["word"]),
        f"{standing.percent}%",
    ]
