"""Clauses of standards as pages write them."""

from __future__ import annotations

import re

from django.utils.translation import gettext as _

#: Standard, table and item of a limit, as the assessment names them.
_CLAUSE = re.compile(r"(?P<standard>.+) 表(?P<table>\S+) 第(?P<item>\S+)项")


def clause_text(clause: str) -> str:
    """Return a clause of the standard in the current language: ``GB 3838-2002 表1 第4项``."""
    found = _CLAUSE.fullmatch(clause)
    return _("%(standard)s 表%(table)s 第%(item)s项") % found.groupdict() if found else clause
