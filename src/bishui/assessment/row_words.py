"""What a row was to a mean, and how it came to be, in words; JSON keeps the keys."""

from __future__ import annotations

from collections.abc import Mapping

from bishui.i18n import Text

_USES: Mapping[str, Text] = {
    "used": Text("参与计算"),
    "measured": Text("参与计算"),
    "below_detection": Text("未检出"),
    "no_reading": Text("无读数"),
    "not_given": Text("未提供"),
    "offline": Text("停站"),
    "no_detection_limit": Text("未给检出限"),
    "excluded": Text("剔除"),
    "under_review": Text("复核中"),
}
_SOURCES: Mapping[str, Text] = {
    "automatic": Text("自动监测"),
    "manual": Text("手工监测"),
    "unknown": Text("来源未知"),
}


def use_text(use: str) -> Text | str:
    """Return what a row was to a mean, or a mark of it, in words."""
    return _USES.get(use, use)


def source_text(source: str) -> Text | str:
    """Return how a value came to be (自动监测、手工监测), in words."""
    return _SOURCES.get(source, source)
