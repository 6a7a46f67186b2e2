"""Tags and filters of the pages: ``{% load bishui_ui %}``.

Each tag says one thing in one look on all pages. Values stay decimals to the last: a float is refused.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from django import template
from django.core.paginator import Page
from django.forms import BoundField, CheckboxInput, CheckboxSelectMultiple, RadioSelect, Select
from django.template import Context
from django.templatetags.static import static
from django.utils.html import format_html, format_html_join, json_script
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from bishui.assessment import percent
from bishui.errors import StoreError
from bishui.server.core.templatetags.assets import find_asset
from bishui.server.core.templatetags.icons import ICONS
from bishui.server.core.templatetags.words import (
    ACTORS,
    CHART_LABELS,
    CONDITIONS,
    MAP_LABELS,
    MARKS,
    NUMERALS,
    REASONS,
    STATES,
    TONE_ICONS,
)

register = template.Library()

NOTHING = "—"


# -- built files ---------------------------------------------------------------------------------------


@register.simple_tag
def asset(entry: str, optional: object = False) -> SafeString:
    """Emit the tags that load `entry` (``app``, ``map``, ``chart``).

    With `optional` true an unbuilt front end gives nothing, so that the page which reports it can be shown.
    """
    try:
        found = find_asset(entry)
    except StoreError:
        if optional:
            return SafeString("")
        raise
    return format_html(
        "{}{}{}",
        format_html_join("", '<link rel="stylesheet" href="{}">', ((_built(f),) for f in found.styles)),
        format_html_join("", '<link rel="modulepreload" href="{}">', ((_built(f),) for f in found.preloads)),
        format_html('<script type="module" src="{}"></script>', _built(found.script)),
    )


def _built(file: str) -> str:
    return static(f"built/{file}")


@register.simple_tag
def icon(name: str) -> SafeString:
    """Emit a line icon; it is decoration, its meaning always stands beside it as text."""
    return format_html(
        '<svg class="icon-line" viewBox="0 0 24 24" aria-hidden="true" focusable="false">'
        '<path d="{}"/></svg>',
        ICONS.get(name, ICONS["circle"]),
    )


# -- classes and states --------------------------------------------------------------------------------


@register.simple_tag
def class_badge(klass: int | None, reason: str = "", size: str = "", word: bool = False) -> SafeString:
    """Emit the class of GB 3838-2002 (水质类别), 1 to 6, or the reason why there is none.

    Parameters
    ----------
    klass
        1 to 5 for Ⅰ to Ⅴ, 6 for worse than Ⅴ (劣Ⅴ), None for no class.
    reason
        Key of `words.REASONS`, or a text of its own; read where `klass` is None.
    size
        ``large`` or nothing.
    word
        Whether the word of condition (优, 良好, …) follows.
    """
    large = " klass-large" if size == "large" else ""
    if klass is None:
        return format_html(
            '<span class="klass klass-none">{}</span>', REASONS.get(reason or "no_data", reason)
        )
    number = int(klass)
    badge = format_html('<span class="klass klass-{}{}">{}</span>', number, large, NUMERALS[number])
    if not word:
        return badge
    return format_html('{}<span class="klass-word">{}</span>', badge, CONDITIONS[number])


@register.simple_tag
def state_pill(state: str, label: object = "") -> SafeString:
    """Emit the state of an attainment, a task or a job.

    Parameters
    ----------
    state
        Key of `words.STATES`, or the tone of a workflow's state (key of `words.TONE_ICONS`).
    label
        The word to show; with a tone it must be given.
    """
    known = STATES.get(str(state))
    tone = known.tone if known else str(state) if str(state) in TONE_ICONS else "idle"
    return format_html(
        '<span class="state state-{}">{}{}</span>',
        tone,
        icon(known.icon if known else TONE_ICONS[tone]),
        label or (known.label if known else state),
    )


# -- counts --------------------------------------------------------------------------------------------


@register.simple_tag
def count_of(k: int, n: int, missing: int = 0) -> SafeString:
    """Emit ``6 / 7，缺 1``: k of the n that count, and how many are missing."""
    return format_html('<span class="count-of"><b>{}</b> / {}{}</span>', k, n, _missing(missing))


def _missing(missing: int) -> SafeString:
    if not missing:
        return SafeString("")
    return format_html('<span class="missing">{}</span>', _("，缺 %(missing)s") % {"missing": missing})


@register.simple_tag
def share(k: int, n: int, digits: int = 1) -> str:
    """Return k/n in percent with `digits` decimals, rounded as rates of results are, or — where n is 0."""
    found = percent(k, n, digits)
    return NOTHING if found is None else f"{found}%"


@register.simple_tag
def ring(k: int, n: int, missing: int = 0) -> SafeString:
    """Emit a ring: the part k of n + missing, the missing part in its own colour."""
    total = n + missing
    part = f"{100 * k / total:.2f} 100" if total else "0 100"
    gap = f"{100 * missing / total:.2f}" if total else "0"
    # The missing part lies at the end of the ring, which is where an offset of its own length puts it.
    parts = [("rest", "100 100", "0"), ("part", part, "0"), ("missing", f"{gap} 100", gap)]
    circles = format_html_join(
        "",
        '<circle class="ring-{}" cx="20" cy="20" r="17" pathLength="100" stroke-dasharray="{}" '
        'stroke-dashoffset="{}"/>',
        (part for part in parts if part[1] not in {"0 100", "0.00 100"}),
    )
    return format_html('<svg class="ring" viewBox="0 0 40 40" aria-hidden="true">{}</svg>', circles)


@register.inclusion_tag("core/parts/class_bar.html")
def class_bar(counts: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """Draw how many sites have which class; those without one are in no percentage.

    Parameters
    ----------
    counts
        One mapping per class in order: ``klass`` (1 to 6 or None) and ``count``; if wanted ``url``
        and ``reason``.
    """
    rows = [dict(row) for row in counts]
    total = sum(row["count"] for row in rows)
    judged = sum(row["count"] for row in rows if row["klass"] is not None)
    start = 0.0
    for row in rows:
        row["width"] = f"{1000 * row['count'] / total:.1f}" if total else "0"
        row["start"] = f"{start:.1f}"
        start += float(row["width"])
    return {"rows": rows, "total": total, "judged": judged}


# -- values and sources --------------------------------------------------------------------------------


@register.filter
def number(value: Decimal | int | None) -> str:
    """Return a number with exactly the digits it has; — for None.

    Raises
    ------
    TypeError
        For a float: a measured value that became one has lost its digits.
    """
    if value is None or value == "":
        return NOTHING
    if isinstance(value, Decimal):
        return f"{value:f}"
    if isinstance(value, int):
        return f"{value:,}"
    raise TypeError(f"number shows Decimal and int, not {type(value).__name__}: {value!r}")


@register.simple_tag
def measured(value: Decimal | None, mark: str = "measured", unit: str = "") -> SafeString:
    """Emit a reading with its mark: ``0.12 mg/L``, ``<0.02 mg/L 未检出``, ``停站``."""
    word = MARKS.get(mark)
    if value is None:
        return format_html('<span class="tag">{}</span>', word or NOTHING)
    sign = "<" if mark == "below_detection" else ""
    text = format_html('<span class="number">{}{}</span>', sign, number(value))
    if unit:
        text = format_html("{} {}", text, unit)
    return format_html('{} <span class="tag">{}</span>', text, word) if word else text


@register.simple_tag
def source_line(file: str, line: int | None = None, url: str = "") -> SafeString:
    """Emit where a record came from: the file and the line in it."""
    text = _("%(file)s 第 %(line)s 行") % {"file": file, "line": line} if line is not None else file
    inside = format_html('<a href="{}">{}</a>', url, text) if url else text
    return format_html('<span class="source-line">{}<span>{}</span></span>', icon("file"), inside)


@register.simple_tag
def days_left(due: date | None, as_of: date) -> str:
    """Return how far `due` lies from `as_of`: 剩 12 天, 今天到期, 逾期 3 天."""
    if due is None:
        return _("无期限")
    days = (due - as_of).days
    if days == 0:
        return _("今天到期")
    if days > 0:
        return ngettext("剩 %(days)s 天", "剩 %(days)s 天", days) % {"days": days}
    return ngettext("逾期 %(days)s 天", "逾期 %(days)s 天", -days) % {"days": -days}


# -- lists and forms -----------------------------------------------------------------------------------


@register.simple_tag(takes_context=True)
def page_link(context: Context, page: int, name: str = "page") -> str:
    """Return the address of another page of this list, with all other parameters kept."""
    parameters = context["request"].GET.copy()
    parameters[name] = page
    return f"?{parameters.urlencode()}"


@register.simple_tag
def page_numbers(page: Page[Any]) -> list[int | str]:
    """Return the page numbers to offer, with an ellipsis for those left out."""
    return list(page.paginator.get_elided_page_range(page.number, on_each_side=1, on_ends=1))


@register.filter
def listed(parts: Iterable[object]) -> str:
    """Join words as the current language does: 甲、乙 or A, B."""
    return _("、").join(str(part) for part in parts)


@register.filter
def actor(name: str) -> str:
    """Return who acted: the name of a person as it is, a word for the system and the command line."""
    return str(ACTORS.get(name, name))


class _Sparse(dict[str, Any]):
    """A mapping of which a template asks keys that are not there, which costs the framework dearly."""

    def __missing__(self, key: str) -> str:
        return ""


@register.filter
def beside(cells: Iterable[Any], columns: Iterable[Any]) -> list[tuple[Any, Any]]:
    """Pair each cell of a row with its column; a row of another length is a fault of the caller."""
    return [(_Sparse(column), _Sparse(cell)) for column, cell in zip(columns, cells, strict=True)]


@register.simple_tag
def options(choices: Iterable[Mapping[str, Any]]) -> SafeString:
    """Emit the options of a list, of which there may be hundreds: ``value``, ``label``, ``selected``."""
    return format_html_join(
        "",
        '<option value="{}"{}>{}</option>',
        (
            (choice["value"], SafeString(" selected" if choice.get("selected") else ""), choice["label"])
            for choice in choices
        ),
    )


@register.filter
def is_checkbox(field: BoundField) -> bool:
    """Tell whether the label of a form field follows its box."""
    return isinstance(field.field.widget, CheckboxInput)


@register.filter
def is_choices(field: BoundField) -> bool:
    """Tell whether a form field is a list of boxes, each with a label of its own."""
    return isinstance(field.field.widget, RadioSelect | CheckboxSelectMultiple)


@register.filter
def styled(field: BoundField) -> SafeString:
    """Render a form field in the pages' look; a faulty one is marked for eyes and screen readers."""
    widget = field.field.widget
    look = "form-select" if isinstance(widget, Select) else "form-control"
    attributes: dict[str, Any] = {"class": "form-check-input" if is_checkbox(field) else look}
    if field.errors:
        attributes["class"] += " is-invalid"
        attributes["aria-describedby"] = " ".join(
            f"{field.auto_id}_error{number}" for number in range(1, len(field.errors) + 1)
        )
    return field.as_widget(attrs=attributes)


# -- data for the scripts ------------------------------------------------------------------------------


@register.simple_tag
def map_data(data: Mapping[str, Any]) -> SafeString:
    """Emit the JSON that ``map.ts`` reads; the texts are added unless `data` brings its own."""
    labels = {**MAP_LABELS, **data.get("labels", {})}
    return json_script({**data, "labels": labels}, "map-data")


@register.simple_tag
def chart_data(name: str, data: Mapping[str, Any]) -> SafeString:
    """Emit the JSON that ``chart.ts`` reads for ``<div data-chart="name">``."""
    labels = {**CHART_LABELS, **data.get("labels", {})}
    return json_script({**data, "labels": labels}, f"chart-data-{name}")
