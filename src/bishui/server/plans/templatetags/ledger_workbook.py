"""What the preview of an edited workbook of the ledger shows: its changed rows, a page at a time."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django import template
from django.core.paginator import Paginator
from django.urls import reverse

from bishui.server.core.models import ImportSession
from bishui.server.plans import steps, workbook_import
from bishui.server.plans.workbook_changes import RowChange
from bishui.server.plans.workbook_columns import forms

register = template.Library()
PER_PAGE = 50


@register.simple_tag
def ledger_changes(session: ImportSession, number: str | None) -> dict[str, Any]:
    """Return one page of the rows that a file would change, those in conflict first.

    Parameters
    ----------
    number
        The page, as the address gives it.
    """
    found = sorted(enumerate(workbook_import.changes(session)), key=lambda pair: not pair[1].is_conflict)
    page = Paginator(found, PER_PAGE).get_page(number)
    return {
        "page": page,
        "rows": [_shown(session, place, row) for place, row in page],
        "is_open": session.state == "previewed",
        "conflicts": sum(row.is_conflict for _place, row in found),
        "taken": sum(workbook_import.is_taken(session, place, row) for place, row in found),
    }


def _shown(session: ImportSession, place: int, row: RowChange) -> dict[str, Any]:
    form = forms()[row.form]
    return {
        "number": place,
        "title": row.title,
        "url": reverse("plans:task", args=[row.task]),
        "sheet": row.sheet or form.name,
        "row": row.row,
        "is_new": not row.record,
        "is_conflict": row.is_conflict,
        "is_taken": workbook_import.is_taken(session, place, row),
        "cells": [
            {
                "head": form.column(cell.column).head,
                "old": _word(cell.column, cell.old),
                "new": _word(cell.column, cell.new),
                "moved": cell.moved,
                "follows": cell.follows,
            }
            for cell in row.cells
        ],
        "moved": [form.column(column).head for column in row.moved],
        "by": row.by,
        "at": datetime.fromisoformat(row.at) if row.at else None,
        "what": row.what,
    }


def _word(column: str, text: str) -> Any:
    return _fields().get(text, text) if column == "field" else text


def _fields() -> Mapping[str, Any]:
    return {label.zh: label for label in steps.field_labels().values()}
