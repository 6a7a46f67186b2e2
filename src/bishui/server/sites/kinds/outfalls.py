"""The sampling point of an outfall (排污口采样点): its daily means against its own discharge standard."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

from bishui.assessment import Discharge, discharge_result
from bishui.server.core import registers
from bishui.server.sites import bounds, choosing, queries
from bishui.server.sites.kinds import effluent_items
from bishui.server.sites.kinds.look import Look
from bishui.server.sites.kinds.panel import (
    Cell,
    Panel,
    fact,
    method_of,
    not_assessed,
    rate_cell,
)
from bishui.standards import edition_on

_KEY = "plant"


def compute(look: Look) -> dict[str, Any] | None:
    """Judge the days of the period; None where no discharge standard is registered."""
    site = look.site
    if not site.discharge_standard:
        return None
    found = discharge_result(
        _discharge(look),
        look.rows(look.period),
        look.period,
        flags=look.flags,
        chosen=look.rules(_KEY),
        override=look.own,
    )
    edition = edition_on(site.discharge_standard, look.period.last_day)
    return {
        "standard": edition.edition,
        "grade": site.discharge_grade,
        "built": site.built,
        "rate": found.rate.as_dict(),
        "items": effluent_items.summaries(found.items),
    }


def _discharge(look: Look) -> Discharge:
    site = look.site
    return queries.discharge_of(
        look.id,
        site.name,
        standard=site.discharge_standard,
        grade=site.discharge_grade,
        built=site.built,
        trade=site.trade,
    )


def panel(look: Look, found: Mapping[str, Any] | None) -> Panel:
    """Put the answer in words."""
    title = _("%(period)s排放情况") % {"period": choosing.period_name(look.period)}
    if found is None:
        return not_assessed(title, _("未登记排放标准"))
    grade = _grade(found["grade"])
    note = _("建成（或环评批复）日期 %(day)s") % {"day": found["built"]} if found["built"] else ""
    facts: list[Cell] = [
        fact(_("达标天数"), _days(look, found)),
        fact(_("执行标准"), {"text": f"{found['standard']} {grade}", "note": note}),
    ]
    period, empty = look.period.label, _("本时段没有采样数据。")
    table = effluent_items.table(_("逐项结果"), look.id, period, found["items"], empty)
    return Panel(
        title,
        facts,
        [table],
        [],
        method_of(look.rules(_KEY), found["standard"]),
        _lines(look),
        effluent_items.worst_first(found["items"]),
    )


def _days(look: Look, found: Mapping[str, Any]) -> Cell:
    """Return the days that attained of those judged; without a sample why there is none."""
    if not found["items"]:
        return {"klass": None, "reason": look.absence(look.period)}
    return rate_cell(found["rate"])


def _lines(look: Look) -> bounds.Bounds:
    """Return the limits of its standard, of its grade where one is registered."""
    standard, known = look.site.discharge_standard, _discharge(look).conditions
    return lambda key: bounds.of_standard(standard, key, look.period.last_day, known, look.override)


def _grade(value: str | None) -> str:
    """Return a grade in the words of the register."""
    field = registers.load_all()["sites"].field("discharge_grade")
    return field.choice_label(value) if value else _("未登记执行等级")
