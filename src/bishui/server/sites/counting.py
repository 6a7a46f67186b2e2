"""What became of the rows behind a number, in words: each kind of absence has its own."""

from __future__ import annotations

from collections.abc import Mapping

from django.utils.translation import gettext as _


def counts_text(counts: Mapping[str, int]) -> str:
    """Say how many rows were below detection, and what became of those that did not enter."""
    words = {
        "below_detection": _("未检出"),
        "no_reading": _("无读数"),
        "not_given": _("未提供"),
        "offline": _("停站"),
        "excluded": _("剔除"),
        "under_review": _("复核中"),
        "no_detection_limit": _("未给检出限"),
    }
    return _("、").join(f"{word} {counts[key]}" for key, word in words.items() if counts.get(key))
