"""What a trace is asked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from bishui.network.graph import Network
from bishui.network.tables import Pollutant, Section
from bishui.network.tracing.tables import Candidate, Fingerprint, Samples


@dataclass(frozen=True, slots=True, eq=False)
class Question:
    """What a trace is asked: the network, what was measured, who may have done it."""

    network: Network
    sections: tuple[Section, ...]
    samples: Samples
    candidates: tuple[Candidate, ...]
    pollutants: tuple[Pollutant, ...]
    fingerprints: Mapping[str, Fingerprint]
    limits: Mapping[str, float]
    background: Mapping[str, float]
    event_from: np.datetime64

    @property
    def before(self) -> Samples:
        """Return the results that tell what is ordinary."""
        return self.samples.rows(self.samples.time < self.event_from)
