"""What became of a code that was given: accepted, accepted with a warning, or refused, and why."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from bishui.i18n import Text

_DASHES = re.compile(r"[\u2010-\u2015\u2212\uFE58\uFE63]")


class Level(StrEnum):
    """How a code is taken."""

    OK = "ok"
    #: Kept as given; the reason is shown.
    WARN = "warn"
    #: Refused.
    ERROR = "error"


@dataclass(frozen=True, slots=True)
class CodeVerdict:
    """The verdict on one code.

    Attributes
    ----------
    given
        The text as it was entered; always kept.
    normalised
        The form to search and compare by; None where the code is refused.
    reason
        Why it is warned of or refused, with the place in the code where there is one.
    remedy
        What to do.
    """

    given: str
    level: Level
    normalised: str | None
    reason: Text | None = None
    remedy: Text | None = None

    def as_dict(self) -> dict[str, Any]:
        """Return the JSON form."""
        return {
            "given": self.given,
            "level": self.level.value,
            "normalised": self.normalised,
            "reason": self.reason.both() if self.reason else None,
            "remedy": self.remedy.both() if self.remedy else None,
        }


def good(given: str, normalised: str) -> CodeVerdict:
    """Return the verdict on a code that is accepted."""
    return CodeVerdict(given, Level.OK, normalised)


def doubtful(given: str, normalised: str, reason: Text) -> CodeVerdict:
    """Return the verdict on a code that is kept with a warning."""
    return CodeVerdict(given, Level.WARN, normalised, reason, Text("已按原样保留，请核对。"))


def refused(given: str, reason: Text, remedy: Text | None = None) -> CodeVerdict:
    """Return the verdict on a code that is refused."""
    return CodeVerdict(given, Level.ERROR, None, reason, remedy or Text("请核对原件后重新填写。"))


def folded(text: str) -> str:
    """Return a code without blanks, its full-width characters and its dashes made plain; case is kept."""
    plain = unicodedata.normalize("NFKC", text)
    return _DASHES.sub("-", "".join(plain.split()))


def compact(text: str) -> str:
    """Return a folded code without hyphens, in capitals."""
    return folded(text).replace("-", "").upper()
