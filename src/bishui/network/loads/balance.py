"""What listed loads explain of what a section measures (负荷平衡); the rest is shown, negative too."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bishui.errors import CallError
from bishui.i18n import Text
from bishui.network.tables import DAY_S


@dataclass(frozen=True, slots=True)
class SourceShare:
    """One source: its load, the part that arrives, and what arrives, g/s."""

    source: str
    load: float
    transmission: float

    @property
    def arriving(self) -> float:
        """What arrives at the section, g/s."""
        return self.load * self.transmission


@dataclass(frozen=True, slots=True)
class SectionBalance:
    """Measured load of a section against its listed sources.

    Attributes
    ----------
    measured, deviation
        What the section measures and its standard deviation, g/s.
    sources
        The largest first.
    """

    section: str
    measured: float
    deviation: float
    sources: tuple[SourceShare, ...]

    @property
    def explained(self) -> float:
        """What the sources bring, g/s."""
        return math.fsum(source.arriving for source in self.sources)

    @property
    def remainder(self) -> float:
        """What no source explains, g/s; negative where they bring more than is measured."""
        return self.measured - self.explained

    @property
    def says(self) -> Text:
        """What the remainder means, in the unit that people use."""
        rest = self.remainder * DAY_S / 1000.0
        if abs(self.remainder) <= 2.0 * self.deviation:
            return Text("差额 {rest:.4g} kg/d 在监测误差之内。", rest=rest)
        if self.remainder < 0:
            return Text("差额为负（{rest:.4g} kg/d）：所列负荷偏大，或降解系数偏小。", rest=rest)
        return Text(
            "尚有 {rest:.4g} kg/d 未由所列污染源解释：面源、底泥、未登记排口，或降解系数偏大。", rest=rest
        )

    def as_dict(self) -> dict[str, Any]:
        """Return the JSON form."""
        return {
            "section": self.section,
            "measured": self.measured,
            "deviation": self.deviation,
            "explained": self.explained,
            "remainder": self.remainder,
            "says": self.says.both(),
            "sources": [
                {
                    "source": source.source,
                    "load": source.load,
                    "transmission": source.transmission,
                    "arriving": source.arriving,
                }
                for source in self.sources
            ],
        }


def section_balance(
    section: str,
    measured: float,
    loads: Mapping[str, float],
    transmissions: Mapping[str, float],
    deviation: float = 0.0,
) -> SectionBalance:
    """Return the balance of one section and one pollutant.

    Parameters
    ----------
    measured, deviation
        Load of the section and its standard deviation, g/s.
    loads
        By source, g/s, all at the stage of entering the river.
    transmissions
        By source, the part that arrives; a source that is absent does not drain to the section.

    Raises
    ------
    CallError
        If a load is negative or a transmission is not between 0 and 1.
    """
    found: list[SourceShare] = []
    for source, load in loads.items():
        part = transmissions.get(source, 0.0)
        if not (load >= 0 and 0 <= part <= 1.0 + 1e-9):
            raise CallError(
                Text(
                    "“{source}”的负荷 {load} 或传递系数 {part} 不可用。", source=source, load=load, part=part
                ),
                remedy=Text("负荷应不小于 0，传递系数应在 0 与 1 之间。"),
            )
        if part > 0:
            found.append(SourceShare(source, load, part))
    found.sort(key=lambda share: (-share.arriving, share.source))
    return SectionBalance(section, measured, deviation, tuple(found))


def unexplained(balances: Sequence[SectionBalance]) -> list[SectionBalance]:
    """Return the balances whose remainder is beyond the error of measurement, the largest first."""
    beyond = [one for one in balances if abs(one.remainder) > 2.0 * one.deviation]
    return sorted(beyond, key=lambda one: -abs(one.remainder))
