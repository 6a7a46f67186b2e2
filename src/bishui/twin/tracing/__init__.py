"""Scenarios on which source tracing is measured: random rivers, outfalls and events, each from its seed.

A `Case` is all that a tracer may see, a `Truth` what it may not. Parameters stand in ``data/tracing.toml``
under a version; nothing here may look at how the tracer works.
"""

from bishui.twin.tracing.events import Release, World
from bishui.twin.tracing.parameters import seeds, version
from bishui.twin.tracing.scenarios import TIERS, Case, Truth, follow_up, scenario

__all__ = ["TIERS", "Case", "Release", "Truth", "World", "follow_up", "scenario", "seeds", "version"]
