"""How far remediation has come: sign-offs over a stated list, against dated milestones (整治进度、销号率).

The denominator differs from plan to plan, so it is named; what was counted on a due date is frozen beside it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from fractions import Fraction
from typing import Any

from bishui.errors import CallError
from bishui.i18n import Text


class Denominator(StrEnum):
    """Which outfalls a milestone counts."""

    #: Those that need remediation, or are abnormal and have no verdict yet (需整治).
    NEEDS_REMEDIATION = "needs_remediation"
    #: Those identified as abnormal (已查明存在异常).
    ABNORMAL = "abnormal"
    #: All that were identified (已查明).
    IDENTIFIED = "identified"


class Numerator(StrEnum):
    """What has to be done with them."""

    SIGNED_OFF = "signed_off"
    TRACED = "traced"


@dataclass(frozen=True, slots=True)
class Standing:
    """Where an outfall stands on a day, as far as progress counts.

    Attributes
    ----------
    code
        Its code.
    identified
        Verified as an outfall; those that were found to be none are not.
    abnormal
        Found abnormal by the survey.
    needs_remediation
        The verdict after tracing; None while there is none.
    traced
        Its responsible body is fixed, the fallback to a government included.
    signed_off
        Its latest round is signed off; one that was reopened is not.
    """

    code: str
    identified: bool
    abnormal: bool
    needs_remediation: bool | None
    traced: bool
    signed_off: bool

    def counted(self, denominator: Denominator) -> bool:
        """Whether it stands in a denominator."""
        if not self.identified:
            return False
        if denominator is Denominator.IDENTIFIED:
            return True
        if denominator is Denominator.ABNORMAL:
            return self.abnormal or self.needs_remediation is True
        return self.needs_remediation is True or (self.abnormal and self.needs_remediation is None)

    def done(self, numerator: Numerator) -> bool:
        """Whether it stands in a numerator."""
        return self.signed_off if numerator is Numerator.SIGNED_OFF else self.traced


@dataclass(frozen=True, slots=True)
class Milestone:
    """A share to be reached by a day, of a denominator that is said (阶段目标)."""

    name: str
    due: date
    percent: int
    denominator: Denominator
    numerator: Numerator = Numerator.SIGNED_OFF

    def __post_init__(self) -> None:
        """Refuse a share outside 1 to 100."""
        if not 1 <= self.percent <= 100:
            raise CallError(
                Text("阶段目标 {percent}% 不可用。", percent=self.percent), remedy=Text("应为 1% 至 100%。")
            )


@dataclass(frozen=True, slots=True)
class Progress:
    """How many of a list are done, on a day.

    `codes` is the denominator by name, so that it can be frozen and compared with a later one.
    """

    milestone: Milestone
    day: date
    codes: tuple[str, ...]
    done: tuple[str, ...]

    @property
    def share(self) -> Fraction | None:
        """The share done; None where the list is empty, which is never 100 %."""
        return Fraction(len(self.done), len(self.codes)) if self.codes else None

    @property
    def attained(self) -> bool | None:
        """Whether the milestone is reached, in whole numbers: 11 of 37 is not 30 %."""
        return 100 * len(self.done) >= self.milestone.percent * len(self.codes) if self.codes else None

    @property
    def lacking(self) -> int:
        """How many more have to be done."""
        wanted = -(-self.milestone.percent * len(self.codes) // 100)
        return max(0, wanted - len(self.done))

    def as_dict(self) -> dict[str, Any]:
        """Return the JSON form."""
        return {
            "milestone": self.milestone.name,
            "due": self.milestone.due.isoformat(),
            "percent": self.milestone.percent,
            "denominator": self.milestone.denominator.value,
            "numerator": self.milestone.numerator.value,
            "day": self.day.isoformat(),
            "counted": len(self.codes),
            "done": len(self.done),
            "attained": self.attained,
            "codes": list(self.codes),
        }


def progress(
    milestone: Milestone, standings: Iterable[Standing], day: date, frozen: Collection[str] | None = None
) -> Progress:
    """Return how far a milestone is reached.

    Parameters
    ----------
    milestone
        What is to be reached.
    standings
        All outfalls in its scope, on `day`.
    day
        The day that `standings` speak of.
    frozen
        The denominator by code as it was frozen; without it today's is counted. A frozen one that has gone
        from `standings` stays in the denominator.
    """
    known = {standing.code: standing for standing in standings}
    if frozen is None:
        codes = sorted(code for code, one in known.items() if one.counted(milestone.denominator))
    else:
        codes = sorted(frozen)
    done = tuple(code for code in codes if code in known and known[code].done(milestone.numerator))
    return Progress(milestone, day, tuple(codes), done)
