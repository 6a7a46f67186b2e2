"""Doubts about a plan itself: what contradicts itself, is misspelt, cannot be reached or has nobody to do it.

Rules look at the draft alone, know no place and no unit by name, and mend nothing; how grave each is and the
words it needs stand in ``rules/lint.toml``. Comparing two plans is the work of ``comparison``.
"""

from bishui.documents.linting.linter import lint
from bishui.documents.linting.report import RULES, Rule

__all__ = ["RULES", "Rule", "lint"]
