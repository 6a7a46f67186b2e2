"""One event on one river, and what campaigns and stations see of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bishui.network.tables import Floats, Section
from bishui.network.tracing import Samples
from bishui.twin.tracing.events import Release, World
from bishui.twin.tracing.measure import joined, laboratory, station
from bishui.twin.tracing.parameters import Generator

MONTH_S = 30.0 * 86_400.0


@dataclass(frozen=True, slots=True, eq=False)
class Scene:
    """Where is measured and when: `seconds` of the campaign by section, `ordinary` concentrations (S, P)."""

    world: World
    sections: tuple[Section, ...]
    seconds: Floats
    ordinary: Floats
    noise: float
    settings: Mapping[str, Any]

    @property
    def limits(self) -> Floats:
        """Return what the sections must keep, g/m³ by item."""
        return np.array([item["limit"] for item in self.settings["item"]])

    def raised(self, release: Release) -> Floats:
        """Return by how much a release raises the concentrations at the campaign, (S, P)."""
        return np.array(
            [
                self.world.raised(release, place, self.seconds[row : row + 1])[0]
                for row, place in enumerate(self.sections)
            ]
        )

    def makes_an_exceedance(self, releases: Sequence[Release]) -> bool:
        """Return whether limits are truly exceeded at the campaign, and every release matters there."""
        event = self.settings["event"]
        parts = np.array([self.raised(release) for release in releases])
        total = parts.sum(axis=0)
        over = (self.ordinary + total) >= event["exceeds"] * self.limits
        over &= total >= event["least_rise"] * self.ordinary
        if not over.any():
            return False
        shares = (parts / np.maximum(total, 1e-300))[:, over].max(axis=1)
        return bool((shares >= event["least_share"]).all())

    def campaigns(self, rng: Generator, releases: Sequence[Release]) -> Samples | None:
        """Return the months before and the campaign; None where no sample exceeds."""
        months = [
            laboratory(rng, self.ordinary, self.seconds - (month + 1) * MONTH_S, self.noise, self.settings)
            for month in range(self.settings["sections"]["history_months"])
        ]
        truth = self.ordinary + sum(self.raised(release) for release in releases)
        campaign = laboratory(rng, truth, self.seconds, self.noise, self.settings)
        if not (campaign.value > self.limits[campaign.item]).any():
            return None
        return joined([*months, campaign])

    def series(self, rng: Generator, releases: Sequence[Release]) -> Samples:
        """Return the readings of the automatic stations; one section at least has one."""
        span, share = self.settings["series"], self.settings["sections"]["automatic_share"]
        hours = np.arange(-24.0 * span["days_before"], 24.0 * span["days_after"] + 1e-9, span["step_hours"])
        automatic: NDArray[np.bool_] = rng.random(len(self.sections)) < share
        automatic[rng.integers(len(self.sections))] = True
        parts = []
        for row in np.flatnonzero(automatic).tolist():
            truth = np.tile(self.ordinary[row], (len(hours), 1))
            for release in releases:
                truth += self.world.raised(release, self.sections[row], hours * 3600.0)
            parts.append(station(rng, row, truth, hours * 3600.0, (self.noise, self.settings)))
        return joined(parts)
