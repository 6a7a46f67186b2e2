"""What a trace takes: candidates, fingerprints of kinds of discharger, and samples as columns."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from bishui.network.tables import Floats, Integers

Times = NDArray[np.datetime64]
Flags = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """What the effluent of a kind of discharger (排污单位类别) looks like.

    Attributes
    ----------
    typical
        Ordinary concentrations, g/m³ by item.
    spread
        Standard deviation of their logarithm from one discharger to the next.
    failing
        Concentrations while its treatment fails, g/m³ by item, where they stand in other proportions than the
        typical ones: a treatment plant loses its nitrification first. Only their proportions count; an item
        that is not named keeps its own.
    """

    kind: str
    typical: Mapping[str, float]
    spread: float
    failing: Mapping[str, float] = field(default_factory=dict)

    def shift(self, items: Sequence[str]) -> Floats:
        """Return by which factors items change while treatment fails, 1 in the geometric mean, (P,)."""
        known = [bool(self.failing.get(item)) and bool(self.typical.get(item)) for item in items]
        moved = [
            np.log(self.failing[item] / self.typical[item]) if told else 0.0
            for item, told in zip(items, known, strict=True)
        ]
        middle = sum(moved) / max(sum(known), 1)
        return np.exp([one - middle if told else 0.0 for one, told in zip(moved, known, strict=True)])


@dataclass(frozen=True, slots=True)
class Candidate:
    """An outfall or discharger on the list (嫌疑对象): place, kind, permit, and what was measured of it.

    Attributes
    ----------
    key
        Its code; the result names it by this.
    reach, chainage
        Row of the reach, and m from its top.
    kind
        Kind of discharger: names a `Fingerprint`.
    flow
        Permitted flow, m³/s.
    permitted
        Permitted concentrations (许可浓度), g/m³ by item.
    history
        Earlier measured concentrations of the outfall, g/m³ by item; empty where there are none.
    """

    key: str
    reach: int
    chainage: float
    kind: str
    flow: float
    permitted: Mapping[str, float]
    history: Mapping[str, tuple[float, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Samples:
    """Results of samples and readings, one row each.

    Attributes
    ----------
    section
        Row of the section.
    item
        Row of the pollutant.
    time
        Naive China Standard Time.
    value
        g/m³; the detection limit where `below` is set.
    below
        Whether the result is below the detection limit (未检出).
    automatic
        Whether it is a reading of an automatic station (自动站).
    """

    section: Integers
    item: Integers
    time: Times
    value: Floats
    below: Flags
    automatic: Flags

    def __len__(self) -> int:
        """Return how many results there are."""
        return len(self.value)

    def rows(self, chosen: Flags | Integers) -> Samples:
        """Return some of the rows."""
        return Samples(
            self.section[chosen],
            self.item[chosen],
            self.time[chosen],
            self.value[chosen],
            self.below[chosen],
            self.automatic[chosen],
        )

    def joined(self, other: Samples) -> Samples:
        """Return these rows and then those of another."""
        return Samples(
            np.concatenate([self.section, other.section]),
            np.concatenate([self.item, other.item]),
            np.concatenate([self.time, other.time]),
            np.concatenate([self.value, other.value]),
            np.concatenate([self.below, other.below]),
            np.concatenate([self.automatic, other.automatic]),
        )
