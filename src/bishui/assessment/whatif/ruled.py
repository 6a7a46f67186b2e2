"""What each period of a model is judged by: method, limits, rules of indices."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bishui.assessment.overrides import Overrides, override_on
from bishui.assessment.periods import Period
from bishui.assessment.whatif.state import State
from bishui.standards import Method, Rules, SurfaceWaterStandard, rules, surface_water
from bishui.standards import method as method_on

#: Settings that decide a class or a verdict, beside those that means depend on.
_JUDGING = ("round_before_compare", "detection_above_limit")


@dataclass(frozen=True)
class Ruled:
    """Method, limits and rules of ``cwqi`` of each period."""

    methods: tuple[Method, ...]
    standards: tuple[SurfaceWaterStandard, ...]
    indexed: tuple[Rules, ...]

    @classmethod
    def on(cls, periods: Sequence[Period], override: Overrides | None, method: Method | None = None) -> Ruled:
        """Return what is in force on the last day of each period."""
        days = [(period.last_day, override_on(override, period.last_day)) for period in periods]
        return cls(
            tuple(method or method_on(day, own) for day, own in days),
            tuple(surface_water(day, own) for day, own in days),
            tuple(rules("cwqi", day, own) for day, own in days),
        )

    @classmethod
    def of(cls, state: State) -> Ruled:
        """Return what a state is judged by."""
        return cls(state.methods, state.standards, state.indexed)

    def with_settings(self, change: Mapping[str, Any]) -> Ruled:
        """Return the same with settings of the method changed."""
        changed = {method.version: method.with_settings(**change) for method in self.methods}
        return dataclasses.replace(self, methods=tuple(changed[method.version] for method in self.methods))

    def judging(self, period: int) -> tuple[Any, ...]:
        """Return what decides a class or a verdict in a period, beside the means."""
        settings = (getattr(self.methods[period], name) for name in _JUDGING)
        return (self.standards[period].edition, *settings)

    def indexing(self) -> list[tuple[str, str]]:
        """Return what decides the indices of the periods, beside the means."""
        pairs = zip(self.standards, self.indexed, strict=True)
        return [(standard.edition, chosen.version) for standard, chosen in pairs]
