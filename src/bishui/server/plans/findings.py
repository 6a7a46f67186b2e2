"""The linter's findings about a plan document as pages show them, in the reader's language."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django.utils.translation import gettext as _

from bishui.i18n import Bilingual

_TONES = {"error": "bad", "warning": "warn", "note": "info"}


def shown_findings(findings: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return the kept findings for a template: tone, word, text and lines, the gravest first."""
    order = list(_TONES)
    return [
        _finding(item)
        for item in sorted(findings, key=lambda item: (order.index(item["severity"]), item["lines"]))
    ]


def _finding(item: Mapping[str, Any]) -> dict[str, Any]:
    words = {"error": _("错误"), "warning": _("存疑"), "note": _("提示")}
    return {
        "tone": _TONES[item["severity"]],
        "word": words[item["severity"]],
        "text": str(Bilingual(item["message"]["zh"], item["message"]["en"])),
        "first": item["lines"][0],
        "last": item["lines"][1],
    }
