"""A point of a black-odorous water (黑臭水体点位): its grade by item, and that of the whole body."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from django.utils.translation import gettext as _

from bishui.assessment import Body, BodyGrade, BodyPoint, Grade, GradedReading, grade_body
from bishui.server.sites import bounds, choosing
from bishui.server.sites.kinds.look import Look
from bishui.server.sites.kinds.panel import (
    Cell,
    Panel,
    Table,
    fact,
    in_words,
    item_cell,
    method_of,
    names_text,
    not_assessed,
    rate_cell,
    value_text,
)
from bishui.server.sites.models import Site
from bishui.standards import edition_on

_KEY = "black_odorous"
_REGIMES: Mapping[str, Literal["urban", "rural"]] = {"urban": "urban", "rural": "rural"}
_TONES = {Grade.NONE: "good", Grade.LIGHT: "warn", Grade.SEVERE: "bad", Grade.BLACK_ODOROUS: "bad"}


def compute(look: Look) -> dict[str, Any] | None:
    """Grade the point and its body from January to the last month of the period."""
    site = look.site
    regime = _REGIMES.get(site.surroundings)
    if regime is None or not site.water:
        return None
    points = Site.objects.filter(
        division__startswith=look.city.division, kind="black_odorous_point", water=site.water
    )
    names = {str(point.pk): point.name for point in points.order_by("code")}
    body = Body(site.water, site.water, tuple(map(BodyPoint, names)), regime=regime)
    found = grade_body(
        body,
        look.rows(look.year, names),
        look.year,
        flags=look.flags,
        chosen=look.rules(_KEY),
        override=look.own,
    )
    return _result(found, look.id, names)


def _result(found: BodyGrade, site: str, names: Mapping[str, str]) -> dict[str, Any]:
    own = next(point for point in found.points if point.site == site)
    return {
        "body": found.grade.value if found.grade else None,
        "severe_share": found.severe_share.as_dict(),
        "shortcomings": [_named(text.both(), names) for text in found.shortcomings],
        "indicators": list(found.indicators),
        "grade": own.grade.value if own.grade else None,
        "lacking": list(own.lacking),
        "severe": {item: rate.as_dict() for item, rate in own.severe.items()},
        "readings": [_reading(reading) for reading in own.readings],
        "points": [
            {
                "name": names[point.site],
                "site": point.site,
                "grade": point.grade.value if point.grade else None,
            }
            for point in found.points
        ],
    }


def _reading(reading: GradedReading) -> dict[str, Any]:
    form = reading.as_dict()
    return {name: form[name] for name in ("item", "period", "value", "grade", "depth_m")}


def _named(texts: Mapping[str, str], names: Mapping[str, str]) -> dict[str, str]:
    """Return a sentence with the names of the points instead of their identifiers."""
    return {language: _with_names(text, names) for language, text in texts.items()}


def _with_names(text: str, names: Mapping[str, str]) -> str:
    for site, name in names.items():
        text = text.replace(site, name)
    return text


def panel(look: Look, found: Mapping[str, Any] | None) -> Panel:
    """Put the grades in words."""
    title = _("黑臭分级")
    if found is None:
        return not_assessed(title, _("未登记所在水体，或未登记城市、农村"))
    days = {entry["period"][:10] for entry in found["readings"]}
    facts: list[Cell] = [
        fact(
            choosing.period_name(look.year),
            _grade_cell(found["grade"]) | {"reason": look.absence(look.year)},
        ),
        fact(_("监测次数"), {"number": len(days)}),
        fact(look.site.water, _grade_cell(found["body"])),
    ]
    if look.site.surroundings == "urban":
        facts.append(fact(_("重度黑臭的点位"), rate_cell(found["severe_share"])))
    rows = [_item_row(look, found, item) for item in found["indicators"]]
    tables = [Table(_("逐项分级"), _item_columns(look), rows)]
    points = [_point_row(look, entry) for entry in found["points"]]
    tables.append(Table(_("水体的各点位"), [{"label": _("点位")}, {"label": _("分级")}], points))
    notices = [{"tone": "warn", "text": in_words(text)} for text in found["shortcomings"]]
    # In a town the guide asks for each indicator, and the shortcomings say so already.
    if found["lacking"] and found["readings"] and not notices:
        notices.insert(
            0, {"tone": "warn", "text": _("缺少指标：%(items)s。") % {"items": names_text(found["lacking"])}}
        )
    standard, on = f"black_odorous_{look.site.surroundings}", look.year.last_day
    edition = edition_on(standard, on).edition
    return Panel(
        title,
        facts,
        tables,
        notices,
        method_of(look.rules(_KEY), edition),
        lambda key: bounds.of_grades(standard, key, on, look.override),
        _worst_first(found),
    )


def _worst_first(found: Mapping[str, Any]) -> list[str]:
    """Return the indicators, those with the most readings of a bad grade first."""
    bad = [entry["item"] for entry in found["readings"] if entry["grade"] != Grade.NONE]
    return sorted(found["indicators"], key=lambda item: -bad.count(item))


def _grade_cell(grade: str | None) -> Cell:
    if grade is None:
        return {"klass": None, "reason": "no_data"}
    return {"state": _TONES[Grade(grade)], "label": str(Grade(grade).text)}


def _bad_grades(look: Look) -> tuple[Grade, ...]:
    """Return the grades that a reading may have beside "not": rural water is black-odorous or not."""
    return (Grade.BLACK_ODOROUS,) if look.site.surroundings == "rural" else (Grade.LIGHT, Grade.SEVERE)


def _item_columns(look: Look) -> list[Cell]:
    return [
        {"label": _("指标")},
        {"label": _("监测次数"), "numeric": True},
        {"label": _("不黑臭"), "numeric": True},
        *({"label": str(grade.text), "numeric": True} for grade in _bad_grades(look)),
        {"label": _("最近一次")},
    ]


def _item_row(look: Look, found: Mapping[str, Any], item: str) -> Cell:
    readings = [entry for entry in found["readings"] if entry["item"] == item]
    grades = [entry["grade"] for entry in readings]
    last = _grade_cell(None)
    if readings:
        newest = max(readings, key=lambda entry: entry["period"])
        last = {
            **_grade_cell(newest["grade"]),
            "note": f"{value_text(newest['value'], item)} {newest['period']}",
        }
    return {
        "cells": [
            item_cell(look.site.pk, item, look.year.label) if readings else {"text": names_text([item])},
            {"number": len(readings)},
            {"number": grades.count(Grade.NONE)},
            *({"number": grades.count(grade)} for grade in _bad_grades(look)),
            last,
        ]
    }


def _point_row(look: Look, entry: Mapping[str, Any]) -> Cell:
    url = f"../{entry['site']}/?period={look.period.label}"
    return {"cells": [{"text": entry["name"], "url": url}, _grade_cell(entry["grade"])]}
