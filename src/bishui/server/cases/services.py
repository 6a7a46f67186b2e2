"""Writes of this app."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from bishui.errors import DataError, Where
from bishui.i18n import Text
from bishui.server.cases import queries
from bishui.server.cases.models import Case
from bishui.server.core import audit


def open_case(
    title: str,
    text: str,
    *,
    division: str,
    unit: Any,
    deadline: date,
    actor: Any,
    at: datetime,
    about: tuple[str, str, str] = ("", "", ""),
    where: str = "",
) -> Case:
    """Open a supervision notice (督办单) as a draft.

    Parameters
    ----------
    title, text
        What it is called and what is asked for.
    division
        The division path it belongs to.
    unit
        The `accounts.Unit` that must answer.
    deadline
        The last day to answer.
    about
        Type (``task``, ``site`` or nothing), identifier and name of what it is about.

    Raises
    ------
    DataError
        If title or text is empty, or the deadline lies before the day it is opened.
    """
    for name, value in (("title", title), ("text", text)):
        if not value.strip():
            raise DataError(
                Text("督办单的标题和内容不能为空。"), remedy=Text("请补充后再保存。"), where=Where(field=name)
            )
    if deadline < at.date():
        raise DataError(
            Text("办理期限 {day} 已经过去。", day=deadline.isoformat()),
            remedy=Text("请选择今天或以后的日期。"),
            where=Where(field="deadline"),
        )
    with audit.action(
        "cases.opened", actor=actor, where=where, division=division, title=title, unit=str(unit)
    ):
        case = Case(
            division=division,
            title=title.strip(),
            text=text.strip(),
            object_type=about[0],
            object_id=about[1],
            object_label=about[2],
            unit=unit,
            deadline=deadline,
            opened_by=actor if getattr(actor, "pk", None) else None,
            opened_at=at,
        )
        case.save()
    return case


def count_open_of(unit: Any) -> int:
    """Return how many cases a unit still has to answer."""
    return Case.objects.filter(unit=unit, state__in=queries.open_states()).count()


def pass_open_on(old: Any, new: Any) -> None:
    """Let the unit that follows `old` answer its open cases; call inside an audited action."""
    for case in Case.objects.filter(unit=old, state__in=queries.open_states()):
        case.unit = new
        case.save()
