"""What a reach may still take (剩余容量): for an application for a new outfall (入河排污口设置论证).

A load at a place arrives, reduced, at every section below it. How much more may be put in is what keeps
each of them under its target; the section that allows least binds.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from bishui.errors import CallError
from bishui.i18n import Text
from bishui.network.tables import DAY_S, Floats, Integers


@dataclass(frozen=True, slots=True)
class RemainingRoom:
    """What each place may still take.

    Attributes
    ----------
    places, sections
        Their names.
    load
        (places,) g/s more; 0 where a section below is over its target already, infinite where no section is
        below.
    binding
        (places,) row of the section that binds; -1 where none is below.
    lack
        (sections,) how far a section is over its limit already, in the unit of the limit.
    """

    places: tuple[str, ...]
    sections: tuple[str, ...]
    load: Floats
    binding: Integers
    lack: Floats

    def binds(self, place: int) -> str | None:
        """Return the name of the section that binds a place, or None."""
        row = int(self.binding[place])
        return None if row < 0 else self.sections[row]

    def explain(self, place: int) -> Text:
        """Return the answer for a place as a sentence."""
        name, section = self.places[place], self.binds(place)
        if section is None:
            return Text("“{place}”下游没有断面，无法判断还能接纳多少。", place=name)
        lack = float(self.lack[self.binding[place]])
        if lack > 0:
            return Text(
                "“{place}”下游断面“{section}”已超出 {lack:.4g}，不能再接纳。",
                place=name,
                section=section,
                lack=lack,
            )
        return Text(
            "“{place}”还可接纳 {load:.4g} g/s（{daily:.4g} kg/d），受断面“{section}”约束。",
            place=name,
            load=float(self.load[place]),
            daily=float(self.load[place]) * DAY_S / 1000.0,
            section=section,
        )

    def as_dict(self) -> list[dict[str, Any]]:
        """Return the JSON form, one entry a place; no number where no section is below."""
        return [
            {
                "place": name,
                "load": float(self.load[row]) if np.isfinite(self.load[row]) else None,
                "binding": self.binds(row),
                "explanation": self.explain(row).both(),
            }
            for row, name in enumerate(self.places)
        ]


def remaining_room(
    response: Floats,
    limit: Floats,
    arriving: Floats,
    *,
    places: tuple[str, ...],
    sections: tuple[str, ...],
    margin: float = 0.0,
) -> RemainingRoom:
    """Return how much more load each place may take while every section keeps its target.

    Parameters
    ----------
    response
        (sections, places): what arrives at a section per unit of load at a place.
    limit
        (sections,): what a section may carry in all, in the unit of response times load.
    arriving
        (sections,): what it carries now, everything included.
    places, sections
        Their names.
    margin
        Share of the limit that is kept in reserve (安全余量).

    Notes
    -----
    The water that a new outfall brings is left out: it would dilute, so the answer is on the safe side.

    Raises
    ------
    CallError
        If shapes do not fit or the margin is not between 0 and 1.
    """
    shape = (len(sections), len(places))
    if (
        response.shape != shape
        or limit.shape != shape[:1]
        or arriving.shape != shape[:1]
        or not 0 <= margin < 1
    ):
        raise CallError(
            Text(
                "响应矩阵 {shape}、断面 {sections} 个、地点 {places} 个或安全余量 {margin} 不相符。",
                shape=response.shape,
                sections=shape[0],
                places=shape[1],
                margin=margin,
            ),
            remedy=Text("请核对输入的行列数；安全余量应在 0 与 1 之间。"),
        )
    left = limit * (1.0 - margin) - arriving
    with np.errstate(divide="ignore", invalid="ignore"):
        allowed = np.where(response > 0, left[:, None] / response, np.inf)
    if not len(sections):
        nothing = np.full(len(places), np.inf)
        return RemainingRoom(places, sections, nothing, np.full(len(places), -1), np.zeros(0))
    binding = np.argmin(allowed, axis=0)
    least = allowed[binding, np.arange(len(places))]
    binding = np.where(np.isfinite(least), binding, -1).astype(np.int64)
    return RemainingRoom(places, sections, np.maximum(least, 0.0), binding, np.maximum(-left, 0.0))
