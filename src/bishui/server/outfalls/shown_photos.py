"""Photographs of an outfall as its page shows them, those of one view side by side (整治前后对照)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from bishui.server.outfalls.models import Photo

#: Kinds of photographs that are to show the view of an earlier one.
_SINCE = ("after", "sealed")


def kinds() -> dict[str, str]:
    """Return the kinds of photographs in words."""
    return {
        "outfall": _("排污口"),
        "surroundings": _("周边环境"),
        "before": _("整治前"),
        "after": _("整治后"),
        "sign": _("标识牌"),
        "sealed": _("封堵"),
        "other": _("其他"),
    }


def shown(photos: Sequence[Photo]) -> dict[str, list[Any]]:
    """Return ``pairs`` of the same view before and after, and the ``others``."""
    by_key = {photo.pk: photo for photo in photos}
    pairs = [(one(by_key[photo.view_of_id]), one(photo)) for photo in photos if photo.view_of_id in by_key]
    paired = {photo.view_of_id for photo in photos} | {photo.pk for photo in photos if photo.view_of_id}
    return {"pairs": pairs, "others": [one(photo) for photo in photos if photo.pk not in paired]}


def one(photo: Photo) -> dict[str, Any]:
    """Return a photograph with its time and place; of one since completion, whether its view is known."""
    label = kinds().get(photo.kind, photo.kind)
    return {
        "pk": photo.pk,
        "unmatched": photo.kind in _SINCE and photo.view_of_id is None,
        "url": reverse("outfalls:photo", args=[photo.pk]),
        "original": reverse("outfalls:photo_original", args=[photo.pk]),
        "label": label,
        "when": photo.made_at,
        "who": photo.by_name,
        "where": _where(photo),
        "caption": photo.caption,
        "late": abs(photo.clock_offset) if photo.clock_offset else 0,
    }


def _where(photo: Photo) -> str:
    """Return the place that the device measured with the photograph."""
    if photo.lon is None or photo.lat is None:
        return _("没有定位")
    place = f"{photo.lon.normalize():f}, {photo.lat.normalize():f}"
    return place if photo.accuracy is None else f"{place} ±{photo.accuracy.normalize():f} m"
