"""An invented city of any size with known truth: basins, outfalls, events, and what instruments make of them.

What the water holds comes from the network's own solver; what happens, how often and how strongly stands in
``data/scaled.toml`` and ``data/scaled_events.toml`` under a version. Nothing here may look at how events are
found.
"""

from bishui.twin.scaled import tables
from bishui.twin.scaled.basins import Basin, basins
from bishui.twin.scaled.happenings import Arrival, Happening
from bishui.twin.scaled.layout import Layout, layout
from bishui.twin.scaled.parameters import days_of_year, seeds, version
from bishui.twin.scaled.series import Readings, Water, readings, water_at, weather_of
from bishui.twin.scaled.surroundings import Surroundings, surroundings_at
from bishui.twin.scaled.writing import write_scaled

__all__ = [
    "Arrival",
    "Basin",
    "Happening",
    "Layout",
    "Readings",
    "Surroundings",
    "Water",
    "basins",
    "days_of_year",
    "layout",
    "readings",
    "seeds",
    "surroundings_at",
    "tables",
    "version",
    "water_at",
    "weather_of",
    "write_scaled",
]
