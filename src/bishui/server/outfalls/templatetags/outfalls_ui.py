"""Tags of the outfall pages: ``{% load outfalls_ui %}``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import template
from django.utils.html import json_script
from django.utils.safestring import SafeString

from bishui.server.core.templatetags.words import MAP_LABELS

register = template.Library()


@register.simple_tag
def outfall_map_data(data: Mapping[str, Any]) -> SafeString:
    """Emit the JSON that ``outfalls.ts`` reads; the texts of maps are added."""
    return json_script({**data, "labels": {**MAP_LABELS, **data["labels"]}}, "outfall-map-data")
