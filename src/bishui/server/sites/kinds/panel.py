"""The form that every method's answer has on the page, and the cells that they share."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.urls import reverse
from django.utils.translation import gettext as _

from bishui.assessment import LeftOut
from bishui.i18n import Bilingual
from bishui.server.core.templatetags.words import REASONS
from bishui.server.sites import bounds
from bishui.server.sites.clauses import clause_text
from bishui.server.sites.counting import counts_text
from bishui.standards import Rules, any_item

Cell = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Table:
    """A table of a panel: `columns` and `rows` as ``core/parts/table.html`` has them."""

    title: str
    columns: list[Cell]
    rows: list[Cell]
    empty: str = ""


@dataclass(frozen=True, slots=True)
class Panel:
    """What a method says of a site.

    Attributes
    ----------
    title
        Heading.
    facts
        The verdict first, then the numbers behind it; see `fact`.
    tables
        What it was made from, with links down to the rows.
    notices
        What a reader must know before using it: ``tone`` and ``text``.
    method
        Name, version and source of the rules, and the settings that are not verified.
    lines
        The limits that judge an item, for the chart.
    first
        Items that the chart shows first.
    """

    title: str
    facts: list[Cell]
    tables: list[Table] = field(default_factory=list)
    notices: list[dict[str, str]] = field(default_factory=list)
    method: dict[str, Any] | None = None
    lines: bounds.Bounds = field(default=bounds.none_of, compare=False)
    first: Sequence[str] = ()


def fact(title: str, cell: Cell) -> Cell:
    """Return a cell under its heading."""
    return {"title": title, "cell": cell}


def method_of(used: Rules, standard: str = "") -> dict[str, Any]:
    """Return name, version and source of some rules, and their settings of certainty C (待核实)."""
    unsure = [setting for setting in used.settings.values() if setting.certainty == "C"]
    return {
        "name": str(Bilingual(used.name_zh, used.name_en)),
        "version": used.version,
        "source": used.source,
        "standard": standard,
        "unverified": [
            {
                "label": str(setting.label) if setting.label else setting.name,
                "value": _written(setting.value),
                "source": setting.source,
            }
            for setting in unsure
        ],
    }


def _written(value: Any) -> str:
    if isinstance(value, bool):
        return _("是") if value else _("否")
    if isinstance(value, tuple):
        return _("、").join(_written(entry) for entry in value)
    return str(value)


def verdict_cell(attained: bool | None, left_out: str | None = None, absence: str = "") -> Cell:
    """Return a verdict as a pill; without one the reason is its word.

    Parameters
    ----------
    absence
        Why there are no data, where that is known better (key of ``words.REASONS``).
    """
    if attained is None:
        reason = LeftOut(left_out) if left_out else LeftOut.NO_DATA
        known = REASONS[absence] if reason is LeftOut.NO_DATA and absence else reason.text
        return {"state": "not_judged", "note": str(known)}
    return {"state": "attained" if attained else "not_attained"}


def rate_cell(rate: Mapping[str, Any]) -> Cell:
    """Return a rate of counts (`bishui.assessment.Rate.as_dict`): k of n, m missing and why.

    What is not due yet is named and not missing.
    """
    missing = sum(count for reason, count in rate["left_out"].items() if reason != LeftOut.NOT_DUE)
    note = reasons_text(rate["left_out"])
    percent = f"{rate['percent']} %" if rate["percent"] is not None else ""
    return {
        "k": int(Decimal(rate["met"])),
        "n": int(Decimal(rate["evaluated"])),
        "missing": missing,
        "note": _("；").join(text for text in (percent, note) if text),
    }


def reasons_text(left_out: Mapping[str, int]) -> str:
    """Return in words why something left a rate, with how often."""
    return _("、").join(f"{LeftOut(reason).text} {count}" for reason, count in left_out.items() if count)


def item_cell(site: UUID | str, key: str, period: str, clause: str = "") -> Cell:
    """Return an item whose name opens its rows, with the clause that limits it."""
    url = f"{reverse('sites:rows', args=[site, key])}?period={period}"
    return {"text": any_item(key).name, "url": url, "note": clause_text(clause)}


def count_cell(counts: Mapping[str, int]) -> Cell:
    """Return how many rows entered a mean, of how many, and what became of the others."""
    total = counts.get("total", 0)
    entered = counts.get("entered", 0)
    return {"k": entered, "n": total, "missing": total - entered, "note": counts_text(counts)}


def value_text(value: str | None, key: str) -> str:
    """Return a value with the unit of its item."""
    if value is None:
        return "—"
    unit = any_item(key).unit
    return shortened(value) if unit == "无量纲" else f"{shortened(value)} {unit}"


def shortened(value: str) -> str:
    """Return an exact mean as it is read: at most six digits after the point; the row page has them all."""
    number = Decimal(value)
    if -int(number.as_tuple().exponent) > _DIGITS_READ:
        number = round(number, _DIGITS_READ).normalize()
    return f"{number:f}"


_DIGITS_READ = 6


def mean_read(value: str | None, key: str) -> str:
    """Return an unrounded mean with its unit, in the digits that a reader compares; the row page has all."""
    if value is None:
        return "—"
    number = Decimal(value)
    digits = max(0, _SIGNIFICANT - 1 - number.adjusted())
    return value_text(f"{round(number, digits).normalize():f}", key)


_SIGNIFICANT = 4


def names_text(keys: Sequence[str]) -> str:
    """Return the names of items."""
    return _("、").join(any_item(key).name for key in keys) or "—"


def in_words(text: Mapping[str, str]) -> str:
    """Return a kept text of both languages in the one in use."""
    return str(Bilingual(text["zh"], text["en"]))


def not_assessed(title: str, text: str) -> Panel:
    """Return the panel of a site that its method cannot assess yet."""
    return Panel(title, [fact(_("评价结果"), {"state": "not_judged", "note": text})])
