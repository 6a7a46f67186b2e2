"""What happens: spills, illegal discharges, cheating and failing monitors, each with its known truth."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from bishui.network.tables import Floats
from bishui.twin.scaled.parameters import Generator, kinds, parameters
from bishui.twin.tracing.outfalls import Outfall
from bishui.twin.tracing.parameters import log_between

#: Effects that bring a load into the water; all others befall an instrument.
LOADS = ("load", "night_load")
#: The kind of the discharge that a falsified series hides.
HIDDEN_BEHIND = "excess_discharge"


@dataclass(frozen=True, slots=True, eq=False)
class Happening:
    """One event or fault, as known truth.

    Attributes
    ----------
    kind, effect
        As in ``data/scaled_events.toml``.
    about
        Key of the outfall, or of the section whose station fails; a monitor has the key of its outfall.
    row
        Of the outfall or section in its basin.
    start, end
        Hours from the beginning of the year.
    size
        Its strength; the meaning follows from the effect.
    items
        Rows of the items that it moves.
    excess
        Load above the ordinary one while it lasts, g/s by item; zeros of faults.
    hides
        Id of the discharge that goes on behind a falsified series; empty of all others.
    settings
        The row of its kind.
    """

    id: str
    kind: str
    effect: str
    at: str
    about: str
    row: int
    start: float
    end: float
    size: float
    items: tuple[int, ...]
    excess: Floats
    hides: str
    settings: Mapping[str, Any]

    @property
    def is_load(self) -> bool:
        """Whether it brings something into the water."""
        return self.effect in LOADS

    def spells(self) -> Iterator[tuple[float, float]]:
        """Yield the stretches in which it goes on, in hours: one, or the nights."""
        if self.effect != "night_load":
            yield self.start, self.end
            return
        first, last = self.settings["night"]
        for day in range(int(self.start // 24) - 1, int(self.end // 24) + 1):
            begin, end = max(day * 24.0 + first, self.start), min((day + 1) * 24.0 + last, self.end)
            if begin < end:
                yield begin, end

    def goes_on(self, hours: Floats) -> Floats:
        """Return 1 at the moments at which it goes on, else 0."""
        on = np.zeros(len(hours))
        for begin, end in self.spells():
            on[(hours >= begin) & (hours < end)] = 1.0
        return on

    @property
    def grams(self) -> Floats:
        """Mass above the ordinary, g by item."""
        return np.asarray(self.excess * sum(end - begin for begin, end in self.spells()) * 3600.0)


@dataclass(frozen=True, slots=True)
class Arrival:
    """What a section sees of an event: hours of the year, raise of each item at the peak (mg/L)."""

    event: str
    section: str
    first: float
    peak: float
    last: float
    raised: tuple[float, ...]
    visible: bool


class Subject(NamedTuple):
    """Whom something befalls: row and key in its basin, and the outfall, which a section has not."""

    row: int
    key: str
    outfall: Outfall | None


@dataclass(frozen=True, slots=True)
class Subjects:
    """Whom something may befall in a basin: outfalls with their keys (listed first), keys of sections."""

    basin: int
    outfalls: Sequence[tuple[str, Outfall]]
    listed: int
    monitored: Sequence[int]
    sections: Sequence[str]

    def of(self, at: str) -> Iterator[Subject]:
        """Yield those that a kind may befall."""
        if at == "station":
            yield from (Subject(row, key, None) for row, key in enumerate(self.sections))
            return
        rows = {
            "outfall": range(self.listed),
            "hidden": range(self.listed, len(self.outfalls)),
            "monitor": self.monitored,
        }[at]
        yield from (Subject(row, *self.outfalls[row]) for row in rows)


def hidden_outlets(rng: Generator, days: int) -> int:
    """Draw how many outlets on no list (暗管) a basin has in the days told."""
    rate = sum(kind["per_year"] for kind in kinds() if kind["at"] == "hidden")
    return int(rng.poisson(rate * days / 365.0))


def draw_happenings(rng: Generator, subjects: Subjects, days: int) -> tuple[Happening, ...]:
    """Draw all that happens in a basin, ordered by beginning; each hidden outlet discharges once."""
    found: list[Happening] = []
    for kind in kinds():
        for subject in subjects.of(kind["at"]):
            times = 1 if kind["at"] == "hidden" else int(rng.poisson(kind["per_year"] * days / 365.0))
            for _ in range(times):
                number = f"E{subjects.basin:04}-{len(found) + 1:03}"
                found += _drawn(rng, number, kind, subject, days)
    return tuple(sorted(found, key=lambda event: (event.start, event.id)))


def _drawn(
    rng: Generator, number: str, kind: Mapping[str, Any], subject: Subject, days: int
) -> Iterator[Happening]:
    """Yield one event, and the discharge that goes on behind it where it hides one."""
    length = min(log_between(rng, kind["hours"]), days * 24.0)
    size = log_between(rng, kind["size"])
    start = float(rng.uniform(0.0, days * 24.0 - length))
    if kind["effect"] == "copy":
        # There must be something to copy.
        start = min(max(start, size * 24.0), days * 24.0 - length)
    items = _all() if kind["all_items"] else (int(rng.integers(len(_all()))),)
    hides = f"{number}-D" if kind.get("hides", False) else ""
    span = (start, start + length)
    yield _happening(rng, (number, kind, subject, hides), span, size, items)
    if hides:
        behind = next(other for other in kinds() if other["key"] == HIDDEN_BEHIND)
        size = log_between(rng, kind["hidden_size"])
        yield _happening(rng, (hides, behind, subject, ""), span, size, _all())


def _all() -> tuple[int, ...]:
    return tuple(range(len(parameters()["item"])))


def _happening(
    rng: Generator,
    what: tuple[str, Mapping[str, Any], Subject, str],
    span: tuple[float, float],
    size: float,
    items: tuple[int, ...],
) -> Happening:
    number, kind, subject, hides = what
    brings = kind["effect"] in LOADS
    return Happening(
        id=number,
        kind=kind["key"],
        effect=kind["effect"],
        at=kind["at"],
        about=subject.key,
        row=subject.row,
        start=span[0],
        end=span[1],
        size=size,
        items=items,
        excess=_excess(rng, subject.outfall, size) if brings else np.zeros(len(_all())),
        hides=hides,
        settings=kind,
    )


def _excess(rng: Generator, outfall: Outfall | None, size: float) -> Floats:
    """Return an excess load, g/s by item: the ordinary one so many times, in a pattern a little its own."""
    assert outfall is not None, "only outfalls bring loads"
    pattern = np.exp(parameters()["event"]["fingerprint_spread"] * rng.standard_normal(len(outfall.ordinary)))
    return np.asarray(outfall.flow * outfall.ordinary * size * pattern)
