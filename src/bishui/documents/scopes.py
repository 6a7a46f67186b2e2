"""What a figure speaks of: the waters, places or bodies named in its sentence or in the headings above it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache
from typing import Any

from bishui.documents.headings import without_numbering
from bishui.documents.rulebook import any_of, pattern, rules
from bishui.documents.text import squeeze


def scope_of(indicator: str) -> str:
    """Return the waters or places an indicator begins with (某江流域内, 全市), blank if none."""
    text = squeeze(indicator)
    for expression in (_waters(), _places()):
        hit = expression.match(text)
        if hit and hit.end() < len(text):
            return hit["scope"]
    return ""


def without_long_scope(indicator: str, scope: str) -> str:
    """Return an indicator without the scope it begins with, where that is a long list of waters or places."""
    if len(scope) < _rule()["long"] or "、" not in scope:
        return indicator
    begin, _, rest = indicator.partition(scope)
    return rest if len(begin) <= len(scope) and rest.strip() else indicator


def covers_all(scope: str) -> bool:
    """Tell whether a scope is the whole area of the plan (全市), which holds for a sentence to its end."""
    return scope in _rule()["whole"]


def scope_of_path(path: Sequence[str]) -> str:
    """Return the innermost heading that is nothing but the name of waters (石河, 某水库); blank if none."""
    for heading in reversed(path):
        text = squeeze(without_numbering(heading))
        if pattern(_rule()["heading"]).fullmatch(text):
            return text
    return ""


def _rule() -> dict[str, Any]:
    rule: dict[str, Any] = rules("targets")["scope"]
    return rule


@cache
def _waters() -> re.Pattern[str]:
    return re.compile(f"(?:{_rule()['before']})?(?P<scope>{_rule()['waters']})")


@cache
def _places() -> re.Pattern[str]:
    rule = _rule()
    whole = any_of(rule["whole"])
    return re.compile(f"(?:{rule['before']})?(?P<scope>{whole}(?:[、和及]{whole})*|{rule['places']})")
