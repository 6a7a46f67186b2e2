"""The duties of supervision by half-year (半年): what was owed, what was done, what lacks, class by class.

Half-years run from 1 January and from 1 July. A duty is proved by names: whoever lacks stands in it by code.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, Self

from bishui.errors import CallError
from bishui.i18n import Bilingual, Text
from bishui.outfalls.drawing import Draw
from bishui.outfalls.kinds import outfall_types


@dataclass(frozen=True, slots=True, order=True)
class HalfYear:
    """A half-year (半年): `half` is 1 or 2."""

    year: int
    half: int

    def __post_init__(self) -> None:
        """Refuse a half other than 1 and 2."""
        if self.half not in (1, 2):
            raise CallError(
                Text("半年“{half}”不可用。", half=self.half), remedy=Text("上半年填 1，下半年填 2。")
            )

    @classmethod
    def of(cls, day: date) -> Self:
        """Return the half-year that a day lies in."""
        return cls(day.year, 1 if day.month <= 6 else 2)

    @classmethod
    def named(cls, name: str) -> Self:
        """Return the half-year of a name such as ``2026H2``.

        Raises
        ------
        CallError
            If it is no such name.
        """
        year, _, half = name.partition("H")
        if not (year.isdigit() and len(year) == 4 and half in ("1", "2")):
            raise CallError(
                Text("“{name}”不是半年。", name=name), remedy=Text("例如 2026H1 为2026年上半年。")
            )
        return cls(int(year), int(half))

    @property
    def first(self) -> date:
        """Its first day."""
        return date(self.year, 1 if self.half == 1 else 7, 1)

    @property
    def last(self) -> date:
        """Its last day."""
        return date(self.year, 6, 30) if self.half == 1 else date(self.year, 12, 31)

    @property
    def before(self) -> HalfYear:
        """The half-year before it."""
        return HalfYear(self.year, 1) if self.half == 2 else HalfYear(self.year - 1, 2)

    def __contains__(self, day: object) -> bool:
        """Tell whether a day lies in it."""
        return isinstance(day, date) and self.first <= day <= self.last

    def __str__(self) -> str:
        """Return its name, as it stands in the name of a draw."""
        return f"{self.year}H{self.half}"


def drawn_classes() -> tuple[str, ...]:
    """Return the classes that the half-yearly draw is over, as HJ 1312-2023 names them."""
    return tuple(dict.fromkeys(one.level2 for one in outfall_types().values() if one.drawn))


def class_label(name: str) -> Bilingual:
    """Return a class of outfalls in both languages; one that is not known stands as it is written."""
    english = {one.level2: one.level2_en for one in outfall_types().values()}
    return Bilingual(name, english.get(name, ""))


def class_of(kind: str) -> str:
    """Return the class of a type for the draw; empty where the type is not drawn or not known."""
    found = outfall_types().get(kind)
    return found.level2 if found is not None and found.drawn else ""


def share_of(percent: int, size: int) -> int:
    """Return how many a share of a list is, rounded up: not less than the share."""
    return (percent * size + 99) // 100


def supplements(drawn: Draw, kinds: Mapping[str, str]) -> tuple[str, ...]:
    """Return the outfalls that step in so that each class reaches the share, in the order of the draw.

    Parameters
    ----------
    drawn
        The draw over the whole list; what it drew stays drawn.
    kinds
        The type of each outfall of the list, by code, as it was when the list was frozen.
    """
    added: list[str] = []
    for group in drawn_classes():
        members = [code for code in drawn.order if class_of(kinds.get(code, "")) == group]
        inside = set(drawn.drawn)
        have = sum(code in inside for code in members)
        lacking = share_of(drawn.commitment.percent, len(members)) - have
        if lacking > 0:
            added += [code for code in members if code not in inside][:lacking]
    return tuple(sorted(added, key=drawn.order.index))


@dataclass(frozen=True, slots=True)
class Owed:
    """One outfall that a duty asks to be visited or sampled in a half-year.

    Attributes
    ----------
    visited
        Whether there was an inspection in the half-year.
    sampled
        Whether a sample was taken in the half-year, or the reason why none could be was written down.
    """

    code: str
    group: str
    visited: bool
    sampled: bool


@dataclass(frozen=True, slots=True)
class Fulfilment:
    """How far a duty is done in one class, or in all of them (`group` empty).

    Attributes
    ----------
    listed
        How many the class held when the list was made.
    wanted
        How many have to be done.
    done
        How many are done.
    unvisited, unsampled
        The codes of those that lack the visit; that were visited and lack the sample.
    short
        How many are wanted beyond those that are named at all.
    """

    group: str
    listed: int
    wanted: int
    done: int
    unvisited: tuple[str, ...]
    unsampled: tuple[str, ...]
    short: int

    @property
    def lacking(self) -> int:
        """How many more have to be done."""
        return max(0, self.wanted - self.done)

    @property
    def fulfilled(self) -> bool | None:
        """Whether the duty is done; None where nothing is wanted, which proves nothing."""
        return self.lacking == 0 if self.wanted else None

    def without_names(self) -> Fulfilment:
        """Return the counts alone, for those who may not know yet who was drawn."""
        return replace(self, unvisited=(), unsampled=())

    def as_dict(self) -> dict[str, Any]:
        """Return the JSON form."""
        return {
            "class": self.group,
            "listed": self.listed,
            "wanted": self.wanted,
            "done": self.done,
            "lacking": self.lacking,
            "fulfilled": self.fulfilled,
            "unvisited": list(self.unvisited),
            "unsampled": list(self.unsampled),
        }


def fulfilment(
    group: str, listed: int, owed: Iterable[Owed], *, wanted: int | None = None, needs_sample: bool = True
) -> Fulfilment:
    """Return how far a duty is done.

    Parameters
    ----------
    group
        The class, for which `owed` was chosen; empty for all classes together.
    listed
        How many outfalls the list held.
    owed
        The outfalls that are named by the duty; those that another one stepped in for are left out.
    wanted
        How many have to be done, where that is not just as many as are named.
    needs_sample
        Whether an outfall is done only when it was sampled too.
    """
    named = list(owed)
    done = [one for one in named if one.visited and (one.sampled or not needs_sample)]
    number = len(named) if wanted is None else max(wanted, len(named))
    return Fulfilment(
        group,
        listed,
        number,
        len(done),
        tuple(one.code for one in named if not one.visited),
        tuple(one.code for one in named if one.visited and not one.sampled and needs_sample),
        max(0, number - len(named)),
    )
