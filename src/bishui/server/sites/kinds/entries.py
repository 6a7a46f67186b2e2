"""Means of items as kinds of sites keep them: the value as compared, the class, and the counts behind it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from bishui.assessment import ItemResult, SiteMean, mean_text


def classed(items: Iterable[ItemResult]) -> list[dict[str, Any]]:
    """Return the items that have a value."""
    return [
        {
            "item": item.item,
            "value": mean_text(item.compared),
            "class": item.rank,
            "counts": item.counts.as_dict(),
        }
        for item in items
        if item.compared is not None
    ]


def unclassed(means: Iterable[SiteMean]) -> list[dict[str, Any]]:
    """Return means without a class that have a value."""
    return [
        {"item": mean.item, "value": mean_text(mean.value), "class": None, "counts": mean.counts.as_dict()}
        for mean in means
        if mean.value is not None
    ]
