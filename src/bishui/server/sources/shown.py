"""Cells that several pages of this app show alike."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from bishui.assessment import LeftOut
from bishui.server.core import registers
from bishui.server.core.templatetags.bishui_ui import number
from bishui.server.core.templatetags.words import REASONS
from bishui.server.sources.attainment import SourceYear
from bishui.server.sources.models import ConditionSurvey, Release, SourceProblem


def choice(register: str, field: str, value: str) -> str:
    """Return the name of a choice of a register; a dash for none."""
    return registers.load_all()[register].field(field).choice_label(value) or "—"


def amount(value: Decimal | None) -> dict[str, Any]:
    """Return the cell of an amount, without the zeros that the store's scale adds."""
    return {"text": "—" if value is None else number(Decimal(f"{value.normalize():f}"))}


def class_cell(year: SourceYear) -> dict[str, Any]:
    """Return the cell of the newest class with its month."""
    if year.last is None:
        return {
            "klass": None,
            "reason": _("未采样") if year.missing else _("不在用") if year.not_in_use else "",
        }
    return {"klass": year.last.rank, "reason": "", "note": year.last.period.label}


def attained_cell(year: SourceYear) -> dict[str, Any]:
    """Return the cell of the newest verdict; without one, why."""
    if year.last is None or year.last.attained is None:
        left_out = year.last.left_out if year.last is not None else None
        return {"state": "not_judged", "note": _why(left_out)}
    return {"state": "attained" if year.last.attained else "not_attained"}


def _why(left_out: LeftOut | None) -> str:
    return str(REASONS.get(left_out.value, "")) if left_out is not None else ""


def state_cell(record: SourceProblem | ConditionSurvey | Release, note: str = "") -> dict[str, Any]:
    """Return the cell of a workflow's state."""
    return {"state": record.step.tone, "label": str(record.step.label), "note": note}


def problem_cells(problem: SourceProblem, names: dict[str, str], today: date) -> list[dict[str, Any]]:
    """Return a problem's cells: what, zone, state, deadline, unit."""
    late = problem.state != "closed" and problem.due < today
    note = _("逾期 %(days)s 天") % {"days": (today - problem.due).days} if late else ""
    return [
        {"text": problem.name, "url": reverse("sources:record", args=[problem.pk])},
        {"text": choice("source_problems", "zone", problem.zone)},
        state_cell(problem),
        {"day": problem.due, "note": note},
        {"text": names.get(problem.unit, problem.unit) or "—"},
    ]


def problem_columns() -> list[dict[str, Any]]:
    """Return the columns of `problem_cells`."""
    return [
        {"label": _("问题"), "long": True},
        {"label": _("保护区级别")},
        {"label": _("状态")},
        {"label": _("整改期限")},
        {"label": _("责任单位")},
    ]


def release_cells(release: Release, divisions: dict[str, str]) -> list[dict[str, Any]]:
    """Return a release's cells: what, division, state, due, released."""
    return [
        {"text": str(release), "url": reverse("sources:record", args=[release.pk])},
        {"text": divisions.get(release.division, release.division)},
        state_cell(release),
        {"day": release.due},
        {"day": release.released_on},
    ]


def release_columns() -> list[dict[str, Any]]:
    """Return the columns of `release_cells`."""
    return [
        {"label": _("公开事项")},
        {"label": _("区划")},
        {"label": _("状态")},
        {"label": _("公开期限")},
        {"label": _("公开日期")},
    ]
