"""Tags of the review page. A page shows hundreds of fields and lines, so these are written by Python."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import template
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from bishui.server.core.templatetags.bishui_ui import NOTHING, actor, icon
from bishui.server.plans.review_draft import Entry, FieldView

register = template.Library()
_NONE = SafeString("")
_EDIT = icon("edit")


@register.simple_tag
def review_field(entry: Entry, view: FieldView, address: str, is_open: bool) -> SafeString:
    """Emit one field: what stands, what was read where that was corrected, and the way to correct it.

    Parameters
    ----------
    address
        Where the field's form is asked for.
    is_open
        Whether it can be corrected.
    """
    return format_html(
        '<div class="review-field{}{}"><span class="review-label">{}</span>'
        '<span class="review-value">{}{}</span>{}</div>',
        " is-wide" if view.field.is_long else "",
        " is-changed" if view.is_corrected else "",
        view.field.label,
        view.text or NOTHING,
        _original(view) if view.is_corrected else _NONE,
        _pencil(entry, view, address) if is_open else _NONE,
    )


def _original(view: FieldView) -> SafeString:
    correction: Any = view.correction
    parts = [_("%(by)s 更正，%(at)s") % {"by": actor(correction.by), "at": f"{correction.at:%Y-%m-%d %H:%M}"}]
    if correction.carried_from_id:
        parts.append(_("沿用先前更正"))
    if correction.reason:
        parts.append(correction.reason)
    return format_html(
        '<span class="review-original"><s>{}</s> {}</span>', view.as_read or NOTHING, " · ".join(parts)
    )


def _pencil(entry: Entry, view: FieldView, address: str) -> SafeString:
    label = _("更正 %(name)s 的%(field)s") % {"name": entry.name, "field": view.field.label}
    return format_html(
        '<a class="review-edit" href="{}?path={}" data-edit aria-label="{}">{}</a>',
        address,
        view.path,
        label,
        _EDIT,
    )


@register.simple_tag
def review_line(line: Mapping[str, Any]) -> SafeString:
    """Emit one line of the document: its number, its text or cells, and what became of it."""
    looks = [look for look in ("blank", "open", "head") if line[f"is_{look}"]]
    return format_html(
        '<li id="line-{0}" role="option" aria-selected="false" data-line="{0}"{1} class="{2}">'
        '<span class="review-number">{0}</span><span class="review-text">{3}</span>'
        '<span class="review-marks">{4}</span></li>',
        line["number"],
        format_html(' data-for="{}"', " ".join(chip["path"] for chip in line["chips"]))
        if line["chips"]
        else _NONE,
        " ".join(f"is-{look}" for look in looks),
        _cells(line["cells"]),
        _marks(line),
    )


def _cells(cells: list[str]) -> SafeString | str:
    if len(cells) == 1:
        return cells[0]
    return format_html(
        '<span class="review-row">{}</span>',
        format_html_join("", "<span>{}</span>", ((cell,) for cell in cells)),
    )


def _marks(line: Mapping[str, Any]) -> SafeString:
    parts: list[SafeString] = []
    if line["is_open"]:
        parts.append(format_html('<b class="review-open">{}</b>', _("未读懂")))
    elif line["is_checked"]:
        parts.append(format_html('<span class="tag">{}</span>', _("已核，无需录入")))
    elif line["word"]:
        parts.append(format_html('<span class="review-kind">{}</span>', line["word"]))
    parts += [
        format_html('<span class="review-chip{}">{}</span>', " is-out" if chip["out"] else "", chip["text"])
        for chip in line["chips"]
    ]
    if line["place"]:
        parts.append(format_html('<span class="review-place">{}</span>', line["place"]))
    return mark_safe("".join(parts))  # noqa: S308 -- each part is escaped above
