"""Filters for the preview of an import."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from django import template

from bishui.i18n import Bilingual, Text
from bishui.standards import items

register = template.Library()


@register.filter
def item_names(keys: Iterable[str]) -> str:
    """Return the names of items in the language in use."""
    return str(Text("、")).join(items()[key].name for key in keys if key in items())


@register.filter
def in_language(text: Mapping[str, str]) -> str:
    """Return one text of a pair of languages."""
    return str(Bilingual(text["zh"], text["en"]))
