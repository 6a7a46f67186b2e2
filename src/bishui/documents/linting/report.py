"""The rules by name, and findings made by them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from bishui.documents.draft import Finding, Lines
from bishui.documents.rulebook import rules
from bishui.i18n import Bilingual, Text


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule of the linter: its id, its severity (``error``, ``warning``, ``note``), what it asks about."""

    id: str
    severity: str
    what: Bilingual


def section(name: str) -> dict[str, Any]:
    """Return the words of one family of rules."""
    words: dict[str, Any] = rules("lint")[name]
    return words


RULES: dict[str, Rule] = {
    name: Rule(name, entry["severity"], Bilingual(entry["zh"], entry["en"]))
    for name, entry in section("rule").items()
}
"""All rules of the linter by id, in the order of their severity."""


def finding(rule: str, message: Text, lines: Lines) -> Finding:
    """Return a finding of a rule, as grave as the rule is."""
    return Finding(rule, RULES[rule].severity, message, lines)
