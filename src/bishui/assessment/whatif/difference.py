"""What a change in thought moves: classes and verdicts by month and year, rates, ranks of divisions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from bishui.assessment.numbers import percent
from bishui.assessment.periods import Period, PeriodKind
from bishui.assessment.results import Reason, State
from bishui.i18n import Text
from bishui.standards import water_class


@dataclass(frozen=True, slots=True)
class Standing:
    """Class and verdicts of a section in a period; `states` against its targets, the main one first."""

    rank: int | None
    reason: Reason | None
    states: tuple[State, ...]

    @property
    def text(self) -> Text:
        """The standing in words."""
        label = water_class(self.rank).label if self.rank else self.reason.text if self.reason else ""
        return Text("{label}，{state}", label=label, state=self.states[0].text)

    def as_dict(self) -> dict[str, Any]:
        """Return the JSON form."""
        return {
            "class": self.rank,
            "reason": self.reason.value if self.reason else None,
            "states": [state.value for state in self.states],
        }


@dataclass(frozen=True, slots=True)
class Move:
    """A section-period whose class or verdict moves; `items`: item classes that move, before and after."""

    site: str
    name: str
    period: Period
    before: Standing
    after: Standing
    items: Mapping[str, tuple[int | None, int | None]]

    def as_dict(self) -> dict[str, Any]:
        """Return the JSON form."""
        return {
            "site": self.site,
            "name": self.name,
            "period": self.period.label,
            "before": self.before.as_dict(),
            "after": self.after.as_dict(),
            "items": {item: list(pair) for item, pair in self.items.items()},
        }


@dataclass(frozen=True, slots=True)
class Share:
    """A share of what was judged: k of n, in percent as it is printed, and how many were not judged."""

    part: int
    whole: int
    missing: int
    decimals: int

    @property
    def percent(self) -> Decimal | None:
        """The share in percent; None where nothing was judged."""
        return percent(self.part, self.whole, self.decimals)

    def as_dict(self) -> dict[str, Any]:
        """Return the JSON form."""
        return {
            "part": self.part,
            "whole": self.whole,
            "missing": self.missing,
            "percent": None if self.percent is None else str(self.percent),
        }


@dataclass(frozen=True, slots=True)
class RateMove:
    """A rate of a period that moves: ``good`` (优良比例), ``worst`` (劣Ⅴ类比例) or ``attained`` (达标率)."""

    period: Period
    rate: str
    before: Share
    after: Share

    @property
    def name(self) -> Text:
        """The rate in words."""
        return _RATE_NAMES[self.rate]

    def as_dict(self) -> dict[str, Any]:
        """Return the JSON form."""
        return {
            "period": self.period.label,
            "rate": self.rate,
            "before": self.before.as_dict(),
            "after": self.after.as_dict(),
        }


_RATE_NAMES = {
    "good": Text("优良比例"),
    "worst": Text("劣Ⅴ类比例"),
    "attained": Text("达标率"),
}


@dataclass(frozen=True, slots=True)
class RankMove:
    """A division whose printed index or rank moves; a pair is (before, after)."""

    division: str
    period: Period
    index: tuple[Decimal | None, Decimal | None]
    rank: tuple[int | None, int | None]

    def as_dict(self) -> dict[str, Any]:
        """Return the JSON form."""
        return {
            "division": self.division,
            "period": self.period.label,
            "index": [None if value is None else str(value) for value in self.index],
            "rank": list(self.rank),
        }


@dataclass(frozen=True, slots=True)
class Difference:
    """What a change moves, before anything is saved.

    Attributes
    ----------
    change
        The change, as JSON.
    moves
        Section-periods whose class or verdict moves, by period and site.
    rates
        Rates that move.
    ranks
        Divisions whose city index or rank moves.
    judged, of
        How many section-periods were judged anew, of how many.
    standards, methods
        Editions and versions by period label prefix: before and after.
    """

    change: Mapping[str, Any]
    moves: tuple[Move, ...]
    rates: tuple[RateMove, ...]
    ranks: tuple[RankMove, ...]
    judged: int
    of: int
    standards: tuple[tuple[str, ...], tuple[str, ...]]
    methods: tuple[tuple[str, ...], tuple[str, ...]]

    @property
    def months(self) -> tuple[Move, ...]:
        """The moves of months."""
        return tuple(move for move in self.moves if move.period.kind is PeriodKind.MONTH)

    @property
    def years(self) -> tuple[Move, ...]:
        """The moves of years."""
        return tuple(move for move in self.moves if move.period.kind is PeriodKind.YEAR)

    @property
    def text(self) -> Text:
        """The change's reach in one sentence."""
        return Text(
            "变动断面月 {months} 个、断面年 {years} 个，比率 {rates} 个，排名 {ranks} 个。",
            months=len(self.months),
            years=len(self.years),
            rates=len(self.rates),
            ranks=sum(move.rank[0] != move.rank[1] for move in self.ranks),
        )

    def as_dict(self) -> dict[str, Any]:
        """Return the JSON form."""
        return {
            "change": dict(self.change),
            "text": self.text.both(),
            "moves": [move.as_dict() for move in self.moves],
            "rates": [move.as_dict() for move in self.rates],
            "ranks": [move.as_dict() for move in self.ranks],
            "judged": self.judged,
            "of": self.of,
            "standards": {"before": list(self.standards[0]), "after": list(self.standards[1])},
            "methods": {"before": list(self.methods[0]), "after": list(self.methods[1])},
        }
