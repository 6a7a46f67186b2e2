"""Slack of rate targets (优良比例、达标率) as whole numbers: how many sections may miss, and which do."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import numpy as np

from bishui.assessment.room.chance import Chance, attains, candidates, draw, estimate, refused
from bishui.assessment.room.items import RoomState
from bishui.assessment.waters.shares import rate_reaches
from bishui.errors import CallError
from bishui.i18n import Text
from bishui.standards import Rules

if TYPE_CHECKING:
    from bishui.assessment.room.left import SectionRoom


@dataclass(frozen=True, slots=True)
class RateTarget:
    """A target for a share of some sections.

    Attributes
    ----------
    name
        As the plan names it.
    sites
        The sections that are counted.
    percent
        As printed; its digits count (85.7 is reached by 6 of 7).
    target_class
        Class that a section must reach (3 for 优良比例, 5 for 劣Ⅴ类比例); None for its own target.
    at_most
        The share is that of sections which miss, and may be at most `percent` (劣Ⅴ类比例).
    """

    name: str
    sites: tuple[str, ...]
    percent: Decimal
    target_class: int | None = 3
    at_most: bool = False

    @property
    def may_miss(self) -> int:
        """How many sections may miss at most.

        Raises
        ------
        CallError
            If it names no section, or no number of them can reach the target.
        """
        total = len(self.sites)
        allowed = [missed for missed in range(total + 1) if self.reached_with(total - missed, total)]
        if not allowed:
            raise CallError(
                Text("目标“{name}” {percent}% 没有断面或不可能实现。", name=self.name, percent=self.percent),
                remedy=Text("请核对断面名单和百分数。"),
            )
        return max(allowed)

    def reached_with(self, meeting: int, total: int) -> bool:
        """Tell whether so many of so many sections reach the target (rounded half up to its digits).

        A target of 100 % asks for every one, one of at most 0 % for none.
        """
        if not total:
            return False
        counted = total - meeting if self.at_most else meeting
        return rate_reaches(counted, total, self.percent, at_least=not self.at_most)


@dataclass(frozen=True, slots=True)
class RateRoom:
    """Slack of a rate target in the course of its year.

    Attributes
    ----------
    target, total, may_miss
        The target, the number of its sections and how many of them may miss.
    lost
        Sections that cannot attain any more.
    failing
        Sections that miss by the months so far, and can still attain.
    at_risk
        Sections that attain so far, and are less likely to at the year's end than the rules ask for.
    without_data
        Sections that nothing can be said of; they are counted in the total.
    chance
        Probability by joint draws: one year for all sections, so that wet and dry years stay together.
    """

    target: RateTarget
    total: int
    may_miss: int
    lost: tuple[str, ...]
    failing: tuple[str, ...]
    at_risk: tuple[str, ...]
    without_data: tuple[str, ...]
    chance: Chance | None
    rules: str

    @property
    def missing(self) -> tuple[str, ...]:
        """Sections that miss already, the lost ones first."""
        return (*self.lost, *self.failing)

    @property
    def left(self) -> int:
        """How many further sections may miss; negative where too many do."""
        return self.may_miss - len(self.missing)

    @property
    def text(self) -> Text:
        """The slack in one sentence."""
        given = {"total": self.total, "may": self.may_miss, "names": "、".join(self.missing)}
        if len(self.lost) > self.may_miss:
            names = "、".join(self.lost)
            return Text(
                "{total} 个断面中最多可有 {may} 个不达标，但 {names} 已不可能达标，目标无法实现。",
                **(given | {"names": names}),
            )
        if not self.missing:
            return Text("{total} 个断面中最多可有 {may} 个不达标，目前没有不达标的。", **given)
        if self.left < 0:
            return Text(
                "{total} 个断面中最多可有 {may} 个不达标，"
                "目前不达标的有 {count} 个：{names}，超出 {over} 个。",
                **given,
                count=len(self.missing),
                over=-self.left,
            )
        if self.left == 0:
            return Text("{total} 个断面中最多可有 {may} 个不达标，现在已经是{names}。", **given)
        return Text(
            "{total} 个断面中最多可有 {may} 个不达标，目前不达标的是{names}，还可有 {left} 个。",
            **given,
            left=self.left,
        )

    def as_dict(self) -> dict[str, Any]:
        """Return the JSON form."""
        return {
            "name": self.target.name,
            "percent": str(self.target.percent),
            "target_class": self.target.target_class,
            "at_most": self.target.at_most,
            "total": self.total,
            "may_miss": self.may_miss,
            "lost": list(self.lost),
            "failing": list(self.failing),
            "at_risk": list(self.at_risk),
            "without_data": list(self.without_data),
            "left": self.left,
            "chance": self.chance.as_dict() if self.chance else None,
            "text": self.text.both(),
            "rules": self.rules,
        }


def rate_room(target: RateTarget, sections: Sequence[SectionRoom], chosen: Rules, year: int) -> RateRoom:
    """Return the slack of a rate target.

    Parameters
    ----------
    target
        The target.
    sections
        Room of its sections; one that is not among them is without data.
    chosen
        Rules of ``room``.
    year
        The year, before which the history lies.
    """
    unsaid = (RoomState.NO_DATA, RoomState.CANNOT_BE_JUDGED)
    there = {entry.site for entry in sections}
    lost = [entry for entry in sections if entry.state is RoomState.CANNOT_BE_MET]
    open_ones = [entry for entry in sections if entry.state is RoomState.OPEN]
    failing = [entry for entry in open_ones if entry.meets_so_far is False]
    threshold = Fraction(chosen["risk_percent"], 100)
    risky = [
        entry
        for entry in open_ones
        if entry not in failing and entry.chance and entry.chance.share is not None
        if entry.chance.share < threshold
    ]
    unknown = [entry.name for entry in sections if entry.state in unsaid]
    return RateRoom(
        target=target,
        total=len(target.sites),
        may_miss=target.may_miss,
        lost=tuple(entry.name for entry in lost),
        failing=tuple(entry.name for entry in failing),
        at_risk=tuple(entry.name for entry in risky),
        without_data=(*unknown, *(site for site in target.sites if site not in there)),
        chance=_joint(target, sections, chosen, year),
        rules=chosen.version,
    )


def _joint(target: RateTarget, sections: Sequence[SectionRoom], chosen: Rules, year: int) -> Chance | None:
    """Draw the same years for all open sections; None where nothing is open."""
    open_ones = [entry for entry in sections if entry.state is RoomState.OPEN]
    if not open_ones:
        return None
    by_section = [candidates(entry.courses, year, chosen) for entry in open_ones]
    months = sorted({month for found in by_section for month in found})
    years = {
        month: tuple(sorted(set.intersection(*(set(f[month]) for f in by_section if month in f))))
        for month in months
    }
    if chosen["resampling"] == "block":
        common = set.intersection(*(set(given) for given in years.values()))
        years = dict.fromkeys(months, tuple(sorted(common)))
    short = refused(years, chosen)
    if short is not None:
        return short
    drawn, draws = draw(years, chosen), chosen["draws"]
    sure = sum(entry.state is RoomState.CANNOT_BE_MISSED for entry in sections)
    judged = sure + len(open_ones) + sum(entry.state is RoomState.CANNOT_BE_MET for entry in sections)
    meeting = np.full(draws, sure)
    for entry in open_ones:
        meeting += attains(entry.courses, drawn, draws)
    enough = np.array([target.reached_with(count, judged) for count in range(judged + 1)], bool)
    return estimate(enough[meeting], years, chosen)
